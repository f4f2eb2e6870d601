//! Batches of raw columns in, batches of answers out.

use std::fmt;
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions, UInt32Array, new_null_array};
use arrow_schema::{ArrowError, FieldRef, Schema, SchemaRef};
use arrow_select::concat::concat_batches;
use arrow_select::take::take;

use super::answers::{AnswerOptions, Columns, Form, Layout, fitted};
use super::bind::{BindOptions, BindProblem, Binding};
use super::machine::{Decided, Machines};
use super::names::MOST_NAMES;
use super::records::{Cells, Records};
use super::rows::{Keys, RawBatch, Reject, TooManyKeys};
use super::stream::{Stages, stream};
use super::summary::Summary;
use crate::check::typed::{ParamId, Program, RecordId};
use crate::interp::{Aggregates, Answer, Evaluator, FinishedAggregates, Inputs};
use crate::ir::{self, MeasurePlan, RecordPlan};
use crate::jit::{CHUNK, CompileError, MeasureOutputs, Shape};
use crate::value::{Date, Fact, RunError, Value};

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
    /// The measure has more conditions than the column of those that failed can name.
    TooManyConditions(String),
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
            EngineError::TooManyConditions(measure) => {
                write!(f, "the measure `{measure}` has more than {MOST_NAMES} conditions: split it")
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
    machines: Machines,
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
        // Names of errors stand beside those of conditions.
        let too_many = |measure: &&MeasurePlan| measure.tests() + RunError::ALL.len() > MOST_NAMES;
        if let Some(measure) = plans.records[plan].measures.iter().find(too_many) {
            return Err(EngineError::TooManyConditions(measure.name.clone()));
        }
        let mut inputs = Inputs::new(&plans, as_of);
        for (param, value) in &options.set {
            inputs.set(*param, value.clone());
        }
        let machines = Machines::new(&plans, &plans.records[plan], &inputs, &options);
        Ok(Engine { program, plans, plan, fields, record, inputs, options, machines })
    }

    fn plan(&self) -> &RecordPlan {
        &self.plans.records[self.plan]
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
        let (binding, raw) = (Arc::new(binding), RawBatch::numbered(batch.clone()));
        let starts: Vec<usize> = (0..batch.num_rows().max(1)).step_by(SLICE).collect();
        let jobs = || {
            let slice = |start: &usize| {
                let rows = SLICE.min(batch.num_rows() - start);
                let job = Job { binding: binding.clone(), raw: raw.slice(*start, rows), tag: () };
                Ok(|| Ok(job))
            };
            starts.iter().map(slice)
        };
        let mut run = self.start(Vec::new());
        if self.looks_across() {
            run.observe::<_, EngineError, _>(jobs())?;
            run.end_observation();
        }
        let mut all = Answered {
            batch: RecordBatch::new_empty(run.schema()),
            rejects: Vec::new(),
            summary: Summary::new(self.plan()),
        };
        let mut batches = Vec::with_capacity(starts.len());
        run.answer::<_, EngineError, _>(jobs(), |mut answered, ()| {
            all.rejects.append(&mut answered.rejects);
            all.summary.merge(&answered.summary);
            batches.push(answered.batch);
            Ok(true)
        })?;
        all.batch = match &batches[..] {
            [only] => only.clone(),
            _ => concat_batches(&run.schema(), &batches)?,
        };
        Ok(all)
    }
}

/// Rows of a table that are decided together.
const SLICE: usize = 32 * CHUNK;

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

    /// First pass: shows the records of batches (each given by a function that reads it, on any thread) to what looks across records. Rejects are reported by the
    /// second pass.
    ///
    /// # Errors
    /// Those of the batches; too many keys.
    pub fn observe<T, E, J>(&mut self, jobs: impl Iterator<Item = Result<J, E>> + Send) -> Result<(), E>
    where
        J: FnOnce() -> Result<Job<T>, E> + Send,
        T: Send,
        E: Send + From<EngineError>,
    {
        let engine = self.engine;
        let observe = |loaded: Loaded<T>| {
            let mut aggregates = Aggregates::start(engine.plan());
            let mut reader = engine.reader(&loaded.shapes, None);
            for row in (0..loaded.records.len).filter(|row| loaded.records.is_good(*row)) {
                aggregates.add_loaded(reader.load(&loaded.records, row));
            }
            Ok(aggregates)
        };
        let mut all = self.aggregates.take();
        let stages = Stages { read: Loaded::read, admit: Loaded::admit, decide: observe };
        stream(jobs, engine.options.threads, &mut self.keys, stages, |own| {
            if let Some(all) = &mut all {
                all.merge(own);
            }
            Ok(true)
        })?;
        self.aggregates = all;
        Ok(())
    }

    /// Ends the first pass: everything was observed.
    pub fn end_observation(&mut self) {
        self.finished = self.aggregates.take().map(Aggregates::finish);
        self.keys = Keys::new(self.engine.options.key_limit);
    }

    /// Answers batches, each given by a function that reads it, on any thread; the answers are given to `take` in their order, until it wants no more.
    ///
    /// # Errors
    /// Those of the batches and of `take`; `NotObserved` before [`Run::end_observation`] where measures look
    /// across records; `Kept` where a column that is kept changes its type from one table to the next; too many
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
        if self.aggregates.is_some() {
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
    fn answers(&self, shapes: &[Shape], records: &Records) -> Result<(Sheet, Summary), EngineError> {
        let good = records.good().unwrap_or_else(|| (0..records.len as u32).collect());
        let mut summary = Summary::new(self.engine.plan());
        let (rows, columns) = match self.engine.options.kind {
            EngineKind::Jit => self.decide_by_machine(shapes, records, &good, &mut summary)?,
            EngineKind::Interpreter => self.interpret(shapes, records, &good, &mut summary),
        };
        self.note_blanks(records, &good, &mut summary);
        Ok((Sheet { rows, columns }, summary))
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
        let mut reader = self.engine.reader(shapes, self.finished.as_ref());
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
        let mut decided = machine.decide(&self.engine.fields, records, self.finished.as_ref())?;
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
        let mut reader = self.engine.reader(shapes, self.finished.as_ref());
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
struct Loaded<T> {
    job: Job<T>,
    shapes: Vec<Shape>,
    records: Records,
}

impl<T> Loaded<T> {
    fn read<E>(job: impl FnOnce() -> Result<Job<T>, E>) -> Result<Loaded<T>, E> {
        let job = job()?;
        let shapes = job.binding.shapes(&job.raw.batch.schema());
        let records = Records::read(&job.binding, &shapes, &job.raw);
        Ok(Loaded { job, shapes, records })
    }

    /// Refuses repeated keys.
    fn admit<E: From<EngineError>>(keys: &mut Keys, loaded: &mut Loaded<T>) -> Result<(), E> {
        let Loaded { job, shapes, records } = loaded;
        let refused = records.refuse_repeated(&job.binding, shapes, &job.raw, keys);
        refused.map_err(|error| EngineError::from(error).into())
    }
}

/// Columns of answers, and for each row the row of its record.
struct Sheet {
    rows: Vec<u32>,
    columns: Vec<ArrayRef>,
}

/// Turns an evaluator to one record after another.
struct Reader<'r> {
    engine: &'r Engine,
    shapes: &'r [Shape],
    evaluator: Evaluator<'r>,
}

impl<'r> Reader<'r> {
    fn load(&mut self, records: &Records, row: usize) -> &mut Evaluator<'r> {
        self.evaluator.load(&self.engine.facts(&records.row(self.shapes, row)));
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

impl Engine {
    fn reader<'r>(&'r self, shapes: &'r [Shape], finished: Option<&'r FinishedAggregates>) -> Reader<'r> {
        let width = self.program.records[self.record.index()].fields.len();
        let nothing = self.facts(&vec![None; width]);
        let evaluator = Evaluator::new(self.plan(), &self.inputs, finished, &nothing);
        Reader { engine: self, shapes, evaluator }
    }

    /// The shapes of the plan's inputs, from those of the record's fields.
    fn shapes(&self, shapes: &[Shape]) -> Vec<Shape> {
        self.fields.iter().map(|field| shapes[*field]).collect()
    }

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
