//! Batches of text columns in the making.

use std::sync::Arc;

use arrow_array::builder::StringBuilder;
use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};

use super::{BATCH_ROWS, BadRow, Chunk};
use crate::batch::Lines;

/// Text of a batch, at most, before the next one begins.
const BATCH_BYTES: usize = 16 << 20;

pub fn text_schema(names: Vec<String>) -> SchemaRef {
    let field = |name| Field::new(name, DataType::Utf8, true);
    Arc::new(Schema::new(names.into_iter().map(field).collect::<Vec<Field>>()))
}

pub struct Texts {
    schema: SchemaRef,
    columns: Vec<StringBuilder>,
    lines: Vec<u64>,
    bad: Vec<BadRow>,
    bytes: usize,
}

impl Texts {
    pub fn new(schema: SchemaRef) -> Texts {
        let columns = schema.fields().iter().map(|_| StringBuilder::new()).collect();
        Texts { schema, columns, lines: Vec::new(), bad: Vec::new(), bytes: 0 }
    }

    /// Adds a row: one cell for each column, in order.
    pub fn push<'t>(&mut self, line: u64, cells: impl Iterator<Item = Option<&'t str>>) {
        let mut cells = cells;
        for column in &mut self.columns {
            let cell = cells.next().flatten();
            self.bytes += cell.map_or(1, str::len);
            column.append_option(cell);
        }
        self.lines.push(line);
    }

    pub fn push_bad(&mut self, line: u64, value: &str, reason: String) {
        let value: String = value.chars().take(200).collect();
        self.bytes += value.len() + reason.len();
        self.bad.push(BadRow { line, value, reason });
    }

    pub fn width(&self) -> usize {
        self.columns.len()
    }

    pub fn is_full(&self) -> bool {
        self.lines.len() + self.bad.len() >= BATCH_ROWS || self.bytes >= BATCH_BYTES
    }

    pub fn is_empty(&self) -> bool {
        self.lines.is_empty() && self.bad.is_empty()
    }

    /// What was added, and a fresh start.
    pub fn take(&mut self) -> Result<Chunk, ArrowError> {
        self.bytes = 0;
        let lines = std::mem::take(&mut self.lines);
        let columns = self.columns.iter_mut().map(|column| Arc::new(column.finish()) as ArrayRef).collect();
        let options = RecordBatchOptions::new().with_row_count(Some(lines.len()));
        let batch = RecordBatch::try_new_with_options(self.schema.clone(), columns, &options)?;
        Ok(Chunk { batch, lines: Lines::Each(lines), bad: std::mem::take(&mut self.bad) })
    }
}
