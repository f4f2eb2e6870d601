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
