//! Turns the names that a policy set uses from one language to the other: where a thing has a name and a label that
//! is a name too, every place that names it takes the one of the language. Declarations stay as they are, since a
//! name is also what outputs are called by.

mod edits;

use std::collections::{BTreeMap, BTreeSet};

use crate::check;
use crate::check::Checked;
use crate::check::index::{Index, Thing};
use crate::compile::{self, Compiled};
use crate::ir;
use crate::source::{FileId, Span};
use crate::syntax::ast::{self, ItemKind, Named};
use crate::syntax::words::Tongue;
use edits::Edits;

/// What was found after an attempt is mended so often.
const ATTEMPTS: usize = 16;

/// The files that have other names now, and the places that keep theirs.
#[derive(Debug, Default)]
pub struct Turned {
    pub texts: BTreeMap<FileId, String>,
    pub kept: Vec<Kept>,
}

/// A place that keeps its name, since the other one would stand for something else there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    pub place: Span,
    pub wanted: String,
}

/// Turns the names used in some files of a set that was checked without errors. `None` where the set would not mean
/// the same, for a reason that no single place accounts for.
pub fn turn(compiled: &Compiled, files: &BTreeSet<FileId>, tongue: Tongue) -> Option<Turned> {
    let mut wanted = wanted(compiled, files, tongue);
    let mut kept = Vec::new();
    let meant = meaning(&compile::lower(&compiled.program));
    for _ in 0..ATTEMPTS {
        let edits = Edits::new(&wanted);
        let wrong = match attempt(compiled, &edits, &meant) {
            Ok(()) => {
                kept.sort_by_key(|kept: &Kept| kept.place);
                return Some(Turned { texts: edits.texts(&compiled.sources), kept });
            }
            Err(wrong) => wrong,
        };
        let before = wanted.len();
        for place in wrong {
            kept.extend(wanted.remove(&place).map(|wanted| Kept { place, wanted }));
        }
        if wanted.len() == before {
            return None;
        }
    }
    None
}

/// The places in the files whose thing has a name in the language, and are written otherwise.
fn wanted(compiled: &Compiled, files: &BTreeSet<FileId>, tongue: Tongue) -> BTreeMap<Span, String> {
    let declared = declared(compiled);
    let mut wanted = BTreeMap::new();
    for thing in compiled.index.things() {
        let Some(name) = name_in(thing, tongue) else { continue };
        let other = if name == thing.name.text { thing.other_name() } else { Some(thing.name.text.as_str()) };
        for place in
            thing.uses.iter().filter(|place| files.contains(&place.file) && !declared.contains(place))
        {
            if Some(compiled.sources.text(*place)) == other {
                wanted.insert(*place, name.to_owned());
            }
        }
    }
    wanted
}

/// The one of a thing's two names that is of the language; a name in ASCII is English.
fn name_in(thing: &Thing, tongue: Tongue) -> Option<&str> {
    let (name, other) = (thing.name.text.as_str(), thing.other_name()?);
    let english = match (name.is_ascii(), other.is_ascii()) {
        (true, false) => name,
        (false, true) => other,
        _ => return None,
    };
    Some(match tongue {
        Tongue::English => english,
        Tongue::Chinese => {
            if english == name {
                other
            } else {
                name
            }
        }
    })
}

/// Names that stand where something is declared, although another place declared it first: a benefit that several
/// alternatives give, a condition that an amendment replaces.
fn declared(compiled: &Compiled) -> BTreeSet<Span> {
    let mut places = BTreeSet::new();
    let modules = compiled.input.sets.iter().flat_map(|set| &set.modules);
    for item in modules.flat_map(|module| &module.file.items) {
        let (conditions, choices, benefits): (Vec<&ast::Condition>, _, _) = match &item.kind {
            ItemKind::Measure(item) => {
                let conditions = item.requires.iter().chain(&item.excepts).chain(&item.checks);
                (conditions.collect(), &item.choices, &item.benefits)
            }
            ItemKind::Amend(item) => {
                (item.requires.iter().chain(&item.excepts).collect(), &item.choices, &item.benefits)
            }
            _ => continue,
        };
        let mut add = |named: &Named| _ = places.insert(named.name.span);
        conditions.iter().filter(|own| own.test.is_some()).for_each(|own| add(&own.named));
        for branch in choices.iter().flat_map(|choice| &choice.branches) {
            add(&branch.named);
            branch.benefits.iter().for_each(|own| add(&own.named));
        }
        benefits.iter().for_each(|own| add(&own.named));
    }
    places
}

/// Whether the set with other names means the same; else the places at which it does not, as far as they can be told.
fn attempt(compiled: &Compiled, edits: &Edits, meant: &[String]) -> Result<(), BTreeSet<Span>> {
    let (input, sources, mut problems) = edits.input(compiled);
    if problems.is_empty() {
        let Checked { program, index, problems: found } = check::check(&input, &sources);
        problems.extend(found.into_iter().filter(|problem| problem.is_error()));
        if problems.is_empty() {
            let elsewhere = elsewhere(&compiled.index, &index, edits);
            if !elsewhere.is_empty() {
                return Err(elsewhere);
            }
            let same = meaning(&compile::lower(&program)) == meant;
            return if same { Ok(()) } else { Err(BTreeSet::new()) };
        }
    }
    let places = || problems.iter().flat_map(|problem| &problem.labels).map(|label| label.span);
    let exact: BTreeSet<Span> = places().filter_map(|place| edits.at(place)).collect();
    if !exact.is_empty() {
        return Err(exact);
    }
    Err(places().flat_map(|place| edits.near(place, &sources)).collect())
}

/// The places that stand for something else than before.
fn elsewhere(before: &Index, after: &Index, edits: &Edits) -> BTreeSet<Span> {
    let all = before.things().iter().enumerate();
    let uses = all.flat_map(|(at, thing)| thing.uses.iter().map(move |place| (at, *place)));
    uses.filter(|(at, place)| after.named(edits.moved(*place)) != Some(*at)).map(|(_, place)| place).collect()
}

/// All that engines see of a program.
fn meaning(core: &ir::Program) -> Vec<String> {
    let params = core.params.iter().map(|param| format!("{param:?}"));
    core.records.iter().map(ir::print).chain(params).collect()
}
