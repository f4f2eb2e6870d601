//! Batches in, answers out, in order.

use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions, UInt32Array, new_null_array};
use arrow_schema::{FieldRef, SchemaRef};
use arrow_select::take::take;

use super::{Answered, Engine, EngineError, EngineKind};
use crate::batch::answers::{Columns, Form, Layout, View, fitted};
use crate::batch::bind::Binding;
use crate::batch::machine::Decided;
use crate::batch::names::row_bytes;
use crate::batch::records::{Cells, Records};
use crate::batch::rows::{Keys, RawBatch};
use crate::batch::stream::{Stages, stream};
use crate::batch::summary::Summary;
use crate::interp::{Answer, Evaluator, FinishedAggregates, facts};
use crate::jit::{MeasureOutputs, Shape};

/// One pass over tables.
pub struct Run<'e> {
    engine: &'e Engine,
    form: Form<'e>,
    schema: SchemaRef,
    kept: Vec<FieldRef>,
    keys: Keys,
    seen: Option<Arc<FinishedAggregates>>,
}

impl<'e> Run<'e> {
    pub(super) fn new(
        engine: &'e Engine,
        kept: Vec<FieldRef>,
        seen: Option<Arc<FinishedAggregates>>,
    ) -> Run<'e> {
        let form = engine.form();
        let schema = form.schema(&kept);
        Run { engine, form, schema, kept, keys: Keys::new(engine.options.key_limit), seen }
    }

    /// The columns of the answers.
    pub fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    /// About how many bytes of memory the answers to one record take.
    pub fn record_bytes(&self) -> usize {
        let rows = match self.engine.options.answers.layout {
            Layout::Wide => 1,
            Layout::Long | Layout::List => self.engine.plan().measures.len().max(1),
        };
        row_bytes(&self.schema) * rows
    }

    /// Answers batches, each given by a function that reads it, on any thread; the answers are given to `take` in their order, until it wants no more.
    ///
    /// # Errors
    /// Those of the batches and of `take`; `NotObserved` where measures look across records and the run was
    /// started without what they see; `Kept` where a column that is kept changes its type from one table to the next; too many
    /// keys.
    pub fn answer<T, E, J>(
        &mut self,
        jobs: impl Iterator<Item = Result<J, E>> + Send,
        mut take: impl FnMut(Answered, T) -> Result<bool, E>,
    ) -> Result<(), E>
    where
        J: FnOnce() -> Result<Job<T>, E> + Send,
        T: Send,
        E: Send + From<EngineError>,
    {
        if self.seen.is_none() && self.engine.looks_across() {
            return Err(EngineError::NotObserved.into());
        }
        let mut keys = std::mem::replace(&mut self.keys, Keys::new(0));
        let run = &*self;
        let decide = |loaded: Loaded<T>| run.decide(loaded).map_err(E::from);
        let stages = Stages { read: Loaded::read, admit: Loaded::admit, decide };
        let threads = self.engine.options.threads;
        let result = stream(jobs, threads, &mut keys, stages, |(answered, tag)| take(answered, tag));
        self.keys = keys;
        result
    }

    fn decide<T>(&self, loaded: Loaded<T>) -> Result<(Answered, T), EngineError> {
        let Loaded { job, shapes, mut records } = loaded;
        let (sheet, mut summary) = self.answers(&shapes, &records)?;
        summary.rejected += records.rejected();
        let rejects = std::mem::take(&mut records.rejects);
        let batch = self.dress(&job.binding, &job.raw, &shapes, &records, sheet)?;
        Ok((Answered { batch, rejects, summary }, job.tag))
    }

    /// Decides records: for each row of answers the row of its record, and the columns.
    pub(super) fn answers(
        &self,
        shapes: &[Shape],
        records: &Records,
    ) -> Result<(Sheet, Summary), EngineError> {
        self.answers_to(shapes, records, &records.good_rows())
    }

    /// The same for some of the rows that are not rejected, in ascending order.
    pub(super) fn answers_to(
        &self,
        shapes: &[Shape],
        records: &Records,
        good: &[u32],
    ) -> Result<(Sheet, Summary), EngineError> {
        let mut summary = Summary::new(self.engine.plan());
        let (rows, columns) = match self.engine.options.kind {
            EngineKind::Jit => self.decide_by_machine(shapes, records, good, &mut summary)?,
            EngineKind::Interpreter => self.interpret(shapes, records, good, &mut summary),
        };
        self.note_blanks(records, good, &mut summary);
        Ok((Sheet { rows, columns }, summary))
    }

    /// The answers to some rows as plain columns; of a run with the wide layout and reasons.
    pub(super) fn view(
        &self,
        shapes: &[Shape],
        records: &Records,
        rows: &[u32],
    ) -> Result<(View, Summary), EngineError> {
        let (sheet, summary) = self.answers_to(shapes, records, rows)?;
        Ok((View::new(&self.form, sheet.rows, &sheet.columns), summary))
    }

    /// Fields that good data always have and that these records lack.
    fn note_blanks(&self, records: &Records, good: &[u32], summary: &mut Summary) {
        for (at, name) in self.engine.fields_expected() {
            let column = &records.columns[at];
            let beyond = |row: u32| records.beyond.contains_key(&(row, at as u32));
            let blank = match (&column.cells, &column.nulls) {
                (Cells::Absent, _) => good.len(),
                (_, None) => 0,
                (_, Some(nulls)) => {
                    good.iter().filter(|row| nulls.is_null(**row as usize) && !beyond(**row)).count()
                }
            };
            summary.note_blank(name, blank as u64);
        }
    }

    fn interpret(
        &self,
        shapes: &[Shape],
        records: &Records,
        good: &[u32],
        summary: &mut Summary,
    ) -> (Vec<u32>, Vec<ArrayRef>) {
        let plan = self.engine.plan();
        let mut reader = Reader::new(self.engine, shapes, self.seen.as_deref());
        let answer = |row: u32| {
            let evaluator = reader.load(records, row as usize);
            let measures = plan.measures.iter().enumerate();
            measures.map(|(at, measure)| fitted(measure, evaluator.answer(at))).collect()
        };
        self.sheet(good, answer, summary)
    }

    /// Lays out the answers of each row.
    fn sheet(
        &self,
        good: &[u32],
        mut answer: impl FnMut(u32) -> Vec<Answer>,
        summary: &mut Summary,
    ) -> (Vec<u32>, Vec<ArrayRef>) {
        let mut sheet = self.form.sheet();
        for row in good {
            let answers = answer(*row);
            summary.add(self.engine.plan(), &answers);
            sheet.add(*row, &answers);
        }
        sheet.finish()
    }

    fn decide_by_machine(
        &self,
        shapes: &[Shape],
        records: &Records,
        good: &[u32],
        summary: &mut Summary,
    ) -> Result<(Vec<u32>, Vec<ArrayRef>), EngineError> {
        let machine = self.engine.machines.of(self.engine.shapes(shapes))?;
        let mut decided = machine.decide(&self.engine.plan().inputs, records, self.seen.as_deref())?;
        self.interpret_open(shapes, records, good, &mut decided);
        let decoder = decided.decoder(self.engine.plan());
        if self.engine.options.answers.layout == Layout::Wide {
            let columns = Columns {
                form: &self.form,
                outputs: decided.kernel.outputs(),
                decoder,
                overrides: &decided.overrides,
                rows: good,
            };
            let (columns, own) = columns.build();
            summary.merge(&own);
            return Ok((good.to_vec(), columns));
        }
        let outputs = decided.kernel.outputs();
        let answer = |row: u32| {
            let measures = outputs.measures.iter().enumerate();
            let one =
                |(at, outputs): (usize, &Option<MeasureOutputs>)| match decided.overrides.get(&(at, row)) {
                    Some(answer) => answer.clone(),
                    None => decoder
                        .answer(at, outputs.as_ref(), row as usize)
                        .expect("what the code leaves open is overridden"),
                };
            measures.map(one).collect()
        };
        Ok(self.sheet(good, answer, summary))
    }

    /// Lets the interpreter answer what the machine code left open.
    fn interpret_open(&self, shapes: &[Shape], records: &Records, good: &[u32], decided: &mut Decided) {
        let open = decided.open(good);
        if open.is_empty() {
            return;
        }
        let plan = self.engine.plan();
        let mut reader = Reader::new(self.engine, shapes, self.seen.as_deref());
        let mut loaded = None;
        for (row, measure) in open {
            if loaded != Some(row) {
                reader.load(records, row as usize);
                loaded = Some(row);
            }
            let answer = fitted(&plan.measures[measure], reader.evaluator.answer(measure));
            decided.overrides.insert((measure, row), answer);
        }
    }

    /// Puts the keys and the kept columns before the answers.
    fn dress(
        &self,
        binding: &Binding,
        raw: &RawBatch,
        shapes: &[Shape],
        records: &Records,
        sheet: Sheet,
    ) -> Result<RecordBatch, EngineError> {
        let mut columns = Vec::with_capacity(self.schema.fields().len());
        let every = sheet.rows.len() == records.len
            && records.bad.is_empty()
            && self.engine.options.answers.layout == Layout::Wide;
        let rows = UInt32Array::from(sheet.rows);
        let chosen = |column: ArrayRef| if every { Ok(column) } else { take(&column, &rows, None) };
        for key in self.form.keys(records, shapes) {
            columns.push(chosen(key)?);
        }
        for field in &self.kept {
            let column = kept_column(binding, raw, field)?;
            columns.push(chosen(column)?);
        }
        columns.extend(sheet.columns);
        let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
        Ok(RecordBatch::try_new_with_options(self.schema.clone(), columns, &options)?)
    }
}

/// A batch that is to be decided, with something that belongs to it.
pub struct Job<T> {
    pub binding: Arc<Binding>,
    pub raw: RawBatch,
    pub tag: T,
}

/// A batch that was read.
pub(super) struct Loaded<T> {
    pub(super) job: Job<T>,
    pub(super) shapes: Vec<Shape>,
    pub(super) records: Records,
}

impl<T> Loaded<T> {
    pub(super) fn read<E>(job: impl FnOnce() -> Result<Job<T>, E>) -> Result<Loaded<T>, E> {
        let job = job()?;
        let (shapes, records) = read_records(&job.binding, &job.raw);
        Ok(Loaded { job, shapes, records })
    }

    /// Refuses repeated keys.
    pub(super) fn admit<E: From<EngineError>>(keys: &mut Keys, loaded: &mut Loaded<T>) -> Result<(), E> {
        let Loaded { job, shapes, records } = loaded;
        let refused = records.refuse_repeated(&job.binding, shapes, &job.raw, keys);
        refused.map_err(|error| EngineError::from(error).into())
    }
}

pub(super) fn read_records(binding: &Binding, raw: &RawBatch) -> (Vec<Shape>, Records) {
    let shapes = binding.shapes(&raw.batch.schema());
    let records = Records::read(binding, &shapes, raw);
    (shapes, records)
}

/// Columns of answers, and for each row the row of its record.
pub(super) struct Sheet {
    pub rows: Vec<u32>,
    pub columns: Vec<ArrayRef>,
}

/// Turns an evaluator to one record after another.
pub(super) struct Reader<'r> {
    engine: &'r Engine,
    shapes: &'r [Shape],
    evaluator: Evaluator<'r>,
}

impl<'r> Reader<'r> {
    pub(super) fn new(
        engine: &'r Engine,
        shapes: &'r [Shape],
        finished: Option<&'r FinishedAggregates>,
    ) -> Reader<'r> {
        let width = engine.program.records[engine.record.index()].fields.len();
        let nothing = facts(engine.plan(), &vec![None; width]);
        let evaluator = Evaluator::new(engine.plan(), &engine.inputs, finished, &nothing);
        Reader { engine, shapes, evaluator }
    }

    pub(super) fn load(&mut self, records: &Records, row: usize) -> &mut Evaluator<'r> {
        self.evaluator.load(&facts(self.engine.plan(), &records.row(self.shapes, row)));
        &mut self.evaluator
    }
}

/// A column that is kept, for some rows of the raw batch; nulls where this table lacks it.
fn kept_column(binding: &Binding, raw: &RawBatch, field: &FieldRef) -> Result<ArrayRef, EngineError> {
    let schema = raw.batch.schema();
    let own = binding
        .kept
        .iter()
        .find(|at| schema.fields().get(**at).is_some_and(|own| own.name() == field.name()));
    let Some(at) = own else { return Ok(new_null_array(field.data_type(), raw.batch.num_rows())) };
    let column = raw.batch.column(*at);
    if column.data_type() != field.data_type() {
        return Err(EngineError::Kept {
            column: field.name().clone(),
            first: field.data_type().to_string(),
            now: column.data_type().to_string(),
        });
    }
    Ok(column.clone())
}
