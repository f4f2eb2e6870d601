//! `pol sample`: synthetic records for a policy set.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::eval::report::grouped;
use super::inputs::{record_named, unknown_record};
use super::set::{self, PolicySet};
use super::{Outcome, Stop};
use crate::batch::{Stages, stream};
use crate::check::typed::RecordId;
use crate::sample::{Laid, Profile, Request, Sample, USUAL_ROWS, Words};
use crate::tables::{Format, Output, TableError, TableWriter};

/// Rows that are made and written at once.
const BATCH_ROWS: usize = 1 << 15;
/// Rows that a sheet of a workbook can have below its header.
const SHEET_ROWS: u64 = 1_048_575;

/// Make synthetic records, with values at and around every boundary of the policy
///
/// The same seed, profile and policy give the same records, on every machine and however many threads. No row is
/// rejected by `pol eval`. A tenth of all numbers, dates and compared texts stands at a boundary or one step beside it:
/// what the policy compares the field with, on every day on which a param changes, and the ends of its range. Fields
/// that hold the key of another record hold one that is there, where both are made in one run.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  pol sample policies/shandong-2020 --record Enterprise --rows 10_000 --output qiye.csv
  pol sample policies/shandong-2020 --rows 1000 City=16 Province=1 --output samples/ --profile profile.toml --seed 7

A profile (TOML) says what fields are like; everything in it may be left out:
  rows = 1000                          # seed = 7 too
  missing = \"1%\"                       # of fields without `?`; missing_optional, of those with it: 10%
  boundaries = \"10%\"                   # values at or beside a boundary
  [City]
  rows = 16
  [Enterprise.revenue]
  distribution = \"log-normal\"          # or log-uniform, uniform
  median = \"300万元\"
  spread = 4                           # two thirds from a quarter of the median to four times it
  range = [\"0元\", \"5亿元\"]             # and step = \"100元\"
  [Enterprise.industry]
  weights = { retail = 3, other = 1 }  # missing = \"2%\"
  [Enterprise.insured]
  true = \"90%\"
  [County.city]
  values = [\"济南市\", \"青岛市\"]          # or distinct = 16, prefix = \"市\"")]
pub struct Arguments {
    /// The folder of the policy set
    #[arg(default_value = ".")]
    set: PathBuf,
    /// The records to make, by name or label; without it, those that --rows names, or else all
    #[arg(long, num_args = 1..)]
    record: Vec<String>,
    /// N for each record, Record=N for one of them; 1,000 without it
    #[arg(long, num_args = 1.., value_name = "[RECORD=]N")]
    rows: Vec<String>,
    /// Where the records go: a file, - for standard output, or a folder (samples/), in which each kind of record gets
    /// a file of its name
    #[arg(long, value_name = "FILE or FOLDER/")]
    output: String,
    /// csv, ndjson, parquet, arrow, xlsx: where the name of the file does not tell; in a folder csv without it
    #[arg(long, value_name = "FORMAT", value_parser = super::eval::format_named)]
    format: Option<Format>,
    /// What fields are like, as a TOML file; see below
    #[arg(long, value_name = "FILE")]
    profile: Option<PathBuf>,
    /// Another seed gives other records; without it, that of the profile or 1
    #[arg(long)]
    seed: Option<u64>,
    /// Name columns and values by id or by label (with units); without it, by label in CSV and xlsx, by id elsewhere
    #[arg(long, value_enum)]
    headers: Option<HeaderName>,
    /// Look for boundaries on this date too, such as 2020-03-31: those that depend on the date of evaluation
    #[arg(long, value_name = "DATE")]
    as_of: Option<String>,
    /// Threads that make and write; without it, one for each processor
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// Do not tell what was written
    #[arg(long)]
    quiet: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum HeaderName {
    Id,
    Label,
}

pub fn run(arguments: &Arguments) -> Outcome {
    let set = set::load(&arguments.set)?;
    if set.program.records.is_empty() {
        return Err(Stop::Usage("the policy set declares no record, so there are none to make".to_owned()));
    }
    let profile = match &arguments.profile {
        Some(path) => read_profile(&set, path)?,
        None => Profile::default(),
    };
    let request = Request {
        seed: arguments.seed.or(profile.seed).unwrap_or(1),
        rows: rows(arguments, &set, &profile)?,
        as_of: arguments.as_of.as_deref().map(|text| set::as_of(Some(text))).transpose()?,
    };
    let outputs = outputs(arguments, &set, &request)?;
    let sample = Sample::new(&set.program, &set.core, &profile, &request).map_err(Stop::Usage)?;
    let folder = super::eval::Made::for_output(&arguments.output)?;
    let mut written = Vec::new();
    for (at, output) in outputs.iter().enumerate() {
        written.push((at, write(arguments, &set, &sample, at, output)?));
    }
    // Every file appears, or none.
    for (at, writer) in written {
        let receipt = [("pol.seed", request.seed.to_string()), ("pol.policy", set.digest())];
        writer.finish(&receipt.map(|(key, value)| (key.to_owned(), value)))?;
        let record = &sample.records[at];
        if !arguments.quiet && outputs[at].path != "-" {
            let (label, name, rows) = (record.label(), record.name(), record.rows);
            let rows = grouped(&rows.to_string());
            super::print(&format!("{label} {name}: {rows} rows in {}\n", outputs[at].path))?;
        }
    }
    folder.keep();
    Ok(())
}

fn read_profile(set: &PolicySet, path: &Path) -> Result<Profile, Stop> {
    let wrong = |message: String| Stop::Usage(format!("{}: {message}", path.display()));
    let text = fs::read_to_string(path).map_err(|error| wrong(format!("cannot be read: {error}")))?;
    Profile::read(&set.program, &text).map_err(wrong)
}

/// The records of the run, each with its rows.
fn rows(arguments: &Arguments, set: &PolicySet, profile: &Profile) -> Result<BTreeMap<RecordId, u64>, Stop> {
    let named = |name: &str, argument: &str| {
        record_named(set, name).ok_or_else(|| unknown_record(set, name, argument))
    };
    let (mut each, mut of) = (None, BTreeMap::new());
    for argument in &arguments.rows {
        let count = |text: &str| {
            text.replace('_', "").parse::<u64>().map_err(|_| {
                Stop::Usage(format!(
                    "--rows {argument}: write a number of rows, such as --rows 1000 or --rows City=16"
                ))
            })
        };
        match argument.split_once('=') {
            None => each = Some(count(argument)?),
            Some((name, text)) => _ = of.insert(named(name, &format!("--rows {argument}"))?, count(text)?),
        }
    }
    let records: Vec<RecordId> = if !arguments.record.is_empty() {
        arguments
            .record
            .iter()
            .map(|name| named(name, &format!("--record {name}")))
            .collect::<Result<_, _>>()?
    } else if each.is_none() && !of.is_empty() {
        of.keys().copied().collect()
    } else {
        (0..set.program.records.len()).map(|at| RecordId(at as u32)).collect()
    };
    if let Some(other) = of.keys().find(|id| !records.contains(id)) {
        let name = &set.program.records[other.index()].head.name;
        return Err(Stop::Usage(format!("--rows {name}=…: {name} is not among the records of --record")));
    }
    let usual = each.or(profile.rows).unwrap_or(USUAL_ROWS);
    let count = |id: RecordId| {
        of.get(&id)
            .copied()
            .or_else(|| profile.record_rows.get(&id).copied().filter(|_| each.is_none()))
            .unwrap_or(usual)
    };
    Ok(records.into_iter().map(|id| (id, count(id))).collect())
}

/// One output for each record of the run.
fn outputs(arguments: &Arguments, set: &PolicySet, request: &Request) -> Result<Vec<Output>, Stop> {
    let folder = super::eval::is_folder(&arguments.output);
    let names: Vec<&str> =
        request.rows.keys().map(|id| set.program.records[id.index()].head.name.as_str()).collect();
    if names.len() > 1 && !folder {
        return Err(Stop::Usage(format!(
            "several kinds of record are made ({}); give a folder as --output, such as `samples/`, or name one: --record {}",
            names.join(", "),
            names[0]
        )));
    }
    let output = |name: &&str| {
        let path = if folder {
            let extension = arguments.format.unwrap_or(Format::Csv).name();
            Path::new(&arguments.output).join(format!("{name}.{extension}")).to_string_lossy().into_owned()
        } else {
            arguments.output.clone()
        };
        Output::new(&path, arguments.format.or((path == "-").then_some(Format::Csv)))
    };
    let outputs: Vec<Output> = names.iter().map(output).collect::<Result<_, TableError>>()?;
    for (output, rows) in outputs.iter().zip(request.rows.values()) {
        if output.format == Format::Xlsx && *rows > SHEET_ROWS {
            return Err(Stop::Usage(format!(
                "{}: a sheet holds {SHEET_ROWS} rows, and {rows} are asked for; use csv or parquet",
                output.path
            )));
        }
    }
    Ok(outputs)
}

/// Makes and writes the rows of a record, some batches on each thread, in their order.
fn write(
    arguments: &Arguments,
    set: &PolicySet,
    sample: &Sample,
    at: usize,
    output: &Output,
) -> Result<TableWriter, Stop> {
    let for_people = matches!(output.format, Format::Csv | Format::Xlsx);
    let words = match arguments.headers {
        Some(HeaderName::Label) => Words::Labels(set.compiled.language),
        None if for_people => Words::Labels(set.compiled.language),
        _ => Words::Names,
    };
    let laid: Laid<'_> = sample.lay_out(at, words).map_err(Stop::Usage)?;
    let threads = super::eval::threads(arguments.threads)?;
    let mut writer = TableWriter::create(output, laid.schema(), threads)?;
    let firsts = (0..sample.records[at].rows).step_by(BATCH_ROWS).map(Ok);
    let stages = Stages {
        read: |first: u64| laid.batch(first, BATCH_ROWS).map_err(|error| Stop::Bug(error.to_string())),
        admit: |_: &mut (), _: &mut _| Ok(()),
        decide: Ok::<_, Stop>,
    };
    stream(firsts, threads, &mut (), stages, |batch| {
        writer.write(&batch)?;
        Ok(true)
    })?;
    Ok(writer)
}
