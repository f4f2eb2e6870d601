//! An article: the document on the left, the program on the right, each passage leading to what encodes it and
//! back.

use maud::{Markup, html};

use crate::check::index::ThingKind;
use crate::coverage::How;

use super::passages::{Article, Counts, Piece, is_heading};
use super::{Around, View};

impl View<'_> {
    /// An article's number and what it is called.
    pub fn article_title(&self, book: usize, article: usize) -> String {
        let book = &self.library.books[book];
        let article = &book.articles[article];
        let name = self.article_name(book, article);
        match article.title.as_str() {
            "" => name,
            // A document without articles is one text.
            title if book.articles.len() == 1 => title.to_owned(),
            title => format!("{name} {title}"),
        }
    }

    /// The page of an article.
    pub fn article_page(&self, book: usize, article: usize) -> Markup {
        let view = View { around: Around::Article(book, article), ..*self };
        let own = &self.library.books[book];
        let step = |at: Option<usize>, word: &str, class: &str| {
            let article = at.and_then(|at| Some((at, own.articles.get(at)?)));
            html! {
                @if let Some((at, article)) = article {
                    a class=(class) href=(article.page) rel=(class) {
                        span { (word) } " " (self.article_title(book, at))
                    }
                }
            }
        };
        html! {
            (view.pair(book, article, 1))
            nav.steps aria-label=(self.words.contents) {
                (step(article.checked_sub(1), self.words.previous, "prev"))
                (step(Some(article + 1), self.words.next, "next"))
            }
        }
    }

    /// All articles of the set's own documents on one page.
    pub fn whole_page(&self) -> Markup {
        let view = View { around: Around::Whole, ..*self };
        html! {
            @for (at, book) in self.library.books.iter().enumerate().filter(|(_, book)| book.own) {
                h1 lang=[self.lang_of(&book.title)] { (book.title) }
                (self.legend())
                @for article in 0..book.articles.len() { (view.pair(at, article, 2)) }
            }
            @if !self.library.books.iter().any(|book| book.own) {
                h1 { (self.words.whole) }
                p { (self.words.no_document) }
            }
        }
    }

    /// Text and program side by side; `level` is that of the article's heading.
    fn pair(&self, book: usize, article: usize, level: usize) -> Markup {
        let own = &self.library.books[book].articles[article];
        let words = self.words;
        let title = self.article_title(book, article);
        let id = format!("{}text", self.prefix(book, article));
        html! {
            @if !own.lead.is_empty() {
                div.lead { @for line in &own.lead { p lang=[self.lang_of(line)] { (line) } } }
            }
            div.pair {
                section.text aria-labelledby=(id) {
                    (heading(level, &html! { span id=(id) lang=[self.lang_of(&title)] { (title) } }))
                    (self.meter(own.counts()))
                    (self.text(book, article))
                    @if level == 1 { (self.legend()) p.hint { (words.number_refers) } }
                }
                section.program aria-label={ (words.the_program) " · " (title) } {
                    @if own.entries.is_empty() { p.none { (words.nothing_cites) } }
                    @for (at, entry) in own.entries.iter().enumerate() {
                        (self.card(book, article, at + 1, *entry, level + 1))
                    }
                }
            }
        }
    }

    /// What stands before the names of places of an article.
    fn prefix(&self, book: usize, article: usize) -> String {
        match self.around {
            Around::Whole => format!("a{book}.{article}."),
            _ => String::new(),
        }
    }

    fn text(&self, book: usize, article: usize) -> Markup {
        let own = &self.library.books[book].articles[article];
        let prefix = self.prefix(book, article);
        let all: String = own.pieces.iter().map(|piece| piece.text.as_str()).collect();
        html! {
            div.passages lang=[self.lang_of(&all)] {
                @for paragraph in paragraphs(&own.pieces) {
                    @let line: String = paragraph.iter().map(|part| part.text).collect();
                    @let unquoted = paragraph.iter().all(|part| part.piece.how == How::Heading);
                    p.heading[unquoted && is_heading(line.trim())] {
                        @for part in &paragraph { (self.part(part, &prefix)) }
                    }
                }
            }
        }
    }

    fn part(&self, part: &Part<'_>, prefix: &str) -> Markup {
        let piece = part.piece;
        let id = part.first.then(|| format!("{prefix}p{}", part.number));
        // No line begins with a number.
        let marked = |number: &usize| html! { "\u{2060}" sup { (number) } };
        let Some(first) = piece.quoted_by.first() else {
            let class = if piece.how == How::Left && has_letters(part.text) { "left" } else { "plain" };
            return html! { span class=(class) id=[id] { (part.text) } };
        };
        let ends: &[usize] = if part.last { &piece.ends } else { &[] };
        let quoting: Vec<String> =
            piece.quoted_by.iter().map(|number| format!("{prefix}i{number}")).collect();
        html! {
            a class={ "q " (class(piece.how)) } id=[id] href={ "#" (prefix) "i" (first) } data-i=(quoting.join(" ")) {
                (part.text)
                @if ends == [*first] { (marked(first)) }
            }
            @for number in ends.iter().filter(|_| ends != [*first]) {
                a.more href={ "#" (prefix) "i" (number) } { (marked(number)) }
            }
        }
    }

    /// What encodes a passage, beside it.
    fn card(&self, book: usize, article: usize, number: usize, at: usize, level: usize) -> Markup {
        let (entry, words) = (self.entry(at), self.words);
        let own = &self.library.books[book].articles[article];
        let prefix = self.prefix(book, article);
        let first = own.pieces.iter().position(|piece| piece.quoted_by.contains(&number));
        let back = first.map_or_else(|| format!("{prefix}text"), |piece| format!("{prefix}p{piece}"));
        let id = format!("{prefix}i{number}");
        let examples = entry.cases.len();
        html! {
            article.card id=(id) {
                header {
                    a.number href={ "#" (back) } { (number) }
                    (self.tag(at))
                    (heading(level, &html! { a href=(entry.page) { (self.title_of(at)) } }))
                    @if let Some(value) = self.only_value(at) { span.value { "= " (value) } }
                }
                (self.facts(at))
                @if self.only_value(at).is_none() { (self.meaning(at, &format!("{id}."))) }
                @if !entry.item.docs.is_empty() { div.notes { (self.notes(&entry.item.docs)) } }
                footer {
                    (self.other_articles(book, article, at))
                    a.entry href=(entry.page) {
                        (words.full_entry)
                        @if examples > 0 { (self.language.pick(", ", "，")) (examples) " " (self.examples_word(examples)) }
                        " →"
                    }
                }
            }
        }
    }

    /// The value of a figure that never had another.
    fn only_value(&self, at: usize) -> Option<String> {
        let entry = self.entry(at);
        let param = &self.program.params[entry.at.filter(|_| entry.kind == ThingKind::Param)?];
        let [only] = param.steps.as_slice() else { return None };
        let always = only.force.from.is_none() && only.force.until.is_none() && param.open.is_none();
        always.then(|| self.value(&param.ty, &only.value))
    }

    fn examples_word(&self, count: usize) -> &'static str {
        match count {
            1 => self.language.pick("example", "个算例"),
            _ => self.language.pick("examples", "个算例"),
        }
    }

    /// Where else an entry has its authority.
    fn other_articles(&self, book: usize, article: usize, at: usize) -> Markup {
        let mut found: Vec<(usize, usize)> = Vec::new();
        for cite in self.entries.cites(self.program, at) {
            let place = self.library.place(cite).map(|place| (place.book, place.article));
            found.extend(place.filter(|own| *own != (book, article) && !found.contains(own)));
        }
        html! {
            @if !found.is_empty() {
                span.also {
                    (self.words.uses_note) " "
                    @for (number, (other, own)) in found.iter().enumerate() {
                        @if number > 0 { (self.language.pick(", ", "、")) }
                        a href=(self.library.books[*other].articles[*own].page) { (self.article_short(*other, *own)) }
                    }
                }
            }
        }
    }

    /// An article by its number, with its document where that is another one.
    fn article_short(&self, book: usize, article: usize) -> String {
        let own = &self.library.books[book];
        let name = self.article_name(own, &own.articles[article]);
        match own.own {
            true => name,
            false => format!("{} {name}", super::card::shorten(&own.title, 24)),
        }
    }

    /// The colours of passages.
    pub fn legend(&self) -> Markup {
        let words = self.words;
        html! {
            ul.legend aria-label=(words.coverage) {
                @for (class, word) in [
                    ("computed", words.computed), ("open", words.open_how),
                    ("principle", words.principle_how), ("left", words.left_how),
                ] { li { span class=(class) {} (word) } }
            }
        }
    }

    /// A bar: how much of a text is accounted for in which way.
    pub fn meter(&self, counts: Counts) -> Markup {
        let (words, total) = (self.words, counts.total());
        let parts = [
            ("computed", words.computed, counts.computed),
            ("open", words.open_how, counts.open),
            ("principle", words.principle_how, counts.principle),
            ("left", words.left_how, counts.left),
        ];
        let parts: Vec<_> = parts.into_iter().filter(|(_, _, count)| *count > 0).collect();
        let said: Vec<String> =
            parts.iter().map(|(_, word, count)| format!("{word} {}", percent(*count, total))).collect();
        html! {
            @if total > 0 {
                div.meter role="img" aria-label=(said.join(self.language.pick(", ", "，"))) {
                    @for (class, word, count) in &parts {
                        span class=(class) style={ "flex:" (count) } title={ (word) " " (percent(*count, total)) } {}
                    }
                }
            }
        }
    }
}

/// A share in whole percent; what is little is not nothing.
pub(super) fn percent(count: usize, total: usize) -> String {
    match count.saturating_mul(100).checked_div(total).unwrap_or(0) {
        0 if count > 0 => "<1%".to_owned(),
        share => format!("{share}%"),
    }
}

fn class(how: How) -> &'static str {
    match how {
        How::Open => "open",
        How::NotComputable => "principle",
        How::Left | How::Heading | How::Computed => "computed",
    }
}

fn has_letters(text: &str) -> bool {
    text.chars().any(char::is_alphabetic)
}

/// A heading of a level from 1 to 6.
pub(super) fn heading(level: usize, inner: &Markup) -> Markup {
    match level {
        0 | 1 => html! { h1 { (inner) } },
        2 => html! { h2 { (inner) } },
        3 => html! { h3 { (inner) } },
        _ => html! { h4 { (inner) } },
    }
}

/// What of a piece stands in one paragraph.
struct Part<'p> {
    piece: &'p Piece,
    /// The position of the piece in its article.
    number: usize,
    text: &'p str,
    /// It begins the piece; it ends the piece.
    first: bool,
    last: bool,
}

/// The pieces of an article in paragraphs; blank lines part them.
fn paragraphs(pieces: &[Piece]) -> Vec<Vec<Part<'_>>> {
    let mut paragraphs: Vec<Vec<Part<'_>>> = vec![Vec::new()];
    for (number, piece) in pieces.iter().enumerate() {
        let lines: Vec<&str> = piece.text.split('\n').collect();
        let full = |line: &&str| !line.trim().is_empty();
        let (first, last) = (lines.iter().position(full), lines.iter().rposition(full));
        for (at, text) in lines.into_iter().enumerate() {
            if at > 0 {
                paragraphs.push(Vec::new());
            }
            let part = Part { piece, number, text, first: first == Some(at), last: last == Some(at) };
            if let (false, Some(paragraph)) = (text.is_empty(), paragraphs.last_mut()) {
                paragraph.push(part);
            }
        }
    }
    paragraphs.retain(|parts| parts.iter().any(|part| !part.text.trim().is_empty()));
    paragraphs
}

impl Article {
    /// How many entries of each kind encode it.
    pub fn kinds(&self, view: &View<'_>) -> Vec<(ThingKind, usize)> {
        let mut kinds: std::collections::BTreeMap<ThingKind, usize> = std::collections::BTreeMap::new();
        for entry in &self.entries {
            *kinds.entry(view.entry(*entry).kind).or_default() += 1;
        }
        kinds.into_iter().collect()
    }
}
