//! Files of records: CSV, NDJSON, Parquet, Arrow IPC and spreadsheets, read as streams of Arrow batches and
//! written whole or not at all.

mod digest;
mod error;
mod format;
mod input;
mod read;
mod rejects;
mod template;
#[cfg(test)]
mod tests;
mod write;

pub use digest::{digest, digests};
pub use error::{ErrorKind, TableError};
pub use format::Format;
pub use input::{Input, expand};
pub use read::{BATCH_ROWS, BadRow, Chunk, Need, Piece, Table};
pub use rejects::RejectsWriter;
pub use template::{csv_template, xlsx_template};
pub use write::{Aside, Output, TableWriter};
