//! Writes a policy and records as a case of `tests/cases/`, with the interpreter's answers as what is expected.

use pol::check::typed::{MeasureKind, NumberKind, Type};
use pol::interp::{Answer, Status};
use pol::ir::{MeasurePlan, RecordPlan};
use pol::value::{Number, Value};

use super::columns;
use super::engines::Run;
use super::meaning::{Meaning, Those};
use super::population::{Known, Table};
use super::sets::Set;

/// The text of a case file: the policy, and a case for each of its measures. What a case cannot say stands in a
/// comment.
pub fn write(policy: &str, run: &Run<'_>, tables: &[Table]) -> String {
    let (set, as_of) = (run.set, run.as_of);
    let mut changed = String::new();
    for param in &set.program.params {
        let other = run.params.iter().find(|(name, _)| *name == param.head.name);
        if let Some((name, value)) = other {
            changed.push_str(&format!("  set {name} = {}\n", literal(set, &param.ty, value)));
        }
    }
    let position = |kind: &str| set.program.records.iter().position(|record| record.head.name == kind);
    // A case has at least one record.
    let one = [Known::default()];
    let rows = |table: &Table| -> Vec<Known> {
        let rows = table.known();
        if rows.is_empty() { one.to_vec() } else { rows.to_vec() }
    };
    let all: Vec<(usize, Vec<Known>)> =
        tables.iter().filter_map(|table| Some((position(&table.kind)?, rows(table)))).collect();
    let mut text = format!("// allow: N0510 W0307 W0504 W0505 W0513 W0515\n{policy}");
    for table in tables.iter().filter(|table| table.known().is_empty()) {
        text.push_str(&format!("// The input of {} has no record.\n", table.kind));
    }
    for (record, own) in &all {
        // Of the other kinds only what is given.
        let those = all.iter().filter(|(other, rows)| other == record || !rows[0].is_empty());
        let those: Vec<Those> = those.map(|(other, rows)| (*other, rows.iter().collect())).collect();
        let meaning = Meaning::of(run, &those);
        let plan = &set.plans.records[*record];
        for (at, measure) in plan.measures.iter().enumerate() {
            text.push_str(&format!("case \"agreement\" for {} as of {as_of} {{\n{changed}", measure.name));
            for (other, rows) in those.iter().filter(|(other, _)| other != record) {
                let name = &set.program.records[*other].head.name;
                let given =
                    rows.iter().map(|row| format!("  given {name} {{ {} }}\n", given(set, *other, row)));
                text.extend(given);
            }
            for row in own {
                let answer = &meaning.answers(*record, row)[at];
                let (given, expected) = (given(set, *record, row), expected(set, plan, measure, answer));
                text.push_str(&format!("  given {{ {given} }} expect {expected}\n"));
            }
            text.push_str("}\n");
        }
    }
    text
}

/// The known fields as a case gives them.
fn given(set: &Set, record: usize, row: &Known) -> String {
    let fields = set.program.records[record].fields.iter();
    let known = fields.filter_map(|field| {
        let value = row.get(&field.name)?;
        Some(format!("{}: {}", field.name, literal(set, &field.ty, value)))
    });
    known.collect::<Vec<String>>().join(", ")
}

/// A value of a type as the language writes it.
fn literal(set: &Set, ty: &Type, value: &Value) -> String {
    match (ty, value) {
        (Type::Enum(id), Value::Enum(at)) => columns::variant(&set.program, id.index(), *at),
        (Type::Number(number), Value::Number(value)) => {
            let hundredfold = || value.mul(&Number::from_int(100));
            match number.kind {
                NumberKind::Rate => format!("{}%", hundredfold()),
                NumberKind::Points => format!("{}pp", hundredfold()),
                NumberKind::Plain => format!("{value}{}", number.dimension),
            }
        }
        (_, Value::Text(text)) => format!("\"{text}\""),
        (_, Value::Date(date)) => date.to_string(),
        (_, Value::Time(time)) => time.to_string(),
        (_, Value::Bool(value)) => value.to_string(),
        (_, other) => format!("{other:?}"),
    }
}

fn expected(set: &Set, plan: &RecordPlan, measure: &MeasurePlan, answer: &Answer) -> String {
    let failed: Vec<&str> = answer.failed.iter().map(|failure| failure.name(measure)).collect();
    match answer.status {
        Status::NotInForce => "not_in_force".to_owned(),
        Status::Refused => format!("{} {}", answer.status.name_for(measure, None), failed.join(", ")),
        Status::Conflict => format!("conflict {}", failed.join(", ")),
        Status::Error => format!("error {}", answer.error.map_or("", |error| error.name())),
        Status::Undetermined => {
            let names: Vec<&str> =
                answer.missing.iter().map(|at| plan.inputs[usize::from(at)].name.as_str()).collect();
            format!("undetermined missing {}", names.join(", "))
        }
        Status::Granted => {
            let branch = answer.branch.and_then(|at| measure.choice.as_ref()?.branches.get(at));
            let branch = branch.map_or("", |branch| branch.test.name.as_str());
            let branch = match measure.kind {
                MeasureKind::Measure => format!("granted {branch}"),
                MeasureKind::Duty | MeasureKind::Target => format!("{branch} {}", failed.join(", ")),
            };
            let exact = answer.awards.iter().zip(&measure.columns).filter_map(|(award, column)| {
                let (award, ty) = (award.as_ref()?, column.ty.as_ref()?);
                let exact = !column.ranged && !column.periodic;
                exact.then(|| format!("{}: {}", column.name, literal(set, ty, &award.least)))
            });
            let amounts: Vec<String> = exact.collect();
            if amounts.is_empty() {
                return branch;
            }
            format!("{branch} {{ {} }}", amounts.join(", "))
        }
    }
}
