//! Text files in UTF-8, UTF-16 and GB18030, read as UTF-8.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};

use encoding_rs::{Decoder, DecoderResult, Encoding, GB18030, UTF_16BE, UTF_16LE};

use crate::tables::error::TableError;
use crate::tables::input::Input;

const PIECE: usize = 1 << 16;
const LARGE_PIECE: usize = 1 << 18;

/// So many characters beyond ASCII that are good UTF-8 do not come about by chance: a fault after them is a
/// damaged UTF-8 file, not another encoding.
const SURELY_UTF8: usize = 8;

/// Opens a text file: UTF-8 with or without a mark, UTF-16 with one, or else GB18030. The whole file is looked
/// at first, so that an encoding is never changed halfway.
///
/// # Errors
/// With the byte and the line of the first fault where the file is in none of them.
pub fn open_text(input: &Input) -> Result<Box<dyn BufRead + Send>, TableError> {
    let cannot = |error: io::Error| TableError::io(input.name(), "cannot be read", &error);
    let TextEncoding { skip, encoding } = match input.encoding.get() {
        Some(known) => *known,
        None => *input.encoding.get_or_init({
            let found = detect(input)?;
            move || found
        }),
    };
    let mut file = input.file()?;
    file.seek(SeekFrom::Start(skip)).map_err(cannot)?;
    Ok(match encoding {
        None => Box::new(BufReader::with_capacity(PIECE, file)),
        Some(encoding) => {
            let decoding = Decoding::new(file, encoding.new_decoder_without_bom_handling(), skip);
            Box::new(BufReader::with_capacity(PIECE, decoding))
        }
    })
}

/// How a text file is to be read.
#[derive(Debug, Clone, Copy)]
pub struct TextEncoding {
    /// Bytes of mark that it begins with.
    skip: u64,
    /// Where it is not UTF-8.
    encoding: Option<&'static Encoding>,
}

fn detect(input: &Input) -> Result<TextEncoding, TableError> {
    let cannot = |error: io::Error| TableError::io(input.name(), "cannot be read", &error);
    let mut file = input.file()?;
    let mut start = [0; 3];
    let got = read_full(&mut file, &mut start).map_err(cannot)?;
    let marked = match &start[..got] {
        [0xFF, 0xFE, ..] => Some(UTF_16LE),
        [0xFE, 0xFF, ..] => Some(UTF_16BE),
        _ => None,
    };
    if let Some(encoding) = marked {
        let in_marked = |fault: Fault| {
            let message =
                format!("is not {} as its mark says: byte {} is at fault", encoding.name(), fault.byte);
            TableError::at(input.name(), fault.line, message)
        };
        check_decoding(input, encoding, 2).map_err(|wrong| wrong.describe(cannot, in_marked))?;
        return Ok(TextEncoding { skip: 2, encoding: Some(encoding) });
    }
    let skip = if start[..got] == [0xEF, 0xBB, 0xBF] { 3 } else { 0 };
    if is_utf8(input, skip)? {
        return Ok(TextEncoding { skip, encoding: None });
    }
    file.seek(SeekFrom::Start(skip)).map_err(cannot)?;
    let Err(fault) = check_utf8(&mut file, skip).map_err(cannot)? else {
        return Ok(TextEncoding { skip, encoding: None });
    };
    if skip > 0 || fault.beyond_ascii >= SURELY_UTF8 {
        return Err(fault.in_utf8(input));
    }
    let in_both = |other: Fault| fault.in_both(input, other);
    check_decoding(input, GB18030, 0).map_err(|wrong| wrong.describe(cannot, in_both))?;
    Ok(TextEncoding { skip: 0, encoding: Some(GB18030) })
}

/// The first fault of a text.
struct Fault {
    byte: u64,
    line: u64,
    /// Good characters beyond ASCII before it.
    beyond_ascii: usize,
}

impl Fault {
    fn in_utf8(&self, input: &Input) -> TableError {
        let message = format!("is UTF-8 up to byte {}, which is at fault: the file is damaged", self.byte);
        TableError::at(input.name(), self.line, message)
    }

    fn in_both(&self, input: &Input, other: Fault) -> TableError {
        let message = format!(
            "is neither UTF-8 (byte {} is at fault) nor GB18030 (byte {} is, in line {})",
            self.byte, other.byte, other.line
        );
        TableError::at(input.name(), self.line, message)
    }
}

/// A fault of the text or of the file.
enum Wrong {
    Io(io::Error),
    Text(Fault),
}

impl Wrong {
    fn describe(
        self,
        io: impl FnOnce(io::Error) -> TableError,
        text: impl FnOnce(Fault) -> TableError,
    ) -> TableError {
        match self {
            Wrong::Io(error) => io(error),
            Wrong::Text(fault) => text(fault),
        }
    }
}

/// Parts of a file that are looked at by a thread each.
const PARTS: u64 = 4;

/// Whether a whole file is UTF-8 from a byte on. Large files are looked at in parts.
fn is_utf8(input: &Input, from: u64) -> Result<bool, TableError> {
    let cannot = |error: io::Error| TableError::io(input.name(), "cannot be read", &error);
    let length = input.file()?.metadata().map_err(cannot)?.len();
    let part = (length.saturating_sub(from) / PARTS).max(LARGE_PIECE as u64) + 1;
    let starts: Vec<u64> = (from..length).step_by(part as usize).collect();
    std::thread::scope(|scope| {
        let check = |start: u64| {
            let mut file = input.file()?;
            is_utf8_between(&mut file, start, (start + part).min(length), start > from).map_err(cannot)
        };
        let threads: Vec<_> = starts.iter().map(|start| scope.spawn(move || check(*start))).collect();
        let stopped =
            |_| TableError::new(input.name(), "a thread that looks at the encoding ended by itself");
        threads.into_iter().try_fold(true, |all, thread| Ok(all & thread.join().map_err(stopped)??))
    })
}

/// Whether the characters that begin between two bytes are UTF-8; of the last one all is looked at. `within`: the
/// first few bytes may belong to one that begins before.
fn is_utf8_between(file: &mut File, start: u64, end: u64, within: bool) -> io::Result<bool> {
    file.seek(SeekFrom::Start(start))?;
    let mut buffer = vec![0; LARGE_PIECE];
    let (mut held, mut left) = (0, end - start);
    let mut first = within;
    loop {
        // Up to three bytes more, for the end of the last character.
        let room = (buffer.len() - held).min(usize::try_from(left).unwrap_or(usize::MAX).saturating_add(3));
        let got = read_full(file, &mut buffer[held..held + room])?;
        let last = got as u64 >= left;
        let mut piece = &buffer[..held + got.min(usize::try_from(left).unwrap_or(usize::MAX))];
        if last {
            let more = buffer[piece.len()..held + got].iter().take_while(|byte| is_inner(**byte)).count();
            piece = &buffer[..piece.len() + more];
        }
        if std::mem::take(&mut first) {
            let inner = piece.iter().take(3).take_while(|byte| is_inner(**byte)).count();
            piece = &piece[inner..];
        }
        let good = match std::str::from_utf8(piece) {
            Ok(_) => piece.len(),
            Err(error) if error.error_len().is_some() || last || got == 0 => return Ok(false),
            Err(error) => error.valid_up_to(),
        };
        if last || got == 0 {
            return Ok(true);
        }
        left -= got as u64;
        let rest = piece.len() - good;
        let from = held + got - rest;
        buffer.copy_within(from..held + got, 0);
        held = rest;
    }
}

/// Whether a byte of UTF-8 goes on with a character.
fn is_inner(byte: u8) -> bool {
    byte & 0xC0 == 0x80
}

fn check_utf8(file: &mut File, from: u64) -> io::Result<Result<(), Fault>> {
    let mut buffer = vec![0; LARGE_PIECE];
    let (mut held, mut offset) = (0, from);
    loop {
        let got = read_full(file, &mut buffer[held..])?;
        let piece = &buffer[..held + got];
        let (good, broken) = match std::str::from_utf8(piece) {
            Ok(_) => (piece.len(), false),
            Err(error) => (error.valid_up_to(), error.error_len().is_some() || got == 0),
        };
        offset += good as u64;
        if broken {
            return fault_at(file, from, offset).map(Err);
        }
        if got == 0 {
            return Ok(Ok(()));
        }
        held = piece.len() - good;
        buffer.copy_within(good..good + held, 0);
    }
}

/// The fault at a byte; the text before it is read once more.
fn fault_at(file: &mut File, from: u64, byte: u64) -> io::Result<Fault> {
    file.seek(SeekFrom::Start(from))?;
    let mut text = BufReader::with_capacity(PIECE, file).take(byte - from);
    let (mut line, mut beyond_ascii) = (1, 0);
    loop {
        let piece = text.fill_buf()?;
        if piece.is_empty() {
            return Ok(Fault { byte, line, beyond_ascii });
        }
        line += newlines(piece);
        beyond_ascii += piece.iter().filter(|byte| **byte >= 0xC0).count();
        let length = piece.len();
        text.consume(length);
    }
}

fn check_decoding(input: &Input, encoding: &'static Encoding, from: u64) -> Result<(), Wrong> {
    let mut file = input.file().map_err(|error| Wrong::Io(io::Error::other(error.message)))?;
    file.seek(SeekFrom::Start(from)).map_err(Wrong::Io)?;
    let mut decoding = Decoding::new(file, encoding.new_decoder_without_bom_handling(), from);
    let mut sink = vec![0; PIECE];
    loop {
        match decoding.read(&mut sink) {
            Ok(0) => return Ok(()),
            Ok(_) => {}
            Err(error) => {
                let fault = decoding.fault.take();
                return Err(fault.map_or(Wrong::Io(error), Wrong::Text));
            }
        }
    }
}

/// A reader that decodes what it reads.
struct Decoding {
    file: File,
    decoder: Decoder,
    held: Vec<u8>,
    from: usize,
    /// Bytes of the file and lines of the text that are decoded.
    offset: u64,
    line: u64,
    at_end: bool,
    finished: bool,
    fault: Option<Fault>,
}

impl Decoding {
    fn new(file: File, decoder: Decoder, offset: u64) -> Decoding {
        let (held, from) = (Vec::new(), 0);
        Decoding { file, decoder, held, from, offset, line: 1, at_end: false, finished: false, fault: None }
    }

    fn fill(&mut self) -> io::Result<()> {
        if self.from == self.held.len() && !self.at_end {
            self.held.resize(PIECE, 0);
            let got = read_full(&mut self.file, &mut self.held)?;
            self.held.truncate(got);
            self.from = 0;
            self.at_end = got < PIECE;
        }
        Ok(())
    }
}

impl Read for Decoding {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        // A character takes up to four bytes; the reader around this one has room for many.
        while !self.finished {
            self.fill()?;
            let input = &self.held[self.from..];
            let (result, read, written) =
                self.decoder.decode_to_utf8_without_replacement(input, out, self.at_end);
            self.from += read;
            self.offset += read as u64;
            self.line += newlines(&out[..written]);
            match result {
                DecoderResult::InputEmpty => self.finished = self.at_end,
                DecoderResult::OutputFull if written == 0 => {
                    return Err(io::Error::other("the buffer is too small for a character"));
                }
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(bad, after) => {
                    let byte = self.offset.saturating_sub(u64::from(bad) + u64::from(after));
                    self.fault = Some(Fault { byte, line: self.line, beyond_ascii: 0 });
                    return Err(io::Error::new(
                        io::ErrorKind::InvalidData,
                        "not in the encoding of the file",
                    ));
                }
            }
            if written > 0 {
                return Ok(written);
            }
        }
        Ok(0)
    }
}

fn newlines(text: &[u8]) -> u64 {
    text.iter().filter(|byte| **byte == b'\n').count() as u64
}

fn read_full(file: &mut File, buffer: &mut [u8]) -> io::Result<usize> {
    let mut got = 0;
    while got < buffer.len() {
        match file.read(&mut buffer[got..]) {
            Ok(0) => break,
            Ok(count) => got += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(got)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(500))]

        #[test]
        fn parts_are_utf8_where_the_whole_is(
            pieces in proptest::collection::vec(prop_oneof![
                8 => any::<char>().prop_map(|c| c.to_string().into_bytes()),
                1 => any::<u8>().prop_map(|byte| vec![byte]),
            ], 1..20),
            cuts in proptest::collection::vec(0u64..40, 0..4),
        ) {
            let text = pieces.concat();
            let mut file = tempfile::tempfile().unwrap();
            file.write_all(&text).unwrap();
            let length = text.len() as u64;
            let mut ends: Vec<u64> = cuts.into_iter().filter(|cut| *cut > 0 && *cut < length).chain([length]).collect();
            ends.sort_unstable();
            let (mut start, mut all) = (0, true);
            for end in ends {
                all &= is_utf8_between(&mut file, start, end, start > 0).unwrap();
                start = end;
            }
            prop_assert_eq!(all, std::str::from_utf8(&text).is_ok());
        }
    }
}
