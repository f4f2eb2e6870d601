//! Measures: conditions, alternatives and benefits of every form.

use super::sorts::{self, Sort, Unit};
use super::tree::{List, Node, Part};
use super::writer::{Name, NameOf, Writer};
use crate::node;

/// A benefit's name, kind and sort, which its awards share.
#[derive(Debug, Clone)]
struct Slot {
    name: String,
    kind: &'static str,
    /// `None` for one without an amount.
    sort: Option<Sort>,
}

impl Writer<'_> {
    pub fn measure(&mut self, at: usize, depth: usize, rounding: bool) -> Node {
        let outer = self.names.len();
        let force = self.force();
        let lets = (0..self.random.below(4)).map(|at| self.let_item(at, depth)).collect();
        let requires: Vec<Node> =
            (0..self.random.below(4)).map(|at| self.named(&format!("r{at}"), depth)).collect();
        let excepts: Vec<Node> =
            (0..self.random.below(3)).map(|at| self.named(&format!("x{at}"), depth)).collect();
        if self.random.chance(25) {
            let (word, members) = self.duty_or_target(depth, rounding);
            self.names.truncate(outer);
            return node!(Sort::Piece;
                format!("{word} m{at} for R {{\n"),
                List::maybe(force),
                List::new(lets, 0, ""),
                List::maybe(block("require", requires)),
                List::maybe(block("except", excepts)),
                members,
                "}\n");
        }
        let choice = self.random.chance(55).then(|| self.alternatives(depth, rounding));
        let benefits = if choice.is_none() || self.random.chance(30) { 1 + self.random.below(2) } else { 0 };
        let top: Vec<Node> = (0..benefits)
            .map(|at| {
                let slot = self.slot(format!("b{at}"));
                let award = self.award(&slot, depth, rounding);
                node!(Sort::Piece; "  ", award, "\n")
            })
            .collect();
        self.names.truncate(outer);
        let least = usize::from(choice.is_none());
        node!(Sort::Piece;
            format!("measure m{at} for R {{\n"),
            List::maybe(force),
            List::new(lets, 0, ""),
            List::maybe(block("require", requires)),
            List::maybe(block("except", excepts)),
            List::maybe(choice),
            List::new(top, least, ""),
            "}\n")
    }

    /// What is to be done and by when.
    fn duty_or_target(&mut self, depth: usize, rounding: bool) -> (&'static str, Node) {
        let due = self.random.chance(50).then(|| {
            let sort = if self.random.chance(70) { Sort::Date } else { Sort::Time };
            let day = self.expr(sort, depth.min(2));
            node!(Sort::Piece; "  due ", day, "\n")
        });
        if self.random.chance(40) {
            let goal = self.expr(Sort::Bool, depth);
            return ("target", node!(Sort::Piece; List::maybe(due), "  reach goal: ", goal, "\n"));
        }
        let checks: Vec<Node> =
            (0..1 + self.random.below(3)).map(|at| self.named(&format!("k{at}"), depth)).collect();
        let breach: Vec<Node> = (0..self.random.below(2))
            .map(|at| {
                let slot = self.slot(format!("b{at}"));
                let award = self.award(&slot, depth, rounding);
                node!(Sort::Piece; "  on breach ", award, "\n")
            })
            .collect();
        let members = node!(Sort::Piece;
            List::maybe(due), List::maybe(block("comply", checks)), List::new(breach, 0, ""));
        ("duty", members)
    }

    /// When it is in force, where the header's time is not the measure's.
    fn force(&mut self) -> Option<Node> {
        match sorts::line(self.random, Sort::Date, 2, true, true).as_slice() {
            [from, until] => match self.random.below(6) {
                0 => Some(node!(Sort::Piece; format!("  in force from {from} until {until}\n"))),
                1 => Some(node!(Sort::Piece; format!("  in force from {from}\n"))),
                2 => Some(node!(Sort::Piece; "  in force from 2018-01-01 until 2022-12-31\n")),
                _ => None,
            },
            _ => None,
        }
    }

    fn let_item(&mut self, at: usize, depth: usize) -> Node {
        let sort = self.any_sort();
        let before = std::mem::take(&mut self.looked);
        let value = self.expr(sort, depth);
        let across = std::mem::replace(&mut self.looked, before);
        let name = format!("v{at}");
        self.names.push(Name { text: name.clone(), sort, whole: false, of: NameOf::Let, across });
        node!(Sort::Piece; format!("  let {name} = "), value, "\n")
    }

    /// A condition with its name; a bool field names itself.
    fn named(&mut self, name: &str, depth: usize) -> Node {
        let test = self.expr(Sort::Bool, depth);
        node!(Sort::Piece; format!("{name}: "), test)
    }

    fn alternatives(&mut self, depth: usize, rounding: bool) -> Node {
        let slots: Vec<Slot> = (0..1 + self.random.below(3)).map(|at| self.slot(format!("c{at}"))).collect();
        let one_of = self.random.chance(55);
        let tests = if one_of { self.exclusive(depth) } else { self.free_tests(depth) };
        let mut branches: Vec<Node> = Vec::new();
        for (at, test) in tests.into_iter().enumerate() {
            branches.push(self.branch(&format!("a{at}"), test, &slots, depth, rounding));
        }
        if self.random.chance(45) {
            let rest = node!(Sort::Piece; "else");
            branches.push(self.branch("rest", rest, &slots, depth, rounding));
        }
        let words = if one_of { "one of" } else { "first of" };
        node!(Sort::Piece; format!("  {words} {{\n"), List::new(branches, 1, ""), "  }\n")
    }

    fn free_tests(&mut self, depth: usize) -> Vec<Node> {
        (0..1 + self.random.below(4)).map(|_| self.expr(Sort::Bool, depth)).collect()
    }

    /// Tests that exclude each other, or of which the checker cannot see whether they do.
    fn exclusive(&mut self, depth: usize) -> Vec<Node> {
        if self.random.chance(45) {
            let tests = self.free_tests(depth);
            return tests.into_iter().map(|test| self.veiled(test)).collect();
        }
        let cut =
            |sort| matches!(sort, Sort::Enum(_) | Sort::Bool | Sort::Number(_) | Sort::Date | Sort::Time);
        let Some(sort) = self.sort_in_use(cut) else {
            return self.free_tests(depth).into_iter().take(1).collect();
        };
        let Some(subject) = self.name(|name| name.sort == sort) else { return Vec::new() };
        let mut pieces = self.pieces(sort);
        if pieces.len() > 1 && self.random.chance(40) {
            pieces.pop();
        }
        pieces.truncate(12);
        let written = |piece: String| {
            let listed = piece.starts_with('{') || piece.contains("..");
            let sign = if listed {
                " in "
            } else if sort == Sort::Bool {
                " == "
            } else {
                " "
            };
            node!(Sort::Bool; subject.clone(), sign, piece)
        };
        pieces.into_iter().map(written).collect()
    }

    /// The same test in a form that the checker leaves to the run.
    fn veiled(&mut self, test: Node) -> Node {
        let sort = self.any_sort();
        match self.random.below(3) {
            0 => node!(Sort::Bool; "(if ", test, " then true else false)"),
            1 => node!(Sort::Bool; "(", test, " and known ", self.open(sort, 0), ")"),
            _ => {
                node!(Sort::Bool; "(", test, " and (if ", self.open(Sort::Bool, 1), " then true else true))")
            }
        }
    }

    fn branch(&mut self, name: &str, test: Node, slots: &[Slot], depth: usize, rounding: bool) -> Node {
        if self.random.chance(12) {
            return node!(Sort::Piece; format!("    {name}: "), test, " => refuse\n");
        }
        let mut awards: Vec<Node> = Vec::new();
        let first = self.random.below(slots.len());
        for (at, slot) in slots.iter().enumerate() {
            if at == first || self.random.chance(50) {
                awards.push(self.award(slot, depth, rounding));
            }
        }
        let (open, close) = if self.random.chance(50) { (" => { ", " }\n") } else { (" => ", "\n") };
        node!(Sort::Piece; format!("    {name}: "), test, open, List::new(awards, 1, ", "), close)
    }

    fn slot(&mut self, name: String) -> Slot {
        let kind = *self
            .random
            .pick(&["pay", "pay", "waive", "penalize", "defer", "extend", "rate", "entitle", "list"]);
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
            _ => None,
        };
        Slot { name, kind, sort }
    }

    fn award(&mut self, slot: &Slot, depth: usize, rounding: bool) -> Node {
        // Without a word about it, money is 元 and a rate is in percentage points.
        let declared = match slot.sort {
            Some(Sort::Number(Unit::Dollars)) => ": money USD",
            Some(Sort::Number(Unit::Rate)) => ": rate",
            _ => "",
        };
        let head = format!("{} {}{declared}", slot.kind, slot.name);
        let Some(sort) = slot.sort else {
            let full = if self.random.chance(40) { " in full" } else { "" };
            return node!(Sort::Piece; head, full);
        };
        let amount = |writer: &mut Self| writer.payable(sort, depth, rounding);
        let periodic = matches!(sort, Sort::Number(_)) && self.random.chance(20);
        let mut parts: Vec<Part> = vec![head.into()];
        match self.random.below(8) {
            0 => {
                let (low, high) = (amount(self), amount(self));
                parts.extend([" between ".into(), low.into(), " and ".into(), high.into()]);
            }
            1 if sort != Sort::Date => parts.extend([" at most ".into(), amount(self).into()]),
            2 => parts.extend([" at least ".into(), amount(self).into()]),
            _ => {
                parts.extend([" = ".into(), amount(self).into()]);
                let cap = self.random.chance(25).then(|| node!(Sort::Piece; " at most ", amount(self)));
                let floor = self.random.chance(25).then(|| node!(Sort::Piece; " at least ", amount(self)));
                parts.extend([List::maybe(cap).into(), List::maybe(floor).into()]);
            }
        }
        if periodic {
            let months = self.whole(Unit::Months, 1);
            parts.push(List::maybe(Some(node!(Sort::Piece; " per month at most ", months))).into());
        }
        Node { sort: Sort::Piece, parts }
    }

    /// An amount with no more decimals than are paid.
    fn payable(&mut self, sort: Sort, depth: usize, rounding: bool) -> Node {
        let Sort::Number(unit) = sort else { return self.expr(sort, depth) };
        if self.random.chance(15) {
            return self.rough(unit);
        }
        let value = self.expr(sort, depth);
        let money = matches!(unit, Unit::Money | Unit::Dollars);
        if money && rounding {
            return value;
        }
        let steps: &[&str] = match unit {
            Unit::Money => &["1分", "1元", "0.05元", "100元"],
            Unit::Dollars => &["0.01美元", "1美元"],
            Unit::Rate => &["0.01%", "1‰", "1%"],
            Unit::Points => &["0.01pp", "1pp"],
            Unit::Days => &["1天", "7天"],
            Unit::Months => &["1个月"],
            _ => &["1小时", "0.5小时"],
        };
        let step = *self.random.pick(steps);
        self.rounded(value, step)
    }

    /// A round literal, as amounts mostly are.
    fn rough(&mut self, unit: Unit) -> Node {
        let digits = *self.random.pick(&["1", "50", "300", "1000", "5", "12"]);
        node!(Sort::Number(unit); format!("{digits}{}", unit.words()[0]))
    }
}

fn block(word: &str, conditions: Vec<Node>) -> Option<Node> {
    let any = !conditions.is_empty();
    any.then(
        || node!(Sort::Piece; format!("  {word} {{\n    "), List::new(conditions, 1, "\n    "), "\n  }\n"),
    )
}
