//! The problems of a set as they stand in the files now.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::desk::{Desk, Place};
use super::snapshot::Snapshot;
use crate::diag::{Diagnostic, Fix, Severity, codes};

/// A problem in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub place: Place,
    pub severity: Severity,
    pub code: &'static str,
    /// What is wrong, and below it what to write instead.
    pub message: String,
    /// Other places that matter, with what to say about each.
    pub related: Vec<(Place, String)>,
    /// It marks what is of no use.
    pub unused: bool,
    /// Replacements that mend it, or may.
    pub fixes: Vec<(Place, String)>,
}

/// The problems of a set and of its cases by file; files of other sets that are checked themselves left out.
pub fn problems(desk: &Desk, root: &Path) -> BTreeMap<PathBuf, Vec<Problem>> {
    let mut all: BTreeMap<PathBuf, Vec<Problem>> = BTreeMap::new();
    let Some(set) = desk.latest(root) else { return all };
    for path in set.paths().iter().filter(|path| belongs(desk, root, path)) {
        all.insert(path.to_path_buf(), Vec::new());
    }
    let own = set.compiled.problems.iter().map(|problem| (&**set, problem));
    let of_cases = desk.outcomes.get(root).into_iter().flat_map(|outcomes| outcomes.problems());
    for (set, found) in own.chain(of_cases) {
        let Some(problem) = problem(desk, set, found) else { continue };
        if let Some(list) = all.get_mut(&*problem.place.path) {
            list.push(problem);
        }
    }
    all
}

/// Whether a file's problems are told by this set: it is its own, or that of no set that is checked itself.
fn belongs(desk: &Desk, root: &Path, path: &Path) -> bool {
    match path.ancestors().skip(1).find(|folder| desk.latest(folder).is_some()) {
        Some(home) => home == root,
        None => desk.all_latest().find(|set| set.file(path).is_some()).is_some_and(|set| set.root == root),
    }
}

fn problem(desk: &Desk, set: &Snapshot, found: &Diagnostic) -> Option<Problem> {
    let first = found.labels.first()?;
    let related = found.labels.iter().skip(1);
    let related = related.filter_map(|label| Some((desk.place(set, label.span)?, label.text.clone())));
    let fixes = found.fix.iter().chain(&found.other_fixes).filter_map(|fix| fix_now(desk, set, fix));
    Some(Problem {
        place: desk.place(set, first.span)?,
        severity: found.severity,
        code: found.code.id,
        message: message(found),
        related: related.collect(),
        unused: found.code == &codes::UNUSED,
        fixes: fixes.collect(),
    })
}

/// A replacement where it stands now, if the words that it replaces are still there.
fn fix_now(desk: &Desk, set: &Snapshot, fix: &Fix) -> Option<(Place, String)> {
    Some((desk.same_words(set, fix.span)?, fix.replacement.clone()))
}

fn message(found: &Diagnostic) -> String {
    let mut lines = vec![found.message.clone()];
    lines.extend(found.notes.iter().cloned());
    lines.extend(found.article.iter().map(|article| format!("({article})")));
    lines.join("\n")
}

/// The problems of a file that belongs to no set: what the grammar itself says of it.
pub fn lone_problems(desk: &Desk, path: &Path) -> Vec<Problem> {
    let Some(buffer) = desk.buffer(path) else { return Vec::new() };
    let path: Arc<Path> = path.into();
    let place = |span: crate::source::Span| {
        let end = (span.end as usize).min(buffer.text().len());
        Place { path: Arc::clone(&path), start: (span.start as usize).min(end), end }
    };
    let own = |found: &Diagnostic| Problem {
        place: place(found.span()),
        severity: found.severity,
        code: found.code.id,
        message: message(found),
        related: found.labels.iter().skip(1).map(|label| (place(label.span), label.text.clone())).collect(),
        unused: false,
        fixes: found.fix.iter().map(|fix| (place(fix.span), fix.replacement.clone())).collect(),
    };
    buffer.syntax_problems().iter().map(own).collect()
}
