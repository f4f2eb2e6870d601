//! The cells of a batch as formats of text show them.

use std::fmt::Write;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ListArray};
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use arrow_schema::{ArrowError, DataType};

use crate::batch::{Column, Raw};

/// One column, its type settled once.
pub enum Cells<'a> {
    Scalar(Column<'a>),
    /// A list of texts.
    List(&'a ListArray, Column<'a>),
    /// A column that is carried through, of a type that no field has.
    Other(&'a dyn Array, ArrayFormatter<'a>),
}

#[derive(Debug, PartialEq)]
pub enum Shown<'a> {
    Null,
    Scalar(Raw<'a>),
    List(Vec<&'a str>),
    Other(String),
}

impl<'a> Cells<'a> {
    pub fn new(array: &'a dyn Array) -> Result<Cells<'a>, ArrowError> {
        if let DataType::List(item) = array.data_type()
            && matches!(item.data_type(), DataType::Utf8 | DataType::Dictionary(..))
            && let Some(items) = Column::new(array.as_list::<i32>().values().as_ref())
        {
            return Ok(Cells::List(array.as_list(), items));
        }
        if let Some(column) = Column::new(array) {
            return Ok(Cells::Scalar(column));
        }
        let options = FormatOptions::default().with_display_error(false);
        Ok(Cells::Other(array, ArrayFormatter::try_new(array, &options)?))
    }

    pub fn get(&self, row: usize) -> Shown<'a> {
        match self {
            Cells::Scalar(column) => match column.get(row) {
                Raw::Null => Shown::Null,
                raw => Shown::Scalar(raw),
            },
            Cells::List(list, _) if list.is_null(row) => Shown::Null,
            Cells::List(list, items) => {
                let offsets = list.value_offsets();
                let own = offsets[row] as usize..offsets[row + 1] as usize;
                let text = |at| match items.get(at) {
                    Raw::Text(text) => Some(text),
                    _ => None,
                };
                Shown::List(own.filter_map(text).collect())
            }
            Cells::Other(array, _) if array.is_null(row) => Shown::Null,
            Cells::Other(_, formatter) => Shown::Other(formatter.value(row).to_string()),
        }
    }
}

impl Cells<'_> {
    /// Writes a cell as one text; a list's items are joined with `;`.
    pub fn write_text(&self, row: usize, text: &mut String) {
        let written = match self {
            Cells::List(list, _) if list.is_null(row) => Ok(()),
            Cells::List(list, items) => {
                let offsets = list.value_offsets();
                let own = offsets[row] as usize..offsets[row + 1] as usize;
                let known = own.map(|at| items.get(at)).filter(|item| *item != Raw::Null);
                known.enumerate().try_for_each(|(at, item)| {
                    text.push_str(if at > 0 { ";" } else { "" });
                    write!(text, "{item}")
                })
            }
            Cells::Scalar(column) => match column.get(row) {
                Raw::Text(own) => {
                    text.push_str(own);
                    Ok(())
                }
                raw => write!(text, "{raw}"),
            },
            Cells::Other(array, _) if array.is_null(row) => Ok(()),
            Cells::Other(_, formatter) => write!(text, "{}", formatter.value(row)),
        };
        debug_assert!(written.is_ok(), "a string takes everything");
    }
}

impl Shown<'_> {
    /// As one text; a list's items are joined with `;`.
    pub fn text(&self) -> String {
        match self {
            Shown::Null => String::new(),
            Shown::Scalar(raw) => raw.to_string(),
            Shown::List(items) => items.join(";"),
            Shown::Other(text) => text.clone(),
        }
    }
}
