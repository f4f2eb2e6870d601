//! The glossary: the fields of every kind of record, lists of values, units, and the words of the site itself.

use std::collections::BTreeSet;

use maud::{Markup, html};

use crate::check::index::ThingKind;
use crate::syntax::ast::ItemKind;

use super::View;
use super::labels::capital;
use super::words::{TERMS, kinds};

/// Units that the language knows, in English.
const UNITS: &[(&str, &str)] = &[
    ("元", "yuan"),
    ("美元", "US dollar"),
    ("欧元", "euro"),
    ("日元", "yen"),
    ("港元", "Hong Kong dollar"),
    ("英镑", "pound sterling"),
    ("万", "10,000 of the unit after it"),
    ("亿", "100,000,000 of the unit after it"),
    ("人", "persons"),
    ("户", "households"),
    ("家", "firms"),
    ("个", "pieces"),
    ("头", "head of livestock"),
    ("例", "cases of illness"),
    ("件", "items"),
    ("次", "times"),
    ("项", "projects"),
    ("台", "machines"),
    ("辆", "vehicles"),
    ("吨", "tonnes"),
    ("公斤", "kilograms"),
    ("千克", "kilograms"),
    ("克", "grams"),
    ("亩", "mu, a fifteenth of a hectare"),
    ("公顷", "hectares"),
    ("平方米", "square metres"),
    ("平方公里", "square kilometres"),
    ("千瓦时", "kilowatt hours"),
    ("天", "days"),
    ("周", "weeks"),
    ("月", "months"),
    ("年", "years"),
    ("小时", "hours"),
];

impl View<'_> {
    pub fn glossary_page(&self) -> Markup {
        let words = self.words;
        let records: Vec<(usize, usize)> = self.of_kind(ThingKind::Record).collect();
        html! {
            h1 { (words.glossary) }
            nav.jump aria-label=(words.contents) {
                a href="#terms" { (words.words_of_the_site) }
                a href="#records" { (kinds(ThingKind::Record, self.language)) }
                a href="#values" { (kinds(ThingKind::Enum, self.language)) }
                a href="#units" { (words.units) }
            }
            section #terms {
                h2 { (words.words_of_the_site) }
                dl.terms { @for (english, chinese, meaning, meaning_zh) in TERMS {
                    dt { (capital(self.language.pick(english, chinese))) } dd { (self.language.pick(meaning, meaning_zh)) }
                } }
            }
            section #records {
                h2 { (words.records_and_fields) }
                @for (entry, at) in records { (self.fields_of(entry, at)) }
            }
            section #values {
                h2 { (capital(kinds(ThingKind::Enum, self.language))) }
                dl.terms { @for (entry, at) in self.of_kind(ThingKind::Enum) {
                    dt { a href=(self.entry(entry).page) { (self.title_of(entry)) } }
                    dd {
                        @for (number, variant) in self.program.enums[at].variants.iter().enumerate() {
                            @if number > 0 { (self.language.pick(", ", "、")) }
                            (variant.label)
                        }
                    }
                } }
            }
            (self.units())
        }
    }

    fn fields_of(&self, entry: usize, at: usize) -> Markup {
        let (words, own) = (self.words, self.entry(entry));
        html! {
            h3 { a href=(own.page) { (self.title_of(entry)) } " " code { (own.named.name.text) } }
            (self.notes(&own.item.docs))
            @let remarks = self.program.records[at].fields.iter().any(|field| !field.docs.is_empty());
            table.list {
                thead { tr {
                    th scope="col" { (words.field) } th scope="col" { (words.ty) }
                    @if remarks { th scope="col" { (words.meaning) } }
                } }
                tbody { @for field in &self.program.records[at].fields {
                    tr {
                        th scope="row" { a href={ (own.page) "#field." (field.name) } { (capital(&field.label)) } }
                        td { (self.field_type(field)) }
                        @if remarks { td { (self.notes(&field.docs)) } }
                    }
                } }
            }
        }
    }

    /// The units that the data and the figures are in, and those that sets declare.
    fn units(&self) -> Markup {
        let words = self.words;
        let declared = self.entries.all.iter().enumerate().filter_map(|(at, entry)| match &entry.item.kind {
            ItemKind::Unit(own) => Some((at, own)),
            _ => None,
        });
        let used = self.used_units();
        html! {
            section #units {
                h2 { (words.units) }
                dl.terms {
                    @for (at, own) in declared {
                        dt { a href=(self.entry(at).page) { (own.named.name.text) } } dd { (self.unit(own)) }
                    }
                    @for (unit, english) in UNITS.iter().filter(|(unit, _)| used.contains(*unit)) {
                        dt { (unit) } dd { (self.language.pick(english, unit)) }
                    }
                }
            }
        }
    }

    /// The words of units that stand in types of fields and params.
    fn used_units(&self) -> BTreeSet<&'static str> {
        let fields = self.program.records.iter().flat_map(|record| &record.fields);
        let words = fields.map(|field| field.data_unit_word.clone());
        let params = self.program.params.iter().filter_map(|param| param.ty.number());
        let words: Vec<String> = words.chain(params.map(|number| number.dimension.to_string())).collect();
        let names = |word: &str, unit: &str| {
            let parts = word.split(['/', '·']);
            parts.into_iter().any(|part| {
                let bare = part.trim_start_matches(['十', '百', '千', '万', '亿']);
                bare == unit || part == unit || ["万", "亿"].contains(&unit) && part.contains(unit)
            })
        };
        let known = UNITS.iter().map(|(unit, _)| *unit);
        known.filter(|unit| words.iter().any(|word| names(word, unit))).collect()
    }
}
