//! Diagnostics as one JSON object, for programs.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::{Place, Summary};
use crate::diag::{Diagnostic, Fix, Label};
use crate::source::SourceMap;

pub(super) fn write(problems: &[Diagnostic], sources: &SourceMap, out: &mut dyn Write) -> io::Result<()> {
    let summary = Summary::of(problems);
    let report = json!({
        "diagnostics": problems.iter().map(|problem| diagnostic(problem, sources)).collect::<Vec<_>>(),
        "summary": {
            "errors": summary.errors,
            "warnings": summary.warnings,
            "notes": summary.notes,
        },
    });
    serde_json::to_writer_pretty(&mut *out, &report)?;
    writeln!(out)
}

fn diagnostic(problem: &Diagnostic, sources: &SourceMap) -> Value {
    let place = Place::of(problem.span(), sources);
    json!({
        "code": problem.code.id,
        "severity": problem.severity.name(),
        "message": problem.message,
        "file": place.file,
        "line": place.line,
        "column": place.column,
        "end_line": place.end_line,
        "end_column": place.end_column,
        "labels": problem.labels.iter().map(|one| label(one, sources)).collect::<Vec<_>>(),
        "notes": problem.notes,
        "article": problem.article,
        "fix": problem.fix.as_ref().map(|one| fix(one, sources)),
    })
}

fn label(label: &Label, sources: &SourceMap) -> Value {
    let mut value = place(&Place::of(label.span, sources));
    value["text"] = json!(label.text);
    value["primary"] = json!(label.primary);
    value
}

fn fix(fix: &Fix, sources: &SourceMap) -> Value {
    let mut value = place(&Place::of(fix.span, sources));
    value["replacement"] = json!(fix.replacement);
    value
}

fn place(place: &Place) -> Value {
    json!({
        "file": place.file,
        "line": place.line,
        "column": place.column,
        "end_line": place.end_line,
        "end_column": place.end_column,
    })
}
