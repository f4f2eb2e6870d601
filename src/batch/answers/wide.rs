//! One row for each record.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_schema::{DataType, Field as ArrowField};

use super::amounts::{TOTAL, ValueBuilder, data_type};
use super::{Form, Reasons, branch_name, granted, money_total, nullable};
use crate::batch::names::{self, NamesBuilder};
use crate::check::typed::Type;
use crate::interp::{Answer, AwardValue};
use crate::ir::{Column, MeasurePlan};
use crate::value::{Number, Value};

pub fn fields(form: &Form) -> Vec<ArrowField> {
    let headers = form.options.headers;
    let mut fields = Vec::new();
    for measure in &form.plan.measures {
        fields.push(nullable(headers.measure(measure, "status"), names::data_type()));
        for column in &measure.columns {
            let (name, unit) = (headers.benefit(measure, column), headers.unit(column));
            let ty = data_type(column.ty.as_ref(), column.decimals);
            fields.push(nullable(format!("{name}{unit}"), ty.clone()));
            if column.ranged {
                let second = if column.drawn { "claimed" } else { "most" };
                fields.push(nullable(format!("{name}.{}{unit}", headers.word(second)), ty));
            }
            if column.periodic {
                fields.push(nullable(format!("{name}.{}", headers.word("months")), DataType::Int64));
            }
        }
        if measure.shows_branch() {
            fields.push(nullable(headers.measure(measure, "branch"), names::data_type()));
        }
        if form.options.reasons {
            fields.push(nullable(headers.measure(measure, "failed"), names::list_type()));
            fields.push(nullable(headers.measure(measure, "missing"), names::list_type()));
        }
    }
    fields.extend(form.purses.iter().map(|(kind, of)| nullable(headers.total(*kind, of), money_total())));
    fields
}

pub struct Wide<'f> {
    form: &'f Form<'f>,
    measures: Vec<MeasureColumns>,
    totals: Vec<ValueBuilder>,
}

pub struct MeasureColumns {
    status: NamesBuilder,
    benefits: Vec<BenefitColumns>,
    branch: Option<NamesBuilder>,
    reasons: Reasons,
}

struct BenefitColumns {
    least: ValueBuilder,
    most: Option<ValueBuilder>,
    months: Option<ValueBuilder>,
}

impl<'f> Wide<'f> {
    pub fn new(form: &'f Form<'f>) -> Wide<'f> {
        let measures = form.plan.measures.iter().map(|measure| MeasureColumns::new(form, measure)).collect();
        let totals = form.purses.iter().map(|_| ValueBuilder::decimal(TOTAL)).collect();
        Wide { form, measures, totals }
    }

    pub fn add(&mut self, answers: &[Answer]) -> usize {
        let mut sums = BTreeMap::new();
        let plans = &self.form.plan.measures;
        for ((columns, measure), answer) in self.measures.iter_mut().zip(plans).zip(answers) {
            columns.add(self.form, measure, answer);
            granted(measure, answer, &mut sums);
        }
        for (builder, purse) in self.totals.iter_mut().zip(&self.form.purses) {
            let sum = sums.remove(purse).unwrap_or(Number::ZERO);
            builder.push(Some(&Value::Number(sum)));
        }
        1
    }

    pub fn finish(self) -> Vec<ArrayRef> {
        let mut columns: Vec<ArrayRef> = Vec::new();
        for measure in self.measures {
            measure.finish(&mut columns);
        }
        columns.extend(self.totals.into_iter().map(|mut total| total.finish()));
        columns
    }
}

impl MeasureColumns {
    pub fn new(form: &Form, measure: &MeasurePlan) -> MeasureColumns {
        let benefit = |column: &Column| {
            let value = || ValueBuilder::new(form.program, column.ty.as_ref(), column.decimals);
            BenefitColumns {
                least: value(),
                most: column.ranged.then(value),
                months: column.periodic.then(|| ValueBuilder::new(form.program, Some(&Type::months()), 0)),
            }
        };
        MeasureColumns {
            status: NamesBuilder::new(),
            benefits: measure.columns.iter().map(benefit).collect(),
            branch: measure.shows_branch().then(NamesBuilder::new),
            reasons: Reasons::new(form),
        }
    }

    pub fn add(&mut self, form: &Form, measure: &MeasurePlan, answer: &Answer) {
        self.status.append_value(answer.status.name_for(measure, answer.branch));
        for (columns, award) in self.benefits.iter_mut().zip(&answer.awards) {
            columns.add(award.as_ref());
        }
        if let Some(branch) = &mut self.branch {
            branch.append_option(branch_name(measure, answer));
        }
        self.reasons.add(form, measure, answer);
    }

    pub fn finish(mut self, columns: &mut Vec<ArrayRef>) {
        columns.push(Arc::new(self.status.finish()));
        for benefit in self.benefits {
            let all = [Some(benefit.least), benefit.most, benefit.months];
            columns.extend(all.into_iter().flatten().map(|mut builder| builder.finish()));
        }
        columns.extend(self.branch.map(|mut branch| Arc::new(branch.finish()) as ArrayRef));
        columns.extend(self.reasons.finish());
    }
}

impl BenefitColumns {
    fn add(&mut self, award: Option<&AwardValue>) {
        self.least.push(award.map(|award| &award.least));
        if let Some(most) = &mut self.most {
            most.push(award.and_then(|award| award.most.as_ref()));
        }
        if let Some(months) = &mut self.months {
            let count = award.and_then(|award| award.months.clone()).map(Value::Number);
            months.push(count.as_ref());
        }
    }
}
