//! How much of a policy set its cases have tried: each condition to hold, to fail and not to be known; each
//! alternative taken; each step of a param read.

mod conditions;
mod lcov;
mod steps;
mod text;

use std::collections::BTreeSet;

use serde::Serialize;

use super::runner::{self, Options, Runner, record_of};
use crate::check::typed::{Case, CaseTarget, MeasureId, Program};
use crate::ir;
use crate::source::{FileId, Span};

pub use conditions::{Taken, Tried, may_be_missing, tests};
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
/// is counted are the measures that it names or that its cases are about, and the params that these read.
pub fn coverage(
    program: &Program,
    core: &ir::Program,
    own: &BTreeSet<FileId>,
    options: Options<'_>,
) -> Coverage {
    let positions = runner::positions(program);
    let runner = Runner { program, core, language: options.language, positions: &positions };
    let cases = runner::chosen(program, options.filter).into_iter().map(|at| &program.cases[at]);
    let cases: Vec<&Case> = cases.collect();
    let mut counts = Counts {
        runner,
        tallies: vec![None; program.measures.len()],
        steps: steps::Steps::new(program, core, own, options.language),
    };
    for (at, measure) in program.measures.iter().enumerate() {
        let target = CaseTarget::Measure(MeasureId(at as u32));
        let named = options.filter.is_none_or(|text| runner::named(&measure.head, text));
        let about = named || cases.iter().any(|case| case.target == target);
        if about && own.contains(&measure.head.span.file) {
            let plan = &core.records[measure.record.index()];
            let tally = conditions::Tally::new(program, measure, plan, &plan.measures[positions[at]]);
            counts.tallies[at] = Some(tally);
        }
    }
    cases.iter().for_each(|case| counts.case(case));
    let reached = options.filter.map(|text| {
        let named = program.measures.iter().enumerate().filter(|(_, own)| runner::named(&own.head, text));
        let named = named.map(|(at, own)| (own.record, CaseTarget::Measure(MeasureId(at as u32))));
        let targets = cases.iter().map(|case| (record_of(program, case), case.target));
        steps::params_of(program, core, &positions, targets.chain(named))
    });
    let mut coverage = Coverage { steps: counts.steps.finish(reached.as_ref()), ..Coverage::default() };
    for tally in counts.tallies.into_iter().flatten() {
        coverage.conditions.extend(tally.conditions);
        coverage.branches.extend(tally.branches);
    }
    coverage
}

/// What is counted while cases run.
struct Counts<'a> {
    runner: Runner<'a>,
    /// By measure, for those that are counted.
    tallies: Vec<Option<conditions::Tally>>,
    steps: steps::Steps<'a>,
}

impl Counts<'_> {
    fn case(&mut self, case: &Case) {
        let runner = self.runner;
        let scene = runner.scene(case);
        self.steps.note(case, scene.read.iter().copied());
        runner.each_record(case, &scene, &mut |_, _, evaluator| {
            match case.target {
                CaseTarget::Measure(id) => {
                    let position = runner.positions[id.index()];
                    let answer = evaluator.answer(position);
                    self.steps.note(case, evaluator.params_read());
                    if let Some(tally) = &mut self.tallies[id.index()] {
                        tally.note(position, &answer, evaluator);
                    }
                }
                CaseTarget::Define(id) => {
                    evaluator.define(&runner.program.defines[id.index()].head.name);
                    self.steps.note(case, evaluator.params_read());
                }
            }
            true
        });
    }
}
