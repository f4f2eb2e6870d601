use proptest::prelude::*;

use super::{all, any, compare, *};
use crate::value::{Causes, Fact, Missing, VariantSet};

fn number(text: &str) -> Number {
    text.parse().unwrap()
}

fn date(year: i64, month: i64, day: i64) -> Date {
    Date::new(year, month, day).unwrap()
}

fn variant(at: u8) -> Fact {
    Fact::Known(Value::Enum(at))
}

fn set(variants: &[u8]) -> VariantSet {
    variants.iter().copied().collect()
}

fn open(cause: u16, variants: &[u8]) -> Fact {
    Fact::missing_enum(cause, set(variants))
}

fn missing(causes: &[u16], possible: &[u8]) -> Fact {
    let mut all = Causes::default();
    causes.iter().for_each(|cause| all.add(&Causes::one(*cause)));
    Fact::Missing(Missing { causes: all, possible: set(possible) })
}

fn first(rows: &[(Fact, Fact)], default: Option<Fact>) -> Fact {
    cases(Hit::First, rows.iter().map(|(test, value)| (test, value)), default.as_ref(), Proved::default())
}

fn unique(rows: &[(Fact, Fact)], exclusive: bool) -> Fact {
    cases(
        Hit::Unique,
        rows.iter().map(|(test, value)| (test, value)),
        None,
        Proved { exclusive, complete: false },
    )
}

const OVERFLOW: Fact = Fact::Error(RunError::Overflow);
const NO_VALUE: Fact = Fact::Error(RunError::NoValue);

#[test]
fn results_stay_below_the_limit() {
    let half = number("500000000000000000000000");
    assert_eq!(arith(ArithOp::Add, &half, &half), Err(RunError::Overflow));
    assert_eq!(arith(ArithOp::Subtract, &half, &half), Ok(Number::ZERO));
    assert_eq!(arith(ArithOp::Multiply, &half, &number("-2")), Err(RunError::Overflow));
    assert_eq!(arith(ArithOp::Divide, &half, &number("0.1")), Err(RunError::Overflow));
    assert_eq!(arith(ArithOp::Divide, &half, &Number::ZERO), Err(RunError::DivisionByZero));
    let edge = number("999999999999999999999999.9");
    assert_eq!(round(&edge, Rounding::HalfUp, &Number::ONE), Err(RunError::Overflow));
}

#[test]
fn a_mirrored_comparison_says_the_same() {
    use CompareOp::{AtLeast, AtMost, Equal, Greater, Less, NotEqual};
    for op in [Equal, NotEqual, Less, AtMost, Greater, AtLeast] {
        for (a, b) in [(1, 2), (2, 2), (2, 1)] {
            assert_eq!(op.holds(a.cmp(&b)), op.mirrored().holds(b.cmp(&a)), "{op:?}");
        }
    }
}

#[test]
fn fitting_a_column_is_exact() {
    assert_eq!(fit(&number("9999999999999999.99"), 18, 2), Ok(number("9999999999999999.99")));
    assert_eq!(fit(&number("10000000000000000"), 18, 2), Err(RunError::Overflow));
    assert_eq!(fit(&number("0.005"), 18, 2), Err(RunError::Overflow));
    assert_eq!(fit(&number("-12"), 2, 0), Ok(number("-12")));
    assert_eq!(fit(&number("-100"), 2, 0), Err(RunError::Overflow));
}

#[test]
fn dates_end_where_the_calendar_does() {
    let day = date(2020, 1, 31);
    assert_eq!(add_months(day, &number("1"), DayRule::Down), Ok(date(2020, 2, 29)));
    assert_eq!(add_months(day, &number("100000"), DayRule::Down), Err(RunError::Overflow));
    assert_eq!(add_months(day, &number("99999999999999999999"), DayRule::Down), Err(RunError::Overflow));
    assert_eq!(add_months(day, &number("0.5"), DayRule::Down), Err(RunError::Overflow));
    assert_eq!(add_days(day, &number("-31")), Ok(date(2019, 12, 31)));
    assert_eq!(add_days(Date::MAX, &Number::ONE), Err(RunError::Overflow));
    assert_eq!(days_between(date(2020, 3, 1), date(2020, 2, 1)), number("29"));
    assert_eq!(part(DatePart::Month, day), Number::ONE);
}

#[test]
fn hours_are_whole_seconds() {
    let noon = Time::new(date(2020, 2, 10), 12, 0, 0).unwrap();
    let later = add_hours(noon, &number("1.5")).unwrap();
    assert_eq!(later.to_string(), "2020-02-10T13:30:00");
    assert_eq!(hours_between(later, noon), number("1.5"));
    assert_eq!(add_hours(noon, &number("0.0001")), Ok(noon));
    assert_eq!(add_hours(noon, &number("-0.0001")).unwrap().to_string(), "2020-02-10T11:59:59");
    assert_eq!(add_hours(noon, &number("99999999999999999999")), Err(RunError::Overflow));
}

#[test]
fn strict_operations_name_the_first_listed_error_and_every_cause() {
    let add = |a: &Fact, b: &Fact| strict([a, b], |_| Ok(Value::Bool(true)));
    assert_eq!(add(&NO_VALUE, &OVERFLOW), OVERFLOW);
    assert_eq!(add(&Fact::missing(3), &OVERFLOW), OVERFLOW);
    assert_eq!(add(&Fact::missing(3), &Fact::missing(1)), missing(&[1, 3], &[]));
    assert_eq!(strict([&Fact::TRUE], |_| Err(RunError::Overflow)), OVERFLOW);
}

#[test]
fn enums_that_are_partly_known() {
    let either = open(2, &[0, 1]);
    assert_eq!(among_variants(&either, set(&[0, 1, 5])), Fact::TRUE);
    assert_eq!(among_variants(&either, set(&[2])), Fact::FALSE);
    assert_eq!(among_variants(&either, set(&[1])), missing(&[2], &[]));
    assert_eq!(among_variants(&OVERFLOW, set(&[])), OVERFLOW);
    assert_eq!(compare(CompareOp::Equal, &either, &variant(2)), Fact::FALSE);
    assert_eq!(compare(CompareOp::NotEqual, &either, &open(3, &[2, 3])), Fact::TRUE);
    assert_eq!(compare(CompareOp::Equal, &either, &open(3, &[1, 3])), missing(&[2, 3], &[]));
    assert_eq!(compare(CompareOp::Equal, &Fact::missing(0), &Fact::missing(1)), missing(&[0, 1], &[]));
    assert_eq!(known(&either), Fact::FALSE);
    assert_eq!(otherwise(&either, &variant(4)), variant(4));
    assert_eq!(otherwise(&OVERFLOW, &variant(4)), OVERFLOW);
}

#[test]
fn a_match_collects_what_its_arms_could_give() {
    let arms = [(set(&[0]), variant(7)), (set(&[1, 2]), variant(8)), (set(&[3]), variant(7))];
    let run = |subject: &Fact| match_arms(subject, arms.iter().map(|(set, value)| (*set, value)));
    assert_eq!(run(&variant(2)), variant(8));
    assert_eq!(run(&open(0, &[1, 2])), variant(8));
    assert_eq!(run(&open(0, &[0, 3])), variant(7));
    assert_eq!(run(&open(0, &[0, 1])), missing(&[0], &[7, 8]));
    assert_eq!(run(&OVERFLOW), OVERFLOW);
}

#[test]
fn the_first_row_that_fits_closes_the_walk() {
    let unknown = Fact::missing(0);
    assert_eq!(
        first(&[(Fact::FALSE, variant(0)), (Fact::TRUE, variant(1)), (OVERFLOW, variant(2))], None),
        variant(1)
    );
    assert_eq!(
        first(&[(unknown.clone(), variant(0)), (Fact::TRUE, variant(1))], None),
        missing(&[0], &[0, 1])
    );
    assert_eq!(first(&[(unknown.clone(), variant(1)), (Fact::TRUE, variant(1))], None), variant(1));
    assert_eq!(first(&[(unknown.clone(), variant(1))], None), missing(&[0], &[1]));
    assert_eq!(first(&[(unknown.clone(), OVERFLOW), (Fact::TRUE, variant(1))], None), OVERFLOW);
    assert_eq!(first(&[(unknown.clone(), variant(0)), (OVERFLOW, variant(1))], Some(variant(2))), OVERFLOW);
    assert_eq!(first(&[], None), Fact::Error(RunError::NoRow));
    assert_eq!(first(&[(Fact::FALSE, variant(0))], Some(variant(3))), variant(3));
    let five = Fact::Known(Value::Number(number("5")));
    assert_eq!(first(&[(unknown.clone(), five.clone())], Some(five)), missing(&[0], &[]));
    assert_eq!(first(&[(unknown.clone(), Fact::TRUE)], Some(Fact::TRUE)), Fact::TRUE);
    assert_eq!(first(&[(unknown.clone(), Fact::TRUE)], Some(Fact::missing(4))), missing(&[0, 4], &[]));
    assert_eq!(first(&[(unknown, Fact::TRUE)], Some(Fact::FALSE)), missing(&[0], &[]));
}

#[test]
fn two_rows_of_a_unique_table_are_an_error() {
    let unknown = Fact::missing(0);
    let two = [(Fact::TRUE, variant(0)), (Fact::TRUE, variant(1))];
    assert_eq!(unique(&two, false), Fact::Error(RunError::TwoRows));
    let one_open = [(Fact::TRUE, variant(0)), (unknown.clone(), variant(0))];
    assert_eq!(unique(&one_open, true), variant(0));
    assert_eq!(unique(&one_open, false), missing(&[0], &[0]));
    let with_error = [(Fact::TRUE, variant(0)), (OVERFLOW, variant(1))];
    assert_eq!(unique(&with_error, true), variant(0));
    assert_eq!(unique(&with_error, false), OVERFLOW);
    assert_eq!(
        unique(&[(unknown.clone(), variant(0)), (Fact::FALSE, variant(1))], true),
        missing(&[0], &[0])
    );
    assert_eq!(unique(&[(Fact::FALSE, variant(1))], true), Fact::Error(RunError::NoRow));
}

fn truths() -> impl Strategy<Value = Fact> {
    prop_oneof![
        Just(Fact::TRUE),
        Just(Fact::FALSE),
        (0u16..3).prop_map(Fact::missing),
        Just(OVERFLOW),
        Just(NO_VALUE),
    ]
}

/// The facts with each missing input filled in by the bits of `filling`; derived from one input each.
fn filled(facts: &[Fact], filling: u8) -> Vec<Fact> {
    let fill = |fact: &Fact| match fact {
        Fact::Missing(missing) => {
            let cause = missing.causes.iter().next().unwrap();
            Fact::bool(filling >> cause & 1 == 1)
        }
        other => other.clone(),
    };
    facts.iter().map(fill).collect()
}

proptest! {
    #[test]
    fn logic_is_dual_and_ignores_order(facts in prop::collection::vec(truths(), 0..6)) {
        let negated: Vec<Fact> = facts.iter().map(not).collect();
        prop_assert_eq!(not(&all(facts.iter())), any(negated.iter()));
        prop_assert_eq!(all(facts.iter()), all(facts.iter().rev()));
        prop_assert_eq!(any(facts.iter()), any(facts.iter().rev()));
        let twice: Vec<Fact> = facts.iter().chain(&facts).cloned().collect();
        prop_assert_eq!(all(twice.iter()), all(facts.iter()));
    }

    #[test]
    fn grouping_changes_nothing(facts in prop::collection::vec(truths(), 0..6), at in 0usize..6) {
        let (head, tail) = facts.split_at(at.min(facts.len()));
        let parts = [all(head.iter()), all(tail.iter())];
        prop_assert_eq!(all(parts.iter()), all(facts.iter()));
        let parts = [any(head.iter()), any(tail.iter())];
        prop_assert_eq!(any(parts.iter()), any(facts.iter()));
    }

    /// What is known stays so whatever the missing inputs turn out to be.
    #[test]
    fn a_known_answer_never_changes(facts in prop::collection::vec(truths(), 1..6), filling in 0u8..8) {
        for logic in [|facts: &[Fact]| all(facts.iter()), |facts: &[Fact]| any(facts.iter())] {
            let before = logic(&facts);
            if before.known().is_some() {
                prop_assert_eq!(logic(&filled(&facts, filling)), before);
            }
        }
    }

    #[test]
    fn a_known_choice_never_changes(
        tests in prop::collection::vec(truths(), 1..5),
        values in prop::collection::vec(truths(), 6),
        filling in 0u8..8,
    ) {
        let run = |tests: &[Fact], values: &[Fact]| {
            cases(Hit::First, tests.iter().zip(values), values.last(), Proved::default())
        };
        let before = run(&tests, &values);
        if before.known().is_some() {
            prop_assert_eq!(run(&filled(&tests, filling), &filled(&values, filling)), before);
        }
    }

    #[test]
    fn months_there_and_back(days in -700_000i32..2_900_000, months in -1000i64..1000) {
        let day = Date(days);
        for rule in [DayRule::Down, DayRule::Up] {
            if let Ok(moved) = add_months(day, &Number::from_int(months), rule) {
                let back = add_months(moved, &Number::from_int(-months), rule).unwrap();
                let drift = (i64::from(back.0) - i64::from(days)).abs();
                prop_assert!(drift <= 4);
                prop_assert!(day.day() > 28 || drift == 0);
            }
        }
    }

    #[test]
    fn adding_months_keeps_order(a in -700_000i32..2_900_000, gap in 0i32..400, months in -100i64..100) {
        let months = Number::from_int(months);
        for rule in [DayRule::Down, DayRule::Up] {
            let (early, late) = (add_months(Date(a), &months, rule), add_months(Date(a + gap), &months, rule));
            if let (Ok(early), Ok(late)) = (early, late) {
                prop_assert!(early <= late);
            }
        }
    }

    #[test]
    fn days_between_undoes_adding_days(days in -700_000i32..2_900_000, gap in -5000i64..5000) {
        let later = add_days(Date(days), &Number::from_int(gap)).unwrap();
        prop_assert_eq!(days_between(later, Date(days)), Number::from_int(gap));
    }
}
