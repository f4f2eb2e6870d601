//! `--input` arguments: which files there are, and of which record each holds rows.

use super::Stop;
use super::set::PolicySet;
use crate::batch::{BindProblem, find_record};
use crate::check::typed::RecordId;
use crate::diag::closest;
use crate::tables::{ErrorKind, Format, Input, Piece, Table, TableError, expand};

/// The files with rows of one record, in the order of the arguments.
pub struct RecordInput {
    pub record: RecordId,
    pub name: String,
    pub files: Vec<Input>,
}

/// Resolves `FILE`, `Record=FILE`, patterns and `-`. Files without a record are of `default`, or else of the
/// record that their columns tell.
pub fn resolve(
    set: &PolicySet,
    arguments: &[String],
    format: Option<Format>,
    default: Option<RecordId>,
) -> Result<Vec<RecordInput>, Stop> {
    if set.program.records.is_empty() {
        return Err(Stop::Usage("the policy set declares no record, so no file can hold any".to_owned()));
    }
    let mut groups: Vec<RecordInput> = Vec::new();
    for argument in arguments {
        let (named, path) = named_record(set, argument)?;
        for file in expand(path, format)? {
            let record = match named.or(default) {
                Some(record) => record,
                None => {
                    let table = file.open()?;
                    find_record(&set.program, &table.schema)
                        .map_err(|problem| Stop::Usage(format!("{}: {}", file.name(), problem.message)))?
                }
            };
            match groups.iter_mut().find(|group| group.record == record) {
                Some(group) => group.files.push(file),
                None => {
                    let name = set.program.records[record.index()].head.name.clone();
                    groups.push(RecordInput { record, name, files: vec![file] });
                }
            }
        }
    }
    Ok(groups)
}

fn named_record<'a>(set: &PolicySet, argument: &'a str) -> Result<(Option<RecordId>, &'a str), Stop> {
    let Some((name, path)) = argument.split_once('=') else { return Ok((None, argument)) };
    if let Some(record) = record_named(set, name) {
        return Ok((Some(record), path));
    }
    // A file may have `=` in its name.
    if std::path::Path::new(argument).exists() {
        return Ok((None, argument));
    }
    Err(unknown_record(set, name, argument))
}

pub fn record_named(set: &PolicySet, name: &str) -> Option<RecordId> {
    let records = &set.program.records;
    let at = records.iter().position(|record| record.head.name == name || record.head.label == name)?;
    Some(RecordId(at as u32))
}

pub fn unknown_record(set: &PolicySet, name: &str, argument: &str) -> Stop {
    let records = &set.program.records;
    let names: Vec<&str> =
        records.iter().flat_map(|record| [record.head.name.as_str(), record.head.label.as_str()]).collect();
    let hint = closest(name, names.iter().copied())
        .map(|best| format!("; did you mean `{best}`?"))
        .unwrap_or_default();
    let list: Vec<&str> = records.iter().map(|record| record.head.name.as_str()).collect();
    Stop::Usage(format!("{argument}: the policy has no record `{name}`{hint}\nrecords: {}", list.join(", ")))
}

/// The pieces of a table; one without rows is no error here, its columns have been looked at.
pub fn pieces(mut table: Table) -> impl Iterator<Item = Result<Piece, TableError>> {
    let pieces = std::iter::from_fn(move || table.next_piece());
    pieces.filter(|piece| !matches!(piece, Err(error) if error.kind == ErrorKind::NoRows))
}

/// Why a table does not fit its record.
pub fn unbound(file: &str, problems: &[BindProblem]) -> Stop {
    let lines: Vec<String> = problems.iter().map(|problem| format!("{file}: {}", problem.message)).collect();
    Stop::Usage(lines.join("\n"))
}
