//! Columns of Arrow from the cells of a sample.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, DictionaryArray, Int64Array, StringArray,
    TimestampSecondArray, UInt16Array,
};
use arrow_buffer::{BooleanBuffer, Buffer, NullBuffer, OffsetBuffer};
use arrow_schema::DataType;

use super::cells::{Cells, code};
use super::column::Draws;
use super::draw::{Draw, Share};
use super::layout::ColumnLayout;

/// Some rows of a column.
pub fn column(cells: &mut Cells<'_>, layout: &ColumnLayout, at: usize, first: u64, count: usize) -> ArrayRef {
    let own = cells.column(at);
    let draws: Vec<Draw> = (first..first + count as u64).map(|row| own.stream.at(row)).collect();
    let missing = own.fates.missing;
    let nulls = (missing > Share::NEVER)
        .then(|| NullBuffer::new(BooleanBuffer::collect_bool(count, |row| !missing.has(draws[row]))));
    match (layout.field.data_type(), &own.draws) {
        (DataType::Boolean, Draws::Bool(yes)) => {
            let bits = BooleanBuffer::collect_bool(count, |row| yes.has(draws[row].more(1)));
            Arc::new(BooleanArray::new(bits, nulls))
        }
        (DataType::Boolean, _) => {
            let bits = BooleanBuffer::collect_bool(count, |row| {
                cells.whole(first + row as u64, at, draws[row]) == 1
            });
            Arc::new(BooleanArray::new(bits, nulls))
        }
        (DataType::Dictionary(..), drawn) => {
            let codes: Vec<u16> = match drawn {
                Draws::Codes { .. } => draws.iter().map(|draw| code(own, *draw)).collect(),
                _ => wholes(cells, at, first, &draws).map(|whole| whole as u16).collect(),
            };
            names(codes, nulls, layout)
        }
        (DataType::Utf8, _) => Arc::new(texts(cells, at, first, &draws, nulls)),
        (DataType::Date32, _) => {
            let days: Vec<i32> = wholes(cells, at, first, &draws).map(|day| day as i32).collect();
            Arc::new(Date32Array::new(days.into(), nulls))
        }
        (DataType::Timestamp(..), _) => {
            let seconds: Vec<i64> = wholes(cells, at, first, &draws).collect();
            Arc::new(TimestampSecondArray::new(seconds.into(), nulls))
        }
        (DataType::Decimal128(precision, scale), _) => {
            let numbers: Vec<i128> = wholes(cells, at, first, &draws).map(i128::from).collect();
            let array = Decimal128Array::new(numbers.into(), nulls);
            Arc::new(
                array.with_precision_and_scale(*precision, *scale).expect("the layout chose what is valid"),
            )
        }
        _ => {
            let times = layout.times;
            let numbers: Vec<i64> =
                wholes(cells, at, first, &draws).map(|number| number.saturating_mul(times)).collect();
            Arc::new(Int64Array::new(numbers.into(), nulls))
        }
    }
}

fn wholes<'w>(
    cells: &'w mut Cells<'_>,
    at: usize,
    first: u64,
    draws: &'w [Draw],
) -> impl ExactSizeIterator<Item = i64> + 'w {
    let missing = cells.column(at).fates.missing;
    draws.iter().enumerate().map(move |(row, draw)| match missing.has(*draw) {
        true => 0,
        false => cells.whole(first + row as u64, at, *draw),
    })
}

fn names(codes: Vec<u16>, nulls: Option<NullBuffer>, layout: &ColumnLayout) -> ArrayRef {
    let texts = layout.texts.clone().unwrap_or_else(|| Arc::new(StringArray::new_null(0)));
    Arc::new(DictionaryArray::new(UInt16Array::new(codes.into(), nulls), texts))
}

fn texts(cells: &Cells<'_>, at: usize, first: u64, draws: &[Draw], nulls: Option<NullBuffer>) -> StringArray {
    let mut text = String::with_capacity(draws.len() * 20);
    let mut offsets: Vec<i32> = Vec::with_capacity(draws.len() + 1);
    offsets.push(0);
    for (row, draw) in draws.iter().enumerate() {
        if nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row)) {
            cells.write_text(first + row as u64, at, *draw, &mut text);
        }
        offsets.push(text.len() as i32);
    }
    StringArray::new(OffsetBuffer::new(offsets.into()), Buffer::from(text.into_bytes()), nulls)
}
