//! Diagnostics as SARIF 2.1.0, which code scanning services read.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::Place;
use crate::diag::{Code, Diagnostic, Label, Severity, codes};
use crate::source::{SourceMap, Span};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

pub(super) fn write(problems: &[Diagnostic], sources: &SourceMap, out: &mut dyn Write) -> io::Result<()> {
    let report = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "pol",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": codes::ALL.iter().map(|code| rule(code)).collect::<Vec<_>>(),
            } },
            "columnKind": "unicodeCodePoints",
            "results": problems.iter().map(|problem| result(problem, sources)).collect::<Vec<_>>(),
        }],
    });
    serde_json::to_writer_pretty(&mut *out, &report)?;
    writeln!(out)
}

fn rule(code: &Code) -> Value {
    json!({
        "id": code.id,
        "name": code.name,
        "shortDescription": { "text": code.summary },
        "help": { "text": code.summary, "markdown": code.page },
        "defaultConfiguration": { "level": level(code.severity) },
    })
}

fn level(severity: Severity) -> &'static str {
    severity.name()
}

fn result(problem: &Diagnostic, sources: &SourceMap) -> Value {
    let mut text = problem.message.clone();
    for note in &problem.notes {
        text.push('\n');
        text.push_str(note);
    }
    let (primary, related): (Vec<_>, Vec<_>) = problem.labels.iter().partition(|label| label.primary);
    let mut value = json!({
        "ruleId": problem.code.id,
        "ruleIndex": codes::ALL.iter().position(|code| code.id == problem.code.id),
        "level": level(problem.severity),
        "message": { "text": text },
        "locations": primary.iter().map(|label| location(label, sources)).collect::<Vec<_>>(),
    });
    if !related.is_empty() {
        let related: Vec<Value> = related.iter().map(|label| location(label, sources)).collect();
        value["relatedLocations"] = Value::Array(related);
    }
    if let Some(article) = &problem.article {
        value["properties"] = json!({ "article": article });
    }
    if let Some(fix) = &problem.fix {
        value["fixes"] = json!([{ "artifactChanges": [{
            "artifactLocation": { "uri": uri(fix.span, sources) },
            "replacements": [{
                "deletedRegion": region(fix.span, sources),
                "insertedContent": { "text": fix.replacement },
            }],
        }] }]);
    }
    value
}

fn location(label: &Label, sources: &SourceMap) -> Value {
    let mut value = json!({ "physicalLocation": {
        "artifactLocation": { "uri": uri(label.span, sources) },
        "region": region(label.span, sources),
    } });
    if !label.text.is_empty() {
        value["message"] = json!({ "text": label.text });
    }
    value
}

fn region(span: Span, sources: &SourceMap) -> Value {
    let place = Place::of(span, sources);
    json!({
        "startLine": place.line,
        "startColumn": place.column,
        "endLine": place.end_line,
        "endColumn": place.end_column,
    })
}

/// The path as a relative reference: what has no place in one is written in percent form.
fn uri(span: Span, sources: &SourceMap) -> String {
    let path = sources.file(span.file).path.to_string_lossy().replace('\\', "/");
    let mut uri = String::new();
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            uri.push(byte as char);
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri
}
