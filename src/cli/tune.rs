//! `pol tune`: the value of a param that meets a target on real records.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use super::eval::run::{self, Seen};
use super::eval::{self, Plan, progress};
use super::inputs::{self, RecordInput};
use super::set::{self, PolicySet};
use super::{Outcome, Stop};
use crate::batch::{AnswerOptions, Engine, EngineKind, EngineOptions, Held, Population, Reject};
use crate::check::constants::read_value;
use crate::check::typed::{MeasureId, Param, ParamId, RecordId, Type};
use crate::diag::closest;
use crate::interp::Inputs;
use crate::ir;
use crate::tables::Format;
use crate::tune::{self, Limits, Question, Source, TuneError, Weights};
use crate::value::Value;

/// Find the value of a param that meets a target on real records
///
/// The records are read and decoded once and kept in memory; each value that is tried decides all of them again. Machine
/// code is compiled anew only where a value needs wider numbers. First values are tried from end to end, to see whether the quantity rises or falls; then the
/// greatest or least value that meets the target is found by halving. Exit status 1 where none does.
#[derive(clap::Args)]
#[command(after_help = "Targets: a quantity, <=, >= or =, and a value
  sum of pay <= 1.2亿元                what all measures pay (also waive, penalize; pay.USD for dollars)
  sum of MEASURE.BENEFIT <= 500万元    one benefit of one measure
  count of MEASURE granted >= 1000    records by their answer (granted, refused, met, breached, …)
  share of MEASURE granted >= 80%     the same as a share of the records of its kind

Examples:
  pol tune policies/shandong-2020 --input qiye.csv --as-of 2020-03-31 \\
    --param subsidy_per_hire --target 'sum of job_subsidy.subsidy <= 50万元'
  pol tune policies/shandong-2020 --input Enterprise=qiye.csv City=cities.csv \\
    --param min_contract --target 'share of job_subsidy granted >= 30%' --low 1个月 --high 36个月")]
pub struct Arguments {
    /// The folder of the policy set
    set: PathBuf,
    /// FILE or Record=FILE: CSV, NDJSON, Parquet, Arrow, xlsx (book.xlsx#Sheet), a pattern, or - for standard input
    #[arg(long, required = true, num_args = 1.., value_name = "[RECORD=]FILE")]
    input: Vec<String>,
    /// The format of the input, where its name does not tell: csv, ndjson, parquet, arrow, xlsx
    #[arg(long, value_name = "FORMAT", value_parser = eval::format_named)]
    input_format: Option<Format>,
    /// The param to find a value for, by name or label
    #[arg(long)]
    param: String,
    /// What is to be reached, such as 'sum of pay <= 1.2亿元'
    #[arg(long)]
    target: String,
    /// The lowest value to try; without it, the bound that the policy sets, or zero
    #[arg(long, value_name = "VALUE", allow_hyphen_values = true)]
    low: Option<String>,
    /// The highest value to try; without it, the bound that the policy sets, or a power of ten above the present value
    #[arg(long, value_name = "VALUE", allow_hyphen_values = true)]
    high: Option<String>,
    /// How far apart values lie; without it 1分, 1%, 1人, a day, or finer where the policy's own values are
    #[arg(long, value_name = "VALUE")]
    step: Option<String>,
    /// The date of evaluation, such as 2020-03-31; without it, today in UTC
    #[arg(long, value_name = "DATE")]
    as_of: Option<String>,
    /// Hold another param at another value
    #[arg(long = "set", value_name = "PARAM=VALUE")]
    set_param: Vec<String>,
    /// Threads that read and decide; without it, one for each processor
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// How the answer is written
    #[arg(long, value_enum, default_value_t = Layout::Text)]
    format: Layout,
    /// Write to a file instead of the terminal
    #[arg(long, value_name = "FILE")]
    output: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Layout {
    Text,
    Json,
}

pub fn run(arguments: &Arguments) -> Outcome {
    let set = set::load(&arguments.set)?;
    let as_of = set::as_of(arguments.as_of.as_deref())?;
    let program = set.program.clone();
    let id = param_named(&set, &arguments.param)?;
    let target = tune::parse(&program, &arguments.target)
        .map_err(|message| Stop::Usage(format!("--target {}: {message}", arguments.target)))?;
    let settings = set.settings(&arguments.set_param)?;
    if settings.iter().any(|(param, _)| *param == id) {
        return Err(Stop::Usage(format!("--set {} holds the param that --param varies", arguments.param)));
    }
    let mut inputs = Inputs::new(&set.core, as_of);
    settings.iter().for_each(|(param, value)| inputs.set(*param, value.clone()));
    let now = inputs.param(id).known().filter(|_| !inputs.is_open(id)).cloned();
    let limits = limits(arguments, &set, &program.params[id.index()], now)?;
    let (key_limit, batch_memory) = eval::memory(None)?;
    let options = EngineOptions {
        kind: EngineKind::Jit,
        answers: AnswerOptions { reasons: false, ..AnswerOptions::default() },
        set: settings,
        threads: eval::threads(arguments.threads)?,
        key_limit,
    };
    let language = set.compiled.language;
    let today = arguments.as_of.is_none();
    let plan = Plan { set, as_of, today, options, batch_memory, keep: false, strict: false, quiet: false };
    let question = Question { program: &program, as_of, param: id, target, limits };
    let core = Arc::new(tune::needed(&program, &plan.set.core, &question.target));
    if !tune::reads(&core, id) {
        return Err(Stop::Usage(format!(
            "--param {}: nothing that the target counts reads it, so no value of it changes anything",
            arguments.param
        )));
    }
    let groups = inputs::resolve(&plan.set, &arguments.input, arguments.input_format, None)?;
    let sources = sources(&plan, &question, &core, &groups)?;
    let mut weights = Weights::new(sources, &core, &question);
    let tuned = question.answer(&mut weights)?;
    let text = match arguments.format {
        Layout::Text => tuned.text(&question, &weights, language),
        Layout::Json => format!("{:#}\n", tuned.json(&question, &weights, language)),
    };
    super::save(&text, arguments.output.as_deref())?;
    if tuned.outcome.is_met() { Ok(()) } else { Err(Stop::Found) }
}

impl From<TuneError> for Stop {
    fn from(error: TuneError) -> Stop {
        match error {
            TuneError::Question(message) => Stop::Usage(message),
            TuneError::Engine(error) => error.into(),
        }
    }
}

/// Params that an error lists, at most.
const LISTED: usize = 12;

fn param_named(set: &PolicySet, name: &str) -> Result<ParamId, Stop> {
    let params = &set.program.params;
    let at = params.iter().position(|param| param.head.name == name || param.head.label == name);
    at.map(|at| ParamId(at as u32)).ok_or_else(|| {
        let names = params.iter().flat_map(|param| [param.head.name.as_str(), param.head.label.as_str()]);
        let list = || {
            let some: Vec<&str> = params.iter().take(LISTED).map(|param| param.head.name.as_str()).collect();
            let more = if params.len() > LISTED { ", …" } else { "" };
            if some.is_empty() { String::new() } else { format!("; it has {}{more}", some.join(", ")) }
        };
        let hint = closest(name, names).map_or_else(list, |best| format!("; did you mean `{best}`?"));
        Stop::Usage(format!("--param {name}: the policy has no such param{hint}"))
    })
}

fn limits(arguments: &Arguments, set: &PolicySet, param: &Param, now: Option<Value>) -> Result<Limits, Stop> {
    let read = |option: &str, ty: &Type, text: &Option<String>| -> Result<Option<Value>, Stop> {
        let Some(text) = text else { return Ok(None) };
        let value = read_value(&set.program, ty, text)
            .map_err(|message| Stop::Usage(format!("{option} {text}: {message}")))?;
        Ok(Some(value))
    };
    // Dates lie days apart.
    let days = Type::days();
    let step = if param.ty == Type::Date { &days } else { &param.ty };
    let limits = Limits {
        low: read("--low", &param.ty, &arguments.low)?,
        high: read("--high", &param.ty, &arguments.high)?,
        step: read("--step", step, &arguments.step)?,
        now,
    };
    let open = param.open.as_ref();
    let within = |value: &Value| {
        let above = open.and_then(|open| open.least.as_ref()).is_none_or(|least| least <= value);
        above && open.and_then(|open| open.most.as_ref()).is_none_or(|most| value <= most)
    };
    if ![&limits.low, &limits.high].into_iter().flatten().all(within) {
        return Err(Stop::Usage(format!(
            "--low and --high: the policy leaves `{}` open within bounds that exclude this",
            param.head.name
        )));
    }
    Ok(limits)
}

/// Reads the records that the target, or what looks across records for it, is about.
fn sources(
    plan: &Plan,
    question: &Question<'_>,
    core: &Arc<ir::Program>,
    groups: &[RecordInput],
) -> Result<Vec<Source>, Stop> {
    let program = question.program;
    let concerned = |record: RecordId| {
        program.measures.iter().enumerate().any(|(at, measure)| {
            measure.record == record && question.target.concerns(program, MeasureId(at as u32))
        })
    };
    let asking = groups.iter().map(|group| group.record).filter(|record| concerned(*record));
    let population = Population::new(core.clone(), asking);
    let mut sources = Vec::new();
    for group in groups {
        let engine = Engine::new(
            plan.set.program.clone(),
            core.clone(),
            group.record,
            plan.as_of,
            plan.options.clone(),
        )?;
        let concerned = concerned(group.record);
        if concerned || population.looks_at(&engine) {
            let held = hold(plan, &engine, group)?;
            sources.push(Source { engine, held, concerned });
        }
    }
    if !sources.iter().any(|source| source.concerned) {
        let names: Vec<&str> = groups.iter().map(|group| group.name.as_str()).collect();
        return Err(Stop::Usage(format!(
            "no measure that the target is about is for a record of the input ({})",
            names.join(", ")
        )));
    }
    tell_unseen(plan, &sources, groups);
    Ok(sources)
}

/// Kinds of record that measures look at and no input holds.
fn tell_unseen(plan: &Plan, sources: &[Source], groups: &[RecordInput]) {
    let asking = sources.iter().filter(|source| source.concerned);
    let looked = asking.flat_map(|source| source.engine.looks_at());
    let mut unseen: Vec<RecordId> =
        looked.filter(|record| groups.iter().all(|group| group.record != *record)).collect();
    unseen.sort_unstable();
    unseen.dedup();
    for record in unseen {
        let name = &plan.set.program.records[record.index()].head.name;
        super::complain(&format!("note: measures look at {name}, and no --input holds it: it is missing"));
    }
}

/// Reads and decodes the rows of a kind of record; those that cannot be read are told of.
fn hold(plan: &Plan, engine: &Engine, group: &RecordInput) -> Result<Held, Stop> {
    let bar = progress::bar(&group.name, run::estimate(&group.files), plan.quiet);
    let notes = Mutex::<Seen>::default();
    let rows = run::batch_rows(plan, run::OBSERVED_BYTES);
    let shown = &bar;
    let jobs = run::jobs(plan, engine, &group.files, &notes, rows).map(|job| {
        let job = job?;
        Ok(move || job().inspect(|job| shown.inc(job.raw.batch.num_rows() as u64)))
    });
    let (held, bad) = engine.hold::<Vec<Reject>, Stop, _>(jobs)?;
    bar.finish_and_clear();
    let rejects: Vec<&Reject> = bad.iter().flatten().chain(&held.rejects).collect();
    if !rejects.is_empty() {
        let count = rejects.len();
        super::complain(&format!(
            "{}: {count} cells or rows cannot be read; these rows are left out:",
            group.name
        ));
    }
    for reject in rejects.iter().take(SHOWN) {
        let file = group.files[reject.place.source as usize].name();
        super::complain(&format!("  {file}:{}: {}", reject.place.line, reject.words()));
    }
    Ok(held)
}

/// Rows that cannot be read of which so many are told.
const SHOWN: usize = 3;
