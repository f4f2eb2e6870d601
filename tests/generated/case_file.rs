//! Writes a policy and records as a case of `tests/cases/`, with the interpreter's answers as what is expected.

use pol::check::typed::{MeasureKind, NumberKind, ParamId, Type};
use pol::interp::{Aggregates, Answer, Evaluator, FinishedAggregates, Inputs, Status};
use pol::ir::{MeasurePlan, RecordPlan};
use pol::value::{Fact, Number, Value};

use super::columns;
use super::oracle::facts;
use super::sets::Set;
use super::shrink::{Failing, Known};

/// The text of a case file: the policy, and a case for each of its measures.
pub fn write(policy: &str, set: &Set, failing: &Failing, rows: &[Known]) -> String {
    let (plan, as_of) = (&set.plans.records[0], failing.as_of);
    let mut inputs = Inputs::new(&set.plans, as_of);
    let mut changed = String::new();
    for (at, param) in set.program.params.iter().enumerate() {
        let other = failing.params.iter().find(|(name, _)| *name == param.head.name);
        if let Some((name, value)) = other {
            inputs.set(ParamId(at as u32), value.clone());
            changed.push_str(&format!("  set {name} = {}\n", literal(set, &param.ty, value)));
        }
    }
    // A case has at least one record.
    let one = [Known::default()];
    let rows = if rows.is_empty() { &one } else { rows };
    let facts: Vec<Vec<Fact>> = rows.iter().map(|row| facts(plan, row)).collect();
    let mut aggregates = Aggregates::start(&set.plans.records);
    facts.iter().for_each(|facts| aggregates.add(&set.plans.records, plan, &inputs, facts));
    let finished = aggregates.finish(&set.plans.records);
    let mut text = format!("// allow: N0510 W0307 W0504 W0505 W0513 W0515\n{policy}");
    for (at, measure) in plan.measures.iter().enumerate() {
        text.push_str(&format!("case \"agreement\" for {} as of {as_of} {{\n{changed}", measure.name));
        for (row, facts) in rows.iter().zip(&facts) {
            let given = given(set, row);
            let expected = expected(set, plan, measure, &answer(plan, &inputs, &finished, facts, at));
            text.push_str(&format!("  given {{ {given} }} expect {expected}\n"));
        }
        text.push_str("}\n");
    }
    text
}

fn answer(
    plan: &RecordPlan,
    inputs: &Inputs,
    finished: &FinishedAggregates,
    facts: &[Fact],
    at: usize,
) -> Answer {
    Evaluator::new(plan, inputs, Some(finished), facts).answer(at)
}

/// The known fields as a case gives them.
fn given(set: &Set, row: &Known) -> String {
    let fields = set.program.records[0].fields.iter();
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
