//! Walking over typed expressions.

use crate::check::typed::{Expr, ExprKind, RecordId, Ties};

impl Expr {
    /// Calls `f` with each part of the expression, in the order of the text.
    pub fn each_part<'a>(&'a self, f: &mut dyn FnMut(&'a Expr)) {
        match &self.kind {
            ExprKind::Const(_)
            | ExprKind::Field(_)
            | ExprKind::Param(_)
            | ExprKind::Bound { .. }
            | ExprKind::Define(_)
            | ExprKind::Granted { .. }
            | ExprKind::Award { .. }
            | ExprKind::Claimed { .. }
            | ExprKind::Drawn { .. }
            | ExprKind::Member { .. }
            | ExprKind::Unfilled(_)
            | ExprKind::Let(_)
            | ExprKind::AsOf => {}
            ExprKind::Not(a)
            | ExprKind::Variants(a, _)
            | ExprKind::Negate(a)
            | ExprKind::Abs(a)
            | ExprKind::Round { value: a, .. }
            | ExprKind::Part(_, a)
            | ExprKind::DateOf(a)
            | ExprKind::Known(a) => f(a),
            ExprKind::Compare(_, a, b)
            | ExprKind::Arith(_, a, b)
            | ExprKind::AddMonths { date: a, months: b, .. }
            | ExprKind::AddDays { date: a, days: b }
            | ExprKind::AddWorkdays { date: a, days: b, .. }
            | ExprKind::DaysBetween(a, b)
            | ExprKind::AddHours { time: a, hours: b }
            | ExprKind::HoursBetween(a, b)
            | ExprKind::Amended { now: a, before: b, .. }
            | ExprKind::Otherwise(a, b) => [a, b].into_iter().for_each(|part| f(part)),
            ExprKind::All(of) | ExprKind::Any(of) | ExprKind::Least(of) | ExprKind::Greatest(of) => {
                of.iter().for_each(f);
            }
            ExprKind::Among(value, of) => {
                f(value);
                of.iter().for_each(f);
            }
            ExprKind::Between { value, low, high, .. } => {
                [value, low, high].into_iter().for_each(|part| f(part))
            }
            ExprKind::If { when, then, other } => [when, then, other].into_iter().for_each(|part| f(part)),
            ExprKind::Match { on, arms } => {
                f(on);
                arms.iter().for_each(|(_, value)| f(value));
            }
            ExprKind::Table { inputs, .. } => inputs.iter().for_each(f),
            ExprKind::Aggregate(aggregate) => {
                if let crate::check::typed::AggregateKind::Rank { ties: Ties::By(tie), .. } = &aggregate.kind
                {
                    f(tie);
                }
                let parts = [&aggregate.of, &aggregate.filter, &aggregate.group, &aggregate.mine];
                parts.into_iter().flatten().for_each(f);
            }
        }
    }

    /// Calls `f` with the expression and everything in it, outer before inner.
    pub fn walk<'a>(&'a self, f: &mut dyn FnMut(&'a Expr)) {
        f(self);
        self.each_part(&mut |part| part.walk(f));
    }

    /// As [`Expr::walk`], but of what is looked at in records of another kind than `record` only that which
    /// the record itself gives.
    pub fn walk_on<'a>(&'a self, record: RecordId, f: &mut dyn FnMut(&'a Expr)) {
        f(self);
        match &self.kind {
            ExprKind::Aggregate(aggregate) if aggregate.over != record => {
                aggregate.mine.iter().for_each(|mine| mine.walk_on(record, f));
            }
            _ => self.each_part(&mut |part| part.walk_on(record, f)),
        }
    }
}
