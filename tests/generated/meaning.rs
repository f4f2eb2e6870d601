//! What the interpreter says of values themselves, without columns between.

use pol::check::typed::RecordId;
use pol::interp::{Aggregates, Answer, Evaluator, FinishedAggregates, Inputs};
use pol::ir::{Input, RecordPlan, Source};
use pol::value::{Fact, Value};

use super::engines::Run;
use super::population::Known;

/// The records of a kind, by its position in the program.
pub type Those<'k> = (usize, Vec<&'k Known>);

/// What is known of the records of a run as a whole.
pub struct Meaning<'r> {
    run: Run<'r>,
    inputs: Inputs,
    finished: FinishedAggregates,
}

impl<'r> Meaning<'r> {
    /// Sees all records.
    pub fn of(run: &Run<'r>, tables: &[Those<'_>]) -> Meaning<'r> {
        let plans = &run.set.plans.records;
        let mut inputs = Inputs::new(&run.set.plans, run.as_of);
        run.set_params().for_each(|(id, value)| inputs.set(id, value));
        let mut aggregates = Aggregates::start(plans);
        for (record, rows) in tables {
            aggregates.set_present(RecordId(*record as u32));
            let plan = &plans[*record];
            rows.iter().for_each(|row| aggregates.add(plans, plan, &inputs, &facts(plan, row)));
        }
        Meaning { run: *run, inputs, finished: aggregates.finish(plans) }
    }

    /// The answers of every measure for a record of a kind.
    pub fn answers(&self, record: usize, row: &Known) -> Vec<Answer> {
        let plan = &self.run.set.plans.records[record];
        let facts = facts(plan, row);
        let mut evaluator = Evaluator::new(plan, &self.inputs, Some(&self.finished), &facts);
        (0..plan.measures.len()).map(|at| evaluator.answer(at)).collect()
    }
}

/// The facts that a plan asks for.
fn facts(plan: &RecordPlan, row: &Known) -> Vec<Fact> {
    // What is left open to others is missing, whatever a field is called.
    let own = |input: &Input| match &input.source {
        Source::Field => row.get(&input.name).cloned(),
        Source::Member { members, .. } => match row.get(&input.name)? {
            Value::Text(text) => Some(Value::Bool(members.iter().any(|member| **member == **text))),
            _ => None,
        },
        Source::Open(_) | Source::Foreign { .. } => None,
    };
    let fact = |(at, input): (usize, &Input)| match own(input) {
        Some(value) => Fact::Known(value),
        None if input.variants.is_empty() => Fact::missing(at as u16),
        None => Fact::missing_enum(at as u16, input.variants),
    };
    plan.inputs.iter().enumerate().map(fact).collect()
}
