//! The words of a text around a place: the item that it stands in, what stands before it, which blocks are open.

use std::ops::Range;

use crate::syntax::items::{self, Chunk};
use crate::syntax::scan::Lexeme;
use crate::syntax::token::Token;

/// A token with its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece<'t> {
    pub token: Option<Token>,
    pub text: &'t str,
    pub start: usize,
    pub end: usize,
}

impl<'t> Piece<'t> {
    fn new(text: &'t str, lexeme: &Lexeme) -> Piece<'t> {
        let Lexeme { token, start, end } = *lexeme;
        Piece { token, text: &text[start..end], start, end }
    }

    pub fn is(&self, words: &[&str]) -> bool {
        words.contains(&self.text)
    }

    pub fn is_word(&self) -> bool {
        self.token == Some(Token::Word)
    }

    pub fn opens(&self) -> bool {
        matches!(self.token, Some(Token::OpenBrace | Token::OpenParen))
    }

    pub fn closes(&self) -> bool {
        matches!(self.token, Some(Token::CloseBrace | Token::CloseParen))
    }

    pub fn range(&self) -> Range<usize> {
        self.start..self.end
    }
}

fn is_trivia(lexeme: &Lexeme) -> bool {
    matches!(lexeme.token, Some(Token::Space | Token::Comment))
}

/// Operators of two or three signs.
const OPERATORS: &[&str] =
    &["==", "!=", "<=", ">=", "=>", "..", "..<", "＝＝", "！＝", "＜＝", "＞＝", "＝＞", "..＜"];

/// An item as it is written, in its form or not.
pub struct ItemWords<'t> {
    /// The English form of its keyword; `None` for text that belongs to no item.
    pub keyword: Option<&'static str>,
    /// Its tokens, white space and comments aside.
    pub pieces: Vec<Piece<'t>>,
}

impl<'t> ItemWords<'t> {
    fn new(text: &'t str, chunk: &Chunk<'_>) -> ItemWords<'t> {
        let mut pieces: Vec<Piece<'t>> = Vec::new();
        for lexeme in chunk.lexemes.iter().filter(|lexeme| !is_trivia(lexeme)) {
            let piece = Piece::new(text, lexeme);
            match pieces.last_mut() {
                // The scanner knows only single signs.
                Some(last)
                    if last.end == piece.start && OPERATORS.contains(&&text[last.start..piece.end]) =>
                {
                    *last = Piece { text: &text[last.start..piece.end], end: piece.end, ..*last };
                }
                _ => pieces.push(piece),
            }
        }
        ItemWords { keyword: chunk.keyword, pieces }
    }

    pub fn range(&self) -> Range<usize> {
        let end = self.pieces.last().map_or(0, |last| last.end);
        self.pieces.first().map_or(0, |first| first.start)..end
    }

    /// The word that follows one of these, before the first bracket: the record after `for`.
    pub fn head_word_after(&self, words: &[&str]) -> Option<Piece<'t>> {
        let head = self.pieces.iter().take_while(|piece| !piece.opens());
        let mut after = head.skip_while(|piece| !(piece.is_word() && piece.is(words))).skip(1);
        after.next().copied().filter(Piece::is_word)
    }

    /// The name that the item declares, or that it amends or fills in.
    pub fn name(&self) -> Option<Piece<'t>> {
        let skipped = match (self.keyword, self.pieces.get(1)) {
            // `best of NAME`, `open define NAME`
            (Some("best"), Some(second)) if second.text == "of" => 2,
            (Some("open"), Some(second)) if second.is_word() => 2,
            _ => 1,
        };
        self.pieces.get(skipped).copied().filter(Piece::is_word)
    }
}

/// The items of a text, in order.
pub fn items<'t>(text: &'t str, lexemes: &[Lexeme]) -> Vec<ItemWords<'t>> {
    items::cut(text, lexemes).iter().map(|chunk| ItemWords::new(text, chunk)).collect()
}

/// The item that a byte of the text stands in or behind.
pub fn item_at<'t>(text: &'t str, lexemes: &[Lexeme], offset: usize) -> Option<ItemWords<'t>> {
    let chunks = items::cut(text, lexemes);
    let before = |chunk: &&Chunk<'_>| chunk.lexemes.first().is_some_and(|first| first.start <= offset);
    chunks.iter().rev().find(before).map(|chunk| ItemWords::new(text, chunk))
}

/// The word or string that a byte of the text stands in, its end included; a word before a string.
pub fn piece_at<'t>(text: &'t str, lexemes: &[Lexeme], offset: usize) -> Option<Piece<'t>> {
    let at = lexemes.partition_point(|lexeme| lexeme.end < offset);
    let touching = lexemes[at..].iter().take_while(|lexeme| lexeme.start <= offset);
    let fits = |token: Token| touching.clone().find(|lexeme| lexeme.token == Some(token));
    fits(Token::Word).or_else(|| fits(Token::String)).map(|lexeme| Piece::new(text, lexeme))
}

/// Whether a byte of the text stands inside a string or a comment, their ends aside.
pub fn in_words_of_people(text: &str, lexemes: &[Lexeme], offset: usize) -> bool {
    let at = lexemes.partition_point(|lexeme| lexeme.end < offset);
    lexemes[at..].iter().take_while(|lexeme| lexeme.start < offset).any(|lexeme| match lexeme.token {
        Some(Token::String) => offset < lexeme.end,
        // A comment goes on to the end of its line.
        Some(Token::Comment) => true,
        _ => false,
    }) || in_open_string(text, lexemes, offset)
}

/// Whether a quotation mark is open before the byte on its line.
fn in_open_string(text: &str, lexemes: &[Lexeme], offset: usize) -> bool {
    let line = text[..offset].rfind('\n').map_or(0, |at| at + 1);
    let from = lexemes.partition_point(|lexeme| lexeme.start < line);
    let before = lexemes[from..].iter().take_while(|lexeme| lexeme.start < offset);
    before.into_iter().any(|lexeme| lexeme.token == Some(Token::Quote))
}
