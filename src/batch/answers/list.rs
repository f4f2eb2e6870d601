//! Only what is granted: one row for each benefit of each record.

use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_array::builder::{Int64Builder, StringBuilder};
use arrow_schema::{DataType, Field as ArrowField};

use super::amounts::{MONEY, ValueBuilder, award_text};
use super::{Form, nullable};
use crate::check::typed::{BenefitKind, Cite, Measure, Program};
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
            for (place, (award, column)) in answer.awards.iter().zip(&measure.columns).enumerate() {
                if let Some(award) = award.as_ref().filter(|_| column.kind != BenefitKind::Shortfall) {
                    let checked = self.form.measures[at];
                    let cite =
                        checked.and_then(|own| cite(self.form.program, own, answer.branch, &column.name));
                    let text = award_text(self.form.program, measure, answer.branch, place, award);
                    self.add_one(measure, column, award, text, cite);
                    rows += 1;
                }
            }
        }
        rows
    }

    fn add_one(
        &mut self,
        measure: &MeasurePlan,
        column: &Column,
        award: &AwardValue,
        text: String,
        cite: Option<&Cite>,
    ) {
        let headers = self.form.options.headers;
        self.measure.append_value(headers.either(&measure.name, &measure.label));
        self.kind.append_value(headers.word(column.kind.name()));
        self.benefit.append_value(headers.either(&column.name, &column.label));
        let money = super::purse(column).map(|_| &award.least);
        self.amount.push(money);
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

/// The nearest authority of a benefit: its own, its branch's, its measure's; of several those that stand in a
/// document of the set itself come first.
fn cite<'m>(
    program: &Program,
    measure: &'m Measure,
    branch: Option<usize>,
    benefit: &str,
) -> Option<&'m Cite> {
    let branch = measure.choice.as_ref().zip(branch).and_then(|(choice, at)| choice.branches.get(at));
    let in_branch = branch.into_iter().flat_map(|branch| &branch.benefits);
    let own = in_branch.chain(&measure.benefits).find(|own| own.name == benefit);
    let nearest = || {
        let own = own.into_iter().flat_map(|own| &own.cites);
        own.chain(branch.into_iter().flat_map(|branch| &branch.cites)).chain(&measure.head.cites)
    };
    let of_set = |cite: &&Cite| program.sources.iter().any(|source| source.own && source.name == cite.source);
    nearest().find(of_set).or_else(|| nearest().next())
}
