//! What cases have tried by now: how conditions came out, which alternatives were taken, which boundaries and which
//! values beside them a record had.

use std::collections::BTreeSet;

use super::paths::follows_the_day;
use super::search::{Goal, below, nodes};
use crate::boundary::{Comparison, Reach, beside, comparisons, position, solve};
use crate::check::typed::{Case, CaseTarget, Program};
use crate::interp::Evaluator;
use crate::ir::{self, NodeId, RecordPlan};
use crate::trial;
use crate::value::{Fact, Number, Value};

/// How a condition can come out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    True,
    False,
    Missing,
}

/// A value beside a boundary.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Side {
    /// The record by position, the comparison and the field.
    pub record: usize,
    pub node: NodeId,
    pub field: u16,
    /// The boundary, where neither other fields nor the date of evaluation decide it.
    pub at: Option<Number>,
    /// 0 below, 1 at, 2 above.
    pub point: usize,
}

#[derive(Debug, Default)]
pub struct Seen {
    /// By measure, by condition in the order of the text.
    pub ways: BTreeSet<(usize, usize, Way)>,
    /// By measure, the alternatives taken.
    pub branches: BTreeSet<(usize, usize)>,
    pub sides: BTreeSet<Side>,
}

/// What is known of the policy besides the program.
pub struct Known<'a> {
    pub program: &'a Program,
    pub core: &'a ir::Program,
    pub reaches: &'a [Reach],
    /// For each measure its position in the plan of its record.
    pub positions: Vec<usize>,
}

impl<'a> Known<'a> {
    pub fn plan(&self, record: usize) -> &'a RecordPlan {
        &self.core.records[record]
    }

    /// The nodes that a case for this target looks at.
    pub fn roots(&self, target: CaseTarget) -> (usize, Vec<NodeId>) {
        match target {
            CaseTarget::Measure(id) => {
                let record = self.program.measures[id.index()].record.index();
                (record, nodes(self.plan(record), Goal::Answered(self.positions[id.index()])))
            }
            CaseTarget::Define(id) => {
                let define = &self.program.defines[id.index()];
                let record = define.record.index();
                let own = self.plan(record).defines.iter().find(|(name, _)| *name == define.head.name);
                (record, own.map(|(_, node)| *node).into_iter().collect())
            }
        }
    }
}

impl Seen {
    /// Takes in what a case tries.
    pub fn add(&mut self, known: &Known<'_>, case: &Case) {
        let (record, roots) = known.roots(case.target);
        let plan = known.plan(record);
        let cone = below(plan, &roots, &BTreeSet::new());
        let turning: Vec<Comparison> =
            comparisons(&plan.graph).filter(|own| cone.contains(&own.node)).collect();
        trial::each_record(known.program, known.core, case, &mut |given, evaluator| {
            if let CaseTarget::Measure(id) = case.target {
                self.conditions(known, id.index(), evaluator);
            }
            for comparison in &turning {
                self.sides_of(known, record, *comparison, &given.fields, evaluator);
            }
        });
    }

    fn conditions(&mut self, known: &Known<'_>, measure: usize, evaluator: &mut Evaluator<'_>) {
        let position = known.positions[measure];
        let plan = &evaluator.plan().measures[position];
        if !plan.force.holds_at(evaluator.inputs().as_of()) {
            return;
        }
        for (at, (_, test)) in trial::tests(plan).into_iter().enumerate() {
            let way = match evaluator.fact(test.node) {
                Fact::Known(Value::Bool(true)) => Way::True,
                Fact::Known(_) => Way::False,
                Fact::Missing(_) => Way::Missing,
                Fact::Error(_) => continue,
            };
            self.ways.insert((measure, at, way));
        }
        let answer = evaluator.answer(position);
        let refusing = answer.failed.iter().filter_map(|failure| match failure {
            crate::interp::Failure::Branch(at) if answer.failed.len() == 1 => Some(*at),
            _ => None,
        });
        self.branches.extend(answer.branch.into_iter().chain(refusing).map(|branch| (measure, branch)));
    }

    /// Which sides of a comparison a record stands on, by each of its fields.
    fn sides_of(
        &mut self,
        known: &Known<'_>,
        record: usize,
        comparison: Comparison,
        given: &[Option<Value>],
        evaluator: &mut Evaluator<'_>,
    ) {
        let reach = &known.reaches[record];
        let fields = &known.program.records[record].fields;
        let turn = match reach.only_field(comparison, fields) {
            Some((field, side, other_side)) => {
                let alone = !follows_the_day(known.plan(record), comparison.node);
                Some((field, side, other_side, alone))
            }
            None => {
                let between = reach.between(comparison, fields);
                between.map(|own| (own.field, own.side, own.other_side, false))
            }
        };
        let Some((field, side, other_side, alone)) = turn else { return };
        let declared = &fields[usize::from(field)];
        let Some(own) = given[usize::from(field)].as_ref().and_then(position) else { return };
        let Some(wanted) = evaluator.fact(other_side).known().and_then(position) else { return };
        let Some(at) = solve(evaluator, reach, side, field, &wanted) else { return };
        let around = beside(declared, &at);
        let points = [around.below, around.exact, around.above];
        let Some(point) = points.iter().position(|value| value.as_ref() == Some(&own)) else { return };
        let at = alone.then_some(at);
        self.sides.insert(Side { record, node: comparison.node, field, at, point });
    }
}
