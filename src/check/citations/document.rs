//! A source document: its articles, where a quotation stands in it, and what is nearest to one that does not.

use std::ops::Range;

use super::align::{self, Fit};
use super::headings;
use super::normal::Normal;
use crate::source::FileId;

/// A passage less like the quotation than this, of 100, is not worth showing.
const LEAST_LIKENESS: usize = 40;
/// An article's passage that is this like the quotation is what was meant, whatever stands elsewhere.
const GOOD_LIKENESS: usize = 60;
/// So much nearer a passage elsewhere must be to be shown in place of one in the article.
const CLEARLY_BETTER: usize = 15;
/// How many places are compared with the quotation character by character.
const CANDIDATES: usize = 8;
/// A quotation longer than this is shown beside a passage of its length without comparing the two.
const LONGEST_COMPARED: usize = 3_000;
/// A pair of characters that comes this often in one quotation says nothing of the place.
const OFTEN: usize = 4;

/// A source document, cut into articles.
#[derive(Debug)]
pub struct Document {
    pub(super) file: FileId,
    pub(super) text: String,
    normal: Normal,
    /// Number and bytes of each article, in order; article 0 is what stands before the first.
    articles: Vec<(u32, Range<usize>)>,
}

/// The passage of a document that is most like a quotation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nearest {
    /// Its bytes in the document.
    pub range: Range<usize>,
    pub article: Option<u32>,
    /// Of 100.
    pub likeness: usize,
}

impl Document {
    /// With the words that begin its closing, which is then the article after the last.
    pub fn new(file: FileId, text: &str, closing: Option<&str>) -> Document {
        let mut articles = headings::articles(text);
        let last = articles.last().cloned();
        if let (Some((number, range)), Some(at)) = (last, closing.and_then(|words| text.rfind(words)))
            && range.contains(&at)
        {
            let end = articles.len() - 1;
            articles[end].1 = range.start..at;
            articles.push((number + 1, at..range.end));
        }
        Document { file, text: text.to_owned(), normal: Normal::new(text), articles }
    }

    /// The bytes of an article.
    pub fn article(&self, number: u32) -> Option<Range<usize>> {
        // Articles are numbered without gaps.
        self.articles.get(number as usize).map(|(_, range)| range.clone())
    }

    /// The number of the last article; 0 where there is none.
    pub fn last_article(&self) -> u32 {
        self.articles.last().map_or(0, |(number, _)| *number)
    }

    /// The article that a byte stands in.
    pub fn article_at(&self, place: usize) -> Option<u32> {
        let after = self.articles.partition_point(|(_, range)| range.start <= place);
        let (number, range) = self.articles.get(after.checked_sub(1)?)?;
        range.contains(&place).then_some(*number)
    }

    pub(super) fn everywhere(&self) -> Range<usize> {
        0..self.text.len()
    }

    /// Where a quotation stands within some bytes of the document. One without any words stands nowhere.
    pub fn find(&self, quote: &str, within: &Range<usize>) -> Option<Range<usize>> {
        let quote = Normal::new(quote);
        if quote.len() == 0 {
            return None;
        }
        let found = self.normal.find(&quote, &self.normal.within(within))?;
        Some(self.normal.source(&found, &self.text))
    }

    /// The passage most like a quotation: in `article` if there is a good one, else anywhere.
    pub fn nearest(&self, quote: &str, article: Option<u32>) -> Option<Nearest> {
        let quote: Vec<char> = Normal::new(quote).text.chars().collect();
        let here =
            article.and_then(|number| self.article(number)).and_then(|within| self.best(&quote, &within));
        if here.as_ref().is_some_and(|here| here.likeness >= GOOD_LIKENESS) {
            return here;
        }
        let least = here.as_ref().map_or(0, |here| here.likeness + CLEARLY_BETTER);
        let anywhere = self.best(&quote, &self.everywhere());
        let best = anywhere.filter(|anywhere| anywhere.likeness >= least).or(here);
        best.filter(|best| best.likeness >= LEAST_LIKENESS)
    }

    fn best(&self, quote: &[char], within: &Range<usize>) -> Option<Nearest> {
        let chars = self.normal.within(within);
        let text: Vec<char> = self.normal.part(&chars).chars().collect();
        let fits = candidates(quote, &text).into_iter().map(|window| fit(quote, &text, &window));
        // The first of equals: text order within the votes.
        let best = fits.min_by_key(|fit| fit.distance)?;
        let longer = quote.len().max(best.place.len()).max(1);
        let place = chars.start + best.place.start..chars.start + best.place.end;
        let range = self.normal.source(&place, &self.text);
        Some(Nearest {
            article: self.article_at(range.start),
            range,
            likeness: 100 - (100 * best.distance).div_ceil(longer).min(100),
        })
    }
}

/// The best fit of a quotation near a window of its length.
fn fit(quote: &[char], text: &[char], window: &Range<usize>) -> Fit {
    if quote.len() > LONGEST_COMPARED {
        let place = window.start..window.end.min(window.start + quote.len());
        let same = quote.iter().zip(&text[place.clone()]).filter(|(a, b)| a == b).count();
        return Fit { distance: quote.len() - same, place };
    }
    let slack = (quote.len() / 2 + 8).min(400);
    let start = window.start.saturating_sub(slack);
    let end = (window.end + slack).min(text.len());
    let fit = align::fit(quote, &text[start..end]);
    Fit { distance: fit.distance, place: start + fit.place.start..start + fit.place.end }
}

/// Windows of a text that share many pairs of neighbouring characters with a quotation, in its order: each
/// common pair votes for where the quotation would then begin.
fn candidates(quote: &[char], text: &[char]) -> Vec<Range<usize>> {
    let mut votes = votes(quote, text);
    votes.sort_unstable();
    let tolerance = quote.len() as i64 / 4 + 4;
    let mut windows: Vec<(usize, i64)> = Vec::new();
    let mut end = 0;
    for (first, start) in votes.iter().enumerate() {
        while votes.get(end).is_some_and(|vote| vote - start <= tolerance) {
            end += 1;
        }
        windows.push((end - first, *start));
    }
    let mut chosen: Vec<i64> = Vec::new();
    // The longer the quotation, the surer the votes, and the dearer the comparison.
    let most = CANDIDATES.min(1 + 2_000 / quote.len().max(1));
    while chosen.len() < most {
        let is_new = |start: i64| chosen.iter().all(|other| (start - other).abs() > tolerance);
        let left = windows.iter().filter(|(_, start)| is_new(*start));
        // The most votes; of equals the first in the text.
        let Some((_, start)) = left.max_by_key(|(count, start)| (*count, -start)) else { break };
        chosen.push(*start);
    }
    let place = |start: i64| usize::try_from(start).unwrap_or(0).min(text.len());
    chosen.into_iter().map(|start| place(start)..place(start + quote.len() as i64 + tolerance)).collect()
}

fn votes(quote: &[char], text: &[char]) -> Vec<i64> {
    let mut pairs: Vec<([char; 2], usize)> =
        quote.windows(2).enumerate().map(|(at, pair)| ([pair[0], pair[1]], at)).collect();
    pairs.sort_unstable();
    let mut votes = Vec::new();
    for (at, pair) in text.windows(2).enumerate() {
        let pair = [pair[0], pair[1]];
        let first = pairs.partition_point(|(other, _)| *other < pair);
        let same = pairs[first..].iter().take_while(|(other, _)| *other == pair).take(OFTEN);
        votes.extend(same.map(|(_, place)| at as i64 - *place as i64));
    }
    votes
}
