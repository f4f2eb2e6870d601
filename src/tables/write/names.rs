//! A Parquet column chunk of names: codes go into the pages as they are, without a look at the texts.
//!
//! The layout is that of the Parquet format: a dictionary page of plain byte arrays, then data pages of codes.

use arrow_array::cast::AsArray;
use arrow_array::types::UInt16Type;
use arrow_array::{Array, DictionaryArray, StringArray};
use arrow_schema::DataType;
use parquet::basic::{Compression, Encoding};
use parquet::errors::ParquetError;
use parquet::schema::types::ColumnDescPtr;

use super::pages::{ColumnChunk, PAGE_ROWS, Pages, hybrid, levels};
use crate::batch::{name_lists_type, names_type};

/// How names stand in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Nesting {
    /// A name or nothing.
    Flat,
    /// A list of names, or nothing, or names and nothings.
    List,
}

pub struct NamesWriter {
    nesting: Nesting,
    /// The names seen, in the order of their first use, and the dictionary page of them.
    names: Vec<String>,
    dictionary: Vec<u8>,
    pages: Pages,
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
            nesting,
            names: Vec::new(),
            dictionary: Vec::new(),
            pages: Pages::new(column, Compression::UNCOMPRESSED, Encoding::RLE_DICTIONARY),
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
        // As if every entry were a name that goes on with its list; then the first of each row, and the rows
        // without any.
        let items_of = |row: usize| (offsets[row + 1] - offsets[row]) as usize;
        let mut at = self.definition.len();
        let entries = at
            + (0..list.len())
                .map(|row| if list.is_null(row) { 1 } else { items_of(row).max(1) })
                .sum::<usize>();
        self.repetition.resize(entries, 1);
        self.definition.resize(entries, 3);
        for row in 0..list.len() {
            let count = if list.is_null(row) { 0 } else { items_of(row) };
            let empty = u16::from(list.is_valid(row));
            self.repetition[at] = 0;
            self.definition[at] = if count == 0 { empty } else { 3 };
            if let Some(nulls) = &item_nulls {
                for item in 0..count {
                    if nulls.is_null(offsets[row] as usize + item) {
                        self.definition[at + item] = 2;
                    }
                }
            }
            at += count.max(1);
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
        self.codes.reserve(array.len());
        let mut add = |key: u16| {
            let key = usize::from(key);
            let code = match own[key] {
                Some(code) => code,
                None => {
                    let code = self.code(names.value(key))?;
                    own[key] = Some(code);
                    code
                }
            };
            self.codes.push(code);
            Ok(())
        };
        match array.logical_nulls() {
            None => array.keys().values().iter().try_for_each(|key| add(*key)),
            Some(nulls) => nulls.valid_indices().try_for_each(|at| add(array.keys().values()[at])),
        }
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
        self.pages.add(self.definition.len(), bytes, size);
        self.rows = 0;
        self.repetition.clear();
        self.definition.clear();
        self.codes.clear();
    }

    pub fn close(mut self, rows: usize) -> Result<ColumnChunk, ParquetError> {
        if self.rows > 0 {
            self.end_page();
        }
        self.pages.close(rows, Some((self.names.len(), self.dictionary)), None)
    }
}
