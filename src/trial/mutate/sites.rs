//! Where the text can be changed, and how: a walk over every expression of the set's own items.

use std::collections::{BTreeMap, BTreeSet};

use super::moves::{Subject, difference, moved};
use super::{Mutant, MutantKind, Patch};
use crate::check::logic::Reader;
use crate::check::show::{Language, Names, show_expr, show_value};
use crate::check::typed::*;
use crate::ir::{self, Lowering, NodeId, Op, Scope};
use crate::source::{FileId, SourceMap, Span};
use crate::value::Value;

/// The mutants of a set, and the program that they patch.
pub struct Sites {
    pub whole: ir::Program,
    /// In the order of the text.
    pub mutants: Vec<Mutant>,
    pub equivalent: Vec<Mutant>,
}

/// Every mutant of the texts in `own`.
pub fn sites(program: &Program, sources: &SourceMap, own: &BTreeSet<FileId>, language: Language) -> Sites {
    let mut finder = Finder {
        program,
        sources,
        own,
        language,
        lowering: Lowering::apart(program),
        compared: compared(program, language),
        found: BTreeMap::new(),
        equivalent: BTreeMap::new(),
    };
    finder.params();
    finder.defines();
    finder.tables();
    finder.budgets();
    for at in 0..program.measures.len() {
        finder.measure(MeasureId(at as u32));
    }
    let Finder { lowering, found, equivalent, .. } = finder;
    let list = |mutants: BTreeMap<Key, Mutant>| mutants.into_values().collect();
    Sites { whole: lowering.program(), mutants: list(found), equivalent: list(equivalent) }
}

/// A mutant by its place and what it makes of it: one that is met twice is one.
type Key = (Span, MutantKind, String, String);

pub(super) struct Finder<'a> {
    pub program: &'a Program,
    sources: &'a SourceMap,
    own: &'a BTreeSet<FileId>,
    pub language: Language,
    pub lowering: Lowering<'a>,
    /// What each param is compared with.
    compared: BTreeMap<ParamId, Vec<Compared<'a>>>,
    found: BTreeMap<Key, Mutant>,
    equivalent: BTreeMap<Key, Mutant>,
}

/// A rule of an item, as far as the walk through it goes.
#[derive(Clone, Copy)]
pub(super) struct Spot<'s> {
    pub item: &'s str,
    pub part: &'s str,
    pub label: &'s str,
    pub names: Names<'s>,
    /// The rule as a whole, with the names in it: within, those of another record may be meant.
    pub whole: Option<(Names<'s>, &'s Expr)>,
    /// It is an amount, not a test.
    pub amount: bool,
}

/// What a param is compared with: `other op param`.
struct Compared<'a> {
    against: Against<'a>,
    names: Names<'a>,
}

/// What a constant is compared with: `other op constant`.
#[derive(Clone, Copy)]
struct Against<'e> {
    op: CompareOp,
    other: &'e Expr,
}

/// A change that was found, before it is in words.
pub(super) struct Change {
    pub kind: MutantKind,
    pub span: Span,
    pub before: String,
    pub after: String,
    pub hint: Option<String>,
    pub nodes: Vec<(usize, NodeId, Op)>,
}

impl<'a> Finder<'a> {
    /// Notes a change of a rule; of another set's text nothing is noted.
    pub fn note(&mut self, spot: Spot<'_>, change: Change) {
        self.note_step(spot, change, None);
    }

    fn note_step(&mut self, spot: Spot<'_>, change: Change, step: Option<(ParamId, usize, Value)>) {
        if let Some((key, mutant)) = self.mutant(spot, change, step) {
            self.found.entry(key).or_insert(mutant);
        }
    }

    /// Notes a change that nothing could tell.
    pub fn note_equivalent(&mut self, spot: Spot<'_>, change: Change) {
        if let Some((key, mutant)) = self.mutant(spot, change, None) {
            self.equivalent.entry(key).or_insert(mutant);
        }
    }

    fn mutant(
        &self,
        spot: Spot<'_>,
        change: Change,
        step: Option<(ParamId, usize, Value)>,
    ) -> Option<(Key, Mutant)> {
        let Change { kind, span, before, after, hint, nodes } = change;
        if !self.own.contains(&span.file) {
            return None;
        }
        let within = spot.whole.map(|(names, whole)| show_expr(names, whole));
        let within = within.filter(|whole| *whole != before);
        let mutant = Mutant {
            kind,
            item: spot.item.to_owned(),
            part: spot.part.to_owned(),
            label: spot.label.to_owned(),
            within,
            hint,
            span,
            patch: Patch { nodes, step },
            before: before.clone(),
            after: after.clone(),
        };
        Some(((span, kind, before, after), mutant))
    }

    pub fn value(&self, ty: &Type, value: &Value) -> String {
        show_value(self.program, ty, value, self.language)
    }

    /// The place of an expression in the graph of its record: of a truth value the conjunction that stands for it.
    pub fn node(&mut self, scope: Scope, expr: &Expr) -> (usize, NodeId) {
        (scope.record.index(), self.lowering.node(scope, expr))
    }

    /// The operation under the conjunction that stands for a truth value.
    pub fn inner(&mut self, scope: Scope, expr: &Expr) -> Option<(usize, NodeId)> {
        let (plan, node) = self.node(scope, expr);
        match self.lowering.op(scope.record, node) {
            Op::All(parts) => parts.first().map(|inner| (plan, *inner)),
            _ => None,
        }
    }

    /// Whether two alternatives can never hold together.
    pub fn exclude(&self, spot: Spot<'_>, a: &Branch, b: &Branch) -> bool {
        let mut reader = Reader::new(self.program, self.sources, spot.names.lets);
        let mut read = |branch: &Branch| branch.when.as_ref().and_then(|when| reader.read(when, true));
        let (a, b) = (read(a), read(b));
        reader.exclude(&a, &b)
    }

    pub fn names(&self, record: RecordId, lets: &'a [Let]) -> Names<'a> {
        Names { program: self.program, record, lets, language: self.language }
    }

    fn params(&mut self) {
        for (at, param) in self.program.params.iter().enumerate() {
            let names = self.names(RecordId(0), &[]);
            let compared = self.compared.get(&ParamId(at as u32)).map_or(&[][..], Vec::as_slice);
            let decimals = compared.iter().filter_map(|own| own.against.other.decimals).max();
            let only = compared.first().map(|own| (own.against, own.names));
            for (number, step) in param.steps.iter().enumerate() {
                let from = step.force.from.filter(|_| param.steps.len() > 1);
                let from = from.map_or(String::new(), |from| match self.language {
                    Language::English => format!("from {from}"),
                    Language::Chinese => format!("{from}起"),
                });
                let (item, label) = (param.head.name.as_str(), param.head.label.as_str());
                let spot = Spot { item, part: &from, label, names, whole: None, amount: false };
                for value in moved(&param.ty, &step.value, decimals).into_iter().flatten() {
                    let hint = only.and_then(|(Against { op, other }, names)| {
                        let found = difference(&subject(other), (op, &step.value), (op, &value))?;
                        self.hint(names, other, &found)
                    });
                    let change = Change {
                        kind: MutantKind::Param,
                        span: step.span,
                        before: self.value(&param.ty, &step.value),
                        after: self.value(&param.ty, &value),
                        hint,
                        nodes: Vec::new(),
                    };
                    self.note_step(spot, change, Some((ParamId(at as u32), number, value)));
                }
            }
        }
    }

    fn defines(&mut self) {
        for define in &self.program.defines {
            let names = self.names(define.record, &[]);
            let (item, label) = (define.head.name.as_str(), define.head.label.as_str());
            let amount = define.body.ty != Type::Bool;
            let spot = Spot { item, part: "", label, names, whole: None, amount };
            self.rule(spot, Scope { record: define.record, measure: None }, &define.body);
        }
    }

    fn budgets(&mut self) {
        for budget in &self.program.budgets {
            let names = self.names(budget.record, &[]);
            let (item, label) = (budget.head.name.as_str(), budget.head.label.as_str());
            let spot = Spot { item, part: "", label, names, whole: None, amount: true };
            self.walk(spot, Scope { record: budget.record, measure: None }, &budget.pool, None);
        }
    }

    /// Walks through a rule.
    pub fn rule(&mut self, spot: Spot<'_>, scope: Scope, expr: &Expr) {
        self.walk(Spot { whole: Some((spot.names, expr)), ..spot }, scope, expr, None);
    }

    fn walk(&mut self, spot: Spot<'_>, scope: Scope, expr: &Expr, against: Option<Against<'_>>) {
        match &expr.kind {
            ExprKind::Const(value) => self.constant(spot, scope, (expr, value), against),
            ExprKind::Compare(op, a, b) => {
                self.turn(spot, scope, expr, *op, (a, b));
                self.walk(spot, scope, a, Some(Against { op: op.mirrored(), other: b }));
                self.walk(spot, scope, b, Some(Against { op: *op, other: a }));
            }
            ExprKind::Between { value, low, high, high_included } => {
                self.close(spot, scope, expr);
                self.walk(spot, scope, value, None);
                self.walk(spot, scope, low, Some(Against { op: CompareOp::AtLeast, other: value }));
                let op = if *high_included { CompareOp::AtMost } else { CompareOp::Less };
                self.walk(spot, scope, high, Some(Against { op, other: value }));
            }
            ExprKind::Among(value, of) => {
                self.walk(spot, scope, value, None);
                for member in of {
                    self.walk(spot, scope, member, Some(Against { op: CompareOp::Equal, other: value }));
                }
            }
            ExprKind::Aggregate(aggregate) => {
                let seen = match aggregate.over == scope.record {
                    true => scope,
                    false => Scope { record: aggregate.over, measure: None },
                };
                let theirs = Spot { names: Names { record: aggregate.over, ..spot.names }, ..spot };
                let parts = [&aggregate.of, &aggregate.filter, &aggregate.group];
                parts.into_iter().flatten().for_each(|part| self.walk(theirs, seen, part, None));
                aggregate.mine.iter().for_each(|mine| self.walk(spot, scope, mine, None));
            }
            _ => {
                match &expr.kind {
                    ExprKind::All(of) | ExprKind::Any(of) if of.len() > 1 => {
                        self.join(spot, scope, expr);
                    }
                    ExprKind::If { .. } | ExprKind::Match { .. } => self.change_over(spot, scope, expr),
                    _ => {}
                }
                expr.each_part(&mut |part| self.walk(spot, scope, part, None));
            }
        }
    }

    /// A constant that the text writes out, moved by a step.
    fn constant(
        &mut self,
        spot: Spot<'_>,
        scope: Scope,
        (expr, value): (&Expr, &Value),
        against: Option<Against<'_>>,
    ) {
        // Zero where only a ceiling is given, and the like, stand nowhere.
        if !self.sources.text(expr.span).starts_with(|c: char| c.is_ascii_digit()) {
            return;
        }
        let compared = against.and_then(|against| against.other.decimals);
        for after in moved(&expr.ty, value, compared).into_iter().flatten() {
            let told = against.filter(|against| !is_point(against.other)).map(|against| {
                let subject = subject(against.other);
                let found = difference(&subject, (against.op, value), (against.op, &after));
                (against, found)
            });
            let hint = told
                .as_ref()
                .and_then(|(against, found)| self.hint(spot.names, against.other, found.as_ref()?));
            let (plan, node) = self.node(scope, expr);
            let change = Change {
                kind: if spot.amount && against.is_none() {
                    MutantKind::Amount
                } else {
                    MutantKind::Threshold
                },
                span: expr.span,
                before: self.value(&expr.ty, value),
                after: self.value(&expr.ty, &after),
                hint,
                nodes: vec![(plan, node, Op::Const(after))],
            };
            match told {
                Some((_, None)) => self.note_equivalent(spot, change),
                _ => self.note(spot, change),
            }
        }
    }

    /// «a case with 劳动合同期限 = 11个月».
    fn hint(&self, names: Names<'_>, subject: &Expr, at: &Value) -> Option<String> {
        Some(self.case_with(&show_expr(names, subject), &self.value(&subject.ty, at)))
    }

    pub fn case_with(&self, subject: &str, value: &str) -> String {
        match self.language {
            Language::English => format!("a case with {subject} = {value}"),
            Language::Chinese => format!("写一个 {subject} = {value} 的算例"),
        }
    }

    /// A comparison made inclusive or exclusive.
    fn turn(&mut self, spot: Spot<'_>, scope: Scope, expr: &Expr, op: CompareOp, (a, b): (&Expr, &Expr)) {
        let Some(turned) = turned(op) else { return };
        let Some((plan, node)) = self.inner(scope, expr) else { return };
        let Op::Compare(_, left, right) = *self.lowering.op(scope.record, node) else { return };
        let kind = ExprKind::Compare(turned, Box::new(a.clone()), Box::new(b.clone()));
        let nodes = vec![(plan, node, Op::Compare(turned, left, right))];
        self.turned(spot, expr, kind, nodes, Sides { op, turned, a, b });
    }

    /// A range that includes its end, or no longer does.
    fn close(&mut self, spot: Spot<'_>, scope: Scope, expr: &Expr) {
        let ExprKind::Between { value, low, high, high_included } = &expr.kind else { return };
        let Some((_, both)) = self.inner(scope, expr) else { return };
        let Op::All(parts) = self.lowering.op(scope.record, both) else { return };
        let Some(below) = parts.last().copied() else { return };
        let Op::Compare(op, left, right) = *self.lowering.op(scope.record, below) else { return };
        let Some(turned) = turned(op) else { return };
        let kind = ExprKind::Between {
            value: value.clone(),
            low: low.clone(),
            high: high.clone(),
            high_included: !high_included,
        };
        let nodes = vec![(scope.record.index(), below, Op::Compare(turned, left, right))];
        self.turned(spot, expr, kind, nodes, Sides { op, turned, a: value, b: high });
    }

    fn turned(
        &mut self,
        spot: Spot<'_>,
        expr: &Expr,
        kind: ExprKind,
        nodes: Vec<(usize, NodeId, Op)>,
        sides: Sides<'_>,
    ) {
        let found = sides.difference();
        let hint = match &found {
            Told::At(subject, at) => self.hint(spot.names, subject, at),
            Told::Perhaps => {
                let [a, b] = [sides.a, sides.b].map(|side| show_expr(spot.names, side));
                Some(self.case_with(&a, &b))
            }
            Told::Never => None,
        };
        let change = Change {
            kind: MutantKind::Comparison,
            span: expr.span,
            before: show_expr(spot.names, expr),
            after: show_expr(spot.names, &Expr { kind, ..expr.clone() }),
            hint,
            nodes,
        };
        match found {
            Told::Never => self.note_equivalent(spot, change),
            _ => self.note(spot, change),
        }
    }

    /// `and` for `or`, or the other way round.
    fn join(&mut self, spot: Spot<'_>, scope: Scope, expr: &Expr) {
        let Some((plan, node)) = self.inner(scope, expr) else { return };
        let (kind, op) = match (&expr.kind, self.lowering.op(scope.record, node)) {
            (ExprKind::All(of), Op::All(parts)) => (ExprKind::Any(of.clone()), Op::Any(parts.clone())),
            (ExprKind::Any(of), Op::Any(parts)) => (ExprKind::All(of.clone()), Op::All(parts.clone())),
            _ => return,
        };
        let change = Change {
            kind: MutantKind::Connective,
            span: expr.span,
            before: show_expr(spot.names, expr),
            after: show_expr(spot.names, &Expr { kind, ..expr.clone() }),
            hint: None,
            nodes: vec![(plan, node, op)],
        };
        self.note(spot, change);
    }

    /// The values of `if`, or of two neighbouring arms of `match`, changed over.
    fn change_over(&mut self, spot: Spot<'_>, scope: Scope, expr: &Expr) {
        let (plan, mut node) = self.node(scope, expr);
        if expr.ty == Type::Bool {
            let Some((_, inner)) = self.inner(scope, expr) else { return };
            node = inner;
        }
        let mut changed: Vec<(ExprKind, Op)> = Vec::new();
        match (&expr.kind, self.lowering.op(scope.record, node).clone()) {
            (
                ExprKind::If { when, then, other },
                Op::Cases { hit, mut rows, default: Some(default), proved },
            ) => {
                let kind = ExprKind::If { when: when.clone(), then: other.clone(), other: then.clone() };
                let default = std::mem::replace(&mut rows[0].1, default);
                changed.push((kind, Op::Cases { hit, rows, default: Some(default), proved }));
            }
            (ExprKind::Match { on, arms }, Op::Match(subject, values)) => {
                for at in 1..arms.len() {
                    let (mut arms, mut values) = (arms.clone(), values.clone());
                    let (before, after) = arms.split_at_mut(at);
                    std::mem::swap(&mut before[at - 1].1, &mut after[0].1);
                    let other = values[at].1;
                    values[at].1 = std::mem::replace(&mut values[at - 1].1, other);
                    changed.push((ExprKind::Match { on: on.clone(), arms }, Op::Match(subject, values)));
                }
            }
            _ => {}
        }
        for (kind, op) in changed {
            let change = Change {
                kind: MutantKind::Swap,
                span: expr.span,
                before: show_expr(spot.names, expr),
                after: show_expr(spot.names, &Expr { kind, ..expr.clone() }),
                hint: None,
                nodes: vec![(plan, node, op)],
            };
            self.note(spot, change);
        }
    }
}

/// A comparison and what it is turned into.
struct Sides<'e> {
    op: CompareOp,
    turned: CompareOp,
    a: &'e Expr,
    b: &'e Expr,
}

/// Whether some value could tell two tests apart.
enum Told<'e> {
    At(&'e Expr, Value),
    Perhaps,
    Never,
}

impl<'e> Sides<'e> {
    fn difference(&self) -> Told<'e> {
        let constant = |expr: &Expr| match (&expr.kind, point(expr)) {
            (ExprKind::Const(value), _) => Some(value.clone()),
            (_, point) => point,
        };
        let (op, turned) = (self.op, self.turned);
        let (subject_of, op, turned, value) = match (constant(self.a), constant(self.b)) {
            (None, Some(value)) => (self.a, op, turned, value),
            (Some(value), None) => (self.b, op.mirrored(), turned.mirrored(), value),
            (Some(_), Some(_)) => return Told::Perhaps,
            (None, None) => {
                return match self.a.range.compare(CompareOp::Equal, &self.b.range) {
                    Some(false) => Told::Never,
                    _ => Told::Perhaps,
                };
            }
        };
        match difference(&subject(subject_of), (op, &value), (turned, &value)) {
            Some(at) => Told::At(subject_of, at),
            None => Told::Never,
        }
    }
}

/// The one value that an expression of constants can have.
fn point(expr: &Expr) -> Option<Value> {
    let low = expr.range.low.as_ref().filter(|low| expr.range.high.as_ref() == Some(low))?;
    match expr.ty {
        Type::Number(_) => Some(Value::Number(low.clone())),
        Type::Date => {
            let days = i64::try_from(low.to_scaled(0)?).ok()?;
            crate::value::Date::from_days(days).map(Value::Date)
        }
        _ => None,
    }
}

fn is_point(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Const(_)) || point(expr).is_some()
}

pub(super) fn subject(expr: &Expr) -> Subject {
    Subject { range: expr.range.clone(), decimals: expr.decimals }
}

/// The comparison that differs where both sides are equal.
pub(super) fn turned(op: CompareOp) -> Option<CompareOp> {
    match op {
        CompareOp::Less => Some(CompareOp::AtMost),
        CompareOp::AtMost => Some(CompareOp::Less),
        CompareOp::Greater => Some(CompareOp::AtLeast),
        CompareOp::AtLeast => Some(CompareOp::Greater),
        CompareOp::Equal | CompareOp::NotEqual => None,
    }
}

/// For each param what it is compared with.
fn compared(program: &Program, language: Language) -> BTreeMap<ParamId, Vec<Compared<'_>>> {
    let mut found = BTreeMap::new();
    for define in &program.defines {
        let names = Names { program, record: define.record, lets: &[], language };
        note_compared(&mut found, names, &define.body);
    }
    for measure in &program.measures {
        let names = Names { program, record: measure.record, lets: &measure.lets, language };
        measure.each_expr(&mut |expr| note_compared(&mut found, names, expr));
    }
    found
}

fn note_compared<'a>(found: &mut BTreeMap<ParamId, Vec<Compared<'a>>>, names: Names<'a>, expr: &'a Expr) {
    let mut note = |param: &'a Expr, op, other: &'a Expr| {
        if let ExprKind::Param(id) | ExprKind::Bound { param: id, .. } = &param.kind {
            found.entry(*id).or_default().push(Compared { against: Against { op, other }, names });
        }
    };
    expr.walk_on(names.record, &mut |part| match &part.kind {
        ExprKind::Compare(op, a, b) => {
            note(b, *op, a);
            note(a, op.mirrored(), b);
        }
        ExprKind::Between { value, low, high, high_included } => {
            let below = if *high_included { CompareOp::AtMost } else { CompareOp::Less };
            note(low, CompareOp::AtLeast, value);
            note(high, below, value);
        }
        _ => {}
    });
}
