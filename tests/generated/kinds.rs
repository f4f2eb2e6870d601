//! The kinds of record of a set: their keys, what they belong to, their fields.

use super::random::Random;
use super::sorts::{self, Sort, Unit};
use super::tree::{List, Node};
use super::writer::{Name, NameOf, Writer};
use crate::node;

/// A kind of record.
#[derive(Debug, Clone)]
pub struct Kind {
    pub name: &'static str,
    /// Of each of its key fields.
    pub keys: Vec<Sort>,
    /// The kinds that it belongs to, by position.
    pub owners: Vec<usize>,
}

const NAMES: [&str; 3] = ["R", "S", "T"];

impl Kind {
    /// One kind, mostly; others with ties of every form.
    pub fn some(random: &mut Random) -> Vec<Kind> {
        let ties: &[&[usize]] = match random.below(20) {
            0..=10 => &[&[]],
            11 => &[&[0]],
            12..=14 => &[&[1], &[]],
            15 | 16 => &[&[], &[0]],
            17 => &[&[1, 2], &[], &[]],
            18 => &[&[1], &[], &[0, 1]],
            _ => &[&[], &[], &[1]],
        };
        let owned = |at: usize| ties.iter().any(|owners| owners.contains(&at));
        let kinds = ties.iter().enumerate().map(|(at, owners)| {
            let count = if owned(at) { 1 } else { *random.pick(&[0, 1, 1, 1, 1, 1, 2]) };
            let keys = (0..count).map(|_| match random.below(8) {
                0 | 1 => Sort::Number(Unit::Plain),
                2 => Sort::Date,
                _ => Sort::Text,
            });
            Kind { name: NAMES[at], keys: keys.collect(), owners: owners.to_vec() }
        });
        kinds.collect()
    }
}

/// The type of a key of a sort.
fn key_type(sort: Sort) -> &'static str {
    match sort {
        Sort::Number(_) => "count",
        Sort::Date => "date",
        _ => "text",
    }
}

impl Writer<'_> {
    pub fn record(&mut self, at: usize, fields: usize) -> Node {
        self.at = at;
        let kind = self.kinds[at].clone();
        let mut items = Vec::new();
        for (place, sort) in kind.keys.iter().enumerate() {
            let name = format!("id{place}");
            items.push(node!(Sort::Piece; format!("  key {name}: {}\n", key_type(*sort))));
            let whole = matches!(sort, Sort::Number(_));
            self.declare(&name, *sort, NameOf::Field).whole = whole;
        }
        for owner in kind.owners {
            let (name, owner) = (format!("to{owner}"), &self.kinds[owner]);
            let (sort, optional) = (owner.keys[0], if self.random.chance(30) { "?" } else { "" });
            let tie =
                format!("  {name}: {}{optional}\n  belongs to {} via {name}\n", key_type(sort), owner.name);
            items.push(node!(Sort::Piece; tie));
            self.declare(&name, sort, NameOf::Field);
        }
        for at in 0..fields {
            let field = self.field(&format!("f{at}"));
            items.push(field);
        }
        node!(Sort::Piece; format!("record {} {{\n", kind.name), List::new(items, 1, ""), "}\n")
    }

    fn field(&mut self, name: &str) -> Node {
        let sort = self.any_sort();
        let (ty, whole, positive) = self.field_type(sort);
        let optional = if self.random.chance(30) { "?" } else { "" };
        let ranged = matches!(sort, Sort::Number(_) | Sort::Date) && self.random.chance(50);
        let range = match sorts::line(self.random, sort, 2, whole, positive).as_slice() {
            [low, high] if ranged => Some(node!(Sort::Piece; format!(" in {low}..{high}"))),
            _ => None,
        };
        // What follows a unit of data is no part of the type.
        let (ty, unit) = ty.split_once(" as ").map_or((ty.as_str(), None), |(ty, unit)| (ty, Some(unit)));
        let unit = unit.map(|unit| node!(Sort::Piece; format!(" as {unit}")));
        let head = format!("  {name}: {ty}{optional}");
        self.declare(name, sort, NameOf::Field).whole = whole;
        node!(Sort::Piece; head, List::maybe(unit), List::maybe(range), "\n")
    }

    /// The type of a field, whether its values are whole, and whether they are at least zero.
    pub fn field_type(&mut self, sort: Sort) -> (String, bool, bool) {
        let (text, whole, positive) = match sort {
            Sort::Bool => ("bool", false, false),
            Sort::Text => ("text", false, false),
            Sort::Date => ("date", true, true),
            Sort::Time => ("time", false, false),
            Sort::Enum(at) => return (format!("E{at}"), false, false),
            Sort::Number(Unit::Plain) if self.random.chance(50) => ("count", true, true),
            Sort::Number(Unit::Plain) => ("number", false, false),
            Sort::Number(Unit::People) => ("count 人", true, true),
            Sort::Number(Unit::PerHead) => ("number 元/人", false, false),
            Sort::Number(Unit::Money) => {
                (*self.random.pick(&["money", "money", "money as 万元", "money as 亿元"]), false, false)
            }
            Sort::Number(Unit::Dollars) => ("money USD", false, false),
            Sort::Number(Unit::Rate) => ("rate", false, false),
            Sort::Number(Unit::Points) => ("points", false, false),
            Sort::Number(Unit::Days) => ("days", true, true),
            Sort::Number(Unit::Months) => ("months", true, true),
            Sort::Number(Unit::Hours) => ("hours", false, true),
            Sort::Number(Unit::Tons) => {
                (*self.random.pick(&["number 吨", "number 吨 as 公斤"]), false, false)
            }
            Sort::Piece | Sort::Pattern => ("bool", false, false),
        };
        (text.to_owned(), whole, positive)
    }

    /// Lets each kind name what those that it belongs to have: fields, and defines that look no further.
    pub fn relate(&mut self) {
        let mut related = Vec::new();
        for (at, kind) in self.kinds.iter().enumerate() {
            for owner in &kind.owners {
                let theirs = self.names.iter().filter(|name| name.on == Some(*owner) && !name.across);
                related.extend(theirs.map(|name| Name {
                    text: format!("{}.{}", self.kinds[*owner].name, name.text),
                    of: NameOf::Related,
                    on: Some(at),
                    across: true,
                    ..name.clone()
                }));
            }
        }
        self.names.extend(related);
    }
}
