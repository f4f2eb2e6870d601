//! Reads a single value of a type from text, as a command's argument gives it: `500头`, `50%`, `2020-03-01`.

use super::show::{Language, show_value};
use super::typed::{NumberKind, NumberType, Program, Type};
use super::units::{self, MONTHS_A_YEAR, YEAR};
use crate::value::{Date, Dimension, Number, Value};

/// The value that a text stands for, in the base unit of its type.
///
/// # Errors
/// What is wrong with the text, in words.
pub fn read_value(program: &Program, ty: &Type, text: &str) -> Result<Value, String> {
    let text = text.trim();
    let wanted = |example: &str| format!("`{text}` is not {example}");
    match ty {
        Type::Bool => match text {
            "true" | "是" | "真" => Ok(Value::Bool(true)),
            "false" | "否" | "假" => Ok(Value::Bool(false)),
            _ => Err(wanted("true or false")),
        },
        Type::Text => Ok(Value::Text(text.into())),
        Type::Enum(id) => {
            let variants = &program.enums[id.index()].variants;
            let at = variants.iter().position(|variant| variant.name == text || variant.label == text);
            let names: Vec<&str> = variants.iter().map(|variant| variant.name.as_str()).collect();
            at.map(|at| Value::Enum(at as u8)).ok_or_else(|| wanted(&format!("one of {}", names.join(", "))))
        }
        Type::Date => read_date(text).map(Value::Date).ok_or_else(|| wanted("a date such as 2020-03-01")),
        Type::Time => Err("a time cannot be given here".to_owned()),
        Type::Number(number) => read_number(program, number, text),
    }
}

/// A date as `2020-03-01` or `2020年3月1日`.
pub fn read_date(text: &str) -> Option<Date> {
    let text = text.trim();
    let inner = text.strip_suffix('日').unwrap_or(text);
    let parts: Vec<i64> =
        inner.split(['-', '年', '月']).map(|part| part.parse().ok()).collect::<Option<_>>()?;
    match parts.as_slice() {
        [year, month, day] => Date::new(*year, *month, *day),
        _ => None,
    }
}

fn read_number(program: &Program, ty: &NumberType, text: &str) -> Result<Value, String> {
    let digits = text.find(|c: char| !c.is_ascii_digit() && !"+-._".contains(c)).unwrap_or(text.len());
    let number: Number = text[..digits]
        .replace('_', "")
        .parse()
        .map_err(|_| format!("`{text}` does not begin with a number"))?;
    let word = text[digits..].trim();
    let example = |number: Number| {
        let value = Value::Number(number);
        show_value(program, &Type::Number(ty.clone()), &value, Language::Chinese)
    };
    let (factor, dimension, kind) = if word.is_empty() {
        (Number::ONE, Dimension::none(), NumberKind::Plain)
    } else {
        let unit =
            units::parse_unit(word, &program.units).ok_or_else(|| format!("`{word}` is not a unit"))?;
        (unit.factor, unit.dimension, units::number_kind(word))
    };
    let months = Type::months();
    if dimension == Dimension::base(YEAR) && months.number() == Some(ty) {
        return Ok(Value::Number(number.mul(&factor).mul(&Number::from_int(MONTHS_A_YEAR))));
    }
    if dimension != ty.dimension || kind != ty.kind {
        return Err(format!("`{text}` has another unit than is needed, such as {}", example(Number::ONE)));
    }
    let value = number.mul(&factor);
    if value.in_limits() {
        Ok(Value::Number(value))
    } else {
        Err(format!("`{text}` is beyond what a policy can hold"))
    }
}
