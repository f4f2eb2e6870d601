//! What the checker is given: parsed modules, grouped into policy sets, and the files that they name.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::manifest::Manifest;
use crate::source::{FileId, Span};
use crate::syntax::ast;

/// A policy set and the sets that it uses.
#[derive(Debug, Default)]
pub struct Input {
    /// The first is the set that was asked for; sets that it uses follow.
    pub sets: Vec<Set>,
}

#[derive(Debug)]
pub struct Set {
    pub manifest: Manifest,
    /// In the order of their names.
    pub modules: Vec<Module>,
    /// Source documents that the manifest and the policy header name.
    pub sources: Vec<SourceFile>,
    /// Decision tables, lists and calendars in files of their own, by the place of the string that names them.
    pub tables: BTreeMap<Span, FileId>,
    /// Sets that `use` may name: their positions in [`Input::sets`].
    pub uses: BTreeMap<String, usize>,
}

#[derive(Debug)]
pub struct Module {
    /// The path from the set's folder with dots: `cases.insurance`.
    pub path: String,
    /// Shared with readings of the set before and after, as long as its text stays the same.
    pub file: Arc<ast::File>,
}

/// A source document that was read.
#[derive(Debug)]
pub struct SourceFile {
    pub name: String,
    pub file: FileId,
    /// Where it is declared, if in a policy header.
    pub declared: Option<Span>,
    /// The words that begin its closing.
    pub closing: Option<String>,
}
