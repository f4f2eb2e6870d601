//! The records of a run: of every kind, as values and as batches of columns.

use std::collections::BTreeMap;

use arrow_array::{RecordBatch, UInt32Array};
use arrow_select::take::take_record_batch;
use pol::check::typed::Program;
use pol::value::Value;

use super::columns;
use super::random::Random;
use super::records::{self, Marks};
use super::sets::Set;

/// A record: its fields that are known, by name.
pub type Known = BTreeMap<String, Value>;

/// The records of a kind.
#[derive(Debug, Clone)]
pub struct Table {
    /// The kind, by its name.
    pub kind: String,
    pub rows: Rows,
}

#[derive(Debug, Clone)]
pub enum Rows {
    /// Batches as they came, where it matters in which types.
    Raw(Vec<RecordBatch>),
    Known(Vec<Known>),
}

/// The batches of a kind of record, by its position in the program.
pub type Batches = (usize, Vec<RecordBatch>);

/// Records of every kind of a set, as values and as they come.
pub fn some(random: &mut Random, set: &Set, rows: usize) -> (Vec<Table>, Vec<Table>) {
    let program = &set.program;
    let counts = records::counts(random, program, rows);
    let (mut known, mut raw) = (Vec::new(), Vec::new());
    for (at, record) in program.records.iter().enumerate() {
        let Some(rows) = counts[at] else { continue };
        let marks = Marks::of(&set.plans, &set.plans.records[at]);
        let values = records::columns(random, program, at, &marks, &counts);
        let row = |row: usize| {
            let cells = record.fields.iter().zip(&values);
            cells.filter_map(|(field, column)| Some((field.name.clone(), column[row].clone()?))).collect()
        };
        let kind = record.head.name.clone();
        known.push(Table { kind: kind.clone(), rows: Rows::Known((0..rows).map(row).collect()) });
        // One table, or two whose columns are of other types.
        let cut = if random.chance(15) { random.below(rows) } else { 0 };
        let mut batches = Vec::new();
        for (from, to) in [(0, cut), (cut, rows)] {
            if from < to || to == rows {
                let part: Vec<&[Option<Value>]> = values.iter().map(|column| &column[from..to]).collect();
                batches.push(columns::batch(random, program, at, &part, to - from));
            }
        }
        raw.push(Table { kind, rows: Rows::Raw(batches) });
    }
    (known, raw)
}

/// The batches of all kinds that the set has.
pub fn batches(program: &Program, tables: &[Table]) -> Vec<Batches> {
    let position = |kind: &str| program.records.iter().position(|record| record.head.name == kind);
    let batches = tables.iter().filter_map(|table| {
        let at = position(&table.kind)?;
        Some(match &table.rows {
            Rows::Raw(batches) => (at, batches.clone()),
            Rows::Known(rows) => (at, vec![columns::plain(program, at, rows)]),
        })
    });
    batches.collect()
}

impl Table {
    pub fn known(&self) -> &[Known] {
        match &self.rows {
            Rows::Known(rows) => rows,
            Rows::Raw(_) => &[],
        }
    }

    pub fn len(&self) -> usize {
        match &self.rows {
            Rows::Raw(batches) => batches.iter().map(RecordBatch::num_rows).sum(),
            Rows::Known(rows) => rows.len(),
        }
    }

    /// Some of the records, by ascending rows.
    pub fn only(&self, rows: &[usize]) -> Table {
        let rows = match &self.rows {
            Rows::Known(all) => Rows::Known(rows.iter().map(|row| all[*row].clone()).collect()),
            Rows::Raw(batches) => {
                let mut start = 0;
                let some = batches.iter().map(|batch| {
                    let end = start + batch.num_rows();
                    let own = rows.iter().filter(|row| (start..end).contains(*row));
                    let places: UInt32Array = own.map(|row| (row - start) as u32).collect();
                    start = end;
                    take_record_batch(batch, &places).unwrap_or_else(|_| batch.clone())
                });
                Rows::Raw(some.collect())
            }
        };
        Table { kind: self.kind.clone(), rows }
    }
}
