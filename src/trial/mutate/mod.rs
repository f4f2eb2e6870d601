//! Which changes of the text no case would notice: thresholds moved by a step, comparisons turned, conditions dropped,
//! alternatives swapped.
//!
//! A change is a patch of the compiled form, in which every place of the text has nodes of its own; it is tried on the
//! cases that can see these nodes, each on the part of the program that its answer needs.

mod bench;
mod branches;
mod comparisons;
mod moves;
mod sites;
mod tables;
mod text;
mod walk;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::runner::Options;
use crate::check::typed::{ParamId, Program};
use crate::ir::{NodeId, Op};
use crate::source::{FileId, SourceMap, Span};
use crate::value::Value;

/// What kind of change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MutantKind {
    /// A bound moved by one step.
    Threshold,
    /// A comparison made inclusive or exclusive.
    Comparison,
    /// A step of a param moved by one step.
    Param,
    /// A constant of an amount, or a value of a table, moved by one step.
    Amount,
    /// A condition left out.
    Condition,
    /// `and` for `or`, or the other way round.
    Connective,
    /// An alternative left out.
    Alternative,
    /// Two alternatives changed over.
    Swap,
}

/// A change of one place of the text, in the words of the drafter.
#[derive(Debug, Clone, Serialize)]
pub struct Mutant {
    pub kind: MutantKind,
    /// The measure, define, table, param or budget.
    pub item: String,
    /// The condition, alternative, benefit or row; empty where it is the item itself.
    pub part: String,
    pub label: String,
    pub before: String,
    pub after: String,
    /// The rule that it is part of, as it stands.
    pub within: Option<String>,
    /// A case that would notice.
    pub hint: Option<String>,
    #[serde(skip)]
    pub span: Span,
    #[serde(skip)]
    patch: Patch,
}

/// A change of the compiled form.
#[derive(Debug, Clone, Default)]
struct Patch {
    /// By plan and node: what stands there instead.
    nodes: Vec<(usize, NodeId, Op)>,
    /// By param and step.
    step: Option<(ParamId, usize, Value)>,
}

/// A mutant that no case notices.
#[derive(Debug, Clone, Serialize)]
pub struct Survivor {
    #[serde(flatten)]
    pub mutant: Mutant,
    /// How many cases ran through the place and came out as before.
    pub cases: usize,
}

/// What the cases notice.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Mutants {
    /// How many cases there were to notice them.
    pub cases: usize,
    /// How many were tried, by kind.
    pub tried: BTreeMap<MutantKind, usize>,
    /// In the order of the text.
    pub survivors: Vec<Survivor>,
    /// Those that no value of their subject could tell from the text, so that they were not tried.
    pub equivalent: Vec<Mutant>,
}

impl Mutants {
    pub fn total(&self) -> usize {
        self.tried.values().sum()
    }
}

/// Tries every mutant of the texts in `own`, the files of the set itself, on the cases that are asked for; with a
/// filter, those that its cases can see or that it names. Cases that fail as it is notice nothing.
pub fn mutate(
    program: &Program,
    sources: &SourceMap,
    own: &BTreeSet<FileId>,
    options: Options<'_>,
) -> Mutants {
    let found = sites::sites(program, sources, own, options.language);
    bench::run(program, found, options)
}
