//! By how much a number is moved, and whether any value could tell.

use crate::check::typed::{CompareOp, Interval, NumberKind, Type};
use crate::value::{Date, Number, Rounding, Time, Value};

/// Decimals beyond which a field's own are no measure for a step: nobody writes a boundary in millionths.
const CUSTOMARY: u32 = 2;
/// Moments are written to the minute.
const MINUTE: i64 = 60;

/// One step of a number of a type: one of the last digit that is compared (1人, 0.01元), where what it is compared
/// with has few decimals, else one of the last digit that is written (1%).
pub fn step(ty: &Type, value: &Number, compared: Option<u32>) -> Number {
    let rate = ty.number().is_some_and(|number| number.kind != NumberKind::Plain);
    let written = value.decimals().unwrap_or(CUSTOMARY).max(if rate { CUSTOMARY } else { 0 });
    let decimals = compared.filter(|decimals| *decimals <= CUSTOMARY && !rate).unwrap_or(written);
    Number::from_scaled(1, decimals)
}

/// A value one step lower and one step higher; `None` where it is none that has steps, or there is no such value.
pub fn moved(ty: &Type, value: &Value, compared: Option<u32>) -> [Option<Value>; 2] {
    let to = |direction: i64| match value {
        Value::Number(number) => {
            let step = step(ty, number, compared).mul(&Number::from_int(direction));
            Some(Value::Number(number.add(&step))).filter(|_| number.in_limits())
        }
        Value::Date(date) => date.add_days(direction).map(Value::Date),
        Value::Time(time) => time.add_seconds(MINUTE * direction).map(Value::Time),
        _ => None,
    };
    [to(-1), to(1)]
}

/// What is compared with a constant: what it can be, and how fine.
#[derive(Debug, Clone)]
pub struct Subject {
    pub range: Interval,
    /// `None` where there is a value between any two.
    pub decimals: Option<u32>,
}

/// A comparison of a subject with a constant.
pub type Test<'v> = (CompareOp, &'v Value);

/// A value of the subject for which two comparisons differ; `None` where no value that it can have tells them apart.
pub fn difference(subject: &Subject, before: Test<'_>, after: Test<'_>) -> Option<Value> {
    let (a, b) = (place(before.1)?, place(after.1)?);
    let grid = match before.1 {
        Value::Number(_) => subject.decimals.map(|decimals| Number::from_scaled(1, decimals)),
        _ => Some(Number::ONE),
    };
    let mut tried = vec![a.clone(), b.clone()];
    tried.extend([&subject.range.low, &subject.range.high].into_iter().flatten().cloned());
    if let Some(grid) = &grid {
        let near = |at: &Number| [Rounding::Down, Rounding::Up].map(|rounding| at.round_to(grid, rounding));
        let nearest: Vec<Number> = tried.iter().flat_map(near).collect();
        tried = nearest.iter().flat_map(|at| [at.sub(grid), at.clone(), at.add(grid)]).collect();
    }
    // Between two values there is another one, where there is one at all.
    tried.sort();
    let half = Number::ratio(1, 2);
    let between: Vec<Number> = tried.windows(2).map(|pair| pair[0].add(&pair[1]).mul(&half)).collect();
    if grid.is_none() {
        tried.extend(between);
    }
    // The closest to the text first.
    tried.sort_by_key(|at| (at.sub(&a).abs(), at.clone()));
    let tells = |at: &Number| {
        let holds = |op: CompareOp, bound: &Number| op.holds(at.cmp(bound));
        subject.range.contains(at) && holds(before.0, &a) != holds(after.0, &b)
    };
    tried.into_iter().find(tells).and_then(|at| value_at(&at, before.1))
}

/// A number or date on its line; moments by the second.
fn place(value: &Value) -> Option<Number> {
    match value {
        Value::Number(number) => Some(number.clone()),
        Value::Date(date) => Some(Number::from_int(date.0.into())),
        Value::Time(time) => Some(Number::from_int(time.0)),
        _ => None,
    }
}

/// The value at a place of the line that another one stands on.
fn value_at(at: &Number, like: &Value) -> Option<Value> {
    let whole = || i64::try_from(at.to_scaled(0)?).ok();
    match like {
        Value::Number(_) => Some(Value::Number(at.clone())),
        Value::Date(_) => Date::from_days(whole()?).map(Value::Date),
        Value::Time(_) => Time::from_seconds(whole()?).map(Value::Time),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Value {
        Value::Number(text.parse().expect("a number"))
    }

    fn differ(
        range: (&str, &str),
        decimals: Option<u32>,
        before: (CompareOp, &str),
        after: (CompareOp, &str),
    ) -> Option<Value> {
        let parse = |text: &str| text.parse::<Number>().ok();
        let subject = Subject { range: Interval { low: parse(range.0), high: parse(range.1) }, decimals };
        difference(&subject, (before.0, &number(before.1)), (after.0, &number(after.1)))
    }

    #[test]
    fn a_value_tells_two_comparisons_apart_or_none_can() {
        use CompareOp::{AtLeast, AtMost, Equal, Greater, Less};
        let whole = Some(0);
        assert_eq!(differ(("0", ""), whole, (AtLeast, "24"), (AtLeast, "23")), Some(number("23")));
        assert_eq!(differ(("0", ""), whole, (AtLeast, "24"), (AtLeast, "25")), Some(number("24")));
        assert_eq!(differ(("0", ""), whole, (AtLeast, "24"), (Greater, "24")), Some(number("24")));
        assert_eq!(differ(("0", ""), whole, (Greater, "0"), (Greater, "-1")), Some(number("0")));
        // Outside of what the subject can be, or between two values of it.
        assert_eq!(differ(("0", ""), whole, (AtLeast, "0"), (AtLeast, "-1")), None);
        assert_eq!(differ(("0", "10"), whole, (AtMost, "10"), (AtMost, "11")), None);
        assert_eq!(differ(("0", "10"), whole, (Less, "10"), (AtMost, "10")), Some(number("10")));
        assert_eq!(differ(("0", "10"), whole, (Less, "2.5"), (AtMost, "2.5")), None);
        assert_eq!(differ(("0", "10"), None, (Less, "2.5"), (AtMost, "2.5")), Some(number("2.5")));
        assert_eq!(differ(("0", "10"), whole, (Equal, "11"), (Equal, "12")), None);
        assert_eq!(differ(("3", "10"), None, (Less, "2"), (Less, "4")), Some(number("3")));
    }
}
