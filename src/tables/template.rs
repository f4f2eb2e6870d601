//! The table to fill in for a record: its columns by label and unit, and in a workbook what each is for.

use rust_xlsxwriter::{DataValidation, Format, Formula, Workbook, Worksheet, XlsxError};

use super::error::TableError;
use super::write::{Aside, save_workbook};
use crate::batch::what;
use crate::check::typed::{Field, Interval, Program, Record, RecordId, Type};
use crate::value::{Date, Number};

/// Rows below the header that offer a choice of values.
const ROWS: u32 = 10_000;

/// The header of a field's column: its label, with the unit of its numbers.
fn header(field: &Field) -> String {
    if field.data_unit_word.is_empty() {
        field.label.clone()
    } else {
        format!("{}({})", field.label, field.data_unit_word)
    }
}

/// Writes a CSV that has only the header.
///
/// # Errors
/// Where the file cannot be written.
pub fn csv_template(program: &Program, record: RecordId, path: &str) -> Result<(), TableError> {
    let fields = &program.records[record.index()].fields;
    let mut out = csv::Writer::from_writer(Aside::create(path)?);
    out.write_record(fields.iter().map(header)).map_err(|error| TableError::writing(path, &error))?;
    out.into_inner().map_err(|error| TableError::io(path, "cannot be written", error.error()))?.finish()
}

/// Writes a workbook: a sheet to fill in, whose enums and booleans are chosen from lists, and a sheet that
/// explains each field.
///
/// # Errors
/// Where the file cannot be written.
pub fn xlsx_template(program: &Program, record: RecordId, path: &str) -> Result<(), TableError> {
    let aside = Aside::create(path)?;
    let cannot = |error: XlsxError| TableError::new(path, format!("cannot be written: {error}"));
    let mut book = workbook(program, &program.records[record.index()]).map_err(cannot)?;
    save_workbook(&mut book, aside)
}

fn workbook(program: &Program, record: &Record) -> Result<Workbook, XlsxError> {
    let mut book = Workbook::new();
    let bold = Format::new().set_bold();
    let sheet = book.add_worksheet();
    sheet.set_name(sheet_name(&record.head.label))?;
    sheet.set_freeze_panes(1, 0)?;
    let date = Format::new().set_num_format("yyyy-mm-dd");
    let text = Format::new().set_num_format("@");
    for (column, field) in (0..).zip(&record.fields) {
        sheet.write_string_with_format(0, column, header(field), &bold)?;
        sheet.set_column_width(column, width(&header(field)))?;
        match field.ty {
            Type::Date => drop(sheet.set_column_format(column, &date)?),
            // Long identifiers lose digits as numbers.
            Type::Text => drop(sheet.set_column_format(column, &text)?),
            _ => {}
        }
    }
    let lists = add_fields_sheet(&mut book, program, record)?;
    let sheet = book.worksheet_from_index(0)?;
    for (column, list) in lists {
        sheet.add_data_validation(1, column, ROWS, column, &list)?;
    }
    Ok(book)
}

/// Explains the fields, and keeps the values to choose from beside them; gives the lists by column.
fn add_fields_sheet(
    book: &mut Workbook,
    program: &Program,
    record: &Record,
) -> Result<Vec<(u16, DataValidation)>, XlsxError> {
    const LISTS_FROM: u16 = 8;
    let sheet = book.add_worksheet();
    sheet.set_name("fields")?;
    let bold = Format::new().set_bold();
    for (column, title) in (0..).zip([
        "名称 name",
        "字段 field",
        "类型 type",
        "单位 unit",
        "范围 range",
        "必填 needed",
        "说明 notes",
        "",
    ]) {
        sheet.write_string_with_format(0, column, title, &bold)?;
    }
    sheet.set_column_width(0, 30)?;
    sheet.set_column_width(6, 60)?;
    let mut lists = Vec::new();
    for (at, field) in (0u16..).zip(&record.fields) {
        explain(sheet, u32::from(at) + 1, program, field)?;
        let choices = choices(program, field);
        if choices.is_empty() {
            continue;
        }
        let column = LISTS_FROM + lists.len() as u16;
        sheet.write_string_with_format(0, column, &field.label, &bold)?;
        for (row, choice) in (1..).zip(&choices) {
            sheet.write_string(row, column, choice)?;
        }
        let letters = rust_xlsxwriter::utility::column_number_to_name(column);
        let range = format!("=fields!${letters}$2:${letters}${}", choices.len() + 1);
        lists.push((at, DataValidation::new().allow_list_formula(Formula::new(range))));
    }
    Ok(lists)
}

fn explain(sheet: &mut Worksheet, row: u32, program: &Program, field: &Field) -> Result<(), XlsxError> {
    let kind = match &field.ty {
        Type::Enum(id) => program.enums[id.index()].head.label.clone(),
        _ => what(field),
    };
    let needed = match (field.key, field.optional) {
        (true, _) => "键 key",
        (_, true) => "可空 may be empty",
        _ => "是 yes",
    };
    let cells =
        [&field.label, &field.name, &kind, &field.data_unit_word, &range_text(field), needed, &field.docs];
    for (column, cell) in (0..).zip(cells) {
        sheet.write_string(row, column, cell)?;
    }
    Ok(())
}

fn choices(program: &Program, field: &Field) -> Vec<String> {
    match &field.ty {
        Type::Bool => vec!["是".to_owned(), "否".to_owned()],
        Type::Enum(id) => program.enums[id.index()].variants.iter().map(|v| v.label.clone()).collect(),
        _ => Vec::new(),
    }
}

/// What values may be, in the unit of the column.
fn range_text(field: &Field) -> String {
    let Interval { low, high } = &field.range;
    let shown = |bound: &Number| match &field.ty {
        Type::Date => {
            let day = bound.to_scaled(0).and_then(|days| Date::from_days(i64::try_from(days).ok()?));
            day.map_or_else(String::new, |day| day.to_string())
        }
        _ => bound.div(&field.data_unit).unwrap_or_default().to_string(),
    };
    match (low, high) {
        (None, None) => String::new(),
        (Some(low), None) => format!("≥ {}", shown(low)),
        (None, Some(high)) => format!("≤ {}", shown(high)),
        (Some(low), Some(high)) => format!("{}..{}", shown(low), shown(high)),
    }
}

/// A label as the name of a sheet: 31 characters at most, some of them not allowed.
fn sheet_name(label: &str) -> String {
    let allowed = |c: &char| !matches!(c, '[' | ']' | ':' | '*' | '?' | '/' | '\\' | '\'');
    let name: String = label.chars().filter(allowed).take(31).collect();
    if name.is_empty() || name.eq_ignore_ascii_case("fields") { "records".to_owned() } else { name }
}

/// Room for a header: a Chinese character takes that of two letters.
fn width(header: &str) -> u32 {
    let letters: u32 = header.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum();
    letters.clamp(8, 40) + 2
}
