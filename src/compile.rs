//! The story on one page: from a folder to a program that every engine reads.
//!
//! ```text
//! folder ── load ──→ texts ── syntax::parse ──→ File ── check ──→ Program ── ir::lower ──→ core
//! ```

use std::path::Path;

use crate::check::set::Input;
use crate::check::show::Language;
use crate::check::{self, Checked, Index, Program};
use crate::diag::{self, Diagnostic, Severity, codes};
use crate::source::SourceMap;
use crate::{ir, load};

/// A policy set that was read and checked.
pub struct Compiled {
    pub sources: SourceMap,
    /// The parsed files.
    pub input: Input,
    /// What is sound; to be run only where `problems` has no error.
    pub program: Program,
    /// Every named thing with the places that name it.
    pub index: Index,
    pub problems: Vec<Diagnostic>,
    /// The set's name and language, from its manifest.
    pub name: String,
    pub language: Language,
}

impl Compiled {
    pub fn has_errors(&self) -> bool {
        self.problems.iter().any(Diagnostic::is_error)
    }
}

/// Reads and checks the policy set in a folder.
pub fn load(folder: &Path) -> Compiled {
    load_again(folder, &mut load::Memory::default(), &|| true).expect("nobody gives it up")
}

/// As [`load`], with texts that are not saved yet and what is remembered from the last reading; gives up, with no
/// result, soon after `wanted` is false.
pub fn load_again(
    folder: &Path,
    memory: &mut load::Memory,
    wanted: &(dyn Fn() -> bool + Sync),
) -> Option<Compiled> {
    let worker = std::thread::Builder::new().stack_size(load::STACK_BYTES);
    let outcome = std::thread::scope(|scope| {
        let handle = worker.spawn_scoped(scope, || load_here(folder, memory, wanted));
        handle.map(|handle| handle.join())
    });
    match outcome {
        Ok(Ok(compiled)) => compiled,
        Ok(Err(panic)) => std::panic::resume_unwind(panic),
        // No thread to be had: the stack that there is must do.
        Err(_) => load_here(folder, memory, wanted),
    }
}

fn load_here(folder: &Path, memory: &mut load::Memory, wanted: &dyn Fn() -> bool) -> Option<Compiled> {
    let load::Loaded { input, sources, mut problems } = load::load_again(folder, memory);
    let Checked { program, index, problems: found } = check::check_while(&input, &sources, wanted)?;
    if problems.iter().any(|problem| problem.code == &codes::UNREADABLE) {
        // What is missing from the set says no more than that.
        let follows = [&codes::UNKNOWN_MODULE, &codes::UNKNOWN_NAME, &codes::UNKNOWN_SOURCE];
        problems.extend(found.into_iter().filter(|problem| !follows.contains(&problem.code)));
    } else {
        problems.extend(found);
    }
    let manifest = &input.sets[0].manifest;
    if problems.iter().any(|problem| problem.code.severity == Severity::Error) {
        // What uses an item may be what is broken.
        problems.retain(|problem| problem.code != &codes::UNUSED);
    }
    diag::sort(&mut problems, &sources);
    let language = manifest.language.as_deref().and_then(Language::from_tag).unwrap_or_default();
    let name = manifest.name.clone();
    Some(Compiled { sources, input, program, index, problems, name, language })
}

/// The core of a program that was checked without errors.
pub fn lower(program: &Program) -> ir::Program {
    ir::lower(program)
}
