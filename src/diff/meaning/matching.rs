//! Which item before is which item after: by kind and name, and where a name is gone and something new means
//! exactly the same, by that.

use std::collections::{BTreeMap, BTreeSet};

use super::form::Form;
use super::item::{Aspect, Item, Part};
use super::names::{Key, Kind, Renames};

/// The items of both versions, paired.
pub struct Matched<'n> {
    pub before: Vec<Item>,
    pub after: &'n [Item],
    /// By position: those after in their order, then those that are gone.
    pub pairs: Vec<[Option<usize>; 2]>,
}

impl<'n> Matched<'n> {
    pub fn new(before: Vec<Item>, after: &'n [Item], renames: &Renames) -> Matched<'n> {
        let mut by_key: BTreeMap<Key, Vec<usize>> = BTreeMap::new();
        for (at, item) in before.iter().enumerate() {
            by_key.entry(renames.of(&item.key())).or_default().push(at);
        }
        // Two modules may have the same name: then theirs count.
        let mut pairs: Vec<[Option<usize>; 2]> = (0..after.len()).map(|at| [None, Some(at)]).collect();
        for same_module in [true, false] {
            for pair in &mut pairs {
                let (None, Some(item)) = (pair[0], pair[1].map(|at| &after[at])) else { continue };
                let Some(waiting) = by_key.get_mut(&item.key()) else { continue };
                let fits = |at: &usize| !same_module || before[*at].module == item.module;
                if let Some(found) = waiting.iter().position(fits) {
                    pair[0] = Some(waiting.remove(found));
                }
            }
        }
        let mut gone: Vec<usize> = by_key.into_values().flatten().collect();
        gone.sort_unstable();
        pairs.extend(gone.into_iter().map(|at| [Some(at), None]));
        Matched { before, after, pairs }
    }

    /// The positions in their programs of the items of some kinds.
    pub fn pairs(&self, kind: impl Fn(Kind) -> bool) -> Vec<[Option<usize>; 2]> {
        let at = |pair: &[Option<usize>; 2]| {
            let items = [pair[0].map(|at| &self.before[at]), pair[1].map(|at| &self.after[at])];
            let wanted = items.iter().flatten().any(|item| kind(item.kind));
            wanted.then(|| items.map(|item| item.map(|item| item.at)))
        };
        self.pairs.iter().filter_map(at).collect()
    }

    pub fn both(&self) -> impl Iterator<Item = (&Item, &Item)> {
        self.pairs.iter().filter_map(|pair| Some((&self.before[pair[0]?], &self.after[pair[1]?])))
    }

    /// Notes what is called otherwise and certainly the same; whether there was anything new.
    pub fn find_renames(&self, renames: &mut Renames) -> bool {
        let mut found = false;
        for (old, new) in self.same_under_other_names() {
            found = true;
            renames.item(old.key(), &new.name);
            if old.kind == Kind::Record {
                for field in old.parts.iter().filter_map(|part| part.key.strip_prefix("field ")) {
                    let key = Key::new(Kind::Field, &Key::member(&old.name, field));
                    renames.item(key, &Key::member(&new.name, field));
                }
            }
        }
        for (old, new) in self.both() {
            found |= part_renames(old, new, renames);
        }
        found
    }

    fn same_under_other_names(&self) -> Vec<(&Item, &Item)> {
        let mut by_identity: BTreeMap<Identity<'_>, [Vec<usize>; 2]> = BTreeMap::new();
        for pair in &self.pairs {
            let (side, at, item) = match *pair {
                [Some(at), None] => (0, at, &self.before[at]),
                [None, Some(at)] => (1, at, &self.after[at]),
                _ => continue,
            };
            let identity = identity(item);
            if !identity.1.is_empty() {
                by_identity.entry(identity).or_default()[side].push(at);
            }
        }
        let only = |found: &[Vec<usize>; 2]| match (&found[0][..], &found[1][..]) {
            ([old], [new]) => Some((&self.before[*old], &self.after[*new])),
            _ => None,
        };
        by_identity.values().filter_map(only).filter(|(old, new)| self.certain(old, new)).collect()
    }

    /// Whether two items of the same meaning are one: a number alone is no evidence, there must be a label, a
    /// citation, or something that names the one as it named the other.
    fn certain(&self, old: &Item, new: &Item) -> bool {
        if !matches!(old.kind, Kind::Param | Kind::Source | Kind::Unit | Kind::Register | Kind::Principle) {
            return true;
        }
        if old.label == new.label && old.label != old.name {
            return true;
        }
        let cites = |item: &Item| -> Vec<Form> {
            let cites = item.parts.iter().filter(|part| part.aspect == Aspect::Citation);
            cites.map(|part| part.meant).collect()
        };
        if !cites(old).is_empty() && cites(old) == cites(new) {
            return true;
        }
        let (was, is) = (old.key(), new.key());
        self.both().any(|(old, new)| {
            let moved = old.names.contains(&was) && !old.names.contains(&is);
            moved && new.names.contains(&is) && !new.names.contains(&was)
        })
    }
}

/// What an item means, whatever it and its conditions and benefits are called.
type Identity<'i> = (Kind, BTreeSet<(&'i str, Form)>);

fn identity(item: &Item) -> Identity<'_> {
    let parts = item.parts.iter().filter(|part| part.is_meaning() && !part.key.starts_with("let "));
    (item.kind, parts.map(|part| (part.role(), part.meant)).collect())
}

impl Part {
    /// It is neither a citation nor words.
    pub fn is_meaning(&self) -> bool {
        !matches!(self.aspect, Aspect::Citation | Aspect::Label)
    }

    /// Of a citation, label or rounding: which it is, and the part that it is of.
    pub fn belongs_to(&self) -> Option<(&str, &str)> {
        let (word, part) = self.key.split_once(' ')?;
        (matches!(word, "cite" | "label" | "rounding") && !part.is_empty()).then_some((word, part))
    }

    /// What it is for the item, whatever it is called; fields and variants are told apart by their names.
    fn role(&self) -> &str {
        match self.named() {
            Some((word, _)) if !matches!(word, "field" | "variant") => word,
            _ => &self.key,
        }
    }

    /// What kind of part it is, and its name.
    pub fn named(&self) -> Option<(&str, &str)> {
        let (word, name) = self.key.split_once(' ')?;
        let has = matches!(word, "require" | "except" | "check" | "branch" | "benefit" | "field" | "variant");
        has.then_some((word, name))
    }
}

/// Notes the parts of an item that mean the same under another name.
fn part_renames(old: &Item, new: &Item, renames: &mut Renames) -> bool {
    let (item, mut found) = (old.key(), false);
    let mapped: Vec<String> = old.parts.iter().map(|part| renamed_key(renames, &item, &part.key)).collect();
    let gone = |at: usize| !new.parts.iter().any(|part| part.key == mapped[at]);
    let fresh = |part: &&Part| !mapped.contains(&part.key);
    let gone: Vec<&Part> = (0..mapped.len()).filter(|at| gone(*at)).map(|at| &old.parts[at]).collect();
    let fresh: Vec<&Part> = new.parts.iter().filter(fresh).collect();
    for part in &gone {
        let Some((word, name)) = part.named() else { continue };
        let same = |other: &Part| {
            // Fields and variants are told apart by their words: many mean the same.
            let words =
                !matches!(word, "field" | "variant") || (part.label == other.label && part.label != name);
            words && part.meant == other.meant && other.named().is_some_and(|(other, _)| other == word)
        };
        let mut candidates = fresh.iter().filter(|other| same(other));
        let (Some(only), None) = (candidates.next(), candidates.next()) else { continue };
        let rivals = gone.iter().filter(|rival| {
            rival.meant == part.meant && rival.named().is_some_and(|(other, _)| other == word)
        });
        let rivals = match word {
            "field" | "variant" => rivals.filter(|rival| rival.label == part.label).count(),
            _ => rivals.count(),
        };
        let Some((_, after)) = only.named().filter(|_| rivals == 1) else { continue };
        found = true;
        renames.item_part(item.clone(), &part.key, &only.key);
        if word == "field" {
            let key = Key::new(Kind::Field, &Key::member(&old.name, name));
            renames.item(key, &Key::member(&new.name, after));
        }
        let bare = |name: &str| format!("benefit {}", name.split(" of ").next().unwrap_or(name));
        if word == "benefit" && bare(name) != bare(after) {
            renames.item_part(item.clone(), &bare(name), &bare(after));
        }
    }
    found
}

/// The key after of a part, also of the label, citation or rounding of a part.
pub fn renamed_key(renames: &Renames, item: &Key, key: &str) -> String {
    match key.split_once(' ') {
        Some((word @ ("cite" | "label" | "rounding"), part)) => {
            format!("{word} {}", renames.part(item, part))
        }
        _ => renames.part(item, key),
    }
}
