//! What every operation means, once: here on known values, in [`lift`] on facts (known, missing, in error).
//!
//! No result may reach the magnitude 10^24, and no date may leave the years 1 to 9999: such a result is
//! [`RunError::Overflow`].

mod lift;
#[cfg(test)]
mod tests;

use crate::value::{Calendar, Date, DayRule, Number, Rounding, RunError, Time, Value};

pub use lift::{
    Proved, all, among_variants, any, cases, compare, known, match_arms, not, otherwise, strict,
    strict_choice,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CompareOp {
    Equal,
    NotEqual,
    Less,
    AtMost,
    Greater,
    AtLeast,
}

impl CompareOp {
    pub fn symbol(self) -> &'static str {
        match self {
            CompareOp::Equal => "==",
            CompareOp::NotEqual => "!=",
            CompareOp::Less => "<",
            CompareOp::AtMost => "<=",
            CompareOp::Greater => ">",
            CompareOp::AtLeast => ">=",
        }
    }

    /// The comparison that says the same with its sides exchanged.
    pub fn mirrored(self) -> CompareOp {
        match self {
            CompareOp::Equal | CompareOp::NotEqual => self,
            CompareOp::Less => CompareOp::Greater,
            CompareOp::AtMost => CompareOp::AtLeast,
            CompareOp::Greater => CompareOp::Less,
            CompareOp::AtLeast => CompareOp::AtMost,
        }
    }

    pub fn holds(self, order: std::cmp::Ordering) -> bool {
        match self {
            CompareOp::Equal => order.is_eq(),
            CompareOp::NotEqual => order.is_ne(),
            CompareOp::Less => order.is_lt(),
            CompareOp::AtMost => order.is_le(),
            CompareOp::Greater => order.is_gt(),
            CompareOp::AtLeast => order.is_ge(),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ArithOp {
    Add,
    Subtract,
    Multiply,
    Divide,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DatePart {
    Year,
    Month,
    Day,
}

/// Which row of a decision table decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Hit {
    /// At most one row may fit.
    Unique,
    /// The first row that fits decides.
    First,
}

const SECONDS_AN_HOUR: i64 = 3600;

/// The number itself, or an overflow where it reaches the limit of the language.
pub fn limited(number: Number) -> Result<Number, RunError> {
    if number.in_limits() { Ok(number) } else { Err(RunError::Overflow) }
}

pub fn arith(op: ArithOp, left: &Number, right: &Number) -> Result<Number, RunError> {
    limited(match op {
        ArithOp::Add => left.add(right),
        ArithOp::Subtract => left.sub(right),
        ArithOp::Multiply => left.mul(right),
        ArithOp::Divide => left.div(right).ok_or(RunError::DivisionByZero)?,
    })
}

/// The nearest multiple of `step` (above zero) by the named rounding.
pub fn round(number: &Number, rounding: Rounding, step: &Number) -> Result<Number, RunError> {
    limited(number.round_to(step, rounding))
}

/// The number itself where a decimal column of so many digits in all, `decimals` of them after the point,
/// holds it exactly; an overflow where it does not.
pub fn fit(number: &Number, digits: u32, decimals: u32) -> Result<Number, RunError> {
    let scaled = number.to_scaled(decimals).ok_or(RunError::Overflow)?;
    let fits = 10u128.checked_pow(digits).is_none_or(|limit| scaled.unsigned_abs() < limit);
    if fits { Ok(number.clone()) } else { Err(RunError::Overflow) }
}

/// The order of two values of one type.
pub fn compare_values(op: CompareOp, left: &Value, right: &Value) -> bool {
    op.holds(left.cmp(right))
}

/// The date so many months later. Months are whole; others are refused by the checker and overflow here.
pub fn add_months(date: Date, months: &Number, rule: DayRule) -> Result<Date, RunError> {
    const MANY: i64 = 12 * 10_000;
    let months = whole(months).filter(|months| months.abs() <= MANY);
    months.and_then(|months| date.add_months(months, rule)).ok_or(RunError::Overflow)
}

/// The date so many days later. Days are whole; others are refused by the checker and overflow here.
pub fn add_days(date: Date, days: &Number) -> Result<Date, RunError> {
    whole(days).and_then(|days| date.add_days(days)).ok_or(RunError::Overflow)
}

/// The working day so many after a date; see [`Calendar::after`]. Days are whole.
pub fn add_workdays(date: Date, days: &Number, calendar: &Calendar) -> Result<Date, RunError> {
    whole(days).and_then(|days| calendar.after(date, days)).ok_or(RunError::NoValue)
}

/// Days from `earlier` to `later`; negative where they stand the other way round.
pub fn days_between(later: Date, earlier: Date) -> Number {
    Number::from_int(i64::from(later.0) - i64::from(earlier.0))
}

/// The moment so many hours later. A moment is a whole second: a fraction of one is dropped towards the
/// past, which changes no comparison with another moment.
pub fn add_hours(time: Time, hours: &Number) -> Result<Time, RunError> {
    let seconds = hours.mul(&Number::from_int(SECONDS_AN_HOUR));
    let towards_past = if seconds.is_negative() { Rounding::Up } else { Rounding::Down };
    let seconds = whole(&seconds.round_to(&Number::ONE, towards_past));
    seconds.and_then(|seconds| time.add_seconds(seconds)).ok_or(RunError::Overflow)
}

/// Hours from `earlier` to `later`, to the second.
pub fn hours_between(later: Time, earlier: Time) -> Number {
    Number::ratio(i128::from(later.0) - i128::from(earlier.0), SECONDS_AN_HOUR.into())
}

pub fn part(part: DatePart, date: Date) -> Number {
    Number::from_int(match part {
        DatePart::Year => date.year(),
        DatePart::Month => date.month(),
        DatePart::Day => date.day(),
    })
}

fn whole(number: &Number) -> Option<i64> {
    i64::try_from(number.to_scaled(0)?).ok()
}
