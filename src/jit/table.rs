//! Decision tables of constants: instead of a test after a test, each record goes straight to the rows of
//! its variant and looks up the bounds there.

use crate::ir::{NodeId, Op};
use crate::jit::lookup::Lookup;
use crate::jit::schedule::is_leaf;
use crate::jit::shape::{Form, Rep, Setting};
use crate::value::ops::{CompareOp, Hit, Proved};
use crate::value::{Number, Value, VariantSet};

/// Rows below which code for each test is faster than a lookup.
const LEAST_ROWS: usize = 6;

/// A decision table whose rows test one enum and bounds of whole numbers, and give variants of an enum.
#[derive(Debug, Clone)]
pub struct Table {
    pub on: Option<NodeId>,
    /// How many variants `on` may have.
    pub variants: usize,
    pub columns: Vec<NodeId>,
    /// In the order of the text.
    pub rows: Vec<Row>,
    pub default: Option<u8>,
    pub hit: Hit,
    pub proved: Proved,
    /// The rows laid out for many records at once, where that is possible.
    pub lookup: Option<Lookup>,
    pub bounds: Bounds,
}

/// The bounds of all rows, column by column, so that one record is held against all of them at once.
#[derive(Debug, Clone, Default)]
pub struct Bounds {
    lows: Vec<Vec<i64>>,
    highs: Vec<Vec<i64>>,
}

impl Bounds {
    pub fn new(rows: &[Row], columns: usize) -> Bounds {
        let of = |column: usize, side: fn(&(i64, i64)) -> i64| {
            rows.iter().map(|row| side(&row.bounds[column])).collect::<Vec<i64>>()
        };
        Bounds {
            lows: (0..columns).map(|column| of(column, |bound| bound.0)).collect(),
            highs: (0..columns).map(|column| of(column, |bound| bound.1)).collect(),
        }
    }

    /// Which rows a record may fit by its numbers; a column whose number is missing (by its bit) excludes none.
    pub fn may_fit(&self, numbers: &[i64], missing: u64, fits: &mut [bool]) {
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512vl") {
            // SAFETY: the features are there.
            return unsafe { self.may_fit_wide(numbers, missing, fits) };
        }
        self.may_fit_plain(numbers, missing, fits);
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx512f,avx512vl")]
    unsafe fn may_fit_wide(&self, numbers: &[i64], missing: u64, fits: &mut [bool]) {
        self.may_fit_plain(numbers, missing, fits);
    }

    #[inline(always)]
    fn may_fit_plain(&self, numbers: &[i64], missing: u64, fits: &mut [bool]) {
        fits.fill(true);
        for (column, number) in numbers.iter().enumerate().filter(|(column, _)| missing >> column & 1 == 0) {
            let bounds = self.lows[column].iter().zip(&self.highs[column]);
            for (fits, (low, high)) in fits.iter_mut().zip(bounds) {
                *fits &= (number >= low) & (number <= high);
            }
        }
    }
}

#[derive(Debug, Clone)]
pub struct Row {
    pub on: Option<VariantSet>,
    /// For each column the lowest and highest number that fits.
    pub bounds: Vec<(i64, i64)>,
    pub value: u8,
}

/// Whether a node is computed by looking up a table.
pub fn is_table(setting: &Setting, forms: &[Form], node: NodeId) -> bool {
    inputs(setting, forms, node).is_some()
}

/// What such a table reads.
pub fn inputs(setting: &Setting, forms: &[Form], node: NodeId) -> Option<Vec<NodeId>> {
    let table = table(setting, forms, node)?;
    Some(table.columns.iter().copied().chain(table.on).collect())
}

pub fn table(setting: &Setting, forms: &[Form], node: NodeId) -> Option<Table> {
    let Op::Cases { hit, rows, default, proved } = &setting.node(node).op else { return None };
    if rows.len() < LEAST_ROWS || !(*hit == Hit::First || proved.exclusive) {
        return None;
    }
    let variant = |node: &NodeId| match &setting.node(*node).op {
        Op::Const(Value::Enum(variant)) => Some(*variant),
        _ => None,
    };
    let values: Vec<u8> = rows.iter().map(|(_, value)| variant(value)).collect::<Option<_>>()?;
    let default = match default {
        Some(default) => Some(variant(default)?),
        None => None,
    };
    let mut table = Table {
        on: None,
        variants: 0,
        columns: Vec::new(),
        rows: Vec::new(),
        default,
        hit: *hit,
        proved: *proved,
        lookup: None,
        bounds: Bounds::default(),
    };
    let mut read = Reader { setting, forms, table: &mut table };
    for ((test, _), value) in rows.iter().zip(values) {
        let row = read.row(*test, value)?;
        read.table.rows.push(row);
    }
    let width = table.columns.len();
    table.rows.iter_mut().for_each(|row| row.bounds.resize(width, EVERYTHING));
    Some(table)
}

const EVERYTHING: (i64, i64) = (i64::MIN, i64::MAX);

struct Reader<'a, 't> {
    setting: &'a Setting<'a>,
    forms: &'a [Form],
    table: &'t mut Table,
}

impl Reader<'_, '_> {
    fn row(&mut self, test: NodeId, value: u8) -> Option<Row> {
        let mut row = Row { on: None, bounds: Vec::new(), value };
        let parts = match &self.setting.node(test).op {
            Op::All(parts) => parts.clone(),
            _ => vec![test],
        };
        parts.into_iter().try_for_each(|part| self.part(part, &mut row))?;
        Some(row)
    }

    fn part(&mut self, part: NodeId, row: &mut Row) -> Option<()> {
        match &self.setting.node(part).op {
            Op::Variants(on, set) => {
                let Rep::Enum { variants } = self.forms[on.index()].rep else { return None };
                if self.table.on.is_some_and(|known| known != *on) {
                    return None;
                }
                self.table.on = Some(*on);
                self.table.variants = variants;
                row.on = Some(row.on.map_or(*set, |before| before.intersection(*set)));
                Some(())
            }
            Op::Compare(op, a, b) => match (self.number(*a), self.number(*b)) {
                (None, Some(bound)) => self.bound(*op, *a, &bound, row),
                (Some(bound), None) => self.bound(op.mirrored(), *b, &bound, row),
                _ => None,
            },
            _ => None,
        }
    }

    fn number(&self, node: NodeId) -> Option<Number> {
        match &self.setting.node(node).op {
            Op::Const(Value::Number(number)) => Some(number.clone()),
            Op::Const(Value::Date(date)) => Some(Number::from_int(date.0.into())),
            _ => None,
        }
    }

    fn bound(&mut self, op: CompareOp, column: NodeId, bound: &Number, row: &mut Row) -> Option<()> {
        let Rep::Int(int) = self.forms[column.index()].rep else { return None };
        if is_leaf(&self.setting.node(column).op) && !matches!(self.setting.node(column).op, Op::Input(_)) {
            return None;
        }
        let (n, d) = bound.mul(&Number::ratio(int.denominator, 1)).parts()?;
        let (floor, whole) = (i64::try_from(n.div_euclid(d)).ok()?, n % d == 0);
        let ceiling = if whole { floor } else { floor.checked_add(1)? };
        let (low, high) = match op {
            CompareOp::AtLeast => (ceiling, i64::MAX),
            CompareOp::Greater => (floor.checked_add(1)?, i64::MAX),
            CompareOp::AtMost => (i64::MIN, floor),
            CompareOp::Less => (i64::MIN, ceiling.checked_sub(1)?),
            CompareOp::Equal if whole => (floor, floor),
            CompareOp::Equal => (i64::MAX, i64::MIN),
            CompareOp::NotEqual => return None,
        };
        let at = self.table.columns.iter().position(|known| *known == column).unwrap_or_else(|| {
            self.table.columns.push(column);
            self.table.columns.len() - 1
        });
        row.bounds.resize(row.bounds.len().max(at + 1), EVERYTHING);
        let known = row.bounds[at];
        row.bounds[at] = (known.0.max(low), known.1.min(high));
        Some(())
    }
}
