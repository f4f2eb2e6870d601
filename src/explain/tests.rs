use super::*;
use crate::check::sketch::{self, date, fields, number};
use crate::check::typed::{MeasureId, Program, RecordId};
use crate::interp::{Inputs, facts};
use crate::value::Value;

fn enterprise() -> Vec<Option<Value>> {
    vec![
        Some(Value::Text("91370000X".into())),
        Some(Value::Enum(0)),
        Some(number("60")),
        Some(number("6000000")),
        Some(number("51300")),
        Some(Value::Date(date("2020-03-20"))),
        Some(number("600")),
        Some(Value::Bool(true)),
    ]
}

fn explain(
    program: &Program,
    measure: u32,
    values: &[Option<Value>],
    day: &str,
    language: Language,
) -> Explanation {
    let explainer = Explainer::new(program);
    let inputs = Inputs::new(&crate::ir::lower(program), date(day));
    let fields = facts(explainer.plan(RecordId(0)), values);
    explainer.explain(MeasureId(measure), &inputs, None, &fields, language)
}

#[test]
fn refused_in_chinese() {
    let told = explain(&sketch::relief(), 0, &enterprise(), "2020-03-31", Language::Chinese);
    insta::assert_snapshot!(told.text());
}

#[test]
fn granted_with_a_cap() {
    let mut values = enterprise();
    values[fields::RESUMED as usize] = Some(Value::Date(date("2020-02-20")));
    let told = explain(&sketch::relief(), 0, &values, "2020-03-31", Language::English);
    insta::assert_snapshot!(told.text());
}

#[test]
fn a_branch_by_a_table_row() {
    let mut values = enterprise();
    values[fields::DUE as usize] = Some(number("51300.001"));
    let told = explain(&sketch::relief(), 1, &values, "2020-03-31", Language::Chinese);
    insta::assert_snapshot!(told.text());
}

#[test]
fn undetermined_shows_what_is_left() {
    let mut values = enterprise();
    values[fields::EMPLOYEES as usize] = None;
    values[fields::REVENUE as usize] = Some(number("300000000"));
    let told = explain(&sketch::relief(), 1, &values, "2020-03-31", Language::English);
    insta::assert_snapshot!(told.text());
}

#[test]
fn not_in_force() {
    let told = explain(&sketch::relief(), 0, &enterprise(), "2019-03-31", Language::Chinese);
    assert_eq!(told.summary, "一次性吸纳就业补贴：未施行，因为该日措施不在施行期内");
    assert!(told.benefits.is_empty());
}

#[test]
fn data_and_page() {
    let mut values = enterprise();
    values[fields::CODE as usize] = Some(Value::Text("<&\">".into()));
    let told = explain(&sketch::relief(), 0, &values, "2020-03-31", Language::English);
    let data: serde_json::Value = serde_json::from_str(&told.json()).unwrap();
    assert_eq!(data["status"], "refused");
    assert_eq!(data["language"], "en");
    assert_eq!(data["requires"][0]["outcome"], "fails");
    assert_eq!(data["requires"][0]["cites"][0]["article"], 24);
    let page = told.html();
    assert!(page.starts_with("<!DOCTYPE html>\n<html lang=\"en\">"));
    assert!(page.contains("&lt;&amp;&quot;&gt;") && !page.contains("<script"));
    for tag in ["ul", "li", "section", "article", "blockquote", "span"] {
        let opened = page.matches(&format!("<{tag}>")).count() + page.matches(&format!("<{tag} ")).count();
        assert_eq!(opened, page.matches(&format!("</{tag}>")).count(), "{tag}");
    }
}

#[test]
fn branches_that_clash_and_constants_on_the_left() {
    use crate::check::typed::{CompareOp, ExprKind, Type};
    let mut program = sketch::relief();
    let zero = sketch::constant("0", Type::money("CNY"));
    let above = sketch::compare(CompareOp::Less, zero, sketch::own(&program, fields::DUE));
    let choice = program.measures[1].choice.as_mut().unwrap();
    choice.exclusive = false;
    choice.branches[1].when = Some(above);
    program.measures[1].excepts[0].test = sketch::test(ExprKind::Const(Value::Bool(false)));
    let told = explain(&program, 1, &enterprise(), "2020-03-31", Language::Chinese);
    assert_eq!(told.status, "conflict");
    assert!(told.summary.ends_with("互斥的情形同时成立：中小微企业；大型企业等"), "{}", told.summary);
    assert_eq!(told.branches[1].parts[0].text, "月缴费 = 51,300元，要求：> 0元");
    assert!(told.branches.iter().all(|branch| branch.decisive && !branch.favourable));
}
