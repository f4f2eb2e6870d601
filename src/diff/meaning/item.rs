//! The items of a program with their parts: each part with its meaning, how it is said, and its words for people.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::form::{Depth, Form, Reader, Scope};
use super::names::{Key, Kind};
use crate::check::show::{Language, Names, show_expr};
use crate::check::typed::{Cite, Expr, ExprKind, Force, Head};

/// What a part is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Aspect {
    Condition,
    Amount,
    /// Of a param that is no amount: a date, a word, yes or no.
    Value,
    Date,
    Definition,
    Rounding,
    Text,
    Citation,
    Label,
}

impl Aspect {
    pub fn words(self, language: Language) -> &'static str {
        let (english, chinese) = match self {
            Aspect::Condition => ("condition", "条件"),
            Aspect::Amount => ("amount", "数额"),
            Aspect::Value => ("value", "取值"),
            Aspect::Date => ("date", "日期"),
            Aspect::Definition => ("definition", "含义"),
            Aspect::Rounding => ("rounding", "舍入"),
            Aspect::Text => ("text", "文字"),
            Aspect::Citation => ("citation", "依据"),
            Aspect::Label => ("label", "名称"),
        };
        language.pick(english, chinese)
    }
}

/// One thing that an item says.
#[derive(Debug, Clone)]
pub struct Part {
    /// What it is within the item: `require contract`. Parts of the same key before and after belong together.
    pub key: String,
    pub aspect: Aspect,
    /// Its words for people; empty where the aspect says it all.
    pub label: String,
    pub meant: Form,
    pub said: Form,
    /// What it says, for people.
    pub text: String,
}

/// A param, a measure, a record …
#[derive(Debug, Clone)]
pub struct Item {
    pub kind: Kind,
    pub name: String,
    pub label: String,
    pub module: String,
    /// Its position in the program's list of its kind.
    pub at: usize,
    pub parts: Vec<Part>,
    /// What it names.
    pub names: BTreeSet<Key>,
}

impl Item {
    pub fn key(&self) -> Key {
        Key::new(self.kind, &self.name)
    }
}

/// Puts an item together.
pub struct Maker<'r, 'a> {
    pub reader: &'r mut Reader<'a>,
    pub language: Language,
    item: Item,
}

impl<'r, 'a> Maker<'r, 'a> {
    pub fn new(
        reader: &'r mut Reader<'a>,
        language: Language,
        kind: Kind,
        name: &str,
        at: usize,
    ) -> Maker<'r, 'a> {
        reader.named.clear();
        let name = name.to_owned();
        let label = name.clone();
        let item =
            Item { kind, name, label, module: String::new(), at, parts: Vec::new(), names: BTreeSet::new() };
        Maker { reader, language, item }
    }

    /// With the label and module of its head.
    pub fn headed(mut self, head: &Head) -> Maker<'r, 'a> {
        (self.item.label, self.item.module) = (head.label.clone(), head.module.clone());
        self.label("", &head.name, &head.label);
        self
    }

    pub fn finish(mut self) -> Item {
        self.item.names = self.reader.named.drain(..).collect();
        self.item
    }

    pub fn add(&mut self, key: &str, aspect: Aspect, label: &str, forms: (Form, Form), text: String) {
        let (meant, said) = forms;
        let part = Part { key: key.to_owned(), aspect, label: label.to_owned(), meant, said, text };
        self.item.parts.push(part);
    }

    /// A part that means what its text says.
    pub fn text(&mut self, key: &str, aspect: Aspect, label: &str, text: String) {
        let form = self.reader.forms.text(text.clone());
        self.add(key, aspect, label, (form, form), text);
    }

    /// A part that is told by its text, but means what something else says.
    pub fn fact(&mut self, key: &str, aspect: Aspect, label: &str, meant: String, text: String) {
        let form = self.reader.forms.text(meant);
        self.add(key, aspect, label, (form, form), text);
    }

    pub fn both(&mut self, scope: Scope<'a>, expr: &'a Expr) -> (Form, Form) {
        let meant = self.reader.expr(scope, Depth::Whole, expr);
        (meant, self.reader.expr(scope, Depth::Named, expr))
    }

    /// An expression in words.
    pub fn words(&self, scope: Scope<'a>, expr: &Expr) -> String {
        let (program, language) = (self.reader.program, self.language);
        show_expr(Names { program, record: scope.record, lets: scope.lets, language }, expr)
    }

    pub fn expr(&mut self, key: &str, aspect: Aspect, label: &str, scope: Scope<'a>, expr: &'a Expr) {
        let (forms, text) = (self.both(scope, expr), self.words(scope, expr));
        self.add(key, aspect, label, forms, text);
    }

    /// The label of a part of the item, or (without a key) of the item itself, where it is another word than the name.
    pub fn label(&mut self, key: &str, name: &str, label: &str) {
        if !label.is_empty() && label != name {
            let whose = if key.is_empty() { "" } else { name };
            self.text(&format!("label {key}"), Aspect::Label, whose, label.to_owned());
        }
    }

    /// When something is in force; `header` is what it is in force without a word of its own.
    pub fn force(&mut self, force: Force, header: Force) {
        let meant = self.reader.forms.text(format!("{force:?}"));
        let said = if force == header { self.reader.forms.text("as the header says") } else { meant };
        let text = force_text(force, self.language);
        self.add("in force", Aspect::Date, self.language.pick("in force", "施行"), (meant, said), text);
    }

    /// The citations of the item, or of a part of it, with those of the texts that amended it.
    pub fn cites(&mut self, part: &str, label: &str, own: &'a [Cite], exprs: &[&'a Expr]) {
        let mut cites: Vec<&Cite> = own.iter().collect();
        for expr in exprs {
            expr.walk(&mut |part| {
                if let ExprKind::Amended { cites: more, .. } = &part.kind {
                    cites.extend(more);
                }
            });
        }
        // By what they mean, so that the same ones are in the same order.
        let texts: BTreeMap<String, String> =
            cites.into_iter().map(|cite| (cite_meant(cite), cite_text(cite, self.language))).collect();
        if !texts.is_empty() {
            let meant = texts.keys().map(String::as_str).collect::<Vec<_>>().join("\n");
            let text = texts.into_values().collect::<Vec<_>>().join(self.language.pick("; ", "；"));
            self.fact(&format!("cite {part}"), Aspect::Citation, label, meant, text);
        }
    }
}

/// What a citation means: white space within a quotation does not count, as where it is looked up.
pub fn cite_meant(cite: &Cite) -> String {
    let quote = cite.quote.as_ref().map(|quote| quote.replace(char::is_whitespace, ""));
    format!("{} {:?} {quote:?}", cite.source, cite.article)
}

pub fn cite_text(cite: &Cite, language: Language) -> String {
    let mut text = cite.source.clone();
    if let Some(article) = cite.article {
        text += &match language {
            Language::English => format!(" article {article}"),
            Language::Chinese => format!(" 第{article}条"),
        };
    }
    if let Some(quote) = &cite.quote {
        text += &format!(" “{quote}”");
    }
    text
}

pub fn force_text(force: Force, language: Language) -> String {
    match (force.from, force.until, language) {
        (None, None, _) => language.pick("always", "始终").to_owned(),
        (Some(from), None, Language::English) => format!("from {from}"),
        (Some(from), None, Language::Chinese) => format!("自{from}起"),
        (None, Some(until), Language::English) => format!("until {until}"),
        (None, Some(until), Language::Chinese) => format!("至{until}止"),
        (Some(from), Some(until), Language::English) => format!("from {from} until {until}"),
        (Some(from), Some(until), Language::Chinese) => format!("自{from}起，至{until}止"),
    }
}
