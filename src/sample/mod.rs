//! Synthetic records of a policy: seeded, as a profile says, with values at and around every boundary. Any rows of any
//! record can be made alone; they are the same whatever else is made, and on however many threads.

mod batch;
mod cells;
mod column;
mod draw;
mod keys;
mod layout;
mod profile;
mod record;
mod spread;
mod usual;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use layout::Words;
pub use profile::{Distribution, FieldProfile, Profile};
pub use record::{Laid, RecordSample};

use crate::boundary::{self, boundaries, usual_day};
use crate::check::typed::{Program, RecordId};
use crate::ir;
use crate::value::Date;
use draw::Powers;

/// Rows of a record where nobody says how many.
pub const USUAL_ROWS: u64 = 1_000;

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub struct Request {
    pub seed: u64,
    /// The records of the run, each with its rows.
    pub rows: BTreeMap<RecordId, u64>,
    /// A day on which boundaries are looked for beside those on which something changes.
    pub as_of: Option<Date>,
}

/// The samples of a run, by record.
pub struct Sample {
    pub records: Vec<RecordSample>,
}

impl Sample {
    /// Prepares the columns of every record that is asked for.
    ///
    /// # Errors
    /// Where the profile asks for what cannot be, or keys are too few for the rows.
    pub fn new(
        program: &Arc<Program>,
        core: &Arc<ir::Program>,
        profile: &Profile,
        request: &Request,
    ) -> Result<Sample, String> {
        let mut days = boundary::days(core);
        days.extend(request.as_of);
        let day = request.as_of.unwrap_or_else(|| usual_day(program, &days));
        let powers = Arc::new(Powers::new());
        let mut records = Vec::new();
        for (record, rows) in &request.rows {
            let found = boundaries(program, core, *record, &days);
            let parts =
                record::Parts { program, core, profile, request, found: &found, powers: &powers, day };
            records.push(parts.sample(*record, *rows)?);
        }
        keys::link(program, &mut records);
        Ok(Sample { records })
    }
}
