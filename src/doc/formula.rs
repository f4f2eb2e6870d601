//! Expressions with links: every name leads to what it stands for.

use maud::{Markup, PreEscaped, html};

use crate::check::show::{Names, escape, show_expr_with, show_value};
use crate::check::typed::{Cite, Expr, ExprKind, Let, RecordId, Type};
use crate::value::{Date, Value};

use super::View;
use super::labels::{MARKS, spoken};

/// What a text says during a time.
pub(super) struct Version<'e> {
    /// From this day on, where it was not always said.
    pub from: Option<Date>,
    /// Until this day, which is excluded.
    pub until: Option<Date>,
    /// `None`: there is no such rule.
    pub text: Option<&'e Expr>,
    /// On whose authority it is said, where it came later.
    pub cites: &'e [Cite],
}

/// What a text says from the first to the last; one version where nothing amends it.
pub(super) fn versions(expr: &Expr) -> Vec<Version<'_>> {
    let mut versions = Vec::new();
    let (mut own, mut until) = (expr, None);
    loop {
        let (from, text, cites, before) = match &own.kind {
            ExprKind::Amended { from, now, before, cites } => (Some(*from), &**now, &cites[..], Some(before)),
            _ => (None, own, &[][..], None),
        };
        let amended = before.is_some() || until.is_some();
        let none = amended && matches!(text.kind, ExprKind::Const(Value::Bool(_)));
        versions.push(Version { from, until, text: (!none).then_some(text), cites });
        let Some(before) = before else { break };
        (own, until) = (before, from);
    }
    versions.reverse();
    versions
}

/// What the names in an expression refer to.
#[derive(Clone, Copy)]
pub(super) struct Place<'p> {
    pub record: RecordId,
    pub lets: &'p [Let],
}

impl View<'_> {
    pub fn value(&self, ty: &Type, value: &Value) -> String {
        show_value(self.program, ty, value, self.language)
    }

    /// An expression in words, each name a link.
    pub fn formula(&self, place: Place<'_>, expr: &Expr) -> Markup {
        html! { span.formula { (self.linked(place, expr)) } }
    }

    fn names<'p>(&'p self, place: Place<'p>) -> Names<'p> {
        Names { program: self.program, record: place.record, lets: place.lets, language: self.language }
    }

    /// Links are marked while the expression is printed, and made of the marks when the rest is escaped.
    fn linked(&self, place: Place<'_>, expr: &Expr) -> Markup {
        let [start, middle, end] = MARKS;
        let text = show_expr_with(self.names(place), expr, &|part| {
            let thing = self.named(part)?;
            let own = &self.compiled.index.things()[thing];
            let label = own.label.as_ref().map_or("", |label| &label.text);
            Some(format!("{start}{thing}{middle}{}{end}", spoken(self.language, &own.name.text, label)))
        });
        let mut out = String::new();
        for piece in escape(&text).split(start) {
            let link = piece.split_once(middle).and_then(|(thing, rest)| {
                let (label, rest) = rest.split_once(end)?;
                Some((self.place_of_thing(thing.parse().ok()?), label, rest))
            });
            match link {
                Some((Some(place), label, rest)) => {
                    out += &format!("<a href=\"{}\">{label}</a>{rest}", escape(&place));
                }
                Some((None, label, rest)) => out += &format!("{label}{rest}"),
                None => out.extend(piece.chars().filter(|c| !MARKS.contains(c))),
            }
        }
        PreEscaped(out)
    }

    /// The thing of the index that a name in an expression stands for.
    fn named(&self, part: &Expr) -> Option<usize> {
        use crate::check::index::ThingKind;
        let thing = self.compiled.index.named(part.span)?;
        let own = &self.compiled.index.things()[thing];
        let fits = match &part.kind {
            ExprKind::Field(_) => own.kind == ThingKind::Field,
            ExprKind::Param(_) => own.kind == ThingKind::Param,
            ExprKind::Define(_) => own.kind == ThingKind::Define,
            ExprKind::Let(_) => own.kind == ThingKind::Let,
            _ => false,
        };
        fits.then_some(thing)
    }

    /// What a text says, and said before or says later.
    pub fn told(&self, place: Place<'_>, expr: &Expr) -> Markup {
        let versions = versions(expr);
        if let [only] = versions.as_slice() {
            return html! { @if let Some(text) = only.text { (self.formula(place, text)) } };
        }
        html! {
            ol.versions {
                @for version in &versions {
                    li {
                        span.when { (self.when(version.from, version.until)) } " "
                        @match version.text {
                            Some(text) if text.ty == Type::Bool => (self.test(place, text)),
                            Some(text) => (self.formula(place, text)),
                            None => span.none { (self.words.no_rule) },
                        }
                        @for cite in version.cites { " " (self.cite(cite)) }
                    }
                }
            }
        }
    }

    /// During which days: `from 2020-02-29`, `before 2020-02-29`.
    pub fn when(&self, from: Option<Date>, until: Option<Date>) -> String {
        let words = self.words;
        match (from, until) {
            (None, None) => words.always.to_owned(),
            (Some(from), None) => format!("{}{from}{}", words.from_day, words.from_day_end),
            (None, Some(until)) => format!("{}{until}{}", words.before_day, words.before_day_end),
            (Some(from), Some(until)) => format!("{from} – {until}{}", words.until_end),
        }
    }
}
