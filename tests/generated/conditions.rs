//! Conditions of every form.

use super::sorts::{self, Sort};
use super::tree::{List, Node};
use super::writer::{NameOf, Writer};
use crate::node;

const COMPARISONS: [&str; 14] =
    ["==", "!=", "<", "<=", ">", ">=", "≥", "≠", "不低于", "不超过", "超过", "不满", "等于", "不等于"];

impl Writer<'_> {
    pub fn condition(&mut self, depth: usize) -> Node {
        let inner = depth - 1;
        match self.random.below(18) {
            0..=4 => self.comparison(inner),
            5 | 6 => self.variant_test(inner),
            7 => self.text_test(inner),
            8 | 9 => self.range_test(inner),
            10 => self.set_test(inner),
            11 => {
                let sort = self.any_sort();
                node!(Sort::Bool; "(known ", self.open(sort, inner.min(1)), ")")
            }
            16 => self.list_test(inner),
            17 => self.aggregate(Sort::Bool).unwrap_or_else(|| self.comparison(inner)),
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

    /// Whether a text field stands in a list.
    fn list_test(&mut self, depth: usize) -> Node {
        let list = self.random.maybe(&self.lists).cloned();
        let field = self.name(|name| name.sort == Sort::Text && name.of == NameOf::Field);
        match (field, list) {
            (Some(field), Some(list)) => {
                let word = *self.random.pick(&[" in ", " not in "]);
                node!(Sort::Bool; "(", field, format!("{word}{list})"))
            }
            _ => self.text_test(depth),
        }
    }
}
