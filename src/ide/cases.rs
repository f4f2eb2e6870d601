//! The cases of a file: where each stands, and what it gave.

use std::ops::Range;
use std::path::Path;

use super::desk::Desk;
use super::outcome::Outcome;
use crate::source::Span;
use crate::syntax::ast::{Item, ItemKind};

/// A case as it stands in the file now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CasePlace {
    pub title: String,
    pub title_range: Range<usize>,
    /// The whole case.
    pub range: Range<usize>,
}

/// The cases of an open file that have their form, in order.
pub fn cases(desk: &Desk, path: &Path) -> Vec<CasePlace> {
    let Some(buffer) = desk.buffer(path) else { return Vec::new() };
    let place = |start: usize, item: &Item| {
        let ItemKind::Case(case) = &item.kind else { return None };
        let range = |span: Span| start + span.start as usize..start + span.end as usize;
        let title = &case.title;
        Some(CasePlace { title: title.text.clone(), title_range: range(title.span), range: range(item.span) })
    };
    buffer.sound().filter_map(|(start, item)| place(start, item)).collect()
}

/// The case whose keyword or title a byte stands in.
pub fn case_at(desk: &Desk, path: &Path, offset: usize) -> Option<CasePlace> {
    let head = |case: &CasePlace| case.range.start <= offset && offset <= case.title_range.end;
    cases(desk, path).into_iter().find(head)
}

/// What a case gave when it last ran.
pub fn outcome<'d>(desk: &'d Desk, path: &Path, title: &str) -> Option<&'d Outcome> {
    desk.outcomes.get(&desk.home_of(path)?.root)?.of(path, title)
}
