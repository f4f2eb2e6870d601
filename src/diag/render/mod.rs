//! Diagnostics as text: one file for each format.

mod github;
mod human;
mod json;
mod sarif;
mod shown;
#[cfg(test)]
mod tests;

use std::io::{self, Write};
use std::str::FromStr;

use super::{Diagnostic, Severity};
use crate::source::{SourceMap, Span};

/// How problems are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// For people at a terminal.
    #[default]
    Human,
    /// One JSON object: `diagnostics` and their `summary`.
    Json,
    /// SARIF 2.1.0, for code scanning services.
    Sarif,
    /// Workflow commands that GitHub shows beside the changed lines.
    Github,
}

impl Format {
    pub const ALL: [Format; 4] = [Format::Human, Format::Json, Format::Sarif, Format::Github];

    pub fn name(self) -> &'static str {
        match self {
            Format::Human => "human",
            Format::Json => "json",
            Format::Sarif => "sarif",
            Format::Github => "github",
        }
    }
}

impl FromStr for Format {
    type Err = String;

    /// Fails with a sentence that lists the formats.
    fn from_str(name: &str) -> Result<Format, String> {
        Format::ALL.into_iter().find(|format| format.name() == name).ok_or_else(|| {
            let names = Format::ALL.map(Format::name).join(", ");
            format!("`{name}` is not a format of reports; they are: {names}")
        })
    }
}

/// Writes problems in the order in which they stand. `colour` only matters to [`Format::Human`], which
/// writes nothing at all where there are no problems.
///
/// # Errors
///
/// Whatever `out` reports.
pub fn render(
    problems: &[Diagnostic],
    sources: &SourceMap,
    format: Format,
    colour: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        Format::Human => human::write(problems, sources, colour, out),
        Format::Json => json::write(problems, sources, out),
        Format::Sarif => sarif::write(problems, sources, out),
        Format::Github => github::write(problems, sources, out),
    }
}

/// Writes one problem for people, for a place where something else follows it than the next one.
///
/// # Errors
///
/// Whatever `out` reports.
pub fn render_one(
    problem: &Diagnostic,
    sources: &SourceMap,
    colour: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    human::one(problem, sources, colour, out)
}

/// How many problems there are of each severity.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    pub errors: usize,
    pub warnings: usize,
    pub notes: usize,
}

impl Summary {
    pub fn of(problems: &[Diagnostic]) -> Summary {
        let count = |severity| problems.iter().filter(|problem| problem.severity == severity).count();
        Summary {
            errors: count(Severity::Error),
            warnings: count(Severity::Warning),
            notes: count(Severity::Note),
        }
    }
}

impl std::fmt::Display for Summary {
    /// Such as `2 errors, 1 warning`; `no problems` where there is nothing to count.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let parts: Vec<String> = [(self.errors, "error"), (self.warnings, "warning"), (self.notes, "note")]
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, word)| format!("{count} {word}{}", if count == 1 { "" } else { "s" }))
            .collect();
        if parts.is_empty() { f.write_str("no problems") } else { f.write_str(&parts.join(", ")) }
    }
}

/// Where a span stands, for formats that speak of lines and columns. Both count from 1, columns count
/// characters, and the end is the place behind the last character.
struct Place {
    file: String,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
}

impl Place {
    fn of(span: Span, sources: &SourceMap) -> Place {
        let file = sources.file(span.file);
        let (line, column) = file.line_column(span.start as usize);
        let (end_line, end_column) = file.line_column(span.end.max(span.start) as usize);
        Place { file: file.path.display().to_string(), line, column, end_line, end_column }
    }
}
