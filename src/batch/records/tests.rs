//! Columns read at once are what the reader makes of each cell.

use std::sync::Arc;

use arrow_array::builder::{PrimitiveDictionaryBuilder, StringDictionaryBuilder};
use arrow_array::types::*;
use arrow_array::*;
use arrow_buffer::i256;
use arrow_schema::{Field as ArrowField, Schema};
use proptest::prelude::*;

use super::*;
use crate::batch::{BindOptions, Rows};
use crate::check::sketch;
use crate::check::typed::{Program, RecordId};

/// A record with a field of every type, each with a column `c0`, `c1`, ….
fn program() -> Program {
    let mut program = sketch::relief();
    let own = program.records[0].fields.clone();
    let mut fields = own;
    for field in &mut fields {
        field.key = false;
    }
    let mut bounded = fields[2].clone();
    bounded.range.low = Some(Number::from_int(-100));
    bounded.range.high = Some(Number::from_scaled(100_005, 1));
    fields.push(bounded);
    let mut rate = fields[3].clone();
    (rate.decimals, rate.ty) = (8, Type::rate());
    fields.push(rate);
    let mut time = fields[5].clone();
    time.ty = Type::Time;
    fields.push(time);
    for (at, field) in fields.iter_mut().enumerate() {
        field.name = format!("c{at}");
        field.label = format!("标{at}");
    }
    program.records[0].fields = fields;
    program
}

/// Cells of every kind for one column; all columns take the same ones.
fn arrays() -> impl Strategy<Value = ArrayRef> {
    let number = || prop_oneof![-200i64..20_000, any::<i64>(), Just(i64::MAX), Just(i64::MIN)];
    let cells = prop::collection::vec(prop::option::weighted(0.8, number()), 1..40);
    let words = prop::collection::vec(prop::option::weighted(0.8, word()), 1..40);
    prop_oneof![
        (cells, 0u8..14).prop_map(|(cells, kind)| whole(cells, kind)),
        (words, 0u8..4).prop_map(|(words, kind)| written(words, kind)),
        prop::collection::vec(prop::option::of(any::<bool>()), 1..40)
            .prop_map(|cells| Arc::new(BooleanArray::from(cells)) as ArrayRef),
    ]
}

fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        (-3000i64..30_000).prop_map(|n| n.to_string()),
        (-3000i64..30_000, 0u32..100).prop_map(|(n, d)| format!("{n}.{d:02}")),
        "[0-9]{1,20}",
        Just("2020-02-29".to_owned()),
        Just("2021-02-29".to_owned()),
        Just("2020/2/10".to_owned()),
        Just("20200210".to_owned()),
        Just("2020-02-10T14:30".to_owned()),
        Just("true".to_owned()),
        Just("是".to_owned()),
        Just("Yes".to_owned()),
        Just("enterprise".to_owned()),
        Just(" 企业 ".to_owned()),
        Just(String::new()),
        Just(" ".to_owned()),
        Just("-".to_owned()),
        Just(".5".to_owned()),
        Just("5.".to_owned()),
        Just("1,234.50".to_owned()),
        Just("50%".to_owned()),
        Just("1e3".to_owned()),
        Just("\u{FF11}\u{FF12}".to_owned()),
        "[a-z.,-]{0,6}",
    ]
}

fn whole(cells: Vec<Option<i64>>, kind: u8) -> ArrayRef {
    macro_rules! as_type {
        ($array:ty) => {
            Arc::new(cells.iter().map(|cell| cell.map(|cell| cell as _)).collect::<$array>())
        };
    }
    match kind {
        0 => as_type!(Int8Array),
        1 => as_type!(Int16Array),
        2 => as_type!(Int32Array),
        3 => as_type!(Int64Array),
        4 => as_type!(UInt8Array),
        5 => as_type!(UInt16Array),
        6 => as_type!(UInt32Array),
        7 => as_type!(UInt64Array),
        8 => {
            let array: Decimal128Array = cells.iter().map(|cell| cell.map(i128::from)).collect();
            Arc::new(array.with_precision_and_scale(38, 2).unwrap())
        }
        9 => {
            let array: Decimal128Array = cells.iter().map(|cell| cell.map(i128::from)).collect();
            Arc::new(array.with_precision_and_scale(38, -1).unwrap())
        }
        10 => {
            let array: Decimal256Array =
                cells.iter().map(|cell| cell.map(|n| i256::from_i128(n.into()))).collect();
            Arc::new(array.with_precision_and_scale(40, 3).unwrap())
        }
        11 => {
            Arc::new(cells.iter().map(|cell| cell.map(|cell| cell as i32 % 40_000)).collect::<Date32Array>())
        }
        12 => as_type!(TimestampSecondArray),
        _ => {
            let mut builder = PrimitiveDictionaryBuilder::<Int16Type, Int32Type>::new();
            cells.iter().for_each(|cell| builder.append_option(cell.map(|cell| cell as i32 % 1000)));
            Arc::new(builder.finish())
        }
    }
}

fn written(words: Vec<Option<String>>, kind: u8) -> ArrayRef {
    match kind {
        0 => Arc::new(StringArray::from(words)),
        1 => Arc::new(LargeStringArray::from(words)),
        2 => Arc::new(StringViewArray::from_iter(words)),
        _ => {
            let mut builder = StringDictionaryBuilder::<Int8Type>::new();
            words.iter().for_each(|word| builder.append_option(word.as_ref()));
            Arc::new(builder.finish())
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn columns_are_their_cells(array in arrays(), offset in 0usize..5, short in 0usize..5, unit in 0usize..2) {
        let start = offset.min(array.len());
        let array = array.slice(start, (array.len() - start).saturating_sub(short));
        let program = program();
        let count = program.records[0].fields.len();
        let money = if unit == 1 { "c3(万元)".to_owned() } else { "c3".to_owned() };
        let name = |at: usize| if at == 3 { money.clone() } else { format!("c{at}") };
        let fields: Vec<ArrowField> =
            (0..count).map(|at| ArrowField::new(name(at), array.data_type().clone(), true)).collect();
        let schema = Arc::new(Schema::new(fields));
        let batch = RecordBatch::try_new(schema.clone(), vec![array.clone(); count]).unwrap();
        let binding = Binding::new(&program, RecordId(0), &schema, &BindOptions::default()).unwrap();
        let raw = RawBatch::numbered(batch);
        let rows = Rows::read(&binding, &raw);
        let shapes = binding.shapes(&schema);
        let records = Records::read(&binding, &shapes, &raw);
        prop_assert_eq!(&records.rejects, &rows.rejects);
        for row in 0..array.len() {
            prop_assert_eq!(records.is_good(row), rows.is_good(row));
            if rows.is_good(row) {
                prop_assert_eq!(records.row(&shapes, row), rows.row(row).to_vec(), "row {}", row);
            }
        }
        for column in &records.columns {
            let Some(nulls) = &column.nulls else { continue };
            for row in (0..array.len()).filter(|row| nulls.is_null(*row)) {
                match &column.cells {
                    Cells::Bool(bits) => prop_assert!(!bits.value(row)),
                    Cells::Enum(cells) => prop_assert_eq!(cells[row], 0),
                    Cells::Int32(cells) => prop_assert_eq!(cells[row], 0),
                    Cells::Int64(cells) => prop_assert_eq!(cells[row], 0),
                    _ => {}
                }
            }
        }
    }
}

#[test]
fn whole_keys_are_seen_once() {
    use crate::batch::Keys;
    use crate::batch::Place;
    let place = |line| Place { source: 0, line };
    let mut keys = Keys::new(10);
    for key in 5..100 {
        assert_eq!(keys.see_number(key, place(key as u64)), Ok(None));
    }
    assert_eq!(keys.see_number(50, place(200)), Ok(Some(place(50))));
    assert_eq!(keys.see_number(3, place(201)), Ok(None));
    assert_eq!(keys.see_number(4, place(202)), Ok(None));
    assert_eq!(keys.see_number(5, place(203)), Ok(Some(place(5))));
    assert_eq!(keys.see_number(100, place(300)), Ok(None));
    assert_eq!(keys.see_number(100, place(301)), Ok(Some(place(300))));
    assert_eq!(keys.see_number(4, place(302)), Ok(Some(place(202))));
    assert_eq!(keys.see_number(i64::MAX, place(303)), Ok(None));
    assert_eq!(keys.see_number(i64::MIN, place(304)), Ok(None));
    assert_eq!(keys.see_number(i64::MAX, place(305)), Ok(Some(place(303))));
}
