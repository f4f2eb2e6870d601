//! What an edit does to one kind of record, ready to be told: exact numbers, labels, examples with their reasons.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::pairing::{MeasurePair, Pairing};
use super::spread::Spread;
use super::tally::{GroupTally, Groups, Loser, MeasureTally, Tally, hundredths};
use super::weigh::Weighed;
use crate::batch::{Amount, MeasureSummary, Summary, value_text};
use crate::check::show::Language;
use crate::check::typed::{BenefitKind, MeasureId, Program, RecordId, Type};
use crate::explain::{Explainer, Explanation};
use crate::interp::{self, FinishedAggregates, Inputs};
use crate::value::{Number, Value};

/// What an edit does to the records of one kind.
#[derive(Debug, Clone, Serialize)]
pub struct Outcome {
    pub record: String,
    pub label: String,
    pub inputs: Vec<String>,
    /// Rows that were read, and that both versions answered.
    pub rows: u64,
    pub compared: u64,
    /// Rows that only one of the two could read: they are not compared, and what they are granted stands here alone.
    pub only_before: u64,
    pub only_after: u64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cost_only_before: Vec<Sum>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cost_only_after: Vec<Sum>,
    /// Rows that neither could read.
    pub rejected: u64,
    /// The first few of the rows that are not compared.
    pub reject_examples: Vec<String>,
    /// Fields that the input has no column for: those of the new version, and of them those that the old one does not
    /// ask for.
    pub missing_columns: Vec<String>,
    pub new_without_column: Vec<String>,
    /// Kinds of record that measures look at and no input holds: what depends on them is undetermined.
    pub unseen: Vec<String>,
    /// Measures of the new version that are undetermined for some records, most of them first: no money is compared
    /// there.
    pub waiting: Vec<Waiting>,
    pub total: Effect,
    /// In the order of the new version, with those that nothing changes for.
    pub measures: Vec<MeasureOutcome>,
    pub groups: Vec<Grouping>,
    pub cost: Vec<Cost>,
    /// The biggest losers.
    pub losers: Vec<Example>,
}

/// A measure that is undetermined for so many records, and what most of them wait for.
#[derive(Debug, Clone, Serialize)]
pub struct Waiting {
    pub name: String,
    pub label: String,
    pub records: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing: Option<String>,
}

/// Records that gain, lose or change, and by how much.
#[derive(Debug, Clone, Serialize)]
pub struct Effect {
    pub touched: u64,
    pub gains: u64,
    pub loses: u64,
    /// Records of another status; of the same status for other reasons.
    pub status: u64,
    pub reason: u64,
    pub money: Vec<MoneyEffect>,
}

#[derive(Debug, Clone, Serialize)]
pub struct MoneyEffect {
    pub currency: String,
    /// What those together get more who get more, and less who get less.
    pub more: Amount,
    pub less: Amount,
    pub spread: SpreadView,
}

/// How changes are distributed over the records that have one.
#[derive(Debug, Clone, Serialize)]
pub struct SpreadView {
    pub records: u64,
    /// By hundredths of the records: the least change that so many do not exceed.
    pub quantiles: Vec<Quantile>,
    pub histogram: Vec<Bar>,
    /// There were so many different changes that they are told to three significant digits.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub to_three_digits: bool,
}

#[derive(Debug, Clone, Serialize)]
pub struct Quantile {
    pub percent: u64,
    pub change: Amount,
}

/// Changes from `low` up to, but without, `high`. The bar below zero goes up to the change nearest to it, with that; the one
/// above goes from that.
#[derive(Debug, Clone, Serialize)]
pub struct Bar {
    pub low: Amount,
    pub high: Amount,
    pub records: u64,
}

#[derive(Debug, Clone, Serialize)]
pub struct MeasureOutcome {
    pub name: String,
    pub label: String,
    pub kind: &'static str,
    /// Whether each version has it.
    pub before: bool,
    pub after: bool,
    pub effect: Effect,
    /// Records by status before and after, where these differ.
    pub moves: Vec<Move>,
    pub quantities: Vec<QuantityEffect>,
    pub cost: Vec<Cost>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub worst: Option<Example>,
}

#[derive(Debug, Clone, Serialize)]
pub struct Move {
    pub before: String,
    pub after: String,
    pub records: u64,
}

/// A quantity, duration or date that is granted before and after, but another one.
#[derive(Debug, Clone, Serialize)]
pub struct QuantityEffect {
    pub benefit: String,
    pub unit: String,
    pub spread: SpreadView,
}

/// Money by kind, of one version.
#[derive(Debug, Clone, Serialize)]
pub struct Sum {
    pub kind: String,
    pub amount: Amount,
}

/// Money by kind, such as `pay` or `waive.USD`, granted to the records that are compared.
#[derive(Debug, Clone, Serialize)]
pub struct Cost {
    pub kind: String,
    pub before: Amount,
    pub after: Amount,
}

/// Records told apart by a column.
#[derive(Debug, Clone, Serialize)]
pub struct Grouping {
    /// As it was asked for.
    pub column: String,
    /// Of a field its label.
    pub label: String,
    pub groups: Vec<Group>,
}

#[derive(Debug, Clone, Serialize)]
pub struct Group {
    /// `None`: all records of values beyond those that are told apart.
    pub value: Option<String>,
    pub records: u64,
    pub effect: Effect,
    pub measures: Vec<GroupMeasure>,
    pub cost: Vec<Cost>,
}

#[derive(Debug, Clone, Serialize)]
pub struct GroupMeasure {
    pub name: String,
    pub label: String,
    pub effect: Effect,
}

/// A record that loses, with the reasons before and after.
#[derive(Debug, Clone, Serialize)]
pub struct Example {
    pub key: String,
    pub file: String,
    pub line: u64,
    /// What it is granted more or (negative) less, by currency.
    pub change: Vec<Money>,
    pub measures: Vec<Reasons>,
}

#[derive(Debug, Clone, Serialize)]
pub struct Money {
    pub currency: String,
    pub amount: Amount,
}

#[derive(Debug, Clone, Serialize)]
pub struct Reasons {
    pub name: String,
    pub label: String,
    pub before: Option<Explanation>,
    pub after: Option<Explanation>,
}

/// What a run over one kind of record gave.
pub struct Ran<'p> {
    pub pairing: &'p Pairing,
    pub weighed: Weighed,
    pub summaries: [Summary; 2],
    pub inputs: Vec<String>,
    pub rows: u64,
    /// Of the rows that only one version could read.
    pub only: [Summary; 2],
    pub reject_examples: Vec<String>,
    /// Fields without a column, by version.
    pub missing: [Vec<String>; 2],
    pub unseen: Vec<String>,
    /// The columns that records are told apart by.
    pub by: Vec<String>,
}

/// One version with all that its explanations need.
pub struct Reasoning<'a> {
    pub program: &'a Program,
    pub explainer: Explainer<'a>,
    pub inputs: Inputs,
    pub seen: std::sync::Arc<FinishedAggregates>,
}

/// Makes an outcome of a run; `sides` are the versions before and after.
pub fn outcome(ran: &Ran<'_>, sides: &[Reasoning<'_>; 2], language: Language) -> Outcome {
    let teller = Teller { ran, sides, language };
    let pairing = ran.pairing;
    let measures = pairing.measures.iter().zip(&ran.weighed.measures);
    let only = ran.only.each_ref().map(|only| only.records);
    let [cost_only_before, cost_only_after] = ran.only.each_ref().map(|only| sums(&only.totals));
    Outcome {
        record: pairing.name.clone(),
        label: pairing.label.clone(),
        inputs: ran.inputs.clone(),
        rows: ran.rows,
        compared: ran.weighed.records,
        only_before: only[0],
        only_after: only[1],
        cost_only_before,
        cost_only_after,
        rejected: ran.rows - ran.weighed.records - only[0] - only[1],
        reject_examples: ran.reject_examples.clone(),
        missing_columns: ran.missing[1].clone(),
        new_without_column: teller.new_fields(),
        unseen: ran.unseen.clone(),
        waiting: waiting(&ran.summaries[1]),
        total: teller.effect(&ran.weighed.total),
        measures: measures.map(|(pair, tally)| teller.measure(pair, tally)).collect(),
        groups: ran
            .by
            .iter()
            .zip(&ran.weighed.groups)
            .map(|(by, groups)| teller.grouping(by, groups))
            .collect(),
        cost: costs(ran.summaries.each_ref().map(|summary| &summary.totals)),
        losers: ran.weighed.losers.list.iter().map(|loser| teller.example(loser)).collect(),
    }
}

fn waiting(after: &Summary) -> Vec<Waiting> {
    let one = |own: &MeasureSummary| {
        let records = own.statuses.get("undetermined").copied().filter(|records| *records > 0)?;
        let most = own.missing.iter().max_by_key(|(_, count)| **count);
        let missing = most.map(|(name, _)| name.clone());
        Some(Waiting { name: own.name.clone(), label: own.label.clone(), records, missing })
    };
    let mut all: Vec<Waiting> = after.measures.iter().filter_map(one).collect();
    all.sort_by_key(|own| std::cmp::Reverse(own.records));
    all
}

struct Teller<'t, 'a> {
    ran: &'t Ran<'t>,
    sides: &'t [Reasoning<'a>; 2],
    language: Language,
}

impl Teller<'_, '_> {
    /// The fields without a column that the old version does not have.
    fn new_fields(&self) -> Vec<String> {
        let record = self.ran.pairing.record[0].map(|id| &self.sides[0].program.records[id.index()]);
        let old = |name: &String| {
            record.is_some_and(|record| record.fields.iter().any(|field| field.name == *name))
        };
        self.ran.missing[1].iter().filter(|name| !old(name)).cloned().collect()
    }

    fn effect(&self, tally: &Tally) -> Effect {
        let currencies = &self.ran.pairing.currencies;
        let money = currencies.iter().zip(&tally.money).filter(|(_, money)| !money.spread.is_empty());
        let money = money.map(|(currency, money)| MoneyEffect {
            currency: (*currency).to_owned(),
            more: Amount(hundredths(money.more)),
            less: Amount(hundredths(money.less)),
            spread: spread(&money.spread, 2),
        });
        let Tally { touched, gains, loses, status, reason, .. } = *tally;
        Effect { touched, gains, loses, status, reason, money: money.collect() }
    }

    fn measure(&self, pair: &MeasurePair, tally: &MeasureTally) -> MeasureOutcome {
        let moves = tally.moves.iter().map(|((before, after), records)| Move {
            before: before.clone(),
            after: after.clone(),
            records: *records,
        });
        let quantities = tally.quantities.iter().map(|(at, (scale, changes))| {
            let benefit = &pair.benefits[*at];
            let (unit, percent) = unit(benefit.ty.as_ref());
            // Rates are told in hundredths.
            let scale = if percent { scale.saturating_sub(2) } else { *scale };
            QuantityEffect { benefit: benefit.label.clone(), unit, spread: spread(changes, scale) }
        });
        let amounts = [0, 1].map(|side| {
            pair.at[side].and_then(|at| self.ran.summaries[side].measures.get(at)).map(|own| &own.amounts)
        });
        let none = BTreeMap::new();
        MeasureOutcome {
            name: pair.name.clone(),
            label: pair.label.clone(),
            kind: pair.kind.name(),
            before: pair.at[0].is_some(),
            after: pair.at[1].is_some(),
            effect: self.effect(&tally.tally),
            moves: moves.collect(),
            quantities: quantities.collect(),
            cost: costs(amounts.map(|amounts| amounts.unwrap_or(&none))),
            worst: tally.losers.list.first().map(|loser| self.example(loser)),
        }
    }

    fn grouping(&self, column: &str, groups: &Groups) -> Grouping {
        let mut all: Vec<Group> =
            groups.all.iter().map(|(word, tally)| self.group(Some(word.clone()), tally)).collect();
        // Where most lose stands first.
        let order =
            |group: &Group| (Reverse(group.effect.loses), Reverse(group.effect.touched), group.value.clone());
        all.sort_by_cached_key(order);
        all.extend(groups.others.as_ref().map(|tally| self.group(None, tally)));
        Grouping { column: column.to_owned(), label: self.label(column), groups: all }
    }

    /// The label of a field, in the newest version that has it; of any other column its header.
    fn label(&self, column: &str) -> String {
        let field = (0..2).rev().find_map(|side| {
            let record = &self.sides[side].program.records[self.ran.pairing.record[side]?.index()];
            record.fields.iter().find(|field| field.name == column || field.label == column)
        });
        field.map_or(column, |field| &field.label).to_owned()
    }

    fn group(&self, value: Option<String>, tally: &GroupTally) -> Group {
        let measures = tally.measures.iter().map(|(at, tally)| {
            let pair = &self.ran.pairing.measures[*at];
            GroupMeasure { name: pair.name.clone(), label: pair.label.clone(), effect: self.effect(tally) }
        });
        let cost = tally.cost.iter().map(|((kind, currency), sums)| Cost {
            kind: purse(*kind, currency),
            before: Amount(hundredths(sums[0])),
            after: Amount(hundredths(sums[1])),
        });
        Group {
            value,
            records: tally.records,
            effect: self.effect(&tally.tally),
            measures: measures.collect(),
            cost: cost.collect(),
        }
    }

    fn example(&self, loser: &Loser) -> Example {
        let pairing = self.ran.pairing;
        let change = pairing.currencies.iter().zip(&loser.money).filter(|(_, by)| **by != 0);
        let change = change.map(|(currency, by)| Money {
            currency: (*currency).to_owned(),
            amount: Amount(hundredths(*by)),
        });
        let reasons = loser.measures.iter().map(|at| {
            let pair = &pairing.measures[*at];
            let [before, after] = [0, 1].map(|side| self.explanation(side, pair, loser));
            Reasons { name: pair.name.clone(), label: pair.label.clone(), before, after }
        });
        let key = (0..2).rev().find_map(|side| {
            Some(key_text(self.sides[side].program, pairing.record[side]?, loser.values[side].as_ref()?))
        });
        Example {
            key: key.unwrap_or_default(),
            file: self.ran.inputs.get(loser.place.source as usize).cloned().unwrap_or_default(),
            line: loser.place.line,
            change: change.collect(),
            measures: reasons.collect(),
        }
    }

    fn explanation(&self, side: usize, pair: &MeasurePair, loser: &Loser) -> Option<Explanation> {
        let (id, record, values) =
            (pair.id[side]?, self.ran.pairing.record[side]?, loser.values[side].as_ref()?);
        let own = &self.sides[side];
        let facts = interp::facts(own.explainer.plan(record), values);
        let id = MeasureId(id as u32);
        Some(own.explainer.explain(id, &own.inputs, Some(&own.seen), &facts, self.language))
    }
}

fn spread(spread: &Spread, scale: u32) -> SpreadView {
    let amount = |value: i128| Amount(Number::from_scaled(value, scale));
    let quantiles = spread.quantiles().into_iter();
    let bars = spread.histogram().into_iter();
    SpreadView {
        records: spread.len(),
        quantiles: quantiles.map(|(percent, value)| Quantile { percent, change: amount(value) }).collect(),
        histogram: bars
            .map(|bar| Bar { low: amount(bar.low), high: amount(bar.high), records: bar.count })
            .collect(),
        to_three_digits: spread.is_rounded(),
    }
}

/// The unit of changes of a type, and whether they are told in hundredths.
fn unit(ty: Option<&Type>) -> (String, bool) {
    use crate::check::typed::NumberKind;
    match ty {
        Some(Type::Number(number)) => match number.kind {
            NumberKind::Plain => (number.dimension.to_string(), false),
            NumberKind::Rate => ("%".to_owned(), true),
            NumberKind::Points => ("个百分点".to_owned(), true),
        },
        Some(Type::Date) => ("天".to_owned(), false),
        Some(Type::Time) => ("秒".to_owned(), false),
        _ => (String::new(), false),
    }
}

fn costs(sides: [&BTreeMap<String, Amount>; 2]) -> Vec<Cost> {
    let names: BTreeSet<&String> = sides.iter().flat_map(|side| side.keys()).collect();
    let amount = |side: usize, name: &str| sides[side].get(name).cloned().unwrap_or_default();
    let cost = |name: &String| Cost { kind: name.clone(), before: amount(0, name), after: amount(1, name) };
    names.into_iter().map(cost).collect()
}

/// Money that is not nothing.
fn sums(totals: &BTreeMap<String, Amount>) -> Vec<Sum> {
    let some = totals.iter().filter(|(_, amount)| !amount.0.is_zero());
    some.map(|(kind, amount)| Sum { kind: kind.clone(), amount: amount.clone() }).collect()
}

fn purse(kind: BenefitKind, currency: &str) -> String {
    if currency == "CNY" { kind.name().to_owned() } else { format!("{}.{currency}", kind.name()) }
}

/// The key of a record, as `--key` takes it.
fn key_text(program: &Program, record: RecordId, values: &[Option<Value>]) -> String {
    let fields = &program.records[record.index()].fields;
    let parts = fields.iter().zip(values).filter(|(field, _)| field.key);
    let text = |(field, value): (&crate::check::typed::Field, &Option<Value>)| {
        value.as_ref().map(|value| value_text(program, Some(&field.ty), value)).unwrap_or_default()
    };
    parts.map(text).collect::<Vec<_>>().join("/")
}
