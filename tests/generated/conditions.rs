//! Conditions of every form.

use super::sorts::{self, Sort, UNITS, Unit};
use super::tree::{List, Node};
use super::writer::Writer;
use crate::node;

const COMPARISONS: [&str; 14] =
    ["==", "!=", "<", "<=", ">", ">=", "≥", "≠", "不低于", "不超过", "超过", "不满", "等于", "不等于"];

impl Writer<'_> {
    pub fn condition(&mut self, depth: usize) -> Node {
        let inner = depth - 1;
        match self.random.below(16) {
            0..=4 => self.comparison(inner),
            5 | 6 => self.variant_test(inner),
            7 => self.text_test(inner),
            8 | 9 => self.range_test(inner),
            10 => self.set_test(inner),
            11 => {
                let sort = self.any_sort();
                node!(Sort::Bool; "(known ", self.open(sort, inner.min(1)), ")")
            }
            12 => node!(Sort::Bool; "(not ", self.expr(Sort::Bool, inner), ")"),
            13 => {
                let (a, b) = (self.open(Sort::Bool, inner), self.expr(Sort::Bool, inner));
                node!(Sort::Bool; "(", a, *self.random.pick(&[" == ", " != "]), b, ")")
            }
            _ => {
                let count = 2 + self.random.below(3);
                let parts = (0..count).map(|_| self.expr(Sort::Bool, inner)).collect();
                let between = *self.random.pick(&[" and ", " or "]);
                node!(Sort::Bool; "(", List::new(parts, 1, between), ")")
            }
        }
    }

    /// A sort with an order, of some field if possible.
    pub fn line_sort(&mut self) -> Sort {
        let ordered = |sort| matches!(sort, Sort::Number(_) | Sort::Date | Sort::Time);
        match self.sort_in_use(ordered) {
            Some(sort) if self.random.chance(85) => sort,
            _ => self.ordered_sort(),
        }
    }

    fn comparison(&mut self, depth: usize) -> Node {
        let sort = self.line_sort();
        let sign = *self.random.pick(&COMPARISONS);
        let (a, b) = (self.open(sort, depth), self.expr(sort, depth));
        if self.random.chance(12) {
            let bound = *self.random.pick(&["以上", "以下", "以外"]);
            return node!(Sort::Bool; "(", a, " 在 ", b, format!(" {bound})"));
        }
        node!(Sort::Bool; "(", a, format!(" {sign} "), b, ")")
    }

    fn variant_test(&mut self, depth: usize) -> Node {
        if self.enums.is_empty() {
            return self.comparison(depth);
        }
        let at = self.enum_in_use();
        let subject = self.open(Sort::Enum(at), depth);
        if self.random.chance(50) {
            let sign = *self.random.pick(&[" == ", " != "]);
            return node!(Sort::Bool; "(", subject, sign, self.expr(Sort::Enum(at), depth.min(1)), ")");
        }
        let members = self.members(Sort::Enum(at));
        let word = *self.random.pick(&[" in {", " not in {", " 属于 {", " 不属于 {"]);
        node!(Sort::Bool; "(", subject, word, List::new(members, 1, ", "), "})")
    }

    fn text_test(&mut self, depth: usize) -> Node {
        let (a, b) = (self.open(Sort::Text, depth), self.expr(Sort::Text, depth.min(1)));
        node!(Sort::Bool; "(", a, *self.random.pick(&[" == ", " != "]), b, ")")
    }

    fn range_test(&mut self, depth: usize) -> Node {
        let sort = self.line_sort();
        let subject = self.open(sort, depth);
        let word = *self.random.pick(&[" in ", " in ", " not in "]);
        let (low, high) = match sorts::line(self.random, sort, 2, false, true).as_slice() {
            [low, high] if self.random.chance(70) => (node!(sort; low.as_str()), node!(sort; high.as_str())),
            _ => (self.open(sort, depth), self.open(sort, depth)),
        };
        let dots = *self.random.pick(&["..", " ..< "]);
        node!(Sort::Bool; "(", subject, word, low, dots, high, ")")
    }

    fn set_test(&mut self, depth: usize) -> Node {
        let sort = match self.random.below(4) {
            0 => Sort::Text,
            1 => Sort::Bool,
            _ => self.line_sort(),
        };
        let subject = self.open(sort, depth);
        let word = *self.random.pick(&[" in {", " not in {"]);
        let members = self.members(sort);
        node!(Sort::Bool; "(", subject, word, List::new(members, 1, ", "), "})")
    }

    fn members(&mut self, sort: Sort) -> Vec<Node> {
        let most = if matches!(sort, Sort::Enum(_)) { 12 } else { 4 };
        let count = 1 + self.random.below(most);
        (0..count)
            .map(|_| if self.random.chance(90) { self.literal(sort) } else { self.leaf(sort) })
            .collect()
    }

    /// A value across records of this kind.
    pub fn aggregate(&mut self, unit: Unit) -> Option<Node> {
        if !self.across {
            return None;
        }
        let kind = match unit {
            Unit::Plain => *self.random.pick(&["rank", "count", "sum", "average", "min", "max"]),
            _ => *self.random.pick(&["sum", "average", "min", "max"]),
        };
        let (across, inside) = (self.across, self.inside);
        (self.across, self.inside) = (false, true);
        let of = if kind == "rank" { self.line_number() } else { Sort::Number(unit) };
        let value = self.open(of, 1);
        let filter = self.random.chance(35).then(|| {
            let condition = self.expr(Sort::Bool, 2);
            node!(Sort::Piece; " where ", condition)
        });
        let group = if self.random.chance(35) { self.name(|name| !name.across) } else { None };
        let group = group.map(|group| node!(Sort::Piece; " by ", node!(Sort::Piece; group.to_string())));
        let tie = if kind == "rank" { self.name(|name| !name.across) } else { None };
        (self.across, self.inside) = (across, inside);
        self.looked = true;
        let (filter, group) = (List::maybe(filter), List::maybe(group));
        let sort = Sort::Number(unit);
        Some(match kind {
            "count" => node!(sort; "(count of R", filter, group, ")"),
            "rank" => {
                let order = *self.random.pick(&[" ascending", " descending"]);
                let ties = tie.filter(|_| self.random.chance(50)).map_or_else(
                    || self.random.pick(&["", ", ties share"]).to_string(),
                    |tie| format!(", ties by {tie}"),
                );
                node!(sort; "(rank by ", value, order, ties, filter, group, ")")
            }
            kind => {
                let known = *self.random.pick(&["", "known "]);
                let over = *self.random.pick(&["", " over R"]);
                node!(sort; format!("({kind} of {known}"), value, over, filter, group, ")")
            }
        })
    }

    fn line_number(&mut self) -> Sort {
        let numbers = |sort| matches!(sort, Sort::Number(_) | Sort::Date);
        let spare = Sort::Number(*self.random.pick(&UNITS));
        self.sort_in_use(numbers).unwrap_or(spare)
    }

    /// The earliest or latest day across records.
    pub fn date_across(&mut self) -> Option<Node> {
        if !self.across {
            return None;
        }
        let (across, inside) = (self.across, self.inside);
        (self.across, self.inside) = (false, true);
        let value = self.open(Sort::Date, 1);
        (self.across, self.inside) = (across, inside);
        self.looked = true;
        let words = *self.random.pick(&["(min of ", "(max of ", "(min of known ", "(max of known "]);
        Some(node!(Sort::Date; words, value, ")"))
    }
}
