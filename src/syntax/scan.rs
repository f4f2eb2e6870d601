//! Scans a file: tokens with their places, and what is wrong with single characters, strings and brackets.

use std::collections::BTreeMap;

use logos::Logos;

use super::token::Token;
use crate::diag::{Diagnostic, codes};
use crate::source::{FileId, Span};

/// Brackets inside brackets, at most; parsing descends once for each.
pub const MAX_NESTING: usize = 64;

/// A token and the bytes it covers.
#[derive(Debug, Clone, Copy)]
pub struct Lexeme {
    /// `None`: a character that no token begins with.
    pub token: Option<Token>,
    pub start: usize,
    pub end: usize,
}

/// Tiles a text with tokens.
pub fn lex(text: &str) -> Vec<Lexeme> {
    let mut lexer = Token::lexer(text);
    let mut lexemes: Vec<Lexeme> = Vec::new();
    let mut curly = CurlyStrings::default();
    while let Some(token) = lexer.next() {
        let span = lexer.span();
        let mut lexeme = Lexeme { token: token.ok(), start: span.start, end: span.end };
        if lexeme.token == Some(Token::Quote)
            && text[span.clone()].starts_with('“')
            && let Some(end) = curly.end(text, span.start)
        {
            lexeme.end = end;
            lexeme.token = Some(Token::String);
            lexer.bump(end - span.end);
        }
        lexemes.push(lexeme);
    }
    lexemes
}

/// The strings between curly quotation marks, which may nest, of one line: found once for the line.
#[derive(Default)]
struct CurlyStrings {
    line_end: usize,
    /// Where each string that is closed starts and ends.
    strings: BTreeMap<usize, usize>,
}

impl CurlyStrings {
    /// The end of the string that starts at `start`, if it is closed on its line.
    fn end(&mut self, text: &str, start: usize) -> Option<usize> {
        if start >= self.line_end {
            self.read_line(text, start);
        }
        self.strings.get(&start).copied()
    }

    fn read_line(&mut self, text: &str, start: usize) {
        self.strings.clear();
        self.line_end = text[start..].find('\n').map_or(text.len(), |at| start + at);
        let mut open = Vec::new();
        let mut escaped = false;
        for (at, c) in text[start..self.line_end].char_indices() {
            match c {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '“' => open.push(start + at),
                '”' => {
                    if let Some(opening) = open.pop() {
                        self.strings.insert(opening, start + at + c.len_utf8());
                    }
                }
                _ => {}
            }
        }
    }
}

/// Problems with single characters, in strings and comments too where they deceive the reader's eye.
pub fn check_characters(file: FileId, text: &str, lexemes: &[Lexeme]) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for lexeme in lexemes {
        let span = Span::new(file, lexeme.start, lexeme.end);
        let slice = &text[span.range()];
        if !slice.is_ascii() {
            found.extend(hidden_characters(file, lexeme.start, slice));
        }
        match lexeme.token {
            None => found.push(stray_character(span, slice)),
            Some(Token::Word) if !slice.is_ascii() => found.extend(look_alike(span, slice)),
            _ => {}
        }
    }
    // A run of strange bytes is one mistake.
    found.dedup_by(|next, first| {
        let touching = first.code == next.code && first.span().end == next.span().start;
        if touching {
            join(text, first, next);
        }
        touching
    });
    found
}

/// Makes one problem of two that touch, and one replacement of theirs.
fn join(text: &str, first: &mut Diagnostic, next: &Diagnostic) {
    let span = first.span().to(next.span());
    first.labels[0].span = span;
    if let (Some(fix), Some(more)) = (&mut first.fix, &next.fix) {
        fix.span = span;
        fix.replacement.push_str(&more.replacement);
        if first.code != &codes::LOOK_ALIKE {
            return;
        }
        first.message = format!(
            "`{}` is a full-width form of `{}`",
            super::message::shorten(&text[span.range()]),
            super::message::shorten(&fix.replacement)
        );
        first.notes = vec![format!("write `{}`", super::message::shorten(&fix.replacement))];
    }
}

fn stray_character(span: Span, slice: &str) -> Diagnostic {
    let c = slice.chars().next().unwrap_or('\0');
    let shown = if c.is_control() || is_hidden(c) || !c.is_alphanumeric() && c as u32 > 0x2FFF {
        format!("U+{:04X}", c as u32)
    } else {
        format!("`{c}`")
    };
    if is_hidden(c) {
        return Diagnostic::new(
            &codes::HIDDEN_CHARACTER,
            span,
            format!("the character {shown} cannot be seen"),
        )
        .at("an invisible character stands here")
        .note("delete it; it often comes with text pasted from a web page or a word processor")
        .fix(span, "");
    }
    if let Some(plain) = full_width(c) {
        return Diagnostic::new(&codes::LOOK_ALIKE, span, format!("`{c}` is a full-width form of `{plain}`"))
            .at("full-width")
            .note(format!("write `{plain}`"))
            .fix(span, plain.to_string());
    }
    Diagnostic::new(&codes::STRAY_CHARACTER, span, format!("the character {shown} has no place in a policy"))
        .at("not expected outside a string or a comment")
        .note(instead_of(c))
}

/// What Pol writes where other notations have a character that it does not know.
fn instead_of(c: char) -> &'static str {
    match c {
        '#' => "a comment begins with `//`",
        '&' => "write `and` (且)",
        '|' => "write `or` (或)",
        '$' | '¥' | '￥' | '€' | '£' => "write the currency after the digits: `1000元`, `500万美元`",
        '[' | ']' | '【' | '】' => "a set is written `{a, b}`, a range `low..high`",
        '\'' | '‘' | '’' | '「' | '」' | '『' | '』' | '《' | '》' => {
            "text stands in `\"…\"` or `“…”`"
        }
        '。' => "items and lines need no full stop; delete it",
        '^' => "write the product out: `x * x`",
        _ => "delete it, or put the text in quotation marks",
    }
}

/// The plain form of a full-width sign.
pub fn full_width(c: char) -> Option<char> {
    let code = c as u32;
    (0xFF01..=0xFF5E).contains(&code).then(|| char::from_u32(code - 0xFEE0)).flatten()
}

fn is_hidden(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{00AD}' | '\u{061C}')
}

/// Characters that change the direction of text or cannot be seen: what is read is not what is meant.
fn hidden_characters(file: FileId, offset: usize, slice: &str) -> Vec<Diagnostic> {
    let hidden =
        slice.char_indices().filter(|(at, c)| is_hidden(*c) && (*at > 0 || slice.len() > c.len_utf8()));
    hidden
        .map(|(at, c)| {
            let span = Span::new(file, offset + at, offset + at + c.len_utf8());
            Diagnostic::new(
                &codes::HIDDEN_CHARACTER,
                span,
                format!(
                    "the character U+{:04X} cannot be seen and may change how the line is read",
                    c as u32
                ),
            )
            .at("an invisible character stands here")
            .note("delete it; it often comes with text pasted from a web page or a word processor")
            .fix(span, "")
        })
        .collect()
}

/// Greek and Cyrillic letters that look like Latin ones, and full-width letters and digits, in a word that
/// also has Latin letters or stands for a Latin one.
fn look_alike(span: Span, word: &str) -> Option<Diagnostic> {
    let plain: String = word.chars().map(|c| confusable(c).or_else(|| full_width(c)).unwrap_or(c)).collect();
    let foreign = word.chars().find(|c| confusable(*c).is_some() || full_width(*c).is_some())?;
    let wholly_foreign = word.chars().all(|c| confusable(c).is_none()) && full_width(foreign).is_none();
    if plain == word || wholly_foreign || !plain.is_ascii() && full_width(foreign).is_none() {
        return None;
    }
    Some(
        Diagnostic::new(
            &codes::LOOK_ALIKE,
            span,
            format!(
                "`{word}` is written with `{foreign}` (U+{:04X}), which only looks like `{}`",
                foreign as u32,
                confusable(foreign).or_else(|| full_width(foreign)).unwrap_or(foreign)
            ),
        )
        .at("a look-alike letter")
        .note(format!("write `{plain}`"))
        .fix(span, plain),
    )
}

fn confusable(c: char) -> Option<char> {
    const PAIRS: &[(&str, &str)] = &[
        ("аеорсухіјѕһԁԛԝ", "aeopcyxijshdqw"),
        ("АВЕЗКМНОРСТУХІЈЅ", "ABE3KMHOPCTYXIJS"),
        ("αεικνορτυχ", "aeikvoptux"),
        ("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX"),
    ];
    PAIRS.iter().find_map(|(foreign, latin)| {
        let at = foreign.chars().position(|other| other == c)?;
        latin.chars().nth(at)
    })
}

/// Unclosed strings in one item.
pub fn check_strings(file: FileId, text: &str, lexemes: &[Lexeme]) -> Option<Diagnostic> {
    let Some(quote) = lexemes.iter().find(|lexeme| lexeme.token == Some(Token::Quote)) else {
        // The grammar descends once for each quotation inside another.
        let strings = lexemes.iter().filter(|lexeme| lexeme.token == Some(Token::String));
        let mut places = strings.map(|lexeme| Span::new(file, lexeme.start, lexeme.end));
        let deep = places.find(|span| quotation_depth(&text[span.range()]) > MAX_NESTING)?;
        let start = Span::new(file, deep.start as usize, deep.start as usize + '“'.len_utf8());
        let message = format!("quotation marks are nested more than {MAX_NESTING} deep");
        let diagnostic = Diagnostic::new(&codes::TOO_DEEP, start, message).at("opened here");
        return Some(diagnostic.note("write the marks inside the text as `\\“` and `\\”`"));
    };
    let line_end = text[quote.start..].find('\n').map_or(text.len(), |at| quote.start + at);
    let span = Span::new(file, quote.start, quote.end);
    let opening = &text[span.range()];
    let closing = if opening == "“" { '”' } else { '"' };
    let diagnostic = if opening == "”" {
        Diagnostic::new(&codes::UNCLOSED_STRING, span, "a closing quotation mark without an opening one")
            .at("no `“` stands before it on this line")
    } else {
        Diagnostic::new(&codes::UNCLOSED_STRING, span, "the quotation is not closed on its line")
            .at(format!("opened here with `{opening}`"))
            .also(Span::new(file, line_end, line_end), "the line ends here")
    };
    Some(diagnostic.note(format!(
        "close it with `{closing}` on the same line; inside the text write the mark as `\\{closing}`"
    )))
}

/// How deep curly quotation marks stand inside each other.
fn quotation_depth(string: &str) -> usize {
    let (mut depth, mut deepest, mut escaped) = (0usize, 0, false);
    for c in string.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '“' => depth += 1,
            '”' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

/// Brackets without partners in one item, and nesting that is too deep.
pub fn check_brackets(file: FileId, text: &str, lexemes: &[Lexeme]) -> Option<Diagnostic> {
    let mut open: Vec<Lexeme> = Vec::new();
    for lexeme in lexemes {
        let span = Span::new(file, lexeme.start, lexeme.end);
        let closes = match lexeme.token {
            Some(Token::OpenBrace | Token::OpenParen) => {
                open.push(*lexeme);
                if open.len() > MAX_NESTING {
                    return Some(too_deep(span, "brackets", MAX_NESTING));
                }
                continue;
            }
            Some(Token::CloseBrace) => Token::OpenBrace,
            Some(Token::CloseParen) => Token::OpenParen,
            _ => continue,
        };
        let found = &text[span.range()];
        match open.pop() {
            Some(opening) if opening.token == Some(closes) => {}
            Some(opening) => {
                let opened = Span::new(file, opening.start, opening.end);
                return Some(
                    Diagnostic::new(
                        &codes::STRAY_BRACKET,
                        span,
                        format!("`{found}` does not close `{}`", &text[opened.range()]),
                    )
                    .at("this closing bracket is of the other kind")
                    .also(opened, "opened here")
                    .note("close the inner bracket first"),
                );
            }
            None => {
                return Some(
                    Diagnostic::new(&codes::STRAY_BRACKET, span, format!("`{found}` closes nothing"))
                        .at("no opening bracket before it in this item")
                        .note("delete it, or add the opening bracket that it belongs to"),
                );
            }
        }
    }
    let first = open.last()?;
    let span = Span::new(file, first.start, first.end);
    let last = lexemes.iter().rev().find(|l| !matches!(l.token, Some(Token::Space | Token::Comment)))?;
    Some(
        Diagnostic::new(&codes::UNCLOSED_BRACKET, span, format!("`{}` is never closed", &text[span.range()]))
            .at("opened here")
            .also(Span::new(file, last.start, last.end), "the item ends here")
            .note("add the closing bracket; an item also ends where a line begins with the word of the next one"),
    )
}

pub fn too_deep(span: Span, what: &str, limit: usize) -> Diagnostic {
    Diagnostic::new(&codes::TOO_DEEP, span, format!("{what} are nested more than {limit} deep"))
        .at("too deep here")
        .note("give the inner part a name with `let` or `define`, and use the name")
}
