//! Exact numbers: rationals that never lose a digit.
//!
//! Money, rates, quantities and durations are all numbers; their types live in `check`. A number is kept
//! as a reduced fraction of two `i128` while it fits and as big integers otherwise, so that what a policy
//! means never depends on the width of a machine word.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive};

/// No number in a policy may reach this magnitude (10^24): what does is an overflow.
pub const LIMIT_DIGITS: u32 = 24;

/// An exact rational number.
#[derive(Clone)]
pub struct Number(Repr);

#[derive(Clone)]
enum Repr {
    /// Reduced; the denominator is positive.
    Small(i128, i128),
    Big(Box<BigRational>),
}

impl Number {
    pub const ZERO: Number = Number(Repr::Small(0, 1));
    pub const ONE: Number = Number(Repr::Small(1, 1));

    pub const fn from_int(value: i64) -> Number {
        Number(Repr::Small(value as i128, 1))
    }

    /// `numerator / denominator`.
    ///
    /// # Panics
    /// Where the denominator is zero.
    pub fn ratio(numerator: i128, denominator: i128) -> Number {
        assert!(denominator != 0, "a fraction needs a denominator");
        if numerator == i128::MIN || denominator == i128::MIN {
            return Number::from_big(BigRational::new(numerator.into(), denominator.into()));
        }
        let divisor = numerator.gcd(&denominator) * denominator.signum();
        Number(Repr::Small(numerator / divisor, denominator / divisor))
    }

    /// `mantissa × 10^-scale`, as in a decimal column.
    pub fn from_scaled(mantissa: i128, scale: u32) -> Number {
        match 10i128.checked_pow(scale) {
            Some(power) => Number::ratio(mantissa, power),
            None => Number::from_big(BigRational::new(mantissa.into(), BigInt::from(10).pow(scale))),
        }
    }

    /// Numerator and denominator (above zero) in lowest terms, where both fit 128 bits.
    pub fn parts(&self) -> Option<(i128, i128)> {
        match &self.0 {
            Repr::Small(n, d) => Some((*n, *d)),
            Repr::Big(_) => None,
        }
    }

    fn from_big(value: BigRational) -> Number {
        match (value.numer().to_i128(), value.denom().to_i128()) {
            (Some(n), Some(d)) if n != i128::MIN => Number(Repr::Small(n, d)),
            _ => Number(Repr::Big(Box::new(value))),
        }
    }

    fn to_big(&self) -> BigRational {
        match &self.0 {
            Repr::Small(n, d) => BigRational::new_raw((*n).into(), (*d).into()),
            Repr::Big(big) => (**big).clone(),
        }
    }

    pub fn is_zero(&self) -> bool {
        matches!(self.0, Repr::Small(0, _))
    }

    pub fn is_negative(&self) -> bool {
        match &self.0 {
            Repr::Small(n, _) => *n < 0,
            Repr::Big(big) => big.is_negative(),
        }
    }

    pub fn is_integer(&self) -> bool {
        match &self.0 {
            Repr::Small(_, d) => *d == 1,
            Repr::Big(big) => big.is_integer(),
        }
    }

    /// Whether the magnitude stays below the limit of the language.
    pub fn in_limits(&self) -> bool {
        const LIMIT: u128 = 10u128.pow(LIMIT_DIGITS);
        match &self.0 {
            Repr::Small(n, 1) => n.unsigned_abs() < LIMIT,
            Repr::Small(n, d) => n.unsigned_abs() / d.unsigned_abs() < LIMIT,
            Repr::Big(big) => big.abs() < BigRational::from_integer(BigInt::from(LIMIT)),
        }
    }

    pub fn add(&self, other: &Number) -> Number {
        self.small(other, |a, b, c, d| {
            if b == d {
                return Some((a.checked_add(c)?, b));
            }
            Some((a.checked_mul(d)?.checked_add(c.checked_mul(b)?)?, b.checked_mul(d)?))
        })
        .unwrap_or_else(|| Number::from_big(self.to_big() + other.to_big()))
    }

    pub fn sub(&self, other: &Number) -> Number {
        self.add(&other.neg())
    }

    pub fn mul(&self, other: &Number) -> Number {
        self.small(other, |a, b, c, d| Some((a.checked_mul(c)?, b.checked_mul(d)?)))
            .unwrap_or_else(|| Number::from_big(self.to_big() * other.to_big()))
    }

    /// The quotient, or `None` where `other` is zero.
    pub fn div(&self, other: &Number) -> Option<Number> {
        if other.is_zero() {
            return None;
        }
        Some(
            self.small(other, |a, b, c, d| Some((a.checked_mul(d)?, b.checked_mul(c)?)))
                .unwrap_or_else(|| Number::from_big(self.to_big() / other.to_big())),
        )
    }

    pub fn neg(&self) -> Number {
        match &self.0 {
            Repr::Small(n, d) => Number(Repr::Small(-n, *d)),
            Repr::Big(big) => Number::from_big(-(**big).clone()),
        }
    }

    pub fn abs(&self) -> Number {
        if self.is_negative() { self.neg() } else { self.clone() }
    }

    fn small(
        &self,
        other: &Number,
        f: impl FnOnce(i128, i128, i128, i128) -> Option<(i128, i128)>,
    ) -> Option<Number> {
        match (&self.0, &other.0) {
            (Repr::Small(a, b), Repr::Small(c, d)) => {
                let (n, d) = f(*a, *b, *c, *d)?;
                (n != i128::MIN && d != i128::MIN).then(|| Number::ratio(n, d))
            }
            _ => None,
        }
    }

    /// The nearest multiple of `step` by the named rounding.
    ///
    /// # Panics
    /// Where `step` is not above zero: the checker refuses such a step.
    pub fn round_to(&self, step: &Number, rounding: Rounding) -> Number {
        assert!(!step.is_zero() && !step.is_negative(), "a rounding step is above zero");
        let steps = self.div(step).expect("the step is not zero");
        if steps.is_integer() {
            return self.clone();
        }
        let big = steps.to_big();
        let down = big.trunc().to_integer();
        let rest = (big.abs() - BigRational::from_integer(down.abs())) * BigInt::from(2);
        let away = match rounding {
            Rounding::Down => false,
            Rounding::Up => true,
            Rounding::HalfUp => rest >= BigRational::one(),
            Rounding::HalfEven => rest > BigRational::one() || (rest.is_one() && down.is_odd()),
        };
        let direction = if self.is_negative() { -BigInt::one() } else { BigInt::one() };
        let whole = if away { down + direction } else { down };
        Number::from_big(BigRational::from_integer(whole)).mul(step)
    }

    /// The number times `10^scale` where that is whole and fits, as a decimal column holds it.
    pub fn to_scaled(&self, scale: u32) -> Option<i128> {
        match &self.0 {
            Repr::Small(n, d) => {
                let power = 10i128.checked_pow(scale)?;
                (power % d == 0).then(|| n.checked_mul(power / d)).flatten()
            }
            Repr::Big(big) => {
                let scaled = big.as_ref() * BigInt::from(10).pow(scale);
                if scaled.is_integer() { scaled.to_integer().to_i128() } else { None }
            }
        }
    }

    /// How many decimals the number needs, or `None` where no number of them is enough (1/3).
    pub fn decimals(&self) -> Option<u32> {
        let mut denominator = self.to_big().denom().clone();
        let mut count = |factor: u32| {
            let factor = BigInt::from(factor);
            let mut times = 0u32;
            while denominator.is_multiple_of(&factor) {
                denominator /= &factor;
                times += 1;
            }
            times
        };
        let (twos, fives) = (count(2), count(5));
        denominator.is_one().then(|| twos.max(fives))
    }
}

impl Default for Number {
    fn default() -> Number {
        Number::ZERO
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Number) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Number {}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Number) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Number) -> Ordering {
        if let (Repr::Small(a, b), Repr::Small(c, d)) = (&self.0, &other.0) {
            if b == d {
                return a.cmp(c);
            }
            if let (Some(left), Some(right)) = (a.checked_mul(*d), c.checked_mul(*b)) {
                return left.cmp(&right);
            }
        }
        self.to_big().cmp(&other.to_big())
    }
}

impl std::hash::Hash for Number {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        match &self.0 {
            Repr::Small(n, d) => (n, d).hash(state),
            Repr::Big(big) => big.hash(state),
        }
    }
}

/// Decimal digits where they end, `numerator/denominator` where they do not.
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let big = self.to_big();
        let Some(decimals) = self.decimals() else {
            return write!(f, "{}/{}", big.numer(), big.denom());
        };
        let scaled = (big * BigInt::from(10).pow(decimals)).to_integer();
        if decimals == 0 {
            return write!(f, "{scaled}");
        }
        let digits = format!("{:0>width$}", scaled.abs().to_string(), width = decimals as usize + 1);
        let (whole, fraction) = digits.split_at(digits.len() - decimals as usize);
        let sign = if scaled.is_negative() { "-" } else { "" };
        write!(f, "{sign}{whole}.{fraction}")
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Why a text is not a plain decimal number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotANumber {
    /// Not digits with at most one point.
    Malformed,
    /// More digits than any number of a policy has.
    TooLong,
}

/// Reads `[+-]digits[.digits]`; no exponent, no `NaN`, no thousands separators.
impl FromStr for Number {
    type Err = NotANumber;

    fn from_str(text: &str) -> Result<Number, NotANumber> {
        let (negative, digits) = match text.as_bytes().first() {
            Some(b'-') => (true, &text[1..]),
            Some(b'+') => (false, &text[1..]),
            _ => (false, text),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let is_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if (whole.is_empty() && fraction.is_empty()) || !is_digits(whole) || !is_digits(fraction) {
            return Err(NotANumber::Malformed);
        }
        let fraction = fraction.trim_end_matches('0');
        let whole = whole.trim_start_matches('0');
        if whole.len() + fraction.len() > 38 {
            return Err(NotANumber::TooLong);
        }
        let mantissa = format!("0{whole}{fraction}").parse::<i128>().map_err(|_| NotANumber::TooLong)?;
        let mantissa = if negative { -mantissa } else { mantissa };
        Ok(Number::from_scaled(mantissa, fraction.len() as u32))
    }
}

/// The named ways to round to a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rounding {
    /// To the nearest step; halves away from zero (四舍五入).
    HalfUp,
    /// To the nearest step; halves to the even one (银行家舍入).
    HalfEven,
    /// Away from zero.
    Up,
    /// Towards zero.
    Down,
}

impl Rounding {
    pub const ALL: [Rounding; 4] = [Rounding::HalfUp, Rounding::HalfEven, Rounding::Up, Rounding::Down];

    pub fn name(self) -> &'static str {
        match self {
            Rounding::HalfUp => "half_up",
            Rounding::HalfEven => "half_even",
            Rounding::Up => "up",
            Rounding::Down => "down",
        }
    }
}

#[cfg(test)]
mod tests;
