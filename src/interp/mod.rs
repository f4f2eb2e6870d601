//! The reference meaning: what each measure answers for one record, read straight off the core.
//!
//! ```text
//! Inputs (as-of date, parameters) ─┐
//! Aggregates over all records ─────┼─→ Evaluator (one record) ─→ Answer (one measure)
//! fields of the record ────────────┘
//! ```

mod aggregate;
mod answer;
mod draw;
mod eval;
mod inputs;
#[cfg(test)]
mod simplified_tests;
#[cfg(test)]
mod tests;
mod trace;

pub use aggregate::{Aggregates, FinishedAggregates};
pub use answer::{Answer, AwardValue, Failure, Status};
pub use eval::Evaluator;
pub use inputs::{Inputs, assuming, facts};
pub use trace::{AwardTrace, BranchTrace, Trace};
