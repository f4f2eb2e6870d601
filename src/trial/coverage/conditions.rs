//! Which conditions and alternatives of a measure the cases have tried, and how they came out.

use std::collections::BTreeSet;

use serde::Serialize;

use super::Goal;
use crate::check::typed::{Measure, MeasureKind, Program, Record};
use crate::interp::{Answer, Evaluator, Failure, Status};
use crate::ir::{MeasurePlan, NodeId, Op, RecordPlan, Source, Test};
use crate::source::Span;
use crate::value::{Fact, Value};

/// How often the records of all cases found a condition to hold, to fail, or not to be known. What is in error
/// counts as none of these.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tried {
    pub measure: String,
    /// `require`, `except`, `alternative` or `comply` (`reach` for a target).
    pub part: &'static str,
    pub condition: String,
    pub label: String,
    pub held: usize,
    pub failed: usize,
    pub missing: usize,
    /// Whether it rests on something that a record may lack.
    pub may_be_missing: bool,
    /// It holds, or fails, whatever the record.
    #[serde(skip)]
    constant: Option<bool>,
    #[serde(skip)]
    pub span: Span,
}

impl Tried {
    pub(super) fn goals(&self) -> impl Iterator<Item = Goal<'_>> {
        let goal = |what, count| Goal {
            span: self.span,
            subject: format!("{}.{}", self.measure, self.condition),
            what,
            label: &self.label,
            count,
        };
        let held = (self.constant != Some(false)).then(|| goal("true", self.held));
        let failed = (self.constant != Some(true)).then(|| goal("false", self.failed));
        let missing = self.may_be_missing.then(|| goal("missing", self.missing));
        [held, failed, missing].into_iter().flatten()
    }
}

/// How often an alternative of a measure, or an outcome of a duty or target, was the one that decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Taken {
    pub measure: String,
    pub branch: String,
    pub label: String,
    pub taken: usize,
    #[serde(skip)]
    pub span: Span,
}

impl Taken {
    pub(super) fn goal(&self) -> Goal<'_> {
        let subject = format!("{}.{}", self.measure, self.branch);
        Goal { span: self.span, subject, what: "taken", label: &self.label, count: self.taken }
    }
}

/// The conditions and alternatives of one measure as cases try them.
#[derive(Clone)]
pub(super) struct Tally {
    nodes: Vec<NodeId>,
    pub conditions: Vec<Tried>,
    pub branches: Vec<Taken>,
}

impl Tally {
    pub fn new(program: &Program, measure: &Measure, plan: &RecordPlan, own: &MeasurePlan) -> Tally {
        let open = may_be_missing(&program.records[measure.record.index()], plan);
        let mut tally = Tally { nodes: Vec::new(), conditions: Vec::new(), branches: Vec::new() };
        let mut add = |part, (name, label, span): (&str, &str, Span), node: NodeId| {
            let constant = match plan.graph.nodes[node.index()].op {
                Op::Const(Value::Bool(truth)) => Some(truth),
                _ => None,
            };
            let may_be_missing = open[node.index()];
            let (measure, condition, label) = (measure.head.name.clone(), name.to_owned(), label.to_owned());
            let (held, failed, missing) = (0, 0, 0);
            tally.nodes.push(node);
            tally.conditions.push(Tried {
                measure,
                part,
                condition,
                label,
                held,
                failed,
                missing,
                may_be_missing,
                constant,
                span,
            });
        };
        let last = if own.kind == MeasureKind::Target { "reach" } else { "comply" };
        let lists = [
            ("require", &measure.requires, &own.requires),
            ("except", &measure.excepts, &own.excepts),
            (last, &measure.checks, &own.checks),
        ];
        for (part, conditions, plans) in lists {
            for (condition, plan) in conditions.iter().zip(plans) {
                add(part, (&condition.name, &condition.label, condition.span), plan.node);
            }
        }
        let choice = measure.choice.iter().flat_map(|choice| &choice.branches);
        let plans = own.choice.iter().flat_map(|choice| &choice.branches);
        for (branch, plan) in choice.clone().zip(plans).filter(|_| own.kind == MeasureKind::Measure) {
            // An `else` need not be seen to fail.
            if branch.when.is_some() {
                add("alternative", (&branch.name, &branch.label, branch.span), plan.test.node);
            }
        }
        tally.branches.extend(choice.map(|branch| Taken {
            measure: measure.head.name.clone(),
            branch: branch.name.clone(),
            label: branch.label.clone(),
            taken: 0,
            span: branch.span,
        }));
        tally
    }

    /// Notes how a record of a case came out, on days on which the measure is in force.
    pub fn note(&mut self, position: usize, answer: &Answer, evaluator: &mut Evaluator<'_>) {
        if answer.status == Status::NotInForce {
            return;
        }
        for (node, tried) in self.nodes.iter().zip(&mut self.conditions) {
            match evaluator.fact(*node) {
                Fact::Known(Value::Bool(true)) => tried.held += 1,
                Fact::Known(_) => tried.failed += 1,
                Fact::Missing(_) => tried.missing += 1,
                Fact::Error(_) => {}
            }
        }
        if let Some(taken) = taken(position, answer, evaluator) {
            self.branches[taken].taken += 1;
        }
    }
}

/// The alternative that a record takes: the one that is given, that refuses, or whose amount is not known.
fn taken(position: usize, answer: &Answer, evaluator: &mut Evaluator<'_>) -> Option<usize> {
    let plan = &evaluator.plan().measures[position];
    let choice = plan.choice.as_ref()?;
    match (answer.status, &answer.failed[..]) {
        (Status::Granted, _) => answer.branch,
        // Where none holds, all of them are named.
        (Status::Refused, [Failure::Branch(at)]) => Some(*at).filter(|at| choice.branches[*at].refuse),
        (Status::Undetermined | Status::Error, _) => {
            let mut is = |test: &Test, truth: bool| evaluator.fact(test.node) == Fact::bool(truth);
            let applies = plan.requires.iter().all(|test| is(test, true))
                && plan.excepts.iter().all(|test| is(test, false));
            let at = choice.branches.iter().position(|branch| is(&branch.test, true)).filter(|_| applies)?;
            let mut others = choice
                .branches
                .iter()
                .enumerate()
                .filter(|(other, _)| *other < at || !choice.first && *other > at);
            let alone = choice.exclusive || others.all(|(_, branch)| is(&branch.test, false));
            alone.then_some(at)
        }
        _ => None,
    }
}

/// The inputs whose lack leaves a node open.
type Lacks = BTreeSet<u16>;

/// By node, whether a record may lack it: keys, params and the date are always there, and `known x and x > 0` is
/// false where x is missing.
pub fn may_be_missing(record: &Record, plan: &RecordPlan) -> Vec<bool> {
    let mut open: Vec<Lacks> = Vec::with_capacity(plan.graph.nodes.len());
    for node in &plan.graph.nodes {
        let of = |node: &NodeId| &open[node.index()];
        let union = |of: Vec<NodeId>| of.iter().flat_map(|node| &open[node.index()]).copied().collect();
        let lacks: Lacks = match &node.op {
            Op::Input(at) => {
                let always = match plan.inputs[usize::from(*at)].source {
                    Source::Field => record.fields[usize::from(*at)].key,
                    Source::Member { field, .. } => record.fields[field].key,
                    Source::Open(_) | Source::Foreign { .. } => false,
                };
                if always { Lacks::new() } else { Lacks::from([*at]) }
            }
            Op::Aggregate(_) => Lacks::from([ACROSS]),
            Op::Known(_) => Lacks::new(),
            Op::Otherwise(a, b) if of(a).is_empty() || of(b).is_empty() => Lacks::new(),
            Op::All(of) => {
                let known = of.iter().filter_map(|part| known(plan, *part)).collect::<Lacks>();
                &union(of.clone()) - &known
            }
            op => union(op.operands()),
        };
        open.push(lacks);
    }
    open.iter().map(|lacks| !lacks.is_empty()).collect()
}

/// What stands for values across records.
const ACROSS: u16 = u16::MAX;

/// The input that a part asks to be known.
fn known(plan: &RecordPlan, part: NodeId) -> Option<u16> {
    let op = |node: NodeId| &plan.graph.nodes[node.index()].op;
    match op(part) {
        Op::Known(inner) => match op(*inner) {
            Op::Input(at) => Some(*at),
            _ => None,
        },
        _ => None,
    }
}

/// The conditions of a measure with their part, in the order of the text. The alternatives of a duty or target are
/// its checks.
pub fn tests(plan: &MeasurePlan) -> Vec<(&'static str, &Test)> {
    fn of<'p>(part: &'static str, tests: &'p [Test]) -> impl Iterator<Item = (&'static str, &'p Test)> {
        tests.iter().map(move |test| (part, test))
    }
    let mut all: Vec<(&str, &Test)> =
        of("require", &plan.requires).chain(of("except", &plan.excepts)).collect();
    match plan.kind {
        MeasureKind::Measure => {
            let branches = plan.choice.iter().flat_map(|choice| &choice.branches);
            all.extend(branches.map(|branch| ("alternative", &branch.test)));
        }
        MeasureKind::Duty => all.extend(of("comply", &plan.checks)),
        MeasureKind::Target => all.extend(of("reach", &plan.checks)),
    }
    all
}
