//! Parquet column chunks out of pages that are already encoded.
//!
//! Data pages are those of the first version: levels, then values.
//! <https://parquet.apache.org/docs/file-format/data-pages/>

use std::io::Write;

use bytes::Bytes;
use parquet::basic::{Compression, Encoding};
use parquet::column::page::{CompressedPage, Page, PageWriter};
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::ParquetError;
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::statistics::Statistics;
use parquet::file::writer::{SerializedPageWriter, SerializedRowGroupWriter, TrackedWrite};
use parquet::schema::types::ColumnDescPtr;

/// Rows of a data page.
pub const PAGE_ROWS: usize = 32_768;

/// A column chunk in the making.
pub struct Pages {
    column: ColumnDescPtr,
    compression: Compression,
    encoding: Encoding,
    pages: Vec<CompressedPage>,
}

/// A column chunk, and what is to be told of it.
pub struct ColumnChunk {
    bytes: Bytes,
    close: ColumnCloseResult,
}

impl Pages {
    pub fn new(column: &ColumnDescPtr, compression: Compression, encoding: Encoding) -> Pages {
        Pages { column: column.clone(), compression, encoding, pages: Vec::new() }
    }

    /// Adds a page of so many values, nulls included; `bytes` are as the compression has them, and `size` is
    /// how many they are without it.
    pub fn add(&mut self, values: usize, bytes: Vec<u8>, size: usize) {
        let page = Page::DataPage {
            buf: bytes.into(),
            num_values: values as u32,
            encoding: self.encoding,
            def_level_encoding: Encoding::RLE,
            rep_level_encoding: Encoding::RLE,
            statistics: None,
        };
        self.pages.push(CompressedPage::new(page, size));
    }

    /// The chunk, after a dictionary page where it has one: how many values and their bytes.
    pub fn close(
        self,
        rows: usize,
        dictionary: Option<(usize, Vec<u8>)>,
        statistics: Option<Statistics>,
    ) -> Result<ColumnChunk, ParquetError> {
        let mut out = TrackedWrite::new(Vec::new());
        let mut uncompressed = 0;
        let mut write = |page: CompressedPage| {
            let written = SerializedPageWriter::new(&mut out).write_page(page)?;
            uncompressed += written.uncompressed_size as i64;
            Ok::<_, ParquetError>(written)
        };
        let mut encodings = vec![self.encoding, Encoding::RLE];
        let has_dictionary = dictionary.is_some();
        if let Some((values, bytes)) = dictionary {
            encodings.push(Encoding::PLAIN);
            let size = bytes.len();
            let (num_values, buf) = (values as u32, bytes.into());
            let page = Page::DictionaryPage { num_values, encoding: Encoding::PLAIN, is_sorted: false, buf };
            write(CompressedPage::new(page, size))?;
        }
        let (mut values, mut first) = (0, None);
        for page in self.pages {
            let written = write(page)?;
            values += i64::from(written.num_values);
            first = first.or(Some(written.offset as i64));
        }
        let bytes = Bytes::from(out.into_inner()?);
        let length = bytes.len() as i64;
        let mut metadata = ColumnChunkMetaData::builder(self.column)
            .set_compression(self.compression)
            .set_encodings(encodings)
            .set_num_values(values)
            .set_total_compressed_size(length)
            .set_total_uncompressed_size(uncompressed)
            .set_dictionary_page_offset(has_dictionary.then_some(0))
            .set_data_page_offset(first.unwrap_or(length));
        if let Some(statistics) = statistics {
            metadata = metadata.set_statistics(statistics);
        }
        let close = ColumnCloseResult {
            bytes_written: bytes.len() as u64,
            rows_written: rows as u64,
            metadata: metadata.build()?,
            bloom_filter: None,
            column_index: None,
            offset_index: None,
        };
        Ok(ColumnChunk { bytes, close })
    }
}

impl ColumnChunk {
    pub fn append_to<W: Write + Send>(
        self,
        group: &mut SerializedRowGroupWriter<'_, W>,
    ) -> Result<(), ParquetError> {
        group.append_column(&self.bytes, self.close)
    }
}

/// Levels, and before them how many bytes they take.
pub fn levels(levels: &[u16], width: u32, bytes: &mut Vec<u8>) {
    let start = bytes.len();
    bytes.extend_from_slice(&[0; 4]);
    hybrid(levels, width, bytes);
    let length = (bytes.len() - start - 4) as u32;
    bytes[start..start + 4].copy_from_slice(&length.to_le_bytes());
}

/// Bits one after another, the first the lowest of the first byte.
#[derive(Debug, Default)]
pub struct Bits {
    bytes: Vec<u8>,
    last: u64,
    count: u32,
}

impl Bits {
    /// Adds the lowest bits, up to 64; the others are zero.
    pub fn push(&mut self, bits: u64, count: u32) {
        self.last |= bits << self.count;
        self.count += count;
        if self.count >= 64 {
            self.bytes.extend_from_slice(&self.last.to_le_bytes());
            self.count -= 64;
            // What did not fit; a shift by all 64 bits is none.
            self.last = bits.checked_shr(count - self.count).unwrap_or(0);
        }
    }

    pub fn push_zeros(&mut self, count: usize) {
        (0..count / 64).for_each(|_| self.push(0, 64));
        self.push(0, (count % 64) as u32);
    }

    /// The bytes, the last ones filled up with zeros, and a fresh start.
    fn take(&mut self) -> Vec<u8> {
        let used = self.count.div_ceil(8) as usize;
        self.bytes.extend_from_slice(&self.last.to_le_bytes()[..used]);
        (self.last, self.count) = (0, 0);
        std::mem::take(&mut self.bytes)
    }
}

/// So many levels that are packed already, and before them how many bytes they take.
pub fn packed_levels(levels: &mut Bits, width: usize, count: usize, bytes: &mut Vec<u8>) {
    let mut packed = levels.take();
    let mut header = Vec::new();
    if packed.iter().all(|byte| *byte == 0) {
        varint((count as u64) << 1, &mut header);
        packed = vec![0];
    } else {
        // Groups of eight levels are whole.
        packed.resize(packed.len().next_multiple_of(width), 0);
        varint(((packed.len() / width) as u64) << 1 | 1, &mut header);
    }
    bytes.extend_from_slice(&((header.len() + packed.len()) as u32).to_le_bytes());
    bytes.extend_from_slice(&header);
    bytes.extend_from_slice(&packed);
}

/// Values of a repeated stretch that are worth a run of their own.
const LEAST_RUN: usize = 16;

/// Values below `2^width` as runs of equal ones and as groups of eight with `width` bits each.
pub fn hybrid(values: &[u16], width: u32, bytes: &mut Vec<u8>) {
    let (mut at, mut packed) = (0, 0);
    while at < values.len() {
        let run = repeated(&values[at..]);
        // Packed groups are whole, so a run begins after one; the last may be shorter.
        let rest = at + run == values.len();
        if run >= LEAST_RUN || rest {
            pack(&values[packed..at], width, bytes);
            varint((run as u64) << 1, bytes);
            bytes.extend_from_slice(&values[at].to_le_bytes()[..width.div_ceil(8) as usize]);
            at += run;
            packed = at;
        } else {
            at = (at + 8).min(values.len());
        }
    }
    pack(&values[packed..], width, bytes);
}

/// How many of the first values are equal, in whole eights unless they are all.
fn repeated(values: &[u16]) -> usize {
    let first = values[0];
    let mut count = 0;
    for eight in values.chunks_exact(8) {
        if eight.iter().any(|value| *value != first) {
            return count;
        }
        count += 8;
    }
    if values[count..].iter().all(|value| *value == first) { values.len() } else { count }
}

/// Groups of eight values, the last one filled up with zeros.
fn pack(values: &[u16], width: u32, bytes: &mut Vec<u8>) {
    if values.is_empty() {
        return;
    }
    varint((values.len().div_ceil(8) as u64) << 1 | 1, bytes);
    let mut eights = values.chunks_exact(8);
    for eight in &mut eights {
        pack_eight(eight, width, bytes);
    }
    let rest = eights.remainder();
    if !rest.is_empty() {
        let mut eight = [0; 8];
        eight[..rest.len()].copy_from_slice(rest);
        pack_eight(&eight, width, bytes);
    }
}

fn pack_eight(eight: &[u16], width: u32, bytes: &mut Vec<u8>) {
    if width <= 8 {
        let packed = eight.iter().rev().fold(0u64, |packed, value| packed << width | u64::from(*value));
        bytes.extend_from_slice(&packed.to_le_bytes()[..width as usize]);
    } else {
        let packed = eight.iter().rev().fold(0u128, |packed, value| packed << width | u128::from(*value));
        bytes.extend_from_slice(&packed.to_le_bytes()[..width as usize]);
    }
}

fn varint(mut value: u64, bytes: &mut Vec<u8>) {
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}
