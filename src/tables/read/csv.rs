//! CSV: commas, tabs or semicolons, quotes, any of the encodings.

use std::io::{self, BufRead, Chain, Cursor, Read};

use super::encoding::open_text;
use super::split::{Cells, SplitError, Splitter};
use super::texts::{Texts, text_schema};
use super::{Chunk, Table, column_names};
use crate::tables::error::TableError;
use crate::tables::input::Input;

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
    let mut splitter = Splitter::new(text, delimiter);
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
    let schema = text_schema(column_names(input, Some(cells.line), names)?);
    let name = input.name().to_owned();
    let rows = Rows { name, splitter, texts: Texts::new(schema.clone()), cells, ended: false };
    Ok(Table::new(input, schema, Box::new(rows)))
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

struct Rows {
    name: String,
    splitter: Splitter<Text>,
    texts: Texts,
    cells: Cells,
    ended: bool,
}

impl Iterator for Rows {
    type Item = Result<Chunk, TableError>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.ended && !self.texts.is_full() {
            match self.splitter.next(&mut self.cells) {
                Ok(true) => self.add(),
                Ok(false) => self.ended = true,
                Err(error) => return Some(Err(describe(&self.name, error))),
            }
        }
        if self.texts.is_empty() {
            return None;
        }
        Some(self.texts.take().map_err(|error| TableError::new(&self.name, error.to_string())))
    }
}

impl Rows {
    fn add(&mut self) {
        let (cells, width) = (&self.cells, self.texts.width());
        if cells.is_blank() {
            return;
        }
        let extra = (width..cells.len()).any(|at| !cells.get(at).trim_ascii().is_empty());
        let texts: Result<Vec<&str>, _> =
            (0..cells.len()).map(|at| std::str::from_utf8(cells.get(at))).collect();
        match texts {
            Ok(texts) if texts.len() >= width && !extra => {
                self.texts.push(cells.line, texts.into_iter().map(Some));
            }
            Ok(texts) => {
                let reason = format!("has {}, the header has {width}", count(texts.len()));
                let line = cells.line;
                self.texts.push_bad(line, &texts.join(","), reason);
            }
            Err(_) => self.texts.push_bad(cells.line, "", "is not in the encoding of the file".to_owned()),
        }
    }
}

fn count(cells: usize) -> String {
    if cells == 1 { "1 cell".to_owned() } else { format!("{cells} cells") }
}

fn describe(path: &str, error: SplitError) -> TableError {
    match error {
        SplitError::Io(error) => TableError::io(path, "cannot be read", &error),
        SplitError::OpenQuote(line) => {
            TableError::at(path, line, "a cell is opened by a quote here and never closed")
        }
        SplitError::LongCell(line) => {
            TableError::at(path, line, "a cell is longer than 1 MiB: this is no table")
        }
    }
}
