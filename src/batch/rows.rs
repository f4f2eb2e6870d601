//! Records read from a batch of raw columns: values by field, and what could not be read.

#[allow(clippy::disallowed_types)] // keys are looked up, never gone through
use std::collections::HashMap;

use arrow_array::RecordBatch;
use sha2::{Digest, Sha256};

use super::bind::Binding;
use super::column::{Column, Raw};
use crate::value::Value;

/// Where a row stands: the number of its source (a file, counted by the caller) and its line or row there,
/// from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    pub source: u32,
    pub line: u64,
}

/// The lines of the rows of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lines {
    /// One after another from this one.
    From(u64),
    Each(Vec<u64>),
}

/// Raw columns with the places of their rows.
#[derive(Debug, Clone)]
pub struct RawBatch {
    pub batch: RecordBatch,
    pub source: u32,
    pub lines: Lines,
}

impl RawBatch {
    /// A batch of which nothing is known but its rows: they are numbered from 1.
    pub fn numbered(batch: RecordBatch) -> RawBatch {
        RawBatch { batch, source: 0, lines: Lines::From(1) }
    }

    pub fn place(&self, row: usize) -> Place {
        let line = match &self.lines {
            Lines::From(first) => first + row as u64,
            Lines::Each(lines) => lines.get(row).copied().unwrap_or(0),
        };
        Place { source: self.source, line }
    }
}

/// A cell, or a whole row, that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reject {
    pub place: Place,
    /// The header of its column; empty where the whole row is meant.
    pub column: String,
    pub value: String,
    pub reason: String,
    /// For a repeated key: the first row that has it.
    pub first: Option<Place>,
}

impl Reject {
    /// A row that is no row of its table at all.
    pub fn row(place: Place, value: &str, reason: String) -> Reject {
        Reject { place, column: String::new(), value: shown(value), reason, first: None }
    }
}

/// A value as the rejects show it: whole up to 200 characters.
fn shown(value: &str) -> String {
    match value.char_indices().nth(200) {
        Some((at, _)) => format!("{}…", &value[..at]),
        None => value.to_owned(),
    }
}

/// The records of a batch, good and bad.
#[derive(Debug, Default)]
pub struct Rows {
    width: usize,
    /// Row by row, one for each field; `None` is missing.
    values: Vec<Option<Value>>,
    bad: Vec<bool>,
    /// By row, then by column.
    pub rejects: Vec<Reject>,
}

impl Rows {
    /// Reads every cell of a batch that the binding has a field for.
    pub fn read(binding: &Binding, raw: &RawBatch) -> Rows {
        Rows::read_range(binding, raw, 0, raw.batch.num_rows())
    }

    /// Reads `count` rows from `start`.
    pub fn read_range(binding: &Binding, raw: &RawBatch, start: usize, count: usize) -> Rows {
        let width = binding.fields.len();
        let mut rows =
            Rows { width, values: vec![None; width * count], bad: vec![false; count], rejects: Vec::new() };
        let mut faults = Vec::new();
        for (at, field) in binding.fields.iter().enumerate() {
            let Some(index) = field.column.filter(|index| *index < raw.batch.num_columns()) else { continue };
            let Some(column) = Column::new(raw.batch.column(index).as_ref()) else { continue };
            for row in 0..count {
                let cell = column.get(start + row);
                let read = match field.reader.read(&cell) {
                    Ok(None) if field.key => Err("the key is empty".to_owned()),
                    other => other,
                };
                match read {
                    Ok(value) => rows.values[row * width + at] = value,
                    Err(reason) => {
                        faults.push((row, index, rows.fault(raw, start + row, field, &cell, reason)))
                    }
                }
            }
        }
        faults.sort_by_key(|(row, index, _)| (*row, *index));
        for (row, _, reject) in faults {
            rows.bad[row] = true;
            rows.rejects.push(reject);
        }
        rows
    }

    fn fault(
        &self,
        raw: &RawBatch,
        row: usize,
        field: &super::bind::BoundField,
        cell: &Raw,
        reason: String,
    ) -> Reject {
        let (column, value) = (field.header.clone(), shown(&cell.to_string()));
        Reject { place: raw.place(row), column, value, reason, first: None }
    }

    pub fn len(&self) -> usize {
        self.bad.len()
    }

    pub fn is_empty(&self) -> bool {
        self.bad.is_empty()
    }

    /// Whether every cell of a row could be read, and its key is new.
    pub fn is_good(&self, row: usize) -> bool {
        !self.bad[row]
    }

    /// The values of a row, one for each field of the record.
    pub fn row(&self, row: usize) -> &[Option<Value>] {
        &self.values[row * self.width..(row + 1) * self.width]
    }

    /// The numbers of the good rows.
    pub fn good(&self) -> Vec<u32> {
        (0..self.len() as u32).filter(|row| !self.bad[*row as usize]).collect()
    }

    /// How many rows were rejected.
    pub fn rejected(&self) -> u64 {
        self.bad.iter().filter(|bad| **bad).count() as u64
    }

    /// Puts the rows of another part of the same batch after these.
    pub fn append(&mut self, mut other: Rows) {
        self.width = other.width;
        self.values.append(&mut other.values);
        self.bad.append(&mut other.bad);
        self.rejects.append(&mut other.rejects);
    }

    /// Rejects the good rows whose key was seen before.
    ///
    /// # Errors
    /// Where there are more keys than `keys` may hold.
    pub fn refuse_repeated(
        &mut self,
        binding: &Binding,
        raw: &RawBatch,
        keys: &mut Keys,
    ) -> Result<(), TooManyKeys> {
        let key: Vec<usize> = (0..self.width).filter(|at| binding.fields[*at].key).collect();
        if key.is_empty() {
            return Ok(());
        }
        let mut repeated = Vec::new();
        for row in self.good() {
            let place = raw.place(row as usize);
            let values = self.row(row as usize);
            if let Some(first) = keys.see(key.iter().map(|at| &values[*at]), place)? {
                let words: Vec<String> = key.iter().map(|at| key_text(&values[*at])).collect();
                let headers: Vec<&str> = key.iter().map(|at| binding.fields[*at].header.as_str()).collect();
                let (column, value) = (headers.join("+"), shown(&words.join("+")));
                let reason = format!("repeats the key of line {}", first.line);
                repeated.push((row, Reject { place, column, value, reason, first: Some(first) }));
            }
        }
        for (row, reject) in repeated {
            self.bad[row as usize] = true;
            self.rejects.push(reject);
        }
        self.rejects.sort_by_key(|reject| reject.place);
        Ok(())
    }
}

fn key_text(value: &Option<Value>) -> String {
    match value {
        Some(Value::Text(text)) => text.to_string(),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::Date(date)) => date.to_string(),
        Some(Value::Time(time)) => time.to_string(),
        Some(Value::Bool(value)) => value.to_string(),
        Some(Value::Enum(variant)) => variant.to_string(),
        None => String::new(),
    }
}

/// More keys than the set of seen keys may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooManyKeys(pub usize);

/// The keys that were seen, as 128 bits of their SHA-256: two different keys of a run of a billion records
/// meet with a chance below 10^-20. A key takes 33 bytes, and up to twice that while the set grows.
#[derive(Debug)]
pub struct Keys {
    #[allow(clippy::disallowed_types)]
    seen: HashMap<[u64; 2], Place>,
    limit: usize,
}

impl Keys {
    /// A set that holds at most `limit` keys.
    #[allow(clippy::disallowed_types)]
    pub fn new(limit: usize) -> Keys {
        Keys { seen: HashMap::new(), limit }
    }

    fn see<'v>(
        &mut self,
        key: impl Iterator<Item = &'v Option<Value>>,
        place: Place,
    ) -> Result<Option<Place>, TooManyKeys> {
        let mut hash = Sha256::new();
        for value in key {
            let text = key_text(value);
            hash.update((text.len() as u64).to_le_bytes());
            hash.update(text.as_bytes());
        }
        let digest = hash.finalize();
        let half =
            |from: usize| digest[from..from + 8].iter().fold(0u64, |bits, b| bits << 8 | u64::from(*b));
        let key = [half(0), half(8)];
        if let Some(first) = self.seen.get(&key) {
            return Ok(Some(*first));
        }
        if self.seen.len() >= self.limit {
            return Err(TooManyKeys(self.limit));
        }
        self.seen.insert(key, place);
        Ok(None)
    }
}
