//! The form in which texts are compared: white space, full and half width and the shape of quotation marks do
//! not count.

use std::ops::Range;

/// A text in that form, with the way back to the text it was made from.
#[derive(Debug, Default)]
pub(super) struct Normal {
    pub text: String,
    /// For each character: where it starts in `text`, and where in the source.
    places: Vec<(u32, u32)>,
}

impl Normal {
    pub fn new(source: &str) -> Normal {
        let mut normal = Normal::default();
        for (at, c) in source.char_indices() {
            if let Some(plain) = plain(c) {
                normal.places.push((normal.text.len() as u32, at as u32));
                normal.text.push(plain);
            }
        }
        normal
    }

    /// How many characters it has.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// The characters whose sources start within some bytes of the source.
    pub fn within(&self, source: &Range<usize>) -> Range<usize> {
        let index = |place: usize| self.places.partition_point(|(_, at)| (*at as usize) < place);
        index(source.start)..index(source.end)
    }

    /// The bytes of the source that some characters were made from.
    pub fn source(&self, chars: &Range<usize>, source: &str) -> Range<usize> {
        let place = |index: usize| self.places.get(index).map_or(source.len(), |(_, at)| *at as usize);
        let start = place(chars.start);
        let Some(last) = chars.end.checked_sub(1).filter(|last| *last >= chars.start) else {
            return start..start;
        };
        let last = place(last);
        start..last + source[last..].chars().next().map_or(0, char::len_utf8)
    }

    /// The text of some characters.
    pub fn part(&self, chars: &Range<usize>) -> &str {
        let byte = |index: usize| self.places.get(index).map_or(self.text.len(), |(at, _)| *at as usize);
        &self.text[byte(chars.start)..byte(chars.end)]
    }

    /// Where `quote`, in the same form, first stands among some characters.
    pub fn find(&self, quote: &Normal, chars: &Range<usize>) -> Option<Range<usize>> {
        let byte = self.part(chars).find(&quote.text)?;
        let byte = byte + self.places.get(chars.start).map_or(0, |(at, _)| *at as usize);
        let start = self.places.partition_point(|(at, _)| (*at as usize) < byte);
        Some(start..start + quote.len())
    }
}

/// A character as it counts; `None` for what cannot be seen.
pub(super) fn plain(c: char) -> Option<char> {
    Some(match c {
        '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}' | '\u{AD}' => return None,
        c if c.is_whitespace() => return None,
        '“' | '”' | '„' | '‟' | '«' | '»' => '"',
        '‘' | '’' | '‚' | '‛' => '\'',
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        '\u{FFE5}' => '¥',
        c => c,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back() {
        let source = " “中小\u{3000}微\r\n企业”，５０％ ";
        let normal = Normal::new(source);
        assert_eq!(normal.text, "\"中小微企业\",50%");
        let found = normal.find(&Normal::new("微企业\""), &(0..normal.len())).unwrap();
        assert_eq!(&source[normal.source(&found, source)], "微\r\n企业”");
        assert_eq!(&source[normal.source(&(0..normal.len()), source)], source.trim());
        assert_eq!(normal.source(&(3..3), source).len(), 0);
        assert_eq!(Normal::new("").source(&(0..0), ""), 0..0);
    }

    #[test]
    fn only_within() {
        let source = "一 二 一 二";
        let normal = Normal::new(source);
        let second = normal.within(&(source.rfind('一').unwrap()..source.len()));
        assert_eq!(second, 2..4);
        assert_eq!(normal.find(&Normal::new("二"), &second), Some(3..4));
        assert_eq!(normal.find(&Normal::new("二一"), &second), None);
    }
}
