//! Lowering one expression.

use crate::check::typed::{Expr, ExprKind, Interval, OpenItem, ParamId, Type};
use crate::ir::lower::{Lowering, Scope, kind_of};
use crate::ir::{Kind, NodeId, Op};
use crate::value::ops::{CompareOp, Hit, Proved};
use crate::value::{Date, Value, VariantSet};

impl Lowering<'_> {
    /// The node of an expression; what it names must be settled.
    pub(super) fn expr(&mut self, scope: Scope, expr: &Expr) -> NodeId {
        if !self.apart {
            return self.plain(scope, expr);
        }
        let around = self.builder(scope).stand(Some((expr.span, 0)));
        let mut node = self.plain(scope, expr);
        let builder = self.builder(scope);
        if expr.ty == Type::Bool {
            node = builder.test(Op::All(vec![node]));
        }
        builder.stand(around);
        node
    }

    fn plain(&mut self, scope: Scope, expr: &Expr) -> NodeId {
        match &expr.kind {
            ExprKind::Define(id) => self.defines[id.index()].expect("defines are settled before their use"),
            ExprKind::Let(at) => {
                let measure = scope.measure.expect("only measures have lets");
                self.lets[measure.index()][*at].expect("lets are settled before their use")
            }
            ExprKind::Const(value) => self.builder(scope).constant(value.clone(), kind_of(&expr.ty)),
            ExprKind::Between { value, low, high, high_included } => {
                self.between(scope, [value, low, high], *high_included)
            }
            ExprKind::Among(value, among) => self.among(scope, value, among),
            ExprKind::Table { table, inputs } => self.call(scope, *table, inputs),
            ExprKind::Aggregate(aggregate) => self.aggregate(scope, aggregate, expr),
            ExprKind::Claimed { budget, draw } => self.claimed(*budget, *draw),
            ExprKind::Drawn { budget, draw } => self.drawn(*budget, *draw, expr),
            ExprKind::Granted { measure, applies } => self.granted(*measure, *applies),
            ExprKind::Award { measure, benefit } => self.award_of(*measure, benefit, expr),
            _ => {
                let op = self.operation(scope, expr);
                let (range, decimals) = (expr.range.clone(), expr.decimals);
                self.builder(scope).add(op, kind_of(&expr.ty), range, decimals)
            }
        }
    }

    fn all_of(&mut self, scope: Scope, of: &[Expr]) -> Vec<NodeId> {
        of.iter().map(|part| self.expr(scope, part)).collect()
    }

    /// What becomes one operation.
    fn operation(&mut self, scope: Scope, expr: &Expr) -> Op {
        match &expr.kind {
            ExprKind::Field(field) => Op::Input(field.0 as u16),
            ExprKind::Param(param) if self.source.params[param.index()].open.is_some() => {
                self.open_param(scope, *param, expr)
            }
            ExprKind::Param(param) => Op::Param(*param),
            ExprKind::Bound { param, most } => {
                let [_, least, ceiling] = self.followers(*param);
                Op::Param(if *most { ceiling } else { least })
            }
            ExprKind::Amended { from, now, before, .. } => {
                let row = (self.since(scope, *from), self.expr(scope, now));
                let default = Some(self.expr(scope, before));
                let proved = Proved { exclusive: true, complete: true };
                Op::Cases { hit: Hit::First, rows: vec![row], default, proved }
            }
            ExprKind::Member { field, register } => self.member_input(scope.record, *field, *register),
            ExprKind::Unfilled(id) => self.open_input(scope.record, OpenItem::Define(*id)),
            ExprKind::AsOf => Op::AsOf,
            ExprKind::Not(a) => Op::Not(self.expr(scope, a)),
            ExprKind::All(of) => Op::All(self.all_of(scope, of)),
            ExprKind::Any(of) => Op::Any(self.all_of(scope, of)),
            ExprKind::Compare(op, a, b) => Op::Compare(*op, self.expr(scope, a), self.expr(scope, b)),
            ExprKind::Variants(a, set) => Op::Variants(self.expr(scope, a), *set),
            ExprKind::Negate(a) => Op::Negate(self.expr(scope, a)),
            ExprKind::Abs(a) => Op::Abs(self.expr(scope, a)),
            ExprKind::Arith(op, a, b) => Op::Arith(*op, self.expr(scope, a), self.expr(scope, b)),
            ExprKind::Least(of) => Op::Least(self.all_of(scope, of)),
            ExprKind::Greatest(of) => Op::Greatest(self.all_of(scope, of)),
            ExprKind::Round { value, rounding, step } => {
                Op::Round(self.expr(scope, value), *rounding, step.clone())
            }
            ExprKind::Known(a) => Op::Known(self.expr(scope, a)),
            ExprKind::Otherwise(a, b) => Op::Otherwise(self.expr(scope, a), self.expr(scope, b)),
            ExprKind::If { when, then, other } => {
                let row = (self.expr(scope, when), self.expr(scope, then));
                let default = Some(self.expr(scope, other));
                Op::Cases {
                    hit: Hit::First,
                    rows: vec![row],
                    default,
                    proved: Proved { exclusive: true, complete: true },
                }
            }
            ExprKind::Match { on, arms } => {
                let on = self.expr(scope, on);
                Op::Match(on, arms.iter().map(|(set, value)| (*set, self.expr(scope, value))).collect())
            }
            _ => self.calendar(scope, expr),
        }
    }

    /// Whether the date of evaluation is not before a day.
    fn since(&mut self, scope: Scope, day: Date) -> NodeId {
        let builder = self.builder(scope);
        let day = builder.constant(Value::Date(day), Kind::Date);
        let as_of = builder.add(Op::AsOf, Kind::Date, Interval::default(), None);
        builder.test(Op::Compare(CompareOp::AtLeast, as_of, day))
    }

    /// An open parameter: its value where it is filled in, else missing because of itself.
    fn open_param(&mut self, scope: Scope, param: ParamId, expr: &Expr) -> Op {
        let [filled, ..] = self.followers(param);
        let kind = kind_of(&expr.ty);
        let open = self.open_input(scope.record, OpenItem::Param(param));
        let builder = self.builder(scope);
        let filled = builder.test(Op::Param(filled));
        let value = builder.add(Op::Param(param), kind, expr.range.clone(), expr.decimals);
        let open = builder.add(open, kind, expr.range.clone(), expr.decimals);
        let proved = Proved { exclusive: true, complete: true };
        Op::Cases { hit: Hit::First, rows: vec![(filled, value)], default: Some(open), proved }
    }

    fn calendar(&mut self, scope: Scope, expr: &Expr) -> Op {
        match &expr.kind {
            ExprKind::AddMonths { date, months, rule } => {
                Op::AddMonths(self.expr(scope, date), self.expr(scope, months), *rule)
            }
            ExprKind::AddWorkdays { date, days, calendar, .. } => {
                let (date, days) = (self.expr(scope, date), self.expr(scope, days));
                Op::AddWorkdays(date, days, calendar.clone())
            }
            ExprKind::AddDays { date, days } => Op::AddDays(self.expr(scope, date), self.expr(scope, days)),
            ExprKind::DaysBetween(a, b) => Op::DaysBetween(self.expr(scope, a), self.expr(scope, b)),
            ExprKind::AddHours { time, hours } => {
                Op::AddHours(self.expr(scope, time), self.expr(scope, hours))
            }
            ExprKind::HoursBetween(a, b) => Op::HoursBetween(self.expr(scope, a), self.expr(scope, b)),
            ExprKind::Part(part, a) => Op::Part(*part, self.expr(scope, a)),
            ExprKind::DateOf(a) => Op::DateOf(self.expr(scope, a)),
            _ => unreachable!("every other expression is lowered elsewhere"),
        }
    }

    fn between(&mut self, scope: Scope, [value, low, high]: [&Expr; 3], high_included: bool) -> NodeId {
        let [value, low, high] = [value, low, high].map(|part| self.expr(scope, part));
        let builder = self.builder(scope);
        let above = builder.test(Op::Compare(CompareOp::AtLeast, value, low));
        let below = if high_included { CompareOp::AtMost } else { CompareOp::Less };
        let below = builder.test(Op::Compare(below, value, high));
        builder.test(Op::All(vec![above, below]))
    }

    fn among(&mut self, scope: Scope, value: &Expr, among: &[Expr]) -> NodeId {
        let on = self.expr(scope, value);
        let variant = |of: &Expr| match of.kind {
            ExprKind::Const(Value::Enum(variant)) => Some(variant),
            _ => None,
        };
        if let (Type::Enum(_), Some(set)) =
            (&value.ty, among.iter().map(variant).collect::<Option<VariantSet>>())
        {
            return self.builder(scope).test(Op::Variants(on, set));
        }
        let among = self.all_of(scope, among);
        let builder = self.builder(scope);
        let tests = among.into_iter().map(|other| builder.test(Op::Compare(CompareOp::Equal, on, other)));
        let tests = tests.collect();
        builder.test(Op::Any(tests))
    }
}

/// Bounds that say nothing.
pub(super) fn unbounded() -> Interval {
    Interval::default()
}
