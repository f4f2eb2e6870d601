//! Operations on facts: what each makes of inputs that are missing or in error.
//!
//! Strict operations are in error where an input is (the first listed [`RunError`] of them), else missing
//! where an input is, for the causes of all that are missing. Logic is Kleene's. An enum that is not known
//! is the set of variants that are left.

use crate::value::ops::{CompareOp, Hit, compare_values};
use crate::value::{Causes, Fact, Missing, RunError, Value, VariantSet};

/// What stands in the way of a known result: errors before missing values.
#[derive(Default)]
struct Obstacles {
    error: Option<RunError>,
    missing: bool,
    causes: Causes,
}

impl Obstacles {
    fn note(&mut self, fact: &Fact) {
        match fact {
            Fact::Known(_) => {}
            Fact::Missing(missing) => {
                self.missing = true;
                self.causes.add(&missing.causes);
            }
            Fact::Error(error) => self.fail(*error),
        }
    }

    fn fail(&mut self, error: RunError) {
        self.error = Some(self.error.map_or(error, |earlier| earlier.min(error)));
    }

    /// The error, else missing (with what an enum may still be), else `None`: nothing stands in the way.
    fn into_fact(self, possible: VariantSet) -> Option<Fact> {
        match self.error {
            Some(error) => Some(Fact::Error(error)),
            None if self.missing => Some(Fact::Missing(Missing { causes: self.causes, possible })),
            None => None,
        }
    }
}

fn settle(result: Result<Value, RunError>) -> Fact {
    match result {
        Ok(value) => Fact::Known(value),
        Err(error) => Fact::Error(error),
    }
}

/// A strict operation: `f` is asked only where every input is known.
pub fn strict<const N: usize>(
    inputs: [&Fact; N],
    f: impl FnOnce([&Value; N]) -> Result<Value, RunError>,
) -> Fact {
    let mut obstacles = Obstacles::default();
    inputs.iter().for_each(|fact| obstacles.note(fact));
    if let Some(fact) = obstacles.into_fact(VariantSet::EMPTY) {
        return fact;
    }
    settle(f(inputs.map(|fact| fact.known().expect("nothing is missing or in error"))))
}

/// The strict choice of one of several values: each replaces the one kept so far where `better` says so.
pub fn strict_choice<'a>(
    inputs: impl Iterator<Item = &'a Fact>,
    better: impl Fn(&Value, &Value) -> bool,
) -> Option<Fact> {
    let mut obstacles = Obstacles::default();
    let mut best: Option<&Value> = None;
    for fact in inputs {
        obstacles.note(fact);
        if let Fact::Known(value) = fact
            && best.is_none_or(|kept| better(value, kept))
        {
            best = Some(value);
        }
    }
    obstacles.into_fact(VariantSet::EMPTY).or_else(|| best.cloned().map(Fact::Known))
}

/// True where all are: false as soon as one is, whatever the others.
pub fn all<'a>(facts: impl Iterator<Item = &'a Fact>) -> Fact {
    kleene(facts, false)
}

/// False where all are: true as soon as one is, whatever the others.
pub fn any<'a>(facts: impl Iterator<Item = &'a Fact>) -> Fact {
    kleene(facts, true)
}

fn kleene<'a>(facts: impl Iterator<Item = &'a Fact>, decisive: bool) -> Fact {
    let mut obstacles = Obstacles::default();
    for fact in facts {
        match fact {
            Fact::Known(Value::Bool(value)) if *value == decisive => return Fact::bool(decisive),
            _ => obstacles.note(fact),
        }
    }
    obstacles.into_fact(VariantSet::EMPTY).unwrap_or_else(|| Fact::bool(!decisive))
}

pub fn not(fact: &Fact) -> Fact {
    match fact {
        Fact::Known(value) => Fact::bool(*value == Value::Bool(false)),
        other => other.clone(),
    }
}

/// The variants that a fact of an enum may have; empty for other types.
fn possible(fact: &Fact) -> VariantSet {
    match fact {
        Fact::Known(Value::Enum(variant)) => VariantSet::one(*variant),
        Fact::Missing(missing) => missing.possible,
        _ => VariantSet::EMPTY,
    }
}

/// Compares two values of one type. Enums that are not fully known differ where no variant is left to both.
pub fn compare(op: CompareOp, left: &Fact, right: &Fact) -> Fact {
    if let (Fact::Known(left), Fact::Known(right)) = (left, right) {
        return Fact::bool(compare_values(op, left, right));
    }
    let (mine, other) = (possible(left), possible(right));
    let apart = !mine.is_empty() && !other.is_empty() && mine.intersection(other).is_empty();
    match op {
        CompareOp::Equal if apart => Fact::FALSE,
        CompareOp::NotEqual if apart => Fact::TRUE,
        _ => strict([left, right], |[left, right]| Ok(Value::Bool(compare_values(op, left, right)))),
    }
}

/// Whether an enum is among `set`: known where all, or none, of what it may be is.
pub fn among_variants(fact: &Fact, set: VariantSet) -> Fact {
    match fact {
        Fact::Error(_) => fact.clone(),
        _ if possible(fact).is_subset(set) => Fact::TRUE,
        _ if possible(fact).intersection(set).is_empty() => Fact::FALSE,
        _ => strict([fact], |_| Ok(Value::Bool(false))),
    }
}

/// Whether a value is there; an error stays one.
pub fn known(fact: &Fact) -> Fact {
    match fact {
        Fact::Known(_) => Fact::TRUE,
        Fact::Missing(_) => Fact::FALSE,
        Fact::Error(error) => Fact::Error(*error),
    }
}

/// The second where the first is missing.
pub fn otherwise(first: &Fact, second: &Fact) -> Fact {
    if let Fact::Missing(_) = first { second.clone() } else { first.clone() }
}

/// What several values, one of which will be the result, leave open.
#[derive(Default)]
struct Candidates {
    obstacles: Obstacles,
    /// For an enum.
    variants: VariantSet,
    /// For a truth value: bit 0 for false, bit 1 for true.
    truths: u8,
}

impl Candidates {
    fn add(&mut self, value: &Fact) {
        self.obstacles.note(value);
        self.variants = self.variants.union(possible(value));
        match value {
            Fact::Known(Value::Bool(truth)) => self.truths |= if *truth { 2 } else { 1 },
            // A truth value may be either; values of other types are never settled by what is left.
            Fact::Missing(missing) if missing.possible.is_empty() => self.truths |= 3,
            _ => {}
        }
    }

    /// The one value left, where values of this type can be told apart and only one is.
    fn single(&self) -> Option<Value> {
        match (self.truths, self.variants.single()) {
            (1, _) => Some(Value::Bool(false)),
            (2, _) => Some(Value::Bool(true)),
            (0, Some(variant)) => Some(Value::Enum(variant)),
            _ => None,
        }
    }

    /// `certain`: the result is one of the candidates and cannot turn out an error.
    fn into_fact(self, certain: bool) -> Fact {
        if let (None, true, Some(value)) = (self.obstacles.error, certain, self.single()) {
            return Fact::Known(value);
        }
        let mut obstacles = self.obstacles;
        obstacles.missing = true;
        obstacles.into_fact(self.variants).expect("something is missing")
    }
}

/// The arm for an enum: arms are the variants they are for and their values. Where more than one arm is
/// left, what they could give is collected.
pub fn match_arms<'a>(subject: &Fact, arms: impl Iterator<Item = (VariantSet, &'a Fact)>) -> Fact {
    if let Fact::Error(_) = subject {
        return subject.clone();
    }
    let left = possible(subject);
    let mut fitting = arms.filter(|(variants, _)| !variants.intersection(left).is_empty());
    let first = fitting.next().map(|(_, value)| value);
    let second = fitting.next().map(|(_, value)| value);
    match (first, second) {
        (None, _) => subject.clone(),
        (Some(only), None) => only.clone(),
        (Some(first), Some(second)) => {
            let mut candidates = Candidates::default();
            candidates.obstacles.note(subject);
            [first, second]
                .into_iter()
                .chain(fitting.map(|(_, value)| value))
                .for_each(|value| candidates.add(value));
            candidates.into_fact(true)
        }
    }
}

/// What the checker has proved of rows, whatever the record.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Proved {
    /// No two rows can fit at once.
    pub exclusive: bool,
    /// Some row fits.
    pub complete: bool,
}

/// Rows of a test and a value. `default` stands for the value where no row fits; without one that is the
/// error `no_row`.
///
/// A row's value is looked at only where its test is not false, and with [`Hit::First`] nothing is looked
/// at beyond the first row that is true or in error.
pub fn cases<'a>(
    hit: Hit,
    rows: impl Iterator<Item = (&'a Fact, &'a Fact)>,
    default: Option<&Fact>,
    proved: Proved,
) -> Fact {
    match hit {
        Hit::First => first_row(rows, default, proved),
        Hit::Unique => unique_row(rows, default, proved),
    }
}

fn first_row<'a>(
    rows: impl Iterator<Item = (&'a Fact, &'a Fact)>,
    default: Option<&Fact>,
    proved: Proved,
) -> Fact {
    let mut open: Option<Candidates> = None;
    let mut last = default;
    for (test, value) in rows {
        match test {
            Fact::Known(Value::Bool(true)) => {
                last = Some(value);
                break;
            }
            Fact::Known(_) => {}
            Fact::Error(error) => return Fact::Error(*error),
            Fact::Missing(_) => {
                let open = open.get_or_insert_default();
                open.obstacles.note(test);
                open.add(value);
            }
        }
    }
    conclude(open, last, Proved { exclusive: true, ..proved })
}

fn unique_row<'a>(
    rows: impl Iterator<Item = (&'a Fact, &'a Fact)>,
    default: Option<&Fact>,
    proved: Proved,
) -> Fact {
    let mut errors = Obstacles::default();
    let mut open: Option<Candidates> = None;
    let mut undecided = 0usize;
    let mut hit: Option<&Fact> = None;
    for (test, value) in rows {
        match test {
            Fact::Known(Value::Bool(true)) if hit.is_some() => errors.fail(RunError::TwoRows),
            Fact::Known(Value::Bool(true)) => hit = Some(value),
            Fact::Known(_) => {}
            Fact::Error(error) => errors.fail(*error),
            Fact::Missing(_) => {
                undecided += 1;
                let open = open.get_or_insert_default();
                open.obstacles.note(test);
                open.add(value);
            }
        }
    }
    match (hit, errors.error) {
        (Some(value), _) if proved.exclusive => value.clone(),
        (_, Some(error)) => Fact::Error(error),
        _ => {
            let alone = usize::from(hit.is_some()) + undecided <= 1;
            conclude(open, hit.or(default), Proved { exclusive: proved.exclusive || alone, ..proved })
        }
    }
}

/// The result of a walk that ended with the value `last`, having left the rows of `open` undecided.
fn conclude(open: Option<Candidates>, last: Option<&Fact>, proved: Proved) -> Fact {
    match (open, last) {
        (None, Some(value)) => value.clone(),
        (None, None) => Fact::Error(RunError::NoRow),
        (Some(mut candidates), Some(value)) => {
            candidates.add(value);
            candidates.into_fact(proved.exclusive)
        }
        // Where some row fits for certain, it is one of those left open.
        (Some(candidates), None) => candidates.into_fact(proved.exclusive && proved.complete),
    }
}
