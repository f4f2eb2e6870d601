//! What is said between measures: which gives way to which, and pools that several draw on.

use std::collections::BTreeSet;

use super::measures::Head;
use super::sorts::{self, Sort, Unit};
use super::tree::{List, Node};
use super::writer::{NameOf, Writer};
use crate::node;

impl Head {
    /// The amounts of a sort, each once; exact ones where a budget is to give them.
    fn amounts(&self, wanted: Option<Sort>, exact: bool) -> Vec<(String, Sort)> {
        let mut found: Vec<(String, Sort)> = Vec::new();
        for gift in &self.gifts {
            let Some(sort @ Sort::Number(_)) = gift.sort else { continue };
            let fits = wanted.is_none_or(|wanted| wanted == sort)
                && !(exact && self.gifts.iter().any(|other| other.name == gift.name && !other.is_exact()));
            if fits && found.iter().all(|(name, _)| *name != gift.name) {
                found.push((gift.name.clone(), sort));
            }
        }
        found
    }
}

impl Writer<'_> {
    /// Says that another measure gives way to the one at a position.
    pub fn relations(&mut self, at: usize) -> Option<Node> {
        let others = |other: &usize| {
            let (own, head) = (&self.heads[at], &self.heads[*other]);
            *other != at && head.on == own.on && !head.duty
        };
        let mut others: Vec<usize> = (0..self.heads.len()).filter(others).collect();
        if others.is_empty() || !self.random.chance(35) {
            return None;
        }
        self.random.shuffle(&mut others);
        let words = *self.random.pick(&["excludes", "prevails over"]);
        others.truncate(1 + self.random.below(2));
        let mut names = Vec::new();
        for other in others {
            self.heads[other].yields_to.push(at);
            names.push(node!(Sort::Piece; self.heads[other].name.as_str()));
        }
        Some(node!(Sort::Piece; format!("  {words} "), List::new(names, 1, ", "), "\n"))
    }

    /// Of amounts of several measures the highest.
    pub fn bests(&mut self) -> Vec<Node> {
        let mut items = Vec::new();
        for at in 0..2 {
            if !self.random.chance(35) {
                continue;
            }
            let contenders = self.together(false);
            if contenders.len() < 2 {
                continue;
            }
            for (own, _) in &contenders {
                let others = contenders.iter().map(|(other, _)| *other).filter(|other| other != own);
                self.heads[*own].yields_to.extend(others);
            }
            let named = self.written(&contenders);
            items.push(node!(Sort::Piece; format!("best of h{at} {{ "), List::new(named, 2, ", "), " }\n"));
        }
        items
    }

    /// Pools that amounts are given out of.
    pub fn budgets(&mut self) -> Vec<Node> {
        let mut items = Vec::new();
        let mut drawn: Vec<(usize, String)> = Vec::new();
        for at in 0..3 {
            let mut draws = self.together(true);
            draws.retain(|draw| !drawn.contains(draw));
            let Some((first, benefit)) = draws.first().cloned() else { continue };
            drawn.extend(draws.iter().cloned());
            let head = self.heads[first].clone();
            let sort = head.amounts(None, true).into_iter().find(|(name, _)| *name == benefit);
            let Some((_, Sort::Number(unit))) = sort else { continue };
            self.at = head.on;
            let (named, pool, rule) = (self.written(&draws), self.pool(unit), self.rule());
            let known = self.random.chance(25).then(|| node!(Sort::Piece; "  known only\n"));
            items.push(node!(Sort::Piece;
                format!("budget u{at} = "), pool, " {\n  draws ", List::new(named, 1, ", "), "\n",
                rule, List::maybe(known), "}\n"));
        }
        items
    }

    /// What there is to give out: a constant.
    fn pool(&mut self, unit: Unit) -> Node {
        let sort = Sort::Number(unit);
        let param = self.name(|name| name.sort == sort && name.of == NameOf::Param);
        match param {
            Some(param) if self.random.chance(40) => param,
            Some(param) if self.random.chance(20) => node!(sort; "(", param, " * 50%)"),
            _ => match self.random.below(4) {
                0 => self.rough(unit),
                _ => {
                    let text = sorts::line(self.random, sort, 1, false, true).concat();
                    node!(sort; text)
                }
            },
        }
    }

    /// How it is given out.
    fn rule(&mut self) -> Node {
        let field = |name: &super::writer::Name| name.of != NameOf::Param && !name.across;
        let order = self.name(field).filter(|_| self.random.chance(70));
        let Some(order) = order else { return node!(Sort::Piece; "  pro rata\n") };
        let ties = self.name(field).filter(|_| self.random.chance(40));
        let ties = ties.map(|ties| node!(Sort::Piece; format!(", ties by {ties}")));
        let way = self.random.chance(50).then(|| node!(Sort::Piece; " descending"));
        let last = *self.random.pick(&["  last cut\n", "  last refused\n"]);
        // The name alone stands after `by`.
        let order = node!(Sort::Piece; order.to_string());
        node!(Sort::Piece; "  order by ", order, List::maybe(way), List::maybe(ties), "\n", last)
    }

    /// Amounts of one sort that measures for one kind of record give, in any order: for a budget such as it
    /// can give, of measures that look at no other records, nor give way to any that do, for records with a key.
    fn together(&mut self, budget: bool) -> Vec<(usize, String)> {
        let plain =
            |head: &Head| !head.across && head.yields_to.iter().all(|other| !self.heads[*other].across);
        let has_key = |head: &Head| !self.kinds[head.on].keys.is_empty();
        let fits = |head: &Head| !head.duty && (!budget || plain(head) && has_key(head));
        let heads: Vec<(usize, &Head)> =
            self.heads.iter().enumerate().filter(|(_, head)| fits(head)).collect();
        let all: Vec<(usize, Sort)> = heads
            .iter()
            .flat_map(|(at, head)| head.amounts(None, budget).into_iter().map(|(_, sort)| (*at, sort)))
            .collect();
        if all.is_empty() {
            return Vec::new();
        }
        let (first, sort) = all[self.random.below(all.len())];
        let same = heads.iter().filter(|(_, head)| head.on == self.heads[first].on);
        let mut found: Vec<(usize, String)> = same
            .flat_map(|(at, head)| head.amounts(Some(sort), budget).into_iter().map(|(name, _)| (*at, name)))
            .collect();
        self.random.shuffle(&mut found);
        // One of each measure.
        let mut seen = BTreeSet::new();
        found.retain(|(at, _)| seen.insert(*at));
        if budget {
            found.truncate(1 + self.random.below(4));
        }
        found
    }

    fn written(&self, amounts: &[(usize, String)]) -> Vec<Node> {
        let written = |(at, name): &(usize, String)| format!("{}.{name}", self.heads[*at].name);
        amounts.iter().map(|amount| node!(Sort::Piece; written(amount))).collect()
    }
}
