//! What is computed record by record: fractions, the calendar, large decision tables, values across records.
//!
//! The operations are those of `value::ops`, or of [`Fraction`], which equals them wherever it has a result.
//! Where one has none (an overflow, a division by zero), the record is marked for the interpreter.

mod tables;

use std::sync::Arc;

use crate::ir::{Kind, NodeId, Op};
use crate::jit::chunk::{Cells, Input, Scratch};
use crate::jit::emit::{Design, NOTHING, picked};
use crate::jit::fraction::Fraction;
use crate::jit::layout::Offset;
use crate::jit::schedule::{CHUNK, is_leaf};
use crate::jit::shape::{Lane, Rep, Shape, column_limit, fraction};
use crate::value::ops::{self, ArithOp};
use crate::value::{Causes, Date, Fact, Missing, RunError, Time, Value, VariantSet};

/// What is looked across all records.
pub trait Across: Sync {
    /// An aggregate, by position in the plan, from the facts that it asks of the record.
    fn fact(&self, at: usize, asked: &[Fact]) -> Fact;
}

/// What a call sees of a chunk.
pub struct Call<'c> {
    pub design: Design<'c>,
    pub inputs: &'c [Input<'c>],
    pub scratch: &'c mut Scratch,
    pub texts: &'c [Arc<str>],
    pub across: Option<&'c dyn Across>,
    pub rows: usize,
}

/// Numbers of a node for each record.
enum Source<'s> {
    Ints32(&'s [i32], i128),
    Ints64(&'s [i64], i128),
    Fractions(&'s Scratch, Offset),
    Same(Option<Fraction>),
}

impl Source<'_> {
    fn get(&self, row: usize) -> Option<Fraction> {
        match self {
            Source::Ints32(cells, denominator) => Some(Fraction::new(cells[row].into(), *denominator)),
            Source::Ints64(cells, denominator) => Some(Fraction::new(cells[row].into(), *denominator)),
            Source::Fractions(scratch, at) => Some(scratch.fraction(*at, row)),
            Source::Same(fraction) => *fraction,
        }
    }

    fn int(&self, row: usize) -> Option<i64> {
        self.get(row)?.scaled(1)
    }
}

/// Masks of records, a byte for each.
type Mask = [u8; CHUNK];

struct Gaps {
    missing: Mask,
    error: Mask,
}

impl Call<'_> {
    /// Computes a node for every record of the chunk.
    pub fn run(&mut self, node: NodeId) {
        let setting = self.design.setting;
        let op = &setting.plan.graph.nodes[node.index()].op;
        if let Some(table) = self.design.table(node) {
            return self.look_up(node, table);
        }
        match op {
            Op::Aggregate(at) => self.aggregate(node, usize::from(*at)),
            Op::Cases { .. } | Op::Match(..) | Op::Otherwise(..) => self.pick(node, op),
            Op::Compare(op, a, b) => self.compare(node, *op, *a, *b),
            Op::Fit { value, digits, decimals } => {
                let (limit, column) = (column_limit(*digits), 10i128.pow(*decimals));
                self.ints(node, &[*value], |of, row| {
                    of[0].get(row)?.scaled(column).filter(|scaled| i128::from(*scaled).abs() < limit)
                });
            }
            Op::AddMonths(date, months, rule) => self.ints(node, &[*date, *months], |of, row| {
                let (day, months) = (Date(of[0].int(row)? as i32), of[1].get(row)?.number());
                Some(i64::from(ops::add_months(day, &months, *rule).ok()?.0))
            }),
            Op::AddWorkdays(date, days, calendar) => self.ints(node, &[*date, *days], |of, row| {
                let (day, days) = (Date(of[0].int(row)? as i32), of[1].get(row)?.number());
                Some(i64::from(ops::add_workdays(day, &days, calendar).ok()?.0))
            }),
            Op::AddDays(date, days) => self.ints(node, &[*date, *days], |of, row| {
                let (day, days) = (Date(of[0].int(row)? as i32), of[1].get(row)?.number());
                Some(i64::from(ops::add_days(day, &days).ok()?.0))
            }),
            Op::AddHours(time, hours) => self.ints(node, &[*time, *hours], |of, row| {
                let seconds = of[1].get(row)?.floor_times(3600)?;
                Time(of[0].int(row)?).add_seconds(seconds).map(|time| time.0)
            }),
            Op::Part(part, a) => {
                let of_time = setting.node(*a).kind == Kind::Time;
                self.ints(node, &[*a], |of, row| {
                    let value = of[0].int(row)?;
                    let date = if of_time { Time(value).date() } else { Date(value as i32) };
                    ops::part(*part, date).to_scaled(0).and_then(|part| i64::try_from(part).ok())
                });
            }
            Op::DateOf(a) => {
                self.ints(node, &[*a], |of, row| Some(i64::from(Time(of[0].int(row)?).date().0)));
            }
            op => self.fractions(node, op),
        }
    }

    fn fractions(&mut self, node: NodeId, op: &Op) {
        let operands = op.operands();
        match op {
            Op::Arith(op, ..) => {
                let f = match op {
                    ArithOp::Add => Fraction::add,
                    ArithOp::Subtract => Fraction::subtract,
                    ArithOp::Multiply => Fraction::multiply,
                    ArithOp::Divide => Fraction::divide,
                };
                self.each(node, &operands, |of, row| f(of[0].get(row)?, of[1].get(row)?));
            }
            Op::Negate(_) => self.each(node, &operands, |of, row| of[0].get(row)?.negate()),
            Op::Abs(_) => self.each(node, &operands, |of, row| of[0].get(row)?.absolute()),
            Op::Round(_, mode, step) => {
                let step = Fraction::of(step);
                self.each(node, &operands, |of, row| of[0].get(row)?.round(*mode, step?));
            }
            Op::Least(_) | Op::Greatest(_) => {
                let better = match op {
                    Op::Least(_) => ops::CompareOp::Less,
                    _ => ops::CompareOp::Greater,
                };
                self.each(node, &operands, |of, row| {
                    let mut best = of[0].get(row)?;
                    for other in &of[1..] {
                        let other = other.get(row)?;
                        if other.compare(better, best)? {
                            best = other;
                        }
                    }
                    Some(best)
                });
            }
            op => unreachable!("{op:?} is no call"),
        }
    }

    fn source(&self, node: NodeId) -> Source<'_> {
        let design = &self.design;
        let int = |at: Offset, int: crate::jit::shape::Int| match int.lane {
            Lane::I32 => Source::Ints32(self.scratch.ints32(at), int.denominator),
            Lane::I64 => Source::Ints64(self.scratch.ints64(at), int.denominator),
        };
        match &design.setting.node(node).op {
            Op::Const(value) => Source::Same(fraction(value)),
            Op::Param(param) => Source::Same(design.setting.values[param.index()].known().and_then(fraction)),
            Op::AsOf => Source::Same(Some(Fraction::new(design.setting.as_of.0.into(), 1))),
            Op::Input(input) => self.cells(usize::from(*input)),
            _ => {
                let at = design.layout.nodes[node.index()].values;
                match design.forms[node.index()].rep {
                    Rep::Int(form) => int(at, form),
                    _ => Source::Fractions(self.scratch, at),
                }
            }
        }
    }

    fn cells(&self, input: usize) -> Source<'_> {
        match (self.inputs[input].cells, self.design.setting.shapes[input]) {
            (Cells::Int32(cells), Shape::Int32 { denominator }) => Source::Ints32(cells, denominator.into()),
            (Cells::Int64(cells), Shape::Int64 { denominator }) => Source::Ints64(cells, denominator.into()),
            _ => Source::Same(Some(Fraction::ZERO)),
        }
    }

    /// Adds the gap of a node to the masks.
    fn add_gap(&self, node: NodeId, gaps: &mut Gaps) {
        let design = &self.design;
        let form = design.forms[node.index()];
        let add = |to: &mut Mask, at: Option<Offset>| {
            let Some(at) = at else { return };
            to.iter_mut().zip(self.scratch.bytes(at)).for_each(|(to, from)| *to |= from);
        };
        let op = &design.setting.node(node).op;
        if is_leaf(op) {
            if form.error {
                gaps.error.fill(255);
            }
            let Op::Input(input) = op else { return };
            let at = usize::from(*input);
            if !form.missing {
            } else if design.setting.shapes[at] == Shape::Absent {
                gaps.missing.fill(255);
            } else {
                add(&mut gaps.missing, design.layout.inputs[at].missing);
            }
            return;
        }
        let kept = &design.layout.nodes[node.index()];
        add(&mut gaps.error, kept.errors);
        match (form.rep, kept.falses) {
            (Rep::Truth, Some(falses)) => {
                let (yes, no) = (self.scratch.bytes(kept.values), self.scratch.bytes(falses));
                let error = kept.errors.map(|at| self.scratch.bytes(at));
                for row in 0..CHUNK {
                    gaps.missing[row] |= !(yes[row] | no[row] | error.map_or(0, |error| error[row]));
                }
            }
            _ => add(&mut gaps.missing, kept.missing),
        }
    }

    fn strict(&self, operands: &[NodeId]) -> Gaps {
        let mut gaps = Gaps { missing: [0; CHUNK], error: [0; CHUNK] };
        operands.iter().for_each(|operand| self.add_gap(*operand, &mut gaps));
        for row in 0..CHUNK {
            gaps.missing[row] &= !gaps.error[row];
        }
        gaps
    }

    /// Computes each record that has all of its operands; what has no result is an error.
    fn compute<T: Copy>(
        &self,
        operands: &[NodeId],
        none: T,
        f: impl Fn(&[Source], usize) -> Option<T>,
    ) -> (Vec<T>, Gaps) {
        let sources: Vec<Source> = operands.iter().map(|operand| self.source(*operand)).collect();
        let mut gaps = self.strict(operands);
        let mut results = vec![none; CHUNK];
        for (row, to) in results.iter_mut().enumerate().take(self.rows) {
            if gaps.missing[row] | gaps.error[row] == 0 {
                match f(&sources, row) {
                    Some(result) => *to = result,
                    None => gaps.error[row] = 255,
                }
            }
        }
        (results, gaps)
    }

    fn each(&mut self, node: NodeId, operands: &[NodeId], f: impl Fn(&[Source], usize) -> Option<Fraction>) {
        let (results, gaps) = self.compute(operands, Fraction::ZERO, f);
        let at = self.design.layout.nodes[node.index()].values;
        self.scratch.fractions_mut(at).copy_from_slice(&results);
        self.store_gaps(node, &gaps);
    }

    fn ints(&mut self, node: NodeId, operands: &[NodeId], f: impl Fn(&[Source], usize) -> Option<i64>) {
        let (results, gaps) = self.compute(operands, 0, f);
        self.store_ints(node, &results);
        self.store_gaps(node, &gaps);
    }

    fn store_ints(&mut self, node: NodeId, results: &[i64]) {
        let at = self.design.layout.nodes[node.index()].values;
        match self.design.forms[node.index()].rep {
            Rep::Int(int) if int.lane == Lane::I32 => {
                let column = self.scratch.ints32_mut(at);
                column.iter_mut().zip(results).for_each(|(to, from)| *to = *from as i32);
            }
            _ => self.scratch.ints64_mut(at).copy_from_slice(results),
        }
    }

    fn store_gaps(&mut self, node: NodeId, gaps: &Gaps) {
        let kept = &self.design.layout.nodes[node.index()];
        if let Some(at) = kept.missing {
            self.scratch.bytes_mut(at).copy_from_slice(&gaps.missing);
        }
        if let Some(at) = kept.errors {
            self.scratch.bytes_mut(at).copy_from_slice(&gaps.error);
        }
    }

    fn compare(&mut self, node: NodeId, op: ops::CompareOp, a: NodeId, b: NodeId) {
        let (results, gaps) =
            self.compute(&[a, b], false, |of, row| of[0].get(row)?.compare(op, of[1].get(row)?));
        let kept = &self.design.layout.nodes[node.index()];
        let open = |row: usize| gaps.missing[row] | gaps.error[row] != 0;
        let mask = |truth: bool, row: usize| if results[row] == truth && !open(row) { 255 } else { 0 };
        for (row, to) in self.scratch.bytes_mut(kept.values).iter_mut().enumerate() {
            *to = mask(true, row);
        }
        if let Some(at) = kept.falses {
            for (row, to) in self.scratch.bytes_mut(at).iter_mut().enumerate() {
                *to = mask(false, row);
            }
        }
        if let Some(at) = kept.errors {
            self.scratch.bytes_mut(at).copy_from_slice(&gaps.error);
        }
    }

    /// Takes the operand that the vector code has picked; its gaps are there already.
    fn pick(&mut self, node: NodeId, op: &Op) {
        let kept = &self.design.layout.nodes[node.index()];
        let picks = self.scratch.bytes(kept.pick.expect("a choice of fractions is picked")).to_vec();
        let sources: Vec<Source> = picked(op).into_iter().map(|value| self.source(value)).collect();
        let mut results = vec![Fraction::ZERO; CHUNK];
        let mut lost = Vec::new();
        for row in 0..self.rows {
            let source = Some(picks[row]).filter(|pick| *pick != NOTHING).map(usize::from);
            match source.and_then(|source| sources.get(source)?.get(row)) {
                Some(result) => results[row] = result,
                None => lost.push(row),
            }
        }
        self.scratch.fractions_mut(kept.values).copy_from_slice(&results);
        let missing: Option<Vec<u8>> = kept.missing.map(|at| self.scratch.bytes(at).to_vec());
        let Some(errors) = kept.errors else { return };
        let errors = self.scratch.bytes_mut(errors);
        for row in lost {
            if missing.as_ref().is_none_or(|missing| missing[row] == 0) {
                errors[row] = 255;
            }
        }
    }

    /// The fact of a node for a record, without the causes where it is missing.
    fn fact(&self, node: NodeId, gaps: &Gaps, row: usize) -> Fact {
        if gaps.missing[row] | gaps.error[row] != 0 {
            return Fact::Missing(Missing { causes: Causes::default(), possible: VariantSet::EMPTY });
        }
        self.value(node, row).map_or(Fact::Error(RunError::Overflow), Fact::Known)
    }

    fn value(&self, node: NodeId, row: usize) -> Option<Value> {
        let setting = &self.design.setting;
        let kept = &self.design.layout.nodes[node.index()];
        let op = &setting.node(node).op;
        match op {
            Op::Const(value) => return Some(value.clone()),
            Op::Param(param) => return setting.values[param.index()].known().cloned(),
            _ => {}
        }
        let input = match op {
            Op::Input(input) => Some(&self.inputs[usize::from(*input)].cells),
            _ => None,
        };
        Some(match setting.node(node).kind {
            Kind::Number => Value::Number(self.source(node).get(row)?.number()),
            Kind::Date => Value::Date(Date(self.source(node).int(row)? as i32)),
            Kind::Time => Value::Time(Time(self.source(node).int(row)?)),
            Kind::Bool => Value::Bool(match input {
                Some(Cells::Bool(bits)) => bits.get(row),
                _ => self.scratch.bytes(kept.values)[row] != 0,
            }),
            Kind::Enum(_) => Value::Enum(match input {
                Some(Cells::Enum(cells)) => cells[row],
                _ => self.scratch.bytes(kept.values)[row],
            }),
            Kind::Text => {
                let code = match input {
                    Some(Cells::Text(cells)) => cells[row] as usize,
                    _ => self.scratch.ints32(kept.values)[row] as usize,
                };
                Value::Text(self.texts.get(code)?.clone())
            }
        })
    }

    fn aggregate(&mut self, node: NodeId, at: usize) {
        let plan = &self.design.setting.plan.aggregates[at];
        let mut gaps = Gaps { missing: [0; CHUNK], error: [0; CHUNK] };
        let mut values: Vec<Option<Value>> = vec![None; CHUNK];
        let asked: Vec<(NodeId, Gaps)> =
            plan.asked().into_iter().map(|node| (node, self.strict(&[node]))).collect();
        let mut facts = Vec::with_capacity(asked.len());
        for (row, to) in values.iter_mut().enumerate().take(self.rows) {
            facts.clear();
            facts.extend(asked.iter().map(|(node, gaps)| self.fact(*node, gaps, row)));
            match self.across.map(|across| across.fact(at, &facts)) {
                Some(Fact::Known(value)) => *to = Some(value),
                // What is missing, and for whom, the interpreter says.
                _ => gaps.error[row] = 255,
            }
        }
        match self.design.setting.node(node).kind {
            Kind::Number | Kind::Date | Kind::Time => self.store_numbers(node, &values, &mut gaps),
            Kind::Bool | Kind::Enum(_) => self.store_bytes(node, &values, &mut gaps),
            // Texts of other records have no number here.
            Kind::Text => gaps.error = [255; CHUNK],
        }
        self.store_gaps(node, &gaps);
    }

    /// Keeps truths and variants; a record without one is in error.
    fn store_bytes(&mut self, node: NodeId, values: &[Option<Value>], gaps: &mut Gaps) {
        let kept = &self.design.layout.nodes[node.index()];
        let truth = |truth: bool| if truth { 255 } else { 0 };
        let mut falses = [0; CHUNK];
        let column = self.scratch.bytes_mut(kept.values);
        for (row, to) in column.iter_mut().enumerate() {
            *to = match values[row] {
                Some(Value::Bool(value)) => {
                    falses[row] = truth(!value);
                    truth(value)
                }
                Some(Value::Enum(variant)) => variant,
                _ => {
                    gaps.error[row] = 255;
                    0
                }
            };
        }
        if let Some(at) = kept.falses {
            self.scratch.bytes_mut(at).copy_from_slice(&falses);
        }
    }

    /// Keeps numbers, days and moments; a record without one is in error.
    fn store_numbers(&mut self, node: NodeId, values: &[Option<Value>], gaps: &mut Gaps) {
        let kept = &self.design.layout.nodes[node.index()];
        let numbers: Vec<Option<Fraction>> =
            values.iter().map(|value| value.as_ref().and_then(fraction)).collect();
        for (row, number) in numbers.iter().enumerate().take(self.rows) {
            gaps.error[row] |= if number.is_none() { 255 } else { 0 };
        }
        if self.design.forms[node.index()].rep == Rep::Fraction {
            let column = self.scratch.fractions_mut(kept.values);
            column.iter_mut().zip(&numbers).for_each(|(to, from)| *to = from.unwrap_or(Fraction::ZERO));
        } else {
            let ints: Vec<i64> = numbers
                .iter()
                .map(|number| number.and_then(|number| number.scaled(1)).unwrap_or(0))
                .collect();
            self.store_ints(node, &ints);
        }
    }
}
