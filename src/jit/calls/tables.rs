//! Decision tables: the records of a chunk looked up at once, and those that lack something one by one.

use std::borrow::Cow;

use super::{Call, Gaps, Mask, Source};
use crate::ir::{NodeId, Op};
use crate::jit::chunk::Cells;
use crate::jit::emit::set_byte;
use crate::jit::layout::Offset;
use crate::jit::lookup::{NO_ROW, Numbers, Open};
use crate::jit::schedule::CHUNK;
use crate::jit::table::{Row, Table};
use crate::value::ops::Hit;
use crate::value::{Value, VariantSet};

impl Call<'_> {
    /// Looks each record up in a table.
    pub(super) fn look_up(&mut self, node: NodeId, table: &Table) {
        let columns: Vec<Source> = table.columns.iter().map(|column| self.source(*column)).collect();
        let operands: Vec<NodeId> = table.columns.iter().copied().chain(table.on).collect();
        let form = |operand: &NodeId| self.design.forms[operand.index()];
        let gaps: Vec<Option<Gaps>> = operands
            .iter()
            .map(|operand| (form(operand).missing || form(operand).error).then(|| self.strict(&[*operand])))
            .collect();
        let on = table.on.map(|on| self.variants(on));
        let mut found = Found::new();
        let mut each: Vec<usize> = Vec::new();
        match table.lookup.as_ref().zip(numbers(&columns)) {
            Some((lookup, numbers)) => {
                let alone = [0; CHUNK];
                let on = on.as_deref().unwrap_or(&alone);
                let missing: Vec<Option<&[u8]>> =
                    gaps.iter().map(|gap| gap.as_ref().map(|gap| gap.missing.as_slice())).collect();
                let open = lookup.find(on, &numbers, &missing, &mut found.values[..self.rows]);
                // Without its variant a record is before all rows of the table; and a row of a unique table
                // that fits settles it, whatever rows before it are open.
                let no_variant = gaps.get(columns.len()).and_then(Option::as_ref);
                let unknown = |row: usize| no_variant.is_some_and(|gap| gap.missing[row] != 0);
                let walk = |open: &Open| table.hit == Hit::First && !unknown(open.row);
                let (walked, others) = open.into_iter().partition::<Vec<_>, _>(walk);
                found.settle(table, &walked);
                each.extend(no_variant.iter().flat_map(|gap| marked(&gap.missing[..self.rows])));
                each.extend(others.iter().map(|open| open.row).filter(|row| !unknown(*row)));
            }
            None => each.extend(0..self.rows),
        }
        let sets = table.on.map(|on| self.sets(on));
        // Mostly a missing variant leaves every one of its enum.
        let of_all = match &sets {
            Some(Sets::All(all)) => table.rows.iter().map(|row| row.meets(Some(*all))).collect(),
            _ => Vec::new(),
        };
        let open = unknown(table, &of_all).filter(|_| table.hit == Hit::First);
        let mut numbers = Vec::with_capacity(columns.len());
        let mut fits = vec![true; table.rows.len()];
        for row in each {
            numbers.clear();
            numbers.extend(columns.iter().map(|column| column_int(column, row)));
            let gap = |(at, gap): (usize, &Option<Gaps>)| {
                u64::from(gap.as_ref().is_some_and(|gap| gap.missing[row] != 0)) << at
            };
            let missing = gaps.iter().enumerate().map(gap).fold(0, |all, own| all | own);
            let variants: Cow<[Meets]> = match (&on, &sets) {
                (Some(on), _) if missing >> columns.len() & 1 == 0 => {
                    table.meets(Some(VariantSet::one(on[row])))
                }
                (_, Some(Sets::All(_))) => Cow::Borrowed(&of_all),
                (_, sets) => table.meets(sets.as_ref().map(|sets| sets.at(row))),
            };
            table.bounds.may_fit(&numbers, missing, &mut fits);
            if let Some(Unknown { bits, last }) = &open
                && missing == 1 << columns.len()
            {
                let own = |(fits, bit): (&bool, &u64)| bit & 0u64.wrapping_sub((*fits).into());
                let left = fits.iter().zip(bits).map(own).fold(0, |left, bit| left | bit);
                let columns = if left == 0 { 0 } else { missing };
                found.put(row, conclude(table, VariantSet::from_bits(left), columns, *last));
                continue;
            }
            let looked = Looked { table, variants: &variants, width: numbers.len(), missing, fits: &fits };
            found.put(row, looked.find());
        }
        for gap in gaps.iter().flatten() {
            found.errors.iter_mut().zip(&gap.error).for_each(|(to, error)| *to |= error);
        }
        found.missing.iter_mut().zip(&found.errors).for_each(|(missing, error)| *missing &= !error);
        self.store_found(node, &found);
    }

    /// The variants of an enum, for each record.
    fn variants(&self, node: NodeId) -> Vec<u8> {
        let setting = &self.design.setting;
        match &setting.node(node).op {
            Op::Const(Value::Enum(variant)) => vec![*variant; CHUNK],
            Op::Param(param) => match setting.values[param.index()].known() {
                Some(Value::Enum(variant)) => vec![*variant; CHUNK],
                _ => vec![0; CHUNK],
            },
            Op::Input(input) => {
                let only = setting.plan.inputs[usize::from(*input)].variants.single();
                match (only, self.inputs[usize::from(*input)].cells) {
                    (Some(only), _) => vec![only; CHUNK],
                    (None, Cells::Enum(cells)) => {
                        let mut all = cells[..self.rows].to_vec();
                        all.resize(CHUNK, 0);
                        all
                    }
                    _ => vec![0; CHUNK],
                }
            }
            _ => self.scratch.bytes(self.design.layout.nodes[node.index()].values).to_vec(),
        }
    }

    /// The variants that are left to an enum where it is missing.
    fn sets(&self, node: NodeId) -> Sets<'_> {
        let setting = &self.design.setting;
        if let Op::Input(input) = &setting.node(node).op {
            return Sets::All(setting.plan.inputs[usize::from(*input)].variants);
        }
        let planes = &self.design.layout.nodes[node.index()].sets;
        Sets::Planes(planes.iter().map(|at| self.scratch.bytes(*at)).collect())
    }

    fn store_found(&mut self, node: NodeId, found: &Found) {
        let kept = &self.design.layout.nodes[node.index()];
        let mut fill = |at: Option<Offset>, from: &[u8]| {
            if let Some(at) = at {
                self.scratch.bytes_mut(at).copy_from_slice(from);
            }
        };
        fill(Some(kept.values), &found.values);
        fill(kept.missing, &found.missing);
        fill(kept.errors, &found.errors);
        // Only where it is missing are the sets and causes read.
        for (row, left, open) in &found.left {
            for (plane, at) in kept.sets.iter().enumerate() {
                self.scratch.bytes_mut(*at)[*row] = set_byte(*left, plane);
            }
            for (column, at) in kept.open.iter().enumerate() {
                self.scratch.bytes_mut(*at)[*row] = if open >> column & 1 == 1 { 255 } else { 0 };
            }
        }
    }
}

/// The variants that are left to each record.
enum Sets<'s> {
    All(VariantSet),
    Planes(Vec<&'s [u8]>),
}

impl Sets<'_> {
    fn at(&self, row: usize) -> VariantSet {
        let planes = match self {
            Sets::All(all) => return *all,
            Sets::Planes(planes) => planes,
        };
        let bits = planes.iter().enumerate().flat_map(|(plane, bytes)| {
            (0..8usize).filter(move |bit| bytes[row] >> bit & 1 == 1).map(move |bit| 8 * plane + bit)
        });
        bits.filter_map(|variant| u8::try_from(variant).ok()).collect()
    }
}

/// The rows whose byte is not zero; of the others, eight are passed over at once.
fn marked(mask: &[u8]) -> impl Iterator<Item = usize> + '_ {
    let eights =
        mask.chunks(8).enumerate().filter(|(_, eight)| eight.iter().fold(0, |all, byte| all | byte) != 0);
    eights.flat_map(|(at, eight)| (8 * at..).zip(eight).filter(|(_, byte)| **byte != 0).map(|(row, _)| row))
}

fn numbers<'s>(columns: &[Source<'s>]) -> Option<Vec<Numbers<'s>>> {
    let number = |column: &Source<'s>| match column {
        Source::Ints32(cells, _) => Some(Numbers::Ints32(cells)),
        Source::Ints64(cells, _) => Some(Numbers::Ints64(cells)),
        _ => None,
    };
    columns.iter().map(number).collect()
}

/// What a table has for the records of a chunk.
struct Found {
    values: Mask,
    missing: Mask,
    errors: Mask,
    /// The records for which it is missing: the variants that are left, and the columns whose absence leaves
    /// them, the enum last, as bits.
    left: Vec<(usize, VariantSet, u64)>,
}

impl Found {
    fn new() -> Found {
        Found { values: [0; CHUNK], missing: [0; CHUNK], errors: [0; CHUNK], left: Vec::new() }
    }

    /// Takes in what a lookup gave, the records that it leaves open first.
    fn settle(&mut self, table: &Table, open: &[Open]) {
        for open in open {
            self.put(open.row, conclude(table, open.left, open.columns, open.last));
        }
        if table.default.is_none() {
            for (value, (missing, error)) in
                self.values.iter_mut().zip(self.missing.iter().zip(&mut self.errors))
            {
                if *value == NO_ROW && *missing == 0 {
                    (*value, *error) = (0, 255);
                }
            }
        }
    }

    fn put(&mut self, row: usize, answer: Answer) {
        (self.values[row], self.missing[row], self.errors[row]) = (0, 0, 0);
        match answer {
            Answer::Known(value) => self.values[row] = value,
            Answer::Error => self.errors[row] = 255,
            Answer::Missing(left, open) => {
                self.values[row] = left.single().unwrap_or(0);
                self.missing[row] = 255;
                self.left.push((row, left, open));
            }
        }
    }
}

/// What a table has for one record.
enum Answer {
    Known(u8),
    Error,
    Missing(VariantSet, u64),
}

/// The end of a walk along the rows: what open rows leave, the columns that leave them open, and the row or
/// default that the walk ended with.
fn conclude(table: &Table, mut left: VariantSet, open: u64, last: Option<u8>) -> Answer {
    match last {
        Some(last) if open == 0 => return Answer::Known(last),
        None if open == 0 => return Answer::Error,
        Some(last) => left.insert(last),
        None => {}
    }
    let certain = last.is_some() || table.proved.complete;
    match left.single() {
        Some(only) if certain => Answer::Known(only),
        _ => Answer::Missing(left, open),
    }
}

fn column_int(source: &Source, row: usize) -> i64 {
    match source {
        Source::Ints32(cells, _) => cells[row].into(),
        Source::Ints64(cells, _) => cells[row],
        _ => 0,
    }
}

/// A record before a table.
struct Looked<'t> {
    table: &'t Table,
    /// For each row whether the variants that are left fit.
    variants: &'t [Meets],
    /// How many columns of numbers there are.
    width: usize,
    /// Which columns are missing, as bits, the enum last.
    missing: u64,
    /// The rows that it may fit by its numbers.
    fits: &'t [bool],
}

enum Test {
    True,
    False,
    /// With the columns that leave it open.
    Open(u64),
}

impl Table {
    fn meets(&self, left: Option<VariantSet>) -> Cow<'_, [Meets]> {
        self.rows.iter().map(|row| row.meets(left)).collect()
    }
}

/// A table before a record of which only the variant is missing.
struct Unknown {
    /// For each row the bit of its value; none for one that no variant fits.
    bits: Vec<u64>,
    /// What the walk along the rows ends with.
    last: Option<u8>,
}

/// Where every row that some variant fits is left open by it, up to a last one that all records fit: then the
/// values of all that fit by their numbers are left.
fn unknown(table: &Table, variants: &[Meets]) -> Option<Unknown> {
    let mut bits = vec![0; table.rows.len()];
    for ((row, meets), bit) in table.rows.iter().zip(variants).zip(&mut bits) {
        match meets {
            Meets::None => {}
            Meets::Some if row.value < 64 => *bit = 1 << row.value,
            Meets::All if row.bounds.iter().all(|bound| *bound == (i64::MIN, i64::MAX)) => {
                return Some(Unknown { bits, last: Some(row.value) });
            }
            _ => return None,
        }
    }
    (!variants.is_empty()).then_some(Unknown { bits, last: table.default })
}

/// Whether the variants that are left to a record fit a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meets {
    None,
    Some,
    All,
}

impl Row {
    fn meets(&self, left: Option<VariantSet>) -> Meets {
        match (self.on, left) {
            (Some(set), Some(left)) if left.intersection(set).is_empty() => Meets::None,
            (Some(set), Some(left)) if !left.is_subset(set) => Meets::Some,
            _ => Meets::All,
        }
    }
}

impl Looked<'_> {
    /// The test of a row that the numbers at hand do not exclude.
    fn test(&self, row: &Row, variants: Meets) -> Test {
        let mut open = match variants {
            Meets::None => return Test::False,
            Meets::Some => 1 << self.width,
            Meets::All => 0,
        };
        let of_numbers = self.missing & !(1 << self.width);
        if of_numbers != 0 {
            for (column, bound) in row.bounds.iter().enumerate() {
                let bounded = *bound != (i64::MIN, i64::MAX);
                if of_numbers >> column & 1 == 1 && bounded {
                    open |= 1 << column;
                }
            }
        }
        if open == 0 { Test::True } else { Test::Open(open) }
    }

    /// As `cases` in `value::ops` has it, for a table whose rows exclude each other or are tried in order.
    fn find(&self) -> Answer {
        let table = self.table;
        let (mut left, mut open) = (VariantSet::EMPTY, 0);
        let mut last = table.default;
        let rows = table.rows.iter().zip(self.variants).zip(self.fits);
        for ((row, variants), _) in rows.filter(|(_, fits)| **fits) {
            match self.test(row, *variants) {
                Test::False => {}
                Test::True => {
                    last = Some(row.value);
                    if table.hit == Hit::Unique {
                        return Answer::Known(row.value);
                    }
                    break;
                }
                Test::Open(columns) => {
                    open |= columns;
                    left.insert(row.value);
                }
            }
        }
        conclude(table, left, open, last)
    }
}
