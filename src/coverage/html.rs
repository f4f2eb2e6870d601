//! Documents with each passage coloured by how it is accounted for.

use std::fmt::Write;

use super::{Coverage, DocumentCoverage, How};
use crate::check::show::{Language, escape};

const STYLE: &str =
    "body{font:16px/1.7 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1rem;color:#1b1b1b}
main{white-space:pre-wrap}
span.computed{background:#d7f0d9}span.open{background:#ffe9b8}span.not_computable{background:#e4e4ea}
span.left{background:#ffd0cc}span.heading{font-weight:600}
.legend span{padding:.1em .5em;margin-right:.5em}
@media(prefers-color-scheme:dark){body{background:#161616;color:#e8e8e8}span.computed{background:#1f4a25}
span.open{background:#5a4310}span.not_computable{background:#3a3a44}span.left{background:#6a1f1a}}
@media print{span{-webkit-print-color-adjust:exact;print-color-adjust:exact}}";

pub fn page(coverage: &Coverage) -> String {
    let language = coverage.language;
    let title = coverage.documents.first().map_or("", |document| &document.title);
    let mut out = String::new();
    let _ = write!(
        out,
        "<!doctype html>\n<html lang=\"{}\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n<title>{}</title>\n<style>{STYLE}</style>\n",
        language.tag(),
        escape(title)
    );
    for document in &coverage.documents {
        one(&mut out, document, language);
    }
    out
}

fn one(out: &mut String, document: &DocumentCoverage, language: Language) {
    let _ = writeln!(out, "<h1>{}</h1>\n<p class=\"legend\">", escape(&document.title));
    for (how, words) in [
        (How::Computed, ("computed", "可计算")),
        (How::Open, ("left open to others", "留待另定")),
        (How::NotComputable, ("not computable", "不可计算")),
        (How::Left, ("not accounted for", "未编制")),
    ] {
        let _ = write!(out, "<span class=\"{}\">{}</span>", class(how), language.pick(words.0, words.1));
    }
    out.push_str("</p>\n<main>");
    for passage in &document.passages {
        if passage.how == How::Left && !passage.text.chars().any(char::is_alphabetic) {
            out.push_str(&escape(&passage.text));
            continue;
        }
        let article = document.articles.iter().find(|article| article.number == passage.article);
        let items = article.map_or(&[][..], |article| &article.items);
        let names: Vec<String> = passage
            .items
            .iter()
            .filter_map(|at| items.get(*at))
            .map(|item| match &item.note {
                Some(note) => format!("{} {} ({note})", item.kind_word(language), item.label),
                None => format!("{} {}", item.kind_word(language), item.label),
            })
            .collect();
        let _ = write!(
            out,
            "<span class=\"{}\" title=\"{}\">{}</span>",
            class(passage.how),
            escape(&names.join("; ")),
            escape(&passage.text)
        );
    }
    out.push_str("</main>\n");
}

fn class(how: How) -> &'static str {
    match how {
        How::Left => "left",
        How::Heading => "heading",
        How::NotComputable => "not_computable",
        How::Computed => "computed",
        How::Open => "open",
    }
}
