//! Runs the records of a set on an engine, as the commands do: all kinds are seen, then each is answered.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Once};

use arrow_array::RecordBatch;
use arrow_select::concat::concat_batches;
use pol::batch::{
    Answered, BindOptions, Engine, EngineError, EngineKind, EngineOptions, Job, Layout, Lines, Population,
    RawBatch, Summary,
};
use pol::check::typed::{ParamId, RecordId};
use pol::interp::FinishedAggregates;
use pol::value::{Date, Value};

use super::population::Batches;
use super::random::Random;
use super::sets::Set;

/// A run: a set, the day, and how.
#[derive(Clone, Copy)]
pub struct Run<'s> {
    pub set: &'s Set,
    pub as_of: Date,
    pub how: How,
    /// Params that have another value than the policy gives them, by name.
    pub params: &'s [(String, Value)],
}

impl Run<'_> {
    /// The params that have another value, as the engines know them.
    pub fn set_params(&self) -> impl Iterator<Item = (ParamId, Value)> {
        let params = &self.set.program.params;
        let id = |name: &str| params.iter().position(|param| param.head.name == *name);
        self.params.iter().filter_map(move |(name, value)| Some((ParamId(id(name)? as u32), value.clone())))
    }

    fn options(&self, kind: EngineKind) -> EngineOptions {
        let set = self.set_params().collect();
        let mut options = EngineOptions { kind, threads: self.how.threads, set, ..EngineOptions::default() };
        options.answers.reasons = self.how.reasons;
        options.answers.layout = self.how.layout;
        options
    }
}

/// How a run is done, which changes the form of the answers at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct How {
    pub threads: usize,
    pub reasons: bool,
    pub layout: Layout,
    /// Records are cut into batches of so many; 0 where they are not.
    pub batch: usize,
}

impl How {
    pub const PLAIN: How = How { threads: 1, reasons: true, layout: Layout::Wide, batch: 0 };

    /// Mostly plain.
    pub fn any(random: &mut Random) -> How {
        How {
            threads: if random.chance(12) { 2 + random.below(2) } else { 1 },
            reasons: random.chance(85),
            layout: *random.pick(&[
                Layout::Wide,
                Layout::Wide,
                Layout::Wide,
                Layout::Wide,
                Layout::Long,
                Layout::List,
            ]),
            batch: if random.chance(25) { *random.pick(&[5, 16, 33, 64, 100, 1024]) } else { 0 },
        }
    }

    /// The same, plainer: in every way, and in one each.
    pub fn plainer(self) -> Vec<How> {
        let mut all = vec![
            How::PLAIN,
            How { batch: 0, ..self },
            How { threads: 1, ..self },
            How { layout: Layout::Wide, ..self },
            How { reasons: true, ..self },
        ];
        all.extend((self.batch > 1).then_some(How { batch: 1, ..self }));
        all.retain(|how| *how != self);
        all
    }
}

/// Answers the records of each kind, in the order in which they are given, or says why not.
pub type Answer = dyn Fn(&Run<'_>, &[Batches]) -> Result<Vec<Answered>, String>;

/// What an engine is said to answer that ends in a panic, which is never right.
pub const PANIC: &str = "a panic: ";

/// Answers with the engine of a kind.
pub fn engine(kind: EngineKind) -> impl Fn(&Run<'_>, &[Batches]) -> Result<Vec<Answered>, String> {
    move |run, tables| {
        let answered = caught(|| answers(run, tables, kind, tables));
        answered.and_then(|answered| answered.map_err(|error| error.to_string()))
    }
}

/// The answers where `seen` is what looks across records see.
pub fn answers(
    run: &Run<'_>,
    tables: &[Batches],
    kind: EngineKind,
    seen: &[Batches],
) -> Result<Vec<Answered>, EngineError> {
    let make = |record: usize| {
        let (program, plans) = (run.set.program.clone(), run.set.plans.clone());
        Engine::new(program, plans, RecordId(record as u32), run.as_of, run.options(kind))
    };
    let engines: Vec<Engine> = tables.iter().map(|(record, _)| make(*record)).collect::<Result<_, _>>()?;
    // The library's short way.
    if let ([engine], [(_, batches)], 0) = (&engines[..], tables, run.how.batch)
        && let [batch] = &batches[..]
    {
        return Ok(vec![engine.run(batch)?]);
    }
    let Some(mut population) = Population::of(&engines) else { return Ok(Vec::new()) };
    for (record, batches) in seen {
        let engine = make(*record)?;
        if population.looks_at(&engine) {
            let jobs = jobs(&engine, batches, run.how.batch)?;
            population.observe::<_, EngineError, _>(&engine, jobs.into_iter().map(|job| Ok(|| Ok(job))))?;
        }
    }
    let seen = population.finish();
    let parts = engines.iter().zip(tables);
    parts.map(|(engine, (_, batches))| answer(engine, batches, run.how.batch, seen.clone())).collect()
}

/// The batches of a run: each bound by its own columns, and cut where it is longer than `most`.
fn jobs(engine: &Engine, batches: &[RecordBatch], most: usize) -> Result<Vec<Job<()>>, EngineError> {
    let mut jobs = Vec::new();
    let mut line = 1;
    for batch in batches {
        let binding = engine.bind(&batch.schema(), &BindOptions::default()).map_err(EngineError::Unbound)?;
        let binding = Arc::new(binding);
        let raw = RawBatch { batch: batch.clone(), source: 0, lines: Lines::From(line) };
        let rows = batch.num_rows();
        let size = if most == 0 { rows.max(1) } else { most };
        for start in (0..rows.max(1)).step_by(size) {
            let raw = raw.slice(start, size.min(rows - start));
            jobs.push(Job { binding: binding.clone(), raw, tag: () });
        }
        line += rows as u64;
    }
    Ok(jobs)
}

fn answer(
    engine: &Engine,
    batches: &[RecordBatch],
    most: usize,
    seen: Arc<FinishedAggregates>,
) -> Result<Answered, EngineError> {
    let mut run = engine.start(Vec::new(), Some(seen));
    let mut parts: Vec<Answered> = Vec::new();
    let jobs = jobs(engine, batches, most)?.into_iter();
    run.answer::<_, EngineError, _>(jobs.map(|job| Ok(|| Ok(job))), |answered, ()| {
        parts.push(answered);
        Ok(true)
    })?;
    let batches: Vec<RecordBatch> = parts.iter().map(|part| part.batch.clone()).collect();
    let batch = concat_batches(&run.schema(), &batches)?;
    let mut all = Answered { batch, rejects: Vec::new(), summary: Summary::default() };
    for part in parts {
        all.rejects.extend(part.rejects);
        all.summary.merge(&part.summary);
    }
    Ok(all)
}

thread_local! {
    /// Whether a panic of this thread is an answer, and what it said.
    static CAUGHT: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Does something; where that panics, the words of the panic, which the test then does not print.
fn caught<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let held = CAUGHT.with_borrow_mut(|caught| {
                let held = caught.as_mut();
                held.map(|words| words.push_str(&info.to_string().replace('\n', " "))).is_some()
            });
            if !held {
                usual(info);
            }
        }));
    });
    CAUGHT.set(Some(PANIC.to_owned()));
    let done = catch_unwind(AssertUnwindSafe(work));
    let words = CAUGHT.take();
    done.map_err(|_| words.unwrap_or_default())
}
