//! Looking many records up in a decision table at once.
//!
//! Rows are laid out by variant: the first row that a variant may fit, the second, and so on. For each of
//! these positions and each column there is a list of bounds by variant, so that a record's bounds are
//! found by its variant, without a branch. With AVX-512 a list of sixteen bounds is two registers.

use crate::jit::table::Table;

/// A table laid out by variant.
#[derive(Debug, Clone)]
pub struct Lookup {
    /// Variants of the enum, rounded up to [`LIST`]; one where there is no enum.
    variants: usize,
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
        if depth > MOST_POSITIONS || !fine || variants > 256 {
            return None;
        }
        let length = variants.next_multiple_of(LIST);
        let mut positions = Vec::with_capacity(depth + 1);
        for depth in 0..depth {
            let rows: Vec<_> = (0..length).map(|variant| (variant < variants).then(|| of_variant(variant).nth(depth)).flatten()).collect();
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
                    let there = rows.iter().zip(&by_variant).any(|(row, bound)| row.is_some() && *bound != open);
                    if there {
                        bounds.push(Bound { column, lowest, by_variant });
                    }
                }
            }
            positions.push(Position { bounds, values });
        }
        let default = table.default.unwrap_or(NO_ROW);
        positions.push(Position { bounds: Vec::new(), values: vec![default; length] });
        Some(Lookup { variants: length, columns: table.columns.len(), positions })
    }

    /// The value of each record, by its variant and the numbers of its columns: the value of the first row
    /// that fits, or [`NO_ROW`].
    pub fn find(&self, variants: &[u8], columns: &[Numbers], values: &mut [u8]) {
        assert!(columns.len() == self.columns && columns.iter().all(|column| column.len() >= values.len()));
        assert!(variants.len() >= values.len());
        #[cfg(target_arch = "x86_64")]
        if self.variants == LIST && is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512vl")
        {
            let whole = values.len() / 8 * 8;
            // SAFETY: the features are there, and every slice has `whole` elements (checked above).
            unsafe { wide::find(self, variants, columns, &mut values[..whole]) };
            return self.find_each(variants, columns, values, whole);
        }
        self.find_each(variants, columns, values, 0);
    }

    fn find_each(&self, variants: &[u8], columns: &[Numbers], values: &mut [u8], from: usize) {
        for row in from..values.len() {
            values[row] = self.find_one(variants[row], columns, row);
        }
    }

    fn find_one(&self, variant: u8, columns: &[Numbers], row: usize) -> u8 {
        let variant = usize::from(variant) % self.variants;
        for position in &self.positions {
            let fits = |bound: &Bound| {
                let (number, bound_) = (columns[bound.column].get(row), bound.by_variant[variant]);
                if bound.lowest { number >= bound_ } else { number <= bound_ }
            };
            if position.values[variant] != NO_ROW && position.bounds.iter().all(fits) {
                return position.values[variant];
            }
        }
        NO_ROW
    }
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

    use super::{Lookup, NO_ROW, Numbers};

    /// As [`Lookup::find`] for tables of at most sixteen variants, eight records at a time.
    ///
    /// # Safety
    /// The features must be there; `values` must have a multiple of eight elements, and `variants` and each
    /// column as many.
    #[target_feature(enable = "avx512f,avx512bw,avx512vl")]
    pub unsafe fn find(lookup: &Lookup, variants: &[u8], columns: &[Numbers], values: &mut [u8]) {
        for at in (0..values.len()).step_by(8) {
            // SAFETY: `at + 8` elements are in every slice, by the contract.
            let variant = unsafe {
                _mm512_cvtepu8_epi64(_mm_loadl_epi64(variants.as_ptr().add(at).cast()))
            };
            let mut open: __mmask8 = 255;
            let mut found = _mm512_set1_epi64(NO_ROW.into());
            for position in &lookup.positions {
                let mut fits = open;
                for bound in &position.bounds {
                    // SAFETY: a list has sixteen bounds; the columns have `at + 8` elements.
                    unsafe {
                        let low = _mm512_loadu_epi64(bound.by_variant.as_ptr());
                        let high = _mm512_loadu_epi64(bound.by_variant.as_ptr().add(8));
                        let limit = _mm512_permutex2var_epi64(low, variant, high);
                        let number = match columns[bound.column] {
                            Numbers::Ints64(cells) => _mm512_loadu_epi64(cells.as_ptr().add(at)),
                            Numbers::Ints32(cells) => {
                                _mm512_cvtepi32_epi64(_mm256_loadu_si256(cells.as_ptr().add(at).cast()))
                            }
                        };
                        fits = if bound.lowest {
                            _mm512_mask_cmpge_epi64_mask(fits, number, limit)
                        } else {
                            _mm512_mask_cmple_epi64_mask(fits, number, limit)
                        };
                    }
                }
                // SAFETY: a list has sixteen values.
                let value = unsafe {
                    let list = _mm_loadu_si128(position.values.as_ptr().cast());
                    let bytes = _mm_shuffle_epi8(list, _mm512_cvtepi64_epi8(variant));
                    _mm512_cvtepu8_epi64(bytes)
                };
                // A variant without a row here goes on to the next position.
                let there = _mm512_cmpneq_epi64_mask(value, _mm512_set1_epi64(NO_ROW.into()));
                let fits = fits & there;
                found = _mm512_mask_mov_epi64(found, fits, value);
                open &= !fits;
            }
            // SAFETY: `values` has eight elements from here.
            unsafe {
                _mm_storel_epi64(values.as_mut_ptr().add(at).cast(), _mm512_cvtepi64_epi8(found));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::jit::table::Row;
    use crate::value::VariantSet;
    use crate::value::ops::{Hit, Proved};

    fn table(rows: Vec<(Vec<u8>, [(i64, i64); 2], u8)>, default: Option<u8>) -> Table {
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
            records in prop::collection::vec((0u8..15, -6i64..6, -6i32..6), 0..40),
        ) {
            let table = table(rows, default);
            let lookup = Lookup::new(&table).unwrap();
            let variants: Vec<u8> = records.iter().map(|record| record.0).collect();
            let wide: Vec<i64> = records.iter().map(|record| record.1).collect();
            let narrow: Vec<i32> = records.iter().map(|record| record.2).collect();
            let mut values = vec![0; records.len()];
            lookup.find(&variants, &[Numbers::Ints64(&wide), Numbers::Ints32(&narrow)], &mut values);
            for (record, value) in records.iter().zip(values) {
                let fits = |row: &&Row| {
                    row.on.is_none_or(|on| on.contains(record.0))
                        && (row.bounds[0].0..=row.bounds[0].1).contains(&record.1)
                        && (row.bounds[1].0..=row.bounds[1].1).contains(&record.2.into())
                };
                let meant = table.rows.iter().find(fits).map(|row| row.value).or(default);
                prop_assert_eq!(value, meant.unwrap_or(NO_ROW));
            }
        }
    }
}
