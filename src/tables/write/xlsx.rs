//! Workbooks: rows beyond the limit of a sheet go on in the next one.

use std::io::{self, Seek};

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};

use super::Aside;
use super::shown::{Cells, Shown};
use crate::batch::Raw;
use crate::tables::error::TableError;

/// Rows and columns of a sheet.
const SHEET_ROWS: u32 = 1_048_576;
const SHEET_COLUMNS: usize = 16_384;
/// Digits that a spreadsheet's numbers keep; longer ones are written as texts.
const DIGITS: usize = 15;
/// The number of 1970-01-01 in a spreadsheet, and the first day from which its numbers are those of the
/// calendar (1900-03-01).
const EPOCH: i64 = 25_569;
const FIRST_DAY: i64 = 61 - EPOCH;

pub struct XlsxWriter {
    aside: Aside,
    book: Workbook,
    names: Vec<String>,
    /// The sheet being written, and its next row.
    sheet: usize,
    row: u32,
    formats: Formats,
}

struct Formats {
    header: Format,
    date: Format,
    time: Format,
}

impl XlsxWriter {
    pub fn create(path: &str, schema: &SchemaRef) -> Result<XlsxWriter, TableError> {
        let names: Vec<String> = schema.fields().iter().map(|field| field.name().clone()).collect();
        if names.len() > SHEET_COLUMNS {
            let message = format!("a sheet holds {SHEET_COLUMNS} columns, and there are {}", names.len());
            return Err(TableError::new(path, message));
        }
        let formats = Formats {
            header: Format::new().set_bold(),
            date: Format::new().set_num_format("yyyy-mm-dd"),
            time: Format::new().set_num_format("yyyy-mm-dd hh:mm:ss"),
        };
        let aside = Aside::create(path)?;
        let mut writer = XlsxWriter { aside, book: Workbook::new(), names, sheet: 0, row: 0, formats };
        writer.add_sheet().map_err(|error| describe(writer.aside.name(), error))?;
        Ok(writer)
    }

    fn add_sheet(&mut self) -> Result<(), XlsxError> {
        let sheet = self.book.add_worksheet_with_constant_memory()?;
        sheet.set_freeze_panes(1, 0)?;
        for (column, name) in (0..).zip(&self.names) {
            sheet.write_string_with_format(0, column, name, &self.formats.header)?;
        }
        self.row = 1;
        Ok(())
    }

    pub fn write(&mut self, batch: &RecordBatch) -> Result<(), TableError> {
        let columns: Result<Vec<Cells>, _> = batch.columns().iter().map(|c| Cells::new(c.as_ref())).collect();
        let columns = columns.map_err(|error| TableError::new(self.aside.name(), error.to_string()))?;
        self.write_rows(&columns, batch.num_rows()).map_err(|error| describe(self.aside.name(), error))
    }

    fn write_rows(&mut self, columns: &[Cells], rows: usize) -> Result<(), XlsxError> {
        for row in 0..rows {
            if self.row == SHEET_ROWS {
                self.add_sheet()?;
                self.sheet += 1;
            }
            let sheet = self.book.worksheet_from_index(self.sheet)?;
            for (column, cells) in (0..).zip(columns) {
                write_cell(sheet, self.row, column, &cells.get(row), &self.formats)?;
            }
            self.row += 1;
        }
        Ok(())
    }

    pub fn finish(mut self, receipt: &[(String, String)]) -> Result<(), TableError> {
        let name = self.aside.name().to_owned();
        self.add_receipt(receipt).map_err(|error| describe(&name, error))?;
        save(&mut self.book, self.aside)
    }

    fn add_receipt(&mut self, receipt: &[(String, String)]) -> Result<(), XlsxError> {
        if receipt.is_empty() {
            return Ok(());
        }
        let sheet = self.book.add_worksheet_with_constant_memory()?;
        sheet.set_name("receipt")?;
        for (row, (key, value)) in (0..).zip(receipt) {
            sheet.write_string(row, 0, key)?;
            sheet.write_string(row, 1, value)?;
        }
        Ok(())
    }
}

/// Packs a workbook in a temporary file and copies it to its place, so that a full disk is met by us: the packer
/// would speak of it on the terminal.
pub fn save(book: &mut Workbook, mut aside: Aside) -> Result<(), TableError> {
    let name = aside.name().to_owned();
    let cannot = |error: io::Error| TableError::io(&name, "cannot be written", &error);
    let mut packed = tempfile::tempfile().map_err(cannot)?;
    book.save_to_writer(&mut packed).map_err(|error| describe(&name, error))?;
    packed.rewind().map_err(cannot)?;
    io::copy(&mut packed, &mut aside).map_err(cannot)?;
    aside.finish()
}

fn write_cell(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    cell: &Shown,
    formats: &Formats,
) -> Result<(), XlsxError> {
    match cell {
        Shown::Null => return Ok(()),
        Shown::Scalar(Raw::Bool(value)) => sheet.write_boolean(row, column, *value)?,
        Shown::Scalar(Raw::Day(days)) if *days >= FIRST_DAY => {
            sheet.write_number_with_format(row, column, (days + EPOCH) as f64, &formats.date)?
        }
        // A spreadsheet's time is a fraction of a day: whole seconds come back whole.
        Shown::Scalar(Raw::Moment(seconds, 0)) if *seconds >= FIRST_DAY * 86_400 => {
            #[allow(clippy::float_arithmetic)]
            let days = (seconds + EPOCH * 86_400) as f64 / 86_400.0;
            sheet.write_number_with_format(row, column, days, &formats.time)?
        }
        Shown::Scalar(raw @ (Raw::Int(_) | Raw::Decimal(..) | Raw::Float(_))) => {
            let digits = raw.to_string();
            match digits.parse::<f64>().ok().filter(|number| number.is_finite() && is_short(&digits)) {
                Some(number) => sheet.write_number(row, column, number)?,
                None => sheet.write_string(row, column, digits)?,
            }
        }
        other => sheet.write_string(row, column, other.text())?,
    };
    Ok(())
}

/// Whether a spreadsheet's number keeps every digit.
fn is_short(digits: &str) -> bool {
    let significant = digits.trim_start_matches(['-', '0', '.']);
    let significant = if significant.contains('.') { significant.trim_end_matches('0') } else { significant };
    significant.bytes().filter(u8::is_ascii_digit).count() <= DIGITS
}

fn describe(path: &str, error: XlsxError) -> TableError {
    TableError::new(path, format!("cannot be written: {error}"))
}
