//! Records that are read and decoded once, and decided again and again with other values of the parameters.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Decimal128Type, Int64Type};
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;

use super::population::{Population, observe_records};
use super::run::{Job, Loaded};
use super::{Engine, EngineError};
use crate::batch::records::Records;
use crate::batch::rows::{Keys, Reject};
use crate::batch::stream::{Stages, stream};
use crate::batch::summary::Summary;
use crate::check::typed::ParamId;
use crate::interp::{FinishedAggregates, Inputs};
use crate::ir::Follows;
use crate::jit::Shape;
use crate::value::{Number, Value};

/// Decoded records of one kind, kept in memory.
#[derive(Default)]
pub struct Held {
    batches: Vec<(Vec<Shape>, Records)>,
    /// Rows that could not be read, or repeat a key.
    pub rejects: Vec<Reject>,
}

/// What one pass over held records gave.
#[derive(Debug, Default)]
pub struct Tally {
    pub summary: Summary,
    /// Sums over the records that are granted, by the columns that were asked for.
    pub sums: BTreeMap<String, Number>,
}

impl Held {
    /// How many records there are.
    pub fn len(&self) -> usize {
        let good = |(_, records): &(Vec<Shape>, Records)| records.len - records.rejected() as usize;
        self.batches.iter().map(good).sum()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Engine {
    /// Reads batches, each given by a function that does so, and keeps what they hold.
    ///
    /// # Errors
    /// Those of the batches; too many keys.
    pub fn hold<T, E, J>(&self, jobs: impl Iterator<Item = Result<J, E>> + Send) -> Result<(Held, Vec<T>), E>
    where
        J: FnOnce() -> Result<Job<T>, E> + Send,
        T: Send,
        E: Send + From<EngineError>,
    {
        let (mut held, mut tags) = (Held::default(), Vec::new());
        let mut keys = Keys::new(self.options.key_limit);
        let stages = Stages { read: Loaded::read, admit: Loaded::admit, decide: Ok::<Loaded<T>, E> };
        stream(jobs, self.options.threads, &mut keys, stages, |loaded| {
            let Loaded { job, shapes, mut records } = loaded;
            held.rejects.append(&mut records.rejects);
            held.batches.push((shapes, records));
            tags.push(job.tag);
            Ok(true)
        })?;
        Ok((held, tags))
    }

    /// Gives parameters other values than the engine was made with, in base units; of the others, those that it was
    /// made with hold. Machine code is compiled anew only where it cannot hold a value.
    pub fn set(&mut self, values: &[(ParamId, Value)]) {
        self.inputs = Inputs::new(&self.plans, self.inputs.as_of());
        for (param, value) in self.options.set.iter().chain(values) {
            self.inputs.set(*param, value.clone());
        }
        self.machines.set(&self.plans, &self.inputs);
    }

    /// Numbers that parameters will be set to: machine code that is made from now on holds for all of them.
    pub fn make_room(&mut self, values: &[(ParamId, Value)]) {
        let follows = |param: ParamId| {
            let plans = self.plans.params.iter().enumerate();
            let own = plans.filter(move |(at, plan)| {
                *at == param.index() || plan.follows == Some((param, Follows::Value))
            });
            own.map(|(at, _)| ParamId(at as u32))
        };
        let numbers = values.iter().filter_map(|(param, value)| match value {
            Value::Number(number) => Some((*param, number)),
            _ => None,
        });
        let room = numbers.flat_map(|(param, number)| follows(param).map(|own| (own, number.clone())));
        let room = room.collect();
        self.machines.make_room(room);
    }

    /// How many times machine code was compiled.
    pub fn compiled(&self) -> usize {
        self.machines.compiled()
    }

    /// Decides held records; `columns` are those of the wide layout whose sums are wanted, times the months of
    /// periodic ones.
    ///
    /// # Errors
    /// `NotObserved` where measures look across records and what they see is not given.
    pub fn tally(
        &self,
        held: &Held,
        seen: Option<Arc<FinishedAggregates>>,
        columns: &[String],
    ) -> Result<Tally, EngineError> {
        if seen.is_none() && self.looks_across() {
            return Err(EngineError::NotObserved);
        }
        let run = self.start(Vec::new(), seen);
        let schema = run.schema();
        let mut tally = Tally { summary: Summary::new(self.plan()), sums: BTreeMap::new() };
        let stages = Stages {
            read: Ok::<&(Vec<Shape>, Records), EngineError>,
            admit: |_: &mut (), _: &mut &(Vec<Shape>, Records)| Ok(()),
            decide: |(shapes, records): &(Vec<Shape>, Records)| run.answers(shapes, records),
        };
        let batches = held.batches.iter().map(Ok);
        stream(batches, self.options.threads, &mut (), stages, |(sheet, summary)| {
            tally.summary.merge(&summary);
            let before = schema.fields().len() - sheet.columns.len();
            let named = |name: &str| Some(&sheet.columns[schema.index_of(name).ok()?.checked_sub(before)?]);
            for name in columns {
                let Some(cells) = named(name) else { continue };
                let sum = sum(cells, named(&format!("{name}.months")));
                let own = tally.sums.entry(name.clone()).or_default();
                *own = own.add(&sum);
            }
            Ok(true)
        })?;
        Ok(tally)
    }
}

impl Population {
    /// Shows it records that an engine holds.
    ///
    /// # Errors
    /// Where a thread ends by itself.
    pub fn observe_held(&mut self, engine: &Engine, held: &Held) -> Result<(), EngineError> {
        self.aggregates.set_present(engine.record);
        let start = self.start();
        let observe = |(shapes, records): &(Vec<Shape>, Records)| {
            Ok(observe_records(engine, start.clone(), shapes, records))
        };
        let stages = Stages {
            read: Ok::<&(Vec<Shape>, Records), EngineError>,
            admit: |_: &mut (), _: &mut &(Vec<Shape>, Records)| Ok(()),
            decide: observe,
        };
        stream(held.batches.iter().map(Ok), engine.options.threads, &mut (), stages, |own| {
            self.aggregates.merge(own);
            Ok(true)
        })
    }
}

/// The exact sum of a column of numbers, each times its months.
fn sum(cells: &ArrayRef, months: Option<&ArrayRef>) -> Number {
    let times = |row: usize| {
        let months = months.and_then(|months| months.as_primitive_opt::<Int64Type>());
        months.filter(|months| !months.is_null(row)).map_or(1, |months| i128::from(months.value(row)))
    };
    let add = |all: Number, (row, value): (usize, i128), scale: u32| {
        all.add(&Number::from_scaled(value, scale).mul(&Number::ratio(times(row), 1)))
    };
    match cells.data_type() {
        DataType::Decimal128(_, scale) => {
            let scale = u32::try_from(*scale).unwrap_or(0);
            let cells = cells.as_primitive::<Decimal128Type>().iter().enumerate();
            let cells = cells.filter_map(|(row, cell)| Some((row, cell?)));
            cells.fold(Number::ZERO, |all, cell| add(all, cell, scale))
        }
        DataType::Int64 => {
            let cells = cells.as_primitive::<Int64Type>().iter().enumerate();
            let cells = cells.filter_map(|(row, cell)| Some((row, i128::from(cell?))));
            cells.fold(Number::ZERO, |all, cell| add(all, cell, 0))
        }
        _ => Number::ZERO,
    }
}
