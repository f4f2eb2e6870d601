//! The file of what could not be read.

use super::error::TableError;
use super::write::Aside;
use crate::batch::Reject;

/// Writes rejects as CSV: file, line, column, value, reason.
pub struct RejectsWriter {
    name: String,
    sources: Vec<String>,
    out: csv::Writer<Aside>,
    count: u64,
}

impl RejectsWriter {
    /// `sources` are the names of the files, by the numbers that rejects give them.
    ///
    /// # Errors
    /// Where the folder cannot be written to.
    pub fn create(path: &str, sources: Vec<String>) -> Result<RejectsWriter, TableError> {
        let out = csv::Writer::from_writer(Aside::create(path)?);
        let mut writer = RejectsWriter { name: path.to_owned(), sources, out, count: 0 };
        writer.record(["file", "line", "column", "value", "reason"])?;
        Ok(writer)
    }

    /// # Errors
    /// Where the disk is full.
    pub fn write(&mut self, reject: &Reject) -> Result<(), TableError> {
        let file = self.source(reject.place.source).to_owned();
        let elsewhere = reject.first.filter(|first| first.source != reject.place.source);
        let reason = match elsewhere {
            Some(first) => format!("{} of {}", reject.reason, self.source(first.source)),
            None => reject.reason.clone(),
        };
        let line = reject.place.line.to_string();
        self.count += 1;
        self.record([&file, &line, &reject.column, &reject.value, &reason])
    }

    fn source(&self, number: u32) -> &str {
        self.sources.get(number as usize).map_or("", String::as_str)
    }

    fn record<T: AsRef<[u8]>>(&mut self, cells: [T; 5]) -> Result<(), TableError> {
        let cannot = |error: csv::Error| TableError::writing(&self.name, &error);
        self.out.write_record(cells).map_err(cannot)
    }

    /// How many were written.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Puts the file in its place, be it without rejects: one of an earlier run would mislead.
    ///
    /// # Errors
    /// Where the disk is full.
    pub fn finish(self) -> Result<(), TableError> {
        let name = self.name;
        let aside = self.out.into_inner();
        aside.map_err(|error| TableError::io(&name, "cannot be written", error.error()))?.finish()
    }
}
