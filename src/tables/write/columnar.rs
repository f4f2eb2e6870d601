//! Parquet (snappy) and Arrow IPC (a file; a stream on standard output), with the receipt in their metadata.

use std::io::BufWriter;

use arrow_array::{ArrayRef, RecordBatch};
use arrow_ipc::writer::{FileWriter, StreamWriter};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use parquet::arrow::ArrowWriter as ParquetInner;
use parquet::arrow::arrow_writer::{ArrowColumnWriter, ArrowRowGroupWriterFactory, compute_leaves};
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::ColumnPath;

use super::Aside;
use crate::tables::error::{ErrorKind, TableError};

/// Rows of a row group: it is kept in memory until it is whole.
const GROUP_ROWS: usize = 131_072;

pub struct ParquetWriter {
    name: String,
    out: SerializedFileWriter<Aside>,
    factory: ArrowRowGroupWriterFactory,
    schema: SchemaRef,
    /// The columns of the row group in the making, and its rows.
    group: Vec<ArrowColumnWriter>,
    rows: usize,
    groups: usize,
    /// Threads that encode columns. The bytes do not depend on their number.
    threads: usize,
}

impl ParquetWriter {
    pub fn create(path: &str, schema: &SchemaRef, threads: usize) -> Result<ParquetWriter, TableError> {
        let wrong = |error| parquet_error(path, error);
        let properties = properties(schema);
        let inner =
            ParquetInner::try_new(Aside::create(path)?, schema.clone(), Some(properties)).map_err(wrong)?;
        let (out, factory) = inner.into_serialized_writer().map_err(wrong)?;
        let group = factory.create_column_writers(0).map_err(wrong)?;
        let (name, schema) = (path.to_owned(), schema.clone());
        Ok(ParquetWriter { name, out, factory, schema, group, rows: 0, groups: 0, threads: threads.max(1) })
    }

    pub fn write(&mut self, batch: &RecordBatch) -> Result<(), TableError> {
        let mut start = 0;
        while start < batch.num_rows() {
            let rows = (batch.num_rows() - start).min(GROUP_ROWS - self.rows);
            self.encode(&batch.slice(start, rows)).map_err(|error| parquet_error(&self.name, error))?;
            self.rows += rows;
            start += rows;
            if self.rows == GROUP_ROWS {
                self.end_group().map_err(|error| parquet_error(&self.name, error))?;
            }
        }
        Ok(())
    }

    /// Encodes each column, some on each thread.
    fn encode(&mut self, batch: &RecordBatch) -> Result<(), ParquetError> {
        let mut shares: Vec<Vec<Encoding>> = (0..self.threads).map(|_| Vec::new()).collect();
        let mut writers = self.group.as_mut_slice();
        for (at, (field, column)) in self.schema.fields().iter().zip(batch.columns()).enumerate() {
            let (own, rest) = writers.split_at_mut(leaves(field.data_type()));
            writers = rest;
            shares[at % self.threads].push(Encoding { field, column, writers: own });
        }
        std::thread::scope(|scope| {
            let mut shares = shares.into_iter();
            let first = shares.next();
            let others: Vec<_> = shares.map(|share| scope.spawn(move || encode_all(share))).collect();
            let mut result = first.map_or(Ok(()), encode_all);
            for other in others {
                let stopped = || ParquetError::General("a thread that encodes ended by itself".to_owned());
                result = result.and(other.join().unwrap_or_else(|_| Err(stopped())));
            }
            result
        })
    }

    fn end_group(&mut self) -> Result<(), ParquetError> {
        self.groups += 1;
        self.rows = 0;
        let next = self.factory.create_column_writers(self.groups)?;
        let mut group = self.out.next_row_group()?;
        for column in std::mem::replace(&mut self.group, next) {
            column.close()?.append_to_row_group(&mut group)?;
        }
        group.close()?;
        Ok(())
    }

    pub fn finish(mut self, receipt: &[(String, String)]) -> Result<(), TableError> {
        if self.rows > 0 {
            self.end_group().map_err(|error| parquet_error(&self.name, error))?;
        }
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

/// A column and the writers of its leaves.
struct Encoding<'e> {
    field: &'e Field,
    column: &'e ArrayRef,
    writers: &'e mut [ArrowColumnWriter],
}

fn encode_all(columns: Vec<Encoding>) -> Result<(), ParquetError> {
    for encoding in columns {
        let leaves = compute_leaves(encoding.field, encoding.column)?;
        for (leaf, writer) in leaves.iter().zip(encoding.writers) {
            writer.write(leaf)?;
        }
    }
    Ok(())
}

/// How many columns of Parquet a column of Arrow becomes.
fn leaves(data_type: &DataType) -> usize {
    match data_type {
        DataType::List(field)
        | DataType::LargeList(field)
        | DataType::FixedSizeList(field, _)
        | DataType::ListView(field)
        | DataType::LargeListView(field) => leaves(field.data_type()),
        DataType::Struct(fields) => fields.iter().map(|field| leaves(field.data_type())).sum(),
        DataType::Map(entries, _) => leaves(entries.data_type()),
        DataType::RunEndEncoded(_, values) => leaves(values.data_type()),
        _ => 1,
    }
}

/// Texts are few and repeat; amounts and keys mostly differ, and a dictionary of them would only cost time.
fn properties(schema: &Schema) -> WriterProperties {
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_max_row_group_row_count(Some(GROUP_ROWS));
    for field in schema.fields() {
        let path = || ColumnPath::from(vec![field.name().clone()]);
        match field.data_type() {
            DataType::Decimal128(..) | DataType::Int64 => {
                properties = properties.set_column_dictionary_enabled(path(), false);
            }
            DataType::List(_) => {
                let inside = vec![field.name().clone(), "list".to_owned(), "item".to_owned()];
                let path = ColumnPath::from(inside);
                properties = properties.set_column_statistics_enabled(path, EnabledStatistics::None);
            }
            DataType::Utf8 => {
                properties = properties.set_column_statistics_enabled(path(), EnabledStatistics::None);
            }
            _ => {}
        }
    }
    properties.build()
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
