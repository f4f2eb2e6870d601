//! An article cut into passages where quotations begin and end.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::check::citations::Document;
use crate::check::typed::Cite;
use crate::coverage::How;
use crate::source::Span;

/// A run of characters that the same entries quote.
#[derive(Debug)]
pub(super) struct Piece {
    pub text: String,
    pub how: How,
    /// The numbers of the entries that quote it, the closest quotation first.
    pub quoted_by: Vec<usize>,
    /// The numbers of the entries whose quotation ends with it.
    pub ends: Vec<usize>,
}

/// An article in pieces.
pub(super) struct Cut {
    pub pieces: Vec<Piece>,
    /// The entries that cite it; they are numbered from 1.
    pub entries: Vec<usize>,
    /// The piece that each citation's words begin with; `None` where it quotes none.
    pub starts: Vec<(Span, Option<usize>)>,
}

impl Piece {
    /// A text that nobody quotes.
    pub fn heading(text: String) -> Piece {
        Piece { text, how: How::Heading, quoted_by: Vec::new(), ends: Vec::new() }
    }
}

/// Cuts an article at every quotation's ends. Without words, a citation stands for the article.
pub(super) fn cut(passages: Vec<(String, How)>, quotes: &[Quote<'_>]) -> Cut {
    let text: String = passages.iter().map(|(text, _)| text.as_str()).collect();
    let numbered = number(quotes);
    let ends = ends(quotes, &text, &numbered);
    let mut end = 0;
    let mut hows = Vec::with_capacity(passages.len());
    for (text, how) in &passages {
        end += text.len();
        hows.push((end, *how));
    }
    let ranges = quotes.iter().filter_map(|quote| quote.range.as_ref());
    let mut bounds = BTreeSet::from([0, text.len()]);
    bounds.extend(ranges.flat_map(|range| [range.start, range.end]));
    bounds.extend(hows.iter().map(|(end, _)| *end));
    let bounds: Vec<usize> = bounds.into_iter().collect();
    let piece = |bounds: &[usize]| {
        let place = bounds[0]..bounds[1];
        let how = hows.iter().find(|(end, _)| place.start < *end).map_or(How::Left, |(_, how)| *how);
        let ends = ends.iter().filter(|(at, _)| *at == place.end).map(|(_, number)| *number).collect();
        let quoted_by = quoting(quotes, &numbered, &place);
        Piece { text: text[place].to_owned(), how, quoted_by, ends }
    };
    let start = |quote: &Quote<'_>| {
        let piece = quote.range.as_ref().and_then(|range| bounds.binary_search(&range.start).ok());
        (quote.cite.span, piece)
    };
    let mut order: Vec<(usize, usize)> = numbered.iter().map(|(entry, number)| (*number, *entry)).collect();
    order.sort_unstable();
    Cut {
        pieces: bounds.windows(2).map(piece).collect(),
        entries: order.into_iter().map(|(_, entry)| entry).collect(),
        starts: quotes.iter().map(start).collect(),
    }
}

/// The numbers of the entries that quote a place, the closest quotation first.
fn quoting(quotes: &[Quote<'_>], numbered: &BTreeMap<usize, usize>, place: &Range<usize>) -> Vec<usize> {
    let mut covering: Vec<(usize, usize)> = quotes
        .iter()
        .filter_map(|quote| Some((quote.range.as_ref()?, quote.entry)))
        .filter(|(range, _)| range.start <= place.start && place.end <= range.end)
        .map(|(range, entry)| (range.len(), numbered[&entry]))
        .collect();
    covering.sort_unstable();
    let mut numbers: Vec<usize> = Vec::new();
    for (_, number) in covering {
        if !numbers.contains(&number) {
            numbers.push(number);
        }
    }
    numbers
}

/// A citation of an article by an entry, with the bytes of its words in the article.
pub(super) struct Quote<'p> {
    entry: usize,
    cite: &'p Cite,
    range: Option<Range<usize>>,
}

/// The citations of an article.
pub(super) fn quotes<'p>(document: &Document, number: u32, cited: &[(usize, &'p Cite)]) -> Vec<Quote<'p>> {
    let Some(within) = document.article(number) else { return Vec::new() };
    let mut quotes = Vec::new();
    for (entry, cite) in cited.iter().filter(|(_, cite)| cite.article.is_none_or(|own| own == number)) {
        let found = cite.quote.as_ref().and_then(|quote| document.find(quote, &within));
        let range = found.map(|found| found.start - within.start..found.end - within.start);
        if range.is_some() || cite.article == Some(number) {
            quotes.push(Quote { entry: *entry, cite, range });
        }
    }
    quotes
}

/// Numbers for the entries, in the order in which their words stand, what quotes more before what quotes a part of
/// it; those that quote none come last.
fn number(quotes: &[Quote<'_>]) -> BTreeMap<usize, usize> {
    let mut first: BTreeMap<usize, (usize, Reverse<usize>)> = BTreeMap::new();
    for quote in quotes {
        let range = quote.range.clone().unwrap_or(usize::MAX..usize::MAX);
        let place = (range.start, Reverse(range.len()));
        let known = first.entry(quote.entry).or_insert(place);
        *known = (*known).min(place);
    }
    let mut order: Vec<_> = first.into_iter().map(|(entry, place)| (place, entry)).collect();
    order.sort_unstable();
    order.into_iter().enumerate().map(|(at, (_, entry))| (entry, at + 1)).collect()
}

/// Where the quotations of each entry end, those taken as one between which no letter stands.
fn ends(quotes: &[Quote<'_>], text: &str, numbered: &BTreeMap<usize, usize>) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for (entry, number) in numbered {
        let own = quotes.iter().filter(|quote| quote.entry == *entry);
        let mut ranges: Vec<(usize, usize)> =
            own.filter_map(|quote| quote.range.as_ref()).map(|range| (range.start, range.end)).collect();
        ranges.sort_unstable();
        let mut end: Option<usize> = None;
        for (start, own) in ranges {
            end = match end {
                Some(end) if start <= end || !text[end..start].chars().any(char::is_alphanumeric) => {
                    Some(end.max(own))
                }
                Some(end) => {
                    found.push((end, *number));
                    Some(own)
                }
                None => Some(own),
            };
        }
        found.extend(end.map(|end| (end, *number)));
    }
    found.sort_unstable();
    found
}

/// Takes the headings that an article ends with: they are those of what follows it.
pub(super) fn trailing_headings(pieces: &mut Vec<Piece>) -> Vec<String> {
    let is_text = |piece: &Piece| {
        piece.how != How::Heading && piece.text.chars().any(char::is_alphanumeric)
            || !piece.quoted_by.is_empty()
    };
    // The heading of an article without sentences of its own stays.
    let Some(last) = pieces.iter().rposition(is_text) else { return Vec::new() };
    let tail = pieces.split_off(last + 1);
    let text: String = tail.iter().map(|piece| piece.text.as_str()).collect();
    // What stands on the last sentence's own line is its end.
    let mut end = text.find('\n').unwrap_or(text.len());
    let mut at = end;
    for line in text[end..].split_inclusive('\n') {
        at += line.len();
        if !line.trim().is_empty() && !is_heading(line.trim()) {
            end = at;
        }
    }
    if !text[..end].trim().is_empty() {
        pieces.push(Piece::heading(text[..end].to_owned()));
    }
    text[end..].lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// Whether a line looks like a heading: short, and no sentence.
pub(super) fn is_heading(line: &str) -> bool {
    const LONGEST: usize = 60;
    !line.ends_with(['.', ',', ';', ':', '。', '，', '；', '：']) && line.chars().count() <= LONGEST
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_article_ends_before_the_headings_of_the_next() {
        let piece =
            |text: &str, how| Piece { text: text.to_owned(), how, quoted_by: Vec::new(), ends: Vec::new() };
        let mut pieces = vec![
            piece("1.标题。", How::Heading),
            piece("正文", How::Computed),
            piece("。\n这一行是说明。\n\n二、下一部分\n(一)小标题\n", How::Heading),
        ];
        assert_eq!(trailing_headings(&mut pieces), ["二、下一部分", "(一)小标题"]);
        assert_eq!(pieces[2].text, "。\n这一行是说明。\n");
        let mut pieces = vec![piece("1.只有标题\n", How::Heading)];
        assert_eq!(trailing_headings(&mut pieces), [""; 0]);
        assert_eq!(pieces.len(), 1);
    }
}
