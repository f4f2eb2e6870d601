//! `pol diff`: what an edit means, item by item, and what it does to records.

mod revision;
mod run;

use super::set::{self, PolicySet};
use super::{Outcome, Stop, save};
use crate::diag::closest;
use crate::diff::meaning::{self, Version};
use crate::diff::{Comparison, FailOn, VersionName};
use crate::explain::Language;
use crate::tables::Format;

/// Show what changed in meaning between two versions of a policy set, and with records who gains and who loses
///
/// A version is a folder, or a folder in a git revision (main:policies/x). Comments, layout and order are silent. With
/// --input both versions answer every record in one reading: for every measure and in all, how many gain, lose, change
/// status or reasons, by how much, by any column; the biggest losers with the reasons before and after; the cost before
/// and after.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  pol diff main:policies/shandong-2020 policies/shandong-2020
  pol diff main:policies/shandong-2020 policies/shandong-2020 --input qiye.csv --as-of 2020-03-31 --by industry
  pol diff old new --input qiye.csv --format markdown --output comment.md --fail-on losers --fail-on 'cost > +5%'

--fail-on takes: losers, winners, changed (records), meaning (items), each perhaps with a limit (losers > 10,
losers > 1%); cost (pay and waive together), pay, waive, penalize with a limit (cost > +5%, cost > +100万元, cost >
1200万元); all but meaning perhaps of one measure (losers of job_subsidy, cost of job_subsidy > +5%). The signs are
>, >=, <, <=.")]
pub struct Arguments {
    /// The version before: a folder, or REVISION:FOLDER
    old: String,
    /// The version after: a folder, or REVISION:FOLDER
    new: String,
    /// Records that both versions answer: files as for `pol eval`
    #[arg(long, num_args = 1.., value_name = "[RECORD=]FILE")]
    input: Vec<String>,
    /// The format of the input, where its name does not tell: csv, ndjson, parquet, arrow, xlsx
    #[arg(long, value_name = "FORMAT", value_parser = super::eval::format_named)]
    input_format: Option<Format>,
    /// The date for which records are answered, such as 2020-03-31; without it, today in UTC
    #[arg(long, value_name = "DATE")]
    as_of: Option<String>,
    /// Try another value of a param in both versions, such as --set pig_threshold=200头
    #[arg(long = "set", value_name = "PARAM=VALUE", requires = "input")]
    set_param: Vec<String>,
    /// Tell records apart by a column: a field by name or label, or any other column by its header
    #[arg(long, value_name = "COLUMN", requires = "input")]
    by: Vec<String>,
    /// How many of the biggest losers are shown, with their reasons before and after
    #[arg(long, value_name = "N", default_value_t = 3)]
    examples: usize,
    #[arg(long, value_enum, default_value_t = Layout::Text, help = "What is written")]
    format: Layout,
    /// Write to a file instead of the terminal
    #[arg(long, value_name = "FILE")]
    output: Option<String>,
    /// Exit with status 1 where this holds, such as losers or 'cost > +5%'
    #[arg(long, value_name = "CONDITION", value_parser = FailOn::read)]
    fail_on: Vec<FailOn>,
    /// en or zh; without it, the language of the new version
    #[arg(long, value_parser = super::explain::language)]
    language: Option<Language>,
    /// Threads that read cells and decide; without it, one for each processor
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// Show no progress
    #[arg(long)]
    quiet: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Layout {
    /// For the terminal
    Text,
    /// Everything, for programs
    Json,
    /// For a pull request
    Markdown,
    /// A page that stands alone, with charts
    Html,
}

pub fn run(arguments: &Arguments) -> Outcome {
    if arguments.input.is_empty()
        && let Some(condition) = arguments.fail_on.iter().find(|condition| condition.needs_records())
    {
        return Err(Stop::Usage(format!("--fail-on '{condition}': give the records with --input")));
    }
    let (old, new) = (revision::load(&arguments.old)?, revision::load(&arguments.new)?);
    arguments.fail_on.iter().try_for_each(|condition| known_measure(condition, [&old, &new]))?;
    if arguments.input.is_empty() && arguments.as_of.is_some() {
        super::complain(
            "note: --as-of is for records; without --input the meaning is compared, for all dates",
        );
    }
    let language = arguments.language.unwrap_or(new.compiled.language);
    let meaning = meaning::compare(version(&old), version(&new), language);
    let (mut as_of, mut outcomes) = (None, Vec::new());
    if !arguments.input.is_empty() {
        let day = set::as_of(arguments.as_of.as_deref())?;
        let sets = [&old, &new];
        outcomes = run::compare(&run::Plan { arguments, sets, meaning: &meaning, as_of: day, language })?;
        as_of = Some(day.to_string());
    }
    let name = |set: &PolicySet, name: &str| VersionName { set: name.to_owned(), digest: set.digest() };
    let mut comparison = Comparison {
        language,
        old: name(&old, &arguments.old),
        new: name(&new, &arguments.new),
        meaning,
        as_of,
        outcomes,
        failed: Vec::new(),
    };
    comparison.hold_to(&arguments.fail_on);
    let output = arguments.output.as_deref();
    match arguments.format {
        Layout::Text => save(&comparison.text(), output)?,
        Layout::Json => save(&format!("{}\n", comparison.json()), output)?,
        Layout::Markdown => save(&comparison.markdown(), output)?,
        Layout::Html => save(&comparison.html(), output)?,
    }
    comparison.failed.iter().for_each(|failure| super::complain(&format!("failed: {failure}")));
    if comparison.failed.is_empty() { Ok(()) } else { Err(Stop::Found) }
}

fn version(set: &PolicySet) -> Version<'_> {
    Version { program: &set.program, sources: &set.compiled.sources }
}

/// A condition names a measure of one of the versions.
fn known_measure(condition: &FailOn, sets: [&PolicySet; 2]) -> Result<(), Stop> {
    let Some(name) = condition.measure() else { return Ok(()) };
    let heads = || sets.into_iter().flat_map(|set| &set.program.measures).map(|measure| &measure.head);
    if heads().any(|head| head.name == name || head.label == name) {
        return Ok(());
    }
    let names = heads().flat_map(|head| [head.name.as_str(), head.label.as_str()]);
    let hint = closest(name, names).map(|best| format!("; did you mean `{best}`?")).unwrap_or_default();
    Err(Stop::Usage(format!("--fail-on '{condition}': neither version has a measure `{name}`{hint}")))
}
