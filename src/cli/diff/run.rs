//! Runs both versions over the records: one reading, two answers.

use std::sync::{Arc, Mutex, PoisonError};

use super::Arguments;
use crate::batch::{
    BindOptions, Binding, Compared, Engine, EngineOptions, Pair, PairJob, Population, Reject, Sides, Summary,
};
use crate::check::typed::{ParamId, RecordId};
use crate::cli::Stop;
use crate::cli::eval::{self, progress, run as decide};
use crate::cli::inputs::{self, RecordInput};
use crate::cli::set::PolicySet;
use crate::diff::effect::outcome::{Ran, Reasoning, outcome};
use crate::diff::effect::{Pairing, Versions, Weighed, weigh};
use crate::diff::{Meaning, Outcome};
use crate::explain::{Explainer, Language};
use crate::interp::{FinishedAggregates, Inputs};
use crate::tables::{BATCH_ROWS, Input, Need, Table};
use crate::value::{Date, Value};

/// What is compared.
pub struct Plan<'a> {
    pub arguments: &'a Arguments,
    pub sets: [&'a PolicySet; 2],
    pub meaning: &'a Meaning,
    pub as_of: Date,
    pub language: Language,
}

/// One kind of record, with its files and engines.
struct Task {
    record: Sides<RecordId>,
    files: Vec<Input>,
    engines: Sides<Engine>,
    pairing: Pairing,
}

/// Compares the answers to all records of the input, kind by kind.
pub fn compare(plan: &Plan<'_>) -> Result<Vec<Outcome>, Stop> {
    let settings = settings(plan)?;
    let tasks = tasks(plan, &settings)?;
    if let Some(missing) = plan.arguments.by.iter().find(|by| !tasks.iter().any(|task| task.has(by))) {
        return Err(Stop::Usage(format!(
            "--by {missing}: no --input has a column of this name, and no field of it"
        )));
    }
    let seen = observe(plan, &tasks)?;
    let reasoning = [0, 1].map(|side| {
        let set = plan.sets[side];
        let mut inputs = Inputs::new(&set.core, plan.as_of);
        settings[side].iter().for_each(|(param, value)| inputs.set(*param, value.clone()));
        let explainer = Explainer::new(&set.program);
        Reasoning { program: &set.program, explainer, inputs, seen: seen[side].clone() }
    });
    tasks.iter().map(|task| Ok(outcome(&task.run(plan, &tasks, &seen)?, &reasoning, plan.language))).collect()
}

/// A kind of record, before and after, and its files.
type Group = (Sides<RecordId>, Vec<Input>);

/// The values that are tried for params, in each version that has the param.
fn settings(plan: &Plan<'_>) -> Result<[Vec<(ParamId, Value)>; 2], Stop> {
    let mut all = [Vec::new(), Vec::new()];
    for argument in &plan.arguments.set_param {
        let name = argument.split('=').next().unwrap_or_default();
        let has = plan
            .sets
            .map(|set| set.program.params.iter().any(|own| own.head.name == name || own.head.label == name));
        for side in [0, 1] {
            // Where neither has it, the new one says so.
            if has[side] || side == 1 && !has[0] {
                all[side].extend(plan.sets[side].settings(std::slice::from_ref(argument))?);
            }
        }
    }
    Ok(all)
}

fn tasks(plan: &Plan<'_>, settings: &[Vec<(ParamId, Value)>; 2]) -> Result<Vec<Task>, Stop> {
    let mut groups: Vec<Group> = Vec::new();
    for argument in &plan.arguments.input {
        for (record, files) in resolve(plan, argument)? {
            match groups.iter_mut().find(|(own, _)| *own == record) {
                Some((_, own)) => own.extend(files),
                None => groups.push((record, files)),
            }
        }
    }
    let options = EngineOptions {
        threads: eval::threads(plan.arguments.threads)?,
        // Both may have to keep keys of their own.
        key_limit: usize::try_from(eval::DEFAULT_KEY_MEMORY / eval::KEY_BYTES / 2).unwrap_or(usize::MAX),
        ..EngineOptions::default()
    };
    let task = |(record, files): Group| {
        let engine = |side: usize| -> Result<Option<Engine>, Stop> {
            let (set, Some(record)) = (plan.sets[side], record[side]) else { return Ok(None) };
            let (program, core) = (set.program.clone(), set.core.clone());
            let options = EngineOptions { set: settings[side].clone(), ..options.clone() };
            Ok(Some(Engine::new(program, core, record, plan.as_of, options)?))
        };
        let versions = Versions {
            programs: plan.sets.map(|set| &*set.program),
            cores: plan.sets.map(|set| &*set.core),
            meaning: plan.meaning,
        };
        Ok(Task { record, files, engines: [engine(0)?, engine(1)?], pairing: versions.pairing(record) })
    };
    groups.into_iter().map(task).collect()
}

/// The files of an argument, by the kind of record that they hold; of the new version, or, where that does not have
/// it, of the old one.
fn resolve(plan: &Plan<'_>, argument: &String) -> Result<Vec<Group>, Stop> {
    let resolved = |side: usize| {
        let (format, argument) = (plan.arguments.input_format, std::slice::from_ref(argument));
        inputs::resolve(plan.sets[side], argument, format, None)
    };
    let (name, file) = argument.split_once('=').unwrap_or(("", argument));
    let (side, groups) = match resolved(1) {
        Ok(groups) => (1, groups),
        // Standard input is read once.
        Err(stop) if file == "-" && inputs::record_named(plan.sets[0], name).is_none() => return Err(stop),
        Err(stop) => (0, resolved(0).map_err(|_| stop)?),
    };
    let group = |group: RecordInput| {
        let at = group.record.index();
        let pair = plan.meaning.records.iter().find(|pair| pair[side] == Some(at));
        let record = pair.map_or([None, None], |pair| pair.map(|at| at.map(|at| RecordId(at as u32))));
        (record, group.files)
    };
    Ok(groups.into_iter().map(group).collect())
}

/// Shows all records that measures look at to those that look, each version to its own.
fn observe(plan: &Plan<'_>, tasks: &[Task]) -> Result<[Arc<FinishedAggregates>; 2], Stop> {
    let population = |side: usize| {
        let asking = tasks.iter().filter_map(|task| task.record[side]);
        Population::new(plan.sets[side].core.clone(), asking)
    };
    let mut populations = [population(0), population(1)];
    for task in tasks {
        let looked_at = |(engine, own): (&Option<Engine>, &Population)| {
            engine.as_ref().is_some_and(|engine| own.looks_at(engine))
        };
        if !task.engines.iter().zip(&populations).any(looked_at) {
            continue;
        }
        let pair = task.pair();
        let bar = progress::bar("looking across", decide::estimate(&task.files), plan.arguments.quiet);
        let notes = Mutex::<Notes>::default();
        let rows = decide::rows_in(batch_memory(), decide::OBSERVED_BYTES);
        let shown = &bar;
        pair.observe(
            &mut populations,
            task.jobs(&[], &notes, rows).map(|job| {
                let job = job?;
                Ok(move || job().inspect(|job| shown.inc(job.raw.batch.num_rows() as u64)))
            }),
        )?;
        bar.finish_and_clear();
    }
    Ok(populations.map(Population::finish))
}

fn batch_memory() -> usize {
    usize::try_from(eval::DEFAULT_BATCH_MEMORY).unwrap_or(usize::MAX)
}

/// What was seen of the files of a kind of record.
#[derive(Default)]
struct Notes {
    missing: [Vec<String>; 2],
    rows: u64,
    /// The columns that records are told apart by which some file has.
    by: Vec<bool>,
}

impl Task {
    fn pair(&self) -> Pair<'_> {
        Pair::new(self.engines.each_ref().map(Option::as_ref))
    }

    /// Whether some file has a column that records can be told apart by.
    fn has(&self, by: &str) -> bool {
        self.files.iter().any(|file| {
            let Ok(table) = file.open() else { return false };
            let Ok(bindings) = self.bind(&table) else { return false };
            self.columns(&table, &bindings, &[by.to_owned()])[0].is_some()
        })
    }

    fn bind(&self, table: &Table) -> Result<Sides<Arc<Binding>>, Stop> {
        let bind = |side: usize| -> Result<Option<Arc<Binding>>, Stop> {
            let Some(engine) = &self.engines[side] else { return Ok(None) };
            let options = BindOptions { serials: table.serials, ..BindOptions::default() };
            let bound = engine.bind(&table.schema, &options);
            let version = ["before: ", "after: "][side];
            let name = format!("{version}{}", table.name);
            Ok(Some(Arc::new(bound.map_err(|problems| inputs::unbound(&name, &problems))?)))
        };
        Ok([bind(0)?, bind(1)?])
    }

    fn columns(&self, table: &Table, bindings: &Sides<Arc<Binding>>, by: &[String]) -> Vec<Option<usize>> {
        let column = |name: &String| {
            bindings.iter().rev().flatten().find_map(|binding| binding.column_named(&table.schema, name))
        };
        by.iter().map(column).collect()
    }

    /// The batches of all files, each bound as its file is, with the rows that could not even be cut into cells.
    fn jobs<'a>(
        &'a self,
        by: &'a [String],
        notes: &'a Mutex<Notes>,
        rows: usize,
    ) -> impl Iterator<Item = Result<impl FnOnce() -> Result<PairJob<Vec<Reject>>, Stop> + Send + 'a, Stop>>
    + Send
    + 'a {
        self.files.iter().enumerate().flat_map(move |(number, file)| {
            let opened = file.open().map_err(Stop::from).and_then(|mut table| {
                let bindings = self.bind(&table)?;
                let columns = self.columns(&table, &bindings, by);
                table.need(&needs(&bindings, &table, &columns), rows);
                // What is needed may change how columns are read.
                let bindings = self.bind(&table)?;
                lock(notes).add(&bindings, &columns);
                Ok((bindings, Arc::new(columns), table))
            });
            let (failed, opened) = match opened {
                Ok(opened) => (None, Some(opened)),
                Err(stop) => (Some(Err(stop)), None),
            };
            let batches = opened.into_iter().flat_map(move |(bindings, by, table)| {
                inputs::pieces(table).map(move |piece| {
                    let (piece, bindings, by) = (piece?, bindings.clone(), by.clone());
                    Ok(move || {
                        let (raw, tag) = piece.read()?.into_raw(number as u32);
                        lock(notes).rows += (raw.batch.num_rows() + tag.len()) as u64;
                        Ok(PairJob { bindings, raw, by, tag })
                    })
                })
            });
            failed.into_iter().chain(batches)
        })
    }

    fn run(
        &self,
        plan: &Plan<'_>,
        tasks: &[Task],
        seen: &[Arc<FinishedAggregates>; 2],
    ) -> Result<Ran<'_>, Stop> {
        let by = &plan.arguments.by;
        let names: Vec<String> = self.files.iter().map(|file| file.name().to_owned()).collect();
        let bar = progress::bar(&self.pairing.name, decide::estimate(&self.files), plan.arguments.quiet);
        let notes = Mutex::<Notes>::default();
        let pair = self.pair();
        let rows = decide::rows_in(batch_memory(), pair.record_bytes()).min(BATCH_ROWS);
        let mut ran = Ran {
            pairing: &self.pairing,
            weighed: Weighed::default(),
            summaries: [Summary::default(), Summary::default()],
            inputs: names,
            rows: 0,
            only: [Summary::default(), Summary::default()],
            reject_examples: Vec::new(),
            missing: [Vec::new(), Vec::new()],
            unseen: self.unseen(plan, tasks),
            by: by.clone(),
        };
        let seen = seen.each_ref().map(|seen| Some(seen.clone()));
        let examples = plan.arguments.examples;
        pair.compare(
            &seen,
            self.jobs(by, &notes, rows),
            |both| weigh(&self.pairing, both, by.len(), examples),
            |compared, bad| {
                bar.inc(compared.made.records);
                take(&mut ran, compared, &bad);
                Ok::<bool, Stop>(true)
            },
        )?;
        bar.finish_and_clear();
        let notes = notes.into_inner().unwrap_or_else(PoisonError::into_inner);
        (ran.rows, ran.missing) = (notes.rows, notes.missing);
        let mut has = notes.by.iter();
        ran.weighed.groups.retain(|_| has.next().copied().unwrap_or(false));
        let mut has = notes.by.iter();
        ran.by.retain(|_| has.next().copied().unwrap_or(false));
        Ok(ran)
    }

    /// The kinds of record that measures for this one look at after, and no input holds.
    fn unseen(&self, plan: &Plan<'_>, tasks: &[Task]) -> Vec<String> {
        let looked_at = self.engines[1].iter().flat_map(Engine::looks_at);
        let mut unseen: Vec<String> = looked_at
            .filter(|record| tasks.iter().all(|task| task.record[1] != Some(*record)))
            .map(|record| plan.sets[1].program.records[record.index()].head.label.clone())
            .collect();
        unseen.sort();
        unseen.dedup();
        unseen
    }
}

fn lock(notes: &Mutex<Notes>) -> std::sync::MutexGuard<'_, Notes> {
    notes.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Notes {
    fn add(&mut self, bindings: &Sides<Arc<Binding>>, columns: &[Option<usize>]) {
        for (own, binding) in self.missing.iter_mut().zip(bindings) {
            binding.iter().for_each(|binding| decide::note(own, &binding.missing));
        }
        self.by.resize(columns.len(), false);
        self.by.iter_mut().zip(columns).for_each(|(has, column)| *has |= column.is_some());
    }
}

/// Which columns are read: the fields of either version, and those that records are told apart by.
fn needs(bindings: &Sides<Arc<Binding>>, table: &Table, by: &[Option<usize>]) -> Vec<Need> {
    let mut needs = vec![Need::None; table.schema.fields().len()];
    for binding in bindings.iter().flatten() {
        for (need, own) in needs.iter_mut().zip(decide::needs(binding, table)) {
            *need = match (*need, own) {
                (Need::None, own) => own,
                (need, Need::None) => need,
                (need, own) if need == own => need,
                _ => Need::Field,
            };
        }
    }
    for column in by.iter().flatten() {
        if needs[*column] == Need::None {
            needs[*column] = Need::Kept;
        }
    }
    needs
}

/// Adds what a batch came to.
fn take(ran: &mut Ran<'_>, compared: Compared<Weighed>, bad: &[Reject]) {
    ran.weighed.merge(&compared.made);
    for (all, own) in [(&mut ran.summaries, &compared.summaries), (&mut ran.only, &compared.only)] {
        for (all, own) in all.iter_mut().zip(own) {
            own.iter().for_each(|own| all.merge(own));
        }
    }
    let [before, after] = compared.rejects.map(Option::unwrap_or_default);
    let mut all: Vec<&Reject> = bad.iter().chain(&after).collect();
    all.extend(before.iter().filter(|reject| !after.contains(reject)));
    all.sort_by_key(|reject| reject.place);
    for reject in all {
        if ran.reject_examples.len() >= decide::EXAMPLES {
            break;
        }
        let file = ran.inputs.get(reject.place.source as usize).map_or("", String::as_str);
        ran.reject_examples.push(format!("{file}:{}: {}", reject.place.line, reject.words()));
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::set;
    use crate::diff::meaning::{self, Version};

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        arguments: Arguments,
    }

    /// Whether something was kept of records of the decree for what looks across them, on each side.
    fn kept(inputs: &[String]) -> [bool; 2] {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("policies/shandong-2020");
        let set = set::load(&folder).ok().expect("the decree can be read");
        let line = ["diff", "old", "new", "--quiet", "--as-of", "2020-03-31", "--input"].map(str::to_owned);
        let line = Line::parse_from(line.iter().chain(inputs));
        let version = Version { program: &set.program, sources: &set.compiled.sources };
        let meaning = meaning::compare(version, version, Language::English);
        let plan = Plan {
            arguments: &line.arguments,
            sets: [&set, &set],
            meaning: &meaning,
            as_of: Date::new(2020, 3, 31).expect("a day"),
            language: Language::English,
        };
        let tasks = tasks(&plan, &Default::default()).ok().expect("the input can be read");
        observe(&plan, &tasks).ok().expect("the records can be read").map(|seen| !seen.is_empty())
    }

    #[test]
    fn nothing_is_kept_for_measures_of_kinds_that_are_not_compared() {
        let samples = concat!(env!("CARGO_MANIFEST_DIR"), "/policies/shandong-2020/samples");
        let firms = std::fs::read_to_string(format!("{samples}/qiye.csv")).expect("a sample");
        let (head, rows) = firms.split_once('\n').expect("a header");
        // Some thousands: each row ten times, with other keys.
        let copy = |at: usize| {
            let parts = rows.lines().filter_map(|row| row.split_once(','));
            parts.map(|(number, rest)| format!("{number},{at}{rest}\n")).collect::<String>()
        };
        let many = tempfile::Builder::new().suffix(".csv").tempfile().expect("a file can be made");
        let text = format!("{head}\n{}", (0..10).map(copy).collect::<String>());
        std::fs::write(many.path(), text).expect("a file can be written");
        let firms = format!("Enterprise={}", many.path().display());
        assert_eq!(kept(std::slice::from_ref(&firms)), [false, false]);
        // Cities are ranked among each other.
        assert_eq!(kept(&[firms, format!("City={samples}/cities.csv")]), [true, true]);
    }
}
