//! `pol coverage`: how much of each source document a policy set accounts for.

use std::path::PathBuf;

use super::{Outcome, Stop, save, set};
use crate::coverage::coverage;

/// Show how much of each source document is accounted for, article by article
///
/// Each passage is computed, left open to others, recorded as not computable with the reason, or not accounted for; what
/// counts are the letters and digits of sentences, quoted by citations. Exit status 1 where something is not accounted
/// for.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  pol coverage policies/shandong-2020\n  pol coverage policies/shandong-2020 --format html --output decree.html"
)]
pub struct Arguments {
    /// The folder of the policy set
    #[arg(default_value = ".")]
    set: PathBuf,
    #[arg(long, value_enum, default_value_t = Layout::Text, help = "What is written")]
    format: Layout,
    /// Write to a file; with `text` a Markdown table is written there
    #[arg(long)]
    output: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Layout {
    /// A table for the terminal
    Text,
    /// A table of every article for documentation
    Markdown,
    /// The document, each passage coloured by how it is accounted for
    Html,
    /// Everything, for programs
    Json,
}

pub fn run(arguments: &Arguments) -> Outcome {
    let set = set::load(&arguments.set)?;
    let compiled = &set.compiled;
    let coverage = coverage(&set.program, &compiled.sources, compiled.language);
    if coverage.documents.is_empty() {
        return Err(Stop::Usage(
            "the policy set has no source document; declare one in the policy header: `source name = \"sources/file.txt\"`".to_owned(),
        ));
    }
    let output = arguments.output.as_deref();
    match arguments.format {
        Layout::Text => {
            super::print(&coverage.text())?;
            if let Some(path) = output {
                save(&coverage.markdown(), Some(path))?;
            }
        }
        Layout::Markdown => save(&coverage.markdown(), output)?,
        Layout::Html => save(&coverage.html(), output)?,
        Layout::Json => save(&format!("{}\n", coverage.json()), output)?,
    }
    if coverage.is_complete() { Ok(()) } else { Err(Stop::Found) }
}
