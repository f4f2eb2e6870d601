//! Cuts a file into items. An item begins where the first word of a line is an item keyword, outside all
//! brackets or at the very start of the line: so an unclosed bracket costs only its own item.

use super::scan::Lexeme;
use super::token::Token;
use super::words;

/// A run of the file that belongs to one item, or to none.
#[derive(Debug)]
pub struct Chunk<'a> {
    /// The English form of the item's keyword; `None` for text that belongs to no item.
    pub keyword: Option<&'static str>,
    pub lexemes: &'a [Lexeme],
    /// The text of the `///` lines above the item.
    pub docs: String,
}

/// Cuts the tokens of a file into chunks, trailing space and comments aside.
pub fn cut<'a>(text: &str, lexemes: &'a [Lexeme]) -> Vec<Chunk<'a>> {
    let mut starts = Vec::new();
    let mut depth = 0usize;
    let mut line_start = true;
    let mut at_margin = true;
    // A word at the margin after an item's last bracket begins something new, known or not.
    let mut closed = false;
    for (at, lexeme) in lexemes.iter().enumerate() {
        let slice = &text[lexeme.start..lexeme.end];
        match lexeme.token {
            Some(Token::Space) => {
                if let Some(newline) = slice.rfind('\n') {
                    line_start = true;
                    at_margin = slice[newline + 1..].is_empty();
                }
                continue;
            }
            Some(Token::Comment) => continue,
            Some(Token::OpenBrace | Token::OpenParen) => depth += 1,
            Some(Token::CloseBrace | Token::CloseParen) => {
                depth = depth.saturating_sub(1);
                closed = depth == 0 && lexeme.token == Some(Token::CloseBrace);
                (line_start, at_margin) = (false, false);
                continue;
            }
            Some(Token::Word) if line_start && (depth == 0 || at_margin) => {
                let keyword = words::item_keyword(slice);
                if keyword.is_some() || at_margin && (closed || depth == 0 && words::resembles_item(slice)) {
                    starts.push((at, keyword));
                    depth = 0;
                }
            }
            _ => {}
        }
        (line_start, at_margin, closed) = (false, false, false);
    }
    let mut chunks = Vec::with_capacity(starts.len() + 1);
    let first = starts.first().map_or(lexemes.len(), |(at, _)| *at);
    chunks.push(Chunk { keyword: None, lexemes: trim(&lexemes[..first]), docs: String::new() });
    for (index, &(at, keyword)) in starts.iter().enumerate() {
        let end = starts.get(index + 1).map_or(lexemes.len(), |(next, _)| *next);
        let docs = docs_before(text, &lexemes[..at]);
        chunks.push(Chunk { keyword, lexemes: trim(&lexemes[at..end]), docs });
    }
    chunks.retain(|chunk| !chunk.lexemes.is_empty());
    chunks
}

fn is_trivia(lexeme: &Lexeme) -> bool {
    matches!(lexeme.token, Some(Token::Space | Token::Comment))
}

fn trim(lexemes: &[Lexeme]) -> &[Lexeme] {
    let Some(first) = lexemes.iter().position(|lexeme| !is_trivia(lexeme)) else { return &[] };
    let last = lexemes.iter().rposition(|lexeme| !is_trivia(lexeme)).unwrap_or(first);
    &lexemes[first..=last]
}

/// The lines of `///` that stand directly above the end of `lexemes`.
fn docs_before(text: &str, lexemes: &[Lexeme]) -> String {
    let mut lines = Vec::new();
    for lexeme in lexemes.iter().rev() {
        let slice = &text[lexeme.start..lexeme.end];
        match lexeme.token {
            Some(Token::Space) if slice.matches('\n').count() < 2 => {}
            Some(Token::Comment) if slice.starts_with("///") => lines.push(slice[3..].trim()),
            _ => break,
        }
    }
    lines.reverse();
    lines.join("\n")
}
