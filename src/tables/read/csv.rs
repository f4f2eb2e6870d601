//! CSV: commas, tabs or semicolons, quotes, any of the encodings.

use std::io::{self, BufRead, Chain, Cursor, Read};
use std::sync::Arc;

use arrow_schema::SchemaRef;

use super::block::{Block, Dialect, cut};
use super::encoding::open_text;
use super::split::{Cells, SplitError, Splitter};
use super::{BATCH_ROWS, Need, Piece, Pieces, Table, column_names};
use crate::tables::error::TableError;
use crate::tables::input::Input;

/// Bytes that are cut together, about.
const BLOCK: usize = 4 << 20;

/// The header stands within so many bytes.
const LONGEST_HEADER: usize = 1 << 20;

type Text = Chain<Cursor<Vec<u8>>, Box<dyn BufRead + Send>>;

pub fn open(input: &Input) -> Result<Table, TableError> {
    let mut text = open_text(input)?;
    let header = first_lines(input, &mut text)?;
    if header.contains(&0) {
        return Err(TableError::new(
            input.name(),
            "is not a text file: there are zero bytes in its first line",
        ));
    }
    let delimiter = delimiter(&header);
    let text: Text = Cursor::new(header).chain(text);
    let mut splitter = Splitter::new(text, delimiter, 1);
    let mut cells = Cells::default();
    loop {
        if !splitter.next(&mut cells).map_err(|error| describe(input.name(), error))? {
            return Err(TableError::new(input.name(), "has no column names: it is blank"));
        }
        if !cells.is_blank() {
            break;
        }
    }
    let names = (0..cells.len()).map(|at| String::from_utf8_lossy(cells.get(at)).into_owned()).collect();
    let names = column_names(input, Some(cells.line), names)?;
    let needs = vec![Need::Kept; names.len()];
    let dialect = Arc::new(Dialect::new(delimiter, names, needs, BATCH_ROWS));
    let cannot = |error: io::Error| TableError::io(input.name(), "cannot be read", &error);
    let (text, line) = splitter.into_rest().map_err(cannot)?;
    let (name, schema) = (input.name().into(), dialect.schema.clone());
    let blocks = Blocks { name, text, dialect, held: Vec::new(), line, ended: false };
    Ok(Table::new(input, schema, Box::new(blocks)))
}

/// The text up to the end of the first line that is not blank, quotes or not.
fn first_lines(input: &Input, text: &mut dyn BufRead) -> Result<Vec<u8>, TableError> {
    let mut header = Vec::new();
    while header.trim_ascii().is_empty() {
        let cannot = |error: io::Error| TableError::io(input.name(), "cannot be read", &error);
        let got = text.take(LONGEST_HEADER as u64).read_until(b'\n', &mut header).map_err(cannot)?;
        if got == 0 {
            break;
        }
        if header.len() >= LONGEST_HEADER {
            return Err(TableError::at(
                input.name(),
                1,
                "the first line is longer than 1 MiB: this is no table",
            ));
        }
    }
    Ok(header)
}

/// Which of comma, tab and semicolon stands most often between the column names.
fn delimiter(header: &[u8]) -> u8 {
    let mut quoted = false;
    let mut counts = [(b',', 0), (b'\t', 0), (b';', 0)];
    for byte in header {
        quoted ^= *byte == b'"';
        if let Some((_, count)) = counts.iter_mut().find(|(delimiter, _)| delimiter == byte && !quoted) {
            *count += 1;
        }
    }
    // The last of equal ones would win; a comma goes before the others.
    counts.iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(delimiter, _)| *delimiter)
}

/// Cuts the text into blocks of whole records.
struct Blocks {
    name: Arc<str>,
    text: Text,
    dialect: Arc<Dialect>,
    /// What is read but not given, and the line that it begins in.
    held: Vec<u8>,
    line: u64,
    ended: bool,
}

impl Pieces for Blocks {
    fn need(&mut self, needs: &[Need], rows: usize) -> Option<SchemaRef> {
        let names = self.dialect.schema.fields().iter().map(|field| field.name().clone()).collect();
        self.dialect = Arc::new(Dialect::new(self.dialect.delimiter, names, needs.to_vec(), rows));
        Some(self.dialect.schema.clone())
    }
}

impl Iterator for Blocks {
    type Item = Result<Piece, TableError>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.next_block() {
            Ok(None) => None,
            Ok(Some(block)) if self.has_rows(&block.text) => {
                Some(Ok(Piece::Text { name: self.name.clone(), block }))
            }
            // Perhaps there is no row in it, and perhaps there is one of quotes.
            Ok(Some(block)) => {
                Some(block.read().map(Piece::Chunk).map_err(|error| describe(&self.name, error)))
            }
            Err(error) => {
                self.ended = true;
                Some(Err(describe(&self.name, error)))
            }
        }
    }
}

impl Blocks {
    fn next_block(&mut self) -> Result<Option<Block>, SplitError> {
        let mut size = BLOCK;
        loop {
            if !self.ended && self.held.len() < size {
                self.held.reserve(size - self.held.len());
                let more = (size - self.held.len()) as u64;
                let got =
                    self.text.by_ref().take(more).read_to_end(&mut self.held).map_err(SplitError::Io)?;
                self.ended = (got as u64) < more;
            }
            if self.held.is_empty() {
                return Ok(None);
            }
            if let Some(cut) = cut(&self.held, &self.dialect, self.line, self.ended)? {
                let rest = self.held.split_off(cut.end);
                let text = std::mem::replace(&mut self.held, rest);
                let line = std::mem::replace(&mut self.line, cut.line);
                return Ok(Some(Block { dialect: self.dialect.clone(), text, line }));
            }
            size *= 2;
        }
    }

    /// Whether the text surely holds a row that is not blank.
    fn has_rows(&self, text: &[u8]) -> bool {
        let is_content =
            |byte: &u8| !byte.is_ascii_whitespace() && !matches!(*byte, b'"' | b',' | b'\t' | b';');
        text.iter().any(is_content)
    }
}

pub fn describe(path: &str, error: SplitError) -> TableError {
    match error {
        SplitError::Io(error) => TableError::io(path, "cannot be read", &error),
        SplitError::OpenQuote(line) | SplitError::LongQuote(line) => {
            TableError::at(path, line, "a cell is opened by a quote here and never closed")
        }
        SplitError::LongCell(line) => {
            TableError::at(path, line, "a cell is longer than 1 MiB: this is no table")
        }
    }
}
