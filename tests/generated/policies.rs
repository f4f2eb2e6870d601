//! Whole policy sets: kinds of record, what is declared about them, their measures, and what is said between those.

use super::kinds::Kind;
use super::random::Random;
use super::sorts::{Sort, Unit};
use super::tree::{List, Node};
use super::writer::{NameOf, Writer};
use crate::node;

/// How large a set is.
#[derive(Debug, Clone, Copy)]
struct Size {
    fields: usize,
    measures: usize,
    depth: usize,
}

impl Size {
    fn any(random: &mut Random, kinds: usize) -> Size {
        match random.below(50) {
            _ if kinds > 1 => Size { fields: 3 + random.below(3), measures: 1 + random.below(2), depth: 2 },
            0 => Size { fields: 24, measures: 10 + random.below(21), depth: 3 },
            1..=4 => Size { fields: 14, measures: 3 + random.below(5), depth: 3 },
            5..=9 => Size { fields: 8, measures: 1, depth: 5 },
            _ => Size { fields: 3 + random.below(6), measures: 1 + random.below(2), depth: 3 },
        }
    }
}

/// A policy set as a tree of its text.
pub fn policy(random: &mut Random) -> Node {
    let kinds = Kind::some(random);
    let size = Size::any(random, kinds.len());
    let mut writer = Writer::new(random, kinds);
    let mut items = vec![writer.header()];
    items.extend((0..writer.enums.len()).map(|at| writer.enum_item(at)));
    items.extend(writer.files());
    for at in 0..writer.kinds.len() {
        let fields = if at == 0 { size.fields } else { 1 + writer.random.below(4) };
        let record = writer.record(at, fields);
        items.push(record);
    }
    writer.at = 0;
    items.extend((0..writer.random.below(5)).map(|at| writer.param(at)));
    items.extend((0..writer.random.below(3)).map(|at| writer.table(at)));
    items.extend(writer.defines(size.depth));
    // In one set of six an amount of money is given out of a budget, and each measure may draw on it.
    let pool = writer.random.chance(30);
    writer.plan_measures(size.measures + usize::from(pool));
    for at in 0..writer.heads.len() {
        writer.exact = pool && writer.random.chance(80);
        let measure = writer.measure(at, size.depth);
        items.push(measure);
    }
    items.extend(writer.bests());
    items.extend(writer.budgets());
    node!(Sort::Piece; List::new(items, 1, ""))
}

impl Writer<'_> {
    fn header(&mut self) -> Node {
        let first = *self.random.pick(&["2019-01-01", "2019-01-01", "2020-02-29"]);
        let mut members = vec![format!("in force from {first}")];
        if self.rounding {
            let step = self.step(Unit::Money);
            let mode = *self.random.pick(&["half_up", "half_even", "up", "down"]);
            members.push(format!("rounding {mode} to {step}"));
        }
        if self.day_rule {
            members.push(format!("dates round {}", self.random.pick(&["up", "down"])));
        }
        node!(Sort::Piece; format!("policy p {{ {} }}\n", members.join(" ")))
    }

    fn enum_item(&mut self, at: usize) -> Node {
        let variants: Vec<Node> =
            (0..self.enums[at]).map(|variant| node!(Sort::Piece; format!("e{at}v{variant}"))).collect();
        node!(Sort::Piece; format!("enum E{at} {{ "), List::new(variants, 1, ", "), " }\n")
    }

    /// Defines on every kind of record: first those that look at the record alone, which others may look up.
    fn defines(&mut self, depth: usize) -> Vec<Node> {
        let mut items = Vec::new();
        let mut count = 0;
        let several = self.kinds.len() > 1;
        // Values across records need two passes; half of the sets of one kind do without.
        let across = several || !self.kinds[0].owners.is_empty() || self.random.chance(50);
        for pass in 0..2 {
            self.across = across && pass == 1;
            for at in 0..self.kinds.len() {
                self.at = at;
                let most = if several { 3 } else { 4 };
                for _ in 0..self.random.below(most) {
                    let open = pass == 0 && self.random.chance(25);
                    let define = match open {
                        true => self.open_define(count, depth),
                        false => self.define(count, depth),
                    };
                    items.push(define);
                    count += 1;
                }
            }
            if pass == 0 {
                self.relate();
            }
        }
        items
    }

    fn define(&mut self, at: usize, depth: usize) -> Node {
        let sort = self.define_sort();
        self.looked = false;
        let body = self.define_body(sort, depth);
        let name = format!("d{at}");
        let amends = (0..self.random.below(8).saturating_sub(5)).map(|_| {
            let day = self.day();
            let value = self.define_body(sort, depth.min(2));
            node!(Sort::Piece; format!("amend {name} from {day} = "), value, "\n")
        });
        let amends = amends.collect();
        let across = self.looked;
        let kind = self.kinds[self.at].name;
        self.declare(&name, sort, NameOf::Define).across = across;
        node!(Sort::Piece; format!("define {name} for {kind} = "), body, "\n", List::new(amends, 0, ""))
    }

    pub fn define_sort(&mut self) -> Sort {
        match self.random.below(4) {
            0 => Sort::Bool,
            1 => self.any_sort(),
            _ => self.any_number(),
        }
    }

    /// A third of the defines look across records, where they may.
    fn define_body(&mut self, sort: Sort, depth: usize) -> Node {
        if self.random.chance(35)
            && let Some(node) = self.aggregate(sort)
        {
            return node;
        }
        self.expr(sort, depth)
    }
}
