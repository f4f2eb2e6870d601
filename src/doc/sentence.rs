//! A measure as a sentence: who, under which conditions, is given what.

use maud::{Markup, html};

use crate::check::show::{Language, show_rounding};
use crate::check::typed::{
    Amount, Benefit, Branch, ChoiceKind, Condition, Expr, ExprKind, Measure, MeasureKind, Type,
};
use crate::value::{Number, Value};

use super::View;
use super::formula::{Place, versions};
use super::labels::capital;
use super::words::verb;

impl View<'_> {
    /// The sentence, its alternatives as a list below it. `rows` stands before the names of the rows that the
    /// names of conditions lead to.
    pub fn sentence(&self, measure: &Measure, rows: &str) -> Markup {
        let said = Sentence { view: self, measure, rows };
        match self.language {
            Language::English => said.english(),
            Language::Chinese => said.chinese(),
        }
    }

    /// The same without links, for lists and for search.
    pub fn plain_sentence(&self, measure: &Measure) -> String {
        let page = self.sentence(measure, "").into_string();
        strip(&page.replace("</li><li>", self.language.pick("; ", "；")))
    }

    /// A benefit in words: what is done, with its amount. `link` is its label on the page.
    pub fn benefit(&self, place: Place<'_>, benefit: &Benefit, label: &str, link: &Markup) -> Markup {
        html! { (verb(benefit.kind, label, self.language)) (link) (self.amount(place, benefit)) }
    }

    /// The amount of a benefit as the latest text has it, after a space or nothing.
    pub fn amount(&self, place: Place<'_>, benefit: &Benefit) -> Markup {
        let words = self.words;
        let latest = |expr| self.latest(place, expr);
        html! {
            @match &benefit.amount {
                Amount::Flag => {},
                Amount::Exact(amount) => (self.exact(place, amount)),
                Amount::Range { least, most: Some(most) } if is_zero(least) => {
                    " " (words.at_most.trim()) " " (latest(most))
                },
                Amount::Range { least, most: Some(most) } => {
                    " " (words.between.trim()) " " (latest(least)) (words.and_up_to) (latest(most))
                },
                Amount::Range { least, most: None } => { " " (words.at_least.trim()) " " (latest(least)) },
            }
            @if let Some(months) = &benefit.months {
                (self.language.pick(" ", "，")) (words.per_month) (latest(months))
            }
        }
    }

    /// An amount, its cap or floor told apart.
    fn exact(&self, place: Place<'_>, amount: &Expr) -> Markup {
        let text = versions(amount).pop().and_then(|version| version.text);
        let bound = text.and_then(|text| match &text.kind {
            ExprKind::Least(of) => Some((of, self.words.at_most)),
            ExprKind::Greatest(of) => Some((of, self.words.at_least)),
            _ => None,
        });
        html! {
            " = "
            @if let Some(([inner, bound], word)) = bound.map(|(of, word)| (&of[..], word)) {
                (self.formula(place, inner)) (self.language.pick(", ", "，")) (word) (self.formula(place, bound))
            } @else if let Some(text) = text {
                (self.formula(place, text))
            }
        }
    }

    fn latest(&self, place: Place<'_>, expr: &Expr) -> Markup {
        let text = versions(expr).pop().and_then(|version| version.text);
        html! { @if let Some(text) = text { (self.formula(place, text)) } }
    }

    /// How an amount is rounded.
    pub fn rounding(&self, benefit: &Benefit) -> Option<String> {
        let (rounding, step) = benefit.rounding.as_ref()?;
        let ty = benefit.ty.clone().unwrap_or_else(Type::plain);
        let step = self.value(&ty, &Value::Number(step.clone()));
        Some(format!("{}{}{step}", show_rounding(*rounding, self.language), self.words.rounding_to))
    }
}

fn is_zero(expr: &Expr) -> bool {
    matches!(&expr.kind, ExprKind::Const(Value::Number(number)) if *number == Number::default())
}

/// The text of a page without its tags.
fn strip(page: &str) -> String {
    let mut out = String::new();
    for (at, piece) in page.split('<').enumerate() {
        let text = if at == 0 { piece } else { piece.split_once('>').map_or("", |(_, text)| text) };
        out.push_str(text);
    }
    let plain = out.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&");
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

struct Sentence<'s> {
    view: &'s View<'s>,
    measure: &'s Measure,
    rows: &'s str,
}

impl Sentence<'_> {
    fn place(&self) -> Place<'_> {
        Place { record: self.measure.record, lets: &self.measure.lets }
    }

    fn record(&self) -> &str {
        &self.view.program.records[self.measure.record.index()].head.label
    }

    fn name(&self, part: &str, name: &str, label: &str) -> Markup {
        let label = if label.is_empty() { name } else { label };
        html! { a.term href={ "#" (self.rows) (part) "." (name) } { (label) } }
    }

    fn condition(&self, condition: &Condition) -> Markup {
        let versions = versions(&condition.test);
        let lasting = |from, until| html! { " " small.when { "(" (self.view.when(from, until)) ")" } };
        html! {
            (self.name("condition", &condition.name, &condition.label))
            @match (versions.first(), versions.last()) {
                (Some(first), Some(last)) if last.text.is_none() => (lasting(None, first.until)),
                (Some(first), Some(last)) if first.text.is_none() => (lasting(last.from, None)),
                _ => {},
            }
        }
    }

    fn joined(&self, conditions: &[Condition], between: &str) -> Markup {
        let list: Vec<&Condition> = conditions.iter().collect();
        self.list(&list, between, |condition| self.condition(condition))
    }

    fn list<T>(&self, of: &[T], between: &str, show: impl Fn(&T) -> Markup) -> Markup {
        html! {
            @for (at, own) in of.iter().enumerate() {
                @if at > 0 { (between) }
                (show(own))
            }
        }
    }

    /// Benefits, each leading to its row, those of an alternative to that of the alternative.
    fn benefits(&self, of: &[Benefit], between: &str, branch: Option<&Branch>) -> Markup {
        self.list(of, between, |benefit| {
            let label = if benefit.label.is_empty() { &benefit.name } else { &benefit.label };
            let link = match branch {
                Some(branch) => self.name("branch", &branch.name, label),
                None => self.name("benefit", &benefit.name, label),
            };
            self.view.benefit(self.place(), benefit, label, &link)
        })
    }

    fn branches(&self, show: impl Fn(&Branch) -> Markup) -> Markup {
        let choice = self.measure.choice.iter().filter(|_| self.measure.kind == MeasureKind::Measure);
        let branches: Vec<&Branch> = choice.flat_map(|choice| &choice.branches).collect();
        html! {
            @if !branches.is_empty() {
                ul.branches { @for branch in branches { li { (show(branch)) } } }
            }
        }
    }

    /// What is given whichever alternative holds; of a duty, what follows from a breach.
    fn own_benefits(&self) -> &[Benefit] {
        match self.measure.kind {
            MeasureKind::Measure => &self.measure.benefits,
            MeasureKind::Duty => {
                let branches = self.measure.choice.iter().flat_map(|choice| &choice.branches);
                branches.last().map_or(&[], |branch| &branch.benefits)
            }
            // What a target lacks is nothing that is given.
            MeasureKind::Target => &[],
        }
    }

    fn due(&self) -> Option<Markup> {
        let due = self.measure.due.as_ref()?;
        Some(self.view.formula(self.place(), due))
    }

    fn has_branches(&self) -> bool {
        self.measure.kind == MeasureKind::Measure && self.measure.choice.is_some()
    }

    fn first_of(&self) -> bool {
        self.measure.choice.as_ref().is_some_and(|choice| choice.kind == ChoiceKind::FirstOf)
    }

    fn chinese(&self) -> Markup {
        let own = self.measure;
        let (own_benefits, branched) = (self.own_benefits(), self.has_branches());
        let test = |check: &Condition| self.view.latest(self.place(), &check.test);
        html! {
            p.sentence {
                span.who { (self.record()) }
                @if !own.excepts.is_empty() { "（" (self.joined(&own.excepts, "、")) "除外）" }
                @if !own.requires.is_empty() { " " (self.joined(&own.requires, " 且 ")) " 的" }
                "，"
                @match own.kind {
                    MeasureKind::Measure => {
                        (self.benefits(own_benefits, "，", None))
                        @if branched {
                            @if !own_benefits.is_empty() { "；" }
                            @if self.first_of() { "依次取首个符合的情形：" } @else { "按所属情形：" }
                        } @else { "。" }
                    },
                    MeasureKind::Duty => {
                        "应当 " (self.joined(&own.checks, " 且 "))
                        @if let Some(due) = self.due() { "，期限为 " (due) }
                        @if !own_benefits.is_empty() { "；违反的，" (self.benefits(own_benefits, "，", None)) }
                        "。"
                    },
                    MeasureKind::Target => {
                        "应当达到 " (self.joined(&own.checks, " 且 "))
                        @for check in &own.checks { "（" (test(check)) "）" }
                        @if let Some(due) = self.due() { "，期限为 " (due) }
                        "。"
                    },
                }
            }
            (self.branches(|branch| html! {
                (self.name("branch", &branch.name, &branch.label))
                @if branch.when.is_some() { " 的" }
                "，"
                @if branch.refuse { "不予" } @else { (self.benefits(&branch.benefits, "，", Some(branch))) }
            }))
        }
    }

    fn english(&self) -> Markup {
        let own = self.measure;
        let (own_benefits, branched) = (self.own_benefits(), self.has_branches());
        let test = |check: &Condition| self.view.latest(self.place(), &check.test);
        html! {
            p.sentence {
                "For each " span.who { (self.record()) }
                @if !own.requires.is_empty() { " with " (self.joined(&own.requires, " and ")) }
                @if !own.excepts.is_empty() { ", unless " (self.joined(&own.excepts, " or ")) }
                ": "
                @match own.kind {
                    MeasureKind::Measure => {
                        (self.benefits(own_benefits, ", ", None))
                        @if branched {
                            @if !own_benefits.is_empty() { "; " }
                            @if self.first_of() { "the first of these that holds:" } @else { "depending on which of these holds:" }
                        } @else { "." }
                    },
                    MeasureKind::Duty => {
                        "it must be that " (self.joined(&own.checks, " and "))
                        @if let Some(due) = self.due() { ", at the latest on " (due) }
                        @if !own_benefits.is_empty() { "; on a breach: " (self.benefits(own_benefits, ", ", None)) }
                        "."
                    },
                    MeasureKind::Target => {
                        "the goal is " (self.joined(&own.checks, " and "))
                        @for check in &own.checks { " (" (test(check)) ")" }
                        @if let Some(due) = self.due() { ", at the latest on " (due) }
                        "."
                    },
                }
            }
            (self.branches(|branch| html! {
                (self.name("branch", &branch.name, &capital(&branch.label)))
                ": "
                @if branch.refuse { "refused" } @else { (self.benefits(&branch.benefits, ", ", Some(branch))) }
            }))
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_page_without_its_tags() {
        assert_eq!(super::strip("<p>a &lt;b&gt; <a href=\"x\">c</a>\n d</p>"), "a <b> c d");
    }
}
