//! Which conditions the cases of a policy set have tried, and how they came out.

use serde::Serialize;

use super::Runner;
use crate::check::show::Language;
use crate::check::typed::{CaseTarget, MeasureId, MeasureKind, Program};
use crate::interp::Evaluator;
use crate::ir::{self, MeasurePlan, Test};
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
}

impl Tried {
    /// It was seen to hold and to fail.
    pub fn both_ways(&self) -> bool {
        self.held > 0 && self.failed > 0
    }
}

/// Every condition of the set's own measures with how the cases tried it, on days on which the measure is in
/// force.
pub fn tried(program: &Program, core: &ir::Program, language: Language) -> Vec<Tried> {
    let runner = Runner::new(program, core, language);
    let mut all: Vec<Vec<Tried>> = Vec::new();
    for (at, measure) in program.measures.iter().enumerate() {
        let plan = &core.records[measure.record.index()].measures[runner.positions[at]];
        let one = |(part, test): (&'static str, &Test)| Tried {
            measure: measure.head.name.clone(),
            part,
            condition: test.name.clone(),
            label: test.label.clone(),
            held: 0,
            failed: 0,
            missing: 0,
        };
        all.push(tests(plan).into_iter().map(one).collect());
    }
    for case in &program.cases {
        let CaseTarget::Measure(MeasureId(id)) = case.target else { continue };
        let (id, position) = (id as usize, runner.positions[id as usize]);
        runner.each_record(case, &mut |_, evaluator| count(evaluator, position, &mut all[id]));
    }
    all.into_iter().flatten().collect()
}

fn count(evaluator: &mut Evaluator<'_>, position: usize, tried: &mut [Tried]) {
    let plan = &evaluator.plan().measures[position];
    if !plan.force.holds_at(evaluator.inputs().as_of()) {
        return;
    }
    for ((_, test), tried) in tests(plan).into_iter().zip(tried) {
        match evaluator.fact(test.node) {
            Fact::Known(Value::Bool(true)) => tried.held += 1,
            Fact::Known(_) => tried.failed += 1,
            Fact::Missing(_) => tried.missing += 1,
            Fact::Error(_) => {}
        }
    }
}

/// The conditions of a measure, in the order of the text. The alternatives of a duty or target are its checks.
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
