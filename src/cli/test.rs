//! `pol test`: runs the cases of a policy set.

use std::io::{self, IsTerminal};
use std::path::PathBuf;

use serde_json::json;

use super::{Colour, Outcome, Stop, set};
use crate::diag::Diagnostic;
use crate::diag::render::{Format, render};
use crate::trial::{self, Report};

/// Run the cases of a policy set and show those that do not get what they expect
///
/// A case says what is known of a record and what a measure or a define must answer. One that fails is shown with
/// what was expected and what came, and why; the exit status is 1 then.
#[derive(clap::Args)]
#[command(after_help = "Example: pol test policies/shandong-2020 --filter job_subsidy")]
pub struct Arguments {
    /// The folder of the policy set
    #[arg(default_value = ".")]
    set: PathBuf,
    /// Only cases whose title, measure or module contains this text
    #[arg(long)]
    filter: Option<String>,
    /// How results are written
    #[arg(long, value_enum, default_value_t = Layout::Human)]
    format: Layout,
    #[arg(long, value_enum, default_value_t = Colour::Auto, help = "When colours are shown")]
    color: Colour,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Layout {
    Human,
    Json,
    Sarif,
    Github,
}

pub fn run(arguments: &Arguments) -> Outcome {
    let set = set::load(&arguments.set)?;
    let report = trial::run(&set.program, &set.core, arguments.filter.as_deref(), set.compiled.language);
    if let (Some(filter), true) = (&arguments.filter, report.results.is_empty()) {
        return Err(Stop::Usage(format!(
            "--filter {filter}: no case has this in its title, measure or module"
        )));
    }
    let problems: Vec<Diagnostic> =
        report.results.iter().flat_map(|result| result.problems.clone()).collect();
    let sources = &set.compiled.sources;
    match arguments.format {
        Layout::Json => super::print(&as_json(&report, &set))?,
        Layout::Human => {
            let mut out = io::stdout().lock();
            let colour = arguments.color.on(out.is_terminal());
            if !problems.is_empty() {
                render(&problems, sources, Format::Human, colour, &mut out)?;
            }
            drop(out);
            super::print(&format!(
                "{} cases: {} passed, {} failed\n",
                report.results.len(),
                report.passed(),
                report.failed()
            ))?;
        }
        Layout::Sarif => render(&problems, sources, Format::Sarif, false, &mut io::stdout().lock())?,
        Layout::Github => render(&problems, sources, Format::Github, false, &mut io::stdout().lock())?,
    }
    if report.failed() > 0 { Err(Stop::Found) } else { Ok(()) }
}

fn as_json(report: &Report, set: &set::PolicySet) -> String {
    let cases: Vec<serde_json::Value> = report
        .results
        .iter()
        .map(|result| {
            let file = set.compiled.sources.file(result.span.file);
            let (line, column) = file.line_column(result.span.start as usize);
            let problems: Vec<_> = result
                .problems
                .iter()
                .map(|problem| json!({ "message": problem.message, "notes": problem.notes }))
                .collect();
            json!({
                "title": result.title, "target": result.target, "module": result.module,
                "file": file.path.display().to_string(), "line": line, "column": column,
                "passed": result.passed(), "problems": problems,
            })
        })
        .collect();
    let summary =
        json!({ "cases": report.results.len(), "passed": report.passed(), "failed": report.failed() });
    format!("{:#}\n", json!({ "cases": cases, "summary": summary }))
}
