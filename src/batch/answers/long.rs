//! One row for each record and measure.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_array::builder::{ListBuilder, StringBuilder};
use arrow_schema::Field as ArrowField;

use super::amounts::{TOTAL, ValueBuilder, award_text};
use super::{Form, Reasons, branch_name, granted, money_total, nullable, push_list, text_list};
use crate::batch::names::{self, NamesBuilder};
use crate::interp::{Answer, Status};
use crate::ir::MeasurePlan;
use crate::value::Value;

pub fn fields(form: &Form) -> Vec<ArrowField> {
    let headers = form.options.headers;
    let text = |word| nullable(headers.word(word), names::data_type());
    let mut fields = vec![text("measure"), text("status"), text("branch")];
    if form.options.reasons {
        fields.push(nullable(headers.word("failed"), names::list_type()));
        fields.push(nullable(headers.word("missing"), names::list_type()));
    }
    for (kind, currency) in &form.purses {
        let word = headers.word(kind.name());
        let name = if *currency == "CNY" { word.to_owned() } else { format!("{word}.{currency}") };
        fields.push(nullable(name, money_total()));
    }
    fields.push(nullable(headers.word("benefits"), text_list()));
    fields
}

pub struct Long<'f> {
    form: &'f Form<'f>,
    measure: NamesBuilder,
    status: NamesBuilder,
    branch: NamesBuilder,
    reasons: Reasons,
    money: Vec<ValueBuilder>,
    benefits: ListBuilder<StringBuilder>,
}

impl<'f> Long<'f> {
    pub fn new(form: &'f Form<'f>) -> Long<'f> {
        Long {
            form,
            measure: NamesBuilder::new(),
            status: NamesBuilder::new(),
            branch: NamesBuilder::new(),
            reasons: Reasons::new(form),
            money: form.purses.iter().map(|_| ValueBuilder::decimal(TOTAL)).collect(),
            benefits: ListBuilder::new(StringBuilder::new()),
        }
    }

    pub fn add(&mut self, answers: &[Answer]) -> usize {
        for (measure, answer) in self.form.plan.measures.iter().zip(answers) {
            self.add_one(measure, answer);
        }
        answers.len()
    }

    fn add_one(&mut self, measure: &MeasurePlan, answer: &Answer) {
        self.measure.append_value(&measure.name);
        self.status.append_value(answer.status.name_for(measure, answer.branch));
        self.branch.append_option(branch_name(measure, answer));
        self.reasons.add(self.form, measure, answer);
        let mut sums = BTreeMap::new();
        granted(measure, answer, &mut sums);
        for (builder, purse) in self.money.iter_mut().zip(&self.form.purses) {
            let sum = sums.remove(purse).map(Value::Number);
            builder.push(sum.as_ref());
        }
        let mut benefits = Vec::new();
        if answer.status == Status::Granted {
            for (at, (award, column)) in answer.awards.iter().zip(&measure.columns).enumerate() {
                let Some(award) = award else { continue };
                let text = award_text(self.form.program, measure, answer.branch, at, award);
                let mark = if text.is_empty() { "" } else { "=" };
                benefits.push(format!("{}{mark}{text}", column.name));
            }
        }
        push_list(&mut self.benefits, benefits.iter().map(String::as_str));
    }

    pub fn finish(mut self) -> Vec<ArrayRef> {
        let texts = [&mut self.measure, &mut self.status, &mut self.branch];
        let mut columns: Vec<ArrayRef> =
            texts.into_iter().map(|builder| Arc::new(builder.finish()) as ArrayRef).collect();
        columns.extend(self.reasons.finish());
        columns.extend(self.money.into_iter().map(|mut money| money.finish()));
        columns.push(Arc::new(self.benefits.finish()));
        columns
    }
}
