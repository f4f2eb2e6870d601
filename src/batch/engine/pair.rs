//! Two engines over one reading of the same tables: the answers of both, row by row.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::population::observe_records;
use super::run::{Run, read_records};
use super::{Engine, EngineError, Population};
use crate::batch::answers::{View, value_text};
use crate::batch::bind::Binding;
use crate::batch::cells::trim;
use crate::batch::column::{Column, Raw};
use crate::batch::records::Records;
use crate::batch::rows::{Keys, Place, RawBatch, Reject};
use crate::batch::stream::{Stages, stream};
use crate::batch::summary::Summary;
use crate::check::typed::Type;
use crate::interp::FinishedAggregates;
use crate::jit::Shape;
use crate::value::Value;

/// What is before, and what is after; nothing where only the other one has the kind of record.
pub type Sides<T> = [Option<T>; 2];

/// Two engines, of which one may be absent. Both must write the wide layout with reasons.
pub struct Pair<'e> {
    engines: Sides<&'e Engine>,
}

/// A batch that both decide.
pub struct PairJob<T> {
    pub bindings: Sides<Arc<Binding>>,
    pub raw: RawBatch,
    /// Columns by which records are told apart, by position; `None` where the table lacks one.
    pub by: Arc<Vec<Option<usize>>>,
    pub tag: T,
}

/// The answers of both to the records of a batch.
pub struct Both<'r> {
    /// Of the rows that both can read, where there are two.
    pub views: Sides<View>,
    engines: Sides<&'r Engine>,
    bindings: &'r Sides<Arc<Binding>>,
    raw: &'r RawBatch,
    by: &'r [Option<usize>],
    reads: Sides<&'r Read>,
}

/// What became of the rows of a batch.
pub struct Compared<O> {
    /// What was made of the answers.
    pub made: O,
    /// Of the answers that are compared.
    pub summaries: Sides<Summary>,
    pub rejects: Sides<Vec<Reject>>,
    /// Of the answers to rows that only one of them can read.
    pub only: Sides<Summary>,
}

/// The records of a batch as the fields of one of the two.
struct Read {
    shapes: Vec<Shape>,
    records: Records,
}

struct LoadedPair<T> {
    job: PairJob<T>,
    /// One where both read the same.
    reads: Vec<Read>,
    /// Which of them is whose.
    of: Sides<usize>,
}

impl<T> LoadedPair<T> {
    fn read<E>(job: impl FnOnce() -> Result<PairJob<T>, E>) -> Result<LoadedPair<T>, E> {
        let job = job()?;
        let mut reads: Vec<Read> = Vec::new();
        let mut of = [None, None];
        for (side, binding) in job.bindings.iter().enumerate() {
            let Some(binding) = binding else { continue };
            if let (1, [Some(before), _]) = (side, &job.bindings)
                && before.reads_as(binding)
            {
                of[1] = of[0];
                continue;
            }
            let (shapes, records) = read_records(binding, &job.raw);
            of[side] = Some(reads.len());
            reads.push(Read { shapes, records });
        }
        Ok(LoadedPair { job, reads, of })
    }

    fn admit<E: From<EngineError>>(keys: &mut [Keys; 2], loaded: &mut LoadedPair<T>) -> Result<(), E> {
        for (side, keys) in keys.iter_mut().enumerate() {
            let (Some(at), Some(binding)) = (loaded.of[side], &loaded.job.bindings[side]) else { continue };
            if side == 1 && loaded.of[0] == Some(at) {
                continue;
            }
            let Read { shapes, records } = &mut loaded.reads[at];
            let refused = records.refuse_repeated(binding, shapes, &loaded.job.raw, keys);
            refused.map_err(EngineError::from)?;
        }
        Ok(())
    }

    fn sides(&self) -> Sides<&Read> {
        self.of.map(|at| at.map(|at| &self.reads[at]))
    }
}

impl<'e> Pair<'e> {
    pub fn new(engines: Sides<&'e Engine>) -> Pair<'e> {
        Pair { engines }
    }

    fn any(&self) -> Option<&'e Engine> {
        self.engines.iter().flatten().next().copied()
    }

    fn keys(&self) -> [Keys; 2] {
        self.engines.map(|engine| Keys::new(engine.map_or(0, |engine| engine.options.key_limit)))
    }

    fn threads(&self) -> usize {
        self.any().map_or(1, |engine| engine.options.threads)
    }

    /// About how many bytes of memory the answers to one record take.
    pub fn record_bytes(&self) -> usize {
        let bytes = |engine: &&Engine| engine.start(Vec::new(), None).record_bytes();
        self.engines.iter().flatten().map(bytes).sum::<usize>().max(1)
    }

    /// Shows the records to what looks across them, on each side where something does.
    ///
    /// # Errors
    /// Those of the batches; too many keys.
    pub fn observe<T, E, J>(
        &self,
        populations: &mut [Population; 2],
        jobs: impl Iterator<Item = Result<J, E>> + Send,
    ) -> Result<(), E>
    where
        J: FnOnce() -> Result<PairJob<T>, E> + Send,
        T: Send,
        E: Send + From<EngineError>,
    {
        let looked_at = |side: usize| self.engines[side].filter(|engine| populations[side].looks_at(engine));
        let engines = [looked_at(0), looked_at(1)];
        let starts = populations.each_ref().map(Population::start);
        for (engine, population) in engines.iter().zip(&mut *populations) {
            engine.iter().for_each(|engine| population.holds(engine));
        }
        let decide = |loaded: LoadedPair<T>| {
            let sides = loaded.sides();
            let own = |side: usize| {
                let (engine, read) = (engines[side]?, sides[side]?);
                Some(observe_records(engine, starts[side].clone(), &read.shapes, &read.records))
            };
            Ok([own(0), own(1)])
        };
        let stages = Stages { read: LoadedPair::read, admit: LoadedPair::admit, decide };
        stream(jobs, self.threads(), &mut self.keys(), stages, |seen| {
            for (own, population) in seen.into_iter().zip(&mut *populations) {
                own.into_iter().for_each(|own| population.merge(own));
            }
            Ok(true)
        })
    }

    /// Lets both answer batches, each given by a function that reads it; `weigh` makes something of the answers
    /// to a batch, on any thread, and `take` gets it in the order of the batches, until it wants no more.
    ///
    /// # Errors
    /// Those of the batches and of `take`; `NotObserved` where measures look across records and what they see is
    /// not given; too many keys.
    pub fn compare<T, O, E, J>(
        &self,
        seen: &Sides<Arc<FinishedAggregates>>,
        jobs: impl Iterator<Item = Result<J, E>> + Send,
        weigh: impl Fn(&Both<'_>) -> O + Sync,
        mut take: impl FnMut(Compared<O>, T) -> Result<bool, E>,
    ) -> Result<(), E>
    where
        J: FnOnce() -> Result<PairJob<T>, E> + Send,
        T: Send,
        O: Send,
        E: Send + From<EngineError>,
    {
        let blind = |(engine, seen): (&Option<&Engine>, &Option<_>)| {
            seen.is_none() && engine.is_some_and(Engine::looks_across)
        };
        if self.engines.iter().zip(seen).any(blind) {
            return Err(EngineError::NotObserved.into());
        }
        let run = |side: usize| Some(self.engines[side]?.start(Vec::new(), seen[side].clone()));
        let runs: Sides<Run<'_>> = [run(0), run(1)];
        let decide = |loaded: LoadedPair<T>| self.decide(&runs, loaded, &weigh).map_err(E::from);
        let stages = Stages { read: LoadedPair::read, admit: LoadedPair::admit, decide };
        stream(jobs, self.threads(), &mut self.keys(), stages, |(compared, tag)| take(compared, tag))
    }

    fn decide<T, O>(
        &self,
        runs: &Sides<Run<'_>>,
        loaded: LoadedPair<T>,
        weigh: &impl Fn(&Both<'_>) -> O,
    ) -> Result<(Compared<O>, T), EngineError> {
        let reads = loaded.sides();
        let rows = shared(reads);
        let mut views: Sides<View> = [None, None];
        let (mut summaries, mut only) = ([None, None], [None, None]);
        for side in 0..2 {
            let (Some(run), Some(read)) = (&runs[side], reads[side]) else { continue };
            let [both, alone] = &rows[side];
            let (view, mut summary) = run.view(&read.shapes, &read.records, both)?;
            summary.rejected += read.records.rejected();
            (views[side], summaries[side]) = (Some(view), Some(summary));
            if !alone.is_empty() {
                only[side] = Some(run.answers_to(&read.shapes, &read.records, alone)?.1);
            }
        }
        let (engines, bindings) = (self.engines, &loaded.job.bindings);
        let both = Both { views, engines, bindings, raw: &loaded.job.raw, by: &loaded.job.by, reads };
        let made = weigh(&both);
        let rejects = reads.map(|read| read.map(|read| read.records.rejects.clone()));
        Ok((Compared { made, summaries, rejects, only }, loaded.job.tag))
    }
}

/// For each side the rows that are compared, and those that it alone can read.
fn shared(reads: Sides<&Read>) -> [[Vec<u32>; 2]; 2] {
    let [before, after] = reads.map(|read| read.map(|read| read.records.good_rows()));
    let (Some(before), Some(after)) = (&before, &after) else {
        return [before, after].map(|rows| [rows.unwrap_or_default(), Vec::new()]);
    };
    let apart = |own: &[u32], other: &[u32]| {
        let has = |row: &u32| other.binary_search(row).is_ok();
        let (both, alone) = own.iter().copied().partition(has);
        [both, alone]
    };
    if before == after {
        return [[before.clone(), Vec::new()], [after.clone(), Vec::new()]];
    }
    [apart(before, after), apart(after, before)]
}

impl Both<'_> {
    /// The rows of the batch that the compared records stand in.
    pub fn rows(&self) -> &[u32] {
        self.views.iter().flatten().next().map_or(&[], |view| &view.rows)
    }

    /// The values of a record's fields, as one of the two reads them.
    pub fn values(&self, side: usize, at: usize) -> Option<Vec<Option<Value>>> {
        let read = self.reads[side]?;
        Some(read.records.row(&read.shapes, self.rows()[at] as usize))
    }

    /// Where a record stands.
    pub fn place(&self, at: usize) -> Place {
        self.raw.place(self.rows()[at] as usize)
    }

    /// What stands in a column that records are told apart by: a number for each record, and the words by number.
    /// Enums are told by their labels, nothing by an empty word.
    pub fn labels(&self, by: usize) -> (Vec<u32>, Vec<String>) {
        let rows = self.rows();
        let column = self.by.get(by).copied().flatten().filter(|at| *at < self.raw.batch.num_columns());
        let column = column.and_then(|at| Some((at, Column::new(self.raw.batch.column(at).as_ref())?)));
        let Some((at, column)) = column else { return (vec![0; rows.len()], vec![String::new()]) };
        let (mut words, mut by_raw, mut by_word) = (Vec::new(), BTreeMap::new(), BTreeMap::new());
        let mut code = |row: &u32| {
            let raw = column.get(*row as usize);
            let text = match &raw {
                Raw::Text(text) => Cow::Borrowed(*text),
                other => Cow::Owned(other.to_string()),
            };
            if let Some(code) = by_raw.get(text.as_ref()) {
                return *code;
            }
            let word = self.word(at, &raw, &text);
            let code = *by_word.entry(word.clone()).or_insert_with(|| {
                words.push(word);
                words.len() as u32 - 1
            });
            by_raw.insert(text.into_owned(), code);
            code
        };
        let codes = rows.iter().map(&mut code).collect();
        (codes, words)
    }

    /// The label of an enum or truth, or else the text as it stands.
    fn word(&self, column: usize, raw: &Raw<'_>, text: &str) -> String {
        let known = (0..2).rev().find_map(|side| {
            let (engine, binding) = (self.engines[side]?, self.bindings[side].as_ref()?);
            let field = binding.fields.iter().find(|field| field.column == Some(column))?;
            let ty = &field.reader.field().ty;
            let few = matches!(ty, Type::Enum(_) | Type::Bool);
            let value = field.reader.read(raw).ok().flatten().filter(|_| few)?;
            Some(value_text(&engine.program, Some(ty), &value))
        });
        known.unwrap_or_else(|| trim(text).to_owned())
    }
}
