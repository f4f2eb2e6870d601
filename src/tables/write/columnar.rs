//! Parquet (zstd) and Arrow IPC (a file; a stream on standard output), with the receipt in their metadata.

use std::io::BufWriter;

use arrow_array::RecordBatch;
use arrow_ipc::writer::{FileWriter, StreamWriter};
use arrow_schema::{ArrowError, SchemaRef};
use parquet::arrow::ArrowWriter as ParquetInner;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;

use super::Aside;
use crate::tables::error::{ErrorKind, TableError};

/// Rows of a row group: it is kept in memory until it is whole.
const GROUP_ROWS: usize = 131_072;

pub struct ParquetWriter {
    name: String,
    out: ParquetInner<Aside>,
}

impl ParquetWriter {
    pub fn create(path: &str, schema: &SchemaRef) -> Result<ParquetWriter, TableError> {
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_max_row_group_row_count(Some(GROUP_ROWS))
            .build();
        let out = ParquetInner::try_new(Aside::create(path)?, schema.clone(), Some(properties));
        Ok(ParquetWriter { name: path.to_owned(), out: out.map_err(|error| parquet_error(path, error))? })
    }

    pub fn write(&mut self, batch: &RecordBatch) -> Result<(), TableError> {
        self.out.write(batch).map_err(|error| parquet_error(&self.name, error))
    }

    pub fn finish(mut self, receipt: &[(String, String)]) -> Result<(), TableError> {
        for (key, value) in receipt {
            self.out.append_key_value_metadata(KeyValue::new(key.clone(), value.clone()));
        }
        // A failure of the last write is told in words only.
        let aside =
            self.out.into_inner().map_err(|error| match error.to_string().contains("Broken pipe") {
                true => TableError { kind: ErrorKind::BrokenPipe, ..parquet_error(&self.name, error) },
                false => parquet_error(&self.name, error),
            })?;
        aside.finish()
    }
}

fn parquet_error(path: &str, error: ParquetError) -> TableError {
    TableError::writing(path, &error)
}

pub struct ArrowWriter {
    name: String,
    out: Ipc,
}

enum Ipc {
    File(FileWriter<BufWriter<Aside>>),
    Stream(StreamWriter<BufWriter<Aside>>),
}

impl ArrowWriter {
    pub fn create(path: &str, schema: &SchemaRef) -> Result<ArrowWriter, TableError> {
        let aside = BufWriter::new(Aside::create(path)?);
        let out = if path == "-" {
            StreamWriter::try_new(aside, schema).map(Ipc::Stream)
        } else {
            FileWriter::try_new(aside, schema).map(Ipc::File)
        };
        Ok(ArrowWriter { name: path.to_owned(), out: out.map_err(|error| arrow_error(path, error))? })
    }

    pub fn write(&mut self, batch: &RecordBatch) -> Result<(), TableError> {
        let written = match &mut self.out {
            Ipc::File(writer) => writer.write(batch),
            Ipc::Stream(writer) => writer.write(batch),
        };
        written.map_err(|error| arrow_error(&self.name, error))
    }

    pub fn finish(self, receipt: &[(String, String)]) -> Result<(), TableError> {
        let inner = match self.out {
            Ipc::File(mut writer) => {
                for (key, value) in receipt {
                    writer.write_metadata(key, value);
                }
                writer.into_inner()
            }
            Ipc::Stream(writer) => writer.into_inner(),
        };
        let buffered = inner.map_err(|error| arrow_error(&self.name, error))?;
        let aside = buffered
            .into_inner()
            .map_err(|error| TableError::io(&self.name, "cannot be written", error.error()))?;
        aside.finish()
    }
}

fn arrow_error(path: &str, error: ArrowError) -> TableError {
    TableError::writing(path, &error)
}
