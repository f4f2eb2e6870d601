//! Runs one kind of record: files in, answers and rejects out; two passes where measures look across records.

use arrow_array::RecordBatch;

use super::Plan;
use super::place::Job;
use super::progress;
use super::stages::{Digest, WriteBehind, read_ahead};
use crate::batch::{BindOptions, Binding, Engine, EngineError, Keep, RawBatch, Reject, Run, Summary};
use crate::cli::{Stop, inputs};
use crate::tables::{Input, RejectsWriter, Table, TableWriter};

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
}

/// Rejects that are shown at the end of a run.
const EXAMPLES: usize = 3;

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
            | EngineError::Arrow(_) => Stop::Usage(error.to_string()),
        }
    }
}

/// A kind of record whose answers are written aside, but not yet in their place.
pub struct Decided<'j> {
    job: &'j Job,
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

/// Decides every record of the job.
pub fn run<'j>(plan: &Plan, job: &'j Job) -> Result<Decided<'j>, Stop> {
    let set = &plan.set;
    let engine = Engine::new(
        set.program.clone(),
        set.core.clone(),
        job.input.record,
        plan.as_of,
        plan.options.clone(),
    )?;
    let kept = if plan.keep { first_kept(plan, job, &engine)? } else { Vec::new() };
    let mut pass = Pass { plan, job, engine: &engine, run: engine.start(kept) };
    if engine.looks_across() {
        pass.observe()?;
    }
    pass.answer()
}

/// The columns that go to the answers as they are: those of the first file.
fn first_kept(plan: &Plan, job: &Job, engine: &Engine) -> Result<Vec<arrow_schema::FieldRef>, Stop> {
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
    job: &'j Job,
    engine: &'e Engine,
    run: Run<'e>,
}

impl<'j> Pass<'_, 'j> {
    /// The first pass, for what looks across records. Bad rows are told of in the second.
    fn observe(&mut self) -> Result<(), Stop> {
        let bar = progress::bar("looking across", self.estimate(), self.plan.quiet);
        for (number, file) in self.job.input.files.iter().enumerate() {
            let table = file.open()?;
            let binding = bind(self.plan, self.engine, &table)?;
            for chunk in read_ahead(inputs::chunks(table), self.plan.options.threads > 1) {
                let (raw, _) = chunk?.into_raw(number as u32);
                bar.inc(raw.batch.num_rows() as u64);
                self.run.observe(&binding, &raw)?;
            }
        }
        bar.finish_and_clear();
        self.run.end_observation();
        Ok(())
    }

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
        };
        let bar = progress::bar(&report.record, self.estimate(), self.plan.quiet);
        'files: for (number, file) in self.job.input.files.iter().enumerate() {
            let table = file.open()?;
            let binding = bind(self.plan, self.engine, &table)?;
            note(&mut report.unknown, &binding.unknown);
            note(&mut report.missing, &binding.missing);
            for chunk in read_ahead(inputs::chunks(table), several) {
                let (raw, bad) = chunk?.into_raw(number as u32);
                let count = (raw.batch.num_rows() + bad.len()) as u64;
                report.rows_in += count;
                let answers = self.batch(&binding, &raw, bad, &mut rejects, &mut report)?;
                bar.inc(count);
                if !writer.write(answers)? {
                    break 'files;
                }
            }
        }
        bar.finish_and_clear();
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

    fn batch(
        &mut self,
        binding: &Binding,
        raw: &RawBatch,
        bad: Vec<Reject>,
        rejects: &mut Option<RejectsWriter>,
        report: &mut RecordReport,
    ) -> Result<RecordBatch, Stop> {
        let mut answered = self.run.answer(binding, raw)?;
        answered.summary.rejected += bad.len() as u64;
        let mut all = bad;
        all.append(&mut answered.rejects);
        all.sort_by_key(|reject| reject.place.line);
        for reject in &all {
            let shown = format!(
                "{}:{}: {}: {}",
                report.inputs[reject.place.source as usize], reject.place.line, reject.column, reject.reason
            );
            if self.plan.strict {
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
        report.summary.merge(&answered.summary);
        Ok(answered.batch)
    }

    /// About how many rows the files have: told from the first megabyte of text files.
    fn estimate(&self) -> Option<u64> {
        self.job.input.files.iter().map(Input::estimated_rows).sum()
    }
}

fn note(list: &mut Vec<String>, more: &[String]) {
    for name in more {
        if !list.contains(name) {
            list.push(name.clone());
        }
    }
}
