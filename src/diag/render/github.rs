//! Diagnostics as workflow commands, which GitHub shows beside the changed lines.

use std::io::{self, Write};

use super::{Place, shown};
use crate::diag::{Diagnostic, Severity};
use crate::source::SourceMap;

pub(super) fn write(problems: &[Diagnostic], sources: &SourceMap, out: &mut dyn Write) -> io::Result<()> {
    problems.iter().try_for_each(|problem| command(problem, sources, out))
}

fn command(problem: &Diagnostic, sources: &SourceMap, out: &mut dyn Write) -> io::Result<()> {
    let level = match problem.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let place = Place::of(problem.span(), sources);
    write!(out, "::{level} file={},line={}", property(&place.file), place.line)?;
    if place.end_line == place.line {
        // GitHub takes columns only for a place on one line, and its last column is part of the place.
        write!(out, ",col={},endColumn={}", place.column, (place.end_column - 1).max(place.column))?;
    } else {
        write!(out, ",endLine={}", place.end_line)?;
    }
    let mut text = shown::clipped(&problem.message);
    let label = problem.labels[0].text.as_str();
    // Beside the text a label stands for a note below it; here both would be below each other.
    let told = label.is_empty() || notes(problem).any(|note| note.replacen(": ", " ", 1) == label);
    for line in std::iter::once(label).filter(|_| !told).chain(notes(problem)) {
        text.push('\n');
        text.push_str(&shown::clipped(line));
    }
    if let Some(article) = &problem.article {
        text.push_str("\narticle: ");
        text.push_str(article);
    }
    writeln!(out, ",title={}::{}", problem.code.id, data(&text))
}

fn notes(problem: &Diagnostic) -> impl Iterator<Item = &str> {
    problem.notes.iter().map(String::as_str)
}

/// The message of a command: on one line, whatever stands in it.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property of a command, where `:` and `,` have a meaning too.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
