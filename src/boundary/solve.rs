//! Turning an expression round: which value of one input gives it a wanted value, everything else being as it is.

use super::{Reach, position};
use crate::interp::Evaluator;
use crate::ir::{NodeId, Op};
use crate::value::ops::{self, ArithOp, DatePart};
use crate::value::{Date, DayRule, Fact, Number, Rounding, Value};

const SECONDS_AN_HOUR: i64 = 3600;

/// The position of an input at which `node` has the position `wanted`, for the record that the evaluator has loaded;
/// `None` where that cannot be told by going back step by step. Where several would do, one of them; where the
/// expression jumps over the wanted value, one close to it.
pub fn solve(
    evaluator: &mut Evaluator<'_>,
    reach: &Reach,
    node: NodeId,
    input: u16,
    wanted: &Number,
) -> Option<Number> {
    let plan = evaluator.plan();
    let mut node = node;
    let mut wanted = wanted.clone();
    loop {
        let op = &plan.graph.nodes[node.index()].op;
        if *op == Op::Input(input) {
            return Some(wanted);
        }
        (node, wanted) = Back { evaluator, reach, input }.step(op, &wanted)?;
    }
}

struct Back<'s, 'e> {
    evaluator: &'s mut Evaluator<'e>,
    reach: &'s Reach,
    input: u16,
}

impl Back<'_, '_> {
    /// The operand that the input stands in, and what it must be.
    fn step(&mut self, op: &Op, wanted: &Number) -> Option<(NodeId, Number)> {
        match op {
            Op::Arith(op, left, right) => self.arith(*op, *left, *right, wanted),
            Op::Negate(of) => Some((*of, wanted.neg())),
            Op::Abs(of) | Op::Round(of, ..) | Op::Fit { value: of, .. } => Some((*of, wanted.clone())),
            Op::AddMonths(date, months, rule) => self.add_months(*date, *months, *rule, wanted),
            Op::AddDays(date, days) => {
                let (operand, other) = self.of_two(*date, *days)?;
                Some((operand, wanted.sub(&self.known(other)?)))
            }
            Op::AddWorkdays(date, days, calendar) => {
                let (operand, other) = self.of_two(*date, *days)?;
                let back = self.known(other)?.neg();
                let day = if operand == *date {
                    ops::add_workdays(day(wanted)?, &back, calendar).ok()?
                } else {
                    return None;
                };
                Some((operand, Number::from_int(day.0.into())))
            }
            Op::DaysBetween(later, earlier) => self.difference(*later, *earlier, wanted.clone()),
            Op::HoursBetween(later, earlier) => {
                self.difference(*later, *earlier, wanted.mul(&Number::from_int(SECONDS_AN_HOUR)))
            }
            Op::AddHours(time, hours) => {
                let (operand, other) = self.of_two(*time, *hours)?;
                let other = self.known(other)?;
                let hour = Number::from_int(SECONDS_AN_HOUR);
                let value = if operand == *time {
                    wanted.sub(&other.mul(&hour))
                } else {
                    wanted.sub(&other).div(&hour)?
                };
                Some((operand, value))
            }
            Op::Part(DatePart::Year, date) => {
                let first = Date::new(i64::try_from(wanted.to_scaled(0)?).ok()?, 1, 1)?;
                Some((*date, Number::from_int(first.0.into())))
            }
            Op::DateOf(time) => Some((*time, Number::from_int(day(wanted)?.midnight().0))),
            Op::Otherwise(first, second) => {
                let operand = if self.reach.depends(*first, self.input) { first } else { second };
                Some((*operand, wanted.clone()))
            }
            Op::Least(of) | Op::Greatest(of) => {
                let mut own = of.iter().filter(|of| self.reach.depends(**of, self.input));
                let operand = own.next()?;
                own.next().is_none().then(|| (*operand, wanted.clone()))
            }
            Op::Match(on, arms) => {
                let Fact::Known(Value::Enum(variant)) = self.evaluator.fact(*on) else { return None };
                let (_, value) = arms.iter().find(|(set, _)| set.contains(variant))?;
                self.reach.depends(*value, self.input).then(|| (*value, wanted.clone()))
            }
            Op::Cases { rows, default, .. } => {
                let taken = rows.iter().find(|(test, _)| self.evaluator.fact(*test).is_true());
                let value = taken.map(|(_, value)| *value).or(*default)?;
                self.reach.depends(value, self.input).then(|| (value, wanted.clone()))
            }
            _ => None,
        }
    }

    /// The operand that has the input, and the other one, which must not have it.
    fn of_two(&self, first: NodeId, second: NodeId) -> Option<(NodeId, NodeId)> {
        match (self.reach.depends(first, self.input), self.reach.depends(second, self.input)) {
            (true, false) => Some((first, second)),
            (false, true) => Some((second, first)),
            _ => None,
        }
    }

    fn known(&mut self, node: NodeId) -> Option<Number> {
        self.evaluator.fact(node).known().and_then(position)
    }

    fn arith(
        &mut self,
        op: ArithOp,
        left: NodeId,
        right: NodeId,
        wanted: &Number,
    ) -> Option<(NodeId, Number)> {
        let (operand, other) = self.of_two(left, right)?;
        let other = self.known(other)?;
        let value = match (op, operand == left) {
            (ArithOp::Add, _) => wanted.sub(&other),
            (ArithOp::Subtract, true) => wanted.add(&other),
            (ArithOp::Subtract, false) => other.sub(wanted),
            (ArithOp::Multiply, _) => wanted.div(&other)?,
            (ArithOp::Divide, true) => wanted.mul(&other),
            (ArithOp::Divide, false) => other.div(wanted)?,
        };
        value.in_limits().then_some((operand, value))
    }

    fn difference(&mut self, later: NodeId, earlier: NodeId, wanted: Number) -> Option<(NodeId, Number)> {
        let (operand, other) = self.of_two(later, earlier)?;
        let other = self.known(other)?;
        Some((operand, if operand == later { other.add(&wanted) } else { other.sub(&wanted) }))
    }

    fn add_months(
        &mut self,
        date: NodeId,
        months: NodeId,
        rule: DayRule,
        wanted: &Number,
    ) -> Option<(NodeId, Number)> {
        let (operand, other) = self.of_two(date, months)?;
        let wanted = day(wanted)?;
        if operand == months {
            let from = day(&self.known(other)?)?;
            let months = (wanted.year() - from.year()) * 12 + wanted.month() - from.month();
            return Some((operand, Number::from_int(months)));
        }
        let months = self.known(other)?;
        let first = ops::add_months(wanted, &months.neg(), rule).ok()?;
        // Near the end of a month another day may be the one.
        let near = (0..=3).flat_map(|away| [away, -away]).filter_map(|away| first.add_days(away));
        let exact = |from: &Date| ops::add_months(*from, &months, rule) == Ok(wanted);
        let found = near.clone().find(exact).unwrap_or(first);
        Some((operand, Number::from_int(found.0.into())))
    }
}

/// The day at a position.
fn day(at: &Number) -> Option<Date> {
    let whole = at.round_to(&Number::ONE, Rounding::Down);
    Date::from_days(i64::try_from(whole.to_scaled(0)?).ok()?)
}
