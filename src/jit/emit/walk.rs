//! Values that are chosen by conditions: `if`, decision tables, `match` and `otherwise`. The meaning is that
//! of `cases`, `match_arms` and `otherwise` in `value::ops`.

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, Value as V};

use super::choice::Choice;
use super::number::Tree;
use super::truth::{Truth, set_byte};
use super::{Causes, Emitter, Gap};
use crate::ir::{NodeId, Op};
use crate::jit::shape::Rep;
use crate::value::VariantSet;
use crate::value::ops::{Hit, Proved};

/// Which of several values may be the result, for each record.
#[derive(Debug, Clone, Default)]
pub struct Walk {
    /// The records for which each value is the result, or may be.
    takes: Vec<(V, NodeId)>,
    /// Records for which a test left more than one value possible.
    open: Option<V>,
    /// Records for which the choice itself is in error.
    error: Option<V>,
    /// Open records for which even a single value that is left is not certain.
    unsure: Option<V>,
    /// Tests that left something open, and for which records.
    tests: Vec<(V, NodeId)>,
}

impl Emitter<'_, '_> {
    pub fn walk(&mut self, node: NodeId) -> Walk {
        if let Some(walk) = self.walks.get(&node) {
            return walk.clone();
        }
        let walk = match self.op(node) {
            Op::Cases { hit: Hit::First, rows, default, proved } => self.first(rows, *default, *proved),
            Op::Cases { rows, default, proved, .. } => self.unique(rows, *default, *proved),
            Op::Match(on, arms) => self.arms(*on, arms),
            Op::Otherwise(a, b) => self.second(*a, *b),
            op => unreachable!("{op:?} chooses nothing"),
        };
        self.walks.insert(node, walk.clone());
        walk
    }

    fn first(&mut self, rows: &[(NodeId, NodeId)], default: Option<NodeId>, proved: Proved) -> Walk {
        let mut walk = Walk::default();
        let mut alive: Option<V> = None;
        for (test, value) in rows {
            let truth = self.truth(*test);
            let mut take = self.and_alive(alive, truth.yes);
            let mut left = self.not(truth.yes);
            if let Some(missing) = self.missing(truth) {
                let missing = self.and_alive(alive, missing);
                walk.tests.push((missing, *test));
                walk.open = self.either(walk.open, Some(missing));
                take = self.or(take, missing);
            }
            if let Some(error) = truth.error {
                let own = self.and_alive(alive, error);
                walk.error = self.either(walk.error, Some(own));
                left = self.but_not(left, error);
            }
            walk.takes.push((take, *value));
            alive = Some(self.and_alive(alive, left));
        }
        let alive = alive.unwrap_or_else(|| self.every());
        self.end(&mut walk, alive, default, proved.complete);
        walk
    }

    fn and_alive(&mut self, alive: Option<V>, mask: V) -> V {
        alive.map_or(mask, |alive| self.and(alive, mask))
    }

    /// Records that no row has taken for certain.
    fn end(&mut self, walk: &mut Walk, alive: V, default: Option<NodeId>, complete: bool) {
        match default {
            Some(default) => walk.takes.push((alive, default)),
            None => {
                let no_row = match walk.open {
                    Some(open) => self.but_not(alive, open),
                    None => alive,
                };
                if !complete {
                    walk.error = self.either(walk.error, Some(no_row));
                    walk.unsure = walk.open.map(|open| self.and(alive, open));
                }
            }
        }
    }

    fn unique(&mut self, rows: &[(NodeId, NodeId)], default: Option<NodeId>, proved: Proved) -> Walk {
        let none = self.none();
        let (mut seen, mut two, mut open, mut opens, mut error) = (none, none, None, none, None);
        let mut masks = Vec::with_capacity(rows.len());
        for (test, _) in rows {
            let truth = self.truth(*test);
            let again = self.and(seen, truth.yes);
            two = self.or(two, again);
            let hit = self.but_not(truth.yes, seen);
            seen = self.or(seen, truth.yes);
            let missing = self.missing(truth);
            if let Some(missing) = missing {
                let again = open.map_or(none, |open| self.and(open, missing));
                opens = self.or(opens, again);
                open = self.either(open, Some(missing));
            }
            error = self.either(error, truth.error);
            masks.push((hit, missing));
        }
        let mut walk = Walk::default();
        let settled = if proved.exclusive {
            walk.error = error.map(|error| self.but_not(error, seen));
            seen
        } else {
            walk.error = self.either(error, Some(two));
            none
        };
        for ((test, value), (hit, missing)) in rows.iter().zip(masks) {
            let missing = missing.map(|missing| self.but_not(missing, settled));
            if let Some(missing) = missing {
                walk.tests.push((missing, *test));
            }
            let take = self.either(Some(hit), missing).unwrap_or(hit);
            walk.takes.push((take, *value));
        }
        walk.open = open.map(|open| self.but_not(open, settled));
        let mut alive = self.not(seen);
        if let Some(error) = walk.error {
            alive = self.but_not(alive, error);
        }
        self.end(&mut walk, alive, default, proved.complete);
        if let (Some(open), false) = (walk.open, proved.exclusive) {
            // Two rows may turn out to fit.
            let both = self.and(seen, open);
            let many = self.or(both, opens);
            walk.unsure = self.either(walk.unsure, Some(many));
        }
        walk
    }

    fn arms(&mut self, on: NodeId, arms: &[(VariantSet, NodeId)]) -> Walk {
        let choice = self.choice(on);
        let mut walk = Walk { error: choice.gap.error, ..Walk::default() };
        if choice.gap.missing.is_none() {
            for (set, value) in arms {
                let mut take = self.member(on, choice.code, *set);
                if let Some(error) = walk.error {
                    take = self.but_not(take, error);
                }
                walk.takes.push((take, *value));
            }
            return walk;
        }
        let planes = self.sets(on);
        let none = self.none();
        let (mut seen, mut several) = (none, none);
        for (set, value) in arms {
            let mut left = none;
            for (at, plane) in planes.iter().enumerate() {
                let byte = self.bytes(set_byte(*set, at));
                let own = self.and(*plane, byte);
                left = self.or(left, own);
            }
            let away = self.b.ins().icmp(IntCC::Equal, left, none);
            let mut take = self.not(away);
            if let Some(error) = walk.error {
                take = self.but_not(take, error);
            }
            let again = self.and(seen, take);
            several = self.or(several, again);
            seen = self.or(seen, take);
            walk.takes.push((take, *value));
        }
        walk.open = Some(several);
        walk.tests.push((several, on));
        walk
    }

    fn second(&mut self, a: NodeId, b: NodeId) -> Walk {
        let every = self.every();
        match self.gap(a).missing {
            None => Walk { takes: vec![(every, a)], ..Walk::default() },
            Some(missing) => {
                let there = self.not(missing);
                Walk { takes: vec![(there, a), (missing, b)], ..Walk::default() }
            }
        }
    }

    /// Errors of the choice and of the values that may be taken.
    fn walk_error(&mut self, walk: &Walk) -> Option<V> {
        let mut error = walk.error;
        for (take, value) in &walk.takes {
            if self.form(*value).error {
                let own = self.gap(*value).error.map(|own| self.and(*take, own));
                error = self.either(error, own);
            }
        }
        error
    }

    /// Where a value that may be taken is missing.
    fn walk_missing(&mut self, walk: &Walk) -> Option<V> {
        let mut missing = None;
        for (take, value) in &walk.takes {
            if self.form(*value).missing {
                let own = self.gap(*value).missing.map(|own| self.and(*take, own));
                missing = self.either(missing, own);
            }
        }
        missing
    }

    /// The gap of values that are not settled by being alone.
    pub fn walk_gap(&mut self, walk: &Walk) -> Gap {
        let error = self.walk_error(walk);
        let own = self.walk_missing(walk);
        let mut missing = self.either(walk.open, own);
        if let (Some(open), Some(error)) = (missing, error) {
            missing = Some(self.but_not(open, error));
        }
        Gap { missing, error }
    }

    pub fn walk_truth(&mut self, walk: &Walk) -> Truth {
        let error = self.walk_error(walk);
        let plain = walk.open.is_none() && walk.takes.iter().all(|(_, value)| !self.form(*value).missing);
        let (mut yes, mut no) = (self.none(), self.none());
        for (take, value) in &walk.takes {
            let truth = self.truth(*value);
            let own = match truth.no {
                Some(no) if !plain => self.not(no),
                _ => truth.yes,
            };
            let own = self.and(*take, own);
            yes = self.or(yes, own);
            if !plain || error.is_some() {
                let own = if plain { self.no(truth) } else { self.not(truth.yes) };
                let own = self.and(*take, own);
                no = self.or(no, own);
            }
        }
        if plain && error.is_none() {
            return Truth { yes, no: None, error: None };
        }
        // What may be true and cannot be false is true.
        let (mut sure, mut against) = (self.but_not(yes, no), self.but_not(no, yes));
        for doubt in [error, walk.unsure].into_iter().flatten() {
            (sure, against) = (self.but_not(sure, doubt), self.but_not(against, doubt));
        }
        Truth { yes: sure, no: Some(against), error }
    }

    pub fn walk_choice(&mut self, node: NodeId, walk: &Walk) -> Choice {
        let error = self.walk_error(walk);
        let mut code = self.none();
        let Rep::Enum { variants } = self.form(node).rep else { unreachable!("only enums have variants") };
        let can_miss = self.form(node).missing;
        let mut sets = vec![self.none(); if can_miss { variants.div_ceil(8) } else { 0 }];
        for (take, value) in &walk.takes {
            let own = self.choice(*value);
            code = self.select(*take, own.code, code);
            if can_miss {
                for (set, own) in sets.iter_mut().zip(self.sets(*value)) {
                    let own = self.and(*take, own);
                    *set = self.or(*set, own);
                }
            }
        }
        let values = self.walk_missing(walk);
        let missing = walk.open.map(|open| {
            let several = self.several(&sets);
            let doubt = self.either(Some(several), walk.unsure).unwrap_or(several);
            self.and(open, doubt)
        });
        let values = match (values, walk.open) {
            (Some(values), Some(open)) => Some(self.but_not(values, open)),
            (values, _) => values,
        };
        let mut missing = self.either(missing, values);
        if let (Some(open), Some(error)) = (missing, error) {
            missing = Some(self.but_not(open, error));
        }
        if can_miss && missing.is_none() {
            missing = Some(self.none());
        }
        Choice { code, sets, gap: Gap { missing, error } }
    }

    pub fn walk_tree(&mut self, node: NodeId, walk: &Walk) -> Tree {
        let Rep::Int(int) = self.form(node).rep else { unreachable!("only whole numbers have trees") };
        let mut takes = walk.takes.iter().rev();
        let mut tree = match takes.next() {
            Some((_, last)) => self.tree_in(*last, int.denominator),
            None => Tree::Const(0),
        };
        for (take, value) in takes {
            let own = self.tree_in(*value, int.denominator);
            tree = match (own, tree) {
                (own, Tree::Const(0)) => Tree::Where(*take, Box::new(own)),
                (own, rest) => Tree::Select(*take, Box::new(own), Box::new(rest)),
            };
        }
        tree
    }

    /// Which of the values to take, by number; 255 for none.
    pub fn pick(&mut self, walk: &Walk) -> V {
        let mut pick = self.every();
        for (at, (take, _)) in walk.takes.iter().enumerate().take(usize::from(NOTHING)) {
            let own = self.bytes(at as u8);
            pick = self.select(*take, own, pick);
        }
        pick
    }

    pub fn walk_causes(&mut self, walk: &Walk) -> Causes {
        let mut causes = Causes::new();
        for (mask, node) in walk.tests.iter().chain(&walk.takes) {
            let own = self.causes(*node);
            self.add_causes_where(&mut causes, *mask, own);
        }
        causes
    }
}

/// The pick where nothing is taken. What stands beyond so many values is never picked, and left to the
/// interpreter.
pub const NOTHING: u8 = u8::MAX;

/// The operands that a walk may take, in the order of its picks.
pub fn picked(op: &Op) -> Vec<NodeId> {
    match op {
        Op::Cases { rows, default, .. } => rows.iter().map(|(_, value)| *value).chain(*default).collect(),
        Op::Match(_, arms) => arms.iter().map(|(_, value)| *value).collect(),
        Op::Otherwise(a, b) => vec![*a, *b],
        _ => Vec::new(),
    }
}
