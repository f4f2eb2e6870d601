//! The command line: arguments, dispatch, exit statuses. One file for each command, its arguments beside it.

mod check;
mod coverage;
mod diff;
mod doc;
mod eval;
mod explain;
mod fmt;
mod folder;
mod help;
mod init;
mod inputs;
mod lsp;
mod sample;
mod schema;
mod set;
mod suggest;
mod test;
mod tune;

use std::io::{self, IsTerminal, Write};
use std::panic;
use std::process::ExitCode;
use std::sync::Mutex;

use clap::{Parser, Subcommand};

use crate::tables::{Aside, ErrorKind, TableError};

/// Exit statuses.
const FINE: u8 = 0;
/// The work found something wrong.
const FOUND: u8 = 1;
/// Wrong usage, or input that cannot be read.
const USAGE: u8 = 2;
/// An error inside pol.
const BUG: u8 = 3;

#[derive(Parser)]
#[command(
    name = "pol",
    version,
    about = "Turns a policy document into a program: checks it, tests it, runs it over every applicant, explains every answer",
    disable_help_subcommand = true,
    after_help = "Exit status: 0 fine, 1 the work found something wrong, 2 wrong usage or unreadable input, 3 an error inside pol."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Check(check::Arguments),
    Test(test::Arguments),
    Tune(tune::Arguments),
    Coverage(coverage::Arguments),
    Doc(doc::Arguments),
    Diff(diff::Arguments),
    Eval(eval::Arguments),
    Explain(explain::Arguments),
    Sample(sample::Arguments),
    Fmt(fmt::Arguments),
    Schema(schema::Arguments),
    Init(init::Arguments),
    Lsp(lsp::Arguments),
    Help(help::Arguments),
}

/// Why a command stops early.
enum Stop {
    /// Something was found; it has been shown.
    Found,
    /// What is wrong with the usage or the input.
    Usage(String),
    /// Nobody reads the output any more.
    Pipe,
    /// What went wrong inside pol.
    Bug(String),
}

impl From<TableError> for Stop {
    fn from(error: TableError) -> Stop {
        match error.kind {
            ErrorKind::BrokenPipe => Stop::Pipe,
            _ => Stop::Usage(error.to_string()),
        }
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Stop {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Stop::Pipe,
            _ => Stop::Usage(format!("the output cannot be written: {error}")),
        }
    }
}

type Outcome = Result<(), Stop>;

/// Where the last panic happened; shown if it was not caught below.
static PANIC: Mutex<String> = Mutex::new(String::new());

/// Runs the command that the arguments name.
pub fn main() -> ExitCode {
    // Readers of damaged files catch panics of the libraries below them, so nothing is printed here yet.
    panic::set_hook(Box::new(|info| {
        if let Ok(mut text) = PANIC.lock() {
            *text = info.to_string();
        }
    }));
    let arguments = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let status = if error.use_stderr() { USAGE } else { FINE };
            let _ = error.print();
            return ExitCode::from(status);
        }
    };
    ExitCode::from(match on_a_large_stack(|| dispatch(arguments.command)) {
        Ok(()) | Err(Stop::Pipe) => FINE,
        Err(Stop::Found) => FOUND,
        Err(Stop::Usage(message)) => {
            complain(&format!("error: {message}"));
            USAGE
        }
        Err(Stop::Bug(what)) => {
            let version = env!("CARGO_PKG_VERSION");
            complain(&format!("error: this is a bug in pol {version}; please report it\n{what}"));
            BUG
        }
    })
}

/// Runs a command where deep expressions have room; a panic in it is a bug, told as one.
fn on_a_large_stack(command: impl FnOnce() -> Outcome + Send) -> Outcome {
    const STACK_BYTES: usize = 256 << 20;
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, command);
        let thread = thread.map_err(|error| Stop::Usage(format!("no thread can be started: {error}")))?;
        thread
            .join()
            .unwrap_or_else(|_| Err(Stop::Bug(PANIC.lock().map(|text| text.clone()).unwrap_or_default())))
    })
}

fn dispatch(command: Command) -> Outcome {
    match command {
        Command::Check(arguments) => check::run(&arguments),
        Command::Coverage(arguments) => coverage::run(&arguments),
        Command::Doc(arguments) => doc::run(&arguments),
        Command::Diff(arguments) => diff::run(&arguments),
        Command::Test(arguments) => test::run(&arguments),
        Command::Tune(arguments) => tune::run(&arguments),
        Command::Eval(arguments) => eval::run(&arguments),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Sample(arguments) => sample::run(&arguments),
        Command::Fmt(arguments) => fmt::run(&arguments),
        Command::Schema(arguments) => schema::run(&arguments),
        Command::Init(arguments) => init::run(&arguments),
        Command::Lsp(arguments) => lsp::run(&arguments),
        Command::Help(arguments) => help::run(&arguments),
    }
}

/// A line for people on standard error; one that cannot be written is nobody's loss.
fn complain(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// Writes a text to standard output.
fn print(text: &str) -> Outcome {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(())
}

/// Writes a text to a file, which appears whole or not at all, or to standard output.
fn save(text: &str, path: Option<&str>) -> Outcome {
    let Some(path) = path else { return print(text) };
    let mut file = Aside::create(path)?;
    file.write_all(text.as_bytes()).map_err(|error| TableError::io(path, "cannot be written", &error))?;
    Ok(file.finish()?)
}

/// When colours are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Colour {
    Auto,
    Always,
    Never,
}

impl Colour {
    fn on(self, terminal: bool) -> bool {
        match self {
            // https://no-color.org
            Colour::Auto => terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
            Colour::Always => true,
            Colour::Never => false,
        }
    }
}

fn stderr_is_terminal() -> bool {
    io::stderr().is_terminal()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_a_bug_and_not_the_end() {
        let outcome = on_a_large_stack(|| panic!("as a test"));
        assert!(matches!(outcome, Err(Stop::Bug(_))));
    }
}
