//! Reading: every format as a stream of batches of raw columns, with the lines of their rows.

mod block;
mod columnar;
mod csv;
mod encoding;
mod marks;
mod ndjson;
mod split;
mod texts;
mod xlsx;

use std::sync::Arc;

use self::block::Block;
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;

pub(super) use self::encoding::TextEncoding;
use super::error::TableError;
use super::format::Format;
use super::input::Input;
use crate::batch::{Lines, Place, RawBatch, Reject, SerialDates};

/// Rows of a batch, at most.
pub const BATCH_ROWS: usize = 65_536;

/// A row that is no row of its table: it has too many cells, or is not JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadRow {
    pub line: u64,
    pub value: String,
    pub reason: String,
}

/// Some rows of a table.
#[derive(Debug)]
pub struct Chunk {
    pub batch: RecordBatch,
    /// The lines of its rows: of a text file, or the rows of a sheet; elsewhere counted from 1.
    pub lines: Lines,
    /// Rows between them that could not even be cut into cells.
    pub bad: Vec<BadRow>,
}

impl Chunk {
    /// The chunk as `batch` takes it, and its bad rows as rejects; `source` is the number of its file.
    pub fn into_raw(self, source: u32) -> (RawBatch, Vec<Reject>) {
        let reject = |bad: BadRow| Reject::row(Place { source, line: bad.line }, &bad.value, bad.reason);
        let rejects = self.bad.into_iter().map(reject).collect();
        (RawBatch { batch: self.batch, source, lines: self.lines }, rejects)
    }
}

/// What becomes of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Nothing: it is not read, and nulls stand in its place.
    None,
    /// It is a field of a record.
    Field,
    /// It is a field of few different texts.
    Names,
    /// It goes on as it is.
    Kept,
}

/// Some rows of a table that perhaps are not yet cut into cells: that can be done on any thread.
#[derive(Debug)]
pub enum Piece {
    Chunk(Chunk),
    Text { name: Arc<str>, block: Block },
}

impl Piece {
    /// # Errors
    /// Where the text cannot be cut.
    pub fn read(self) -> Result<Chunk, TableError> {
        match self {
            Piece::Chunk(chunk) => Ok(chunk),
            Piece::Text { name, block } => block.read().map_err(|error| csv::describe(&name, error)),
        }
    }
}

/// What gives the pieces of a file, in order.
trait Pieces: Iterator<Item = Result<Piece, TableError>> + Send {
    /// Before the first piece: says what becomes of each column, and how many rows a piece has at most. The
    /// schema, where that changes it.
    fn need(&mut self, needs: &[Need], rows: usize) -> Option<SchemaRef>;
}

/// A source that reads everything, whatever is needed.
struct Everything<I>(I);

impl<I: Iterator<Item = Result<Chunk, TableError>>> Iterator for Everything<I> {
    type Item = Result<Piece, TableError>;

    fn next(&mut self) -> Option<Self::Item> {
        Some(self.0.next()?.map(Piece::Chunk))
    }
}

impl<I: Iterator<Item = Result<Chunk, TableError>> + Send> Pieces for Everything<I> {
    fn need(&mut self, _: &[Need], _: usize) -> Option<SchemaRef> {
        None
    }
}

/// A file of records that is being read.
pub struct Table {
    pub name: String,
    pub format: Format,
    pub schema: SchemaRef,
    /// For spreadsheets: how plain numbers stand for dates.
    pub serials: Option<SerialDates>,
    pieces: Box<dyn Pieces>,
    /// Rows of a piece, at most; the rest of one that had more.
    rows: usize,
    rest: Option<Chunk>,
    any: bool,
    ended: bool,
}

impl Table {
    fn new(input: &Input, schema: SchemaRef, pieces: Box<dyn Pieces>) -> Table {
        let (name, format) = (input.name().to_owned(), input.format());
        Table {
            name,
            format,
            schema,
            serials: None,
            pieces,
            rows: BATCH_ROWS,
            rest: None,
            any: false,
            ended: false,
        }
    }

    /// Before the first piece: says what becomes of each column, and how many rows a piece has at most. Types of
    /// columns may change by it, but not their number and order, nor those of columns that are kept.
    pub fn need(&mut self, needs: &[Need], rows: usize) {
        self.rows = rows.clamp(1, BATCH_ROWS);
        if let Some(schema) = self.pieces.need(needs, self.rows) {
            self.schema = schema;
        }
    }

    /// The next piece. Ends after the first error; a file without any row ends with the error that says so.
    pub fn next_piece(&mut self) -> Option<Result<Piece, TableError>> {
        if let Some(chunk) = self.rest.take() {
            return Some(Ok(self.first_rows(chunk)));
        }
        if self.ended {
            return None;
        }
        let next = self.pieces.next();
        self.ended = !matches!(next, Some(Ok(_)));
        match &next {
            Some(Ok(Piece::Chunk(chunk))) => self.any |= chunk.batch.num_rows() > 0 || !chunk.bad.is_empty(),
            Some(Ok(Piece::Text { .. })) => self.any = true,
            None if !self.any => return Some(Err(TableError::no_rows(&self.name))),
            _ => {}
        }
        Some(match next? {
            Ok(Piece::Chunk(chunk)) => Ok(self.first_rows(chunk)),
            other => other,
        })
    }

    /// As many rows as a piece may have; the others are kept for the next.
    fn first_rows(&mut self, mut chunk: Chunk) -> Piece {
        let rows = chunk.batch.num_rows();
        if rows > self.rows {
            let rest = rows - self.rows;
            let (batch, lines) = (chunk.batch.slice(self.rows, rest), chunk.lines.slice(self.rows, rest));
            self.rest = Some(Chunk { batch, lines, bad: Vec::new() });
            (chunk.batch, chunk.lines) = (chunk.batch.slice(0, self.rows), chunk.lines.slice(0, self.rows));
        }
        Piece::Chunk(chunk)
    }
}

/// Reads each piece at once.
impl Iterator for Table {
    type Item = Result<Chunk, TableError>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.next_piece()?.and_then(Piece::read);
        self.ended |= next.is_err();
        Some(next)
    }
}

pub(super) fn open(input: &Input) -> Result<Table, TableError> {
    match input.format() {
        Format::Csv => csv::open(input),
        Format::Ndjson => ndjson::open(input),
        Format::Parquet => columnar::open_parquet(input),
        Format::Arrow => columnar::open_arrow(input),
        Format::Xlsx => xlsx::open(input),
    }
}

/// Column names, made fit: white space and marks around them gone, a nameless one named by its position.
///
/// # Errors
/// Where there are none, or two are the same.
fn column_names(input: &Input, line: Option<u64>, names: Vec<String>) -> Result<Vec<String>, TableError> {
    let wrong = |message: String| TableError { line, ..TableError::new(input.name(), message) };
    let mut seen = std::collections::BTreeMap::new();
    let mut fit = Vec::with_capacity(names.len());
    for (at, name) in names.into_iter().enumerate() {
        let name = crate::batch::trim(&name).to_owned();
        if name.is_empty() {
            fit.push(format!("column {}", at + 1));
            continue;
        }
        if let Some(first) = seen.insert(name.clone(), at) {
            return Err(wrong(format!("columns {} and {} are both named `{name}`", first + 1, at + 1)));
        }
        fit.push(name);
    }
    if seen.is_empty() {
        return Err(wrong("has no column names in its first row".to_owned()));
    }
    Ok(fit)
}

/// Runs a part of a reader that panics on some damaged files instead of saying so.
///
/// # Errors
/// Where it does; what it was reading must not be read on then.
fn unpanicked<T>(name: &str, read: impl FnOnce() -> T) -> Result<T, TableError> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(read))
        .map_err(|_| TableError::new(name, "the file is damaged"))
}
