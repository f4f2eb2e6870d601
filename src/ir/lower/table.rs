//! Lowering a call of a decision table: its rows, as tests on the nodes of the inputs.

use crate::check::typed::{Cell, Expr, Table, TableId, TableRow};
use crate::ir::lower::expr::unbounded;
use crate::ir::lower::{Lowering, Scope, kind_of};
use crate::ir::{Builder, Kind, NodeId, Op, Place};
use crate::value::Value;
use crate::value::ops::{CompareOp, Proved};

impl Lowering<'_> {
    pub(super) fn call(&mut self, scope: Scope, id: TableId, inputs: &[Expr]) -> NodeId {
        let inputs: Vec<NodeId> = inputs.iter().map(|input| self.expr(scope, input)).collect();
        let call = (scope.record, id, inputs);
        if let Some(node) = self.calls.get(&call) {
            return *node;
        }
        let source = self.source;
        let node = rows(self.builder(scope), &source.tables[id.index()], &call.2);
        self.calls.insert(call, node);
        node
    }
}

impl Lowering<'_> {
    /// The tests of the rows of a table that is called with these inputs.
    pub fn row_tests(&mut self, scope: Scope, id: TableId, inputs: &[Expr]) -> Vec<NodeId> {
        let inputs: Vec<NodeId> = inputs.iter().map(|input| self.node(scope, input)).collect();
        let table = &self.source.tables[id.index()];
        let kinds: Vec<Kind> = table.inputs.iter().map(|input| kind_of(&input.ty)).collect();
        let builder = self.builder(scope);
        let tests = table.rows.iter().enumerate();
        tests.map(|(at, row)| row_test(builder, table, (at, row), &inputs, &kinds)).collect()
    }
}

fn row_test(
    builder: &mut Builder,
    table: &Table,
    (at, row): (usize, &TableRow),
    inputs: &[NodeId],
    kinds: &[Kind],
) -> NodeId {
    let around = builder.stand(None);
    let mut tests = Vec::with_capacity(row.cells.len());
    for (column, ((cell, input), kind)) in row.cells.iter().zip(inputs).zip(kinds).enumerate() {
        builder.stand(Some(cell_place(table, at, column)));
        tests.extend(test(builder, cell, *input, *kind));
    }
    builder.stand(Some(cell_place(table, at, row.cells.len())));
    let test = builder.test(Op::All(tests));
    builder.stand(around);
    test
}

/// The place of a cell; behind the last one that of the row's value.
fn cell_place(table: &Table, row: usize, column: usize) -> Place {
    (table.head.span, row * (table.inputs.len() + 1) + column)
}

fn rows(builder: &mut Builder, table: &Table, inputs: &[NodeId]) -> NodeId {
    let output = kind_of(&table.output);
    let kinds: Vec<Kind> = table.inputs.iter().map(|input| kind_of(&input.ty)).collect();
    let mut rows = Vec::with_capacity(table.rows.len());
    let (mut low, mut high, mut decimals) = (None, None, Some(0));
    for (at, row) in table.rows.iter().enumerate() {
        let test = row_test(builder, table, (at, row), inputs, &kinds);
        if let Value::Number(value) = &row.output {
            low = Some(low.map_or(value.clone(), |low: crate::value::Number| low.min(value.clone())));
            high = Some(high.map_or(value.clone(), |high: crate::value::Number| high.max(value.clone())));
            decimals = decimals.zip(value.decimals()).map(|(most, own): (u32, u32)| most.max(own));
        }
        let around = builder.stand(Some(cell_place(table, at, row.cells.len())));
        rows.push((test, builder.constant(row.output.clone(), output)));
        builder.stand(around);
    }
    let mut range = unbounded();
    (range.low, range.high) = (low, high);
    let decimals = if output == Kind::Number { decimals } else { None };
    let proved = Proved { exclusive: table.exclusive, complete: table.complete };
    let cases = Op::Cases { hit: table.hit, rows, default: None, proved };
    builder.add(cases, output, range, decimals)
}

/// The test of one cell; `None` where any value will do.
fn test(builder: &mut Builder, cell: &Cell, input: NodeId, kind: Kind) -> Option<NodeId> {
    let compare = |builder: &mut Builder, op: CompareOp, value: &Value| {
        let bound = builder.constant(value.clone(), kind);
        builder.test(Op::Compare(op, input, bound))
    };
    match cell {
        Cell::Any => None,
        Cell::Variants(set) => Some(builder.test(Op::Variants(input, *set))),
        Cell::Values(values) => {
            let tests = values.iter().map(|value| compare(builder, CompareOp::Equal, value)).collect();
            Some(builder.test(Op::Any(tests)))
        }
        Cell::Range { low, high } => {
            let mut tests = Vec::new();
            if let Some((value, included)) = low {
                let op = if *included { CompareOp::AtLeast } else { CompareOp::Greater };
                tests.push(compare(builder, op, value));
            }
            if let Some((value, included)) = high {
                let op = if *included { CompareOp::AtMost } else { CompareOp::Less };
                tests.push(compare(builder, op, value));
            }
            Some(builder.test(Op::All(tests)))
        }
    }
}
