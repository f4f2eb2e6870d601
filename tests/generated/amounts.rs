//! Numbers, dates and times: arithmetic of every kind.

use super::sorts::{Sort, UNITS, Unit};
use super::tree::{List, Node};
use super::writer::Writer;
use crate::node;

impl Writer<'_> {
    pub fn number(&mut self, unit: Unit, depth: usize) -> Node {
        let (sort, inner) = (Sort::Number(unit), depth - 1);
        match self.random.below(20) {
            0..=3 => self.sum(unit, inner),
            4..=7 => self.product(unit, inner),
            8 | 9 => self.quotient(unit, inner),
            10 | 11 => {
                let count = 2 + self.random.below(3);
                let parts = (0..count).map(|_| self.expr(sort, inner)).collect();
                let name = *self.random.pick(&["min(", "max(", "最小(", "最大("]);
                node!(sort; name, List::new(parts, 2, ", "), ")")
            }
            12 => node!(sort; "abs(", self.open(sort, inner), ")"),
            13 => node!(sort; "(-", self.open(sort, inner), ")"),
            14 | 15 => {
                let value = self.open(sort, inner);
                let step = self.step(unit);
                self.rounded(value, step)
            }
            16 => match self.aggregate(sort) {
                Some(node) => node,
                None => self.sum(unit, inner),
            },
            _ => match unit {
                Unit::Plain => {
                    let part = *self.random.pick(&["year", "month", "day", "年份", "月份", "日"]);
                    node!(sort; part, "(", self.expr(Sort::Date, inner), ")")
                }
                Unit::Days => self.difference(sort, Sort::Date, inner),
                Unit::Hours => self.difference(sort, Sort::Time, inner),
                _ => self.product(unit, inner),
            },
        }
    }

    fn difference(&mut self, sort: Sort, of: Sort, depth: usize) -> Node {
        let (a, b) = (self.open(of, depth), self.expr(of, depth));
        node!(sort; "(", a, " - ", b, ")")
    }

    fn sum(&mut self, unit: Unit, depth: usize) -> Node {
        let sort = Sort::Number(unit);
        let sign = *self.random.pick(&[" + ", " - "]);
        let first = self.open(sort, depth);
        if unit == Unit::Rate && self.random.chance(30) {
            return node!(sort; "(", first, sign, self.expr(Sort::Number(Unit::Points), depth), ")");
        }
        node!(sort; "(", first, sign, self.expr(sort, depth), ")")
    }

    fn product(&mut self, unit: Unit, depth: usize) -> Node {
        let pairs: &[(Unit, Unit)] = match unit {
            Unit::Plain => &[(Unit::Plain, Unit::Plain)],
            Unit::Rate => &[(Unit::Rate, Unit::Plain), (Unit::Rate, Unit::Rate), (Unit::Plain, Unit::Rate)],
            Unit::Points => &[(Unit::Points, Unit::Plain), (Unit::Plain, Unit::Points)],
            Unit::Money => &[
                (Unit::PerHead, Unit::People),
                (Unit::People, Unit::PerHead),
                (Unit::Money, Unit::Rate),
                (Unit::Rate, Unit::Money),
                (Unit::Money, Unit::Plain),
            ],
            other => &[(other, Unit::Plain), (other, Unit::Rate), (Unit::Plain, other), (Unit::Rate, other)],
        };
        let (left, right) = *self.random.pick(pairs);
        let (a, b) = (self.open(Sort::Number(left), depth), self.expr(Sort::Number(right), depth));
        node!(Sort::Number(unit); "(", a, *self.random.pick(&[" * ", " × "]), b, ")")
    }

    fn quotient(&mut self, unit: Unit, depth: usize) -> Node {
        let spare = *self.random.pick(&UNITS);
        let same = if spare == Unit::Points { Unit::Money } else { spare };
        let pairs: &[(Unit, Unit)] = match unit {
            Unit::Plain => &[(Unit::Plain, Unit::Plain), (same, same), (Unit::Plain, Unit::Rate)],
            Unit::People => &[(Unit::Money, Unit::PerHead), (Unit::People, Unit::Plain)],
            Unit::PerHead => &[(Unit::Money, Unit::People), (Unit::PerHead, Unit::Plain)],
            Unit::Rate | Unit::Points => &[(unit, Unit::Plain)],
            other => &[(other, Unit::Plain), (other, Unit::Rate)],
        };
        let (left, right) = *self.random.pick(pairs);
        let a = self.expr(Sort::Number(left), depth);
        let b = self.divisor(right, depth);
        node!(Sort::Number(unit); "(", a, *self.random.pick(&[" / ", " ÷ "]), b, ")")
    }

    /// What is not always zero as far as the checker sees: not a constant, or one above zero.
    fn divisor(&mut self, unit: Unit, depth: usize) -> Node {
        let sort = Sort::Number(unit);
        let constant = |writer: &mut Self| {
            let digits = *writer.random.pick(&[1, 2, 3, 7, 12, 100, 365, 10_000]);
            node!(sort; format!("{digits}{}", unit.words()[0]))
        };
        if self.random.chance(30) {
            return constant(self);
        }
        match self.name(|name| name.sort == sort) {
            Some(name) if depth > 0 && self.random.chance(30) => {
                let other = self.expr(sort, depth - 1);
                node!(sort; "(", name, *self.random.pick(&[" + ", " - "]), other, ")")
            }
            Some(name) => name,
            None => constant(self),
        }
    }

    pub fn date(&mut self, depth: usize) -> Node {
        let inner = depth - 1;
        match self.random.below(10) {
            _ if !self.calendars.is_empty() && self.random.chance(25) => self.workday(inner),
            0 => node!(Sort::Date; "as_of"),
            1 => node!(Sort::Date; "date(", self.expr(Sort::Time, inner), ")"),
            2 => {
                let (a, b) = (self.open(Sort::Date, inner), self.expr(Sort::Date, inner));
                node!(Sort::Date; *self.random.pick(&["min(", "max("]), a, ", ", b, ")")
            }
            3 => self.aggregate(Sort::Date).unwrap_or_else(|| self.leaf(Sort::Date)),
            4 | 5 if self.day_rule => self.moved(inner, &[Unit::Months]),
            6 if self.day_rule => self.moved(inner, &[Unit::Months, Unit::Days]),
            7 if self.day_rule => self.moved(inner, &[Unit::Days, Unit::Months, Unit::Months]),
            8 => self.moved(inner, &[Unit::Days, Unit::Days]),
            _ => self.moved(inner, &[Unit::Days]),
        }
    }

    /// A working day some days before or after a date.
    fn workday(&mut self, depth: usize) -> Node {
        let Some(calendar) = self.random.maybe(&self.calendars).cloned() else {
            return self.leaf(Sort::Date);
        };
        let date = self.open(Sort::Date, depth);
        let days = self.whole(Unit::Days, depth.min(2));
        let sign = *self.random.pick(&["", "", "-"]);
        node!(Sort::Date; format!("{calendar}("), date, format!(", {sign}"), days, ")")
    }

    /// A date with days or months added, without brackets between them.
    fn moved(&mut self, depth: usize, by: &[Unit]) -> Node {
        let mut parts: Vec<super::tree::Part> = vec!["(".into(), self.open(Sort::Date, depth).into()];
        for unit in by {
            parts.push((*self.random.pick(&[" + ", " + ", " - "])).into());
            parts.push(self.whole(*unit, depth.min(2)).into());
        }
        parts.push(")".into());
        Node { sort: Sort::Date, parts }
    }

    pub fn time(&mut self, depth: usize) -> Node {
        let hours = self.expr(Sort::Number(Unit::Hours), depth - 1);
        let time = self.open(Sort::Time, depth - 1);
        node!(Sort::Time; "(", time, *self.random.pick(&[" + ", " - "]), hours, ")")
    }
}
