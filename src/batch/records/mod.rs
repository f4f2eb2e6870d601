//! Records read column by column: arrays of whole numbers, codes and bits, ready for machine code.
//!
//! What [`CellReader`](super::CellReader) makes of a cell is the meaning. Most columns are read in one tight
//! loop (or taken as they are, where Arrow holds them so already); a cell that the loop does not know goes
//! to the reader, which gives its value or the reason for which the row is rejected.

mod fill;
mod keys;
mod parse;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::StringArray;
use arrow_buffer::{BooleanBuffer, NullBuffer, ScalarBuffer};
use arrow_schema::{DataType, Schema};

use super::bind::{Binding, BoundField};
use super::rows::{RawBatch, Reject};
use crate::check::typed::{Field, Type};
use crate::jit::Shape;
use crate::value::{Date, Number, Time, Value};

/// The rows of a batch read as the fields of a record.
#[derive(Debug, Default)]
pub struct Records {
    pub len: usize,
    /// One for each field of the record, in its order.
    pub columns: Vec<FieldColumn>,
    /// Rows that are rejected; empty where none is.
    pub bad: Vec<bool>,
    /// By row, then by column.
    pub rejects: Vec<Reject>,
    /// Numbers that no cell of 64 bits holds, by row and field; there the column has no value.
    pub beyond: BTreeMap<(u32, u32), Value>,
}

#[derive(Debug, Clone)]
pub struct FieldColumn {
    pub cells: Cells,
    /// `None`: every cell is there. What stands where one is not is zero.
    pub nulls: Option<NullBuffer>,
    /// Its whole numbers are days or seconds.
    pub is_date: bool,
}

#[derive(Debug, Clone)]
pub enum Cells {
    /// The table has no such column: missing in every record.
    Absent,
    Bool(BooleanBuffer),
    /// Variants by number.
    Enum(ScalarBuffer<u8>),
    /// Numbers times the denominator of the shape; dates as days.
    Int32(ScalarBuffer<i32>),
    /// Numbers times the denominator of the shape; times as seconds.
    Int64(ScalarBuffer<i64>),
    Text(StringArray),
}

impl Binding {
    /// What the columns of the records will look like; one for each field.
    pub fn shapes(&self, schema: &Schema) -> Vec<Shape> {
        let shape = |field: &BoundField| match field.column {
            None => Shape::Absent,
            Some(at) => shape(field.reader.field(), schema.field(at).data_type(), field.reader.factor()),
        };
        self.fields.iter().map(shape).collect()
    }
}

fn shape(field: &Field, data_type: &DataType, factor: &Number) -> Shape {
    match &field.ty {
        Type::Bool => Shape::Bool,
        Type::Text => Shape::Text,
        Type::Enum(_) => Shape::Enum,
        Type::Date => Shape::Int32 { denominator: 1 },
        Type::Time => Shape::Int64 { denominator: 1 },
        Type::Number(_) => {
            let narrow = match data_type {
                DataType::Dictionary(_, values) => is_narrow(values),
                other => is_narrow(other),
            };
            if narrow && field.decimals == 0 && *factor == Number::ONE {
                Shape::Int32 { denominator: 1 }
            } else {
                Shape::Int64 { denominator: 10i64.pow(field.decimals) }
            }
        }
    }
}

fn is_narrow(data_type: &DataType) -> bool {
    use DataType::{Int8, Int16, Int32, UInt8, UInt16};
    matches!(data_type, Int8 | Int16 | Int32 | UInt8 | UInt16)
}

impl Records {
    /// Reads every cell that the binding has a field for.
    pub fn read(binding: &Binding, shapes: &[Shape], raw: &RawBatch) -> Records {
        let count = raw.batch.num_rows();
        let mut records = Records { len: count, ..Records::default() };
        let mut faults = Vec::new();
        for (at, (field, shape)) in binding.fields.iter().zip(shapes).enumerate() {
            let column = field.column.filter(|column| *column < raw.batch.num_columns());
            let Some(column) = column else {
                records.columns.push(FieldColumn { cells: Cells::Absent, nulls: None, is_date: false });
                continue;
            };
            let filled = fill::fill(field, *shape, raw.batch.column(column).as_ref());
            records.columns.push(filled.column);
            records.beyond.extend(filled.beyond.into_iter().map(|(row, value)| ((row, at as u32), value)));
            faults.extend(filled.faults.into_iter().map(|(row, value, reason)| {
                let place = raw.place(row as usize);
                (row, column, Reject::cell(place, field.header.clone(), &value, reason))
            }));
        }
        faults.sort_by_key(|(row, column, _)| (*row, *column));
        for (row, _, reject) in faults {
            records.refuse(row as usize);
            records.rejects.push(reject);
        }
        records
    }

    fn refuse(&mut self, row: usize) {
        if self.bad.is_empty() {
            self.bad = vec![false; self.len];
        }
        self.bad[row] = true;
    }

    pub fn is_good(&self, row: usize) -> bool {
        self.bad.is_empty() || !self.bad[row]
    }

    /// The rows that are not rejected; `None`: all of them.
    pub fn good(&self) -> Option<Vec<u32>> {
        let good = || (0..self.len as u32).filter(|row| !self.bad[*row as usize]).collect();
        (!self.bad.is_empty()).then(good)
    }

    /// The same, each by its number.
    pub fn good_rows(&self) -> Vec<u32> {
        self.good().unwrap_or_else(|| (0..self.len as u32).collect())
    }

    pub fn rejected(&self) -> u64 {
        self.bad.iter().filter(|bad| **bad).count() as u64
    }

    /// Whether some cell that the table has a column for is null.
    pub fn has_nulls(&self) -> bool {
        self.columns.iter().any(|column| column.nulls.is_some())
    }

    /// The value of a cell; `None` where it is missing.
    pub fn value(&self, shapes: &[Shape], row: usize, field: usize) -> Option<Value> {
        let column = &self.columns[field];
        if column.nulls.as_ref().is_some_and(|nulls| nulls.is_null(row)) {
            return self.beyond.get(&(row as u32, field as u32)).cloned();
        }
        let number = |cell: i128, denominator: i64| Value::Number(Number::ratio(cell, denominator.into()));
        Some(match (&column.cells, shapes[field]) {
            (Cells::Absent, _) => return None,
            (Cells::Bool(bits), _) => Value::Bool(bits.value(row)),
            (Cells::Enum(variants), _) => Value::Enum(variants[row]),
            (Cells::Text(texts), _) => Value::Text(Arc::from(texts.value(row))),
            (Cells::Int32(cells), Shape::Int32 { denominator }) if !column.is_date => {
                number(cells[row].into(), denominator)
            }
            (Cells::Int32(cells), _) => Value::Date(Date(cells[row])),
            (Cells::Int64(cells), Shape::Int64 { denominator }) if !column.is_date => {
                number(cells[row].into(), denominator)
            }
            (Cells::Int64(cells), _) => Value::Time(Time(cells[row])),
        })
    }

    /// The values of a row, one for each field.
    pub fn row(&self, shapes: &[Shape], row: usize) -> Vec<Option<Value>> {
        (0..self.columns.len()).map(|field| self.value(shapes, row, field)).collect()
    }
}
