//! Stretches of CSV text: whole records, cut into columns on whatever thread reads them.

use std::borrow::Cow;
use std::sync::Arc;

use arrow_array::{ArrayRef, NullArray, RecordBatch, RecordBatchOptions, StringArray};
use arrow_buffer::{BooleanBuffer, Buffer, NullBuffer, OffsetBuffer};
use arrow_schema::{DataType, Field, Schema, SchemaRef};

use super::marks::Marks;
use super::split::{Cells, LONGEST_CELL, SplitError, Splitter};
use super::{BadRow, Chunk, Need};
use crate::batch::Lines;

/// How a file is written.
#[derive(Debug)]
pub struct Dialect {
    pub delimiter: u8,
    /// Its columns; those that nobody needs are nulls.
    pub schema: SchemaRef,
    pub needs: Vec<Need>,
    /// Rows of a block, at most.
    pub rows: usize,
}

impl Dialect {
    pub fn new(delimiter: u8, names: Vec<String>, needs: Vec<Need>, rows: usize) -> Dialect {
        let field = |(name, need): (String, &Need)| {
            let data_type = if *need == Need::None { DataType::Null } else { DataType::Utf8 };
            Field::new(name, data_type, true)
        };
        let fields: Vec<Field> = names.into_iter().zip(&needs).map(field).collect();
        Dialect { delimiter, schema: Arc::new(Schema::new(fields)), needs, rows }
    }
}

/// Whole records of a file.
#[derive(Debug)]
pub struct Block {
    pub dialect: Arc<Dialect>,
    pub text: Vec<u8>,
    /// The line that it begins in, from 1.
    pub line: u64,
}

/// Where a text can be cut.
#[derive(Debug, PartialEq, Eq)]
pub struct Cut {
    /// After the end of a record.
    pub end: usize,
    /// The line that begins there.
    pub line: u64,
}

/// A text without the end of a record is no table.
const LONGEST_RECORD: usize = 1 << 30;

/// The last place after which a record begins, with at most so many of them before it; `None` where more text
/// must be read. The text begins with a record in a line; `whole`: nothing comes after it.
///
/// # Errors
/// Where a cell is longer than any cell is.
pub fn cut(text: &[u8], dialect: &Dialect, line: u64, whole: bool) -> Result<Option<Cut>, SplitError> {
    let found = match memchr::memchr(b'\r', text) {
        Some(first) if lone_return(&text[first..]) => None,
        _ => cut_plain(text, dialect, line),
    };
    match found {
        Some((cut, batch)) if batch || !whole || cut.end == text.len() => Ok(Some(cut)),
        // What follows the last line feed is the last record.
        Some((cut, _)) => Ok(Some(Cut { end: text.len(), line: cut.line + 1 })),
        None => cut_each(text, dialect, line, whole),
    }
}

/// For records that end with LF or CR LF: also whether it is the end of a whole batch.
fn cut_plain(text: &[u8], dialect: &Dialect, mut line: u64) -> Option<(Cut, bool)> {
    let mut last = None;
    let (mut rows, mut quoted, mut skip) = (0, false, 0);
    for at in Marks::new(text, [b'\n', b'"', b'\n']) {
        if at < skip {
            continue;
        }
        if text[at] == b'\n' {
            line += 1;
            if !quoted {
                rows += 1;
                last = Some((Cut { end: at + 1, line }, rows == dialect.rows));
                if rows == dialect.rows {
                    break;
                }
            }
        } else if !quoted {
            // Elsewhere than at the start of a cell it is a character like others.
            quoted = at == 0 || text[at - 1] == dialect.delimiter || text[at - 1] == b'\n';
        } else if text.get(at + 1) == Some(&b'"') {
            skip = at + 2;
        } else {
            quoted = false;
        }
    }
    last
}

/// Record by record.
fn cut_each(text: &[u8], dialect: &Dialect, line: u64, whole: bool) -> Result<Option<Cut>, SplitError> {
    let mut splitter = Splitter::new(text, dialect.delimiter, line);
    let mut cells = Cells::default();
    let mut last = None;
    for _ in 0..dialect.rows {
        match splitter.next(&mut cells) {
            Ok(false) => break,
            // Without what follows nobody knows whether it is whole.
            Ok(true) if splitter.rest().is_empty() && !whole => break,
            Ok(true) => last = Some((text.len() - splitter.rest().len(), splitter.line())),
            Err(SplitError::OpenQuote(_)) if !whole && text.len() < LONGEST_RECORD => break,
            // The records before it are read first.
            Err(_) if last.is_some() => break,
            Err(error) => return Err(error),
        }
    }
    let next_is_feed = |end: usize| text[end - 1] == b'\r' && text.get(end) == Some(&b'\n');
    Ok(last.map(|(end, line)| Cut { end: end + usize::from(next_is_feed(end)), line }))
}

impl Block {
    /// Cuts the text into columns.
    ///
    /// # Errors
    /// Where a quote is never closed, or a cell is longer than any cell is.
    pub fn read(self) -> Result<Chunk, SplitError> {
        if let Some(chunk) = self.read_plain() {
            return Ok(chunk);
        }
        let mut splitter = Splitter::new(&self.text[..], self.dialect.delimiter, self.line);
        let mut cells = Cells::default();
        let mut rows = Rows::new(&self.dialect, &self.text);
        while splitter.next(&mut cells)? {
            rows.add(&cells);
        }
        Ok(rows.finish())
    }

    /// Reads text whose lines end with LF or CR LF and whose quotes stand around cells, as nearly all does.
    fn read_plain(&self) -> Option<Chunk> {
        let text = &self.text[..];
        if memchr::memchr(b'\r', text).is_some_and(|first| lone_return(&text[first..])) {
            return None;
        }
        let delimiter = self.dialect.delimiter;
        let mut rows = Rows::new(&self.dialect, text);
        let mut record = Record { line: self.line, ..Record::default() };
        let (mut line, mut start, mut state) = (self.line, 0, State::Plain);
        for at in Marks::new(text, [delimiter, b'\n', b'"']) {
            let byte = text[at];
            state = match (state, byte) {
                (State::Plain, b'"') => match at == start {
                    true => State::Quoted,
                    // Elsewhere it is a character like others.
                    false => State::Plain,
                },
                (State::Quoted, b'"') => match text.get(at + 1) {
                    Some(b'"') => State::Doubled,
                    Some(after) if *after == delimiter || matches!(after, b'\n' | b'\r') => State::Closed(at),
                    None => State::Closed(at),
                    Some(_) => return None,
                },
                (State::Doubled, _) => {
                    record.doubled = true;
                    State::Quoted
                }
                (State::Quoted, byte) => {
                    line += u64::from(byte == b'\n');
                    State::Quoted
                }
                (State::Plain | State::Closed(_), _) => {
                    record.cells.push(cell(text, start, at, state)?);
                    start = at + 1;
                    if byte == b'\n' {
                        line += 1;
                        rows.add_record(&mut record)?;
                        record.line = line;
                    }
                    State::Plain
                }
            };
        }
        if state == State::Quoted {
            return None;
        }
        // The last line may lack its end.
        if start < text.len() || !record.cells.is_empty() {
            record.cells.push(cell(text, start, text.len(), state)?);
            rows.add_record(&mut record)?;
        }
        Some(rows.finish())
    }
}

/// Where a mark stands in its cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Plain,
    Quoted,
    /// After the first of two quotes.
    Doubled,
    /// After the quote that ends the cell, which stands there.
    Closed(usize),
}

/// The places of a record's cells in the text.
#[derive(Debug, Default)]
struct Record {
    line: u64,
    cells: Vec<(usize, usize)>,
    /// There are doubled quotes in it.
    doubled: bool,
}

/// The place of the cell that ends at a mark, or at the end of the text.
fn cell(text: &[u8], start: usize, at: usize, state: State) -> Option<(usize, usize)> {
    let before_return =
        |from: usize| at > from && text[at - 1] == b'\r' && text.get(at).is_none_or(|b| *b == b'\n');
    match state {
        State::Closed(quote) if quote + 1 == at => Some((start + 1, quote)),
        State::Closed(quote) if quote + 2 == at && before_return(quote + 1) => Some((start + 1, quote)),
        State::Closed(_) => None,
        _ if before_return(start) => Some((start, at - 1)),
        _ => Some((start, at)),
    }
}

/// Whether a return stands somewhere without a line feed after it.
fn lone_return(text: &[u8]) -> bool {
    memchr::memchr_iter(b'\r', text).any(|at| text.get(at + 1) != Some(&b'\n'))
}

fn is_blank(cell: &[u8]) -> bool {
    cell.iter().all(u8::is_ascii_whitespace)
}

/// Rows of text columns in the making.
struct Rows<'b> {
    dialect: &'b Dialect,
    text: &'b [u8],
    columns: Vec<Texts>,
    lines: Vec<u64>,
    bad: Vec<BadRow>,
}

impl<'b> Rows<'b> {
    fn new(dialect: &'b Dialect, text: &'b [u8]) -> Rows<'b> {
        // Columns share the text about equally.
        let size = 2 * text.len() / dialect.needs.len().max(1);
        let columns = dialect.needs.iter().map(|need| Texts::new(*need, size)).collect();
        Rows { dialect, text, columns, lines: Vec::new(), bad: Vec::new() }
    }

    /// Adds a record and makes it empty; `None` where it needs a closer look.
    fn add_record(&mut self, record: &mut Record) -> Option<()> {
        let (first, end) = (record.cells.first()?.0, record.cells.last()?.1);
        if end - first > LONGEST_CELL {
            return None;
        }
        let is_blank = |(start, end): &(usize, usize)| is_blank(&self.text[*start..*end]);
        if record.cells.len() == self.columns.len() && !record.doubled && !record.cells.iter().all(is_blank) {
            for (column, (start, end)) in self.columns.iter_mut().zip(&record.cells) {
                if column.need != Need::None {
                    column.push_place(self.text, *start, *end);
                }
            }
            self.lines.push(record.line);
        } else {
            let cells: Vec<Cow<[u8]>> =
                record.cells.iter().map(|(start, end)| single(self.text, *start, *end)).collect();
            let cells: Vec<&[u8]> = cells.iter().map(Cow::as_ref).collect();
            self.add_cells(record.line, &cells);
        }
        record.doubled = false;
        record.cells.clear();
        Some(())
    }

    fn add(&mut self, cells: &Cells) {
        let all: Vec<&[u8]> = (0..cells.len()).map(|at| cells.get(at)).collect();
        self.add_cells(cells.line, &all);
    }

    fn add_cells(&mut self, line: u64, cells: &[&[u8]]) {
        if cells.iter().all(|cell| is_blank(cell)) {
            return;
        }
        let width = self.columns.len();
        let extra = cells.iter().skip(width).any(|cell| !is_blank(cell));
        if cells.len() >= width && !extra {
            self.columns.iter_mut().zip(cells).for_each(|(column, cell)| column.push(cell));
            self.lines.push(line);
            return;
        }
        let texts: Vec<_> = cells.iter().map(|cell| String::from_utf8_lossy(cell)).collect();
        let value: String = texts.join(",").chars().take(200).collect();
        let count = if cells.len() == 1 { "1 cell".to_owned() } else { format!("{} cells", cells.len()) };
        let reason = format!("has {count}, the header has {width}");
        self.bad.push(BadRow { line, value, reason });
    }

    fn finish(self) -> Chunk {
        let count = self.lines.len();
        let columns = self.columns.into_iter().map(|column| column.finish(count)).collect();
        let options = RecordBatchOptions::new().with_row_count(Some(count));
        let batch = RecordBatch::try_new_with_options(self.dialect.schema.clone(), columns, &options);
        let first = self.lines.first().copied().unwrap_or(1);
        let even = self.lines.iter().zip(first..).all(|(line, expected)| *line == expected);
        let lines = if even { Lines::From(first) } else { Lines::Each(self.lines) };
        Chunk { batch: batch.expect("every column is as long as the batch"), lines, bad: self.bad }
    }
}

/// A cell, the doubled quotes of a quoted one made single.
fn single(text: &[u8], start: usize, end: usize) -> Cow<'_, [u8]> {
    let cell = &text[start..end];
    let quoted = start > 0 && text[start - 1] == b'"';
    if !quoted || !cell.contains(&b'"') {
        return Cow::Borrowed(cell);
    }
    let mut single = Vec::with_capacity(cell.len());
    let mut bytes = cell.iter();
    while let Some(byte) = bytes.next() {
        single.push(*byte);
        if *byte == b'"' {
            bytes.next();
        }
    }
    Cow::Owned(single)
}

/// One column of texts in the making.
struct Texts {
    need: Need,
    /// Longer than what is filled.
    bytes: Vec<u8>,
    filled: usize,
    offsets: Vec<i32>,
}

/// Short cells are copied as so many bytes, whatever their length.
const SHORT: usize = 16;

impl Texts {
    /// For about so many bytes.
    fn new(need: Need, size: usize) -> Texts {
        if need == Need::None {
            return Texts { need, bytes: Vec::new(), filled: 0, offsets: Vec::new() };
        }
        Texts { need, bytes: vec![0; size + SHORT], filled: 0, offsets: vec![0] }
    }

    #[inline]
    fn push_place(&mut self, text: &[u8], start: usize, end: usize) {
        let length = end - start;
        match text.get(start..start + SHORT) {
            Some(short) if length <= SHORT => {
                self.room(SHORT).copy_from_slice(short);
                self.end(length);
            }
            _ => self.push(&text[start..end]),
        }
    }

    fn push(&mut self, cell: &[u8]) {
        if self.need != Need::None {
            self.room(cell.len()).copy_from_slice(cell);
            self.end(cell.len());
        }
    }

    #[inline]
    fn room(&mut self, length: usize) -> &mut [u8] {
        if self.bytes.len() < self.filled + length {
            self.grow(length);
        }
        &mut self.bytes[self.filled..self.filled + length]
    }

    #[cold]
    fn grow(&mut self, length: usize) {
        self.bytes.resize((2 * self.bytes.len()).max(self.filled + length), 0);
    }

    #[inline]
    fn end(&mut self, length: usize) {
        self.filled += length;
        self.offsets.push(self.filled as i32);
    }

    fn finish(mut self, rows: usize) -> ArrayRef {
        if self.need == Need::None {
            return Arc::new(NullArray::new(rows));
        }
        self.bytes.truncate(self.filled);
        // What is kept stays as it is; for a field a blank cell is none.
        let ends = &self.offsets;
        let valid = (self.need != Need::Kept)
            .then(|| BooleanBuffer::collect_bool(rows, |at| ends[at] != ends[at + 1]));
        let nulls = valid.map(NullBuffer::new).filter(|nulls| nulls.null_count() > 0);
        let (bytes, offsets) = (Buffer::from_vec(self.bytes), OffsetBuffer::new(self.offsets.into()));
        match StringArray::try_new(offsets.clone(), bytes.clone(), nulls) {
            Ok(texts) => Arc::new(texts),
            // The file has changed since its encoding was looked at.
            Err(_) => {
                let text = |ends: &[i32]| String::from_utf8_lossy(&bytes[ends[0] as usize..ends[1] as usize]);
                Arc::new(StringArray::from_iter_values(offsets.windows(2).map(text)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use arrow_array::cast::AsArray;
    use proptest::prelude::*;

    use super::*;

    fn dialect(width: usize) -> Arc<Dialect> {
        let names = (0..width).map(|at| at.to_string()).collect();
        Arc::new(Dialect::new(b',', names, vec![Need::Kept; width], 100))
    }

    /// Every row with its line, and what is bad.
    fn rows(chunk: &Chunk) -> (Vec<(u64, Vec<String>)>, Vec<BadRow>) {
        let line = |row: usize| match &chunk.lines {
            Lines::From(first) => first + row as u64,
            Lines::Each(lines) => lines[row],
        };
        let cell = |column: &ArrayRef, row: usize| column.as_string::<i32>().value(row).to_owned();
        let row = |row: usize| (line(row), chunk.batch.columns().iter().map(|c| cell(c, row)).collect());
        ((0..chunk.batch.num_rows()).map(row).collect(), chunk.bad.clone())
    }

    fn shown<T>(result: Result<T, SplitError>) -> Result<T, impl Debug + PartialEq> {
        result.map_err(|error| format!("{error:?}"))
    }

    /// The reference: record by record.
    fn slowly(block: &Block) -> Result<Chunk, SplitError> {
        let mut splitter = Splitter::new(&block.text[..], b',', block.line);
        let (mut cells, mut rows) = (Cells::default(), Rows::new(&block.dialect, &block.text));
        while splitter.next(&mut cells)? {
            rows.add(&cells);
        }
        Ok(rows.finish())
    }

    fn csv() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            4 => Just(","), 3 => Just("\n"), 1 => Just("\r\n"), 1 => Just("\r"), 3 => Just("\""), 1 => Just("\"\""),
            2 => Just("\"a\""), 4 => Just("b"), 1 => Just("\u{7532}"), 1 => Just(" "), 1 => Just("seventeen letters"),
        ];
        proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn blocks_are_read_as_record_by_record(text in csv(), width in 1usize..4) {
            let block = || Block { dialect: dialect(width), text: text.clone().into_bytes(), line: 5 };
            let expected = slowly(&block()).map(|chunk| rows(&chunk));
            prop_assert_eq!(shown(block().read().map(|chunk| rows(&chunk))), shown(expected));
        }

        #[test]
        fn cuts_do_not_change_what_is_read(text in csv(), at in 0usize..80) {
            let whole = Block { dialect: dialect(2), text: text.clone().into_bytes(), line: 1 };
            let Ok(expected) = slowly(&whole) else { return Ok(()) };
            let mut at = at.min(text.len());
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            let Some(cut) = cut(&text.as_bytes()[..at], &dialect(2), 1, false).unwrap() else { return Ok(()) };
            let part = |text: &str, line| {
                let block = Block { dialect: dialect(2), text: text.as_bytes().to_vec(), line };
                block.read().map(|chunk| rows(&chunk))
            };
            let (first, second) = (part(&text[..cut.end], 1), part(&text[cut.end..], cut.line));
            let (mut both, second) = (first.unwrap(), second.unwrap());
            both.0.extend(second.0);
            both.1.extend(second.1);
            prop_assert_eq!(both, rows(&expected));
        }
    }
}
