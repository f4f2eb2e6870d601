//! What every word of a file is to the eye: semantic tokens.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use super::buffer::Buffer;
use super::desk::Desk;
use crate::check::index::ThingKind;
use crate::source::Span;
use crate::syntax::ast::Item;
use crate::syntax::token::Token;
use crate::syntax::{Class, words};

/// What a run of text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Paint {
    Comment,
    Keyword,
    Number,
    Text,
    Operator,
    Unit,
    /// A name of which nothing more is known.
    Name,
    Thing(ThingKind),
}

/// A run of text with what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Painted {
    pub range: Range<usize>,
    pub paint: Paint,
    /// A name where it is declared.
    pub declared: bool,
}

/// The words, strings, numbers and comments of an open file within some bytes, in order, none across two lines.
pub fn colours(desk: &Desk, path: &Path, within: Range<usize>) -> Vec<Painted> {
    let Some(buffer) = desk.buffer(path) else { return Vec::new() };
    let names = names(desk, path);
    let sound = sound_ranges(buffer);
    let mut painted = Vec::new();
    let classes = buffer.parts().iter().flat_map(|(start, parsed)| {
        parsed.classes.iter().map(move |(range, class)| (range.start + start..range.end + start, *class))
    });
    let mut classes = classes.peekable();
    for lexeme in buffer.lexemes().iter().filter(|own| own.end > within.start && own.start < within.end) {
        while classes.peek().is_some_and(|(range, _)| range.end <= lexeme.start) {
            classes.next();
        }
        let class = classes.peek().filter(|(range, _)| range.start <= lexeme.start).map(|(_, class)| *class);
        let range = lexeme.start..lexeme.end;
        let slice = &buffer.text()[range.clone()];
        let (paint, declared) = match lexeme.token {
            Some(Token::Comment) => (Paint::Comment, false),
            Some(Token::String) => (Paint::Text, false),
            Some(Token::Number) => (Paint::Number, false),
            Some(Token::Word) => {
                let next = sound.partition_point(|item| item.end <= lexeme.start);
                let in_sound = sound.get(next).is_some_and(|item| item.start <= lexeme.start);
                word(slice, class, in_sound, names.get(&lexeme.start))
            }
            Some(Token::Sign) if slice.chars().all(|c| "+-*/×÷=<>≤≥≠!".contains(c)) => {
                (if class == Some(Class::Number) { Paint::Number } else { Paint::Operator }, false)
            }
            _ => continue,
        };
        painted.push(Painted { range, paint, declared });
    }
    painted
}

/// What a word is: a name by the last check, else by the grammar, else by how it looks.
fn word(text: &str, class: Option<Class>, sound: bool, name: Option<&(ThingKind, bool)>) -> (Paint, bool) {
    match (class, name) {
        (Some(Class::Unit), _) => (Paint::Unit, false),
        (Some(Class::Number), _) => (Paint::Number, false),
        (Some(Class::Name) | None, Some((kind, declared))) => (Paint::Thing(*kind), *declared),
        (Some(Class::Name), None) => (Paint::Name, false),
        _ if sound || words::item_keyword(text).is_some() => (Paint::Keyword, false),
        _ => (Paint::Name, false),
    }
}

/// The items that have their form.
fn sound_ranges(buffer: &Buffer) -> Vec<Range<usize>> {
    let range = |(start, item): (usize, &Item)| start..start + item.span.end as usize;
    buffer.sound().map(range).collect()
}

/// The names of the file that the last check knows, by where they stand now: the kind, and whether declared here.
fn names(desk: &Desk, path: &Path) -> BTreeMap<usize, (ThingKind, bool)> {
    let mut names = BTreeMap::new();
    let Some((set, file)) = desk.home_of(path).and_then(|set| Some((set, set.file(path)?))) else {
        return names;
    };
    for (span, at) in set.compiled.index.places_in(file) {
        let thing = &set.things()[at];
        let is_label = |span: Span| set.compiled.sources.text(span).starts_with(['"', '“']);
        if let Some(place) = desk.same_words(set, span).filter(|_| !is_label(span)) {
            names.insert(place.start, (thing.kind, thing.name.span == span));
        }
    }
    names
}
