//! What a page says of an item, whatever its kind: beside the document, and on a page of its own.

use maud::{Markup, html};

use crate::check::index::ThingKind;
use crate::check::typed::{Budget, BudgetRule, Cite, Force, Policy};
use crate::syntax::ast::{self, ItemKind};

use super::formula::Place;
use super::passages::{Article, Book};
use super::{Around, View};

/// Up to how many characters of a quotation are shown where it stands beside the document.
const QUOTE_SHOWN: usize = 28;

impl View<'_> {
    /// What an entry means. `rows` stands before the names of its rows.
    pub fn meaning(&self, at: usize, rows: &str) -> Markup {
        let (entry, program) = (self.entry(at), self.program);
        let Some(own) = entry.at else { return self.undeclared(at) };
        match entry.kind {
            ThingKind::Measure | ThingKind::Duty | ThingKind::Target => {
                self.measure(&program.measures[own], rows)
            }
            ThingKind::Param => self.param(&program.params[own]),
            ThingKind::Define => self.define(&program.defines[own]),
            ThingKind::Table => self.table(&program.tables[own], at),
            ThingKind::Register => self.register(&program.registers[own]),
            ThingKind::Calendar => self.calendar(at),
            ThingKind::Budget => self.budget(&program.budgets[own]),
            ThingKind::Principle => self.principle(&program.principles[own].reason),
            ThingKind::Policy => match &program.policy {
                Some(policy) => self.policy(policy),
                None => self.undeclared(at),
            },
            ThingKind::Record => self.record(own),
            ThingKind::Enum => self.list_of_values(own),
            _ => html! {},
        }
    }

    /// What stands in no list of the program, as its file says it.
    fn undeclared(&self, at: usize) -> Markup {
        let words = self.words;
        match &self.entry(at).item.kind {
            ItemKind::BestOf(own) => html! {
                p { (words.contenders) (self.colon()) }
                ul.links {
                    @for (measure, benefit) in &own.contenders {
                        li { (self.place_link(measure)) (self.language.pick(": ", "：")) (self.place_link(benefit)) }
                    }
                }
                @for cite in &own.cites { p.quote { (written(cite)) } }
            },
            ItemKind::Unit(own) => self.unit(own),
            ItemKind::Policy(own) => html! {
                dl.facts {
                    @if let Some(issuer) = &own.issuer { dt { (words.issued_by) } dd { (issuer.text) } }
                    @if let Some(issued) = &own.issued { dt { (words.issued_on) } dd { (issued.text) } }
                }
            },
            _ => html! {},
        }
    }

    pub fn colon(&self) -> &'static str {
        self.language.pick(":", "：")
    }

    /// A name in a file as a link to what it stands for.
    pub fn place_link(&self, word: &ast::Word) -> Markup {
        let Some(thing) = self.compiled.index.named(word.span) else { return html! { (word.text) } };
        let own = &self.compiled.index.things()[thing];
        let label = own.label.as_ref().map_or("", |label| &label.text);
        let label = super::labels::spoken(self.language, &own.name.text, label);
        match self.place_of_thing(thing) {
            Some(page) => html! { a href=(page) { (label) } },
            None => html! { (label) },
        }
    }

    /// Why a passage is not computable.
    fn principle(&self, reason: &str) -> Markup {
        html! {
            p.reason {
                small { (self.words.reason) (self.colon()) " " }
                span lang=[self.lang_of(reason)] { (reason) }
            }
        }
    }

    fn policy(&self, policy: &Policy) -> Markup {
        let words = self.words;
        html! {
            dl.facts {
                @if let Some(issuer) = &policy.issuer { dt { (words.issued_by) } dd lang=[self.lang_of(issuer)] { (issuer) } }
                @if let Some(issued) = policy.issued { dt { (words.issued_on) } dd { (issued) } }
                dt { (words.in_force) } dd { (self.force(&policy.force)) }
                @if let Some((rounding, step)) = &policy.rounding {
                    dt { (words.rounding) }
                    dd {
                        (crate::check::show::show_rounding(*rounding, self.language)) (words.rounding_to)
                        (self.value(&crate::check::typed::Type::money("CNY"), &crate::value::Value::Number(step.clone())))
                    }
                }
            }
        }
    }

    /// From when until when something is in force.
    pub fn force(&self, force: &Force) -> String {
        let words = self.words;
        let from = force.from.map(|day| format!("{}{day}{}", words.since, words.since_end));
        let until = force.until.map(|day| format!("{}{day}{}", words.until, words.until_end));
        let parts: Vec<String> = from.into_iter().chain(until).collect();
        if parts.is_empty() { words.always.to_owned() } else { parts.join(self.language.pick(" ", "，")) }
    }

    fn budget(&self, budget: &Budget) -> Markup {
        let words = self.words;
        let place = Place { record: budget.record, lets: &[] };
        html! {
            dl.facts {
                dt { (words.pool) } dd { (self.formula(place, &budget.pool)) }
                dt { (words.draws) }
                dd { ul.links {
                    @for (measure, benefit) in &budget.draws {
                        li {
                            (self.thing_link(self.program.measures[measure.index()].head.span))
                            (self.colon()) " " (self.benefit_label(*measure, benefit))
                        }
                    }
                } }
                dt { (words.order) }
                dd { @match &budget.rule {
                    BudgetRule::ProRata => (words.pro_rata),
                    BudgetRule::InOrder { by, descending, ties, cut } => {
                        (self.formula(place, by)) " " (if *descending { words.descending } else { words.ascending })
                        (self.language.pick(", ", "，"))
                        @match ties {
                            Some(ties) => { (words.ties_by) " " (self.formula(place, ties)) },
                            None => (words.ties_by_key),
                        }
                        (self.language.pick(". ", "。"))
                        (if *cut { words.last_cut } else { words.last_refused })
                    },
                }
                @if budget.known_only { " " (words.known_only) } }
            }
        }
    }

    fn benefit_label(&self, measure: crate::check::typed::MeasureId, name: &str) -> String {
        let own = &self.program.measures[measure.index()];
        let label = own.all_benefits().find(|own| own.name == name).map(|own| own.label.clone());
        label.filter(|label| !label.is_empty()).unwrap_or_else(|| name.to_owned())
    }

    /// A link to what is declared at a place.
    pub fn thing_link(&self, declared: crate::source::Span) -> Markup {
        let entry =
            self.compiled.index.named(declared).and_then(|thing| self.entries.of_thing(self.compiled, thing));
        match entry {
            Some(at) => html! { a href=(self.entry(at).page) { (self.title_of(at)) } },
            None => html! {},
        }
    }

    /// The remarks of whoever wrote the item, as paragraphs.
    pub fn notes(&self, docs: &str) -> Markup {
        html! { @for text in paragraphs(docs) { p lang=[self.lang_of(&text)] { (text) } } }
    }

    /// A citation as a link to its passage: its words, shortened, and its article.
    pub fn cite(&self, cite: &Cite) -> Markup {
        self.cited(cite, QUOTE_SHOWN)
    }

    /// A citation with all of its words.
    pub fn cite_whole(&self, cite: &Cite) -> Markup {
        self.cited(cite, usize::MAX)
    }

    fn cited(&self, cite: &Cite, shown: usize) -> Markup {
        let inner = html! {
            @if let Some(quote) = &cite.quote {
                q lang=[self.lang_of(quote)] { (shorten(quote, shown)) }
                " "
            }
            // Beside the article itself the words say enough.
            @if cite.quote.is_none() || !self.is_here(cite) { span.where { (self.cite_article(cite)) } }
        };
        match self.place_of(cite) {
            Some(place) => html! { a.cite href=(place) { (inner) } },
            None => html! { span.cite { (inner) } },
        }
    }

    /// Whether a citation is of the article that is shown.
    fn is_here(&self, cite: &Cite) -> bool {
        let Around::Article(book, article) = self.around else { return false };
        self.library.place(cite).is_some_and(|place| (place.book, place.article) == (book, article))
    }

    fn cite_article(&self, cite: &Cite) -> String {
        let Some(place) = self.library.place(cite) else {
            let article = cite.article.map(|number| self.number(number)).unwrap_or_default();
            return format!("{} {article}", cite.source).trim().to_owned();
        };
        let book = &self.library.books[place.book];
        let article = self.article_name(book, &book.articles[place.article]);
        match book.own && self.library.books.iter().filter(|book| book.own).count() == 1 {
            true => article,
            false => {
                format!("{}{}{article}", shorten(&book.title, QUOTE_SHOWN), self.language.pick(", ", "，"))
            }
        }
    }

    fn number(&self, number: u32) -> String {
        self.language.pick("Article #", "第#条").replace('#', &number.to_string())
    }

    /// What an article is called: by its number, or as what it is.
    pub fn article_name(&self, book: &Book, article: &Article) -> String {
        let words = self.words;
        let last = book.articles.last().map_or(0, |last| last.number);
        match article.number {
            0 if last == 0 => words.whole_text.to_owned(),
            0 => words.preamble.to_owned(),
            number if book.closing && number == last => {
                let (open, close) = (self.language.pick(" (", "（"), self.language.pick(")", "）"));
                format!("{}{open}{}{close}", self.number(number), words.closing)
            }
            number => self.number(number),
        }
    }
}

/// A citation of a file that was not resolved.
fn written(cite: &ast::Cite) -> String {
    let article = cite.article.map(|(number, _)| format!(" {number}")).unwrap_or_default();
    let quote = cite.quote.as_ref().map(|quote| format!(" “{}”", quote.text)).unwrap_or_default();
    format!("{}{article}{quote}", cite.source.text)
}

/// The lines of remarks as paragraphs: one goes on where its line does not end a sentence.
fn paragraphs(docs: &str) -> Vec<String> {
    let mut paragraphs: Vec<String> = Vec::new();
    let mut goes_on = false;
    for line in docs.lines().map(str::trim) {
        match paragraphs.last_mut().filter(|_| goes_on && !line.is_empty()) {
            Some(last) => {
                let latin =
                    last.ends_with(|c: char| c.is_ascii()) || line.starts_with(|c: char| c.is_ascii());
                last.push_str(if latin { " " } else { "" });
                last.push_str(line);
            }
            None if line.is_empty() => {}
            None => paragraphs.push(line.to_owned()),
        }
        goes_on = !line.is_empty() && !line.ends_with(['。', '！', '？', '：', '.', '!', '?', ':']);
    }
    paragraphs
}

/// At most so many characters of a text; no number and no word of letters is cut through.
pub(super) fn shorten(text: &str, most: usize) -> String {
    let Some((end, next)) = text.char_indices().nth(most) else { return text.to_owned() };
    let joins = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | ',' | '_');
    let kept = if joins(next) { text[..end].trim_end_matches(joins) } else { &text[..end] };
    format!("{}…", if kept.is_empty() { &text[..end] } else { kept })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remarks_in_paragraphs() {
        assert_eq!(paragraphs("one goes\non. And\n\nanother"), ["one goes on. And", "another"]);
        assert_eq!(paragraphs("第一句。\n第二句，\n还是第二句。"), ["第一句。", "第二句，还是第二句。"]);
        assert_eq!(paragraphs(""), [""; 0]);
    }

    #[test]
    fn a_text_is_cut_between_characters() {
        assert_eq!(shorten("政策", 2), "政策");
        assert_eq!(shorten("政策集", 2), "政策…");
        assert_eq!(shorten("由5000头调整为500头", 10), "由5000头调整为…", "500 is not told as 50");
        assert_eq!(shorten("supercalifragilistic", 5), "super…");
    }
}
