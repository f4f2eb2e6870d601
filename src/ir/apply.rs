//! One operation of the graph on the facts of its operands, as `value::ops` defines it.

use crate::ir::{NodeId, Op};
use crate::value::ops::{self, ArithOp};
use crate::value::{Date, Fact, Number, RunError, Time, Value};

/// The fact of an operation whose operands have the facts that `fact` gives; `None` for what has no
/// operands but the outside: inputs, parameters, the as-of date and aggregates.
///
/// Operands are asked for in their order, and those that no longer matter are not asked for.
pub fn apply<'a>(op: &Op, fact: impl Fn(NodeId) -> &'a Fact + Copy) -> Option<Fact> {
    Some(match op {
        Op::Input(_) | Op::Param(_) | Op::AsOf | Op::Aggregate(_) => return None,
        Op::Const(value) => Fact::Known(value.clone()),
        Op::Not(a) => ops::not(fact(*a)),
        Op::All(of) => ops::all(of.iter().map(|a| fact(*a))),
        Op::Any(of) => ops::any(of.iter().map(|a| fact(*a))),
        Op::Compare(op, a, b) => ops::compare(*op, fact(*a), fact(*b)),
        Op::Variants(a, set) => ops::among_variants(fact(*a), *set),
        Op::Known(a) => ops::known(fact(*a)),
        Op::Otherwise(a, b) => otherwise(fact(*a), || fact(*b)),
        Op::Match(on, arms) => {
            ops::match_arms(fact(*on), arms.iter().map(|(set, value)| (*set, fact(*value))))
        }
        Op::Cases { hit, rows, default, proved } => {
            let rows = rows.iter().map(|(test, value)| (fact(*test), fact(*value)));
            ops::cases(*hit, rows, default.map(fact), *proved)
        }
        _ => strict(op, fact),
    })
}

fn otherwise<'a>(first: &'a Fact, second: impl Fn() -> &'a Fact) -> Fact {
    match first {
        Fact::Missing(_) => ops::otherwise(first, second()),
        _ => first.clone(),
    }
}

fn strict<'a>(op: &Op, fact: impl Fn(NodeId) -> &'a Fact + Copy) -> Fact {
    let one = |a: NodeId, f: &dyn Fn(&Value) -> Result<Value, RunError>| ops::strict([fact(a)], |[a]| f(a));
    let two = |a: NodeId, b: NodeId, f: &dyn Fn(&Value, &Value) -> Result<Value, RunError>| {
        ops::strict([fact(a), fact(b)], |[a, b]| f(a, b))
    };
    let choice = |of: &[NodeId], better: fn(&Value, &Value) -> bool| {
        ops::strict_choice(of.iter().map(|a| fact(*a)), better).unwrap_or(Fact::Error(RunError::NoRow))
    };
    match op {
        Op::Arith(op, a, b) => two(*a, *b, &|a, b| arith(*op, number(a), number(b))),
        Op::Negate(a) => one(*a, &|a| Ok(Value::Number(number(a).neg()))),
        Op::Abs(a) => one(*a, &|a| Ok(Value::Number(number(a).abs()))),
        Op::Least(of) => choice(of, |new, kept| new < kept),
        Op::Greatest(of) => choice(of, |new, kept| new > kept),
        Op::Round(a, mode, step) => one(*a, &|a| Ok(Value::Number(ops::round(number(a), *mode, step)?))),
        Op::Fit { value, digits, decimals } => {
            one(*value, &|a| Ok(Value::Number(ops::fit(number(a), *digits, *decimals)?)))
        }
        Op::AddMonths(a, b, rule) => {
            two(*a, *b, &|a, b| Ok(Value::Date(ops::add_months(date(a), number(b), *rule)?)))
        }
        Op::AddWorkdays(a, b, calendar) => {
            two(*a, *b, &|a, b| Ok(Value::Date(ops::add_workdays(date(a), number(b), calendar)?)))
        }
        Op::AddDays(a, b) => two(*a, *b, &|a, b| Ok(Value::Date(ops::add_days(date(a), number(b))?))),
        Op::DaysBetween(a, b) => two(*a, *b, &|a, b| Ok(Value::Number(ops::days_between(date(a), date(b))))),
        Op::AddHours(a, b) => two(*a, *b, &|a, b| Ok(Value::Time(ops::add_hours(time(a), number(b))?))),
        Op::HoursBetween(a, b) => {
            two(*a, *b, &|a, b| Ok(Value::Number(ops::hours_between(time(a), time(b)))))
        }
        Op::Part(part, a) => one(*a, &|a| Ok(Value::Number(ops::part(*part, date(a))))),
        Op::DateOf(a) => one(*a, &|a| Ok(Value::Date(date(a)))),
        _ => unreachable!("only strict operations come here"),
    }
}

fn arith(op: ArithOp, a: &Number, b: &Number) -> Result<Value, RunError> {
    ops::arith(op, a, b).map(Value::Number)
}

/// The number that the checker has promised; so for dates and times.
fn number(value: &Value) -> &Number {
    match value {
        Value::Number(number) => number,
        _ => panic!("a number was promised, not {value:?}"),
    }
}

/// The day, also of a moment.
fn date(value: &Value) -> Date {
    match value {
        Value::Date(date) => *date,
        Value::Time(time) => time.date(),
        _ => panic!("a date was promised, not {value:?}"),
    }
}

/// The moment; of a day its first.
fn time(value: &Value) -> Time {
    match value {
        Value::Time(time) => *time,
        Value::Date(date) => date.midnight(),
        _ => panic!("a time was promised, not {value:?}"),
    }
}
