//! What a name in a file stands for: by the last check where it knows the place, else by its words.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use super::desk::{Desk, Place};
use super::snapshot::{Snapshot, is_called};
use super::words::{self, ItemWords, Piece};
use crate::check::index::{Thing, ThingKind};
use crate::source::FileId;

pub(super) const FOR: &[&str] = &["for", "适用"];
pub(super) const CITE: &[&str] = &["cite", "依据"];

/// A name of a file with what it stands for.
pub struct Found<'d> {
    pub set: &'d Arc<Snapshot>,
    /// The thing by its position.
    pub at: usize,
    /// Where the name stands in the file now.
    pub range: Range<usize>,
}

impl<'d> Found<'d> {
    pub fn thing(&self) -> &'d Thing {
        &self.set.things()[self.at]
    }
}

/// What the name at a byte of a file stands for.
pub fn thing_at<'d>(desk: &'d Desk, path: &Path, offset: usize) -> Option<Found<'d>> {
    checked_at(desk, path, offset).or_else(|| named_at(desk, path, offset))
}

/// By the last check: the place stood there already, and its words are the same.
fn checked_at<'d>(desk: &'d Desk, path: &Path, offset: usize) -> Option<Found<'d>> {
    let set = desk.home_of(path)?;
    let (file, before) = desk.before(set, path, offset)?;
    let (at, span) = set.compiled.index.at(file, before)?;
    let Place { start, end, .. } = desk.same_words(set, span)?;
    Some(Found { set, at, range: start..end })
}

/// By its words.
fn named_at<'d>(desk: &'d Desk, path: &Path, offset: usize) -> Option<Found<'d>> {
    let buffer = desk.buffer(path)?;
    let piece = words::piece_at(buffer.text(), buffer.lexemes(), offset).filter(Piece::is_word)?;
    let item = words::item_at(buffer.text(), buffer.lexemes(), piece.start)?;
    desk.memories_of(path).find_map(|set| {
        let at = named(set, set.file(path)?, &item, &piece)?;
        Some(Found { set, at, range: piece.range() })
    })
}

/// What a word of an item stands for in a set: nearest first.
pub fn named(set: &Snapshot, file: FileId, item: &ItemWords<'_>, word: &Piece<'_>) -> Option<usize> {
    let position = item.pieces.iter().position(|piece| piece.start == word.start)?;
    let before = |back: usize| position.checked_sub(back).map(|at| item.pieces[at]);
    if before(1).is_some_and(|piece| piece.text == ".") {
        let owner = named(set, file, item, &before(2)?)?;
        return set.part(owner, word.text).or_else(|| define_for(set, file, owner, word.text));
    }
    if before(1).is_some_and(|piece| piece.is(CITE)) {
        return source(set, word.text);
    }
    for owner in surroundings(set, file, item) {
        if let Some(at) = set.part(owner, word.text) {
            return Some(at);
        }
    }
    set.compiled.index.known_as(file, word.text).or_else(|| variant(set, file, word.text))
}

/// The things whose parts an item may call by their names alone, nearest first: itself, the measure that it is a
/// case of or amends, the record.
pub fn surroundings(set: &Snapshot, file: FileId, item: &ItemWords<'_>) -> Vec<usize> {
    let known = |piece: Option<Piece<'_>>| set.compiled.index.known_as(file, piece?.text);
    let mut owners = Vec::new();
    let about = known(item.head_word_after(FOR));
    match item.keyword {
        Some("case") => owners.extend(about),
        _ => owners.extend(known(item.name())),
    }
    let named = about.filter(|at| set.things()[*at].kind == ThingKind::Record);
    let record = named.or_else(|| record_of(set, *owners.first()?));
    owners.extend(record.filter(|record| !owners.contains(record)));
    owners
}

/// The record that a measure or define is for, or that a record is.
pub fn record_of(set: &Snapshot, owner: usize) -> Option<usize> {
    let program = &set.compiled.program;
    let (kind, span) = (set.things()[owner].kind, set.things()[owner].name.span);
    let id = match kind {
        ThingKind::Record => return Some(owner),
        ThingKind::Measure | ThingKind::Duty | ThingKind::Target => {
            program.measures.iter().find(|own| own.head.span == span)?.record
        }
        ThingKind::Define => program.defines.iter().find(|own| own.head.span == span)?.record,
        _ => return None,
    };
    set.declared_at(program.records.get(id.index())?.head.span)
}

fn source(set: &Snapshot, name: &str) -> Option<usize> {
    set.things().iter().position(|thing| thing.kind == ThingKind::Source && thing.name.text == name)
}

/// A define that a module knows, for a record.
fn define_for(set: &Snapshot, file: FileId, record: usize, name: &str) -> Option<usize> {
    let at = set.compiled.index.known_as(file, name)?;
    (set.things()[at].kind == ThingKind::Define && record_of(set, at) == Some(record)).then_some(at)
}

/// The only variant of this name among the enums that a module knows.
fn variant(set: &Snapshot, file: FileId, name: &str) -> Option<usize> {
    let mut found: Vec<usize> = Vec::new();
    for (at, thing) in set.things().iter().enumerate() {
        let Some(owner) = thing.within.filter(|_| thing.kind == ThingKind::Variant) else { continue };
        let known = set.compiled.index.known_as(file, &set.things()[owner].name.text) == Some(owner);
        if known && is_called(thing, name) {
            found.push(at);
        }
    }
    (found.len() == 1).then(|| found[0])
}
