//! What the cases of a set gave when they last ran.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::snapshot::Snapshot;
use crate::check::typed::{Case, CaseTarget};
use crate::diag::Diagnostic;
use crate::trial;

/// What one case gave.
#[derive(Clone)]
pub struct Outcome {
    pub title: String,
    /// The file that the case stands in.
    pub path: PathBuf,
    /// The file and the name of its measure or define.
    pub target: (PathBuf, String),
    /// What came of each record that something is expected of, as `expect` would write it.
    pub gave: Vec<String>,
    /// What was not as expected; empty where the case passed.
    pub problems: Vec<Diagnostic>,
    /// What it was run on.
    pub set: Arc<Snapshot>,
    /// Somebody asked for it; the higher, the later.
    pub asked: u64,
}

impl Outcome {
    pub fn passed(&self) -> bool {
        self.problems.is_empty()
    }
}

/// What the cases of a set gave, by file and title.
#[derive(Default)]
pub struct Outcomes {
    by_case: BTreeMap<(PathBuf, String), Outcome>,
    asked: u64,
}

impl Outcomes {
    /// Takes what all cases of a set gave; which of them somebody asked for stays known.
    pub fn take_all(&mut self, all: Vec<Outcome>) {
        let before = std::mem::take(&mut self.by_case);
        for mut outcome in all {
            let key = (outcome.path.clone(), outcome.title.clone());
            outcome.asked = before.get(&key).map_or(0, |before| before.asked);
            self.by_case.insert(key, outcome);
        }
    }

    /// Takes what a case gave that somebody asked for.
    pub fn take_asked(&mut self, mut outcome: Outcome) {
        self.asked += 1;
        outcome.asked = self.asked;
        self.by_case.insert((outcome.path.clone(), outcome.title.clone()), outcome);
    }

    pub fn of(&self, path: &Path, title: &str) -> Option<&Outcome> {
        self.by_case.get(&(path.to_owned(), title.to_owned()))
    }

    /// What the cases about a measure or define gave, in the order of files and titles.
    pub fn about(&self, path: &Path, name: &str) -> impl Iterator<Item = &Outcome> {
        let is_it = move |outcome: &&Outcome| outcome.target.0 == path && outcome.target.1 == name;
        self.by_case.values().filter(is_it)
    }

    /// What was not as expected, with what it was run on.
    pub fn problems(&self) -> impl Iterator<Item = (&Snapshot, &Diagnostic)> {
        self.by_case
            .values()
            .flat_map(|outcome| outcome.problems.iter().map(|problem| (&*outcome.set, problem)))
    }

    /// Forgets what was not as expected: the set has errors now.
    pub fn forget(&mut self) {
        self.by_case.clear();
    }
}

/// Runs a case of a set that has no errors, by its position.
pub fn run_case(set: &Arc<Snapshot>, at: usize) -> Option<Outcome> {
    let core = set.core()?;
    let compiled = &set.compiled;
    let case = compiled.program.cases.get(at)?;
    let result = trial::run_case(&compiled.program, core, at, compiled.language);
    let problems = result.problems().cloned().collect();
    Some(Outcome {
        title: result.title,
        path: set.path(result.span.file).to_path_buf(),
        target: target_of(set, case),
        gave: result.gave,
        problems,
        set: set.clone(),
        asked: 0,
    })
}

/// The case with a title in a file, by its position.
pub fn find_case(set: &Snapshot, path: &Path, title: &str) -> Option<usize> {
    let file = set.file(path)?;
    let named = |case: &Case| case.span.file == file && case.title == title;
    set.compiled.program.cases.iter().position(named)
}

fn target_of(set: &Snapshot, case: &Case) -> (PathBuf, String) {
    let program = &set.compiled.program;
    let head = match case.target {
        CaseTarget::Measure(id) => &program.measures[id.index()].head,
        CaseTarget::Define(id) => &program.defines[id.index()].head,
    };
    (set.path(head.span.file).to_path_buf(), head.name.clone())
}
