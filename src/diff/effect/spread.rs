//! How large changes are: every value with how often it occurs, quantiles and a small histogram; exact.
//!
//! A spread holds each different value once. Beyond [`Spread::MOST`] different ones it keeps values to three
//! significant digits (towards zero), of which there are few however many records there are, and says so.

/// Values of one unit as whole numbers, with how often each occurs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spread {
    /// Ascending, each value once.
    counts: Vec<(i128, u64)>,
    /// Not yet counted; those of 64 bits apart.
    waiting: Vec<i64>,
    large: Vec<i128>,
    rounded: bool,
}

/// From `low` up to, but without, `high`. The one below zero goes up to the value nearest to zero, with that; the one
/// above goes from it: an end at zero would promise changes that small. Several empty ones together are one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bucket {
    pub low: i128,
    pub high: i128,
    pub count: u64,
}

/// The shares of the records, in hundredths, at which quantiles are told.
pub const QUANTILES: [u64; 7] = [0, 10, 25, 50, 75, 90, 100];

/// Buckets of a histogram, at most.
const BUCKETS: i128 = 12;

/// Empty buckets in a row that are shown apart, at most.
const EMPTY: usize = 2;

impl Spread {
    /// Different values that are kept as they are.
    pub const MOST: usize = 10_000;
    /// Values that wait before they are counted.
    const WAITING: usize = 16_384;

    pub fn add(&mut self, value: i128) {
        let value = if self.rounded { three_digits(value) } else { value };
        match i64::try_from(value) {
            Ok(value) => self.waiting.push(value),
            Err(_) => self.large.push(value),
        }
        if self.waiting.len() + self.large.len() >= Spread::WAITING {
            self.settle();
        }
    }

    /// Counts what waits.
    pub fn settle(&mut self) {
        let (mut waiting, mut large) = (std::mem::take(&mut self.waiting), std::mem::take(&mut self.large));
        waiting.sort_unstable();
        large.sort_unstable();
        let runs = waiting.chunk_by(|a, b| a == b).map(|run| (run[0].into(), run.len() as u64));
        self.count(&runs.collect::<Vec<_>>());
        let runs = large.chunk_by(|a, b| a == b).map(|run| (run[0], run.len() as u64));
        self.count(&runs.collect::<Vec<_>>());
        waiting.clear();
        self.waiting = waiting;
    }

    /// Takes in other values, ascending.
    fn count(&mut self, more: &[(i128, u64)]) {
        if more.is_empty() {
            return;
        }
        let mut merged: Vec<(i128, u64)> = Vec::with_capacity(self.counts.len() + more.len());
        let (mut own, mut more) = (self.counts.iter().peekable(), more.iter().peekable());
        loop {
            let next = match (own.peek(), more.peek()) {
                (Some(a), Some(b)) if a.0 <= b.0 => own.next(),
                (Some(_), None) => own.next(),
                (_, Some(_)) => more.next(),
                (None, None) => break,
            };
            let Some((value, times)) = next.copied() else { break };
            match merged.last_mut() {
                Some((last, sum)) if *last == value => *sum += times,
                _ => merged.push((value, times)),
            }
        }
        self.counts = merged;
        if !self.rounded && self.counts.len() > Spread::MOST {
            self.round();
        }
    }

    fn round(&mut self) {
        self.rounded = true;
        // Towards zero keeps the order.
        let mut rounded: Vec<(i128, u64)> = Vec::new();
        for (value, times) in std::mem::take(&mut self.counts) {
            let value = three_digits(value);
            match rounded.last_mut() {
                Some((last, sum)) if *last == value => *sum += times,
                _ => rounded.push((value, times)),
            }
        }
        self.counts = rounded;
    }

    /// Takes in another part of the same.
    pub fn merge(&mut self, other: &Spread) {
        self.settle();
        let mut other = other.clone();
        other.settle();
        match (self.rounded, other.rounded) {
            (false, true) => self.round(),
            (true, false) => other.round(),
            _ => {}
        }
        self.count(&other.counts);
    }

    /// Values are kept to three significant digits.
    pub fn is_rounded(&self) -> bool {
        self.rounded
    }

    pub fn len(&self) -> u64 {
        let counted: u64 = self.counts.iter().map(|(_, times)| times).sum();
        counted + (self.waiting.len() + self.large.len()) as u64
    }

    pub fn is_empty(&self) -> bool {
        self.counts.is_empty() && self.waiting.is_empty() && self.large.is_empty()
    }

    /// The least value that so many hundredths of all do not exceed, for each of [`QUANTILES`]; of none where there
    /// is no value.
    pub fn quantiles(&self) -> Vec<(u64, i128)> {
        let mut all = self.clone();
        all.settle();
        let count = all.len();
        let mut found = Vec::new();
        let (mut values, mut seen) = (all.counts.iter(), 0u64);
        let mut value = None;
        for share in QUANTILES {
            let wanted = (u128::from(count) * u128::from(share)).div_ceil(100).max(1);
            while u128::from(seen) < wanted {
                let Some((next, times)) = values.next() else { break };
                (value, seen) = (Some(*next), seen + times);
            }
            found.extend(value.map(|value| (share, value)));
        }
        found
    }

    /// A few buckets that hold everything, none of them over zero: of one width, or, where most would fall in one,
    /// wider and wider.
    pub fn histogram(&self) -> Vec<Bucket> {
        let mut all = self.clone();
        all.settle();
        let (Some((least, _)), Some((greatest, _))) = (all.counts.first(), all.counts.last()) else {
            return Vec::new();
        };
        let even = all.fill(&even_edges(*least, *greatest));
        let crowded = even.iter().any(|bucket| bucket.count * 5 > all.len() * 4);
        if !crowded || all.counts.len() < 3 {
            return even;
        }
        all.fill(&growing_edges(*least, *greatest))
    }

    fn fill(&self, edges: &[i128]) -> Vec<Bucket> {
        let bucket = |ends: &[i128]| {
            let [from, to] =
                [ends[0], ends[1]].map(|end| self.counts.partition_point(|(value, _)| *value < end));
            let count = self.counts[from..to].iter().map(|(_, times)| times).sum();
            Bucket { low: ends[0], high: ends[1], count }
        };
        let mut buckets: Vec<Bucket> = edges.windows(2).map(bucket).collect();
        buckets.iter_mut().for_each(|bucket| self.draw_back_from_zero(bucket));
        let first = buckets.iter().position(|bucket| bucket.count > 0).unwrap_or(0);
        let last = buckets.iter().rposition(|bucket| bucket.count > 0).unwrap_or(0);
        buckets.truncate(last + 1);
        merge_empty(buckets.split_off(first.min(buckets.len())))
    }

    fn draw_back_from_zero(&self, bucket: &mut Bucket) {
        if bucket.count == 0 {
            return;
        }
        let place = self.counts.partition_point(|(value, _)| *value < 0);
        if bucket.high == 0 {
            bucket.high = self.counts[place - 1].0;
        } else if bucket.low == 0 {
            bucket.low = self.counts[place].0;
        }
    }
}

/// Makes one of several empty buckets that follow each other, but no one over zero.
fn merge_empty(buckets: Vec<Bucket>) -> Vec<Bucket> {
    let together = |a: &Bucket, b: &Bucket| a.count == 0 && b.count == 0 && b.low != 0;
    let merge = |run: &[Bucket]| match run {
        [first, .., last] if run.len() > EMPTY => vec![Bucket { low: first.low, high: last.high, count: 0 }],
        run => run.to_vec(),
    };
    buckets.chunk_by(together).flat_map(merge).collect()
}

/// A value with three significant digits, towards zero.
fn three_digits(value: i128) -> i128 {
    if let Ok(small) = i64::try_from(value) {
        // Most are small: 64 bits divide much faster.
        let digits = small.unsigned_abs().checked_ilog10().unwrap_or(0);
        let power = 10i64.pow(digits.saturating_sub(2));
        return (small / power * power).into();
    }
    let digits = value.unsigned_abs().checked_ilog10().unwrap_or(0);
    let power = 10i128.pow(digits.saturating_sub(2));
    value / power * power
}

/// The least of 1, 2 and 5 times a power of ten that is no less.
fn round_step(at_least: i128) -> i128 {
    let mut power = 1i128;
    loop {
        for factor in [1, 2, 5] {
            let step = power.saturating_mul(factor);
            if step >= at_least {
                return step;
            }
        }
        power = power.saturating_mul(10);
    }
}

fn even_edges(least: i128, greatest: i128) -> Vec<i128> {
    let step = round_step(((greatest - least) / (BUCKETS - 2)).max(1));
    let first = least.div_euclid(step);
    let last = greatest.div_euclid(step) + 1;
    (first..=last).map(|at| at * step).collect()
}

/// Zero and 1, 2 and 5 times powers of ten on both sides of it, or, where these are too many, powers of ten.
fn growing_edges(least: i128, greatest: i128) -> Vec<i128> {
    let most = least.unsigned_abs().max(greatest.unsigned_abs()).min(i128::MAX as u128 / 20) as i128;
    let edges = |factors: &[i128]| {
        let (mut sizes, mut power) = (Vec::new(), 1i128);
        while sizes.last().is_none_or(|last| *last <= most) {
            sizes.extend(factors.iter().map(|factor| factor * power));
            power *= 10;
        }
        let mut all: Vec<i128> = sizes.iter().rev().map(|size| -size).collect();
        all.push(0);
        all.extend(sizes);
        // What is beyond the values on either side is cut later; this keeps the first and last that hold some.
        let from = all.partition_point(|edge| *edge <= least).saturating_sub(1);
        let to = all.partition_point(|edge| *edge <= greatest);
        all[from..=to.min(all.len() - 1)].to_vec()
    };
    let fine = edges(&[1, 2, 5]);
    if fine.len() as i128 <= BUCKETS + 1 { fine } else { edges(&[1]) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(values: &[i128]) -> Spread {
        let mut spread = Spread::default();
        values.iter().for_each(|value| spread.add(*value));
        spread
    }

    #[test]
    fn quantiles_are_values_that_occur() {
        let spread = of(&[5, 1, 1, 9]);
        assert_eq!(spread.quantiles(), [(0, 1), (10, 1), (25, 1), (50, 1), (75, 5), (90, 9), (100, 9)]);
        assert!(of(&[]).quantiles().is_empty() && of(&[]).histogram().is_empty());
    }

    #[test]
    fn crowded_buckets_are_cut_finer_near_zero() {
        let mut values = vec![-3; 900];
        values.extend([-40, -700, -90_000]);
        let buckets = of(&values).histogram();
        let counts: Vec<u64> = buckets.iter().map(|bucket| bucket.count).filter(|count| *count > 0).collect();
        assert_eq!(counts, [1, 1, 1, 900]);
    }

    #[test]
    fn few_values_have_no_long_runs_of_nothing_and_none_at_zero() {
        let ends = |values: &[i128]| -> Vec<(i128, i128, u64)> {
            of(values).histogram().iter().map(|own| (own.low, own.high, own.count)).collect()
        };
        assert_eq!(ends(&[-300, 6]), [(-300, -250, 1), (-250, 0, 0), (6, 50, 1)]);
        assert_eq!(ends(&[-18_000]), [(-18_000, -17_999, 1)]);
        assert_eq!(ends(&[-90, -90, -5]), [(-90, -80, 2), (-80, -10, 0), (-10, -5, 1)]);
    }

    #[test]
    fn too_many_values_are_kept_to_three_digits() {
        let values: Vec<i128> = (0..60_000).map(|value| value * 7 + 1_000_000).collect();
        let spread = of(&values);
        let median = spread.quantiles()[3].1;
        assert!(spread.is_rounded() && spread.len() == 60_000);
        assert_eq!(median, three_digits(1_000_000 + 29_999 * 7));
        assert!(spread.counts.len() < 2_000);
    }

    proptest! {
        #[test]
        fn buckets_hold_everything_and_do_not_cross_zero(
            values in prop::collection::vec(prop_oneof![-50i128..50, -10i128.pow(30)..10i128.pow(30)], 1..60),
        ) {
            let buckets = of(&values).histogram();
            let nearest = values.iter().copied().filter(|value| *value < 0).max().unwrap_or(0);
            prop_assert_eq!(buckets.iter().map(|bucket| bucket.count).sum::<u64>(), values.len() as u64);
            for (at, bucket) in buckets.iter().enumerate() {
                prop_assert!(bucket.low <= bucket.high && (bucket.low >= 0 || bucket.high <= 0));
                // Only the one below zero may hold its end.
                let goes_on = buckets.get(at + 1).is_some_and(|next| next.low == bucket.high);
                let last = bucket.high == nearest && bucket.high < 0 && !goes_on && bucket.count > 0;
                let holds = |value: &&i128| {
                    (bucket.low..bucket.high).contains(*value) || last && **value == nearest
                };
                let own = values.iter().filter(holds).count();
                prop_assert_eq!(own as u64, bucket.count);
            }
        }

        #[test]
        fn parts_make_the_same_whole(
            parts in prop::collection::vec(prop::collection::vec(-1_000i128..1_000, 0..40), 1..6),
        ) {
            let whole = of(&parts.concat());
            let mut merged = Spread::default();
            parts.iter().for_each(|part| merged.merge(&of(part)));
            prop_assert_eq!(merged.quantiles(), whole.quantiles());
            prop_assert_eq!(merged.histogram(), whole.histogram());
        }
    }
}
