//! Finds the bytes that structure a text, many at a time.

/// The places of up to three bytes in a text, in order.
pub struct Marks<'t> {
    text: &'t [u8],
    patterns: [u64; 3],
    /// Where the next stretch begins.
    next: usize,
    /// Where the last one began, and a bit for each mark in it that is not given yet.
    base: usize,
    found: u64,
}

/// Bytes of a stretch.
const STRETCH: usize = 64;
const LOW: u64 = u64::from_le_bytes([0x7F; 8]);

impl<'t> Marks<'t> {
    pub fn new(text: &'t [u8], bytes: [u8; 3]) -> Marks<'t> {
        let patterns = bytes.map(|byte| u64::from_le_bytes([byte; 8]));
        Marks { text, patterns, next: 0, base: 0, found: 0 }
    }

    /// A bit for each of eight bytes that is one of the patterns'. The test for equal bytes is exact: no carry
    /// leaves a byte (Hacker's Delight, 6-1).
    fn test(&self, eight: u64) -> u64 {
        let differs = |pattern: u64| {
            let difference = eight ^ pattern;
            ((difference & LOW) + LOW) | difference
        };
        let other = differs(self.patterns[0]) & differs(self.patterns[1]) & differs(self.patterns[2]);
        let found = (!other & !LOW) >> 7;
        // Brings the bit of each byte to the highest byte.
        found.wrapping_mul(0x0102_0408_1020_4080) >> 56
    }

    fn test_stretch(&self, stretch: &[u8; STRETCH]) -> u64 {
        let (words, _) = stretch.as_chunks::<8>();
        let tests =
            words.iter().enumerate().map(|(at, word)| self.test(u64::from_le_bytes(*word)) << (8 * at));
        tests.fold(0, |found, one| found | one)
    }

    /// Looks at the next stretch; whether there was one.
    fn advance(&mut self) -> bool {
        let rest = &self.text[self.next..];
        self.base = self.next;
        if let Some(stretch) = rest.first_chunk() {
            self.found = self.test_stretch(stretch);
            self.next += STRETCH;
            return true;
        }
        let mut stretch = [0; STRETCH];
        stretch[..rest.len()].copy_from_slice(rest);
        self.found = self.test_stretch(&stretch) & ((1 << rest.len()) - 1);
        self.next = self.text.len();
        !rest.is_empty()
    }
}

impl Iterator for Marks<'_> {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        while self.found == 0 {
            if !self.advance() {
                return None;
            }
        }
        let at = self.base + self.found.trailing_zeros() as usize;
        self.found &= self.found - 1;
        Some(at)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_mark_is_found(text in proptest::collection::vec(prop_oneof![Just(b','), Just(b'\n'), any::<u8>()], 0..200)) {
            let found: Vec<usize> = Marks::new(&text, [b',', b'\n', b'"']).collect();
            let is = |at: &usize| matches!(text[*at], b',' | b'\n' | b'"');
            prop_assert_eq!(found, (0..text.len()).filter(is).collect::<Vec<usize>>());
        }
    }
}
