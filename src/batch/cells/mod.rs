//! From the cell of a table to the value of a field, or the reason why it cannot be read.

mod moment;
mod number;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use moment::SerialDates;
use number::{Fault, half_width, shift};

use super::column::Raw;
use crate::check::typed::{self, Field, NumberKind, NumberType, Type};
use crate::value::{Date, Number, Time, Value};

/// Reads the cells of one column as values of one field.
#[derive(Debug, Clone)]
pub struct CellReader {
    field: Field,
    /// Base units in one of a plain number of the column.
    factor: Number,
    /// For an enum: its variants by name and by label.
    variants: BTreeMap<String, u8>,
    enum_label: String,
    serials: Option<SerialDates>,
}

impl CellReader {
    /// `factor` is how many base units one of a plain number stands for; `serials` where plain numbers may be
    /// the dates of a spreadsheet.
    pub fn new(
        program: &typed::Program,
        field: &Field,
        factor: Number,
        serials: Option<SerialDates>,
    ) -> CellReader {
        let mut variants = BTreeMap::new();
        let mut enum_label = String::new();
        if let Type::Enum(id) = &field.ty {
            let of = &program.enums[id.index()];
            enum_label.clone_from(&of.head.label);
            for (at, variant) in of.variants.iter().enumerate().take(256) {
                variants.insert(variant.name.clone(), at as u8);
            }
            for (at, variant) in of.variants.iter().enumerate().take(256) {
                variants.entry(variant.label.clone()).or_insert(at as u8);
            }
        }
        CellReader { field: field.clone(), factor, variants, enum_label, serials }
    }

    pub fn field(&self) -> &Field {
        &self.field
    }

    /// Base units in one of a plain number of the column.
    pub fn factor(&self) -> &Number {
        &self.factor
    }

    /// Whether both make the same of every cell.
    pub fn reads_as(&self, other: &CellReader) -> bool {
        let types = match (&self.field.ty, &other.field.ty) {
            (Type::Enum(_), Type::Enum(_)) => self.variants == other.variants,
            (own, other) => own == other,
        };
        let (own, theirs) = (&self.field, &other.field);
        types
            && (own.key, &own.range, own.decimals) == (theirs.key, &theirs.range, theirs.decimals)
            && self.factor == other.factor
            && self.serials == other.serials
    }

    /// The variant of a name or label, exactly as it is written.
    pub fn variant_named(&self, text: &str) -> Option<u8> {
        self.variants.get(text).copied()
    }

    /// The value of a cell; `None` where it is empty.
    ///
    /// # Errors
    /// With the reason, for people, where the cell is not a value of the field.
    pub fn read(&self, raw: &Raw) -> Result<Option<Value>, String> {
        let raw = match raw {
            Raw::Text(text) => Raw::Text(trim(text)),
            other => other.clone(),
        };
        if matches!(raw, Raw::Null | Raw::Text("")) {
            return Ok(None);
        }
        let value = match &self.field.ty {
            Type::Bool => self.bool(&raw)?,
            Type::Text => Value::Text(Arc::from(raw.to_string())),
            Type::Enum(_) => self.variant(&raw)?,
            Type::Number(ty) => self.number(ty, &raw)?,
            Type::Date => Value::Date(self.date(&raw)?),
            Type::Time => Value::Time(self.time(&raw)?),
        };
        Ok(Some(value))
    }

    fn bool(&self, raw: &Raw) -> Result<Value, String> {
        let text = raw.to_string().to_lowercase();
        match text.as_str() {
            "true" | "是" | "yes" | "1" => Ok(Value::Bool(true)),
            "false" | "否" | "no" | "0" => Ok(Value::Bool(false)),
            _ => Err(format!("`{raw}` is neither true nor false: write true/false, 是/否, yes/no or 1/0")),
        }
    }

    fn variant(&self, raw: &Raw) -> Result<Value, String> {
        let found = match raw {
            Raw::Text(text) => self.variants.get(*text),
            other => self.variants.get(&other.to_string()),
        };
        found.copied().map(Value::Enum).ok_or_else(|| self.not_a_variant(&raw.to_string()))
    }

    fn not_a_variant(&self, text: &str) -> String {
        let near = self.variants.keys().filter(|word| strsim::osa_distance(word, text) <= 1).min();
        let hint = near.map_or_else(String::new, |word| format!("; did you mean `{word}`?"));
        format!("`{text}` is not one of {}{hint}", self.enum_label)
    }

    fn number(&self, ty: &NumberType, raw: &Raw) -> Result<Value, String> {
        let number = match raw {
            Raw::Int(value) => self.scaled(Number::from_scaled(*value, 0)),
            Raw::Decimal(mantissa, scale) => self.scaled(decimal(*mantissa, *scale)),
            Raw::Text(text) => self.written(ty, text)?,
            Raw::Float(digits) => self.scaled(self.digits(digits)?),
            Raw::Wide(digits) => return Err(format!("{digits} is beyond the limit of numbers, 10^24")),
            other => return Err(format!("`{other}` is not a number")),
        };
        self.allowed(number).map(Value::Number)
    }

    fn scaled(&self, number: Number) -> Number {
        if self.factor == Number::ONE { number } else { number.mul(&self.factor) }
    }

    /// A number with the unit of its column, or with its own `%`, `‰` or `个百分点`.
    fn written(&self, ty: &NumberType, text: &str) -> Result<Number, String> {
        let text = half_width(text);
        let marks: &[(&str, i32)] = match ty.kind {
            NumberKind::Plain => &[],
            NumberKind::Rate => &[("%", -2), ("‰", -3)],
            NumberKind::Points => &[("%", -2), ("个百分点", -2), ("pp", -2)],
        };
        for (mark, exponent) in marks {
            if let Some(share) = text.strip_suffix(mark) {
                return Ok(shift(&self.digits(share.trim_end())?, *exponent));
            }
        }
        self.digits(&text).map(|number| self.scaled(number))
    }

    fn digits(&self, text: &str) -> Result<Number, String> {
        number::number(text).map_err(|fault| match fault {
            Fault::NotANumber if text.starts_with(|c: char| c.is_ascii_digit()) => {
                format!("`{text}` is not a number; a unit belongs in the column's header")
            }
            Fault::NotANumber => format!("`{text}` is not a number"),
            Fault::Comma => format!("`{text}` is not a number: a comma stands before each three digits"),
            Fault::TooLong => "has more digits than any number of a policy".to_owned(),
            Fault::Exponent => format!("`{text}` is beyond the limits of numbers, 10^24"),
        })
    }

    /// The number itself where the field may be so, in range and in decimals.
    fn allowed(&self, number: Number) -> Result<Number, String> {
        let fine = number.is_integer()
            || number.to_scaled(self.field.decimals).is_some()
            || number.decimals().is_some_and(|decimals| decimals <= self.field.decimals);
        if !fine {
            return Err(match self.field.decimals {
                0 => format!("{} is not whole", self.in_base(&number)),
                most => format!("{} has more than {most} decimals", self.in_base(&number)),
            });
        }
        let range = &self.field.range;
        if let Some(low) = range.low.as_ref().filter(|low| number < **low) {
            return Err(format!("{} is below {}", self.in_base(&number), self.in_base(low)));
        }
        if let Some(high) = range.high.as_ref().filter(|high| number > **high) {
            return Err(format!("{} is above {}", self.in_base(&number), self.in_base(high)));
        }
        if number.in_limits() { Ok(number) } else { Err("is beyond the limit of numbers, 10^24".to_owned()) }
    }

    fn in_base(&self, number: &Number) -> String {
        match self.field.ty.number() {
            Some(ty) => format!("{number}{}", ty.dimension),
            None => number.to_string(),
        }
    }

    fn date(&self, raw: &Raw) -> Result<Date, String> {
        let date = match raw {
            Raw::Text(text) => self.written_date(text)?,
            Raw::Day(days) => Date::from_days(*days),
            Raw::Moment(seconds, nanos) => self.whole_day(*seconds, *nanos, raw)?,
            Raw::Int(number) => i64::try_from(*number).ok().and_then(|number| self.numbered_date(number)),
            Raw::Float(digits) => digits.parse().ok().and_then(|number| self.numbered_date(number)),
            Raw::Decimal(..) if matches!(raw.to_string().parse::<Number>(), Ok(n) if n.is_integer()) => {
                let number = raw.to_string().parse::<Number>().ok().and_then(|number| number.to_scaled(0));
                number.and_then(|n| i64::try_from(n).ok()).and_then(|n| self.numbered_date(n))
            }
            _ => None,
        };
        let date = date.ok_or_else(|| format!("`{raw}` is not a date: write 2020-02-10"))?;
        self.in_days(date, raw)
    }

    fn written_date(&self, text: &str) -> Result<Option<Date>, String> {
        if let Some(date) = moment::date(text) {
            return Ok(Some(date));
        }
        match moment::midnight(text) {
            Some(Ok(date)) => return Ok(Some(date)),
            Some(Err(time)) => return Err(format!("{time} has a time of day, and the field is a date")),
            None => {}
        }
        let plain = number::number(text).ok().filter(|_| self.serials.is_some()).filter(Number::is_integer);
        let serial = plain.and_then(|number| i64::try_from(number.to_scaled(0)?).ok());
        Ok(serial.and_then(|number| self.numbered_date(number)))
    }

    /// `20200210`, or the serial number of a spreadsheet's date.
    fn numbered_date(&self, number: i64) -> Option<Date> {
        if (10_000_000..100_000_000).contains(&number) {
            return moment::compact(number);
        }
        self.serials?.date(number)
    }

    fn whole_day(&self, seconds: i64, nanos: u32, raw: &Raw) -> Result<Option<Date>, String> {
        let Some(time) = Time::from_seconds(seconds) else { return Ok(None) };
        if nanos != 0 || time != time.date().midnight() {
            return Err(format!("{raw} has a time of day, and the field is a date"));
        }
        Ok(Some(time.date()))
    }

    fn in_days(&self, date: Date, raw: &Raw) -> Result<Date, String> {
        let day = Number::from_int(date.0.into());
        let bound = |number: &Number| {
            let days = number.to_scaled(0).and_then(|days| Date::from_days(i64::try_from(days).ok()?));
            days.map_or_else(|| number.to_string(), |date| date.to_string())
        };
        let range = &self.field.range;
        if let Some(low) = range.low.as_ref().filter(|low| day < **low) {
            return Err(format!("{raw} is before {}", bound(low)));
        }
        if let Some(high) = range.high.as_ref().filter(|high| day > **high) {
            return Err(format!("{raw} is after {}", bound(high)));
        }
        Ok(date)
    }

    fn time(&self, raw: &Raw) -> Result<Time, String> {
        let time = match raw {
            Raw::Text(text) => moment::time(text),
            Raw::Day(days) => Date::from_days(*days).map(Date::midnight),
            Raw::Moment(seconds, 0) => Time::from_seconds(*seconds),
            Raw::Moment(..) => return Err(format!("{raw} has a fraction of a second")),
            _ => None,
        };
        time.ok_or_else(|| format!("`{raw}` is not a time: write 2020-02-10T14:30"))
    }
}

fn decimal(mantissa: i128, scale: i8) -> Number {
    match u32::try_from(scale) {
        Ok(scale) => Number::from_scaled(mantissa, scale),
        Err(_) => shift(&Number::from_scaled(mantissa, 0), i32::from(scale).abs()),
    }
}

/// A text without white space (full-width included), byte order marks and zero-width characters around it.
pub fn trim(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\u{FEFF}' | '\u{200B}'..='\u{200D}' | '\0'))
}
