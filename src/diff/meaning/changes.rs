//! What is told of the items that differ, and which measures a change moves.

use std::collections::{BTreeMap, BTreeSet};

use super::form::Forms;
use super::item::{Aspect, Item, Part};
use super::matching::{Matched, renamed_key};
use super::names::{Key, Kind, Renames};
use super::{How, ItemChange, PartChange, Version, special};
use crate::check::show::Language;

/// Everything that is told, in the order of kinds and of the new text, what is gone at the end of its kind.
pub fn changes(
    matched: &Matched<'_>,
    renames: &Renames,
    forms: &Forms,
    versions: [Version<'_>; 2],
    language: Language,
) -> Vec<ItemChange> {
    let teller = Teller { renames, forms, versions, language };
    let mut told: Vec<Told<'_>> = Vec::new();
    for pair in &matched.pairs {
        let items = [pair[0].map(|at| &matched.before[at]), pair[1].map(|at| &matched.after[at])];
        told.extend(teller.tell(items));
    }
    let deps = Names::new(matched, renames);
    let movers: Vec<usize> = (0..told.len()).filter(|at| told[*at].moves()).collect();
    let mut moves: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    let (mut silent, mut retold) = (Vec::new(), BTreeSet::new());
    for (old, new) in matched.both().filter(|(_, new)| new.kind.decides()) {
        let meant = teller.meant(old, new);
        let names = deps.of(&new.key());
        let mut moved = false;
        for at in &movers {
            let mover = &told[*at];
            if mover.moves_measure(&names, &meant, &new.key()) {
                moved = true;
                moves.entry(*at).or_default().push(new.label.clone());
            }
        }
        let own = told.iter().any(|told| told.item.key() == new.key() && told.change.how == How::Changed);
        if !meant.is_empty() && !moved && !own {
            // Nothing else tells of it; that it is called otherwise is told here too.
            retold.insert(new.key());
            silent.push(teller.changed(old, new, &|_, _| true));
        }
    }
    for (at, labels) in moves {
        told[at].change.moves = labels;
    }
    told.retain(|told| !retold.contains(&told.item.key()));
    let mut all: Vec<ItemChange> = told.into_iter().map(|told| told.change).chain(silent).collect();
    let order = |kind: Kind| if kind.decides() { Kind::Measure } else { kind };
    all.sort_by_key(|change| order(change.kind));
    all
}

/// A change with the item that it is of.
struct Told<'i> {
    item: &'i Item,
    change: ItemChange,
    /// Of records: the fields that are told of.
    fields: BTreeSet<Key>,
}

impl Told<'_> {
    /// Whether it may move measures besides itself.
    fn moves(&self) -> bool {
        let real = |part: &PartChange| {
            !part.renamed && !matches!(part.aspect, Aspect::Citation | Aspect::Label | Aspect::Text)
        };
        self.change.how != How::Renamed && self.change.parts.iter().any(real)
    }

    fn moves_measure(&self, names: &BTreeSet<Key>, meant: &[(&Part, &Part)], own: &Key) -> bool {
        match self.item.kind {
            Kind::Record => self.fields.iter().any(|field| names.contains(field)),
            Kind::Enum => names.contains(&self.item.key()),
            // By what the measure leaves to the header.
            Kind::Policy => meant.iter().any(|(old, new)| {
                old.said == new.said && matches!(new.aspect, Aspect::Date | Aspect::Rounding)
            }),
            _ => self.item.key() != *own && !meant.is_empty() && names.contains(&self.item.key()),
        }
    }
}

/// What each item names, directly or through what it names; names as they are after.
struct Names {
    direct: BTreeMap<Key, BTreeSet<Key>>,
}

impl Names {
    fn new(matched: &Matched<'_>, renames: &Renames) -> Names {
        let mut direct: BTreeMap<Key, BTreeSet<Key>> = BTreeMap::new();
        for item in &matched.before {
            let names = item.names.iter().map(|key| renames.of(key));
            direct.entry(renames.of(&item.key())).or_default().extend(names);
        }
        for item in matched.after {
            direct.entry(item.key()).or_default().extend(item.names.iter().cloned());
        }
        Names { direct }
    }

    fn of(&self, key: &Key) -> BTreeSet<Key> {
        let (mut all, mut waiting) = (BTreeSet::new(), vec![key]);
        while let Some(next) = waiting.pop() {
            for name in self.direct.get(next).into_iter().flatten() {
                if all.insert(name.clone()) {
                    waiting.push(name);
                }
            }
        }
        all
    }
}

struct Teller<'a> {
    renames: &'a Renames,
    forms: &'a Forms,
    versions: [Version<'a>; 2],
    language: Language,
}

impl Teller<'_> {
    fn tell<'i>(&self, items: [Option<&'i Item>; 2]) -> Option<Told<'i>> {
        let (item, change) = match items {
            [None, None] => return None,
            [None, Some(new)] => (new, self.whole(new, How::Added)),
            [Some(old), None] => (old, self.whole(old, How::Removed)),
            [Some(old), Some(new)] => {
                let change = self.changed(old, new, &|old, new| old.said != new.said);
                if change.parts.is_empty() && change.how == How::Changed {
                    return None;
                }
                (new, change)
            }
        };
        let fields = self.fields(items);
        Some(Told { item, change, fields })
    }

    /// The fields of a record that differ, as they are called after.
    fn fields(&self, items: [Option<&Item>; 2]) -> BTreeSet<Key> {
        let mut fields = BTreeSet::new();
        let [Some(old), Some(new)] = items else { return fields };
        let key = |record: &Item, part: &Part| {
            let name = part.key.strip_prefix("field ")?;
            Some(Key::new(Kind::Field, &Key::member(&record.name, name)))
        };
        for (before, after) in self.parts(old, new) {
            match (before, after) {
                (Some(before), Some(after)) if before.meant == after.meant => {}
                (_, Some(after)) => fields.extend(key(new, after)),
                (Some(before), None) => fields.extend(key(old, before)),
                (None, None) => {}
            }
        }
        fields
    }

    /// An item that is new or gone, with all that it says.
    fn whole(&self, item: &Item, how: How) -> ItemChange {
        let parts = item.parts.iter().filter(|part| part.aspect != Aspect::Label && part.key != "kind");
        let parts = parts.map(|part| {
            let text = Some(part.text.clone());
            let (old, new) = if how == How::Added { (None, text) } else { (text, None) };
            PartChange { aspect: part.aspect, part: part.label.clone(), old, new, renamed: false }
        });
        let parts =
            if matches!(item.kind, Kind::Table) { special::rows_counted(item) } else { parts.collect() };
        let (name, label) = (item.name.clone(), item.label.clone());
        ItemChange { how, kind: item.kind, name, label, was: None, parts, moves: Vec::new() }
    }

    /// Pairs of parts by key: those after in their order, then those that are gone.
    fn parts<'i>(&self, old: &'i Item, new: &'i Item) -> Vec<(Option<&'i Part>, Option<&'i Part>)> {
        let item = old.key();
        let keys: Vec<String> =
            old.parts.iter().map(|part| renamed_key(self.renames, &item, &part.key)).collect();
        let before = |part: &Part| keys.iter().position(|key| *key == part.key).map(|at| &old.parts[at]);
        let mut pairs: Vec<_> = new.parts.iter().map(|part| (before(part), Some(part))).collect();
        let gone = keys.iter().enumerate().filter(|(_, key)| !new.parts.iter().any(|part| part.key == **key));
        pairs.extend(gone.map(|(at, _)| (Some(&old.parts[at]), None)));
        pairs
    }

    /// The parts that mean something else, where both have them.
    fn meant<'i>(&self, old: &'i Item, new: &'i Item) -> Vec<(&'i Part, &'i Part)> {
        let pairs = self.parts(old, new).into_iter();
        let both = pairs.filter_map(|(old, new)| Some((old?, new?)));
        both.filter(|(old, new)| old.meant != new.meant && !old.key.starts_with("let ")).collect()
    }

    /// What is told of an item that both versions have; `told` says of a part that means something else whether it is
    /// told here.
    fn changed(&self, old: &Item, new: &Item, told: &dyn Fn(&Part, &Part) -> bool) -> ItemChange {
        let mut parts = Vec::new();
        let pairs = match new.kind {
            Kind::Table => {
                parts.extend(special::rows(old, new, self.language));
                let pairs = self.parts(old, new).into_iter();
                pairs.filter(|(old, new)| !is_row(*old) && !is_row(*new)).collect()
            }
            _ => self.parts(old, new),
        };
        let pairs = if new.kind == Kind::Param { special::moved_steps(pairs, &mut parts) } else { pairs };
        let (lets, pairs): (Vec<_>, Vec<_>) = pairs
            .into_iter()
            .partition(|(old, new)| new.or(*old).is_some_and(|part| part.key.starts_with("let ")));
        let goes =
            |key: &str| pairs.iter().any(|(old, new)| new.is_none() && old.is_some_and(|old| old.key == key));
        let comes =
            |key: &str| pairs.iter().any(|(old, new)| old.is_none() && new.is_some_and(|new| new.key == key));
        for (before, after) in &pairs {
            // What goes with a part that is gone needs no words of its own, nor does the label of a new one.
            let silent = match (before.and_then(Part::belongs_to), after.and_then(Part::belongs_to)) {
                (Some((_, part)), None) => goes(part),
                (None, Some((word, part))) => word != "cite" && comes(part),
                _ => false,
            };
            if !silent {
                parts.extend(self.part([old, new], *before, *after, told));
            }
        }
        let mut of_lets = Vec::new();
        for (before, after) in lets {
            // One that comes or goes without a change to what uses it is layout.
            if (before.is_some() && after.is_some())
                || parts.iter().any(|part| part.aspect != Aspect::Citation)
            {
                of_lets.extend(self.part([old, new], before, after, told));
            }
        }
        parts.splice(0..0, of_lets);
        let was = (old.name != new.name).then(|| old.name.clone());
        // Whatever has another name means the same.
        let only_names = (was.is_some() || !parts.is_empty()) && parts.iter().all(|part| part.renamed);
        let how = if only_names { How::Renamed } else { How::Changed };
        let (name, label) = (new.name.clone(), new.label.clone());
        ItemChange { how, kind: new.kind, name, label, was, parts, moves: Vec::new() }
    }

    fn part(
        &self,
        items: [&Item; 2],
        before: Option<&Part>,
        after: Option<&Part>,
        told: &dyn Fn(&Part, &Part) -> bool,
    ) -> Option<PartChange> {
        let any = after.or(before)?;
        let (aspect, part) = (any.aspect, any.label.clone());
        let change = |old: Option<String>, new: Option<String>| {
            Some(PartChange { aspect, part: part.clone(), old, new, renamed: false })
        };
        let (Some(before), Some(after)) = (before, after) else {
            return change(before.map(|part| part.text.clone()), after.map(|part| part.text.clone()));
        };
        if before.meant == after.meant {
            return self.renamed(before, after);
        }
        if !told(before, after) {
            return None;
        }
        if let Some((old, new)) = special::words(items, before, after, self.versions, self.language) {
            return change(old, new);
        }
        let texts = [before, after].map(|part| part.text.clone());
        if texts[0] != texts[1] {
            let [old, new] = texts;
            return change(Some(old), Some(new));
        }
        // The words for people are the same: everything that there is.
        let [old, new] = [before, after].map(|part| self.forms.show(part.meant));
        change(Some(old), Some(new))
    }

    /// A part of the same meaning that is called otherwise.
    fn renamed(&self, before: &Part, after: &Part) -> Option<PartChange> {
        let ((_, old), (_, new)) = (before.named()?, after.named()?);
        let bare = |name: &str| name.split(" of ").next().unwrap_or(name).to_owned();
        let (old, new) = (bare(old), bare(new));
        let (aspect, part) = (after.aspect, after.label.clone());
        (old != new).then_some(PartChange { aspect, part, old: Some(old), new: Some(new), renamed: true })
    }
}

fn is_row(part: Option<&Part>) -> bool {
    part.is_some_and(|part| part.key.starts_with("row "))
}
