//! The index of names: a thing renamed at every place that the index knows leaves a set without new problems.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use pol::check::index::ThingKind;
use pol::compile::{self, Compiled};
use pol::source::Span;

/// Copies the `.pol` files and what else a set has, so that they can be rewritten.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// The texts of the files that the edits touch, with the edits made.
fn rewrite(compiled: &Compiled, edits: &BTreeMap<Span, String>) -> BTreeMap<PathBuf, String> {
    let mut texts: BTreeMap<PathBuf, String> = BTreeMap::new();
    for (span, text) in edits.iter().rev() {
        let file = compiled.sources.file(span.file);
        let own = texts.entry(file.path.clone()).or_insert_with(|| file.text.clone());
        own.replace_range(span.range(), text);
    }
    texts
}

fn errors(compiled: &Compiled) -> Vec<String> {
    let errors = compiled.problems.iter().filter(|problem| problem.is_error());
    errors.map(|problem| format!("{} {}", problem.code.id, problem.message)).collect()
}

/// Renames everything at once, things with a label that is a name only where they are called by their name.
fn rename_all(set: &str) -> usize {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().unwrap();
    copy(&root.join(set).join(".."), folder.path());
    let own = folder.path().join(Path::new(set).file_name().unwrap());
    let compiled = compile::load(&own);
    assert_eq!(errors(&compiled), Vec::<String>::new(), "{set} is sound before");
    let mut edits = BTreeMap::new();
    for (at, thing) in compiled.index.things().iter().enumerate() {
        let places = std::iter::once(thing.name.span).chain(thing.uses.iter().copied());
        for place in places {
            let written = compiled.sources.text(place);
            assert_eq!(compiled.index.named(place), Some(at), "{written} stands for {}", thing.name.text);
            if written == "prevailed" && thing.kind == ThingKind::Policy {
                continue;
            }
            if written == thing.name.text {
                // Measures of one name stay so: by it an earlier policy gives way.
                edits.insert(place, format!("renamed_{written}"));
            } else {
                let label = thing.label.as_ref().map(|label| label.text.as_str());
                assert_eq!(Some(written), label, "`{written}` is a name of {}", thing.name.text);
            }
        }
    }
    for (path, text) in rewrite(&compiled, &edits) {
        std::fs::write(path, text).unwrap();
    }
    let renamed = compile::load(&own);
    assert_eq!(errors(&renamed), Vec::<String>::new(), "{set} with everything renamed");
    assert_eq!(renamed.program.cases.len(), compiled.program.cases.len());
    edits.len()
}

#[test]
fn everything_renamed_at_once_is_still_sound() {
    assert!(rename_all("policies/shandong-2020") > 1000);
}

#[test]
fn a_name_is_found_from_any_place_in_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let compiled = compile::load(&root.join("policies/shandong-2020"));
    let thing = compiled.index.things().iter().position(|thing| thing.name.text == "job_subsidy").unwrap();
    let span = compiled.index.things()[thing].name.span;
    for offset in span.start..=span.end {
        assert_eq!(compiled.index.at(span.file, offset as usize), Some((thing, span)));
    }
    assert!(compiled.index.things()[thing].uses.len() > 5, "its cases name it");
}
