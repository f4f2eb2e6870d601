//! What is wrong with a file of records.

use std::fmt;

/// Why a file cannot be read or written: where, and what was found and expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableError {
    pub path: String,
    /// From 1, where known.
    pub line: Option<u64>,
    pub message: String,
    pub kind: ErrorKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The file has columns but not a single row.
    NoRows,
    /// Nobody reads what is written any more.
    BrokenPipe,
    Other,
}

impl TableError {
    pub fn new(path: &str, message: impl Into<String>) -> TableError {
        TableError { path: path.to_owned(), line: None, message: message.into(), kind: ErrorKind::Other }
    }

    pub fn at(path: &str, line: u64, message: impl Into<String>) -> TableError {
        TableError { line: Some(line), ..TableError::new(path, message) }
    }

    pub fn no_rows(path: &str) -> TableError {
        let message = "has column names but not a single row";
        TableError { kind: ErrorKind::NoRows, ..TableError::new(path, message) }
    }

    /// An error of the operating system, in doing something: `cannot be read: No such file or directory`.
    pub fn io(path: &str, doing: &str, error: &std::io::Error) -> TableError {
        let kind = if is_broken_pipe(error) { ErrorKind::BrokenPipe } else { ErrorKind::Other };
        TableError { kind, ..TableError::new(path, format!("{doing}: {error}")) }
    }

    /// Why something cannot be written, whatever library says so.
    pub fn writing(path: &str, error: &(dyn std::error::Error + 'static)) -> TableError {
        let kind = if is_broken_pipe(error) { ErrorKind::BrokenPipe } else { ErrorKind::Other };
        TableError { kind, ..TableError::new(path, format!("cannot be written: {error}")) }
    }
}

impl fmt::Display for TableError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.path, self.message),
            None => write!(f, "{}: {}", self.path, self.message),
        }
    }
}

impl std::error::Error for TableError {}

/// Whether an error, or what caused it, is that of a pipe that nobody reads.
fn is_broken_pipe(error: &(dyn std::error::Error + 'static)) -> bool {
    std::iter::successors(Some(error), |error| error.source()).any(|error| {
        let of_csv = error.downcast_ref::<csv::Error>().and_then(|error| match error.kind() {
            csv::ErrorKind::Io(error) => Some(error),
            _ => None,
        });
        let io = of_csv.or_else(|| error.downcast_ref::<std::io::Error>());
        io.is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
    })
}
