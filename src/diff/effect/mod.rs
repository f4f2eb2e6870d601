//! What an edit does to records: who gains, who loses, by how much.
//!
//! For one record and one measure:
//!
//! 1. Money decides first: what is paid and waived (floors of ranges, times the months of periodic amounts), less what
//!    is to be paid as a penalty. More is a gain, less a loss.
//! 2. Where it is the same, the status: granted is worth more than what is not decided (undetermined, conflict,
//!    error), and that more than refused. A measure that only penalizes counts the other way; of a duty or target
//!    breached or missed is worst.
//! 3. Where that is the same too, quantities, rates, durations and dates of what is granted, and ceilings of ranges.
//! 4. What differs otherwise, or both ways, is a change that is neither.
//!
//! For a record in all: money over all measures decides first; then whether there are only gains or only losses.

mod compare;
pub mod outcome;
pub mod pairing;
pub mod spread;
pub mod tally;
mod weigh;

pub use compare::ABSENT;
pub use pairing::{Pairing, Versions};
pub use weigh::{Weighed, weigh};
