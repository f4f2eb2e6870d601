//! Finds the first difference of the answers of two engines.

use std::fmt;

use arrow_array::Array;
use pol::batch::Answered;

use super::engines::{Answer, PANIC, Run};
use super::population::Batches;

/// Where two engines differ.
#[derive(Debug, Clone)]
pub struct Difference {
    /// The kind of record, by its position in the program, where it is about one.
    pub record: Option<usize>,
    /// A column of the answers, or what else is compared.
    pub what: String,
    /// The row among the records of the kind, where it is known.
    pub row: Option<usize>,
    pub meant: String,
    pub found: String,
}

impl Difference {
    /// What differs, whichever the measure: a status, a list of causes, an amount, the run as a whole.
    pub fn kind(&self) -> &str {
        match self.what.rsplit_once('.') {
            Some((_, column @ ("status" | "branch" | "failed" | "missing"))) => column,
            Some(_) => "amount",
            None => &self.what,
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Difference { record, what, row, meant, found } = self;
        f.write_str(what)?;
        row.map_or(Ok(()), |row| write!(f, " of row {row}"))?;
        record.filter(|record| *record > 0).map_or(Ok(()), |record| write!(f, " of record {record}"))?;
        write!(f, ": meant {meant}, found {found}")
    }
}

/// The first difference of the answers of two engines; `None` where there is none.
pub fn compare(run: &Run<'_>, tables: &[Batches], meant: &Answer, found: &Answer) -> Option<Difference> {
    match (meant(run, tables), found(run, tables)) {
        (Ok(meant), Ok(found)) => {
            let both = meant.iter().zip(&found).zip(tables);
            let mut differences = both.filter_map(|((meant, found), (record, _))| {
                Some(Difference { record: Some(*record), ..different(meant, found)? })
            });
            differences.next()
        }
        (Err(meant), Err(found)) if meant == found && !meant.starts_with(PANIC) => None,
        (meant, found) => {
            let said = |answered: Result<_, String>| answered.err().unwrap_or("an answer".to_owned());
            let (meant, found) = (said(meant.map(drop)), said(found.map(drop)));
            Some(Difference { record: None, what: "the run".to_owned(), row: None, meant, found })
        }
    }
}

fn different(meant: &Answered, found: &Answered) -> Option<Difference> {
    let whole = |what: &str, meant: String, found: String| {
        Some(Difference { record: None, what: what.to_owned(), row: None, meant, found })
    };
    if meant.rejects != found.rejects {
        return whole("rejects", format!("{:?}", meant.rejects), format!("{:?}", found.rejects));
    }
    if meant.batch.schema() != found.batch.schema() || meant.batch.num_rows() != found.batch.num_rows() {
        return whole("shape", format!("{:?}", meant.batch.schema()), format!("{:?}", found.batch.schema()));
    }
    for (at, field) in meant.batch.schema().fields().iter().enumerate() {
        let (a, b) = (meant.batch.column(at), found.batch.column(at));
        if a == b {
            continue;
        }
        let differs = |row: &usize| a.slice(*row, 1).as_ref() != b.slice(*row, 1).as_ref();
        let row = (0..a.len()).find(differs);
        let shown = |array: &dyn Array| {
            let cell = row.map(|row| array.slice(row, 1));
            cell.map_or_else(String::new, |cell| {
                format!("{cell:?}").split_whitespace().collect::<Vec<_>>().join(" ")
            })
        };
        let (meant_cell, found_cell) = (shown(a.as_ref()), shown(b.as_ref()));
        // Rows that could not be read have no answer, and other layouts other rows.
        let row = if meant.rejects.is_empty() { row } else { None };
        let what = field.name().clone();
        return Some(Difference { record: None, what, row, meant: meant_cell, found: found_cell });
    }
    if meant.summary != found.summary {
        return whole("summary", format!("{:?}", meant.summary), format!("{:?}", found.summary));
    }
    None
}
