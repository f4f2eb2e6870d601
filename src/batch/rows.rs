//! Records read from a batch of raw columns: values by field, and what could not be read.

use std::collections::BTreeMap;
#[allow(clippy::disallowed_types)] // keys are looked up, never gone through
use std::collections::HashMap;
use std::ops::Bound;

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

impl Place {
    /// So many lines further on.
    fn later(self, lines: i64) -> Place {
        Place { line: self.line.wrapping_add(lines as u64), ..self }
    }
}

/// The lines of the rows of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lines {
    /// One after another from this one.
    From(u64),
    Each(Vec<u64>),
}

impl Lines {
    /// Those of some rows.
    pub fn slice(&self, start: usize, rows: usize) -> Lines {
        match self {
            Lines::From(first) => Lines::From(first + start as u64),
            Lines::Each(lines) => Lines::Each(lines.iter().skip(start).take(rows).copied().collect()),
        }
    }
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

    /// Some rows of the batch.
    pub fn slice(&self, start: usize, rows: usize) -> RawBatch {
        let lines = self.lines.slice(start, rows);
        RawBatch { batch: self.batch.slice(start, rows), source: self.source, lines }
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
    /// A cell that could not be read.
    pub fn cell(place: Place, column: String, value: &str, reason: String) -> Reject {
        Reject { place, column, value: shown(value), reason, first: None }
    }

    /// A row whose key stands in an earlier one.
    pub fn repeated(place: Place, column: String, key: &[Option<Value>], first: Place) -> Reject {
        let words: Vec<String> = key.iter().map(key_text).collect();
        let reason = format!("repeats the key of line {}", first.line);
        Reject { place, column, value: shown(&words.join("+")), reason, first: Some(first) }
    }

    /// A row that is no row of its table at all.
    pub fn row(place: Place, value: &str, reason: String) -> Reject {
        Reject { place, column: String::new(), value: shown(value), reason, first: None }
    }

    /// What is wrong, behind the place of the row.
    pub fn words(&self) -> String {
        match self.column.as_str() {
            "" => format!("the row {}", self.reason),
            column => format!("{column}: {}", self.reason),
        }
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
                let own: Vec<Option<Value>> = key.iter().map(|at| values[*at].clone()).collect();
                let headers: Vec<&str> = key.iter().map(|at| binding.fields[*at].header.as_str()).collect();
                repeated.push((row, Reject::repeated(place, headers.join("+"), &own, first)));
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

/// Runs of keys beyond which they are kept one by one.
const MOST_RUNS: usize = 100_000;

/// More keys than the set of seen keys may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooManyKeys(pub usize);

/// The keys that were seen. Whole numbers that ascend without gaps, line by line, are kept as runs of a few
/// bytes. Others are kept as 128 bits of their SHA-256: two different keys of a run of a billion records
/// meet with a chance below 10^-20; a key takes 33 bytes, and up to twice that while the set grows.
#[derive(Debug)]
pub struct Keys {
    /// By their first number: the last number, and the place of the first.
    runs: BTreeMap<i64, (i64, Place)>,
    /// The run that was seen last.
    last: Option<i64>,
    /// The start of the run after it.
    next: Option<i64>,
    #[allow(clippy::disallowed_types)]
    seen: HashMap<[u64; 2], Place>,
    limit: usize,
}

impl Keys {
    /// A set that holds at most `limit` keys.
    #[allow(clippy::disallowed_types)]
    pub fn new(limit: usize) -> Keys {
        Keys { runs: BTreeMap::new(), last: None, next: None, seen: HashMap::new(), limit }
    }

    /// Notes a key that is one whole number; the place where it was seen before, if it was.
    pub(in crate::batch) fn see_number(
        &mut self,
        key: i64,
        place: Place,
    ) -> Result<Option<Place>, TooManyKeys> {
        if let Some(start) = self.last
            && let Some((end, first)) = self.runs.get_mut(&start)
            && end.checked_add(1) == Some(key)
            && place == first.later(key - start)
            && self.next.is_none_or(|next| key < next)
            && self.seen.is_empty()
        {
            *end = key;
            return Ok(None);
        }
        if let Some((start, (end, first))) = self.runs.range(..=key).next_back()
            && key <= *end
        {
            return Ok(Some(first.later(key - start)));
        }
        if self.runs.len() < MOST_RUNS {
            self.runs.insert(key, (key, place));
            self.last = Some(key);
            self.next =
                self.runs.range((Bound::Excluded(key), Bound::Unbounded)).next().map(|(next, _)| *next);
            return Ok(None);
        }
        self.see_bits([key as u64, 0], place)
    }

    pub(in crate::batch) fn see<'v>(
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
        self.see_bits([half(0), half(8)], place)
    }

    fn see_bits(&mut self, key: [u64; 2], place: Place) -> Result<Option<Place>, TooManyKeys> {
        if let Some(first) = self.seen.get(&key) {
            return Ok(Some(*first));
        }
        if self.seen.len() + self.runs.len() >= self.limit {
            return Err(TooManyKeys(self.limit));
        }
        self.seen.insert(key, place);
        Ok(None)
    }
}
