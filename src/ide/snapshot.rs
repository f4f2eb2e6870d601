//! A policy set as it was last checked: what every answer rests on.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use crate::check::citations::Document;
use crate::check::index::Thing;
use crate::compile::{self, Compiled};
use crate::ir;
use crate::source::{FileId, Span};

/// A checked policy set, with the revision of the texts that it was made from.
pub struct Snapshot {
    /// The folder of the set.
    pub root: PathBuf,
    pub revision: u64,
    pub compiled: Compiled,
    /// The real path of each file, and the other way round.
    paths: Vec<Arc<Path>>,
    files: BTreeMap<Arc<Path>, FileId>,
    core: OnceLock<Option<ir::Program>>,
    documents: OnceLock<BTreeMap<FileId, Document>>,
}

impl Snapshot {
    /// `paths` are the real paths of the set's files, in their order.
    pub fn new(root: PathBuf, revision: u64, compiled: Compiled, paths: Vec<PathBuf>) -> Snapshot {
        let ids = compiled.sources.iter().map(|(id, _)| id);
        let paths: Vec<Arc<Path>> = paths.into_iter().map(Arc::from).collect();
        let files = paths.iter().cloned().zip(ids).collect();
        let (core, documents) = (OnceLock::new(), OnceLock::new());
        Snapshot { root, revision, compiled, paths, files, core, documents }
    }

    pub fn file(&self, path: &Path) -> Option<FileId> {
        self.files.get(path).copied()
    }

    pub fn path(&self, file: FileId) -> &Arc<Path> {
        &self.paths[file.0 as usize]
    }

    pub fn paths(&self) -> &[Arc<Path>] {
        &self.paths
    }

    /// Whether every item of the set has the form that it should.
    pub fn is_well_formed(&self) -> bool {
        let modules = self.compiled.input.sets.iter().flat_map(|set| &set.modules);
        modules.into_iter().all(|module| module.file.broken.is_empty())
    }

    /// The core of the set, made when it is first asked for; `None` where the set has errors.
    pub fn core(&self) -> Option<&ir::Program> {
        let made = || (!self.compiled.has_errors()).then(|| compile::lower(&self.compiled.program));
        self.core.get_or_init(made).as_ref()
    }

    /// A source document cut into articles, made when one is first asked for.
    pub fn document(&self, name: &str) -> Option<&Document> {
        let program = &self.compiled.program;
        let documents = self.documents.get_or_init(|| {
            let cut = |file: FileId, closing: Option<&str>| {
                Document::new(file, &self.compiled.sources.file(file).text, closing)
            };
            program.sources.iter().map(|own| (own.file, cut(own.file, own.closing.as_deref()))).collect()
        });
        let named = program.sources.iter().filter(|own| own.name == name);
        documents.get(&named.max_by_key(|own| own.own)?.file)
    }

    pub fn things(&self) -> &[Thing] {
        self.compiled.index.things()
    }

    /// The parts of a thing: the fields of a record, the conditions and benefits of a measure.
    pub fn parts(&self, owner: usize) -> impl Iterator<Item = (usize, &Thing)> {
        let things = self.things().iter().enumerate().skip(owner + 1);
        things.take_while(move |(_, thing)| thing.within == Some(owner))
    }

    /// The part of a thing with this name or label.
    pub fn part(&self, owner: usize, name: &str) -> Option<usize> {
        self.parts(owner).find(|(_, thing)| is_called(thing, name)).map(|(at, _)| at)
    }

    /// The thing that is declared at a place.
    pub fn declared_at(&self, place: Span) -> Option<usize> {
        let at = self.compiled.index.named(place)?;
        (self.things()[at].name.span == place).then_some(at)
    }
}

/// Whether a thing goes by a name.
pub fn is_called(thing: &Thing, name: &str) -> bool {
    thing.name.text == name || thing.other_name() == Some(name)
}
