//! The cases of a file: where each stands, and what it gave.

use std::ops::Range;
use std::path::Path;

use super::desk::Desk;
use super::outcome::Outcome;
use crate::syntax::ast::{Case, ItemKind};

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
    let place = |span: crate::source::Span, case: &Case| CasePlace {
        title: case.title.text.clone(),
        title_range: case.title.span.range(),
        range: span.range(),
    };
    let items = buffer.parsed().items.iter();
    items
        .filter_map(|item| match &item.kind {
            ItemKind::Case(case) => Some(place(item.span, case)),
            _ => None,
        })
        .collect()
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
