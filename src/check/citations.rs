//! Source documents: their articles, whether a quotation stands in one word for word, the nearest passage where
//! it does not, and the figures that a quotation names.
//!
//! White space, full and half width and the shape of quotation marks do not count: a document is normalised
//! once, with a map back to its bytes, and searched in that form.

use std::collections::{BTreeMap, BTreeSet};

use super::typed::Cite;
use super::units;
use crate::diag::{Diagnostic, codes};
use crate::source::{FileId, Span};
use crate::value::Number;

/// A passage this like the quotation is shown as the nearest one: the share of its pairs of characters.
const LIKENESS: usize = 40;

/// A text in the form in which it is searched.
#[derive(Debug, Default)]
struct Normal {
    text: String,
    /// For each character of `text`: where it starts there, and its place in the source.
    places: Vec<(u32, u32)>,
    source_end: u32,
}

impl Normal {
    fn new(source: &str) -> Normal {
        let mut normal = Normal { source_end: source.len() as u32, ..Normal::default() };
        for (at, c) in source.char_indices() {
            if let Some(plain) = plain(c) {
                normal.places.push((normal.text.len() as u32, at as u32));
                normal.text.push(plain);
            }
        }
        normal
    }

    /// The place in the source of a byte of `text`.
    fn source(&self, at: usize) -> usize {
        let index = self.places.partition_point(|(normal, _)| (*normal as usize) < at);
        self.places.get(index).map_or(self.source_end, |(_, source)| *source) as usize
    }

    /// The first byte of `text` that stands at or after a place in the source.
    fn normal(&self, source: usize) -> usize {
        let index = self.places.partition_point(|(_, place)| (*place as usize) < source);
        self.places.get(index).map_or(self.text.len(), |(normal, _)| *normal as usize)
    }

    /// The place in the source just after the character that ends at byte `end` of `text`.
    fn source_after(&self, end: usize, source: &str) -> usize {
        let index = self.places.partition_point(|(normal, _)| (*normal as usize) < end);
        match index.checked_sub(1).and_then(|last| self.places.get(last)) {
            Some((_, at)) => {
                let at = *at as usize;
                at + source[at..].chars().next().map_or(0, char::len_utf8)
            }
            None => 0,
        }
    }
}

/// A character as it counts; `None` for white space.
fn plain(c: char) -> Option<char> {
    Some(match c {
        c if c.is_whitespace() || c == '\u{FEFF}' => return None,
        '“' | '”' | '„' | '«' | '»' => '"',
        '‘' | '’' => '\'',
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        c => c,
    })
}

/// A source document, cut into articles.
#[derive(Debug)]
pub struct Document {
    file: FileId,
    text: String,
    normal: Normal,
    /// Number and bytes of each article, in order; article 0 is what stands before the first.
    articles: Vec<(u32, std::ops::Range<usize>)>,
}

/// The documents that a policy set names.
#[derive(Debug, Default)]
pub struct Documents(BTreeMap<String, Document>);

impl Documents {
    pub fn add(&mut self, name: &str, file: FileId, text: &str) {
        self.0.insert(name.to_owned(), Document::new(file, text));
    }

    /// What is wrong with a citation: unknown source, no such article, words that do not stand there.
    pub fn check(&self, cite: &Cite) -> Option<Diagnostic> {
        let Some(document) = self.0.get(&cite.source) else {
            let names: Vec<&str> = self.0.keys().map(String::as_str).collect();
            let problem = Diagnostic::new(
                &codes::UNKNOWN_SOURCE,
                cite.span,
                format!("there is no source `{}`", cite.source),
            )
            .at("not a source of the policy")
            .suggest(&cite.source, names.iter().copied());
            let known = if names.is_empty() { "none is declared".to_owned() } else { names.join(", ") };
            return Some(problem.note(format!(
                "sources: {known}; declare one in the policy header, `source name = \"sources/file.txt\"`"
            )));
        };
        let within = match cite.article {
            None => 0..document.text.len(),
            Some(number) => match document.article(number) {
                Some(range) => range,
                None => {
                    let last = document.articles.last().map_or(0, |(number, _)| *number);
                    return Some(
                        Diagnostic::new(
                            &codes::NO_SUCH_ARTICLE,
                            cite.span,
                            format!("`{}` has no article {number}", cite.source),
                        )
                        .at("no such article")
                        .note(format!(
                            "its articles run from 1 to {last}; 0 is what stands before the first"
                        )),
                    );
                }
            },
        };
        let quote = cite.quote.as_ref()?;
        if document.find(quote, within.clone()).is_some() {
            return None;
        }
        Some(document.wrong_quotation(cite, quote, within))
    }
}

impl Document {
    pub fn new(file: FileId, text: &str) -> Document {
        Document { file, text: text.to_owned(), normal: Normal::new(text), articles: articles(text) }
    }

    /// The bytes of an article.
    pub fn article(&self, number: u32) -> Option<std::ops::Range<usize>> {
        self.articles.iter().find(|(other, _)| *other == number).map(|(_, range)| range.clone())
    }

    /// Where a quotation stands within some bytes of the document.
    pub fn find(&self, quote: &str, within: std::ops::Range<usize>) -> Option<std::ops::Range<usize>> {
        let quote = Normal::new(quote).text;
        let (start, end) = (self.normal.normal(within.start), self.normal.normal(within.end));
        let at = start + self.normal.text.get(start..end)?.find(&quote)?;
        Some(self.normal.source(at)..self.normal.source_after(at + quote.len(), &self.text))
    }

    fn article_at(&self, place: usize) -> Option<u32> {
        self.articles.iter().find(|(_, range)| range.contains(&place)).map(|(number, _)| *number)
    }

    fn wrong_quotation(&self, cite: &Cite, quote: &str, within: std::ops::Range<usize>) -> Diagnostic {
        let place = match cite.article {
            Some(number) => format!("article {number} of `{}`", cite.source),
            None => format!("`{}`", cite.source),
        };
        let problem = Diagnostic::new(
            &codes::WRONG_QUOTATION,
            cite.span,
            format!("the quotation does not stand in {place}"),
        )
        .at("not these words");
        let everywhere = 0..self.text.len();
        if let Some(range) = self.find(quote, everywhere.clone()) {
            let number = self.article_at(range.start);
            let span = Span::new(self.file, range.start, range.end);
            let found =
                number.map_or_else(|| "elsewhere".to_owned(), |number| format!("in article {number}"));
            return problem
                .also(span, format!("these words stand {found}"))
                .note(format!("they stand {found}: cite that article"));
        }
        let nearest = self.nearest(quote, within).or_else(|| self.nearest(quote, everywhere));
        let Some(range) = nearest else {
            return problem.note("nothing like it stands in the document; copy the words from the source");
        };
        let passage = &self.text[range.clone()];
        let span = Span::new(self.file, range.start, range.end);
        let problem = problem.also(span, "the nearest passage");
        let passage: String = passage.split_whitespace().collect();
        match difference(quote, &passage) {
            Some((said, is)) => {
                problem.note(format!("the source has “{is}” where the quotation has “{said}”"))
            }
            None => problem,
        }
        .note(format!("the source says: “{passage}”"))
    }

    /// The passage that shares most pairs of neighbouring characters with the quotation.
    fn nearest(&self, quote: &str, within: std::ops::Range<usize>) -> Option<std::ops::Range<usize>> {
        let quote: Vec<char> = Normal::new(quote).text.chars().collect();
        let (start, end) = (self.normal.normal(within.start), self.normal.normal(within.end));
        let text: Vec<char> = self.normal.text.get(start..end)?.chars().collect();
        let pairs: BTreeSet<(char, char)> = quote.windows(2).map(|pair| (pair[0], pair[1])).collect();
        if pairs.is_empty() || text.len() < 2 {
            return None;
        }
        let hits: Vec<usize> =
            text.windows(2).map(|pair| pairs.contains(&(pair[0], pair[1])) as usize).collect();
        let length = (quote.len() - 1).min(hits.len());
        let mut score: usize = hits[..length].iter().sum();
        let (mut best, mut best_score) = (0, score);
        for at in 1..=hits.len() - length {
            score = score + hits[at + length - 1] - hits[at - 1];
            if score > best_score {
                (best, best_score) = (at, score);
            }
        }
        if best_score * 100 < LIKENESS * length {
            return None;
        }
        let (first, last) = align(&quote, &text, best, length + 1);
        let byte = |index: usize| start + text[..index].iter().map(|c| c.len_utf8()).sum::<usize>();
        Some(self.normal.source(byte(first))..self.normal.source_after(byte(last), &self.text))
    }
}

/// Moves the ends of a window to where the quotation begins and ends, if that is near.
fn align(quote: &[char], text: &[char], start: usize, length: usize) -> (usize, usize) {
    const REACH: usize = 8;
    let run = quote.len().min(3);
    let head = &quote[..run];
    let tail = &quote[quote.len() - run..];
    let first = (start.saturating_sub(REACH)..=(start + REACH).min(text.len().saturating_sub(run)))
        .filter(|at| text[*at..].starts_with(head))
        .min_by_key(|at| at.abs_diff(start))
        .unwrap_or(start);
    let end = (start + length).min(text.len());
    let last = (end.saturating_sub(REACH).max(first + run)..=(end + REACH).min(text.len()))
        .filter(|at| text[..*at].ends_with(tail))
        .min_by_key(|at| at.abs_diff(end))
        .unwrap_or(end);
    (first, last.max(first))
}

/// What stands in the quotation and what in the passage where the two differ, a little context with them.
fn difference(quote: &str, passage: &str) -> Option<(String, String)> {
    let a: Vec<char> = quote.chars().filter(|c| !c.is_whitespace()).collect();
    let b: Vec<char> = passage.chars().collect();
    let same = |x: &char, y: &char| plain(*x) == plain(*y);
    let front = a.iter().zip(&b).take_while(|(x, y)| same(x, y)).count();
    let room = a.len().min(b.len()) - front;
    let back = a.iter().rev().zip(b.iter().rev()).take(room).take_while(|(x, y)| same(x, y)).count();
    let cut = |list: &[char]| {
        let (from, to) = (front.saturating_sub(4), (list.len() - back + 4).min(list.len()));
        list[from..to].iter().collect::<String>()
    };
    let short = a.len() - front - back <= 30 && b.len() - front - back <= 30;
    short.then(|| (cut(&a), cut(&b)))
}

/// Cuts a document at its headings: `第N条`, else `N.`, else `一、`, each counting only where it follows the
/// one before, so that a year or a list inside an article is not taken for one.
fn articles(text: &str) -> Vec<(u32, std::ops::Range<usize>)> {
    let styles: [fn(&str) -> Option<u32>; 3] = [numbered_article, numbered_point, numbered_section];
    let starts = styles
        .iter()
        .map(|style| headings(text, *style))
        .find(|starts| !starts.is_empty())
        .unwrap_or_default();
    let first = starts.first().map_or(text.len(), |(_, at)| *at);
    let mut articles = vec![(0, 0..first)];
    for (index, (number, at)) in starts.iter().enumerate() {
        let end = starts.get(index + 1).map_or(text.len(), |(_, next)| *next);
        articles.push((*number, *at..end));
    }
    articles
}

fn headings(text: &str, number: fn(&str) -> Option<u32>) -> Vec<(u32, usize)> {
    let mut starts: Vec<(u32, usize)> = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let trimmed = line.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{FEFF}');
        let next = starts.last().map_or(1, |(last, _)| last + 1);
        if number(trimmed) == Some(next) {
            starts.push((next, at));
        }
        at += line.len();
    }
    starts
}

/// `第24条` or `第二十四条`.
fn numbered_article(line: &str) -> Option<u32> {
    let rest = line.strip_prefix('第')?;
    let end = rest.find('条')?;
    whole_number(rest[..end].trim())
}

/// `24.`
fn numbered_point(line: &str) -> Option<u32> {
    let digits = line.find(|c: char| !c.is_ascii_digit())?;
    line[digits..].starts_with(['.', '\u{FF0E}', '、']).then(|| line[..digits].parse().ok()).flatten()
}

/// `一、`
fn numbered_section(line: &str) -> Option<u32> {
    let end = line.find('、')?;
    chinese_number(&line[..end])
}

fn whole_number(text: &str) -> Option<u32> {
    text.parse().ok().or_else(|| chinese_number(text))
}

/// 1 to 999 in Chinese numerals.
fn chinese_number(text: &str) -> Option<u32> {
    const DIGITS: &str = "零一二三四五六七八九";
    let (mut total, mut digit, mut any) = (0u32, 0u32, false);
    for c in text.chars() {
        any = true;
        match c {
            '十' => (total, digit) = (total.checked_add(digit.max(1) * 10)?, 0),
            '百' => (total, digit) = (total.checked_add(digit.max(1) * 100)?, 0),
            '两' => digit = 2,
            '〇' => digit = 0,
            c => digit = DIGITS.chars().position(|d| d == c)? as u32,
        }
    }
    any.then_some(total.checked_add(digit)?)
}

/// A number that a quotation names, with the unit after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    pub text: String,
    pub number: Number,
    pub unit: Option<String>,
}

/// The figures of a quotation: 50万元, 1.2亿元, 500头, 50%, 一个月.
pub fn figures(text: &str) -> Vec<Figure> {
    let chars: Vec<char> = text.chars().filter_map(plain).collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let digits = run(&chars[at..], |c| c.is_ascii_digit() || c == '.');
        let numerals = run(&chars[at..], |c| "一二两三四五六七八九十百".contains(c));
        let length = digits.max(numerals);
        if length == 0 {
            at += 1;
            continue;
        }
        let written: String = chars[at..at + length].iter().collect();
        let number = if digits > 0 {
            written.trim_end_matches('.').parse().ok()
        } else {
            chinese_number(&written).map(|number| Number::from_int(number.into()))
        };
        let rest = &chars[at + length..];
        let unit = (1..=6.min(rest.len())).rev().map(|end| rest[..end].iter().collect::<String>());
        let unit = unit.into_iter().find(|word| units::parse_unit(word, &[]).is_some());
        at += length + unit.as_ref().map_or(0, |unit| unit.chars().count());
        if let Some(number) = number {
            let text = format!("{written}{}", unit.as_deref().unwrap_or_default());
            found.push(Figure { text, number, unit });
        }
    }
    found
}

fn run(chars: &[char], wanted: impl Fn(char) -> bool) -> usize {
    chars.iter().take_while(|c| wanted(**c)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "总则。\n1.第一条的内容,每人1000元。\n2020.不是条款\n2.第二条:一个月内复工的,\n给予补贴。\n3.末条。";

    fn cite(article: Option<u32>, quote: &str) -> Cite {
        let span = Span::new(FileId(0), 0, 1);
        Cite { source: "s".into(), article, quote: Some(quote.into()), span }
    }

    fn documents() -> Documents {
        let mut documents = Documents::default();
        documents.add("s", FileId(1), TEXT);
        documents
    }

    #[test]
    fn articles_follow_each_other() {
        let document = Document::new(FileId(0), TEXT);
        let numbers: Vec<u32> = document.articles.iter().map(|(number, _)| *number).collect();
        assert_eq!(numbers, [0, 1, 2, 3]);
        assert!(TEXT[document.article(1).unwrap()].contains("2020."));
    }

    #[test]
    fn width_and_space_do_not_count() {
        let documents = documents();
        assert!(documents.check(&cite(Some(2), "复工的,给予 补贴")).is_none());
        assert!(documents.check(&cite(Some(1), "每人\u{FF11}000元")).is_none());
        assert!(documents.check(&cite(None, "末条")).is_none());
    }

    #[test]
    fn wrong_words_show_the_nearest() {
        let problem = documents().check(&cite(Some(2), "两个月内复工的")).unwrap();
        assert_eq!(problem.code.id, "E0603");
        assert!(problem.notes.iter().any(|note| note.contains("一个月内复工")), "{:?}", problem.notes);
    }

    #[test]
    fn another_article_is_named() {
        let problem = documents().check(&cite(Some(1), "一个月内复工")).unwrap();
        assert!(problem.notes[0].contains("article 2"), "{:?}", problem.notes);
        assert_eq!(documents().check(&cite(Some(9), "x")).unwrap().code.id, "E0602");
    }

    #[test]
    fn figures_with_units() {
        let texts: Vec<String> = figures("不超过50万元,1.2亿元的,由5000头调整为500头,一个月内50%")
            .into_iter()
            .map(|f| f.text)
            .collect();
        assert_eq!(texts, ["50万元", "1.2亿元", "5000头", "500头", "一个月", "50%"]);
    }
}
