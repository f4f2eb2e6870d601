//! Parquet (snappy) and Arrow IPC (a file; a stream on standard output), with the receipt in their metadata.

use std::io::BufWriter;
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow_cast::cast;
use arrow_ipc::writer::{FileWriter, StreamWriter};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use parquet::arrow::ArrowWriter as ParquetInner;
use parquet::arrow::arrow_writer::{ArrowColumnWriter, ArrowRowGroupWriterFactory, compute_leaves};
use parquet::basic::{Compression, Encoding};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::ColumnPath;

use super::Aside;
use super::names::NamesWriter;
use super::totals::TotalsWriter;
use crate::batch::{name_lists_type, names_type, row_bytes};
use crate::tables::error::{ErrorKind, TableError};

/// Rows of a row group, at most, and about how much memory: it is kept until it is whole.
const GROUP_ROWS: usize = 131_072;
const GROUP_BYTES: usize = 256 << 20;

/// Rows of the row groups of such answers.
fn group_rows(schema: &Schema) -> usize {
    (GROUP_BYTES / row_bytes(schema)).clamp(8_192, GROUP_ROWS)
}

pub struct ParquetWriter {
    name: String,
    out: SerializedFileWriter<Aside>,
    factory: ArrowRowGroupWriterFactory,
    schema: SchemaRef,
    /// The columns of the row group in the making, and its rows.
    group: Vec<ColumnWriter>,
    rows: usize,
    group_rows: usize,
    groups: usize,
    /// Threads that encode columns. The bytes do not depend on their number.
    threads: usize,
}

impl ParquetWriter {
    pub fn create(path: &str, schema: &SchemaRef, threads: usize) -> Result<ParquetWriter, TableError> {
        let wrong = |error| parquet_error(path, error);
        let properties = properties(schema);
        let aside = Aside::create(path)?;
        let inner = ParquetInner::try_new(aside, plain(schema), Some(properties)).map_err(wrong)?;
        let (out, factory) = inner.into_serialized_writer().map_err(wrong)?;
        let (name, schema) = (path.to_owned(), schema.clone());
        let (group, threads, group_rows) = (Vec::new(), threads.max(1), group_rows(&schema));
        let mut writer =
            ParquetWriter { name, out, factory, schema, group, rows: 0, group_rows, groups: 0, threads };
        writer.begin_group().map_err(wrong)?;
        Ok(writer)
    }

    fn begin_group(&mut self) -> Result<(), ParquetError> {
        let mut leaves = self.factory.create_column_writers(self.groups)?.into_iter();
        let described = self.out.schema_descr();
        let mut at = 0;
        let column = |field: &Arc<Field>| {
            let count = leaf_count(field.data_type());
            let own: Vec<ArrowColumnWriter> = leaves.by_ref().take(count).collect();
            at += count;
            if count == 1 {
                let leaf = described.column(at - 1);
                if let Some(names) = NamesWriter::new(&leaf, field.data_type()) {
                    return ColumnWriter::Names(Box::new(names));
                }
                if let Some(totals) = TotalsWriter::new(&leaf, field.data_type()) {
                    return ColumnWriter::Totals(Box::new(totals));
                }
            }
            ColumnWriter::Leaves(own)
        };
        self.group = self.schema.fields().iter().map(column).collect();
        Ok(())
    }

    pub fn write(&mut self, batch: &RecordBatch) -> Result<(), TableError> {
        let mut start = 0;
        while start < batch.num_rows() {
            let rows = (batch.num_rows() - start).min(self.group_rows - self.rows);
            self.encode(&batch.slice(start, rows)).map_err(|error| parquet_error(&self.name, error))?;
            self.rows += rows;
            start += rows;
            if self.rows == self.group_rows {
                self.end_group().map_err(|error| parquet_error(&self.name, error))?;
            }
        }
        Ok(())
    }

    /// Encodes each column, some on each thread.
    fn encode(&mut self, batch: &RecordBatch) -> Result<(), ParquetError> {
        let mut shares: Vec<Vec<Task>> = (0..self.threads).map(|_| Vec::new()).collect();
        let columns = self.schema.fields().iter().zip(batch.columns()).zip(&mut self.group);
        for (at, ((field, column), writer)) in columns.enumerate() {
            shares[at % self.threads].push(Task { field, column, writer });
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
        let rows = std::mem::take(&mut self.rows);
        let mut group = self.out.next_row_group()?;
        for column in self.group.drain(..) {
            match column {
                ColumnWriter::Leaves(leaves) => {
                    for leaf in leaves {
                        leaf.close()?.append_to_row_group(&mut group)?;
                    }
                }
                ColumnWriter::Names(names) => names.close(rows)?.append_to(&mut group)?,
                ColumnWriter::Totals(totals) => totals.close(rows)?.append_to(&mut group)?,
            }
        }
        group.close()?;
        self.groups += 1;
        self.begin_group()
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

/// What writes a column of a row group.
enum ColumnWriter {
    Names(Box<NamesWriter>),
    Totals(Box<TotalsWriter>),
    /// One for each leaf of the column.
    Leaves(Vec<ArrowColumnWriter>),
}

/// A column and what writes it.
struct Task<'e> {
    field: &'e Field,
    column: &'e ArrayRef,
    writer: &'e mut ColumnWriter,
}

fn encode_all(columns: Vec<Task>) -> Result<(), ParquetError> {
    for Task { field, column, writer } in columns {
        match writer {
            ColumnWriter::Names(names) => names.write(column)?,
            ColumnWriter::Totals(totals) => totals.write(column)?,
            ColumnWriter::Leaves(writers) => {
                for (leaf, writer) in compute_leaves(field, column)?.iter().zip(writers) {
                    writer.write(leaf)?;
                }
            }
        }
    }
    Ok(())
}

/// How many columns of Parquet a column of Arrow becomes.
fn leaf_count(data_type: &DataType) -> usize {
    match data_type {
        DataType::List(field)
        | DataType::LargeList(field)
        | DataType::FixedSizeList(field, _)
        | DataType::ListView(field)
        | DataType::LargeListView(field) => leaf_count(field.data_type()),
        DataType::Struct(fields) => fields.iter().map(|field| leaf_count(field.data_type())).sum(),
        DataType::Map(entries, _) => leaf_count(entries.data_type()),
        DataType::RunEndEncoded(_, values) => leaf_count(values.data_type()),
        _ => 1,
    }
}

/// The schema as readers see it: names are texts.
fn plain(schema: &SchemaRef) -> SchemaRef {
    let plain = |field: &Arc<Field>| {
        let data_type = match field.data_type() {
            names if *names == names_type() => DataType::Utf8,
            lists if *lists == name_lists_type() => {
                DataType::List(Arc::new(Field::new_list_field(DataType::Utf8, true)))
            }
            other => other.clone(),
        };
        Arc::new(field.as_ref().clone().with_data_type(data_type))
    };
    let fields: Vec<Arc<Field>> = schema.fields().iter().map(plain).collect();
    Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()))
}

/// Amounts and keys mostly differ: a dictionary of them would only cost time. In as few bits as their differences
/// take they are smaller than compressed, and sooner written.
fn properties(schema: &Schema) -> WriterProperties {
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_max_row_group_row_count(Some(group_rows(schema)));
    for field in schema.fields() {
        let path = || ColumnPath::from(vec![field.name().clone()]);
        match field.data_type() {
            DataType::Decimal128(..=18, _) | DataType::Int64 => {
                properties = properties
                    .set_column_dictionary_enabled(path(), false)
                    .set_column_encoding(path(), Encoding::DELTA_BINARY_PACKED)
                    .set_column_compression(path(), Compression::UNCOMPRESSED);
            }
            _ => {}
        }
    }
    properties.build()
}

fn parquet_error(path: &str, error: ParquetError) -> TableError {
    TableError::writing(path, &error)
}

/// Names are written as texts: a file of Arrow has one dictionary for each column and cannot add to it.
pub struct ArrowWriter {
    name: String,
    schema: SchemaRef,
    out: Ipc,
}

enum Ipc {
    File(FileWriter<BufWriter<Aside>>),
    Stream(StreamWriter<BufWriter<Aside>>),
}

impl ArrowWriter {
    pub fn create(path: &str, schema: &SchemaRef) -> Result<ArrowWriter, TableError> {
        let aside = BufWriter::new(Aside::create(path)?);
        let schema = plain(schema);
        let out = if path == "-" {
            StreamWriter::try_new(aside, &schema).map(Ipc::Stream)
        } else {
            FileWriter::try_new(aside, &schema).map(Ipc::File)
        };
        Ok(ArrowWriter { name: path.to_owned(), schema, out: out.map_err(|error| arrow_error(path, error))? })
    }

    pub fn write(&mut self, batch: &RecordBatch) -> Result<(), TableError> {
        let columns = self.schema.fields().iter().zip(batch.columns());
        let columns: Result<Vec<ArrayRef>, ArrowError> =
            columns.map(|(field, column)| cast(column, field.data_type())).collect();
        let written = columns.and_then(|columns| {
            let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
            let batch = RecordBatch::try_new_with_options(self.schema.clone(), columns, &options)?;
            match &mut self.out {
                Ipc::File(writer) => writer.write(&batch),
                Ipc::Stream(writer) => writer.write(&batch),
            }
        });
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
