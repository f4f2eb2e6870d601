//! Citations as they are written, and the passages that they quote.

use std::ops::Range;

use super::lookup::CITE;
use super::snapshot::Snapshot;
use super::words::{ItemWords, Piece};
use crate::check::citations::chinese_number;
use crate::syntax::token::Token;

/// A citation as it is written.
pub struct Citation<'t> {
    pub source: Piece<'t>,
    pub article: Option<u32>,
    /// The string with its marks.
    pub quote: Option<Piece<'t>>,
    pub range: Range<usize>,
}

impl Citation<'_> {
    /// The words between the quotation marks.
    pub fn words(&self) -> Option<String> {
        let inner =
            |text: &str| text.trim_matches(['"', '“', '”']).replace("\\\"", "\"").replace("\\\\", "\\");
        self.quote.map(|quote| inner(quote.text))
    }
}

/// The citation of an item that a byte stands in.
pub fn citation_at<'t>(item: &ItemWords<'t>, offset: usize) -> Option<Citation<'t>> {
    let starts = item.pieces.iter().enumerate().filter(|(_, piece)| piece.is_word() && piece.is(CITE));
    let (at, _) = starts.take_while(|(_, piece)| piece.start <= offset).last()?;
    let citation = read(&item.pieces[at..])?;
    (offset <= citation.range.end).then_some(citation)
}

/// The citation that begins with the first of some tokens.
fn read<'t>(pieces: &[Piece<'t>]) -> Option<Citation<'t>> {
    let (first, source) = (pieces.first()?, *pieces.get(1).filter(|piece| piece.is_word())?);
    let mut used = 2;
    let article = read_article(&pieces[used..]).map(|(number, count)| {
        used += count;
        number
    });
    let quote = pieces.get(used).copied().filter(|piece| piece.token == Some(Token::String));
    let last = quote.unwrap_or(pieces[used - 1]);
    Some(Citation { source, article, quote, range: first.start..last.end })
}

/// The number of an article, `art 24` or `第24条`, and of how many tokens it is made.
fn read_article(pieces: &[Piece<'_>]) -> Option<(u32, usize)> {
    let first = pieces.first()?;
    if first.is(&["art", "article"]) {
        return Some((pieces.get(1)?.text.parse().ok()?, 2));
    }
    let rest = first.text.strip_prefix('第')?;
    let (digits, count) = match rest.strip_suffix('条') {
        Some(digits) => (digits, 1),
        None if rest.is_empty() => (pieces.get(1)?.text, if pieces.get(2)?.text == "条" { 3 } else { 2 }),
        None => (rest, 1),
    };
    Some((digits.parse().ok().or_else(|| chinese_number(digits))?, count))
}

/// An article, or a passage of a document, with the quoted words in it.
pub struct Passage {
    pub before: String,
    pub quoted: String,
    pub after: String,
}

/// So much of an article is shown around the quoted words, in characters.
const AROUND: usize = 240;

/// The passage of its document that a citation is about; `None` where there is no such article or document.
pub fn passage(set: &Snapshot, citation: &Citation<'_>) -> Option<Passage> {
    let document = set.document(citation.source.text)?;
    let file = set.compiled.program.sources.iter().find(|own| own.name == citation.source.text)?.file;
    let text = &set.compiled.sources.file(file).text;
    let article = match citation.article {
        Some(number) => document.article(number)?,
        None => 0..text.len(),
    };
    let found = citation.words().and_then(|words| document.find(&words, &article));
    let quoted = match (found, citation.article) {
        (Some(quoted), _) => quoted,
        (None, Some(_)) => article.start..article.start,
        (None, None) => return None,
    };
    Some(Passage {
        before: last_chars(&text[article.start..quoted.start], AROUND),
        quoted: text[quoted.clone()].to_owned(),
        after: first_chars(&text[quoted.end..article.end], AROUND),
    })
}

fn first_chars(text: &str, count: usize) -> String {
    match text.char_indices().nth(count) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.trim_end().to_owned(),
    }
}

fn last_chars(text: &str, count: usize) -> String {
    let total = text.chars().count();
    match text.char_indices().nth(total.saturating_sub(count)) {
        Some((start, _)) if start > 0 => format!("…{}", &text[start..]),
        _ => text.trim_start().to_owned(),
    }
}
