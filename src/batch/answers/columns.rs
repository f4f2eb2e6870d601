//! The answers of machine code as columns of the wide layout, without a value for each cell in between.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, Int64Array, ListArray, TimestampSecondArray,
    new_null_array,
};
use arrow_buffer::{BooleanBuffer, NullBuffer, OffsetBuffer};
use arrow_schema::{DataType, Field as ArrowField};

use super::amounts::{TOTAL, ValueBuilder, data_type};
use super::{Form, Purse, purse};
use crate::batch::decode::{Decoder, Part, awards, failure, kind};
use crate::batch::names;
use crate::batch::summary::{Summary, purse_name};
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
struct One<'a> {
    at: usize,
    plan: &'a MeasurePlan,
    outputs: &'a MeasureOutputs,
    overrides: Vec<(usize, &'a Answer)>,
}

impl<'a> Columns<'a> {
    /// The columns after the keys, and what they come to.
    pub fn build(&self) -> (Vec<ArrayRef>, Summary) {
        let mut columns: Vec<ArrayRef> = Vec::new();
        let mut summary = Summary::new(self.form.plan);
        summary.records = self.rows.len() as u64;
        let mut totals: BTreeMap<Purse, Vec<i128>> =
            self.form.purses.iter().map(|purse| (*purse, vec![0; self.rows.len()])).collect();
        let mut beyond: BTreeMap<(Purse, usize), Number> = BTreeMap::new();
        for (at, plan) in self.form.plan.measures.iter().enumerate() {
            match &self.outputs.measures[at] {
                None => self.not_in_force(at, plan, &mut columns, &mut summary),
                Some(outputs) => {
                    let one = One { at, plan, outputs, overrides: self.overrides_of(at) };
                    self.measure(&one, &mut columns);
                    self.count(&one, &mut summary);
                    self.add_money(&one, &mut totals, &mut beyond, &mut summary);
                }
            }
        }
        for purse in &self.form.purses {
            columns.push(self.total(*purse, &totals[purse], &beyond));
        }
        (columns, summary)
    }

    fn overrides_of(&self, measure: usize) -> Vec<(usize, &'a Answer)> {
        let own = self.overrides.range((measure, 0)..=(measure, u32::MAX));
        own.filter_map(|((_, row), answer)| Some((self.rows.binary_search(row).ok()?, answer))).collect()
    }

    fn not_in_force(
        &self,
        at: usize,
        plan: &MeasurePlan,
        columns: &mut Vec<ArrayRef>,
        summary: &mut Summary,
    ) {
        let blank = Answer::not_in_force(plan);
        let mut wide = super::wide::MeasureColumns::new(self.form, plan);
        self.rows.iter().for_each(|_| wide.add(self.form, plan, &blank));
        wide.finish(columns);
        if !self.rows.is_empty() {
            summary.measures[at].count(Status::NotInForce, self.rows.len() as u64);
        }
    }

    fn bytes(&self, written: Written) -> &'a [u8] {
        self.decoder.answers.bytes(written)
    }

    fn measure(&self, one: &One, columns: &mut Vec<ArrayRef>) {
        let statuses = self.bytes(one.outputs.status);
        columns.push(self.statuses(one, statuses));
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
        if one.plan.choice.is_some() {
            columns.push(self.branches(one));
        }
        if self.form.options.reasons {
            columns.push(self.failed(one));
            columns.push(self.missing(one));
        }
    }

    fn statuses(&self, one: &One, statuses: &[u8]) -> ArrayRef {
        let code = |status: Status| Status::ALL.iter().position(|own| *own == status).unwrap_or(0) as u16;
        let of_byte: [u16; 256] = std::array::from_fn(|byte| code(status_of(byte as u8)));
        let mut codes: Vec<u16> =
            self.rows.iter().map(|row| of_byte[usize::from(statuses[*row as usize])]).collect();
        for (at, answer) in &one.overrides {
            codes[*at] = code(answer.status);
        }
        names::column(codes, None, &Status::ALL.map(Status::name))
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
            None => BooleanBuffer::collect_bool(self.rows.len(), |at| {
                none && statuses[self.rows[at] as usize] == status::GRANTED
            }),
            Some(branches) => BooleanBuffer::collect_bool(self.rows.len(), |at| {
                let row = self.rows[at] as usize;
                statuses[row] == status::GRANTED
                    && by_branch.get(usize::from(branches[row])).copied().unwrap_or(none)
            }),
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
        let answers = self.decoder.answers;
        match (shape, kind(self.form.plan, one.plan, column)) {
            (DataType::Decimal128(digits, scale), _) => {
                let cell = |at: usize, row: u32| match over(at) {
                    Some(Value::Number(number)) => number.to_scaled(decimals).unwrap_or(0),
                    _ => answers.int(written, row as usize).into(),
                };
                let cells: Vec<i128> = self.cells(one, written, i128::from, cell);
                let array = Decimal128Array::new(cells.into(), nulls);
                Arc::new(array.with_data_type(DataType::Decimal128(*digits, *scale)))
            }
            (DataType::Int64, _) => {
                let cell = |at: usize, row: u32| match over(at) {
                    Some(Value::Number(number)) => super::amounts::int(&number).unwrap_or(0),
                    _ => answers.int(written, row as usize),
                };
                let cells: Vec<i64> = self.cells(one, written, |cell| cell, cell);
                Arc::new(Int64Array::new(cells.into(), nulls))
            }
            (DataType::Date32, _) => {
                let cell = |(at, row): (usize, &u32)| match over(at) {
                    Some(Value::Date(date)) => date.0,
                    _ => answers.ints32(written)[*row as usize],
                };
                let cells: Vec<i32> = self.rows.iter().enumerate().map(cell).collect();
                Arc::new(Date32Array::new(cells.into(), nulls))
            }
            (DataType::Timestamp(..), _) => {
                let cell = |(at, row): (usize, &u32)| match over(at) {
                    Some(Value::Time(time)) => time.0,
                    _ => answers.ints64(written)[*row as usize],
                };
                let cells: Vec<i64> = self.rows.iter().enumerate().map(cell).collect();
                Arc::new(TimestampSecondArray::new(cells.into(), nulls))
            }
            (_, kind) => self.values(one, column, written, kind, &granted, over),
        }
    }

    /// Whole numbers of a column; quickly where nothing overrides them.
    fn cells<T>(
        &self,
        one: &One,
        written: Written,
        wide: impl Fn(i64) -> T,
        each: impl Fn(usize, u32) -> T,
    ) -> Vec<T> {
        if !one.overrides.is_empty() || self.rows.len() != self.decoder.answers.len() {
            return self.rows.iter().enumerate().map(|(at, row)| each(at, *row)).collect();
        }
        match written.width {
            4 => self.decoder.answers.ints32(written).iter().map(|cell| wide((*cell).into())).collect(),
            _ => self.decoder.answers.ints64(written).iter().map(|cell| wide(*cell)).collect(),
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
        let bytes = one.outputs.branch.map(|branch| self.bytes(branch)).unwrap_or_default();
        let branches = one.plan.choice.iter().flat_map(|choice| &choice.branches);
        let names: Vec<&str> = branches.map(|branch| branch.test.name.as_str()).collect();
        let mut codes: Vec<u16> = self.rows.iter().map(|row| bytes[*row as usize].into()).collect();
        for (at, answer) in &one.overrides {
            codes[*at] = answer.branch.map_or(u16::from(NO_BRANCH), |branch| branch as u16);
        }
        let known = |code: u16| usize::from(code) < names.len();
        let valid = BooleanBuffer::collect_bool(codes.len(), |at| known(codes[at]));
        codes.iter_mut().filter(|code| !known(**code)).for_each(|code| *code = 0);
        names::column(codes, some_null(valid), &names)
    }

    fn failed(&self, one: &One) -> ArrayRef {
        let planes: Vec<&[u8]> = one.outputs.failed.iter().map(|column| self.bytes(*column)).collect();
        let names: Vec<&str> =
            (0..one.plan.tests()).map(|bit| failure(one.plan, bit).name(one.plan)).collect();
        self.lists(one, &planes, &names, |answer| {
            let error = answer.error.filter(|_| answer.status == Status::Error).map(|error| error.name());
            error.into_iter().chain(answer.failed.iter().map(|failure| failure.name(one.plan))).collect()
        })
    }

    fn missing(&self, one: &One) -> ArrayRef {
        let planes: Vec<&[u8]> = one.outputs.missing.iter().map(|column| self.bytes(*column)).collect();
        let inputs = &self.form.plan.inputs;
        let names: Vec<&str> =
            one.outputs.inputs.iter().map(|input| inputs[usize::from(*input)].name.as_str()).collect();
        self.lists(one, &planes, &names, |answer| self.form.cause_names(&answer.missing))
    }

    /// The names of the bits that are set, null where none is.
    fn lists<'n>(
        &self,
        one: &'n One,
        planes: &[&[u8]],
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
        for (at, row) in self.rows.iter().enumerate() {
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
                    let byte = bytes[*row as usize];
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

    fn count(&self, one: &One, summary: &mut Summary) {
        let statuses = self.bytes(one.outputs.status);
        let mut counts = [0u64; 256];
        self.rows.iter().for_each(|row| counts[usize::from(statuses[*row as usize])] += 1);
        let own = &mut summary.measures[one.at];
        for (at, _) in &one.overrides {
            counts[usize::from(statuses[self.rows[*at] as usize])] -= 1;
        }
        for code in [status::GRANTED, status::REFUSED, status::UNDETERMINED, status::CONFLICT] {
            if counts[usize::from(code)] > 0 {
                own.count(status_of(code), counts[usize::from(code)]);
            }
        }
        self.count_branches(one, summary);
        self.count_missing(one, counts[usize::from(status::UNDETERMINED)], summary);
        for (_, answer) in &one.overrides {
            summary.measures[one.at].count(answer.status, 1);
            summary.measures[one.at].add(self.form.plan, one.plan, answer);
        }
    }

    fn overridden(&self, one: &One) -> Vec<u32> {
        one.overrides.iter().map(|(at, _)| self.rows[*at]).collect()
    }

    fn count_branches(&self, one: &One, summary: &mut Summary) {
        let (Some(branch), Some(choice)) = (one.outputs.branch, &one.plan.choice) else { return };
        let branches = self.bytes(branch);
        let mut counts = [0u64; 256];
        self.rows.iter().for_each(|row| counts[usize::from(branches[*row as usize])] += 1);
        self.overridden(one).iter().for_each(|row| counts[usize::from(branches[*row as usize])] -= 1);
        for (branch, count) in choice.branches.iter().zip(&counts[..usize::from(NO_BRANCH)]) {
            if *count > 0 {
                *summary.measures[one.at].branches.entry(branch.test.name.clone()).or_insert(0) += count;
            }
        }
    }

    fn count_missing(&self, one: &One, undetermined: u64, summary: &mut Summary) {
        if undetermined == 0 {
            return;
        }
        let over = self.overridden(one);
        for (plane, column) in one.outputs.missing.iter().enumerate() {
            let bytes = self.bytes(*column);
            for (bit, input) in one.outputs.inputs.iter().skip(8 * plane).take(8).enumerate() {
                let is_set = |row: &&u32| bytes[**row as usize] >> bit & 1 == 1;
                let count = self.rows.iter().filter(is_set).count() - over.iter().filter(is_set).count();
                if count > 0 {
                    let name = self.form.plan.inputs[usize::from(*input)].name.clone();
                    *summary.measures[one.at].missing.entry(name).or_insert(0) += count as u64;
                }
            }
        }
    }

    /// Adds what a measure grants to the totals of each record, and to the sums.
    fn add_money(
        &self,
        one: &One,
        totals: &mut BTreeMap<Purse, Vec<i128>>,
        beyond: &mut BTreeMap<(Purse, usize), Number>,
        summary: &mut Summary,
    ) {
        for (column, (plan, written)) in one.plan.columns.iter().zip(&one.outputs.columns).enumerate() {
            let (Some(purse), Some(least)) = (purse(plan), written.least) else { continue };
            let total = totals.get_mut(&purse).expect("every kind of money has a total");
            let over: Vec<usize> = one.overrides.iter().map(|(at, _)| *at).collect();
            let answers = self.decoder.answers;
            let mut sum = 0i128;
            for (at, row) in self.rows.iter().enumerate() {
                if !over.is_empty() && over.binary_search(&at).is_ok() {
                    continue;
                }
                let row = *row as usize;
                let mut amount = i128::from(answers.int(least, row));
                if let Some(months) = written.months.filter(|_| amount != 0) {
                    let branch = one.outputs.branch.map(|branch| usize::from(answers.bytes(branch)[row]));
                    let branch = branch.filter(|branch| *branch != usize::from(NO_BRANCH));
                    if awards(one.plan, column, branch, Part::Months) {
                        amount *= i128::from(answers.int(months, row));
                    }
                }
                total[at] += amount;
                sum += amount;
            }
            let sum = Number::from_scaled(sum, plan.decimals);
            summary.add_money(one.at, &purse_name(purse), &sum);
        }
        for (at, answer) in &one.overrides {
            let mut sums = BTreeMap::new();
            super::granted(one.plan, answer, &mut sums);
            for (purse, sum) in sums {
                summary.add_money(one.at, &purse_name(purse), &sum);
                let entry = beyond.entry((purse, *at)).or_default();
                *entry = entry.add(&sum);
            }
        }
    }

    fn total(&self, purse: Purse, cells: &[i128], beyond: &BTreeMap<(Purse, usize), Number>) -> ArrayRef {
        let over = beyond.range((purse, 0)..=(purse, usize::MAX));
        let over: BTreeMap<usize, &Number> = over.map(|((_, at), sum)| (*at, sum)).collect();
        if over.is_empty() {
            let array = Decimal128Array::new(cells.to_vec().into(), None);
            return Arc::new(array.with_data_type(DataType::Decimal128(TOTAL.0, TOTAL.1)));
        }
        let mut builder = ValueBuilder::decimal(TOTAL);
        for (at, cell) in cells.iter().enumerate() {
            let own = Number::from_scaled(*cell, 2);
            let sum = over.get(&at).map_or(own.clone(), |more| own.add(more));
            builder.push(Some(&Value::Number(sum)));
        }
        builder.finish()
    }
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

fn status_of(code: u8) -> Status {
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
