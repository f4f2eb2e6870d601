//! What looks across records sees, over all kinds of them.

use std::sync::Arc;

use super::run::{Job, Loaded, Reader};
use super::{Engine, EngineError};
use crate::batch::rows::Keys;
use crate::batch::stream::{Stages, stream};
use crate::interp::{Aggregates, FinishedAggregates};
use crate::ir;

/// The records that a run's first pass has shown to what looks across them.
#[derive(Debug, Clone)]
pub struct Population {
    plans: Arc<ir::Program>,
    pub(super) aggregates: Aggregates,
}

impl Population {
    /// No records of any kind.
    pub(super) fn new(plans: Arc<ir::Program>) -> Population {
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
        self.aggregates.set_present(engine.record);
        let plans = &engine.plans.records;
        let observe = |loaded: Loaded<T>| {
            let mut aggregates = Aggregates::start(plans);
            let mut reader = Reader::new(engine, &loaded.shapes, None);
            for row in (0..loaded.records.len).filter(|row| loaded.records.is_good(*row)) {
                aggregates.add_loaded(plans, reader.load(&loaded.records, row));
            }
            Ok(aggregates)
        };
        let mut keys = Keys::new(engine.options.key_limit);
        let stages = Stages { read: Loaded::read, admit: Loaded::admit, decide: observe };
        stream(jobs, engine.options.threads, &mut keys, stages, |own| {
            self.aggregates.merge(own);
            Ok(true)
        })
    }

    /// After the last record: what every run over these records is started with.
    pub fn finish(self) -> Arc<FinishedAggregates> {
        Arc::new(self.aggregates.finish(&self.plans.records))
    }
}
