//! What changed in meaning between two versions of a policy set, item by item.
//!
//! Every item is taken apart into what it says: conditions, amounts, dates, citations. Each part is read twice, as
//! it is said (what it names by name) and as it is meant (what it names by what that stands for). A part has
//! changed where it means something else; it is told where it also says something else, so that another value of
//! a param is told once, at the param, with the measures that it moves. Comments, layout and the order of what may
//! stand in any order are silent.

mod changes;
mod form;
mod item;
mod matching;
mod measure;
mod names;
mod reference;
mod special;
#[cfg(test)]
mod tests;
mod things;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

pub use item::Aspect;
pub use names::{Key, Kind, Renames};

use crate::check::show::Language;
use crate::check::typed::{Expr, ExprKind, Head, Measure, Program};
use crate::source::SourceMap;
use crate::value::Calendar;
use form::{Forms, Reader};
use item::{Item, Maker};
use matching::Matched;

/// A version of a policy set.
#[derive(Clone, Copy)]
pub struct Version<'a> {
    pub program: &'a Program,
    pub sources: &'a SourceMap,
}

/// What changed in meaning.
#[derive(Debug, Clone, Serialize)]
pub struct Meaning {
    pub changes: Vec<ItemChange>,
    #[serde(skip)]
    pub renames: Renames,
    /// Measures, duties and targets by position in each program: those of the new one in its order, then those
    /// that are gone.
    #[serde(skip)]
    pub measures: Vec<[Option<usize>; 2]>,
    /// Kinds of record, likewise.
    #[serde(skip)]
    pub records: Vec<[Option<usize>; 2]>,
}

/// How an item has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    Added,
    Removed,
    /// It means the same under another name.
    Renamed,
    Changed,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ItemChange {
    pub how: How,
    pub kind: Kind,
    pub name: String,
    pub label: String,
    /// What it was called before, where that is another name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub was: Option<String>,
    pub parts: Vec<PartChange>,
    /// The measures that it moves, by label.
    pub moves: Vec<String>,
}

/// A part of an item that is new, gone, another, or called otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PartChange {
    pub aspect: Aspect,
    /// Whose it is within the item; empty for the item itself.
    pub part: String,
    pub old: Option<String>,
    pub new: Option<String>,
    /// The part means the same: only its name has changed.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub renamed: bool,
}

/// One version being read.
struct Side<'a> {
    reader: Reader<'a>,
    language: Language,
    sources: &'a SourceMap,
    calendars: BTreeMap<String, Arc<Calendar>>,
}

/// Makes the item at a position of its list.
type Make<'a> = fn(&mut Side<'a>, usize) -> Item;

impl<'a> Side<'a> {
    fn new(version: Version<'a>, renames: &'a Renames, forms: &'a mut Forms, language: Language) -> Side<'a> {
        let calendars = calendars(version.program);
        let reader = Reader::new(version.program, renames, forms);
        Side { reader, language, sources: version.sources, calendars }
    }

    fn bare(&mut self, kind: Kind, name: &str, at: usize) -> Maker<'_, 'a> {
        Maker::new(&mut self.reader, self.language, kind, name, at)
    }

    fn maker(&mut self, kind: Kind, head: &Head, at: usize) -> Maker<'_, 'a> {
        self.bare(kind, &head.name, at).headed(head)
    }

    /// All items, by kind, in the order of the text.
    fn items(&mut self) -> Vec<Item> {
        let program = self.reader.program;
        let mut items: Vec<Item> = things::policy(self).into_iter().collect();
        let lists: [(usize, Make<'a>); 12] = [
            (program.sources.len(), things::source),
            (program.measures.len(), measure::item),
            (program.budgets.len(), things::budget),
            (program.params.len(), things::param),
            (program.defines.len(), things::define),
            (program.tables.len(), things::table),
            (program.registers.len(), things::register),
            (program.calendars.len(), things::calendar),
            (program.records.len(), things::record),
            (program.enums.len(), things::enumeration),
            (program.units.len(), things::unit),
            (program.principles.len(), things::principle),
        ];
        for (count, make) in lists {
            items.extend((0..count).map(|at| make(self, at)));
        }
        items
    }
}

/// The calendars that days are counted by somewhere.
fn calendars(program: &Program) -> BTreeMap<String, Arc<Calendar>> {
    let mut found = BTreeMap::new();
    let mut visit = |expr: &Expr| {
        expr.walk(&mut |part| {
            if let ExprKind::AddWorkdays { calendar, name, .. } = &part.kind {
                found.insert(name.clone(), calendar.clone());
            }
        });
    };
    program.defines.iter().for_each(|define| visit(&define.body));
    program.measures.iter().for_each(|measure: &Measure| measure.each_expr(&mut visit));
    found
}

/// Compares two versions; words for people are in `language`.
pub fn compare(old: Version<'_>, new: Version<'_>, language: Language) -> Meaning {
    let mut forms = Forms::default();
    let nothing = Renames::default();
    let after = Side::new(new, &nothing, &mut forms, language).items();
    let mut renames = Renames::default();
    loop {
        let known = renames.clone();
        let before = Side::new(old, &known, &mut forms, language).items();
        let matched = Matched::new(before, &after, &known);
        // A name that is known may make other things mean the same.
        if matched.find_renames(&mut renames) {
            continue;
        }
        let changes = changes::changes(&matched, &known, &forms, [old, new], language);
        let measures = matched.pairs(Kind::decides);
        let records = matched.pairs(|kind| kind == Kind::Record);
        return Meaning { changes, renames, measures, records };
    }
}
