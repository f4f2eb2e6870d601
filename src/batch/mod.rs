//! Arrow in, Arrow out: binds raw columns to the fields of a record, reads their cells as values, decides,
//! and lays out the answers. Knows no files.

mod answers;
mod bind;
mod cells;
mod column;
mod decode;
mod engine;
mod machine;
mod names;
mod records;
mod rows;
mod stream;
mod summary;
#[cfg(test)]
mod tests;

pub use answers::{
    Amounts, AnswerOptions, BenefitView, Headers, Layout, MeasureView, NameLists, Names, Purse, View,
    value_text,
};
pub use bind::{BindOptions, BindProblem, Binding, BoundField, Keep, find_record, what};
pub use cells::{CellReader, SerialDates, trim};
pub use column::{Column, Raw};
pub use engine::{
    Answered, Both, Compared, Engine, EngineError, EngineKind, EngineOptions, Held, Job, Pair, PairJob,
    Population, Run, Sides, Tally,
};
pub use names::{MOST_NAMES, data_type as names_type, list_type as name_lists_type, row_bytes};
pub use records::{Cells, FieldColumn, Records};
pub use rows::{Keys, Lines, Place, RawBatch, Reject, Rows, TooManyKeys};
pub use stream::{Stages, stream};
pub use summary::{Amount, MeasureSummary, Summary, purse_name};
