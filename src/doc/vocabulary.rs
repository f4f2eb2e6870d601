//! The words that rules are written with: kinds of record and their fields, lists of values, units, decision
//! tables, registers and calendars.

use maud::{Markup, html};

use crate::check::index::ThingKind;
use crate::check::typed::{Cell, Field, Hit, NumberKind, Register, Table, Type};
use crate::syntax::ast::{self, ItemKind};
use crate::value::{Date, Number, Value};

use super::View;
use super::labels::capital;

/// How many members of a register a page shows.
const MEMBERS_SHOWN: usize = 60;

impl View<'_> {
    /// A kind of record: its fields, and the measures for it.
    pub fn record(&self, at: usize) -> Markup {
        let (words, record) = (self.words, &self.program.records[at]);
        let measures = self.entries.all.iter().enumerate().filter(|(_, entry)| {
            let rule = matches!(entry.kind, ThingKind::Measure | ThingKind::Duty | ThingKind::Target);
            rule && entry.at.is_some_and(|own| self.program.measures[own].record.index() == at)
        });
        let measures: Vec<usize> = measures.map(|(entry, _)| entry).collect();
        let remarks = record.fields.iter().any(|field| !field.docs.is_empty());
        html! {
            @if !record.belongs.is_empty() {
                dl.facts { @for own in &record.belongs {
                    dt { (words.belongs_to) }
                    dd {
                        (self.thing_link(self.program.records[own.record.index()].head.span))
                        " (" (words.via) " " (record.fields[own.via.index()].label) ")"
                    }
                } }
            }
            table.list {
                thead { tr {
                    th scope="col" { (words.field) } th scope="col" { (words.ty) }
                    @if remarks { th scope="col" { (words.meaning) } }
                    th scope="col" { (words.used_by) }
                } }
                tbody { @for field in &record.fields { (self.field_row(field, remarks)) } }
            }
            @if !measures.is_empty() { h2 { (words.measures_for) } (self.entry_links(measures)) }
        }
    }

    fn field_row(&self, field: &Field, remarks: bool) -> Markup {
        let users = self.compiled.index.named(field.span);
        let users = users.map(|thing| self.entries.users(self.compiled, thing)).unwrap_or_default();
        html! {
            tr id={ "field." (field.name) } {
                th scope="row" { (capital(&field.label)) br; code { (field.name) } }
                td { (self.field_type(field)) }
                @if remarks { td { (self.notes(&field.docs)) } }
                td { (self.entry_links(users)) }
            }
        }
    }

    /// What a field holds: its type, its unit, its range.
    pub fn field_type(&self, field: &Field) -> Markup {
        let words = self.words;
        let whole = field.decimals == 0;
        html! {
            (self.type_words(&field.ty, whole))
            @if !field.data_unit_word.is_empty() {
                (self.language.pick(", ", "，")) (words.unit) " " (field.data_unit_word)
            }
            @if let Some(range) = self.range(field) { br; (range) }
            @if field.key { " " span.mark { (words.key) } }
            @if field.optional { " " span.mark { (words.optional) } }
        }
    }

    /// A type in words.
    pub fn type_words(&self, ty: &Type, whole: bool) -> Markup {
        let words = self.words;
        match ty {
            Type::Bool => html! { (words.yes_no) },
            Type::Text => html! { (words.text) },
            Type::Date => html! { (words.date) },
            Type::Time => html! { (words.time) },
            Type::Enum(id) => self.thing_link(self.program.enums[id.index()].head.span),
            Type::Number(number) if number.kind == NumberKind::Rate => html! { (words.rate) },
            Type::Number(number) if number.kind == NumberKind::Points => html! { (words.points) },
            Type::Number(_) if ty.currency().is_some() => html! { (words.money) },
            Type::Number(_) => html! { (if whole { words.whole_number } else { words.number }) },
        }
    }

    /// The range that a field is declared with.
    fn range(&self, field: &Field) -> Option<String> {
        let thing = self.compiled.index.named(field.span)?;
        let entry = self.entries.of_thing(self.compiled, thing)?;
        let ItemKind::Record(record) = &self.entry(entry).item.kind else { return None };
        record.fields.iter().find(|own| own.named.name.span == field.span)?.range.as_ref()?;
        let show = |number: &Number| {
            let value = match field.ty {
                Type::Date => Value::Date(Date::from_days(i64::try_from(number.to_scaled(0)?).ok()?)?),
                Type::Number(_) => Value::Number(number.clone()),
                _ => return None,
            };
            Some(self.value(&field.ty, &value))
        };
        let (low, high) = (field.range.low.as_ref()?, field.range.high.as_ref()?);
        Some(format!("{} – {}", show(low)?, show(high)?))
    }

    /// A list of values.
    pub fn list_of_values(&self, at: usize) -> Markup {
        let (words, own) = (self.words, &self.program.enums[at]);
        let users = |span| {
            let thing = self.compiled.index.named(span);
            thing.map(|thing| self.entries.users(self.compiled, thing)).unwrap_or_default()
        };
        html! {
            table.list {
                thead { tr {
                    th scope="col" { (words.variants) } th scope="col" { (words.name) } th scope="col" { (words.used_by) }
                } }
                tbody { @for variant in &own.variants {
                    tr id={ "variant." (variant.name) } {
                        th scope="row" { (capital(&variant.label)) }
                        td { code { (variant.name) } }
                        td { (self.entry_links(users(variant.span))) }
                    }
                } }
            }
        }
    }

    pub fn unit(&self, unit: &ast::Unit) -> Markup {
        let words = self.words;
        html! {
            p { @match &unit.definition {
                Some(definition) => { (words.equals) " " code { (self.compiled.sources.text(definition.span)) } },
                None => (words.base_unit),
            } }
        }
    }

    /// A decision table.
    pub fn table(&self, table: &Table, entry: usize) -> Markup {
        let words = self.words;
        let file = match &self.entry(entry).item.kind {
            ItemKind::Table(own) => own.file.as_ref(),
            _ => None,
        };
        html! {
            p {
                (if table.hit == Hit::First { words.hit_first } else { words.hit_unique })
                @if let Some(file) = file { " " (words.in_file) code { (file.text) } (self.language.pick(".", "。")) }
            }
            div.wide tabindex="0" role="region" aria-label=(table.head.label) {
                table.decision {
                    thead { tr {
                        th scope="col" { "#" }
                        @for input in &table.inputs { th scope="col" { (capital(&input.label)) } }
                        th.result scope="col" { (words.result) }
                    } }
                    tbody { @for (at, row) in table.rows.iter().enumerate() {
                        tr {
                            td { (at + 1) }
                            @for (cell, input) in row.cells.iter().zip(&table.inputs) {
                                td { (self.cell(&input.ty, cell)) }
                            }
                            td.result { (self.value(&table.output, &row.output)) }
                        }
                    } }
                }
            }
        }
    }

    /// The test of one cell.
    fn cell(&self, ty: &Type, cell: &Cell) -> Markup {
        let between = self.language.pick(", ", "、");
        match cell {
            Cell::Any => html! { span.none { (self.words.any_input) } },
            Cell::Variants(set) => {
                html! { (crate::check::show::show_variants(self.program, ty, *set, self.language)) }
            }
            Cell::Values(values) => {
                let values: Vec<String> = values.iter().map(|value| self.value(ty, value)).collect();
                html! { (values.join(between)) }
            }
            Cell::Range { low, high } => {
                let side = |bound: &Option<(Value, bool)>, signs: [&str; 2]| {
                    let (value, included) = bound.as_ref()?;
                    Some(format!("{} {}", signs[usize::from(*included)], self.value(ty, value)))
                };
                let sides = [side(low, [">", "≥"]), side(high, ["<", "≤"])];
                html! { (sides.into_iter().flatten().collect::<Vec<_>>().join(between)) }
            }
        }
    }

    pub fn register(&self, register: &Register) -> Markup {
        let words = self.words;
        let all = register.members.len();
        html! {
            dl.facts {
                dt { (words.member_count) } dd { (all) }
                @if let Some(dated) = register.dated { dt { (words.dated) } dd { (dated) } }
            }
            @if all > 0 {
                p.meta { (words.members) }
                ul.members { @for member in register.members.iter().take(MEMBERS_SHOWN) { li { (member) } } }
                @if all > MEMBERS_SHOWN { p.none { (words.more_members) } }
            }
        }
    }

    pub fn calendar(&self, entry: usize) -> Markup {
        let words = self.words;
        let ItemKind::Calendar(own) = &self.entry(entry).item.kind else { return html! {} };
        html! {
            dl.facts {
                dt { (words.covers) } dd { (own.first.text) " – " (own.last.text) }
                dt { (words.meaning) } dd { (words.workdays) }
                dt { (words.module) } dd { code { (own.file.text) } }
            }
        }
    }
}
