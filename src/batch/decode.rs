//! From the columns that a kernel writes back to the answer of one record.

use std::sync::Arc;

use crate::interp::{Answer, AwardValue, Failure, Status};
use crate::ir::{Kind, MeasurePlan, RecordPlan};
use crate::jit::{Answers, ColumnOutputs, MeasureOutputs, NO_BRANCH, Written, status};
use crate::value::{Causes, Date, Number, Time, Value};

/// What decodes the answers of one kernel.
#[derive(Clone, Copy)]
pub struct Decoder<'a> {
    pub plan: &'a RecordPlan,
    pub answers: &'a Answers,
    /// Texts by the numbers that stand for them.
    pub texts: &'a [Arc<str>],
}

/// Which part of a column of benefits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Least,
    Most,
    Months,
}

impl Decoder<'_> {
    /// The answer of a measure for a record; `None` where the interpreter has to give it.
    pub fn answer(&self, measure: usize, outputs: Option<&MeasureOutputs>, row: usize) -> Option<Answer> {
        let plan = &self.plan.measures[measure];
        let Some(outputs) = outputs else { return Some(Answer::not_in_force(plan)) };
        Some(match self.answers.bytes(outputs.status)[row] {
            status::GRANTED => self.granted(plan, outputs, row),
            status::REFUSED => {
                Answer { failed: self.failed(plan, outputs, row), ..blank(plan, Status::Refused) }
            }
            status::CONFLICT => {
                Answer { failed: self.failed(plan, outputs, row), ..blank(plan, Status::Conflict) }
            }
            status::UNDETERMINED => {
                Answer { missing: self.missing(outputs, row), ..blank(plan, Status::Undetermined) }
            }
            _ => return None,
        })
    }

    fn bits<'b>(&'b self, columns: &'b [Written], row: usize) -> impl Iterator<Item = usize> + 'b {
        columns.iter().enumerate().flat_map(move |(plane, column)| {
            let byte = self.answers.bytes(*column)[row];
            (0..8usize).filter(move |bit| byte >> bit & 1 == 1).map(move |bit| 8 * plane + bit)
        })
    }

    fn failed(&self, plan: &MeasurePlan, outputs: &MeasureOutputs, row: usize) -> Vec<Failure> {
        self.bits(&outputs.failed, row).map(|bit| failure(plan, bit)).collect()
    }

    fn missing(&self, outputs: &MeasureOutputs, row: usize) -> Causes {
        let mut causes = Causes::default();
        self.bits(&outputs.missing, row).for_each(|bit| causes.add(&Causes::one(outputs.inputs[bit])));
        causes
    }

    fn granted(&self, plan: &MeasurePlan, outputs: &MeasureOutputs, row: usize) -> Answer {
        let branch = outputs.branch.map(|branch| self.answers.bytes(branch)[row]);
        let branch = branch.filter(|branch| *branch != NO_BRANCH).map(usize::from);
        let failed = self.failed(plan, outputs, row);
        let mut answer = Answer { branch, failed, ..blank(plan, Status::Granted) };
        for (at, column) in outputs.columns.iter().enumerate() {
            if awards(plan, at, branch, Part::Least) {
                answer.awards[at] = Some(self.award(plan, at, column, branch, row));
            }
        }
        answer
    }

    fn award(
        &self,
        plan: &MeasurePlan,
        at: usize,
        column: &ColumnOutputs,
        branch: Option<usize>,
        row: usize,
    ) -> AwardValue {
        let value = |written: Option<Written>| match written {
            Some(written) => self.value(kind(self.plan, plan, at), written, plan.columns[at].decimals, row),
            None => Value::Bool(true),
        };
        let months = column.months.filter(|_| awards(plan, at, branch, Part::Months));
        AwardValue {
            least: value(column.least),
            most: column.most.filter(|_| awards(plan, at, branch, Part::Most)).map(|most| value(Some(most))),
            months: months.map(|months| Number::from_int(self.answers.int(months, row))),
        }
    }

    pub fn value(&self, kind: Kind, written: Written, decimals: u32, row: usize) -> Value {
        match kind {
            Kind::Bool => Value::Bool(self.answers.bytes(written)[row] != 0),
            Kind::Enum(_) => Value::Enum(self.answers.bytes(written)[row]),
            Kind::Date => Value::Date(Date(self.answers.ints32(written)[row])),
            Kind::Time => Value::Time(Time(self.answers.ints64(written)[row])),
            Kind::Number => {
                Value::Number(Number::from_scaled(self.answers.int(written, row).into(), decimals))
            }
            Kind::Text => {
                let code = usize::try_from(self.answers.ints32(written)[row]).unwrap_or(usize::MAX);
                Value::Text(self.texts.get(code).cloned().unwrap_or_else(|| Arc::from("")))
            }
        }
    }
}

fn blank(measure: &MeasurePlan, status: Status) -> Answer {
    let awards = vec![None; measure.columns.len()];
    Answer { status, branch: None, awards, failed: Vec::new(), missing: Causes::default(), error: None }
}

/// The test that a bit stands for: requires, then excepts, branches, checks.
pub fn failure(plan: &MeasurePlan, bit: usize) -> Failure {
    let (requires, excepts) = (plan.requires.len(), plan.excepts.len());
    match bit {
        bit if bit < requires => Failure::Require(bit),
        bit if bit < requires + excepts => Failure::Except(bit - requires),
        bit if bit < requires + excepts + plan.branches() => Failure::Branch(bit - requires - excepts),
        bit => Failure::Check(bit - requires - excepts - plan.branches()),
    }
}

/// Whether a granted record gets a part of a column by the branch that it takes.
pub fn awards(plan: &MeasurePlan, column: usize, branch: Option<usize>, part: Part) -> bool {
    let of_branch = branch.and_then(|branch| Some(&plan.choice.as_ref()?.branches[branch].awards));
    let own = of_branch.into_iter().flatten().rev().find(|award| award.column == column);
    let award = own.or_else(|| plan.awards.iter().rev().find(|award| award.column == column));
    award.is_some_and(|award| match part {
        Part::Least => true,
        Part::Most => award.most.is_some(),
        Part::Months => award.months.is_some(),
    })
}

/// The kind of the values of a column.
pub fn kind(plan: &RecordPlan, measure: &MeasurePlan, column: usize) -> Kind {
    let branches = measure.choice.iter().flat_map(|choice| &choice.branches);
    let mut awards = measure.awards.iter().chain(branches.flat_map(|branch| &branch.awards));
    let of = awards.find(|award| award.column == column);
    of.map_or(Kind::Bool, |award| plan.graph.nodes[award.least.index()].kind)
}
