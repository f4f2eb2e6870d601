//! Numbers as people and programs write them in tables.

use crate::value::{NotANumber, Number};

/// The largest power of ten that is written out; beyond it a number is outside every limit anyway.
const LARGEST_EXPONENT: i32 = 40;

/// Why a text is not a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    NotANumber,
    TooLong,
    /// A comma that does not stand before three digits.
    Comma,
    /// An exponent beyond all limits.
    Exponent,
}

/// Reads `1234`, `-1,234.50`, `１２３`, `1.2E+05`: exactly, or with the reason why not.
pub fn number(text: &str) -> Result<Number, Fault> {
    if !text.is_empty() && text.len() <= 18 && text.bytes().all(|b| b.is_ascii_digit()) {
        return text.parse().map(Number::from_int).map_err(|_| Fault::NotANumber);
    }
    let ascii = half_width(text);
    let (mantissa, exponent) = match ascii.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, parse_exponent(exponent)?),
        None => (ascii.as_str(), 0),
    };
    let plain = without_thousands(mantissa)?;
    let number = plain.parse::<Number>().map_err(|fault| match fault {
        NotANumber::Malformed => Fault::NotANumber,
        NotANumber::TooLong => Fault::TooLong,
    })?;
    if number.is_zero() {
        return Ok(number);
    }
    if exponent.abs() > LARGEST_EXPONENT {
        return Err(Fault::Exponent);
    }
    Ok(shift(&number, exponent))
}

/// `number × 10^exponent`.
pub fn shift(number: &Number, exponent: i32) -> Number {
    let power = Number::from_scaled(1, exponent.unsigned_abs());
    match exponent {
        0 => number.clone(),
        1.. => number.div(&power).unwrap_or_default(),
        _ => number.mul(&power),
    }
}

/// Full-width digits and signs as their ASCII twins.
pub fn half_width(text: &str) -> String {
    let twin = |c: char| match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        '\u{2212}' => '-',
        _ => c,
    };
    text.chars().map(twin).collect()
}

fn parse_exponent(text: &str) -> Result<i32, Fault> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Fault::NotANumber);
    }
    let size = digits.parse::<i32>().unwrap_or(i32::MAX);
    Ok(if text.starts_with('-') { -size } else { size })
}

/// Thousands separators go where they stand as they should: before each three digits of the whole part.
fn without_thousands(text: &str) -> Result<String, Fault> {
    if !text.contains(',') {
        return Ok(text.to_owned());
    }
    let (whole, fraction) = text.split_at(text.find('.').unwrap_or(text.len()));
    let unsigned = whole.strip_prefix(['+', '-']).unwrap_or(whole);
    let mut groups = unsigned.split(',');
    let first = groups.next().unwrap_or("");
    let digits = |group: &str| group.bytes().all(|b| b.is_ascii_digit());
    if !unsigned.split(',').all(digits) || fraction.contains(',') {
        return Err(if fraction.contains(',') { Fault::Comma } else { Fault::NotANumber });
    }
    if !(1..=3).contains(&first.len()) || !groups.all(|group| group.len() == 3) {
        return Err(Fault::Comma);
    }
    Ok(text.replace(',', ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        for (text, digits) in [
            ("0", "0"),
            ("007", "7"),
            ("-12.50", "-12.5"),
            ("1,234.5", "1234.5"),
            ("-1,234,567", "-1234567"),
            ("１２３．４", "123.4"),
            ("1，234", "1234"),
            ("−5", "-5"),
            ("1.2E+05", "120000"),
            ("1.5e-3", "0.0015"),
            ("0e999999999999", "0"),
            ("999999999999999999999", "999999999999999999999"),
        ] {
            assert_eq!(number(text).map(|n| n.to_string()), Ok(digits.to_owned()), "{text}");
        }
    }

    #[test]
    fn faults() {
        for (text, fault) in [
            ("", Fault::NotANumber),
            ("NaN", Fault::NotANumber),
            ("inf", Fault::NotANumber),
            ("1e400", Fault::Exponent),
            ("1e-400", Fault::Exponent),
            ("1e", Fault::NotANumber),
            ("1,23", Fault::Comma),
            ("1234,567", Fault::Comma),
            ("1.5,000", Fault::Comma),
            ("1,a23", Fault::NotANumber),
            ("--1", Fault::NotANumber),
            ("1.2.3", Fault::NotANumber),
            ("0x10", Fault::NotANumber),
            ("123456789012345678901234567890123456789012345678901234567890", Fault::TooLong),
        ] {
            assert_eq!(number(text), Err(fault), "{text}");
        }
    }
}
