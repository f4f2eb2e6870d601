//! How the values of a column are spread: evenly, over magnitudes, or around a middle.

use super::draw::{Draw, Powers, Share, log2};

/// A distribution of whole numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Spread {
    /// Each as often as any other.
    Uniform { low: i64, count: u64 },
    /// Each magnitude as often as any other: many small ones, few large ones. `from` and `width` are logarithms.
    LogUniform { low: i64, high: i64, from: i64, width: u64 },
    /// Around a median, two thirds of them between it over and times a factor, whose logarithm is `deviation`.
    LogNormal { low: i64, high: i64, middle: i64, deviation: i64 },
}

impl Spread {
    /// From `low` to `high`, both included.
    pub fn uniform(low: i64, high: i64) -> Spread {
        Spread::Uniform { low, count: (high.max(low).wrapping_sub(low) as u64).saturating_add(1) }
    }

    /// From `low`, which is not negative, to `high`, both included.
    pub fn log_uniform(low: i64, high: i64) -> Spread {
        let (low, high) = (low.max(0), high.max(low));
        let from = log2(low.max(1) as u64);
        // Up to just below the number that follows the last.
        let to = log2((high as u64).saturating_add(1));
        Spread::LogUniform { low, high, from, width: to.saturating_sub(from).max(1) as u64 }
    }

    /// `factor` in thousandths.
    pub fn log_normal(low: i64, high: i64, median: i64, factor: u64) -> Spread {
        let deviation = log2(factor.max(1_000)) - log2(1_000);
        Spread::LogNormal { low, high: high.max(low), middle: log2(median.max(1) as u64), deviation }
    }

    pub fn at(&self, draw: Draw, powers: &Powers) -> i64 {
        match *self {
            Spread::Uniform { low, count } => low.wrapping_add(draw.below(count) as i64),
            Spread::LogUniform { low, high, from, width } => {
                let power = powers.of(from + draw.below(width) as i64);
                (power as i64).clamp(low, high)
            }
            Spread::LogNormal { low, high, middle, deviation } => {
                // 64 coins are nearly normal, with a deviation of four; a uniform part makes them continuous.
                let coins = i64::from(draw.0.count_ones()) - 32;
                let part = i64::from(draw.more(2).chance()) - (1 << 31);
                let deviations = ((coins << 32) + part) >> 2;
                let away = (i128::from(deviations) * i128::from(deviation)) >> 32;
                (powers.of(middle + away as i64) as i64).clamp(low, high)
            }
        }
    }
}

/// Which of several things.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// Of so many, each as often as any other.
    Even(usize),
    /// Each up to its share of 2^32, ascending.
    Weighted(Vec<u64>),
}

impl Choice {
    /// By weights, some of which are above zero.
    pub fn weighted(weights: &[u64]) -> Choice {
        let total: u128 = weights.iter().map(|weight| u128::from(*weight)).sum();
        let mut below = 0u128;
        let ends = weights.iter().map(|weight| {
            below += u128::from(*weight);
            ((below << 32) / total.max(1)) as u64
        });
        Choice::Weighted(ends.collect())
    }

    pub fn at(&self, draw: Draw) -> usize {
        match self {
            Choice::Even(count) => draw.pick(*count),
            Choice::Weighted(ends) => {
                let chance = u64::from(draw.chance());
                ends.partition_point(|end| *end <= chance).min(ends.len().saturating_sub(1))
            }
        }
    }
}

/// Cells of a column by what happens to them, in 2^32nds: first those that are missing, then those at a boundary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fates {
    pub missing: Share,
    /// `missing` and those at a boundary.
    pub special: Share,
}

impl Fates {
    /// `boundary` is the share of those that are there.
    pub fn new(missing: Share, boundary: Share) -> Fates {
        let special = missing.0 + ((missing.rest().0 * boundary.0.min(Share::ALWAYS.0)) >> 32);
        Fates { missing, special: Share(special) }
    }
}

#[cfg(test)]
mod tests {
    use super::super::draw::Stream;
    use super::*;

    fn drawn(spread: &Spread) -> Vec<i64> {
        let (stream, powers) = (Stream::new(3, "R", "x"), Powers::new());
        let mut all: Vec<i64> = (0..10_000).map(|row| spread.at(stream.at(row), &powers)).collect();
        all.sort_unstable();
        all
    }

    #[test]
    fn values_stay_in_their_range_and_fill_it() {
        for (low, high) in [(0, 0), (-3, 3), (5, 1_000_000), (0, i64::MAX), (i64::MIN, i64::MAX)] {
            let all = drawn(&Spread::uniform(low, high));
            assert!(low <= all[0] && all[9_999] <= high);
        }
        for (low, high) in [(0, 0), (0, 9), (1, 10), (50, 400), (0, 999_999_999_999_999_999)] {
            let all = drawn(&Spread::log_uniform(low, high));
            assert!(low <= all[0] && all[9_999] <= high, "{low} {high} {} {}", all[0], all[9_999]);
            assert!(all[9_999] >= high / 2);
        }
    }

    #[test]
    fn magnitudes_are_even_and_the_median_is_the_median() {
        let all = drawn(&Spread::log_uniform(1, 1_000_000));
        assert!((500..2_000).contains(&all[5_000]), "{}", all[5_000]);
        let all = drawn(&Spread::log_normal(0, i64::MAX, 30_000, 4_000));
        assert!((28_000..32_000).contains(&all[5_000]), "{}", all[5_000]);
        // One deviation to either side.
        assert!((6_500..8_500).contains(&all[1_587]), "{}", all[1_587]);
        assert!((105_000..138_000).contains(&all[8_413]), "{}", all[8_413]);
        let same = drawn(&Spread::log_normal(0, 100, 7, 1_000));
        assert!(same.iter().all(|value| (6..=7).contains(value)));
    }

    #[test]
    fn weights_are_kept() {
        let choice = Choice::weighted(&[1, 0, 3]);
        let stream = Stream::new(3, "R", "x");
        let mut seen = [0; 3];
        (0..40_000).for_each(|row| seen[choice.at(stream.at(row))] += 1);
        assert!(seen[1] == 0 && (9_500..10_500).contains(&seen[0]), "{seen:?}");
    }
}
