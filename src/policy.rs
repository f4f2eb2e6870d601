//! The library's face: load a policy set, make an engine for a date, answer batches of records.
//!
//! ```no_run
//! use pol::{Policy, batch::EngineOptions};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let batch = arrow_array::RecordBatch::new_empty(arrow_schema::Schema::empty().into());
//! let policy = Policy::load("policies/shandong-2020").map_err(|problems| problems.to_string())?;
//! let as_of = pol::value::Date::new(2020, 3, 31).ok_or("no such day")?;
//! let engine = policy.engine("Enterprise", as_of, EngineOptions::default())?;
//! let answers = engine.run(&batch)?.batch;
//! # Ok(())
//! # }
//! ```

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use crate::batch::{Engine, EngineError, EngineOptions};
use crate::check::typed::RecordId;
use crate::compile::{self, Compiled};
use crate::diag::render::{Format, render};
use crate::value::Date;
use crate::{check, ir};

/// A policy set that was checked without errors.
pub struct Policy {
    compiled: Compiled,
    program: Arc<check::Program>,
    core: Arc<ir::Program>,
}

/// Why a policy set cannot be used; prints as `pol check` does.
pub struct Problems(pub Compiled);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = Vec::new();
        render(&self.0.problems, &self.0.sources, Format::Human, false, &mut out).map_err(|_| fmt::Error)?;
        f.write_str(&String::from_utf8_lossy(&out))
    }
}

impl fmt::Debug for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Problems {}

impl Policy {
    /// Reads and checks the policy set in a folder.
    ///
    /// # Errors
    /// With every problem of the set where one is an error.
    pub fn load(folder: impl AsRef<Path>) -> Result<Policy, Box<Problems>> {
        let compiled = compile::load(folder.as_ref());
        if compiled.has_errors() {
            return Err(Box::new(Problems(compiled)));
        }
        let core = Arc::new(compile::lower(&compiled.program));
        let program = Arc::new(compiled.program.clone());
        Ok(Policy { compiled, program, core })
    }

    pub fn program(&self) -> &Arc<check::Program> {
        &self.program
    }

    pub fn core(&self) -> &Arc<ir::Program> {
        &self.core
    }

    /// Warnings and notes, and the texts they point into.
    pub fn compiled(&self) -> &Compiled {
        &self.compiled
    }

    /// The record of this name or label.
    pub fn record(&self, name: &str) -> Option<RecordId> {
        let named = |record: &check::typed::Record| record.head.name == name || record.head.label == name;
        self.program.records.iter().position(named).map(|at| RecordId(at as u32))
    }

    /// An engine that answers every measure for one kind of record, at a date.
    ///
    /// # Errors
    /// [`EngineError::NoPlan`] where no record has that name or label.
    pub fn engine(&self, record: &str, as_of: Date, options: EngineOptions) -> Result<Engine, EngineError> {
        let record = self.record(record).ok_or_else(|| EngineError::NoPlan(record.to_owned()))?;
        Engine::new(self.program.clone(), self.core.clone(), record, as_of, options)
    }
}
