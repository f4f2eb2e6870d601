//! Parquet and Arrow IPC: columns in their natural types, rows numbered from 1.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::sync::Arc;

use arrow_array::{ArrayRef, NullArray, RecordBatch, RecordBatchOptions, new_null_array};
use arrow_ipc::reader::{FileReader, StreamReader};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use parquet::errors::ParquetError;

use super::{BATCH_ROWS, Chunk, Everything, Need, Piece, Pieces, Table, column_names, unpanicked};
use crate::batch::Lines;
use crate::tables::error::TableError;
use crate::tables::input::Input;

pub fn open_parquet(input: &Input) -> Result<Table, TableError> {
    let wrong = |error: ParquetError| TableError::new(input.name(), format!("is not whole Parquet: {error}"));
    let mut file = input.file()?;
    let load = || ArrowReaderMetadata::load(&file, ArrowReaderOptions::new());
    let metadata = unpanicked(input.name(), load)?.map_err(wrong)?;
    file.rewind().map_err(|error| TableError::io(input.name(), "cannot be read", &error))?;
    let schema = metadata.schema().clone();
    check_columns(input, &schema)?;
    let needs = vec![Need::Kept; schema.fields().len()];
    let name = input.name().to_owned();
    let waiting = Some((file, metadata, needs));
    let pieces = ParquetPieces {
        name,
        schema: schema.clone(),
        waiting,
        batch_rows: BATCH_ROWS,
        reader: None,
        next_row: 1,
        slices: Vec::new(),
    };
    Ok(Table::new(input, schema, Box::new(pieces)))
}

fn check_columns(input: &Input, schema: &Schema) -> Result<(), TableError> {
    if schema.fields().is_empty() {
        return Err(TableError::new(input.name(), "has no columns"));
    }
    column_names(input, None, schema.fields().iter().map(|field| field.name().clone()).collect())?;
    Ok(())
}

/// Reads only the columns that are needed.
struct ParquetPieces {
    name: String,
    /// Of the pieces: columns that nobody needs are nulls, and few different texts stay codes.
    schema: SchemaRef,
    waiting: Option<(File, ArrowReaderMetadata, Vec<Need>)>,
    batch_rows: usize,
    reader: Option<ParquetRecordBatchReader>,
    next_row: u64,
    slices: Vec<Chunk>,
}

impl Pieces for ParquetPieces {
    fn need(&mut self, needs: &[Need], rows: usize) -> Option<SchemaRef> {
        self.batch_rows = rows;
        let (_, metadata, own) = self.waiting.as_mut()?;
        own.copy_from_slice(needs);
        let codes = || DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
        let as_codes = |(field, need): (&Arc<Field>, &Need)| match (need, field.data_type()) {
            (Need::Names, DataType::Utf8) => Arc::new(field.as_ref().clone().with_data_type(codes())),
            _ => field.clone(),
        };
        let fields = metadata.schema().fields();
        let hinted: Vec<Arc<Field>> = fields.iter().zip(needs).map(as_codes).collect();
        let hinted = Arc::new(Schema::new_with_metadata(hinted, metadata.schema().metadata().clone()));
        let options = ArrowReaderOptions::new().with_schema(hinted);
        // Where codes cannot be had, the texts are read.
        if let Ok(hinted) = ArrowReaderMetadata::try_new(metadata.metadata().clone(), options) {
            *metadata = hinted;
        }
        let without = |(field, need): (&Arc<Field>, &Need)| match need {
            Need::None => Arc::new(Field::new(field.name(), DataType::Null, true)),
            _ => field.clone(),
        };
        let fields: Vec<Arc<Field>> = metadata.schema().fields().iter().zip(needs).map(without).collect();
        self.schema = Arc::new(Schema::new(fields));
        Some(self.schema.clone())
    }
}

impl Iterator for ParquetPieces {
    type Item = Result<Piece, TableError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(chunk) = self.slices.pop() {
                return Some(Ok(Piece::Chunk(chunk)));
            }
            let name = self.name.clone();
            let next = unpanicked(&name, || self.next_batch());
            let why = match next {
                Ok(Ok(None)) => return None,
                Ok(Ok(Some(batch))) => {
                    self.slices = slices(&batch, &mut self.next_row);
                    self.slices.reverse();
                    continue;
                }
                Ok(Err(error)) => error.to_string(),
                Err(panic) => panic.message,
            };
            let message = format!("cannot be read from row {} on: {why}", self.next_row);
            return Some(Err(TableError::new(&name, message)));
        }
    }
}

impl ParquetPieces {
    fn next_batch(&mut self) -> Result<Option<RecordBatch>, ArrowError> {
        if let Some((file, metadata, needs)) = self.waiting.take() {
            let needed = needs.iter().enumerate().filter(|(_, need)| **need != Need::None);
            let mask = ProjectionMask::roots(metadata.parquet_schema(), needed.map(|(at, _)| at));
            let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata);
            self.reader = Some(builder.with_projection(mask).with_batch_size(self.batch_rows).build()?);
        }
        let Some(batch) = self.reader.as_mut().and_then(Iterator::next).transpose()? else { return Ok(None) };
        let rows = batch.num_rows();
        let mut read = batch.columns().iter();
        let column = |field: &Arc<Field>| match field.data_type() {
            DataType::Null => Arc::new(NullArray::new(rows)) as ArrayRef,
            other => read.next().cloned().unwrap_or_else(|| new_null_array(other, rows)),
        };
        let columns = self.schema.fields().iter().map(column).collect();
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        RecordBatch::try_new_with_options(self.schema.clone(), columns, &options).map(Some)
    }
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
    check_columns(input, &schema)?;
    let name = input.name().to_owned();
    let mut next_row = 1;
    let guarded = std::iter::from_fn(move || {
        let next = unpanicked(&name, || batches.next()).transpose()?;
        let wrong = |why: String| {
            vec![Err(TableError::new(&name, format!("cannot be read from row {next_row} on: {why}")))]
        };
        Some(match next {
            Ok(Ok(batch)) => slices(&batch, &mut next_row).into_iter().map(Ok).collect(),
            Ok(Err(error)) => wrong(error.to_string()),
            Err(panic) => wrong(panic.message),
        })
    });
    Ok(Table::new(input, schema, Box::new(Everything(guarded.flatten()))))
}

/// Batches of other writers can be of any size.
fn slices(batch: &RecordBatch, next_row: &mut u64) -> Vec<Chunk> {
    let mut chunks = Vec::new();
    for start in (0..batch.num_rows()).step_by(BATCH_ROWS) {
        let slice = batch.slice(start, BATCH_ROWS.min(batch.num_rows() - start));
        let lines = Lines::From(*next_row);
        *next_row += slice.num_rows() as u64;
        chunks.push(Chunk { batch: slice, lines, bad: Vec::new() });
    }
    chunks
}
