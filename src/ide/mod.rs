//! What an editor asks of a policy set, answered as plain data: problems, names, hovers, completion and the rest.
//! Places are bytes of files as they stand now; the protocol of editors is made of this in `lsp`.

pub mod actions;
mod buffer;
pub mod cases;
pub mod colours;
pub mod completion;
mod describe;
mod desk;
pub mod hints;
mod hover;
pub mod keywords;
mod lookup;
mod outcome;
pub mod outline;
mod problems;
mod quotation;
mod references;
mod rename;
mod snapshot;
mod words;

pub use buffer::{Buffer, changed_part};
pub use describe::kind_words;
pub use desk::{Desk, Place};
pub use hover::{Hover, hover};
pub use outcome::{Outcome, Outcomes, find_case, run_case};
pub use problems::{Problem, lone_problems, problems};
pub use references::{definition, references};
pub use rename::{Change, Renamed, rename, renamed_at};
pub use snapshot::Snapshot;
