//! A Parquet column chunk of names: codes go into the pages as they are, without a look at the texts.
//!
//! The layout is that of the Parquet format: a dictionary page of plain byte arrays, then data pages of the
//! first version with levels and codes in the hybrid of run lengths and bit packing.
//! <https://parquet.apache.org/docs/file-format/data-pages/encodings/>

use arrow_array::cast::AsArray;
use arrow_array::types::UInt16Type;
use arrow_array::{Array, DictionaryArray, StringArray};
use arrow_schema::DataType;
use bytes::Bytes;
use parquet::basic::{Compression, Encoding};
use parquet::column::page::{CompressedPage, Page, PageWriter};
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::ParquetError;
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::writer::{SerializedPageWriter, TrackedWrite};
use parquet::schema::types::ColumnDescPtr;

use crate::batch::{name_lists_type, names_type};

/// Rows of a data page.
const PAGE_ROWS: usize = 32_768;

/// How names stand in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Nesting {
    /// A name or nothing.
    Flat,
    /// A list of names, or nothing, or names and nothings.
    List,
}

pub struct NamesWriter {
    column: ColumnDescPtr,
    nesting: Nesting,
    /// The names seen, in the order of their first use, and the dictionary page of them.
    names: Vec<String>,
    dictionary: Vec<u8>,
    /// Whole pages.
    pages: Vec<CompressedPage>,
    /// The page in the making.
    rows: usize,
    repetition: Vec<u16>,
    definition: Vec<u16>,
    codes: Vec<u16>,
}

impl NamesWriter {
    /// A writer for columns of this type, where they are names.
    pub fn new(column: &ColumnDescPtr, data_type: &DataType) -> Option<NamesWriter> {
        let levels = (column.max_def_level(), column.max_rep_level());
        let nesting = match levels {
            (1, 0) if *data_type == names_type() => Nesting::Flat,
            (3, 1) if *data_type == name_lists_type() => Nesting::List,
            _ => return None,
        };
        Some(NamesWriter {
            column: column.clone(),
            nesting,
            names: Vec::new(),
            dictionary: Vec::new(),
            pages: Vec::new(),
            rows: 0,
            repetition: Vec::new(),
            definition: Vec::new(),
            codes: Vec::new(),
        })
    }

    pub fn write(&mut self, array: &dyn Array) -> Result<(), ParquetError> {
        let mut start = 0;
        while start < array.len() {
            let rows = (array.len() - start).min(PAGE_ROWS - self.rows);
            let some = array.slice(start, rows);
            match self.nesting {
                Nesting::Flat => self.flat(some.as_dictionary())?,
                Nesting::List => self.list(some.as_ref())?,
            }
            self.rows += rows;
            start += rows;
            if self.rows == PAGE_ROWS {
                self.end_page();
            }
        }
        Ok(())
    }

    fn flat(&mut self, array: &DictionaryArray<UInt16Type>) -> Result<(), ParquetError> {
        match array.logical_nulls() {
            None => self.definition.resize(self.definition.len() + array.len(), 1),
            Some(nulls) => self.definition.extend(nulls.iter().map(u16::from)),
        }
        self.add_codes(array)
    }

    fn list(&mut self, array: &dyn Array) -> Result<(), ParquetError> {
        let list = array.as_list::<i32>();
        let offsets = list.value_offsets();
        let items: &DictionaryArray<UInt16Type> = list.values().as_dictionary();
        let item_nulls = items.logical_nulls();
        for row in 0..list.len() {
            let (first, end) = (offsets[row] as usize, offsets[row + 1] as usize);
            if list.is_null(row) || first == end {
                self.repetition.push(0);
                self.definition.push(if list.is_null(row) { 0 } else { 1 });
                continue;
            }
            for item in first..end {
                self.repetition.push(u16::from(item > first));
                let known = item_nulls.as_ref().is_none_or(|nulls| nulls.is_valid(item));
                self.definition.push(if known { 3 } else { 2 });
            }
        }
        // A null row may have items behind it, which are not to be written.
        let hidden = list.nulls().is_some_and(|nulls| {
            (0..list.len()).any(|row| nulls.is_null(row) && offsets[row] != offsets[row + 1])
        });
        if !hidden {
            let (first, end) = (offsets[0] as usize, offsets[list.len()] as usize);
            return self.add_codes(&items.slice(first, end - first));
        }
        for row in (0..list.len()).filter(|row| list.is_valid(*row)) {
            let (first, end) = (offsets[row] as usize, offsets[row + 1] as usize);
            self.add_codes(&items.slice(first, end - first))?;
        }
        Ok(())
    }

    /// Adds the codes of the names that are not null, as codes of this chunk.
    fn add_codes(&mut self, array: &DictionaryArray<UInt16Type>) -> Result<(), ParquetError> {
        let names: &StringArray = array.values().as_string();
        let mut own: Vec<Option<u16>> = vec![None; names.len()];
        let keys = array.keys();
        let nulls = array.logical_nulls();
        self.codes.reserve(array.len());
        for (at, key) in keys.values().iter().enumerate() {
            if nulls.as_ref().is_some_and(|nulls| nulls.is_null(at)) {
                continue;
            }
            let key = usize::from(*key);
            let code = match own[key] {
                Some(code) => code,
                None => {
                    let code = self.code(names.value(key))?;
                    own[key] = Some(code);
                    code
                }
            };
            self.codes.push(code);
        }
        Ok(())
    }

    fn code(&mut self, name: &str) -> Result<u16, ParquetError> {
        if let Some(code) = self.names.iter().position(|own| own == name) {
            return Ok(code as u16);
        }
        let too_many = |_| ParquetError::General("more than 65,536 names in a column".to_owned());
        let code = u16::try_from(self.names.len()).map_err(too_many)?;
        self.names.push(name.to_owned());
        self.dictionary.extend_from_slice(&(name.len() as u32).to_le_bytes());
        self.dictionary.extend_from_slice(name.as_bytes());
        Ok(code)
    }

    fn end_page(&mut self) {
        let mut bytes = Vec::new();
        if self.nesting == Nesting::List {
            levels(&self.repetition, 1, &mut bytes);
            levels(&self.definition, 2, &mut bytes);
        } else {
            levels(&self.definition, 1, &mut bytes);
        }
        let width = (u16::BITS - (self.names.len().saturating_sub(1) as u16).leading_zeros()).max(1);
        bytes.push(width as u8);
        hybrid(&self.codes, width, &mut bytes);
        let size = bytes.len();
        let page = Page::DataPage {
            buf: bytes.into(),
            num_values: self.definition.len() as u32,
            encoding: Encoding::RLE_DICTIONARY,
            def_level_encoding: Encoding::RLE,
            rep_level_encoding: Encoding::RLE,
            statistics: None,
        };
        self.pages.push(CompressedPage::new(page, size));
        self.rows = 0;
        self.repetition.clear();
        self.definition.clear();
        self.codes.clear();
    }

    /// The bytes of the chunk, and what is to be told of it.
    pub fn close(mut self, rows: usize) -> Result<(Bytes, ColumnCloseResult), ParquetError> {
        if self.rows > 0 {
            self.end_page();
        }
        let dictionary = Page::DictionaryPage {
            num_values: self.names.len() as u32,
            encoding: Encoding::PLAIN,
            is_sorted: false,
            buf: self.dictionary.into(),
        };
        let size = dictionary.buffer().len();
        let mut out = TrackedWrite::new(Vec::new());
        let mut writer = SerializedPageWriter::new(&mut out);
        writer.write_page(CompressedPage::new(dictionary, size))?;
        let mut values = 0;
        let mut first = None;
        for page in self.pages {
            let written = writer.write_page(page)?;
            values += i64::from(written.num_values);
            first = first.or(Some(written.offset));
        }
        let bytes = Bytes::from(out.into_inner()?);
        let length = bytes.len() as i64;
        let metadata = ColumnChunkMetaData::builder(self.column)
            .set_compression(Compression::UNCOMPRESSED)
            .set_encodings(vec![Encoding::PLAIN, Encoding::RLE, Encoding::RLE_DICTIONARY])
            .set_num_values(values)
            .set_total_compressed_size(length)
            .set_total_uncompressed_size(length)
            .set_dictionary_page_offset(Some(0))
            .set_data_page_offset(first.unwrap_or(bytes.len() as u64) as i64)
            .build()?;
        let close = ColumnCloseResult {
            bytes_written: bytes.len() as u64,
            rows_written: rows as u64,
            metadata,
            bloom_filter: None,
            column_index: None,
            offset_index: None,
        };
        Ok((bytes, close))
    }
}

/// Levels, and before them how many bytes they take.
fn levels(levels: &[u16], width: u32, bytes: &mut Vec<u8>) {
    let start = bytes.len();
    bytes.extend_from_slice(&[0; 4]);
    hybrid(levels, width, bytes);
    let length = (bytes.len() - start - 4) as u32;
    bytes[start..start + 4].copy_from_slice(&length.to_le_bytes());
}

/// Values of a repeated stretch that are worth a run of their own.
const LEAST_RUN: usize = 16;

/// Values below `2^width` as runs of equal ones and as groups of eight with `width` bits each.
fn hybrid(values: &[u16], width: u32, bytes: &mut Vec<u8>) {
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
