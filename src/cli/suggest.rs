//! `pol test --suggest`: prints cases that the set lacks, ready to be read and accepted.

use super::set::PolicySet;
use super::{Outcome, Stop};
use crate::suggest::suggest;

/// How many cases are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Most(pub usize);

/// Cases that are shown where nobody says how many: as many as one reads at a time.
pub const USUAL: &str = "20";

/// Reads `20` or `all`.
pub fn most(text: &str) -> Result<Most, String> {
    match text {
        "all" => Ok(Most(usize::MAX)),
        number => number.parse().map(Most).map_err(|_| "write how many cases, or all".to_owned()),
    }
}

pub fn run(set: &PolicySet, filter: Option<&str>, most: Most) -> Outcome {
    let compiled = &set.compiled;
    if let Some(filter) = filter.filter(|filter| !set.names(filter)) {
        return Err(Stop::Usage(format!(
            "--filter {filter}: no measure, define or module has this in its name"
        )));
    }
    let found = suggest(&set.program, &set.core, &compiled.input, filter, compiled.language);
    super::print(&found.text(most.0, compiled.language))
}
