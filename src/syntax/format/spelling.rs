//! How a piece of an item is written: signs in ASCII, keywords in one language or as they stand.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::LazyLock;

use super::super::parse::Rule;
use super::super::words::{self, Keyword, Tongue};

/// What is to be done beside the layout.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The language that keywords are turned into.
    pub keywords: Option<Tongue>,
    /// Names that a set declares: they are no functions of the language, whatever they are called.
    pub declared: BTreeSet<String>,
}

/// What the formatter knows of a rule of the grammar.
struct Known {
    /// It is one piece, whatever it is made of.
    whole: bool,
    words: Vec<&'static Keyword>,
}

/// For each rule, in their order.
static RULES: LazyLock<Vec<Known>> = LazyLock::new(|| {
    let rules = Rule::all_rules();
    let mut known: Vec<Known> = Vec::with_capacity(rules.len());
    for rule in rules {
        let name = format!("{rule:?}");
        let keyword = ["kw_", "op_", "bound_"].iter().any(|start| name.starts_with(start));
        let whole = keyword
            || matches!(
                rule,
                Rule::date
                    | Rule::time
                    | Rule::quantity
                    | Rule::string
                    | Rule::ident
                    | Rule::input
                    | Rule::article
                    | Rule::unit_name
                    | Rule::type_unit
                    | Rule::rounding_name
                    | Rule::star
            );
        let words = words::of_rule(&name).collect();
        let at = *rule as usize;
        while known.len() <= at {
            known.push(Known { whole: false, words: Vec::new() });
        }
        known[at] = Known { whole, words };
    }
    known
});

/// Whether what a rule reads is one piece, whatever it is made of.
pub fn is_whole(rule: Rule) -> bool {
    RULES[rule as usize].whole
}

/// The keyword that a text is, by its rule.
fn keyword(rule: Rule, text: &str) -> Option<&'static Keyword> {
    match RULES[rule as usize].words.as_slice() {
        [] => None,
        [only] if has_no_other_sign(rule) => Some(only),
        several => several.iter().copied().find(|own| own.english == text || own.chinese == text),
    }
}

/// Whether a rule with one word has no sign beside it that is kept as it stands.
fn has_no_other_sign(rule: Rule) -> bool {
    !matches!(rule, Rule::op_ne | Rule::op_eq | Rule::article)
}

/// The text of a piece in one form for both languages: two pieces that say the same are equal.
pub fn neutral(rule: Rule, text: &str) -> Cow<'_, str> {
    let plain = plain(rule, text);
    if rule == Rule::article {
        return Cow::Owned(article_number(&plain).to_owned());
    }
    match keyword(rule, &plain) {
        Some(keyword) => Cow::Borrowed(keyword.english),
        None => plain,
    }
}

/// The text of a piece as it is to be written.
pub fn written<'t>(rule: Rule, text: &'t str, options: &Options) -> Cow<'t, str> {
    let plain = plain(rule, text);
    let Some(tongue) = options.keywords else { return plain };
    if rule == Rule::article {
        let number = article_number(&plain);
        return Cow::Owned(match tongue {
            Tongue::English => format!("art {number}"),
            Tongue::Chinese => format!("第{number}条"),
        });
    }
    match keyword(rule, &plain) {
        Some(keyword) => Cow::Borrowed(keyword.form(tongue)),
        None => plain,
    }
}

/// The name of what is called: a function of the language has one in each.
pub fn called<'t>(name: &'t str, options: &Options) -> Cow<'t, str> {
    let own = |function: &&Keyword| function.english == name || function.chinese == name;
    match (options.keywords, words::functions().find(own)) {
        (Some(tongue), Some(function)) if !options.declared.contains(name) => {
            Cow::Borrowed(function.form(tongue))
        }
        _ => Cow::Borrowed(name),
    }
}

/// The English name of a function of the language, or the name as it stands.
pub fn neutral_call(name: &str) -> &str {
    words::functions().find(|own| own.chinese == name).map_or(name, |own| own.english)
}

fn article_number(text: &str) -> &str {
    let number = text.trim_start_matches("article").trim_start_matches("art").trim_start_matches('第');
    number.trim_end_matches('条').trim()
}

/// Signs in ASCII, one space where there is any; words and what stands in quotation marks as they are.
fn plain(rule: Rule, text: &str) -> Cow<'_, str> {
    let text = text.trim_end();
    match rule {
        Rule::string | Rule::ident | Rule::input => Cow::Borrowed(text),
        Rule::article if text.starts_with('第') => Cow::Owned(text.replace([' ', '\t', '\u{3000}'], "")),
        _ if text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_control()) && !text.contains("  ") => {
            Cow::Borrowed(text)
        }
        _ if text.contains(char::is_whitespace) => Cow::Owned(sign(&spaced(text)).into_owned()),
        _ => sign(text),
    }
}

fn spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A sign in ASCII. The signs of mathematics (× ÷ ≤ ≥ ≠) stay: they are no full-width twins.
pub fn sign(text: &str) -> Cow<'_, str> {
    let other = |c: char| matches!(c, '、' | '⇒' | '−' | '\u{FF01}'..='\u{FF5E}');
    if !text.contains(other) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '、' => out.push(','),
            '⇒' => out.push_str("=>"),
            '−' => out.push('-'),
            c if other(c) => out.extend(char::from_u32(c as u32 - 0xFEE0)),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}
