//! Writing: every format, whole or not at all.

mod aside;
mod columnar;
mod names;
mod pages;
mod shown;
mod text;
mod totals;
mod xlsx;

use std::path::Path;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;

pub use aside::Aside;
pub(super) use xlsx::save as save_workbook;

use super::error::TableError;
use super::format::Format;

/// Where answers go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// A path, or `-` for standard output.
    pub path: String,
    pub format: Format,
}

impl Output {
    /// The output that an argument names, in the given format or that of its extension.
    ///
    /// # Errors
    /// Where neither tells the format.
    pub fn new(path: &str, format: Option<Format>) -> Result<Output, TableError> {
        let format = format.or_else(|| Format::of_path(Path::new(path))).ok_or_else(|| {
            TableError::new(
                path,
                "the format cannot be told from the name; use .csv, .ndjson, .parquet, .arrow or .xlsx",
            )
        })?;
        Ok(Output { path: path.to_owned(), format })
    }
}

/// A table in the making. Dropped before [`TableWriter::finish`], it leaves nothing behind.
pub struct TableWriter(Writer);

enum Writer {
    Csv(text::CsvWriter),
    Ndjson(text::NdjsonWriter),
    Parquet(columnar::ParquetWriter),
    Arrow(columnar::ArrowWriter),
    Xlsx(Box<xlsx::XlsxWriter>),
}

impl TableWriter {
    /// Begins a table; some formats use several threads.
    ///
    /// # Errors
    /// Where the place cannot be written to, or the format cannot hold such columns.
    pub fn create(output: &Output, schema: &SchemaRef, threads: usize) -> Result<TableWriter, TableError> {
        let path = output.path.as_str();
        Ok(TableWriter(match output.format {
            Format::Csv => Writer::Csv(text::CsvWriter::create(path, schema, threads)?),
            Format::Ndjson => Writer::Ndjson(text::NdjsonWriter::create(path, threads)?),
            Format::Parquet => Writer::Parquet(columnar::ParquetWriter::create(path, schema, threads)?),
            Format::Arrow => Writer::Arrow(columnar::ArrowWriter::create(path, schema)?),
            Format::Xlsx => Writer::Xlsx(Box::new(xlsx::XlsxWriter::create(path, schema)?)),
        }))
    }

    /// # Errors
    /// Where the disk is full, or a value does not fit the format.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<(), TableError> {
        match &mut self.0 {
            Writer::Csv(writer) => writer.write(batch),
            Writer::Ndjson(writer) => writer.write(batch),
            Writer::Parquet(writer) => writer.write(batch),
            Writer::Arrow(writer) => writer.write(batch),
            Writer::Xlsx(writer) => writer.write(batch),
        }
    }

    /// Ends the table and puts it in its place. The receipt goes into the metadata of Parquet and Arrow files
    /// and on a sheet of its own in a workbook; CSV, NDJSON and Arrow streams have no room for one.
    ///
    /// # Errors
    /// As for [`TableWriter::write`]; nothing is left behind then.
    pub fn finish(self, receipt: &[(String, String)]) -> Result<(), TableError> {
        match self.0 {
            Writer::Csv(writer) => writer.finish(),
            Writer::Ndjson(writer) => writer.finish(),
            Writer::Parquet(writer) => writer.finish(receipt),
            Writer::Arrow(writer) => writer.finish(receipt),
            Writer::Xlsx(writer) => writer.finish(receipt),
        }
    }
}
