//! `pol explain`: the whole reasoning for one record.

use std::path::PathBuf;

use super::inputs::{self, RecordInput};
use super::set::{self, PolicySet};
use super::{Outcome, Stop};
use crate::batch::{BindOptions, Binding, EngineError, Keys, Reject, Rows, value_text};
use crate::check::typed::{MeasureId, RecordId};
use crate::diag::closest;
use crate::explain::{Explainer, Explanation, Language};
use crate::interp::{self, Aggregates, Evaluator, Inputs};
use crate::tables::{Format, Input, Table};
use crate::value::Value;

/// Explain the answers for one record: conditions, values, quotations, amounts step by step
///
/// All measures for the record are explained unless one is named. What looks across records (ranks, sums, averages)
/// is computed over the whole input, so give the same files as to `pol eval`.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  pol explain policies/shandong-2020 --input qiye.csv --key 91370100MA00000017
  pol explain policies/shandong-2020 --input City=cities.csv --key 青岛市 --measure fdi_reward --language zh")]
pub struct Arguments {
    /// The folder of the policy set
    set: PathBuf,
    /// The files that hold the record (and the others that it is compared with)
    #[arg(long, required = true, num_args = 1.., value_name = "[RECORD=]FILE")]
    input: Vec<String>,
    /// The format of the input, where its name does not tell: csv, ndjson, parquet, arrow, xlsx
    #[arg(long, value_name = "FORMAT", value_parser = super::eval::format_named)]
    input_format: Option<Format>,
    /// The key of the record; the parts of a key of several fields are joined by /
    #[arg(long)]
    key: String,
    /// The record that the key is of, by name or label, where the input holds several
    #[arg(long)]
    record: Option<String>,
    /// Only this measure, by name or label
    #[arg(long)]
    measure: Option<String>,
    /// The date of evaluation, such as 2020-03-31; without it, today in UTC
    #[arg(long, value_name = "DATE")]
    as_of: Option<String>,
    /// Try another value of a param
    #[arg(long = "set", value_name = "PARAM=VALUE")]
    set_param: Vec<String>,
    /// How the explanation is written
    #[arg(long, value_enum, default_value_t = Layout::Text)]
    format: Layout,
    /// en or zh; without it, the language of the policy set
    #[arg(long, value_parser = language)]
    language: Option<Language>,
    /// Write to a file instead of the terminal
    #[arg(long)]
    output: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Layout {
    Text,
    Json,
    Html,
}

pub fn language(text: &str) -> Result<Language, String> {
    Language::from_tag(text).ok_or_else(|| "write en or zh".to_owned())
}

pub fn run(arguments: &Arguments) -> Outcome {
    let set = set::load(&arguments.set)?;
    let as_of = set::as_of(arguments.as_of.as_deref())?;
    let groups = groups(arguments, &set)?;
    let explainer = Explainer::new(&set.program);
    let mut inputs = Inputs::new(&set.core, as_of);
    for (param, value) in set.settings(&arguments.set_param)? {
        inputs.set(param, value);
    }
    let language = arguments.language.unwrap_or(set.compiled.language);
    let named = record_asked(arguments, &set)?;
    let mut asked = Vec::new();
    for group in &groups {
        asked.push(match named.is_none_or(|record| record == group.record) {
            true => measures(&set, group.record, arguments.measure.as_deref())?,
            false => Vec::new(),
        });
    }
    let asking = groups.iter().zip(&asked).filter(|(_, measures)| !measures.is_empty());
    let asking: Vec<RecordId> = asking.map(|(group, _)| group.record).collect();
    let mut aggregates = Aggregates::asked_by(explainer.plans(), asking.iter().copied());
    let (mut near, mut found) = (Vec::new(), Vec::new());
    for (group, measures) in groups.iter().zip(asked) {
        let search = Search { set: &set, explainer: &explainer, inputs: &inputs, group };
        let key = Some(arguments.key.as_str()).filter(|_| !measures.is_empty());
        match search.run(key, &mut aggregates)? {
            Found { values: Some(values), .. } => found.push((group.record, measures, values)),
            Found { keys, .. } => near.extend(keys),
        }
    }
    let aggregates = aggregates.finish(explainer.plans());
    let mut explanations = Vec::new();
    for (record, measures, values) in found {
        let fields = interp::facts(explainer.plan(record), &values);
        let explain = |id: &MeasureId| explainer.explain(*id, &inputs, Some(&aggregates), &fields, language);
        explanations.extend(measures.iter().map(explain));
    }
    if !explanations.is_empty() {
        return write(arguments, &explanations);
    }
    if asking.is_empty() {
        let names: Vec<&str> = groups.iter().map(|group| group.name.as_str()).collect();
        let measure = arguments.measure.as_deref().map_or_else(String::new, |name| format!(" `{name}`"));
        return Err(Stop::Usage(format!(
            "no measure{measure} is for a record of the input ({})",
            names.join(", ")
        )));
    }
    let hint = closest(&arguments.key, near.iter().map(String::as_str));
    let hint = hint.map(|best| format!("; did you mean `{best}`?")).unwrap_or_default();
    Err(Stop::Usage(format!("no record has the key `{}`{hint}", arguments.key)))
}

/// The record that `--record` names.
fn record_asked(arguments: &Arguments, set: &PolicySet) -> Result<Option<RecordId>, Stop> {
    let named = arguments.record.as_deref().map(|name| {
        inputs::record_named(set, name)
            .ok_or_else(|| inputs::unknown_record(set, name, &format!("--record {name}")))
    });
    named.transpose()
}

/// The files to look in. Those without a name are of the record that is asked for, where there is one file.
fn groups(arguments: &Arguments, set: &PolicySet) -> Result<Vec<RecordInput>, Stop> {
    let named = record_asked(arguments, set)?;
    let only = named.filter(|_| arguments.input.len() == 1);
    let groups = inputs::resolve(set, &arguments.input, arguments.input_format, only)?;
    if named.is_some_and(|record| groups.iter().all(|group| group.record != record)) {
        return Err(Stop::Usage("no --input holds the record that --record names".to_owned()));
    }
    Ok(groups)
}

/// The measures for a kind of record, or the one that is named.
fn measures(set: &PolicySet, record: RecordId, named: Option<&str>) -> Result<Vec<MeasureId>, Stop> {
    let all = || set.program.measures.iter().enumerate();
    let Some(name) = named else {
        let own = all().filter(|(_, measure)| measure.record == record);
        return Ok(own.map(|(at, _)| MeasureId(at as u32)).collect());
    };
    let fits = |head: &crate::check::typed::Head| head.name == name || head.label == name;
    if !all().any(|(_, measure)| fits(&measure.head)) {
        let names = all().flat_map(|(_, measure)| [measure.head.name.as_str(), measure.head.label.as_str()]);
        let hint = closest(name, names).map(|best| format!("; did you mean `{best}`?")).unwrap_or_default();
        return Err(Stop::Usage(format!("--measure {name}: the policy has no such measure{hint}")));
    }
    let chosen = all().filter(|(_, measure)| measure.record == record && fits(&measure.head));
    Ok(chosen.map(|(at, _)| MeasureId(at as u32)).collect())
}

fn write(arguments: &Arguments, explanations: &[Explanation]) -> Outcome {
    let text = match arguments.format {
        Layout::Text => explanations.iter().map(Explanation::text).collect::<Vec<_>>().join("\n"),
        Layout::Json => {
            let list: Vec<String> = explanations.iter().map(Explanation::json).collect();
            format!("[\n{}\n]\n", list.join(",\n"))
        }
        Layout::Html => Explanation::html_of(explanations),
    };
    super::save(&text, arguments.output.as_deref())
}

/// Looks for one record, and over all of them for what looks across.
struct Search<'a> {
    set: &'a PolicySet,
    explainer: &'a Explainer<'a>,
    inputs: &'a Inputs,
    group: &'a RecordInput,
}

struct Found {
    values: Option<Vec<Option<Value>>>,
    /// Keys that were seen, for a hint; the first few thousand.
    keys: Vec<String>,
}

/// How many keys are kept for a hint.
const KEYS_KEPT: usize = 10_000;

impl Search<'_> {
    /// Looks for the record of a key, and shows all of them to what looks across.
    fn run(&self, key: Option<&str>, aggregates: &mut Aggregates) -> Result<Found, Stop> {
        let plan = self.explainer.plan(self.group.record);
        let looked_at = aggregates.look_at(self.explainer.plans(), self.group.record);
        aggregates.set_present(self.group.record);
        let nothing = interp::facts(plan, &[]);
        let mut evaluator = Evaluator::new(plan, self.inputs, None, &nothing);
        let (mut values, mut keys, mut unread) = (None, Vec::new(), None);
        // A row that repeats a key is no record, as in a run over all of them.
        let mut seen = Keys::new(usize::MAX);
        'files: for (number, file) in self.group.files.iter().enumerate() {
            let table = file.open()?;
            let binding = self.bind(file, &table)?;
            for piece in inputs::pieces(table) {
                let (raw, _) = piece?.read()?.into_raw(number as u32);
                let mut rows = Rows::read(&binding, &raw);
                rows.refuse_repeated(&binding, &raw, &mut seen).map_err(EngineError::from)?;
                for row in 0..rows.len() {
                    let own = self.key_of(rows.row(row));
                    match rows.is_good(row) {
                        true if key == Some(&own) => values = Some(rows.row(row).to_vec()),
                        false if key == Some(&own) && unread.is_none() => {
                            let why = rows.rejects.iter().filter(|reject| reject.place == raw.place(row));
                            unread = Some(rejected(file.name(), &own, why));
                        }
                        _ => {}
                    }
                    if key.is_some() && keys.len() < KEYS_KEPT {
                        keys.push(own);
                    }
                    if rows.is_good(row) && looked_at {
                        evaluator.load(&interp::facts(plan, rows.row(row)));
                        aggregates.add_loaded(self.explainer.plans(), &mut evaluator);
                    }
                }
                if !looked_at && (values.is_some() || key.is_none()) {
                    break 'files;
                }
            }
        }
        match unread {
            Some(unread) if values.is_none() => Err(unread),
            _ => Ok(Found { values, keys }),
        }
    }

    fn bind(&self, file: &Input, table: &Table) -> Result<Binding, Stop> {
        let options = BindOptions { serials: table.serials, ..BindOptions::default() };
        let binding = Binding::new(&self.set.program, self.group.record, &table.schema, &options);
        binding.map_err(|problems| inputs::unbound(file.name(), &problems))
    }

    fn key_of(&self, values: &[Option<Value>]) -> String {
        let fields = &self.set.program.records[self.group.record.index()].fields;
        let parts = fields.iter().zip(values).filter(|(field, _)| field.key);
        let text = parts.map(|(field, value)| {
            value
                .as_ref()
                .map(|value| value_text(&self.set.program, Some(&field.ty), value))
                .unwrap_or_default()
        });
        text.collect::<Vec<_>>().join("/")
    }
}

fn rejected<'r>(file: &str, key: &str, why: impl Iterator<Item = &'r Reject>) -> Stop {
    let reasons: Vec<String> = why
        .map(|reject| {
            format!("line {}, {}: `{}` {}", reject.place.line, reject.column, reject.value, reject.reason)
        })
        .collect();
    Stop::Usage(format!("{file}: the record `{key}` cannot be read: {}", reasons.join("; ")))
}
