//! Runs a batch on two engines and finds the first difference of their answers.

use std::cell::RefCell;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

use arrow_array::{Array, RecordBatch};
use pol::batch::{Answered, Engine, EngineKind, EngineOptions};
use pol::check::typed::{ParamId, RecordId};
use pol::value::{Date, Value};

use super::sets::Set;

/// A run: a set, the kind of record, the day, and how.
pub struct Run<'s> {
    pub set: &'s Set,
    pub record: usize,
    pub as_of: Date,
    pub threads: usize,
    pub reasons: bool,
    /// Params that have another value than the policy gives them, by name.
    pub params: &'s [(String, Value)],
}

impl Run<'_> {
    fn options(&self, kind: EngineKind) -> EngineOptions {
        let params = &self.set.program.params;
        let id = |name: &str| params.iter().position(|param| param.head.name == *name);
        let set =
            self.params.iter().filter_map(|(name, value)| Some((ParamId(id(name)? as u32), value.clone())));
        let mut options =
            EngineOptions { kind, threads: self.threads, set: set.collect(), ..EngineOptions::default() };
        options.answers.reasons = self.reasons;
        options
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
            engine.run(batch)
        });
        answered.and_then(|answered| answered.map_err(|error| error.to_string()))
    }
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
        // Rows that could not be read have no answer.
        let row = if meant.rejects.is_empty() { row } else { None };
        return Some(Difference { what: field.name().clone(), row, meant: meant_cell, found: found_cell });
    }
    if meant.summary != found.summary {
        return whole("summary", format!("{:?}", meant.summary), format!("{:?}", found.summary));
    }
    None
}
