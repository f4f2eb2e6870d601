//! What looks across records sees, over all kinds of them.

use std::sync::Arc;

use super::run::{Job, Loaded, Reader};
use super::{Engine, EngineError};
use crate::batch::records::Records;
use crate::batch::rows::Keys;
use crate::batch::stream::{Stages, stream};
use crate::check::typed::RecordId;
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
    /// No records of any kind, for a run that answers records of these kinds: only what measures for them look at
    /// will be kept.
    pub fn new(plans: Arc<ir::Program>, asking: impl IntoIterator<Item = RecordId>) -> Population {
        Population { aggregates: Aggregates::asked_by(&plans.records, asking), plans }
    }

    /// The same for all engines of a run, which are of one program; `None` of no engine.
    pub fn of<'e>(engines: impl IntoIterator<Item = &'e Engine>) -> Option<Population> {
        let mut engines = engines.into_iter().peekable();
        let plans = engines.peek()?.plans.clone();
        Some(Population::new(plans, engines.map(|engine| engine.record)))
    }

    /// Whether the run looks at records of this engine's kind: others need not be shown.
    pub fn looks_at(&self, engine: &Engine) -> bool {
        self.aggregates.look_at(&self.plans.records, engine.record)
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
        let start = self.start();
        let observe =
            |loaded: Loaded<T>| Ok(observe_records(engine, start.clone(), &loaded.shapes, &loaded.records));
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

    /// Before any record, for a part of them.
    pub(super) fn start(&self) -> Aggregates {
        self.aggregates.fresh()
    }

    pub(super) fn merge(&mut self, seen: Aggregates) {
        self.aggregates.merge(seen);
    }

    /// After the last record: what every run over these records is started with.
    pub fn finish(self) -> Arc<FinishedAggregates> {
        Arc::new(self.aggregates.finish(&self.plans.records))
    }
}

/// What the good ones among some records show, added to what is there.
pub(super) fn observe_records(
    engine: &Engine,
    mut aggregates: Aggregates,
    shapes: &[Shape],
    records: &Records,
) -> Aggregates {
    let plans = &engine.plans.records;
    let mut reader = Reader::new(engine, shapes, None);
    for row in (0..records.len).filter(|row| records.is_good(*row)) {
        aggregates.add_loaded(plans, reader.load(records, row));
    }
    aggregates
}
