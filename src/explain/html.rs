//! A page that stands alone: no script, no links, readable by screen readers and on paper.

use std::fmt::Write;

use crate::check::show::escape;
use crate::explain::outline::{Kind, Line, outline};
use crate::explain::words::words;
use crate::explain::{Explanation, Mark};

const STYLE: &str = "\
:root{color-scheme:light dark}\
body{font:1rem/1.6 system-ui,'Noto Sans CJK SC','Microsoft YaHei',sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem}\
h1{font-size:1.4rem}h2{font-size:1.2rem}h3{font-size:1rem;margin-bottom:.2rem}\
article{border-top:2px solid;padding-top:.5rem;margin-top:2rem}\
ul{padding-left:1.2rem;margin:.2rem 0}li{list-style:none}\
blockquote{margin:.2rem 0 .4rem;padding-left:.8rem;border-left:3px solid;opacity:.85}\
.mark{font-weight:bold;display:inline-block;width:1.4em;margin-left:-1.4em}\
.said{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}\
footer{margin-top:2rem;font-size:.85rem}\
@media print{body{margin:0;max-width:none;color:#000;background:#fff}article{break-inside:avoid}}";

pub fn page(explanations: &[Explanation]) -> String {
    let language = explanations.first().map(|first| first.language).unwrap_or_default();
    let words = words(language);
    let policy = explanations.iter().find_map(|explanation| explanation.policy.as_deref());
    let title = policy.unwrap_or(words.title);
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write!(
        out,
        "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{}</h1>\n",
        language.tag(),
        escape(title),
        escape(title),
    );
    for explanation in explanations {
        article(&mut out, explanation);
    }
    let _ = write!(out, "</main>\n<footer>{}</footer>\n</body>\n</html>\n", escape(words.page_note));
    out
}

fn article(out: &mut String, explanation: &Explanation) {
    let outline = outline(explanation);
    let _ = writeln!(out, "<article class=\"{}\">\n<h2>{}</h2>", explanation.status, escape(&outline.text));
    for line in &outline.below {
        match line.kind {
            Kind::Section => {
                let _ = writeln!(out, "<section>\n<h3>{}</h3>", escape(&line.text));
                list(out, &line.below);
                out.push_str("</section>\n");
            }
            Kind::Quote => {
                let _ = writeln!(out, "<blockquote>{}</blockquote>", escape(&line.text));
            }
            Kind::Title | Kind::Plain => {
                let _ = writeln!(out, "<p>{}</p>", escape(&line.text));
            }
        }
    }
    out.push_str("</article>\n");
}

fn list(out: &mut String, lines: &[Line]) {
    if lines.is_empty() {
        return;
    }
    out.push_str("<ul>\n");
    for line in lines {
        let (open, close) =
            if line.kind == Kind::Quote { ("<blockquote>", "</blockquote>") } else { ("", "") };
        let _ = write!(out, "<li>{open}{}{}{close}", mark(line), escape(&line.text));
        if !line.below.is_empty() {
            out.push('\n');
            list(out, &line.below);
        }
        out.push_str("</li>\n");
    }
    out.push_str("</ul>\n");
}

/// The sign for the eye, the word for a screen reader.
fn mark(line: &Line) -> String {
    let (Some((mark, word)), Some(symbol)) = (line.mark, line.symbol()) else { return String::new() };
    let class = match mark {
        Mark::Holds => "holds",
        Mark::Fails => "fails",
        Mark::Open => "open",
        Mark::Error => "error",
    };
    format!(
        "<span class=\"mark {class}\" aria-hidden=\"true\">{symbol}</span><span class=\"said\">{}: </span>",
        escape(word)
    )
}
