//! `pol check`: every problem of a policy set in one run.

use std::io::{self, IsTerminal};
use std::path::PathBuf;

use super::{Colour, Outcome, Stop, set};
use crate::compile;
use crate::diag::render::{Format, render};

/// Check a policy set: syntax, names, types, units, dates, ranges, alternatives, quotations
///
/// Every problem of the set is shown in one run, each with its place and what to write instead. Quotations are
/// looked up in the source texts, word for word. Warnings alone leave the exit status at 0; how much each matters is
/// said under [lints] in pol.toml.
#[derive(clap::Args)]
#[command(
    after_help = "Example: pol check policies/shandong-2020\nA code such as E0301 is explained by `pol help E0301`."
)]
pub struct Arguments {
    /// The folder of the policy set
    #[arg(default_value = ".")]
    set: PathBuf,
    /// How problems are written
    #[arg(long, default_value = "human", value_parser = format_named)]
    format: Format,
    #[arg(long, value_enum, default_value_t = Colour::Auto, help = "When colours are shown")]
    color: Colour,
}

pub fn format_named(text: &str) -> Result<Format, String> {
    text.parse().map_err(|_| {
        let names: Vec<&str> = Format::ALL.iter().map(|format| format.name()).collect();
        format!("write one of {}", names.join(", "))
    })
}

pub fn run(arguments: &Arguments) -> Outcome {
    set::must_be_folder(&arguments.set)?;
    let compiled = compile::load(&arguments.set);
    let mut out = io::stdout().lock();
    let colour = arguments.color.on(out.is_terminal());
    if compiled.problems.is_empty() && arguments.format == Format::Human {
        let (measures, cases) = (compiled.program.measures.len(), compiled.program.cases.len());
        drop(out);
        return super::print(&format!(
            "{}: no problems in {} and {}\n",
            arguments.set.display(),
            counted(measures, "measure"),
            counted(cases, "case")
        ));
    }
    render(&compiled.problems, &compiled.sources, arguments.format, colour, &mut out)?;
    if compiled.has_errors() { Err(Stop::Found) } else { Ok(()) }
}

/// So many of something: `1 case`, `2 cases`.
pub fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
