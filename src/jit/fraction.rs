//! Exact fractions of 128-bit integers, for what 64 bits with a fixed denominator cannot hold.
//!
//! Each operation equals the one of the same name in [`value::ops`](crate::value::ops) wherever it gives a
//! result; it gives `None` where that would be an error, or where 128 bits are too few to know. The record
//! is then decided by the interpreter.

use num_integer::Integer;

use crate::value::ops::CompareOp;
use crate::value::{LIMIT_DIGITS, Number, Rounding};

/// `numerator / denominator`; the denominator is above zero. Not always in lowest terms.
#[derive(Debug, Clone, Copy)]
#[repr(C)]
pub struct Fraction {
    numerator: i128,
    denominator: i128,
}

const LIMIT: i128 = 10i128.pow(LIMIT_DIGITS);

impl Fraction {
    pub const ZERO: Fraction = Fraction { numerator: 0, denominator: 1 };

    /// `value / denominator`, with a denominator above zero.
    pub fn new(value: i128, denominator: i128) -> Fraction {
        debug_assert!(denominator > 0);
        Fraction { numerator: value, denominator }
    }

    pub fn of(number: &Number) -> Option<Fraction> {
        let (numerator, denominator) = number.parts()?;
        Some(Fraction { numerator, denominator })
    }

    pub fn number(self) -> Number {
        Number::ratio(self.numerator, self.denominator)
    }

    fn reduced(self) -> Fraction {
        let divisor = self.numerator.gcd(&self.denominator).max(1);
        Fraction { numerator: self.numerator / divisor, denominator: self.denominator / divisor }
    }

    /// Within the limit of the language.
    fn limited(self) -> Option<Fraction> {
        let within = self.numerator != i128::MIN && self.numerator.abs() / self.denominator < LIMIT;
        within.then_some(self)
    }

    /// Tries an operation on the operands as they are, then in lowest terms.
    fn tried<T>(self, other: Fraction, f: impl Fn(Fraction, Fraction) -> Option<T>) -> Option<T> {
        f(self, other).or_else(|| f(self.reduced(), other.reduced()))
    }

    pub fn add(self, other: Fraction) -> Option<Fraction> {
        let sum = |a: Fraction, b: Fraction| {
            if a.denominator == b.denominator {
                return Some(Fraction { numerator: a.numerator.checked_add(b.numerator)?, ..a });
            }
            let (left, right) =
                (a.numerator.checked_mul(b.denominator)?, b.numerator.checked_mul(a.denominator)?);
            let numerator = left.checked_add(right)?;
            Some(Fraction { numerator, denominator: a.denominator.checked_mul(b.denominator)? })
        };
        self.tried(other, sum)?.limited()
    }

    pub fn subtract(self, other: Fraction) -> Option<Fraction> {
        self.add(other.negate()?)
    }

    pub fn multiply(self, other: Fraction) -> Option<Fraction> {
        let product = |a: Fraction, b: Fraction| {
            let numerator = a.numerator.checked_mul(b.numerator)?;
            Some(Fraction { numerator, denominator: a.denominator.checked_mul(b.denominator)? })
        };
        self.tried(other, product)?.limited()
    }

    pub fn divide(self, other: Fraction) -> Option<Fraction> {
        let sign = other.numerator.signum();
        if sign == 0 {
            return None;
        }
        let upside_down = Fraction {
            numerator: other.denominator.checked_mul(sign)?,
            denominator: other.numerator.checked_abs()?,
        };
        self.multiply(upside_down)
    }

    pub fn negate(self) -> Option<Fraction> {
        Some(Fraction { numerator: self.numerator.checked_neg()?, ..self })
    }

    pub fn absolute(self) -> Option<Fraction> {
        Some(Fraction { numerator: self.numerator.checked_abs()?, ..self })
    }

    pub fn compare(self, op: CompareOp, other: Fraction) -> Option<bool> {
        let order = |a: Fraction, b: Fraction| {
            let (left, right) =
                (a.numerator.checked_mul(b.denominator)?, b.numerator.checked_mul(a.denominator)?);
            Some(left.cmp(&right))
        };
        Some(op.holds(self.tried(other, order)?))
    }

    /// The nearest multiple of `step`, which is above zero.
    pub fn round(self, rounding: Rounding, step: Fraction) -> Option<Fraction> {
        let steps = self.divide(step)?.reduced();
        let (whole, rest) = steps.numerator.unsigned_abs().div_rem(&steps.denominator.unsigned_abs());
        let twice = rest.checked_mul(2)?;
        let half = steps.denominator.unsigned_abs();
        let away = match rounding {
            Rounding::Down => false,
            Rounding::Up => rest > 0,
            Rounding::HalfUp => twice >= half,
            Rounding::HalfEven => twice > half || (twice == half && whole % 2 == 1),
        };
        let count = i128::try_from(whole + u128::from(away)).ok()? * steps.numerator.signum();
        Fraction { numerator: count.checked_mul(step.numerator)?, denominator: step.denominator }.limited()
    }

    /// The fraction times `denominator`, where that is whole and fits 64 bits.
    pub fn scaled(self, denominator: i128) -> Option<i64> {
        let number = self.reduced();
        if denominator % number.denominator != 0 {
            return None;
        }
        let scaled = number.numerator.checked_mul(denominator / number.denominator)?;
        i64::try_from(scaled).ok()
    }

    /// The whole part of the fraction times `factor`, towards the past.
    pub fn floor_times(self, factor: i128) -> Option<i64> {
        let scaled = self.numerator.checked_mul(factor)?;
        i64::try_from(scaled.div_euclid(self.denominator)).ok()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::value::ops::{self, ArithOp};

    fn numbers() -> impl Strategy<Value = Number> {
        let wide =
            prop_oneof![-1000i128..1000, any::<i64>().prop_map(i128::from), -10i128.pow(30)..10i128.pow(30)];
        let below = prop_oneof![1i128..20, Just(100), Just(100_000_000), 1i128..i128::from(i64::MAX)];
        (wide, below).prop_map(|(n, d)| Number::ratio(n, d)).prop_filter("in limits", Number::in_limits)
    }

    proptest! {
        #[test]
        fn operations_agree_with_their_meaning(a in numbers(), b in numbers(), step in 1i128..1000, mode in 0usize..4) {
            let (x, y) = (Fraction::of(&a).unwrap(), Fraction::of(&b).unwrap());
            let agree = |found: Option<Fraction>, meant: Result<Number, _>| {
                found.is_none_or(|found| Ok::<_, crate::value::RunError>(found.number()) == meant)
            };
            prop_assert!(agree(x.add(y), ops::arith(ArithOp::Add, &a, &b)));
            prop_assert!(agree(x.subtract(y), ops::arith(ArithOp::Subtract, &a, &b)));
            prop_assert!(agree(x.multiply(y), ops::arith(ArithOp::Multiply, &a, &b)));
            prop_assert!(agree(x.divide(y), ops::arith(ArithOp::Divide, &a, &b)));
            for op in [CompareOp::Equal, CompareOp::Less, CompareOp::AtMost, CompareOp::Greater] {
                prop_assert!(x.compare(op, y).is_none_or(|holds| holds == op.holds(a.cmp(&b))));
            }
            let step = Number::ratio(step, 100);
            let mode = Rounding::ALL[mode];
            let rounded = x.round(mode, Fraction::of(&step).unwrap());
            prop_assert!(agree(rounded, ops::round(&a, mode, &step)));
            prop_assert_eq!(
                x.scaled(100).map(i128::from),
                a.to_scaled(2).filter(|scaled| i64::try_from(*scaled).is_ok())
            );
        }
    }

    #[test]
    fn small_numbers_always_have_a_result() {
        let third = Fraction::new(1, 3);
        assert_eq!(third.add(Fraction::new(1, 6)).unwrap().number(), Number::ratio(1, 2));
        assert!(third.divide(Fraction::ZERO).is_none());
        assert_eq!(third.round(Rounding::HalfUp, Fraction::new(1, 100)).unwrap().scaled(100), Some(33));
        assert_eq!(Fraction::new(-1, 3600).floor_times(1), Some(-1));
    }
}
