//! The cells of a sample: each by its row and field alone, perhaps with a look at others of its row.

use super::Sample;
use super::column::{Column, Draws, Key};
use super::draw::Draw;
use super::record::RecordSample;
use super::usual::mantissa;
use crate::boundary::{Between, beside, position, solve, value_at};
use crate::check::typed::{Field, Type};
use crate::interp::{Evaluator, facts};
use crate::value::{Fact, Number, Value};

/// Draws the cells of one record.
pub struct Cells<'s> {
    sample: &'s RecordSample,
    all: &'s Sample,
    /// Made where the first boundary depends on other fields of the row.
    evaluator: Option<Evaluator<'s>>,
}

impl<'s> Cells<'s> {
    pub fn new(sample: &'s RecordSample, all: &'s Sample) -> Cells<'s> {
        Cells { sample, all, evaluator: None }
    }

    pub fn column(&self, field: usize) -> &'s Column {
        &self.sample.columns[field]
    }

    /// The value of a cell; `None` where it is missing.
    pub fn value(&mut self, row: u64, at: usize) -> Option<Value> {
        let (column, field) = (self.column(at), &self.sample.fields()[at]);
        let draw = column.stream.at(row);
        if column.fates.missing.has(draw) {
            return None;
        }
        if field.ty == Type::Text {
            let mut text = String::new();
            self.write_text(row, at, draw, &mut text);
            return Some(Value::Text(text.into()));
        }
        let whole = self.whole(row, at, draw);
        match &field.ty {
            Type::Bool => Some(Value::Bool(whole == 1)),
            Type::Enum(_) => Some(Value::Enum(whole as u8)),
            Type::Number(_) => Some(Value::Number(Number::from_scaled(whole.into(), field.decimals))),
            ty => value_at(ty, &Number::from_int(whole)),
        }
    }

    /// What stands for a value that is no text: whole numbers, days, seconds, the number of a variant.
    pub fn whole(&mut self, row: u64, at: usize, draw: Draw) -> i64 {
        let column = self.column(at);
        match &column.draws {
            Draws::Bool(yes) => yes.has(draw.more(1)).into(),
            Draws::Codes { .. } => code(column, draw).into(),
            Draws::Line { line, powers, .. } => {
                let special =
                    column.fates.special.has(draw).then(|| self.at_boundary(row, at, draw)).flatten();
                special.unwrap_or_else(|| line.spread.at(draw.more(1), powers) * line.grain)
            }
            Draws::Key(key) => key.whole(row),
            Draws::Link(of) => self.linked(*of, draw).map_or(0, |(key, row, theirs)| {
                let own = &self.sample.fields()[at];
                key.whole(row) / 10i64.pow(theirs.decimals) * 10i64.pow(own.decimals)
            }),
            Draws::Texts { .. } => 0,
        }
    }

    /// Writes the value of a text.
    pub fn write_text(&self, row: u64, at: usize, draw: Draw, text: &mut String) {
        let column = self.column(at);
        match &column.draws {
            Draws::Codes { texts, .. } => text.push_str(&texts[usize::from(code(column, draw))]),
            Draws::Texts { stem, count, special } => {
                if column.fates.special.has(draw) && !special.is_empty() {
                    text.push_str(&special[draw.pick(special.len())]);
                } else {
                    text.push_str(stem);
                    text.push_str(&(draw.more(1).below(*count) + 1).to_string());
                }
            }
            Draws::Key(key) => key.write_text(row, text),
            Draws::Link(of) => {
                if let Some((key, row, _)) = self.linked(*of, draw) {
                    key.write_text(row, text);
                }
            }
            Draws::Bool(_) | Draws::Line { .. } => {}
        }
    }

    /// The key of a record that is there, its row and its field.
    fn linked(&self, of: usize, draw: Draw) -> Option<(&'s Key, u64, &'s Field)> {
        let other = &self.all.records[of];
        let at = other.fields().iter().position(|field| field.key)?;
        let Draws::Key(key) = &other.columns[at].draws else { return None };
        Some((key, draw.more(1).below(other.rows), &other.fields()[at]))
    }

    /// A value at or beside a boundary.
    fn at_boundary(&mut self, row: u64, at: usize, draw: Draw) -> Option<i64> {
        let Draws::Line { line, between, .. } = &self.column(at).draws else { return None };
        let options = line.fixed.len() + 3 * between.len();
        if options == 0 {
            return None;
        }
        let pick = draw.pick(options);
        match line.fixed.get(pick) {
            Some(fixed) => Some(*fixed),
            None => {
                let away = pick - line.fixed.len();
                self.beside_others(row, at, &between[away / 3], away % 3)
            }
        }
    }

    /// Where a comparison with other fields of the row turns, or a step below or above.
    fn beside_others(&mut self, row: u64, at: usize, between: &Between, side: usize) -> Option<i64> {
        let fields = self.sample.fields();
        // What the comparison asks of the row; the field itself is not known yet.
        let mut known = vec![(between.field, Fact::missing(between.field))];
        for other in &between.others {
            // Inputs beyond the fields are not known here.
            fields.get(usize::from(*other))?;
            known.push((*other, Fact::Known(self.value(row, usize::from(*other))?)));
        }
        let (sample, plan) = (self.sample, &self.sample.core.records[self.sample.record.index()]);
        let evaluator = self
            .evaluator
            .get_or_insert_with(|| Evaluator::new(plan, &sample.inputs, None, &facts(plan, &[])));
        evaluator.change(known);
        let wanted = evaluator.fact(between.other_side).known().and_then(position)?;
        let exact = solve(evaluator, &sample.reach, between.side, between.field, &wanted)?;
        let around = beside(&fields[at], &exact);
        let at_side = [around.below, around.exact, around.above].into_iter().nth(side)??;
        mantissa(&fields[at], &at_side)
    }
}

/// The code of a cell that is one.
pub fn code(column: &Column, draw: Draw) -> u16 {
    let Draws::Codes { choice, special, .. } = &column.draws else { return 0 };
    if !special.is_empty() && column.fates.special.has(draw) {
        return special[draw.pick(special.len())];
    }
    choice.at(draw.more(1)) as u16
}
