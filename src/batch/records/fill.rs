//! One column of a batch as the cells of a field.

use arrow_array::cast::AsArray;
use arrow_array::types::*;
use arrow_array::{Array, ArrowPrimitiveType, PrimitiveArray, StringArray};
use arrow_buffer::{ArrowNativeType, BooleanBuffer, BooleanBufferBuilder, NullBuffer, ScalarBuffer};
use arrow_schema::DataType;

use super::parse::{day, decimal};
use super::{Cells, FieldColumn};
use crate::batch::bind::BoundField;
use crate::batch::cells::trim;
use crate::batch::column::{Column, Raw};
use crate::check::typed::Type;
use crate::jit::Shape;
use crate::value::{Date, Number, Value};

/// A column that was read.
pub struct Filled {
    pub column: FieldColumn,
    /// Rows, what stands there, and why it cannot be read.
    pub faults: Vec<(u32, String, String)>,
    /// Rows with a number beyond 64 bits.
    pub beyond: Vec<(u32, Value)>,
}

/// How the numbers of a column become cells.
struct Scale {
    /// `cell = number × times / by`.
    times: i64,
    by: i64,
    /// Cells that the field allows.
    low: i64,
    high: i64,
}

impl Scale {
    /// Of plain numbers with so many decimals.
    fn new(field: &BoundField, shape: Shape, decimals: i8) -> Option<Scale> {
        let denominator = denominator(shape)?;
        let shift = Number::from_scaled(1, decimals.unsigned_abs().into());
        let shift = if decimals < 0 { Number::ONE.div(&shift)? } else { shift };
        let factor = field.reader.factor().mul(&Number::from_int(denominator)).mul(&shift);
        let (times, by) = factor.parts()?;
        let (low, high) = bounds(field, shape)?;
        Some(Scale { times: i64::try_from(times).ok()?, by: i64::try_from(by).ok()?, low, high })
    }

    fn is_one(&self) -> bool {
        self.times == 1 && self.by == 1
    }

    fn cell(&self, number: i64) -> Option<i64> {
        let mut cell = number;
        if self.times != 1 {
            cell = cell.checked_mul(self.times)?;
        }
        if self.by != 1 {
            if cell % self.by != 0 {
                return None;
            }
            cell /= self.by;
        }
        (self.low..=self.high).contains(&cell).then_some(cell)
    }
}

fn denominator(shape: Shape) -> Option<i64> {
    match shape {
        Shape::Int32 { denominator } | Shape::Int64 { denominator } => Some(denominator),
        _ => None,
    }
}

/// The cells that a field allows.
fn bounds(field: &BoundField, shape: Shape) -> Option<(i64, i64)> {
    let scale = Number::from_int(denominator(shape)?);
    let range = &field.reader.field().range;
    let least = if matches!(shape, Shape::Int32 { .. }) { i64::from(i32::MIN) } else { i64::MIN };
    let most = if matches!(shape, Shape::Int32 { .. }) { i64::from(i32::MAX) } else { i64::MAX };
    let parts = |bound: &Number| bound.mul(&scale).parts();
    let low = match range.low.as_ref().map(parts) {
        None => least,
        Some(parts) => {
            let (n, d) = parts?;
            i64::try_from(-((-n).div_euclid(d))).unwrap_or(least).max(least)
        }
    };
    let high = match range.high.as_ref().map(parts) {
        None => most,
        Some(parts) => {
            let (n, d) = parts?;
            i64::try_from(n.div_euclid(d)).unwrap_or(most).min(most)
        }
    };
    Some((low, high))
}

/// The cells of an array for a field.
pub fn fill(field: &BoundField, shape: Shape, array: &dyn Array) -> Filled {
    let is_date = matches!(field.reader.field().ty, Type::Date | Type::Time);
    let quick = match shape {
        Shape::Absent => None,
        Shape::Bool => bools(array),
        Shape::Enum => variants(field, array),
        Shape::Text => texts(array),
        Shape::Int32 { .. } | Shape::Int64 { .. } => ints(field, shape, array),
    };
    let (cells, odd) =
        quick.unwrap_or_else(|| (empty(shape, array.len()), (0..array.len() as u32).collect()));
    let nulls = array.logical_nulls().filter(|nulls| nulls.null_count() > 0);
    let mut filling = Filling { field, cells, nulls, faults: Vec::new(), beyond: Vec::new() };
    if !odd.is_empty() {
        filling.read_each(shape, array, &odd);
    }
    if field.key
        && let Some(nulls) = &filling.nulls
    {
        let empty = (0..array.len()).filter(|row| nulls.is_null(*row)).map(|row| row as u32);
        let known = |row: &u32| {
            filling.faults.iter().any(|(other, ..)| other == row)
                || filling.beyond.iter().any(|(other, _)| other == row)
        };
        let empty: Vec<u32> = empty.filter(|row| !known(row)).collect();
        let column = Column::new(array);
        let shown = |row: u32| {
            column.as_ref().map_or_else(String::new, |column| column.get(row as usize).to_string())
        };
        filling.faults.extend(empty.into_iter().map(|row| (row, shown(row), "the key is empty".to_owned())));
    }
    let Filling { cells, nulls, faults, beyond, .. } = filling;
    Filled { column: FieldColumn { cells, nulls, is_date }, faults, beyond }
}

struct Filling<'f> {
    field: &'f BoundField,
    cells: Cells,
    nulls: Option<NullBuffer>,
    faults: Vec<(u32, String, String)>,
    beyond: Vec<(u32, Value)>,
}

/// Cells and the rows that are to be read one by one.
type Quick = Option<(Cells, Vec<u32>)>;

fn empty(shape: Shape, length: usize) -> Cells {
    match shape {
        Shape::Absent => Cells::Absent,
        Shape::Bool => Cells::Bool(BooleanBuffer::new_unset(length)),
        Shape::Enum => Cells::Enum(vec![0; length].into()),
        Shape::Int32 { .. } => Cells::Int32(vec![0; length].into()),
        Shape::Int64 { .. } => Cells::Int64(vec![0; length].into()),
        Shape::Text => Cells::Text(StringArray::from(vec![None::<&str>; length])),
    }
}

impl Filling<'_> {
    /// Reads some cells one by one and puts them among the others.
    fn read_each(&mut self, shape: Shape, array: &dyn Array, odd: &[u32]) {
        let Some(column) = Column::new(array) else { return };
        let mut valid = match &self.nulls {
            Some(nulls) => collect(nulls.inner()),
            None => vec![true; array.len()],
        };
        let mut values: Vec<(u32, Value)> = Vec::with_capacity(odd.len());
        for row in odd {
            let cell = column.get(*row as usize);
            valid[*row as usize] = false;
            match self.field.reader.read(&cell) {
                Ok(Some(value)) => values.push((*row, value)),
                Ok(None) => {}
                Err(reason) => self.faults.push((*row, cell.to_string(), reason)),
            }
        }
        for row in self.put(shape, values) {
            valid[row as usize] = true;
        }
        let nulls = NullBuffer::from(valid);
        self.nulls = (nulls.null_count() > 0).then_some(nulls);
    }

    /// Puts values into cells; the rows whose cells could hold them.
    fn put(&mut self, shape: Shape, values: Vec<(u32, Value)>) -> Vec<u32> {
        let mut put = Vec::with_capacity(values.len());
        match &mut self.cells {
            Cells::Absent => {}
            Cells::Bool(bits) => {
                let mut all = collect(bits);
                for (row, value) in values {
                    all[row as usize] = value == Value::Bool(true);
                    put.push(row);
                }
                *bits = BooleanBuffer::from(all);
            }
            Cells::Enum(variants) => {
                let mut all = variants.to_vec();
                for (row, value) in values {
                    if let Value::Enum(variant) = value {
                        all[row as usize] = variant;
                        put.push(row);
                    }
                }
                *variants = all.into();
            }
            Cells::Int32(cells) => {
                let mut all = cells.to_vec();
                for (row, value) in values {
                    match scaled(shape, &value).and_then(|cell| i32::try_from(cell).ok()) {
                        Some(cell) => {
                            all[row as usize] = cell;
                            put.push(row);
                        }
                        None => self.beyond.push((row, value)),
                    }
                }
                *cells = all.into();
            }
            Cells::Int64(cells) => {
                let mut all = cells.to_vec();
                for (row, value) in values {
                    match scaled(shape, &value) {
                        Some(cell) => {
                            all[row as usize] = cell;
                            put.push(row);
                        }
                        None => self.beyond.push((row, value)),
                    }
                }
                *cells = all.into();
            }
            Cells::Text(texts) => {
                let mut all: Vec<Option<&str>> = texts.iter().collect();
                for (row, value) in &values {
                    if let Value::Text(text) = value {
                        all[*row as usize] = Some(text);
                        put.push(*row);
                    }
                }
                *texts = StringArray::from(all);
            }
        }
        put
    }
}

fn collect(bits: &BooleanBuffer) -> Vec<bool> {
    bits.iter().collect()
}

fn scaled(shape: Shape, value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => {
            let scaled = number.mul(&Number::from_int(denominator(shape)?)).to_scaled(0)?;
            i64::try_from(scaled).ok()
        }
        Value::Date(date) => Some(date.0.into()),
        Value::Time(time) => Some(time.0),
        _ => None,
    }
}

fn bools(array: &dyn Array) -> Quick {
    match array.data_type() {
        DataType::Boolean => {
            let array = array.as_boolean();
            let values = match array.nulls() {
                Some(nulls) => array.values() & nulls.inner(),
                None => array.values().clone(),
            };
            Some((Cells::Bool(values), Vec::new()))
        }
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => {
            let mut bits = BooleanBufferBuilder::new(array.len());
            let mut odd = Vec::new();
            each_text(array, |row, text| {
                let truth = match text {
                    None => Some(false),
                    Some("true" | "1" | "是" | "yes") => Some(true),
                    Some("false" | "0" | "否" | "no") => Some(false),
                    Some(_) => None,
                };
                bits.append(truth.unwrap_or(false));
                if truth.is_none() {
                    odd.push(row);
                }
            });
            Some((Cells::Bool(bits.finish()), odd))
        }
        _ => None,
    }
}

/// Calls `f` with each row and its text.
fn each_text<'a>(array: &'a dyn Array, mut f: impl FnMut(u32, Option<&'a str>)) {
    match array.data_type() {
        DataType::Utf8 => {
            array.as_string::<i32>().iter().enumerate().for_each(|(row, text)| f(row as u32, text));
        }
        DataType::LargeUtf8 => {
            array.as_string::<i64>().iter().enumerate().for_each(|(row, text)| f(row as u32, text));
        }
        DataType::Utf8View => {
            array.as_string_view().iter().enumerate().for_each(|(row, text)| f(row as u32, text));
        }
        _ => {}
    }
}

fn variants(field: &BoundField, array: &dyn Array) -> Quick {
    let mut odd = Vec::new();
    let mut codes: Vec<u8> = Vec::with_capacity(array.len());
    match array.data_type() {
        DataType::Dictionary(..) => {
            let dictionary =
                array.as_any_dictionary_opt().filter(|dictionary| !dictionary.values().is_empty())?;
            let column = Column::new(dictionary.values().as_ref())?;
            let code = |at: usize| match column.get(at) {
                Raw::Text(text) => field.reader.variant_named(text),
                _ => None,
            };
            let of_values: Vec<Option<u8>> = (0..dictionary.values().len()).map(code).collect();
            let nulls = dictionary.nulls();
            for (row, key) in dictionary.normalized_keys().into_iter().enumerate() {
                let known = nulls.is_none_or(|nulls| nulls.is_valid(row));
                let code = if known { of_values.get(key).copied().flatten() } else { Some(0) };
                codes.push(code.unwrap_or(0));
                if code.is_none() {
                    odd.push(row as u32);
                }
            }
        }
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => {
            // Neighbours are often alike.
            let mut last: Option<(&str, u8)> = None;
            each_text(array, |row, text| {
                let code = match (text, last) {
                    (None, _) => Some(0),
                    (Some(text), Some((same, code))) if text == same => Some(code),
                    (Some(text), _) => {
                        field.reader.variant_named(text).inspect(|code| last = Some((text, *code)))
                    }
                };
                codes.push(code.unwrap_or(0));
                if code.is_none() {
                    odd.push(row);
                }
            });
        }
        _ => return None,
    }
    Some((Cells::Enum(codes.into()), odd))
}

fn texts(array: &dyn Array) -> Quick {
    let plain = match array.data_type() {
        DataType::Utf8 => array.as_string::<i32>().clone(),
        DataType::LargeUtf8 | DataType::Utf8View => {
            let mut all: Vec<Option<&str>> = Vec::with_capacity(array.len());
            each_text(array, |_, text| all.push(text));
            StringArray::from(all)
        }
        DataType::Dictionary(_, values)
            if matches!(**values, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View) =>
        {
            let column = Column::new(array)?;
            let text = |row: usize| match column.get(row) {
                Raw::Text(text) => Some(text.to_owned()),
                _ => None,
            };
            StringArray::from((0..array.len()).map(text).collect::<Vec<_>>())
        }
        _ => return None,
    };
    let odd = plain
        .iter()
        .enumerate()
        .filter(|(_, text)| text.is_some_and(|text| text.is_empty() || trim(text).len() != text.len()));
    let odd = odd.map(|(row, _)| row as u32).collect();
    Some((Cells::Text(plain), odd))
}

fn ints(field: &BoundField, shape: Shape, array: &dyn Array) -> Quick {
    let is_number = field.reader.field().ty.number().is_some();
    let is_day = field.reader.field().ty == Type::Date;
    match array.data_type() {
        DataType::Date32 if is_day => {
            let array: &PrimitiveArray<Date32Type> = array.as_primitive();
            let (low, high) = day_bounds(field);
            Some(same32(array.values(), array.nulls(), low, high))
        }
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View if is_number => {
            let (low, high) = bounds(field, shape)?;
            let decimals = field.reader.field().decimals;
            let plain = *field.reader.factor() == Number::ONE;
            let scale = Scale::new(field, shape, 0)?;
            parsed(shape, array, |text, start, end| {
                let cell = match plain {
                    true => decimal(text, start, end, decimals)?,
                    false => scale.cell(decimal(text, start, end, 0)?)?,
                };
                (low..=high).contains(&cell).then_some(cell)
            })
        }
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View if is_day => {
            let (low, high) = day_bounds(field);
            parsed(shape, array, |text, start, end| {
                day(text, start, end).filter(|day| (low..=high).contains(day))
            })
        }
        DataType::Int8 if is_number => numbers::<Int8Type>(field, shape, array, 0),
        DataType::Int16 if is_number => numbers::<Int16Type>(field, shape, array, 0),
        DataType::Int32 if is_number => numbers::<Int32Type>(field, shape, array, 0),
        DataType::Int64 if is_number => numbers::<Int64Type>(field, shape, array, 0),
        DataType::UInt8 if is_number => numbers::<UInt8Type>(field, shape, array, 0),
        DataType::UInt16 if is_number => numbers::<UInt16Type>(field, shape, array, 0),
        DataType::UInt32 if is_number => numbers::<UInt32Type>(field, shape, array, 0),
        DataType::UInt64 if is_number => numbers::<UInt64Type>(field, shape, array, 0),
        DataType::Decimal32(_, scale) if is_number => numbers::<Decimal32Type>(field, shape, array, *scale),
        DataType::Decimal64(_, scale) if is_number => numbers::<Decimal64Type>(field, shape, array, *scale),
        DataType::Decimal128(_, scale) if is_number => numbers::<Decimal128Type>(field, shape, array, *scale),
        _ => None,
    }
}

fn day_bounds(field: &BoundField) -> (i64, i64) {
    let (low, high) = bounds(field, Shape::Int32 { denominator: 1 }).unwrap_or((0, -1));
    (low.max(Date::MIN.0.into()), high.min(Date::MAX.0.into()))
}

/// 32-bit cells that an array holds already.
fn same32(values: &ScalarBuffer<i32>, nulls: Option<&NullBuffer>, low: i64, high: i64) -> (Cells, Vec<u32>) {
    let out = |value: &i32| !(low..=high).contains(&i64::from(*value));
    let Some(nulls) = nulls.filter(|nulls| nulls.null_count() > 0) else {
        if !values.iter().fold(false, |any, value| any | out(value)) {
            return (Cells::Int32(values.clone()), Vec::new());
        }
        let odd = values.iter().enumerate().filter(|(_, value)| out(value)).map(|(row, _)| row as u32);
        return (Cells::Int32(values.clone()), odd.collect());
    };
    let mut odd = Vec::new();
    let cells: Vec<i32> = values
        .iter()
        .zip(nulls.iter())
        .enumerate()
        .map(|(row, (value, valid))| {
            if valid && out(value) {
                odd.push(row as u32);
            }
            if valid { *value } else { 0 }
        })
        .collect();
    (Cells::Int32(cells.into()), odd)
}

fn same64(values: &ScalarBuffer<i64>, low: i64, high: i64) -> (Cells, Vec<u32>) {
    let out = |value: &i64| *value < low || *value > high;
    if !values.iter().fold(false, |any, value| any | out(value)) {
        return (Cells::Int64(values.clone()), Vec::new());
    }
    let odd = values.iter().enumerate().filter(|(_, value)| out(value)).map(|(row, _)| row as u32);
    (Cells::Int64(values.clone()), odd.collect())
}

fn numbers<T: ArrowPrimitiveType>(field: &BoundField, shape: Shape, array: &dyn Array, decimals: i8) -> Quick
where
    T::Native: Into<Whole>,
{
    let array: &PrimitiveArray<T> = array.as_primitive();
    let scale = Scale::new(field, shape, decimals)?;
    let nulls = array.nulls().filter(|nulls| nulls.null_count() > 0);
    if scale.is_one() {
        let (values, length) = (array.values().inner().clone(), array.len());
        if T::Native::get_byte_width() == 4
            && T::DATA_TYPE.is_signed_integer()
            && matches!(shape, Shape::Int32 { .. })
        {
            return Some(same32(&ScalarBuffer::new(values, 0, length), nulls, scale.low, scale.high));
        }
        if T::Native::get_byte_width() == 8
            && T::DATA_TYPE.is_signed_integer()
            && matches!(shape, Shape::Int64 { .. })
            && nulls.is_none()
        {
            return Some(same64(&ScalarBuffer::new(values, 0, length), scale.low, scale.high));
        }
    }
    let mut odd = Vec::new();
    let mut cell = |row: usize, number: T::Native| {
        let valid = nulls.is_none_or(|nulls| nulls.is_valid(row));
        let whole: Whole = number.into();
        let cell = if valid { whole.0.and_then(|number| scale.cell(number)) } else { Some(0) };
        if cell.is_none() {
            odd.push(row as u32);
        }
        cell.unwrap_or(0)
    };
    let cells = array.values().iter().enumerate().map(|(row, number)| cell(row, *number));
    let cells = match shape {
        Shape::Int32 { .. } => Cells::Int32(cells.map(|cell| cell as i32).collect()),
        _ => Cells::Int64(cells.collect()),
    };
    Some((cells, odd))
}

/// A whole number, where 64 bits hold it.
struct Whole(Option<i64>);

macro_rules! whole {
    ($($native:ty),*) => {$(
        impl From<$native> for Whole {
            fn from(number: $native) -> Whole {
                Whole(i64::try_from(number).ok())
            }
        }
    )*};
}

whole!(i8, i16, i32, i64, i128, u8, u16, u32, u64);

/// Reads each text, which stands between two places among others.
fn parsed(shape: Shape, array: &dyn Array, parse: impl Fn(&[u8], usize, usize) -> Option<i64>) -> Quick {
    let mut odd = Vec::new();
    let mut cells: Vec<i64> = Vec::with_capacity(array.len());
    let mut add = |row: u32, cell: Option<i64>| {
        if cell.is_none() {
            odd.push(row);
        }
        cells.push(cell.unwrap_or(0));
    };
    match array.as_string_opt::<i32>().filter(|texts| texts.null_count() == 0) {
        Some(texts) => {
            let bytes = texts.value_data();
            for (row, ends) in texts.value_offsets().windows(2).enumerate() {
                add(row as u32, parse(bytes, ends[0] as usize, ends[1] as usize));
            }
        }
        None => each_text(array, |row, text| {
            add(row, text.map_or(Some(0), |text| parse(text.as_bytes(), 0, text.len())));
        }),
    }
    Some(match shape {
        Shape::Int32 { .. } => (Cells::Int32(cells.into_iter().map(|cell| cell as i32).collect()), odd),
        _ => (Cells::Int64(cells.into()), odd),
    })
}
