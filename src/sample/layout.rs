//! The columns of a sample as files have them: what they are called, in which unit and type they are.

use std::sync::Arc;

use arrow_array::StringArray;
use arrow_schema::{DataType, Field as ArrowField, TimeUnit};

use super::column::Draws;
use crate::batch::names_type;
use crate::check::show::Language;
use crate::check::typed::{Field, Program, Type};
use crate::check::units::parse_unit;
use crate::value::Number;

/// What columns and their values are called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Words {
    /// By the names of the policy set, and true and false as such.
    Names,
    /// As offices write them: by label with the unit in brackets, 是 and 否 (yes and no).
    Labels(Language),
}

/// One column of the file.
#[derive(Debug, Clone)]
pub struct ColumnLayout {
    pub field: ArrowField,
    /// Of codes: the texts that they stand for.
    pub texts: Option<Arc<StringArray>>,
    /// Of numbers: what a whole number of the field is multiplied with, and the decimals of the column.
    pub times: i64,
    pub scale: i8,
}

/// # Errors
/// Where the unit of a field can stand in no header.
pub fn layout(
    program: &Program,
    fields: &[Field],
    at: usize,
    draws: &Draws,
    words: Words,
) -> Result<ColumnLayout, String> {
    let field = &fields[at];
    let mut layout = ColumnLayout {
        field: ArrowField::new(title(fields, at, words), DataType::Utf8, !field.key),
        texts: None,
        times: 1,
        scale: 0,
    };
    let data_type = match &field.ty {
        Type::Bool => match words {
            Words::Names => DataType::Boolean,
            Words::Labels(language) => {
                layout.texts = Some(texts([language.pick("no", "否"), language.pick("yes", "是")]));
                names_type()
            }
        },
        Type::Enum(_) => {
            layout.texts = Some(texts(variants(program, field, words)));
            names_type()
        }
        Type::Text => match draws {
            Draws::Codes { texts: own, .. } => {
                layout.texts = Some(texts(own.iter().map(|text| &**text)));
                names_type()
            }
            _ => DataType::Utf8,
        },
        Type::Date => DataType::Date32,
        Type::Time => DataType::Timestamp(TimeUnit::Second, None),
        Type::Number(_) => number(program, fields, at, words, &mut layout)?,
    };
    layout.field.set_data_type(data_type);
    Ok(layout)
}

fn texts<S: AsRef<str>>(all: impl IntoIterator<Item = S>) -> Arc<StringArray> {
    Arc::new(StringArray::from_iter_values(all))
}

/// The name of a field, or its label where that is clear.
fn title(fields: &[Field], at: usize, words: Words) -> String {
    let field = &fields[at];
    let clear =
        |other: (usize, &Field)| other.0 == at || other.1.name != field.label && other.1.label != field.label;
    match words {
        Words::Labels(_) if fields.iter().enumerate().all(clear) => field.label.clone(),
        _ => field.name.clone(),
    }
}

/// The names of an enum's variants, or their labels where those are clear.
fn variants(program: &Program, field: &Field, words: Words) -> Vec<String> {
    let Type::Enum(id) = field.ty else { return Vec::new() };
    let all = &program.enums[id.index()].variants;
    let clear = |at: usize, label: &str| {
        all.iter().position(|other| other.name == label).is_none_or(|other| other == at)
            && all.iter().position(|other| other.label == label) == Some(at)
    };
    all.iter()
        .enumerate()
        .map(|(at, variant)| match words {
            Words::Labels(_) if clear(at, &variant.label) => variant.label.clone(),
            _ => variant.name.clone(),
        })
        .collect()
}

/// Numbers stand in the unit in which data hold the field, or in its base unit where that has more ends of decimals.
fn number(
    program: &Program,
    fields: &[Field],
    at: usize,
    words: Words,
    layout: &mut ColumnLayout,
) -> Result<DataType, String> {
    let field = &fields[at];
    let scale = power_of_ten(&field.data_unit).map(|power| power + field.decimals as i32);
    let (scale, unit) = match scale.filter(|scale| *scale <= 18) {
        Some(scale) => {
            let shown = matches!(words, Words::Labels(_)) && !field.data_unit_word.is_empty();
            (scale, shown.then(|| field.data_unit_word.clone()))
        }
        None => (field.decimals as i32, Some(base_unit(program, field)?)),
    };
    if let Some(unit) = unit {
        layout.field.set_name(format!("{}({unit})", layout.field.name()));
    }
    layout.times = 10i64.pow((-scale).clamp(0, 18) as u32);
    layout.scale = scale.max(0) as i8;
    Ok(if layout.scale == 0 { DataType::Int64 } else { DataType::Decimal128(18, layout.scale) })
}

/// The word for the base unit of a field.
fn base_unit(program: &Program, field: &Field) -> Result<String, String> {
    let dimension = field.ty.number().map(|number| number.dimension.clone()).unwrap_or_default();
    let word = dimension.to_string();
    let known = parse_unit(&word, &program.units);
    match known {
        Some(unit) if unit.factor == Number::ONE && unit.dimension == dimension => Ok(word),
        _ => Err(format!("the field `{}` is in a unit that no header can carry", field.name)),
    }
}

/// The exponent, where a factor is a power of ten.
fn power_of_ten(factor: &Number) -> Option<i32> {
    (-18..=18).find(|power: &i32| {
        let size = Number::from_scaled(10i128.pow(power.unsigned_abs()), 0);
        if *power < 0 { Number::ONE.div(&size).as_ref() == Some(factor) } else { size == *factor }
    })
}
