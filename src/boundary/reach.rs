//! Which inputs each node of a plan depends on.

use super::{Between, Comparison, is_line};
use crate::check::typed::Field;
use crate::ir::{NodeId, Op, RecordPlan};

const BITS: usize = 64;

/// By node the inputs that it depends on, and whether it looks across records.
#[derive(Debug, Clone)]
pub struct Reach {
    words: usize,
    /// `words` for each node.
    bits: Vec<u64>,
    across: Vec<bool>,
}

impl Reach {
    pub fn new(plan: &RecordPlan) -> Reach {
        let nodes = &plan.graph.nodes;
        let words = plan.inputs.len().div_ceil(BITS).max(1);
        let mut reach = Reach { words, bits: vec![0; words * nodes.len()], across: vec![false; nodes.len()] };
        for (at, node) in nodes.iter().enumerate() {
            let mut add = |operand: NodeId| {
                reach.across[at] |= reach.across[operand.index()];
                for word in 0..words {
                    reach.bits[at * words + word] |= reach.bits[operand.index() * words + word];
                }
            };
            node.op.each_operand(&mut add);
            match &node.op {
                Op::Aggregate(own) => {
                    plan.aggregates[usize::from(*own)].asked().into_iter().for_each(add);
                    reach.across[at] = true;
                }
                Op::Input(input) => {
                    let input = usize::from(*input);
                    reach.bits[at * words + input / BITS] |= 1 << (input % BITS);
                }
                _ => {}
            }
        }
        reach
    }

    pub fn depends(&self, node: NodeId, input: u16) -> bool {
        let input = usize::from(input);
        self.bits[node.index() * self.words + input / BITS] & (1 << (input % BITS)) != 0
    }

    /// Whether a value across records stands in it.
    pub fn looks_across(&self, node: NodeId) -> bool {
        self.across[node.index()]
    }

    /// The inputs that a node depends on, ascending.
    pub fn inputs(&self, node: NodeId) -> impl Iterator<Item = u16> + '_ {
        let all = (self.words * BITS) as u16;
        (0..all).filter(move |input| self.depends(node, *input))
    }

    /// The one field that a comparison depends on, the side that it stands on, and the other side.
    pub fn only_field(&self, comparison: Comparison, fields: &[Field]) -> Option<(u16, NodeId, NodeId)> {
        let Comparison { left, right, .. } = comparison;
        if self.looks_across(left) || self.looks_across(right) {
            return None;
        }
        let (side, other_side) =
            if self.inputs(left).next().is_some() { (left, right) } else { (right, left) };
        let mut own = self.inputs(side);
        let field = own.next()?;
        let alone = own.next().is_none() && self.inputs(other_side).next().is_none();
        (alone && fields.get(usize::from(field)).is_some_and(is_line)).then_some((field, side, other_side))
    }

    /// A comparison as the boundary of the last of its fields on a line, where it depends on several inputs and that
    /// one stands on one side only.
    pub fn between(&self, comparison: Comparison, fields: &[Field]) -> Option<Between> {
        let Comparison { left, right, .. } = comparison;
        if self.looks_across(left) || self.looks_across(right) {
            return None;
        }
        let mut others: Vec<u16> = self.inputs(left).chain(self.inputs(right)).collect();
        others.sort_unstable();
        others.dedup();
        let last = others.iter().rposition(|input| fields.get(usize::from(*input)).is_some_and(is_line))?;
        let field = others.remove(last);
        if others.is_empty() {
            return None;
        }
        let (side, other_side) = match (self.depends(left, field), self.depends(right, field)) {
            (true, false) => (left, right),
            (false, true) => (right, left),
            _ => return None,
        };
        Some(Between { field, others, side, other_side })
    }
}
