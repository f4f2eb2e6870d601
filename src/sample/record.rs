//! The sample of one record: any of its cells by row and field, and batches of its rows.

use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::{Schema, SchemaRef};

use super::batch;
use super::cells::Cells;
use super::column::{Column, Draws, Making};
use super::draw::{Powers, Stream};
use super::keys::keys;
use super::layout::{ColumnLayout, Words, layout};
use super::profile::{FieldProfile, Profile};
use super::{Request, Sample};
use crate::boundary::{Boundaries, Reach, by_field};
use crate::check::typed::{Field, Program, RecordId};
use crate::interp::Inputs;
use crate::ir;
use crate::value::{Date, Value};

/// The sample of one kind of record.
pub struct RecordSample {
    pub record: RecordId,
    pub rows: u64,
    pub(super) columns: Vec<Column>,
    program: Arc<Program>,
    /// What evaluates boundaries that depend on other fields of the row.
    pub(super) core: Arc<ir::Program>,
    pub(super) reach: Reach,
    pub(super) inputs: Inputs,
}

/// What a sample is made of.
pub struct Parts<'a> {
    pub program: &'a Arc<Program>,
    pub core: &'a Arc<ir::Program>,
    pub profile: &'a Profile,
    pub request: &'a Request,
    pub found: &'a Boundaries,
    pub powers: &'a Arc<Powers>,
    pub day: Date,
}

impl Parts<'_> {
    pub fn sample(&self, id: RecordId, rows: u64) -> Result<RecordSample, String> {
        let record = &self.program.records[id.index()];
        let says =
            |at: usize| -> FieldProfile { self.profile.fields.get(&(id, at)).cloned().unwrap_or_default() };
        let members: Vec<Vec<Arc<str>>> = (self.found.members.iter().zip(&self.found.texts))
            .map(|(members, texts)| members.union(texts).cloned().collect())
            .collect();
        let keys = keys(self.program, record, rows, &members, says, self.day)?;
        // A key cannot be put at a boundary: it tells rows apart.
        let is_drawn = |field: u16| !record.fields[usize::from(field)].key;
        let between = by_field(&self.found.between).into_iter().filter(|(field, _)| is_drawn(*field));
        let making = Making {
            program: self.program,
            profile: self.profile,
            boundaries: self.found,
            between: between.flat_map(|(_, list)| list.into_iter().cloned()).collect(),
            powers: self.powers,
            day: self.day,
        };
        let mut columns = Vec::with_capacity(record.fields.len());
        for ((at, field), key) in record.fields.iter().enumerate().zip(keys) {
            let says = says(at);
            let draws = match key {
                Some(key) => Draws::Key(key),
                None => making.draws(field, at, &says)?,
            };
            let stream = Stream::new(self.request.seed, &record.head.name, &field.name);
            columns.push(Column { stream, fates: making.fates(field, &says), draws });
        }
        Ok(RecordSample {
            record: id,
            rows,
            columns,
            program: self.program.clone(),
            core: self.core.clone(),
            reach: Reach::new(&self.core.records[id.index()]),
            inputs: Inputs::new(self.core, self.day),
        })
    }
}

impl RecordSample {
    pub fn name(&self) -> &str {
        &self.program.records[self.record.index()].head.name
    }

    pub fn label(&self) -> &str {
        &self.program.records[self.record.index()].head.label
    }

    pub(super) fn fields(&self) -> &[Field] {
        &self.program.records[self.record.index()].fields
    }
}

/// A sample laid out as a file: makes batches of its rows.
pub struct Laid<'s> {
    sample: &'s RecordSample,
    all: &'s Sample,
    columns: Vec<ColumnLayout>,
    schema: SchemaRef,
}

impl Sample {
    /// Lays the sample of a record, by its position, out as a file.
    ///
    /// # Errors
    /// Where the unit of a field can stand in no header.
    pub fn lay_out(&self, at: usize, words: Words) -> Result<Laid<'_>, String> {
        let sample = &self.records[at];
        let (program, fields) = (&sample.program, sample.fields());
        let columns: Vec<ColumnLayout> = (0..fields.len())
            .map(|at| layout(program, fields, at, &sample.columns[at].draws, words))
            .collect::<Result<_, _>>()?;
        let schema = Schema::new(columns.iter().map(|column| column.field.clone()).collect::<Vec<_>>());
        Ok(Laid { sample, all: self, columns, schema: Arc::new(schema) })
    }
}

impl Laid<'_> {
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// The values of a row, one for each field; `None` where one is missing.
    pub fn row(&self, row: u64) -> Vec<Option<Value>> {
        let mut cells = Cells::new(self.sample, self.all);
        (0..self.columns.len()).map(|field| cells.value(row, field)).collect()
    }

    /// The rows from `first` on, as many as there are up to `count`.
    ///
    /// # Errors
    /// Where Arrow does not take them, which is a bug.
    pub fn batch(&self, first: u64, count: usize) -> Result<RecordBatch, arrow_schema::ArrowError> {
        let count = count.min(usize::try_from(self.sample.rows.saturating_sub(first)).unwrap_or(usize::MAX));
        let mut cells = Cells::new(self.sample, self.all);
        let column =
            |(at, layout): (usize, &ColumnLayout)| batch::column(&mut cells, layout, at, first, count);
        let columns = self.columns.iter().enumerate().map(column).collect();
        RecordBatch::try_new(self.schema.clone(), columns)
    }
}
