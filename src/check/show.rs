//! Values and expressions in the words of people: labels, units, grouped digits; in English or Chinese.

mod expr;
#[cfg(test)]
mod tests;

use serde::Serialize;

use crate::check::typed::{DAY, HOUR, MONTH, NumberKind, NumberType, Program, Type};
use crate::value::{Dimension, Number, Rounding, Value, VariantSet};

pub use expr::{Names, show_expr, show_expr_with};
pub(crate) use expr::{let_label, sign};

/// The language that people are spoken to in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize)]
pub enum Language {
    #[default]
    #[serde(rename = "en")]
    English,
    #[serde(rename = "zh")]
    Chinese,
}

impl Language {
    pub const ALL: [Language; 2] = [Language::English, Language::Chinese];

    /// The tag in `pol.toml` and in HTML.
    pub fn tag(self) -> &'static str {
        match self {
            Language::English => "en",
            Language::Chinese => "zh",
        }
    }

    pub fn from_tag(tag: &str) -> Option<Language> {
        Language::ALL.into_iter().find(|language| language.tag() == tag)
    }

    /// The word for this language of a pair.
    pub fn pick<'a>(self, english: &'a str, chinese: &'a str) -> &'a str {
        match self {
            Language::English => english,
            Language::Chinese => chinese,
        }
    }
}

/// A value as a person would write it.
pub fn show_value(program: &Program, ty: &Type, value: &Value, language: Language) -> String {
    match (value, ty) {
        (Value::Bool(true), _) => language.pick("yes", "是").into(),
        (Value::Bool(false), _) => language.pick("no", "否").into(),
        (Value::Number(number), Type::Number(ty)) => show_number(number, ty, language),
        (Value::Number(number), _) => digits(number),
        (Value::Date(date), _) => date.to_string(),
        (Value::Time(time), _) => {
            let text = time.to_string().replace('T', " ");
            text.strip_suffix(":00").map_or(text.clone(), str::to_owned)
        }
        (Value::Enum(variant), ty) => variant_label(program, ty, *variant),
        (Value::Text(text), _) => text.to_string(),
    }
}

/// The labels of a set of variants, with commas.
pub fn show_variants(program: &Program, ty: &Type, set: VariantSet, language: Language) -> String {
    let labels: Vec<String> = set.iter().map(|variant| variant_label(program, ty, variant)).collect();
    labels.join(language.pick(", ", "、"))
}

fn variant_label(program: &Program, ty: &Type, variant: u8) -> String {
    let found = match ty {
        Type::Enum(id) => program.enums[id.index()].variants.get(usize::from(variant)),
        _ => None,
    };
    found.map_or_else(|| format!("#{variant}"), |variant| variant.label.clone())
}

/// The name of a way of rounding.
pub fn show_rounding(rounding: Rounding, language: Language) -> &'static str {
    match rounding {
        Rounding::HalfUp => language.pick("rounded half up", "四舍五入"),
        Rounding::HalfEven => language.pick("rounded half to even", "四舍六入五成双"),
        Rounding::Up => language.pick("rounded up", "进位"),
        Rounding::Down => language.pick("rounded down", "舍去"),
    }
}

fn show_number(number: &Number, ty: &NumberType, language: Language) -> String {
    let hundredfold = || digits(&number.mul(&Number::from_int(100)));
    match (ty.kind, ty.dimension.single()) {
        (NumberKind::Rate, _) => format!("{}%", hundredfold()),
        (NumberKind::Points, _) => format!("{}{}", hundredfold(), language.pick(" pp", "个百分点")),
        (NumberKind::Plain, Some(MONTH)) => counted(number, language, "month", "个月"),
        (NumberKind::Plain, Some(DAY)) => counted(number, language, "day", "天"),
        (NumberKind::Plain, Some(HOUR)) => counted(number, language, "hour", "小时"),
        // A count of years may be a year of the calendar: no separators.
        (NumberKind::Plain, Some("年")) => format!("{}年", digits(number).replace(',', "")),
        _ if ty.dimension.currency().is_some() => money(number, &ty.dimension, language),
        _ => format!("{}{}", digits(number), ty.dimension),
    }
}

fn counted(number: &Number, language: Language, english: &str, chinese: &str) -> String {
    let digits = digits(number);
    match language {
        Language::Chinese => format!("{digits}{chinese}"),
        Language::English if number.abs() == Number::ONE => format!("{digits} {english}"),
        Language::English => format!("{digits} {english}s"),
    }
}

fn money(number: &Number, dimension: &Dimension, language: Language) -> String {
    const WAN: i64 = 10_000;
    const YI: i64 = 100_000_000;
    let units = |size: i64| number.div(&Number::from_int(size)).unwrap_or_default();
    let large = |size: i64| number.abs() >= Number::from_int(size);
    if language == Language::Chinese {
        if large(YI) && units(YI / 100).is_integer() {
            return format!("{}亿{dimension}", digits(&units(YI)));
        }
        if large(WAN) && units(WAN).is_integer() {
            return format!("{}万{dimension}", digits(&units(WAN)));
        }
    }
    let mut text = digits(number);
    if number.decimals() == Some(1) {
        text.push('0');
    }
    format!("{text}{dimension}")
}

/// A text as HTML shows it, in elements and in attributes.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Decimal digits in groups of three; what does not end within eight decimals is cut and marked with `…`.
pub fn digits(number: &Number) -> String {
    const SHOWN: u32 = 8;
    let ends = number.decimals().is_some_and(|decimals| decimals <= SHOWN);
    let shown =
        if ends { number.clone() } else { number.round_to(&Number::from_scaled(1, 6), Rounding::Down) };
    let text = shown.abs().to_string();
    let (whole, fraction) = text.split_once('.').map_or((text.as_str(), None), |(w, f)| (w, Some(f)));
    let mut out = String::from(if number.is_negative() { "-" } else { "" });
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    if let Some(fraction) = fraction {
        out.push('.');
        out.push_str(fraction);
    }
    if !ends {
        out.push('…');
    }
    out
}
