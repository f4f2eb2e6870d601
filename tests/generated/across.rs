//! Values across records: over all of a kind, over those that belong to the record, by group.

use super::sorts::{Sort, Unit};
use super::tree::{List, Node};
use super::writer::Writer;
use crate::node;

/// Whose records a value looks over.
struct Over {
    kind: usize,
    /// Those that belong to the record, or all of them.
    members: bool,
}

impl Writer<'_> {
    /// A value across records, where one may stand here and be of the sort.
    pub fn aggregate(&mut self, sort: Sort) -> Option<Node> {
        let over = self.over()?;
        let own = over.kind == self.at && !over.members;
        let words: &[&str] = match sort {
            Sort::Bool => &["any", "all"],
            Sort::Date => &["min", "max"],
            Sort::Number(Unit::Plain) if own => {
                &["rank", "rank", "rank", "count", "sum", "average", "min", "max"]
            }
            Sort::Number(Unit::Plain) => &["count", "count", "sum", "average", "min", "max"],
            Sort::Number(_) => &["sum", "sum", "average", "min", "max"],
            _ => return None,
        };
        let word = *self.random.pick(words);
        let outer = (self.across, self.inside, self.at);
        (self.across, self.inside, self.at) = (false, true, over.kind);
        let value = match word {
            "any" | "all" => self.expr(Sort::Bool, 2),
            "rank" => {
                let line = self.line_number();
                self.open(line, 1)
            }
            _ => self.open(sort, 1),
        };
        let filter = self.random.chance(35).then(|| {
            let condition = self.expr(Sort::Bool, 2);
            node!(Sort::Piece; " where ", condition)
        });
        let plain = |writer: &mut Self, chance: usize| {
            let name = if own && writer.random.chance(chance) { writer.name(|_| true) } else { None };
            name.map(|name| name.to_string())
        };
        let (group, tie) = (plain(self, 35), plain(self, 50));
        (self.across, self.inside, self.at) = outer;
        self.looked = true;
        let group = group.map(|group| node!(Sort::Piece; " by ", node!(Sort::Piece; group)));
        let (filter, group) = (List::maybe(filter), List::maybe(group));
        let kind = self.kinds[over.kind].name;
        let those = if over.members { format!("its {kind}") } else { kind.to_owned() };
        Some(match word {
            "count" => node!(sort; format!("(count of {those}"), filter, group, ")"),
            "rank" => {
                let order = *self.random.pick(&[" ascending", " descending"]);
                let shared = *self.random.pick(&["", ", ties share"]);
                let ties = tie.map_or(shared.to_owned(), |tie| format!(", ties by {tie}"));
                node!(sort; "(rank by ", value, order, ties, filter, group, ")")
            }
            word => {
                let known = *self.random.pick(&["", "known "]);
                let silent = own && self.random.chance(50);
                let those = if silent { String::new() } else { format!(" over {those}") };
                node!(sort; format!("({word} of {known}"), value, those, filter, group, ")")
            }
        })
    }

    /// Some kind of record to look over, where one may be looked over here.
    fn over(&mut self) -> Option<Over> {
        if !self.across {
            return None;
        }
        let at = self.at;
        let mut all = vec![Over { kind: at, members: false }];
        for (kind, other) in self.kinds.iter().enumerate() {
            let belongs = other.owners.contains(&at);
            all.extend((0..if belongs { 3 } else { 0 }).map(|_| Over { kind, members: true }));
            all.extend((0..if kind == at { 0 } else { 2 }).map(|_| Over { kind, members: false }));
        }
        let choice = self.random.below(all.len());
        Some(all.swap_remove(choice))
    }

    fn line_number(&mut self) -> Sort {
        let spare = self.any_number();
        self.sort_in_use(|sort| matches!(sort, Sort::Number(_) | Sort::Date)).unwrap_or(spare)
    }
}
