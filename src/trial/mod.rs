//! Runs the cases of a policy set on the reference interpreter.

mod compare;
mod conditions;

use std::collections::BTreeMap;

pub use conditions::{Tried, tests, tried};

use crate::check::show::Language;
use crate::check::typed::{Case, CaseTarget, Given, Program};
use crate::diag::Diagnostic;
use crate::interp::{self, Aggregates, Evaluator, Inputs};
use crate::ir;
use crate::source::Span;
use crate::value::Fact;

/// What became of one case.
#[derive(Debug)]
pub struct CaseResult {
    pub title: String,
    /// The measure or define that it is about.
    pub target: String,
    pub module: String,
    pub span: Span,
    /// What was not as expected; empty where the case passed.
    pub problems: Vec<Diagnostic>,
}

impl CaseResult {
    pub fn passed(&self) -> bool {
        self.problems.is_empty()
    }
}

/// What became of the cases, in the order of the text.
#[derive(Debug, Default)]
pub struct Report {
    pub results: Vec<CaseResult>,
}

impl Report {
    pub fn passed(&self) -> usize {
        self.results.iter().filter(|result| result.passed()).count()
    }

    pub fn failed(&self) -> usize {
        self.results.len() - self.passed()
    }
}

/// Runs every case whose title, target or module contains `filter`.
pub fn run(program: &Program, core: &ir::Program, filter: Option<&str>, language: Language) -> Report {
    let runner = Runner::new(program, core, language);
    let wanted = |case: &&Case| {
        let target = runner.target_name(case);
        filter.is_none_or(|text| {
            [case.title.as_str(), target, &case.module].iter().any(|name| name.contains(text))
        })
    };
    Report { results: program.cases.iter().filter(wanted).map(|case| runner.run(case)).collect() }
}

/// Turns to one record of a case after another; all of them are seen by what looks across records.
pub fn each_record(
    program: &Program,
    core: &ir::Program,
    case: &Case,
    visit: &mut dyn FnMut(&Given, &mut Evaluator<'_>),
) {
    Runner::new(program, core, Language::default()).each_record(case, visit);
}

struct Runner<'a> {
    program: &'a Program,
    core: &'a ir::Program,
    language: Language,
    /// For each measure of the program its position in the plan of its record.
    positions: Vec<usize>,
}

impl<'a> Runner<'a> {
    fn new(program: &'a Program, core: &'a ir::Program, language: Language) -> Runner<'a> {
        // Plans hold the measures of a record in the order of the program.
        let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
        let positions = program.measures.iter().map(|measure| {
            let count = counts.entry(measure.record.index()).or_default();
            *count += 1;
            *count - 1
        });
        Runner { program, core, language, positions: positions.collect() }
    }

    fn target_name(&self, case: &Case) -> &'a str {
        match case.target {
            CaseTarget::Measure(id) => &self.program.measures[id.index()].head.name,
            CaseTarget::Define(id) => &self.program.defines[id.index()].head.name,
        }
    }

    fn run(&self, case: &Case) -> CaseResult {
        let mut problems = Vec::new();
        self.each_record(case, &mut |given, evaluator| problems.extend(self.judge(case, given, evaluator)));
        CaseResult {
            title: case.title.clone(),
            target: self.target_name(case).to_owned(),
            module: case.module.clone(),
            span: case.span,
            problems,
        }
    }

    /// Turns to one record of a case after another; all of them are seen by what looks across records.
    fn each_record(&self, case: &Case, visit: &mut dyn FnMut(&Given, &mut Evaluator<'_>)) {
        let record = match case.target {
            CaseTarget::Measure(id) => self.program.measures[id.index()].record,
            CaseTarget::Define(id) => self.program.defines[id.index()].record,
        };
        let plan = &self.core.records[record.index()];
        let mut inputs = Inputs::new(self.core, case.as_of);
        for (param, value) in &case.set {
            inputs.set(*param, value.clone());
        }
        let records: Vec<Vec<Fact>> =
            case.records.iter().map(|given| interp::facts(plan, &given.fields)).collect();
        let mut population = Aggregates::start(&self.core.records);
        records.iter().for_each(|fields| population.add(&self.core.records, plan, &inputs, fields));
        for (record, fields) in &case.others {
            let plan = &self.core.records[record.index()];
            population.add(&self.core.records, plan, &inputs, &interp::facts(plan, fields));
        }
        let finished = population.finish(&self.core.records);
        let mut evaluator = Evaluator::new(plan, &inputs, Some(&finished), &interp::facts(plan, &[]));
        for (given, fields) in case.records.iter().zip(&records) {
            evaluator.load(fields);
            visit(given, &mut evaluator);
        }
    }

    fn judge(&self, case: &Case, given: &Given, evaluator: &mut Evaluator<'_>) -> Option<Diagnostic> {
        let expect = given.expect.as_ref()?;
        let judge = compare::Judge { program: self.program, case, expect, language: self.language };
        match case.target {
            CaseTarget::Measure(id) => {
                let position = self.positions[id.index()];
                let answer = evaluator.answer(position);
                judge.answer(
                    &self.program.measures[id.index()],
                    &evaluator.plan().measures[position],
                    &answer,
                    evaluator.plan(),
                )
            }
            CaseTarget::Define(id) => {
                let define = &self.program.defines[id.index()];
                let fact = evaluator.define(&define.head.name)?;
                judge.fact(define, &fact, evaluator.plan())
            }
        }
    }
}
