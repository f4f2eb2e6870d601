//! Places as the protocol counts them: lines from 0, columns in UTF-16 units, in which 政 is one and 🐖 two.

use std::ops::Range;

use lsp_types::{Position, Range as Places};

use crate::source::SourceFile;

/// The byte at a position; at the end of its line where that is shorter, of the text where there is no such line.
pub fn offset(file: &SourceFile, position: Position) -> usize {
    let line = position.line as usize + 1;
    if line > file.line_count() {
        return file.text.len();
    }
    let (start, text) = (file.line_start(line), file.line(line));
    let mut left = position.character as usize;
    for (at, c) in text.char_indices() {
        if left < c.len_utf16() {
            return start + at;
        }
        left -= c.len_utf16();
    }
    start + text.len()
}

/// The position of a byte.
pub fn position(file: &SourceFile, offset: usize) -> Position {
    let mut offset = offset.min(file.text.len());
    while !file.text.is_char_boundary(offset) {
        offset -= 1;
    }
    let (line, _) = file.line_column(offset);
    let column = file.text[file.line_start(line)..offset].encode_utf16().count();
    Position { line: line as u32 - 1, character: column as u32 }
}

pub fn places(file: &SourceFile, range: &Range<usize>) -> Places {
    Places { start: position(file, range.start), end: position(file, range.end) }
}

/// The bytes between two positions, the earlier one first.
pub fn range(file: &SourceFile, places: Places) -> Range<usize> {
    let (start, end) = (offset(file, places.start), offset(file, places.end));
    start.min(end)..start.max(end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::path::PathBuf;

    fn file(text: &str) -> SourceFile {
        SourceFile::new(PathBuf::from("a.pol"), text.to_owned())
    }

    #[test]
    fn columns_are_utf_16_units() {
        let own = file("措施 a\r\n🐖🐖 头\n");
        assert_eq!(position(&own, "措施 ".len()), Position::new(0, 3));
        assert_eq!(position(&own, "措施 a\r\n🐖🐖 ".len()), Position::new(1, 5));
        assert_eq!(offset(&own, Position::new(1, 5)), "措施 a\r\n🐖🐖 ".len());
        assert_eq!(offset(&own, Position::new(1, 1)), "措施 a\r\n".len(), "in the middle of a pig");
        assert_eq!(offset(&own, Position::new(0, 99)), "措施 a".len());
        assert_eq!(offset(&own, Position::new(99, 0)), own.text.len());
    }

    proptest! {
        #[test]
        fn there_and_back(text in "[a办🐖\n]{0,20}", at in 0usize..60) {
            let own = file(&text);
            let byte = text.char_indices().map(|(at, _)| at).chain([text.len()]).nth(at % (text.chars().count() + 1));
            let byte = byte.expect("one of them");
            prop_assert_eq!(offset(&own, position(&own, byte)), byte);
        }
    }
}
