//! Looking many records up in a decision table at once.
//!
//! Rows are laid out by variant: the first row that a variant may fit, the second, and so on. For each of
//! these positions and each column there is a list of bounds by variant, so that a record's bounds are
//! found by its variant, without a branch. With AVX-512 a list of sixteen bounds is two registers.

use crate::jit::table::Table;
use crate::value::VariantSet;

/// A table laid out by variant.
#[derive(Debug, Clone)]
pub struct Lookup {
    /// Variants of the enum, rounded up to [`LIST`].
    variants: usize,
    /// Every value is below 64.
    small: bool,
    columns: usize,
    positions: Vec<Position>,
}

/// The rows that come next for each variant.
#[derive(Debug, Clone)]
struct Position {
    /// The column that each bound is of.
    bounds: Vec<Bound>,
    /// The value of the row; [`NO_ROW`] where a variant has no more rows. By variant.
    values: Vec<u8>,
}

#[derive(Debug, Clone)]
struct Bound {
    column: usize,
    /// Whether it holds numbers from below or from above.
    lowest: bool,
    by_variant: Vec<i64>,
}

/// The value where no row fits.
pub const NO_ROW: u8 = u8::MAX;

const LIST: usize = 16;

/// Rows of one variant that are more than this are not worth being tried one after the other for all.
const MOST_POSITIONS: usize = 12;

impl Lookup {
    /// `None` where the table is not one that a lookup is good for.
    pub fn new(table: &Table) -> Option<Lookup> {
        let variants = if table.on.is_some() { table.variants } else { 1 };
        let of_variant = |variant: usize| {
            let variant = u8::try_from(variant).unwrap_or(u8::MAX);
            table.rows.iter().filter(move |row| row.on.is_none_or(|on| on.contains(variant)))
        };
        let depth = (0..variants).map(|variant| of_variant(variant).count()).max()?;
        let fine = table.rows.iter().map(|row| row.value).chain(table.default).all(|value| value != NO_ROW);
        if depth > MOST_POSITIONS || !fine || variants > 256 || table.columns.len() > 63 {
            return None;
        }
        let length = variants.next_multiple_of(LIST);
        let mut positions = Vec::with_capacity(depth + 1);
        for depth in 0..depth {
            let rows: Vec<_> = (0..length)
                .map(|variant| (variant < variants).then(|| of_variant(variant).nth(depth)).flatten())
                .collect();
            let values = rows.iter().map(|row| row.map_or(NO_ROW, |row| row.value)).collect();
            let mut bounds = Vec::new();
            for column in 0..table.columns.len() {
                for lowest in [true, false] {
                    let (open, shut) = if lowest { (i64::MIN, i64::MAX) } else { (i64::MAX, i64::MIN) };
                    // What has no row fits none: no number is above the greatest and below the least.
                    let bound = |row: &Option<&crate::jit::table::Row>| match row {
                        Some(row) if lowest => row.bounds[column].0,
                        Some(row) => row.bounds[column].1,
                        None => shut,
                    };
                    let by_variant: Vec<i64> = rows.iter().map(bound).collect();
                    let there =
                        rows.iter().zip(&by_variant).any(|(row, bound)| row.is_some() && *bound != open);
                    if there {
                        bounds.push(Bound { column, lowest, by_variant });
                    }
                }
            }
            positions.push(Position { bounds, values });
        }
        let default = table.default.unwrap_or(NO_ROW);
        positions.push(Position { bounds: Vec::new(), values: vec![default; length] });
        let small = table.rows.iter().map(|row| row.value).chain(table.default).all(|value| value < 64);
        Some(Lookup { variants: length, small, columns: table.columns.len(), positions })
    }

    /// The value of each record, by its variant and the numbers of its columns: the value of the first row
    /// that fits, or [`NO_ROW`]. `missing` says for each column, the enum last, where it is not known; of the
    /// records for which that leaves a row open, it is told what. (Not of those without a variant.)
    pub fn find(
        &self,
        variants: &[u8],
        columns: &[Numbers],
        missing: &[Option<&[u8]>],
        values: &mut [u8],
    ) -> Vec<Open> {
        let rows = values.len();
        assert!(columns.len() == self.columns && columns.iter().all(|column| column.len() >= rows));
        assert!(variants.len() >= rows && missing.len() >= columns.len());
        assert!(missing.iter().flatten().all(|mask| mask.len() >= rows));
        let mut open = Vec::new();
        let mut from = 0;
        #[cfg(target_arch = "x86_64")]
        if self.variants == LIST
            && self.small
            && is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512vl")
            && is_x86_feature_detected!("avx512dq")
        {
            from = rows / 8 * 8;
            // SAFETY: the features are there, and every slice has `from` elements (checked above).
            unsafe { wide::find(self, variants, columns, missing, &mut values[..from], &mut open) };
        }
        for row in from..rows {
            values[row] = self.find_one(variants[row], columns, missing, row, &mut open);
        }
        open
    }

    fn find_one(
        &self,
        variant: u8,
        columns: &[Numbers],
        missing: &[Option<&[u8]>],
        row: usize,
        opens: &mut Vec<Open>,
    ) -> u8 {
        let variant = usize::from(variant) % self.variants;
        let (mut left, mut open) = (VariantSet::EMPTY, 0u64);
        let mut last = None;
        for position in self.positions.iter().filter(|position| position.values[variant] != NO_ROW) {
            let (mut fits, mut unknown) = (true, 0);
            for bound in position.bounds.iter().filter(|bound| bound.matters(variant)) {
                if missing[bound.column].is_some_and(|mask| mask[row] != 0) {
                    unknown |= 1 << bound.column;
                } else {
                    fits &= bound.holds(variant, columns[bound.column].get(row));
                }
            }
            if fits && unknown == 0 {
                last = Some(position.values[variant]);
                break;
            }
            if fits {
                left.insert(position.values[variant]);
                open |= unknown;
            }
        }
        if open != 0 {
            opens.push(Open { row, left, columns: open, last });
        }
        last.unwrap_or(NO_ROW)
    }
}

impl Bound {
    /// Whether it bounds a variant at all.
    fn matters(&self, variant: usize) -> bool {
        self.by_variant[variant] != if self.lowest { i64::MIN } else { i64::MAX }
    }

    fn holds(&self, variant: usize, number: i64) -> bool {
        let bound = self.by_variant[variant];
        if self.lowest { number >= bound } else { number <= bound }
    }
}

/// A record for which a row is left open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    pub row: usize,
    /// The values of the rows that are open.
    pub left: VariantSet,
    /// The columns that leave them open, as bits.
    pub columns: u64,
    /// The value of the row that fits for certain, or the default.
    pub last: Option<u8>,
}

/// Whole numbers of a column.
#[derive(Clone, Copy)]
pub enum Numbers<'a> {
    Ints32(&'a [i32]),
    Ints64(&'a [i64]),
}

impl Numbers<'_> {
    fn len(&self) -> usize {
        match self {
            Numbers::Ints32(cells) => cells.len(),
            Numbers::Ints64(cells) => cells.len(),
        }
    }

    fn get(&self, row: usize) -> i64 {
        match self {
            Numbers::Ints32(cells) => cells[row].into(),
            Numbers::Ints64(cells) => cells[row],
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod wide {
    use std::arch::x86_64::*;

    use super::{LIST, Lookup, NO_ROW, Numbers, Open};

    /// A bound with the address of its numbers.
    struct Reach<'l> {
        list: &'l [i64; LIST],
        numbers: *const u8,
        narrow: bool,
        lowest: bool,
        /// Where the number is not known.
        missing: Option<*const u8>,
        column: u64,
    }

    /// As [`Lookup::find`] for tables of at most sixteen variants and values below 64, eight records at a time.
    ///
    /// # Safety
    /// The features must be there; `values` must have a multiple of eight elements, and `variants`, each
    /// column and each mask as many.
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq")]
    pub unsafe fn find(
        lookup: &Lookup,
        variants: &[u8],
        columns: &[Numbers],
        missing: &[Option<&[u8]>],
        values: &mut [u8],
        opens: &mut Vec<Open>,
    ) {
        let reach = |bound: &'_ super::Bound| {
            let list: &[i64; LIST] =
                bound.by_variant.as_slice().try_into().expect("a list has sixteen bounds");
            let (numbers, narrow) = match columns[bound.column] {
                Numbers::Ints64(cells) => (cells.as_ptr().cast::<u8>(), false),
                Numbers::Ints32(cells) => (cells.as_ptr().cast::<u8>(), true),
            };
            let missing = missing[bound.column].map(<[u8]>::as_ptr);
            (std::ptr::from_ref(list), numbers, narrow, bound.lowest, missing, 1u64 << bound.column)
        };
        let positions: Vec<(Vec<Reach>, &[u8])> = lookup
            .positions
            .iter()
            .map(|position| {
                let reaches = position.bounds.iter().map(|bound| {
                    let (list, numbers, narrow, lowest, missing, column) = reach(bound);
                    // SAFETY: the list is borrowed from the lookup, which outlives this call.
                    Reach { list: unsafe { &*list }, numbers, narrow, lowest, missing, column }
                });
                (reaches.collect(), position.values.as_slice())
            })
            .collect();
        let gaps = missing[..columns.len()].iter().any(Option::is_some);
        for at in (0..values.len()).step_by(8) {
            // SAFETY: `at + 8` elements are in every slice, by the contract.
            unsafe {
                let variant = _mm512_cvtepu8_epi64(_mm_loadl_epi64(variants.as_ptr().add(at).cast()));
                let found = if gaps {
                    with_gaps(&positions, variant, at, opens)
                } else {
                    without_gaps(&positions, variant, at)
                };
                _mm_storel_epi64(values.as_mut_ptr().add(at).cast(), _mm512_cvtepi64_epi8(found));
            }
        }
    }

    /// The numbers of eight records and their bounds.
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq")]
    unsafe fn read(reach: &Reach, variant: __m512i, at: usize) -> (__m512i, __m512i) {
        // SAFETY: the column has `at + 8` elements.
        unsafe {
            let low = _mm512_loadu_epi64(reach.list.as_ptr());
            let high = _mm512_loadu_epi64(reach.list.as_ptr().add(8));
            let limit = _mm512_permutex2var_epi64(low, variant, high);
            let number = if reach.narrow {
                _mm512_cvtepi32_epi64(_mm256_loadu_si256(reach.numbers.add(4 * at).cast()))
            } else {
                _mm512_loadu_epi64(reach.numbers.add(8 * at).cast())
            };
            (number, limit)
        }
    }

    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq")]
    fn holds(reach: &Reach, within: __mmask8, number: __m512i, limit: __m512i) -> __mmask8 {
        if reach.lowest {
            _mm512_mask_cmpge_epi64_mask(within, number, limit)
        } else {
            _mm512_mask_cmple_epi64_mask(within, number, limit)
        }
    }

    /// The value that a position has for each variant.
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq")]
    fn value_of(values: &[u8], variant: __m512i) -> (__m512i, __mmask8) {
        assert!(values.len() >= LIST);
        // SAFETY: a list has sixteen values (checked above).
        let list = unsafe { _mm_loadu_si128(values.as_ptr().cast()) };
        let value = _mm512_cvtepu8_epi64(_mm_shuffle_epi8(list, _mm512_cvtepi64_epi8(variant)));
        (value, _mm512_cmpneq_epi64_mask(value, _mm512_set1_epi64(NO_ROW.into())))
    }

    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq")]
    unsafe fn without_gaps(positions: &[(Vec<Reach>, &[u8])], variant: __m512i, at: usize) -> __m512i {
        let mut alive: __mmask8 = 255;
        let mut found = _mm512_set1_epi64(NO_ROW.into());
        for (reaches, values) in positions {
            let (value, there) = value_of(values, variant);
            let mut fits = alive & there;
            for reach in reaches {
                // SAFETY: by the contract of `find`.
                let (number, limit) = unsafe { read(reach, variant, at) };
                fits = holds(reach, fits, number, limit);
            }
            found = _mm512_mask_mov_epi64(found, fits, value);
            alive &= !fits;
        }
        found
    }

    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq")]
    unsafe fn with_gaps(
        positions: &[(Vec<Reach>, &[u8])],
        variant: __m512i,
        at: usize,
        opens: &mut Vec<Open>,
    ) -> __m512i {
        let mut alive: __mmask8 = 255;
        let mut any_open: __mmask8 = 0;
        let mut found = _mm512_set1_epi64(NO_ROW.into());
        let (mut left, mut columns) = (_mm512_setzero_si512(), _mm512_setzero_si512());
        for (reaches, values) in positions {
            let (value, there) = value_of(values, variant);
            let mut fits = alive & there;
            let mut unknown: __mmask8 = 0;
            let mut gaps = _mm512_setzero_si512();
            for reach in reaches {
                // SAFETY: by the contract of `find`.
                let (number, limit) = unsafe { read(reach, variant, at) };
                let held = holds(reach, fits, number, limit);
                let Some(missing) = reach.missing else {
                    fits = held;
                    continue;
                };
                // SAFETY: the mask has `at + 8` elements.
                let missing =
                    unsafe { _mm_movepi8_mask(_mm_loadl_epi64(missing.add(at).cast())) } as __mmask8;
                let trivial = _mm512_set1_epi64(if reach.lowest { i64::MIN } else { i64::MAX });
                let gap = missing & _mm512_cmpneq_epi64_mask(limit, trivial);
                fits &= held | gap;
                unknown |= gap;
                gaps = _mm512_mask_or_epi64(gaps, gap, gaps, _mm512_set1_epi64(reach.column as i64));
            }
            let open = fits & unknown;
            let sure = fits & !unknown;
            let one = _mm512_sllv_epi64(_mm512_set1_epi64(1), value);
            left = _mm512_mask_or_epi64(left, open, left, one);
            columns = _mm512_mask_or_epi64(columns, open, columns, gaps);
            any_open |= open;
            found = _mm512_mask_mov_epi64(found, sure, value);
            alive &= !sure;
        }
        if any_open != 0 {
            tell(at, any_open, left, columns, found, opens);
        }
        found
    }

    /// Notes the records that are left open.
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq")]
    fn tell(
        at: usize,
        open: __mmask8,
        left: __m512i,
        columns: __m512i,
        found: __m512i,
        opens: &mut Vec<Open>,
    ) {
        let (mut lefts, mut causes, mut lasts) = ([0u64; 8], [0u64; 8], [0u64; 8]);
        // SAFETY: each array has room for eight numbers.
        unsafe {
            _mm512_storeu_epi64(lefts.as_mut_ptr().cast(), left);
            _mm512_storeu_epi64(causes.as_mut_ptr().cast(), columns);
            _mm512_storeu_epi64(lasts.as_mut_ptr().cast(), found);
        }
        for lane in (0..8).filter(|lane| open >> lane & 1 == 1) {
            let last = u8::try_from(lasts[lane]).ok().filter(|last| *last != NO_ROW);
            let left = crate::value::VariantSet::from_bits(lefts[lane]);
            opens.push(Open { row: at + lane, left, columns: causes[lane], last });
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::jit::table::Row;
    use crate::value::ops::{Hit, Proved};

    /// Variants, bounds and value of a row.
    type Drawn = (Vec<u8>, [(i64, i64); 2], u8);

    fn table(rows: Vec<Drawn>, default: Option<u8>) -> Table {
        let rows = rows.into_iter().map(|(on, bounds, value)| {
            let on: VariantSet = on.into_iter().collect();
            Row { on: (!on.is_empty()).then_some(on), bounds: bounds.to_vec(), value }
        });
        Table {
            on: Some(crate::ir::NodeId(0)),
            variants: 15,
            columns: vec![crate::ir::NodeId(1), crate::ir::NodeId(2)],
            rows: rows.collect(),
            default,
            hit: Hit::First,
            proved: Proved::default(),
            lookup: None,
            bounds: Default::default(),
        }
    }

    fn bound() -> impl Strategy<Value = (i64, i64)> {
        let number = || prop_oneof![-5i64..5, Just(i64::MIN), Just(i64::MAX)];
        prop_oneof![Just((i64::MIN, i64::MAX)), (number(), Just(i64::MAX)), (Just(i64::MIN), number())]
    }

    proptest! {
        #[test]
        fn the_first_row_that_fits(
            rows in prop::collection::vec((prop::collection::vec(0u8..15, 0..4), [bound(), bound()], 0u8..4), 1..10),
            default in prop::option::of(0u8..4),
            records in prop::collection::vec((0u8..15, -6i64..6, -6i32..6, 0u8..4), 0..40),
        ) {
            let table = table(rows, default);
            let lookup = Lookup::new(&table).unwrap();
            let variants: Vec<u8> = records.iter().map(|record| record.0).collect();
            let wide: Vec<i64> = records.iter().map(|record| record.1).collect();
            let narrow: Vec<i32> = records.iter().map(|record| record.2).collect();
            let gap = |bit: u8| -> Vec<u8> { records.iter().map(|record| if record.3 >> bit & 1 == 1 { 255 } else { 0 }).collect() };
            let (first, second) = (gap(0), gap(1));
            let numbers = [Numbers::Ints64(&wide), Numbers::Ints32(&narrow)];
            let mut values = vec![0; records.len()];
            let open = lookup.find(&variants, &numbers, &[None, None, None], &mut values);
            prop_assert!(open.is_empty());
            for (record, value) in records.iter().zip(&values) {
                let fits = |row: &&Row| {
                    row.on.is_none_or(|on| on.contains(record.0))
                        && (row.bounds[0].0..=row.bounds[0].1).contains(&record.1)
                        && (row.bounds[1].0..=row.bounds[1].1).contains(&record.2.into())
                };
                let meant = table.rows.iter().find(fits).map(|row| row.value).or(default);
                prop_assert_eq!(*value, meant.unwrap_or(NO_ROW));
            }
            // Eight at a time and one at a time say the same of records with gaps.
            let masks = [Some(first.as_slice()), Some(second.as_slice()), None];
            let open = lookup.find(&variants, &numbers, &masks, &mut values);
            let mut alone = Vec::new();
            for row in 0..records.len() {
                let value = lookup.find_one(variants[row], &numbers, &masks, row, &mut alone);
                prop_assert_eq!(values[row], value);
            }
            prop_assert_eq!(open, alone);
        }
    }
}
