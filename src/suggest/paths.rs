//! Ways on which a comparison decides something: what all other parts on the way must be, so that it alone makes the
//! difference.

use std::collections::BTreeSet;

use super::search::{Goal, below};
use crate::ir::{NodeId, Op, RecordPlan};
use crate::value::ops::Hit;

/// Ways that are looked at for one comparison.
const MOST: usize = 12;

/// The ways from a node down to another, each as what must hold beside it.
pub fn paths(plan: &RecordPlan, root: NodeId, to: NodeId) -> Vec<Vec<Goal>> {
    let mut leads = BTreeSet::from([to]);
    for node in below(plan, &[root], &BTreeSet::new()) {
        let mut on_the_way = false;
        plan.graph.nodes[node.index()].op.each_operand(|operand| on_the_way |= leads.contains(&operand));
        if on_the_way {
            leads.insert(node);
        }
    }
    let mut walk = Walk { plan, leads, to, found: Vec::new() };
    walk.down(root, Vec::new());
    walk.found
}

struct Walk<'a> {
    plan: &'a RecordPlan,
    leads: BTreeSet<NodeId>,
    to: NodeId,
    found: Vec<Vec<Goal>>,
}

impl Walk<'_> {
    fn down(&mut self, node: NodeId, goals: Vec<Goal>) {
        if self.found.len() >= MOST || !self.leads.contains(&node) {
            return;
        }
        if node == self.to {
            self.found.push(goals);
            return;
        }
        let plan = self.plan;
        match &plan.graph.nodes[node.index()].op {
            Op::All(of) => self.beside(of, true, &goals),
            Op::Any(of) => self.beside(of, false, &goals),
            Op::Cases { hit, rows, default, .. } => self.rows(*hit, rows, *default, &goals),
            Op::Match(on, arms) => {
                self.down(*on, goals.clone());
                for (set, value) in arms {
                    self.down(*value, and(&goals, [Goal::Among(*on, *set)]));
                }
            }
            Op::Otherwise(first, second) => {
                self.down(*first, goals.clone());
                self.down(*second, and(&goals, [Goal::Missing(*first)]));
            }
            op => op.each_operand(|operand| self.down(operand, goals.clone())),
        }
    }

    /// Through one of several, the others being such that it decides.
    fn beside(&mut self, of: &[NodeId], neutral: bool, goals: &[Goal]) {
        for own in of {
            let others = of.iter().filter(|other| *other != own).map(|other| Goal::Is(*other, neutral));
            self.down(*own, and(goals, others));
        }
    }

    fn rows(&mut self, hit: Hit, rows: &[(NodeId, NodeId)], default: Option<NodeId>, goals: &[Goal]) {
        let before = |at: usize| {
            let earlier = if hit == Hit::First { &rows[..at] } else { &[] };
            earlier.iter().map(|(test, _)| Goal::Is(*test, false))
        };
        for (at, (test, value)) in rows.iter().enumerate() {
            self.down(*test, and(goals, before(at)));
            self.down(*value, and(goals, before(at).chain([Goal::Is(*test, true)])));
        }
        if let Some(default) = default {
            self.down(default, and(goals, rows.iter().map(|(test, _)| Goal::Is(*test, false))));
        }
    }
}

fn and(goals: &[Goal], more: impl IntoIterator<Item = Goal>) -> Vec<Goal> {
    goals.iter().copied().chain(more).collect()
}

/// Whether a value is counted from the date of evaluation, beyond choosing by it what holds on a day.
pub fn follows_the_day(plan: &RecordPlan, node: NodeId) -> bool {
    let mut waiting = vec![node];
    let mut seen = BTreeSet::new();
    while let Some(node) = waiting.pop() {
        if !seen.insert(node) {
            continue;
        }
        match &plan.graph.nodes[node.index()].op {
            Op::AsOf => return true,
            Op::Cases { rows, default, .. } => {
                waiting.extend(rows.iter().map(|(_, value)| *value).chain(*default))
            }
            Op::Match(_, arms) => waiting.extend(arms.iter().map(|(_, value)| *value)),
            op => op.each_operand(|operand| waiting.push(operand)),
        }
    }
    false
}
