//! Runs the text cases of `tests/cases/`: each file (or folder with a `pol.toml`) is a policy set. Expected
//! problems stand as comments at the end of the line, `//~ E0301 part of the message`; nothing else may be
//! reported, but for the codes of a first line `// allow: N0510 W0605`. The `case` items of the set are run; one
//! that is meant to fail has `//~ E0703` at its expectation. In `pol.toml` the comments follow a `#`; problems in
//! files that have no comments stand at the top of a `.pol` file, `// in sizes.csv:3 E0519 part of the message`.
//! `UPDATE_CASES=1` rewrites the comments at the ends of lines.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use pol::compile::{self, Compiled};
use pol::diag::Diagnostic;
use pol::trial::{self, Options};

const MARK: &str = "//~ ";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases")
}

/// The sets below a folder: single files, and folders with a `pol.toml`.
fn sets(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder of cases can be read").flatten() {
        let path = entry.path();
        if path.join("pol.toml").exists() || path.extension().is_some_and(|extension| extension == "pol") {
            found.push(path);
        } else if path.is_dir() {
            found.extend(sets(&path));
        }
    }
    found.sort();
    found
}

/// Loads a set; a single file is put beside a manifest of its own.
fn load(set: &Path) -> Compiled {
    if set.is_dir() {
        return compile::load(set);
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join("pol.toml"), "name = \"case\"\nlanguage = \"en\"\n")
        .expect("a file is written");
    fs::copy(set, folder.path().join("case.pol")).expect("the case is copied");
    compile::load(folder.path())
}

/// Problems by file name and line: code and message.
type Problems = BTreeMap<(String, usize), Vec<(String, String)>>;

fn found(compiled: &Compiled) -> Problems {
    let mut problems = compiled.problems.clone();
    if !compiled.has_errors() {
        let core = compile::lower(&compiled.program);
        let wrong = pol::ir::verify(&core);
        assert!(wrong.is_empty(), "the core is not sound: {wrong:?}");
        let report = trial::run(&compiled.program, &core, Options::new(compiled.language));
        problems
            .extend(report.results.into_iter().flat_map(|result| result.failed).map(|failed| failed.problem));
    }
    let mut list: Problems = BTreeMap::new();
    for problem in &problems {
        list.entry(place(compiled, problem))
            .or_default()
            .push((problem.code.id.to_owned(), problem.message.clone()));
    }
    list
}

fn place(compiled: &Compiled, problem: &Diagnostic) -> (String, usize) {
    let file = compiled.sources.file(problem.span().file);
    let name = file.path.file_name().expect("a file has a name").to_string_lossy().into_owned();
    (name, file.line_column(problem.span().start as usize).0)
}

/// The files of a set that may hold expectations, under the name that problems give them.
fn texts(set: &Path) -> Vec<(String, PathBuf)> {
    if !set.is_dir() {
        return vec![("case.pol".to_owned(), set.to_owned())];
    }
    let entries = fs::read_dir(set).expect("a set can be read").flatten().map(|entry| entry.path());
    let commented =
        |path: &PathBuf| path.extension().is_some_and(|extension| extension == "pol" || extension == "toml");
    let files = entries.filter(commented);
    files.map(|path| (path.file_name().expect("a name").to_string_lossy().into_owned(), path)).collect()
}

fn expected(text: &str) -> BTreeMap<usize, Vec<(String, String)>> {
    let mut list: BTreeMap<usize, Vec<(String, String)>> = BTreeMap::new();
    for (at, line) in text.lines().enumerate() {
        for mark in line.split(MARK).skip(1) {
            let (code, message) = mark.trim().split_once(' ').unwrap_or((mark.trim(), ""));
            list.entry(at + 1).or_default().push((code.to_owned(), message.trim().to_owned()));
        }
    }
    list
}

/// What the top of a file says of files without comments: file, line, code and part of the message.
fn elsewhere(text: &str) -> impl Iterator<Item = (String, usize, String, String)> {
    text.lines().map_while(|line| line.strip_prefix("//")).filter_map(|line| {
        let (place, rest) = line.strip_prefix(" in ")?.split_once(' ')?;
        let (file, line) = place.split_once(':')?;
        let (code, message) = rest.split_once(' ').unwrap_or((rest, ""));
        Some((file.to_owned(), line.parse().ok()?, code.to_owned(), message.trim().to_owned()))
    })
}

fn allowed(text: &str) -> Vec<String> {
    let first = text.lines().next().unwrap_or_default();
    first
        .strip_prefix("// allow:")
        .map(|codes| codes.split_whitespace().map(str::to_owned).collect())
        .unwrap_or_default()
}

/// What differs in one set, in words.
fn differences(set: &Path) -> Vec<String> {
    let compiled = load(set);
    let mut found = found(&compiled);
    let mut wrong = Vec::new();
    for (name, path) in texts(set) {
        let text = fs::read_to_string(&path).unwrap_or_default();
        let allowed = allowed(&text);
        let here = expected(&text)
            .into_iter()
            .flat_map(|(line, wanted)| wanted.into_iter().map(move |(code, message)| (line, code, message)));
        let here = here.map(|(line, code, message)| (name.clone(), line, code, message));
        for (file, line, code, message) in here.chain(elsewhere(&text)) {
            let reported = found.entry((file.clone(), line)).or_default();
            match reported.iter().position(|(id, text)| *id == code && text.contains(&message)) {
                Some(at) => drop(reported.remove(at)),
                None => {
                    wrong.push(format!("{}: {file}:{line}: not reported: {code} {message}", set.display()))
                }
            }
        }
        found.retain(|(file, _), list| {
            list.retain(|(code, _)| *file != name || !allowed.contains(code));
            !list.is_empty()
        });
    }
    for ((file, line), list) in found {
        wrong.extend(list.into_iter().map(|(code, message)| {
            format!("{}: {file}:{line}: unexpected: {code} {message}", set.display())
        }));
    }
    wrong
}

/// Writes what is found as the new expectations.
fn update(set: &Path) {
    let found = found(&load(set));
    for (name, path) in texts(set) {
        let text = fs::read_to_string(&path).unwrap_or_default();
        let allowed = allowed(&text);
        let comment = if name.ends_with(".toml") { "# " } else { "" };
        let mut lines: Vec<String> = text
            .lines()
            .map(|line| line.split(MARK).next().unwrap_or_default())
            .map(|line| line.trim_end().trim_end_matches(comment).trim_end().to_owned())
            .collect();
        for ((file, line), list) in &found {
            let wanted = list.iter().filter(|(code, _)| *file == name && !allowed.contains(code));
            for (code, message) in wanted {
                if let Some(text) = lines.get_mut(line - 1) {
                    let before = if text.contains(MARK) { "" } else { comment };
                    let message = message.lines().next().unwrap_or_default();
                    text.push_str(&format!("  {before}{MARK}{code} {message}"));
                }
            }
        }
        fs::write(&path, lines.join("\n") + "\n").expect("a case is written");
    }
}

/// Runs one folder of cases.
fn run(theme: &str) {
    let sets = sets(&folder().join(theme));
    assert!(!sets.is_empty(), "no cases in {theme}");
    if std::env::var_os("UPDATE_CASES").is_some() {
        sets.iter().for_each(|set| update(set));
    }
    let wrong: Vec<String> = sets.iter().flat_map(|set| differences(set)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

macro_rules! themes {
    ($($theme:ident)*) => {
        $(#[test]
        fn $theme() {
            run(stringify!($theme));
        })*

        #[test]
        fn every_folder_of_cases_is_run() {
            let themes = [$(stringify!($theme)),*];
            for entry in fs::read_dir(folder()).expect("the folder of cases can be read").flatten() {
                let name = entry.file_name().to_string_lossy().into_owned();
                assert!(themes.contains(&name.as_str()), "tests/cases/{name} is not run");
            }
        }
    };
}

themes! { across agreement amend amounts between budgets choice dates duties lists missing names open ranges related syntax tables types }

#[test]
fn the_shipped_cases_pass() {
    let sets = ["common", "shandong-2020", "shandong-earlier", "city-sample"];
    for folder in sets.map(|set| format!("policies/{set}")) {
        let compiled = compile::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join(&folder));
        assert!(found(&compiled).is_empty(), "{folder}: {:?}", found(&compiled));
    }
}
