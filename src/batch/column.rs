//! A view of an Arrow column of any type that a field can be read from, one cell at a time.

use std::fmt;

use arrow_array::cast::AsArray;
use arrow_array::types::*;
use arrow_array::{
    Array, BooleanArray, LargeStringArray, PrimitiveArray, StringArray, StringViewArray,
    downcast_dictionary_array,
};
use arrow_buffer::i256;
use arrow_schema::{DataType, TimeUnit};

/// The content of one cell, before it is read as the value of a field.
#[derive(Debug, Clone, PartialEq)]
pub enum Raw<'a> {
    Null,
    Text(&'a str),
    Bool(bool),
    Int(i128),
    /// `mantissa × 10^-scale`.
    Decimal(i128, i8),
    /// The shortest decimal digits that give the same floating-point number back: what was typed, where
    /// it was typed with up to 15 digits. Digits are exact from there on.
    Float(String),
    /// A decimal too wide for any policy, as digits.
    Wide(String),
    /// Days from 1970-01-01.
    Day(i64),
    /// Seconds from 1970-01-01 00:00, and the billionths of a second after them.
    Moment(i64, u32),
}

impl fmt::Display for Raw<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Raw::Null => Ok(()),
            Raw::Text(text) => f.write_str(text),
            Raw::Bool(value) => write!(f, "{value}"),
            Raw::Int(value) => write!(f, "{value}"),
            Raw::Decimal(mantissa, scale) => write_decimal(f, *mantissa, *scale),
            Raw::Float(digits) | Raw::Wide(digits) => f.write_str(digits),
            Raw::Day(days) => match crate::value::Date::from_days(*days) {
                Some(date) => write!(f, "{date}"),
                None => write!(f, "day {days} from 1970-01-01"),
            },
            Raw::Moment(seconds, nanos) => {
                match crate::value::Time::from_seconds(*seconds) {
                    Some(time) => write!(f, "{time}")?,
                    None => write!(f, "second {seconds} from 1970-01-01")?,
                }
                if *nanos == 0 { Ok(()) } else { write!(f, ".{nanos:09}") }
            }
        }
    }
}

fn write_decimal(f: &mut fmt::Formatter<'_>, mantissa: i128, scale: i8) -> fmt::Result {
    let power = 10u128.checked_pow(scale.unsigned_abs().into());
    let Some(power) = power.filter(|_| scale > 0) else {
        let zeros = if mantissa == 0 || scale > 0 { 0 } else { usize::from(scale.unsigned_abs()) };
        // More decimals than any number of 128 bits has digits.
        let exponent = if scale > 0 { format!("E-{scale}") } else { String::new() };
        return write!(f, "{mantissa}{}{exponent}", "0".repeat(zeros));
    };
    let size = mantissa.unsigned_abs();
    let sign = if mantissa < 0 { "-" } else { "" };
    let digits = usize::from(scale.unsigned_abs());
    write!(f, "{sign}{}.{:0>digits$}", size / power, size % power)
}

/// A column, its type settled once.
pub enum Column<'a> {
    Null,
    Text(&'a StringArray),
    LargeText(&'a LargeStringArray),
    TextView(&'a StringViewArray),
    Bool(&'a BooleanArray),
    /// Numbers, days and moments: the array for its nulls, and how to read a cell that is not null.
    Other(&'a dyn Array, Box<dyn Fn(usize) -> Raw<'a> + 'a>),
    /// Keys and the column that they point into.
    Dictionary(Box<dyn Fn(usize) -> Option<usize> + 'a>, Box<Column<'a>>),
}

impl<'a> Column<'a> {
    /// The view, or `None` for a type that no field can be read from.
    pub fn new(array: &'a dyn Array) -> Option<Column<'a>> {
        Some(match array.data_type() {
            DataType::Null => Column::Null,
            DataType::Utf8 => Column::Text(array.as_string()),
            DataType::LargeUtf8 => Column::LargeText(array.as_string()),
            DataType::Utf8View => Column::TextView(array.as_string_view()),
            DataType::Boolean => Column::Bool(array.as_boolean()),
            DataType::Dictionary(..) => return dictionary(array),
            _ => Column::Other(array, scalar(array)?),
        })
    }

    pub fn get(&self, row: usize) -> Raw<'a> {
        match self {
            Column::Null => Raw::Null,
            Column::Text(array) => text(array.is_null(row), || array.value(row)),
            Column::LargeText(array) => text(array.is_null(row), || array.value(row)),
            Column::TextView(array) => text(array.is_null(row), || array.value(row)),
            Column::Bool(array) if array.is_null(row) => Raw::Null,
            Column::Bool(array) => Raw::Bool(array.value(row)),
            Column::Other(array, _) if array.is_null(row) => Raw::Null,
            Column::Other(_, read) => read(row),
            Column::Dictionary(key, values) => key(row).map_or(Raw::Null, |at| values.get(at)),
        }
    }
}

fn text<'a>(null: bool, value: impl FnOnce() -> &'a str) -> Raw<'a> {
    if null { Raw::Null } else { Raw::Text(value()) }
}

/// Whether a field can be read from columns of this type.
pub fn is_readable(data_type: &DataType) -> bool {
    match data_type {
        DataType::Dictionary(_, values) => {
            !matches!(**values, DataType::Dictionary(..)) && is_readable(values)
        }
        DataType::Timestamp(_, zone) => zone.is_none(),
        DataType::Null
        | DataType::Utf8
        | DataType::LargeUtf8
        | DataType::Utf8View
        | DataType::Boolean
        | DataType::Date32
        | DataType::Date64
        | DataType::Decimal32(..)
        | DataType::Decimal64(..)
        | DataType::Decimal128(..)
        | DataType::Decimal256(..) => true,
        other => other.is_integer() || other.is_floating(),
    }
}

fn dictionary(array: &dyn Array) -> Option<Column<'_>> {
    let values = Column::new(array.as_any_dictionary_opt()?.values().as_ref())?;
    downcast_dictionary_array!(
        array => {
            let keys = array.keys();
            Some(Column::Dictionary(Box::new(move |row| array.key(row).filter(|_| keys.is_valid(row))), Box::new(values)))
        }
        _ => None
    )
}

type Read<'a> = Box<dyn Fn(usize) -> Raw<'a> + 'a>;

fn scalar(array: &dyn Array) -> Option<Read<'_>> {
    Some(match array.data_type() {
        DataType::Int8 => int::<Int8Type>(array),
        DataType::Int16 => int::<Int16Type>(array),
        DataType::Int32 => int::<Int32Type>(array),
        DataType::Int64 => int::<Int64Type>(array),
        DataType::UInt8 => int::<UInt8Type>(array),
        DataType::UInt16 => int::<UInt16Type>(array),
        DataType::UInt32 => int::<UInt32Type>(array),
        DataType::UInt64 => int::<UInt64Type>(array),
        DataType::Float16 => read::<Float16Type>(array, |v| Raw::Float(v.to_f32().to_string())),
        DataType::Float32 => read::<Float32Type>(array, |v| Raw::Float(v.to_string())),
        DataType::Float64 => read::<Float64Type>(array, |v| Raw::Float(v.to_string())),
        DataType::Decimal32(_, scale) => decimal::<Decimal32Type>(array, *scale),
        DataType::Decimal64(_, scale) => decimal::<Decimal64Type>(array, *scale),
        DataType::Decimal128(_, scale) => decimal::<Decimal128Type>(array, *scale),
        DataType::Decimal256(_, scale) => {
            let scale = *scale;
            read::<Decimal256Type>(array, move |v| wide(v, scale))
        }
        DataType::Date32 => read::<Date32Type>(array, |v| Raw::Day(v.into())),
        DataType::Date64 => read::<Date64Type>(array, |v| moment(v, 1_000)),
        DataType::Timestamp(unit, None) => match unit {
            TimeUnit::Second => read::<TimestampSecondType>(array, |v| moment(v, 1)),
            TimeUnit::Millisecond => read::<TimestampMillisecondType>(array, |v| moment(v, 1_000)),
            TimeUnit::Microsecond => read::<TimestampMicrosecondType>(array, |v| moment(v, 1_000_000)),
            TimeUnit::Nanosecond => read::<TimestampNanosecondType>(array, |v| moment(v, 1_000_000_000)),
        },
        _ => return None,
    })
}

fn read<'a, T: ArrowPrimitiveType>(
    array: &'a dyn Array,
    raw: impl Fn(T::Native) -> Raw<'a> + 'a,
) -> Read<'a> {
    let array: &PrimitiveArray<T> = array.as_primitive();
    Box::new(move |row| raw(array.value(row)))
}

fn int<'a, T: ArrowPrimitiveType>(array: &'a dyn Array) -> Read<'a>
where
    T::Native: Into<i128>,
{
    read::<T>(array, |v| Raw::Int(v.into()))
}

fn decimal<'a, T: ArrowPrimitiveType>(array: &'a dyn Array, scale: i8) -> Read<'a>
where
    T::Native: Into<i128>,
{
    read::<T>(array, move |v| Raw::Decimal(v.into(), scale))
}

fn wide<'a>(value: i256, scale: i8) -> Raw<'a> {
    match value.to_i128() {
        Some(mantissa) => Raw::Decimal(mantissa, scale),
        None => Raw::Wide(format!("{value} with {scale} decimals")),
    }
}

fn moment<'a>(value: i64, per_second: i64) -> Raw<'a> {
    let nanos = value.rem_euclid(per_second) * (1_000_000_000 / per_second);
    Raw::Moment(value.div_euclid(per_second), nanos as u32)
}
