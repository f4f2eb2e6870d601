//! Whole policy sets: one kind of record, what is declared about it, and its measures.

use super::random::Random;
use super::sorts::{self, Sort, UNITS, Unit};
use super::tree::{List, Node};
use super::writer::{Name, NameOf, Writer};
use crate::node;

/// How large a set is.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    pub fields: usize,
    pub measures: usize,
    pub depth: usize,
}

impl Size {
    pub fn any(random: &mut Random) -> Size {
        match random.below(50) {
            0 => Size { fields: 24, measures: 10 + random.below(21), depth: 3 },
            1..=4 => Size { fields: 14, measures: 3 + random.below(5), depth: 3 },
            5..=9 => Size { fields: 8, measures: 1, depth: 5 },
            _ => Size { fields: 3 + random.below(6), measures: 1 + random.below(2), depth: 3 },
        }
    }
}

/// A policy set as a tree of its text.
pub fn policy(random: &mut Random) -> Node {
    let size = Size::any(random);
    let day_rule = random.chance(85);
    let enums =
        (0..random.below(4)).map(|_| *random.pick(&[1, 2, 2, 5, 5, 5, 20, 20, 70, 70, 200])).collect();
    let mut writer = Writer {
        random,
        enums,
        names: Vec::new(),
        tables: Vec::new(),
        across: false,
        looked: false,
        inside: false,
        day_rule,
    };
    let rounding = writer.random.chance(85);
    let mut items = vec![writer.header(rounding)];
    items.extend((0..writer.enums.len()).map(|at| writer.enum_item(at)));
    let record = writer.record(size.fields);
    items.push(record);
    for at in 0..writer.random.below(5) {
        let param = writer.param(at);
        items.push(param);
    }
    for at in 0..writer.random.below(3) {
        let table = writer.table(at);
        items.push(table);
    }
    // Values across records need two passes; half of the sets do without.
    writer.across = writer.random.chance(50);
    for at in 0..writer.random.below(5) {
        let define = writer.define(at, size.depth);
        items.push(define);
    }
    for at in 0..size.measures {
        let measure = writer.measure(at, size.depth, rounding);
        items.push(measure);
    }
    node!(Sort::Piece; List::new(items, 1, ""))
}

impl Writer<'_> {
    fn header(&mut self, rounding: bool) -> Node {
        let mut members = vec!["in force from 2019-01-01".to_owned()];
        if rounding {
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

    fn record(&mut self, fields: usize) -> Node {
        let mut items = Vec::new();
        if self.random.chance(70) {
            items.push(node!(Sort::Piece; "  key id: text\n"));
        }
        for at in 0..fields {
            let sort = self.any_sort();
            let name = format!("f{at}");
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
            items.push(node!(Sort::Piece; head, List::maybe(unit), List::maybe(range), "\n"));
            self.names.push(Name { text: name, sort, whole, of: NameOf::Field, across: false });
        }
        node!(Sort::Piece; "record R {\n", List::new(items, 1, ""), "}\n")
    }

    /// The type of a field, whether its values are whole, and whether they are at least zero.
    fn field_type(&mut self, sort: Sort) -> (String, bool, bool) {
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

    /// A param of one value or of steps, the first of which may be yet to come.
    fn param(&mut self, at: usize) -> Node {
        let unit = match self.sort_in_use(|sort| matches!(sort, Sort::Number(_))) {
            Some(Sort::Number(unit)) if self.random.chance(60) => unit,
            _ => *self.random.pick(&UNITS),
        };
        let sort = Sort::Number(unit);
        let whole = unit.is_counted();
        let name = format!("k{at}");
        if self.random.chance(25) {
            let open = self.open_param(&name, sort);
            self.names.push(Name { text: name, sort, whole: false, of: NameOf::Param, across: false });
            return open;
        }
        let value = |writer: &mut Self| {
            let text = sorts::line(writer.random, sort, 1, whole, whole).concat();
            node!(sort; text)
        };
        let body = if self.random.chance(40) {
            node!(Sort::Piece; "= ", value(self))
        } else {
            let count = 1 + self.random.below(3);
            let days = sorts::line(self.random, Sort::Date, count, true, true);
            let steps = days.iter().enumerate().map(|(at, day)| {
                let until = match days.get(at + 1) {
                    Some(next) if self.random.chance(20) => format!(" until {next}"),
                    None if self.random.chance(10) => " until 2023-01-01".to_owned(),
                    _ => String::new(),
                };
                node!(Sort::Piece; format!("from {day}{until}: "), value(self))
            });
            let steps = steps.collect();
            node!(Sort::Piece; "{ ", List::new(steps, 1, "  "), " }")
        };
        self.names.push(Name { text: name.clone(), sort, whole, of: NameOf::Param, across: false });
        node!(Sort::Piece; format!("param {name} "), body, "\n")
    }

    /// A param that is left to others, with bounds or without, filled in or not.
    fn open_param(&mut self, name: &str, sort: Sort) -> Node {
        let (ty, _, positive) = self.field_type(sort);
        let ty = ty.split_once(" as ").map_or(ty.as_str(), |(ty, _)| ty);
        let values = sorts::line(self.random, sort, 3, ty.starts_with("count"), positive);
        let [low, within, high] = &values[..] else {
            return node!(Sort::Piece; format!("open param {name}: {ty}\n"));
        };
        let bounds = match self.random.below(4) {
            0 => String::new(),
            1 => format!(" at least {low}"),
            2 => format!(" at most {high}"),
            _ => format!(" between {low} and {high}"),
        };
        let fill = self.random.chance(40).then(|| {
            let value = if self.random.chance(50) {
                format!("= {within}")
            } else {
                format!("{{ from 2020-03-01: {within} }}")
            };
            node!(Sort::Piece; format!("fill {name} {value}\n"))
        });
        node!(Sort::Piece; format!("open param {name}: {ty}{bounds}\n"), List::maybe(fill))
    }

    fn define(&mut self, at: usize, depth: usize) -> Node {
        let sort = match self.random.below(4) {
            0 => Sort::Bool,
            1 => self.any_sort(),
            _ => Sort::Number(*self.random.pick(&UNITS)),
        };
        self.looked = false;
        let body = self.define_body(sort, depth);
        let name = format!("d{at}");
        let across = self.looked;
        self.names.push(Name { text: name.clone(), sort, whole: false, of: NameOf::Define, across });
        node!(Sort::Piece; format!("define {name} for R = "), body, "\n")
    }

    /// A third of the defines look across records, where they may.
    fn define_body(&mut self, sort: Sort, depth: usize) -> Node {
        if let Sort::Number(unit) = sort
            && self.random.chance(35)
            && let Some(node) = self.aggregate(unit)
        {
            return node;
        }
        self.expr(sort, depth)
    }
}
