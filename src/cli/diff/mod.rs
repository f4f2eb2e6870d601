//! `pol diff`: what an edit means.
use std::path::PathBuf;
use super::{Outcome, set};
use crate::diff::{meaning, report};

/// Diff
#[derive(clap::Args)]
pub struct Arguments {
    old: PathBuf,
    new: PathBuf,
}

pub fn run(arguments: &Arguments) -> Outcome {
    let old = set::load(&arguments.old)?;
    let new = set::load(&arguments.new)?;
    let language = new.compiled.language;
    let m = meaning::compare(
        meaning::Version { program: &old.program, sources: &old.compiled.sources },
        meaning::Version { program: &new.program, sources: &new.compiled.sources }, language);
    let mut out = String::new();
    out += &format!("{}\n", report::meaning::heading(&m.changes, language));
    for item in report::meaning::items(&m.changes, language) {
        out += &format!("{} {}\n", item.sign, item.title);
        for line in item.lines { out += &format!("    {line}\n"); }
    }
    super::print(&out)
}
