//! What an edit does, counted: for all records, for each measure, for each group of records.

use std::collections::BTreeMap;

use super::spread::Spread;
use crate::batch::{Place, Purse};
use crate::value::{Number, Value};

/// What becomes of a record, of one measure or in all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    Same,
    /// Something has changed, but not for better or worse, or both.
    Other,
    Gains,
    Loses,
}

/// How the answers of one measure to one record differ.
#[derive(Debug, Clone, Copy)]
pub struct Change<'c> {
    pub verdict: Verdict,
    /// Its status, or (of one of the same status) its reasons.
    pub status: bool,
    pub reason: bool,
    /// What it is granted more, in hundredths, by currency.
    pub money: &'c [i128],
}

/// Records that gain, lose or change, and by how much.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Those for which something has changed.
    pub touched: u64,
    pub gains: u64,
    pub loses: u64,
    pub status: u64,
    pub reason: u64,
    /// By currency.
    pub money: Vec<MoneyTally>,
}

/// Money that some records are granted more, and others less; in hundredths.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MoneyTally {
    pub more: i128,
    pub less: i128,
    /// The changes that are not zero.
    pub spread: Spread,
}

impl Tally {
    pub fn add(&mut self, change: Change<'_>) {
        self.touched += u64::from(change.verdict != Verdict::Same);
        self.gains += u64::from(change.verdict == Verdict::Gains);
        self.loses += u64::from(change.verdict == Verdict::Loses);
        self.status += u64::from(change.status);
        self.reason += u64::from(change.reason);
        if self.money.len() < change.money.len() {
            self.money.resize_with(change.money.len(), MoneyTally::default);
        }
        for (own, by) in self.money.iter_mut().zip(change.money).filter(|(_, by)| **by != 0) {
            if *by > 0 {
                own.more += by;
            } else {
                own.less += by;
            }
            own.spread.add(*by);
        }
    }

    pub fn merge(&mut self, other: &Tally) {
        self.touched += other.touched;
        self.gains += other.gains;
        self.loses += other.loses;
        self.status += other.status;
        self.reason += other.reason;
        if self.money.len() < other.money.len() {
            self.money.resize_with(other.money.len(), MoneyTally::default);
        }
        for (own, other) in self.money.iter_mut().zip(&other.money) {
            own.more += other.more;
            own.less += other.less;
            own.spread.merge(&other.spread);
        }
    }
}

/// What an edit does to the answers of one measure.
#[derive(Debug, Clone, Default)]
pub struct MeasureTally {
    pub tally: Tally,
    /// Records by their status before and after, where these differ.
    pub moves: BTreeMap<(String, String), u64>,
    /// Changes of quantities, durations and dates that are granted before and after, by benefit.
    pub quantities: BTreeMap<usize, (u32, Spread)>,
    pub losers: Losers,
}

impl MeasureTally {
    pub fn merge(&mut self, other: &MeasureTally) {
        self.tally.merge(&other.tally);
        for (pair, count) in &other.moves {
            *self.moves.entry(pair.clone()).or_insert(0) += count;
        }
        for (benefit, (scale, spread)) in &other.quantities {
            self.quantities.entry(*benefit).or_insert((*scale, Spread::default())).1.merge(spread);
        }
        self.losers.merge(&other.losers);
    }
}

/// The records that have one value in a column.
#[derive(Debug, Clone, Default)]
pub struct GroupTally {
    pub records: u64,
    pub tally: Tally,
    /// By position among the pairs; those that nothing changes for are left out.
    pub measures: BTreeMap<usize, Tally>,
    /// Money granted before and after, in hundredths.
    pub cost: BTreeMap<Purse, [i128; 2]>,
}

impl GroupTally {
    pub fn merge(&mut self, other: &GroupTally) {
        self.records += other.records;
        self.tally.merge(&other.tally);
        for (measure, tally) in &other.measures {
            self.measures.entry(*measure).or_default().merge(tally);
        }
        for (purse, sums) in &other.cost {
            let own = self.cost.entry(*purse).or_default();
            (own[0], own[1]) = (own[0] + sums[0], own[1] + sums[1]);
        }
    }
}

/// Groups by the word in a column, in the order in which they were first seen.
#[derive(Debug, Clone, Default)]
pub struct Groups {
    pub places: BTreeMap<String, usize>,
    pub all: Vec<(String, GroupTally)>,
    /// Records of values beyond the first [`Groups::MOST`].
    pub others: Option<Box<GroupTally>>,
}

impl Groups {
    /// Different values that are told apart.
    pub const MOST: usize = 1_000;

    pub fn group(&mut self, word: &str) -> &mut GroupTally {
        let place = self.place(word);
        self.at(place)
    }

    /// The place of a word's group, which is made where there is none: [`Groups::MOST`] for those beyond.
    pub fn place(&mut self, word: &str) -> usize {
        if let Some(at) = self.places.get(word) {
            return *at;
        }
        let place = self.all.len();
        if place < Groups::MOST {
            self.places.insert(word.to_owned(), place);
            self.all.push((word.to_owned(), GroupTally::default()));
        }
        place
    }

    pub fn at(&mut self, place: usize) -> &mut GroupTally {
        match self.all.get_mut(place) {
            Some((_, group)) => group,
            None => self.others.get_or_insert_default(),
        }
    }

    pub fn merge(&mut self, other: &Groups) {
        other.all.iter().for_each(|(word, tally)| self.group(word).merge(tally));
        if let Some(others) = &other.others {
            self.others.get_or_insert_default().merge(others);
        }
    }
}

/// A record that loses.
#[derive(Debug, Clone)]
pub struct Loser {
    pub harm: Harm,
    /// Its fields, as each version reads them.
    pub values: [Option<Vec<Option<Value>>>; 2],
    pub place: Place,
    /// The measures that have changed for it, by position among the pairs.
    pub measures: Vec<usize>,
    /// What it loses, in hundredths, by currency.
    pub money: Vec<i128>,
}

/// How much is lost: money first (of the first currency, then of the others), then how many measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Harm {
    pub money: i128,
    pub others: i128,
    pub measures: usize,
}

/// The biggest losers, biggest first; of equal ones those that were read first.
#[derive(Debug, Clone, Default)]
pub struct Losers {
    pub most: usize,
    pub list: Vec<Loser>,
}

impl Losers {
    pub fn new(most: usize) -> Losers {
        Losers { most, list: Vec::new() }
    }

    /// Whether such a one would be kept.
    pub fn wants(&self, harm: Harm) -> bool {
        self.list.len() < self.most || self.list.last().is_some_and(|last| harm > last.harm)
    }

    pub fn add(&mut self, loser: Loser) {
        if !self.wants(loser.harm) {
            return;
        }
        let at = self.list.partition_point(|own| own.harm >= loser.harm);
        self.list.insert(at, loser);
        self.list.truncate(self.most);
    }

    pub fn merge(&mut self, other: &Losers) {
        self.most = self.most.max(other.most);
        other.list.iter().for_each(|loser| self.add(loser.clone()));
    }
}

/// Hundredths as a number.
pub fn hundredths(sum: i128) -> Number {
    Number::from_scaled(sum, 2)
}
