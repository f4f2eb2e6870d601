//! Where a thing is declared, and every place that names it.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use super::desk::{Desk, Place};
use super::lookup::{Found, named, thing_at};
use super::quotation::citation_at;
use super::snapshot::{Snapshot, is_called};
use super::words;
use crate::check::index::Thing;
use crate::source::{FileId, Span};
use crate::syntax::ast::{ItemKind, UseNames};
use crate::syntax::scan;
use crate::syntax::token::Token;

/// Where what stands at a byte of a file is declared: a name, the words of a quotation, a file.
pub fn definition(desk: &Desk, path: &Path, offset: usize) -> Vec<Place> {
    if let Some(found) = thing_at(desk, path, offset) {
        return desk.place(found.set, found.thing().name.span).into_iter().collect();
    }
    quoted(desk, path, offset).or_else(|| file_named(desk, path, offset)).into_iter().collect()
}

/// The passage of the document that a citation quotes, or the beginning of its article.
fn quoted(desk: &Desk, path: &Path, offset: usize) -> Option<Place> {
    let (set, buffer) = (desk.home_of(path)?, desk.buffer(path)?);
    let item = words::item_at(buffer.text(), buffer.lexemes(), offset)?;
    let citation = citation_at(&item, offset)?;
    let document = set.document(citation.source.text)?;
    let source = set.compiled.program.sources.iter().find(|own| own.name == citation.source.text)?;
    let article = match citation.article {
        Some(number) => document.article(number)?,
        None => 0..set.compiled.sources.file(source.file).text.len(),
    };
    let found = citation.words().and_then(|words| document.find(&words, &article));
    let range = found.unwrap_or(article.start..article.start);
    desk.place(set, Span::new(source.file, range.start, range.end))
}

/// The module that a `use` names, or the file that a string names.
fn file_named(desk: &Desk, path: &Path, offset: usize) -> Option<Place> {
    let set = desk.home_of(path)?;
    let (file, before) = desk.before(set, path, offset)?;
    let input = &set.compiled.input;
    let holds =
        |span: Span| span.file == file && span.start as usize <= before && before <= span.end as usize;
    for own in &input.sets {
        let attached = own.tables.iter().map(|(span, file)| (*span, *file));
        let declared = own.sources.iter().filter_map(|source| Some((source.declared?, source.file)));
        if let Some((_, target)) = attached.chain(declared).find(|(span, _)| holds(*span)) {
            return start_of(desk, set, target);
        }
    }
    let own = input.sets.iter().find(|own| own.modules.iter().any(|module| module.file.id == file))?;
    let module = own.modules.iter().find(|module| module.file.id == file)?;
    let item = module.file.items.iter().find(|item| holds(item.span))?;
    let ItemKind::Use(item) = &item.kind else { return None };
    let names: Vec<&str> = item.path.iter().map(|word| word.text.as_str()).collect();
    let names = match item.names {
        UseNames::Path if names.len() > 1 => &names[..names.len() - 1],
        _ => &names[..],
    };
    let find = |at: &crate::check::set::Set, name: &str| {
        at.modules.iter().find(|module| module.path == name).map(|module| module.file.id)
    };
    let other = own.uses.get(names[0]).map(|at| &input.sets[*at]);
    let target = find(own, &names.join(".")).or_else(|| find(other?, &names[1..].join(".")))?;
    start_of(desk, set, target)
}

fn start_of(desk: &Desk, set: &Snapshot, file: FileId) -> Option<Place> {
    desk.place(set, Span::new(file, 0, 0))
}

/// Every place that names what stands at a byte of a file, in the order of files and of the text.
pub fn references(desk: &Desk, path: &Path, offset: usize, with_declaration: bool) -> Vec<Place> {
    let Some(found) = thing_at(desk, path, offset) else { return Vec::new() };
    let declaration = desk.place(found.set, found.thing().name.span);
    let mut places = all_places(desk, &found);
    if !with_declaration {
        places.retain(|place| Some(place) != declaration.as_ref());
    }
    places.into_iter().collect()
}

/// The places of a thing in all sets that know it: where its name is declared, and where it is named.
pub(super) fn all_places(desk: &Desk, found: &Found<'_>) -> BTreeSet<Place> {
    let mut places = BTreeSet::new();
    for (set, at) in everywhere(desk, found) {
        let thing = &set.things()[at];
        let spans = std::iter::once(thing.name.span).chain(thing.uses.iter().copied());
        places.extend(spans.filter_map(|span| desk.same_words(set, span)));
        unchecked(desk, set, at, &mut places);
    }
    places
}

/// A thing in every set that knows it.
pub(super) fn everywhere<'d>(desk: &'d Desk, found: &Found<'d>) -> Vec<(&'d Arc<Snapshot>, usize)> {
    let path = found.set.path(found.thing().name.span.file);
    let mut all = vec![(found.set, found.at)];
    for set in desk.sets_with(path) {
        let Some(file) = set.file(path).filter(|_| !Arc::ptr_eq(set, found.set)) else { continue };
        let owner = |set: &Snapshot, thing: &Thing| thing.within.map(|at| set.things()[at].name.text.clone());
        let (own, within) = (found.thing(), owner(found.set, found.thing()));
        let same = |thing: &Thing| {
            thing.name.span.file == file
                && thing.kind == own.kind
                && thing.name.text == own.name.text
                && owner(set, thing) == within
        };
        // A set that is the same as it was checked before stands for itself once.
        let known = set.root == found.set.root;
        all.extend(set.things().iter().position(same).filter(|_| !known).map(|at| (set, at)));
    }
    all
}

/// The places that the check does not know, by their words: in what was typed since, and in broken items.
fn unchecked(desk: &Desk, set: &Snapshot, at: usize, places: &mut BTreeSet<Place>) {
    let thing = &set.things()[at];
    for module in set.compiled.input.sets.iter().flat_map(|set| &set.modules) {
        let path = set.path(module.file.id);
        let buffer = desk.buffer(path);
        let changed = buffer.is_some_and(|own| !own.unchanged(set.revision));
        if !changed && module.file.broken.is_empty() {
            continue;
        }
        let Some(file) = desk.file(path) else { continue };
        let scanned;
        let lexemes = match buffer {
            Some(buffer) => buffer.lexemes(),
            None => {
                scanned = scan::lex(&file.text);
                &scanned
            }
        };
        let is_name = |lexeme: &&scan::Lexeme| {
            lexeme.token == Some(Token::Word) && is_called(thing, &file.text[lexeme.start..lexeme.end])
        };
        if !lexemes.iter().any(|lexeme| is_name(&lexeme)) {
            continue;
        }
        for item in words::items(&file.text, lexemes) {
            for piece in item.pieces.iter().filter(|piece| piece.is_word() && is_called(thing, piece.text)) {
                let place = Place { path: Arc::clone(path), start: piece.start, end: piece.end };
                if !places.contains(&place) && named(set, module.file.id, &item, piece) == Some(at) {
                    places.insert(place);
                }
            }
        }
    }
}
