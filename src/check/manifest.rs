//! `pol.toml`: the name of a policy set, the sets it uses, its source documents, its lints.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use crate::diag::{Code, Diagnostic, Severity, codes};
use crate::source::{FileId, Span};

/// What `pol.toml` says.
#[derive(Debug, Clone, Default)]
pub struct Manifest {
    pub name: String,
    /// `zh` or `en`: the language in which people are spoken to by default.
    pub language: Option<String>,
    /// Other policy sets by the name under which `use` knows them: their folders, from this one.
    pub uses: BTreeMap<String, (String, Span)>,
    /// Source documents by name: their files, from this folder.
    pub sources: BTreeMap<String, (String, Span)>,
    /// The rounding of payable amounts where no policy header names one, as in the header.
    pub rounding: Option<(String, Span)>,
    pub lints: Lints,
}

/// How much each warning and note matters, by [`Code::name`] in lower case.
#[derive(Debug, Clone, Default)]
pub struct Lints(BTreeMap<String, Level>);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    Allow,
    Note,
    Warn,
    Error,
}

impl Lints {
    /// Sets the severity of each problem that is not an error, and drops what is allowed.
    pub fn apply(&self, problems: &mut Vec<Diagnostic>) {
        problems.retain_mut(|problem| {
            if problem.code.severity == Severity::Error {
                return true;
            }
            let level = self.0.get(&lint_name(problem.code)).copied().or(default_level(problem.code));
            match level {
                Some(Level::Allow) => return false,
                Some(Level::Note) => problem.severity = Severity::Note,
                Some(Level::Warn) => problem.severity = Severity::Warning,
                Some(Level::Error) => problem.severity = Severity::Error,
                None => {}
            }
            true
        });
    }
}

/// What is not said in `pol.toml`: overflow is an answer of its own (`error`), so it is not warned of.
fn default_level(code: &Code) -> Option<Level> {
    (code == &codes::MAY_OVERFLOW).then_some(Level::Allow)
}

/// The name of a lint in `pol.toml`.
pub fn lint_name(code: &Code) -> String {
    code.name.to_lowercase()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    name: Option<Spanned<String>>,
    language: Option<Spanned<String>>,
    #[serde(default)]
    uses: BTreeMap<String, Spanned<String>>,
    #[serde(default)]
    sources: BTreeMap<String, Spanned<String>>,
    rounding: Option<Spanned<String>>,
    #[serde(default)]
    lints: BTreeMap<Spanned<String>, Level>,
}

const KEYS: &[&str] = &["name", "language", "uses", "sources", "rounding", "lints"];

/// Reads the text of a `pol.toml`.
pub fn read(file: FileId, text: &str) -> (Manifest, Vec<Diagnostic>) {
    let mut problems = Vec::new();
    let place = |range: std::ops::Range<usize>| Span::new(file, range.start, range.end);
    let raw: Raw = match toml::from_str(text) {
        Ok(raw) => raw,
        Err(error) => {
            let span = place(error.span().unwrap_or(0..text.len().min(1)));
            return (Manifest::default(), vec![bad(span, text, error.message())]);
        }
    };
    let files = |map: BTreeMap<String, Spanned<String>>| -> BTreeMap<String, (String, Span)> {
        map.into_iter().map(|(name, path)| (name, (path.get_ref().clone(), place(path.span())))).collect()
    };
    if raw.name.is_none() {
        let span = Span::new(file, 0, 0);
        problems.push(
            Diagnostic::new(&codes::BAD_MANIFEST, span, "pol.toml does not name the policy set")
                .at("no `name`")
                .note("add a line such as `name = \"relief-2020\"`"),
        );
    }
    if let Some(language) =
        raw.language.as_ref().filter(|tag| !["zh", "en"].contains(&tag.get_ref().as_str()))
    {
        problems.push(
            Diagnostic::new(
                &codes::BAD_MANIFEST,
                place(language.span()),
                format!("`{}` is not a language of Pol", language.get_ref()),
            )
            .at("unknown language")
            .note("write \"zh\" or \"en\""),
        );
    }
    let known: Vec<String> = codes::ALL
        .iter()
        .filter(|code| code.severity != Severity::Error)
        .map(|code| lint_name(code))
        .collect();
    for name in raw.lints.keys().filter(|name| !known.contains(name.get_ref())) {
        problems.push(
            Diagnostic::new(
                &codes::BAD_MANIFEST,
                place(name.span()),
                format!("there is no lint `{}`", name.get_ref()),
            )
            .at("unknown lint")
            .suggest(name.get_ref(), known.iter().map(String::as_str))
            .note(format!("lints: {}", known.join(", "))),
        );
    }
    let manifest = Manifest {
        name: raw.name.map(Spanned::into_inner).unwrap_or_default(),
        language: raw.language.map(Spanned::into_inner),
        uses: files(raw.uses),
        sources: files(raw.sources),
        rounding: raw.rounding.map(|text| (text.get_ref().clone(), place(text.span()))),
        lints: Lints(raw.lints.into_iter().map(|(name, level)| (name.into_inner(), level)).collect()),
    };
    (manifest, problems)
}

fn bad(span: Span, text: &str, message: &str) -> Diagnostic {
    let first = message.lines().next().unwrap_or("not TOML");
    let found = text.get(span.range()).unwrap_or("");
    let problem = Diagnostic::new(&codes::BAD_MANIFEST, span, format!("pol.toml: {first}")).at("here");
    if first.contains("unknown field") {
        return problem.suggest(found, KEYS.iter().copied()).note(format!("keys: {}", KEYS.join(", ")));
    }
    problem
}
