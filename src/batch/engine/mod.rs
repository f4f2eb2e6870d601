//! Batches of raw columns in, batches of answers out.

mod error;
mod held;
mod pair;
mod population;
mod run;

use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::{FieldRef, Schema};
use arrow_select::concat::concat_batches;

use crate::batch::answers::{AnswerOptions, Form};
use crate::batch::bind::{BindOptions, BindProblem, Binding};
use crate::batch::machine::Machines;
use crate::batch::names::MOST_NAMES;
use crate::batch::rows::{RawBatch, Reject};
use crate::batch::summary::Summary;
use crate::check::typed::{ParamId, Program, RecordId};
use crate::interp::{FinishedAggregates, Inputs};
use crate::ir::{self, MeasurePlan, RecordPlan, Source};
use crate::jit::{CHUNK, Shape};
use crate::value::{Date, RunError, Value};

pub use error::EngineError;
pub use held::{Held, Tally};
pub use pair::{Both, Compared, Pair, PairJob, Sides};
pub use population::Population;
pub use run::{Job, Run};

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
    /// How many different keys a run may see; they are kept to find repeated ones.
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

/// A policy set ready to answer for one kind of record at one date.
pub struct Engine {
    program: Arc<Program>,
    plans: Arc<ir::Program>,
    plan: usize,
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
        let own = plans.records[plan].inputs.iter().filter(|input| input.source == Source::Field);
        if !own.map(|input| &input.name).eq(checked.fields.iter().map(|field| &field.name)) {
            return Err(EngineError::NoPlan(checked.head.name.clone()));
        }
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
        Ok(Engine { program, plans, plan, record, inputs, options, machines })
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

    /// Whether records must be observed before the first can be answered.
    pub fn looks_across(&self) -> bool {
        !self.plan().aggregates.is_empty()
    }

    /// The kinds of record that measures look at.
    pub fn looks_at(&self) -> impl Iterator<Item = RecordId> {
        self.plan().aggregates.iter().map(|own| self.plans.records[own.over].record)
    }

    /// What this engine and those for all other kinds of record of the same program see together: no record yet.
    /// [`Population::of`] keeps only what some of them look at.
    pub fn population(&self) -> Population {
        Population::new(self.plans.clone(), self.plans.records.iter().map(|plan| plan.record))
    }

    /// Matches a table with the record.
    ///
    /// # Errors
    /// With every problem of the table.
    pub fn bind(&self, schema: &Schema, options: &BindOptions) -> Result<Binding, Vec<BindProblem>> {
        Binding::new(&self.program, self.record, schema, options)
    }

    /// Begins a run over one or more tables; `kept` are the columns that go to the answers as they are, as the
    /// first table has them; `seen` is what measures that look across records see.
    pub fn start(&self, kept: Vec<FieldRef>, seen: Option<Arc<FinishedAggregates>>) -> Run<'_> {
        Run::new(self, kept, seen)
    }

    /// Answers a whole table at once: the library's short way. Rows are numbered from 1; records of other kinds
    /// are not known.
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
        let mut population = Population::new(self.plans.clone(), [self.record]);
        if population.looks_at(self) {
            population.observe::<_, EngineError, _>(self, jobs())?;
        }
        let mut run = self.start(Vec::new(), Some(population.finish()));
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

impl Engine {
    /// The shapes of the plan's inputs, from those of the record's fields.
    fn shapes(&self, shapes: &[Shape]) -> Vec<Shape> {
        let shape = |(at, input): (usize, &ir::Input)| match &input.source {
            Source::Field => shapes[at],
            Source::Member { field, .. } if shapes[*field] == Shape::Text => Shape::Bool,
            Source::Open(_) | Source::Foreign { .. } | Source::Member { .. } => Shape::Absent,
        };
        self.plan().inputs.iter().enumerate().map(shape).collect()
    }
}

/// Rows of a table that are decided together.
const SLICE: usize = 32 * CHUNK;
