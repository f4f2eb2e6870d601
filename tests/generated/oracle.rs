//! The interpreter asked about the values themselves, without columns between: both engines read columns with
//! the same code, so a mistake there would not show between them.

use std::collections::BTreeSet;

use pol::batch::{Answered, Summary};
use pol::check::typed::Field;
use pol::value::Value;

use super::compare::Difference;
use super::engines::Run;
use super::meaning::{Meaning, Those};
use super::population::{Known, Table};

/// How an engine's answers differ from those to the values, in what is rejected and what is counted. `tables`
/// stand in the order of the answers.
pub fn differ(run: &Run<'_>, tables: &[Table], answered: &[Answered]) -> Option<Difference> {
    let mut good: Vec<Those> = Vec::new();
    let mut rejected = Vec::new();
    for (table, answered) in tables.iter().zip(answered) {
        let mut records = run.set.program.records.iter();
        let record = records.position(|record| record.head.name == table.kind)?;
        let bad = bad_rows(&run.set.program.records[record].fields, table.known());
        let found: BTreeSet<usize> =
            answered.rejects.iter().map(|reject| reject.place.line as usize - 1).collect();
        if bad != found {
            return difference(record, "rejected rows", format!("{bad:?}"), format!("{found:?}"));
        }
        let rows = table.known().iter().enumerate();
        good.push((record, rows.filter(|(row, _)| !bad.contains(row)).map(|(_, known)| known).collect()));
        rejected.push(bad.len() as u64);
    }
    let meaning = Meaning::of(run, &good);
    let all = good.iter().zip(answered).zip(rejected);
    all.into_iter().find_map(|(((record, rows), answered), rejected)| {
        let mut meant = summary(run, &meaning, *record, rows);
        meant.rejected = rejected;
        let found = &answered.summary;
        let differs = meant != *found;
        differs.then(|| difference(*record, "the summary", format!("{meant:?}"), format!("{found:?}")))?
    })
}

fn difference(record: usize, what: &str, meant: String, found: String) -> Option<Difference> {
    Some(Difference { record: Some(record), what: what.to_owned(), row: None, meant, found })
}

/// Rows with a value that its field may not have, or with a key that an earlier row has.
pub fn bad_rows(fields: &[Field], known: &[Known]) -> BTreeSet<usize> {
    let mut seen: BTreeSet<Vec<&Value>> = BTreeSet::new();
    let mut bad = BTreeSet::new();
    for (row, values) in known.iter().enumerate() {
        let sound =
            fields.iter().all(|field| values.get(&field.name).is_none_or(|value| allowed(field, value)));
        let key: Vec<&Value> =
            fields.iter().filter(|field| field.key).filter_map(|field| values.get(&field.name)).collect();
        if !sound || (!key.is_empty() && !seen.insert(key)) {
            bad.insert(row);
        }
    }
    bad
}

fn allowed(field: &Field, value: &Value) -> bool {
    let Value::Number(number) = value else { return true };
    let within = field.range.low.as_ref().is_none_or(|low| low <= number)
        && field.range.high.as_ref().is_none_or(|high| number <= high);
    within && number.decimals().is_some_and(|decimals| decimals <= field.decimals)
}

/// What is counted and added over the answers to some records.
fn summary(run: &Run<'_>, meaning: &Meaning<'_>, record: usize, rows: &[&Known]) -> Summary {
    let plan = &run.set.plans.records[record];
    let mut summary = Summary::new(plan);
    for row in rows {
        summary.add(plan, &meaning.answers(record, row));
        let fields = run.set.program.records[record].fields.iter();
        let blank = fields.filter(|field| !field.optional && !row.contains_key(&field.name));
        blank.for_each(|field| summary.note_blank(&field.name, 1));
    }
    summary
}
