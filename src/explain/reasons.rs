//! Conditions, exceptions and branches with their meaning in values.

use crate::check::show::{show_variants, sign};
use crate::check::typed::{Cite, CompareOp, Condition, Expr, ExprKind, MeasureKind, NumberKind, Type};
use crate::explain::explainer::{View, mark};
use crate::explain::{Mark, Part, Reason};
use crate::interp::{Failure, Status, Trace};
use crate::value::{Date, Fact, Value};

/// What a text says on days other than that of the answer.
pub(super) struct Otherwise<'e> {
    day: Date,
    /// Before the day; else from the day on.
    earlier: bool,
    text: &'e Expr,
    cites: &'e [Cite],
}

impl Otherwise<'_> {
    pub fn words(&self, view: &View<'_>) -> String {
        let (words, day) = (view.words(), self.day);
        let (start, end) = if self.earlier { words.before_day } else { words.from_day };
        let text = if is_no_rule(self.text) { words.no_rule.to_owned() } else { view.expr(self.text) };
        format!("{start}{day}{end}{}{text}", words.colon)
    }

    pub fn cites(&self) -> &[Cite] {
        self.cites
    }

    fn part(&self, view: &View<'_>) -> Part {
        Part { outcome: mark(view.fact(self.text)), text: self.words(view), parts: Vec::new() }
    }
}

impl View<'_> {
    pub(super) fn requires(&self, trace: &Trace) -> Vec<Reason> {
        let conditions = self.source.requires.iter().zip(&trace.requires).enumerate();
        let reason = |(at, (condition, fact)): (usize, (&Condition, &Fact))| Reason {
            favourable: fact.is_true(),
            decisive: trace.answer.failed.contains(&Failure::Require(at)),
            ..self.condition(condition, fact, self.words().needed)
        };
        conditions.map(reason).collect()
    }

    pub(super) fn excepts(&self, trace: &Trace) -> Vec<Reason> {
        let conditions = self.source.excepts.iter().zip(&trace.excepts).enumerate();
        let reason = |(at, (condition, fact)): (usize, (&Condition, &Fact))| Reason {
            favourable: fact.is_false(),
            decisive: trace.answer.failed.contains(&Failure::Except(at)),
            ..self.condition(condition, fact, self.words().excluded)
        };
        conditions.map(reason).collect()
    }

    /// What is to be done, of a duty or target.
    pub(super) fn checks(&self, trace: &Trace) -> Vec<Reason> {
        let reason = |(at, check): (usize, &Condition)| {
            let fact = self.fact(&check.test);
            let decisive = trace.answer.failed.contains(&Failure::Check(at));
            Reason {
                favourable: fact.is_true(),
                decisive,
                ..self.condition(check, fact, self.words().needed)
            }
        };
        self.source.checks.iter().enumerate().map(reason).collect()
    }

    pub(super) fn branches(&self, trace: &Trace) -> Vec<Reason> {
        let choice = self.source.choice.iter().filter(|_| self.source.kind == MeasureKind::Measure);
        let branches = choice.flat_map(|choice| &choice.branches);
        let mut reasons = Vec::new();
        for ((at, branch), facts) in branches.enumerate().zip(&trace.branches) {
            let decisive =
                trace.answer.failed.contains(&Failure::Branch(at)) || trace.answer.branch == Some(at);
            let mut cites = self.cites(&branch.cites);
            let parts = match &branch.when {
                Some(when) => {
                    let (when, others) = self.in_force(when);
                    cites.extend(others.iter().flat_map(|other| self.cites(other.cites)));
                    let mut parts = self.parts(when, self.words().needed);
                    parts.extend(others.iter().map(|other| other.part(self)));
                    parts
                }
                None => vec![Part {
                    outcome: mark(&facts.test),
                    text: self.words().otherwise_row.into(),
                    parts: vec![],
                }],
            };
            reasons.push(Reason {
                name: branch.name.clone(),
                label: named_or(&branch.label, &branch.name),
                outcome: mark(&facts.test),
                favourable: facts.test.is_true() && !branch.refuse && trace.answer.status != Status::Conflict,
                decisive,
                parts,
                cites,
            });
        }
        reasons
    }

    fn condition(&self, condition: &Condition, fact: &Fact, needed: &str) -> Reason {
        let (test, others) = self.in_force(&condition.test);
        let mut parts = match others.is_empty() || !is_no_rule(test) {
            true => self.parts(test, needed),
            false => {
                vec![Part { outcome: mark(fact), text: self.words().no_rule.into(), parts: Vec::new() }]
            }
        };
        parts.extend(others.iter().map(|other| other.part(self)));
        let mut cites = self.cites(&condition.cites);
        cites.extend(others.iter().flat_map(|other| self.cites(other.cites)));
        Reason {
            name: condition.name.clone(),
            label: named_or(&condition.label, &condition.name),
            outcome: mark(fact),
            favourable: false,
            decisive: false,
            parts,
            cites,
        }
    }

    /// What a text says on the day, and what it says on other days.
    pub(super) fn in_force<'e>(&self, expr: &'e Expr) -> (&'e Expr, Vec<Otherwise<'e>>) {
        let (mut own, mut others) = (expr, Vec::new());
        while let ExprKind::Amended { from, now, before, cites } = &own.kind {
            let since = *from <= self.inputs.as_of();
            let (this, that) = if since { (now, before) } else { (before, now) };
            others.push(Otherwise { day: *from, earlier: since, text: that, cites });
            own = this;
        }
        (own, others)
    }

    /// A test as the list of its parts: those of a conjunction stand side by side.
    fn parts(&self, test: &Expr, needed: &str) -> Vec<Part> {
        match &test.kind {
            ExprKind::All(of) => of.iter().map(|part| self.part(part, needed)).collect(),
            _ => vec![self.part(test, needed)],
        }
    }

    fn part(&self, test: &Expr, needed: &str) -> Part {
        let group = |text: &str, of: &[&Expr]| Part {
            outcome: mark(self.fact(test)),
            text: text.to_owned(),
            parts: of.iter().map(|part| self.part(part, needed)).collect(),
        };
        let words = self.words();
        match &test.kind {
            ExprKind::All(of) => group(words.every, &of.iter().collect::<Vec<_>>()),
            ExprKind::Any(of) => group(words.some, &of.iter().collect::<Vec<_>>()),
            ExprKind::Not(of) => match self.opposite(of) {
                Some((subject, rule)) => self.leaf(test, subject, needed, &rule),
                None => group(words.negated, &[&**of]),
            },
            _ => match self.rule(test) {
                Some((subject, rule)) => self.leaf(test, subject, needed, &rule),
                None => self.plain(test),
            },
        }
    }

    /// «复工日期 = 2020-03-20, needed: ≥ 2020-02-10 and < 2020-03-10».
    fn leaf(&self, test: &Expr, subject: &Expr, needed: &str, rule: &str) -> Part {
        let value = self.fact_words(shown_as(test, subject), self.fact(subject));
        let name = self.expr(subject);
        let text = format!("{name} = {value}{}{needed}{rule}", self.words().comma);
        Part { outcome: mark(self.fact(test)), text, parts: Vec::new() }
    }

    fn plain(&self, test: &Expr) -> Part {
        let (formula, values) = (self.expr(test), self.expr_with_values(test));
        let words = self.words();
        let text = if formula == values {
            formula
        } else {
            format!("{formula}{}{}{values}", words.list, words.with_values)
        };
        Part { outcome: mark(self.fact(test)), text, parts: Vec::new() }
    }

    /// What a test asks of which subject.
    fn rule<'e>(&self, test: &'e Expr) -> Option<(&'e Expr, String)> {
        let words = self.words();
        Some(match &test.kind {
            // «18岁 ≤ 年龄» is told of the age.
            ExprKind::Compare(op, a, b) if is_constant(a) => {
                (&**b, format!("{} {}", sign(op.mirrored()), self.bound(a)))
            }
            ExprKind::Compare(op, a, b) => (&**a, format!("{} {}", sign(*op), self.bound(b))),
            ExprKind::Between { value, low, high, high_included } => {
                let below = sign(if *high_included { CompareOp::AtMost } else { CompareOp::Less });
                let (low, high) = (self.bound(low), self.bound(high));
                (&**value, format!("≥ {low}{}{below} {high}", words.and))
            }
            ExprKind::Variants(a, set) => {
                let labels = show_variants(self.program(), &a.ty, *set, self.language);
                let rule = if set.single().is_some() {
                    format!("= {labels}")
                } else {
                    format!("{}{labels}", words.among)
                };
                (&**a, rule)
            }
            ExprKind::Among(a, of) => {
                let labels: Vec<String> = of.iter().map(|value| self.bound(value)).collect();
                (&**a, format!("{}{}", words.among, labels.join(words.comma)))
            }
            ExprKind::Field(_) | ExprKind::Let(_) | ExprKind::Define(_) => (test, words.yes.to_owned()),
            _ => return None,
        })
    }

    /// What the denial of a test asks of which subject, where that can be said shortly.
    fn opposite<'e>(&self, test: &'e Expr) -> Option<(&'e Expr, String)> {
        let words = self.words();
        Some(match &test.kind {
            ExprKind::Variants(a, set) => {
                let labels = show_variants(self.program(), &a.ty, *set, self.language);
                let rule = if set.single().is_some() {
                    format!("≠ {labels}")
                } else {
                    format!("{}{labels}", words.not_among)
                };
                (&**a, rule)
            }
            ExprKind::Among(a, of) => {
                let labels: Vec<String> = of.iter().map(|value| self.bound(value)).collect();
                (&**a, format!("{}{}", words.not_among, labels.join(words.comma)))
            }
            ExprKind::Field(_) | ExprKind::Let(_) | ExprKind::Define(_) => (test, words.no.to_owned()),
            _ => return None,
        })
    }

    /// What something is compared with: its value, and its formula where it has one worth reading.
    fn bound(&self, expr: &Expr) -> String {
        let formula = self.expr(expr);
        if let ExprKind::Const(_) = expr.kind {
            return formula;
        }
        let value = self.fact_words(&expr.ty, self.fact(expr));
        let by_constants = is_constant(expr);
        if by_constants { value } else { format!("{value} ({formula})") }
    }

    /// The result of a row's cells, for the table's inputs.
    pub(super) fn row(&self, table: &crate::check::typed::Table, at: usize) -> String {
        let row = &table.rows[at];
        let words = self.words();
        let cells = row.cells.iter().zip(&table.inputs);
        let cells: Vec<String> =
            cells.filter_map(|(cell, input)| self.cell(cell, &input.label, &input.ty)).collect();
        let output = self.value(&table.output, &row.output);
        let tests = if cells.is_empty() { words.otherwise_row.to_owned() } else { cells.join(words.comma) };
        format!("{tests} → {output}")
    }

    fn cell(&self, cell: &crate::check::typed::Cell, label: &str, ty: &Type) -> Option<String> {
        use crate::check::typed::Cell;
        let words = self.words();
        let value = |value: &Value| self.value(ty, value);
        Some(match cell {
            Cell::Any => return None,
            Cell::Variants(set) => {
                let labels = show_variants(self.program(), ty, *set, self.language);
                if set.single().is_some() {
                    format!("{label} = {labels}")
                } else {
                    format!("{label} {}{labels}", words.among)
                }
            }
            Cell::Values(values) => {
                let values: Vec<String> = values.iter().map(value).collect();
                format!("{label} = {}", values.join("/"))
            }
            Cell::Range { low, high } => {
                let low = low
                    .as_ref()
                    .map(|(v, included)| format!("{} {}", if *included { "≥" } else { ">" }, value(v)));
                let high = high
                    .as_ref()
                    .map(|(v, included)| format!("{} {}", if *included { "≤" } else { "<" }, value(v)));
                let bounds: Vec<String> = low.into_iter().chain(high).collect();
                format!("{label} {}", bounds.join(words.and))
            }
        })
    }
}

/// The type in which the subject of a test is read: a ratio that is compared with a rate is one.
fn shown_as<'e>(test: &'e Expr, subject: &'e Expr) -> &'e Type {
    let bound = match &test.kind {
        ExprKind::Compare(_, a, b) if std::ptr::eq(&**a, subject) => Some(b),
        ExprKind::Compare(_, a, _) => Some(a),
        ExprKind::Between { low, .. } => Some(low),
        _ => None,
    };
    let is = |ty: &Type, wanted: NumberKind| ty.number().is_some_and(|number| number.kind == wanted);
    let bound = bound.map(|bound| &bound.ty).filter(|ty| is(ty, NumberKind::Rate));
    bound.filter(|_| is(&subject.ty, NumberKind::Plain)).unwrap_or(&subject.ty)
}

/// A condition that was not there yet, or is no more.
fn is_no_rule(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Const(Value::Bool(_)))
}

/// Made of constants alone, so its value says it all.
fn is_constant(expr: &Expr) -> bool {
    let mut constant = true;
    expr.walk(&mut |part| {
        constant &= !matches!(
            part.kind,
            ExprKind::Field(_)
                | ExprKind::Param(_)
                | ExprKind::Bound { .. }
                | ExprKind::Member { .. }
                | ExprKind::Granted { .. }
                | ExprKind::Award { .. }
                | ExprKind::Claimed { .. }
                | ExprKind::Drawn { .. }
                | ExprKind::Unfilled(_)
                | ExprKind::Define(_)
                | ExprKind::Let(_)
                | ExprKind::AsOf
                | ExprKind::Table { .. }
                | ExprKind::Aggregate(_)
        );
    });
    constant
}

pub(super) fn named_or(label: &str, name: &str) -> String {
    if label.is_empty() { name.to_owned() } else { label.to_owned() }
}

/// The sign of an outcome.
pub(super) fn symbol(mark: Mark) -> &'static str {
    match mark {
        Mark::Holds => "✓",
        Mark::Fails => "✗",
        Mark::Open => "？",
        Mark::Error => "!",
    }
}
