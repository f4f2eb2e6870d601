//! The values that a param is tried with: from a lowest to a highest, one step apart.

use crate::check::typed::{NumberKind, NumberType, Param, Type};
use crate::value::{Date, Number, Rounding, Value};

/// Values one step apart, by their places from 0 to `last`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scale {
    pub low: Value,
    /// Of dates, days.
    pub step: Number,
    pub last: i128,
}

/// From where to where values are tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    pub low: Value,
    /// One end after another, until the target turns; one that was asked for, or that the policy sets, stands alone.
    pub highs: Vec<Value>,
}

/// Places beyond which a line of values is refused.
const MOST: i128 = 1 << 62;
/// Powers of ten above the present value.
const POWERS: u32 = 6;
/// Days to both sides of a date, at first and then.
const DAYS: [i64; 2] = [366, 3660];

/// What is known of a param beside its declaration.
#[derive(Debug, Clone, Default)]
pub struct Limits {
    pub low: Option<Value>,
    pub high: Option<Value>,
    pub step: Option<Value>,
    /// What it is on the day.
    pub now: Option<Value>,
}

/// The step of a param: 1分, 1%, 1人, a day; finer where its values are.
///
/// # Errors
/// Where values of its type have no steps.
pub fn step(param: &Param, limits: &Limits) -> Result<Number, String> {
    if let Some(step) = &limits.step {
        return match step {
            Value::Number(step) if *step > Number::ZERO => Ok(step.clone()),
            _ => Err("--step takes a number above zero, such as 1分".to_owned()),
        };
    }
    match &param.ty {
        Type::Date => Ok(Number::ONE),
        Type::Number(number) => {
            let written = param.steps.iter().map(|step| &step.value).chain(limits.values());
            let finest = written.filter_map(number_of).filter_map(Number::decimals).max().unwrap_or(0);
            let open = param.open.as_ref().map_or(u32::MAX, |open| open.decimals);
            Ok(Number::from_scaled(1, customary(number).max(finest).min(open)))
        }
        _ => Err(format!(
            "`{}` is neither a number nor a date: there is nothing between its values",
            param.head.name
        )),
    }
}

/// Decimals of the steps in which such a number is usually set.
fn customary(number: &NumberType) -> u32 {
    match number.kind {
        NumberKind::Rate | NumberKind::Points => 2,
        NumberKind::Plain if number.dimension.is_of_money() => 2,
        NumberKind::Plain => 0,
    }
}

fn number_of(value: &Value) -> Option<&Number> {
    match value {
        Value::Number(number) => Some(number),
        _ => None,
    }
}

impl Limits {
    fn values(&self) -> impl Iterator<Item = &Value> {
        [&self.low, &self.high].into_iter().flatten()
    }
}

/// From where to where a param is tried: as asked for, else within the bounds that the policy sets, else from zero
/// through powers of ten of what it is now.
pub fn reach(param: &Param, limits: &Limits, step: &Number) -> Reach {
    let open = param.open.as_ref();
    let low = limits.low.clone().or_else(|| open?.least.clone());
    let high = limits.high.clone().or_else(|| open?.most.clone());
    if let (Type::Date, now) = (&param.ty, limits.now.as_ref().and_then(date_of)) {
        let from = now.or_else(|| low.as_ref().and_then(date_of)).unwrap_or(Date(0));
        let days = |days: i64| {
            Value::Date(from.add_days(days).unwrap_or(if days < 0 { Date::MIN } else { Date::MAX }))
        };
        let low = low.unwrap_or_else(|| days(-DAYS[0]));
        return Reach { low, highs: high.map_or_else(|| DAYS.map(days).to_vec(), |high| vec![high]) };
    }
    let now = limits.now.as_ref().and_then(number_of).cloned().unwrap_or(Number::ZERO);
    let ten = Number::from_int(10);
    let low = low.unwrap_or_else(|| Value::Number(now.mul(&ten).min(Number::ZERO)));
    if let Some(high) = high {
        return Reach { low, highs: vec![high] };
    }
    let rate = param.ty.number().is_some_and(|number| number.kind != NumberKind::Plain);
    let mut top = match now > Number::ZERO {
        true => now.mul(&ten),
        false => step.mul(&Number::from_int(1000)),
    };
    if rate {
        top = Number::ONE.max(now);
    }
    let mut highs = Vec::new();
    for _ in 0..POWERS {
        highs.extend(Some(Value::Number(top.clone())).filter(|_| top.in_limits()));
        top = top.mul(&ten);
    }
    highs.retain(|high| *high > low);
    Reach { low, highs }
}

fn date_of(value: &Value) -> Option<Date> {
    match value {
        Value::Date(date) => Some(*date),
        _ => None,
    }
}

impl Scale {
    /// # Errors
    /// Where the ends stand the wrong way round, or too many values lie between them.
    pub fn new(low: &Value, high: &Value, step: &Number) -> Result<Scale, String> {
        let steps = distance(low, high).and_then(|way| way.div(step));
        let steps = steps.map(|steps| steps.round_to(&Number::ONE, Rounding::Down));
        let last = steps.filter(|steps| !steps.is_negative()).and_then(|steps| steps.to_scaled(0));
        if high < low {
            return Err("the lowest value stands above the highest".to_owned());
        }
        match last.filter(|last| *last < MOST) {
            Some(last) => Ok(Scale { low: low.clone(), step: step.clone(), last }),
            None => Err(
                "there are too many values between the lowest and the highest: give --low, --high or --step"
                    .to_owned(),
            ),
        }
    }

    /// The value at a place.
    pub fn at(&self, place: i128) -> Value {
        let way = self.step.mul(&Number::ratio(place, 1));
        match &self.low {
            Value::Number(low) => Value::Number(low.add(&way)),
            Value::Date(low) => {
                let days = way.round_to(&Number::ONE, Rounding::Down).to_scaled(0);
                let days = days.and_then(|days| low.add_days(i64::try_from(days).ok()?));
                Value::Date(days.unwrap_or(Date::MAX))
            }
            other => other.clone(),
        }
    }

    /// The place of a value that is one of those tried.
    pub fn place(&self, value: &Value) -> Option<i128> {
        let place = distance(&self.low, value)?.div(&self.step)?.to_scaled(0)?;
        (0..=self.last).contains(&place).then_some(place)
    }
}

fn distance(low: &Value, high: &Value) -> Option<Number> {
    match (low, high) {
        (Value::Number(low), Value::Number(high)) => Some(high.sub(low)),
        (Value::Date(low), Value::Date(high)) => Some(Number::from_int(i64::from(high.0) - i64::from(low.0))),
        _ => None,
    }
}
