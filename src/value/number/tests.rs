use proptest::prelude::*;

use super::*;

fn number(text: &str) -> Number {
    text.parse().unwrap()
}

/// Fractions of every size, those that need big integers included.
fn numbers() -> impl Strategy<Value = Number> {
    let small = (-1_000_000i128..1_000_000, 1i128..10_000).prop_map(|(n, d)| Number::ratio(n, d));
    let wide = (any::<i128>(), any::<i128>().prop_filter("not zero", |d| *d != 0))
        .prop_map(|(n, d)| Number::ratio(n, d));
    prop_oneof![small, wide]
}

#[test]
fn reads_plain_decimals_only() {
    assert_eq!(number("-012.50"), Number::ratio(-25, 2));
    assert_eq!(number("+.5"), Number::ratio(1, 2));
    assert_eq!(number("7."), Number::from_int(7));
    for text in ["", "-", ".", "1e3", "NaN", "1,000", "1.2.3", "--1", "１"] {
        assert_eq!(text.parse::<Number>(), Err(NotANumber::Malformed), "{text}");
    }
    assert_eq!("9".repeat(39).parse::<Number>(), Err(NotANumber::TooLong));
    assert_eq!(number(&"9".repeat(38)).to_string(), "9".repeat(38));
}

#[test]
fn prints_what_ends_as_decimals_and_the_rest_as_a_fraction() {
    assert_eq!(Number::ratio(-1, 8).to_string(), "-0.125");
    assert_eq!(Number::ratio(1, 3).to_string(), "1/3");
    assert_eq!(number("100").to_string(), "100");
}

#[test]
fn leaves_the_machine_word_and_comes_back() {
    let edge = Number::ratio(i128::MAX, 1);
    let above = edge.add(&Number::ONE);
    assert_eq!(above.to_string(), "170141183460469231731687303715884105728");
    assert_eq!(above.sub(&Number::ONE), edge);
    assert_eq!(Number::ratio(i128::MIN, 1).neg(), above);
    assert_eq!(Number::ratio(i128::MIN, i128::MIN), Number::ONE);
    assert_eq!(Number::ratio(1, i128::MIN).mul(&Number::ratio(i128::MIN, 1)), Number::ONE);
    assert!(above > edge && above.neg() < edge.neg());
    assert_eq!(edge.mul(&edge).div(&edge), Some(edge));
}

#[test]
fn the_limit_is_the_first_number_outside() {
    let limit = number("1000000000000000000000000");
    let hair = Number::from_scaled(1, 30);
    assert!(!limit.in_limits() && !limit.neg().in_limits());
    assert!(limit.sub(&hair).in_limits() && limit.neg().add(&hair).in_limits());
}

#[test]
fn decimals_and_scaled_form() {
    assert_eq!(number("1.250").decimals(), Some(2));
    assert_eq!(Number::ratio(1, 3).decimals(), None);
    assert_eq!(Number::ratio(1, 1 << 40).decimals(), Some(40));
    assert_eq!(number("-1.25").to_scaled(2), Some(-125));
    assert_eq!(number("1.25").to_scaled(1), None);
    assert_eq!(number("1.25").to_scaled(36), Some(125 * 10i128.pow(34)));
    assert_eq!(number("1.25").to_scaled(38), Some(125 * 10i128.pow(36)));
    assert_eq!(number("2").to_scaled(38), None);
    assert_eq!(Number::ratio(1, 1 << 40).to_scaled(38), None);
}

#[test]
fn rounding_modes_at_halves_and_beside_them() {
    let cases = [
        ("2.5", ["3", "2", "3", "2"]),
        ("3.5", ["4", "4", "4", "3"]),
        ("-2.5", ["-3", "-2", "-3", "-2"]),
        ("2.4", ["2", "2", "3", "2"]),
        ("-2.6", ["-3", "-3", "-3", "-2"]),
        ("2", ["2", "2", "2", "2"]),
        ("0.5", ["1", "0", "1", "0"]),
        ("-0.5", ["-1", "0", "-1", "0"]),
    ];
    for (value, expected) in cases {
        for (rounding, expected) in Rounding::ALL.into_iter().zip(expected) {
            assert_eq!(
                number(value).round_to(&Number::ONE, rounding),
                number(expected),
                "{value} {rounding:?}"
            );
        }
    }
    assert_eq!(number("1234.565").round_to(&number("0.01"), Rounding::HalfUp), number("1234.57"));
    assert_eq!(number("149").round_to(&number("100"), Rounding::HalfUp), number("100"));
}

proptest! {
    #[test]
    fn printed_decimals_read_back(mantissa in -10i128.pow(36)..10i128.pow(36), scale in 0u32..38) {
        let value = Number::from_scaled(mantissa, scale);
        let text = value.to_string();
        // Thirty-eight significant digits can be read.
        if text.bytes().filter(u8::is_ascii_digit).count() <= 38 {
            prop_assert_eq!(text.parse::<Number>(), Ok(value));
        }
    }

    #[test]
    fn field_laws(a in numbers(), b in numbers(), c in numbers()) {
        prop_assert_eq!(a.add(&b), b.add(&a));
        prop_assert_eq!(a.add(&b).add(&c), a.add(&b.add(&c)));
        prop_assert_eq!(a.mul(&b.add(&c)), a.mul(&b).add(&a.mul(&c)));
        prop_assert_eq!(a.sub(&a), Number::ZERO);
        if let Some(quotient) = a.div(&b) {
            prop_assert_eq!(quotient.mul(&b), a);
        } else {
            prop_assert!(b.is_zero());
        }
    }

    #[test]
    fn equal_numbers_have_one_form(a in numbers(), b in numbers()) {
        let hash = |value: &Number| {
            use std::hash::{DefaultHasher, Hash, Hasher};
            let mut hasher = DefaultHasher::new();
            value.hash(&mut hasher);
            hasher.finish()
        };
        let again = a.add(&b).sub(&b);
        prop_assert_eq!(&again, &a);
        prop_assert_eq!(hash(&again), hash(&a));
        let difference = a.sub(&b);
        prop_assert_eq!(a == b, difference.is_zero());
        prop_assert_eq!(a < b, difference.is_negative());
    }

    #[test]
    fn rounding_lands_on_the_nearest_step(value in numbers(), step in 1i128..1000, scale in 0u32..4) {
        let step = Number::from_scaled(step, scale);
        let two = Number::from_int(2);
        for rounding in Rounding::ALL {
            let rounded = value.round_to(&step, rounding);
            let distance = rounded.sub(&value).abs();
            prop_assert!(rounded.div(&step).unwrap().is_integer());
            prop_assert!(distance < step);
            prop_assert_eq!(rounded.round_to(&step, rounding), rounded.clone());
            prop_assert_eq!(value.neg().round_to(&step, rounding), rounded.neg());
            match rounding {
                Rounding::Up => prop_assert!(rounded.abs() >= value.abs()),
                Rounding::Down => prop_assert!(rounded.abs() <= value.abs()),
                _ => prop_assert!(distance.mul(&two) <= step),
            }
        }
    }
}
