//! Tries mutants on the cases that can see them.

use std::collections::{BTreeMap, BTreeSet};

use super::sites::Sites;
use super::{Mutant, Mutants, Patch, Survivor};
use crate::check::show::Language;
use crate::check::typed::{Case, CaseTarget, ParamId, Program};
use crate::ir::{self, NodeId, Op, Slice, Wanted};
use crate::trial::runner::{self, Options, Runner, record_of};

/// The cases of one measure or define, with the part of the program that its answers need.
#[derive(Clone)]
struct Stage<'a> {
    slice: Slice,
    params: BTreeSet<ParamId>,
    cases: Vec<&'a Case>,
}

pub fn run(program: &Program, found: Sites, options: Options<'_>) -> Mutants {
    let Sites { whole, mutants, equivalent } = found;
    let bench = Bench { program, language: options.language, positions: vec![0; program.measures.len()] };
    let stages = bench.stages(&whole, &mutants, options);
    let mut seen: Vec<(Mutant, Vec<usize>)> = mutants
        .into_iter()
        .map(|mutant| {
            let own = stages.iter().enumerate().filter(|(_, stage)| stage.sees(&mutant.patch));
            let own = own.map(|(at, _)| at).collect();
            (mutant, own)
        })
        .collect();
    if let Some(text) = options.filter {
        // No case sees what a measure without cases says; that is no reason to keep silent about it.
        let measures = program.measures.iter().map(|own| &own.head);
        let heads = measures.chain(program.defines.iter().map(|own| &own.head));
        let named: BTreeSet<&str> =
            heads.filter(|head| runner::named(head, text)).map(|head| head.name.as_str()).collect();
        seen.retain(|(mutant, stages)| !stages.is_empty() || named.contains(mutant.item.as_str()));
    }
    let noticed = runner::each(
        &seen,
        options.threads,
        || stages.clone(),
        |stages, (mutant, own)| own.iter().any(|at| bench.notices(&mut stages[*at], &mutant.patch)),
    );
    let cases = stages.iter().map(|stage| stage.cases.len()).sum();
    let mut all = Mutants { cases, equivalent, ..Mutants::default() };
    for ((mutant, own), noticed) in seen.into_iter().zip(noticed) {
        *all.tried.entry(mutant.kind).or_default() += 1;
        if !noticed {
            let cases = own.iter().flat_map(|at| &stages[*at].cases);
            let cases = cases.filter(|case| bench.reads(case, &mutant.patch)).count();
            all.survivors.push(Survivor { mutant, cases });
        }
    }
    all
}

struct Bench<'a> {
    program: &'a Program,
    language: Language,
    /// A slice has one measure, which is its record's first.
    positions: Vec<usize>,
}

impl<'a> Bench<'a> {
    fn stages(&self, whole: &ir::Program, mutants: &[Mutant], options: Options<'_>) -> Vec<Stage<'a>> {
        let positions = runner::positions(self.program);
        let mut beside: BTreeMap<(usize, NodeId), Vec<NodeId>> = BTreeMap::new();
        for (plan, node, op) in mutants.iter().flat_map(|mutant| &mutant.patch.nodes) {
            beside.entry((*plan, *node)).or_default().extend(op.operands());
        }
        let mut by_target: BTreeMap<(bool, usize), Vec<&Case>> = BTreeMap::new();
        for at in runner::chosen(self.program, options.filter) {
            let case = &self.program.cases[at];
            let key = match case.target {
                CaseTarget::Measure(id) => (true, id.index()),
                CaseTarget::Define(id) => (false, id.index()),
            };
            by_target.entry(key).or_default().push(case);
        }
        let stage = |((is_measure, id), cases): ((bool, usize), Vec<&'a Case>)| {
            let record = record_of(self.program, cases[0]).index();
            let mut wanted = Wanted { beside: beside.clone(), ..Wanted::default() };
            if is_measure {
                wanted.measures.push((record, positions[id]));
            } else {
                let name = &self.program.defines[id].head.name;
                let defines = &whole.records[record].defines;
                wanted.defines.extend(defines.iter().position(|(own, _)| own == name).map(|at| (record, at)));
            }
            self.stage(Slice::of(whole, &wanted), cases)
        };
        by_target.into_iter().map(stage).collect()
    }

    fn stage(&self, mut slice: Slice, mut cases: Vec<&'a Case>) -> Stage<'a> {
        // Of records that the answers do not look at nothing is asked.
        let own = record_of(self.program, cases[0]);
        let idle = |plan: &&mut ir::RecordPlan| plan.record != own && plan.graph.nodes.is_empty();
        slice.program.records.iter_mut().filter(idle).for_each(|plan| plan.inputs = Vec::new());
        let runner = self.runner(&slice.program);
        cases.retain(|case| runner.passes(case));
        let nodes = slice.program.records.iter().flat_map(|plan| &plan.graph.nodes);
        let follows =
            |param: ParamId| slice.program.params[param.index()].follows.map_or(param, |(of, _)| of);
        let params = nodes.filter_map(|node| match node.op {
            Op::Param(param) => Some(follows(param)),
            _ => None,
        });
        Stage { params: params.collect(), slice, cases }
    }

    fn runner<'r>(&'r self, core: &'r ir::Program) -> Runner<'r> {
        Runner { program: self.program, core, language: self.language, positions: &self.positions }
    }

    /// Whether the step that a change is about is in force in a case; of other changes every case that is given.
    fn reads(&self, case: &Case, patch: &Patch) -> bool {
        patch.step.as_ref().is_none_or(|(param, step, _)| {
            let steps = &self.program.params[param.index()].steps;
            case.set.iter().all(|(set, _)| set != param)
                && steps.iter().rposition(|step| step.force.holds_at(case.as_of)) == Some(*step)
        })
    }

    /// Whether some case comes out otherwise than it should with a change.
    fn notices(&self, stage: &mut Stage<'_>, patch: &Patch) -> bool {
        let before = stage.slice.apply(patch);
        let runner = self.runner(&stage.slice.program);
        let noticed = stage.cases.iter().any(|case| !runner.passes(case));
        stage.slice.undo(patch, before);
        noticed
    }
}

impl Stage<'_> {
    fn sees(&self, patch: &Patch) -> bool {
        let node = |(plan, node, _): &(usize, NodeId, Op)| self.slice.moved[*plan].contains_key(node);
        let step = patch.step.as_ref().is_some_and(|(param, ..)| self.params.contains(param));
        step || patch.nodes.iter().any(node)
    }
}

/// What a change has replaced.
struct Before {
    nodes: Vec<(usize, NodeId, Op)>,
    params: Vec<ir::ParamPlan>,
}

impl Slice {
    fn apply(&mut self, patch: &Patch) -> Before {
        let mut before = Before { nodes: Vec::new(), params: Vec::new() };
        for (plan, node, op) in &patch.nodes {
            let moved = &self.moved[*plan];
            let Some(at) = moved.get(node) else { continue };
            let mut op = op.clone();
            op.map_operands(|operand| moved[&operand]);
            let old = std::mem::replace(&mut self.program.records[*plan].graph.nodes[at.index()].op, op);
            before.nodes.push((*plan, *at, old));
        }
        if let Some((param, step, value)) = &patch.step {
            before.params = self.program.params.clone();
            for plan in followed(&mut self.program.params, *param) {
                plan.steps[*step].1 = value.clone();
            }
        }
        before
    }

    fn undo(&mut self, patch: &Patch, before: Before) {
        for (plan, node, op) in before.nodes.into_iter().rev() {
            self.program.records[plan].graph.nodes[node.index()].op = op;
        }
        if patch.step.is_some() {
            self.program.params = before.params;
        }
    }
}

/// A param, and those that have its value.
fn followed(params: &mut [ir::ParamPlan], param: ParamId) -> impl Iterator<Item = &mut ir::ParamPlan> {
    let own = move |at: usize, plan: &ir::ParamPlan| {
        at == param.index() || plan.follows == Some((param, ir::Follows::Value))
    };
    params.iter_mut().enumerate().filter(move |(at, plan)| own(*at, plan)).map(|(_, plan)| plan)
}
