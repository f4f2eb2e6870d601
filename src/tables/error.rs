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
        TableError::new(path, format!("{doing}: {error}"))
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
