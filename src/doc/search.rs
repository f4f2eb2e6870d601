//! All names on one page, complete without a script; with one, a field narrows the list and looks into the texts.

use maud::{Markup, html};
use serde_json::json;

use crate::check::index::ThingKind;

use super::View;
use super::home::{ORDER, section};
use super::labels::capital;
use super::words::kinds;

/// A line of the page, with what search looks into besides.
struct Line {
    page: String,
    label: String,
    /// The name in files, or what else tells it from others.
    detail: String,
    text: String,
}

impl View<'_> {
    pub fn search_page(&self) -> Markup {
        let words = self.words;
        let groups = self.lines();
        let starts = groups.iter().scan(0, |start, (_, _, lines)| {
            *start += lines.len();
            Some(*start - lines.len())
        });
        html! {
            h1 { (words.all_names) }
            p.hint { (words.filter_note) }
            p #found role="status" data-found=(words.found) data-none=(words.none_found) {}
            @for ((id, title, lines), start) in groups.iter().zip(starts) {
                section.names id=(id) {
                    h2 { (title) " " small { (lines.len()) } }
                    ul { @for (at, line) in lines.iter().enumerate() {
                        li data-n=(start + at) {
                            a href=(line.page) { (line.label) }
                            @if !line.detail.is_empty() { " " small { (line.detail) } }
                        }
                    } }
                }
            }
        }
    }

    /// What the script looks into, in the order of the lines of the page.
    pub fn search_index(&self) -> String {
        let lines = self.lines().into_iter().flat_map(|(_, _, lines)| lines);
        let texts: Vec<serde_json::Value> = lines.map(|line| json!(line.text)).collect();
        format!("window.polTexts = {};\n", serde_json::Value::Array(texts))
    }

    fn lines(&self) -> Vec<(String, String, Vec<Line>)> {
        let mut groups = vec![("articles".to_owned(), self.words.articles.to_owned(), self.article_lines())];
        for kind in ORDER {
            let lines: Vec<Line> = (0..self.entries.all.len())
                .filter(|at| self.entry(*at).kind == kind)
                .map(|at| self.entry_line(at))
                .collect();
            groups.push((section(kind), capital(kinds(kind, self.language)), lines));
        }
        groups.push(("fields".to_owned(), self.words.fields.to_owned(), self.field_lines()));
        groups.push(("variants".to_owned(), self.words.variants.to_owned(), self.variant_lines()));
        groups.retain(|(_, _, lines)| !lines.is_empty());
        groups
    }

    fn article_lines(&self) -> Vec<Line> {
        let line = |(at, number, book, article): (
            usize,
            usize,
            &super::passages::Book,
            &super::passages::Article,
        )| Line {
            page: article.page.clone(),
            label: self.article_title(at, number),
            detail: if book.own { String::new() } else { book.title.clone() },
            text: article.pieces.iter().map(|piece| piece.text.as_str()).collect(),
        };
        self.library.articles().map(line).collect()
    }

    fn entry_line(&self, at: usize) -> Line {
        let entry = self.entry(at);
        let mut text = vec![entry.item.docs.clone()];
        text.extend(entry.named.label.iter().map(|label| label.text.clone()));
        match (entry.kind, entry.at) {
            (ThingKind::Measure | ThingKind::Duty | ThingKind::Target, Some(own)) => {
                text.push(self.plain_sentence(&self.program.measures[own]));
            }
            (ThingKind::Principle, Some(own)) => text.push(self.program.principles[own].reason.clone()),
            _ => {}
        }
        let quotes = self.entries.cites(self.program, at);
        text.extend(quotes.into_iter().filter_map(|cite| cite.quote.clone()));
        text.dedup();
        Line {
            page: entry.page.clone(),
            label: self.title_of(at),
            detail: entry.named.name.text.clone(),
            text: text.join(" "),
        }
    }

    fn field_lines(&self) -> Vec<Line> {
        let mut lines = Vec::new();
        for (entry, at) in self.of_kind(ThingKind::Record) {
            lines.extend(self.program.records[at].fields.iter().map(|field| Line {
                page: format!("{}#field.{}", self.entry(entry).page, field.name),
                label: capital(&field.label),
                detail: format!("{} · {}", self.title_of(entry), field.name),
                text: field.docs.clone(),
            }));
        }
        lines
    }

    fn variant_lines(&self) -> Vec<Line> {
        let mut lines = Vec::new();
        for (entry, at) in self.of_kind(ThingKind::Enum) {
            lines.extend(self.program.enums[at].variants.iter().map(|variant| Line {
                page: format!("{}#variant.{}", self.entry(entry).page, variant.name),
                label: capital(&variant.label),
                detail: format!("{} · {}", self.title_of(entry), variant.name),
                text: String::new(),
            }));
        }
        lines
    }
}
