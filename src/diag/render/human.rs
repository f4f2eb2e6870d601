//! Diagnostics for people: the lines of the policy with the places marked, and what to write instead.

use std::io::{self, Write};
use std::ops::Range;

use codespan_reporting::diagnostic as report;
use codespan_reporting::files;
use codespan_reporting::term;
use codespan_reporting::term::termcolor::Ansi;

use super::Summary;
use super::shown::{Excerpt, clipped};
use crate::diag::{Diagnostic, Severity};
use crate::source::{FileId, SourceMap};

pub(super) fn write(
    problems: &[Diagnostic],
    sources: &SourceMap,
    colour: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    if problems.is_empty() {
        return Ok(());
    }
    for problem in problems {
        one(problem, sources, colour, out)?;
    }
    writeln!(out, "{}", Summary::of(problems))
}

pub(super) fn one(
    problem: &Diagnostic,
    sources: &SourceMap,
    colour: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let (excerpts, labels) = excerpts(problem, sources);
    let article = problem.article.iter().map(|article| format!("article: {}", clipped(article)));
    let report = report::Diagnostic::new(severity(problem.severity))
        .with_code(problem.code.id)
        .with_message(clipped(&problem.message))
        .with_labels(labels)
        .with_notes(problem.notes.iter().map(|note| clipped(note)).chain(article).collect());
    let (config, styles) = (term::Config::default(), term::Styles::default());
    if colour {
        let mut writer = Ansi::new(out);
        let mut writer = term::StylesWriter::new(&mut writer, &styles);
        return term::emit_to_write_style(&mut writer, &config, &excerpts, &report).map_err(io_error);
    }
    let text = term::emit_into_string(&config, &excerpts, &report).map_err(io_error)?;
    text.lines().try_for_each(|line| writeln!(out, "{}", line.trim_end()))
}

fn io_error(error: files::Error) -> io::Error {
    match error {
        files::Error::Io(error) => error,
        other => io::Error::other(other),
    }
}

fn severity(severity: Severity) -> report::Severity {
    match severity {
        Severity::Error => report::Severity::Error,
        Severity::Warning => report::Severity::Warning,
        Severity::Note => report::Severity::Note,
    }
}

/// The lines that the labels stand on, file by file, and the labels as places in them.
fn excerpts(problem: &Diagnostic, sources: &SourceMap) -> (Excerpts, Vec<report::Label<usize>>) {
    let mut ids: Vec<FileId> = Vec::new();
    for label in &problem.labels {
        if !ids.contains(&label.span.file) {
            ids.push(label.span.file);
        }
    }
    let (mut excerpts, mut labels) = (Vec::new(), Vec::new());
    for (at, id) in ids.into_iter().enumerate() {
        let here: Vec<_> = problem.labels.iter().filter(|label| label.span.file == id).collect();
        let places: Vec<Range<usize>> = here.iter().map(|label| label.span.range()).collect();
        let (excerpt, shown) = Excerpt::new(sources.file(id), &places);
        excerpts.push(excerpt);
        labels.extend(here.iter().zip(shown).map(|(label, range)| {
            let style =
                if label.primary { report::LabelStyle::Primary } else { report::LabelStyle::Secondary };
            report::Label::new(style, at, range).with_message(clipped(&label.text))
        }));
    }
    (Excerpts(excerpts), labels)
}

struct Excerpts(Vec<Excerpt>);

impl Excerpts {
    fn get(&self, id: usize) -> Result<&Excerpt, files::Error> {
        self.0.get(id).ok_or(files::Error::FileMissing)
    }
}

impl<'a> files::Files<'a> for Excerpts {
    type FileId = usize;
    type Name = &'a str;
    type Source = &'a str;

    fn name(&'a self, id: usize) -> Result<&'a str, files::Error> {
        Ok(&self.get(id)?.name)
    }

    fn source(&'a self, id: usize) -> Result<&'a str, files::Error> {
        Ok(&self.get(id)?.text)
    }

    fn line_index(&'a self, id: usize, offset: usize) -> Result<usize, files::Error> {
        Ok(self.get(id)?.line_index(offset))
    }

    fn line_number(&'a self, id: usize, index: usize) -> Result<usize, files::Error> {
        Ok(self.get(id)?.line_number(index))
    }

    fn column_number(&'a self, id: usize, index: usize, offset: usize) -> Result<usize, files::Error> {
        let excerpt = self.get(id)?;
        let column = || files::column_index(&excerpt.text, excerpt.line_range(index), offset) + 1;
        Ok(excerpt.column(offset).unwrap_or_else(column))
    }

    fn line_range(&'a self, id: usize, index: usize) -> Result<Range<usize>, files::Error> {
        Ok(self.get(id)?.line_range(index))
    }
}
