//! Dropping what no answer needs.

use crate::ir::{Graph, MeasurePlan, NodeId, RecordPlan};

/// Drops the nodes that nothing asks for, keeping the others in their order.
pub fn prune(plans: &mut [RecordPlan]) {
    for at in 0..plans.len() {
        let mut needed = vec![false; plans[at].graph.nodes.len()];
        map_roots(plans, at, &mut |root| {
            needed[root.index()] = true;
            root
        });
        let moved = keep(&mut plans[at], needed);
        map_roots(plans, at, &mut |root| moved[root.index()]);
    }
}

/// Keeps what is needed, and what that needs; where each node is then.
fn keep(plan: &mut RecordPlan, mut needed: Vec<bool>) -> Vec<NodeId> {
    for at in (0..needed.len()).rev() {
        if needed[at] {
            plan.graph.nodes[at].op.each_operand(|operand| needed[operand.index()] = true);
        }
    }
    let mut moved = vec![NodeId(0); needed.len()];
    let mut kept = Graph::default();
    for (at, mut node) in std::mem::take(&mut plan.graph).nodes.into_iter().enumerate() {
        if needed[at] {
            moved[at] = NodeId(kept.nodes.len() as u32);
            node.op.map_operands(|operand| moved[operand.index()]);
            kept.nodes.push(node);
        }
    }
    plan.graph = kept;
    moved
}

/// Replaces every node of a plan's graph that is asked for from outside of it: by the plan itself, and by
/// aggregates of any plan that look over its records.
pub(super) fn map_roots(plans: &mut [RecordPlan], at: usize, f: &mut dyn FnMut(NodeId) -> NodeId) {
    for aggregate in plans.iter_mut().flat_map(|plan| &mut plan.aggregates).filter(|own| own.over == at) {
        let theirs = [&mut aggregate.of, &mut aggregate.filter, &mut aggregate.tie];
        theirs.into_iter().flatten().for_each(|node| *node = f(*node));
        aggregate.group.iter_mut().for_each(|(theirs, _)| *theirs = f(*theirs));
    }
    let plan = &mut plans[at];
    for aggregate in &mut plan.aggregates {
        aggregate.group.iter_mut().for_each(|(_, mine)| *mine = f(*mine));
        if let Some((value, tie)) = &mut aggregate.mine {
            *value = f(*value);
            tie.iter_mut().for_each(|tie| *tie = f(*tie));
        }
        if let Some(draw) = &mut aggregate.draw {
            let nodes = draw.claims.iter_mut().chain(&mut draw.order).chain([&mut draw.pool]);
            nodes.for_each(|node| *node = f(*node));
        }
    }
    plan.defines.iter_mut().for_each(|(_, node)| *node = f(*node));
    plan.measures.iter_mut().for_each(|measure| measure.map_roots(f));
}

impl MeasurePlan {
    fn map_roots(&mut self, f: &mut dyn FnMut(NodeId) -> NodeId) {
        let branches = self.choice.iter_mut().flat_map(|choice| &mut choice.branches);
        let mut awards: Vec<_> = self.awards.iter_mut().collect();
        let mut tests: Vec<_> =
            self.requires.iter_mut().chain(&mut self.excepts).chain(&mut self.checks).collect();
        for branch in branches {
            tests.push(&mut branch.test);
            awards.extend(&mut branch.awards);
        }
        tests.into_iter().for_each(|test| test.node = f(test.node));
        for award in awards {
            award.least = f(award.least);
            [&mut award.most, &mut award.months].into_iter().flatten().for_each(|node| *node = f(*node));
        }
    }
}
