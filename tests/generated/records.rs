//! Records for a checked set: values at and beside every constant of its core, at the ends of the ranges,
//! anywhere, and missing.

use std::sync::Arc;

use pol::check::typed::{Field, Program, Type};
use pol::ir::{self, Op, RecordPlan};
use pol::value::{Date, Number, Rounding, Time, Value};

use super::random::Random;
use super::sets::Set;
use super::sorts::{self, TEXTS};

/// What a policy compares with.
#[derive(Debug, Default)]
pub struct Marks {
    numbers: Vec<Number>,
    days: Vec<i32>,
    moments: Vec<i64>,
    texts: Vec<Arc<str>>,
}

impl Marks {
    pub fn of(plans: &ir::Program, plan: &RecordPlan) -> Marks {
        let mut marks = Marks { numbers: vec![Number::ZERO, Number::ONE], ..Marks::default() };
        for node in &plan.graph.nodes {
            match &node.op {
                Op::Const(value) => marks.see(value),
                Op::Round(_, _, step) => marks.numbers.push(step.clone()),
                _ => {}
            }
        }
        plans.params.iter().flat_map(|param| &param.steps).for_each(|(_, value)| marks.see(value));
        marks
    }

    fn see(&mut self, value: &Value) {
        match value {
            Value::Number(number) => self.numbers.push(number.clone()),
            Value::Date(date) => {
                self.days.push(date.0);
                self.moments.push(date.midnight().0);
            }
            Value::Time(time) => {
                self.moments.push(time.0);
                self.days.push(time.date().0);
            }
            Value::Text(text) => self.texts.push(text.clone()),
            Value::Bool(_) | Value::Enum(_) => {}
        }
    }
}

/// A day to evaluate on: one on which something begins or ends, or any, and those beside it.
pub fn as_of(random: &mut Random, set: &Set) -> Date {
    let forces = set.program.params.iter().flat_map(|param| &param.steps).map(|step| step.force);
    let forces = forces.chain(set.program.measures.iter().map(|measure| measure.force));
    let mut days: Vec<i32> =
        forces.flat_map(|force| [force.from, force.until]).flatten().map(|day| day.0).collect();
    for plan in &set.plans.records {
        days.extend(Marks::of(&set.plans, plan).days);
    }
    let day = match random.maybe(&days) {
        Some(day) if random.chance(40) => *day,
        _ => sorts::day(random).0,
    };
    Date((day + random.between(-1, 1) as i32).clamp(Date::MIN.0, Date::MAX.0))
}

/// Params that have another value in a run, as `--set` gives it; mostly none.
pub fn params(random: &mut Random, set: &Set) -> Vec<(String, Value)> {
    let mut others = Vec::new();
    for param in &set.program.params {
        if random.chance(10) {
            let value = match param.steps.is_empty() {
                true => Value::Number(Number::ONE),
                false => random.pick(&param.steps).value.clone(),
            };
            let value = match value {
                Value::Number(number) => match random.below(4) {
                    0 => Number::ZERO,
                    1 => number.neg(),
                    2 => number.add(&Number::ONE),
                    _ => number.mul(&Number::from_scaled(random.between(0, 3000).into(), 3)),
                },
                _ => continue,
            };
            others.push((param.head.name.clone(), Value::Number(value)));
        }
    }
    others
}

/// How many records of each kind a run has; `None` where no input holds the kind.
pub fn counts(random: &mut Random, program: &Program, rows: usize) -> Vec<Option<usize>> {
    let all = program.records.len();
    let lacking = if all > 1 && random.chance(20) { random.below(all) } else { all };
    let count = |at: usize| match at {
        _ if at == lacking => None,
        0 => Some(rows),
        _ => {
            let most = *random.pick(&[2, 8, 40]);
            Some(random.below(most))
        }
    };
    (0..all).map(count).collect()
}

/// The key of the record at a row.
fn key(ty: &Type, row: usize) -> Value {
    match ty {
        Type::Number(_) => Value::Number(Number::from_int(row as i64)),
        Type::Date => Value::Date(Date(18_300 + row as i32)),
        _ => Value::Text(format!("k{row}").into()),
    }
}

/// The values of some records of a kind, field by field; `counts` says how many there are of each.
pub fn columns(
    random: &mut Random,
    program: &Program,
    record: usize,
    marks: &Marks,
    counts: &[Option<usize>],
) -> Vec<Vec<Option<Value>>> {
    let rows = counts[record].unwrap_or(0);
    let (full, repeated) = (random.chance(25), random.chance(5));
    let own = &program.records[record];
    let keys = own.fields.iter().filter(|field| field.key).count();
    let mut columns = Vec::with_capacity(own.fields.len());
    let mut earlier = 0;
    for (at, field) in own.fields.iter().enumerate() {
        if field.key {
            // Of two keys the first is shared by three records.
            earlier += 1;
            let place = |row: usize| match (keys, earlier) {
                (2, 1) => row / 3,
                (2, _) => row % 3,
                _ if repeated => row / 2,
                _ => row,
            };
            columns.push((0..rows).map(|row| Some(key(&field.ty, place(row)))).collect());
            continue;
        }
        let missing = if full { 0 } else { *random.pick(&[0, 0, 5, 15, 50, 100]) };
        if let Some(tie) = own.belongs.iter().find(|tie| tie.via.index() == at) {
            // Keys of those that there are, and a few of nobody.
            let owners = counts[tie.record.index()].unwrap_or(3);
            let (missing, beyond) = (missing.min(15), random.below(4));
            let place = |random: &mut Random| random.below((owners + beyond).max(1));
            let tied = (0..rows).map(|_| (!random.chance(missing)).then(|| key(&field.ty, place(random))));
            columns.push(tied.collect());
            continue;
        }
        // Few different values leave more records alike, as where they are ranked or grouped.
        let few = random.chance(20);
        let pool: Vec<Value> =
            (0..if few { 3 } else { rows }).map(|_| value(random, program, field, marks)).collect();
        let pick = |row: usize, random: &mut Random| {
            let value = if few { random.pick(&pool) } else { &pool[row] };
            (!random.chance(missing)).then(|| value.clone())
        };
        columns.push((0..rows).map(|row| pick(row, random)).collect());
    }
    columns
}

fn value(random: &mut Random, program: &Program, field: &Field, marks: &Marks) -> Value {
    match &field.ty {
        Type::Bool => Value::Bool(random.chance(50)),
        Type::Text => match random.maybe(&marks.texts) {
            Some(text) if random.chance(60) && !text.is_empty() => Value::Text(text.clone()),
            // Such as lists hold.
            _ if random.chance(20) => key(&field.ty, random.below(14)),
            _ => Value::Text((*random.pick(&TEXTS[..4])).into()),
        },
        Type::Enum(id) => Value::Enum(random.below(program.enums[id.index()].variants.len()) as u8),
        Type::Date => Value::Date(day(random, field, marks)),
        Type::Time => {
            let base = match random.maybe(&marks.moments) {
                Some(moment) if random.chance(70) => *moment,
                _ if random.chance(5) => Date(*random.pick(&[Date::MIN.0, Date::MAX.0])).midnight().0,
                _ => Date(random.between(17_000, 20_000) as i32).midnight().0 + random.between(0, 86_399),
            };
            let seconds = base + random.pick(&[-1, 0, 1, 3600, -1800]);
            Value::Time(Time::from_seconds(seconds).unwrap_or(Date(18_262).midnight()))
        }
        Type::Number(_) => Value::Number(number(random, field, &marks.numbers)),
    }
}

fn day(random: &mut Random, field: &Field, marks: &Marks) -> Date {
    let bound =
        |bound: &Option<Number>| bound.as_ref().and_then(|day| day.to_scaled(0)).map(|day| day as i32);
    let low = bound(&field.range.low).unwrap_or(Date::MIN.0);
    let high = bound(&field.range.high).unwrap_or(Date::MAX.0);
    let base = match random.below(20) {
        0 => low,
        1 => high,
        2..=6 => random.between(17_000, 20_000) as i32,
        _ => random.maybe(&marks.days).copied().unwrap_or(18_320),
    };
    Date((base + random.between(-1, 1) as i32).clamp(low, high))
}

/// A number beside those that a machine word can just hold, with or without the field's decimals.
fn edge(random: &mut Random, decimals: u32) -> Number {
    let bits = *random.pick(&[7, 8, 15, 16, 24, 31, 32, 47, 53, 62, 63, 64]);
    let sign = if random.chance(30) { -1 } else { 1 };
    let scale = if random.chance(50) { decimals } else { 0 };
    Number::from_scaled(sign * ((1i128 << bits) + i128::from(random.between(-1, 1))), scale)
}

/// A number that the field may be; one in three hundred is none that it may be.
fn number(random: &mut Random, field: &Field, marks: &[Number]) -> Number {
    let step = Number::from_scaled(1, field.decimals);
    let (low, high) = (field.range.low.clone(), field.range.high.clone());
    let base = match random.below(16) {
        0 => low.clone().unwrap_or_default(),
        1 => high.clone().unwrap_or_default(),
        2 => Number::from_int(random.between(0, 20)),
        3 => Number::from_scaled(random.between(0, 10_000_000).into(), field.decimals),
        4 => Number::from_int(random.between(-1000, 1_000_000)),
        5 => Number::from_scaled((random.next() >> 1).into(), random.below(10) as u32),
        6 => edge(random, field.decimals),
        7 => random.pick(marks).mul(&Number::from_int(random.between(1, 9))),
        _ => random.pick(marks).clone(),
    };
    let moved = match random.below(3) {
        0 => base.add(&step),
        1 => base.sub(&step),
        _ => base,
    };
    if random.below(300) == 0 {
        return moved;
    }
    let value = moved.round_to(&step, Rounding::Down);
    let low = low.unwrap_or_else(|| value.clone());
    let high = high.unwrap_or_else(|| value.clone());
    value.max(low).min(high)
}
