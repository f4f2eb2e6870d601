//! Keys: no two rows of a record have the same, and fields that hold the key of another record have one that is there.

use std::sync::Arc;

use super::column::{Column, Draws, Key};
use super::profile::FieldProfile;
use super::record::RecordSample;
use super::usual::mantissa;
use crate::boundary::position;
use crate::check::typed::{Field, Program, Record, Type};
use crate::value::{Date, Number};

/// The keys of a record's fields, by position; `None` where a field is no key, or one whose repetition does not matter
/// since a text beside it tells rows apart.
///
/// # Errors
/// Where there are not as many keys as rows.
pub fn keys(
    program: &Program,
    record: &Record,
    rows: u64,
    members: &[Vec<Arc<str>>],
    says: impl Fn(usize) -> FieldProfile,
    day: Date,
) -> Result<Vec<Option<Key>>, String> {
    let mut keys: Vec<Option<Key>> = vec![None; record.fields.len()];
    let own = || record.fields.iter().enumerate().filter(|(_, field)| field.key);
    let linked = |at: usize| record.belongs.iter().any(|own| own.via.index() == at);
    // A text tells rows apart by itself, best one that is no key of another record.
    let texts = || own().filter(|(_, field)| field.ty == Type::Text);
    if let Some((at, _)) = texts().find(|(at, _)| !linked(*at)).or_else(|| texts().next()) {
        let stem = says(at).prefix.unwrap_or_else(|| format!("{}-", record.head.name));
        keys[at] = Some(Key::text(&stem, &members[at], rows));
        return Ok(keys);
    }
    let mut rows_each = 1u64;
    for (at, field) in own() {
        let (first, step, count) = counted(program, field, &says(at), day, rows)?;
        keys[at] = Some(Key::Counted { first, step, count, rows_each });
        rows_each = rows_each.saturating_mul(count);
    }
    if rows > rows_each && own().next().is_some() {
        let name = &record.head.name;
        return Err(format!(
            "{name} has only {rows_each} different keys, and {rows} rows are asked for: ask for --rows {name}={rows_each}"
        ));
    }
    Ok(keys)
}

/// The first value of a key, how far apart its values are, and how many there are.
fn counted(
    program: &Program,
    field: &Field,
    says: &FieldProfile,
    day: Date,
    rows: u64,
) -> Result<(i64, i64, u64), String> {
    let step = match &field.ty {
        Type::Bool => return Ok((0, 1, 2)),
        Type::Enum(id) => return Ok((0, 1, program.enums[id.index()].variants.len() as u64)),
        Type::Number(_) => 10i64.pow(field.decimals),
        Type::Time => 60,
        _ => 1,
    };
    let range = says.range.as_ref().and_then(|(low, high)| Some((position(low)?, position(high)?)));
    let declared = |end: &Option<Number>| end.as_ref().and_then(|end| mantissa(field, end));
    let (least, most) = match field.ty {
        Type::Date => (i64::from(Date::MIN.0), i64::from(Date::MAX.0)),
        Type::Time => (Date::MIN.midnight().0, Date::MAX.midnight().0),
        _ => (0, 999_999_999_999_999_999),
    };
    let (least, most) =
        (declared(&field.range.low).unwrap_or(least), declared(&field.range.high).unwrap_or(most));
    let usual = match field.ty {
        Type::Date => i64::from(day.0),
        Type::Time => day.midnight().0,
        _ => step,
    };
    let (first, last) = match &range {
        Some((low, high)) => match (mantissa(field, low), mantissa(field, high)) {
            (Some(low), Some(high)) => (low.max(least), high.min(most)),
            _ => return Err(format!("the `range` of the key `{}` is finer than the field", field.name)),
        },
        None => (usual.clamp(least, most), most),
    };
    let count = |first: i64| (i128::from(last) - i128::from(first)).div_euclid(step.into()) + 1;
    // Where too few follow the usual first, they begin at the least.
    let first = if range.is_none() && count(first) < i128::from(rows) { least } else { first };
    Ok((first, step, u64::try_from(count(first).max(0)).unwrap_or(u64::MAX)))
}

/// Lets fields that hold keys of records in the run have one of theirs, and others one as it could be.
pub fn link(program: &Program, records: &mut [RecordSample]) {
    for own in 0..records.len() {
        let record = &program.records[records[own].record.index()];
        for belonging in &record.belongs {
            let at = belonging.via.index();
            let Some(of) = records.iter().position(|other| other.record == belonging.record) else {
                continue;
            };
            let keyed = matches!(records[own].columns[at].draws, Draws::Key(_));
            if !keyed
                && program.records[belonging.record.index()].only_key().is_some()
                && records[of].rows > 0
            {
                let column = &records[own].columns[at];
                records[own].columns[at] = Column { draws: Draws::Link(of), ..column.clone() };
            }
        }
    }
}
