//! What is given from outside of the rules: params, what is left open to others, lists and calendars.

use super::sets::{CALENDARS, LISTS};
use super::sorts::{self, Sort, UNITS};
use super::tree::{List, Node};
use super::writer::{NameOf, Writer};
use crate::node;

impl Writer<'_> {
    pub fn any_number(&mut self) -> Sort {
        Sort::Number(*self.random.pick(&UNITS))
    }

    /// A day around which the policies turn, as a literal.
    pub fn day(&mut self) -> String {
        sorts::day(self.random).to_string()
    }

    /// Lists and calendars, whose files are the same for all sets.
    pub fn files(&mut self) -> Vec<Node> {
        let mut items = Vec::new();
        for at in 0..self.random.below(5).saturating_sub(2) {
            let (file, _) = self.random.pick(&LISTS);
            items.push(node!(Sort::Piece; format!("register g{at} from \"{file}\" key name\n")));
            self.lists.push(format!("g{at}"));
        }
        for at in 0..self.random.below(3).saturating_sub(1) {
            let (file, _) = self.random.pick(&CALENDARS);
            let covers = *self.random.pick(&["2018-01-01..2022-12-31", "2020-01-01..2020-12-31"]);
            items.push(node!(Sort::Piece; format!("calendar w{at} from \"{file}\" {{ covers {covers} }}\n")));
            self.calendars.push(format!("w{at}"));
        }
        items
    }

    /// A param of one value or of steps, the first of which may be yet to come.
    pub fn param(&mut self, at: usize) -> Node {
        let sort = match self.sort_in_use(|sort| matches!(sort, Sort::Number(_))) {
            Some(sort) if self.random.chance(60) => sort,
            _ => self.any_number(),
        };
        let whole = matches!(sort, Sort::Number(unit) if unit.is_counted());
        let name = format!("k{at}");
        if self.random.chance(25) {
            let open = self.open_param(&name, sort);
            self.declare(&name, sort, NameOf::Param);
            return open;
        }
        let value = |writer: &mut Self| {
            let text = sorts::line(writer.random, sort, 1, whole, whole).concat();
            node!(sort; text)
        };
        let mut latest = "2018-01-01".to_owned();
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
            latest = days.concat().split_off(10 * (days.len() - 1));
            node!(Sort::Piece; "{ ", List::new(steps, 1, "  "), " }")
        };
        // Later texts change it after its last step.
        let day = self.day();
        let amend = (self.random.chance(30) && latest < day)
            .then(|| node!(Sort::Piece; format!("amend {name} from {day} = "), value(self), "\n"));
        self.declare(&name, sort, NameOf::Param).whole = whole;
        node!(Sort::Piece; format!("param {name} "), body, "\n", List::maybe(amend))
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

    /// A fact that is left to others, mostly filled in from the policy's first day.
    pub fn open_define(&mut self, at: usize, depth: usize) -> Node {
        let sort = self.define_sort();
        let name = format!("d{at}");
        let head = format!("open define {name} for {}: {}\n", self.kinds[self.at].name, self.type_of(sort));
        let depth = depth.min(2);
        let fill = self.random.chance(70).then(|| {
            let value = self.expr(sort, depth);
            node!(Sort::Piece; format!("fill {name} = "), value, "\n")
        });
        self.declare(&name, sort, NameOf::Define);
        node!(Sort::Piece; head, List::maybe(fill))
    }
}
