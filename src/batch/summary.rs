//! What a run gave, in numbers: mergeable, exact, ready for JSON.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::answers::{Purse, granted, purse};
use crate::check::typed::MeasureKind;
use crate::interp::{Answer, Status};
use crate::ir::{MeasurePlan, RecordPlan};
use crate::value::Number;

/// Counts and sums over records. Rows in are `records + rejected`, always.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Records that were answered.
    pub records: u64,
    /// Rows that could not be read.
    pub rejected: u64,
    /// Fields that good data always have (not marked `?`) and that are blank: in how many records.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub blank: BTreeMap<String, u64>,
    /// In the order of the policy.
    pub measures: Vec<MeasureSummary>,
    /// Money granted, as `pay` or `pay.USD`, in its currency: least amounts, times the months of periodic
    /// ones.
    pub totals: BTreeMap<String, Amount>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeasureSummary {
    /// `measure`, `duty` or `target`.
    #[serde(default = "measure", skip_serializing_if = "is_measure")]
    pub kind: String,
    pub name: String,
    pub label: String,
    /// Records by status; statuses that no record has are left out.
    pub statuses: BTreeMap<String, u64>,
    /// Granted records by branch.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub branches: BTreeMap<String, u64>,
    /// For undetermined records: how often each field is missing.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub missing: BTreeMap<String, u64>,
    /// Money granted, as in the totals.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub amounts: BTreeMap<String, Amount>,
}

fn measure() -> String {
    MeasureKind::Measure.name().to_owned()
}

fn is_measure(kind: &str) -> bool {
    kind == MeasureKind::Measure.name()
}

/// An exact sum, written as decimal digits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Amount(pub Number);

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.to_string())
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Amount, D::Error> {
        let text = String::deserialize(deserializer)?;
        let wrong = |_| serde::de::Error::custom(format!("`{text}` is not an amount"));
        text.parse().map(Amount).map_err(wrong)
    }
}

impl Summary {
    /// The summary of no record: every measure and every kind of money, with nothing in it.
    pub fn new(plan: &RecordPlan) -> Summary {
        let mut summary = Summary::default();
        for measure in &plan.measures {
            let purses =
                measure.columns.iter().filter_map(purse).map(|purse| (purse_name(purse), Amount::default()));
            let amounts: BTreeMap<String, Amount> = purses.collect();
            summary.totals.extend(amounts.clone());
            let (name, label) = (measure.name.clone(), measure.label.clone());
            let kind = measure.kind.name().to_owned();
            summary.measures.push(MeasureSummary { kind, name, label, amounts, ..MeasureSummary::default() });
        }
        summary
    }

    /// Adds the answers of one record, one for each measure.
    pub fn add(&mut self, plan: &RecordPlan, answers: &[Answer]) {
        self.records += 1;
        for (at, (measure, answer)) in plan.measures.iter().zip(answers).enumerate() {
            self.measures[at].count(answer.status.name_for(measure, answer.branch), 1);
            self.measures[at].add(plan, measure, answer);
            let mut sums = BTreeMap::new();
            granted(measure, answer, &mut sums);
            for (purse, sum) in sums {
                self.add_money(at, &purse_name(purse), &sum);
            }
        }
    }

    /// Adds money that a measure grants.
    pub fn add_money(&mut self, measure: usize, purse: &str, sum: &Number) {
        add(&mut self.measures[measure].amounts, purse, sum);
        add(&mut self.totals, purse, sum);
    }

    /// Notes a field that is blank in so many records though it should not be.
    pub fn note_blank(&mut self, field: &str, records: u64) {
        if records > 0 {
            *self.blank.entry(field.to_owned()).or_insert(0) += records;
        }
    }

    /// Adds what another part of the same run gave.
    pub fn merge(&mut self, other: &Summary) {
        self.records += other.records;
        self.rejected += other.rejected;
        merge_counts(&mut self.blank, &other.blank);
        for (name, amount) in &other.totals {
            add(&mut self.totals, name, &amount.0);
        }
        if self.measures.is_empty() {
            self.measures.clone_from(&other.measures);
            return;
        }
        for (mine, theirs) in self.measures.iter_mut().zip(&other.measures) {
            merge_counts(&mut mine.statuses, &theirs.statuses);
            merge_counts(&mut mine.branches, &theirs.branches);
            merge_counts(&mut mine.missing, &theirs.missing);
            for (name, amount) in &theirs.amounts {
                add(&mut mine.amounts, name, &amount.0);
            }
        }
    }
}

impl MeasureSummary {
    /// Counts records of a status, by its name in outputs.
    pub fn count(&mut self, status: &str, count: u64) {
        *self.statuses.entry(status.to_owned()).or_insert(0) += count;
    }

    /// Counts the branch and the missing inputs of an answer.
    pub fn add(&mut self, plan: &RecordPlan, measure: &MeasurePlan, answer: &Answer) {
        let choice = measure.choice.as_ref().filter(|_| measure.shows_branch());
        let branches = choice.map(|choice| &choice.branches);
        let branch = branches.zip(answer.branch).and_then(|(branches, at)| branches.get(at));
        if let Some(branch) = branch.filter(|_| answer.status == Status::Granted) {
            count(&mut self.branches, &branch.test.name);
        }
        for cause in answer.missing.iter() {
            if let Some(input) = plan.inputs.get(usize::from(cause)) {
                count(&mut self.missing, &input.name);
            }
        }
    }
}

pub fn purse_name((kind, currency): Purse) -> String {
    if currency == "CNY" { kind.name().to_owned() } else { format!("{}.{currency}", kind.name()) }
}

fn count(counts: &mut BTreeMap<String, u64>, name: &str) {
    match counts.get_mut(name) {
        Some(count) => *count += 1,
        None => drop(counts.insert(name.to_owned(), 1)),
    }
}

fn merge_counts(mine: &mut BTreeMap<String, u64>, theirs: &BTreeMap<String, u64>) {
    for (name, count) in theirs {
        *mine.entry(name.clone()).or_insert(0) += count;
    }
}

fn add(sums: &mut BTreeMap<String, Amount>, name: &str, amount: &Number) {
    let sum = sums.entry(name.to_owned()).or_default();
    sum.0 = sum.0.add(amount);
}
