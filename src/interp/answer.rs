//! What a measure answers for one record.

use crate::check::typed::{MeasureKind, NOT_BOUND};
use crate::interp::Evaluator;
use crate::ir::{Award, BranchPlan, ChoicePlan, MeasurePlan, NodeId, Test};
use crate::value::{Causes, Fact, Number, RunError, Value, ops};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    Granted,
    Refused,
    Undetermined,
    Conflict,
    NotInForce,
    Error,
}

impl Status {
    pub const ALL: [Status; 6] = [
        Status::Granted,
        Status::Refused,
        Status::Undetermined,
        Status::Conflict,
        Status::NotInForce,
        Status::Error,
    ];

    /// The name in outputs.
    pub fn name(self) -> &'static str {
        match self {
            Status::Granted => "granted",
            Status::Refused => "refused",
            Status::Undetermined => "undetermined",
            Status::Conflict => "conflict",
            Status::NotInForce => "not_in_force",
            Status::Error => "error",
        }
    }

    /// The name in outputs of an answer of a measure: of a duty or target, what became of it.
    pub fn name_for(self, measure: &MeasurePlan, branch: Option<usize>) -> &str {
        match (measure.kind, self) {
            (MeasureKind::Measure, _) => self.name(),
            (_, Status::Refused) => NOT_BOUND,
            (_, Status::Granted) => {
                let choice = measure.choice.as_ref().zip(branch);
                choice.map_or(self.name(), |(choice, branch)| &choice.branches[branch].test.name)
            }
            _ => self.name(),
        }
    }
}

/// A condition that decided against the record, by position in its measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Failure {
    Require(usize),
    Except(usize),
    Branch(usize),
    Check(usize),
}

impl Failure {
    pub fn name(self, measure: &MeasurePlan) -> &str {
        &self.test(measure).name
    }

    pub fn test(self, measure: &MeasurePlan) -> &Test {
        match self {
            Failure::Require(at) => &measure.requires[at],
            Failure::Except(at) => &measure.excepts[at],
            Failure::Check(at) => &measure.checks[at],
            Failure::Branch(at) => {
                let choice = measure.choice.as_ref().expect("only a measure with branches fails by one");
                &choice.branches[at].test
            }
        }
    }
}

/// What one benefit comes to, in base units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwardValue {
    /// The amount, or the floor of a range; true for a benefit without an amount.
    pub least: Value,
    /// The ceiling of a range.
    pub most: Option<Value>,
    /// How many months a periodic amount is given.
    pub months: Option<Number>,
}

/// The answer of a measure for one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub status: Status,
    /// The branch that is granted.
    pub branch: Option<usize>,
    /// One for each column of the measure; all `None` unless granted.
    pub awards: Vec<Option<AwardValue>>,
    /// Refused: the conditions that do not hold, the exceptions that do, or the branches. Conflict: the
    /// branches that hold. Breached or missed: the checks that fail.
    pub failed: Vec<Failure>,
    /// Undetermined: the inputs that could decide.
    pub missing: Causes,
    pub error: Option<RunError>,
}

impl Answer {
    /// The answer of a measure at a date on which it does not hold.
    pub fn not_in_force(measure: &MeasurePlan) -> Answer {
        Answer::of(measure, Status::NotInForce)
    }

    fn of(measure: &MeasurePlan, status: Status) -> Answer {
        let awards = vec![None; measure.columns.len()];
        Answer { status, branch: None, awards, failed: Vec::new(), missing: Causes::default(), error: None }
    }

    fn failed(measure: &MeasurePlan, status: Status, failed: Vec<Failure>) -> Answer {
        Answer { failed, ..Answer::of(measure, status) }
    }

    fn error(measure: &MeasurePlan, error: RunError) -> Answer {
        Answer { error: Some(error), ..Answer::of(measure, Status::Error) }
    }

    fn undetermined(measure: &MeasurePlan, missing: Causes) -> Answer {
        Answer { missing, ..Answer::of(measure, Status::Undetermined) }
    }
}

/// Which branch a choice comes to.
enum Chosen {
    /// There are no branches to choose from.
    Nothing,
    Branch(usize),
    /// Every branch is false.
    None,
    Conflict(Vec<usize>),
    Open(Causes),
    Error(RunError),
}

impl Evaluator<'_> {
    /// The answer of a measure, by its position in the plan, for the record.
    pub fn answer(&mut self, measure: usize) -> Answer {
        let measure = &self.plan().measures[measure];
        if !measure.force.holds_at(self.inputs().as_of()) {
            return Answer::not_in_force(measure);
        }
        let (overall, failed) = self.conditions(measure);
        if !failed.is_empty() {
            return Answer::failed(measure, Status::Refused, failed);
        }
        let chosen = self.choose(measure.choice.as_ref());
        match self.refusal(measure, &chosen) {
            Some(failed) => Answer::failed(measure, Status::Refused, failed),
            None => self.decide(measure, overall, chosen),
        }
    }

    /// The conditions together, and those that decide against the record.
    fn conditions(&mut self, measure: &MeasurePlan) -> (Fact, Vec<Failure>) {
        let mut facts = Vec::with_capacity(measure.requires.len() + measure.excepts.len());
        let mut failed = Vec::new();
        for (at, test) in measure.requires.iter().enumerate() {
            let fact = self.fact(test.node);
            failed.extend(fact.is_false().then_some(Failure::Require(at)));
            facts.push(fact);
        }
        for (at, test) in measure.excepts.iter().enumerate() {
            let fact = ops::not(self.settled(test.node));
            failed.extend(fact.is_false().then_some(Failure::Except(at)));
            facts.push(fact);
        }
        (ops::all(facts.iter()), failed)
    }

    fn choose(&mut self, choice: Option<&ChoicePlan>) -> Chosen {
        match choice {
            None => Chosen::Nothing,
            Some(choice) if choice.first => self.first_of(&choice.branches),
            Some(choice) => self.one_of(&choice.branches, choice.exclusive),
        }
    }

    fn first_of(&mut self, branches: &[BranchPlan]) -> Chosen {
        for (at, branch) in branches.iter().enumerate() {
            match self.settled(branch.test.node) {
                Fact::Known(Value::Bool(true)) => return Chosen::Branch(at),
                Fact::Known(_) => {}
                Fact::Missing(missing) => return Chosen::Open(missing.causes.clone()),
                Fact::Error(error) => return Chosen::Error(*error),
            }
        }
        Chosen::None
    }

    fn one_of(&mut self, branches: &[BranchPlan], exclusive: bool) -> Chosen {
        let (mut holding, mut missing, mut error) = (Vec::new(), None, None);
        for (at, branch) in branches.iter().enumerate() {
            match self.settled(branch.test.node) {
                Fact::Known(Value::Bool(true)) => holding.push(at),
                Fact::Known(_) => {}
                Fact::Missing(open) => missing.get_or_insert_with(Causes::default).add(&open.causes),
                Fact::Error(found) => error = [error, Some(*found)].into_iter().flatten().min(),
            }
        }
        match (&holding[..], error, missing) {
            ([_, _, ..], _, _) => Chosen::Conflict(holding),
            ([only], _, _) if exclusive => Chosen::Branch(*only),
            (_, Some(error), _) => Chosen::Error(error),
            (_, None, Some(causes)) => Chosen::Open(causes),
            ([only], None, None) => Chosen::Branch(*only),
            ([], None, None) => Chosen::None,
        }
    }

    /// The branches by which a measure is refused, whatever its conditions leave open.
    fn refusal(&self, measure: &MeasurePlan, chosen: &Chosen) -> Option<Vec<Failure>> {
        let branches = &measure.choice.as_ref()?.branches;
        match chosen {
            Chosen::None => Some((0..branches.len()).map(Failure::Branch).collect()),
            Chosen::Branch(at) if branches[*at].refuse => Some(vec![Failure::Branch(*at)]),
            _ => None,
        }
    }

    /// The answer where nothing refuses: `overall` is true, missing or in error.
    fn decide(&mut self, measure: &MeasurePlan, overall: Fact, chosen: Chosen) -> Answer {
        let branch = match (overall, chosen) {
            (Fact::Error(a), Chosen::Error(b)) => return Answer::error(measure, a.min(b)),
            (Fact::Error(error), _) | (_, Chosen::Error(error)) => return Answer::error(measure, error),
            (Fact::Missing(missing), chosen) => {
                let mut causes = missing.causes;
                if let Chosen::Open(more) = chosen {
                    causes.add(&more);
                }
                return Answer::undetermined(measure, causes);
            }
            (_, Chosen::Open(causes)) => return Answer::undetermined(measure, causes),
            (_, Chosen::Conflict(holding)) => {
                let failed = holding.into_iter().map(Failure::Branch).collect();
                return Answer::failed(measure, Status::Conflict, failed);
            }
            (_, Chosen::Branch(at)) => Some(at),
            (_, Chosen::Nothing | Chosen::None) => None,
        };
        self.grant(measure, branch)
    }

    fn grant(&mut self, measure: &MeasurePlan, branch: Option<usize>) -> Answer {
        let taken = branch.and_then(|at| Some(&measure.choice.as_ref()?.branches[at].awards));
        let mut answer = Answer { branch, ..Answer::of(measure, Status::Granted) };
        let (mut missing, mut error) = (None, None);
        for award in measure.awards.iter().chain(taken.into_iter().flatten()) {
            match self.award(award) {
                Ok(value) => answer.awards[award.column] = Some(value),
                Err(Fact::Error(found)) => error = [error, Some(found)].into_iter().flatten().min(),
                Err(Fact::Missing(open)) => missing.get_or_insert_with(Causes::default).add(&open.causes),
                Err(Fact::Known(_)) => unreachable!("only what is not known stands in the way"),
            }
        }
        match (error, missing) {
            (Some(error), _) => Answer::error(measure, error),
            (None, Some(causes)) => Answer::undetermined(measure, causes),
            (None, None) => {
                if branch.is_some() && branch == measure.undone() {
                    let checks = measure.checks.iter().enumerate();
                    let failed = checks.filter(|(_, check)| self.settled(check.node).is_false());
                    answer.failed = failed.map(|(at, _)| Failure::Check(at)).collect();
                }
                answer
            }
        }
    }

    /// What an award comes to, or the fact that stands in the way: an error before what is missing.
    fn award(&mut self, award: &Award) -> Result<AwardValue, Fact> {
        let mut value = |node: NodeId| self.fact(node);
        let (least, most, months) =
            (value(award.least), award.most.map(&mut value), award.months.map(&mut value));
        let parts = || [Some(&least), most.as_ref(), months.as_ref()].into_iter().flatten();
        let all: Vec<Fact> =
            parts().map(|fact| if fact.known().is_some() { Fact::TRUE } else { fact.clone() }).collect();
        match ops::all(all.iter()) {
            Fact::Known(_) => {}
            open => return Err(open),
        }
        let known = |fact: &Fact| fact.known().cloned();
        let months = months.as_ref().and_then(known).and_then(|months| match months {
            Value::Number(number) => Some(number),
            _ => None,
        });
        let least = known(&least).ok_or(least)?;
        Ok(AwardValue { least, most: most.as_ref().and_then(known), months })
    }
}
