//! `pol test`: runs the cases of a policy set, tells what they have tried, and what they would not notice.

mod junit;
mod report;

use std::collections::BTreeSet;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;

use super::set::{self, PolicySet};
use super::{Colour, Outcome, Stop, suggest};
use crate::diag::Diagnostic;
use crate::diag::render::{Format, render};
use crate::source::FileId;
use crate::trial::{self, Coverage, Mutants, Options, Report};

/// Run the cases of a policy set and show those that do not get what they expect
///
/// A case says what is known of a record and what a measure or a define must answer. One that fails is shown with
/// what was expected and what came, and the whole reasoning that led there, as `pol explain` has it; the exit status
/// is 1 then.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  pol test policies/shandong-2020 --filter job_subsidy
  pol test policies/shandong-2020 --coverage
  pol test policies/shandong-2020 --coverage --format lcov --output lcov.info
  pol test policies/shandong-2020 --mutate
  pol test policies/shandong-2020 --suggest --filter job_subsidy
  pol test policies/shandong-2020 --format junit --output cases.xml")]
pub struct Arguments {
    /// The folder of the policy set
    #[arg(default_value = ".")]
    set: PathBuf,
    /// Only cases whose title contains this text, or whose measure, define or module has it in its name or label
    #[arg(long)]
    filter: Option<String>,
    /// Show how often the cases made each condition true, false and missing, took each alternative and used each
    /// step of a param; the exit status is 1 where one of these never happened. With --filter, of the measures that
    /// it names or that its cases are about
    #[arg(long)]
    coverage: bool,
    /// Change the text in one place after another (thresholds by one step, < for <=, conditions and alternatives
    /// left out or changed over, and for or) and list the changes that no case notices; the exit status is 1 where
    /// there are some. With --filter, of what its cases can see or it names
    #[arg(long)]
    mutate: bool,
    /// Print cases that are missing, ready to be read and accepted: for what no case makes true, false or missing, for
    /// each boundary at which none stands or none just across it, and for each step of a param that no answer uses; at
    /// most so many, or all. With --filter, for one measure or module
    #[arg(long, value_name = "N", num_args = 0..=1, require_equals = true, default_missing_value = suggest::USUAL, value_parser = suggest::most, conflicts_with_all = ["coverage", "mutate", "output"])]
    suggest: Option<suggest::Most>,
    /// How results are written: lcov is of --coverage; --coverage and --mutate are written as human or json, --suggest
    /// as human
    #[arg(long, value_enum, default_value_t = Layout::Human)]
    format: Layout,
    /// Write to a file instead of the terminal
    #[arg(long, value_name = "FILE")]
    output: Option<String>,
    /// Threads that run cases; without it, one for each processor
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    #[arg(long, value_enum, default_value_t = Colour::Auto, help = "When colours are shown")]
    color: Colour,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Layout {
    Human,
    Json,
    Junit,
    Lcov,
    Sarif,
    Github,
}

impl Layout {
    fn name(self) -> &'static str {
        match self {
            Layout::Human => "human",
            Layout::Json => "json",
            Layout::Junit => "junit",
            Layout::Lcov => "lcov",
            Layout::Sarif => "sarif",
            Layout::Github => "github",
        }
    }
}

/// All that a run gave.
struct Results {
    set: PolicySet,
    report: Report,
    coverage: Option<Coverage>,
    mutants: Option<Mutants>,
}

pub fn run(arguments: &Arguments) -> Outcome {
    formats_fit(arguments)?;
    let threads = super::eval::threads(arguments.threads)?;
    let set = set::load(&arguments.set)?;
    if let Some(most) = arguments.suggest {
        return suggest::run(&set, arguments.filter.as_deref(), most);
    }
    let (program, core) = (&set.program, &set.core);
    let options = Options { filter: arguments.filter.as_deref(), language: set.compiled.language, threads };
    let report = trial::run(program, core, options);
    if let (Some(filter), true) = (&arguments.filter, report.results.is_empty()) {
        filter_fits(arguments, &set, filter)?;
    }
    let own = own_files(&set);
    let coverage = arguments.coverage.then(|| trial::coverage(program, core, &own, options));
    // A case that fails as it is notices nothing.
    let mutants = (arguments.mutate && report.failed() == 0)
        .then(|| trial::mutate(program, &set.compiled.sources, &own, options));
    let results = Results { set, report, coverage, mutants };
    write(arguments, &results)?;
    if arguments.mutate && results.mutants.is_none() {
        super::complain(results.set.compiled.language.pick(
            "no mutants were tried: a case that fails as it is notices nothing; mend it first",
            "没有试任何改动：未通过的算例察觉不到什么，请先改好",
        ));
    }
    if results.found() { Err(Stop::Found) } else { Ok(()) }
}

/// A filter to which no case fits may still name a measure: --coverage and --mutate show what that lacks.
fn filter_fits(arguments: &Arguments, set: &PolicySet, filter: &str) -> Outcome {
    match (set.names(filter), arguments.coverage || arguments.mutate) {
        (true, true) => Ok(()),
        (true, false) => Err(Stop::Usage(format!(
            "--filter {filter}: no case is about this; `--suggest --filter {filter}` writes some"
        ))),
        (false, _) => {
            Err(Stop::Usage(format!("--filter {filter}: no case, measure or module has this in its name")))
        }
    }
}

/// What is asked for can be written in the format that is asked for.
fn formats_fit(arguments: &Arguments) -> Outcome {
    let Arguments { coverage, mutate, format, .. } = arguments;
    if *format == Layout::Lcov && !coverage && arguments.suggest.is_none() {
        return Err(Stop::Usage("--format lcov writes coverage: add --coverage".to_owned()));
    }
    if arguments.suggest.is_some() && *format != Layout::Human {
        return Err(Stop::Usage(format!(
            "--suggest writes cases as a file of the set, not as {}: leave --format out",
            format.name()
        )));
    }
    let whole = matches!(format, Layout::Human | Layout::Json);
    if *coverage && !whole && *format != Layout::Lcov {
        let name = format.name();
        return Err(Stop::Usage(format!("--coverage is written as human, json or lcov, not as {name}")));
    }
    if *mutate && !whole {
        return Err(Stop::Usage(format!("--mutate is written as human or json, not as {}", format.name())));
    }
    Ok(())
}

/// The files of the set itself, without those of sets that it uses.
fn own_files(set: &PolicySet) -> BTreeSet<FileId> {
    let own = &set.compiled.input.sets[0];
    let modules = own.modules.iter().map(|module| module.file.id);
    modules.chain(own.tables.values().copied()).collect()
}

impl Results {
    fn found(&self) -> bool {
        let lacking = |coverage: &Coverage| coverage.lacking().next().is_some();
        self.report.failed() > 0
            || self.coverage.as_ref().is_some_and(lacking)
            || self.mutants.as_ref().is_some_and(|mutants| !mutants.survivors.is_empty())
    }

    fn problems(&self) -> Vec<Diagnostic> {
        self.report.results.iter().flat_map(|result| result.problems().cloned()).collect()
    }
}

fn write(arguments: &Arguments, results: &Results) -> Outcome {
    let output = arguments.output.as_deref();
    let rendered = |format: Format| -> Result<String, Stop> {
        let mut out = Vec::new();
        render(&results.problems(), &results.set.compiled.sources, format, false, &mut out)?;
        Ok(String::from_utf8_lossy(&out).into_owned())
    };
    let text = match (arguments.format, &results.coverage) {
        (Layout::Human, _) => {
            let colour = arguments.color.on(output.is_none() && io::stdout().is_terminal());
            results.human(colour)?
        }
        (Layout::Json, _) => results.json(),
        (Layout::Junit, _) => results.junit()?,
        (Layout::Lcov, Some(coverage)) => coverage.lcov(&results.set.compiled.sources),
        (Layout::Lcov, None) => String::new(),
        (Layout::Sarif, _) => rendered(Format::Sarif)?,
        (Layout::Github, _) => rendered(Format::Github)?,
    };
    super::save(&text, output)?;
    // In a file the outcome would go unseen.
    if output.is_some() || arguments.format == Layout::Lcov {
        let mut err = io::stderr().lock();
        let _ = writeln!(err, "{}", results.outcome());
    }
    Ok(())
}
