//! CSV (UTF-8 without a mark, lists joined with `;`; tabs where the file is named `.tsv`) and NDJSON (numbers with all their digits).

use std::io::Write;
use std::path::Path;

use arrow_array::RecordBatch;
use arrow_schema::{ArrowError, SchemaRef};

use super::Aside;
use super::shown::{Cells, Shown};
use crate::batch::Raw;
use crate::tables::error::TableError;

pub struct CsvWriter {
    out: Aside,
    delimiter: u8,
    threads: usize,
}

impl CsvWriter {
    pub fn create(path: &str, schema: &SchemaRef, threads: usize) -> Result<CsvWriter, TableError> {
        let tabs = Path::new(path).extension().is_some_and(|end| end.eq_ignore_ascii_case("tsv"));
        let delimiter = if tabs { b'\t' } else { b',' };
        let mut out = Aside::create(path)?;
        let mut header = record_writer(delimiter);
        let names: Vec<&String> = schema.fields().iter().map(|field| field.name()).collect();
        header.write_record(names).map_err(|error| describe(path, error))?;
        write_parts(&mut out, [finished(header)])?;
        Ok(CsvWriter { out, delimiter, threads })
    }

    pub fn write(&mut self, batch: &RecordBatch) -> Result<(), TableError> {
        let (name, delimiter) = (self.out.name(), self.delimiter);
        let parts = in_parts(batch, self.threads, |part| {
            let columns = cells(name, part)?;
            let mut out = record_writer(delimiter);
            let mut text = String::new();
            for row in 0..part.num_rows() {
                for column in &columns {
                    text.clear();
                    column.write_text(row, &mut text);
                    out.write_field(&text).map_err(|error| describe(name, error))?;
                }
                out.write_record(None::<&[u8]>).map_err(|error| describe(name, error))?;
            }
            finished(out)
        });
        write_parts(&mut self.out, parts)
    }

    pub fn finish(self) -> Result<(), TableError> {
        self.out.finish()
    }
}

fn record_writer(delimiter: u8) -> csv::Writer<Vec<u8>> {
    csv::WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new())
}

fn finished(out: csv::Writer<Vec<u8>>) -> Result<Vec<u8>, TableError> {
    out.into_inner().map_err(|error| TableError::io("", "cannot be written", error.error()))
}

/// Rows that are worth a thread.
const LEAST_ROWS: usize = 1024;

/// Makes text of a batch, some rows on each thread.
fn in_parts(
    batch: &RecordBatch,
    threads: usize,
    text: impl Fn(&RecordBatch) -> Result<Vec<u8>, TableError> + Sync,
) -> Vec<Result<Vec<u8>, TableError>> {
    let rows = batch.num_rows();
    let share = rows.div_ceil(threads.max(1)).max(LEAST_ROWS);
    let part = |start: usize| batch.slice(start, share.min(rows - start));
    let mut parts = (0..rows).step_by(share).map(part);
    let first = parts.next();
    std::thread::scope(|scope| {
        let text = &text;
        let others: Vec<_> = parts.map(|part| scope.spawn(move || text(&part))).collect();
        let stopped = |_| Err(TableError::new("", "a thread that writes ended by itself"));
        let first = first.iter().map(text).collect::<Vec<_>>();
        first
            .into_iter()
            .chain(others.into_iter().map(|thread| thread.join().unwrap_or_else(stopped)))
            .collect()
    })
}

fn write_parts(
    out: &mut Aside,
    parts: impl IntoIterator<Item = Result<Vec<u8>, TableError>>,
) -> Result<(), TableError> {
    for part in parts {
        let part = part.map_err(|error| TableError { path: out.name().to_owned(), ..error })?;
        out.write_all(&part).map_err(|error| TableError::io(out.name(), "cannot be written", &error))?;
    }
    Ok(())
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
    out: Aside,
    threads: usize,
}

impl NdjsonWriter {
    pub fn create(path: &str, threads: usize) -> Result<NdjsonWriter, TableError> {
        Ok(NdjsonWriter { out: Aside::create(path)?, threads })
    }

    /// Writes every column of every row; null where there is nothing.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<(), TableError> {
        let name = self.out.name();
        let schema = batch.schema();
        let keys: Vec<String> = schema.fields().iter().map(|field| quoted(field.name())).collect();
        let parts = in_parts(batch, self.threads, |part| {
            let columns = cells(name, part)?;
            let mut text = String::new();
            for row in 0..part.num_rows() {
                let mut mark = '{';
                for (key, column) in keys.iter().zip(&columns) {
                    text.push(mark);
                    text.push_str(key);
                    text.push(':');
                    push_json(&mut text, &column.get(row));
                    mark = ',';
                }
                text.push_str(if columns.is_empty() { "{}\n" } else { "}\n" });
            }
            Ok(text.into_bytes())
        });
        write_parts(&mut self.out, parts)
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
