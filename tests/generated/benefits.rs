//! Benefits: kinds, amounts of every form.

use super::sorts::{Sort, Unit};
use super::tree::{List, Node, Part};
use super::writer::Writer;
use crate::node;

/// A benefit of a measure: its name, kind and sort, which its awards share, and the form of an award.
#[derive(Debug, Clone)]
pub struct Gift {
    pub name: String,
    kind: &'static str,
    /// `None` for one without an amount.
    pub sort: Option<Sort>,
    form: Form,
    periodic: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Exact,
    Between,
    AtMost,
    AtLeast,
}

impl Gift {
    /// Whether it is one amount, as a budget gives it.
    pub fn is_exact(&self) -> bool {
        self.form == Form::Exact && !self.periodic && matches!(self.sort, Some(Sort::Number(_)))
    }
}

impl Writer<'_> {
    pub fn gift(&mut self, name: String) -> Gift {
        let kinds: &[&str] = match self.exact && self.random.chance(60) {
            true => &["pay", "pay", "waive", "entitle"],
            false => &["pay", "pay", "waive", "penalize", "defer", "extend", "rate", "entitle", "list"],
        };
        let kind = *self.random.pick(kinds);
        let number = |unit| Some(Sort::Number(unit));
        let sort = match kind {
            "pay" | "waive" | "penalize" if self.random.chance(10) => None,
            "pay" | "waive" | "penalize" if self.random.chance(20) => number(Unit::Dollars),
            "pay" | "waive" | "penalize" => number(Unit::Money),
            "defer" | "extend" => *self.random.pick(&[
                number(Unit::Days),
                number(Unit::Months),
                number(Unit::Hours),
                Some(Sort::Date),
            ]),
            "rate" => *self.random.pick(&[number(Unit::Rate), number(Unit::Points)]),
            "entitle" => *self.random.pick(&[None, number(Unit::Tons), number(Unit::People)]),
            _ => None,
        };
        self.reformed(&Gift { name, kind, sort, form: Form::Exact, periodic: false })
    }

    /// The same benefit in a form of its own.
    pub fn reformed(&mut self, gift: &Gift) -> Gift {
        let form = match self.random.below(8) {
            _ if self.exact => Form::Exact,
            0 => Form::Between,
            1 if gift.sort != Some(Sort::Date) => Form::AtMost,
            2 => Form::AtLeast,
            _ => Form::Exact,
        };
        let periodic = !self.exact && matches!(gift.sort, Some(Sort::Number(_))) && self.random.chance(20);
        Gift { form, periodic, ..gift.clone() }
    }

    pub fn award(&mut self, gift: &Gift, depth: usize) -> Node {
        // Without a word about it, money is 元 and a rate is in percentage points.
        let declared = match gift.sort {
            Some(Sort::Number(Unit::Dollars)) => ": money USD",
            Some(Sort::Number(Unit::Rate)) => ": rate",
            _ => "",
        };
        let head = format!("{} {}{declared}", gift.kind, gift.name);
        let Some(sort) = gift.sort else {
            let full = if self.random.chance(40) { " in full" } else { "" };
            return node!(Sort::Piece; head, full);
        };
        let amount = |writer: &mut Self| writer.payable(sort, depth);
        let mut parts: Vec<Part> = vec![head.into()];
        match gift.form {
            Form::Between => {
                let (low, high) = (amount(self), amount(self));
                parts.extend([" between ".into(), low.into(), " and ".into(), high.into()]);
            }
            Form::AtMost => parts.extend([" at most ".into(), amount(self).into()]),
            Form::AtLeast => parts.extend([" at least ".into(), amount(self).into()]),
            Form::Exact => {
                parts.extend([" = ".into(), amount(self).into()]);
                let cap = self.random.chance(25).then(|| node!(Sort::Piece; " at most ", amount(self)));
                let floor = self.random.chance(25).then(|| node!(Sort::Piece; " at least ", amount(self)));
                parts.extend([List::maybe(cap).into(), List::maybe(floor).into()]);
            }
        }
        if gift.periodic {
            let months = self.whole(Unit::Months, 1);
            parts.push(List::maybe(Some(node!(Sort::Piece; " per month at most ", months))).into());
        }
        Node { sort: Sort::Piece, parts }
    }

    /// An amount with no more decimals than are paid.
    fn payable(&mut self, sort: Sort, depth: usize) -> Node {
        let Sort::Number(unit) = sort else { return self.expr(sort, depth) };
        if self.random.chance(15) {
            return self.rough(unit);
        }
        // What the records have makes claims of every size.
        let value = match self.exact && self.random.chance(40) {
            true => self.open(sort, 0),
            false => self.expr(sort, depth),
        };
        let money = matches!(unit, Unit::Money | Unit::Dollars);
        if money && self.rounding {
            return value;
        }
        let steps: &[&str] = match unit {
            Unit::Money => &["1分", "1元", "0.05元", "100元"],
            Unit::Dollars => &["0.01美元", "1美元"],
            Unit::Rate => &["0.01%", "1‰", "1%"],
            Unit::Points => &["0.01pp", "1pp"],
            Unit::Days => &["1天", "7天"],
            Unit::Months => &["1个月"],
            Unit::Tons => &["1吨", "0.001吨"],
            Unit::People => &["1人"],
            _ => &["1小时", "0.5小时"],
        };
        let step = *self.random.pick(steps);
        self.rounded(value, step)
    }

    /// A round literal, as amounts mostly are.
    pub fn rough(&mut self, unit: Unit) -> Node {
        let digits = *self.random.pick(&["1", "50", "300", "1000", "5", "12"]);
        node!(Sort::Number(unit); format!("{digits}{}", unit.words()[0]))
    }
}
