//! Why a run cannot go on.

use std::fmt;

use arrow_schema::ArrowError;

use crate::batch::bind::BindProblem;
use crate::batch::names::MOST_NAMES;
use crate::batch::rows::TooManyKeys;
use crate::jit::CompileError;

/// Why a run cannot go on.
#[derive(Debug)]
pub enum EngineError {
    /// The plan has no such record, or none of the same shape as the program.
    NoPlan(String),
    /// The table does not fit the record.
    Unbound(Vec<BindProblem>),
    TooManyKeys(usize),
    /// A column that is kept has another type than in the first table.
    Kept {
        column: String,
        first: String,
        now: String,
    },
    /// What is looked across the records was not seen before the answers.
    NotObserved,
    /// The measure has more conditions than the column of those that failed can name.
    TooManyConditions(String),
    Arrow(ArrowError),
    Compile(CompileError),
    /// A thread ended by itself: an error inside pol.
    Thread,
}

impl fmt::Display for EngineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EngineError::NoPlan(name) => write!(f, "there is no plan for the record `{name}`"),
            EngineError::Unbound(problems) => {
                let lines: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
                f.write_str(&lines.join("\n"))
            }
            EngineError::TooManyKeys(limit) => {
                write!(
                    f,
                    "more than {limit} different keys: repeated ones cannot be found within the memory given"
                )
            }
            EngineError::Kept { column, first, now } => {
                write!(
                    f,
                    "column {column}: kept as {first} from the first table, but it is {now} in this one"
                )
            }
            EngineError::NotObserved => {
                f.write_str("the measures look across records: observe all of them first")
            }
            EngineError::TooManyConditions(measure) => {
                write!(f, "the measure `{measure}` has more than {MOST_NAMES} conditions: split it")
            }
            EngineError::Arrow(error) => write!(f, "{error}"),
            EngineError::Compile(error) => write!(f, "{error}"),
            EngineError::Thread => f.write_str("a thread ended by itself"),
        }
    }
}

impl std::error::Error for EngineError {}

impl From<ArrowError> for EngineError {
    fn from(error: ArrowError) -> EngineError {
        EngineError::Arrow(error)
    }
}

impl From<CompileError> for EngineError {
    fn from(error: CompileError) -> EngineError {
        EngineError::Compile(error)
    }
}

impl From<TooManyKeys> for EngineError {
    fn from(TooManyKeys(limit): TooManyKeys) -> EngineError {
        EngineError::TooManyKeys(limit)
    }
}
