//! The documents in passages: each with the entries that quote it, so that text and program lead to each other.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::check::citations::Document;
use crate::check::typed::{Cite, SourceDocument};
use crate::compile::Compiled;
use crate::coverage::{ArticleCoverage, DocumentCoverage, How, of_every_document};
use crate::source::Span;

use super::entries::{Entries, Pages};

/// A document with its articles.
#[derive(Debug)]
pub(super) struct Book {
    pub title: String,
    /// It is of the set itself, not of one that it uses.
    pub own: bool,
    /// Its last article is its closing, which has no number of its own.
    pub closing: bool,
    pub articles: Vec<Article>,
}

#[derive(Debug)]
pub(super) struct Article {
    pub number: u32,
    /// What its heading calls it.
    pub title: String,
    pub page: String,
    /// The headings that stand above it: of the part of the document that it begins.
    pub lead: Vec<String>,
    pub pieces: Vec<Piece>,
    /// The entries that cite it, in the order of the text; they are numbered from 1.
    pub entries: Vec<usize>,
    pub counts: ArticleCoverage,
}

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

/// Where the words of a citation stand.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub book: usize,
    /// The position among the book's articles.
    pub article: usize,
    /// The position among the article's pieces, where words are quoted.
    pub piece: Option<usize>,
}

/// The documents, and where each citation stands in them.
#[derive(Debug, Default)]
pub(super) struct Library {
    pub books: Vec<Book>,
    places: BTreeMap<Span, Place>,
}

impl Library {
    pub fn new(compiled: &Compiled, entries: &Entries<'_>, pages: &mut Pages) -> Library {
        let program = &compiled.program;
        let cited: Vec<(usize, &Cite)> = (0..entries.all.len())
            .flat_map(|entry| entries.cites(program, entry).into_iter().map(move |cite| (entry, cite)))
            .collect();
        let coverages = of_every_document(program, &compiled.sources);
        let mut library = Library::default();
        let mut known = BTreeSet::new();
        for (source, coverage) in program.sources.iter().zip(coverages) {
            // Where two sets have a document of one name, citations mean the first.
            let first = known.insert(source.name.as_str());
            let own = cited.iter().filter(|(_, cite)| first && cite.source == source.name).copied();
            library.add(compiled, source, coverage, own.collect(), pages);
        }
        library
    }

    pub fn place(&self, cite: &Cite) -> Option<Place> {
        self.places.get(&cite.span).copied()
    }

    /// Books and articles by position.
    pub fn articles(&self) -> impl Iterator<Item = (usize, usize, &Book, &Article)> {
        let of = |(at, book)| {
            let articles = Book::articles(book).iter().enumerate();
            articles.map(move |(number, article)| (at, number, book, article))
        };
        self.books.iter().enumerate().flat_map(of)
    }

    fn add(
        &mut self,
        compiled: &Compiled,
        source: &SourceDocument,
        coverage: DocumentCoverage,
        cited: Vec<(usize, &Cite)>,
        pages: &mut Pages,
    ) {
        let text = &compiled.sources.file(source.file).text;
        let document = Document::new(source.file, text, source.closing.as_deref());
        let several = compiled.program.sources.iter().filter(|other| other.own).count() > 1;
        let first_line = coverage.articles.first().map(|article| article.title.clone()).unwrap_or_default();
        let title = match source.own && !several || first_line.is_empty() {
            true => coverage.title,
            false => first_line,
        };
        let mut book =
            Book { title, own: source.own, closing: source.closing.is_some(), articles: Vec::new() };
        let mut passages = coverage.passages.into_iter().peekable();
        let mut lead = Vec::new();
        for counts in coverage.articles {
            let number = counts.number;
            let mut own = Vec::new();
            while let Some(passage) = passages.next_if(|passage| passage.article == number) {
                own.push((passage.text, passage.how));
            }
            let quotes = quotes(&document, number, &cited);
            let at = (self.books.len(), book.articles.len());
            let (pieces, numbered) = self.cut(at, own, quotes);
            let page = pages.take(&format!("article.{}.{number}", source.name));
            let mut article = Article {
                number,
                title: counts.title.clone(),
                page,
                lead: std::mem::take(&mut lead),
                pieces,
                entries: numbered,
                counts,
            };
            lead = trailing_headings(&mut article);
            book.articles.push(article);
        }
        if let Some(last) = book.articles.last_mut() {
            let end = lead.into_iter().map(|text| Piece {
                text: format!("\n{text}"),
                how: How::Heading,
                quoted_by: Vec::new(),
                ends: Vec::new(),
            });
            last.pieces.extend(end);
        }
        self.books.push(book);
    }

    /// Cuts an article at every quotation's ends. Without words, a citation stands for the article.
    fn cut(
        &mut self,
        at: (usize, usize),
        passages: Vec<(String, How)>,
        quotes: Vec<Quote<'_>>,
    ) -> (Vec<Piece>, Vec<usize>) {
        let text: String = passages.iter().map(|(text, _)| text.as_str()).collect();
        let numbered = number(&quotes);
        let ends = ends(&quotes, &text, &numbered);
        let mut bounds = BTreeSet::from([0, text.len()]);
        bounds.extend(quotes.iter().filter_map(|quote| quote.range.clone()).flat_map(|r| [r.start, r.end]));
        let mut end = 0;
        let hows: Vec<(usize, How)> = passages
            .iter()
            .map(|(text, how)| {
                end += text.len();
                (end, *how)
            })
            .collect();
        bounds.extend(hows.iter().map(|(end, _)| *end));
        let bounds: Vec<usize> = bounds.into_iter().collect();
        let piece = |range: &[usize]| {
            let (start, end) = (range[0], range[1]);
            let how = hows.iter().find(|(end, _)| start < *end).map_or(How::Left, |(_, how)| *how);
            let mut covering: Vec<(usize, usize)> = quotes
                .iter()
                .filter_map(|quote| Some((quote.range.as_ref()?, quote.entry)))
                .filter(|(range, _)| range.start <= start && end <= range.end)
                .map(|(range, entry)| (range.len(), numbered[&entry]))
                .collect();
            covering.sort_unstable();
            let mut quoted_by: Vec<usize> = Vec::new();
            for (_, number) in covering {
                if !quoted_by.contains(&number) {
                    quoted_by.push(number);
                }
            }
            let ends = ends.iter().filter(|(at, _)| *at == end).map(|(_, number)| *number).collect();
            Piece { text: text[start..end].to_owned(), how, quoted_by, ends }
        };
        let pieces: Vec<Piece> = bounds.windows(2).map(piece).collect();
        for quote in &quotes {
            let piece = quote.range.as_ref().and_then(|range| bounds.binary_search(&range.start).ok());
            let place = Place { book: at.0, article: at.1, piece };
            let known = self.places.entry(quote.cite.span).or_insert(place);
            // The words of a citation stand where they are found.
            if known.piece.is_none() {
                *known = place;
            }
        }
        let mut order: Vec<(usize, usize)> =
            numbered.into_iter().map(|(entry, number)| (number, entry)).collect();
        order.sort_unstable();
        (pieces, order.into_iter().map(|(_, entry)| entry).collect())
    }
}

impl Book {
    fn articles(&self) -> &[Article] {
        &self.articles
    }

    /// Characters of its sentences, by how they are accounted for.
    pub fn counts(&self) -> Counts {
        self.articles.iter().fold(Counts::default(), |sum, article| {
            let own = article.counts();
            Counts {
                computed: sum.computed + own.computed,
                open: sum.open + own.open,
                principle: sum.principle + own.principle,
                left: sum.left + own.left,
            }
        })
    }
}

impl Article {
    pub fn counts(&self) -> Counts {
        let own = &self.counts;
        Counts { computed: own.computed, open: own.open, principle: own.not_computable, left: own.left }
    }
}

/// Characters of sentences by how they are accounted for.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Counts {
    pub computed: usize,
    pub open: usize,
    pub principle: usize,
    pub left: usize,
}

impl Counts {
    pub fn total(self) -> usize {
        self.computed + self.open + self.principle + self.left
    }
}

/// A citation of an article by an entry, with the bytes of its words in the article.
struct Quote<'p> {
    entry: usize,
    cite: &'p Cite,
    range: Option<Range<usize>>,
}

fn quotes<'p>(document: &Document, number: u32, cited: &[(usize, &'p Cite)]) -> Vec<Quote<'p>> {
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
fn trailing_headings(article: &mut Article) -> Vec<String> {
    let is_text = |piece: &Piece| {
        piece.how != How::Heading && piece.text.chars().any(char::is_alphanumeric)
            || !piece.quoted_by.is_empty()
    };
    // The heading of an article without sentences of its own stays.
    let Some(last) = article.pieces.iter().rposition(is_text) else { return Vec::new() };
    let tail = article.pieces.split_off(last + 1);
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
        let piece = Piece {
            text: text[..end].to_owned(),
            how: How::Heading,
            quoted_by: Vec::new(),
            ends: Vec::new(),
        };
        article.pieces.push(piece);
    }
    text[end..].lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// Whether a line looks like a heading: short, and no sentence.
pub(super) fn is_heading(line: &str) -> bool {
    const LONGEST: usize = 60;
    !line.ends_with(['.', ',', ';', ':', '。', '，', '；', '：']) && line.chars().count() <= LONGEST
}
