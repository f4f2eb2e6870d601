use super::*;
use crate::check::sketch::{field, fields, relief};
use crate::ir::lower;
use std::collections::BTreeSet;

fn number(text: &str) -> Number {
    text.parse().unwrap()
}

fn of_relief() -> (Program, Boundaries) {
    let program = relief();
    let core = lower(&program);
    let found = boundaries(&program, &core, RecordId(0), &days(&core));
    (program, found)
}

#[test]
fn what_fields_are_compared_with() {
    let (_, found) = of_relief();
    let numbers = |at: u32| found.fields[at as usize].iter().map(Number::to_string).collect::<Vec<_>>();
    assert_eq!(numbers(fields::EMPLOYEES), ["50", "300"]);
    assert_eq!(numbers(fields::REVENUE), ["5000000", "200000000"]);
    // What is compared, and where the cap of 500,000 at 1,000 a head begins.
    assert_eq!(numbers(fields::HIRES), ["0", "500"]);
    assert_eq!(numbers(fields::DUE), [""; 0]);
    let resumed: Vec<Value> =
        found.fields[fields::RESUMED as usize].iter().filter_map(|at| value_at(&Type::Date, at)).collect();
    let day = |text: &str| Value::Date(crate::check::constants::read_date(text).unwrap());
    assert_eq!(resumed, [day("2020-02-10"), day("2020-03-10")]);
}

#[test]
fn days_are_those_on_which_something_changes() {
    let days: Vec<String> = days(&lower(&relief())).into_iter().map(|day| day.to_string()).collect();
    assert_eq!(days, ["2020-01-31", "2020-02-01", "2020-02-10", "2021-01-01"]);
    assert_eq!(super::days(&ir::Program::default()).len(), 1);
}

#[test]
fn steps_and_what_stands_beside() {
    let mut money = field("m", "m", Type::money("CNY"));
    money.decimals = 2;
    money.range = crate::check::typed::Interval::new(Number::ZERO, number("100"));
    let around = |at: &str| beside(&money, &number(at)).all().map(|at| at.to_string()).collect::<Vec<_>>();
    assert_eq!(around("50"), ["49.99", "50", "50.01"]);
    assert_eq!(around("0"), ["0", "0.01"]);
    assert_eq!(around("100"), ["99.99", "100"]);
    assert_eq!(around("-0.005"), ["0"]);
    assert_eq!(around("50.005"), ["50", "50.01"]);
    assert_eq!(around("200"), [""; 0]);
    let third = beside(&money, &Number::ratio(100, 3));
    assert_eq!((third.below, third.exact, third.above), (Some(number("33.33")), None, Some(number("33.34"))));
}

#[test]
fn ends_of_types_are_no_boundaries() {
    let mut of = field("n", "n", Type::plain());
    of.range = crate::check::typed::Interval::new(Number::ZERO, Number::from_scaled(10i128.pow(15), 0));
    assert_eq!(own_ends(&of), BTreeSet::from([Number::ZERO]));
    of.range = crate::check::typed::Interval::new(number("-5"), number("7"));
    assert_eq!(own_ends(&of).len(), 2);
}
