//! Runs cases, each on its own, through several threads.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::compare;
use crate::check::show::Language;
use crate::check::typed::{Case, CaseTarget, Given, Head, ParamId, Program, RecordId};
use crate::diag::Diagnostic;
use crate::interp::{self, Aggregates, Evaluator, FinishedAggregates, Inputs};
use crate::ir;
use crate::source::Span;
use crate::value::Fact;

/// Which cases are run, and how.
#[derive(Debug, Clone, Copy)]
pub struct Options<'a> {
    /// Only cases whose title or module contains this, or whose target has it in its name, label or module.
    pub filter: Option<&'a str>,
    pub language: Language,
    /// At least one.
    pub threads: usize,
}

impl Options<'_> {
    /// All cases, on one thread.
    pub fn new(language: Language) -> Options<'static> {
        Options { filter: None, language, threads: 1 }
    }
}

/// What became of one case.
#[derive(Debug)]
pub struct CaseResult {
    /// Its position in the program.
    pub case: usize,
    pub title: String,
    /// The measure or define that it is about.
    pub target: String,
    pub module: String,
    pub span: Span,
    /// What was not as expected; empty where the case passed.
    pub failed: Vec<Failed>,
    /// What came of each record that something is expected of, as `expect` would write it.
    pub gave: Vec<String>,
}

/// A record of a case that does not get what is expected.
#[derive(Debug)]
pub struct Failed {
    /// Its position among those of the case.
    pub record: usize,
    pub problem: Diagnostic,
}

impl CaseResult {
    pub fn passed(&self) -> bool {
        self.failed.is_empty()
    }

    pub fn problems(&self) -> impl Iterator<Item = &Diagnostic> {
        self.failed.iter().map(|failed| &failed.problem)
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

/// Runs the cases that are asked for.
pub fn run(program: &Program, core: &ir::Program, options: Options<'_>) -> Report {
    let runner = Runner { program, core, language: options.language, positions: &positions(program) };
    let cases = chosen(program, options.filter);
    let results = each(&cases, options.threads, || (), |(), at| runner.run(*at));
    Report { results }
}

/// Runs one case, by its position in the program.
pub fn run_case(program: &Program, core: &ir::Program, case: usize, language: Language) -> CaseResult {
    Runner { program, core, language, positions: &positions(program) }.run(case)
}

/// Turns to one record of a case after another; all of them are seen by what looks across records. Gives the params that
/// were read to look across them.
pub fn each_record(
    program: &Program,
    core: &ir::Program,
    case: &Case,
    visit: &mut dyn FnMut(&Given, &mut Evaluator<'_>),
) -> Vec<ParamId> {
    let runner = Runner { program, core, language: Language::default(), positions: &positions(program) };
    let scene = runner.scene(case);
    runner.each_record(case, &scene, &mut |_, given, evaluator| {
        visit(given, evaluator);
        true
    });
    scene.read
}

/// Whether a measure or define has this in its name, label or module.
pub fn named(head: &Head, text: &str) -> bool {
    [&head.name, &head.label, &head.module].into_iter().any(|name| name.contains(text))
}

/// The positions of the cases whose title or module contains `filter`, or whose target is so named.
pub(super) fn chosen(program: &Program, filter: Option<&str>) -> Vec<usize> {
    let wanted = |case: &Case| {
        filter.is_none_or(|text| {
            case.title.contains(text)
                || case.module.contains(text)
                || named(head_of(program, case.target), text)
        })
    };
    let cases = program.cases.iter().enumerate();
    cases.filter(|(_, case)| wanted(case)).map(|(at, _)| at).collect()
}

/// The results of some work on each item, in the order of the items, whatever the threads; each thread has something
/// of its own to work with.
pub(super) fn each<T: Sync, S, O: Send>(
    items: &[T],
    threads: usize,
    own: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, &T) -> O + Sync,
) -> Vec<O> {
    let next = AtomicUsize::new(0);
    let some = || {
        let (mut own, mut done) = (own(), Vec::new());
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(at) else { break };
            done.push((at, work(&mut own, item)));
        }
        done
    };
    let mut all: Vec<(usize, O)> = std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads.min(items.len())).map(|_| scope.spawn(some)).collect();
        let mut all = some();
        for other in others {
            match other.join() {
                Ok(done) => all.extend(done),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        all
    });
    all.sort_by_key(|(at, _)| *at);
    all.into_iter().map(|(_, done)| done).collect()
}

fn head_of(program: &Program, target: CaseTarget) -> &Head {
    match target {
        CaseTarget::Measure(id) => &program.measures[id.index()].head,
        CaseTarget::Define(id) => &program.defines[id.index()].head,
    }
}

/// The kind of record that a case is about.
pub(super) fn record_of(program: &Program, case: &Case) -> RecordId {
    match case.target {
        CaseTarget::Measure(id) => program.measures[id.index()].record,
        CaseTarget::Define(id) => program.defines[id.index()].record,
    }
}

/// For each measure of a program its position in the plan of its record.
pub(super) fn positions(program: &Program) -> Vec<usize> {
    // Plans hold the measures of a record in the order of the program.
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    let positions = program.measures.iter().map(|measure| {
        let count = counts.entry(measure.record.index()).or_default();
        *count += 1;
        *count - 1
    });
    positions.collect()
}

/// A case set up: what its records see, and what they are.
pub(super) struct Scene {
    pub inputs: Inputs,
    pub finished: FinishedAggregates,
    /// The facts of each record.
    pub records: Vec<Vec<Fact>>,
    /// What was read to look across the records.
    pub read: Vec<ParamId>,
}

/// Runs cases on a core, or on the part of one that they need.
#[derive(Clone, Copy)]
pub(super) struct Runner<'a> {
    pub program: &'a Program,
    pub core: &'a ir::Program,
    pub language: Language,
    /// For each measure of the program its position in the plan of its record.
    pub positions: &'a [usize],
}

impl Runner<'_> {
    fn run(&self, at: usize) -> CaseResult {
        let case = &self.program.cases[at];
        let (mut failed, mut gave) = (Vec::new(), Vec::new());
        self.each_record(case, &self.scene(case), &mut |record, given, evaluator| {
            if let Some((problem, words)) = self.judge(case, given, evaluator, true) {
                failed.extend(problem.map(|problem| Failed { record, problem }));
                gave.extend(words);
            }
            true
        });
        CaseResult {
            case: at,
            title: case.title.clone(),
            target: head_of(self.program, case.target).name.clone(),
            module: case.module.clone(),
            span: case.span,
            failed,
            gave,
        }
    }

    /// Whether every record of a case gets what is expected.
    pub fn passes(&self, case: &Case) -> bool {
        let mut passes = true;
        self.each_record(case, &self.scene(case), &mut |_, given, evaluator| {
            let judged = self.judge(case, given, evaluator, false);
            passes = judged.is_none_or(|(problem, _)| problem.is_none());
            passes
        });
        passes
    }

    fn plan(&self, case: &Case) -> &ir::RecordPlan {
        &self.core.records[record_of(self.program, case).index()]
    }

    /// Sets a case up; all its records are seen by what looks across records.
    pub fn scene(&self, case: &Case) -> Scene {
        let plans = &self.core.records;
        let mut inputs = Inputs::new(self.core, case.as_of);
        for (param, value) in &case.set {
            inputs.set(*param, value.clone());
        }
        let plan = self.plan(case);
        let records: Vec<Vec<Fact>> =
            case.records.iter().map(|given| interp::assuming(plan, &given.fields, &case.assumed)).collect();
        let mut population = Aggregates::start(plans);
        let mut read = Vec::new();
        let mut see = |plan: &ir::RecordPlan, fields: &[Fact]| {
            let mut evaluator = Evaluator::new(plan, &inputs, None, fields);
            population.add_loaded(plans, &mut evaluator);
            read.extend(evaluator.params_read());
        };
        if plans.iter().any(|plan| !plan.aggregates.is_empty()) {
            records.iter().for_each(|fields| see(plan, fields));
            for (record, fields) in &case.others {
                let plan = &plans[record.index()];
                see(plan, &interp::assuming(plan, fields, &case.assumed));
            }
        }
        Scene { finished: population.finish(plans), inputs, records, read }
    }

    /// Turns to one record of a case after another, until it is enough.
    pub fn each_record(
        &self,
        case: &Case,
        scene: &Scene,
        visit: &mut dyn FnMut(usize, &Given, &mut Evaluator<'_>) -> bool,
    ) {
        let plan = self.plan(case);
        let nothing = interp::facts(plan, &[]);
        let mut evaluator = Evaluator::new(plan, &scene.inputs, Some(&scene.finished), &nothing);
        for (at, (given, fields)) in case.records.iter().zip(&scene.records).enumerate() {
            evaluator.load(fields);
            if !visit(at, given, &mut evaluator) {
                return;
            }
        }
    }

    /// Whether a record gets what is expected of it, if something is: the problem where not; and if `told`, what it
    /// gets in words.
    fn judge(
        &self,
        case: &Case,
        given: &Given,
        evaluator: &mut Evaluator<'_>,
        told: bool,
    ) -> Option<(Option<Diagnostic>, Option<String>)> {
        let expect = given.expect.as_ref()?;
        let judge = compare::Judge { program: self.program, case, expect, language: self.language };
        Some(match case.target {
            CaseTarget::Measure(id) => {
                let (position, measure) = (self.positions[id.index()], &self.program.measures[id.index()]);
                let answer = evaluator.answer(position);
                let (plan, record) = (&evaluator.plan().measures[position], evaluator.plan());
                let words = told.then(|| judge.gave(measure, plan, &answer, record));
                (judge.answer(measure, plan, &answer, record), words)
            }
            CaseTarget::Define(id) => {
                let define = &self.program.defines[id.index()];
                let fact = evaluator.define(&define.head.name)?;
                let words = told.then(|| judge.gave_fact(define, &fact, evaluator.plan()));
                (judge.fact(define, &fact, evaluator.plan()), words)
            }
        })
    }
}
