//! A measure, duty or target as a table: every condition with its test and its words in the document.

use maud::{Markup, html};

use crate::check::typed::{
    AggregateKind, Amount, Benefit, Branch, ChoiceKind, Cite, Condition, Expr, ExprKind, Measure,
    MeasureKind, Type,
};

use crate::check::show::show_variants;

use super::View;
use super::formula::{Place, versions};
use super::labels::capital;
use super::words::verb;

/// A row of the table: what it is called, what it means, on whose words it rests.
struct Row {
    id: Option<String>,
    label: Markup,
    meaning: Markup,
    cites: Markup,
}

impl View<'_> {
    /// The sentence, and the table below it. `rows` stands before the names of rows.
    pub fn measure(&self, measure: &Measure, rows: &str) -> Markup {
        let table = Rules { view: self, measure, rows };
        html! {
            (self.sentence(measure, rows))
            (table.show())
        }
    }

    /// A test in words; a fact alone is told with its truth.
    pub fn test(&self, place: Place<'_>, test: &Expr) -> Markup {
        let yes = self.language.pick("yes", "是");
        let no = self.language.pick("no", "否");
        let bare = |expr: &Expr| {
            let fact = match &expr.kind {
                ExprKind::Field(_) | ExprKind::Define(_) | ExprKind::Let(_) => true,
                ExprKind::Aggregate(own) => matches!(own.kind, AggregateKind::One),
                _ => false,
            };
            fact && expr.ty == Type::Bool
        };
        match &test.kind {
            ExprKind::Amended { .. } => self.told(place, test),
            ExprKind::Between { value, low, high, high_included } => html! {
                (self.formula(place, value)) " ≥ " (self.formula(place, low))
                (self.language.pick(" and ", " 且 "))
                (if *high_included { "≤ " } else { "< " }) (self.formula(place, high))
            },
            ExprKind::Not(of) if bare(of) => html! { (self.formula(place, of)) " = " (no) },
            ExprKind::Not(of) => match &of.kind {
                ExprKind::Variants(of, set) => {
                    let labels = show_variants(self.program, &of.ty, *set, self.language);
                    let of = self.formula(place, of);
                    match set.single() {
                        Some(_) => html! { (of) " ≠ " (labels) },
                        None => html! { (of) (self.language.pick(" not in {", " 不属于 {")) (labels) "}" },
                    }
                }
                _ => self.formula(place, test),
            },
            ExprKind::All(of) => self.joined(place, of, self.language.pick(" and ", " 且 "), false),
            ExprKind::Any(of) => self.joined(place, of, self.language.pick(" or ", " 或 "), true),
            _ if bare(test) => html! { (self.formula(place, test)) " = " (yes) },
            _ => self.formula(place, test),
        }
    }
}

impl View<'_> {
    /// Tests joined by a word; those that are joined themselves, by the other word, in brackets.
    fn joined(&self, place: Place<'_>, of: &[Expr], word: &str, any: bool) -> Markup {
        let mixed = |part: &Expr| match part.kind {
            ExprKind::Any(_) => !any,
            ExprKind::All(_) | ExprKind::Between { .. } => any,
            _ => false,
        };
        html! {
            @for (at, part) in of.iter().enumerate() {
                @if at > 0 { (word) }
                @if mixed(part) { "(" (self.test(place, part)) ")" } @else { (self.test(place, part)) }
            }
        }
    }
}

struct Rules<'r> {
    view: &'r View<'r>,
    measure: &'r Measure,
    rows: &'r str,
}

impl Rules<'_> {
    fn place(&self) -> Place<'_> {
        Place { record: self.measure.record, lets: &self.measure.lets }
    }

    fn show(&self) -> Markup {
        let (own, words) = (self.measure, self.view.words);
        let conditions =
            |list: &[Condition]| -> Vec<Row> { list.iter().map(|own| self.condition(own)).collect() };
        let check = if own.kind == MeasureKind::Target { words.goal } else { words.to_do };
        let mut checks = conditions(&own.checks);
        checks.extend(own.due.iter().map(|due| Row {
            id: None,
            label: html! { (words.due) },
            meaning: self.view.formula(self.place(), due),
            cites: html! {},
        }));
        let choice = own.choice.as_ref().filter(|_| own.kind == MeasureKind::Measure);
        let alternatives = match choice.map(|choice| choice.kind) {
            Some(ChoiceKind::FirstOf) => words.first_of,
            _ => words.one_of,
        };
        let branches =
            choice.iter().flat_map(|choice| &choice.branches).map(|branch| self.branch(branch)).collect();
        let given = match own.kind {
            MeasureKind::Measure => words.benefits,
            MeasureKind::Duty => words.on_breach,
            MeasureKind::Target => words.lacking,
        };
        let lets = own.lets.iter().map(|own| Row {
            id: Some(format!("let.{}", own.name)),
            label: html! { (own.label) },
            meaning: self.view.formula(self.place(), &own.value),
            cites: html! {},
        });
        let groups = [
            (words.conditions, conditions(&own.requires)),
            (words.exceptions, conditions(&own.excepts)),
            (check, checks),
            (alternatives, branches),
            (given, self.benefit_rows()),
            (words.lets, lets.collect()),
        ];
        html! {
            table.rules {
                thead { tr {
                    th scope="col" { (words.condition) }
                    th scope="col" { (words.test) }
                    th scope="col" { (words.quotation) }
                } }
                @for (title, rows) in groups.iter().filter(|(_, rows)| !rows.is_empty()) {
                    tbody {
                        tr.group { th colspan="3" scope="rowgroup" { (title) } }
                        @for row in rows { (self.row(row)) }
                    }
                }
            }
        }
    }

    fn row(&self, row: &Row) -> Markup {
        html! {
            tr id=[row.id.as_ref().map(|id| format!("{}{id}", self.rows))] {
                th scope="row" { (row.label) }
                td { (row.meaning) }
                td.quote { (row.cites) }
            }
        }
    }

    fn condition(&self, condition: &Condition) -> Row {
        let label = if condition.label.is_empty() { &condition.name } else { &condition.label };
        Row {
            id: Some(format!("condition.{}", condition.name)),
            label: html! { (capital(label)) },
            meaning: self.view.test(self.place(), &condition.test),
            cites: self.cites(&condition.cites),
        }
    }

    fn cites(&self, cites: &[Cite]) -> Markup {
        html! { @for cite in cites { (self.view.cite(cite)) " " } }
    }

    fn branch(&self, branch: &Branch) -> Row {
        let (view, words) = (self.view, self.view.words);
        Row {
            id: Some(format!("branch.{}", branch.name)),
            label: html! { (capital(if branch.label.is_empty() { &branch.name } else { &branch.label })) },
            meaning: html! {
                div { @match &branch.when {
                    Some(when) => (view.test(self.place(), when)),
                    None => (words.otherwise),
                } }
                ul.gives {
                    @if branch.refuse { li { "→ " (words.refuse) } }
                    @for benefit in &branch.benefits {
                        li id=[self.first_id(benefit)] { "→ " (self.given(benefit)) }
                    }
                }
            },
            cites: html! {
                (self.cites(&branch.cites))
                @for benefit in &branch.benefits { (self.cites(&benefit.cites)) }
            },
        }
    }

    /// The name of a benefit's place: alternatives may give the same one, the first is where links lead.
    fn first_id(&self, benefit: &Benefit) -> Option<String> {
        let first = self.measure.all_benefits().find(|own| own.name == benefit.name)?;
        std::ptr::eq(first, benefit).then(|| format!("{}benefit.{}", self.rows, benefit.name))
    }

    /// A benefit with its amount, in all versions where later texts change it.
    fn given(&self, benefit: &Benefit) -> Markup {
        let label = if benefit.label.is_empty() { &benefit.name } else { &benefit.label };
        html! {
            (self.view.benefit(self.place(), benefit, label, &html! { (label) }))
            (self.details(benefit))
        }
    }

    /// What else there is to say of an amount.
    fn details(&self, benefit: &Benefit) -> Markup {
        let (view, words) = (self.view, self.view.words);
        let budget = benefit.draws.map(|(budget, _)| &view.program.budgets[budget.index()].head);
        let changed = benefit.exprs().filter(|expr| versions(expr).len() > 1);
        html! {
            @if let Some(rounding) = view.rounding(benefit) { small { (words.rounded) (rounding) } }
            @if let Some(budget) = budget {
                small { (words.rounded) (words.out_of)
                    @match view.compiled.index.named(budget.span).and_then(|thing| view.place_of_thing(thing)) {
                        Some(page) => a href=(page) { (budget.label) },
                        None => (budget.label),
                    }
                }
            }
            @for expr in changed { (view.told(self.place(), expr)) }
        }
    }

    fn benefit_rows(&self) -> Vec<Row> {
        let mut own: Vec<&Benefit> = self.measure.benefits.iter().collect();
        if self.measure.kind != MeasureKind::Measure {
            let branches = self.measure.choice.iter().flat_map(|choice| &choice.branches);
            own.extend(branches.last().iter().flat_map(|branch| &branch.benefits));
        }
        let row = |benefit: &Benefit| {
            let label = if benefit.label.is_empty() { &benefit.name } else { &benefit.label };
            let flag = matches!(benefit.amount, Amount::Flag);
            Row {
                id: Some(format!("benefit.{}", benefit.name)),
                label: html! { (capital(&format!("{}{label}", verb(benefit.kind, label, self.view.language)))) },
                meaning: html! {
                    @if flag { span.none { (self.view.words.flag) } }
                    (self.view.amount(self.place(), benefit))
                    (self.details(benefit))
                },
                cites: self.cites(&benefit.cites),
            }
        };
        own.into_iter().map(row).collect()
    }
}
