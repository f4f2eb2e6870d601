//! A Parquet column chunk of names: codes go into the pages as they are, without a look at the texts.
//!
//! The layout is that of the Parquet format: a dictionary page of plain byte arrays, then data pages of codes.

use arrow_array::cast::AsArray;
use arrow_array::types::UInt16Type;
use arrow_array::{Array, DictionaryArray, ListArray, StringArray};
use arrow_buffer::NullBuffer;
use arrow_schema::DataType;
use parquet::basic::{Compression, Encoding};
use parquet::errors::ParquetError;
use parquet::schema::types::ColumnDescPtr;

use super::pages::{Bits, ColumnChunk, PAGE_ROWS, Pages, hybrid, levels, packed_levels};
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
    values: usize,
    /// Levels of flat names.
    definition: Vec<u16>,
    /// Levels of lists: one bit, and two.
    repetition_bits: Bits,
    definition_bits: Bits,
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
            values: 0,
            definition: Vec::new(),
            repetition_bits: Bits::default(),
            definition_bits: Bits::default(),
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
                Nesting::List => self.list(some.as_list())?,
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
        self.values += array.len();
        self.add_codes(array)
    }

    fn list(&mut self, array: &ListArray) -> Result<(), ParquetError> {
        if array.null_count() == array.len() {
            self.repetition_bits.push_zeros(array.len());
            self.definition_bits.push_zeros(2 * array.len());
            self.values += array.len();
            return Ok(());
        }
        let items: &DictionaryArray<UInt16Type> = array.values().as_dictionary();
        let offsets = array.value_offsets();
        let unknown = items.logical_nulls();
        let hidden = array.nulls().is_some_and(|nulls| hides(nulls, offsets));
        for row in 0..array.len() {
            let (first, end) = (offsets[row] as usize, offsets[row + 1] as usize);
            let count = if hidden && array.is_null(row) { 0 } else { end - first };
            if count == 0 {
                self.add_entry(0, u64::from(array.is_valid(row)));
            } else if unknown.is_none() && count <= 32 {
                // The first begins the list and the others go on with it; all are names.
                self.repetition_bits.push(u64::MAX << 1 & low(count), count as u32);
                self.definition_bits.push(low(2 * count), 2 * count as u32);
                self.values += count;
            } else {
                for item in first..end {
                    let known = unknown.as_ref().is_none_or(|nulls| nulls.is_valid(item));
                    self.add_entry(u64::from(item > first), if known { 3 } else { 2 });
                }
            }
        }
        if !hidden {
            let (first, end) = (offsets[0] as usize, offsets[array.len()] as usize);
            return self.add_codes(&items.slice(first, end - first));
        }
        for row in (0..array.len()).filter(|row| array.is_valid(*row)) {
            let (first, end) = (offsets[row] as usize, offsets[row + 1] as usize);
            self.add_codes(&items.slice(first, end - first))?;
        }
        Ok(())
    }

    fn add_entry(&mut self, repetition: u64, definition: u64) {
        self.repetition_bits.push(repetition, 1);
        self.definition_bits.push(definition, 2);
        self.values += 1;
    }

    /// Adds the codes of the names that are not null, as codes of this chunk.
    fn add_codes(&mut self, array: &DictionaryArray<UInt16Type>) -> Result<(), ParquetError> {
        let keys = array.keys().values();
        match array.logical_nulls() {
            None => self.add_keys(keys.iter().copied(), array.values().as_string()),
            Some(nulls) => {
                let known: Vec<u16> = nulls.valid_indices().map(|at| keys[at]).collect();
                self.add_keys(known.into_iter(), array.values().as_string())
            }
        }
    }

    fn add_keys(
        &mut self,
        keys: impl ExactSizeIterator<Item = u16> + Clone,
        names: &StringArray,
    ) -> Result<(), ParquetError> {
        // Names get their codes by their first use, so that the bytes do not depend on the order of the batch's.
        let mut used = vec![false; names.len()];
        let mut code_of: Vec<u16> = vec![0; names.len()];
        for key in keys.clone().map(usize::from) {
            if !used[key] {
                used[key] = true;
                code_of[key] = self.code(names.value(key))?;
            }
        }
        self.codes.extend(keys.map(|key| code_of[usize::from(key)]));
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
        match self.nesting {
            Nesting::Flat => levels(&self.definition, 1, &mut bytes),
            Nesting::List => {
                packed_levels(&mut self.repetition_bits, 1, self.values, &mut bytes);
                packed_levels(&mut self.definition_bits, 2, self.values, &mut bytes);
            }
        }
        let width = (u16::BITS - (self.names.len().saturating_sub(1) as u16).leading_zeros()).max(1);
        bytes.push(width as u8);
        hybrid(&self.codes, width, &mut bytes);
        let size = bytes.len();
        self.pages.add(std::mem::take(&mut self.values), bytes, size);
        self.rows = 0;
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

/// Whether rows that are null have items, which are not to be written.
fn hides(nulls: &NullBuffer, offsets: &[i32]) -> bool {
    offsets.windows(2).enumerate().any(|(row, ends)| ends[0] != ends[1] && nulls.is_null(row))
}

/// So many ones.
fn low(count: usize) -> u64 {
    u64::MAX >> (64 - count)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::builder::{ListBuilder, StringDictionaryBuilder};
    use arrow_array::{ArrayRef, Decimal128Array, RecordBatch, RecordBatchReader};
    use arrow_cast::cast;
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
    use proptest::prelude::*;

    use super::*;
    use crate::tables::write::columnar::ParquetWriter;

    /// Writes batches and reads them again as one.
    fn through_a_file(batches: &[RecordBatch]) -> RecordBatch {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.parquet");
        let mut writer = ParquetWriter::create(path.to_str().unwrap(), &batches[0].schema(), 2).unwrap();
        batches.iter().for_each(|batch| writer.write(batch).unwrap());
        writer.finish(&[]).unwrap();
        let file = std::fs::File::open(path).unwrap();
        let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap();
        let schema = reader.schema();
        let all: Vec<RecordBatch> = reader.map(Result::unwrap).collect();
        arrow_select::concat::concat_batches(&schema, &all).unwrap()
    }

    fn batch(
        flat: &[Option<String>],
        lists: &[Option<Vec<Option<String>>>],
        totals: &[Option<i128>],
    ) -> RecordBatch {
        let mut names = StringDictionaryBuilder::<UInt16Type>::new();
        flat.iter().for_each(|name| names.append_option(name.as_ref()));
        let mut list = ListBuilder::new(StringDictionaryBuilder::<UInt16Type>::new());
        for names in lists {
            for name in names.iter().flatten() {
                list.values().append_option(name.as_ref());
            }
            list.append(names.is_some());
        }
        let totals = Decimal128Array::from(totals.to_vec());
        let totals = totals.with_data_type(DataType::Decimal128(38, 2));
        let columns: [(&str, ArrayRef, bool); 3] = [
            ("flat", Arc::new(names.finish()), true),
            ("lists", Arc::new(list.finish()), true),
            ("totals", Arc::new(totals), true),
        ];
        RecordBatch::try_from_iter_with_nullable(columns).unwrap()
    }

    fn assert_same(read: &RecordBatch, written: &RecordBatch) {
        assert_eq!(read.num_rows(), written.num_rows());
        for (own, expected) in read.columns().iter().zip(written.columns()) {
            assert_eq!(own, &cast(expected, own.data_type()).unwrap());
        }
    }

    proptest! {
        #[test]
        fn names_and_totals_are_read_as_written(
            rows in proptest::collection::vec(
                (
                    proptest::option::of("[a-c\u{7532}]{0,2}"),
                    proptest::option::of(proptest::collection::vec(proptest::option::of("[a-e]"), 0..40)),
                    proptest::option::of(any::<i64>().prop_map(i128::from)),
                ),
                1..60,
            ),
            start in 0usize..5,
        ) {
            let (flat, rest): (Vec<_>, Vec<_>) = rows.into_iter().map(|(a, b, c)| (a, (b, c))).unzip();
            let (lists, totals): (Vec<_>, Vec<_>) = rest.into_iter().unzip();
            let whole = batch(&flat, &lists, &totals);
            let start = start.min(whole.num_rows() - 1);
            let slice = whole.slice(start, whole.num_rows() - start);
            assert_same(&through_a_file(std::slice::from_ref(&slice)), &slice);
        }
    }

    #[test]
    fn many_pages_and_many_names() {
        let rows = 3 * PAGE_ROWS + 5;
        let name = |row: usize| (!row.is_multiple_of(7)).then(|| format!("n{}", row * row % 1_000));
        let flat: Vec<Option<String>> = (0..rows).map(name).collect();
        // A long stretch of one name, and one of nothing.
        let list = |row: usize| match row {
            ..40_000 => None,
            40_000..80_000 => Some(vec![Some("same".to_owned())]),
            _ => Some(vec![name(row); row % 4]),
        };
        let lists: Vec<_> = (0..rows).map(list).collect();
        let totals: Vec<Option<i128>> =
            (0..rows).map(|row| (row % 3 > 0).then_some(row as i128 - 50_000)).collect();
        let whole = batch(&flat, &lists, &totals);
        let cuts = [0, 10, 40_001, rows];
        let parts: Vec<RecordBatch> =
            cuts.windows(2).map(|ends| whole.slice(ends[0], ends[1] - ends[0])).collect();
        assert_same(&through_a_file(&parts), &whole);
    }

    #[test]
    fn what_a_null_row_hides_is_not_written() {
        let items: DictionaryArray<UInt16Type> = ["a", "b", "c"].into_iter().collect();
        let field = Arc::new(arrow_schema::Field::new_list_field(names_type(), true));
        let nulls = NullBuffer::from(vec![false, true]);
        let offsets = arrow_buffer::OffsetBuffer::new(vec![0, 2, 3].into());
        let lists: ArrayRef = Arc::new(ListArray::new(field, offsets, Arc::new(items), Some(nulls)));
        let whole = RecordBatch::try_from_iter_with_nullable([("lists", lists, true)]).unwrap();
        assert_same(&through_a_file(std::slice::from_ref(&whole)), &whole);
    }
}
