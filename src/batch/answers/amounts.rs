//! Amounts as Arrow columns and as texts.

use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_array::builder::{
    BooleanBuilder, Date32Builder, Decimal128Builder, Int64Builder, StringBuilder, TimestampSecondBuilder,
};
use arrow_schema::{DataType, TimeUnit};

use crate::check::typed::{MONTH, NumberKind, NumberType, Program, Type};
use crate::interp::AwardValue;
use crate::ir;
use crate::value::{Number, Value};

/// Digits and decimals of money.
pub const MONEY: (u8, i8) = (18, 2);
/// Of a total of money: sums of many amounts over many months.
pub const TOTAL: (u8, i8) = (38, 2);
const RATE: (u8, i8) = (18, 8);
const QUANTITY: (u8, i8) = (38, 6);

/// The column type for values of a type with so many decimals; `None` is a benefit without an amount.
pub fn data_type(ty: Option<&Type>, decimals: u32) -> DataType {
    match ty {
        None | Some(Type::Bool) => DataType::Boolean,
        Some(Type::Text | Type::Enum(_)) => DataType::Utf8,
        Some(Type::Date) => DataType::Date32,
        Some(Type::Time) => DataType::Timestamp(TimeUnit::Second, None),
        Some(Type::Number(number)) => number_type(number, decimals),
    }
}

fn number_type(number: &NumberType, decimals: u32) -> DataType {
    let (digits, scale) = match number.kind {
        NumberKind::Rate | NumberKind::Points => RATE,
        NumberKind::Plain if number.dimension.currency().is_some() => MONEY,
        NumberKind::Plain if decimals == 0 => return DataType::Int64,
        NumberKind::Plain => QUANTITY,
    };
    DataType::Decimal128(digits, scale)
}

/// The number as the mantissa of a decimal column, where it fits.
pub fn mantissa(number: &Number, (digits, scale): (u8, i8)) -> Option<i128> {
    let mantissa = number.to_scaled(u32::try_from(scale).ok()?)?;
    (mantissa.unsigned_abs() < 10u128.checked_pow(digits.into())?).then_some(mantissa)
}

/// Whether everything of an award fits the columns that show it.
pub fn fits(column: &ir::Column, award: &AwardValue) -> bool {
    let data_type = data_type(column.ty.as_ref(), column.decimals);
    let value = |value: &Value| match (value, &data_type) {
        (Value::Number(number), DataType::Decimal128(digits, scale)) => {
            mantissa(number, (*digits, *scale)).is_some()
        }
        (Value::Number(number), _) => int(number).is_some(),
        _ => true,
    };
    value(&award.least)
        && award.most.as_ref().is_none_or(value)
        && award.months.as_ref().is_none_or(|n| int(n).is_some())
}

pub fn int(number: &Number) -> Option<i64> {
    i64::try_from(number.to_scaled(0)?).ok()
}

/// A column of values in the making.
pub enum ValueBuilder {
    Bool(BooleanBuilder),
    Int(Int64Builder),
    Decimal(Decimal128Builder, (u8, i8)),
    Date(Date32Builder),
    Time(TimestampSecondBuilder),
    /// Texts, and enums by the names of their variants.
    Text(StringBuilder, Vec<String>),
}

impl ValueBuilder {
    pub fn new(program: &Program, ty: Option<&Type>, decimals: u32) -> ValueBuilder {
        match data_type(ty, decimals) {
            DataType::Boolean => ValueBuilder::Bool(BooleanBuilder::new()),
            DataType::Int64 => ValueBuilder::Int(Int64Builder::new()),
            DataType::Date32 => ValueBuilder::Date(Date32Builder::new()),
            DataType::Timestamp(..) => ValueBuilder::Time(TimestampSecondBuilder::new()),
            DataType::Decimal128(digits, scale) => ValueBuilder::decimal((digits, scale)),
            _ => {
                let names = match ty {
                    Some(Type::Enum(id)) => &program.enums[id.index()].variants[..],
                    _ => &[],
                };
                ValueBuilder::Text(StringBuilder::new(), names.iter().map(|v| v.name.clone()).collect())
            }
        }
    }

    pub fn decimal((digits, scale): (u8, i8)) -> ValueBuilder {
        let builder = Decimal128Builder::new().with_data_type(DataType::Decimal128(digits, scale));
        ValueBuilder::Decimal(builder, (digits, scale))
    }

    /// Adds a value; null where there is none, or where it is not one of the column, which [`fits`] excludes.
    pub fn push(&mut self, value: Option<&Value>) {
        match self {
            ValueBuilder::Bool(builder) => builder.append_option(value.and_then(|value| match value {
                Value::Bool(value) => Some(*value),
                _ => None,
            })),
            ValueBuilder::Int(builder) => builder.append_option(value.and_then(number).and_then(int)),
            ValueBuilder::Decimal(builder, shape) => {
                builder.append_option(value.and_then(number).and_then(|number| mantissa(number, *shape)));
            }
            ValueBuilder::Date(builder) => builder.append_option(value.and_then(|value| match value {
                Value::Date(date) => Some(date.0),
                _ => None,
            })),
            ValueBuilder::Time(builder) => builder.append_option(value.and_then(|value| match value {
                Value::Time(time) => Some(time.0),
                _ => None,
            })),
            ValueBuilder::Text(builder, names) => {
                builder.append_option(value.and_then(|value| match value {
                    Value::Text(text) => Some(&**text),
                    Value::Enum(variant) => names.get(usize::from(*variant)).map(String::as_str),
                    _ => None,
                }))
            }
        }
    }

    pub fn finish(&mut self) -> ArrayRef {
        match self {
            ValueBuilder::Bool(builder) => Arc::new(builder.finish()),
            ValueBuilder::Int(builder) => Arc::new(builder.finish()),
            ValueBuilder::Decimal(builder, _) => Arc::new(builder.finish()),
            ValueBuilder::Date(builder) => Arc::new(builder.finish()),
            ValueBuilder::Time(builder) => Arc::new(builder.finish()),
            ValueBuilder::Text(builder, _) => Arc::new(builder.finish()),
        }
    }
}

pub fn number(value: &Value) -> Option<&Number> {
    match value {
        Value::Number(number) => Some(number),
        _ => None,
    }
}

/// A value as a policy would write it: `256500元`, `50%`, `5个月`, `2020-03-31`.
pub fn value_text(program: &Program, ty: Option<&Type>, value: &Value) -> String {
    match (value, ty) {
        (Value::Number(number), Some(Type::Number(ty))) => number_text(number, ty),
        (Value::Enum(variant), Some(Type::Enum(id))) => {
            let variants = &program.enums[id.index()].variants;
            variants.get(usize::from(*variant)).map_or_else(String::new, |variant| variant.label.clone())
        }
        (Value::Number(number), _) => number.to_string(),
        (Value::Bool(value), _) => value.to_string(),
        (Value::Date(date), _) => date.to_string(),
        (Value::Time(time), _) => time.to_string(),
        (Value::Text(text), _) => text.to_string(),
        (Value::Enum(variant), _) => variant.to_string(),
    }
}

fn number_text(number: &Number, ty: &NumberType) -> String {
    let hundred = |number: &Number| number.mul(&Number::from_int(100));
    match (ty.kind, ty.dimension.single()) {
        (NumberKind::Rate, _) => format!("{}%", hundred(number)),
        (NumberKind::Points, _) => format!("{}个百分点", hundred(number)),
        (_, Some(MONTH)) => format!("{number}个月"),
        _ => format!("{number}{}", ty.dimension),
    }
}

/// What a measure gives in a column as a policy would write it: a range with `..`, which is open where only the
/// floor is known, a periodic amount with its months.
pub fn award_text(
    program: &Program,
    measure: &ir::MeasurePlan,
    branch: Option<usize>,
    at: usize,
    award: &AwardValue,
) -> String {
    let column = &measure.columns[at];
    let ty = column.ty.as_ref();
    if ty.is_none() {
        return String::new();
    }
    let mut text = value_text(program, ty, &award.least);
    if column.drawn {
        // What is given; what was claimed is told by its own column.
    } else if let Some(most) = &award.most {
        text = format!("{text}..{}", value_text(program, ty, most));
    } else if measure.gives(branch).any(|own| own.column == at && own.floor) {
        text.push_str("..");
    }
    match &award.months {
        Some(months) => format!("{text} × {months}个月"),
        None => text,
    }
}
