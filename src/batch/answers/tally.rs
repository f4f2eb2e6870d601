//! What the answers of machine code come to: counts, and sums of money.

use std::collections::BTreeMap;

use super::columns::{Columns, One, status_of};
use super::{Purse, granted, purse};
use crate::batch::decode::{Part, awards};
use crate::batch::summary::{Summary, purse_name};
use crate::interp::Status;
use crate::jit::{NO_BRANCH, status};
use crate::value::Number;

/// Counts and sums in the making.
pub struct Tally<'c, 'a> {
    columns: &'c Columns<'a>,
    summary: Summary,
    totals: Totals,
}

/// What each row is granted.
pub struct Totals {
    pub cells: Vec<(Purse, Vec<i64>)>,
    /// What is to be added for some rows: from answers that override, or beyond 64 bits.
    pub beyond: BTreeMap<(Purse, usize), Number>,
}

impl<'c, 'a> Tally<'c, 'a> {
    pub fn new(columns: &'c Columns<'a>) -> Tally<'c, 'a> {
        let mut summary = Summary::new(columns.form.plan);
        let rows = columns.rows.len();
        summary.records = rows as u64;
        let cells = columns.form.purses.iter().map(|purse| (*purse, vec![0; rows])).collect();
        Tally { columns, summary, totals: Totals { cells, beyond: BTreeMap::new() } }
    }

    pub fn not_in_force(&mut self, measure: usize) {
        let rows = self.columns.rows.len() as u64;
        if rows > 0 {
            self.summary.measures[measure].count(Status::NotInForce.name(), rows);
        }
    }

    pub fn add(&mut self, one: &One) {
        self.count(one);
        self.add_money(one);
        let plan = self.columns.form.plan;
        for (at, answer) in &one.overrides {
            let own = &mut self.summary.measures[one.at];
            own.count(answer.status.name_for(one.plan, answer.branch), 1);
            own.add(plan, one.plan, answer);
            let mut sums = BTreeMap::new();
            granted(one.plan, answer, &mut sums);
            for (purse, sum) in sums {
                self.summary.add_money(one.at, &purse_name(purse), &sum);
                self.add_beyond(purse, *at, &sum);
            }
        }
    }

    fn add_beyond(&mut self, purse: Purse, at: usize, sum: &Number) {
        let entry = self.totals.beyond.entry((purse, at)).or_default();
        *entry = entry.add(sum);
    }

    fn count(&mut self, one: &One) {
        let statuses = self.columns.bytes(one.outputs.status);
        let overridden = |is: &dyn Fn(usize) -> bool| one.overrides.iter().filter(|(at, _)| is(*at)).count();
        let own = &mut self.summary.measures[one.at];
        let mut undetermined = 0;
        for code in [status::GRANTED, status::REFUSED, status::UNDETERMINED, status::CONFLICT] {
            let count = occurrences(&statuses, |byte| byte == code) - overridden(&|at| statuses[at] == code);
            let by_branch = code == status::GRANTED && one.plan.undone().is_some();
            if count > 0 && !by_branch {
                own.count(status_of(code).name_for(one.plan, None), count as u64);
            }
            if code == status::UNDETERMINED {
                undetermined = count;
            }
        }
        if let (Some(branch), Some(choice)) = (one.outputs.branch, &one.plan.choice) {
            let taken = self.columns.bytes(branch);
            for (code, branch) in (0..NO_BRANCH).zip(&choice.branches) {
                let count = occurrences(&taken, |byte| byte == code) - overridden(&|at| taken[at] == code);
                if count > 0 && !one.plan.shows_branch() {
                    own.count(&branch.test.name, count as u64);
                } else if count > 0 {
                    *own.branches.entry(branch.test.name.clone()).or_insert(0) += count as u64;
                }
            }
        }
        if undetermined == 0 {
            return;
        }
        for (plane, column) in one.outputs.missing.iter().enumerate() {
            let bytes = self.columns.bytes(*column);
            for (bit, input) in one.outputs.inputs.iter().skip(8 * plane).take(8).enumerate() {
                let is_set = |byte: u8| byte >> bit & 1 == 1;
                let count = occurrences(&bytes, is_set) - overridden(&|at| is_set(bytes[at]));
                if count > 0 {
                    let name = self.columns.form.plan.inputs[usize::from(*input)].name.clone();
                    *own.missing.entry(name).or_insert(0) += count as u64;
                }
            }
        }
    }

    /// Adds what a measure grants to the totals of each row, and to the sums.
    fn add_money(&mut self, one: &One) {
        for (column, (plan, written)) in one.plan.columns.iter().zip(&one.outputs.columns).enumerate() {
            let (Some(purse), Some(least)) = (purse(plan), written.least) else { continue };
            let mut amounts = self.columns.ints(least);
            if !one.overrides.is_empty() {
                one.overrides.iter().for_each(|(at, _)| amounts.to_mut()[*at] = 0);
            }
            let total = self.totals.cells.iter_mut().find(|(own, _)| *own == purse);
            let total = &mut total.expect("every kind of money has a total").1;
            let mut sum = 0i128;
            let mut wide: Vec<(usize, i128)> = Vec::new();
            let mut add = |at: usize, amount: i128| {
                sum += amount;
                match i64::try_from(amount).ok().and_then(|amount| total[at].checked_add(amount)) {
                    Some(more) => total[at] = more,
                    None => wide.push((at, amount)),
                }
            };
            match written.months {
                None => amounts.iter().enumerate().for_each(|(at, amount)| add(at, (*amount).into())),
                Some(months) => {
                    let months = self.columns.ints(months);
                    let taken = one.outputs.branch.map(|branch| self.columns.bytes(branch));
                    for (at, amount) in amounts.iter().enumerate().filter(|(_, amount)| **amount != 0) {
                        let branch = taken.as_ref().map(|taken| usize::from(taken[at]));
                        let branch = branch.filter(|branch| *branch != usize::from(NO_BRANCH));
                        let times =
                            if awards(one.plan, column, branch, Part::Months) { months[at] } else { 1 };
                        add(at, i128::from(*amount) * i128::from(times));
                    }
                }
            }
            let sum = Number::from_scaled(sum, plan.decimals);
            self.summary.add_money(one.at, &purse_name(purse), &sum);
            for (at, amount) in wide {
                self.add_beyond(purse, at, &Number::from_scaled(amount, plan.decimals));
            }
        }
    }

    pub fn finish(self) -> (Totals, Summary) {
        (self.totals, self.summary)
    }
}

/// In how many bytes something holds; counted in bytes themselves, many at a time.
fn occurrences(bytes: &[u8], is: impl Fn(u8) -> bool) -> usize {
    let count = |some: &[u8]| usize::from(some.iter().fold(0u8, |count, byte| count + u8::from(is(*byte))));
    bytes.chunks(255).map(count).sum()
}
