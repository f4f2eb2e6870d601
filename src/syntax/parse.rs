//! Parses a file: scanner first, then each item alone by the grammar.

use pest::Parser;
use pest::iterators::Pair;

use super::ast::*;
use super::items::{self, Chunk};
use super::scan::{self, Lexeme};
use super::token::Token;
use super::{message, words};
use crate::diag::{Diagnostic, codes};
use crate::source::{FileId, Span};

#[derive(pest_derive::Parser)]
#[grammar = "../grammar/policy.pest"]
pub struct Grammar;

/// Operators inside operators, at most; everything that walks a tree descends once for each.
pub const MAX_DEPTH: usize = 256;
/// Words that open a nested expression (`if`, `not`, `sum of` …), at most, in one item.
const MAX_OPENERS: usize = 1000;

/// The sound items of a text, and a problem for each broken one.
pub fn parse(file: FileId, text: &str) -> (File, Vec<Diagnostic>) {
    let lexemes = scan::lex(text);
    let mut problems = scan::check_characters(file, text, &lexemes);
    let (mut items, mut broken) = (Vec::new(), Vec::new());
    for chunk in items::cut(text, &lexemes) {
        match parse_chunk(file, text, &chunk, &problems) {
            Ok(item) => items.push(item),
            Err(problem) => {
                problems.extend(problem);
                broken.extend(declared(text, &chunk));
            }
        }
    }
    (File { id: file, items, broken }, problems)
}

/// The names that an item seems to declare, or to take from elsewhere.
fn declared(text: &str, chunk: &Chunk<'_>) -> Vec<String> {
    let named = chunk.lexemes.iter().filter_map(|lexeme| {
        let slice = &text[lexeme.start..lexeme.end];
        match lexeme.token {
            Some(Token::Word) => Some(slice.to_owned()),
            Some(Token::String) => Some(unescape(slice.trim_matches(['"', '“', '”']))),
            Some(Token::Space | Token::Comment) => None,
            _ => Some(String::new()),
        }
    });
    match chunk.keyword {
        None => Vec::new(),
        Some("use" | "enum") => named.skip(1).filter(|name| !name.is_empty()).collect(),
        Some(_) => named.skip(1).take(2).take_while(|name| !name.is_empty()).collect(),
    }
}

fn chunk_span(file: FileId, lexemes: &[Lexeme]) -> Span {
    let end = lexemes.last().map_or(0, |lexeme| lexeme.end);
    Span::new(file, lexemes.first().map_or(0, |lexeme| lexeme.start), end)
}

/// What the grammar makes of an item.
pub(super) type Tree<'t> = Pair<'t, Rule>;

/// Has the grammar read an item. `Err(None)`: the item is broken by what is reported already.
pub(super) fn pairs<'t>(
    file: FileId,
    text: &'t str,
    chunk: &Chunk<'_>,
    known: &[Diagnostic],
) -> Result<Tree<'t>, Option<Diagnostic>> {
    let span = chunk_span(file, chunk.lexemes);
    let Some(keyword) = chunk.keyword else {
        return Err((!already(known, span)).then(|| not_an_item(file, text, chunk.lexemes)));
    };
    let scanned = scan::check_strings(file, text, chunk.lexemes)
        .or_else(|| scan::check_brackets(file, text, chunk.lexemes))
        .or_else(|| check_openers(file, text, chunk.lexemes));
    if scanned.is_some() {
        return Err(scanned);
    }
    let mut pairs = Grammar::parse(rule(keyword), &text[span.range()]).map_err(|error| {
        (!already(known, span)).then(|| message::unexpected(file, text, span, chunk, &error))
    })?;
    Ok(pairs.next().expect("a rule that matches gives a pair"))
}

fn parse_chunk(
    file: FileId,
    text: &str,
    chunk: &Chunk<'_>,
    known: &[Diagnostic],
) -> Result<Item, Option<Diagnostic>> {
    let pair = pairs(file, text, chunk, known)?;
    let span = chunk_span(file, chunk.lexemes);
    let cursor = Cursor { file, base: span.start as usize };
    let keyword = chunk.keyword.expect("an item that parses has a keyword");
    let item = Item { docs: chunk.docs.clone(), span, kind: cursor.item(keyword, pair) };
    match super::depth::too_deep(&item, MAX_DEPTH) {
        Some(deep) => Err(Some(scan::too_deep(deep, "operators", MAX_DEPTH))),
        None => Ok(item),
    }
}

fn already(known: &[Diagnostic], span: Span) -> bool {
    known.iter().any(|problem| span.contains(problem.span()))
}

fn rule(keyword: &str) -> Rule {
    match keyword {
        "use" => Rule::use_item,
        "policy" => Rule::policy,
        "enum" => Rule::enum_item,
        "unit" => Rule::unit_item,
        "record" => Rule::record,
        "param" => Rule::param,
        "define" => Rule::define,
        "open" => Rule::open,
        "fill" => Rule::fill,
        "table" => Rule::table,
        "measure" => Rule::measure,
        "duty" => Rule::duty,
        "target" => Rule::target,
        "calendar" => Rule::calendar,
        "register" => Rule::register,
        "best" => Rule::best_of,
        "budget" => Rule::budget,
        "amend" => Rule::amend,
        "principle" => Rule::principle,
        _ => Rule::case,
    }
}

fn not_an_item(file: FileId, text: &str, lexemes: &[Lexeme]) -> Diagnostic {
    let first = lexemes[0];
    let word = &text[first.start..first.end];
    let span = Span::new(file, first.start, first.end);
    let shown = message::shorten(word);
    let names = words::ITEMS.iter().flat_map(|(en, zh)| [*en, *zh]);
    let list: Vec<&str> = words::ITEMS.iter().map(|(en, _)| *en).collect();
    Diagnostic::new(&codes::NOT_AN_ITEM, span, format!("`{shown}` does not begin an item"))
        .at("an item was expected here")
        .suggest(word, names)
        .note(format!("an item begins with one of: {}", list.join(", ")))
}

/// Parsing descends for each `if`, `not`, sign and the like; a policy has few, an attack has many.
fn check_openers(file: FileId, text: &str, lexemes: &[Lexeme]) -> Option<Diagnostic> {
    const OPENERS: &[&str] = &[
        "if", "如果", "not", "非", "known", "已知", "match", "区分", "rank", "排名", "average", "平均",
        "sum", "合计", "min", "最低", "max", "最高", "count", "计数",
    ];
    let mut openers = 0;
    let mut signs = 0;
    for lexeme in lexemes {
        let slice = &text[lexeme.start..lexeme.end];
        match lexeme.token {
            Some(Token::Space | Token::Comment) => continue,
            Some(Token::Word) if OPENERS.contains(&slice) => openers += 1,
            Some(Token::Sign) if matches!(slice, "-" | "+" | "−" | "\u{FF0B}" | "\u{FF0D}") => signs += 1,
            _ => signs = 0,
        }
        let span = Span::new(file, lexeme.start, lexeme.end);
        if openers > MAX_OPENERS {
            return Some(scan::too_deep(span, "`if`, `not` and the like", MAX_OPENERS));
        }
        if signs > scan::MAX_NESTING {
            return Some(scan::too_deep(span, "signs", scan::MAX_NESTING));
        }
    }
    None
}

/// Turns the grammar's pairs into trees; spans are counted from the start of the file.
pub(super) struct Cursor {
    file: FileId,
    base: usize,
}

impl Cursor {
    pub(super) fn span(&self, pair: &Pair<'_, Rule>) -> Span {
        let span = pair.as_span();
        // A rule that may end in white space takes it; the place of a thing is its words.
        let text = span.as_str().trim_end();
        Span::new(self.file, self.base + span.start(), self.base + span.start() + text.len())
    }

    pub(super) fn word(&self, pair: &Pair<'_, Rule>) -> Word {
        Word { text: pair.as_str().trim_end().to_owned(), span: self.span(pair) }
    }

    /// The words of a string literal, its marks and escapes taken off.
    pub(super) fn string(&self, pair: Pair<'_, Rule>) -> Word {
        let span = self.span(&pair);
        let inner = pair.into_inner().next().map_or("", |inner| inner.as_str());
        Word { text: unescape(inner), span }
    }

    pub(super) fn ident_in(&self, pair: Pair<'_, Rule>) -> Option<Word> {
        pair.into_inner().find(|part| part.as_rule() == Rule::ident).map(|part| self.word(&part))
    }
}

fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('n') => out.push('\n'),
                Some(other) => out.push(other),
                None => {}
            },
            c => out.push(c),
        }
    }
    out
}

/// What a terminal of the grammar is to the eye.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    Keyword,
    Name,
    Number,
    Unit,
    Text,
    Sign,
}

/// The places of the grammar's terminals in the sound items of a text, in order: what an editor may colour.
pub fn terminals(file: FileId, text: &str) -> Vec<Span> {
    classes(file, text).into_iter().map(|(place, _)| place).collect()
}

/// The terminals with what each of them is.
pub fn classes(file: FileId, text: &str) -> Vec<(Span, Class)> {
    let lexemes = scan::lex(text);
    let mut places = Vec::new();
    for chunk in items::cut(text, &lexemes) {
        let Ok(tree) = pairs(file, text, &chunk, &[]) else { continue };
        let span = chunk_span(file, chunk.lexemes);
        let cursor = Cursor { file, base: span.start as usize };
        // An article is one thing to the eye: `第24条` is a single word.
        let is_leaf = |pair: &Pair<'_, Rule>| match pair.as_rule() {
            Rule::article => true,
            Rule::article_number => false,
            _ => pair.clone().into_inner().next().is_none(),
        };
        let leaves = tree.into_inner().flatten().filter(is_leaf);
        let classed = leaves.map(|leaf| (cursor.span(&leaf), class(&leaf)));
        places.extend(classed.filter(|(place, _)| place.start < place.end));
    }
    places
}

fn class(leaf: &Pair<'_, Rule>) -> Class {
    match leaf.as_rule() {
        Rule::ident | Rule::word => Class::Name,
        Rule::number | Rule::date | Rule::time => Class::Number,
        Rule::unit_name | Rule::duration_word => Class::Unit,
        Rule::plain_text | Rule::curly_text => Class::Text,
        _ if leaf.as_str().starts_with(|c: char| c.is_alphabetic()) => Class::Keyword,
        _ => Class::Sign,
    }
}
