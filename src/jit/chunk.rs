//! The memory of a chunk: its scratch columns, the cells it reads, and the answers it writes.

use crate::jit::fraction::Fraction;
use crate::jit::layout::{FRACTION, Offset};
use crate::jit::outputs::{Outputs, Written};
use crate::jit::schedule::CHUNK;
use crate::jit::shape::Shape;

/// Bits of an Arrow bitmap, from a bit of its first byte.
#[derive(Debug, Clone, Copy)]
pub struct Bits<'a> {
    pub bytes: &'a [u8],
    pub offset: usize,
}

impl Bits<'_> {
    pub fn get(&self, at: usize) -> bool {
        let bit = self.offset + at;
        self.bytes[bit / 8] >> (bit % 8) & 1 == 1
    }

    /// Spreads bits to bytes: `set` where a bit is set, else `clear`.
    fn spread(&self, to: &mut [u8], set: u8, clear: u8) {
        #[cfg(target_arch = "x86_64")]
        if self.offset.is_multiple_of(8)
            && is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
        {
            let whole = to.len() / 64 * 64;
            let bytes = &self.bytes[self.offset / 8..][..whole / 8];
            // SAFETY: the features are there, and there is a bit for each of the `whole` bytes.
            unsafe { spread_wide(bytes, &mut to[..whole], set, clear) };
            return self.from(whole).spread_each(&mut to[whole..], set, clear);
        }
        self.spread_each(to, set, clear);
    }

    fn spread_each(&self, to: &mut [u8], set: u8, clear: u8) {
        if self.offset.is_multiple_of(8) {
            let bytes = &self.bytes[self.offset / 8..];
            for (to, byte) in to.chunks_mut(8).zip(bytes) {
                for (bit, to) in to.iter_mut().enumerate() {
                    *to = if byte >> bit & 1 == 1 { set } else { clear };
                }
            }
            return;
        }
        for (at, to) in to.iter_mut().enumerate() {
            *to = if self.get(at) { set } else { clear };
        }
    }

    /// The same bits from a later one.
    pub fn from(self, at: usize) -> Self {
        Bits { offset: self.offset + at, ..self }
    }
}

/// Sixty-four bits at a time.
///
/// # Safety
/// The features must be there; `to` must have a multiple of 64 bytes, and `bits` as many bits.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw")]
unsafe fn spread_wide(bits: &[u8], to: &mut [u8], set: u8, clear: u8) {
    use std::arch::x86_64::{_mm512_mask_mov_epi8, _mm512_set1_epi8, _mm512_storeu_epi8};
    let (set, clear) = (_mm512_set1_epi8(set.cast_signed()), _mm512_set1_epi8(clear.cast_signed()));
    for (to, bits) in to.chunks_exact_mut(64).zip(bits.chunks_exact(8)) {
        let mask = u64::from_le_bytes(bits.try_into().expect("a chunk has eight bytes"));
        // SAFETY: the chunk has sixty-four bytes.
        unsafe { _mm512_storeu_epi8(to.as_mut_ptr().cast(), _mm512_mask_mov_epi8(clear, mask, set)) };
    }
}

/// The cells of one input, in the form that its shape names. What stands where a cell is null is zero.
#[derive(Debug, Clone, Copy)]
pub enum Cells<'a> {
    Absent,
    Bool(Bits<'a>),
    Enum(&'a [u8]),
    Int32(&'a [i32]),
    Int64(&'a [i64]),
    Text(&'a [u32]),
}

#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    pub cells: Cells<'a>,
    /// Set where a cell is there; `None`: all are.
    pub valid: Option<Bits<'a>>,
}

impl<'a> Input<'a> {
    /// Some rows of the same input.
    pub fn slice(&self, at: usize, rows: usize) -> Input<'a> {
        let cells = match self.cells {
            Cells::Absent => Cells::Absent,
            Cells::Bool(bits) => Cells::Bool(bits.from(at)),
            Cells::Enum(cells) => Cells::Enum(&cells[at..at + rows]),
            Cells::Int32(cells) => Cells::Int32(&cells[at..at + rows]),
            Cells::Int64(cells) => Cells::Int64(&cells[at..at + rows]),
            Cells::Text(cells) => Cells::Text(&cells[at..at + rows]),
        };
        Input { cells, valid: self.valid.map(|valid| valid.from(at)) }
    }

    /// Whether it has cells of a shape for so many rows.
    pub(super) fn has(&self, shape: Shape, rows: usize) -> bool {
        let enough = |bits: &Bits| bits.offset + rows <= 8 * bits.bytes.len();
        let cells = match (self.cells, shape) {
            (_, Shape::Absent) => true,
            (Cells::Bool(bits), Shape::Bool) => enough(&bits),
            (Cells::Enum(cells), Shape::Enum) => cells.len() >= rows,
            (Cells::Int32(cells), Shape::Int32 { .. }) => cells.len() >= rows,
            (Cells::Int64(cells), Shape::Int64 { .. }) => cells.len() >= rows,
            (Cells::Text(cells), Shape::Text) => cells.len() >= rows,
            _ => false,
        };
        cells && self.valid.as_ref().is_none_or(enough)
    }

    /// The address of the first cell, and the bytes of each.
    pub(super) fn place(&self) -> Option<(*const u8, usize)> {
        match self.cells {
            Cells::Absent | Cells::Bool(_) => None,
            Cells::Enum(cells) => Some((cells.as_ptr(), 1)),
            Cells::Int32(cells) => Some((cells.as_ptr().cast(), 4)),
            Cells::Int64(cells) => Some((cells.as_ptr().cast(), 8)),
            Cells::Text(cells) => Some((cells.as_ptr().cast(), 4)),
        }
    }
}

/// Memory for the columns of a chunk, aligned for vectors.
pub struct Scratch {
    words: Vec<u128>,
}

impl Scratch {
    pub fn new(bytes: usize) -> Scratch {
        Scratch { words: vec![0; bytes.div_ceil(16)] }
    }

    pub fn bytes(&self, at: Offset) -> &[u8] {
        self.column(at)
    }

    pub fn ints32(&self, at: Offset) -> &[i32] {
        self.column(at)
    }

    pub fn ints64(&self, at: Offset) -> &[i64] {
        self.column(at)
    }

    pub fn fraction(&self, at: Offset, row: usize) -> Fraction {
        self.column::<Fraction>(at)[row]
    }

    pub fn bytes_mut(&mut self, at: Offset) -> &mut [u8] {
        self.column_mut(at)
    }

    pub fn ints32_mut(&mut self, at: Offset) -> &mut [i32] {
        self.column_mut(at)
    }

    pub fn ints64_mut(&mut self, at: Offset) -> &mut [i64] {
        self.column_mut(at)
    }

    pub fn fractions_mut(&mut self, at: Offset) -> &mut [Fraction] {
        const { assert!(size_of::<Fraction>() == FRACTION) };
        self.column_mut(at)
    }

    fn check<T>(&self, at: Offset) {
        let inside = at + CHUNK * size_of::<T>() <= self.words.len() * 16;
        assert!(inside && at.is_multiple_of(align_of::<T>()), "a column stands inside the scratch memory");
    }

    fn column<T: Plain>(&self, at: Offset) -> &[T] {
        self.check::<T>(at);
        // SAFETY: the column lies inside the words and is aligned (checked above); any bits are a `Plain`.
        unsafe { std::slice::from_raw_parts(self.words.as_ptr().cast::<u8>().add(at).cast::<T>(), CHUNK) }
    }

    fn column_mut<T: Plain>(&mut self, at: Offset) -> &mut [T] {
        self.check::<T>(at);
        // SAFETY: as in `column`; the borrow of the whole memory is exclusive.
        unsafe {
            std::slice::from_raw_parts_mut(self.words.as_mut_ptr().cast::<u8>().add(at).cast::<T>(), CHUNK)
        }
    }

    pub(super) fn pointer(&mut self) -> *mut u8 {
        self.words.as_mut_ptr().cast()
    }
}

/// Types of which any bits are a value.
trait Plain: Copy {}
impl Plain for u8 {}
impl Plain for i32 {}
impl Plain for i64 {}
impl Plain for Fraction {}

impl Bits<'_> {
    pub(super) fn spread_truths(&self, to: &mut [u8]) {
        self.spread(to, 255, 0);
    }

    pub(super) fn spread_nulls(&self, to: &mut [u8]) {
        self.spread(to, 0, 255);
    }
}

/// The columns that a kernel writes, for so many records.
pub struct Answers {
    memory: Vec<u128>,
    /// Where each column begins, and its width.
    columns: Vec<(usize, usize)>,
    rows: usize,
    capacity: usize,
}

/// Bytes between one column and the next beyond its length, so that equal rows of different columns do not
/// share a set of the cache.
const STAGGER: usize = 320;

impl Answers {
    /// Room for `capacity` records.
    pub fn new(outputs: &Outputs, capacity: usize) -> Answers {
        let capacity = capacity.next_multiple_of(16);
        let mut size = 0;
        let mut columns = Vec::with_capacity(outputs.widths.len());
        for width in &outputs.widths {
            columns.push((size, *width));
            size += (capacity * width).next_multiple_of(64) + STAGGER;
        }
        Answers { memory: vec![0; size.div_ceil(16)], columns, rows: 0, capacity }
    }

    /// How many records are answered.
    pub fn len(&self) -> usize {
        self.rows
    }

    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    pub fn capacity(&self) -> usize {
        self.capacity
    }

    pub fn clear(&mut self) {
        self.rows = 0;
    }

    pub(super) fn grow(&mut self, rows: usize) {
        assert!(self.rows + rows <= self.capacity, "there is room for every record");
        self.rows += rows;
    }

    pub fn bytes(&self, column: Written) -> &[u8] {
        self.column(column)
    }

    pub fn ints32(&self, column: Written) -> &[i32] {
        self.column(column)
    }

    pub fn ints64(&self, column: Written) -> &[i64] {
        self.column(column)
    }

    /// A whole number of a record, from a column of 32 or 64 bits.
    pub fn int(&self, column: Written, row: usize) -> i64 {
        if column.width == 4 { self.ints32(column)[row].into() } else { self.ints64(column)[row] }
    }

    fn column<T: Plain>(&self, column: Written) -> &[T] {
        let (start, width) = self.columns[column.at];
        assert_eq!(width, size_of::<T>(), "a column is read as what it holds");
        // SAFETY: `new` has laid out `capacity` elements of this width from here, at a multiple of 64 and 320
        // bytes; any bits are a `Plain`.
        unsafe {
            std::slice::from_raw_parts(self.memory.as_ptr().cast::<u8>().add(start).cast::<T>(), self.rows)
        }
    }

    /// The address of a record in a column.
    pub(super) fn pointer(&mut self, column: usize, width: usize, row: usize) -> *mut u8 {
        let (start, own) = self.columns[column];
        assert!(own == width && (row < self.capacity || self.capacity == 0));
        let at = start + row * width;
        self.memory.as_mut_ptr().cast::<u8>().wrapping_add(at)
    }
}

/// These run under Miri too, see `docs/contributing.md`.
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_of_scratch_are_apart_and_whole() {
        let mut scratch = Scratch::new(CHUNK * (1 + 4 + 8 + FRACTION));
        let (bytes, ints32, ints64, fractions) = (0, CHUNK, 5 * CHUNK, 13 * CHUNK);
        scratch.bytes_mut(bytes).fill(7);
        scratch.ints32_mut(ints32).fill(-1);
        scratch.ints64_mut(ints64).fill(i64::MIN);
        scratch.fractions_mut(fractions).fill(Fraction::ZERO);
        assert!(scratch.bytes(bytes).iter().all(|cell| *cell == 7));
        assert!(scratch.ints32(ints32).iter().all(|cell| *cell == -1));
        assert!(scratch.ints64(ints64).iter().all(|cell| *cell == i64::MIN));
        assert_eq!(scratch.fraction(fractions, CHUNK - 1).scaled(1), Some(0));
    }

    #[test]
    #[should_panic(expected = "inside the scratch memory")]
    fn nothing_is_read_beyond_scratch() {
        Scratch::new(8 * CHUNK).ints64(16);
    }

    fn answers() -> Answers {
        let mut answers = Answers::new(&Outputs { measures: Vec::new(), widths: vec![1, 4, 8] }, 20);
        answers.grow(20);
        answers
    }

    #[test]
    fn columns_of_answers_are_whole() {
        let answers = answers();
        assert_eq!(answers.bytes(Written { at: 0, width: 1 }), [0; 20]);
        assert_eq!(answers.ints32(Written { at: 1, width: 4 }), [0; 20]);
        assert_eq!(answers.ints64(Written { at: 2, width: 8 }), [0; 20]);
    }

    #[test]
    #[should_panic(expected = "read as what it holds")]
    fn a_column_of_other_answers_is_not_read() {
        answers().ints64(Written { at: 0, width: 8 });
    }

    #[test]
    #[should_panic(expected = "room for every record")]
    fn answers_do_not_outgrow_their_room() {
        answers().grow(13);
    }
}
