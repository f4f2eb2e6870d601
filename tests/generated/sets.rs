//! A policy text read, checked and lowered.

use std::collections::BTreeMap;
use std::sync::Arc;

use pol::check::Checked;
use pol::check::manifest::Manifest;
use pol::check::set::{Input, Module, Set as Source};
use pol::check::typed::Program;
use pol::diag::Diagnostic;
use pol::source::SourceMap;
use pol::syntax::ast::ItemKind;
use pol::{check, compile, ir, syntax};

/// The lists that sets may name, by their files.
pub const LISTS: [(&str, &str); 3] = [
    ("nobody.csv", "name\n"),
    ("few.csv", "name\n山东\na\nk1\n"),
    ("many.csv", "no,name\n1,a longer text of 24 bytes\n2,A\n3,b\n4,k0\n5,k2\n6,k3\n7,k5\n8,k8\n9,k13\n"),
];

/// The calendars.
pub const CALENDARS: [(&str, &str); 2] = [
    ("plain.csv", "day,kind\n"),
    (
        "holidays.csv",
        "day,kind\n2020-01-01,holiday\n2020-01-19,workday\n2020-01-24,holiday\n2020-01-27,holiday\n\
        2020-01-28,holiday\n2020-02-29,workday\n2020-03-02,holiday\n2020-12-31,holiday\n",
    ),
];

/// A set that checks.
#[derive(Debug, Clone)]
pub struct Set {
    pub program: Arc<Program>,
    pub plans: Arc<ir::Program>,
}

/// Reads the text of a set that is one file.
///
/// # Errors
/// With the errors of the set.
pub fn read(text: &str) -> Result<Set, Vec<Diagnostic>> {
    let mut sources = SourceMap::default();
    let id = sources.add("case.pol", text);
    let (file, mut problems) = syntax::parse(id, text);
    let mut tables = BTreeMap::new();
    for item in &file.items {
        let word = match &item.kind {
            ItemKind::Register(register) => &register.file,
            ItemKind::Calendar(calendar) => &calendar.file,
            _ => continue,
        };
        let (name, text) =
            LISTS.iter().chain(&CALENDARS).find(|(name, _)| *name == word.text).expect("a file of all sets");
        tables.insert(word.span, sources.add(*name, *text));
    }
    let module = Module { path: "case".to_owned(), file: file.into() };
    let set = Source {
        manifest: Manifest::default(),
        modules: vec![module],
        sources: Vec::new(),
        tables,
        uses: Default::default(),
    };
    let Checked { program, problems: found, .. } = check::check(&Input { sets: vec![set] }, &sources);
    problems.extend(found);
    problems.retain(Diagnostic::is_error);
    if !problems.is_empty() {
        return Err(problems);
    }
    let plans = compile::lower(&program);
    let unsound = ir::verify(&plans);
    assert!(unsound.is_empty(), "the core is not sound: {unsound:?}\n{text}");
    Ok(Set { program: Arc::new(program), plans: Arc::new(plans) })
}
