//! `pol.toml`: the name of a policy set, the sets it uses, its source documents, its lints.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

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

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    Allow,
    Note,
    Warn,
    Error,
}

impl Level {
    const ALL: [(&str, Level); 4] =
        [("allow", Level::Allow), ("note", Level::Note), ("warn", Level::Warn), ("error", Level::Error)];
}

impl Lints {
    /// The problem with the severity that is wanted; `None` where it is allowed. Errors stay errors.
    pub fn applied(&self, mut problem: Diagnostic) -> Option<Diagnostic> {
        if problem.code.severity == Severity::Error {
            return Some(problem);
        }
        let level = self.0.get(&lint_name(problem.code)).copied().or(default_level(problem.code));
        match level {
            Some(Level::Allow) => return None,
            Some(Level::Note) => problem.severity = Severity::Note,
            Some(Level::Warn) => problem.severity = Severity::Warning,
            Some(Level::Error) => problem.severity = Severity::Error,
            None => {}
        }
        Some(problem)
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

const KEYS: &[&str] = &["name", "language", "uses", "sources", "rounding", "lints"];
const LANGUAGES: &[&str] = &["zh", "en"];

/// Reads the text of a `pol.toml`: all that is sound of it, and everything that is not.
pub fn read(file: FileId, text: &str) -> (Manifest, Vec<Diagnostic>) {
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut reader = Reader { file, problems: Vec::new() };
    for error in &errors {
        reader.not_toml(error, text);
    }
    let manifest = reader.manifest(table.get_ref());
    if manifest.name.is_empty() && !table.get_ref().contains_key("name") && errors.is_empty() {
        let place = 0..text.find('\n').unwrap_or(text.len());
        reader.problems.push(
            reader
                .bad(place, "pol.toml does not name the policy set")
                .at("no `name`")
                .note("add a line such as `name = \"relief-2020\"`, above the first `[…]`"),
        );
    }
    reader.problems.sort_by_key(|problem| problem.span());
    (manifest, reader.problems)
}

struct Reader {
    file: FileId,
    problems: Vec<Diagnostic>,
}

impl Reader {
    fn manifest(&mut self, table: &DeTable<'_>) -> Manifest {
        let mut manifest = Manifest::default();
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "name" => manifest.name = self.name(value).unwrap_or_default(),
                "language" => manifest.language = self.language(value),
                "uses" => manifest.uses = self.paths("uses", value),
                "sources" => manifest.sources = self.paths("sources", value),
                "rounding" => manifest.rounding = self.text("rounding", value),
                "lints" => manifest.lints = self.lints(value),
                _ => self.unknown_key(key),
            }
        }
        manifest
    }

    fn name(&mut self, value: &Spanned<DeValue<'_>>) -> Option<String> {
        let (name, _) = self.text("name", value)?;
        if name.trim().is_empty() {
            let problem = self.bad(value.span(), "the name of the policy set is empty");
            self.problems.push(problem.at("no name"));
        }
        Some(name)
    }

    fn language(&mut self, value: &Spanned<DeValue<'_>>) -> Option<String> {
        let (language, _) = self.text("language", value)?;
        if LANGUAGES.contains(&language.as_str()) {
            return Some(language);
        }
        let problem = self.bad(value.span(), format!("`{language}` is not a language of Pol"));
        self.problems.push(problem.at("unknown language").note("write \"zh\" or \"en\""));
        None
    }

    /// The names and paths of `[uses]` or `[sources]`.
    fn paths(&mut self, table: &str, value: &Spanned<DeValue<'_>>) -> BTreeMap<String, (String, Span)> {
        let mut paths = BTreeMap::new();
        let Some(entries) = self.table(table, value) else { return paths };
        for (name, value) in entries {
            let Some((path, span)) = self.text(name.get_ref(), value) else { continue };
            if path.trim().is_empty() {
                let problem = self.bad(value.span(), format!("`{}` has an empty path", name.get_ref()));
                self.problems.push(problem.at("no path"));
                continue;
            }
            paths.insert(name.get_ref().to_string(), (path, span));
        }
        paths
    }

    fn lints(&mut self, value: &Spanned<DeValue<'_>>) -> Lints {
        let mut lints = Lints::default();
        let Some(entries) = self.table("lints", value) else { return lints };
        let known: Vec<String> = codes::ALL
            .iter()
            .filter(|code| code.severity != Severity::Error)
            .map(|code| lint_name(code))
            .collect();
        for (name, value) in entries {
            if !known.iter().any(|known| known == name.get_ref()) {
                self.unknown_lint(name, &known);
            } else if let Some(level) = self.level(value) {
                lints.0.insert(name.get_ref().to_string(), level);
            }
        }
        lints
    }

    fn level(&mut self, value: &Spanned<DeValue<'_>>) -> Option<Level> {
        let (word, _) = self.text("a lint", value)?;
        let level = Level::ALL.iter().find(|(name, _)| *name == word).map(|(_, level)| *level);
        if level.is_none() {
            let names = Level::ALL.map(|(name, _)| name);
            let quoted = names.map(|name| format!("\"{name}\"")).join(", ");
            let problem = self.bad(value.span(), format!("`{word}` is not a level of a lint"));
            let problem = problem.at("unknown level").note(format!("levels: {quoted}"));
            let best = crate::diag::closest(&word, names).map(|best| format!("\"{best}\""));
            let fix = best.map(|best| crate::diag::Fix { span: problem.span(), replacement: best });
            self.problems.push(Diagnostic { fix, ..problem });
        }
        level
    }

    fn unknown_lint(&mut self, name: &Spanned<DeString<'_>>, known: &[String]) {
        let word: &str = name.get_ref();
        let is_error = codes::ALL
            .iter()
            .any(|code| code.severity == Severity::Error && lint_name(code) == word.to_lowercase());
        let problem = self.bad(name.span(), format!("there is no lint `{word}`"));
        let problem = if is_error {
            problem.at("an error, not a lint").note("errors cannot be allowed: the set would have no meaning")
        } else {
            problem.at("unknown lint").suggest(word, known.iter().map(String::as_str))
        };
        self.problems.push(problem.note(format!("lints: {}", known.join(", "))));
    }

    fn unknown_key(&mut self, key: &Spanned<DeString<'_>>) {
        let problem = self.bad(key.span(), format!("pol.toml has no key `{}`", key.get_ref()));
        let problem = problem.at("unknown key").suggest(key.get_ref(), KEYS.iter().copied());
        self.problems.push(problem.note(format!("keys: {}", KEYS.join(", "))));
    }

    /// A string and its place; reports anything else.
    fn text(&mut self, key: &str, value: &Spanned<DeValue<'_>>) -> Option<(String, Span)> {
        match value.get_ref().as_str() {
            Some(text) => Some((text.to_owned(), self.span(value.span()))),
            None => {
                self.wrong_type(key, "a text in quotation marks", value);
                None
            }
        }
    }

    fn table<'t, 'i>(&mut self, key: &str, value: &'t Spanned<DeValue<'i>>) -> Option<&'t DeTable<'i>> {
        let table = value.get_ref().as_table();
        if table.is_none() {
            self.wrong_type(key, &format!("a table: a line `[{key}]` with the entries below it"), value);
        }
        table
    }

    fn wrong_type(&mut self, key: &str, wanted: &str, value: &Spanned<DeValue<'_>>) {
        let found = match value.get_ref() {
            DeValue::String(_) => "a text",
            DeValue::Integer(_) | DeValue::Float(_) => "a number",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a date",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        let problem = self.bad(value.span(), format!("`{key}` needs {wanted}, not {found}"));
        self.problems.push(problem.at(found));
    }

    fn not_toml(&mut self, error: &toml::de::Error, text: &str) {
        let place = error.span().unwrap_or(text.len()..text.len());
        let message = error.message().lines().next().unwrap_or("not TOML");
        let found = text.get(place.clone()).unwrap_or("");
        let is_name = !found.is_empty() && found.chars().all(|c| c.is_alphanumeric() || "_-".contains(c));
        let problem = self.bad(place.clone(), format!("pol.toml cannot be read: {message}")).at("here");
        self.problems.push(if is_name && !found.is_ascii() {
            let quoted = format!("\"{found}\"");
            let span = self.span(place);
            problem.note(format!("a key with other than Latin letters is quoted: {quoted}")).fix(span, quoted)
        } else {
            problem
        });
    }

    fn bad(&self, place: Range<usize>, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(&codes::BAD_MANIFEST, self.span(place), message)
    }

    fn span(&self, place: Range<usize>) -> Span {
        Span::new(self.file, place.start, place.end)
    }
}
