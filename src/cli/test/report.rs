//! The results of `pol test` for people, and as JSON.

use serde_json::json;

use super::Results;
use crate::check::show::Language;
use crate::cli::Stop;
use crate::cli::check::counted;
use crate::diag::render::render_one;
use crate::source::{SourceMap, Span};
use crate::trial::{self, CaseResult, CaseTrace, Coverage, Mutants};

impl Results {
    /// For each case, the reasoning behind what failed.
    pub fn traces(&self) -> Vec<Vec<CaseTrace>> {
        trial::traces(&self.set.program, &self.set.core, &self.report, self.set.compiled.language)
    }

    /// One line: how many passed.
    pub fn outcome(&self) -> String {
        let (all, passed, failed) = (self.report.results.len(), self.report.passed(), self.report.failed());
        match self.set.compiled.language {
            Language::English => format!("{}: {passed} passed, {failed} failed", counted(all, "case")),
            Language::Chinese => format!("{all} 个算例：{passed} 个通过，{failed} 个未通过"),
        }
    }

    pub fn human(&self, colour: bool) -> Result<String, Stop> {
        let compiled = &self.set.compiled;
        let mut out = Vec::new();
        for (result, traces) in self.report.results.iter().zip(self.traces()) {
            for (problem, trace) in result.problems().zip(traces) {
                render_one(problem, &compiled.sources, colour, &mut out)?;
                out.extend(indented(&trace.text(compiled.language)).into_bytes());
            }
        }
        let mut text = String::from_utf8_lossy(&out).into_owned();
        text.push_str(&self.outcome());
        text.push('\n');
        if let Some(coverage) = &self.coverage {
            text.push_str(&coverage.text(&compiled.sources, compiled.language));
        }
        if let Some(mutants) = &self.mutants {
            text.push_str(&mutants.text(&compiled.sources, compiled.language));
        }
        Ok(text)
    }

    pub fn json(&self) -> String {
        let sources = &self.set.compiled.sources;
        let traces = self.traces();
        let cases: Vec<serde_json::Value> = self
            .report
            .results
            .iter()
            .zip(&traces)
            .map(|(result, traces)| self.case(result, traces))
            .collect();
        let report = &self.report;
        let summary =
            json!({ "cases": report.results.len(), "passed": report.passed(), "failed": report.failed() });
        let mut all = json!({ "cases": cases, "summary": summary });
        if let Some(coverage) = &self.coverage {
            self.add_coverage(coverage, &mut all);
        }
        if let Some(mutants) = &self.mutants {
            all["mutants"] = mutants_json(mutants, sources);
        }
        format!("{all:#}\n")
    }

    fn case(&self, result: &CaseResult, traces: &[CaseTrace]) -> serde_json::Value {
        let language = self.set.compiled.language;
        let problems: Vec<_> = result
            .problems()
            .zip(traces)
            .map(|(problem, trace)| {
                let mut told = json!({
                    "message": problem.message, "notes": problem.notes, "trace": trace.text(language),
                });
                if let CaseTrace::Measure(explanation) = trace {
                    told["explanation"] = json!(explanation);
                }
                told
            })
            .collect();
        let mut told = json!({ "title": result.title, "target": result.target, "module": result.module });
        place(&mut told, &self.set.compiled.sources, result.span);
        told["passed"] = json!(result.passed());
        told["problems"] = json!(problems);
        told
    }

    fn add_coverage(&self, coverage: &Coverage, all: &mut serde_json::Value) {
        let sources = &self.set.compiled.sources;
        fn list<T: serde::Serialize>(
            items: &[T],
            span: impl Fn(&T) -> Span,
            sources: &SourceMap,
        ) -> serde_json::Value {
            let one = |item: &T| {
                let mut told = json!(item);
                place(&mut told, sources, span(item));
                told
            };
            items.iter().map(one).collect()
        }
        all["conditions"] = list(&coverage.conditions, |tried| tried.span, sources);
        all["branches"] = list(&coverage.branches, |taken| taken.span, sources);
        all["steps"] = list(&coverage.steps, |used| used.span, sources);
        let lacking = coverage.lacking().map(|goal| {
            let mut told = json!({ "subject": goal.subject, "label": goal.label, "never": goal.what });
            place(&mut told, sources, goal.span);
            told
        });
        all["lacking"] = lacking.collect();
    }
}

fn mutants_json(mutants: &Mutants, sources: &SourceMap) -> serde_json::Value {
    let survivors = mutants.survivors.iter().map(|survivor| {
        let mut told = json!(survivor);
        place(&mut told, sources, survivor.mutant.span);
        told
    });
    let equivalent = mutants.equivalent.iter().map(|mutant| {
        let mut told = json!(mutant);
        place(&mut told, sources, mutant.span);
        told
    });
    json!({
        "cases": mutants.cases, "total": mutants.total(), "noticed": mutants.total() - mutants.survivors.len(), "tried": mutants.tried,
        "survivors": survivors.collect::<Vec<_>>(), "equivalent": equivalent.collect::<Vec<_>>(),
    })
}

/// Adds the place in the text.
fn place(told: &mut serde_json::Value, sources: &SourceMap, span: Span) {
    let file = sources.file(span.file);
    let (line, column) = file.line_column(span.start as usize);
    told["file"] = json!(file.path.display().to_string());
    told["line"] = json!(line);
    told["column"] = json!(column);
}

/// A tree below the problem that it belongs to.
fn indented(text: &str) -> String {
    let lines = text.lines().map(|line| format!("   {line}\n"));
    lines.collect::<String>() + "\n"
}
