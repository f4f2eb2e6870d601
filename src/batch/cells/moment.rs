//! Days and moments as people and programs write them in tables.

use super::number::half_width;
use crate::value::{Date, Time};

/// From which day a spreadsheet counts the numbers that stand for dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SerialDates {
    /// Day 1 is 1900-01-01, and there is a 29 February 1900, which the calendar lacks.
    From1900,
    /// Day 0 is 1904-01-01.
    From1904,
}

/// Reads `2020-02-10`, `2020/2/10`, `2020.2.10`, `2020年2月10日` and `20200210`.
pub fn date(text: &str) -> Option<Date> {
    let text = half_width(text);
    if text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) {
        return compact(text.parse().ok()?);
    }
    let (date, rest) = leading_date(&text)?;
    rest.is_empty().then_some(date)
}

/// A day written as the number `20200210`.
pub fn compact(number: i64) -> Option<Date> {
    Date::new(number / 10_000, number / 100 % 100, number % 100)
}

/// A date of which a midnight time follows, such as `2020-02-10 00:00:00`; `Err` with a time that is not
/// midnight.
pub fn midnight(text: &str) -> Option<Result<Date, Time>> {
    let moment = time(text)?;
    Some(if moment == moment.date().midnight() { Ok(moment.date()) } else { Err(moment) })
}

/// Reads a date followed by a time of day: `2020-02-10T14:30`, `2020/2/10 14:30:00`,
/// `2020年2月10日14时30分`. A date alone is its midnight. Fractions of a second must be zero.
pub fn time(text: &str) -> Option<Time> {
    if let Some(date) = date(text) {
        return Some(date.midnight());
    }
    let text = half_width(text);
    let (date, rest) = leading_date(&text)?;
    let clock = rest.strip_prefix('T').unwrap_or(rest).trim_start();
    let (hour, minute, second) = clock_parts(clock)?;
    Time::new(date, hour, minute, second)
}

fn clock_parts(clock: &str) -> Option<(i64, i64, i64)> {
    let (hour, rest) = digits(clock, 2)?;
    if let Some(rest) = rest.strip_prefix('时').or_else(|| rest.strip_prefix('点')) {
        if rest.is_empty() {
            return Some((hour, 0, 0));
        }
        let (minute, rest) = digits(rest, 2)?;
        let rest = rest.strip_prefix('分')?;
        let second = if rest.is_empty() { 0 } else { whole(rest.strip_suffix('秒')?)? };
        return Some((hour, minute, second));
    }
    let (minute, rest) = digits(rest.strip_prefix(':')?, 2)?;
    if rest.is_empty() {
        return Some((hour, minute, 0));
    }
    let (second, rest) = digits(rest.strip_prefix(':')?, 2)?;
    let zeros = rest.strip_prefix('.').is_none_or(|fraction| {
        !fraction.is_empty() && fraction.len() <= 9 && fraction.bytes().all(|b| b == b'0')
    });
    (rest.is_empty() || (rest.starts_with('.') && zeros)).then_some((hour, minute, second))
}

/// A date at the beginning of a text, and what follows it.
fn leading_date(text: &str) -> Option<(Date, &str)> {
    let (year, rest) = digits(text, 4).filter(|(_, rest)| text.len() - rest.len() == 4)?;
    let mark = rest.chars().next()?;
    let (after_month, at_end) = match mark {
        '-' | '/' | '.' => (mark, None),
        '年' => ('月', Some('日')),
        _ => return None,
    };
    let (month, rest) = digits(rest[mark.len_utf8()..].trim_start(), 2)?;
    let (day, rest) = digits(rest.strip_prefix(after_month)?.trim_start(), 2)?;
    let rest = match at_end {
        Some(end) => rest.strip_prefix(end)?,
        None => rest,
    };
    Some((Date::new(year, month, day)?, rest))
}

/// One to `most` digits at the beginning of a text.
fn digits(text: &str, most: usize) -> Option<(i64, &str)> {
    let end = text.bytes().take_while(u8::is_ascii_digit).count();
    if end == 0 || end > most {
        return None;
    }
    Some((text[..end].parse().ok()?, &text[end..]))
}

fn whole(text: &str) -> Option<i64> {
    digits(text, 2).and_then(|(number, rest)| rest.is_empty().then_some(number))
}

impl SerialDates {
    /// The day of a spreadsheet's number.
    pub fn date(self, serial: i64) -> Option<Date> {
        const DAY_0_OF_1900: i64 = -25_569;
        const DAY_0_OF_1904: i64 = -24_107;
        match (self, serial) {
            (_, ..0) | (SerialDates::From1900, 0 | 60) => None,
            (SerialDates::From1900, 1..60) => Date::from_days(DAY_0_OF_1900 + 1 + serial),
            (SerialDates::From1900, _) => Date::from_days(serial.checked_add(DAY_0_OF_1900)?),
            (SerialDates::From1904, _) => Date::from_days(serial.checked_add(DAY_0_OF_1904)?),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn date_forms() {
        let day = Date::new(2020, 2, 10);
        for text in ["2020-02-10", "2020/2/10", "2020.2.10", "2020年2月10日", "20200210", "２０２０-２-１０"]
        {
            assert_eq!(date(text), day, "{text}");
        }
        for text in [
            "",
            "20-2-10",
            "2020",
            "2020-02-30",
            "2020-2",
            "2020年2月10",
            "20201310",
            "10/2/2020",
            "2020-02-10x",
            "2020-02/10",
        ] {
            assert_eq!(date(text), None, "{text}");
        }
    }

    #[test]
    fn time_forms() {
        let moment = Time::new(Date::new(2020, 2, 10).unwrap(), 14, 30, 0);
        for text in [
            "2020-02-10T14:30",
            "2020-02-10 14:30:00",
            "2020/2/10 14:30:00.000",
            "2020年2月10日14时30分",
            "2020年2月10日 14时30分0秒",
        ] {
            assert_eq!(time(text), moment, "{text}");
        }
        for text in [
            "14:30",
            "2020-02-10 25:00",
            "2020-02-10 14:30Z",
            "2020-02-10 14:30:00.5",
            "2020-02-10 14:30:00.",
        ] {
            assert_eq!(time(text), None, "{text}");
        }
        assert_eq!(midnight("2020-02-10 00:00:00"), Date::new(2020, 2, 10).map(Ok));
        assert_eq!(midnight("2020-02-10 14:30"), moment.map(Err));
    }

    #[test]
    fn serial_dates() {
        assert_eq!(SerialDates::From1900.date(1), Date::new(1900, 1, 1));
        assert_eq!(SerialDates::From1900.date(59), Date::new(1900, 2, 28));
        assert_eq!(SerialDates::From1900.date(60), None);
        assert_eq!(SerialDates::From1900.date(61), Date::new(1900, 3, 1));
        assert_eq!(SerialDates::From1900.date(43871), Date::new(2020, 2, 10));
        assert_eq!(SerialDates::From1904.date(42409), Date::new(2020, 2, 10));
        assert_eq!(SerialDates::From1900.date(i64::MAX), None);
    }
}
