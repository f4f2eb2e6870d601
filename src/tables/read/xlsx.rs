//! Spreadsheets: the first sheet that is shown, or a named one; its first row that is not blank is the header.

use std::fs::File;
use std::io::BufReader;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use calamine::{DataRef, Reader, SheetType, SheetVisible, Xlsx, XlsxCellReader, XlsxError};

use super::texts::{Texts, text_schema};
use super::{Chunk, Everything, Table, column_names, unpanicked};
use crate::batch::SerialDates;
use crate::tables::error::TableError;
use crate::tables::input::Input;

type Book = Xlsx<BufReader<File>>;

/// The cells are read by a thread of their own, which stands still while two batches wait and ends when the
/// table is dropped: the reader borrows from its workbook, and the table could not hold both.
pub fn open(input: &Input) -> Result<Table, TableError> {
    let name = input.name().to_owned();
    let file = BufReader::new(input.file()?);
    let mut book = Xlsx::new(file)
        .map_err(|error| TableError::new(&name, format!("is not a whole workbook: {error}")))?;
    let sheet = choose_sheet(input, &book)?;
    let serials = if book.has_1904_epoch() { SerialDates::From1904 } else { SerialDates::From1900 };
    let names = unpanicked(&name, || header(input, &mut book, &sheet))??;
    let header_row = names.row;
    let schema = text_schema(column_names(input, Some(u64::from(names.row) + 1), names.cells)?);
    let (sender, receiver) = sync_channel(2);
    let texts = Texts::new(schema.clone());
    std::thread::spawn(move || {
        let rows = || send_rows(&mut book, &sheet, &name, header_row, texts, &sender);
        if let Err(error) = unpanicked(&name, rows).and_then(|sent| sent) {
            // Nobody listens where the table is dropped already.
            let _ = sender.send(Err(error));
        }
    });
    let mut table = Table::new(input, schema, Box::new(Everything(Received(receiver))));
    table.serials = Some(serials);
    Ok(table)
}

struct Received(Receiver<Result<Chunk, TableError>>);

impl Iterator for Received {
    type Item = Result<Chunk, TableError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.recv().ok()
    }
}

fn choose_sheet(input: &Input, book: &Book) -> Result<String, TableError> {
    let sheets: Vec<_> =
        book.sheets_metadata().iter().filter(|sheet| sheet.typ == SheetType::WorkSheet).collect();
    let found = match input.sheet() {
        Some(name) => sheets.iter().find(|sheet| sheet.name == name),
        None => sheets.iter().find(|sheet| sheet.visible == SheetVisible::Visible).or(sheets.first()),
    };
    found.map(|sheet| sheet.name.clone()).ok_or_else(|| {
        let names: Vec<String> = sheets.iter().map(|sheet| format!("`{}`", sheet.name)).collect();
        let message = match input.sheet() {
            Some(name) => format!("has no sheet `{name}`; it has {}", names.join(", ")),
            None => "has no sheet".to_owned(),
        };
        TableError::new(input.name(), message)
    })
}

/// One row of a sheet that is not blank; rows are counted from 0.
struct Row {
    row: u32,
    cells: Vec<String>,
}

/// Collects the cells of a sheet into rows.
struct SheetRows<'b> {
    cells: XlsxCellReader<'b, BufReader<File>>,
    /// The first cell of the next row.
    ahead: Option<(u32, u32, String)>,
    /// The reader must not be asked again after its end.
    ended: bool,
}

impl<'b> SheetRows<'b> {
    fn new(book: &'b mut Book, sheet: &str) -> Result<SheetRows<'b>, XlsxError> {
        Ok(SheetRows { cells: book.worksheet_cells_reader(sheet)?, ahead: None, ended: false })
    }

    fn next(&mut self) -> Result<Option<Row>, XlsxError> {
        let mut current: Option<Row> = None;
        loop {
            let (row, column, text) = match self.ahead.take() {
                Some(cell) => cell,
                None if self.ended => return Ok(current),
                None => match self.cells.next_cell()? {
                    Some(cell) => {
                        let (row, column) = cell.get_position();
                        (row, column, cell_text(cell.get_value()))
                    }
                    None => {
                        self.ended = true;
                        return Ok(current);
                    }
                },
            };
            if crate::batch::trim(&text).is_empty() {
                continue;
            }
            let open = current.get_or_insert_with(|| Row { row, cells: Vec::new() });
            if open.row != row {
                self.ahead = Some((row, column, text));
                return Ok(current);
            }
            let column = column as usize;
            if open.cells.len() <= column {
                open.cells.resize(column + 1, String::new());
            }
            open.cells[column] = text;
        }
    }
}

/// What a cell shows, as a CSV would have it. Numbers are the shortest digits of the workbook's number.
fn cell_text(value: &DataRef) -> String {
    match value {
        DataRef::Empty => String::new(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::Bool(value) => value.to_string(),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Error(error) => error.to_string(),
        DataRef::DateTime(moment) if moment.is_datetime() => {
            let (year, month, day, hour, minute, second, milli) = moment.to_ymd_hms_milli();
            let date = format!("{year:04}-{month:02}-{day:02}");
            match (hour, minute, second, milli) {
                (0, 0, 0, 0) => date,
                (_, _, _, 0) => format!("{date}T{hour:02}:{minute:02}:{second:02}"),
                _ => format!("{date}T{hour:02}:{minute:02}:{second:02}.{milli:03}"),
            }
        }
        DataRef::DateTime(duration) => duration.as_f64().to_string(),
    }
}

fn header(input: &Input, book: &mut Book, sheet: &str) -> Result<Row, TableError> {
    let wrong = |error: XlsxError| TableError::new(input.name(), format!("sheet `{sheet}`: {error}"));
    let first = SheetRows::new(book, sheet).map_err(wrong)?.next().map_err(wrong)?;
    first.ok_or_else(|| {
        TableError::new(input.name(), format!("sheet `{sheet}` is blank: it has no column names"))
    })
}

fn send_rows(
    book: &mut Book,
    sheet: &str,
    name: &str,
    header_row: u32,
    mut texts: Texts,
    sender: &SyncSender<Result<Chunk, TableError>>,
) -> Result<(), TableError> {
    let wrong = |error: XlsxError| TableError::new(name, format!("sheet `{sheet}`: {error}"));
    let broken = |error: arrow_schema::ArrowError| TableError::new(name, error.to_string());
    let width = texts.width();
    let mut rows = SheetRows::new(book, sheet).map_err(wrong)?;
    let mut last = header_row;
    while let Some(row) = rows.next().map_err(wrong)? {
        if row.row <= header_row {
            continue;
        }
        let line = u64::from(row.row) + 1;
        if row.row <= last {
            return Err(TableError::at(name, line, format!("sheet `{sheet}`: rows are out of order")));
        }
        last = row.row;
        if row.cells.len() > width {
            let reason = format!("has a cell in column {}, the header has {width}", row.cells.len());
            texts.push_bad(line, &row.cells.join(","), reason);
        } else {
            let cells = (0..width).map(|at| row.cells.get(at).map(String::as_str));
            texts.push(line, cells.map(|cell| cell.filter(|text| !text.is_empty())));
        }
        if texts.is_full() && sender.send(texts.take().map_err(broken)).is_err() {
            return Ok(());
        }
    }
    if !texts.is_empty() {
        let _ = sender.send(texts.take().map_err(broken));
    }
    Ok(())
}
