//! Cuts CSV text into records, and knows the line of each.

use std::io::{self, BufRead};

/// A quoted cell longer than this has lost its closing quote.
pub const LONGEST_CELL: usize = 1 << 20;

/// The cells of one record.
#[derive(Debug, Default)]
pub struct Cells {
    /// The line that it begins in, from 1.
    pub line: u64,
    text: Vec<u8>,
    ends: Vec<usize>,
}

impl Cells {
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// A cell; empty where there is none.
    pub fn get(&self, at: usize) -> &[u8] {
        let start = if at == 0 { 0 } else { self.ends.get(at - 1).copied().unwrap_or(self.text.len()) };
        &self.text[start..self.ends.get(at).copied().unwrap_or(start)]
    }

    /// Whether no cell has anything in it.
    pub fn is_blank(&self) -> bool {
        self.text.iter().all(u8::is_ascii_whitespace)
    }

    fn clear(&mut self, line: u64) {
        self.line = line;
        self.text.clear();
        self.ends.clear();
    }

    fn end_cell(&mut self) {
        self.ends.push(self.text.len());
    }
}

/// What keeps a text from being cut.
#[derive(Debug)]
pub enum SplitError {
    Io(io::Error),
    /// A cell is opened by a quote in this line, and the text ends in it.
    OpenQuote(u64),
    /// A cell is opened by a quote in this line and is longer than any cell is.
    LongQuote(u64),
    /// A cell without quotes in this line is longer than any cell is.
    LongCell(u64),
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    CellStart,
    Plain,
    Quoted,
    /// After a quote in a quoted cell: its end, or the first of two.
    QuoteInQuoted,
}

/// Reads records of cells between delimiters, as RFC 4180 has them: quotes around a cell, doubled within it,
/// line ends within quotes. Lines end with LF, CR LF or CR.
pub struct Splitter<R> {
    input: R,
    delimiter: u8,
    line: u64,
    /// A CR ended the last record: an LF after it is part of that end.
    after_cr: bool,
}

impl<R: BufRead> Splitter<R> {
    /// Of a text that begins in a line.
    pub fn new(input: R, delimiter: u8, line: u64) -> Splitter<R> {
        Splitter { input, delimiter, line, after_cr: false }
    }

    /// The line that the next record begins in.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// What is not read yet.
    pub fn rest(&self) -> &R {
        &self.input
    }

    /// What is not read yet, and the line that it begins in; the end of the last line is read whole.
    ///
    /// # Errors
    /// Where the text cannot be read.
    pub fn into_rest(mut self) -> io::Result<(R, u64)> {
        if self.after_cr && self.input.fill_buf()?.first() == Some(&b'\n') {
            self.input.consume(1);
        }
        Ok((self.input, self.line))
    }

    /// Reads the next record; `false` at the end of the text.
    pub fn next(&mut self, cells: &mut Cells) -> Result<bool, SplitError> {
        cells.clear(self.line);
        let (mut state, mut opened, mut any) = (State::CellStart, self.line, false);
        loop {
            let piece = self.input.fill_buf().map_err(SplitError::Io)?;
            if piece.is_empty() {
                return match state {
                    State::Quoted => Err(SplitError::OpenQuote(opened)),
                    _ if !any => Ok(false),
                    _ => {
                        cells.end_cell();
                        Ok(true)
                    }
                };
            }
            let mut used = 0;
            let mut ended = false;
            for &byte in piece {
                used += 1;
                if std::mem::take(&mut self.after_cr) && byte == b'\n' {
                    continue;
                }
                any = true;
                if state == State::Quoted {
                    match byte {
                        b'"' => state = State::QuoteInQuoted,
                        _ => {
                            self.line += u64::from(byte == b'\n');
                            cells.text.push(byte);
                        }
                    }
                } else if byte == self.delimiter {
                    cells.end_cell();
                    state = State::CellStart;
                } else if matches!(byte, b'\n' | b'\r') {
                    self.line += 1;
                    self.after_cr = byte == b'\r';
                    ended = true;
                    break;
                } else if byte == b'"' && state != State::Plain {
                    if state == State::CellStart {
                        opened = self.line;
                    } else {
                        cells.text.push(byte);
                    }
                    state = State::Quoted;
                } else {
                    cells.text.push(byte);
                    state = State::Plain;
                }
            }
            self.input.consume(used);
            if ended {
                cells.end_cell();
                return Ok(true);
            }
            let cell = cells.text.len() - cells.ends.last().copied().unwrap_or(0);
            if cell > LONGEST_CELL {
                let quoted = state == State::Quoted;
                return Err(if quoted {
                    SplitError::LongQuote(opened)
                } else {
                    SplitError::LongCell(self.line)
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str, delimiter: u8) -> Result<Vec<(u64, Vec<String>)>, SplitError> {
        // A small buffer, so that every state meets the end of one.
        let mut splitter = Splitter::new(io::BufReader::with_capacity(3, text.as_bytes()), delimiter, 1);
        let (mut cells, mut records) = (Cells::default(), Vec::new());
        while splitter.next(&mut cells)? {
            let texts = (0..cells.len()).map(|at| String::from_utf8_lossy(cells.get(at)).into_owned());
            records.push((cells.line, texts.collect()));
        }
        Ok(records)
    }

    #[track_caller]
    fn is(text: &str, expected: &[(u64, &[&str])]) {
        let expected: Vec<(u64, Vec<String>)> = expected
            .iter()
            .map(|(line, cells)| (*line, cells.iter().map(|c| (*c).to_owned()).collect()))
            .collect();
        assert_eq!(split(text, b',').unwrap(), expected, "{text:?}");
    }

    #[test]
    fn records_and_their_lines() {
        is("a,b\n1,2\n", &[(1, &["a", "b"]), (2, &["1", "2"])]);
        is("a,b\r\n1,2\r\n\r\n3,", &[(1, &["a", "b"]), (2, &["1", "2"]), (3, &[""]), (4, &["3", ""])]);
        is("a\rb\r", &[(1, &["a"]), (2, &["b"])]);
        is("\"x\ny\",\"q\"\"q\"\nz,\"\"\n", &[(1, &["x\ny", "q\"q"]), (3, &["z", ""])]);
        is("5\" pipe,x\"y\n", &[(1, &["5\" pipe", "x\"y"])]);
        is("", &[]);
        is(",", &[(1, &["", ""])]);
    }

    #[test]
    fn a_quote_that_is_not_closed() {
        assert!(matches!(split("a\n\"b\nc", b','), Err(SplitError::OpenQuote(2))));
        let long = format!("a\n\"{}", "x".repeat(LONGEST_CELL + 10));
        assert!(matches!(split(&long, b','), Err(SplitError::LongQuote(2))));
    }
}
