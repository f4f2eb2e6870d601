//! Holds the layer table of `docs/architecture.md` against the imports in `src/`, and the rules of the house
//! that a machine can check.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The layer of each module, as the table says.
fn layers() -> BTreeMap<String, u32> {
    let text = fs::read_to_string(root().join("docs/architecture.md")).expect("the page exists");
    let row = |line: &str| {
        let mut cells = line.trim().strip_prefix('|')?.split('|').map(str::trim);
        let layer = cells.next()?.parse().ok()?;
        Some((cells.next()?.to_owned(), layer))
    };
    text.lines().filter_map(row).collect()
}

/// Every source file with its module and its text, tests aside.
fn files() -> Vec<(PathBuf, String, String)> {
    let src = root().join("src");
    let mut found = Vec::new();
    let mut waiting = vec![src.clone()];
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(folder).expect("src can be read").flatten() {
            let path = entry.path();
            if path.is_dir() {
                waiting.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let inner = path.strip_prefix(&src).expect("below src");
                let module = inner.components().next().expect("a name").as_os_str().to_string_lossy();
                let module = module.trim_end_matches(".rs").to_owned();
                let text = fs::read_to_string(&path).expect("a source file is text");
                found.push((inner.to_owned(), module, text));
            }
        }
    }
    found.sort();
    assert!(found.len() > 50, "the walk over src/ is broken");
    found
}

fn is_test(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    name.ends_with("tests.rs") || name == "sketch.rs"
}

/// The code of a file before its unit tests, comments aside.
fn code(text: &str) -> impl Iterator<Item = &str> {
    let end = text.find("#[cfg(test)]\nmod tests {").unwrap_or(text.len());
    text[..end].lines().filter(|line| !line.trim_start().starts_with("//"))
}

/// The modules that a line names: `crate::value::…`, `use crate::{check, ir}`.
fn named(line: &str) -> Vec<String> {
    let mut names = Vec::new();
    for part in line.split("crate::").skip(1) {
        let list = match part.strip_prefix('{') {
            Some(list) => list.split('}').next().unwrap_or_default(),
            None => part.split([':', ';', ' ', ',', ')', '(', '<', '>']).next().unwrap_or_default(),
        };
        names.extend(
            list.split(',').map(|name| name.trim().split("::").next().unwrap_or_default().to_owned()),
        );
    }
    names
}

#[test]
fn a_module_imports_only_from_lower_layers() {
    let layers = layers();
    let mut wrong = Vec::new();
    let mut imports = 0;
    for (path, module, text) in files() {
        if module == "lib" || module == "main" {
            continue;
        }
        let Some(own) = layers.get(&module) else {
            wrong.push(format!("{module} has no row in docs/architecture.md"));
            continue;
        };
        for name in code(&text).flat_map(named).filter(|name| *name != module) {
            let Some(layer) = layers.get(&name) else { continue };
            imports += 1;
            if layer >= own {
                wrong.push(format!(
                    "{}: {module} (layer {own}) imports {name} (layer {layer})",
                    path.display()
                ));
            }
        }
    }
    assert!(imports > 100, "the imports are not found any more");
    wrong.dedup();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_row_is_a_module() {
    let modules: Vec<String> = files().into_iter().map(|(_, module, _)| module).collect();
    for module in layers().keys() {
        assert!(modules.contains(module), "docs/architecture.md names `{module}`, which is not in src/");
    }
}

#[test]
fn libraries_are_named_only_where_they_belong() {
    let homes: &[(&str, &[&str])] = &[
        ("logos", &["syntax/token.rs", "syntax/scan.rs"]),
        (
            "pest",
            &["syntax/parse.rs", "syntax/build", "syntax/expr.rs", "syntax/message.rs", "syntax/format"],
        ),
        ("pest_derive", &["syntax/parse.rs"]),
        ("codespan_reporting", &["diag/render"]),
        ("arrow_array", &["batch", "sample", "tables", "policy.rs", "cli"]),
        ("arrow_schema", &["batch", "sample", "tables", "policy.rs", "cli"]),
        ("cranelift_codegen", &["jit"]),
        ("cranelift_frontend", &["jit"]),
        ("cranelift_jit", &["jit"]),
        ("parquet", &["tables"]),
        ("calamine", &["tables"]),
        ("clap", &["cli"]),
        ("similar", &["cli"]),
        ("crossbeam_channel", &["lsp"]),
        ("lsp_server", &["lsp"]),
        ("lsp_types", &["lsp"]),
        ("indicatif", &["cli"]),
        ("maud", &["doc"]),
    ];
    for (library, places) in homes {
        let mut used = false;
        for (path, _, text) in files() {
            if code(&text).any(|line| line.contains(&format!("{library}::"))) {
                used = true;
                let home = places.iter().any(|place| path.starts_with(place) || path == Path::new(place));
                assert!(home, "{} names {library}", path.display());
            }
        }
        assert!(used, "{library} is named nowhere");
    }
}

#[test]
fn no_floats_where_numbers_are_exact() {
    for (path, module, text) in files() {
        if !["value", "check", "ir", "interp", "jit"].contains(&module.as_str()) || is_test(&path) {
            continue;
        }
        let float = |word: &str| word == "f32" || word == "f64";
        let words = code(&text).flat_map(|line| line.split(|c: char| !c.is_alphanumeric() && c != '_'));
        assert!(!words.into_iter().any(float), "{} has a float", path.display());
    }
}

#[test]
fn files_are_short_and_say_what_they_are_for() {
    for (path, _, text) in files() {
        let lines = code(&text).count();
        assert!(lines <= 800 || is_test(&path), "{} has {lines} lines", path.display());
        let says = text.starts_with("//!") || is_test(&path);
        assert!(says, "{} does not open with what it is for", path.display());
    }
}
