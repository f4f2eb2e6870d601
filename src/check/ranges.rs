//! Interval arithmetic: what a number or date can be, from what its parts can be.

use super::typed::Interval;
use crate::value::ops::CompareOp;
use crate::value::{LIMIT_DIGITS, Number, Rounding};

impl Interval {
    /// Any value at all.
    pub fn any() -> Interval {
        Interval::default()
    }

    pub fn point(value: Number) -> Interval {
        Interval { low: Some(value.clone()), high: Some(value) }
    }

    pub fn new(low: Number, high: Number) -> Interval {
        Interval { low: Some(low), high: Some(high) }
    }

    pub fn at_least(low: Number) -> Interval {
        Interval { low: Some(low), high: None }
    }

    pub fn contains(&self, value: &Number) -> bool {
        self.low.as_ref().is_none_or(|low| low <= value)
            && self.high.as_ref().is_none_or(|high| value <= high)
    }

    /// The smallest interval that holds both.
    pub fn hull(&self, other: &Interval) -> Interval {
        Interval {
            low: both(&self.low, &other.low, |a, b| a.min(b).clone()),
            high: both(&self.high, &other.high, |a, b| a.max(b).clone()),
        }
    }

    pub fn add(&self, other: &Interval) -> Interval {
        Interval {
            low: both(&self.low, &other.low, |a, b| a.add(b)),
            high: both(&self.high, &other.high, |a, b| a.add(b)),
        }
    }

    pub fn negate(&self) -> Interval {
        Interval { low: self.high.as_ref().map(Number::neg), high: self.low.as_ref().map(Number::neg) }
    }

    pub fn subtract(&self, other: &Interval) -> Interval {
        self.add(&other.negate())
    }

    pub fn multiply(&self, other: &Interval) -> Interval {
        let bounds = (&self.low, &self.high, &other.low, &other.high);
        if let (Some(a), Some(b), Some(c), Some(d)) = bounds {
            let products = [a.mul(c), a.mul(d), b.mul(c), b.mul(d)];
            let low = products.iter().min().cloned();
            return Interval { low, high: products.into_iter().max() };
        }
        let not_negative = |range: &Interval| range.low.as_ref().is_some_and(|low| !low.is_negative());
        if not_negative(self) && not_negative(other) {
            return Interval { low: both(&self.low, &other.low, |a, b| a.mul(b)), high: None };
        }
        Interval::any()
    }

    /// Where the divisor may be zero nothing is known.
    pub fn divide(&self, other: &Interval) -> Interval {
        let (Some(low), Some(high)) = (&other.low, &other.high) else { return Interval::any() };
        if other.contains(&Number::ZERO) {
            return Interval::any();
        }
        let (Some(a), Some(b)) = (Number::ONE.div(high), Number::ONE.div(low)) else {
            return Interval::any();
        };
        self.multiply(&Interval::new(a, b))
    }

    pub fn abs(&self) -> Interval {
        let high = both(&self.low, &self.high, |a, b| a.abs().max(b.abs()));
        if self.contains(&Number::ZERO) {
            return Interval { low: Some(Number::ZERO), high };
        }
        let low = both(&self.low, &self.high, |a, b| a.abs().min(b.abs()));
        let low = low.or_else(|| self.low.clone().filter(|low| !low.is_negative()));
        Interval { low: low.or(Some(Number::ZERO)), high }
    }

    pub fn least(&self, other: &Interval) -> Interval {
        let high = match (&self.high, &other.high) {
            (Some(a), Some(b)) => Some(a.min(b).clone()),
            (a, b) => a.clone().or_else(|| b.clone()),
        };
        Interval { low: both(&self.low, &other.low, |a, b| a.min(b).clone()), high }
    }

    pub fn greatest(&self, other: &Interval) -> Interval {
        self.negate().least(&other.negate()).negate()
    }

    pub fn round(&self, rounding: Rounding, step: &Number) -> Interval {
        let bound = |value: &Option<Number>| value.as_ref().map(|value| value.round_to(step, rounding));
        Interval { low: bound(&self.low), high: bound(&self.high) }
    }

    /// Whether every value stays below the limit of the language.
    pub fn in_limits(&self) -> bool {
        let limit = Number::from_scaled(10i128.pow(LIMIT_DIGITS), 0);
        let inside = |bound: &Option<Number>| bound.as_ref().is_some_and(|bound| bound.abs() < limit);
        inside(&self.low) && inside(&self.high)
    }

    /// The answer of a comparison where the intervals alone decide it.
    pub fn compare(&self, op: CompareOp, other: &Interval) -> Option<bool> {
        let below = |a: &Interval, b: &Interval| matches!((&a.high, &b.low), (Some(a), Some(b)) if a < b);
        let at_most = |a: &Interval, b: &Interval| matches!((&a.high, &b.low), (Some(a), Some(b)) if a <= b);
        let same = matches!((&self.low, &self.high), (Some(a), Some(b)) if a == b) && self == other;
        match op {
            CompareOp::Less if below(self, other) => Some(true),
            CompareOp::Less if at_most(other, self) => Some(false),
            CompareOp::AtMost if at_most(self, other) => Some(true),
            CompareOp::AtMost if below(other, self) => Some(false),
            CompareOp::Greater => other.compare(CompareOp::Less, self),
            CompareOp::AtLeast => other.compare(CompareOp::AtMost, self),
            CompareOp::Equal if same => Some(true),
            CompareOp::Equal if below(self, other) || below(other, self) => Some(false),
            CompareOp::NotEqual => self.compare(CompareOp::Equal, other).map(|answer| !answer),
            _ => None,
        }
    }
}

fn both(a: &Option<Number>, b: &Option<Number>, f: impl Fn(&Number, &Number) -> Number) -> Option<Number> {
    Some(f(a.as_ref()?, b.as_ref()?))
}
