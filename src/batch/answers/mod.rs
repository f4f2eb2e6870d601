//! Answers as tables, in three layouts.
//!
//! - `wide`: a row for each record. After the keys and the columns that are kept, for each measure `M`:
//!   `M.status`, each benefit `M.<benefit>` (with `M.<benefit>.most` where it is a range and
//!   `M.<benefit>.months` where it is periodic), `M.branch` where it has alternatives, `M.failed` and
//!   `M.missing`; then `total.<kind>` for each kind with amounts of money (`total.<kind>.USD` for other
//!   currencies): least amounts of what is granted, times the months of periodic ones.
//! - `long`: a row for each record and measure: `measure`, `status`, `branch`, `failed`, `missing`, then one
//!   column for each kind of money (`pay`, `waive`, `pay.USD`) with what the measure grants of it, as in the
//!   totals, then `benefits`: every benefit granted, as `name=256500元`.
//! - `list`: a row for each benefit that is granted: `measure`, `kind`, `benefit`, `amount` (money only, in
//!   its currency; the least of a range; each month's of a periodic one), `value` (the amount as a text with
//!   its unit), `source` and `article` that it is granted by.
//!
//! Money is decimal(18,2), totals decimal(38,2), rates and points decimal(18,8) as fractions, whole numbers
//! int64, other numbers decimal(38,6), dates date32, benefits without an amount booleans. `failed` and
//! `missing` are lists of names, null where there is nothing to say. Statuses, branches and names are texts as
//! codes into a dictionary.

mod amounts;
mod columns;
mod headers;
mod list;
mod long;
mod tally;
#[cfg(test)]
mod tests;
mod view;
mod wide;

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::builder::{ListBuilder, StringBuilder};
use arrow_array::{Array, ArrayRef, Date32Array, Int64Array};
use arrow_schema::{DataType, Field as ArrowField, FieldRef, Schema, SchemaRef};

pub use amounts::value_text;
use amounts::{TOTAL, ValueBuilder, data_type, fits, number};
pub use columns::{Columns, Overrides};
pub use headers::Headers;
pub use view::{Amounts, BenefitView, MeasureView, NameLists, Names, View};

use super::names::NamesBuilder;
use super::records::{Cells, Records};
use crate::check::typed::{BenefitKind, Field, Measure, Program, Record, RecordId};
use crate::interp::{Answer, Status};
use crate::ir::{MeasurePlan, RecordPlan};
use crate::jit::Shape;
use crate::value::{Causes, Number, RunError};

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Layout {
    #[default]
    Wide,
    Long,
    List,
}

/// How answers are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AnswerOptions {
    pub layout: Layout,
    pub headers: Headers,
    /// Whether `failed` and `missing` are written.
    pub reasons: bool,
}

impl Default for AnswerOptions {
    fn default() -> AnswerOptions {
        AnswerOptions { layout: Layout::Wide, headers: Headers::Ids, reasons: true }
    }
}

/// A kind of benefit and the currency of its amounts, as totals are kept.
pub type Purse = (BenefitKind, &'static str);

/// The shape of the answers to one kind of record.
pub struct Form<'p> {
    program: &'p Program,
    record: &'p Record,
    plan: &'p RecordPlan,
    /// The checked measures, in the order of the plan's; for citations.
    measures: Vec<Option<&'p Measure>>,
    /// Kinds of money, in the order of the kinds, 元 before other currencies.
    purses: Vec<Purse>,
    options: AnswerOptions,
}

impl<'p> Form<'p> {
    pub fn new(
        program: &'p Program,
        record: RecordId,
        plan: &'p RecordPlan,
        options: AnswerOptions,
    ) -> Form<'p> {
        let mut own = program.measures.iter().filter(|measure| measure.record == record).peekable();
        let measures = plan.measures.iter().map(|plan| own.next_if(|measure| measure.head.name == plan.name));
        let measures = measures.collect();
        let mut purses: Vec<Purse> =
            plan.measures.iter().flat_map(|measure| &measure.columns).filter_map(purse).collect();
        purses.sort_by_key(|(kind, currency)| (*kind, *currency != "CNY", *currency));
        purses.dedup();
        Form { program, record: &program.records[record.index()], plan, measures, purses, options }
    }

    /// The columns of the answers, after `kept` ones.
    pub fn schema(&self, kept: &[FieldRef]) -> SchemaRef {
        let keys = self.record.fields.iter().filter(|field| field.key);
        let mut fields: Vec<ArrowField> = keys
            .map(|key| {
                ArrowField::new(self.options.headers.field(key), data_type(Some(&key.ty), key.decimals), true)
            })
            .collect();
        fields.extend(kept.iter().map(|field| field.as_ref().clone().with_nullable(true)));
        fields.extend(match self.options.layout {
            Layout::Wide => wide::fields(self),
            Layout::Long => long::fields(self),
            Layout::List => list::fields(self),
        });
        let names = headers::distinct(fields.iter().map(|field| field.name().clone()).collect());
        let renamed: Vec<ArrowField> =
            fields.into_iter().zip(names).map(|(field, name)| field.with_name(name)).collect();
        Arc::new(Schema::new(renamed))
    }

    /// The key columns of some records.
    pub fn keys(&self, records: &Records, shapes: &[Shape]) -> Vec<ArrayRef> {
        let keys = self.record.fields.iter().enumerate().filter(|(_, field)| field.key);
        keys.map(|(at, field)| self.key(records, shapes, at, field)).collect()
    }

    fn key(&self, records: &Records, shapes: &[Shape], at: usize, field: &Field) -> ArrayRef {
        let column = &records.columns[at];
        let shape = data_type(Some(&field.ty), field.decimals);
        match (&column.cells, shape) {
            (Cells::Text(texts), _) if texts.null_count() == 0 || column.nulls.is_some() => {
                Arc::new(texts.clone())
            }
            (Cells::Int64(cells), DataType::Int64) => {
                Arc::new(Int64Array::new(cells.clone(), column.nulls.clone()))
            }
            (Cells::Int32(cells), DataType::Date32) => {
                Arc::new(Date32Array::new(cells.clone(), column.nulls.clone()))
            }
            _ => {
                let mut builder = ValueBuilder::new(self.program, Some(&field.ty), field.decimals);
                (0..records.len).for_each(|row| builder.push(records.value(shapes, row, at).as_ref()));
                builder.finish()
            }
        }
    }

    /// An empty sheet for the answers of some records.
    pub fn sheet(&self) -> Sheet<'_> {
        let body = match self.options.layout {
            Layout::Wide => Body::Wide(Box::new(wide::Wide::new(self))),
            Layout::Long => Body::Long(Box::new(long::Long::new(self))),
            Layout::List => Body::List(Box::new(list::List::new(self))),
        };
        Sheet { records: Vec::new(), body }
    }

    fn cause_names(&self, causes: &Causes) -> Vec<&'p str> {
        let plan = self.plan;
        causes
            .iter()
            .filter_map(|cause| plan.inputs.get(usize::from(cause)))
            .map(|i| i.name.as_str())
            .collect()
    }
}

/// The purse that a column of benefits adds to, where it is money.
pub fn purse(column: &crate::ir::Column) -> Option<Purse> {
    let given = column.kind != BenefitKind::Shortfall;
    Some((column.kind, column.ty.as_ref().filter(|_| given)?.currency()?))
}

/// An answer of which an amount does not fit its column is that record's overflow.
pub fn fitted(measure: &MeasurePlan, answer: Answer) -> Answer {
    let all = answer.awards.iter().zip(&measure.columns);
    let fit =
        all.filter_map(|(award, column)| Some((award.as_ref()?, column))).all(|(award, c)| fits(c, award));
    if fit {
        return answer;
    }
    Answer {
        status: Status::Error,
        branch: None,
        awards: vec![None; measure.columns.len()],
        failed: Vec::new(),
        missing: Causes::default(),
        error: Some(RunError::Overflow),
    }
}

/// Money that one answer grants, by purse.
pub fn granted(measure: &MeasurePlan, answer: &Answer, sums: &mut BTreeMap<Purse, Number>) {
    if answer.status != Status::Granted {
        return;
    }
    for (award, column) in answer.awards.iter().zip(&measure.columns) {
        let (Some(award), Some(purse)) = (award, purse(column)) else { continue };
        let Some(amount) = number(&award.least) else { continue };
        let whole = award.months.as_ref().map_or_else(|| amount.clone(), |months| amount.mul(months));
        let sum = sums.entry(purse).or_default();
        *sum = sum.add(&whole);
    }
}

/// Answers of some records in the making.
pub struct Sheet<'f> {
    records: Vec<u32>,
    body: Body<'f>,
}

enum Body<'f> {
    Wide(Box<wide::Wide<'f>>),
    Long(Box<long::Long<'f>>),
    List(Box<list::List<'f>>),
}

impl Sheet<'_> {
    /// Adds the answers of one record, one for each measure. `record` says which one it is.
    pub fn add(&mut self, record: u32, answers: &[Answer]) {
        let rows = match &mut self.body {
            Body::Wide(wide) => wide.add(answers),
            Body::Long(long) => long.add(answers),
            Body::List(list) => list.add(answers),
        };
        self.records.extend(std::iter::repeat_n(record, rows));
    }

    /// For each row the record it is of, and the columns after the keys and the kept ones.
    pub fn finish(self) -> (Vec<u32>, Vec<ArrayRef>) {
        let columns = match self.body {
            Body::Wide(wide) => wide.finish(),
            Body::Long(long) => long.finish(),
            Body::List(list) => list.finish(),
        };
        (self.records, columns)
    }
}

/// `failed` and `missing`, or nothing where reasons are not wanted.
struct Reasons {
    lists: Option<(ListBuilder<NamesBuilder>, ListBuilder<NamesBuilder>)>,
}

impl Reasons {
    fn new(form: &Form) -> Reasons {
        let list = || ListBuilder::new(NamesBuilder::new());
        Reasons { lists: form.options.reasons.then(|| (list(), list())) }
    }

    fn add(&mut self, form: &Form, measure: &MeasurePlan, answer: &Answer) {
        let Some((failed, missing)) = &mut self.lists else { return };
        let error = answer.error.filter(|_| answer.status == Status::Error).map(RunError::name);
        let names = answer.failed.iter().map(|failure| failure.name(measure));
        push_names(failed, error.into_iter().chain(names));
        push_names(missing, form.cause_names(&answer.missing).into_iter());
    }

    fn finish(self) -> Vec<ArrayRef> {
        let arrays = self.lists.map(|(mut failed, mut missing)| -> [ArrayRef; 2] {
            [Arc::new(failed.finish()), Arc::new(missing.finish())]
        });
        arrays.into_iter().flatten().collect()
    }
}

fn push_names<'t>(list: &mut ListBuilder<NamesBuilder>, names: impl Iterator<Item = &'t str>) {
    let mut any = false;
    for name in names {
        list.values().append_value(name);
        any = true;
    }
    list.append(any);
}

fn push_list<'t>(list: &mut ListBuilder<StringBuilder>, names: impl Iterator<Item = &'t str>) {
    let mut any = false;
    for name in names {
        list.values().append_value(name);
        any = true;
    }
    list.append(any);
}

fn text_list() -> DataType {
    DataType::List(Arc::new(ArrowField::new_list_field(DataType::Utf8, true)))
}

fn money_total() -> DataType {
    DataType::Decimal128(TOTAL.0, TOTAL.1)
}

fn nullable(name: impl Into<String>, data_type: DataType) -> ArrowField {
    ArrowField::new(name, data_type, true)
}

fn branch_name<'m>(measure: &'m MeasurePlan, answer: &Answer) -> Option<&'m str> {
    let branches = &measure.choice.as_ref().filter(|_| measure.shows_branch())?.branches;
    branches.get(answer.branch?).map(|branch| branch.test.name.as_str())
}
