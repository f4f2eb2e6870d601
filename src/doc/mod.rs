//! The document and its program side by side, as a site in two languages: pages that need no network, no server
//! and no script, linked passage by passage.
//!
//! ```text
//! Compiled ─→ entries (items with a page each) ─→ passages (documents, cut where entries quote them)
//!                     └── in each language: labels, formulas, sentences ─→ cards ─→ pages
//! ```

mod article;
mod card;
mod cut;
mod entries;
mod entry;
mod examples;
mod figures;
mod formula;
mod glossary;
mod home;
mod labels;
mod listing;
mod measure;
mod passages;
mod search;
mod sentence;
mod shell;
mod vocabulary;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use maud::Markup;

use crate::check::show::Language;
use crate::check::typed::{Cite, Program};
use crate::compile::{self, Compiled};

use entries::{Entries, Entry, Pages};
use examples::Examples;
use passages::Library;
use words::{Words, words};

/// The files of a site, by their paths from its folder, and what there is to say of it.
#[derive(Debug)]
pub struct Site {
    pub files: BTreeMap<String, String>,
    /// Examples that do not come out as their authors expect.
    pub failing: usize,
    pub examples: usize,
}

/// The style sheet and the script, which every page shares.
const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("site.js");

/// The site of a set that was checked without errors.
pub fn site(compiled: &Compiled) -> Site {
    let mut pages = Pages::default();
    let entries = Entries::new(compiled, &mut pages);
    let keywords = listing::keywords();
    let library = Library::new(compiled, &entries, &mut pages);
    let core = compile::lower(&compiled.program);
    let failing = examples::failing(&compiled.program, &core);
    let (failed, examples) = (failing.len(), compiled.program.cases.len());
    let mut site = Site { files: BTreeMap::new(), failing: failed, examples };
    for language in Language::ALL {
        let program = labels::in_language(&compiled.program, language);
        let examples = Examples::new(&program, &core, language);
        let view = View {
            compiled,
            program: &program,
            entries: &entries,
            library: &library,
            examples: &examples,
            failing: &failing,
            language,
            words: words(language),
            keywords: &keywords,
            around: Around::Elsewhere,
        };
        view.pages(&mut site.files);
    }
    site.files.insert("index.html".to_owned(), shell::front(compiled.language, &title(compiled)));
    site.files.insert("style.css".to_owned(), STYLE.to_owned());
    site.files.insert("site.js".to_owned(), SCRIPT.to_owned());
    site
}

/// What the document is called: its title stays as it is in every language.
fn title(compiled: &Compiled) -> String {
    let policy = compiled.program.policy.as_ref();
    policy.map_or_else(|| compiled.name.clone(), |policy| policy.head.label.clone())
}

/// Where what is being written stands: there, links to passages are short.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Around {
    /// On a page without the document's text.
    Elsewhere,
    /// On the page of an article: the document and the article by position.
    Article(usize, usize),
    /// On the page of all articles.
    Whole,
}

/// Everything that the pages of one language are made from.
#[derive(Clone, Copy)]
struct View<'a> {
    compiled: &'a Compiled,
    /// With labels in the language.
    program: &'a Program,
    entries: &'a Entries<'a>,
    library: &'a Library,
    examples: &'a Examples,
    /// The cases that do not come out as expected.
    failing: &'a BTreeSet<usize>,
    language: Language,
    words: &'static Words,
    /// The words of the language's keywords.
    keywords: &'a BTreeSet<&'static str>,
    around: Around,
}

impl View<'_> {
    fn pages(&self, files: &mut BTreeMap<String, String>) {
        let mut add = |page: &str, title: &str, body: &Markup| {
            files.insert(format!("{}/{page}", self.language.tag()), self.shell(page, title, body));
        };
        add("index.html", &title(self.compiled), &self.home());
        for (book, article, _, own) in self.library.articles() {
            add(&own.page, &self.article_title(book, article), &self.article_page(book, article));
        }
        for at in 0..self.entries.all.len() {
            add(&self.entry(at).page, &self.title_of(at), &self.entry_page(at));
        }
        add("whole.html", self.words.whole, &self.whole_page());
        add("measures.html", self.words.measures, &self.measures_page());
        add("figures.html", self.words.params, &self.figures_page());
        add("open.html", self.words.open, &self.open_page());
        add("glossary.html", self.words.glossary, &self.glossary_page());
        add("search.html", self.words.search, &self.search_page());
        files.insert(format!("{}/search.js", self.language.tag()), self.search_index());
    }

    fn entry(&self, at: usize) -> &Entry<'_> {
        &self.entries.all[at]
    }

    /// An entry in words, as at the start of a sentence.
    fn title_of(&self, at: usize) -> String {
        labels::capital(&self.entry(at).title(self.language))
    }

    /// The page and place of a citation's words, where it has one.
    fn place_of(&self, cite: &Cite) -> Option<String> {
        let place = self.library.place(cite)?;
        let book = &self.library.books[place.book];
        let part = place.piece.map_or("text".to_owned(), |piece| format!("p{piece}"));
        let page = &book.articles[place.article].page;
        Some(match self.around {
            Around::Article(at, article) if (at, article) == (place.book, place.article) => {
                format!("#{part}")
            }
            Around::Whole if book.own => format!("#a{}.{}.{part}", place.book, place.article),
            _ => format!("{page}#{part}"),
        })
    }

    /// The page and place of a thing of the index.
    fn place_of_thing(&self, thing: usize) -> Option<String> {
        use crate::check::index::ThingKind;
        let entry = self.entries.of_thing(self.compiled, thing)?;
        let page = &self.entry(entry).page;
        let thing = &self.compiled.index.things()[thing];
        let part = match thing.kind {
            ThingKind::Field => "field",
            ThingKind::Variant => "variant",
            ThingKind::Condition => "condition",
            ThingKind::Branch => "branch",
            ThingKind::Let => "let",
            ThingKind::Benefit => "benefit",
            _ => return Some(page.clone()),
        };
        Some(format!("{page}#{part}.{}", thing.name.text))
    }
}
