//! Figures with their history, what is left to others, and definitions.

use maud::{Markup, html};

use crate::check::index::ThingKind;
use crate::check::typed::{Define, ExprKind, Head, Open, Param, ParamStep, Type};

use super::View;
use super::formula::Place;

impl View<'_> {
    /// A figure: its value, or its values along the time.
    pub fn param(&self, param: &Param) -> Markup {
        html! {
            @if let Some(open) = &param.open { (self.left_open(&param.ty, open, !param.steps.is_empty())) }
            @if !param.steps.is_empty() { (self.time_line(param)) }
        }
    }

    /// The values of a figure, from the first to the last.
    fn time_line(&self, param: &Param) -> Markup {
        if let [only] = param.steps.as_slice()
            && only.force.from.is_none()
            && only.force.until.is_none()
        {
            return html! { p.value { (self.value(&param.ty, &only.value)) } };
        }
        let first = &param.head.cites;
        html! {
            ol.timeline aria-label=(self.words.time_line) {
                @for step in &param.steps {
                    li {
                        span.when { (self.step_days(step)) } " "
                        strong { (self.value(&param.ty, &step.value)) }
                        @for cite in step.cites.iter().filter(|cite| !first.contains(cite)) { " " (self.cite(cite)) }
                    }
                }
            }
        }
    }

    fn step_days(&self, step: &ParamStep) -> String {
        let words = self.words;
        match (step.force.from, step.force.until) {
            (None, None) => words.always.to_owned(),
            (Some(from), None) => format!("{}{from}{}", words.from_day, words.from_day_end),
            (None, Some(until)) => format!("{}{until}{}", words.before_day, words.before_day_end),
            (Some(from), Some(until)) => format!("{from} – {until}{}", words.until_end),
        }
    }

    /// Who decides something, within which bounds, and whether it is decided.
    fn left_open(&self, ty: &Type, open: &Open, filled: bool) -> Markup {
        let words = self.words;
        let by = open.by.as_deref().unwrap_or(words.others);
        html! {
            dl.facts {
                dt { (words.who_decides) } dd lang=[self.lang_of(by)] { (by) }
                dt { (words.bounds) } dd { (self.bounds(ty, open)) }
            }
            p.open { (if filled { words.filled } else { words.not_filled }) }
        }
    }

    fn bounds(&self, ty: &Type, open: &Open) -> String {
        let words = self.words;
        let show = |value| self.value(ty, value);
        match (&open.least, &open.most) {
            (Some(least), Some(most)) => {
                format!("{}{}{}{}", words.between, show(least), words.and_up_to, show(most)).trim().to_owned()
            }
            (Some(least), None) => format!("{}{}", words.at_least, show(least)),
            (None, Some(most)) => format!("{}{}", words.at_most, show(most)),
            (None, None) if ty.number().is_none() => words.to_decide.to_owned(),
            (None, None) => words.any_value.to_owned(),
        }
    }

    /// What a definition stands for.
    pub fn define(&self, define: &Define) -> Markup {
        let place = Place { record: define.record, lets: &[] };
        let unfilled = matches!(define.body.kind, ExprKind::Unfilled(_));
        html! {
            @if let Some(open) = &define.open { (self.left_open(&define.body.ty, open, !unfilled)) }
            dl.facts {
                dt { (self.words.for_record) }
                dd { (self.thing_link(self.program.records[define.record.index()].head.span)) }
                @if !unfilled {
                    dt { (self.words.formula) } dd { (self.told(place, &define.body)) }
                }
            }
        }
    }

    /// All figures of the set with their values, in the order of the text.
    pub fn figures_page(&self) -> Markup {
        let words = self.words;
        let params =
            self.of_kind(ThingKind::Param).filter(|(_, at)| !self.program.params[*at].steps.is_empty());
        html! {
            h1 { (words.params) }
            table.list {
                thead { tr {
                    th scope="col" { (words.name) } th scope="col" { (words.value) }
                    th scope="col" { (words.quotation) } th scope="col" { (words.used_by) }
                } }
                tbody {
                    @for (entry, at) in params {
                        @let param = &self.program.params[at];
                        tr {
                            th scope="row" { a href=(self.entry(entry).page) { (self.title_of(entry)) } }
                            td { (self.time_line(param)) }
                            td.quote { (self.cites_of(&param.head)) }
                            td { (self.users(entry)) }
                        }
                    }
                }
            }
        }
    }

    /// What is left to others, by who decides it.
    pub fn open_page(&self) -> Markup {
        let words = self.words;
        let mut groups: Vec<(String, Vec<usize>)> = Vec::new();
        for entry in 0..self.entries.all.len() {
            let Some((_, open, _)) = self.opened(entry) else { continue };
            let by = open.by.clone().unwrap_or_else(|| words.others.to_owned());
            match groups.iter_mut().find(|(other, _)| *other == by) {
                Some((_, entries)) => entries.push(entry),
                None => groups.push((by, vec![entry])),
            }
        }
        html! {
            h1 { (words.open) }
            @if groups.is_empty() { p { (words.nothing_open) } }
            @for (by, entries) in &groups {
                section {
                    h2 lang=[self.lang_of(by)] { (by) }
                    table.list {
                        thead { tr {
                            th scope="col" { (words.name) } th scope="col" { (words.bounds) }
                            th scope="col" { (words.quotation) } th scope="col" { (words.used_by) }
                        } }
                        tbody { @for entry in entries { (self.open_row(*entry)) } }
                    }
                }
            }
        }
    }

    fn open_row(&self, entry: usize) -> Markup {
        let Some((ty, open, filled)) = self.opened(entry) else { return html! {} };
        html! {
            tr {
                th scope="row" { a href=(self.entry(entry).page) { (self.title_of(entry)) } }
                td {
                    (self.bounds(ty, open))
                    @if filled { br; strong { (self.words.filled) } " " (self.filled_with(entry)) }
                }
                td.quote { (self.cites_of(self.head(entry))) }
                td { (self.users(entry)) }
            }
        }
    }

    fn opened(&self, entry: usize) -> Option<(&Type, &Open, bool)> {
        let own = self.entry(entry);
        match own.kind {
            ThingKind::Param => {
                let param = &self.program.params[own.at?];
                Some((&param.ty, param.open.as_ref()?, !param.steps.is_empty()))
            }
            ThingKind::Define => {
                let define = &self.program.defines[own.at?];
                let unfilled = matches!(define.body.kind, ExprKind::Unfilled(_));
                Some((&define.body.ty, define.open.as_ref()?, !unfilled))
            }
            _ => None,
        }
    }

    fn filled_with(&self, entry: usize) -> Markup {
        let own = self.entry(entry);
        match (own.kind, own.at) {
            (ThingKind::Param, Some(at)) => self.time_line(&self.program.params[at]),
            (ThingKind::Define, Some(at)) => {
                let define = &self.program.defines[at];
                self.told(Place { record: define.record, lets: &[] }, &define.body)
            }
            _ => html! {},
        }
    }

    fn head(&self, entry: usize) -> &Head {
        let own = self.entry(entry);
        match (own.kind, own.at) {
            (ThingKind::Define, Some(at)) => &self.program.defines[at].head,
            (_, at) => &self.program.params[at.unwrap_or_default()].head,
        }
    }

    fn cites_of(&self, head: &Head) -> Markup {
        html! { @for cite in &head.cites { (self.cite(cite)) " " } }
    }

    fn users(&self, entry: usize) -> Markup {
        self.entry_links(self.entries.users_of_all(self.compiled, entry))
    }

    /// The entries of a kind with their positions in the program's list of it.
    pub fn of_kind(&self, kind: ThingKind) -> impl Iterator<Item = (usize, usize)> {
        let own = self.entries.all.iter().enumerate().filter(move |(_, entry)| entry.kind == kind);
        own.filter_map(|(at, entry)| Some((at, entry.at?)))
    }
}
