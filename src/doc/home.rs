//! The first page: what the document is, its articles, how each is encoded; and the list of all measures.

use maud::{Markup, html};

use crate::check::index::ThingKind;

use super::View;
use super::article::percent;
use super::labels::capital;
use super::passages::Book;
use super::words::{kind, kinds};

/// Kinds of entries as they are counted and listed.
pub(super) const ORDER: [ThingKind; 15] = [
    ThingKind::Policy,
    ThingKind::Measure,
    ThingKind::Duty,
    ThingKind::Target,
    ThingKind::Param,
    ThingKind::Define,
    ThingKind::Table,
    ThingKind::Register,
    ThingKind::Calendar,
    ThingKind::Budget,
    ThingKind::BestOf,
    ThingKind::Principle,
    ThingKind::Record,
    ThingKind::Enum,
    ThingKind::Unit,
];

impl View<'_> {
    pub fn home(&self) -> Markup {
        let words = self.words;
        let title = super::title(self.compiled);
        let policy = self.program.policy.as_ref();
        let (own, others): (Vec<_>, Vec<_>) =
            self.library.books.iter().enumerate().partition(|(_, book)| book.own);
        html! {
            div.head { h1 lang=[self.lang_of(&title)] { (title) } }
            @if let Some(policy) = policy {
                dl.facts.wide-facts {
                    @if let Some(issuer) = &policy.issuer {
                        div { dt { (words.issued_by) } dd lang=[self.lang_of(issuer)] { (issuer) } }
                    }
                    @if let Some(issued) = policy.issued { div { dt { (words.issued_on) } dd { (issued) } } }
                    div { dt { (words.in_force) } dd { (self.force(&policy.force)) } }
                }
                (self.notes(&policy.head.docs))
            }
            (self.numbers())
            @if own.is_empty() { p { (words.no_document) } }
            @for (at, book) in &own {
                section {
                    h2 { (words.contents) }
                    @if own.len() > 1 { p { strong lang=[self.lang_of(&book.title)] { (book.title) } } }
                    (self.coverage(book))
                    (self.contents(*at, book))
                }
            }
            @if !others.is_empty() {
                section {
                    h2 { (words.document_other) }
                    @for (at, book) in &others {
                        h3 lang=[self.lang_of(&book.title)] { (book.title) }
                        (self.contents(*at, book))
                    }
                }
            }
        }
    }

    /// How many items of each kind there are, and examples.
    fn numbers(&self) -> Markup {
        let (words, language) = (self.words, self.language);
        let count = |kind| self.entries.all.iter().filter(|entry| entry.own && entry.kind == kind).count();
        let cases = self.program.cases.len();
        let failing = self.failing.len();
        html! {
            ul.numbers aria-label=(words.counts) {
                @for own in ORDER.into_iter().filter(|own| *own != ThingKind::Policy && count(*own) > 0) {
                    li {
                        a href={ "search.html#" (section(own)) } {
                            strong { (count(own)) } " "
                            (if count(own) == 1 { kind(own, language) } else { kinds(own, language) })
                        }
                    }
                }
                @if cases > 0 {
                    li {
                        strong { (cases) } " " (words.examples.to_lowercase())
                        @if failing == 0 { " · " (words.all_pass) }
                        @else { " · " span.warning { (failing) " " (words.some_fail) } }
                    }
                }
            }
        }
    }

    fn coverage(&self, book: &Book) -> Markup {
        let (words, counts) = (self.words, book.counts());
        let total = counts.total();
        let parts = [
            ("computed", words.computed, counts.computed),
            ("open", words.open_how, counts.open),
            ("principle", words.principle_how, counts.principle),
            ("left", words.left_how, counts.left),
        ];
        html! {
            (self.meter(counts))
            ul.legend aria-label=(words.coverage) {
                @for (class, word, count) in parts {
                    li { span class=(class) {} (word) " " (percent(count, total)) }
                }
            }
        }
    }

    /// The articles of a document, under its headings.
    fn contents(&self, at: usize, book: &Book) -> Markup {
        html! {
            @for (heading, articles) in parts(book) {
                @for line in heading { p.part lang=[self.lang_of(line)] { (line) } }
                ol.contents {
                    @for article in articles {
                        @let own = &book.articles[article];
                        li {
                            a.title href=(own.page) {
                                span.where { (self.article_name(book, own)) } " "
                                span lang=[self.lang_of(&own.title)] { (own.title) }
                            }
                            (self.meter(own.counts()))
                            span.how { (self.how(at, article)) }
                        }
                    }
                }
            }
        }
    }

    /// How an article is encoded: `4 figures, 6 measures`.
    fn how(&self, book: usize, article: usize) -> String {
        let kinds_of = self.library.books[book].articles[article].kinds(self);
        let one = |(own, count): (ThingKind, usize)| {
            let word = if count == 1 { kind(own, self.language) } else { kinds(own, self.language) };
            format!("{count} {word}")
        };
        kinds_of.into_iter().map(one).collect::<Vec<_>>().join(self.language.pick(", ", "，"))
    }

    /// All measures, duties and targets, by whom they are for.
    pub fn measures_page(&self) -> Markup {
        let words = self.words;
        let records = self.of_kind(ThingKind::Record);
        let rules = |record: usize| {
            let own = self.entries.all.iter().enumerate().filter(move |(_, entry)| {
                let rule = matches!(entry.kind, ThingKind::Measure | ThingKind::Duty | ThingKind::Target);
                rule && entry.at.is_some_and(|at| self.program.measures[at].record.index() == record)
            });
            own.map(|(at, _)| at).collect::<Vec<usize>>()
        };
        let groups: Vec<(usize, Vec<usize>)> =
            records.map(|(entry, at)| (entry, rules(at))).filter(|(_, rules)| !rules.is_empty()).collect();
        html! {
            h1 { (words.measures) }
            nav.jump aria-label=(words.for_record) {
                @for (entry, rules) in &groups {
                    a href={ "#" (self.entry(*entry).page.trim_end_matches(".html")) } { (self.title_of(*entry)) " " small { (rules.len()) } }
                }
            }
            @for (entry, rules) in &groups {
                section id=(self.entry(*entry).page.trim_end_matches(".html")) {
                    h2 { a href=(self.entry(*entry).page) { (self.title_of(*entry)) } }
                    dl.rules-of { @for rule in rules {
                        dt { (self.entry_link(*rule)) }
                        dd {
                            @if let Some(own) = self.entry(*rule).at {
                                (capital(&self.plain_sentence(&self.program.measures[own])))
                            }
                        }
                    } }
                }
            }
        }
    }
}

/// The name of a kind's section on the page of all names.
pub(super) fn section(kind: ThingKind) -> String {
    format!("{kind:?}").to_lowercase()
}

/// The articles under the headings that they stand below.
fn parts(book: &Book) -> Vec<(&[String], Vec<usize>)> {
    let mut parts: Vec<(&[String], Vec<usize>)> = Vec::new();
    for (at, article) in book.articles.iter().enumerate() {
        match parts.last_mut() {
            Some((_, articles)) if article.lead.is_empty() => articles.push(at),
            _ => parts.push((&article.lead, vec![at])),
        }
    }
    parts
}
