//! Kernels under bad input: faults are told of, or refused, and never carried out.

use std::sync::Arc;

use super::*;
use crate::check::sketch::{self, fields};
use crate::check::typed::{Interval, Type};
use crate::ir::{self, Kind, Op, RecordPlan};
use crate::value::ops::ArithOp;
use crate::value::{Fact, Number, RunError, Value};

const SHAPES: [Shape; 8] = [
    Shape::Text,
    Shape::Enum,
    Shape::Int32 { denominator: 1 },
    Shape::Int64 { denominator: 100 },
    Shape::Int64 { denominator: 100 },
    Shape::Int32 { denominator: 1 },
    Shape::Int32 { denominator: 1 },
    Shape::Bool,
];

/// Cells of so many records, all of which get the subsidy and the relief.
struct Firms {
    codes: Vec<u32>,
    kinds: Vec<u8>,
    employees: Vec<i32>,
    revenue: Vec<i64>,
    due: Vec<i64>,
    resumed: Vec<i32>,
    hires: Vec<i32>,
    insured: Vec<u8>,
}

impl Firms {
    fn new(rows: usize) -> Firms {
        Firms {
            codes: vec![0; rows],
            kinds: vec![0; rows],
            employees: vec![60; rows],
            revenue: vec![600_000_000; rows],
            due: vec![5_130_000; rows],
            resumed: vec![sketch::date("2020-03-09").0; rows],
            hires: (0..rows as i32).map(|row| row % 7).collect(),
            insured: vec![255; rows.div_ceil(8)],
        }
    }

    fn inputs(&self) -> [Input<'_>; 8] {
        let cells = [
            Cells::Text(&self.codes),
            Cells::Enum(&self.kinds),
            Cells::Int32(&self.employees),
            Cells::Int64(&self.revenue),
            Cells::Int64(&self.due),
            Cells::Int32(&self.resumed),
            Cells::Int32(&self.hires),
            Cells::Bool(Bits { bytes: &self.insured, offset: 0 }),
        ];
        cells.map(|cells| Input { cells, valid: None })
    }
}

fn value(per_hire: i64) -> Vec<Fact> {
    vec![Fact::Known(Value::Number(Number::from_int(per_hire)))]
}

fn kernel_of(plan: RecordPlan, params: Vec<ir::ParamPlan>, values: Vec<Fact>) -> Kernel {
    let as_of = sketch::date("2020-03-15");
    let request = Request {
        shapes: SHAPES.to_vec(),
        nulls: false,
        reasons: true,
        as_of,
        values,
        room: Vec::new(),
        threads: 2,
    };
    Kernel::compile(Arc::new(Plans { plan, params }), request).unwrap()
}

fn kernel() -> Kernel {
    let mut core = ir::lower(&sketch::relief());
    kernel_of(core.records.remove(0), core.params, value(1000))
}

fn run(kernel: &Kernel, firms: &Firms, rows: usize) -> (Answers, Vec<u32>) {
    let mut answers = Answers::new(kernel.outputs(), rows);
    let mut beyond = Vec::new();
    let inputs = firms.inputs();
    Worker::new(kernel, &[]).run(kernel, &inputs, rows, Outside::default(), &mut answers, &mut beyond);
    (answers, beyond)
}

/// The amounts of the subsidy.
fn subsidies(kernel: &Kernel, answers: &Answers) -> Vec<i64> {
    let outputs = kernel.outputs().measures[0].as_ref().unwrap();
    let least = outputs.columns[0].least.unwrap();
    (0..answers.len()).map(|row| answers.int(least, row)).collect()
}

#[test]
fn every_record_of_a_chunk_is_decided_alike() {
    let kernel = kernel();
    let firms = Firms::new(CHUNK);
    let whole: Vec<i64> = firms.hires.iter().map(|hires| i64::from(*hires) * 100_000).collect();
    for rows in [0, 1, 15, 16, 17, CHUNK - 1, CHUNK] {
        let (answers, beyond) = run(&kernel, &firms, rows);
        assert!(beyond.is_empty());
        let granted = kernel.outputs().measures[0].as_ref().unwrap().status;
        let hired = |row: usize| firms.hires[row] > 0;
        for (row, amount) in subsidies(&kernel, &answers).into_iter().enumerate() {
            assert_eq!(answers.bytes(granted)[row] == status::GRANTED, hired(row), "{row} of {rows}");
            assert_eq!(amount, if hired(row) { whole[row] } else { 0 });
        }
    }
}

#[test]
fn what_the_code_is_not_made_for_is_told() {
    let kernel = kernel();
    let mut firms = Firms::new(40);
    firms.revenue[3] = i64::MAX;
    firms.revenue[4] = i64::MIN;
    firms.kinds[17] = 200;
    let (answers, beyond) = run(&kernel, &firms, 40);
    assert_eq!(beyond, [3, 4, 17]);
    assert_eq!(answers.len(), 40);
}

#[test]
#[should_panic(expected = "every row has its cells")]
fn a_batch_with_too_few_cells_is_refused() {
    let kernel = kernel();
    let mut firms = Firms::new(40);
    firms.hires.pop();
    run(&kernel, &firms, 40);
}

#[test]
#[should_panic(expected = "every row has its cells")]
fn a_batch_of_another_shape_is_refused() {
    let kernel = kernel();
    let firms = Firms::new(16);
    let mut inputs = firms.inputs();
    inputs[fields::HIRES as usize].cells = Cells::Int64(&firms.revenue);
    let mut answers = Answers::new(kernel.outputs(), 16);
    Worker::new(&kernel, &[]).run(&kernel, &inputs, 16, Outside::default(), &mut answers, &mut Vec::new());
}

#[test]
fn a_division_by_zero_is_that_records_error() {
    let mut core = ir::lower(&sketch::relief());
    let mut plan = core.records.remove(0);
    // The subsidy becomes what is due, shared out over the new hires.
    let input = |plan: &RecordPlan, at: u32| {
        let is = |node: &ir::Node| node.op == Op::Input(at as u16);
        ir::NodeId(plan.graph.nodes.iter().position(is).unwrap() as u32)
    };
    let (due, hires) = (input(&plan, fields::DUE), input(&plan, fields::HIRES));
    let range = Interval::default();
    let node = |op| ir::Node { op, kind: Kind::Number, range: range.clone(), decimals: None };
    let next = |plan: &RecordPlan| ir::NodeId(plan.graph.nodes.len() as u32);
    let share = next(&plan);
    plan.graph.nodes.push(node(Op::Arith(ArithOp::Divide, due, hires)));
    let rounded = next(&plan);
    let step = Number::from_scaled(1, 2);
    plan.graph.nodes.push(node(Op::Round(share, crate::value::Rounding::HalfUp, step)));
    let fitted = next(&plan);
    plan.graph.nodes.push(node(Op::Fit { value: rounded, digits: 18, decimals: 2 }));
    plan.measures.truncate(1);
    plan.measures[0].requires.clear();
    plan.measures[0].awards[0].least = fitted;
    assert_eq!(plan.measures[0].columns[0].ty, Some(Type::money("CNY")));
    let kernel = kernel_of(plan, core.params, value(1000));
    let (answers, beyond) = run(&kernel, &Firms::new(20), 20);
    assert!(beyond.is_empty());
    let outputs = kernel.outputs().measures[0].as_ref().unwrap();
    let amounts = subsidies(&kernel, &answers);
    for (row, amount) in amounts.into_iter().enumerate() {
        let hires = row as i64 % 7;
        let own = answers.bytes(outputs.status)[row];
        assert_eq!(own == status::OPEN, hires == 0, "row {row}");
        assert_eq!(amount, if hires == 0 { 0 } else { (2 * 5_130_000 + hires) / (2 * hires) });
    }
}

#[test]
fn other_parameters_need_no_other_code() {
    let mut kernel = kernel();
    let firms = Firms::new(16);
    assert!(kernel.holds_for(&value(1999)));
    kernel.set(value(1999));
    let (answers, _) = run(&kernel, &firms, 16);
    assert_eq!(subsidies(&kernel, &answers)[3], 3 * 199_900);
    assert!(!kernel.holds_for(&value(1_000_000_000)));
    let fine = vec![Fact::Known(Value::Number(Number::from_scaled(1, 3)))];
    assert!(!kernel.holds_for(&fine));
    assert!(!kernel.holds_for(&[Fact::Error(RunError::NoValue)]));
}
