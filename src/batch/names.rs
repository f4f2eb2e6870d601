//! Columns of names: texts of which a few come again and again, as codes into a list of them.

use std::sync::Arc;

use arrow_array::builder::StringDictionaryBuilder;
use arrow_array::types::UInt16Type;
use arrow_array::{ArrayRef, DictionaryArray, StringArray, UInt16Array};
use arrow_buffer::NullBuffer;
use arrow_schema::{DataType, Field, Schema};

/// The names that a column may have, at most.
pub const MOST_NAMES: usize = 1 << 16;

pub type NamesBuilder = StringDictionaryBuilder<UInt16Type>;

pub fn data_type() -> DataType {
    DataType::Dictionary(Box::new(DataType::UInt16), Box::new(DataType::Utf8))
}

/// Lists of names.
pub fn list_type() -> DataType {
    DataType::List(Arc::new(Field::new_list_field(data_type(), true)))
}

/// A column of codes into `names`.
///
/// # Panics
/// Where a code is beyond them.
pub fn column<S: AsRef<str>>(codes: Vec<u16>, nulls: Option<NullBuffer>, names: &[S]) -> ArrayRef {
    let codes = UInt16Array::new(codes.into(), nulls);
    let names = StringArray::from_iter_values(names);
    Arc::new(DictionaryArray::new(codes, Arc::new(names)))
}

/// About how many bytes of memory a row of answers takes.
pub fn row_bytes(schema: &Schema) -> usize {
    let bytes = |field: &Field| match field.data_type() {
        DataType::Dictionary(..) | DataType::Boolean => 2,
        DataType::Date32 => 4,
        DataType::Int64 | DataType::Timestamp(..) => 8,
        DataType::Decimal128(..) | DataType::List(_) => 16,
        _ => 32,
    };
    schema.fields().iter().map(|field| bytes(field)).sum::<usize>().max(1)
}
