//! Values and what every operation on them means, once: exact numbers, dates, units, and the facts
//! (known, missing, in error) that a rule is decided from.

mod calendar;
mod date;
mod number;
pub mod ops;
mod unit;

use std::fmt;
use std::sync::Arc;

pub use calendar::Calendar;
pub use date::{Date, DayRule, Time};
pub use number::{LIMIT_DIGITS, NotANumber, Number, Rounding};
pub use unit::{CURRENCIES, Dimension, Unit};

/// A known value. Money, rates, quantities and durations are numbers in the base unit of their type
/// (元, 1, 人, 天, 月, 小时); its type says which.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    Bool(bool),
    Number(Number),
    Date(Date),
    Time(Time),
    /// The position of a variant in its enum.
    Enum(u8),
    Text(Arc<str>),
}

/// A set of variants of one enum, as bits by position. An enum has at most 256 variants.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VariantSet([u64; 4]);

impl VariantSet {
    pub const EMPTY: VariantSet = VariantSet([0; 4]);
    pub const MAX_VARIANTS: usize = 256;

    /// The first `count` variants: all of an enum that has so many.
    pub fn all(count: usize) -> VariantSet {
        (0..count).map(|at| at as u8).collect()
    }

    /// The variants below 64 whose bits are set.
    pub fn from_bits(bits: u64) -> VariantSet {
        VariantSet([bits, 0, 0, 0])
    }

    pub fn one(variant: u8) -> VariantSet {
        let mut set = VariantSet::EMPTY;
        set.insert(variant);
        set
    }

    pub fn insert(&mut self, variant: u8) {
        self.0[variant as usize / 64] |= 1 << (variant % 64);
    }

    pub fn contains(self, variant: u8) -> bool {
        self.0[variant as usize / 64] & (1 << (variant % 64)) != 0
    }

    pub fn union(self, other: VariantSet) -> VariantSet {
        VariantSet(std::array::from_fn(|at| self.0[at] | other.0[at]))
    }

    pub fn intersection(self, other: VariantSet) -> VariantSet {
        VariantSet(std::array::from_fn(|at| self.0[at] & other.0[at]))
    }

    pub fn difference(self, other: VariantSet) -> VariantSet {
        VariantSet(std::array::from_fn(|at| self.0[at] & !other.0[at]))
    }

    pub fn is_subset(self, other: VariantSet) -> bool {
        self.difference(other).is_empty()
    }

    pub fn is_empty(self) -> bool {
        self == VariantSet::EMPTY
    }

    pub fn len(self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// The one variant of a set that holds just one.
    pub fn single(self) -> Option<u8> {
        if self.len() == 1 { self.iter().next() } else { None }
    }

    pub fn iter(self) -> impl Iterator<Item = u8> {
        (0..=u8::MAX).filter(move |variant| self.contains(*variant))
    }
}

impl FromIterator<u8> for VariantSet {
    fn from_iter<I: IntoIterator<Item = u8>>(variants: I) -> VariantSet {
        let mut set = VariantSet::EMPTY;
        variants.into_iter().for_each(|variant| set.insert(variant));
        set
    }
}

/// What is known of an expression for one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    Known(Value),
    Missing(Missing),
    Error(RunError),
}

/// Why a value is not known, and what it may still be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Missing {
    /// The inputs whose absence leaves the value open.
    pub causes: Causes,
    /// For an enum: the variants that are left, always two or more. Empty for other types.
    pub possible: VariantSet,
}

/// A set of inputs by their number in the record's plan, in ascending order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Causes(Vec<u16>);

impl Causes {
    pub fn one(cause: u16) -> Causes {
        Causes(vec![cause])
    }

    pub fn add(&mut self, other: &Causes) {
        for cause in &other.0 {
            if let Err(at) = self.0.binary_search(cause) {
                self.0.insert(at, *cause);
            }
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = u16> {
        self.0.iter().copied()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// What went wrong in computing a value for one record. Where two meet, the first listed here is reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RunError {
    /// A number or a date left the limits of the language, or an amount those of its column.
    Overflow,
    DivisionByZero,
    /// A decision table has no row for the record.
    NoRow,
    /// Two rows of a `unique` decision table fit the record.
    TwoRows,
    /// A parameter has no value yet at the as-of date.
    NoValue,
}

impl RunError {
    pub const ALL: [RunError; 5] =
        [RunError::Overflow, RunError::DivisionByZero, RunError::NoRow, RunError::TwoRows, RunError::NoValue];

    /// The name in answers and in `expect error …`.
    pub fn name(self) -> &'static str {
        match self {
            RunError::Overflow => "overflow",
            RunError::DivisionByZero => "division_by_zero",
            RunError::NoRow => "no_row",
            RunError::TwoRows => "two_rows",
            RunError::NoValue => "no_value",
        }
    }
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Fact {
    pub const TRUE: Fact = Fact::Known(Value::Bool(true));
    pub const FALSE: Fact = Fact::Known(Value::Bool(false));

    pub fn bool(value: bool) -> Fact {
        Fact::Known(Value::Bool(value))
    }

    /// An absent input that is not an enum.
    pub fn missing(cause: u16) -> Fact {
        Fact::Missing(Missing { causes: Causes::one(cause), possible: VariantSet::EMPTY })
    }

    /// An absent enum input, which may be any of `variants`; an enum of one variant is known.
    pub fn missing_enum(cause: u16, variants: VariantSet) -> Fact {
        match variants.single() {
            Some(only) => Fact::Known(Value::Enum(only)),
            None => Fact::Missing(Missing { causes: Causes::one(cause), possible: variants }),
        }
    }

    pub fn is_true(&self) -> bool {
        *self == Fact::TRUE
    }

    pub fn is_false(&self) -> bool {
        *self == Fact::FALSE
    }

    pub fn known(&self) -> Option<&Value> {
        match self {
            Fact::Known(value) => Some(value),
            _ => None,
        }
    }
}
