//! Parquet and Arrow IPC: columns in their natural types, rows numbered from 1.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};

use arrow_array::RecordBatch;
use arrow_ipc::reader::{FileReader, StreamReader};
use arrow_schema::{ArrowError, SchemaRef};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::{BATCH_ROWS, Chunk, Chunks, Table, column_names, unpanicked};
use crate::batch::Lines;
use crate::tables::error::TableError;
use crate::tables::input::Input;

pub fn open_parquet(input: &Input) -> Result<Table, TableError> {
    let wrong = |error: parquet::errors::ParquetError| {
        TableError::new(input.name(), format!("is not whole Parquet: {error}"))
    };
    let file = input.file()?;
    let open = || {
        let builder = ParquetRecordBatchReaderBuilder::try_new(file)?;
        let schema = builder.schema().clone();
        Ok((schema, builder.with_batch_size(BATCH_ROWS).build()?))
    };
    let (schema, reader) = unpanicked(input.name(), open)?.map_err(wrong)?;
    table(input, schema, reader)
}

/// Both forms of Arrow IPC: the file, which begins with `ARROW1`, and the stream.
pub fn open_arrow(input: &Input) -> Result<Table, TableError> {
    let cannot = |error: std::io::Error| TableError::io(input.name(), "cannot be read", &error);
    let wrong = |error: ArrowError| TableError::new(input.name(), format!("is not whole Arrow IPC: {error}"));
    let mut file = input.file()?;
    let mut magic = [0; 6];
    let is_file = file.read_exact(&mut magic).is_ok() && &magic == b"ARROW1";
    file.seek(SeekFrom::Start(0)).map_err(cannot)?;
    if is_file {
        let reader =
            unpanicked(input.name(), || FileReader::try_new(BufReader::new(file), None))?.map_err(wrong)?;
        table(input, reader.schema(), reader)
    } else {
        let reader: StreamReader<BufReader<File>> =
            unpanicked(input.name(), || StreamReader::try_new(BufReader::new(file), None))?.map_err(wrong)?;
        table(input, reader.schema(), reader)
    }
}

fn table(
    input: &Input,
    schema: SchemaRef,
    mut batches: impl Iterator<Item = Result<RecordBatch, ArrowError>> + Send + 'static,
) -> Result<Table, TableError> {
    if schema.fields().is_empty() {
        return Err(TableError::new(input.name(), "has no columns"));
    }
    column_names(input, None, schema.fields().iter().map(|field| field.name().clone()).collect())?;
    let name = input.name().to_owned();
    let mut next_row = 1;
    let guarded = std::iter::from_fn(move || {
        let next = unpanicked(&name, || batches.next()).transpose()?;
        let wrong = |why: String| {
            vec![Err(TableError::new(&name, format!("cannot be read from row {next_row} on: {why}")))]
        };
        Some(match next {
            Ok(Ok(batch)) => slices(&batch, &mut next_row),
            Ok(Err(error)) => wrong(error.to_string()),
            Err(panic) => wrong(panic.message),
        })
    });
    let sliced = guarded.flatten();
    let chunks: Chunks = Box::new(sliced);
    Ok(Table::new(input, schema, chunks))
}

/// Batches of other writers can be of any size.
fn slices(batch: &RecordBatch, next_row: &mut u64) -> Vec<Result<Chunk, TableError>> {
    let mut chunks = Vec::new();
    for start in (0..batch.num_rows()).step_by(BATCH_ROWS) {
        let slice = batch.slice(start, BATCH_ROWS.min(batch.num_rows() - start));
        let lines = Lines::From(*next_row);
        *next_row += slice.num_rows() as u64;
        chunks.push(Ok(Chunk { batch: slice, lines, bad: Vec::new() }));
    }
    chunks
}
