//! The page of an item: what it means, on whose words, with examples, what it uses and what uses it, and its
//! program text.

use maud::{Markup, html};

use crate::check::index::ThingKind;
use crate::check::typed::Cite;

use super::View;
use super::labels::capital;

impl View<'_> {
    pub fn entry_page(&self, at: usize) -> Markup {
        let (entry, words) = (self.entry(at), self.words);
        let mut needs = self.entries.needs(self.compiled, at);
        // The header is named by every citation of its sources.
        needs.retain(|needed| self.entry(*needed).kind != ThingKind::Policy);
        let users = self.entries.users_of_all(self.compiled, at);
        // Where each field or value says who uses it, the whole need not.
        let by_parts = matches!(entry.kind, ThingKind::Record | ThingKind::Enum);
        html! {
            div.head {
                p.kind { (self.tag(at)) " " code { (entry.named.name.text) } }
                h1 { (self.title_of(at)) }
            }
            div.item {
                div.meaning {
                    (self.facts(at))
                    (self.meaning(at, ""))
                    @if !entry.item.docs.is_empty() {
                        section.notes { h2 { (words.notes) } (self.notes(&entry.item.docs)) }
                    }
                    @if !entry.cases.is_empty() {
                        section { h2 { (words.examples) " (" (entry.cases.len()) ")" } (self.examples(&entry.cases)) }
                    }
                    section { h2 { (words.program_text) } (self.listing(at)) }
                }
                aside aria-label=(words.uses_note) {
                    (self.authority(at))
                    @if !needs.is_empty() { section { h2 { (words.needs) } (self.entry_links(needs)) } }
                    @if !by_parts {
                        section {
                            h2 { (words.used_by) }
                            @if users.is_empty() { p.none { (words.unused) } }
                            @else { (self.entry_links(users)) }
                        }
                    }
                }
            }
        }
    }

    /// Whom a rule is for and when it is in force.
    pub fn facts(&self, at: usize) -> Markup {
        let (entry, words) = (self.entry(at), self.words);
        let rule = matches!(entry.kind, ThingKind::Measure | ThingKind::Duty | ThingKind::Target);
        let Some(own) = entry.at.filter(|_| rule) else { return html! {} };
        let measure = &self.program.measures[own];
        let record = &self.program.records[measure.record.index()].head;
        let page = self.compiled.index.named(record.span).and_then(|thing| self.place_of_thing(thing));
        html! {
            p.meta {
                (words.for_record) " "
                @match page {
                    Some(page) => a href=(page) { (capital(&record.label)) },
                    None => (record.label),
                }
                " · " (words.in_force) " " (self.force(&measure.force))
                @if entry.changes.iter().any(|change| matches!(change.kind, crate::syntax::ast::ItemKind::Amend(_))) {
                    " · " span.mark { (words.amended) }
                }
            }
        }
    }

    /// The words that an entry rests on, each once.
    fn authority(&self, at: usize) -> Markup {
        let mut cites: Vec<&Cite> = Vec::new();
        for cite in self.entries.cites(self.program, at) {
            let same = |other: &&Cite| {
                (&other.source, other.article, &other.quote) == (&cite.source, cite.article, &cite.quote)
            };
            if !cites.iter().any(same) {
                cites.push(cite);
            }
        }
        html! {
            @if !cites.is_empty() {
                section {
                    h2 { (self.words.quotes) }
                    @for cite in cites { blockquote { (self.cite_whole(cite)) } }
                }
            }
        }
    }
}
