//! What an expression can be, and literals of each sort.

use pol::value::{Date, Time};

use super::random::Random;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    Bool,
    Text,
    Date,
    Time,
    /// By position; the variants of enum 2 are `e2v0`, `e2v1` and so on.
    Enum(usize),
    Number(Unit),
    /// What is no expression: an item, a condition, a row.
    Piece,
    /// The variants of one arm of `match`.
    Pattern,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    Plain,
    People,
    PerHead,
    Money,
    Dollars,
    Rate,
    Points,
    Days,
    Months,
    Hours,
    Tons,
}

pub const UNITS: [Unit; 11] = [
    Unit::Plain,
    Unit::People,
    Unit::PerHead,
    Unit::Money,
    Unit::Dollars,
    Unit::Rate,
    Unit::Points,
    Unit::Days,
    Unit::Months,
    Unit::Hours,
    Unit::Tons,
];

impl Unit {
    /// The words for it after a number, the one that always fits first.
    pub fn words(self) -> &'static [&'static str] {
        match self {
            Unit::Plain => &[""],
            Unit::People => &["人"],
            Unit::PerHead => &["元/人"],
            Unit::Money => &["元", "万元", "分", "角", "亿元"],
            Unit::Dollars => &["美元", "万美元"],
            Unit::Rate => &["%", "‰"],
            Unit::Points => &["pp", "个百分点"],
            Unit::Days => &["天", "周"],
            Unit::Months => &["个月"],
            Unit::Hours => &["小时"],
            Unit::Tons => &["吨", "公斤"],
        }
    }

    /// Whether values are never below zero and have no fraction in a field of the type that counts it.
    pub fn is_counted(self) -> bool {
        matches!(self, Unit::People | Unit::Days | Unit::Months)
    }
}

/// A number with as many decimals.
fn digits(mantissa: i64, decimals: u32) -> String {
    let sign = if mantissa < 0 { "-" } else { "" };
    let (all, power) = (mantissa.unsigned_abs(), 10u64.pow(decimals));
    if decimals == 0 {
        return format!("{sign}{all}");
    }
    format!("{sign}{}.{:0width$}", all / power, all % power, width = decimals as usize)
}

/// A number that is likely in a policy: small, round, or large.
fn mantissa(random: &mut Random) -> i64 {
    match random.below(12) {
        0 => 0,
        1 => 1,
        2..=5 => random.between(1, 20),
        6 | 7 => random.between(1, 999),
        8 => random.between(1, 9) * 1000,
        9 => random.between(1, 1_000_000),
        10 => 10i64.pow(random.below(10) as u32),
        _ => random.between(1, 99_999_999_999),
    }
}

/// `count` different literals of a sort with an order, ascending. Whole ones where `whole`, and none below
/// zero where `positive`.
pub fn line(random: &mut Random, sort: Sort, count: usize, whole: bool, positive: bool) -> Vec<String> {
    let ascending = |mut list: Vec<i64>| {
        list.sort_unstable();
        list.dedup();
        list
    };
    match sort {
        Sort::Date => {
            let days = ascending((0..count).map(|_| i64::from(day(random).0)).collect());
            days.into_iter().filter_map(Date::from_days).map(|date| date.to_string()).collect()
        }
        Sort::Time => {
            let seconds = ascending((0..count).map(|_| time(random).0).collect());
            seconds.into_iter().filter_map(Time::from_seconds).map(|time| time.to_string()).collect()
        }
        Sort::Number(unit) => {
            let decimals = if whole || random.chance(60) { 0 } else { random.below(3) as u32 + 1 };
            let below = !positive && !whole && random.chance(10);
            let sign = |random: &mut Random| if below && random.chance(50) { -1 } else { 1 };
            let list = ascending((0..count).map(|_| mantissa(random) * sign(random)).collect());
            let words = unit.words();
            let word = if random.chance(70) { words[0] } else { *random.pick(words) };
            list.into_iter().map(|mantissa| format!("{}{word}", digits(mantissa, decimals))).collect()
        }
        _ => Vec::new(),
    }
}

/// A literal that may stand anywhere.
pub fn literal(random: &mut Random, sort: Sort, enums: &[usize]) -> String {
    match sort {
        Sort::Bool => if random.chance(50) { "true" } else { "false" }.to_owned(),
        Sort::Text => format!("\"{}\"", random.pick(&TEXTS)),
        Sort::Enum(at) => variant(random, at, enums),
        Sort::Date | Sort::Time => line(random, sort, 1, true, true).concat(),
        Sort::Number(_) => {
            let text = line(random, sort, 1, false, false).concat();
            if text.starts_with('-') { format!("({text})") } else { text }
        }
        Sort::Piece | Sort::Pattern => String::new(),
    }
}

/// The least literals of a sort, for making things smaller.
pub fn plainest(sort: Sort) -> Vec<String> {
    match sort {
        Sort::Bool => vec!["true".to_owned(), "false".to_owned()],
        Sort::Text => vec!["\"a\"".to_owned()],
        Sort::Date => vec!["2020-01-01".to_owned()],
        Sort::Time => vec!["2020-01-01T00:00".to_owned()],
        Sort::Enum(at) => vec![format!("e{at}v0")],
        Sort::Number(unit) => ["0", "1", "2"].map(|digit| format!("{digit}{}", unit.words()[0])).to_vec(),
        Sort::Pattern => vec!["else".to_owned()],
        Sort::Piece => Vec::new(),
    }
}

/// A value beyond most that are compared with.
pub fn latest(sort: Sort) -> String {
    match sort {
        Sort::Date => "2022-11-30".to_owned(),
        Sort::Time => "2022-11-30T12:00".to_owned(),
        Sort::Number(unit) => format!("99999999999{}", unit.words()[0]),
        _ => String::new(),
    }
}

pub const TEXTS: [&str; 6] = ["a", "b", "山东", "a longer text of 24 bytes", "", "A"];

pub fn variant(random: &mut Random, at: usize, enums: &[usize]) -> String {
    let name = format!("e{at}v{}", random.below(enums[at]));
    if random.chance(10) { format!("E{at}.{name}") } else { name }
}

/// A day around which the policies turn; ends of months, and leap days, more often than others.
pub fn day(random: &mut Random) -> Date {
    let (year, month) = (random.between(2018, 2022), random.between(1, 12));
    let day = *random.pick(&[1, 2, 15, 28, 29, 30, 31]);
    let found = Date::new(year, month, day).or(Date::new(year, month, 28));
    found.unwrap_or(Date(18_262))
}

pub fn time(random: &mut Random) -> Time {
    let (hour, minute) = (*random.pick(&[0, 9, 12, 23]), *random.pick(&[0, 30, 59]));
    let second = *random.pick(&[0, 0, 0, 1, 59]);
    let date = day(random);
    Time::new(date, hour, minute, second).unwrap_or(date.midnight())
}
