//! What can be changed in the rows of decision tables.

use super::MutantKind;
use super::comparisons::turned;
use super::moves::{Subject, difference, moved};
use super::sites::{Change, Finder, Spot};
use crate::check::show::sign;
use crate::check::typed::*;
use crate::ir::{NodeId, Op};
use crate::value::Value;

/// A bound in a cell.
struct Edge<'t> {
    row: usize,
    column: usize,
    op: CompareOp,
    value: &'t Value,
}

impl Finder<'_> {
    pub fn tables(&mut self) {
        for (at, table) in self.program.tables.iter().enumerate() {
            let calls: Vec<(RecordId, NodeId)> = self.lowering.calls_of(TableId(at as u32)).collect();
            for row in 0..table.rows.len() {
                self.row(table, &calls, row);
            }
        }
    }

    fn row(&mut self, table: &Table, calls: &[(RecordId, NodeId)], row: usize) {
        for (column, cell) in table.rows[row].cells.iter().enumerate() {
            match cell {
                Cell::Any | Cell::Variants(_) => {}
                Cell::Values(values) => {
                    for value in values {
                        self.edge(table, calls, &Edge { row, column, op: CompareOp::Equal, value });
                    }
                }
                Cell::Range { low, high } => {
                    let low = low.iter().map(|(value, included)| {
                        (if *included { CompareOp::AtLeast } else { CompareOp::Greater }, value)
                    });
                    let high = high.iter().map(|(value, included)| {
                        (if *included { CompareOp::AtMost } else { CompareOp::Less }, value)
                    });
                    for (op, value) in low.chain(high) {
                        self.edge(table, calls, &Edge { row, column, op, value });
                    }
                }
            }
        }
        self.output(table, calls, row);
    }

    /// A bound, moved by a step and made inclusive or exclusive.
    fn edge(&mut self, table: &Table, calls: &[(RecordId, NodeId)], edge: &Edge<'_>) {
        let input = &table.inputs[edge.column];
        let decimals = match (input.whole, input.ty.currency()) {
            (true, _) => Some(0),
            (false, Some(_)) => Some(2),
            (false, None) => None,
        };
        let range = Interval { low: input.low.clone(), high: None };
        let subject = Subject { range, decimals };
        let mut changes: Vec<(MutantKind, CompareOp, Value)> = Vec::new();
        for value in moved(&input.ty, edge.value, decimals).into_iter().flatten() {
            changes.push((MutantKind::Threshold, edge.op, value));
        }
        changes.extend(turned(edge.op).map(|op| (MutantKind::Comparison, op, edge.value.clone())));
        for (kind, op, value) in changes {
            let found = difference(&subject, (edge.op, edge.value), (op, &value));
            let words = |finder: &Self, op: CompareOp, value: &Value| {
                format!("{} {} {}", input.label, sign(op), finder.value(&input.ty, value))
            };
            let hint = found.as_ref().map(|at| self.case_with(&input.label, &self.value(&input.ty, at)));
            let change = Change {
                kind,
                span: table.rows[edge.row].span,
                before: words(self, edge.op, edge.value),
                after: words(self, op, &value),
                hint,
                nodes: calls.iter().filter_map(|call| self.cell(table, *call, edge, op, &value)).collect(),
            };
            self.note_row(table, edge.row, change, found.is_none());
        }
    }

    /// The node of a bound in one call of the table, and what stands there instead.
    fn cell(
        &self,
        table: &Table,
        (record, call): (RecordId, NodeId),
        edge: &Edge<'_>,
        op: CompareOp,
        value: &Value,
    ) -> Option<(usize, NodeId, Op)> {
        let Op::Cases { rows, .. } = self.lowering.op(record, call) else { return None };
        let parts = |node: NodeId| match self.lowering.op(record, node) {
            Op::All(parts) | Op::Any(parts) => parts.as_slice(),
            _ => &[],
        };
        // Cells of any value have no test.
        let cells = &table.rows[edge.row].cells[..edge.column];
        let before = cells.iter().filter(|cell| !matches!(cell, Cell::Any)).count();
        let cell = *parts(rows[edge.row].0).get(before)?;
        parts(cell).iter().find_map(|node| match self.lowering.op(record, *node) {
            Op::Compare(own, input, bound) if *own == edge.op => {
                let bounded = matches!(self.lowering.op(record, *bound), Op::Const(own) if own == edge.value);
                let changed = match op == edge.op {
                    true => (record.index(), *bound, Op::Const(value.clone())),
                    false => (record.index(), *node, Op::Compare(op, *input, *bound)),
                };
                bounded.then_some(changed)
            }
            _ => None,
        })
    }

    /// What a row gives, moved by a step.
    fn output(&mut self, table: &Table, calls: &[(RecordId, NodeId)], row: usize) {
        let output = &table.rows[row].output;
        for value in moved(&table.output, output, None).into_iter().flatten() {
            let node = |(record, call): &(RecordId, NodeId)| match self.lowering.op(*record, *call) {
                Op::Cases { rows, .. } => Some((record.index(), rows[row].1, Op::Const(value.clone()))),
                _ => None,
            };
            let change = Change {
                kind: MutantKind::Amount,
                span: table.rows[row].span,
                before: self.value(&table.output, output),
                after: self.value(&table.output, &value),
                hint: None,
                nodes: calls.iter().filter_map(node).collect(),
            };
            self.note_row(table, row, change, false);
        }
    }

    fn note_row(&mut self, table: &Table, row: usize, change: Change, equivalent: bool) {
        let part = format!("{}{}{}", self.language.pick("row ", "第"), row + 1, self.language.pick("", "行"));
        let names = self.names(RecordId(0), &[]);
        let (item, label) = (table.head.name.as_str(), table.head.label.as_str());
        let spot = Spot { item, part: &part, label, names, whole: None, amount: false };
        match equivalent {
            true => self.note_equivalent(spot, change),
            false => self.note(spot, change),
        }
    }
}
