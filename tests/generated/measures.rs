//! Measures, duties and targets: conditions, alternatives and benefits of every form.

use super::benefits::Gift;
use super::sorts::{self, Sort};
use super::tree::{List, Node};
use super::writer::{NameOf, Writer};
use crate::node;

/// A measure that is written or will be: what others say of it.
#[derive(Debug, Clone)]
pub struct Head {
    pub name: String,
    /// The kind of record that it is for.
    pub on: usize,
    pub duty: bool,
    /// Whether it looks at other records.
    pub across: bool,
    /// The measures that it gives way to.
    pub yields_to: Vec<usize>,
    /// The names, sorts and forms of the amounts that it gives.
    pub gifts: Vec<Gift>,
}

/// An alternative that is written.
#[derive(Debug, Clone)]
pub struct Branch {
    pub name: String,
    pub otherwise: bool,
    pub refuse: bool,
    pub gifts: Vec<Gift>,
}

/// What a measure says, for those who change it.
#[derive(Debug, Clone, Default)]
pub struct Said {
    pub requires: usize,
    pub excepts: usize,
    pub one_of: bool,
    pub branches: Vec<Branch>,
    pub top: Vec<Gift>,
}

impl Writer<'_> {
    /// Decides which measures there will be: `most` for the first kind of record, few for others.
    pub fn plan_measures(&mut self, most: usize) {
        for on in 0..self.kinds.len() {
            let count = if on == 0 { most } else { self.random.below(3) };
            for _ in 0..count {
                let head = Head {
                    name: format!("m{}", self.heads.len()),
                    on,
                    duty: self.random.chance(25),
                    across: false,
                    yields_to: Vec::new(),
                    gifts: Vec::new(),
                };
                self.heads.push(head);
            }
        }
    }

    /// Writes the measure at a position, with what later texts change in it.
    pub fn measure(&mut self, at: usize, depth: usize) -> Node {
        let Head { name, on, duty, .. } = self.heads[at].clone();
        let (outer, across) = (self.names.len(), self.across);
        self.at = on;
        self.across &= !self.exact;
        self.looked = false;
        let lets: Vec<Node> = (0..self.random.below(4)).map(|at| self.let_item(at, depth)).collect();
        let force = self.force();
        let requires: Vec<Node> =
            (0..self.random.below(4)).map(|at| self.named(&format!("r{at}"), depth)).collect();
        let excepts: Vec<Node> =
            (0..self.random.below(3)).map(|at| self.named(&format!("x{at}"), depth)).collect();
        let mut said = Said { requires: requires.len(), excepts: excepts.len(), ..Said::default() };
        let (word, members) = match duty {
            true => self.duty_or_target(depth),
            false => ("measure", self.benefits_of(depth, &mut said)),
        };
        let relations = if duty { None } else { self.relations(at) };
        let amends = if duty { Vec::new() } else { self.amends(&name, &said, depth) };
        let head = &mut self.heads[at];
        head.across = self.looked || self.names[outer..].iter().any(|name| name.across);
        head.gifts =
            said.top.into_iter().chain(said.branches.into_iter().flat_map(|own| own.gifts)).collect();
        self.names.truncate(outer);
        self.across = across;
        node!(Sort::Piece;
            format!("{word} {name} for {} {{\n", self.kinds[on].name),
            List::maybe(force),
            List::maybe(relations),
            List::new(lets, 0, ""),
            List::maybe(block("require", requires)),
            List::maybe(block("except", excepts)),
            members,
            "}\n",
            List::new(amends, 0, ""))
    }

    /// Alternatives, benefits beside them, or both.
    fn benefits_of(&mut self, depth: usize, said: &mut Said) -> Node {
        let choice = self.random.chance(55).then(|| self.alternatives(depth, said));
        let benefits = if choice.is_none() || self.random.chance(30) { 1 + self.random.below(2) } else { 0 };
        let mut top = Vec::new();
        for at in 0..benefits {
            let gift = self.gift(format!("b{at}"));
            let award = self.award(&gift, depth);
            top.push(node!(Sort::Piece; "  ", award, "\n"));
            said.top.push(gift);
        }
        let least = usize::from(choice.is_none());
        node!(Sort::Piece; List::maybe(choice), List::new(top, least, ""))
    }

    /// What is to be done and by when.
    fn duty_or_target(&mut self, depth: usize) -> (&'static str, Node) {
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
                let gift = self.gift(format!("b{at}"));
                let award = self.award(&gift, depth);
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
        self.declare(&name, sort, NameOf::Let).across = across;
        node!(Sort::Piece; format!("  let {name} = "), value, "\n")
    }

    /// A condition with its name; a bool field names itself.
    pub fn named(&mut self, name: &str, depth: usize) -> Node {
        let test = self.expr(Sort::Bool, depth);
        node!(Sort::Piece; format!("{name}: "), test)
    }

    fn alternatives(&mut self, depth: usize, said: &mut Said) -> Node {
        let gifts: Vec<Gift> = (0..1 + self.random.below(3)).map(|at| self.gift(format!("c{at}"))).collect();
        let one_of = self.random.chance(55);
        let tests = if one_of { self.exclusive(depth) } else { self.free_tests(depth) };
        let rest = self.random.chance(45).then(|| node!(Sort::Piece; "else"));
        let mut branches: Vec<Node> = Vec::new();
        let count = tests.len();
        for (at, test) in tests.into_iter().chain(rest).enumerate() {
            let otherwise = at == count;
            let name = if otherwise { "rest".to_owned() } else { format!("a{at}") };
            let gifts = self.some_of(&gifts);
            let refuse = self.random.chance(12);
            let branch = Branch { name, otherwise, refuse, gifts: if refuse { Vec::new() } else { gifts } };
            branches.push(self.branch(&branch, test, depth));
            said.branches.push(branch);
        }
        said.one_of = one_of;
        let words = if one_of { "one of" } else { "first of" };
        node!(Sort::Piece; format!("  {words} {{\n"), List::new(branches, 1, ""), "  }\n")
    }

    /// At least one of some benefits, for an alternative; each mostly in a form of its own.
    pub fn some_of(&mut self, gifts: &[Gift]) -> Vec<Gift> {
        let first = self.random.below(gifts.len());
        let mut taken = Vec::new();
        for (at, gift) in gifts.iter().enumerate() {
            if at == first || self.random.chance(50) {
                taken.push(self.reformed(gift));
            }
        }
        taken
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
    pub fn veiled(&mut self, test: Node) -> Node {
        let sort = self.any_sort();
        match self.random.below(3) {
            0 => node!(Sort::Bool; "(if ", test, " then true else false)"),
            1 => node!(Sort::Bool; "(", test, " and known ", self.open(sort, 0), ")"),
            _ => {
                node!(Sort::Bool; "(", test, " and (if ", self.open(Sort::Bool, 1), " then true else true))")
            }
        }
    }

    pub fn branch(&mut self, branch: &Branch, test: Node, depth: usize) -> Node {
        let head = format!("    {}: ", branch.name);
        if branch.refuse {
            return node!(Sort::Piece; head, test, " => refuse\n");
        }
        let awards: Vec<Node> = branch.gifts.iter().map(|gift| self.award(gift, depth)).collect();
        let (open, close) = if self.random.chance(50) { (" => { ", " }\n") } else { (" => ", "\n") };
        node!(Sort::Piece; head, test, open, List::new(awards, 1, ", "), close)
    }
}

/// Some conditions after their word.
pub fn block(word: &str, conditions: Vec<Node>) -> Option<Node> {
    let any = !conditions.is_empty();
    any.then(
        || node!(Sort::Piece; format!("  {word} {{\n    "), List::new(conditions, 1, "\n    "), "\n  }\n"),
    )
}
