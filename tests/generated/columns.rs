//! Values of a field as an Arrow column, in any of the types that data come in.

use std::sync::Arc;

use arrow_array::{
    Array, ArrayRef, BooleanArray, Date32Array, Decimal128Array, Int64Array, RecordBatch, StringArray,
    TimestampSecondArray,
};
use arrow_cast::cast;
use arrow_schema::{DataType, Field as ArrowField, Schema, TimeUnit};
use pol::check::typed::{Field, Program, Type};
use pol::value::{Number, Value};

use super::population::Known;
use super::random::Random;

/// A batch of records: columns of some types, a few rows longer than it shows on both sides, and mostly
/// without the columns that have no value.
pub fn batch(
    random: &mut Random,
    program: &Program,
    record: usize,
    values: &[&[Option<Value>]],
    rows: usize,
) -> RecordBatch {
    let (before, after) = match random.below(3) {
        0 => (0, 0),
        1 => (1 + random.below(20), 0),
        _ => (1 + random.below(70), random.below(9)),
    };
    let mut fields = Vec::new();
    let mut columns: Vec<ArrayRef> = Vec::new();
    for (field, column) in program.records[record].fields.iter().zip(values) {
        if !field.key
            && column.iter().all(Option::is_none)
            && rows > 0
            && random.chance(50)
            && !columns.is_empty()
        {
            continue;
        }
        let around = |count: usize, random: &mut Random| -> Vec<Option<Value>> {
            (0..count).map(|_| random.maybe(column).cloned().flatten()).collect()
        };
        let mut longer = around(before, random);
        longer.extend(column.iter().cloned());
        longer.extend(around(after, random));
        let array = array(random, program, field, &longer);
        fields.push(ArrowField::new(&field.name, array.data_type().clone(), true));
        columns.push(array);
    }
    let options = arrow_array::RecordBatchOptions::new().with_row_count(Some(before + rows + after));
    let whole = RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), columns, &options);
    whole.expect("columns are of one length").slice(before, rows)
}

/// A batch of texts, with the fields that the records know.
pub fn plain(program: &Program, record: usize, rows: &[Known]) -> RecordBatch {
    let (mut fields, mut columns): (Vec<ArrowField>, Vec<ArrayRef>) = (Vec::new(), Vec::new());
    for field in &program.records[record].fields {
        let cell = |row: &Known| {
            let value = row.get(&field.name)?;
            Some(match value {
                Value::Number(number) => number.div(&field.data_unit)?.to_string(),
                other => text(program, field, other),
            })
        };
        let cells: Vec<Option<String>> = rows.iter().map(cell).collect();
        fields.push(ArrowField::new(&field.name, DataType::Utf8, true));
        columns.push(Arc::new(StringArray::from(cells)));
    }
    let options = arrow_array::RecordBatchOptions::new().with_row_count(Some(rows.len()));
    let batch = RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), columns, &options);
    batch.expect("columns are of one length")
}

fn array(random: &mut Random, program: &Program, field: &Field, values: &[Option<Value>]) -> ArrayRef {
    let plain: ArrayRef = match &field.ty {
        Type::Number(_) => return numbers(random, field, values),
        Type::Bool if random.chance(70) => {
            let bools = values.iter().map(|value| match value {
                Some(Value::Bool(value)) => Some(*value),
                _ => None,
            });
            return Arc::new(BooleanArray::from_iter(bools));
        }
        Type::Date if random.chance(60) => {
            let days = values.iter().map(|value| match value {
                Some(Value::Date(date)) => Some(date.0),
                _ => None,
            });
            Arc::new(Date32Array::from_iter(days))
        }
        Type::Time if random.chance(60) => {
            let seconds = values.iter().map(|value| match value {
                Some(Value::Time(time)) => Some(time.0),
                _ => None,
            });
            Arc::new(TimestampSecondArray::from_iter(seconds))
        }
        _ => {
            let texts = values.iter().map(|value| value.as_ref().map(|value| text(program, field, value)));
            Arc::new(StringArray::from_iter(texts))
        }
    };
    let types: Vec<DataType> = match plain.data_type() {
        DataType::Date32 => {
            let stamp = |unit| DataType::Timestamp(unit, None);
            vec![DataType::Date32, DataType::Date64, stamp(TimeUnit::Second), stamp(TimeUnit::Microsecond)]
        }
        DataType::Timestamp(..) => {
            [TimeUnit::Second, TimeUnit::Millisecond, TimeUnit::Microsecond, TimeUnit::Nanosecond]
                .map(|unit| DataType::Timestamp(unit, None))
                .to_vec()
        }
        _ => texts(),
    };
    recast(plain, random.pick(&types))
}

/// The same values in another type where it holds all of them.
fn recast(plain: ArrayRef, wanted: &DataType) -> ArrayRef {
    match cast(&plain, wanted) {
        Ok(other) if other.logical_null_count() == plain.logical_null_count() => other,
        _ => plain,
    }
}

fn texts() -> Vec<DataType> {
    let dictionary = |key| DataType::Dictionary(Box::new(key), Box::new(DataType::Utf8));
    vec![
        DataType::Utf8,
        DataType::LargeUtf8,
        DataType::Utf8View,
        dictionary(DataType::Int32),
        dictionary(DataType::UInt16),
    ]
}

fn text(program: &Program, field: &Field, value: &Value) -> String {
    match value {
        Value::Bool(value) => value.to_string(),
        Value::Text(text) => text.to_string(),
        Value::Date(date) => date.to_string(),
        Value::Time(time) => time.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Enum(at) => match field.ty {
            Type::Enum(id) => variant(program, id.index(), *at),
            _ => at.to_string(),
        },
    }
}

/// The name of a variant; one that the enum has no more has none that can be read.
pub fn variant(program: &Program, of: usize, at: u8) -> String {
    let found = program.enums[of].variants.get(usize::from(at));
    found.map_or_else(|| format!("none{at}"), |variant| variant.name.clone())
}

/// Numbers in the unit of the data: texts, decimals of some scale, whole numbers of a width that holds them.
fn numbers(random: &mut Random, field: &Field, values: &[Option<Value>]) -> ArrayRef {
    let in_data = |value: &Option<Value>| match value {
        Some(Value::Number(number)) => number.div(&field.data_unit),
        _ => None,
    };
    let numbers: Vec<Option<Number>> = values.iter().map(in_data).collect();
    let decimals = numbers.iter().flatten().map(|number| number.decimals().unwrap_or(30)).max().unwrap_or(0);
    let scaled = |scale: u32| -> Option<Vec<Option<i128>>> {
        let cell = |number: &Option<Number>| match number {
            Some(number) => {
                number.to_scaled(scale).filter(|mantissa| mantissa.unsigned_abs() < 10u128.pow(37)).map(Some)
            }
            None => Some(None),
        };
        numbers.iter().map(cell).collect()
    };
    let written = || -> ArrayRef {
        Arc::new(StringArray::from_iter(numbers.iter().map(|number| number.as_ref().map(Number::to_string))))
    };
    let kind = random.below(3);
    if kind == 0 && decimals == 0 {
        let whole = scaled(0).map(|list| list.into_iter().map(|cell| cell.map(i64::try_from).transpose()));
        if let Some(Ok(list)) = whole.map(|list| list.collect::<Result<Vec<Option<i64>>, _>>()) {
            return narrow(random, Arc::new(Int64Array::from(list)));
        }
    }
    let scale = decimals + random.below(3) as u32;
    if kind < 2
        && let Some(list) = scaled(scale)
    {
        let mut largest = list.iter().flatten().map(|mantissa| mantissa.unsigned_abs()).max().unwrap_or(0);
        let mut digits = 1;
        while largest > 9 {
            (largest, digits) = (largest / 10, digits + 1);
        }
        let width = (digits + random.below(3) as u8).max(scale as u8).min(38);
        let array = Decimal128Array::from(list).with_precision_and_scale(width, scale as i8);
        if let Ok(array) = array {
            return decimal(random, Arc::new(array), width, scale as i8);
        }
    }
    let wanted = texts();
    recast(written(), random.pick(&wanted))
}

/// Whole numbers in a type that holds all of them.
fn narrow(random: &mut Random, plain: ArrayRef) -> ArrayRef {
    let types = [
        DataType::Int8,
        DataType::Int16,
        DataType::Int32,
        DataType::Int64,
        DataType::UInt8,
        DataType::UInt16,
        DataType::UInt32,
        DataType::UInt64,
    ];
    recast(plain, random.pick(&types))
}

fn decimal(random: &mut Random, plain: ArrayRef, width: u8, scale: i8) -> ArrayRef {
    let mut types = vec![DataType::Decimal128(width, scale), DataType::Decimal256(width.max(40), scale)];
    types.extend((width <= 18).then_some(DataType::Decimal64(width, scale)));
    types.extend((width <= 9).then_some(DataType::Decimal32(width, scale)));
    let wanted = random.pick(&types).clone();
    recast(plain, &wanted)
}
