//! A policy text read, checked and lowered.

use std::sync::Arc;

use pol::check::Checked;
use pol::check::manifest::Manifest;
use pol::check::set::{Input, Module, Set as Source};
use pol::check::typed::Program;
use pol::diag::Diagnostic;
use pol::source::SourceMap;
use pol::{check, compile, ir, syntax};

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
    let module = Module { path: "case".to_owned(), file: file.into() };
    let set = Source {
        manifest: Manifest::default(),
        modules: vec![module],
        sources: Vec::new(),
        tables: Default::default(),
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
