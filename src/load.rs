//! Reads a policy set from its folder: the manifest, every `.pol` file, the sets it uses, and the files that
//! they name. What cannot be read is reported like any other problem, and the rest goes on.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::check::manifest::{self, Manifest};
use crate::check::set::{Input, Module, Set, SourceFile};
use crate::diag::{Diagnostic, codes};
use crate::source::{FileId, SourceMap, Span};
use crate::syntax::{self, ast::ItemKind};

/// The largest `.pol` file and manifest that is read, in bytes; a policy of a thousand pages is smaller.
const MAX_POLICY_BYTES: u64 = 16 << 20;
/// The largest source document or table file.
const MAX_ATTACHED_BYTES: u64 = 256 << 20;
/// How deep folders of a set may nest.
const MAX_FOLDERS: usize = 32;

/// Everything of a policy set that stands in files.
pub struct Loaded {
    pub input: Input,
    pub sources: SourceMap,
    pub problems: Vec<Diagnostic>,
}

/// What is known before a set is read: texts that count in place of those on disk, and what was parsed before.
#[derive(Debug, Default)]
pub struct Memory {
    /// Texts that an editor holds, by the real path of their file.
    pub unsaved: BTreeMap<PathBuf, Arc<str>>,
    /// What the files of the last reading were parsed to: a file whose text is still the same is not parsed again.
    parsed: BTreeMap<PathBuf, Remembered>,
}

/// A file with the text that it was parsed from.
#[derive(Debug)]
struct Remembered {
    text: String,
    parsed: Parsed,
}

/// Reads the policy set in a folder and all that it uses.
pub fn load(folder: &Path) -> Loaded {
    load_again(folder, &mut Memory::default())
}

/// As [`load`], with what is known from before; what is read now is remembered.
pub fn load_again(folder: &Path, memory: &mut Memory) -> Loaded {
    let remembered = std::mem::take(&mut memory.parsed);
    let mut loader = Loader::new(memory, remembered);
    loader.set(folder, None);
    let Loader { input, sources, problems, .. } = loader;
    Loaded { input, sources, problems }
}

struct Loader<'m> {
    memory: &'m mut Memory,
    remembered: BTreeMap<PathBuf, Remembered>,
    input: Input,
    sources: SourceMap,
    problems: Vec<Diagnostic>,
    /// Sets by their real folder: read (their position), or being read (`None`).
    known: BTreeMap<PathBuf, Option<usize>>,
}

impl<'m> Loader<'m> {
    fn new(memory: &'m mut Memory, remembered: BTreeMap<PathBuf, Remembered>) -> Loader<'m> {
        Loader {
            memory,
            remembered,
            input: Input::default(),
            sources: SourceMap::default(),
            problems: Vec::new(),
            known: BTreeMap::new(),
        }
    }

    /// Reads a set; `None` where there is none to speak of. `named` is the place that names it.
    fn set(&mut self, folder: &Path, named: Option<Span>) -> Option<usize> {
        let real = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
        match self.known.get(&real) {
            Some(Some(at)) => return Some(*at),
            Some(None) => {
                let span = named.unwrap_or(Span::new(FileId(0), 0, 0));
                self.problems.push(
                    Diagnostic::new(&codes::SET_CYCLE, span, "policy sets use each other in a circle")
                        .at("this set is being read already")
                        .note("move what both need into a third set"),
                );
                return None;
            }
            None => {}
        }
        self.known.insert(real.clone(), None);
        let at = self.input.sets.len();
        self.input.sets.push(empty_set());
        let set = self.read_set(folder, named);
        self.input.sets[at] = set;
        self.known.insert(real, Some(at));
        Some(at)
    }

    fn read_set(&mut self, folder: &Path, named: Option<Span>) -> Set {
        let mut set = empty_set();
        let manifest_path = folder.join("pol.toml");
        if let Some(file) = self.text(
            &manifest_path,
            named,
            MAX_POLICY_BYTES,
            match named {
                Some(_) => "a set that another uses stands in the folder named under [uses], counted from that of the other: copy it there too, or mend the path",
                None => "every policy set has a `pol.toml`; `pol init DIR` makes one",
            },
        ) {
            let (manifest, problems) = manifest::read(file, &self.sources.file(file).text);
            self.problems.extend(problems);
            set.manifest = manifest;
        }
        let mut files = Vec::new();
        for (name, path) in self.pol_files(folder) {
            if let Some(file) = self.text(&path, None, MAX_POLICY_BYTES, "check the rights of the file") {
                files.push((name, file));
            }
        }
        for (name, (file, problems)) in self.parse(files) {
            self.problems.extend(problems);
            set.modules.push(Module { path: name, file });
        }
        self.attach(folder, &mut set);
        let uses = set.manifest.uses.clone();
        for (name, (path, span)) in uses {
            if let Some(at) = self.set(&folder.join(path), Some(span)) {
                set.uses.insert(name, at);
            }
        }
        set
    }

    /// Parses files with their module names; what is remembered of the same text is taken as it is.
    fn parse(&mut self, files: Vec<(String, FileId)>) -> Vec<(String, Parsed)> {
        let same = |file: FileId, known: &Remembered| {
            known.parsed.0.id == file && known.text == self.sources.file(file).text
        };
        let mut known: BTreeMap<FileId, Remembered> = BTreeMap::new();
        for (_, file) in &files {
            let found = self.remembered.remove(&self.sources.file(*file).path);
            known.extend(found.filter(|found| same(*file, found)).map(|found| (*file, found)));
        }
        let fresh: Vec<FileId> =
            files.iter().map(|(_, file)| *file).filter(|file| !known.contains_key(file)).collect();
        for (file, parsed) in parse_all(&self.sources, fresh) {
            known.insert(file, Remembered { text: self.sources.file(file).text.clone(), parsed });
        }
        let mut all = Vec::with_capacity(files.len());
        for (name, file) in files {
            let Some(own) = known.remove(&file) else { continue };
            all.push((name, own.parsed.clone()));
            self.memory.parsed.insert(self.sources.file(file).path.clone(), own);
        }
        all
    }

    /// Reads the source documents and table files that the set names.
    fn attach(&mut self, folder: &Path, set: &mut Set) {
        let hint = "paths are counted from the folder of the policy set";
        let mut documents: Vec<(String, String, Span, Option<String>)> = set
            .manifest
            .sources
            .iter()
            .map(|(name, (path, span))| (name.clone(), path.clone(), *span, None))
            .collect();
        let mut tables = Vec::new();
        for item in set.modules.iter().flat_map(|module| &module.file.items) {
            match &item.kind {
                ItemKind::Policy(policy) => documents.extend(policy.sources.iter().map(|source| {
                    let closing = source.closing.as_ref().map(|words| words.text.clone());
                    (source.name.text.clone(), source.path.text.clone(), source.path.span, closing)
                })),
                ItemKind::Table(table) => tables.extend(table.file.clone()),
                ItemKind::Register(register) => tables.push(register.file.clone()),
                ItemKind::Calendar(calendar) => tables.push(calendar.file.clone()),
                _ => {}
            }
        }
        for (name, path, span, closing) in documents {
            if let Some(file) = self.attached(&folder.join(&path), span, hint) {
                set.sources.push(SourceFile { name, file, declared: Some(span), closing });
            }
        }
        for word in tables {
            if let Some(file) = self.attached(&folder.join(&word.text), word.span, hint) {
                set.tables.insert(word.span, file);
            }
        }
    }

    fn attached(&mut self, path: &Path, named: Span, hint: &str) -> Option<FileId> {
        self.text(path, Some(named), MAX_ATTACHED_BYTES, hint)
    }

    /// The `.pol` files below a folder with their module names, in the order of the names.
    fn pol_files(&mut self, folder: &Path) -> Vec<(String, PathBuf)> {
        let mut found = Vec::new();
        let mut waiting = vec![(String::new(), folder.to_owned(), 0)];
        while let Some((prefix, folder, depth)) = waiting.pop() {
            let entries = match fs::read_dir(&folder) {
                Ok(entries) => entries,
                Err(error) => {
                    if depth > 0 || folder.exists() {
                        self.unreadable(
                            &folder,
                            None,
                            &Loader::why(&error),
                            "check the rights of the folder",
                        );
                    }
                    continue;
                }
            };
            for entry in entries.flatten() {
                let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
                let Ok(kind) = entry.file_type() else { continue };
                if name.starts_with('.') {
                    continue;
                }
                if kind.is_dir() && depth < MAX_FOLDERS && !path.join("pol.toml").exists() {
                    waiting.push((format!("{prefix}{name}."), path, depth + 1));
                } else if !kind.is_dir()
                    && let Some(stem) = name.strip_suffix(".pol")
                {
                    found.push((format!("{prefix}{stem}"), path));
                }
            }
        }
        self.unsaved_below(folder, &mut found);
        found.sort();
        found
    }

    /// Adds the modules below a folder that stand only in an editor as yet.
    fn unsaved_below(&self, folder: &Path, found: &mut Vec<(String, PathBuf)>) {
        let Ok(real) = fs::canonicalize(folder) else { return };
        for path in self.memory.unsaved.keys().filter(|path| !path.exists()) {
            let Ok(inner) = path.strip_prefix(&real) else { continue };
            let mut names: Vec<String> =
                inner.components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
            let between = path.ancestors().skip(1).take_while(|above| *above != real);
            let elsewhere = between.into_iter().any(|above| above.join("pol.toml").exists());
            let Some(name) = names.pop().filter(|_| !elsewhere) else { continue };
            let hidden = name.starts_with('.') || names.iter().any(|name| name.starts_with('.'));
            if let (Some(stem), false) = (name.strip_suffix(".pol"), hidden) {
                names.push(stem.to_owned());
                found.push((names.join("."), folder.join(inner)));
            }
        }
    }

    /// The text of a file that an editor holds.
    fn unsaved(&self, path: &Path) -> Option<String> {
        if self.memory.unsaved.is_empty() {
            return None;
        }
        Some(self.memory.unsaved.get(&real_path(path))?.to_string())
    }

    /// Reads a text; reports where that fails, at the place that names it or else at the file itself.
    fn text(&mut self, path: &Path, named: Option<Span>, limit: u64, hint: &str) -> Option<FileId> {
        if let Some(text) = self.unsaved(path) {
            return Some(self.sources.add(tidy(path), text));
        }
        match fs::metadata(path) {
            Err(error) => {
                self.unreadable(path, named, &Loader::why(&error), hint);
                return None;
            }
            Ok(data) if data.is_dir() => {
                self.unreadable(path, named, "it is a folder", hint);
                return None;
            }
            Ok(data) if data.len() > limit => {
                let span = named.unwrap_or_else(|| self.place(path));
                let message = format!(
                    "{} has {} MB; at most {} MB are read",
                    path.display(),
                    data.len() >> 20,
                    limit >> 20
                );
                self.problems.push(
                    Diagnostic::new(&codes::FILE_TOO_LARGE, span, message)
                        .at("too large")
                        .note("split it into several files"),
                );
                return None;
            }
            Ok(_) => {}
        }
        let bytes = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) => {
                self.unreadable(path, named, &Loader::why(&error), hint);
                return None;
            }
        };
        match String::from_utf8(bytes) {
            Ok(text) => Some(self.sources.add(tidy(path), text)),
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
                let file = self.sources.add(tidy(path), text);
                let span = Span::new(file, at, at + '\u{FFFD}'.len_utf8());
                self.problems.push(
                    Diagnostic::new(
                        &codes::NOT_UTF8,
                        span,
                        format!("the file is not UTF-8 text: byte {at} is no part of it"),
                    )
                    .at("not UTF-8 from here")
                    .note("save the file as UTF-8 in your editor; it may be GBK now"),
                );
                None
            }
        }
    }

    /// Why the system would not read a file, in plain words where it is a common reason.
    fn why(error: &std::io::Error) -> String {
        match error.kind() {
            std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
            std::io::ErrorKind::PermissionDenied => "you have no right to read it".to_owned(),
            _ => error.to_string(),
        }
    }

    fn unreadable(&mut self, path: &Path, named: Option<Span>, error: &str, hint: &str) {
        let code = if named.is_some() && path.file_name().is_none_or(|name| name != "pol.toml") {
            &codes::MISSING_SOURCE
        } else {
            &codes::UNREADABLE
        };
        let span = named.unwrap_or_else(|| self.place(path));
        let message = format!("{} cannot be read: {error}", path.display());
        self.problems.push(Diagnostic::new(code, span, message).at("cannot be read").note(hint.to_owned()));
    }

    /// A place for what has no text of its own.
    fn place(&mut self, path: &Path) -> Span {
        Span::new(self.sources.add(tidy(path), ""), 0, 0)
    }
}

/// The path without links and dots, also of a file that is not there yet.
pub fn real_path(path: &Path) -> PathBuf {
    let real = fs::canonicalize(path).or_else(|error| match (path.parent(), path.file_name()) {
        (Some(folder), Some(name)) => Ok(fs::canonicalize(folder)?.join(name)),
        _ => Err(error),
    });
    real.unwrap_or_else(|_| path.to_owned())
}

/// The path as people would write it: no `.` in it, and `..` only at its start.
fn tidy(path: &Path) -> PathBuf {
    use std::path::Component;
    let mut tidy = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if matches!(tidy.components().next_back(), Some(Component::Normal(_))) => {
                tidy.pop();
            }
            other => tidy.push(other),
        }
    }
    tidy
}

fn empty_set() -> Set {
    Set {
        manifest: Manifest::default(),
        modules: Vec::new(),
        sources: Vec::new(),
        tables: BTreeMap::new(),
        uses: BTreeMap::new(),
    }
}
/// Stack for reading and checking, which descend once for each level of an expression.
pub const STACK_BYTES: usize = 256 << 20;
/// Threads that parse the files of a set.
const THREADS: usize = 2;

type Parsed = (Arc<syntax::ast::File>, Vec<Diagnostic>);

/// Parses files, several at a time; the results are in the order of the files.
fn parse_all(sources: &SourceMap, files: Vec<FileId>) -> Vec<(FileId, Parsed)> {
    let parse = |file: FileId| {
        let (parsed, problems) = syntax::parse(file, &sources.file(file).text);
        (Arc::new(parsed), problems)
    };
    let mut parsed: Vec<Option<Parsed>> = files.iter().map(|_| None).collect();
    let next = AtomicUsize::new(0);
    let some = || {
        let mut own = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(file) = files.get(at) else { return own };
            own.push((at, parse(*file)));
        }
    };
    std::thread::scope(|scope| {
        let helper = || std::thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, some);
        // Where no thread is to be had, this one parses everything.
        let helpers: Vec<_> = (1..THREADS.min(files.len())).filter_map(|_| helper().ok()).collect();
        let mut all = some();
        for helper in helpers {
            all.extend(helper.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        all.into_iter().for_each(|(at, own)| parsed[at] = Some(own));
    });
    files.into_iter().zip(parsed).filter_map(|(file, parsed)| Some((file, parsed?))).collect()
}
