//! What lies on the drafter's desk: the files that are open in the editor, over the sets as they were last checked.
//!
//! Answers come from the last check at once. Its places are carried through the edits made since; a name that
//! stands where the check knows nothing, since it was typed later or its item is broken, is looked up by its
//! words, in the last check and then in the last one in which every item had its form.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::buffer::Buffer;
use super::outcome::Outcomes;
use super::snapshot::Snapshot;
use crate::source::{FileId, SourceFile, Span};

/// A part of a file as it stands now, in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub path: Arc<Path>,
    pub start: usize,
    pub end: usize,
}

impl Ord for Place {
    /// In the order of files and of the text.
    fn cmp(&self, other: &Place) -> Ordering {
        // Many places are of one file, and to compare paths takes long.
        let same_file = Arc::ptr_eq(&self.path, &other.path);
        let files = if same_file { Ordering::Equal } else { self.path.cmp(&other.path) };
        files.then(self.start.cmp(&other.start)).then(self.end.cmp(&other.end))
    }
}

impl PartialOrd for Place {
    fn partial_cmp(&self, other: &Place) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Place {
    pub fn range(&self) -> Range<usize> {
        self.start..self.end
    }
}

/// A set as it was checked: last, and last with every item in its form.
#[derive(Default)]
struct Checks {
    latest: Option<Arc<Snapshot>>,
    sound: Option<Arc<Snapshot>>,
}

/// The open files and the checked sets.
#[derive(Default)]
pub struct Desk {
    buffers: BTreeMap<PathBuf, Buffer>,
    sets: BTreeMap<PathBuf, Checks>,
    /// What the cases gave, by set.
    pub outcomes: BTreeMap<PathBuf, Outcomes>,
    /// Counts changes of texts.
    revision: u64,
}

impl Desk {
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Opens a file with the text that the editor has of it.
    pub fn open(&mut self, path: PathBuf, text: String) {
        self.revision += 1;
        let checked = self.home_of(&path).and_then(|set| {
            let file = set.file(&path)?;
            Some(set.compiled.sources.file(file).text.clone())
        });
        // What the editor has may be another text than the one that was checked.
        let mut buffer = Buffer::new(path.clone(), checked.unwrap_or_default());
        if buffer.text() != text {
            buffer.replace_all(text, self.revision);
        }
        self.buffers.insert(path, buffer);
    }

    /// Replaces a part of an open file, or all of it.
    pub fn change(&mut self, path: &Path, range: Option<Range<usize>>, text: String) {
        self.revision += 1;
        let revision = self.revision;
        let Some(buffer) = self.buffers.get_mut(path) else { return };
        match range {
            Some(range) => buffer.replace(range, &text, revision),
            None => buffer.replace_all(text, revision),
        }
    }

    pub fn close(&mut self, path: &Path) {
        self.revision += 1;
        self.buffers.remove(path);
    }

    /// Something was changed outside of the editor.
    pub fn touch(&mut self) {
        self.revision += 1;
    }

    pub fn buffer(&self, path: &Path) -> Option<&Buffer> {
        self.buffers.get(path)
    }

    pub fn buffers(&self) -> impl Iterator<Item = (&Path, &Buffer)> {
        self.buffers.iter().map(|(path, buffer)| (path.as_path(), buffer))
    }

    /// Takes a check for the last one of its set, unless a later one is there.
    pub fn take(&mut self, snapshot: Arc<Snapshot>) {
        let checks = self.sets.entry(snapshot.root.clone()).or_default();
        if checks.latest.as_ref().is_some_and(|latest| latest.revision > snapshot.revision) {
            return;
        }
        if snapshot.is_well_formed() {
            checks.sound = Some(snapshot.clone());
        }
        checks.latest = Some(snapshot);
        let known = self.sets.values().flat_map(|checks| checks.latest.iter().chain(&checks.sound));
        let oldest = known.map(|snapshot| snapshot.revision).min().unwrap_or(0);
        self.buffers.values_mut().for_each(|buffer| buffer.forget(oldest));
    }

    /// Forgets a set, which is there no more.
    pub fn drop_set(&mut self, root: &Path) {
        self.sets.remove(root);
        self.outcomes.remove(root);
    }

    pub fn latest(&self, root: &Path) -> Option<&Arc<Snapshot>> {
        self.sets.get(root)?.latest.as_ref()
    }

    pub fn all_latest(&self) -> impl Iterator<Item = &Arc<Snapshot>> {
        self.sets.values().filter_map(|checks| checks.latest.as_ref())
    }

    /// The checks that answer for a file: those of its own set, else of one that uses it.
    fn checks_of(&self, path: &Path) -> Option<&Checks> {
        let own = path.ancestors().skip(1).find_map(|folder| self.sets.get(folder));
        own.or_else(|| {
            self.sets
                .values()
                .find(|checks| checks.latest.as_ref().is_some_and(|set| set.file(path).is_some()))
        })
    }

    /// The last check of the set that a file belongs to.
    pub fn home_of(&self, path: &Path) -> Option<&Arc<Snapshot>> {
        self.checks_of(path)?.latest.as_ref()
    }

    /// The last check of the file's set, then the last one in which every item had its form, if that is another.
    pub fn memories_of(&self, path: &Path) -> impl Iterator<Item = &Arc<Snapshot>> {
        let checks = self.checks_of(path);
        let latest = checks.and_then(|checks| checks.latest.as_ref());
        let sound = checks.and_then(|checks| checks.sound.as_ref());
        let older = sound.filter(|sound| latest.is_none_or(|latest| !Arc::ptr_eq(latest, sound)));
        latest.into_iter().chain(older)
    }

    /// The last checks of all sets that a file is part of, its own first.
    pub fn sets_with(&self, path: &Path) -> Vec<&Arc<Snapshot>> {
        let home = self.home_of(path);
        let is_home = |set: &&Arc<Snapshot>| home.is_some_and(|home| Arc::ptr_eq(home, set));
        let others = self.all_latest().filter(|set| set.file(path).is_some());
        home.into_iter().chain(others.filter(|set| !is_home(set))).collect()
    }

    /// The text of a file: as the editor has it, else as it was checked.
    pub fn file(&self, path: &Path) -> Option<&SourceFile> {
        if let Some(buffer) = self.buffers.get(path) {
            return Some(buffer.file());
        }
        let set = self.home_of(path).filter(|set| set.file(path).is_some());
        let set = set.or_else(|| self.all_latest().find(|set| set.file(path).is_some()))?;
        Some(set.compiled.sources.file(set.file(path)?))
    }

    /// Where a place of a check stands now; `None` where an edit has cut it.
    pub fn place(&self, set: &Snapshot, span: Span) -> Option<Place> {
        let path = set.path(span.file);
        let range = match self.buffers.get(&**path) {
            Some(buffer) => buffer.now(set.revision, span.range())?,
            None => span.range(),
        };
        Some(Place { path: Arc::clone(path), start: range.start, end: range.end })
    }

    /// As [`Desk::place`], but only where the words are still those that were checked.
    pub fn same_words(&self, set: &Snapshot, span: Span) -> Option<Place> {
        let place = self.place(set, span)?;
        let is_latest = || self.latest(&set.root).is_some_and(|latest| std::ptr::eq(&**latest, set));
        if !self.buffers.contains_key(&*place.path) && is_latest() {
            return Some(place);
        }
        let now = self.file(&place.path)?.text.get(place.range())?;
        (now == set.compiled.sources.text(span)).then_some(place)
    }

    /// Where a byte of a file stood when the set was checked, with the file there.
    pub fn before(&self, set: &Snapshot, path: &Path, offset: usize) -> Option<(FileId, usize)> {
        let file = set.file(path)?;
        let offset = match self.buffers.get(path) {
            Some(buffer) => buffer.before(set.revision, offset)?,
            None => offset,
        };
        Some((file, offset))
    }

    /// Whether all texts of a set are those that were checked.
    pub fn is_current(&self, set: &Snapshot) -> bool {
        set.paths().iter().all(|path| self.buffers.get(&**path).is_none_or(|own| own.unchanged(set.revision)))
    }

    /// The roots of the sets that a file is part of, as far as they were checked.
    pub fn roots_with(&self, path: &Path) -> BTreeSet<PathBuf> {
        self.all_latest().filter(|set| set.file(path).is_some()).map(|set| set.root.clone()).collect()
    }
}
