//! What looks across records sees, over all kinds of them.

use std::sync::Arc;

use super::run::{Job, Loaded, Reader};
use super::{Engine, EngineError};
use crate::batch::records::Records;
use crate::batch::rows::Keys;
use crate::batch::stream::{Stages, stream};
use crate::interp::{Aggregates, FinishedAggregates};
use crate::ir;
use crate::jit::Shape;

/// The records that a run's first pass has shown to what looks across them.
#[derive(Debug, Clone)]
pub struct Population {
    plans: Arc<ir::Program>,
    pub(super) aggregates: Aggregates,
}

impl Population {
    /// No records of any kind.
    pub fn new(plans: Arc<ir::Program>) -> Population {
        Population { aggregates: Aggregates::start(&plans.records), plans }
    }

    /// Shows it the records of an engine, in batches, each given by a function that reads it, on any thread.
    /// Rows that cannot be read and repeated keys are passed over; the second pass reports them.
    ///
    /// # Errors
    /// Those of the batches; too many keys.
    pub fn observe<T, E, J>(
        &mut self,
        engine: &Engine,
        jobs: impl Iterator<Item = Result<J, E>> + Send,
    ) -> Result<(), E>
    where
        J: FnOnce() -> Result<Job<T>, E> + Send,
        T: Send,
        E: Send + From<EngineError>,
    {
        self.holds(engine);
        let observe = |loaded: Loaded<T>| Ok(observe_records(engine, &loaded.shapes, &loaded.records));
        let mut keys = Keys::new(engine.options.key_limit);
        let stages = Stages { read: Loaded::read, admit: Loaded::admit, decide: observe };
        stream(jobs, engine.options.threads, &mut keys, stages, |own| {
            self.merge(own);
            Ok(true)
        })
    }

    /// Some input holds records of this engine's kind.
    pub(super) fn holds(&mut self, engine: &Engine) {
        self.aggregates.set_present(engine.record);
    }

    pub(super) fn merge(&mut self, seen: Aggregates) {
        self.aggregates.merge(seen);
    }

    /// After the last record: what every run over these records is started with.
    pub fn finish(self) -> Arc<FinishedAggregates> {
        Arc::new(self.aggregates.finish(&self.plans.records))
    }
}

/// What the good ones among some records show.
pub(super) fn observe_records(engine: &Engine, shapes: &[Shape], records: &Records) -> Aggregates {
    let plans = &engine.plans.records;
    let mut aggregates = Aggregates::start(plans);
    let mut reader = Reader::new(engine, shapes, None);
    for row in (0..records.len).filter(|row| records.is_good(*row)) {
        aggregates.add_loaded(plans, reader.load(records, row));
    }
    aggregates
}
