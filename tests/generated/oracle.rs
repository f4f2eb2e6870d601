//! The interpreter asked about the values themselves, without columns between: both engines read columns with
//! the same code, so a mistake there would not show between them.

use std::collections::BTreeSet;

use pol::batch::{Answered, Summary};
use pol::check::typed::Field;
use pol::interp::{Aggregates, Evaluator, Inputs};
use pol::ir::{Input, RecordPlan, Source};
use pol::value::{Fact, Value};

use super::compare::{Difference, Run};
use super::shrink::Known;

/// The facts that a plan asks for.
pub fn facts(plan: &RecordPlan, row: &Known) -> Vec<Fact> {
    // What is left open to others is missing, whatever a field is called.
    let own = |input: &Input| if input.source == Source::Field { row.get(&input.name) } else { None };
    let fact = |(at, input): (usize, &Input)| match own(input) {
        Some(value) => Fact::Known(value.clone()),
        None if input.variants.is_empty() => Fact::missing(at as u16),
        None => Fact::missing_enum(at as u16, input.variants),
    };
    plan.inputs.iter().enumerate().map(fact).collect()
}

/// How an engine's answers differ from those to the values, in what is rejected and what is counted.
pub fn differ(run: &Run<'_>, known: &[Known], answered: &Answered) -> Option<Difference> {
    let found = |what: &str, meant: String, found: String| {
        Some(Difference { what: what.to_owned(), row: None, meant, found })
    };
    let bad = bad_rows(&run.set.program.records[run.record].fields, known);
    let rejected: BTreeSet<usize> =
        answered.rejects.iter().map(|reject| reject.place.line as usize - 1).collect();
    if bad != rejected {
        return found("rejected rows", format!("{bad:?}"), format!("{rejected:?}"));
    }
    let good: Vec<&Known> =
        known.iter().enumerate().filter(|(row, _)| !bad.contains(row)).map(|(_, k)| k).collect();
    let mut meant = summary(run, &good);
    meant.rejected = bad.len() as u64;
    if meant != answered.summary {
        return found("the summary", format!("{meant:?}"), format!("{:?}", answered.summary));
    }
    None
}

/// Rows with a value that its field may not have, or with a key that an earlier row has.
fn bad_rows(fields: &[Field], known: &[Known]) -> BTreeSet<usize> {
    let mut seen: BTreeSet<Vec<&Value>> = BTreeSet::new();
    let mut bad = BTreeSet::new();
    for (row, values) in known.iter().enumerate() {
        let sound =
            fields.iter().all(|field| values.get(&field.name).is_none_or(|value| allowed(field, value)));
        let key: Vec<&Value> =
            fields.iter().filter(|field| field.key).filter_map(|field| values.get(&field.name)).collect();
        if !sound || (!key.is_empty() && !seen.insert(key)) {
            bad.insert(row);
        }
    }
    bad
}

fn allowed(field: &Field, value: &Value) -> bool {
    let Value::Number(number) = value else { return true };
    let within = field.range.low.as_ref().is_none_or(|low| low <= number)
        && field.range.high.as_ref().is_none_or(|high| number <= high);
    within && number.decimals().is_some_and(|decimals| decimals <= field.decimals)
}

/// What is counted and added over the answers to some records.
fn summary(run: &Run<'_>, rows: &[&Known]) -> Summary {
    let plan = &run.set.plans.records[run.record];
    let mut inputs = Inputs::new(&run.set.plans, run.as_of);
    run.set_params().for_each(|(id, value)| inputs.set(id, value));
    let facts: Vec<Vec<Fact>> = rows.iter().map(|row| facts(plan, row)).collect();
    let mut aggregates = Aggregates::start(&run.set.plans.records);
    facts.iter().for_each(|facts| aggregates.add(&run.set.plans.records, plan, &inputs, facts));
    let finished = aggregates.finish(&run.set.plans.records);
    let mut summary = Summary::new(plan);
    for (facts, row) in facts.iter().zip(rows) {
        let mut evaluator = Evaluator::new(plan, &inputs, Some(&finished), facts);
        let answers: Vec<_> = (0..plan.measures.len()).map(|at| evaluator.answer(at)).collect();
        summary.add(plan, &answers);
        let fields = run.set.program.records[run.record].fields.iter();
        let blank = fields.filter(|field| !field.optional && !row.contains_key(&field.name));
        blank.for_each(|field| summary.note_blank(&field.name, 1));
    }
    summary
}
