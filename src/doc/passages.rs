//! The documents in passages: each with the entries that quote it, so that text and program lead to each other.

use std::collections::{BTreeMap, BTreeSet};

use crate::check::citations::Document;
use crate::check::typed::{Cite, SourceDocument};
use crate::compile::Compiled;
use crate::coverage::{ArticleCoverage, DocumentCoverage, of_every_document};
use crate::source::Span;

use super::cut::{Cut, Piece, cut, quotes, trailing_headings};
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
            let Cut { mut pieces, entries, starts } = cut(own, &quotes);
            self.remember(book.articles.len(), starts);
            let headings = trailing_headings(&mut pieces);
            book.articles.push(Article {
                number,
                title: counts.title.clone(),
                page: pages.take(&format!("article.{}.{number}", source.name)),
                lead: std::mem::replace(&mut lead, headings),
                pieces,
                entries,
                counts,
            });
        }
        if let Some(last) = book.articles.last_mut() {
            last.pieces.extend(lead.into_iter().map(|text| Piece::heading(format!("\n{text}"))));
        }
        self.books.push(book);
    }

    /// Notes where the citations of an article of the next book stand in it.
    fn remember(&mut self, article: usize, starts: Vec<(Span, Option<usize>)>) {
        for (cite, piece) in starts {
            let place = Place { book: self.books.len(), article, piece };
            let known = self.places.entry(cite).or_insert(place);
            // The words of a citation stand where they are found.
            if known.piece.is_none() {
                *known = place;
            }
        }
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
