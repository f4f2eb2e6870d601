//! The facts of every test and amount of a measure, also of those that the answer did not need: for
//! explanations and for telling which conditions a set of cases has tried.

use crate::interp::{Answer, Evaluator};
use crate::ir::Award;
use crate::value::Fact;

/// All that a measure asks about one record, in the order of its plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    pub answer: Answer,
    pub requires: Vec<Fact>,
    pub excepts: Vec<Fact>,
    pub branches: Vec<BranchTrace>,
    /// Of the benefits that are given whichever branch is taken.
    pub awards: Vec<AwardTrace>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BranchTrace {
    pub test: Fact,
    pub awards: Vec<AwardTrace>,
}

/// A benefit's amount (or floor), ceiling and months.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwardTrace {
    pub least: Fact,
    pub most: Option<Fact>,
    pub months: Option<Fact>,
}

impl Trace {
    /// Of a measure, by its position in the plan, for the record that the evaluator has loaded.
    pub fn of(evaluator: &mut Evaluator<'_>, measure: usize) -> Trace {
        let answer = evaluator.answer(measure);
        let plan = &evaluator.plan().measures[measure];
        let requires = plan.requires.iter().map(|test| evaluator.fact(test.node)).collect();
        let excepts = plan.excepts.iter().map(|test| evaluator.fact(test.node)).collect();
        let awards = awards(evaluator, &plan.awards);
        let branches = plan.choice.iter().flat_map(|choice| &choice.branches);
        let branches = branches.map(|branch| BranchTrace {
            test: evaluator.fact(branch.test.node),
            awards: self::awards(evaluator, &branch.awards),
        });
        let branches = branches.collect();
        Trace { answer, requires, excepts, branches, awards }
    }
}

fn awards(evaluator: &mut Evaluator<'_>, awards: &[Award]) -> Vec<AwardTrace> {
    let trace = |award: &Award| AwardTrace {
        least: evaluator.fact(award.least),
        most: award.most.map(|most| evaluator.fact(most)),
        months: award.months.map(|months| evaluator.fact(months)),
    };
    awards.iter().map(trace).collect()
}
