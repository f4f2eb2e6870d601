use super::*;
use crate::check::sketch::{self, date, fields, number};
use crate::check::typed::{self, ExprKind, Type};
use crate::ir::{self, Program};
use crate::value::{Fact, RunError, Value};

/// An enterprise of 60 people that qualifies for the subsidy.
fn enterprise() -> Vec<Option<Value>> {
    vec![
        Some(Value::Text("91370000X".into())),
        Some(Value::Enum(0)),
        Some(number("60")),
        Some(number("6000000")),
        Some(number("51300")),
        Some(Value::Date(date("2020-03-09"))),
        Some(number("3")),
        Some(Value::Bool(true)),
    ]
}

fn without(mut values: Vec<Option<Value>>, field: u32) -> Vec<Option<Value>> {
    values[field as usize] = None;
    values
}

fn with(mut values: Vec<Option<Value>>, field: u32, value: Value) -> Vec<Option<Value>> {
    values[field as usize] = Some(value);
    values
}

fn answer_on(program: &Program, measure: usize, values: &[Option<Value>], day: &str) -> Answer {
    let plan = &program.records[0];
    let inputs = Inputs::new(program, date(day));
    Evaluator::new(plan, &inputs, None, &facts(plan, values)).answer(measure)
}

fn answer(measure: usize, values: &[Option<Value>]) -> Answer {
    answer_on(&ir::lower(&sketch::relief()), measure, values, "2020-03-15")
}

fn amount(answer: &Answer) -> &Value {
    &answer.awards[0].as_ref().unwrap().least
}

fn missing(answer: &Answer) -> Vec<u16> {
    answer.missing.iter().collect()
}

const SUBSIDY: usize = 0;
const RELIEF: usize = 1;

#[test]
fn granted_with_its_amount_and_cap() {
    let granted = answer(SUBSIDY, &enterprise());
    assert_eq!((granted.status, amount(&granted)), (Status::Granted, &number("3000")));
    let many = answer(SUBSIDY, &with(enterprise(), fields::HIRES, number("900")));
    assert_eq!(amount(&many), &number("500000"));
}

#[test]
fn refused_by_every_condition_that_is_false_although_others_are_missing() {
    let values = with(enterprise(), fields::HIRES, number("0"));
    let values = with(values, fields::RESUMED, Value::Date(date("2020-03-10")));
    let refused = answer(SUBSIDY, &without(values, fields::INSURED));
    assert_eq!(refused.status, Status::Refused);
    assert_eq!(refused.failed, [Failure::Require(0), Failure::Require(1)]);
    assert_eq!(refused.awards, [None]);
}

#[test]
fn undetermined_names_what_could_decide() {
    let values = without(without(enterprise(), fields::INSURED), fields::HIRES);
    let open = answer(SUBSIDY, &values);
    assert_eq!((open.status, missing(&open)), (Status::Undetermined, vec![6, 7]));
    let amount = answer(RELIEF, &without(enterprise(), fields::DUE));
    assert_eq!((amount.status, missing(&amount)), (Status::Undetermined, vec![4]));
}

#[test]
fn not_in_force_before_and_after() {
    let program = ir::lower(&sketch::relief());
    for (day, status) in [
        ("2020-02-09", Status::NotInForce),
        ("2020-02-10", Status::Granted),
        ("2020-12-31", Status::Granted),
        ("2021-01-01", Status::NotInForce),
    ] {
        assert_eq!(answer_on(&program, SUBSIDY, &enterprise(), day).status, status, "{day}");
    }
}

#[test]
fn a_parameter_without_a_value_is_an_error_only_where_it_is_needed() {
    let mut source = sketch::relief();
    source.params[0].steps[0].force.from = Some(date("2020-06-01"));
    let program = ir::lower(&source);
    let needed = answer_on(&program, SUBSIDY, &enterprise(), "2020-03-15");
    assert_eq!((needed.status, needed.error), (Status::Error, Some(RunError::NoValue)));
    let refused =
        answer_on(&program, SUBSIDY, &with(enterprise(), fields::INSURED, Value::Bool(false)), "2020-03-15");
    assert_eq!(refused.status, Status::Refused);
}

#[test]
fn a_size_that_is_partly_known_decides() {
    // Revenue rules out large, so the head count does not matter for the relief of smaller firms.
    let small = answer(RELIEF, &without(enterprise(), fields::EMPLOYEES));
    assert_eq!((small.status, small.branch, amount(&small)), (Status::Granted, Some(0), &number("256500")));
    let rich = with(enterprise(), fields::REVENUE, number("300000000"));
    let open = answer(RELIEF, &without(rich, fields::EMPLOYEES));
    assert_eq!((open.status, missing(&open)), (Status::Undetermined, vec![2]));
    let government = with(enterprise(), fields::KIND, Value::Enum(1));
    assert_eq!(answer(RELIEF, &government).failed, [Failure::Except(0)]);
}

#[test]
fn an_amount_too_large_for_its_column_is_an_overflow() {
    let over = answer(RELIEF, &with(enterprise(), fields::DUE, number("2000000000000000")));
    assert_eq!((over.status, over.error), (Status::Error, Some(RunError::Overflow)));
}

/// A measure with two or three branches that are plain fields, as bools.
fn branching(kind: typed::ChoiceKind, exclusive: bool, refuse: Option<usize>) -> Program {
    let mut source = sketch::relief();
    let record = &mut source.records[0];
    for name in ["a", "b", "c"] {
        record.fields.push(sketch::field(name, name, Type::Bool));
    }
    let own = |at: u32| sketch::own(&source, at);
    let benefit = || sketch::benefit(typed::BenefitKind::Entitle, "x", "x", typed::Amount::Flag, None);
    let mut branches: Vec<_> =
        (8..10).map(|at| sketch::branch(&format!("b{at}"), "", Some(own(at)), vec![benefit()])).collect();
    if let Some(at) = refuse {
        branches[at].refuse = true;
        branches[at].benefits.clear();
    }
    let measure = typed::Measure {
        requires: vec![sketch::condition("c", "c", own(10))],
        choice: Some(typed::Choice { kind, branches, exclusive }),
        ..sketch::measure("m", "m")
    };
    source.measures = vec![measure];
    ir::lower(&source)
}

fn branch_answer(
    program: &Program,
    truths: [Option<bool>; 3],
) -> (Status, Option<usize>, Vec<Failure>, Vec<u16>) {
    let mut values = vec![None; 8];
    values.extend(truths.map(|truth| truth.map(Value::Bool)));
    let answer = answer_on(program, 0, &values, "2020-03-15");
    let causes = missing(&answer);
    (answer.status, answer.branch, answer.failed, causes)
}

#[test]
fn one_of_several_branches() {
    use Failure::Branch;
    let (yes, no, open) = (Some(true), Some(false), None);
    let plain = branching(typed::ChoiceKind::OneOf, false, None);
    let run = |truths| branch_answer(&plain, truths);
    assert_eq!(run([yes, no, yes]), (Status::Granted, Some(0), vec![], vec![]));
    assert_eq!(run([yes, yes, yes]), (Status::Conflict, None, vec![Branch(0), Branch(1)], vec![]));
    assert_eq!(run([yes, yes, open]), (Status::Undetermined, None, vec![], vec![10]));
    assert_eq!(run([no, no, open]), (Status::Refused, None, vec![Branch(0), Branch(1)], vec![]));
    assert_eq!(run([yes, open, yes]), (Status::Undetermined, None, vec![], vec![9]));
    assert_eq!(run([yes, open, open]), (Status::Undetermined, None, vec![], vec![9, 10]));
    assert_eq!(run([yes, yes, no]), (Status::Refused, None, vec![Failure::Require(0)], vec![]));
    let exclusive = branching(typed::ChoiceKind::OneOf, true, None);
    assert_eq!(branch_answer(&exclusive, [open, yes, yes]), (Status::Granted, Some(1), vec![], vec![]));
}

#[test]
fn the_first_of_several_branches() {
    let (yes, no, open) = (Some(true), Some(false), None);
    let plain = branching(typed::ChoiceKind::FirstOf, false, None);
    let run = |truths| branch_answer(&plain, truths);
    assert_eq!(run([yes, yes, yes]), (Status::Granted, Some(0), vec![], vec![]));
    assert_eq!(run([no, yes, yes]), (Status::Granted, Some(1), vec![], vec![]));
    assert_eq!(run([open, yes, yes]), (Status::Undetermined, None, vec![], vec![8]));
    let refusing = branching(typed::ChoiceKind::FirstOf, false, Some(1));
    let refused = (Status::Refused, None, vec![Failure::Branch(1)], vec![]);
    assert_eq!(branch_answer(&refusing, [no, yes, open]), refused);
    assert_eq!(branch_answer(&refusing, [no, yes, yes]), refused);
}

/// Firms by revenue; `None` is missing.
fn ranked(revenues: &[Option<&str>]) -> Vec<(Status, Vec<u16>)> {
    let program = ir::lower(&sketch::relief());
    let plan = &program.records[0];
    let inputs = Inputs::new(&program, date("2020-03-15"));
    let record = |revenue: &Option<&str>| {
        let mut values = enterprise();
        values[fields::REVENUE as usize] = revenue.map(number);
        facts(plan, &values)
    };
    let records: Vec<Vec<Fact>> = revenues.iter().map(record).collect();
    let mut parts = [Aggregates::start(&program.records), Aggregates::start(&program.records)];
    records
        .iter()
        .enumerate()
        .for_each(|(at, fields)| parts[at % 2].add(&program.records, plan, &inputs, fields));
    let [mut all, odd] = parts;
    all.merge(odd);
    let finished = all.finish(&program.records);
    let mut evaluator = Evaluator::new(plan, &inputs, Some(&finished), &records[0]);
    let mut answer = |fields: &Vec<Fact>| {
        evaluator.load(fields);
        let answer = evaluator.answer(2);
        (answer.status, missing(&answer))
    };
    records.iter().map(&mut answer).collect()
}

#[test]
fn ranks_share_places_and_wait_for_every_record() {
    let (granted, refused) = ((Status::Granted, vec![]), (Status::Refused, vec![]));
    let places = ranked(&[Some("1"), Some("9"), Some("5"), Some("5"), Some("2")]);
    assert_eq!(places, [refused.clone(), granted.clone(), granted.clone(), granted, refused]);
    let waiting = ranked(&[Some("1"), None]);
    assert_eq!(waiting, [(Status::Undetermined, vec![3]), (Status::Undetermined, vec![3])]);
}

#[test]
fn sums_and_averages_by_group() {
    let mut source = sketch::relief();
    let aggregate = |kind, known_only| {
        let aggregate = typed::Aggregate {
            kind,
            over: typed::RecordId(0),
            of: Some(sketch::own(&source, fields::DUE)),
            filter: Some(sketch::own(&source, fields::INSURED)),
            group: Some(sketch::own(&source, fields::KIND)),
            mine: None,
            known_only,
        };
        sketch::expr(ExprKind::Aggregate(Box::new(aggregate)), Type::money("CNY"))
    };
    let bodies = [
        ("sum", aggregate(typed::AggregateKind::Sum, false)),
        ("average", aggregate(typed::AggregateKind::Average, false)),
        ("least", aggregate(typed::AggregateKind::Least, true)),
        ("greatest", aggregate(typed::AggregateKind::Greatest, true)),
        ("count", aggregate(typed::AggregateKind::Count, true)),
    ];
    for (name, body) in bodies {
        source.defines.push(typed::Define {
            head: sketch::head(name, name),
            record: typed::RecordId(0),
            body,
            open: None,
            filled: vec![],
        });
    }
    let program = ir::lower(&source);
    let plan = &program.records[0];
    let inputs = Inputs::new(&program, date("2020-03-15"));
    let firm = |kind: u8, due: Option<&str>, insured: bool| {
        let values = with(enterprise(), fields::KIND, Value::Enum(kind));
        let mut values = with(values, fields::INSURED, Value::Bool(insured));
        values[fields::DUE as usize] = due.map(number);
        facts(plan, &values)
    };
    let firms = [
        firm(0, Some("10"), true),
        firm(0, Some("3"), true),
        firm(0, Some("99"), false),
        firm(1, Some("7"), true),
        firm(1, None, true),
    ];
    let mut all = Aggregates::start(&program.records);
    firms.iter().for_each(|fields| all.add(&program.records, plan, &inputs, fields));
    let finished = all.finish(&program.records);
    let mut evaluator = Evaluator::new(plan, &inputs, Some(&finished), &firms[0]);
    let known = |value: &str| Some(Fact::Known(number(value)));
    assert_eq!(evaluator.define("sum"), known("13"));
    assert_eq!(evaluator.define("average"), known("6.5"));
    assert_eq!(evaluator.define("least"), known("3"));
    assert_eq!(evaluator.define("greatest"), known("10"));
    assert_eq!(evaluator.define("count"), known("2"));
    evaluator.load(&firms[4]);
    assert_eq!(evaluator.define("sum"), Some(Fact::missing(4)));
    assert_eq!(evaluator.define("greatest"), known("7"));
    evaluator.load(&firm(2, None, true));
    assert_eq!(evaluator.define("average"), Some(Fact::Error(RunError::DivisionByZero)));
    assert_eq!(evaluator.define("sum"), known("0"));
    assert_eq!(evaluator.define("nothing"), None);
}

#[test]
fn long_chains_of_lets_need_no_stack() {
    let mut source = sketch::relief();
    let money = Type::money("CNY");
    let one = || sketch::constant("1", Type::money("CNY"));
    let link = |at: usize| {
        let earlier = match at {
            0 => sketch::own(&source, fields::DUE),
            at => sketch::expr(ExprKind::Let(at - 1), money.clone()),
        };
        let value = sketch::arith(typed::ArithOp::Add, earlier, one());
        typed::Let { name: format!("l{at}"), label: String::new(), value, span: sketch::SPAN }
    };
    let lets: Vec<_> = (0..20_000).map(link).collect();
    let last = sketch::expr(ExprKind::Let(19_999), money.clone());
    let amount = typed::Amount::Exact(last);
    source.measures[0] = typed::Measure {
        lets,
        benefits: vec![sketch::benefit(typed::BenefitKind::Pay, "x", "x", amount, Some(money.clone()))],
        ..sketch::measure("chain", "chain")
    };
    let program = ir::lower(&source);
    let answer = answer_on(&program, 0, &enterprise(), "2020-03-15");
    assert_eq!(amount_of(&answer), number("71300"));
}

fn amount_of(answer: &Answer) -> Value {
    amount(answer).clone()
}

#[test]
fn a_trace_holds_what_the_answer_did_not_need() {
    let program = ir::lower(&sketch::relief());
    let plan = &program.records[0];
    let mut inputs = Inputs::new(&program, date("2020-03-15"));
    inputs.set(typed::ParamId(0), number("2000"));
    let values = with(enterprise(), fields::INSURED, Value::Bool(false));
    let mut evaluator = Evaluator::new(plan, &inputs, None, &facts(plan, &values));
    let trace = Trace::of(&mut evaluator, SUBSIDY);
    assert_eq!(trace.answer.status, Status::Refused);
    assert_eq!(trace.requires, [Fact::TRUE, Fact::TRUE, Fact::FALSE]);
    assert_eq!(trace.awards[0].least, Fact::Known(number("6000")));
    assert_eq!(trace.answer.failed[0].name(&plan.measures[SUBSIDY]), "insured");
}
