//! Boundaries as cases try them: where a comparison turns, and what a record beside it shows.

use super::paths::follows_the_day;
use super::search::{Focus, below};
use crate::boundary::{Beside, Comparison, Reach, beside, position, value_at};
use crate::check::typed::{Field, NumberKind};
use crate::interp::Evaluator;
use crate::ir::{NodeId, Op, RecordPlan};
use crate::value::ops::ArithOp;
use crate::value::{Number, Value};
use std::cmp::Ordering;
use std::collections::BTreeSet;

/// Decimals beyond which those of a field are no measure for a step, as in changes of the text.
const CUSTOMARY: u32 = 2;

/// What a record shows of a boundary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Point {
    /// It stands on it; where the field cannot, next to it, where the comparison is as it would be on it.
    On,
    /// The comparison differs from what it is there, and is close; of a cap or floor: the limit counts.
    Off,
    /// Of a cap or floor: what it limits counts.
    Within,
}

/// A comparison that turns at some value of one field.
#[derive(Debug, Clone, Copy)]
pub struct Bound {
    pub comparison: Comparison,
    pub focus: Focus,
    /// Where it turns is decided neither by other fields nor by the date of evaluation.
    pub alone: bool,
}

impl Bound {
    pub fn of(plan: &RecordPlan, reach: &Reach, fields: &[Field], comparison: Comparison) -> Option<Bound> {
        if let Some((field, side, other_side)) = reach.only_field(comparison, fields) {
            let alone = !follows_the_day(plan, comparison.node);
            return Some(Bound { comparison, focus: Focus { field, side, other_side }, alone });
        }
        let own = reach.between(comparison, fields)?;
        let focus = Focus { field: own.field, side: own.side, other_side: own.other_side };
        Some(Bound { comparison, focus, alone: false })
    }

    /// What cases should show of it.
    pub fn wanted(&self, plan: &RecordPlan) -> &'static [Point] {
        if limits(plan, self.comparison) {
            &[Point::On, Point::Off, Point::Within]
        } else {
            &[Point::On, Point::Off]
        }
    }

    /// What the record that the evaluator has loaded shows; it has `own` in the field.
    pub fn shows(&self, evaluator: &mut Evaluator<'_>, around: &Beside, own: &Number) -> Option<Point> {
        let plan = evaluator.plan();
        let exact = around.exact.as_ref() == Some(own);
        if limits(plan, self.comparison) {
            let order = order(evaluator, self.focus.side, self.focus.other_side)?;
            let is_least = matches!(plan.graph.nodes[self.comparison.node.index()].op, Op::Least(_));
            return match order {
                _ if exact => Some(Point::On),
                Ordering::Equal => None,
                order => Some(if (order == Ordering::Less) == is_least { Point::Within } else { Point::Off }),
            };
        }
        let close = around.below.as_ref().is_none_or(|least| least <= own)
            && around.above.as_ref().is_none_or(|most| own <= most);
        let point = compared(evaluator, self.comparison)?;
        let stands = match point {
            Point::On => exact || around.exact.is_none() && close,
            _ => close,
        };
        stands.then_some(point)
    }
}

/// What a record shows of a comparison that no single field turns; how close it is cannot be told.
pub fn crossing(evaluator: &mut Evaluator<'_>, comparison: Comparison) -> Option<Point> {
    let equal = order(evaluator, comparison.left, comparison.right)? == Ordering::Equal;
    if limits(evaluator.plan(), comparison) {
        return Some(if equal { Point::On } else { Point::Off });
    }
    match compared(evaluator, comparison)? {
        Point::On => equal.then_some(Point::On),
        off => Some(off),
    }
}

/// Whether a comparison comes out as where both sides are equal.
fn compared(evaluator: &mut Evaluator<'_>, comparison: Comparison) -> Option<Point> {
    let Op::Compare(op, ..) = evaluator.plan().graph.nodes[comparison.node.index()].op else { return None };
    let Value::Bool(truth) = *evaluator.fact(comparison.node).known()? else { return None };
    Some(if truth == op.holds(Ordering::Equal) { Point::On } else { Point::Off })
}

fn order(evaluator: &mut Evaluator<'_>, left: NodeId, right: NodeId) -> Option<Ordering> {
    let mut at = |node| evaluator.fact(node).known().and_then(position);
    let (left, right) = (at(left)?, at(right)?);
    Some(left.cmp(&right))
}

/// Whether the lesser or greater of both counts.
fn limits(plan: &RecordPlan, comparison: Comparison) -> bool {
    matches!(plan.graph.nodes[comparison.node.index()].op, Op::Least(_) | Op::Greatest(_))
}

/// The values of a field at a boundary and one step to either side of it. The step is the one by which a change of the
/// text moves the bound: nobody tells 79.999999% from 79%.
pub fn near(plan: &RecordPlan, focus: Focus, field: &Field, at: &Number) -> Beside {
    if scales(plan, focus.side) { beside(field, at) } else { around(field, at) }
}

/// The values of a field at a position and one customary step to either side.
pub fn around(field: &Field, at: &Number) -> Beside {
    let fine = beside(field, at);
    let Some(step) = customary(field, at) else { return fine };
    let possible = |value: Number| field.range.contains(&value).then_some(value);
    let below = possible(at.sub(&step)).or(fine.below);
    Beside { below, above: possible(at.add(&step)).or(fine.above), ..fine }
}

/// A step that is coarser than the field's own.
fn customary(field: &Field, at: &Number) -> Option<Number> {
    let rate = field.ty.number()?.kind != NumberKind::Plain;
    let decimals = at.decimals()?.max(if rate { CUSTOMARY } else { 0 });
    let coarser = (rate || field.decimals > CUSTOMARY) && decimals < field.decimals;
    coarser.then(|| Number::from_scaled(1, decimals))
}

/// Whether a step of the field is another one of the comparison.
fn scales(plan: &RecordPlan, side: NodeId) -> bool {
    below(plan, &[side], &BTreeSet::new()).into_iter().any(|node| {
        matches!(
            plan.graph.nodes[node.index()].op,
            Op::Arith(ArithOp::Multiply | ArithOp::Divide, ..) | Op::Round(..) | Op::Fit { .. }
        )
    })
}

/// The position of what a case gives for a field.
pub fn given(values: &[Option<Value>], field: u16) -> Option<Number> {
    values[usize::from(field)].as_ref().and_then(position)
}

/// The record with another value of the field.
pub fn moved(
    values: &[Option<Value>],
    field: u16,
    declared: &Field,
    to: &Number,
) -> Option<Vec<Option<Value>>> {
    let mut values = values.to_vec();
    values[usize::from(field)] = Some(value_at(&declared.ty, to)?);
    Some(values)
}
