//! The outline of a file, and what can be folded in it.

use std::ops::Range;

use super::buffer::Buffer;
use super::words;
use crate::check::index::ThingKind;
use crate::source::{SourceFile, Span};
use crate::syntax::ast::{Item, ItemKind, Measure, MeasureKind, Named};
use crate::syntax::token::Token;

/// Something with a name in a file, with its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Symbol {
    /// `None` for a case.
    pub kind: Option<ThingKind>,
    pub name: String,
    pub label: String,
    /// All of it.
    pub range: Range<usize>,
    /// Its name.
    pub name_range: Range<usize>,
    pub parts: Vec<Symbol>,
}

impl Symbol {
    /// The same, so many bytes further on.
    fn moved(self, by: usize) -> Symbol {
        let moved = |range: Range<usize>| range.start + by..range.end + by;
        let parts = self.parts.into_iter().map(|part| part.moved(by)).collect();
        Symbol { range: moved(self.range), name_range: moved(self.name_range), parts, ..self }
    }
}

/// The items of a file in order; one that is broken with its name alone.
pub fn outline(buffer: &Buffer) -> Vec<Symbol> {
    let sound = buffer.sound().filter_map(|(start, item)| Some((start, symbol(item)?)));
    let mut symbols: Vec<Symbol> = sound.map(|(start, symbol)| symbol.moved(start)).collect();
    for item in words::items(buffer.text(), buffer.lexemes()) {
        let range = item.range();
        let at = symbols.partition_point(|symbol| symbol.range.start < range.start);
        let known = symbols.get(at).is_some_and(|symbol| symbol.range.start == range.start);
        let kind = item.keyword.and_then(kind_of_keyword);
        if let (Some(kind), Some(name), false) = (kind, item.name(), known) {
            let (name, name_range) = (name.text.to_owned(), name.range());
            symbols.insert(
                at,
                Symbol { kind: Some(kind), name, label: String::new(), range, name_range, parts: Vec::new() },
            );
        }
    }
    symbols
}

fn kind_of_keyword(keyword: &str) -> Option<ThingKind> {
    Some(match keyword {
        "policy" => ThingKind::Policy,
        "enum" => ThingKind::Enum,
        "unit" => ThingKind::Unit,
        "record" => ThingKind::Record,
        "param" => ThingKind::Param,
        "define" | "open" => ThingKind::Define,
        "table" => ThingKind::Table,
        "register" => ThingKind::Register,
        "calendar" => ThingKind::Calendar,
        "measure" => ThingKind::Measure,
        "duty" => ThingKind::Duty,
        "target" => ThingKind::Target,
        "best" => ThingKind::BestOf,
        "budget" => ThingKind::Budget,
        "principle" => ThingKind::Principle,
        _ => return None,
    })
}

fn symbol(item: &Item) -> Option<Symbol> {
    let (kind, named) = match &item.kind {
        ItemKind::Policy(own) => (ThingKind::Policy, &own.named),
        ItemKind::Enum(own) => (ThingKind::Enum, &own.named),
        ItemKind::Unit(own) => (ThingKind::Unit, &own.named),
        ItemKind::Record(own) => (ThingKind::Record, &own.named),
        ItemKind::Param(own) => (ThingKind::Param, &own.named),
        ItemKind::Define(own) => (ThingKind::Define, &own.named),
        ItemKind::Table(own) => (ThingKind::Table, &own.named),
        ItemKind::Register(own) => (ThingKind::Register, &own.named),
        ItemKind::Calendar(own) => (ThingKind::Calendar, &own.named),
        ItemKind::Measure(own) => (kind_of(own.kind), &own.named),
        ItemKind::BestOf(own) => (ThingKind::BestOf, &own.named),
        ItemKind::Budget(own) => (ThingKind::Budget, &own.named),
        ItemKind::Principle(own) => (ThingKind::Principle, &own.named),
        ItemKind::Case(own) => {
            let title = &own.title;
            return Some(Symbol {
                kind: None,
                name: title.text.clone(),
                label: own.target.text.clone(),
                range: item.span.range(),
                name_range: title.span.range(),
                parts: Vec::new(),
            });
        }
        ItemKind::Use(_) | ItemKind::Fill(_) | ItemKind::Amend(_) => return None,
    };
    Some(Symbol { parts: parts(item), ..leaf(kind, named, item.span) })
}

fn kind_of(kind: MeasureKind) -> ThingKind {
    match kind {
        MeasureKind::Measure => ThingKind::Measure,
        MeasureKind::Duty => ThingKind::Duty,
        MeasureKind::Target => ThingKind::Target,
    }
}

fn leaf(kind: ThingKind, named: &Named, span: Span) -> Symbol {
    Symbol {
        kind: Some(kind),
        name: named.name.text.clone(),
        label: named.label.as_ref().map_or_else(String::new, |label| label.text.clone()),
        range: span.range(),
        name_range: named.name.span.range(),
        parts: Vec::new(),
    }
}

/// A part whose place is its name with its label.
fn part(kind: ThingKind, named: &Named) -> Symbol {
    let end = named.label.as_ref().map_or(named.name.span, |label| label.span);
    leaf(kind, named, named.name.span.to(end))
}

fn parts(item: &Item) -> Vec<Symbol> {
    let mut parts: Vec<Symbol> = match &item.kind {
        ItemKind::Enum(own) => own.variants.iter().map(|own| part(ThingKind::Variant, own)).collect(),
        ItemKind::Record(own) => {
            own.fields.iter().map(|own| leaf(ThingKind::Field, &own.named, own.span)).collect()
        }
        ItemKind::Table(own) => own.inputs.iter().map(|(own, _)| part(ThingKind::Input, own)).collect(),
        ItemKind::Measure(own) => parts_of_measure(own),
        _ => Vec::new(),
    };
    parts.sort_by_key(|part| part.range.start);
    parts
}

fn parts_of_measure(own: &Measure) -> Vec<Symbol> {
    let lets = own.lets.iter().map(|own| part(ThingKind::Let, &own.named));
    let conditions = own.requires.iter().chain(&own.excepts).chain(&own.checks);
    let conditions = conditions.map(|own| part(ThingKind::Condition, &own.named));
    let benefit = |own: &crate::syntax::ast::Benefit| leaf(ThingKind::Benefit, &own.named, own.span);
    let branches = own.choices.iter().flat_map(|choice| &choice.branches);
    let branches = branches.map(|own| Symbol {
        parts: own.benefits.iter().map(benefit).collect(),
        ..leaf(ThingKind::Branch, &own.named, own.span)
    });
    lets.chain(conditions).chain(branches).chain(own.benefits.iter().map(benefit)).collect()
}

/// Lines that an editor may fold, both from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fold {
    pub first: usize,
    pub last: usize,
    pub comment: bool,
}

/// Blocks in brackets over several lines, and runs of comments.
pub fn folds(buffer: &Buffer) -> Vec<Fold> {
    let file = buffer.file();
    let line = |offset: usize| file.line_column(offset).0 - 1;
    let mut folds = Vec::new();
    let (mut open, mut comments): (Vec<usize>, Option<(usize, usize)>) = (Vec::new(), None);
    for lexeme in buffer.lexemes() {
        match lexeme.token {
            Some(Token::OpenBrace | Token::OpenParen) => open.push(line(lexeme.start)),
            Some(Token::CloseBrace | Token::CloseParen) => {
                if let Some(first) = open.pop() {
                    folds.push(Fold { first, last: line(lexeme.start).saturating_sub(1), comment: false });
                }
            }
            Some(Token::Comment) if stands_alone(file, lexeme.start) => {
                let here = line(lexeme.start);
                comments = match comments {
                    Some((first, last)) if last + 1 == here => Some((first, here)),
                    before => {
                        folds.extend(before.map(|(first, last)| Fold { first, last, comment: true }));
                        Some((here, here))
                    }
                };
            }
            _ => {}
        }
    }
    folds.extend(comments.map(|(first, last)| Fold { first, last, comment: true }));
    folds.retain(|fold| fold.first < fold.last);
    folds.sort();
    folds.dedup_by_key(|fold| fold.first);
    folds
}

fn stands_alone(file: &SourceFile, offset: usize) -> bool {
    let line = file.text[..offset].rfind('\n').map_or(0, |at| at + 1);
    file.text[line..offset].trim().is_empty()
}
