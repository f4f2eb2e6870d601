//! Duties and targets: the alternatives that follow from what is to be done, and by when.

use super::benefits::{MONEY_DECIMALS, NUMBER_DECIMALS, RATE_DECIMALS};
use super::checker::Checker;
use super::expr::Env;
use super::typed::*;
use crate::diag::{Diagnostic, codes};
use crate::source::Span;
use crate::syntax::ast;
use crate::value::{Number, Rounding, Value};

impl Checker<'_> {
    /// What is to be done by when, and the alternatives: it may still be done, it is done, it is not.
    pub(super) fn outcomes(
        &mut self,
        env: &Env,
        item: &ast::Measure,
        checks: &[Condition],
        benefits: Vec<Benefit>,
    ) -> Option<(Option<Expr>, Choice)> {
        let due = match &item.due {
            Some(due) => Some(self.due(env, due)?),
            None => None,
        };
        let [done, undone] = item.kind.outcomes()?;
        let name = item.named.name.span;
        let check = self.the_checks(item, checks)?;
        let benefits = match item.kind {
            MeasureKind::Target => shortfall(&check).into_iter().collect(),
            _ => benefits,
        };
        let branch = |name: &str, span: Span, when: Option<Expr>, benefits: Vec<Benefit>| Branch {
            name: name.to_owned(),
            label: String::new(),
            when,
            benefits,
            refuse: false,
            cites: Vec::new(),
            span,
        };
        let mut branches = Vec::with_capacity(3);
        if let Some(due) = &due {
            // Before its time nothing is breached, and what is not known to be done may still be.
            let early = compared(CompareOp::AtMost, as_of(due.span), last_day(due), due.span);
            let no = Expr::value(Value::Bool(false), Type::Bool, name);
            let is_done = ExprKind::Otherwise(Box::new(check.clone()), Box::new(no));
            let open = Expr::bool(ExprKind::Not(Box::new(Expr::bool(is_done, name))), name);
            let when = Expr::bool(ExprKind::All(vec![early, open]), due.span);
            let lacking = if item.kind == MeasureKind::Target { benefits.clone() } else { Vec::new() };
            branches.push(branch(NOT_YET_DUE, due.span, Some(when), lacking));
        }
        branches.push(branch(done, name, Some(check), Vec::new()));
        branches.push(branch(undone, name, None, benefits));
        Some((due, Choice { kind: ChoiceKind::FirstOf, branches, exclusive: false }))
    }

    fn due(&mut self, env: &Env, due: &ast::Expr) -> Option<Expr> {
        let typed = self.infer(env, due, Some(&Type::Date))?;
        if matches!(typed.ty, Type::Date | Type::Time) {
            return Some(typed);
        }
        let found = self.type_name(&typed.ty);
        self.report(
            Diagnostic::new(
                &codes::TYPE_MISMATCH,
                due.span,
                format!("`due` takes a date or a moment; this is {found}"),
            )
            .at(format!("this is {found}"))
            .note("say from when it counts: `due received_on + 2 days`"),
        );
        None
    }

    /// All that is to be done, as one condition.
    fn the_checks(&mut self, item: &ast::Measure, checks: &[Condition]) -> Option<Expr> {
        let name = &item.named.name;
        match (item.kind, checks) {
            (_, []) => {
                let what = if item.kind == MeasureKind::Target { "reached" } else { "done" };
                let note = match item.kind {
                    MeasureKind::Target => "add `reach NAME: VALUE >= GOAL`",
                    _ => "add `comply { NAME: TEST }`: what shows that the duty is met",
                };
                self.report(
                    Diagnostic::new(
                        &codes::EMPTY_MEASURE,
                        name.span,
                        format!("`{}` does not say what is to be {what}", name.text),
                    )
                    .at("nothing to do here")
                    .note(note),
                );
                None
            }
            (MeasureKind::Target, [first, second, ..]) => {
                self.report(
                    Diagnostic::new(&codes::CLASHING_BENEFITS, second.span, "a target has one goal")
                        .at("the second one")
                        .also(first.span, "the first one")
                        .note("make two targets: each has its own answer and shortfall"),
                );
                None
            }
            (_, [only]) => Some(only.test.clone()),
            (_, all) => {
                let tests = all.iter().map(|check| check.test.clone()).collect();
                Some(Expr::bool(ExprKind::All(tests), name.span))
            }
        }
    }
}

fn as_of(span: Span) -> Expr {
    Expr::number(ExprKind::AsOf, Type::Date, span, Interval::any(), Some(0))
}

fn compared(op: CompareOp, left: Expr, right: Expr, span: Span) -> Expr {
    Expr::bool(ExprKind::Compare(op, Box::new(left), Box::new(right)), span)
}

/// The day on which something is due at the latest.
fn last_day(due: &Expr) -> Expr {
    match due.ty {
        Type::Time => {
            let (kind, span) = (ExprKind::DateOf(Box::new(due.clone())), due.span);
            Expr::number(kind, Type::Date, span, Interval::any(), Some(0))
        }
        _ => due.clone(),
    }
}

/// How much a goal in numbers lacks: of a comparison, the way from the value to the bound.
fn shortfall(goal: &Expr) -> Option<Benefit> {
    let ExprKind::Compare(op, left, right) = &goal.kind else { return None };
    let (number, other) = (left.ty.number()?, right.ty.number()?);
    let is_rate = [number, other].iter().any(|number| number.kind != NumberKind::Plain);
    let (from, to) = match op {
        CompareOp::AtLeast | CompareOp::Greater | CompareOp::Equal => (left, right),
        CompareOp::AtMost | CompareOp::Less => (right, left),
        CompareOp::NotEqual => return None,
    };
    let ty = if is_rate { Type::points() } else { left.ty.clone() };
    let needed = from.decimals.zip(to.decimals).map(|(a, b)| a.max(b));
    let range = to.range.subtract(&from.range);
    let kind = ExprKind::Arith(ArithOp::Subtract, to.clone(), from.clone());
    let mut lack = Expr::number(kind, ty.clone(), goal.span, range, needed);
    if *op == CompareOp::Equal {
        let range = lack.range.abs();
        lack = Expr::number(ExprKind::Abs(Box::new(lack)), ty.clone(), goal.span, range, needed);
    }
    let room = match needed {
        _ if is_rate => RATE_DECIMALS,
        _ if ty.currency().is_some() => MONEY_DECIMALS,
        Some(0) => 0,
        _ => NUMBER_DECIMALS,
    };
    let fits = needed.is_some_and(|needed| needed <= room);
    Some(Benefit {
        draws: None,
        kind: BenefitKind::Shortfall,
        name: BenefitKind::Shortfall.name().to_owned(),
        label: String::new(),
        amount: Amount::Exact(lack),
        ty: Some(ty),
        rounding: (!fits).then(|| (Rounding::HalfUp, Number::from_scaled(1, room))),
        decimals: room,
        months: None,
        cites: Vec::new(),
        span: goal.span,
    })
}
