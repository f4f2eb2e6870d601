//! The answers of machine code as columns of the wide layout, without a value for each cell in between.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, Int64Array, ListArray, TimestampSecondArray,
    new_null_array,
};
use arrow_buffer::{BooleanBuffer, NullBuffer, OffsetBuffer};
use arrow_schema::{DataType, Field as ArrowField};

use super::amounts::{TOTAL, ValueBuilder, data_type};
use super::tally::Tally;
use super::{Form, Purse};
use crate::batch::decode::{Decoder, Part, awards, failure, kind};
use crate::batch::names;
use crate::batch::summary::Summary;
use crate::interp::{Answer, AwardValue, Status};
use crate::ir::{Kind, MeasurePlan};
use crate::jit::{MeasureOutputs, NO_BRANCH, Outputs, Written, status};
use crate::value::{Number, Value};

/// What the interpreter answered in the place of the machine code, by measure and row.
pub type Overrides = BTreeMap<(usize, u32), Answer>;

/// The answers to some records, column by column.
pub struct Columns<'a> {
    pub form: &'a Form<'a>,
    pub outputs: &'a Outputs,
    pub decoder: Decoder<'a>,
    pub overrides: &'a Overrides,
    /// The rows that are answered, in order.
    pub rows: &'a [u32],
}

/// One measure with what overrides it, by position among the rows.
pub struct One<'a> {
    pub at: usize,
    pub plan: &'a MeasurePlan,
    pub outputs: &'a MeasureOutputs,
    pub overrides: Vec<(usize, &'a Answer)>,
}

impl<'a> Columns<'a> {
    /// The columns after the keys, and what they come to.
    pub fn build(&self) -> (Vec<ArrayRef>, Summary) {
        let mut columns: Vec<ArrayRef> = Vec::new();
        let mut tally = Tally::new(self);
        for (at, plan) in self.form.plan.measures.iter().enumerate() {
            match &self.outputs.measures[at] {
                None => {
                    self.not_in_force(plan, &mut columns);
                    tally.not_in_force(at);
                }
                Some(outputs) => {
                    let one = One { at, plan, outputs, overrides: self.overrides_of(at) };
                    self.measure(&one, &mut columns);
                    tally.add(&one);
                }
            }
        }
        let (totals, summary) = tally.finish();
        columns.extend(totals.cells.iter().map(|(purse, cells)| total(*purse, cells, &totals.beyond)));
        (columns, summary)
    }

    fn overrides_of(&self, measure: usize) -> Vec<(usize, &'a Answer)> {
        let own = self.overrides.range((measure, 0)..=(measure, u32::MAX));
        own.filter_map(|((_, row), answer)| Some((self.rows.binary_search(row).ok()?, answer))).collect()
    }

    fn not_in_force(&self, plan: &MeasurePlan, columns: &mut Vec<ArrayRef>) {
        let blank = Answer::not_in_force(plan);
        let mut wide = super::wide::MeasureColumns::new(self.form, plan);
        self.rows.iter().for_each(|_| wide.add(self.form, plan, &blank));
        wide.finish(columns);
    }

    /// The cells of the rows that are answered.
    fn dense<'c, T: Copy>(&self, cells: &'c [T]) -> Cow<'c, [T]> {
        if self.rows.len() == cells.len() {
            return Cow::Borrowed(cells);
        }
        Cow::Owned(self.rows.iter().map(|row| cells[*row as usize]).collect())
    }

    pub fn bytes(&self, written: Written) -> Cow<'a, [u8]> {
        self.dense(self.decoder.answers.bytes(written))
    }

    fn ints32(&self, written: Written) -> Cow<'a, [i32]> {
        self.dense(self.decoder.answers.ints32(written))
    }

    /// Whole numbers of 32 or 64 bits.
    pub fn ints(&self, written: Written) -> Cow<'a, [i64]> {
        match written.width {
            4 => self.ints32(written).iter().map(|cell| i64::from(*cell)).collect(),
            _ => self.dense(self.decoder.answers.ints64(written)),
        }
    }

    fn measure(&self, one: &One, columns: &mut Vec<ArrayRef>) {
        columns.push(self.statuses(one));
        for (at, column) in one.plan.columns.iter().enumerate() {
            let written = &one.outputs.columns[at];
            let ty = column.ty.as_ref();
            let shape = data_type(ty, column.decimals);
            let own = |part| self.granted(one, at, part);
            columns.push(self.amounts(one, at, Part::Least, written.least, &shape, own(Part::Least)));
            if column.ranged {
                columns.push(self.amounts(one, at, Part::Most, written.most, &shape, own(Part::Most)));
            }
            if column.periodic {
                let months = own(Part::Months);
                columns.push(self.amounts(one, at, Part::Months, written.months, &DataType::Int64, months));
            }
        }
        if one.plan.shows_branch() {
            columns.push(self.branches(one));
        }
        if self.form.options.reasons {
            columns.push(self.failed(one));
            columns.push(self.missing(one));
        }
    }

    fn statuses(&self, one: &One) -> ArrayRef {
        let code = |status: Status| Status::ALL.iter().position(|own| *own == status).unwrap_or(0) as u16;
        let of_byte: [u16; 256] = std::array::from_fn(|byte| code(status_of(byte as u8)));
        let statuses = self.bytes(one.outputs.status);
        let mut codes: Vec<u16> = statuses.iter().map(|byte| of_byte[usize::from(*byte)]).collect();
        let mut names: Vec<&str> = Status::ALL.iter().map(|status| status.name_for(one.plan, None)).collect();
        if one.plan.undone().is_some() {
            // The status is the branch.
            let first = names.len() as u16;
            names.extend((0..one.plan.branches()).map(|at| Status::Granted.name_for(one.plan, Some(at))));
            let taken = one.outputs.branch.map(|branch| self.bytes(branch)).unwrap_or_default();
            let branches = codes.iter_mut().zip(taken.iter()).filter(|(_, branch)| **branch != NO_BRANCH);
            branches.for_each(|(code, branch)| *code = first + u16::from(*branch));
            for (at, answer) in &one.overrides {
                codes[*at] = match answer.branch {
                    Some(branch) => first + branch as u16,
                    None => code(answer.status),
                };
            }
            return names::column(codes, None, &names);
        }
        for (at, answer) in &one.overrides {
            codes[*at] = code(answer.status);
        }
        names::column(codes, None, &names)
    }

    /// Where a part of a column is awarded.
    fn granted(&self, one: &One, column: usize, part: Part) -> BooleanBuffer {
        let statuses = self.bytes(one.outputs.status);
        let branches = one.outputs.branch.map(|branch| self.bytes(branch));
        let none = awards(one.plan, column, None, part);
        let count = one.plan.choice.as_ref().map_or(0, |choice| choice.branches.len());
        let by_branch: Vec<bool> =
            (0..count).map(|branch| awards(one.plan, column, Some(branch), part)).collect();
        let mut granted = match branches {
            None if none => {
                BooleanBuffer::collect_bool(self.rows.len(), |at| statuses[at] == status::GRANTED)
            }
            None => BooleanBuffer::new_unset(self.rows.len()),
            Some(branches) => {
                let awarded: [bool; 256] =
                    std::array::from_fn(|branch| by_branch.get(branch).copied().unwrap_or(none));
                BooleanBuffer::collect_bool(self.rows.len(), |at| {
                    statuses[at] == status::GRANTED && awarded[usize::from(branches[at])]
                })
            }
        };
        if !one.overrides.is_empty() {
            let mut bits: Vec<bool> = granted.iter().collect();
            for (at, answer) in &one.overrides {
                bits[*at] = part_of(answer.awards[column].as_ref(), part).is_some();
            }
            granted = BooleanBuffer::from(bits);
        }
        granted
    }

    fn amounts(
        &self,
        one: &One,
        column: usize,
        part: Part,
        written: Option<Written>,
        shape: &DataType,
        granted: BooleanBuffer,
    ) -> ArrayRef {
        let decimals = one.plan.columns[column].decimals;
        let nulls = some_null(granted.clone());
        let over = |at: usize| {
            let found = one.overrides.binary_search_by_key(&at, |(own, _)| *own).ok()?;
            part_of(one.overrides[found].1.awards[column].as_ref(), part)
        };
        let Some(written) = written else {
            // Given or not, without an amount.
            return Arc::new(BooleanArray::new(granted, nulls));
        };
        match (shape, kind(self.form.plan, one.plan, column)) {
            (DataType::Decimal128(digits, scale), _) => {
                let mut cells: Vec<i128> = self.ints(written).iter().map(|cell| i128::from(*cell)).collect();
                for (at, _) in &one.overrides {
                    if let Some(Value::Number(number)) = over(*at) {
                        cells[*at] = number.to_scaled(decimals).unwrap_or(0);
                    }
                }
                let array = Decimal128Array::new(cells.into(), nulls);
                Arc::new(array.with_data_type(DataType::Decimal128(*digits, *scale)))
            }
            (DataType::Int64, _) => {
                let mut cells = self.ints(written).into_owned();
                for (at, _) in &one.overrides {
                    if let Some(Value::Number(number)) = over(*at) {
                        cells[*at] = super::amounts::int(&number).unwrap_or(0);
                    }
                }
                Arc::new(Int64Array::new(cells.into(), nulls))
            }
            (DataType::Date32, _) => {
                let mut cells = self.ints32(written).into_owned();
                for (at, _) in &one.overrides {
                    if let Some(Value::Date(date)) = over(*at) {
                        cells[*at] = date.0;
                    }
                }
                Arc::new(Date32Array::new(cells.into(), nulls))
            }
            (DataType::Timestamp(..), _) => {
                let mut cells = self.ints(written).into_owned();
                for (at, _) in &one.overrides {
                    if let Some(Value::Time(time)) = over(*at) {
                        cells[*at] = time.0;
                    }
                }
                Arc::new(TimestampSecondArray::new(cells.into(), nulls))
            }
            (_, kind) => self.values(one, column, written, kind, &granted, over),
        }
    }

    /// Truths, variants and texts.
    fn values(
        &self,
        one: &One,
        column: usize,
        written: Written,
        kind: Kind,
        granted: &BooleanBuffer,
        over: impl Fn(usize) -> Option<Value>,
    ) -> ArrayRef {
        let plan = &one.plan.columns[column];
        let mut builder = ValueBuilder::new(self.form.program, plan.ty.as_ref(), plan.decimals);
        for (at, row) in self.rows.iter().enumerate() {
            let own = || self.decoder.value(kind, written, plan.decimals, *row as usize);
            let value = granted.value(at).then(|| over(at).unwrap_or_else(own));
            builder.push(value.as_ref());
        }
        builder.finish()
    }

    fn branches(&self, one: &One) -> ArrayRef {
        let taken = one.outputs.branch.map(|branch| self.bytes(branch)).unwrap_or_default();
        let branches = one.plan.choice.iter().flat_map(|choice| &choice.branches);
        let names: Vec<&str> = branches.map(|branch| branch.test.name.as_str()).collect();
        let mut codes: Vec<u16> = taken.iter().map(|branch| u16::from(*branch)).collect();
        for (at, answer) in &one.overrides {
            codes[*at] = answer.branch.map_or(u16::from(NO_BRANCH), |branch| branch as u16);
        }
        let known = |code: u16| usize::from(code) < names.len();
        let valid = BooleanBuffer::collect_bool(codes.len(), |at| known(codes[at]));
        codes.iter_mut().filter(|code| !known(**code)).for_each(|code| *code = 0);
        names::column(codes, some_null(valid), &names)
    }

    fn failed(&self, one: &One) -> ArrayRef {
        let planes: Vec<Cow<[u8]>> = one.outputs.failed.iter().map(|column| self.bytes(*column)).collect();
        let names: Vec<&str> =
            (0..one.plan.tests()).map(|bit| failure(one.plan, bit).name(one.plan)).collect();
        self.lists(one, &planes, &names, |answer| {
            let error = answer.error.filter(|_| answer.status == Status::Error).map(|error| error.name());
            error.into_iter().chain(answer.failed.iter().map(|failure| failure.name(one.plan))).collect()
        })
    }

    fn missing(&self, one: &One) -> ArrayRef {
        let planes: Vec<Cow<[u8]>> = one.outputs.missing.iter().map(|column| self.bytes(*column)).collect();
        let inputs = &self.form.plan.inputs;
        let names: Vec<&str> =
            one.outputs.inputs.iter().map(|input| inputs[usize::from(*input)].name.as_str()).collect();
        self.lists(one, &planes, &names, |answer| self.form.cause_names(&answer.missing))
    }

    /// The names of the bits that are set, null where none is.
    fn lists<'n>(
        &self,
        one: &'n One,
        planes: &[Cow<[u8]>],
        names: &[&'n str],
        of: impl Fn(&'n Answer) -> Vec<&'n str>,
    ) -> ArrayRef
    where
        'a: 'n,
    {
        if planes.is_empty() && one.overrides.is_empty() {
            return new_null_array(&names::list_type(), self.rows.len());
        }
        let mut names = names.to_vec();
        let mut codes: Vec<u16> = vec![0; 2 * self.rows.len() + 8];
        let mut length = 0;
        let mut offsets: Vec<i32> = Vec::with_capacity(self.rows.len() + 1);
        let mut overrides = one.overrides.iter().peekable();
        offsets.push(0);
        for at in 0..self.rows.len() {
            if let Some((_, answer)) = overrides.next_if(|(own, _)| *own == at) {
                for name in of(answer) {
                    let code = names.iter().position(|own| *own == name).unwrap_or_else(|| {
                        names.push(name);
                        names.len() - 1
                    });
                    room(&mut codes, length)[0] = code as u16;
                    length += 1;
                }
            } else {
                for (plane, bytes) in planes.iter().enumerate() {
                    let byte = bytes[at];
                    // All eight are written, and those that are not set are written over by the next.
                    let base = 8 * plane as u16;
                    let set = &BITS_SET[usize::from(byte)];
                    room(&mut codes, length).copy_from_slice(&set.map(|bit| base + bit));
                    length += byte.count_ones() as usize;
                }
            }
            offsets.push(length as i32);
        }
        codes.truncate(length);
        let valid = BooleanBuffer::collect_bool(self.rows.len(), |at| offsets[at + 1] > offsets[at]);
        let field = Arc::new(ArrowField::new_list_field(names::data_type(), true));
        let names = names::column(codes, None, &names);
        Arc::new(ListArray::new(field, OffsetBuffer::new(offsets.into()), names, some_null(valid)))
    }
}

fn total(purse: Purse, cells: &[i64], beyond: &BTreeMap<(Purse, usize), Number>) -> ArrayRef {
    let over = beyond.range((purse, 0)..=(purse, usize::MAX));
    let over: BTreeMap<usize, &Number> = over.map(|((_, at), sum)| (*at, sum)).collect();
    if over.is_empty() {
        let array = Decimal128Array::from_iter_values(cells.iter().map(|cell| i128::from(*cell)));
        return Arc::new(array.with_data_type(DataType::Decimal128(TOTAL.0, TOTAL.1)));
    }
    let mut builder = ValueBuilder::decimal(TOTAL);
    for (at, cell) in cells.iter().enumerate() {
        let own = Number::from_scaled((*cell).into(), 2);
        let sum = over.get(&at).map_or(own.clone(), |more| own.add(more));
        builder.push(Some(&Value::Number(sum)));
    }
    builder.finish()
}

/// Room for eight codes.
fn room(codes: &mut Vec<u16>, at: usize) -> &mut [u16] {
    if codes.len() < at + 8 {
        codes.resize(2 * codes.len() + 8, 0);
    }
    &mut codes[at..at + 8]
}

/// For each byte the bits that are set, the lowest first; then zeros.
const BITS_SET: [[u16; 8]; 256] = {
    let mut all = [[0; 8]; 256];
    let mut byte = 0;
    while byte < 256 {
        let (mut bit, mut count) = (0, 0);
        while bit < 8 {
            if byte >> bit & 1 == 1 {
                all[byte][count] = bit as u16;
                count += 1;
            }
            bit += 1;
        }
        byte += 1;
    }
    all
};

fn some_null(valid: BooleanBuffer) -> Option<NullBuffer> {
    Some(NullBuffer::new(valid)).filter(|nulls| nulls.null_count() > 0)
}

pub fn status_of(code: u8) -> Status {
    match code {
        status::GRANTED => Status::Granted,
        status::REFUSED => Status::Refused,
        status::UNDETERMINED => Status::Undetermined,
        status::CONFLICT => Status::Conflict,
        _ => Status::Error,
    }
}

fn part_of(award: Option<&AwardValue>, part: Part) -> Option<Value> {
    let award = award?;
    match part {
        Part::Least => Some(award.least.clone()),
        Part::Most => award.most.clone(),
        Part::Months => award.months.clone().map(Value::Number),
    }
}
