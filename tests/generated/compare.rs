//! Runs a batch on two engines and finds the first difference of their answers.

use std::cell::RefCell;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Once};

use arrow_array::{Array, RecordBatch};
use arrow_select::concat::concat_batches;
use pol::batch::{
    Answered, BindOptions, Engine, EngineError, EngineKind, EngineOptions, Job, Layout, RawBatch, Summary,
};
use pol::check::typed::{ParamId, RecordId};
use pol::value::{Date, Value};

use super::random::Random;
use super::sets::Set;

/// A run: a set, the kind of record, the day, and how.
pub struct Run<'s> {
    pub set: &'s Set,
    pub record: usize,
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
#[derive(Debug, Clone, Copy)]
pub struct How {
    pub threads: usize,
    pub reasons: bool,
    pub layout: Layout,
    /// The row at which the records are cut into two batches of one run; 0 where they are one.
    pub split: usize,
}

impl How {
    pub const PLAIN: How = How { threads: 1, reasons: true, layout: Layout::Wide, split: 0 };

    /// Mostly plain.
    pub fn any(random: &mut Random, rows: usize) -> How {
        How {
            threads: if random.chance(10) { 2 } else { 1 },
            reasons: random.chance(85),
            layout: *random.pick(&[
                Layout::Wide,
                Layout::Wide,
                Layout::Wide,
                Layout::Wide,
                Layout::Long,
                Layout::List,
            ]),
            split: if random.chance(20) { random.below(rows) } else { 0 },
        }
    }
}

/// Answers a batch, or says why not.
pub type Answer = dyn Fn(&Run<'_>, &RecordBatch) -> Result<Answered, String>;

/// Where two engines differ.
#[derive(Debug, Clone)]
pub struct Difference {
    /// A column of the answers, or what else is compared.
    pub what: String,
    /// The row of the batch, where it is known.
    pub row: Option<usize>,
    pub meant: String,
    pub found: String,
}

impl Difference {
    /// What differs, whichever the measure: a status, a list of causes, an amount, the run as a whole.
    pub fn kind(&self) -> &str {
        match self.what.rsplit_once('.') {
            Some((_, column @ ("status" | "branch" | "failed" | "missing"))) => column,
            Some(_) => "amount",
            None => &self.what,
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Difference { what, row, meant, found } = self;
        match row {
            Some(row) => write!(f, "{what} of row {row}: meant {meant}, found {found}"),
            None => write!(f, "{what}: meant {meant}, found {found}"),
        }
    }
}

/// What an engine is said to answer that ends in a panic, which is never right.
const PANIC: &str = "a panic: ";

/// Answers with the engine of a kind.
pub fn engine(kind: EngineKind) -> impl Fn(&Run<'_>, &RecordBatch) -> Result<Answered, String> {
    move |run, batch| {
        let options = run.options(kind);
        let (program, plans) = (run.set.program.clone(), run.set.plans.clone());
        let answered = caught(|| {
            let engine = Engine::new(program, plans, RecordId(run.record as u32), run.as_of, options)?;
            match run.how.split {
                at if at > 0 && at < batch.num_rows() => in_two(&engine, batch, at),
                _ => engine.run(batch),
            }
        });
        answered.and_then(|answered| answered.map_err(|error| error.to_string()))
    }
}

/// Answers the rows before and from `at` as two batches of one run.
fn in_two(engine: &Engine, batch: &RecordBatch, at: usize) -> Result<Answered, EngineError> {
    let binding = engine.bind(&batch.schema(), &BindOptions::default()).map_err(EngineError::Unbound)?;
    let binding = Arc::new(binding);
    let ranges = [(0, at), (at, batch.num_rows() - at)];
    let jobs = || {
        ranges.iter().map(|(start, count)| {
            let raw = RawBatch::numbered(batch.clone()).slice(*start, *count);
            let job = Job { binding: binding.clone(), raw, tag: () };
            Ok(|| Ok(job))
        })
    };
    let mut population = engine.population();
    if engine.looks_across() {
        population.observe::<_, EngineError, _>(engine, jobs())?;
    }
    let mut run = engine.start(Vec::new(), Some(population.finish()));
    let mut parts: Vec<Answered> = Vec::new();
    run.answer::<_, EngineError, _>(jobs(), |answered, ()| {
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

/// The first difference of the answers of two engines; `None` where there is none.
pub fn compare(run: &Run<'_>, batch: &RecordBatch, meant: &Answer, found: &Answer) -> Option<Difference> {
    match (meant(run, batch), found(run, batch)) {
        (Ok(meant), Ok(found)) => different(&meant, &found),
        (Err(meant), Err(found)) if meant == found && !meant.starts_with(PANIC) => None,
        (meant, found) => {
            let said = |answered: Result<Answered, String>| answered.err().unwrap_or("an answer".to_owned());
            let (meant, found) = (said(meant), said(found));
            Some(Difference { what: "the run".to_owned(), row: None, meant, found })
        }
    }
}

fn different(meant: &Answered, found: &Answered) -> Option<Difference> {
    let whole = |what: &str, meant: String, found: String| {
        Some(Difference { what: what.to_owned(), row: None, meant, found })
    };
    if meant.rejects != found.rejects {
        return whole("rejects", format!("{:?}", meant.rejects), format!("{:?}", found.rejects));
    }
    if meant.batch.schema() != found.batch.schema() || meant.batch.num_rows() != found.batch.num_rows() {
        return whole("shape", format!("{:?}", meant.batch.schema()), format!("{:?}", found.batch.schema()));
    }
    for (at, field) in meant.batch.schema().fields().iter().enumerate() {
        let (a, b) = (meant.batch.column(at), found.batch.column(at));
        if a == b {
            continue;
        }
        let differs = |row: &usize| a.slice(*row, 1).as_ref() != b.slice(*row, 1).as_ref();
        let row = (0..a.len()).find(differs);
        let shown = |array: &dyn Array| {
            let cell = row.map(|row| array.slice(row, 1));
            cell.map_or_else(String::new, |cell| {
                format!("{cell:?}").split_whitespace().collect::<Vec<_>>().join(" ")
            })
        };
        let (meant_cell, found_cell) = (shown(a.as_ref()), shown(b.as_ref()));
        // Rows that could not be read have no answer, and other layouts other rows.
        let row = if meant.rejects.is_empty() { row } else { None };
        return Some(Difference { what: field.name().clone(), row, meant: meant_cell, found: found_cell });
    }
    if meant.summary != found.summary {
        return whole("summary", format!("{:?}", meant.summary), format!("{:?}", found.summary));
    }
    None
}
