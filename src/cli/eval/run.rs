//! Runs one kind of record after another: files in, answers and rejects out; before that, one pass over the
//! records that measures look at.

use std::sync::{Arc, Mutex, PoisonError};

use arrow_array::RecordBatch;

use super::Plan;
use super::lists::Lists;
use super::place::Job as Place;
use super::progress;
use super::stages::{Digest, WriteBehind};
use crate::batch::{
    Answered, BindOptions, Binding, Engine, EngineError, Job, Keep, Layout, Population, Reject, Run, Summary,
};
use crate::check::typed::{RecordId, Type};
use crate::cli::{Stop, inputs};
use crate::interp::FinishedAggregates;
use crate::jit::CHUNK;
use crate::tables::{BATCH_ROWS, Input, Need, RejectsWriter, Table, TableWriter};

/// What became of one kind of record.
pub struct RecordReport {
    pub record: String,
    pub label: String,
    pub inputs: Vec<String>,
    pub input_digest: String,
    pub output: String,
    pub rejects: Option<String>,
    pub rows_in: u64,
    pub summary: Summary,
    /// Columns that no field has, and fields that no column has.
    pub unknown: Vec<String>,
    pub missing: Vec<String>,
    /// The first few rejects, for people.
    pub examples: Vec<String>,
    /// With `--layout list`: what the first applicants get.
    pub lists: Lists,
}

/// Batches that share the memory for them.
const BATCHES: usize = 16;

/// About how many bytes of memory a record takes that is only looked at.
pub const OBSERVED_BYTES: usize = 256;

/// Rejects that are shown at the end of a run.
pub const EXAMPLES: usize = 3;

impl From<EngineError> for Stop {
    fn from(error: EngineError) -> Stop {
        match error {
            EngineError::NoPlan(_)
            | EngineError::NotObserved
            | EngineError::Thread
            | EngineError::Compile(_) => Stop::Bug(error.to_string()),
            EngineError::Unbound(_)
            | EngineError::TooManyKeys(_)
            | EngineError::Kept { .. }
            | EngineError::TooManyConditions(_)
            | EngineError::Arrow(_) => Stop::Usage(error.to_string()),
        }
    }
}

/// A kind of record whose answers are written aside, but not yet in their place.
pub struct Decided<'j> {
    job: &'j Place,
    report: RecordReport,
    writer: TableWriter,
    rejects: Option<RejectsWriter>,
}

impl Decided<'_> {
    /// Puts the answers and rejects in their places.
    pub fn finish(self, plan: &Plan) -> Result<RecordReport, Stop> {
        let Decided { job, mut report, writer, rejects } = self;
        writer.finish(&super::report::receipt(plan, &report.input_digest))?;
        if let (Some(rejects), Some(path)) = (rejects, &job.rejects) {
            // Beside the output there is a file of rejects only where there are some; one that an earlier run
            // left would mislead.
            if rejects.count() > 0 || job.rejects_named {
                rejects.finish()?;
            } else {
                drop(rejects);
                let _ = std::fs::remove_file(path);
                report.rejects = None;
            }
        }
        Ok(report)
    }
}

/// A kind of record of the run with the engine that decides it.
pub struct Task<'j> {
    job: &'j Place,
    engine: Engine,
}

impl<'j> Task<'j> {
    pub fn new(plan: &Plan, job: &'j Place) -> Result<Task<'j>, Stop> {
        let (program, core) = (plan.set.program.clone(), plan.set.core.clone());
        let engine = Engine::new(program, core, job.input.record, plan.as_of, plan.options.clone())?;
        Ok(Task { job, engine })
    }

    /// Decides every record.
    pub fn decide(&self, plan: &Plan, seen: Arc<FinishedAggregates>) -> Result<Decided<'j>, Stop> {
        let kept = if plan.keep { first_kept(plan, self.job, &self.engine)? } else { Vec::new() };
        let run = self.engine.start(kept, Some(seen));
        Pass { plan, job: self.job, engine: &self.engine, run }.answer()
    }

    /// The first pass, for what looks across records. Bad rows are told of in the second.
    fn observe(&self, plan: &Plan, population: &mut Population) -> Result<(), Stop> {
        let files = &self.job.input.files;
        let bar = progress::bar("looking across", estimate(files), plan.quiet);
        let notes = Mutex::<Seen>::default();
        let rows = batch_rows(plan, OBSERVED_BYTES);
        let shown = &bar;
        population.observe(
            &self.engine,
            jobs(plan, &self.engine, files, &notes, rows).map(|job| {
                let job = job?;
                Ok(move || job().inspect(|job| shown.inc(job.raw.batch.num_rows() as u64)))
            }),
        )?;
        bar.finish_and_clear();
        Ok(())
    }
}

/// Shows all records that measures look at, of every kind, to those that look.
pub fn observe(plan: &Plan, tasks: &[Task<'_>]) -> Result<Arc<FinishedAggregates>, Stop> {
    let population = Population::of(tasks.iter().map(|task| &task.engine));
    let mut population = population.ok_or_else(|| Stop::Usage("there is no --input".to_owned()))?;
    for task in tasks {
        if population.looks_at(&task.engine) {
            task.observe(plan, &mut population)?;
        }
    }
    Ok(population.finish())
}

/// The kinds of record that measures of the run look at and no input holds, each with who looks.
pub fn unseen(tasks: &[Task<'_>]) -> Vec<(RecordId, RecordId)> {
    let held = |record: RecordId| tasks.iter().any(|task| task.job.input.record == record);
    let mut unseen = Vec::new();
    for task in tasks {
        let record = task.job.input.record;
        unseen.extend(task.engine.looks_at().filter(|seen| !held(*seen)).map(|seen| (record, seen)));
    }
    unseen.sort_unstable();
    unseen.dedup();
    unseen
}

/// The columns that go to the answers as they are: those of the first file.
fn first_kept(plan: &Plan, job: &Place, engine: &Engine) -> Result<Vec<arrow_schema::FieldRef>, Stop> {
    let table = job.input.files[0].open()?;
    let binding = bind(plan, engine, &table)?;
    Ok(binding.kept_fields(&table.schema))
}

fn bind(plan: &Plan, engine: &Engine, table: &Table) -> Result<Binding, Stop> {
    let keep = if plan.keep { Keep::Unknown } else { Keep::None };
    let bound = engine.bind(&table.schema, &BindOptions { keep, serials: table.serials });
    bound.map_err(|problems| inputs::unbound(&table.name, &problems))
}

struct Pass<'e, 'j> {
    plan: &'e Plan,
    job: &'j Place,
    engine: &'e Engine,
    run: Run<'e>,
}

impl<'j> Pass<'_, 'j> {
    fn answer(mut self) -> Result<Decided<'j>, Stop> {
        let files = &self.job.input.files;
        let names: Vec<String> = files.iter().map(|file| file.name().to_owned()).collect();
        let threads = self.plan.options.threads;
        let several = threads > 1;
        let writer = TableWriter::create(&self.job.output, &self.run.schema(), threads)?;
        let mut writer = WriteBehind::new(writer, several);
        let digest = Digest::new(files, several)?;
        let mut rejects = match &self.job.rejects {
            Some(path) => Some(RejectsWriter::create(path, names.clone())?),
            None => None,
        };
        let record = &self.plan.set.program.records[self.job.input.record.index()];
        let mut report = RecordReport {
            record: record.head.name.clone(),
            label: record.head.label.clone(),
            inputs: names,
            input_digest: String::new(),
            output: self.job.output.path.clone(),
            rejects: self.job.rejects.clone(),
            rows_in: 0,
            summary: Summary::default(),
            unknown: Vec::new(),
            missing: Vec::new(),
            examples: Vec::new(),
            lists: Lists::default(),
        };
        let mut documents = self.plan.set.program.sources.iter().filter(|source| source.own);
        let document = documents.next().map_or("", |source| &source.name);
        let keys = record.fields.iter().filter(|field| field.key).count();
        let bar = progress::bar(&report.record, estimate(files), self.plan.quiet);
        let notes = Mutex::<Seen>::default();
        let jobs =
            jobs(self.plan, self.engine, files, &notes, batch_rows(self.plan, self.run.record_bytes()));
        let plan = self.plan;
        self.run.answer(jobs, |answered, bad| {
            let count = answered.summary.records + answered.summary.rejected + bad.len() as u64;
            let answers = tell(plan, answered, bad, &mut rejects, &mut report)?;
            if plan.options.answers.layout == Layout::List {
                let looked = report.lists.look(&answers, keys, document, plan.set.compiled.language);
                looked.map_err(|error| Stop::Bug(error.to_string()))?;
            }
            bar.inc(count);
            writer.write(answers)
        })?;
        bar.finish_and_clear();
        let seen = notes.into_inner().unwrap_or_else(PoisonError::into_inner);
        (report.unknown, report.missing, report.rows_in) = (seen.unknown, seen.missing, seen.rows);
        let writer = writer.finish()?;
        report.input_digest = digest.finish()?;
        // The law of the reader: nothing is lost.
        let out = report.summary.records + report.summary.rejected;
        if out != report.rows_in {
            let (record, rows) = (&report.record, report.rows_in);
            return Err(Stop::Bug(format!("{record}: {rows} rows came in but {out} went out")));
        }
        Ok(Decided { job: self.job, report, writer, rejects })
    }
}

/// Rows that are decided together: as the memory for batches allows, whatever the threads, so that these do
/// not change what is written.
pub fn batch_rows(plan: &Plan, record_bytes: usize) -> usize {
    rows_in(plan.batch_memory, record_bytes)
}

/// Rows that batches of so much memory in all may have, where each takes so much.
pub fn rows_in(batch_memory: usize, record_bytes: usize) -> usize {
    let rows = batch_memory / BATCHES / record_bytes;
    (rows / CHUNK * CHUNK).clamp(CHUNK, BATCH_ROWS)
}

/// About how many rows the files have: told from the first megabyte of text files.
pub fn estimate(files: &[Input]) -> Option<u64> {
    files.iter().map(Input::estimated_rows).sum()
}

pub fn note(list: &mut Vec<String>, more: &[String]) {
    for name in more {
        if !list.contains(name) {
            list.push(name.clone());
        }
    }
}

/// What was seen of the files of a run.
#[derive(Default)]
pub struct Seen {
    /// Columns that no field has, and fields that no column has.
    pub unknown: Vec<String>,
    pub missing: Vec<String>,
    pub rows: u64,
}

/// The batches of all files, each bound as its file is, with the rows that could not even be cut into cells.
pub fn jobs<'a>(
    plan: &'a Plan,
    engine: &'a Engine,
    files: &'a [Input],
    seen: &'a Mutex<Seen>,
    rows: usize,
) -> impl Iterator<Item = Result<impl FnOnce() -> Result<Job<Vec<Reject>>, Stop> + Send + 'a, Stop>> + Send + 'a
{
    files.iter().enumerate().flat_map(move |(number, file)| {
        let opened = file.open().map_err(Stop::from).and_then(|mut table| {
            let binding = bind(plan, engine, &table)?;
            let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
            note(&mut seen.unknown, &binding.unknown);
            note(&mut seen.missing, &binding.missing);
            table.need(&needs(&binding, &table), rows);
            Ok((Arc::new(bind(plan, engine, &table)?), table))
        });
        let (failed, opened) = match opened {
            Ok(opened) => (None, Some(opened)),
            Err(stop) => (Some(Err(stop)), None),
        };
        let batches = opened.into_iter().flat_map(move |(binding, table)| {
            inputs::pieces(table).map(move |piece| {
                let (piece, binding) = (piece?, binding.clone());
                Ok(move || {
                    let (raw, tag) = piece.read()?.into_raw(number as u32);
                    let rows = (raw.batch.num_rows() + tag.len()) as u64;
                    seen.lock().unwrap_or_else(PoisonError::into_inner).rows += rows;
                    Ok(Job { binding, raw, tag })
                })
            })
        });
        failed.into_iter().chain(batches)
    })
}

/// Which columns are read: those of fields, and those that go on as they are.
pub fn needs(binding: &Binding, table: &Table) -> Vec<Need> {
    let mut needs = vec![Need::None; table.schema.fields().len()];
    for field in &binding.fields {
        if let Some(column) = field.column {
            let few = matches!(field.reader.field().ty, Type::Enum(_));
            needs[column] = if few { Need::Names } else { Need::Field };
        }
    }
    binding.kept.iter().for_each(|column| needs[*column] = Need::Kept);
    needs
}

/// Tells of the rows of a batch that could not be read; the answers to the others.
fn tell(
    plan: &Plan,
    answered: Answered,
    bad: Vec<Reject>,
    rejects: &mut Option<RejectsWriter>,
    report: &mut RecordReport,
) -> Result<RecordBatch, Stop> {
    let Answered { batch, rejects: more, mut summary } = answered;
    summary.rejected += bad.len() as u64;
    let mut all = bad;
    all.extend(more);
    all.sort_by_key(|reject| reject.place.line);
    for reject in &all {
        let source = &report.inputs[reject.place.source as usize];
        let shown = format!("{source}:{}: {}", reject.place.line, reject.words());
        if plan.strict {
            crate::cli::complain(&format!(
                "error: {shown}\nstopped at the first row that cannot be read (--strict)"
            ));
            return Err(Stop::Found);
        }
        if rejects.is_some() && report.examples.len() < EXAMPLES {
            report.examples.push(shown.clone());
        }
        match rejects {
            Some(rejects) => rejects.write(reject)?,
            // Nothing is lost: without a file every reject is told.
            None => crate::cli::complain(&format!("rejected: {shown}")),
        }
    }
    report.summary.merge(&summary);
    Ok(batch)
}
