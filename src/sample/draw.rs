//! Random numbers that anybody can ask for in any order: each cell has its own, made of the seed, the names of its
//! record and field, and its row. Whole numbers only, so that every machine draws the same.

/// The random numbers of one column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stream(u64);

const STRIDE: u64 = 0x9E37_79B9_7F4A_7C15;

impl Stream {
    pub fn new(seed: u64, record: &str, field: &str) -> Stream {
        // FNV-1a over the names, which a later field does not change.
        let bytes = record.bytes().chain([0xFF]).chain(field.bytes());
        let name = bytes.fold(0xCBF2_9CE4_8422_2325u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01B3)
        });
        Stream(mix(mix(seed ^ STRIDE) ^ name))
    }

    /// The random bits of a row.
    pub fn at(self, row: u64) -> Draw {
        Draw(mix(self.0.wrapping_add(row.wrapping_mul(STRIDE))))
    }
}

/// The last step of SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014).
fn mix(bits: u64) -> u64 {
    let bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}

/// 64 random bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Draw(pub u64);

impl Draw {
    /// A number below 2^32, to be held against a [`Share`].
    pub fn chance(self) -> u32 {
        self.0 as u32
    }

    /// Which of `count` things; other bits than those of [`Draw::chance`].
    pub fn pick(self, count: usize) -> usize {
        (((self.0 >> 32) * count as u64) >> 32) as usize
    }

    /// Further bits of the same cell.
    pub fn more(self, salt: u64) -> Draw {
        Draw(mix(self.0 ^ salt.wrapping_mul(STRIDE)))
    }

    /// A number from 0 up to `count`, which is above zero.
    pub fn below(self, count: u64) -> u64 {
        ((u128::from(self.0) * u128::from(count)) >> 64) as u64
    }
}

/// A probability in 2^32nds: from 0, never, to 2^32, always.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Share(pub u64);

impl Share {
    pub const NEVER: Share = Share(0);
    pub const ALWAYS: Share = Share(1 << 32);

    pub const fn percent(percent: u64) -> Share {
        Share((percent << 32) / 100)
    }

    pub fn has(self, draw: Draw) -> bool {
        u64::from(draw.chance()) < self.0
    }

    /// What is left beside another one.
    pub fn rest(self) -> Share {
        Share(Share::ALWAYS.0 - self.0.min(Share::ALWAYS.0))
    }
}

/// Bits after the point of the logarithms below.
const POINT: u32 = 32;

/// The logarithm of a number above zero to base 2, times 2^32.
pub fn log2(number: u64) -> i64 {
    let number = number.max(1);
    let whole = number.ilog2();
    // The number between 1 and 2, times 2^63; its square moves one binary digit of the logarithm before the point.
    let mut rest = u128::from(number) << (63 - whole);
    let mut log = i64::from(whole);
    for _ in 0..POINT {
        rest = (rest * rest) >> 63;
        let above = rest >= 1 << 64;
        log = (log << 1) | i64::from(above);
        rest >>= u32::from(above);
    }
    log
}

/// Powers of two between whole ones.
#[derive(Debug, Clone)]
pub struct Powers(Box<[u64; STEPS + 1]>);

const STEP_BITS: u32 = 10;
const STEPS: usize = 1 << STEP_BITS;

impl Powers {
    pub fn new() -> Powers {
        const ONE: u128 = 1 << 60;
        // Roots of two: the second, the fourth, the eighth …
        let mut root = 2 * ONE;
        let roots: [u128; STEP_BITS as usize] = std::array::from_fn(|_| {
            root = (root * ONE).isqrt();
            root
        });
        let power = |step: usize| {
            let bits =
                roots.iter().enumerate().filter(|(at, _)| step >> (STEP_BITS as usize - 1 - at) & 1 == 1);
            bits.fold(ONE, |product, (_, root)| (product * root) >> 60) as u64
        };
        let mut table = Box::new([0; STEPS + 1]);
        (0..STEPS).for_each(|step| table[step] = power(step));
        table[STEPS] = 2 << 60;
        Powers(table)
    }

    /// 2 to the power of `log` / 2^32, rounded down, between 1 and 2^62.
    pub fn of(&self, log: i64) -> u64 {
        let log = log.clamp(0, (62 << POINT) - 1) as u64;
        let (whole, part) = ((log >> POINT) as u32, log as u32);
        let (step, between) =
            ((part >> (32 - STEP_BITS)) as usize, u64::from(part << STEP_BITS >> STEP_BITS));
        let (low, high) = (self.0[step], self.0[step + 1]);
        // A step is less than 2^51, so the product fits.
        let power = low + ((((high - low) >> 12) * between) >> (32 - STEP_BITS - 12));
        if whole >= 60 { power << (whole - 60) } else { power >> (60 - whole) }
    }
}

impl Default for Powers {
    fn default() -> Powers {
        Powers::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_draw_apart_and_always_the_same() {
        let draw = |seed, record, field, row| Stream::new(seed, record, field).at(row);
        assert_eq!(draw(1, "R", "a", 5), draw(1, "R", "a", 5));
        for other in [draw(2, "R", "a", 5), draw(1, "S", "a", 5), draw(1, "R", "b", 5), draw(1, "R", "a", 6)]
        {
            assert_ne!(draw(1, "R", "a", 5), other);
        }
        // The same on every machine and in every version: a seed is a promise.
        assert_eq!(draw(1, "R", "a", 5).0, 0x369B_EF5D_EBD1_B782);
    }

    #[test]
    fn shares_are_kept() {
        let stream = Stream::new(7, "R", "a");
        let count = |share: Share| (0..100_000).filter(|row| share.has(stream.at(*row))).count();
        assert_eq!((count(Share::NEVER), count(Share::ALWAYS)), (0, 100_000));
        assert!((9_500..10_500).contains(&count(Share::percent(10))));
        let mut seen = [0; 7];
        (0..70_000).for_each(|row| seen[stream.at(row).pick(7)] += 1);
        assert!(seen.iter().all(|count| (9_500..10_500).contains(count)), "{seen:?}");
    }

    #[test]
    fn logarithms_and_powers() {
        let powers = Powers::new();
        assert_eq!((log2(1), log2(2), log2(1 << 40)), (0, 1 << 32, 40 << 32));
        for number in [1u64, 3, 10, 99, 1_000, 12_345_678, 999_999_999_999_999_999] {
            let back = powers.of(log2(number));
            assert!(back.abs_diff(number) <= number / 1_000_000 + 1, "{number} {back}");
        }
        assert_eq!((powers.of(-5), powers.of(i64::MAX) >> 61), (1, 1));
    }
}
