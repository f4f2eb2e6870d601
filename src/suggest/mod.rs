//! Cases that a policy set lacks: for each condition that no case makes true, false or missing, for each alternative
//! that none takes, and for each boundary at which none stands, a record that does, with what the policy answers now.

mod boundaries;
mod bounds;
mod candidates;
mod paths;
mod search;
mod seen;
mod steps;
mod targets;
mod words;
mod world;
mod write;

use std::collections::{BTreeMap, BTreeSet};

use crate::boundary::{Reach, days};
use crate::check::set::Input;
use crate::check::show::Language;
use crate::check::typed::{CaseTarget, DefineId, MeasureId, Program};
use crate::ir;
use crate::source::FileId;
use candidates::Candidates;
use seen::{Known, Seen};
use targets::Proposer;

/// A case to be read and accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// The measure or define that it is about, and its module.
    pub target: String,
    pub module: String,
    pub title: String,
    /// The whole item.
    pub text: String,
    /// The names that it needs, each with its module.
    pub uses: BTreeSet<(String, String)>,
}

/// What no case was found for, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsolved {
    pub target: String,
    pub what: String,
    pub why: String,
}

/// What the cases of a policy set lack.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Suggestions {
    pub cases: Vec<Suggestion>,
    pub unsolved: Vec<Unsolved>,
}

/// Suggests cases for the measures and defines of the set's own files whose name, label or module contains `filter`.
pub fn suggest(
    program: &Program,
    core: &ir::Program,
    input: &Input,
    filter: Option<&str>,
    language: Language,
) -> Suggestions {
    let reaches: Vec<Reach> = core.records.iter().map(Reach::new).collect();
    let days = days(core);
    let candidates = Candidates::new(program, core, &reaches, &days);
    let known = Known { program, core, reaches: &reaches, positions: positions(program) };
    let mut seen = Seen::default();
    program.cases.iter().for_each(|case| seen.add(&known, case));
    let modules = modules(input);
    let mut proposer = Proposer::new(&known, &candidates, &days, &modules, seen, language);
    let files = files(input);
    for target in wanted(program, &files, filter) {
        proposer.propose(target);
    }
    proposer.steps(&files, filter);
    proposer.found
}

/// The set's own files.
fn files(input: &Input) -> BTreeSet<FileId> {
    let own = input.sets.first().into_iter().flat_map(|set| &set.modules);
    own.map(|module| module.file.id).collect()
}

/// By file the module that `use` in the set names.
fn modules(input: &Input) -> BTreeMap<FileId, String> {
    let Some(own) = input.sets.first() else { return BTreeMap::new() };
    let used = own.uses.iter().flat_map(|(name, at)| {
        let path = move |path: &str| format!("{name}.{path}");
        input.sets[*at].modules.iter().map(move |module| (module.file.id, path(&module.path)))
    });
    used.chain(own.modules.iter().map(|module| (module.file.id, module.path.clone()))).collect()
}

/// For each measure its position in the plan of its record: plans hold them in the order of the program.
fn positions(program: &Program) -> Vec<usize> {
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    let position = |measure: &crate::check::typed::Measure| {
        let count = counts.entry(measure.record.index()).or_default();
        *count += 1;
        *count - 1
    };
    program.measures.iter().map(position).collect()
}

/// Defines, on which measures rest, then measures.
fn wanted(program: &Program, files: &BTreeSet<FileId>, filter: Option<&str>) -> Vec<CaseTarget> {
    let fits = |head: &crate::check::typed::Head| {
        files.contains(&head.span.file) && filter.is_none_or(|text| crate::trial::named(head, text))
    };
    let defines = program.defines.iter().enumerate().filter(|(_, define)| fits(&define.head));
    let measures = program.measures.iter().enumerate().filter(|(_, measure)| fits(&measure.head));
    defines
        .map(|(at, _)| CaseTarget::Define(DefineId(at as u32)))
        .chain(measures.map(|(at, _)| CaseTarget::Measure(MeasureId(at as u32))))
        .collect()
}

impl Suggestions {
    /// The first so many cases as a file of the set, with the names that they need; what is left out and what was not
    /// found stands in comments.
    pub fn text(&self, most: usize, language: Language) -> String {
        write::file(self, most, language)
    }
}
