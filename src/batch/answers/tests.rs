use arrow_array::cast::AsArray;
use arrow_array::types::{Decimal128Type, Int64Type};

use super::*;
use crate::check::sketch;
use crate::check::typed::Type;
use crate::interp::AwardValue;
use crate::ir::lower;
use crate::value::{Dimension, Value};

/// The plan of the small policy, its subsidy a range in dollars that is given every month.
fn plan() -> RecordPlan {
    let mut plan = lower(&sketch::relief()).records.remove(0);
    let subsidy = &mut plan.measures[0].columns[0];
    subsidy.ranged = true;
    subsidy.periodic = true;
    subsidy.ty = Some(Type::money("USD"));
    plan
}

fn answers(plan: &RecordPlan, award: AwardValue) -> Vec<Answer> {
    let none = |measure: &MeasurePlan| Answer {
        status: Status::NotInForce,
        branch: None,
        awards: vec![None; measure.columns.len()],
        failed: Vec::new(),
        missing: Causes::default(),
        error: None,
    };
    let mut answers: Vec<Answer> = plan.measures.iter().map(none).collect();
    answers[0].status = Status::Granted;
    answers[0].awards[0] = Some(award);
    answers
}

fn award(least: &str, most: &str, months: i64) -> AwardValue {
    AwardValue {
        least: sketch::number(least),
        most: Some(sketch::number(most)),
        months: Some(Number::from_int(months)),
    }
}

fn sheet(layout: Layout, answers: &[Answer], plan: &RecordPlan) -> (SchemaRef, Vec<ArrayRef>) {
    let program = sketch::relief();
    let options = AnswerOptions { layout, ..AnswerOptions::default() };
    let form = Form::new(&program, RecordId(0), plan, options);
    let mut sheet = form.sheet();
    sheet.add(0, answers);
    (form.schema(&[]), sheet.finish().1)
}

fn column<'s>(sheet: &'s (SchemaRef, Vec<ArrayRef>), name: &str) -> &'s ArrayRef {
    // The key stands before the columns of a sheet.
    &sheet.1[sheet.0.index_of(name).unwrap() - 1]
}

#[test]
fn ranges_months_and_other_currencies() {
    let plan = plan();
    let answers = answers(&plan, award("100.5", "200", 3));
    let wide = sheet(Layout::Wide, &answers, &plan);
    assert_eq!(column(&wide, "job_subsidy.subsidy").as_primitive::<Decimal128Type>().value(0), 10_050);
    assert_eq!(column(&wide, "job_subsidy.subsidy.most").as_primitive::<Decimal128Type>().value(0), 20_000);
    assert_eq!(column(&wide, "job_subsidy.subsidy.months").as_primitive::<Int64Type>().value(0), 3);
    assert_eq!(column(&wide, "total.pay.USD").as_primitive::<Decimal128Type>().value(0), 30_150);
    assert_eq!(column(&wide, "total.waive").as_primitive::<Decimal128Type>().value(0), 0);
    let list = sheet(Layout::List, &answers, &plan);
    assert_eq!(column(&list, "value").as_string::<i32>().value(0), "100.5美元..200美元 × 3个月");
    let long = sheet(Layout::Long, &answers, &plan);
    let statuses = arrow_cast::cast(column(&long, "status"), &DataType::Utf8).unwrap();
    assert_eq!(statuses.as_string::<i32>().value(1), "not_in_force");
    assert!(column(&long, "pay.USD").is_null(1));
}

#[test]
fn what_does_not_fit_its_column_is_an_overflow() {
    let plan = plan();
    let measure = &plan.measures[0];
    let largest = answers(&plan, award("9999999999999999.99", "9999999999999999.99", 1)).remove(0);
    assert_eq!(fitted(measure, largest.clone()), largest);
    for award in [award("10000000000000000", "1", 1), award("1", "0.001", 1)] {
        let answer = fitted(measure, answers(&plan, award).remove(0));
        assert_eq!((answer.status, answer.error), (Status::Error, Some(RunError::Overflow)));
        let mut all = answers(&plan, self::award("1", "1", 1));
        all[0] = answer;
        let wide = sheet(Layout::Wide, &all, &plan);
        let failed = column(&wide, "job_subsidy.failed").as_list::<i32>().value(0);
        let failed = arrow_cast::cast(&failed, &DataType::Utf8).unwrap();
        assert_eq!(failed.as_string::<i32>().value(0), "overflow");
    }
}

#[test]
fn column_types_and_texts_of_values() {
    let program = sketch::relief();
    let people = Type::unit(Dimension::base("人"));
    for (ty, decimals, expected, number, text) in [
        (Type::rate(), 8, DataType::Decimal128(18, 8), "0.5", "50%"),
        (Type::points(), 8, DataType::Decimal128(18, 8), "0.01", "1个百分点"),
        (Type::months(), 0, DataType::Int64, "5", "5个月"),
        (people.clone(), 0, DataType::Int64, "3", "3人"),
        (people, 1, DataType::Decimal128(38, 6), "3.5", "3.5人"),
        (Type::money("CNY"), 2, DataType::Decimal128(18, 2), "256500", "256500元"),
    ] {
        assert_eq!(data_type(Some(&ty), decimals), expected, "{ty:?}");
        assert_eq!(value_text(&program, Some(&ty), &sketch::number(number)), text);
    }
    assert_eq!(data_type(None, 0), DataType::Boolean);
    let kind = Type::Enum(crate::check::typed::EnumId(0));
    assert_eq!(value_text(&program, Some(&kind), &Value::Enum(1)), "机关");
}

#[test]
fn equal_names_are_told_apart() {
    let names = headers::distinct(["a", "b", "a", "a (2)", "a"].map(str::to_owned).to_vec());
    assert_eq!(names, ["a", "b", "a (2)", "a (2) (2)", "a (3)"]);
}
