//! Every named thing of a policy set with the places that name it: what an editor jumps to and renames, and what
//! turns the names of a file from one language to the other.

use std::collections::BTreeMap;

use crate::source::{FileId, Span};
use crate::syntax::ast::{self, Item, ItemKind, Named, Word};

use super::scope;

/// What kind of thing a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ThingKind {
    Policy,
    Source,
    Enum,
    Variant,
    Unit,
    Record,
    Field,
    Param,
    Define,
    Table,
    Input,
    Register,
    Calendar,
    Measure,
    Duty,
    Target,
    Let,
    Condition,
    Branch,
    Benefit,
    Budget,
    BestOf,
    Principle,
}

/// A named thing, where it is declared.
#[derive(Debug, Clone)]
pub struct Thing {
    pub kind: ThingKind,
    pub name: Word,
    pub label: Option<Word>,
    /// The thing that it is part of, by position: the record of a field, the measure of a condition.
    pub within: Option<usize>,
    /// The places that name it, in the order of files and of the text; its declaration is none of them.
    pub uses: Vec<Span>,
}

impl Thing {
    /// The label, where it can be written in place of the name.
    pub fn other_name(&self) -> Option<&str> {
        let label = self.label.as_ref()?;
        (label.text != self.name.text && scope::is_name(&label.text)).then_some(label.text.as_str())
    }
}

/// The things of all sets that were read, in the order of files and of the text.
#[derive(Debug, Clone, Default)]
pub struct Index {
    things: Vec<Thing>,
    /// Declarations (names and labels) and uses, with the thing that each stands for.
    places: BTreeMap<Span, usize>,
    /// For each module the names that it declares or takes from others, with the things that they stand for.
    visible: BTreeMap<FileId, BTreeMap<String, usize>>,
}

/// The names that each module knows, with the places where what they stand for is declared.
pub(super) type Visible = BTreeMap<FileId, BTreeMap<String, Span>>;

impl Index {
    /// From all files and what the checker resolved: places with the declarations that they stand for.
    pub(super) fn new<'a>(
        files: impl Iterator<Item = &'a ast::File>,
        resolved: BTreeMap<Span, Span>,
        visible: &Visible,
    ) -> Index {
        let mut collect = Collect { things: Vec::new(), places: BTreeMap::new(), resolved: &resolved };
        files.flat_map(|file| &file.items).for_each(|item| collect.item(item));
        let Collect { mut things, mut places, .. } = collect;
        for place in resolved.keys() {
            // A condition that is no more than a field's name stands for the field.
            let mut declaration = resolved[place];
            while let (None, Some(next)) = (places.get(&declaration), resolved.get(&declaration)) {
                declaration = *next;
            }
            if let (Some(&at), false) = (places.get(&declaration), places.contains_key(place)) {
                things[at].uses.push(*place);
            }
        }
        for (at, thing) in things.iter().enumerate() {
            places.extend(thing.uses.iter().map(|place| (*place, at)));
        }
        let known = |names: &BTreeMap<String, Span>| {
            let named = names.iter().filter_map(|(name, place)| Some((name.clone(), *places.get(place)?)));
            named.collect()
        };
        let visible = visible.iter().map(|(file, names)| (*file, known(names))).collect();
        Index { things, places, visible }
    }

    pub fn things(&self) -> &[Thing] {
        &self.things
    }

    /// The thing named at a byte of a file (its end included), by position, with the place of the name.
    pub fn at(&self, file: FileId, offset: usize) -> Option<(usize, Span)> {
        let until = Span { file, start: offset as u32, end: u32::MAX };
        let (place, at) = self.places.range(..=until).next_back()?;
        (place.file == file && offset <= place.end as usize).then_some((*at, *place))
    }

    /// The thing that a place stands for, by position.
    pub fn named(&self, place: Span) -> Option<usize> {
        self.places.get(&place).copied()
    }

    /// The names that a module knows, its own and those that it takes from others, with what they stand for.
    pub fn visible_in(&self, file: FileId) -> impl Iterator<Item = (&str, usize)> {
        self.visible.get(&file).into_iter().flatten().map(|(name, at)| (name.as_str(), *at))
    }

    /// The thing that a module knows by a name, by position.
    pub fn known_as(&self, file: FileId, name: &str) -> Option<usize> {
        self.visible.get(&file)?.get(name).copied()
    }

    /// The places of names in one file, declarations and uses, with the things that they stand for.
    pub fn places_in(&self, file: FileId) -> impl Iterator<Item = (Span, usize)> {
        let first = Span { file, start: 0, end: 0 };
        let last = Span { file, start: u32::MAX, end: u32::MAX };
        self.places.range(first..=last).map(|(place, at)| (*place, *at))
    }
}

/// What items declare, each item before its parts.
struct Collect<'a> {
    things: Vec<Thing>,
    places: BTreeMap<Span, usize>,
    resolved: &'a BTreeMap<Span, Span>,
}

impl Collect<'_> {
    fn add(&mut self, kind: ThingKind, named: &Named, within: Option<usize>) {
        // What an amendment replaces is declared by the earlier text.
        if self.resolved.contains_key(&named.name.span) {
            return;
        }
        // Alternatives may give the same benefit.
        let same = |thing: &Thing| {
            kind == ThingKind::Benefit
                && within.is_some()
                && (thing.kind, thing.within) == (kind, within)
                && thing.name.text == named.name.text
        };
        let first = within.and_then(|own| self.things[own..].iter().position(same).map(|at| own + at));
        let at = match first {
            Some(at) => {
                self.things[at].uses.push(named.name.span);
                at
            }
            None => {
                let (name, label) = (named.name.clone(), named.label.clone());
                self.things.push(Thing { kind, name, label, within, uses: Vec::new() });
                self.things.len() - 1
            }
        };
        self.places.insert(named.name.span, at);
        self.places.extend(named.label.as_ref().map(|label| (label.span, at)));
    }

    fn item(&mut self, item: &Item) {
        let part = Some(self.things.len());
        let kind = match &item.kind {
            ItemKind::Policy(item) => {
                self.add(ThingKind::Policy, &item.named, None);
                for source in &item.sources {
                    self.add(ThingKind::Source, &Named { name: source.name.clone(), label: None }, part);
                }
                return;
            }
            ItemKind::Enum(item) => {
                self.add(ThingKind::Enum, &item.named, None);
                return item.variants.iter().for_each(|own| self.add(ThingKind::Variant, own, part));
            }
            ItemKind::Record(item) => {
                self.add(ThingKind::Record, &item.named, None);
                return item.fields.iter().for_each(|own| self.add(ThingKind::Field, &own.named, part));
            }
            ItemKind::Table(item) => {
                self.add(ThingKind::Table, &item.named, None);
                return item.inputs.iter().for_each(|(own, _)| self.add(ThingKind::Input, own, part));
            }
            ItemKind::Measure(item) => return self.measure(item),
            ItemKind::Amend(item) => {
                let conditions = item.requires.iter().chain(&item.excepts);
                return self.parts(conditions, &item.choices, &item.benefits, None);
            }
            ItemKind::Use(_) | ItemKind::Fill(_) | ItemKind::Case(_) => return,
            ItemKind::Unit(item) => (ThingKind::Unit, &item.named),
            ItemKind::Param(item) => (ThingKind::Param, &item.named),
            ItemKind::Define(item) => (ThingKind::Define, &item.named),
            ItemKind::Register(item) => (ThingKind::Register, &item.named),
            ItemKind::Calendar(item) => (ThingKind::Calendar, &item.named),
            ItemKind::Budget(item) => (ThingKind::Budget, &item.named),
            ItemKind::BestOf(item) => (ThingKind::BestOf, &item.named),
            ItemKind::Principle(item) => (ThingKind::Principle, &item.named),
        };
        self.add(kind.0, kind.1, None);
    }

    fn measure(&mut self, item: &ast::Measure) {
        let kind = match item.kind {
            ast::MeasureKind::Measure => ThingKind::Measure,
            ast::MeasureKind::Duty => ThingKind::Duty,
            ast::MeasureKind::Target => ThingKind::Target,
        };
        let part = Some(self.things.len());
        self.add(kind, &item.named, None);
        item.lets.iter().for_each(|own| self.add(ThingKind::Let, &own.named, part));
        let conditions = item.requires.iter().chain(&item.excepts).chain(&item.checks);
        self.parts(conditions, &item.choices, &item.benefits, part);
    }

    /// The conditions with a test of their own, the alternatives and the benefits of a measure.
    fn parts<'i>(
        &mut self,
        conditions: impl Iterator<Item = &'i ast::Condition>,
        choices: &[ast::Choice],
        benefits: &[ast::Benefit],
        within: Option<usize>,
    ) {
        for own in conditions.filter(|own| own.test.is_some()) {
            self.add(ThingKind::Condition, &own.named, within);
        }
        for branch in choices.iter().flat_map(|choice| &choice.branches) {
            self.add(ThingKind::Branch, &branch.named, within);
            branch.benefits.iter().for_each(|own| self.add(ThingKind::Benefit, &own.named, within));
        }
        benefits.iter().for_each(|own| self.add(ThingKind::Benefit, &own.named, within));
    }
}
