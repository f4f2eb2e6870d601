//! The part of a program that some answers need.

use std::collections::BTreeMap;

use crate::ir::prune::map_roots;
use crate::ir::{Graph, NodeId, Op, Program, RecordPlan};

/// The measures and defines that are asked for, each by the position of its record's plan.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// By position in the plan; the slice has them in this order.
    pub measures: Vec<(usize, usize)>,
    /// By position in the plan.
    pub defines: Vec<(usize, usize)>,
    /// What is kept wherever a node is.
    pub beside: BTreeMap<(usize, NodeId), Vec<NodeId>>,
}

/// A program that answers what was asked for, and nothing else. Its plans, inputs and parameters stand as in the
/// whole.
#[derive(Debug, Clone)]
pub struct Slice {
    pub program: Program,
    /// By plan: where the nodes of the whole stand.
    pub moved: Vec<BTreeMap<NodeId, NodeId>>,
}

impl Slice {
    /// The part of a program that the answers asked for need.
    pub fn of(whole: &Program, wanted: &Wanted) -> Slice {
        let mut reach = Reach {
            whole,
            beside: &wanted.beside,
            needed: whole.records.iter().map(|plan| vec![false; plan.graph.nodes.len()]).collect(),
            aggregates: whole.records.iter().map(|plan| vec![false; plan.aggregates.len()]).collect(),
            waiting: Vec::new(),
        };
        let mut plans: Vec<RecordPlan> = whole.records.iter().map(without_answers).collect();
        for (at, measure) in &wanted.measures {
            plans[*at].measures.push(whole.records[*at].measures[*measure].clone());
        }
        for (at, define) in &wanted.defines {
            plans[*at].defines.push(whole.records[*at].defines[*define].clone());
        }
        for at in 0..plans.len() {
            map_roots(&mut plans, at, &mut |root| {
                reach.waiting.push((at, root));
                root
            });
        }
        reach.run();
        let Reach { needed, aggregates, .. } = reach;
        let mut moved = Vec::with_capacity(plans.len());
        for (at, plan) in plans.iter_mut().enumerate() {
            moved.push(keep(&whole.records[at], plan, &needed[at], &aggregates[at]));
        }
        for (at, moved) in moved.iter().enumerate() {
            map_roots(&mut plans, at, &mut |root| moved[&root]);
        }
        Slice { program: Program { records: plans, params: whole.params.clone() }, moved }
    }
}

fn without_answers(plan: &RecordPlan) -> RecordPlan {
    RecordPlan {
        record: plan.record,
        name: plan.name.clone(),
        inputs: plan.inputs.clone(),
        graph: Graph::default(),
        aggregates: Vec::new(),
        measures: Vec::new(),
        defines: Vec::new(),
    }
}

/// What is needed, followed from the answers down.
struct Reach<'p> {
    whole: &'p Program,
    beside: &'p BTreeMap<(usize, NodeId), Vec<NodeId>>,
    /// By plan and node, and by plan and aggregate.
    needed: Vec<Vec<bool>>,
    aggregates: Vec<Vec<bool>>,
    waiting: Vec<(usize, NodeId)>,
}

impl Reach<'_> {
    fn run(&mut self) {
        while let Some((at, node)) = self.waiting.pop() {
            if std::mem::replace(&mut self.needed[at][node.index()], true) {
                continue;
            }
            let op = &self.whole.records[at].graph.nodes[node.index()].op;
            op.each_operand(|operand| self.waiting.push((at, operand)));
            let beside = self.beside.get(&(at, node)).into_iter().flatten();
            self.waiting.extend(beside.map(|node| (at, *node)));
            if let Op::Aggregate(aggregate) = op {
                self.aggregate(at, usize::from(*aggregate));
            }
        }
    }

    fn aggregate(&mut self, at: usize, aggregate: usize) {
        self.aggregates[at][aggregate] = true;
        let plan = &self.whole.records[at].aggregates[aggregate];
        self.waiting.extend(plan.asked().into_iter().map(|node| (at, node)));
        let theirs = [plan.of, plan.filter, plan.tie, plan.group.map(|(theirs, _)| theirs)];
        self.waiting.extend(theirs.into_iter().flatten().map(|node| (plan.over, node)));
    }
}

/// Puts what is needed of a plan into its slice; where each node is then.
fn keep(
    whole: &RecordPlan,
    plan: &mut RecordPlan,
    needed: &[bool],
    aggregates: &[bool],
) -> BTreeMap<NodeId, NodeId> {
    let mut numbers = vec![0u16; aggregates.len()];
    for (at, aggregate) in whole.aggregates.iter().enumerate().filter(|(at, _)| aggregates[*at]) {
        numbers[at] = plan.aggregates.len() as u16;
        plan.aggregates.push(aggregate.clone());
    }
    let mut moved = BTreeMap::new();
    for (at, node) in whole.graph.nodes.iter().enumerate().filter(|(at, _)| needed[*at]) {
        moved.insert(NodeId(at as u32), NodeId(plan.graph.nodes.len() as u32));
        let mut node = node.clone();
        match &mut node.op {
            Op::Aggregate(aggregate) => *aggregate = numbers[usize::from(*aggregate)],
            op => op.map_operands(|operand| moved[&operand]),
        }
        plan.graph.nodes.push(node);
    }
    moved
}
