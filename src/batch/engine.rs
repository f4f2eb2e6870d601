//! Batches of raw columns in, batches of answers out.

use std::fmt;
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions, UInt32Array, new_null_array};
use arrow_schema::{ArrowError, FieldRef, Schema, SchemaRef};
use arrow_select::concat::concat_batches;
use arrow_select::take::take;

use super::answers::{AnswerOptions, Form, fitted};
use super::bind::{BindOptions, BindProblem, Binding};
use super::machine::{self, Machine};
use super::rows::{Keys, RawBatch, Reject, Rows, TooManyKeys};
use super::summary::Summary;
use crate::check::typed::{ParamId, Program, RecordId};
use crate::interp::{Aggregates, Answer, Evaluator, FinishedAggregates, Inputs};
use crate::ir::{self, RecordPlan};
use crate::jit::CompileError;
use crate::value::{Date, Fact, Value};

/// What decides.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum EngineKind {
    /// Machine code.
    #[default]
    Jit,
    /// The reference meaning, record by record.
    Interpreter,
}

/// How an engine works.
#[derive(Debug, Clone)]
pub struct EngineOptions {
    pub kind: EngineKind,
    pub answers: AnswerOptions,
    /// Parameters that have another value than the policy gives them.
    pub set: Vec<(ParamId, Value)>,
    /// Threads that read and decide a batch; at least one.
    pub threads: usize,
    /// How many different keys a run may see; they are kept to find repeated ones (see [`Keys`]).
    pub key_limit: usize,
}

impl Default for EngineOptions {
    fn default() -> EngineOptions {
        EngineOptions {
            kind: EngineKind::default(),
            answers: AnswerOptions::default(),
            set: Vec::new(),
            threads: 1,
            key_limit: 100_000_000,
        }
    }
}

/// Why a run cannot go on.
#[derive(Debug)]
pub enum EngineError {
    /// The plan has no such record, or none of the same shape as the program.
    NoPlan(String),
    /// The table does not fit the record.
    Unbound(Vec<BindProblem>),
    TooManyKeys(usize),
    /// A column that is kept has another type than in the first table.
    Kept {
        column: String,
        first: String,
        now: String,
    },
    /// What is looked across the records was not seen before the answers.
    NotObserved,
    Arrow(ArrowError),
    Compile(CompileError),
    /// A thread ended by itself: an error inside pol.
    Thread,
}

impl fmt::Display for EngineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EngineError::NoPlan(name) => write!(f, "there is no plan for the record `{name}`"),
            EngineError::Unbound(problems) => {
                let lines: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
                f.write_str(&lines.join("\n"))
            }
            EngineError::TooManyKeys(limit) => {
                write!(
                    f,
                    "more than {limit} different keys: repeated ones cannot be found within the memory given"
                )
            }
            EngineError::Kept { column, first, now } => {
                write!(
                    f,
                    "column {column}: kept as {first} from the first table, but it is {now} in this one"
                )
            }
            EngineError::NotObserved => {
                f.write_str("the measures look across records: observe all of them first")
            }
            EngineError::Arrow(error) => write!(f, "{error}"),
            EngineError::Compile(error) => write!(f, "{error}"),
            EngineError::Thread => f.write_str("a thread ended by itself"),
        }
    }
}

impl std::error::Error for EngineError {}

impl From<ArrowError> for EngineError {
    fn from(error: ArrowError) -> EngineError {
        EngineError::Arrow(error)
    }
}

impl From<CompileError> for EngineError {
    fn from(error: CompileError) -> EngineError {
        EngineError::Compile(error)
    }
}

impl From<TooManyKeys> for EngineError {
    fn from(TooManyKeys(limit): TooManyKeys) -> EngineError {
        EngineError::TooManyKeys(limit)
    }
}

/// A policy set ready to answer for one kind of record at one date.
pub struct Engine {
    program: Arc<Program>,
    plans: Arc<ir::Program>,
    plan: usize,
    /// For each input of the plan, the field of the record that it is.
    fields: Vec<usize>,
    record: RecordId,
    inputs: Inputs,
    options: EngineOptions,
    machine: Option<Machine>,
}

/// The answers to the rows of a batch that could be read, in their order, and the rows that could not.
#[derive(Debug)]
pub struct Answered {
    pub batch: RecordBatch,
    pub rejects: Vec<Reject>,
    pub summary: Summary,
}

impl Engine {
    /// # Errors
    /// `NoPlan` where the plan was not made from the program.
    pub fn new(
        program: Arc<Program>,
        plans: Arc<ir::Program>,
        record: RecordId,
        as_of: Date,
        options: EngineOptions,
    ) -> Result<Engine, EngineError> {
        let missing = || EngineError::NoPlan(record.0.to_string());
        let plan = plans.records.iter().position(|plan| plan.record == record).ok_or_else(missing)?;
        let checked = program.records.get(record.index()).ok_or_else(missing)?;
        let field = |input: &ir::Input| checked.fields.iter().position(|field| field.name == input.name);
        let fields: Option<Vec<usize>> = plans.records[plan].inputs.iter().map(field).collect();
        let fields = fields.ok_or_else(|| EngineError::NoPlan(checked.head.name.clone()))?;
        let mut inputs = Inputs::new(&plans, as_of);
        for (param, value) in &options.set {
            inputs.set(*param, value.clone());
        }
        let machine = (options.kind == EngineKind::Jit).then(|| {
            let shapes = fields.iter().map(|field| machine::shape(&checked.fields[*field])).collect();
            let own = &plans.records[plan];
            Machine::new(&plans, own, &inputs, shapes, options.answers.reasons, options.threads)
        });
        Ok(Engine { program, plans, plan, fields, record, inputs, options, machine })
    }

    fn plan(&self) -> &RecordPlan {
        &self.plans.records[self.plan]
    }

    /// How many fields the record has.
    fn width(&self) -> usize {
        self.program.records[self.record.index()].fields.len()
    }

    /// Fields that good data always have, by position.
    fn fields_expected(&self) -> impl Iterator<Item = (usize, &str)> {
        let fields = self.program.records[self.record.index()].fields.iter().enumerate();
        fields.filter(|(_, field)| !field.optional).map(|(at, field)| (at, field.name.as_str()))
    }

    fn form(&self) -> Form<'_> {
        Form::new(&self.program, self.record, self.plan(), self.options.answers)
    }

    /// Whether all records must be observed before the first can be answered.
    pub fn looks_across(&self) -> bool {
        !self.plan().aggregates.is_empty()
    }

    /// Matches a table with the record.
    ///
    /// # Errors
    /// With every problem of the table.
    pub fn bind(&self, schema: &Schema, options: &BindOptions) -> Result<Binding, Vec<BindProblem>> {
        Binding::new(&self.program, self.record, schema, options)
    }

    /// Begins a run over one or more tables; `kept` are the columns that go to the answers as they are, as the
    /// first table has them.
    pub fn start(&self, kept: Vec<FieldRef>) -> Run<'_> {
        let form = self.form();
        let schema = form.schema(&kept);
        Run {
            engine: self,
            form,
            schema,
            kept,
            keys: Keys::new(self.options.key_limit),
            aggregates: self.looks_across().then(|| Aggregates::start(self.plan())),
            finished: None,
        }
    }

    /// Answers a whole table at once: the library's short way. Rows are numbered from 1.
    ///
    /// # Errors
    /// Where the table does not fit the record.
    pub fn run(&self, batch: &RecordBatch) -> Result<Answered, EngineError> {
        let binding = self.bind(&batch.schema(), &BindOptions::default()).map_err(EngineError::Unbound)?;
        let raw = RawBatch::numbered(batch.clone());
        let mut run = self.start(Vec::new());
        if self.looks_across() {
            run.observe(&binding, &raw)?;
            run.end_observation();
        }
        run.answer(&binding, &raw)
    }
}

/// One pass (two, where measures look across records) over tables.
pub struct Run<'e> {
    engine: &'e Engine,
    form: Form<'e>,
    schema: SchemaRef,
    kept: Vec<FieldRef>,
    keys: Keys,
    aggregates: Option<Aggregates>,
    finished: Option<FinishedAggregates>,
}

impl<'e> Run<'e> {
    /// The columns of the answers.
    pub fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    /// First pass: shows the records of a batch to what looks across records. Rejects are reported by the
    /// second pass.
    ///
    /// # Errors
    /// Where there are more keys than the options allow.
    pub fn observe(&mut self, binding: &Binding, raw: &RawBatch) -> Result<(), EngineError> {
        let rows = self.read(binding, raw)?;
        let Some(aggregates) = &mut self.aggregates else { return Ok(()) };
        let nothing = self.engine.facts(&vec![None; self.engine.width()]);
        let mut evaluator = Evaluator::new(self.engine.plan(), &self.engine.inputs, None, &nothing);
        for row in rows.good() {
            evaluator.load(&self.engine.facts(rows.row(row as usize)));
            aggregates.add_loaded(&mut evaluator);
        }
        Ok(())
    }

    /// Ends the first pass: everything was observed.
    pub fn end_observation(&mut self) {
        self.finished = self.aggregates.take().map(Aggregates::finish);
        self.keys = Keys::new(self.engine.options.key_limit);
    }

    /// Answers a batch.
    ///
    /// # Errors
    /// `NotObserved` before [`Run::end_observation`] where measures look across records; `Kept` where a column
    /// that is kept changes its type from one table to the next; too many keys.
    pub fn answer(&mut self, binding: &Binding, raw: &RawBatch) -> Result<Answered, EngineError> {
        if self.aggregates.is_some() {
            return Err(EngineError::NotObserved);
        }
        let rows = self.read(binding, raw)?;
        let good = rows.good();
        let parts =
            self.in_parts(good.len(), |start, count| self.decide(&rows, &good[start..start + count]))?;
        let mut summary = Summary::new(self.engine.plan());
        summary.rejected = rows.rejected();
        let mut batches = Vec::new();
        for (part, from) in parts {
            let (batch, part) = part?;
            summary.merge(&part);
            batches.push(self.dress(binding, raw, &rows, &good[from..], batch)?);
        }
        let batch = concat_batches(&self.schema, &batches)?;
        Ok(Answered { batch, rejects: rows.rejects, summary })
    }

    fn read(&mut self, binding: &Binding, raw: &RawBatch) -> Result<Rows, EngineError> {
        let count = raw.batch.num_rows();
        let parts = self.in_parts(count, |start, count| Rows::read_range(binding, raw, start, count))?;
        let mut rows = Rows::default();
        for (part, _) in parts {
            rows.append(part);
        }
        rows.refuse_repeated(binding, raw, &mut self.keys)?;
        Ok(rows)
    }

    /// Does something to `count` rows, a part on each thread, in order; with where each part starts.
    fn in_parts<T: Send>(
        &self,
        count: usize,
        part: impl Fn(usize, usize) -> T + Sync,
    ) -> Result<Vec<(T, usize)>, EngineError> {
        let threads = self.engine.options.threads.clamp(1, count.div_ceil(256).max(1));
        let size = count.div_ceil(threads).max(1);
        let starts: Vec<usize> = (0..count.max(1)).step_by(size).collect();
        if let [start] = starts.as_slice() {
            return Ok(vec![(part(*start, count), *start)]);
        }
        std::thread::scope(|scope| {
            let spawn = |start: &usize| {
                let (start, part) = (*start, &part);
                (scope.spawn(move || part(start, size.min(count - start))), start)
            };
            let running: Vec<_> = starts.iter().map(spawn).collect();
            let join = |(thread, start): (std::thread::ScopedJoinHandle<'_, T>, usize)| {
                thread.join().map(|done| (done, start)).map_err(|_| EngineError::Thread)
            };
            running.into_iter().map(join).collect()
        })
    }

    /// Decides some rows: for each row of answers the position of its record among them, and the columns.
    fn decide(&self, rows: &Rows, good: &[u32]) -> Result<(Sheeted, Summary), EngineError> {
        let plan = self.engine.plan();
        let nothing = self.engine.facts(&vec![None; self.engine.width()]);
        let mut evaluator = Evaluator::new(plan, &self.engine.inputs, self.finished.as_ref(), &nothing);
        let mut sheet = self.form.sheet();
        let mut summary = Summary::new(plan);
        let mut answers: Vec<Answer> = Vec::with_capacity(plan.measures.len());
        if let Some(machine) = &self.engine.machine {
            let decided = self.decide_by_machine(machine, rows, good, &mut evaluator)?;
            for (at, (row, answers)) in good.iter().zip(&decided).enumerate() {
                let values = rows.row(*row as usize);
                let blank = self.engine.fields_expected().filter(|(at, _)| values[*at].is_none());
                blank.for_each(|(_, name)| summary.note_blank(name));
                summary.add(plan, answers);
                sheet.add(at as u32, answers);
            }
            let (records, columns) = sheet.finish();
            return Ok((Sheeted { records, columns, count: good.len() }, summary));
        }
        for (at, row) in good.iter().enumerate() {
            let values = rows.row(*row as usize);
            let blank = self.engine.fields_expected().filter(|(at, _)| values[*at].is_none());
            blank.for_each(|(_, name)| summary.note_blank(name));
            evaluator.load(&self.engine.facts(values));
            answers.clear();
            let decided = plan.measures.iter().enumerate();
            answers.extend(decided.map(|(at, measure)| fitted(measure, evaluator.answer(at))));
            summary.add(plan, &answers);
            sheet.add(at as u32, &answers);
        }
        let (records, columns) = sheet.finish();
        Ok((Sheeted { records, columns, count: good.len() }, summary))
    }

    fn decide_by_machine(
        &self,
        machine: &Machine,
        rows: &Rows,
        good: &[u32],
        evaluator: &mut Evaluator,
    ) -> Result<Vec<Vec<Answer>>, EngineError> {
        let plan = self.engine.plan();
        let mut decided = Vec::with_capacity(good.len());
        for chunk in good.chunks(crate::jit::CHUNK) {
            let mut texts: Vec<std::sync::Arc<str>> = vec![std::sync::Arc::from("")];
            let records = chunk.iter().map(|row| {
                let values = rows.row(*row as usize);
                self.engine.fields.iter().map(|field| values[*field].as_ref()).collect()
            });
            let loaded = machine::Loaded::new(machine.shapes(), records, &mut texts);
            let kernel = machine.kernel(loaded.nulls)?;
            for text in kernel.constants() {
                if !texts.contains(text) {
                    texts.push(text.clone());
                }
            }
            let mut worker = crate::jit::Worker::new(kernel, &texts);
            let mut answers = crate::jit::Answers::new(kernel.outputs(), chunk.len());
            let mut beyond = Vec::new();
            let outside = crate::jit::Outside {
                texts: &texts,
                across: self.finished.as_ref().map(|finished| finished as &dyn crate::jit::Across),
            };
            worker.run(kernel, &loaded.inputs(machine.shapes()), chunk.len(), outside, &mut answers, &mut beyond);
            beyond.extend(&loaded.beyond);
            let decoder = super::decode::Decoder { plan, answers: &answers, texts: &texts };
            for (at, row) in chunk.iter().enumerate() {
                let exact = beyond.contains(&(at as u32));
                let mut loaded = false;
                let mut all = Vec::with_capacity(plan.measures.len());
                for (number, measure) in plan.measures.iter().enumerate() {
                    let outputs = kernel.outputs().measures[number].as_ref();
                    let answer = (!exact).then(|| decoder.answer(number, outputs, at)).flatten();
                    all.push(answer.unwrap_or_else(|| {
                        if !loaded {
                            evaluator.load(&self.engine.facts(rows.row(*row as usize)));
                            loaded = true;
                        }
                        fitted(measure, evaluator.answer(number))
                    }));
                }
                decided.push(all);
            }
        }
        Ok(decided)
    }

    /// Puts the keys and the kept columns before the answers.
    fn dress(
        &self,
        binding: &Binding,
        raw: &RawBatch,
        rows: &Rows,
        good: &[u32],
        sheet: Sheeted,
    ) -> Result<RecordBatch, EngineError> {
        let good = &good[..sheet.count];
        let records = UInt32Array::from(sheet.records);
        let mut columns = Vec::with_capacity(self.schema.fields().len());
        for key in self.form.keys(good.iter().map(|row| rows.row(*row as usize))) {
            columns.push(take(&key, &records, None)?);
        }
        let source: UInt32Array = records.values().iter().map(|record| good[*record as usize]).collect();
        for field in &self.kept {
            columns.push(kept_column(binding, raw, field, &source)?);
        }
        columns.extend(sheet.columns);
        let options = RecordBatchOptions::new().with_row_count(Some(records.len()));
        Ok(RecordBatch::try_new_with_options(self.schema.clone(), columns, &options)?)
    }
}

/// Columns of answers, and for each row the position of its record among `count`.
struct Sheeted {
    records: Vec<u32>,
    columns: Vec<ArrayRef>,
    count: usize,
}

/// A column that is kept, for some rows of the raw batch; nulls where this table lacks it.
fn kept_column(
    binding: &Binding,
    raw: &RawBatch,
    field: &FieldRef,
    rows: &UInt32Array,
) -> Result<ArrayRef, EngineError> {
    let schema = raw.batch.schema();
    let found = binding.kept.iter().find(|at| schema.field(**at).name() == field.name());
    let Some(at) = found else { return Ok(new_null_array(field.data_type(), rows.len())) };
    let column = raw.batch.column(*at);
    if column.data_type() != field.data_type() {
        return Err(EngineError::Kept {
            column: field.name().clone(),
            first: field.data_type().to_string(),
            now: column.data_type().to_string(),
        });
    }
    Ok(take(column, rows, None)?)
}

impl Engine {
    /// The facts that a plan asks for, from the values of a record's fields.
    fn facts(&self, values: &[Option<Value>]) -> Vec<Fact> {
        let inputs = self.plan().inputs.iter().zip(&self.fields).enumerate();
        let fact = |(at, (input, field)): (usize, (&ir::Input, &usize))| match &values[*field] {
            Some(value) => Fact::Known(value.clone()),
            None if input.variants.is_empty() => Fact::missing(at as u16),
            None => Fact::missing_enum(at as u16, input.variants),
        };
        inputs.map(fact).collect()
    }
}
