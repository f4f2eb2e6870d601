//! Which column of a table is which field of a record, and in what unit.

use arrow_schema::{FieldRef, Schema};

use super::cells::{CellReader, SerialDates};
use super::column::is_readable;
use crate::check::typed::{Field, MONTH, NumberKind, Program, RecordId, Type};
use crate::check::units::{self, MONTHS_A_YEAR, YEAR};
use crate::value::Number;

/// How a table is to be read.
#[derive(Debug, Clone, Default)]
pub struct BindOptions {
    pub keep: Keep,
    /// For spreadsheets: plain numbers in date columns are days counted from this system's first.
    pub serials: Option<SerialDates>,
}

/// Which columns go to the answers as they are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Keep {
    #[default]
    None,
    /// Those that are no field of the record.
    Unknown,
    /// Those with these headers, fields or not.
    Columns(Vec<String>),
}

/// What keeps a table from being read as records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BindProblem {
    /// The header it is about, where it is about one.
    pub column: Option<String>,
    pub message: String,
}

/// A field of the record and where its values stand.
#[derive(Debug, Clone)]
pub struct BoundField {
    pub name: String,
    pub key: bool,
    pub optional: bool,
    /// The column by position; without one the field is missing in every row.
    pub column: Option<usize>,
    /// The header of the column as it stands, or the name of the field.
    pub header: String,
    pub reader: CellReader,
}

/// A table matched with a record.
#[derive(Debug, Clone)]
pub struct Binding {
    pub record: RecordId,
    /// One for each field of the record, in its order.
    pub fields: Vec<BoundField>,
    /// Headers of the columns that are no field.
    pub unknown: Vec<String>,
    /// Fields that have no column, by name.
    pub missing: Vec<String>,
    /// Columns that go to the answers as they are, by position.
    pub kept: Vec<usize>,
}

/// A column that is a field, with the factor to base units that its header asks for.
struct Match {
    field: usize,
    factor: Option<Number>,
}

impl Binding {
    /// Matches the columns of a table with the fields of a record: by name, by label, or by either with a unit
    /// in brackets after it; white space and byte order marks aside.
    ///
    /// # Errors
    /// With every problem of the table: a key without a column, a field with two, a header whose unit is not
    /// one of its field, a column of a type that holds no values, a table that has nothing of the record.
    pub fn new(
        program: &Program,
        record: RecordId,
        schema: &Schema,
        options: &BindOptions,
    ) -> Result<Binding, Vec<BindProblem>> {
        let fields = &program.records[record.index()].fields;
        let headers: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
        let mut problems = Vec::new();
        let matches = match_columns(program, fields, &headers, &mut problems);
        check_types(schema, &matches, &mut problems);
        let columns = one_for_each(fields, &headers, &matches, &mut problems);
        let kept = kept(&options.keep, &headers, &matches, &mut problems);
        check_presence(program, record, &columns, &mut problems);
        if !problems.is_empty() {
            return Err(problems);
        }
        let bound = |(field, column): (&Field, &Option<usize>)| {
            let factor = column.and_then(|column| matches[column].as_ref()?.factor.clone());
            let factor = factor.unwrap_or_else(|| field.data_unit.clone());
            BoundField {
                name: field.name.clone(),
                key: field.key,
                optional: field.optional,
                column: *column,
                header: column.map_or(field.name.clone(), |column| shown(headers[column])),
                reader: CellReader::new(program, field, factor, options.serials),
            }
        };
        let fields: Vec<BoundField> = fields.iter().zip(&columns).map(bound).collect();
        let unknown = headers.iter().zip(&matches).filter(|(_, found)| found.is_none());
        Ok(Binding {
            record,
            unknown: unknown.map(|(header, _)| shown(header)).collect(),
            missing: fields.iter().filter(|f| f.column.is_none()).map(|f| f.name.clone()).collect(),
            fields,
            kept,
        })
    }

    /// The column that a name stands for: that of the field of this name or label, else the one with this header.
    pub fn column_named(&self, schema: &Schema, name: &str) -> Option<usize> {
        let name = plain(name);
        let own =
            |field: &&BoundField| plain(&field.name) == name || plain(&field.reader.field().label) == name;
        let field = self.fields.iter().find(own).and_then(|field| field.column);
        field.or_else(|| schema.fields().iter().position(|column| plain(column.name()) == name))
    }

    /// Whether both make the same records of the table that they are of.
    pub fn reads_as(&self, other: &Binding) -> bool {
        let same = |(own, other): (&BoundField, &BoundField)| {
            own.column == other.column && own.reader.reads_as(&other.reader)
        };
        self.fields.len() == other.fields.len() && self.fields.iter().zip(&other.fields).all(same)
    }

    /// The columns that go to the answers as they are, as the table has them.
    pub fn kept_fields(&self, schema: &Schema) -> Vec<FieldRef> {
        self.kept.iter().filter_map(|at| schema.fields().get(*at)).cloned().collect()
    }
}

/// The record that a table's columns are of: the one that has all its keys there and most of its fields.
///
/// # Errors
/// Where no record fits, or several fit as well.
pub fn find_record(program: &Program, schema: &Schema) -> Result<RecordId, BindProblem> {
    let headers: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    let mut best: Vec<(usize, RecordId)> = Vec::new();
    for (at, record) in program.records.iter().enumerate() {
        let matches = match_columns(program, &record.fields, &headers, &mut Vec::new());
        let has = |field: usize| matches.iter().flatten().any(|found| found.field == field);
        let count = (0..record.fields.len()).filter(|field| has(*field)).count();
        let keys = record.fields.iter().enumerate().all(|(at, field)| !field.key || has(at));
        if keys && count > 0 && best.first().is_none_or(|(most, _)| count >= *most) {
            best.retain(|(most, _)| *most == count);
            best.push((count, RecordId(at as u32)));
        }
    }
    let name = |id: &RecordId| format!("`{}`", program.records[id.index()].head.name);
    match best.as_slice() {
        [(_, only)] => Ok(*only),
        [] => {
            let all: Vec<String> = (0..program.records.len() as u32).map(|at| name(&RecordId(at))).collect();
            let message = format!(
                "its columns are not those of a record of the policy ({}); name the record: Record=FILE",
                all.join(", ")
            );
            Err(BindProblem { column: None, message })
        }
        several => {
            let names: Vec<String> = several.iter().map(|(_, id)| name(id)).collect();
            let message =
                format!("the columns fit {} alike; name the record: Record=FILE", names.join(" and "));
            Err(BindProblem { column: None, message })
        }
    }
}

fn match_columns(
    program: &Program,
    fields: &[Field],
    headers: &[&str],
    problems: &mut Vec<BindProblem>,
) -> Vec<Option<Match>> {
    let mut matches: Vec<Option<Match>> = headers
        .iter()
        .map(|header| find_field(fields, &plain(header)).map(|field| Match { field, factor: None }))
        .collect();
    for (at, header) in headers.iter().enumerate() {
        if matches[at].is_some() {
            continue;
        }
        let header = plain(header);
        let Some((base, word)) = split_unit(&header) else { continue };
        let Some(field) = find_field(fields, base) else { continue };
        // Brackets after what is not a number are a remark, unless the field has a column without one.
        if fields[field].ty.number().is_none() {
            if !matches.iter().flatten().any(|found| found.field == field) {
                matches[at] = Some(Match { field, factor: None });
            }
            continue;
        }
        match header_factor(program, &fields[field], word) {
            Ok(factor) => matches[at] = Some(Match { field, factor: Some(factor) }),
            Err(why) => {
                matches[at] = Some(Match { field, factor: None });
                let message = format!("column {header}: {why}");
                problems.push(BindProblem { column: Some(shown(headers[at])), message });
            }
        }
    }
    matches
}

fn find_field(fields: &[Field], text: &str) -> Option<usize> {
    let by_name = fields.iter().position(|field| plain(&field.name) == text);
    by_name.or_else(|| fields.iter().position(|field| plain(&field.label) == text))
}

/// The factor to base units of a header's unit, or why the field cannot be in it.
fn header_factor(program: &Program, field: &Field, word: &str) -> Result<Number, String> {
    let is = format!("the field `{}` is {}", field.name, what(field));
    let unit = units::parse_unit(word, &program.units).ok_or_else(|| format!("`{word}` is no unit; {is}"))?;
    let Some(ty) = field.ty.number() else { return Err(is) };
    let kind_fits = match (ty.kind, units::number_kind(word)) {
        (NumberKind::Plain, given) => given == NumberKind::Plain,
        (NumberKind::Rate, given) => given == NumberKind::Rate,
        (NumberKind::Points, given) => given == NumberKind::Points || matches!(word, "%" | "％"),
    };
    if kind_fits && unit.dimension == ty.dimension {
        return Ok(unit.factor);
    }
    if unit.dimension.single() == Some(YEAR) && ty.dimension.single() == Some(MONTH) {
        return Ok(unit.factor.mul(&Number::from_int(MONTHS_A_YEAR)));
    }
    Err(is)
}

/// What a field is, for people: `money in 元`.
pub fn what(field: &Field) -> String {
    match &field.ty {
        Type::Bool => "true or false".to_owned(),
        Type::Text => "a text".to_owned(),
        Type::Enum(_) => "one of an enum".to_owned(),
        Type::Date => "a date".to_owned(),
        Type::Time => "a time".to_owned(),
        Type::Number(number) => match number.kind {
            NumberKind::Rate => "a rate".to_owned(),
            NumberKind::Points => "in percentage points".to_owned(),
            NumberKind::Plain if number.dimension.is_none() => "a number without a unit".to_owned(),
            NumberKind::Plain if number.dimension.currency().is_some() => {
                format!("money in {}", number.dimension)
            }
            NumberKind::Plain => format!("a number of {}", number.dimension),
        },
    }
}

fn check_types(schema: &Schema, matches: &[Option<Match>], problems: &mut Vec<BindProblem>) {
    for (column, found) in schema.fields().iter().zip(matches) {
        if found.is_some() && !is_readable(column.data_type()) {
            let zoned = matches!(column.data_type(), arrow_schema::DataType::Timestamp(_, Some(_)));
            let why = match zoned {
                true => {
                    "moments with a time zone, and times here have none: convert it to local time".to_owned()
                }
                false => format!("{}, which no field can be read from", column.data_type()),
            };
            let header = shown(column.name());
            problems
                .push(BindProblem { message: format!("column {header} holds {why}"), column: Some(header) });
        }
    }
}

/// The column of each field; two columns for one are a problem.
fn one_for_each(
    fields: &[Field],
    headers: &[&str],
    matches: &[Option<Match>],
    problems: &mut Vec<BindProblem>,
) -> Vec<Option<usize>> {
    let of_field = |field: usize| {
        let is = move |found: &Option<Match>| found.as_ref().is_some_and(|found| found.field == field);
        (0..matches.len()).filter(move |at| is(&matches[*at])).collect::<Vec<usize>>()
    };
    let mut columns = Vec::with_capacity(fields.len());
    for (at, field) in fields.iter().enumerate() {
        let found = of_field(at);
        if found.len() > 1 {
            let names: Vec<String> = found.iter().map(|column| shown(headers[*column])).collect();
            problems.push(BindProblem {
                message: format!("the columns {} are all the field `{}`", names.join(" and "), field.name),
                column: names.last().cloned(),
            });
        }
        columns.push(found.first().copied());
    }
    columns
}

fn check_presence(
    program: &Program,
    record: RecordId,
    columns: &[Option<usize>],
    problems: &mut Vec<BindProblem>,
) {
    let record = &program.records[record.index()];
    for (field, column) in record.fields.iter().zip(columns) {
        if field.key && column.is_none() {
            let message = format!("there is no column for the key `{}` ({})", field.name, field.label);
            problems.push(BindProblem { column: None, message });
        }
    }
    if columns.iter().all(Option::is_none) && problems.is_empty() {
        let message = format!("no column is a field of `{}` ({})", record.head.name, record.head.label);
        problems.push(BindProblem { column: None, message });
    }
}

fn kept(
    keep: &Keep,
    headers: &[&str],
    matches: &[Option<Match>],
    problems: &mut Vec<BindProblem>,
) -> Vec<usize> {
    match keep {
        Keep::None => Vec::new(),
        Keep::Unknown => (0..headers.len()).filter(|at| matches[*at].is_none()).collect(),
        Keep::Columns(names) => {
            let mut columns = Vec::new();
            for name in names {
                match headers.iter().position(|header| plain(header) == plain(name)) {
                    Some(at) => columns.push(at),
                    None => problems.push(BindProblem {
                        column: Some(name.clone()),
                        message: format!("there is no column {name} to keep"),
                    }),
                }
            }
            columns
        }
    }
}

/// A header without white space, marks and zero-width characters, its brackets half-width.
fn plain(header: &str) -> String {
    let drop = |c: &char| !c.is_whitespace() && !matches!(c, '\u{FEFF}' | '\u{200B}'..='\u{200D}' | '\0');
    let half = |c| match c {
        '（' => '(',
        '）' => ')',
        other => other,
    };
    header.chars().filter(drop).map(half).collect()
}

fn shown(header: &str) -> String {
    super::cells::trim(header).to_owned()
}

/// `营业收入(万元)` as `营业收入` and `万元`.
fn split_unit(header: &str) -> Option<(&str, &str)> {
    let (base, word) = header.strip_suffix(')')?.rsplit_once('(')?;
    (!base.is_empty() && !word.is_empty()).then_some((base, word))
}
