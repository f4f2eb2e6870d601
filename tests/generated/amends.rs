//! What later texts change in a measure, from a day on.

use super::measures::{Branch, Said, block};
use super::sorts::Sort;
use super::tree::{List, Node};
use super::writer::Writer;
use crate::node;

impl Writer<'_> {
    /// Amendments of a measure; those of a few only.
    pub fn amends(&mut self, name: &str, said: &Said, depth: usize) -> Vec<Node> {
        let count = self.random.below(6).saturating_sub(3);
        (0..count).map(|at| self.amend(name, at, said, depth.min(2))).collect()
    }

    fn amend(&mut self, name: &str, at: usize, said: &Said, depth: usize) -> Node {
        let day = self.day();
        let conditions = |writer: &mut Self, letter: char, count: usize| {
            // One more than there are is new.
            let some: Vec<usize> = (0..count + 1).filter(|_| writer.random.chance(30)).collect();
            let some = some.into_iter().map(|at| writer.named(&format!("{letter}{at}"), depth));
            some.collect::<Vec<Node>>()
        };
        let requires = conditions(self, 'r', said.requires);
        let excepts = conditions(self, 'x', said.excepts);
        let choice = self.amended_choice(&format!("a{}", 90 + at), said, depth);
        let mut top = Vec::new();
        for gift in &said.top {
            if self.random.chance(40) {
                let award = self.award(gift, depth);
                top.push(node!(Sort::Piece; "  ", award, "\n"));
            }
        }
        let drops: Vec<Node> = self.dropped(said).map(|name| node!(Sort::Piece; name)).into_iter().collect();
        let drops =
            (!drops.is_empty()).then(|| node!(Sort::Piece; "  drop ", List::new(drops, 1, ", "), "\n"));
        let until = self.random.chance(15).then(|| node!(Sort::Piece; "  in force until 2022-12-15\n"));
        let mut members: Vec<Node> = [drops, block("require", requires), block("except", excepts), choice]
            .into_iter()
            .chain([until])
            .flatten()
            .collect();
        members.extend(top);
        node!(Sort::Piece; format!("amend {name} from {day} {{\n"), List::new(members, 0, ""), "}\n")
    }

    /// A condition, exception or alternative that no longer counts.
    fn dropped(&mut self, said: &Said) -> Option<String> {
        let requires = (0..said.requires).map(|at| format!("r{at}"));
        let excepts = (0..said.excepts).map(|at| format!("x{at}"));
        let branches = said.branches.iter().filter(|branch| !branch.otherwise).map(|own| own.name.clone());
        let all: Vec<String> = requires.chain(excepts).chain(branches).collect();
        self.random.maybe(&all).cloned().filter(|_| self.random.chance(40))
    }

    /// Alternatives with other tests and amounts, perhaps a `new` one.
    fn amended_choice(&mut self, new: &str, said: &Said, depth: usize) -> Option<Node> {
        let mut changed: Vec<Branch> = Vec::new();
        for branch in &said.branches {
            if self.random.chance(30) {
                changed.push(branch.clone());
            }
        }
        let gifts = said.branches.iter().flat_map(|branch| branch.gifts.first());
        if let Some(gift) = gifts.last()
            && self.random.chance(20)
        {
            let gifts = vec![gift.clone()];
            changed.push(Branch { name: new.to_owned(), otherwise: false, refuse: false, gifts });
        }
        if changed.is_empty() {
            return None;
        }
        let mut branches = Vec::new();
        for branch in changed {
            let test = match branch.otherwise {
                true => node!(Sort::Piece; "else"),
                false => self.expr(Sort::Bool, depth),
            };
            let test = if said.one_of && !branch.otherwise { self.veiled(test) } else { test };
            branches.push(self.branch(&branch, test, depth));
        }
        let words = if said.one_of { "one of" } else { "first of" };
        Some(node!(Sort::Piece; format!("  {words} {{\n"), List::new(branches, 1, ""), "  }\n"))
    }
}
