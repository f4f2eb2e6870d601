//! `pol test`: runs the cases of a policy set.

use std::fmt::Write as _;
use std::io::{self, IsTerminal};
use std::path::PathBuf;

use serde_json::json;

use super::{Colour, Outcome, Stop, set, suggest};
use crate::diag::Diagnostic;
use crate::diag::render::{Format, render};
use crate::trial::{self, Report, Tried};

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
    /// Show for each condition how often the cases made it true, false and missing; the exit status is 1 where
    /// one was never true or never false
    #[arg(long, conflicts_with = "filter")]
    coverage: bool,
    /// Print cases that are missing, ready to be read and accepted: for what no case makes true, false or missing, and
    /// for each boundary at which none stands; at most so many, or all. With --filter, for one measure or module
    #[arg(long, value_name = "N", num_args = 0..=1, require_equals = true, default_missing_value = suggest::USUAL, value_parser = suggest::most, conflicts_with = "coverage")]
    suggest: Option<suggest::Most>,
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
    if let Some(most) = arguments.suggest {
        return suggest::run(&set, arguments.filter.as_deref(), most);
    }
    let report = trial::run(&set.program, &set.core, arguments.filter.as_deref(), set.compiled.language);
    if let (Some(filter), true) = (&arguments.filter, report.results.is_empty()) {
        return Err(Stop::Usage(format!(
            "--filter {filter}: no case has this in its title, measure or module"
        )));
    }
    let tried = match (arguments.coverage, arguments.format) {
        (false, _) => Vec::new(),
        (true, Layout::Human | Layout::Json) => trial::tried(&set.program, &set.core, set.compiled.language),
        (true, Layout::Sarif | Layout::Github) => {
            return Err(Stop::Usage("--coverage is written as human or json".to_owned()));
        }
    };
    let problems: Vec<Diagnostic> =
        report.results.iter().flat_map(|result| result.problems.clone()).collect();
    let sources = &set.compiled.sources;
    match arguments.format {
        Layout::Json => super::print(&as_json(&report, &tried, &set))?,
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
            if arguments.coverage {
                super::print(&conditions(&tried))?;
            }
        }
        Layout::Sarif => render(&problems, sources, Format::Sarif, false, &mut io::stdout().lock())?,
        Layout::Github => render(&problems, sources, Format::Github, false, &mut io::stdout().lock())?,
    }
    let one_way = tried.iter().any(|tried| !tried.both_ways());
    if report.failed() > 0 || one_way { Err(Stop::Found) } else { Ok(()) }
}

/// A line for each condition, and at the end those that were seen one way only.
fn conditions(tried: &[Tried]) -> String {
    let name = |tried: &Tried| format!("{}.{}", tried.measure, tried.condition);
    let width = tried.iter().map(|tried| name(tried).chars().count()).max().unwrap_or(0);
    let mut text = format!("{:width$}  {:>7} {:>7} {:>7}\n", "condition", "true", "false", "missing");
    for tried in tried {
        let line = format!(
            "{:width$}  {:>7} {:>7} {:>7}  {} {}",
            name(tried),
            tried.held,
            tried.failed,
            tried.missing,
            tried.part,
            tried.label
        );
        text.push_str(line.trim_end());
        text.push('\n');
    }
    let never: Vec<String> = tried
        .iter()
        .filter(|tried| !tried.both_ways())
        .map(|tried| {
            let ways = match (tried.held, tried.failed) {
                (0, 0) => "neither true nor false",
                (0, _) => "never true",
                _ => "never false",
            };
            format!("{} was {ways}\n", name(tried))
        })
        .collect();
    let _ = writeln!(
        text,
        "{} conditions: {} tried both ways, {} not",
        tried.len(),
        tried.len() - never.len(),
        never.len()
    );
    text + &never.concat()
}

fn as_json(report: &Report, tried: &[Tried], set: &set::PolicySet) -> String {
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
    let mut all = json!({ "cases": cases, "summary": summary });
    if !tried.is_empty() {
        all["conditions"] = json!(tried);
    }
    format!("{all:#}\n")
}
