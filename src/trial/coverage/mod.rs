//! How much of a policy set its cases have tried: each condition to hold, to fail and not to be known; each
//! alternative taken; each step of a param read.

mod conditions;
mod lcov;
mod steps;
mod text;

use std::collections::BTreeSet;

use serde::Serialize;

use super::runner::{self, Options, Runner, record_of};
use crate::check::typed::{CaseTarget, MeasureId, Program};
use crate::ir;
use crate::source::{FileId, Span};

pub use conditions::{Taken, Tried, tests};
pub use steps::Used;

/// What the cases have tried, in the order of the text.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Coverage {
    pub conditions: Vec<Tried>,
    pub branches: Vec<Taken>,
    pub steps: Vec<Used>,
}

/// Something that a case should have shown, and how often some did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Goal<'c> {
    /// Where the text says it.
    pub span: Span,
    /// What it is about, such as `job_subsidy.contract`.
    pub subject: String,
    /// `true`, `false`, `missing`, `taken` or `used`.
    pub what: &'static str,
    pub label: &'c str,
    pub count: usize,
}

impl Coverage {
    /// Everything that the cases should have shown. What cannot happen is not among them: an `else` need not fail,
    /// and what rests on keys and params alone is never missing.
    pub fn goals(&self) -> impl Iterator<Item = Goal<'_>> {
        let conditions = self.conditions.iter().flat_map(Tried::goals);
        let branches = self.branches.iter().map(Taken::goal);
        conditions.chain(branches).chain(self.steps.iter().map(Used::goal))
    }

    /// What no case has shown.
    pub fn lacking(&self) -> impl Iterator<Item = Goal<'_>> {
        self.goals().filter(|goal| goal.count == 0)
    }
}

/// What the cases that are asked for have tried of the texts in `own`, the files of the set itself. With a filter, what
/// is counted are the measures that its cases are about, and the params that these read.
pub fn coverage(
    program: &Program,
    core: &ir::Program,
    own: &BTreeSet<FileId>,
    options: Options<'_>,
) -> Coverage {
    let positions = runner::positions(program);
    let runner = Runner { program, core, language: options.language, positions: &positions };
    let cases = runner::chosen(program, options.filter);
    let about = |id: MeasureId| {
        let named = |at: &usize| program.cases[*at].target == CaseTarget::Measure(id);
        options.filter.is_none() || cases.iter().any(named)
    };
    let mut tallies = Vec::new();
    let mut owner = vec![None; program.measures.len()];
    for (at, measure) in program.measures.iter().enumerate() {
        if own.contains(&measure.head.span.file) && about(MeasureId(at as u32)) {
            owner[at] = Some(tallies.len());
            let plan = &core.records[measure.record.index()];
            tallies.push(conditions::Tally::new(program, measure, plan, &plan.measures[positions[at]]));
        }
    }
    let mut steps = steps::Steps::new(program, core, own, options.language);
    for case in cases.iter().map(|at| &program.cases[*at]) {
        let scene = runner.scene(case);
        steps.note(case, scene.read.iter().copied());
        runner.each_record(case, &scene, &mut |_, _, evaluator| {
            match case.target {
                CaseTarget::Measure(id) => {
                    let position = positions[id.index()];
                    let answer = evaluator.answer(position);
                    steps.note(case, evaluator.params_read());
                    if let Some(tally) = owner[id.index()] {
                        let tally: &mut conditions::Tally = &mut tallies[tally];
                        tally.note(position, &answer, evaluator);
                    }
                }
                CaseTarget::Define(id) => {
                    evaluator.define(&program.defines[id.index()].head.name);
                    steps.note(case, evaluator.params_read());
                }
            }
            true
        });
    }
    let reached = options.filter.map(|_| {
        let targets = cases.iter().map(|at| &program.cases[*at]);
        steps::params_of(
            program,
            core,
            &positions,
            targets.map(|case| (record_of(program, case), case.target)),
        )
    });
    let mut coverage = Coverage { steps: steps.finish(reached.as_ref()), ..Coverage::default() };
    for tally in tallies {
        coverage.conditions.extend(tally.conditions);
        coverage.branches.extend(tally.branches);
    }
    coverage
}
