//! Only what is granted: one row for each benefit of each record.

use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_array::builder::{Int64Builder, StringBuilder};
use arrow_schema::{DataType, Field as ArrowField};

use super::amounts::{MONEY, ValueBuilder, award_text};
use super::{Form, nullable};
use crate::check::typed::{BenefitKind, Cite, Measure};
use crate::interp::{Answer, AwardValue, Status};
use crate::ir::{Column, MeasurePlan};

pub fn fields(form: &Form) -> Vec<ArrowField> {
    let headers = form.options.headers;
    let text = |word| nullable(headers.word(word), DataType::Utf8);
    vec![
        text("measure"),
        text("kind"),
        text("benefit"),
        nullable(headers.word("amount"), DataType::Decimal128(MONEY.0, MONEY.1)),
        text("value"),
        text("source"),
        nullable(headers.word("article"), DataType::Int64),
    ]
}

pub struct List<'f> {
    form: &'f Form<'f>,
    measure: StringBuilder,
    kind: StringBuilder,
    benefit: StringBuilder,
    amount: ValueBuilder,
    value: StringBuilder,
    source: StringBuilder,
    article: Int64Builder,
}

impl<'f> List<'f> {
    pub fn new(form: &'f Form<'f>) -> List<'f> {
        List {
            form,
            measure: StringBuilder::new(),
            kind: StringBuilder::new(),
            benefit: StringBuilder::new(),
            amount: ValueBuilder::decimal(MONEY),
            value: StringBuilder::new(),
            source: StringBuilder::new(),
            article: Int64Builder::new(),
        }
    }

    pub fn add(&mut self, answers: &[Answer]) -> usize {
        let mut rows = 0;
        for (at, (measure, answer)) in self.form.plan.measures.iter().zip(answers).enumerate() {
            if answer.status != Status::Granted {
                continue;
            }
            for (award, column) in answer.awards.iter().zip(&measure.columns) {
                if let Some(award) = award.as_ref().filter(|_| column.kind != BenefitKind::Shortfall) {
                    let checked = self.form.measures[at];
                    let cite = checked.and_then(|checked| cite(checked, answer.branch, &column.name));
                    self.add_one(measure, column, award, cite);
                    rows += 1;
                }
            }
        }
        rows
    }

    fn add_one(&mut self, measure: &MeasurePlan, column: &Column, award: &AwardValue, cite: Option<&Cite>) {
        let headers = self.form.options.headers;
        self.measure.append_value(headers.either(&measure.name, &measure.label));
        self.kind.append_value(headers.word(column.kind.name()));
        self.benefit.append_value(headers.either(&column.name, &column.label));
        let money = super::purse(column).map(|_| &award.least);
        self.amount.push(money);
        let text = award_text(self.form.program, column, award);
        self.value.append_option((!text.is_empty()).then_some(text));
        self.source.append_option(cite.map(|cite| &cite.source));
        self.article.append_option(cite.and_then(|cite| cite.article).map(i64::from));
    }

    pub fn finish(mut self) -> Vec<ArrayRef> {
        vec![
            Arc::new(self.measure.finish()),
            Arc::new(self.kind.finish()),
            Arc::new(self.benefit.finish()),
            self.amount.finish(),
            Arc::new(self.value.finish()),
            Arc::new(self.source.finish()),
            Arc::new(self.article.finish()),
        ]
    }
}

/// The nearest authority of a benefit: its own, its branch's, its measure's.
fn cite<'m>(measure: &'m Measure, branch: Option<usize>, benefit: &str) -> Option<&'m Cite> {
    let branch = measure.choice.as_ref().zip(branch).and_then(|(choice, at)| choice.branches.get(at));
    let in_branch = branch.into_iter().flat_map(|branch| &branch.benefits);
    let own = in_branch.chain(&measure.benefits).find(|own| own.name == benefit);
    own.and_then(|own| own.cites.first())
        .or_else(|| branch?.cites.first())
        .or_else(|| measure.head.cites.first())
}
