//! Dropping what no answer needs.

use crate::ir::{Graph, MeasurePlan, NodeId, RecordPlan};

/// Drops the nodes that nothing asks for, keeping the others in their order.
pub fn prune(plan: &mut RecordPlan) {
    let mut needed = vec![false; plan.graph.nodes.len()];
    plan.map_roots(|root| {
        needed[root.index()] = true;
        root
    });
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
    plan.map_roots(|root| moved[root.index()]);
}

impl RecordPlan {
    /// Replaces every node that is asked for from outside the graph. Aggregates look over records of the
    /// plan's own kind.
    fn map_roots(&mut self, mut f: impl FnMut(NodeId) -> NodeId) {
        for aggregate in &mut self.aggregates {
            let theirs = [&mut aggregate.of, &mut aggregate.filter, &mut aggregate.tie];
            theirs.into_iter().flatten().for_each(|node| *node = f(*node));
            if let Some((theirs, mine)) = &mut aggregate.group {
                (*theirs, *mine) = (f(*theirs), f(*mine));
            }
            if let Some((value, tie)) = &mut aggregate.mine {
                *value = f(*value);
                tie.iter_mut().for_each(|tie| *tie = f(*tie));
            }
        }
        self.defines.iter_mut().for_each(|(_, node)| *node = f(*node));
        for measure in &mut self.measures {
            measure.map_roots(&mut f);
        }
    }
}

impl MeasurePlan {
    fn map_roots(&mut self, f: &mut impl FnMut(NodeId) -> NodeId) {
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
