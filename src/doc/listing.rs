//! The program text of an item: keywords, words and numbers told apart, every name a link.

use std::collections::BTreeSet;

use maud::{Markup, PreEscaped, html};

use crate::check::show::escape;
use crate::source::Span;
use crate::syntax::scan::lex;
use crate::syntax::token::Token;

use super::View;

/// The words that the grammar's keywords are spelled with.
pub(super) fn keywords() -> BTreeSet<&'static str> {
    let grammar = include_str!("../../grammar/policy.pest");
    let rules = grammar.lines().filter(|line| line.starts_with("kw_"));
    rules.flat_map(|line| line.split('"').skip(1).step_by(2)).collect()
}

impl View<'_> {
    /// The text of an entry as its file has it, and that of what changes it.
    pub fn listing(&self, at: usize) -> Markup {
        let spans: Vec<Span> = self.entry(at).spans().collect();
        html! {
            @for span in spans {
                @let file = self.compiled.sources.file(span.file);
                p.place { code { (self.file_name(span)) } ":" (file.line_column(span.start as usize).0) }
                pre.pol tabindex="0" { code translate="no" { (self.coloured(span)) } }
            }
        }
    }

    /// The file that a place stands in, from the folder of its set.
    fn file_name(&self, span: Span) -> String {
        let sets = self.compiled.input.sets.iter().flat_map(|set| &set.modules);
        let module = sets.into_iter().find(|module| module.file.id == span.file);
        module.map_or_else(String::new, |module| format!("{}.pol", module.path.replace('.', "/")))
    }

    fn coloured(&self, span: Span) -> Markup {
        let text = self.compiled.sources.text(span);
        let mut out = String::new();
        for lexeme in lex(text) {
            let piece = &text[lexeme.start..lexeme.end];
            let start = span.start as usize;
            let place = Span::new(span.file, start + lexeme.start, start + lexeme.end);
            let class = match lexeme.token {
                Some(Token::Comment) => "comment",
                Some(Token::String) => "string",
                Some(Token::Number) => "number",
                Some(Token::Word) => match self.compiled.index.named(place) {
                    Some(thing) => {
                        out += &self.name(thing, piece);
                        continue;
                    }
                    None if self.keywords.contains(piece) => "keyword",
                    None => "",
                },
                _ => "",
            };
            match class {
                "" => out += &escape(piece),
                class => out += &format!("<span class=\"{class}\">{}</span>", escape(piece)),
            }
        }
        PreEscaped(out)
    }

    fn name(&self, thing: usize, text: &str) -> String {
        match self.place_of_thing(thing) {
            Some(page) => format!("<a href=\"{}\">{}</a>", escape(&page), escape(text)),
            None => escape(text),
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn keywords_of_both_languages_are_known() {
        let keywords = super::keywords();
        for word in ["measure", "措施", "cite", "依据", "and", "且", "pay", "发放", "in", "属于"] {
            assert!(keywords.contains(word), "{word}");
        }
    }
}
