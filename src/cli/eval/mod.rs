//! `pol eval`: decides a policy for every record of files.

mod articles;
mod lists;
mod place;
pub(super) mod progress;
pub mod report;
pub(super) mod run;
mod stages;

use std::path::{Path, PathBuf};

pub use place::{Made, is_folder};

use super::set::{self, PolicySet};
use super::{Outcome, Stop};
use crate::batch::{AnswerOptions, EngineKind, EngineOptions, Headers, Layout};
use crate::explain::Language;
use crate::tables::{Aside, Format};
use crate::value::Date;

/// Memory for keys and for batches where no limit is given, in bytes.
pub const DEFAULT_KEY_MEMORY: u64 = 4 << 30;
pub const DEFAULT_BATCH_MEMORY: u64 = 512 << 20;
/// What one key takes in the table of keys, at most.
pub const KEY_BYTES: u64 = 66;
/// What a run takes besides its keys: batches being read, decided and written.
const BASE_MEMORY: u64 = 200 << 20;

/// Decide every measure of a policy for every record of one or more files
///
/// Each answer is granted, refused (with the conditions that failed), undetermined (with the fields that are
/// missing), conflict, not_in_force or error. Columns are found by the name or the label of a field, with or
/// without a unit in brackets. A row that cannot be read goes to the rejects with its line, column and reason, and
/// the run goes on: rows in = rows answered + rejects, always. Rows keep their order. Files appear whole or not at
/// all: a run that fails leaves nothing behind.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  pol eval policies/shandong-2020 --input qiye.csv --output answers.csv
  pol eval policies/shandong-2020 --input Enterprise=qiye.xlsx City=cities.csv \\
    --as-of 2020-03-31 --layout list --headers label --output answers/")]
pub struct Arguments {
    /// The folder of the policy set
    set: PathBuf,
    /// FILE or Record=FILE: CSV, NDJSON, Parquet, Arrow, xlsx (book.xlsx#Sheet), a pattern, or - for standard input
    #[arg(long, required = true, num_args = 1.., value_name = "[RECORD=]FILE")]
    input: Vec<String>,
    /// Where the answers go: a file, - for standard output, or a folder (answers/), in which each kind of record
    /// gets a file of its name
    #[arg(long, value_name = "FILE or FOLDER/")]
    output: String,
    /// The format of the input, where its name does not tell: csv, ndjson, parquet, arrow, xlsx
    #[arg(long, value_name = "FORMAT", value_parser = format_named)]
    input_format: Option<Format>,
    /// The format of the output, where its name does not tell; in a folder and on standard output, that of the input
    #[arg(long, value_name = "FORMAT", value_parser = format_named)]
    output_format: Option<Format>,
    /// The date for which measures and params are taken, such as 2020-03-31; without it, today in UTC
    #[arg(long, value_name = "DATE")]
    as_of: Option<String>,
    /// Try another value of a param, such as --set pig_threshold=200头
    #[arg(long = "set", value_name = "PARAM=VALUE")]
    set_param: Vec<String>,
    /// wide: a row for each record; long: for each record and measure; list: for each benefit granted
    #[arg(long, value_enum, default_value_t = LayoutName::Wide)]
    layout: LayoutName,
    /// Name columns of the answers by id (job_subsidy.status) or by label, in the language of the policy set
    #[arg(long, value_enum, default_value_t = HeaderName::Id)]
    headers: HeaderName,
    /// Carry columns of the input through that are no fields
    #[arg(long)]
    keep: bool,
    /// Leave out which conditions failed and which fields are missing
    #[arg(long)]
    no_reasons: bool,
    /// Where rows that cannot be read are listed; without it, beside the output (answers.rejects.csv for
    /// answers.csv), and only where there are some; with - as output they are told on standard error
    #[arg(long, value_name = "FILE")]
    rejects: Option<String>,
    /// Stop at the first row that cannot be read, with exit status 1
    #[arg(long)]
    strict: bool,
    /// Write the summary and the receipt (digests of policy and input, version, date) as JSON
    #[arg(long, value_name = "FILE")]
    summary: Option<String>,
    /// What decides the answers
    #[arg(long, value_enum, default_value_t = EngineName::Jit)]
    engine: EngineName,
    /// Threads that read cells and decide; without it, one for each processor
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// Memory for a run, such as 500MB. Rows stream, in batches that take up to half of it; the rest bounds how many
    /// different keys may be kept to find repeated ones: a run over more of them stops
    #[arg(long, value_name = "SIZE", value_parser = size)]
    memory_limit: Option<u64>,
    /// Print no summary and no progress; rejects that go to no file are told all the same
    #[arg(long)]
    quiet: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum LayoutName {
    Wide,
    Long,
    List,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum HeaderName {
    Id,
    Label,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum EngineName {
    /// Machine code
    Jit,
    /// The reference meaning, record by record
    Interpreter,
}

pub fn format_named(text: &str) -> Result<Format, String> {
    Format::of_path(Path::new(&format!("x.{text}")))
        .ok_or_else(|| "write csv, ndjson, parquet, arrow or xlsx".to_owned())
}

/// Reads `500MB`, `2GB`, `1048576`.
fn size(text: &str) -> Result<u64, String> {
    let upper = text.trim().to_uppercase();
    let digits = upper.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let shift = match &upper[digits.len()..] {
        "" | "B" => 0,
        "K" | "KB" => 10,
        "M" | "MB" => 20,
        "G" | "GB" => 30,
        other => return Err(format!("`{other}` is no size; write KB, MB or GB")),
    };
    let number: u64 =
        digits.trim().parse().map_err(|_| format!("`{text}` is no size; write such as 500MB"))?;
    number.checked_mul(1 << shift).ok_or_else(|| format!("`{text}` is too large"))
}

/// What is common to all records of a run.
pub struct Plan {
    pub set: PolicySet,
    pub as_of: Date,
    /// The date was not given: it is today's.
    pub today: bool,
    pub options: EngineOptions,
    /// Bytes for batches that are read, decided and written.
    pub batch_memory: usize,
    pub keep: bool,
    pub strict: bool,
    pub quiet: bool,
}

pub fn run(arguments: &Arguments) -> Outcome {
    let set = set::load(&arguments.set)?;
    let as_of = set::as_of(arguments.as_of.as_deref())?;
    let options = EngineOptions {
        kind: match arguments.engine {
            EngineName::Jit => EngineKind::Jit,
            EngineName::Interpreter => EngineKind::Interpreter,
        },
        answers: AnswerOptions {
            layout: match arguments.layout {
                LayoutName::Wide => Layout::Wide,
                LayoutName::Long => Layout::Long,
                LayoutName::List => Layout::List,
            },
            headers: match (arguments.headers, set.compiled.language) {
                (HeaderName::Id, _) => Headers::Ids,
                (HeaderName::Label, Language::English) => Headers::EnglishLabels,
                (HeaderName::Label, Language::Chinese) => Headers::ChineseLabels,
            },
            reasons: !arguments.no_reasons,
        },
        set: set.settings(&arguments.set_param)?,
        threads: threads(arguments.threads)?,
        key_limit: 0,
    };
    let (key_limit, batch_memory) = memory(arguments.memory_limit)?;
    let options = EngineOptions { key_limit, ..options };
    let plan = Plan {
        set,
        as_of,
        today: arguments.as_of.is_none(),
        options,
        batch_memory,
        keep: arguments.keep,
        strict: arguments.strict,
        quiet: arguments.quiet,
    };
    decide(arguments, &plan)
}

/// Decides everything, then puts all files in their places: a run that fails leaves none behind.
fn decide(arguments: &Arguments, plan: &Plan) -> Outcome {
    let jobs = place::jobs(arguments, &plan.set)?;
    let made = place::Made::for_output(&arguments.output)?;
    let summary = arguments.summary.as_deref().map(Aside::create).transpose()?;
    let clock = progress::Clock::start();
    let tasks: Vec<run::Task> = jobs.iter().map(|job| run::Task::new(plan, job)).collect::<Result<_, _>>()?;
    let unseen = run::unseen(&tasks);
    let seen = run::observe(plan, &tasks)?;
    let mut decided = Vec::new();
    for task in &tasks {
        decided.push(task.decide(plan, seen.clone())?);
    }
    let mut records = Vec::new();
    for decided in decided {
        records.push(decided.finish(plan)?);
    }
    made.keep();
    let report = report::Report::new(plan, records, unseen, clock.elapsed());
    if let Some(file) = summary {
        report.save(file)?;
    }
    if !arguments.quiet {
        super::complain(report.text(plan.set.compiled.language).trim_end());
    }
    Ok(())
}

pub fn threads(argument: Option<usize>) -> Result<usize, Stop> {
    match argument {
        Some(0) => Err(Stop::Usage("--threads 0: at least one thread is needed".to_owned())),
        Some(threads) => Ok(threads),
        None => Ok(std::thread::available_parallelism().map_or(1, usize::from)),
    }
}

/// How many keys may be kept, and the bytes for batches.
pub fn memory(limit: Option<u64>) -> Result<(usize, usize), Stop> {
    let (keys, batches) = match limit {
        None => (DEFAULT_KEY_MEMORY, DEFAULT_BATCH_MEMORY),
        Some(limit) if limit > BASE_MEMORY => {
            let batches = (limit / 2).min(DEFAULT_BATCH_MEMORY);
            ((limit - batches).saturating_sub(BASE_MEMORY / 2), batches)
        }
        Some(_) => {
            let least = BASE_MEMORY >> 20;
            return Err(Stop::Usage(format!("--memory-limit: a run needs more than {least} MB")));
        }
    };
    let fit = |bytes: u64| usize::try_from(bytes).unwrap_or(usize::MAX);
    Ok((fit(keys / KEY_BYTES), fit(batches)))
}
