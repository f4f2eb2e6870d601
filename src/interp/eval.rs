//! The facts of one record's plan, each computed once and only when asked for.

use crate::check::typed::ParamId;
use crate::interp::{FinishedAggregates, Inputs};
use crate::ir::{AggregatePlan, NodeId, Op, RecordPlan, apply};
use crate::value::ops::Hit;
use crate::value::{Causes, Fact, Missing, Value, VariantSet};

/// Evaluates one record after another against a plan.
#[derive(Debug)]
pub struct Evaluator<'a> {
    plan: &'a RecordPlan,
    inputs: &'a Inputs,
    aggregates: Option<&'a FinishedAggregates>,
    fields: Vec<Fact>,
    /// By aggregate: the nodes that it asks of the record itself.
    asked: Vec<Vec<NodeId>>,
    /// By node; holds where the node's stamp is the record's, or [`ALWAYS`].
    facts: Vec<Fact>,
    stamps: Vec<u32>,
    record: u32,
    /// Nodes under way, each with how many of its operands have been looked at. It stands for recursion:
    /// chains of definitions may be longer than a thread's stack.
    under_way: Vec<(NodeId, usize)>,
}

/// The stamp of what is the same for every record.
const ALWAYS: u32 = u32::MAX;

/// What an operation asks for next.
enum Next {
    Operand(NodeId),
    /// An operand that does not matter.
    Skip,
    Enough,
}

impl<'a> Evaluator<'a> {
    /// For the record with these fields, one fact for each input of the plan. Without `aggregates`, what
    /// looks across records is missing, without a cause.
    pub fn new(
        plan: &'a RecordPlan,
        inputs: &'a Inputs,
        aggregates: Option<&'a FinishedAggregates>,
        fields: &[Fact],
    ) -> Evaluator<'a> {
        let count = plan.graph.nodes.len();
        let mut evaluator = Evaluator {
            plan,
            inputs,
            aggregates,
            fields: Vec::with_capacity(plan.inputs.len()),
            asked: plan.aggregates.iter().map(AggregatePlan::asked).collect(),
            facts: vec![Fact::FALSE; count],
            stamps: vec![0; count],
            record: 0,
            under_way: Vec::new(),
        };
        for (at, node) in plan.graph.nodes.iter().enumerate() {
            let fact = match &node.op {
                Op::Const(value) => Fact::Known(value.clone()),
                Op::AsOf => Fact::Known(Value::Date(inputs.as_of())),
                _ => continue,
            };
            evaluator.facts[at] = fact;
            evaluator.stamps[at] = ALWAYS;
        }
        evaluator.load(fields);
        evaluator
    }

    /// Turns to the next record.
    pub fn load(&mut self, fields: &[Fact]) {
        debug_assert_eq!(fields.len(), self.plan.inputs.len());
        self.fields.clear();
        self.fields.extend_from_slice(fields);
        self.turn();
    }

    /// Turns to a record that differs from the one before in these inputs.
    pub fn change(&mut self, inputs: impl IntoIterator<Item = (u16, Fact)>) {
        inputs.into_iter().for_each(|(input, fact)| self.fields[usize::from(input)] = fact);
        self.turn();
    }

    fn turn(&mut self) {
        self.record += 1;
        if self.record == ALWAYS {
            self.stamps.iter_mut().filter(|stamp| **stamp != ALWAYS).for_each(|stamp| *stamp = 0);
            self.record = 1;
        }
    }

    pub fn plan(&self) -> &'a RecordPlan {
        self.plan
    }

    pub fn inputs(&self) -> &'a Inputs {
        self.inputs
    }

    /// The fact of a node for the record.
    pub fn fact(&mut self, node: NodeId) -> Fact {
        self.settled(node).clone()
    }

    /// The parameters that what was asked so far of the record has read.
    pub fn params_read(&self) -> impl Iterator<Item = ParamId> {
        let nodes = self.plan.graph.nodes.iter().zip(&self.stamps);
        nodes.filter_map(|(node, stamp)| match node.op {
            Op::Param(param) if *stamp == self.record => Some(param),
            _ => None,
        })
    }

    /// The fact of a define by its name.
    pub fn define(&mut self, name: &str) -> Option<Fact> {
        let (_, node) = self.plan.defines.iter().find(|(own, _)| own == name)?;
        Some(self.fact(*node))
    }

    /// The fact of a node, computed where it is not yet.
    pub(crate) fn settled(&mut self, node: NodeId) -> &Fact {
        if !self.is_settled(node) {
            self.compute(node);
        }
        &self.facts[node.index()]
    }

    fn is_settled(&self, node: NodeId) -> bool {
        let stamp = self.stamps[node.index()];
        stamp == self.record || stamp == ALWAYS
    }

    fn compute(&mut self, root: NodeId) {
        self.under_way.push((root, 0));
        while let Some(&(node, at)) = self.under_way.last() {
            match self.next(&self.plan.graph.nodes[node.index()].op, at) {
                Next::Enough => {
                    self.facts[node.index()] = self.apply(node);
                    self.stamps[node.index()] = self.record;
                    self.under_way.pop();
                }
                next => {
                    let top = self.under_way.len() - 1;
                    self.under_way[top].1 = at + 1;
                    if let Next::Operand(operand) = next
                        && !self.is_settled(operand)
                    {
                        self.under_way.push((operand, 0));
                    }
                }
            }
        }
    }

    fn apply(&self, node: NodeId) -> Fact {
        match &self.plan.graph.nodes[node.index()].op {
            Op::Input(at) => self.fields[usize::from(*at)].clone(),
            Op::Param(param) => self.inputs.param(*param).clone(),
            Op::Aggregate(at) => self.aggregate(usize::from(*at)),
            op => {
                apply(op, |operand| &self.facts[operand.index()]).expect("constants are settled at the start")
            }
        }
    }

    fn aggregate(&self, at: usize) -> Fact {
        let plan = &self.plan.aggregates[at];
        let Some(aggregates) = self.aggregates else {
            return Fact::Missing(Missing { causes: Causes::default(), possible: plan.variants });
        };
        let asked: Vec<Fact> = self.asked[at].iter().map(|node| self.facts[node.index()].clone()).collect();
        aggregates.fact(self.plan, at, &asked)
    }

    /// What an operation asks for after `at` operands; the earlier ones are settled or skipped.
    fn next(&self, op: &Op, at: usize) -> Next {
        let fact = |node: NodeId| &self.facts[node.index()];
        let operand = |node: Option<&NodeId>| node.map_or(Next::Enough, |node| Next::Operand(*node));
        match op {
            Op::All(of) if at > 0 && fact(of[at - 1]).is_false() => Next::Enough,
            Op::Any(of) if at > 0 && fact(of[at - 1]).is_true() => Next::Enough,
            Op::All(of) | Op::Any(of) | Op::Least(of) | Op::Greatest(of) => operand(of.get(at)),
            Op::Otherwise(a, _) if at == 1 && !matches!(fact(*a), Fact::Missing(_)) => Next::Enough,
            Op::Match(on, arms) => self.next_arm(*on, arms, at),
            Op::Cases { hit, rows, default, .. } => self.next_row(*hit, rows, *default, at),
            Op::Aggregate(at_plan) => operand(self.asked[usize::from(*at_plan)].get(at)),
            op => operand(fixed_operands(op)[..].get(at).and_then(Option::as_ref)),
        }
    }

    /// The subject, then the arms that are left to it.
    fn next_arm(&self, on: NodeId, arms: &[(VariantSet, NodeId)], at: usize) -> Next {
        let Some(arm) = at.checked_sub(1) else { return Next::Operand(on) };
        let Some((set, value)) = arms.get(arm) else { return Next::Enough };
        match &self.facts[on.index()] {
            Fact::Known(Value::Enum(variant)) if !set.contains(*variant) => Next::Skip,
            Fact::Missing(missing) if missing.possible.intersection(*set).is_empty() => Next::Skip,
            Fact::Error(_) => Next::Enough,
            _ => Next::Operand(*value),
        }
    }

    /// Each row's test, then its value where the test is not false; last the default.
    fn next_row(&self, hit: Hit, rows: &[(NodeId, NodeId)], default: Option<NodeId>, at: usize) -> Next {
        let test = |row: usize| &self.facts[rows[row].0.index()];
        let (row, is_value) = (at / 2, at % 2 == 1);
        let first = hit == Hit::First;
        if first && !is_value && row > 0 && test(row - 1).is_true() {
            return Next::Enough;
        }
        match rows.get(row) {
            None if at == 2 * rows.len() => default.map_or(Next::Enough, Next::Operand),
            None => Next::Enough,
            Some((test, _)) if !is_value => Next::Operand(*test),
            Some((_, value)) => match test(row) {
                Fact::Error(_) if first => Next::Enough,
                Fact::Error(_) | Fact::Known(Value::Bool(false)) => Next::Skip,
                _ => Next::Operand(*value),
            },
        }
    }
}

/// The operands of an operation that has at most two of them.
fn fixed_operands(op: &Op) -> [Option<NodeId>; 2] {
    let mut operands = [None; 2];
    let mut at = 0;
    op.each_operand(|operand| {
        operands[at] = Some(operand);
        at += 1;
    });
    operands
}
