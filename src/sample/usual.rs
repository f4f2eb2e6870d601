//! How numbers and dates are spread: as the profile says, or else around what the policy compares them with.

use super::profile::{Distribution, FieldProfile};
use super::spread::Spread;
use crate::boundary::{Boundaries, beside, position};
use crate::check::typed::{Field, NumberKind, Type};
use crate::value::{Date, Number, Rounding};

/// No column holds more digits.
const MOST: i64 = 999_999_999_999_999_999;

/// Whole numbers that stand for the values of a field: numbers times ten to its decimals, days, seconds.
pub fn mantissa(field: &Field, at: &Number) -> Option<i64> {
    let scale = if matches!(field.ty, Type::Number(_)) { field.decimals } else { 0 };
    let whole = i64::try_from(at.to_scaled(scale)?).ok()?;
    (-MOST..=MOST).contains(&whole).then_some(whole)
}

/// How the values of a field are drawn.
#[derive(Debug, Clone)]
pub struct Line {
    /// In multiples of `grain`.
    pub spread: Spread,
    pub grain: i64,
    /// Values at and around each boundary.
    pub fixed: Vec<i64>,
}

/// # Errors
/// Where the profile leaves no value that the field can have.
pub fn line(
    field: &Field,
    at: usize,
    found: &Boundaries,
    says: &FieldProfile,
    day: Date,
) -> Result<Line, String> {
    let own = &found.fields[at];
    let mut fixed: Vec<i64> =
        own.iter().flat_map(|at| beside(field, at).all()).filter_map(|at| mantissa(field, &at)).collect();
    fixed.sort_unstable();
    fixed.dedup();
    let grain = grain(field, says)?;
    let (low, high) = ends(field, own, says, day)?;
    let units = |at: &Number, up: bool| -> i64 {
        let scale = if matches!(field.ty, Type::Number(_)) { field.decimals } else { 0 };
        let unit = Number::from_scaled(grain.into(), scale);
        let exact = at.div(&unit).unwrap_or_default();
        let mut whole = exact.round_to(&Number::ONE, Rounding::Down);
        if up && whole < exact {
            whole = whole.add(&Number::ONE);
        } else if !up && whole > exact {
            whole = whole.sub(&Number::ONE);
        }
        let most = MOST / grain;
        whole
            .to_scaled(0)
            .and_then(|whole| i64::try_from(whole).ok())
            .map_or(most, |whole| whole.clamp(-most, most))
    };
    let (first, last) = (units(&low, true), units(&high, false));
    if first > last {
        return Err(format!(
            "the field `{}` has no value in this range that is a multiple of its step",
            field.name
        ));
    }
    let spread = match distribution(field, says, first, last) {
        Distribution::Uniform => Spread::uniform(first, last),
        Distribution::LogUniform => Spread::log_uniform(first, last),
        Distribution::LogNormal => {
            let median = says.median.as_ref().and_then(position).unwrap_or_default();
            Spread::log_normal(first, last, units(&median, false), says.spread.unwrap_or(3_000))
        }
    };
    if !matches!(spread, Spread::Uniform { .. }) && first < 0 {
        return Err(format!(
            "the field `{}` may be negative, where magnitudes cannot be spread: give a `range` from 0 on, or `distribution = \"uniform\"`",
            field.name
        ));
    }
    Ok(Line { spread, grain, fixed })
}

fn distribution(field: &Field, says: &FieldProfile, first: i64, last: i64) -> Distribution {
    let wide = first >= 0 && last / 100 > first;
    let share = field.ty.number().is_some_and(|number| number.kind != NumberKind::Plain);
    match says.distribution {
        Some(distribution) => distribution,
        None if wide && !share && field.ty != Type::Date && field.ty != Type::Time => {
            Distribution::LogUniform
        }
        None => Distribution::Uniform,
    }
}

/// How many of a field's whole numbers apart drawn values are: the step of the profile, or else few decimals.
fn grain(field: &Field, says: &FieldProfile) -> Result<i64, String> {
    if let Some(step) = says.step.as_ref().and_then(position) {
        let whole = mantissa(field, &step).filter(|step| *step > 0);
        return whole
            .ok_or_else(|| format!("the field `{}` cannot have a `step` so fine, or none", field.name));
    }
    let drawn = match &field.ty {
        Type::Time => return Ok(60),
        Type::Number(number) if number.kind != NumberKind::Plain => 4,
        Type::Number(_) => 2,
        _ => return Ok(1),
    };
    Ok(10i64.pow(field.decimals.saturating_sub(drawn)))
}

/// The least and greatest value that are drawn.
fn ends(field: &Field, found: &[Number], says: &FieldProfile, day: Date) -> Result<(Number, Number), String> {
    let (low, high) = match &says.range {
        Some((low, high)) => (position(low).unwrap_or_default(), position(high).unwrap_or_default()),
        None if says.median.is_some() => (Number::ZERO, Number::from_int(MOST)),
        None => usual_ends(field, found, day),
    };
    let Some((low, high)) = within(field, low, high) else {
        return Err(format!("the `range` of `{}` lies outside the one that the policy declares", field.name));
    };
    if low > high {
        return Err(format!("the `range` of `{}` ends before it starts", field.name));
    }
    Ok((low, high))
}

fn within(field: &Field, low: Number, high: Number) -> Option<(Number, Number)> {
    let (least, most) = match field.ty {
        Type::Date => (Date::MIN.0.into(), Date::MAX.0.into()),
        Type::Time => (Date::MIN.midnight().0, Date::MAX.midnight().0),
        _ => (-MOST, MOST),
    };
    let least = field.range.low.clone().unwrap_or(Number::from_int(least));
    let most = field.range.high.clone().unwrap_or(Number::from_int(most));
    if high < least || most < low {
        return None;
    }
    Some((low.max(least), high.min(most)))
}

/// Around what the policy compares the field with, else around what is usual for its type, within its range.
fn usual_ends(field: &Field, found: &[Number], day: Date) -> (Number, Number) {
    let days = |count: i64| Number::from_int(count);
    let (low, high) = match &field.ty {
        Type::Date => around_day(found, &days(day.0.into()), 1),
        Type::Time => around_day(found, &days(day.midnight().0), 86_400),
        ty => {
            let share = ty.number().is_some_and(|number| number.kind != NumberKind::Plain);
            usual_numbers(field, found, share)
        }
    };
    let room = match (&field.range.low, &field.range.high) {
        (Some(low), Some(high)) => high.sub(low) <= days(1_000) && field.decimals == 0,
        _ => false,
    };
    match within(field, low, high) {
        Some(ends) if !room => ends,
        _ => within(field, days(-MOST), days(MOST)).unwrap_or_default(),
    }
}

/// From two months before the first boundary to two months after the last: of those within a year of the usual day
/// where there are some, since boundaries that follow the date of evaluation go far back.
fn around_day(found: &[Number], day: &Number, a_day: i64) -> (Number, Number) {
    let year = Number::from_int(366 * a_day);
    let near: Vec<Number> = found.iter().filter(|at| at.sub(day).abs() <= year).cloned().collect();
    around(if near.is_empty() { found } else { &near }, day, &Number::from_int(60 * a_day))
}

/// From so much before the first boundary to so much after the last.
fn around(found: &[Number], otherwise: &Number, away: &Number) -> (Number, Number) {
    let low = found.first().unwrap_or(otherwise);
    let high = found.last().unwrap_or(otherwise);
    (low.sub(away), high.add(away))
}

/// The least number that is usual where nothing is known but the type: amounts of money are no small change.
fn least_usual(field: &Field) -> Number {
    match (field.ty.currency(), &field.range.high) {
        (Some(_), Some(high)) if *high > Number::from_int(10_000) => Number::from_int(100),
        _ => Number::ONE,
    }
}

fn usual_numbers(field: &Field, found: &[Number], share: bool) -> (Number, Number) {
    // Ends of the range are boundaries, but say nothing of what is usual.
    let end = |at: &Number| Some(at) == field.range.low.as_ref() || Some(at) == field.range.high.as_ref();
    let inner: Vec<Number> = found.iter().filter(|at| !end(at) && !at.is_zero()).cloned().collect();
    let negative = field.range.low.as_ref().is_none_or(Number::is_negative);
    if share {
        let (low, high) = around(&inner, &Number::ZERO, &Number::ONE);
        return (if negative { low } else { low.max(Number::ZERO) }, high);
    }
    let million = Number::from_int(1_000_000);
    let Some(last) = inner.last() else {
        return (if negative { million.neg() } else { least_usual(field) }, million);
    };
    let far = last.abs().mul(&Number::from_int(10));
    let tenth = inner[0].abs().mul(&Number::ratio(1, 10));
    if negative && inner[0].is_negative() { (far.neg(), far) } else { (tenth, far) }
}
