//! Problems as data: what is wrong, where, and what to write instead. Rendering is in [`render`].

pub mod codes;
pub mod render;

use crate::source::{SourceMap, Span};
pub use codes::{Code, Severity};

/// A place that a diagnostic points at, with what to say about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    pub span: Span,
    pub text: String,
    /// The place itself, as against a second place that explains it.
    pub primary: bool,
}

/// A replacement that mends the problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    pub span: Span,
    pub replacement: String,
}

impl Fix {
    /// Adds members to a block that ends with its closing bracket, in the layout of those that it has. `text` is
    /// the block's own.
    pub fn add_to_block(block: Span, text: &str, members: &[String]) -> Fix {
        let inner = text.strip_suffix(['}', '\u{FF5D}']).unwrap_or(text);
        let kept = inner.trim_end();
        let at = block.start + kept.len() as u32;
        let (before, between) = match inner.contains('\n') {
            true => {
                let line = &kept[kept.rfind('\n').map_or(0, |at| at + 1)..];
                let indent: String = line.chars().take_while(|c| c.is_whitespace()).collect();
                (format!("\n{indent}"), format!("\n{indent}"))
            }
            false if kept.ends_with(['{', '\u{FF5B}']) => (" ".to_owned(), ", ".to_owned()),
            false => (", ".to_owned(), ", ".to_owned()),
        };
        let replacement = format!("{before}{}", members.join(&between));
        Fix { span: Span { start: at, end: at, ..block }, replacement }
    }
}

/// One problem in a policy set.
#[derive(Debug, Clone)]
pub struct Diagnostic {
    pub code: &'static Code,
    pub severity: Severity,
    /// One sentence that names what is wrong, in the words of the policy.
    pub message: String,
    pub labels: Vec<Label>,
    /// What to write instead, why the rule exists.
    pub notes: Vec<String>,
    /// The article that the surrounding item cites, such as `lu_2020 art 24`.
    pub article: Option<String>,
    pub fix: Option<Fix>,
    /// Replacements of which one may be what is meant, or that leave something to be filled in.
    pub other_fixes: Vec<Fix>,
}

impl Diagnostic {
    pub fn new(code: &'static Code, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            code,
            severity: code.severity,
            message: message.into(),
            labels: vec![Label { span, text: String::new(), primary: true }],
            notes: Vec::new(),
            article: None,
            fix: None,
            other_fixes: Vec::new(),
        }
    }

    /// Says something at the primary place.
    pub fn at(mut self, text: impl Into<String>) -> Diagnostic {
        self.labels[0].text = text.into();
        self
    }

    /// Adds a second place.
    pub fn also(mut self, span: Span, text: impl Into<String>) -> Diagnostic {
        self.labels.push(Label { span, text: text.into(), primary: false });
        self
    }

    pub fn note(mut self, text: impl Into<String>) -> Diagnostic {
        self.notes.push(text.into());
        self
    }

    pub fn article(mut self, article: Option<String>) -> Diagnostic {
        self.article = article;
        self
    }

    pub fn fix(mut self, span: Span, replacement: impl Into<String>) -> Diagnostic {
        self.fix = Some(Fix { span, replacement: replacement.into() });
        self
    }

    /// Adds a replacement that may be what is meant.
    pub fn or_fix(mut self, span: Span, text: impl Into<String>) -> Diagnostic {
        self.other_fixes.push(Fix { span, replacement: text.into() });
        self
    }

    /// Adds `did you mean …` where one of `names` is close to `found`.
    pub fn suggest<'a>(mut self, found: &str, names: impl IntoIterator<Item = &'a str>) -> Diagnostic {
        if let Some(best) = closest(found, names) {
            self.notes.push(format!("did you mean `{best}`?"));
            let span = self.labels[0].span;
            self.fix = Some(Fix { span, replacement: best.to_owned() });
        }
        self
    }

    pub fn span(&self) -> Span {
        self.labels[0].span
    }

    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// The name nearest to `found` by edit distance, if it is near enough to be a slip.
pub fn closest<'a>(found: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = found.chars().count();
    let limit = match length {
        0 | 1 => return None,
        2..=4 => 1,
        5..=8 => 2,
        _ => 3,
    };
    names
        .into_iter()
        .filter(|name| *name != found && name.chars().count().abs_diff(length) <= limit)
        .map(|name| (strsim::damerau_levenshtein(found, name), name))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, name)| name)
}

/// Sorts by place and drops exact repeats, so that the same set always prints the same report.
pub fn sort(diagnostics: &mut Vec<Diagnostic>, sources: &SourceMap) {
    let path = |d: &Diagnostic| sources.file(d.span().file).path.clone();
    diagnostics.sort_by(|a, b| {
        (path(a), a.span(), a.code.id, &a.message).cmp(&(path(b), b.span(), b.code.id, &b.message))
    });
    diagnostics.dedup_by(|a, b| a.span() == b.span() && a.code.id == b.code.id && a.message == b.message);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    #[test]
    fn members_are_added_in_the_layout_of_their_block() {
        let add = |text: &str, members: &[&str]| {
            let members: Vec<String> = members.iter().map(|member| (*member).to_owned()).collect();
            let fix = Fix::add_to_block(Span::new(FileId(0), 0, text.len()), text, &members);
            let mut all = text.to_owned();
            all.replace_range(fix.span.range(), &fix.replacement);
            all
        };
        assert_eq!(add("match t { a => 1 }", &["b => ?", "c => ?"]), "match t { a => 1, b => ?, c => ? }");
        assert_eq!(add("match t {}", &["b => ?"]), "match t { b => ?}");
        assert_eq!(
            add("match t {\n    低 => 1\n  }", &["高 => ?"]),
            "match t {\n    低 => 1\n    高 => ?\n  }"
        );
    }
}
