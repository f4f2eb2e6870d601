//! What the checker found out and the text does not say: the type and range of values, beside their names.

use std::ops::Range;
use std::path::Path;

use super::describe;
use super::desk::Desk;
use super::snapshot::Snapshot;
use crate::check::typed::{Benefit, Expr, Param};
use crate::source::{FileId, Span};
use crate::syntax::ast::{self, Item, ItemKind, Named};

/// A hint that stands behind a byte of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    pub offset: usize,
    pub text: String,
}

/// The hints for some bytes of a file, in order.
pub fn hints(desk: &Desk, path: &Path, within: Range<usize>) -> Vec<Hint> {
    let Some((set, file)) = desk.home_of(path).and_then(|set| Some((set, set.file(path)?))) else {
        return Vec::new();
    };
    let mut hints: Vec<Hint> = Vec::new();
    for (span, text) in items(set, file).flat_map(|item| of_item(set, item)) {
        let place = desk.same_words(set, span).filter(|place| within.contains(&place.start));
        hints.extend(place.map(|place| Hint { offset: place.end, text }));
    }
    hints.sort_by_key(|hint| hint.offset);
    hints
}

fn items(set: &Snapshot, file: FileId) -> impl Iterator<Item = &Item> {
    let modules = set.compiled.input.sets.iter().flat_map(|set| &set.modules);
    modules.filter(move |module| module.file.id == file).flat_map(|module| &module.file.items)
}

/// The hints of an item, each behind a place.
fn of_item(set: &Snapshot, item: &Item) -> Vec<(Span, String)> {
    let program = &set.compiled.program;
    match &item.kind {
        ItemKind::Define(own) => {
            let known = program.defines.iter().find(|known| known.head.span == own.named.name.span);
            let hint = known
                .filter(|known| known.open.is_none())
                .and_then(|known| value(set, &known.body, own.ty.is_some()));
            hint.map(|hint| (behind(&own.named), hint)).into_iter().collect()
        }
        ItemKind::Param(own) if own.ty.is_none() && own.open.is_none() => {
            let known = program.params.iter().find(|known| known.head.span == own.named.name.span);
            known.map(|known| (behind(&own.named), param(set, known))).into_iter().collect()
        }
        ItemKind::Measure(own) => of_measure(set, own),
        _ => Vec::new(),
    }
}

fn of_measure(set: &Snapshot, own: &ast::Measure) -> Vec<(Span, String)> {
    let measures = &set.compiled.program.measures;
    let Some(known) = measures.iter().find(|known| known.head.span == own.named.name.span) else {
        return Vec::new();
    };
    let mut hints = Vec::new();
    for written in &own.lets {
        let found = known.lets.iter().find(|known| known.span == written.named.name.span);
        let hint = found.and_then(|found| value(set, &found.value, written.ty.is_some()));
        hints.extend(hint.map(|hint| (behind(&written.named), hint)));
    }
    let branches = own.choices.iter().flat_map(|choice| &choice.branches);
    for written in own.benefits.iter().chain(branches.flat_map(|branch| &branch.benefits)) {
        let found = known.all_benefits().find(|known| known.span == written.named.name.span);
        let hint = found.and_then(|found| amount(set, found, written.ty.is_some()));
        hints.extend(hint.map(|hint| (behind(&written.named), hint)));
    }
    hints
}

/// The name, or the label behind it.
fn behind(named: &Named) -> Span {
    named.label.as_ref().map_or(named.name.span, |label| label.span)
}

/// `: money 元, ≥ 0元`; without the type where the text gives it.
fn value(set: &Snapshot, expr: &Expr, typed: bool) -> Option<String> {
    let (program, language) = (&set.compiled.program, set.compiled.language);
    let ty = (!typed).then(|| describe::expr_type(program, expr, language));
    joined(ty, describe::range_words(program, &expr.ty, &expr.range, language))
}

fn param(set: &Snapshot, param: &Param) -> String {
    format!(": {}", describe::type_words(&set.compiled.program, &param.ty, false, set.compiled.language))
}

fn amount(set: &Snapshot, benefit: &Benefit, typed: bool) -> Option<String> {
    let (program, language) = (&set.compiled.program, set.compiled.language);
    let first = benefit.amounts().next()?;
    let range = benefit.amounts().skip(1).fold(first.range.clone(), |range, next| range.hull(&next.range));
    let ty = (!typed).then(|| describe::expr_type(program, first, language));
    joined(ty, describe::range_words(program, &first.ty, &range, language))
}

fn joined(ty: Option<String>, range: Option<String>) -> Option<String> {
    let words: Vec<String> = ty.into_iter().chain(range).collect();
    (!words.is_empty()).then(|| format!(": {}", words.join(", ")))
}
