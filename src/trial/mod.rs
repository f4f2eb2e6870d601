//! Runs the cases of a policy set on the reference interpreter: what fails and why, what the cases have tried, and
//! which changes of the text they would not notice.

mod compare;
mod coverage;
mod mutate;
mod runner;
mod traces;

pub use coverage::{Coverage, Goal, Taken, Tried, Used, coverage, may_be_missing, tests};
pub use mutate::{Mutant, MutantKind, Mutants, Survivor, mutate};
pub use runner::{CaseResult, Failed, Options, Report, each_record, named, run, run_case};
pub use traces::{CaseTrace, traces};
