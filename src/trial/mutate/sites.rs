//! Where the text can be changed, and how: a walk over every expression of the set's own items.

use std::collections::{BTreeMap, BTreeSet};

use super::comparisons::{compared, subject};
use super::moves::{difference, moved};
use super::{Mutant, MutantKind, Patch};
use crate::check::logic::Reader;
use crate::check::show::{Language, Names, show_expr, show_value};
use crate::check::typed::*;
use crate::ir::{self, Lowering, NodeId, Op, Scope};
use crate::source::{FileId, SourceMap, Span};
use crate::value::Value;

/// The mutants of a set, and the program that they patch.
pub struct Sites {
    pub whole: ir::Program,
    /// In the order of the text.
    pub mutants: Vec<Mutant>,
    pub equivalent: Vec<Mutant>,
}

/// Every mutant of the texts in `own`.
pub fn sites(program: &Program, sources: &SourceMap, own: &BTreeSet<FileId>, language: Language) -> Sites {
    let mut finder = Finder {
        program,
        sources,
        own,
        language,
        lowering: Lowering::apart(program),
        compared: compared(program, language),
        found: BTreeMap::new(),
        equivalent: BTreeMap::new(),
    };
    finder.params();
    finder.defines();
    finder.tables();
    finder.budgets();
    for at in 0..program.measures.len() {
        finder.measure(MeasureId(at as u32));
    }
    let Finder { lowering, found, equivalent, .. } = finder;
    let list = |mutants: BTreeMap<Key, Mutant>| mutants.into_values().collect();
    Sites { whole: lowering.program(), mutants: list(found), equivalent: list(equivalent) }
}

/// A mutant by its place and what it makes of it: one that is met twice is one.
type Key = (Span, MutantKind, String, String);

pub(super) struct Finder<'a> {
    pub program: &'a Program,
    pub sources: &'a SourceMap,
    own: &'a BTreeSet<FileId>,
    pub language: Language,
    pub lowering: Lowering<'a>,
    /// What each param is compared with.
    compared: BTreeMap<ParamId, Vec<Compared<'a>>>,
    found: BTreeMap<Key, Mutant>,
    equivalent: BTreeMap<Key, Mutant>,
}

/// A rule of an item, as far as the walk through it goes.
#[derive(Clone, Copy)]
pub(super) struct Spot<'s> {
    pub item: &'s str,
    pub part: &'s str,
    pub label: &'s str,
    pub names: Names<'s>,
    /// The rule as a whole, with the names in it: within, those of another record may be meant.
    pub whole: Option<(Names<'s>, &'s Expr)>,
    /// It is an amount, not a test.
    pub amount: bool,
}

/// What a param is compared with: `other op param`.
pub(super) struct Compared<'a> {
    pub against: Against<'a>,
    pub names: Names<'a>,
}

/// What a constant is compared with: `other op constant`.
#[derive(Clone, Copy)]
pub(super) struct Against<'e> {
    pub op: CompareOp,
    pub other: &'e Expr,
}

/// A change that was found, before it is in words.
pub(super) struct Change {
    pub kind: MutantKind,
    pub span: Span,
    pub before: String,
    pub after: String,
    pub hint: Option<String>,
    pub nodes: Vec<(usize, NodeId, Op)>,
}

impl<'a> Finder<'a> {
    /// Notes a change of a rule; of another set's text nothing is noted.
    pub fn note(&mut self, spot: Spot<'_>, change: Change) {
        self.note_step(spot, change, None);
    }

    fn note_step(&mut self, spot: Spot<'_>, change: Change, step: Option<(ParamId, usize, Value)>) {
        if let Some((key, mutant)) = self.mutant(spot, change, step) {
            self.found.entry(key).or_insert(mutant);
        }
    }

    /// Notes a change that nothing could tell.
    pub fn note_equivalent(&mut self, spot: Spot<'_>, change: Change) {
        if let Some((key, mutant)) = self.mutant(spot, change, None) {
            self.equivalent.entry(key).or_insert(mutant);
        }
    }

    fn mutant(
        &self,
        spot: Spot<'_>,
        change: Change,
        step: Option<(ParamId, usize, Value)>,
    ) -> Option<(Key, Mutant)> {
        let Change { kind, span, before, after, hint, nodes } = change;
        if !self.own.contains(&span.file) {
            return None;
        }
        let within = spot.whole.map(|(names, whole)| show_expr(names, whole));
        let within = within.filter(|whole| *whole != before);
        let mutant = Mutant {
            kind,
            item: spot.item.to_owned(),
            part: spot.part.to_owned(),
            label: spot.label.to_owned(),
            within,
            hint,
            span,
            patch: Patch { nodes, step },
            before: before.clone(),
            after: after.clone(),
        };
        Some(((span, kind, before, after), mutant))
    }

    pub fn value(&self, ty: &Type, value: &Value) -> String {
        show_value(self.program, ty, value, self.language)
    }

    /// The place of an expression in the graph of its record: of a truth value the conjunction that stands for it.
    pub fn node(&mut self, scope: Scope, expr: &Expr) -> (usize, NodeId) {
        (scope.record.index(), self.lowering.node(scope, expr))
    }

    /// The operation under the conjunction that stands for a truth value.
    pub fn inner(&mut self, scope: Scope, expr: &Expr) -> Option<(usize, NodeId)> {
        let (plan, node) = self.node(scope, expr);
        match self.lowering.op(scope.record, node) {
            Op::All(parts) => parts.first().map(|inner| (plan, *inner)),
            _ => None,
        }
    }

    /// Whether two alternatives can never hold together.
    pub fn exclude(&self, spot: Spot<'_>, a: &Branch, b: &Branch) -> bool {
        let mut reader = Reader::new(self.program, self.sources, spot.names.lets);
        let mut read = |branch: &Branch| branch.when.as_ref().and_then(|when| reader.read(when, true));
        let (a, b) = (read(a), read(b));
        reader.exclude(&a, &b)
    }

    pub fn names(&self, record: RecordId, lets: &'a [Let]) -> Names<'a> {
        Names { program: self.program, record, lets, language: self.language }
    }

    fn params(&mut self) {
        for (at, param) in self.program.params.iter().enumerate() {
            let names = self.names(RecordId(0), &[]);
            let compared = self.compared.get(&ParamId(at as u32)).map_or(&[][..], Vec::as_slice);
            let decimals = compared.iter().filter_map(|own| own.against.other.decimals).max();
            let only = compared.first().map(|own| (own.against, own.names));
            for (number, step) in param.steps.iter().enumerate() {
                let from = step.force.from.filter(|_| param.steps.len() > 1);
                let from = from.map_or(String::new(), |from| match self.language {
                    Language::English => format!("from {from}"),
                    Language::Chinese => format!("{from}起"),
                });
                let (item, label) = (param.head.name.as_str(), param.head.label.as_str());
                let spot = Spot { item, part: &from, label, names, whole: None, amount: false };
                for value in moved(&param.ty, &step.value, decimals).into_iter().flatten() {
                    let hint = only.and_then(|(Against { op, other }, names)| {
                        let found = difference(&subject(other), (op, &step.value), (op, &value))?;
                        self.hint(names, other, &found)
                    });
                    let change = Change {
                        kind: MutantKind::Param,
                        span: step.span,
                        before: self.value(&param.ty, &step.value),
                        after: self.value(&param.ty, &value),
                        hint,
                        nodes: Vec::new(),
                    };
                    self.note_step(spot, change, Some((ParamId(at as u32), number, value)));
                }
            }
        }
    }

    fn defines(&mut self) {
        for define in &self.program.defines {
            let names = self.names(define.record, &[]);
            let (item, label) = (define.head.name.as_str(), define.head.label.as_str());
            let amount = define.body.ty != Type::Bool;
            let spot = Spot { item, part: "", label, names, whole: None, amount };
            self.rule(spot, Scope { record: define.record, measure: None }, &define.body);
        }
    }

    fn budgets(&mut self) {
        for budget in &self.program.budgets {
            let names = self.names(budget.record, &[]);
            let (item, label) = (budget.head.name.as_str(), budget.head.label.as_str());
            let spot = Spot { item, part: "", label, names, whole: None, amount: true };
            self.walk(spot, Scope { record: budget.record, measure: None }, &budget.pool, None);
        }
    }
}
