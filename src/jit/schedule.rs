//! What is computed where: which nodes are kept in a column of their own, in which order, and by which
//! function.
//!
//! A node that several others use is computed once for a chunk and kept; one that has a single user is
//! computed in its place. What vectors cannot do (fractions, calendar, large tables, aggregates) is a call
//! that works through the chunk; it stands after the vectors that it reads and before those that read it.

use std::collections::BTreeSet;

use crate::ir::{Award, MeasurePlan, NodeId, Op};
use crate::jit::shape::{Form, Int, Rep, Setting, common, scaled};
use crate::jit::table;
use crate::value::ops::ArithOp;

/// Rows that are decided together: the columns of a chunk stay in the cache.
pub const CHUNK: usize = 1024;

/// One thing to do for a chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Compute a node in vectors and keep it.
    Keep(NodeId),
    /// Compute a node record by record.
    Call(NodeId),
    /// Decide a measure, by position in the plan.
    Decide(usize),
}

/// A step of the work on a chunk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// One function of vector code.
    Code(Vec<Unit>),
    Call(NodeId),
}

#[derive(Debug)]
pub struct Schedule {
    pub steps: Vec<Step>,
    /// By node: kept in columns of its own.
    pub kept: Vec<bool>,
    /// By node: some answer needs it.
    pub needed: Vec<bool>,
    /// By node: computed record by record.
    pub called: Vec<bool>,
    /// Measures in force at the date.
    pub in_force: Vec<bool>,
}

/// Work of one function, in nodes; longer ones would spill their registers and compile slowly.
const FUNCTION_WEIGHT: usize = 48;

impl Schedule {
    pub fn new(setting: &Setting, forms: &[Form]) -> Schedule {
        let plan = setting.plan;
        let in_force: Vec<bool> =
            plan.measures.iter().map(|measure| measure.force.holds_at(setting.as_of)).collect();
        let mut planner = Planner {
            setting,
            forms,
            uses: vec![0; forms.len()],
            called: vec![false; forms.len()],
            kept: vec![false; forms.len()],
        };
        for (measure, _) in plan.measures.iter().zip(&in_force).filter(|(_, holds)| **holds) {
            roots(measure).into_iter().for_each(|root| planner.uses[root.index()] += 1);
        }
        planner.count_uses();
        let units = planner.units(&in_force);
        let steps = planner.steps(units);
        let needed = planner.uses.iter().map(|uses| *uses > 0).collect();
        Schedule { steps, kept: planner.kept, called: planner.called, needed, in_force }
    }
}

/// Every node that a measure asks for.
pub fn roots(measure: &MeasurePlan) -> BTreeSet<NodeId> {
    let branches = || measure.choice.iter().flat_map(|choice| &choice.branches);
    let tests = measure
        .requires
        .iter()
        .chain(&measure.excepts)
        .chain(&measure.checks)
        .chain(branches().map(|branch| &branch.test));
    let awards = measure.awards.iter().chain(branches().flat_map(|branch| &branch.awards));
    tests.map(|test| test.node).chain(awards.flat_map(award_nodes)).collect()
}

pub fn award_nodes(award: &Award) -> impl Iterator<Item = NodeId> {
    [Some(award.least), award.most, award.months].into_iter().flatten()
}

/// The nodes that an operation reads, those of an aggregate included.
pub fn reads(setting: &Setting, node: NodeId) -> Vec<NodeId> {
    match &setting.node(node).op {
        Op::Aggregate(at) => setting.plan.aggregates[usize::from(*at)].asked(),
        Op::Arith(ArithOp::Divide, a, b) if is_constant(setting, *b) => vec![*a],
        op => op.operands(),
    }
}

fn is_constant(setting: &Setting, node: NodeId) -> bool {
    matches!(setting.node(node).op, Op::Const(_))
}

/// Whether a node is at hand without being computed.
pub fn is_leaf(op: &Op) -> bool {
    matches!(op, Op::Const(_) | Op::Param(_) | Op::AsOf | Op::Input(_))
}

/// Whether two whole numbers can be brought to one denominator in 64 bits.
pub fn comparable(a: Int, b: Int) -> bool {
    let both = common(a.denominator, b.denominator);
    both.is_some_and(|both| scaled(a, both).is_some() && scaled(b, both).is_some())
}

/// Whether a node is computed record by record.
pub fn is_call(setting: &Setting, forms: &[Form], node: NodeId) -> bool {
    let rep = |node: NodeId| forms[node.index()].rep;
    match &setting.node(node).op {
        op if is_leaf(op) => false,
        Op::Aggregate(_)
        | Op::AddMonths(..)
        | Op::AddDays(..)
        | Op::AddWorkdays(..)
        | Op::AddHours(..)
        | Op::Part(..)
        | Op::DateOf(_) => true,
        Op::Fit { value, decimals, .. } => match rep(*value) {
            Rep::Int(int) => 10i128.pow(*decimals) % int.denominator != 0,
            _ => true,
        },
        Op::Compare(_, a, b) => match (rep(*a), rep(*b)) {
            (Rep::Fraction, _) | (_, Rep::Fraction) => true,
            (Rep::Int(a), Rep::Int(b)) => !comparable(a, b),
            _ => false,
        },
        Op::Cases { .. } if table::is_table(setting, forms, node) => true,
        _ => rep(node) == Rep::Fraction,
    }
}

struct Planner<'a> {
    setting: &'a Setting<'a>,
    forms: &'a [Form],
    uses: Vec<u32>,
    called: Vec<bool>,
    kept: Vec<bool>,
}

impl Planner<'_> {
    fn ids(&self) -> impl DoubleEndedIterator<Item = NodeId> + use<> {
        (0..self.forms.len() as u32).map(NodeId)
    }

    fn leaf(&self, node: NodeId) -> bool {
        is_leaf(&self.setting.node(node).op)
    }

    fn count_uses(&mut self) {
        for node in self.ids().rev() {
            if self.uses[node.index()] == 0 {
                continue;
            }
            let call = is_call(self.setting, self.forms, node);
            self.called[node.index()] = call;
            let read = match table::inputs(self.setting, self.forms, node) {
                Some(inputs) => inputs,
                None => reads(self.setting, node),
            };
            for operand in read {
                self.uses[operand.index()] += 1;
                self.kept[operand.index()] |= call;
            }
            self.kept[node.index()] |= call || self.uses[node.index()] > 1;
        }
        // A long chain of single uses is cut, so that no function grows without bounds.
        let mut sizes = vec![0usize; self.forms.len()];
        for node in self.ids() {
            let wanted = !self.leaf(node) && self.uses[node.index()] > 0;
            let below = self.setting.node(node).op.operands();
            let size = 1 + below.iter().map(|operand| sizes[operand.index()]).sum::<usize>();
            self.kept[node.index()] = wanted && (self.kept[node.index()] || size > FUNCTION_WEIGHT);
            sizes[node.index()] = if self.kept[node.index()] || !wanted { 0 } else { size };
        }
    }

    /// Everything to do with the stage at which it can be done.
    fn units(&self, in_force: &[bool]) -> Vec<(usize, Unit)> {
        let mut stages = vec![0usize; self.forms.len()];
        let after =
            |stages: &[usize], node: NodeId| stages[node.index()] + usize::from(self.called[node.index()]);
        let mut units = Vec::new();
        for node in self.ids().filter(|node| self.uses[node.index()] > 0) {
            let read =
                table::inputs(self.setting, self.forms, node).unwrap_or_else(|| reads(self.setting, node));
            let call = self.called[node.index()];
            // A call may read what another call of its stage gives: calls are made in order.
            let ready = |operand: &NodeId| match call && !self.picks(node) {
                true => stages[operand.index()],
                false => after(&stages, *operand),
            };
            let stage = read.iter().map(ready).max().unwrap_or(0);
            stages[node.index()] = stage;
            if call {
                if self.picks(node) {
                    units.push((stage, Unit::Keep(node)));
                }
                units.push((stage, Unit::Call(node)));
            } else if self.kept[node.index()] {
                units.push((stage, Unit::Keep(node)));
            }
        }
        for (at, measure) in self.setting.plan.measures.iter().enumerate().filter(|(at, _)| in_force[*at]) {
            let stage = roots(measure).into_iter().map(|root| after(&stages, root)).max().unwrap_or(0);
            units.push((stage, Unit::Decide(at)));
        }
        let last = |unit: &Unit| match unit {
            Unit::Keep(_) => 0,
            Unit::Decide(_) => 1,
            Unit::Call(_) => 2,
        };
        units.sort_by_key(|(stage, unit)| (*stage, last(unit)));
        units
    }

    /// Whether a call has vector code before it that says which of its operands to take.
    fn picks(&self, node: NodeId) -> bool {
        picks(self.setting, self.forms, node)
    }

    fn steps(&self, units: Vec<(usize, Unit)>) -> Vec<Step> {
        let mut steps = Vec::new();
        let mut open: Vec<Unit> = Vec::new();
        let (mut weight, mut stage) = (0, 0);
        for (at, unit) in units {
            let own = self.weight(unit);
            let is_call = matches!(unit, Unit::Call(_));
            if !open.is_empty() && (is_call || at != stage || weight + own > FUNCTION_WEIGHT) {
                steps.push(Step::Code(std::mem::take(&mut open)));
                weight = 0;
            }
            stage = at;
            match unit {
                Unit::Call(node) => steps.push(Step::Call(node)),
                unit => {
                    open.push(unit);
                    weight += own;
                }
            }
        }
        if !open.is_empty() {
            steps.push(Step::Code(open));
        }
        steps
    }

    fn weight(&self, unit: Unit) -> usize {
        match unit {
            Unit::Call(_) => 0,
            Unit::Keep(node) => self.tree(node),
            Unit::Decide(at) => {
                let measure = &self.setting.plan.measures[at];
                let roots = roots(measure);
                4 + roots
                    .iter()
                    .filter(|root| !self.kept[root.index()])
                    .map(|root| self.tree(*root))
                    .sum::<usize>()
            }
        }
    }

    /// Nodes that are computed in the place of this one.
    fn tree(&self, root: NodeId) -> usize {
        let mut count = 0;
        let mut open = vec![root];
        while let Some(node) = open.pop() {
            count += 1;
            let inlined = |operand: &NodeId| !self.kept[operand.index()] && !self.leaf(*operand);
            open.extend(self.setting.node(node).op.operands().into_iter().filter(inlined));
        }
        count
    }
}

/// Whether a fraction is one of several, chosen by conditions.
pub fn picks(setting: &Setting, forms: &[Form], node: NodeId) -> bool {
    let chooses = matches!(setting.node(node).op, Op::Cases { .. } | Op::Match(..) | Op::Otherwise(..));
    chooses && forms[node.index()].rep == Rep::Fraction
}
