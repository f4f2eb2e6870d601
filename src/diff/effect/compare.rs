//! Compares the answers of one measure, before and after, record by record.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::pairing::{BenefitPair, Counts, MeasurePair, Pairing};
use super::spread::Spread;
use super::tally::{Change, Verdict};
use crate::batch::{Amounts, BenefitView, Both, MeasureView, NameLists, Names};
use crate::check::typed::MeasureKind;

/// Where some money is more and none less, or the other way.
pub fn by_money(money: &[i128]) -> Option<Verdict> {
    match (money.iter().any(|by| *by > 0), money.iter().any(|by| *by < 0)) {
        (true, false) => Some(Verdict::Gains),
        (false, true) => Some(Verdict::Loses),
        (true, true) => Some(Verdict::Other),
        (false, false) => None,
    }
}

/// The answers of one measure before and after, where they are not the same throughout.
pub struct Comparing<'v> {
    pub pairing: &'v Pairing,
    pair: &'v MeasurePair,
    views: [Option<&'v MeasureView>; 2],
    /// The statuses by code, the last for a measure that is not there.
    pub words: [Vec<String>; 2],
    /// What each status is worth.
    worth: [Vec<i8>; 2],
    /// The benefits that are not the same throughout.
    benefits: Vec<(usize, Columns<'v>)>,
    /// Whether branches or reasons are not.
    reasons: bool,
    /// For each code before and each after: whether they are no other outcome.
    alike: Vec<Vec<bool>>,
    branches: Vec<Option<u16>>,
    failed: Vec<Option<u16>>,
    missing: Vec<Option<u16>>,
}

/// How a measure that one version does not have answers.
pub const ABSENT: &str = "absent";

/// Whether two statuses are the same outcome for a record: to whom a measure gives nothing and asks nothing, it might as
/// well not be there.
fn alike(old: &str, new: &str) -> bool {
    let nothing = |status: &str| matches!(status, "refused" | "not_in_force" | "not_bound");
    old == new || (old == ABSENT && nothing(new)) || (new == ABSENT && nothing(old))
}

impl<'v> Comparing<'v> {
    pub fn new(pairing: &'v Pairing, pair: &'v MeasurePair, both: &'v Both<'_>) -> Option<Comparing<'v>> {
        let view = |side: usize| Some(&both.views[side].as_ref()?.measures[pair.at[side]?]);
        let views = [view(0), view(1)];
        if let [Some(before), Some(after)] = views
            && same(pair, before, after)
        {
            return None;
        }
        let words = views.map(|view| {
            let mut words: Vec<String> = view.map_or_else(Vec::new, |view| owned(&view.status.words()));
            words.push(ABSENT.to_owned());
            words
        });
        let worth = [0, 1].map(|side| words[side].iter().map(|word| worth(pair, word)).collect::<Vec<i8>>());
        let alike = |old: &String| words[1].iter().map(|new| alike(old, new)).collect();
        let alike = words[0].iter().map(alike).collect();
        let lists = |list: fn(&MeasureView) -> Vec<&str>| {
            let [before, after] = views.map(|view| view.map_or_else(Vec::new, list));
            translate(pair, &before, &after)
        };
        let branches = lists(|view| view.branch.as_ref().map_or_else(Vec::new, Names::words));
        let (failed, missing) = (lists(|view| view.failed.words()), lists(|view| view.missing.words()));
        let benefits = pair.benefits.iter().enumerate().map(|(at, pair)| (at, Columns::new(views, pair)));
        let benefits = benefits.filter(|(_, columns)| !columns.same()).collect();
        let reasons = match views {
            [Some(before), Some(after)] => !same_reasons(before, after),
            _ => false,
        };
        Some(Comparing {
            pairing,
            pair,
            views,
            words,
            worth,
            benefits,
            reasons,
            alike,
            branches,
            failed,
            missing,
        })
    }

    /// The code of a record's status, among the words of a side.
    pub fn status(&self, side: usize, row: usize) -> usize {
        self.views[side].map_or(self.words[side].len() - 1, |view| usize::from(view.status.codes()[row]))
    }

    /// How the answers to a record differ; `money` is where what it is granted more is put.
    pub fn row<'m>(&self, row: usize, money: &'m mut [i128]) -> Change<'m> {
        money.fill(0);
        let (mut more, mut less, mut other) = (false, false, false);
        for (at, columns) in &self.benefits {
            let pair = &self.pair.benefits[*at];
            if columns.same_at(row) {
                continue;
            }
            let [before, after] = [columns.granted(0, row), columns.granted(1, row)];
            match pair.counts {
                Counts::Money { currency, against } => {
                    let by = after.whole() - before.whole();
                    money[currency] += if against { -by } else { by };
                }
                Counts::Quantity { against } => {
                    if let Some(order) = before.compared(&after) {
                        let better = (order == Ordering::Less) != against;
                        let changed = order != Ordering::Equal;
                        (more, less) = (more || changed && better, less || changed && !better);
                    }
                }
                Counts::Flag => {}
            }
            other |= before.differs(&after, &self.pair.renamed);
            // Of what is at the authority's discretion the ceiling may change alone.
            if !pair.drawn
                && let (Some(old), Some(new)) = (before.most, after.most)
            {
                let against = matches!(
                    pair.counts,
                    Counts::Money { against: true, .. } | Counts::Quantity { against: true }
                );
                (more, less) = (
                    more || (old < new) != against && old != new,
                    less || (old > new) != against && old != new,
                );
            }
        }
        let codes = [self.status(0, row), self.status(1, row)];
        let status = !self.alike[codes[0]][codes[1]];
        let reason = !status && self.reasons && self.reasons_differ(row);
        let worth = self.worth[1][codes[1]] - self.worth[0][codes[0]];
        let verdict = by_money(money).unwrap_or(match (worth, more, less) {
            (1.., ..) => Verdict::Gains,
            (..=-1, ..) => Verdict::Loses,
            (0, true, false) => Verdict::Gains,
            (0, false, true) => Verdict::Loses,
            (0, true, true) => Verdict::Other,
            (0, false, false) if status || reason || other => Verdict::Other,
            _ => Verdict::Same,
        });
        Change { verdict, status, reason, money }
    }

    /// Whether a record of the same status has it for other reasons, or by another branch.
    fn reasons_differ(&self, row: usize) -> bool {
        let [Some(before), Some(after)] = self.views else { return false };
        let branch = match (&before.branch, &after.branch) {
            (Some(old), Some(new)) => match (old.has(row), new.has(row)) {
                (true, true) => self.branches[usize::from(old.codes()[row])] != Some(new.codes()[row]),
                (old, new) => old != new,
            },
            _ => false,
        };
        let lists = |old: &NameLists, new: &NameLists, codes: &[Option<u16>]| {
            let (old, new) = (old.codes(row), new.codes(row));
            let same = |code: &u16| codes[usize::from(*code)].is_some_and(|code| new.contains(&code));
            old.len() != new.len() || !old.iter().all(same)
        };
        branch
            || lists(&before.failed, &after.failed, &self.failed)
            || lists(&before.missing, &after.missing, &self.missing)
    }

    /// Notes by how much quantities that are granted before and after have changed.
    pub fn quantities(&self, row: usize, into: &mut BTreeMap<usize, (u32, Spread)>) {
        for (at, columns) in &self.benefits {
            let Counts::Quantity { .. } = self.pair.benefits[*at].counts else { continue };
            let [before, after] = [columns.granted(0, row), columns.granted(1, row)];
            let (Some(old), Some(new)) = (before.least, after.least) else { continue };
            let scale = before.scale.max(after.scale);
            let by = scaled(new, after.scale, scale) - scaled(old, before.scale, scale);
            if by != 0 {
                into.entry(*at).or_insert((scale, Spread::default())).1.add(by);
            }
        }
    }
}

fn scaled(value: i128, from: u32, to: u32) -> i128 {
    if from == to { value } else { value.saturating_mul(10i128.pow(to - from)) }
}

/// What one answer grants of a benefit.
#[derive(Default)]
struct Granted<'a> {
    scale: u32,
    has: bool,
    least: Option<i128>,
    most: Option<i128>,
    months: Option<i128>,
    text: Option<&'a str>,
}

/// The columns of a benefit, before and after.
struct Columns<'a> {
    sides: [Option<&'a BenefitView>; 2],
    /// Numbers of one scale, without months or ceilings: equal ones are the same.
    plain: bool,
}

impl<'a> Columns<'a> {
    fn new(views: [Option<&'a MeasureView>; 2], pair: &BenefitPair) -> Columns<'a> {
        let sides = [0, 1].map(|side| Some(&views[side]?.benefits[pair.at[side]?]));
        let plain = match sides {
            [Some(old), Some(new)] => {
                let alone = |own: &BenefitView| own.most.is_none() && own.months.is_none();
                let number = |own: &BenefitView| !matches!(own.least, Amounts::Text(_));
                alone(old)
                    && alone(new)
                    && number(old)
                    && number(new)
                    && old.least.scale() == new.least.scale()
            }
            _ => false,
        };
        Columns { sides, plain }
    }

    /// Whether all records are granted the same; not all that are the same are found.
    fn same(&self) -> bool {
        let amounts = |old: &Option<Amounts>, new: &Option<Amounts>| match (old, new) {
            (Some(old), Some(new)) => old.same(new),
            (None, None) => true,
            _ => false,
        };
        let [Some(old), Some(new)] = self.sides else { return false };
        old.least.same(&new.least) && amounts(&old.most, &new.most) && amounts(&old.months, &new.months)
    }

    fn same_at(&self, row: usize) -> bool {
        match self.sides {
            [Some(old), Some(new)] if self.plain => old.least.number(row) == new.least.number(row),
            _ => false,
        }
    }

    fn granted(&self, side: usize, row: usize) -> Granted<'a> {
        let Some(benefit) = self.sides[side] else { return Granted::default() };
        let number = |amounts: &Option<Amounts>| amounts.as_ref().and_then(|amounts| amounts.number(row));
        Granted {
            scale: benefit.least.scale(),
            has: benefit.least.has(row),
            least: benefit.least.number(row),
            most: number(&benefit.most),
            months: number(&benefit.months),
            text: benefit.least.text(row),
        }
    }
}

impl Granted<'_> {
    /// The amount of all months together; zero where nothing is granted.
    fn whole(&self) -> i128 {
        let amount = self.least.unwrap_or(0);
        self.months.map_or(amount, |months| amount.saturating_mul(months))
    }

    /// Less or more after; `None` where one of the two is not granted, which its status tells.
    fn compared(&self, after: &Granted<'_>) -> Option<Ordering> {
        let (old, new) = (self.least?, after.least?);
        let scale = self.scale.max(after.scale);
        let old = scaled(old, self.scale, scale);
        let new = scaled(new, after.scale, scale);
        let months = |amount: i128, months: Option<i128>| {
            months.map_or(amount, |months| amount.saturating_mul(months))
        };
        Some(months(old, self.months).cmp(&months(new, after.months)))
    }

    fn differs(&self, after: &Granted<'_>, renamed: &BTreeMap<String, String>) -> bool {
        let text = self.text.map(|text| renamed.get(text).map_or(text, String::as_str));
        (self.has, self.least, self.most, self.months, text)
            != (after.has, after.least, after.most, after.months, after.text)
    }
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// For each word before the code after of the same word, or of what it is called now.
fn translate(pair: &MeasurePair, before: &[&str], after: &[&str]) -> Vec<Option<u16>> {
    let code = |word: &&str| {
        let word = pair.renamed.get(*word).map_or(*word, String::as_str);
        after.iter().position(|other| *other == word).map(|at| at as u16)
    };
    before.iter().map(code).collect()
}

/// Whether all answers are the same; not all that are the same are found.
fn same(pair: &MeasurePair, before: &MeasureView, after: &MeasureView) -> bool {
    let views = [Some(before), Some(after)];
    before.status.same(&after.status)
        && same_reasons(before, after)
        && pair.benefits.iter().all(|pair| Columns::new(views, pair).same())
}

/// Whether all branches and reasons are the same; not all that are the same are found.
fn same_reasons(before: &MeasureView, after: &MeasureView) -> bool {
    let branches = match (&before.branch, &after.branch) {
        (Some(old), Some(new)) => old.same(new),
        (None, None) => true,
        _ => false,
    };
    branches && before.failed.same(&after.failed) && before.missing.same(&after.missing)
}

/// What a status is worth to the record, among those of the measure.
fn worth(pair: &MeasurePair, status: &str) -> i8 {
    let open = matches!(status, "undetermined" | "conflict" | "error");
    match pair.kind {
        MeasureKind::Measure => {
            let own = if status == "granted" { 2 } else { i8::from(open) };
            if pair.penal { -own } else { own }
        }
        MeasureKind::Duty | MeasureKind::Target => {
            if matches!(status, "breached" | "missed") {
                -2
            } else {
                -i8::from(open)
            }
        }
    }
}
