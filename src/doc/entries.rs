//! The items of a policy set that have a page each: in the order of files and of the text, with the items that
//! change them, the cases that try them, and what names what.

use std::collections::{BTreeMap, BTreeSet};

use crate::check::index::ThingKind;
use crate::check::show::Language;
use crate::check::typed::{CaseTarget, Cite, Define, DefineId, ExprKind, MeasureId, Program};
use crate::compile::Compiled;
use crate::source::{FileId, Span};
use crate::syntax::ast::{self, Item, ItemKind, MeasureKind, Named};

use super::labels::spoken_named;

/// The longest name of a page, in bytes, its end aside.
const LONGEST_PAGE_NAME: usize = 120;

/// An item with a page of its own.
#[derive(Debug)]
pub(super) struct Entry<'a> {
    pub kind: ThingKind,
    /// Its position in the list of its kind of the program; of a best-of, a unit and the header of another
    /// set, which stand in no list, `None`.
    pub at: Option<usize>,
    pub item: &'a Item,
    pub named: &'a Named,
    /// It is of the set itself, not of one that it uses.
    pub own: bool,
    pub page: String,
    /// The items that amend it or fill it in.
    pub changes: Vec<&'a Item>,
    /// Positions among the program's cases.
    pub cases: Vec<usize>,
}

impl Entry<'_> {
    /// What it is called.
    pub fn title(&self, language: Language) -> String {
        spoken_named(language, self.named)
    }

    /// Where its own text and that of what changes it stands.
    pub fn spans(&self) -> impl Iterator<Item = Span> {
        std::iter::once(self.item.span).chain(self.changes.iter().map(|item| item.span))
    }
}

/// The entries, and which of them a place belongs to.
#[derive(Debug)]
pub(super) struct Entries<'a> {
    pub all: Vec<Entry<'a>>,
    /// By the thing of the index that stands for the whole entry.
    by_thing: BTreeMap<usize, usize>,
    /// By entry: the things of the index that it is made of.
    things: Vec<Vec<usize>>,
    /// By the start of each item: its end, and the entry that it is or changes.
    owners: BTreeMap<(FileId, u32), (u32, Option<usize>)>,
}

impl<'a> Entries<'a> {
    pub fn new(compiled: &'a Compiled, pages: &mut Pages) -> Entries<'a> {
        let program = &compiled.program;
        let places = places(program);
        let mut all: Vec<Entry<'a>> = Vec::new();
        let mut changes: Vec<(&'a Item, Span)> = Vec::new();
        for (set, own) in compiled.input.sets.iter().enumerate() {
            for module in &own.modules {
                for item in &module.file.items {
                    let Some((kind, named)) = declared(item) else {
                        changes.extend(changed(item).map(|target| (item, target)));
                        continue;
                    };
                    let page = pages.take(&format!("{}.{}", prefix(kind), named.name.text));
                    all.push(Entry {
                        kind,
                        at: places.get(&named.name.span).copied(),
                        item,
                        named,
                        own: set == 0,
                        page,
                        changes: Vec::new(),
                        cases: Vec::new(),
                    });
                }
            }
        }
        let thing = |entry: &Entry| compiled.index.named(entry.named.name.span);
        let by_thing = all.iter().enumerate().filter_map(|(at, entry)| Some((thing(entry)?, at))).collect();
        let mut entries = Entries { all, by_thing, things: Vec::new(), owners: BTreeMap::new() };
        for (item, target) in changes {
            let at = compiled.index.named(target).and_then(|thing| entries.by_thing.get(&thing).copied());
            at.into_iter().for_each(|at| entries.all[at].changes.push(item));
        }
        entries.own_places(compiled);
        entries.own_things(compiled);
        entries.share_cases(program);
        entries
    }

    /// Which entry each item is, or changes.
    fn own_places(&mut self, compiled: &Compiled) {
        let items = compiled.input.sets.iter().flat_map(|set| &set.modules).flat_map(|own| &own.file.items);
        let start = |span: Span| (span.file, span.start);
        self.owners = items.map(|item| (start(item.span), (item.span.end, None))).collect();
        for (at, entry) in self.all.iter().enumerate() {
            for span in entry.spans() {
                self.owners.insert(start(span), (span.end, Some(at)));
            }
        }
    }

    fn share_cases(&mut self, program: &Program) {
        for entry in &mut self.all {
            let target = match (entry.kind, entry.at) {
                (ThingKind::Define, Some(at)) => CaseTarget::Define(DefineId(at as u32)),
                (ThingKind::Measure | ThingKind::Duty | ThingKind::Target, Some(at)) => {
                    CaseTarget::Measure(MeasureId(at as u32))
                }
                _ => continue,
            };
            let cases = program.cases.iter().enumerate().filter(|(_, case)| case.target == target);
            entry.cases = cases.map(|(at, _)| at).collect();
        }
    }

    /// By entry: the things that it is made of, itself included.
    fn own_things(&mut self, compiled: &Compiled) {
        self.things = vec![Vec::new(); self.all.len()];
        for thing in 0..compiled.index.things().len() {
            if let Some(entry) = self.of_thing(compiled, thing) {
                self.things[entry].push(thing);
            }
        }
    }

    /// The entry that a thing is, or is part of.
    pub fn of_thing(&self, compiled: &Compiled, thing: usize) -> Option<usize> {
        let mut thing = thing;
        while let Some(whole) = compiled.index.things()[thing].within {
            thing = whole;
        }
        self.by_thing.get(&thing).copied()
    }

    /// The entry in whose text, or in whose amendment, a place stands.
    fn at_place(&self, place: Span) -> Option<usize> {
        let ((file, _), (end, entry)) = self.owners.range(..=(place.file, place.start)).next_back()?;
        entry.filter(|_| *file == place.file && place.end <= *end)
    }

    /// The other entries that name a thing.
    pub fn users(&self, compiled: &Compiled, thing: usize) -> BTreeSet<usize> {
        let own = self.of_thing(compiled, thing);
        let uses = compiled.index.things()[thing].uses.iter();
        uses.filter_map(|place| self.at_place(*place)).filter(|user| Some(*user) != own).collect()
    }

    /// The other entries that name an entry or a part of it.
    pub fn users_of_all(&self, compiled: &Compiled, entry: usize) -> BTreeSet<usize> {
        self.things[entry].iter().flat_map(|thing| self.users(compiled, *thing)).collect()
    }

    /// The other entries that an entry names.
    pub fn needs(&self, compiled: &Compiled, entry: usize) -> BTreeSet<usize> {
        let spans = self.all[entry].spans();
        let places = spans.flat_map(|span| {
            compiled.index.places_in(span.file).filter(move |(place, _)| span.contains(*place))
        });
        places
            .filter_map(|(_, thing)| self.of_thing(compiled, thing))
            .filter(|needed| *needed != entry)
            .collect()
    }

    /// Every citation of an entry, those of its parts and of what changes it included.
    pub fn cites<'p>(&self, program: &'p Program, entry: usize) -> Vec<&'p Cite> {
        let entry = &self.all[entry];
        let Some(at) = entry.at else { return Vec::new() };
        match entry.kind {
            ThingKind::Measure | ThingKind::Duty | ThingKind::Target => program.measures[at].all_cites(),
            ThingKind::Param => {
                let param = &program.params[at];
                param.head.cites.iter().chain(param.steps.iter().flat_map(|step| &step.cites)).collect()
            }
            ThingKind::Define => define_cites(&program.defines[at]),
            ThingKind::Table => program.tables[at].head.cites.iter().collect(),
            ThingKind::Register => program.registers[at].head.cites.iter().collect(),
            ThingKind::Calendar => program.calendars[at].cites.iter().collect(),
            ThingKind::Budget => program.budgets[at].head.cites.iter().collect(),
            ThingKind::Principle => program.principles[at].head.cites.iter().collect(),
            ThingKind::Policy => program.policy.iter().flat_map(|policy| &policy.head.cites).collect(),
            _ => Vec::new(),
        }
    }
}

fn define_cites(define: &Define) -> Vec<&Cite> {
    let mut cites: Vec<&Cite> = define.head.cites.iter().chain(&define.filled).collect();
    define.body.walk(&mut |part| {
        if let ExprKind::Amended { cites: own, .. } = &part.kind {
            cites.extend(own);
        }
    });
    cites
}

/// Where each thing of the program is declared, with its position in the list of its kind.
fn places(program: &Program) -> BTreeMap<Span, usize> {
    let mut places = BTreeMap::new();
    let mut add = |spans: &mut dyn Iterator<Item = Span>| {
        places.extend(spans.enumerate().map(|(at, span)| (span, at)));
    };
    add(&mut program.policy.iter().map(|own| own.head.span));
    add(&mut program.enums.iter().map(|own| own.head.span));
    add(&mut program.records.iter().map(|own| own.head.span));
    add(&mut program.params.iter().map(|own| own.head.span));
    add(&mut program.defines.iter().map(|own| own.head.span));
    add(&mut program.tables.iter().map(|own| own.head.span));
    add(&mut program.registers.iter().map(|own| own.head.span));
    add(&mut program.calendars.iter().map(|own| own.span));
    add(&mut program.budgets.iter().map(|own| own.head.span));
    add(&mut program.measures.iter().map(|own| own.head.span));
    add(&mut program.principles.iter().map(|own| own.head.span));
    places
}

fn declared(item: &Item) -> Option<(ThingKind, &Named)> {
    Some(match &item.kind {
        ItemKind::Policy(own) => (ThingKind::Policy, &own.named),
        ItemKind::Enum(own) => (ThingKind::Enum, &own.named),
        ItemKind::Unit(own) => (ThingKind::Unit, &own.named),
        ItemKind::Record(own) => (ThingKind::Record, &own.named),
        ItemKind::Param(own) => (ThingKind::Param, &own.named),
        ItemKind::Define(own) => (ThingKind::Define, &own.named),
        ItemKind::Table(own) => (ThingKind::Table, &own.named),
        ItemKind::Register(own) => (ThingKind::Register, &own.named),
        ItemKind::Calendar(own) => (ThingKind::Calendar, &own.named),
        ItemKind::Budget(own) => (ThingKind::Budget, &own.named),
        ItemKind::BestOf(own) => (ThingKind::BestOf, &own.named),
        ItemKind::Principle(own) => (ThingKind::Principle, &own.named),
        ItemKind::Measure(own) => match own.kind {
            MeasureKind::Measure => (ThingKind::Measure, &own.named),
            MeasureKind::Duty => (ThingKind::Duty, &own.named),
            MeasureKind::Target => (ThingKind::Target, &own.named),
        },
        ItemKind::Use(_) | ItemKind::Fill(_) | ItemKind::Amend(_) | ItemKind::Case(_) => return None,
    })
}

/// The place that names what an item changes.
fn changed(item: &Item) -> Option<Span> {
    match &item.kind {
        ItemKind::Fill(ast::Fill { target, .. }) | ItemKind::Amend(ast::Amend { target, .. }) => {
            Some(target.span)
        }
        _ => None,
    }
}

fn prefix(kind: ThingKind) -> &'static str {
    match kind {
        ThingKind::Policy => "policy",
        ThingKind::Enum => "enum",
        ThingKind::Unit => "unit",
        ThingKind::Record => "record",
        ThingKind::Param => "param",
        ThingKind::Define => "define",
        ThingKind::Table => "table",
        ThingKind::Register => "register",
        ThingKind::Calendar => "calendar",
        ThingKind::Measure => "measure",
        ThingKind::Duty => "duty",
        ThingKind::Target => "target",
        ThingKind::Budget => "budget",
        ThingKind::BestOf => "best",
        ThingKind::Principle => "principle",
        _ => "part",
    }
}

/// Names of pages: none twice, also where a file system takes large letters for small ones.
#[derive(Debug, Default)]
pub(super) struct Pages {
    taken: BTreeSet<String>,
}

impl Pages {
    /// A free name of a page for these words.
    pub fn take(&mut self, words: &str) -> String {
        let fits = |c: char| if c.is_alphanumeric() || c == '.' || c == '_' { c } else { '-' };
        let mut stem = String::new();
        for c in words.chars().map(fits) {
            if stem.len() + c.len_utf8() > LONGEST_PAGE_NAME {
                break;
            }
            stem.push(c);
        }
        let mut name = stem.clone();
        let mut number = 1;
        while !self.taken.insert(name.to_lowercase()) {
            number += 1;
            name = format!("{stem}-{number}");
        }
        format!("{name}.html")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_page_is_named_twice() {
        let mut pages = Pages::default();
        assert_eq!(pages.take("enum.Size"), "enum.Size.html");
        assert_eq!(pages.take("enum.size"), "enum.size-2.html");
        assert_eq!(pages.take("enum.size-2"), "enum.size-2-2.html");
        assert_eq!(pages.take("param.数 额/?#%"), "param.数-额----.html");
        let long = pages.take(&"数".repeat(1000));
        assert_eq!(long.len(), 120 + ".html".len());
        assert_ne!(pages.take(&"数".repeat(1000)), long);
    }
}
