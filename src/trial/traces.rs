//! What led to an answer that a case did not expect.

use super::runner::{Failed, Runner, positions};
use super::{CaseResult, Report};
use crate::check::show::Language;
use crate::check::typed::{CaseTarget, Program};
use crate::explain::{Derived, Explainer, Explanation};
use crate::ir;

/// The reasoning for one record of a case.
#[derive(Debug, Clone, PartialEq)]
pub enum CaseTrace {
    Measure(Box<Explanation>),
    /// A define, and what it rests on.
    Define(Vec<Derived>),
}

impl CaseTrace {
    /// A tree of lines for a terminal.
    pub fn text(&self, language: Language) -> String {
        match self {
            CaseTrace::Measure(explanation) => explanation.text(),
            CaseTrace::Define(derived) => Derived::text_of(derived, language),
        }
    }
}

/// For each case of a report, what led to each answer that is not as expected.
pub fn traces(
    program: &Program,
    core: &ir::Program,
    report: &Report,
    language: Language,
) -> Vec<Vec<CaseTrace>> {
    if report.failed() == 0 {
        return report.results.iter().map(|_| Vec::new()).collect();
    }
    let (explainer, positions) = (Explainer::new(program), positions(program));
    let runner = Runner { program, core, language, positions: &positions };
    let trace = |result: &CaseResult| {
        let case = &program.cases[result.case];
        let scene = runner.scene(case);
        let one = |failed: &Failed| {
            let (finished, fields) = (Some(&scene.finished), &scene.records[failed.record]);
            match case.target {
                CaseTarget::Measure(id) => CaseTrace::Measure(Box::new(explainer.explain(
                    id,
                    &scene.inputs,
                    finished,
                    fields,
                    language,
                ))),
                CaseTarget::Define(id) => {
                    CaseTrace::Define(explainer.explain_define(id, &scene.inputs, finished, fields, language))
                }
            }
        };
        result.failed.iter().map(one).collect()
    };
    report.results.iter().map(trace).collect()
}
