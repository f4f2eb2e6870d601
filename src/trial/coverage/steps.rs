//! Which steps of params the answers to cases have read.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::Goal;
use crate::check::show::{Language, show_value};
use crate::check::typed::{Case, CaseTarget, ParamId, Program, RecordId};
use crate::ir::{self, Op, Slice, Wanted};
use crate::source::{FileId, Span};

/// How many answers to cases rest on a step of a param: one in force on the day of the case, whose value the answer
/// read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Used {
    pub param: String,
    pub label: String,
    /// The first day on which it holds; `None` where it holds from the beginning.
    pub from: Option<String>,
    pub value: String,
    pub used: usize,
    #[serde(skip)]
    pub span: Span,
    #[serde(skip)]
    id: ParamId,
}

impl Used {
    pub(super) fn goal(&self) -> Goal<'_> {
        let from = self.from.as_ref().map_or(String::new(), |from| format!(" from {from}"));
        let subject = format!("{}{from}", self.param);
        Goal { span: self.span, subject, what: "used", label: &self.label, count: self.used }
    }
}

/// The steps that the set's own texts give to params, those of other sets that it fills or amends among them, as cases
/// read them.
pub(super) struct Steps<'a> {
    program: &'a Program,
    core: &'a ir::Program,
    steps: Vec<Used>,
    /// By param and step, where it stands in `steps`.
    places: BTreeMap<(ParamId, usize), usize>,
}

impl<'a> Steps<'a> {
    pub fn new(
        program: &'a Program,
        core: &'a ir::Program,
        own: &BTreeSet<FileId>,
        language: Language,
    ) -> Steps<'a> {
        let (mut steps, mut places) = (Vec::new(), BTreeMap::new());
        for (at, param) in program.params.iter().enumerate() {
            let id = ParamId(at as u32);
            for (number, step) in param.steps.iter().enumerate() {
                if !own.contains(&step.span.file) {
                    continue;
                }
                places.insert((id, number), steps.len());
                steps.push(Used {
                    param: param.head.name.clone(),
                    label: param.head.label.clone(),
                    from: step.force.from.map(|from| from.to_string()),
                    value: show_value(program, &param.ty, &step.value, language),
                    used: 0,
                    span: step.span,
                    id,
                });
            }
        }
        Steps { program, core, steps, places }
    }

    /// Notes the params that an answer to a case has read.
    pub fn note(&mut self, case: &Case, read: impl Iterator<Item = ParamId>) {
        let params: BTreeSet<ParamId> = read.map(|param| own(self.core, param)).collect();
        for param in params.into_iter().filter(|param| case.set.iter().all(|(set, _)| set != param)) {
            let steps = &self.program.params[param.index()].steps;
            let step = steps.iter().rposition(|step| step.force.holds_at(case.as_of));
            if let Some(at) = step.and_then(|step| self.places.get(&(param, step))) {
                self.steps[*at].used += 1;
            }
        }
    }

    /// The steps of all params, or of some.
    pub fn finish(self, only: Option<&BTreeSet<ParamId>>) -> Vec<Used> {
        let wanted = |used: &Used| only.is_none_or(|only| only.contains(&used.id));
        self.steps.into_iter().filter(wanted).collect()
    }
}

/// The param that one follows, or itself.
fn own(core: &ir::Program, param: ParamId) -> ParamId {
    core.params[param.index()].follows.map_or(param, |(of, _)| of)
}

/// The params that answers may read.
pub(super) fn params_of(
    program: &Program,
    core: &ir::Program,
    positions: &[usize],
    targets: impl Iterator<Item = (RecordId, CaseTarget)>,
) -> BTreeSet<ParamId> {
    let mut wanted = Wanted::default();
    for (record, target) in targets {
        match target {
            CaseTarget::Measure(id) => wanted.measures.push((record.index(), positions[id.index()])),
            CaseTarget::Define(id) => {
                let name = &program.defines[id.index()].head.name;
                let defines = &core.records[record.index()].defines;
                let at = defines.iter().position(|(own, _)| own == name);
                wanted.defines.extend(at.map(|at| (record.index(), at)));
            }
        }
    }
    let slice = Slice::of(core, &wanted).program;
    let nodes = slice.records.iter().flat_map(|plan| &plan.graph.nodes);
    let params = nodes.filter_map(|node| match node.op {
        Op::Param(param) => Some(own(core, param)),
        _ => None,
    });
    params.collect()
}
