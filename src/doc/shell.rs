//! What stands around every page: head, menu, the way to the other language, foot.

use maud::{DOCTYPE, Markup, html};

use crate::check::show::Language;

use super::View;
use super::labels::{capital, is_chinese};
use super::words::words;

impl View<'_> {
    /// A whole page.
    pub fn shell(&self, page: &str, title: &str, body: &Markup) -> String {
        let (words, language) = (self.words, self.language);
        let document = super::title(self.compiled);
        let head = if title == document { document.clone() } else { format!("{title} · {document}") };
        let menu = [
            ("index.html", words.overview),
            ("measures.html", words.measures),
            ("figures.html", words.params),
            ("open.html", words.open),
            ("glossary.html", words.glossary),
            ("search.html", words.all_names),
            ("whole.html", words.whole),
        ];
        let other = match language {
            Language::English => Language::Chinese,
            Language::Chinese => Language::English,
        };
        let markup = html! {
            (DOCTYPE)
            html lang=(language.tag()) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    title { (head) }
                    link rel="stylesheet" href="../style.css";
                    link rel="alternate" hreflang=(other.tag()) href={ "../" (other.tag()) "/" (page) };
                    @if page == "search.html" { script src="search.js" defer {} }
                    script src="../site.js" defer {}
                }
                body {
                    a.skip href="#main" { (words.skip) }
                    header.top {
                        div.bar {
                            a.document href="index.html" lang=[self.lang_of(&document)] { (document) }
                            a.language href={ "../" (other.tag()) "/" (page) } lang=(other.tag()) hreflang=(other.tag()) {
                                (other.pick("English", "中文"))
                            }
                        }
                        div.bar {
                            nav.menu aria-label=(words.menu) {
                                @for (link, label) in menu {
                                    @if link == page { a href=(link) aria-current="page" { (label) } }
                                    @else { a href=(link) { (label) } }
                                }
                            }
                            form.find role="search" action="search.html" method="get" {
                                input type="search" name="q" aria-label=(words.search_for) placeholder=(words.search_for);
                                button type="submit" { (words.search) }
                            }
                        }
                    }
                    main #main { (body) }
                    footer.foot { p { (words.footer) } }
                }
            }
        };
        let mut text = markup.into_string();
        text.push('\n');
        text
    }

    /// The language of a text that is not in that of the page, for those who have it read out.
    pub fn lang_of(&self, text: &str) -> Option<&'static str> {
        let own = if is_chinese(text) { Language::Chinese } else { Language::English };
        (own != self.language && text.chars().any(char::is_alphabetic)).then(|| own.tag())
    }

    /// Links to entries, each with its kind.
    pub fn entry_links(&self, entries: impl IntoIterator<Item = usize>) -> Markup {
        html! {
            ul.links {
                @for at in entries { li { (self.entry_link(at)) } }
            }
        }
    }

    /// A link to an entry with its kind before it.
    pub fn entry_link(&self, at: usize) -> Markup {
        let entry = self.entry(at);
        html! {
            (self.tag(at)) " "
            a href=(entry.page) { (capital(&entry.title(self.language))) }
        }
    }

    /// The kind of an entry as a small sign.
    pub fn tag(&self, at: usize) -> Markup {
        let kind = self.entry(at).kind;
        html! { span class={ "tag " (group(kind)) } { (super::words::kind(kind, self.language)) } }
    }
}

/// Kinds that are told apart by colour.
fn group(kind: crate::check::index::ThingKind) -> &'static str {
    use crate::check::index::ThingKind;
    match kind {
        ThingKind::Measure => "rule",
        ThingKind::Duty | ThingKind::Target => "task",
        ThingKind::Principle => "word",
        ThingKind::Record | ThingKind::Enum | ThingKind::Unit => "data",
        _ => "fact",
    }
}

/// The first page, which leads to the one in the set's language.
pub(super) fn front(language: Language, title: &str) -> String {
    let markup = html! {
        (DOCTYPE)
        html lang=(language.tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta http-equiv="refresh" content={ "0; url=" (language.tag()) "/index.html" };
                title { (title) }
                link rel="stylesheet" href="style.css";
            }
            body {
                main.front #main {
                    h1 { (title) }
                    ul {
                        @for own in Language::ALL {
                            li {
                                a href={ (own.tag()) "/index.html" } lang=(own.tag()) hreflang=(own.tag()) {
                                    (own.pick("English", "中文")) ": " (words(own).overview)
                                }
                            }
                        }
                    }
                }
            }
        }
    };
    let mut text = markup.into_string();
    text.push('\n');
    text
}
