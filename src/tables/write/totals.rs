//! A Parquet column chunk of wide decimals, as totals are: plain, in sixteen bytes each.

use arrow_array::cast::AsArray;
use arrow_array::{Array, Decimal128Array};
use arrow_schema::DataType;
use parquet::basic::{Compression, Encoding};
use parquet::data_type::{ByteArray, FixedLenByteArray};
use parquet::errors::ParquetError;
use parquet::file::statistics::Statistics;
use parquet::schema::types::ColumnDescPtr;

use super::pages::{ColumnChunk, PAGE_ROWS, Pages, levels};

pub struct TotalsWriter {
    pages: Pages,
    encoder: snap::raw::Encoder,
    /// The least and the greatest value.
    range: Option<(i128, i128)>,
    nulls: u64,
    /// The page in the making.
    definition: Vec<u16>,
    cells: Vec<u8>,
}

impl TotalsWriter {
    /// A writer for columns of this type, where they are wide decimals.
    pub fn new(column: &ColumnDescPtr, data_type: &DataType) -> Option<TotalsWriter> {
        let flat = (column.max_def_level(), column.max_rep_level()) == (1, 0);
        // Of so many digits the format makes sixteen bytes.
        if !flat || !matches!(data_type, DataType::Decimal128(37..=38, _)) {
            return None;
        }
        Some(TotalsWriter {
            pages: Pages::new(column, Compression::SNAPPY, Encoding::PLAIN),
            encoder: snap::raw::Encoder::new(),
            range: None,
            nulls: 0,
            definition: Vec::new(),
            cells: Vec::new(),
        })
    }

    pub fn write(&mut self, array: &dyn Array) -> Result<(), ParquetError> {
        let mut start = 0;
        while start < array.len() {
            let rows = (array.len() - start).min(PAGE_ROWS - self.definition.len());
            self.add(array.slice(start, rows).as_primitive());
            start += rows;
            if self.definition.len() == PAGE_ROWS {
                self.end_page()?;
            }
        }
        Ok(())
    }

    fn add(&mut self, array: &Decimal128Array) {
        match array.nulls() {
            None => self.definition.resize(self.definition.len() + array.len(), 1),
            Some(nulls) => self.definition.extend(nulls.iter().map(u16::from)),
        }
        self.nulls += array.null_count() as u64;
        self.cells.reserve(16 * array.len());
        let (mut least, mut most) = (i128::MAX, i128::MIN);
        let mut add = |cell: i128| {
            least = least.min(cell);
            most = most.max(cell);
            self.cells.extend_from_slice(&cell.to_be_bytes());
        };
        match array.nulls() {
            None => array.values().iter().for_each(|cell| add(*cell)),
            Some(nulls) => nulls.valid_indices().for_each(|at| add(array.value(at))),
        }
        if array.null_count() < array.len() {
            self.range = match self.range {
                None => Some((least, most)),
                Some((low, high)) => Some((low.min(least), high.max(most))),
            };
        }
    }

    fn end_page(&mut self) -> Result<(), ParquetError> {
        let mut bytes = Vec::with_capacity(self.cells.len() + 64);
        levels(&self.definition, 1, &mut bytes);
        bytes.append(&mut self.cells);
        let wrong = |error: snap::Error| ParquetError::General(error.to_string());
        let compressed = self.encoder.compress_vec(&bytes).map_err(wrong)?;
        self.pages.add(self.definition.len(), compressed, bytes.len());
        self.definition.clear();
        Ok(())
    }

    pub fn close(mut self, rows: usize) -> Result<ColumnChunk, ParquetError> {
        if !self.definition.is_empty() {
            self.end_page()?;
        }
        let bytes = |cell: i128| FixedLenByteArray::from(ByteArray::from(cell.to_be_bytes().to_vec()));
        let (least, most) = self.range.map(|(least, most)| (bytes(least), bytes(most))).unzip();
        let statistics = Statistics::fixed_len_byte_array(least, most, None, Some(self.nulls), false);
        self.pages.close(rows, None, Some(statistics))
    }
}
