//! CSV (UTF-8 without a mark, lists joined with `;`; tabs where the file is named `.tsv`) and NDJSON (numbers with all their digits).

use std::io::{self, Write};
use std::path::Path;

use arrow_array::RecordBatch;
use arrow_schema::{ArrowError, SchemaRef};

use super::Aside;
use super::shown::{Cells, Shown};
use crate::batch::Raw;
use crate::tables::error::TableError;

pub struct CsvWriter {
    name: String,
    out: csv::Writer<Aside>,
}

impl CsvWriter {
    pub fn create(path: &str, schema: &SchemaRef) -> Result<CsvWriter, TableError> {
        let tabs = Path::new(path).extension().is_some_and(|end| end.eq_ignore_ascii_case("tsv"));
        let delimiter = if tabs { b'\t' } else { b',' };
        let out = csv::WriterBuilder::new().delimiter(delimiter).from_writer(Aside::create(path)?);
        let mut writer = CsvWriter { name: path.to_owned(), out };
        let names: Vec<&String> = schema.fields().iter().map(|field| field.name()).collect();
        writer.out.write_record(names).map_err(|error| describe(&writer.name, error))?;
        Ok(writer)
    }

    pub fn write(&mut self, batch: &RecordBatch) -> Result<(), TableError> {
        let columns = cells(&self.name, batch)?;
        let mut text = String::new();
        for row in 0..batch.num_rows() {
            for column in &columns {
                text.clear();
                column.write_text(row, &mut text);
                self.out.write_field(&text).map_err(|error| describe(&self.name, error))?;
            }
            self.out.write_record(None::<&[u8]>).map_err(|error| describe(&self.name, error))?;
        }
        Ok(())
    }

    pub fn finish(self) -> Result<(), TableError> {
        let name = self.name;
        let aside = self
            .out
            .into_inner()
            .map_err(|error| TableError::io(&name, "cannot be written", error.error()))?;
        aside.finish()
    }
}

pub fn describe(path: &str, error: csv::Error) -> TableError {
    TableError::writing(path, &error)
}

fn cells<'b>(name: &str, batch: &'b RecordBatch) -> Result<Vec<Cells<'b>>, TableError> {
    let columns = batch.columns().iter().map(|column| Cells::new(column.as_ref()));
    let all: Result<Vec<Cells>, ArrowError> = columns.collect();
    all.map_err(|error| TableError::new(name, error.to_string()))
}

pub struct NdjsonWriter {
    name: String,
    out: Aside,
}

impl NdjsonWriter {
    pub fn create(path: &str) -> Result<NdjsonWriter, TableError> {
        Ok(NdjsonWriter { name: path.to_owned(), out: Aside::create(path)? })
    }

    /// Writes every column of every row; null where there is nothing.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<(), TableError> {
        let columns = cells(&self.name, batch)?;
        let schema = batch.schema();
        let keys: Vec<String> = schema.fields().iter().map(|field| quoted(field.name())).collect();
        let cannot = |error: io::Error| TableError::io(&self.name, "cannot be written", &error);
        let mut line = String::new();
        for row in 0..batch.num_rows() {
            line.clear();
            for (key, column) in keys.iter().zip(&columns) {
                line.push(if line.is_empty() { '{' } else { ',' });
                line.push_str(key);
                line.push(':');
                push_json(&mut line, &column.get(row));
            }
            line.push_str(if line.is_empty() { "{}\n" } else { "}\n" });
            self.out.write_all(line.as_bytes()).map_err(cannot)?;
        }
        Ok(())
    }

    pub fn finish(self) -> Result<(), TableError> {
        self.out.finish()
    }
}

fn push_json(line: &mut String, cell: &Shown) {
    match cell {
        Shown::Null => line.push_str("null"),
        Shown::Scalar(raw @ (Raw::Bool(_) | Raw::Int(_) | Raw::Decimal(..))) => {
            line.push_str(&raw.to_string())
        }
        Shown::Scalar(Raw::Float(digits)) if digits.starts_with(|c: char| c.is_ascii_digit() || c == '-') => {
            line.push_str(if digits == "-inf" { "null" } else { digits });
        }
        Shown::Scalar(Raw::Float(_)) => line.push_str("null"),
        Shown::List(items) => {
            let items: Vec<String> = items.iter().map(|item| quoted(item)).collect();
            line.push('[');
            line.push_str(&items.join(","));
            line.push(']');
        }
        other => line.push_str(&quoted(&other.text())),
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
