use crate::check::sketch;
use crate::check::typed::{self, ExprKind, Type};
use crate::ir::{self, Op};

#[test]
fn the_core_of_a_small_policy() {
    insta::assert_snapshot!(ir::print(&ir::lower(&sketch::relief()).records[0]));
}

#[test]
fn what_measures_share_is_one_node() {
    let mut source = sketch::relief();
    let before = ir::lower(&source).records[0].graph.nodes.len();
    let again = source.measures.clone();
    source.measures.extend(again);
    let plan = &ir::lower(&source).records[0];
    assert_eq!(plan.graph.nodes.len(), before);
    assert_eq!(plan.measures.len(), 6);
}

#[test]
fn constants_are_folded_where_nothing_can_be_missing() {
    let source = sketch::relief();
    let plan = &ir::lower(&source).records[0];
    // 2020-02-10 + 1 month is a date of its own.
    assert!(!plan.graph.nodes.iter().any(|node| matches!(node.op, Op::AddMonths(..))));
    let zero = sketch::arith(
        typed::ArithOp::Multiply,
        sketch::own(&source, sketch::fields::DUE),
        sketch::constant("0", Type::plain()),
    );
    let mut lowering = ir::Lowering::new(&source);
    let scope = ir::Scope { record: typed::RecordId(0), measure: None };
    let node = lowering.node(scope, &zero);
    assert!(matches!(lowering.plan(typed::RecordId(0)).graph.nodes[node.index()].op, Op::Arith(..)));
}

#[test]
fn an_error_in_constants_is_left_for_the_run() {
    let source = sketch::relief();
    let mut lowering = ir::Lowering::new(&source);
    let scope = ir::Scope { record: typed::RecordId(0), measure: None };
    let one = || sketch::constant("1", Type::plain());
    let zero = sketch::constant("0", Type::plain());
    let node = lowering.node(scope, &sketch::arith(typed::ArithOp::Divide, one(), zero));
    let plan = lowering.plan(typed::RecordId(0));
    assert!(matches!(plan.graph.nodes[node.index()].op, Op::Arith(..)));
    let both = sketch::test(ExprKind::All(vec![]));
    let node = lowering.node(scope, &both);
    assert_eq!(
        lowering.plan(typed::RecordId(0)).graph.nodes[node.index()].op,
        Op::Const(crate::value::Value::Bool(true))
    );
}

#[test]
fn a_thousand_measures_over_a_table_of_five_hundred_rows() {
    let mut source = sketch::relief();
    let row = source.tables[0].rows[0].clone();
    source.tables[0].rows = (0..500)
        .map(|at| {
            let mut row = row.clone();
            row.cells[0] =
                typed::Cell::Range { low: Some((sketch::number(&at.to_string()), true)), high: None };
            row
        })
        .collect();
    let template = source.measures[1].clone();
    source.measures = (0..1000).map(|_| template.clone()).collect();
    let plan = &ir::lower(&source).records[0];
    assert_eq!(plan.measures.len(), 1000);
    assert!(plan.graph.nodes.len() < 2000);
}

#[test]
fn a_broken_plan_is_told() {
    let mut program = ir::lower(&sketch::relief());
    assert_eq!(ir::verify(&program), Vec::<String>::new());
    let plan = &mut program.records[0];
    let last = ir::NodeId(plan.graph.nodes.len() as u32 - 1);
    plan.graph.nodes[0].op = Op::Not(last);
    plan.measures[0].requires[1].node = ir::NodeId(9999);
    plan.measures[2].awards[0].column = 7;
    plan.graph.nodes[last.index()].op = Op::Aggregate(9);
    let problems = ir::verify(&program);
    assert_eq!(problems.len(), 4, "{problems:#?}");
}

#[test]
fn a_measure_of_another_set_with_a_name_that_is_taken_is_called_by_its_set() {
    let mut source = sketch::relief();
    let mut earlier = source.measures[0].clone();
    earlier.head.module = "earlier.rules".to_owned();
    let name = earlier.head.name.clone();
    source.measures.push(earlier);
    let plan = &ir::lower(&source).records[0];
    assert_eq!(plan.measures[0].name, name);
    assert_eq!(plan.measures.last().unwrap().name, format!("earlier.{name}"));
}
