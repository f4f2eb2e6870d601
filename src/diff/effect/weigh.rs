//! Compares the answers of both versions to a batch of records.

use std::collections::BTreeMap;

use super::compare::{Comparing, by_money};
use super::pairing::Pairing;
use super::tally::{Change, GroupTally, Groups, Harm, Loser, Losers, MeasureTally, Tally, Verdict};
use crate::batch::Both;

/// What a batch comes to.
#[derive(Debug, Default)]
pub struct Weighed {
    pub records: u64,
    pub total: Tally,
    pub losers: Losers,
    /// By position among the pairs.
    pub measures: Vec<MeasureTally>,
    /// One for each column that records are told apart by.
    pub groups: Vec<Groups>,
}

impl Weighed {
    /// Takes in what a later batch came to.
    pub fn merge(&mut self, other: &Weighed) {
        self.records += other.records;
        self.total.merge(&other.total);
        self.losers.merge(&other.losers);
        if self.measures.len() < other.measures.len() {
            self.measures.resize_with(other.measures.len(), MeasureTally::default);
        }
        self.measures.iter_mut().zip(&other.measures).for_each(|(own, other)| own.merge(other));
        if self.groups.len() < other.groups.len() {
            self.groups.resize_with(other.groups.len(), Groups::default);
        }
        self.groups.iter_mut().zip(&other.groups).for_each(|(own, other)| own.merge(other));
    }
}

/// What has changed for each record of a batch, over all measures.
struct Rows {
    /// By currency.
    money: Vec<Vec<i128>>,
    gains: Vec<u16>,
    loses: Vec<u16>,
    seen: Vec<u8>,
}

const STATUS: u8 = 1;
const REASON: u8 = 2;
const ANY: u8 = 4;

/// Compares the answers to a batch; `by` is how many columns records are told apart by, `examples` how many of the
/// biggest losers are kept.
pub fn weigh(pairing: &Pairing, both: &Both<'_>, by: usize, examples: usize) -> Weighed {
    let count = both.rows().len();
    let mut rows = Rows {
        money: pairing.currencies.iter().map(|_| vec![0; count]).collect(),
        gains: vec![0; count],
        loses: vec![0; count],
        seen: vec![0; count],
    };
    let labels: Vec<(Vec<u32>, Vec<String>)> = (0..by).map(|at| both.labels(at)).collect();
    let mut weighed = Weighed {
        records: count as u64,
        losers: Losers::new(examples),
        groups: vec![Groups::default(); by],
        ..Weighed::default()
    };
    let mut columns: Vec<(Vec<u32>, Vec<usize>)> = Vec::new();
    for (groups, (codes, words)) in weighed.groups.iter_mut().zip(labels) {
        records_and_cost(groups, both, &codes, &words);
        columns.push((codes, words.iter().map(|word| groups.place(word)).collect()));
    }
    let differs: Vec<Option<Comparing<'_>>> =
        pairing.measures.iter().map(|pair| Comparing::new(pairing, pair, both)).collect();
    for (at, comparing) in differs.iter().enumerate() {
        let mut tally = MeasureTally { losers: Losers::new(examples.min(1)), ..MeasureTally::default() };
        if let Some(comparing) = comparing {
            let mut groups = ByGroup::new(&columns);
            measure(at, comparing, both, &mut rows, &mut tally, &mut groups);
            groups.finish(&mut weighed.groups, |group, tally| drop(group.measures.insert(at, tally)));
        }
        weighed.measures.push(tally);
    }
    total(pairing, both, &rows, &differs, &columns, &mut weighed);
    weighed.total.money.iter_mut().for_each(|money| money.spread.settle());
    weighed
}

/// Counts the records of each group, and what they are granted before and after.
fn records_and_cost(groups: &mut Groups, both: &Both<'_>, codes: &[u32], words: &[String]) {
    let mut counts = vec![0u64; words.len()];
    codes.iter().for_each(|code| counts[*code as usize] += 1);
    for (word, count) in words.iter().zip(&counts).filter(|(_, count)| **count > 0) {
        groups.group(word).records += count;
    }
    for (side, view) in both.views.iter().enumerate() {
        for (purse, total) in view.iter().flat_map(|view| &view.totals) {
            let mut sums = vec![0i128; words.len()];
            for (row, code) in codes.iter().enumerate() {
                sums[*code as usize] += total.number(row).unwrap_or(0);
            }
            for ((word, sum), count) in words.iter().zip(sums).zip(&counts) {
                if *count > 0 {
                    groups.group(word).cost.entry(*purse).or_default()[side] += sum;
                }
            }
        }
    }
}

/// Changes counted by group, of one measure or of all.
struct ByGroup<'g> {
    /// The column's codes, and for each code the place of its group.
    columns: &'g [(Vec<u32>, Vec<usize>)],
    tallies: Vec<Vec<Tally>>,
}

impl<'g> ByGroup<'g> {
    fn new(columns: &'g [(Vec<u32>, Vec<usize>)]) -> ByGroup<'g> {
        ByGroup { columns, tallies: vec![Vec::new(); columns.len()] }
    }

    fn add(&mut self, row: usize, change: Change<'_>) {
        for (tallies, (codes, places)) in self.tallies.iter_mut().zip(self.columns) {
            let place = places[codes[row] as usize];
            if tallies.len() <= place {
                tallies.resize_with(place + 1, Tally::default);
            }
            tallies[place].add(change);
        }
    }

    /// The tallies that are not empty, by group.
    fn finish(self, groups: &mut [Groups], mut take: impl FnMut(&mut GroupTally, Tally)) {
        for (groups, tallies) in groups.iter_mut().zip(self.tallies) {
            for (place, tally) in tallies.into_iter().enumerate().filter(|(_, tally)| tally.touched > 0) {
                take(groups.at(place), tally);
            }
        }
    }
}

/// Goes through the records of one measure.
fn measure(
    at: usize,
    comparing: &Comparing<'_>,
    both: &Both<'_>,
    rows: &mut Rows,
    tally: &mut MeasureTally,
    groups: &mut ByGroup<'_>,
) {
    let mut moves: BTreeMap<(usize, usize), u64> = BTreeMap::new();
    let mut money = vec![0i128; comparing.pairing.currencies.len()];
    for row in 0..both.rows().len() {
        let change = comparing.row(row, &mut money);
        if change.verdict == Verdict::Same {
            continue;
        }
        tally.tally.add(change);
        if change.status {
            *moves.entry((comparing.status(0, row), comparing.status(1, row))).or_insert(0) += 1;
        }
        rows.seen[row] |=
            ANY | if change.status { STATUS } else { 0 } | if change.reason { REASON } else { 0 };
        rows.gains[row] += u16::from(change.verdict == Verdict::Gains);
        rows.loses[row] += u16::from(change.verdict == Verdict::Loses);
        rows.money.iter_mut().zip(change.money).for_each(|(all, by)| all[row] += by);
        groups.add(row, change);
        let harm = harm(change.money, 1);
        if change.verdict == Verdict::Loses && tally.losers.wants(harm) {
            tally.losers.add(loser(both, row, harm, vec![at], change.money));
        }
        comparing.quantities(row, &mut tally.quantities);
    }
    for ((before, after), count) in moves {
        let words = (comparing.words[0][before].clone(), comparing.words[1][after].clone());
        *tally.moves.entry(words).or_insert(0) += count;
    }
}

fn harm(money: &[i128], measures: usize) -> Harm {
    let lost = |by: &i128| -by;
    Harm { money: money.first().map_or(0, lost), others: money.iter().skip(1).map(lost).sum(), measures }
}

fn loser(both: &Both<'_>, row: usize, harm: Harm, measures: Vec<usize>, money: &[i128]) -> Loser {
    let values = [both.values(0, row), both.values(1, row)];
    Loser { harm, values, place: both.place(row), measures, money: money.to_vec() }
}

/// What becomes of each record over all measures.
fn total(
    pairing: &Pairing,
    both: &Both<'_>,
    rows: &Rows,
    comparing: &[Option<Comparing<'_>>],
    columns: &[(Vec<u32>, Vec<usize>)],
    weighed: &mut Weighed,
) {
    let mut money = vec![0i128; pairing.currencies.len()];
    let mut scratch = money.clone();
    let mut groups = ByGroup::new(columns);
    for row in (0..both.rows().len()).filter(|row| rows.seen[*row] != 0) {
        money.iter_mut().zip(&rows.money).for_each(|(own, all)| *own = all[row]);
        let verdict = by_money(&money).unwrap_or(match (rows.gains[row], rows.loses[row]) {
            (1.., 0) => Verdict::Gains,
            (0, 1..) => Verdict::Loses,
            _ => Verdict::Other,
        });
        let status = rows.seen[row] & STATUS != 0;
        let reason = !status && rows.seen[row] & REASON != 0;
        let change = Change { verdict, status, reason, money: &money };
        weighed.total.add(change);
        groups.add(row, change);
        let harm = harm(&money, rows.loses[row].into());
        if verdict == Verdict::Loses && weighed.losers.wants(harm) {
            let changed = comparing.iter().enumerate().filter(|(_, comparing)| {
                let change = comparing.as_ref().map(|comparing| comparing.row(row, &mut scratch).verdict);
                change.is_some_and(|verdict| verdict != Verdict::Same)
            });
            let changed = changed.map(|(at, _)| at).collect();
            weighed.losers.add(loser(both, row, harm, changed, &money));
        }
    }
    groups.finish(&mut weighed.groups, |group, tally| group.tally = tally);
}
