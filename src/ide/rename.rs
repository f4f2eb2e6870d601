//! Gives a thing another name, or another label, wherever it is called by it.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::Path;

use super::buffer::OWN;
use super::desk::{Desk, Place};
use super::lookup::{Found, record_of, thing_at};
use super::references::{all_places, everywhere};
use super::snapshot::{Snapshot, is_called};
use crate::check::index::ThingKind;
use crate::check::show::Language;
use crate::source::{FileId, Span};
use crate::syntax;
use crate::syntax::ast::ItemKind;

/// What stands at a place that can be renamed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Renamed {
    pub range: Range<usize>,
    /// The name or label as it is now.
    pub old: String,
}

/// One replacement in a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    pub place: Place,
    pub text: String,
}

/// What would be renamed at a byte of a file; `None` where nothing can be.
pub fn renamed_at(desk: &Desk, path: &Path, offset: usize) -> Option<Renamed> {
    let found = thing_at(desk, path, offset)?;
    let written = desk.file(path)?.text.get(found.range.clone())?;
    if let Some(inner) = inside_marks(written, found.range.clone()) {
        let old = found.thing().label.as_ref()?.text.clone();
        return Some(Renamed { range: inner, old });
    }
    let thing = found.thing();
    let is_name = thing.name.text == written || thing.other_name() == Some(written);
    is_name.then(|| Renamed { range: found.range, old: written.to_owned() })
}

/// The bytes between quotation marks.
fn inside_marks(written: &str, range: Range<usize>) -> Option<Range<usize>> {
    let mark = written.chars().next().filter(|c| matches!(c, '"' | '“'))?;
    let end = written.chars().next_back()?;
    Some(range.start + mark.len_utf8()..range.end - end.len_utf8())
}

/// The changes that give what stands at a byte of a file another name, or label where it is called by that.
///
/// # Errors
/// Says why it cannot have that name.
pub fn rename(desk: &Desk, path: &Path, offset: usize, new: &str) -> Result<Vec<Change>, String> {
    let language = desk.home_of(path).map(|set| set.compiled.language).unwrap_or_default();
    let nothing =
        || language.pick("there is no name here that could be changed", "此处没有可以改名的名称").to_owned();
    let found = thing_at(desk, path, offset).ok_or_else(nothing)?;
    let Renamed { old, .. } = renamed_at(desk, path, offset).ok_or_else(nothing)?;
    let new = new.trim();
    let of_label = found.thing().name.text != old;
    let used_as_name = !of_label || found.thing().other_name() == Some(old.as_str());
    let mut changes = BTreeSet::new();
    for found in together(desk, &found) {
        let places = all_places(desk, &found);
        let named = written(desk, places, &old);
        if used_as_name && (!of_label || !named.is_empty()) {
            must_be_name(new, language)?;
        }
        must_be_free(desk, &found, new, language)?;
        changes.extend(named.into_iter().map(|place| Change { place, text: new.to_owned() }));
        if of_label {
            changes.extend(label_changes(desk, &found, new, language)?);
        }
    }
    Ok(changes.into_iter().collect())
}

/// Those of the places at which these words stand.
fn written(desk: &Desk, places: BTreeSet<Place>, words: &str) -> Vec<Place> {
    let places: Vec<Place> = places.into_iter().collect();
    let of_file = |own: &[Place]| {
        let text = desk.file(&own[0].path).map_or("", |file| &file.text);
        own.iter().filter(|place| text.get(place.range()) == Some(words)).cloned().collect::<Vec<_>>()
    };
    places.chunk_by(|a, b| a.path == b.path).flat_map(of_file).collect()
}

/// What answers records.
const MEASURES: &[ThingKind] = &[ThingKind::Measure, ThingKind::Duty, ThingKind::Target];

/// A thing with those that must go by the same name: measures by which an earlier policy gives way.
fn together<'d>(desk: &'d Desk, found: &Found<'d>) -> Vec<Found<'d>> {
    let set = found.set;
    let mut all = vec![Found { set, at: found.at, range: found.range.clone() }];
    let prevails = |set: &Snapshot| {
        let modules = set.compiled.input.sets.iter().flat_map(|set| &set.modules);
        modules
            .flat_map(|module| &module.file.items)
            .any(|item| matches!(&item.kind, ItemKind::Policy(policy) if !policy.prevails.is_empty()))
    };
    if !MEASURES.contains(&found.thing().kind) {
        return all;
    }
    for (set, own) in everywhere(desk, found) {
        let same = |(at, thing): &(usize, &crate::check::index::Thing)| {
            *at != own && MEASURES.contains(&thing.kind) && thing.name.text == found.thing().name.text
        };
        if prevails(set) {
            let others = set.things().iter().enumerate().filter(same);
            all.extend(others.map(|(at, _)| Found { set, at, range: found.range.clone() }));
        }
    }
    all
}

/// The label where it is declared.
fn label_changes(
    desk: &Desk,
    found: &Found<'_>,
    new: &str,
    language: Language,
) -> Result<Vec<Change>, String> {
    if new.is_empty() || new.contains(['\n', '\r', '"', '“', '”', '\\']) {
        let message =
            language.pick("a label is one line without quotation marks", "标签是一行文字，不含引号");
        return Err(message.to_owned());
    }
    let mut changes = Vec::new();
    for (set, at) in everywhere(desk, found) {
        let label: Option<Span> = set.things()[at].label.as_ref().map(|label| label.span);
        let Some(place) = label.and_then(|span| desk.same_words(set, span)) else { continue };
        let written =
            desk.file(&place.path).and_then(|file| file.text.get(place.range())).unwrap_or_default();
        if let Some(inner) = inside_marks(written, place.range()) {
            let place = Place { start: inner.start, end: inner.end, ..place };
            changes.push(Change { place, text: new.to_owned() });
        }
    }
    Ok(changes)
}

fn must_be_name(new: &str, language: Language) -> Result<(), String> {
    let (file, problems) = syntax::parse(OWN, &format!("unit {new}"));
    let one_word = !new.is_empty() && !new.contains(char::is_whitespace);
    if one_word && problems.is_empty() && matches!(file.items.as_slice(), [item] if is_unit(&item.kind, new))
    {
        return Ok(());
    }
    Err(match language {
        Language::English => format!(
            "`{new}` cannot be a name: letters of any script, digits and `_`, beginning with a letter, and no word of the language"
        ),
        Language::Chinese => {
            format!("“{new}”不能作名称：名称由文字、数字和下划线组成，以文字开头，且不是语言的保留词")
        }
    })
}

fn is_unit(kind: &ItemKind, name: &str) -> bool {
    matches!(kind, ItemKind::Unit(unit) if unit.named.name.text == name && unit.named.label.is_none())
}

/// Whether nothing else goes by the name where the thing is known.
fn must_be_free(desk: &Desk, found: &Found<'_>, new: &str, language: Language) -> Result<(), String> {
    for (set, at) in everywhere(desk, found) {
        if let Some(other) = taken(set, at, new) {
            let thing = &set.things()[other];
            let file = set.compiled.sources.file(thing.name.span.file);
            let (line, _) = file.line_column(thing.name.span.start as usize);
            let kind = super::describe::kind_words(thing.kind, language);
            let place = format!("{}:{line}", file.path.display());
            return Err(match language {
                Language::English => format!("a {kind} is called `{new}` already: {place}"),
                Language::Chinese => format!("已有{kind}名为“{new}”：{place}"),
            });
        }
    }
    Ok(())
}

/// What goes by a name already where a thing is known.
fn taken(set: &Snapshot, at: usize, new: &str) -> Option<usize> {
    let things = set.things();
    let other = |found: usize| (found != at && is_called(&things[found], new)).then_some(found);
    let thing = &things[at];
    if let Some(owner) = thing.within {
        if let Some(found) = set.parts(owner).find_map(|(part, _)| other(part)) {
            return Some(found);
        }
        // What a measure calls by its own name would hide the field, or the field what it calls so.
        let hides = |(part, thing): (usize, &crate::check::index::Thing)| {
            let measure = thing.within.filter(|_| thing.kind == ThingKind::Let)?;
            (record_of(set, measure)? == owner).then(|| other(part)).flatten()
        };
        return match thing.kind {
            ThingKind::Field => things.iter().enumerate().find_map(hides),
            ThingKind::Let => {
                let record = record_of(set, owner)?;
                set.parts(record).find_map(|(part, _)| other(part))
            }
            _ => None,
        };
    }
    let files: BTreeMap<_, _> = set
        .compiled
        .input
        .sets
        .iter()
        .flat_map(|set| &set.modules)
        .map(|module| (module.file.id, ()))
        .collect();
    if MEASURES.contains(&thing.kind) {
        // The measures of a set answer under one name each, whatever module they stand in.
        let files = |own: &crate::check::set::Set| -> BTreeSet<FileId> {
            own.modules.iter().map(|module| module.file.id).collect()
        };
        let mut sets = set.compiled.input.sets.iter().map(files);
        let own = sets.find(|files| files.contains(&thing.name.span.file))?;
        let same = |thing: &crate::check::index::Thing| {
            MEASURES.contains(&thing.kind) && thing.name.text == new && own.contains(&thing.name.span.file)
        };
        if let Some(found) = things.iter().position(same).and_then(other) {
            return Some(found);
        }
    }
    let index = &set.compiled.index;
    let knows = files.into_keys().filter(|file| index.known_as(*file, &thing.name.text) == Some(at));
    knows.filter_map(|file| index.known_as(file, new)).find_map(other)
}
