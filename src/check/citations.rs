//! Citations against their sources: that the source is declared, that it has the article, and that the words
//! stand there, white space, full and half width and the shape of quotation marks aside.

mod align;
mod document;
mod figures;
mod headings;
mod normal;
mod numerals;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub use align::{Difference, differences};
pub use document::{Document, Nearest};
pub use figures::{Figure, figures};
pub use numerals::whole as chinese_number;

use super::set::SourceFile;
use super::typed::Cite;
use crate::diag::{Diagnostic, codes};
use crate::source::Span;

/// A passage this like the quotation, of 100, is offered in its place.
const OFFERED_LIKENESS: usize = 80;
/// The longest passage that a message repeats, in characters.
const LONGEST_SHOWN: usize = 200;

/// The documents that a policy set and the sets it uses declare.
#[derive(Debug, Default)]
pub struct Documents {
    /// By the position of the set and the name; `None` for one that could not be read.
    documents: BTreeMap<(usize, String), Option<Document>>,
}

impl Documents {
    pub fn add(&mut self, set: usize, source: &SourceFile, text: &str) {
        let document = Document::new(source.file, text, source.closing.as_deref());
        self.documents.insert((set, source.name.clone()), Some(document));
    }

    /// A document that is declared but could not be read: nothing more is said of its citations.
    pub fn add_unread(&mut self, set: usize, name: &str) {
        self.documents.entry((set, name.to_owned())).or_default();
    }

    /// What is wrong with a citation in a file of `set`. Its own sources come before those of other sets.
    pub fn check(&self, set: usize, cite: &Cite) -> Option<Diagnostic> {
        let own = self.documents.get(&(set, cite.source.clone()));
        let mut named = self.documents.iter().filter(|((_, name), _)| *name == cite.source);
        let Some(document) = own.or_else(|| named.next().map(|(_, document)| document)) else {
            return Some(self.unknown_source(cite));
        };
        let document = document.as_ref()?;
        let within = match cite.article {
            None => document.everywhere(),
            Some(number) => match document.article(number) {
                Some(range) => range,
                None => return Some(no_such_article(document, cite, number)),
            },
        };
        let quote = cite.quote.as_ref()?;
        let stands = document.find(quote, &within).is_some();
        (!stands).then(|| wrong_quotation(document, cite, quote))
    }

    fn unknown_source(&self, cite: &Cite) -> Diagnostic {
        let mut names: Vec<&str> = self.documents.keys().map(|(_, name)| name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        let known = if names.is_empty() { "none is declared".to_owned() } else { names.join(", ") };
        Diagnostic::new(
            &codes::UNKNOWN_SOURCE,
            cite.places.source,
            format!("there is no source `{}`", cite.source),
        )
        .at("not a source of the policy")
        .suggest(&cite.source, names)
        .note(format!(
            "sources: {known}; declare one in the policy header, `source name = \"sources/file.txt\"`"
        ))
    }
}

fn no_such_article(document: &Document, cite: &Cite, number: u32) -> Diagnostic {
    let problem = Diagnostic::new(
        &codes::NO_SUCH_ARTICLE,
        cite.places.article,
        format!("`{}` has no article {number}", cite.source),
    )
    .at("no such article");
    let problem = match document.last_article() {
        0 => problem.note(
            "no line of it begins like an article: 第1条, Article 1, 1. or 一、; cite it without a number",
        ),
        last => problem.note(format!("its articles run from 1 to {last}; 0 is what stands before the first")),
    };
    let Some(quote) = &cite.quote else { return problem };
    match document.find(quote, &document.everywhere()) {
        Some(range) => {
            let place = place(document.article_at(range.start));
            let span = Span::new(document.file, range.start, range.end);
            problem
                .also(span, format!("the quotation stands {place}"))
                .with_article(cite, document.article_at(range.start))
        }
        None => problem,
    }
}

fn wrong_quotation(document: &Document, cite: &Cite, quote: &str) -> Diagnostic {
    let cited = match cite.article {
        Some(number) => format!("article {number} of `{}`", cite.source),
        None => format!("`{}`", cite.source),
    };
    let problem = Diagnostic::new(
        &codes::WRONG_QUOTATION,
        cite.places.quote,
        format!("the quotation does not stand in {cited}"),
    );
    if quote.trim().is_empty() {
        return problem.at("no words").note("quote the words that give the rule, or leave the quotation out");
    }
    let problem = problem.at("not these words");
    if let Some(range) = document.find(quote, &document.everywhere()) {
        let place = place(document.article_at(range.start));
        let span = Span::new(document.file, range.start, range.end);
        return problem
            .also(span, format!("these words stand {place}"))
            .note(format!("they stand {place}: cite that article"))
            .with_article(cite, document.article_at(range.start));
    }
    match document.nearest(quote, cite.article) {
        Some(nearest) => show_nearest(problem, document, cite, quote, &nearest),
        None => problem.note("nothing like it stands in the document; copy the words from the source"),
    }
}

/// Adds the nearest passage, in which words it differs, and the passage as a replacement.
fn show_nearest(
    mut problem: Diagnostic,
    document: &Document,
    cite: &Cite,
    quote: &str,
    nearest: &Nearest,
) -> Diagnostic {
    let passage = one_line(&document.text[nearest.range.clone()]);
    let elsewhere = cite.article.is_some() && nearest.article != cite.article;
    let place = if elsewhere { format!(", {}", place(nearest.article)) } else { String::new() };
    let span = Span::new(document.file, nearest.range.start, nearest.range.end);
    problem = problem.also(span, format!("the nearest passage{place}"));
    for Difference { quotation, source } in differences(quote, &passage) {
        problem = problem.note(match (quotation.is_empty(), source.is_empty()) {
            (true, _) => format!("the quotation leaves out “{source}”"),
            (_, true) => format!("the source does not have “{quotation}”"),
            _ => format!("the source has “{source}” where the quotation has “{quotation}”"),
        });
    }
    if quote.contains('…') || quote.contains("...") {
        problem = problem.note("a quotation leaves nothing out: give the parts in two citations");
    }
    let shown: String = passage.chars().take(LONGEST_SHOWN).collect();
    let more = if shown.len() < passage.len() { "…" } else { "" };
    problem = problem.note(format!("the source says: “{shown}{more}”"));
    let plain = !passage.contains(['"', '“', '”', '\\']);
    if nearest.likeness >= OFFERED_LIKENESS && plain && !elsewhere {
        problem = problem.fix(cite.places.quote, format!("\"{passage}\""));
    }
    problem
}

impl Diagnostic {
    /// Adds the article that holds the words as a replacement of the one that is cited.
    fn with_article(self, cite: &Cite, article: Option<u32>) -> Diagnostic {
        match article.filter(|_| cite.article.is_some()) {
            Some(number) => self.fix(cite.places.article, format!("art {number}")),
            None => self,
        }
    }
}

fn place(article: Option<u32>) -> String {
    match article {
        Some(0) => "before the first article".to_owned(),
        Some(number) => format!("in article {number}"),
        None => "elsewhere".to_owned(),
    }
}

/// A passage without its line breaks; between Latin letters or digits they are spaces.
fn one_line(passage: &str) -> String {
    let mut line = String::new();
    for word in passage.split_whitespace() {
        if line.ends_with(|c: char| c.is_ascii()) && word.starts_with(|c: char| c.is_ascii_alphanumeric()) {
            line.push(' ');
        }
        line.push_str(word);
    }
    line
}
