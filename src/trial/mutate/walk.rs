//! A walk through one rule: the constants, connectives and choices in it.

use super::MutantKind;
use super::comparisons::{is_point, subject};
use super::moves::{difference, moved};
use super::sites::{Against, Change, Finder, Spot};
use crate::check::show::{Language, Names, show_expr};
use crate::check::typed::*;
use crate::ir::{Op, Scope};
use crate::value::Value;

impl Finder<'_> {
    /// Walks through a rule.
    pub fn rule(&mut self, spot: Spot<'_>, scope: Scope, expr: &Expr) {
        self.walk(Spot { whole: Some((spot.names, expr)), ..spot }, scope, expr, None);
    }

    pub fn walk(&mut self, spot: Spot<'_>, scope: Scope, expr: &Expr, against: Option<Against<'_>>) {
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
    pub fn hint(&self, names: Names<'_>, subject: &Expr, at: &Value) -> Option<String> {
        Some(self.case_with(&show_expr(names, subject), &self.value(&subject.ty, at)))
    }

    pub fn case_with(&self, subject: &str, value: &str) -> String {
        match self.language {
            Language::English => format!("a case with {subject} = {value}"),
            Language::Chinese => format!("写一个 {subject} = {value} 的算例"),
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
