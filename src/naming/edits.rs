//! A policy set with other texts at some places, read again.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::check::set::{Input, Module, Set, SourceFile};
use crate::compile::Compiled;
use crate::diag::Diagnostic;
use crate::source::{FileId, SourceMap, Span};
use crate::syntax;

/// New texts for places, which do not overlap.
pub struct Edits {
    files: BTreeMap<FileId, Vec<Edit>>,
}

struct Edit {
    place: Span,
    text: String,
    /// By how much what follows it has moved.
    shift: i64,
}

impl Edits {
    pub fn new(places: &BTreeMap<Span, String>) -> Edits {
        let mut files: BTreeMap<FileId, Vec<Edit>> = BTreeMap::new();
        for (place, text) in places {
            let own = files.entry(place.file).or_default();
            let before = own.last().map_or(0, |edit| edit.shift);
            let shift = before + text.len() as i64 - place.range().len() as i64;
            own.push(Edit { place: *place, text: text.clone(), shift });
        }
        Edits { files }
    }

    /// The files that are not as they were.
    pub fn texts(&self, sources: &SourceMap) -> BTreeMap<FileId, String> {
        let edited = |(file, edits): (&FileId, &Vec<Edit>)| {
            let text = &sources.file(*file).text;
            let (mut out, mut next) = (String::with_capacity(text.len()), 0);
            for edit in edits {
                out.push_str(&text[next..edit.place.start as usize]);
                out.push_str(&edit.text);
                next = edit.place.end as usize;
            }
            out.push_str(&text[next..]);
            (*file, out)
        };
        self.files.iter().map(edited).collect()
    }

    /// Where a place stands now.
    pub fn moved(&self, place: Span) -> Span {
        let Some(edits) = self.files.get(&place.file) else { return place };
        let before = edits.partition_point(|edit| edit.place.start < place.start);
        let shift = before.checked_sub(1).map_or(0, |at| edits[at].shift);
        let length = match edits.get(before) {
            Some(edit) if edit.place == place => edit.text.len(),
            _ => place.range().len(),
        };
        let start = (i64::from(place.start) + shift).max(0) as usize;
        Span::new(place.file, start, start + length)
    }

    /// The edited place that is a place of the new text.
    pub fn at(&self, place: Span) -> Option<Span> {
        let edits = self.files.get(&place.file)?;
        edits.iter().map(|edit| edit.place).find(|own| self.moved(*own) == place)
    }

    /// The edited places on the lines of a place of the new text.
    pub fn near(&self, place: Span, sources: &SourceMap) -> Vec<Span> {
        let file = sources.file(place.file);
        let line = |offset: u32| file.line_column(offset as usize).0;
        let lines = line(place.start)..=line(place.end);
        let own = self.files.get(&place.file).into_iter().flatten();
        own.filter(|edit| lines.contains(&line(self.moved(edit.place).start)))
            .map(|edit| edit.place)
            .collect()
    }

    /// The set as it reads with the new texts, with the syntax errors that there are now.
    pub fn input(&self, compiled: &Compiled) -> (Input, SourceMap, Vec<Diagnostic>) {
        let texts = self.texts(&compiled.sources);
        let (mut sources, mut problems) = (SourceMap::default(), Vec::new());
        for (id, file) in compiled.sources.iter() {
            sources.add(file.path.clone(), texts.get(&id).unwrap_or(&file.text).clone());
        }
        let mut module = |module: &Module| {
            let id = module.file.id;
            let file = match texts.get(&id) {
                None => module.file.clone(),
                Some(text) => {
                    let (file, found) = syntax::parse(id, text);
                    problems.extend(found.into_iter().filter(Diagnostic::is_error));
                    Arc::new(file)
                }
            };
            Module { path: module.path.clone(), file }
        };
        let sets = compiled.input.sets.iter().map(|set| Set {
            manifest: set.manifest.clone(),
            modules: set.modules.iter().map(&mut module).collect(),
            sources: set.sources.iter().map(|source| self.source(source)).collect(),
            tables: set.tables.iter().map(|(place, file)| (self.moved(*place), *file)).collect(),
            uses: set.uses.clone(),
        });
        let input = Input { sets: sets.collect() };
        (input, sources, problems)
    }

    fn source(&self, source: &SourceFile) -> SourceFile {
        SourceFile {
            name: source.name.clone(),
            file: source.file,
            declared: source.declared.map(|place| self.moved(place)),
            closing: source.closing.clone(),
        }
    }
}
