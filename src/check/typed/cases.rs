//! Examples with their expected answers.

use super::{DefineId, MeasureId, ParamId, RecordId};
use crate::source::Span;
use crate::value::{Date, RunError, Value};

/// An example with its expected answers.
#[derive(Debug, Clone)]
pub struct Case {
    pub title: String,
    pub module: String,
    pub span: Span,
    pub target: CaseTarget,
    pub as_of: Date,
    pub set: Vec<(ParamId, Value)>,
    /// What open defines are assumed to be, for every record of the case.
    pub assumed: Vec<(DefineId, Value)>,
    /// The records of the case, in order: all of them are seen by what looks across records.
    pub records: Vec<Given>,
    /// Records of other kinds, by their fields, which the former may look at.
    pub others: Vec<(RecordId, Vec<Option<Value>>)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CaseTarget {
    Measure(MeasureId),
    Define(DefineId),
}

#[derive(Debug, Clone)]
pub struct Given {
    /// One for each field of the record; `None` is missing.
    pub fields: Vec<Option<Value>>,
    pub expect: Option<Expect>,
    pub span: Span,
}

#[derive(Debug, Clone)]
pub struct Expect {
    pub kind: ExpectKind,
    pub span: Span,
}

#[derive(Debug, Clone)]
pub enum ExpectKind {
    /// Branch by position, and benefits by name with their expected amounts.
    Granted {
        branch: Option<usize>,
        benefits: Vec<(String, ExpectedAmount)>,
    },
    /// With `failed` empty the reasons are not compared; likewise below.
    Refused {
        failed: Vec<String>,
    },
    Undetermined {
        missing: Vec<String>,
    },
    Conflict {
        branches: Vec<String>,
    },
    NotInForce,
    /// Of a duty or target: the alternative by position, the checks that fail, amounts.
    Outcome {
        branch: usize,
        failed: Vec<String>,
        benefits: Vec<(String, ExpectedAmount)>,
    },
    Error {
        error: Option<RunError>,
    },
    /// Of a define: its value.
    Value(Value),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExpectedAmount {
    Exact(Value),
    Range { least: Value, most: Option<Value> },
}
