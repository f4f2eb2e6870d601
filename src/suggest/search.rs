//! Finds a record that makes conditions come out as wanted: decides one field after another, each as its boundaries
//! and variants allow, and lets the interpreter say what is settled by then and what leaves it open.

use std::collections::BTreeSet;

use super::bounds::near;
use super::candidates::Candidates;
use super::world::{Slot, Var, World};
use crate::boundary::{Beside, Reach, position, solve, value_at};
use crate::check::typed::Program;
use crate::interp::{Answer, Evaluator, Inputs, Status, facts};
use crate::ir::{self, NodeId, Op, RecordPlan};
use crate::value::{Causes, Fact, Value, VariantSet};

/// What is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goal {
    /// A condition is known to hold, or not to.
    Is(NodeId, bool),
    /// An enum is one of some variants.
    Among(NodeId, VariantSet),
    /// A value is known.
    Known(NodeId),
    /// A value is missing.
    Missing(NodeId),
    /// The measure at this position of the plan has an answer that lacks nothing.
    Answered(usize),
    /// The answer lacks something.
    Undetermined(usize),
}

/// The side of a comparison that a field is put beside of.
#[derive(Debug, Clone, Copy)]
pub struct Focus {
    pub field: u16,
    pub side: NodeId,
    pub other_side: NodeId,
}

/// Why there is no record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Every way was tried.
    Impossible,
    /// Too many ways.
    TooMany,
    /// A condition is known, whatever is missing.
    AlwaysKnown,
    /// A boundary makes no difference.
    Indifferent,
    /// A boundary is one of a value across records.
    Across,
    /// No field can be put on a boundary by going back from it.
    NotTurned,
}

/// Evaluations that a search may take.
const BUDGET: usize = 600;

pub struct Search<'a> {
    pub program: &'a Program,
    pub core: &'a ir::Program,
    pub plan: &'a RecordPlan,
    pub reach: &'a Reach,
    pub candidates: &'a Candidates,
    pub goals: Vec<Goal>,
    pub focus: Option<Focus>,
    /// Fields that stay missing.
    pub frozen: BTreeSet<Var>,
    /// What the goals depend on looks across records.
    pub across: bool,
    /// Fields of which a goal asks whether they are known: they are decided first.
    early: Vec<Var>,
    budget: usize,
}

/// A record that was found, and the values of the field in focus: below, at and above its boundary.
#[derive(Debug, Clone)]
pub struct Found {
    pub world: World,
    pub points: [Option<Value>; 3],
    /// The field in focus.
    pub field: Option<u16>,
}

enum Verdict {
    Met,
    Failed,
    Open(Causes),
}

impl<'a> Search<'a> {
    pub fn new(
        program: &'a Program,
        core: &'a ir::Program,
        plan: &'a RecordPlan,
        reach: &'a Reach,
        candidates: &'a Candidates,
        goals: Vec<Goal>,
    ) -> Search<'a> {
        let roots: Vec<NodeId> = goals.iter().flat_map(|goal| nodes(plan, *goal)).collect();
        let across = roots.iter().any(|root| reach.looks_across(*root));
        let early = early(core, plan, reach, &roots);
        let (focus, frozen) = (None, BTreeSet::new());
        Search { program, core, plan, reach, candidates, goals, focus, frozen, across, early, budget: BUDGET }
    }

    /// Decides fields of `start` until all goals are met and `accept` takes the result.
    pub fn run(&mut self, start: World, accept: &mut dyn FnMut(&Found) -> bool) -> Result<Found, Why> {
        self.budget = BUDGET;
        let inputs = start.inputs(self.core);
        let plan = self.plan;
        let mut evaluator = Evaluator::new(plan, &inputs, None, &facts(plan, &[]));
        match self.step(&start, &inputs, &mut evaluator, accept) {
            Some(found) => Ok(found),
            None if self.budget == 0 => Err(Why::TooMany),
            None => Err(Why::Impossible),
        }
    }

    fn step(
        &mut self,
        world: &World,
        inputs: &Inputs,
        evaluator: &mut Evaluator<'_>,
        accept: &mut dyn FnMut(&Found) -> bool,
    ) -> Option<Found> {
        self.budget = self.budget.checked_sub(1)?;
        if self.budget == 0 {
            return None;
        }
        if let Some(early) = self.early.iter().copied().find(|early| self.is_there(world, *early)) {
            return self.branch(world, early, true, inputs, evaluator, accept);
        }
        let points = match self.focus {
            None => [None, None, None],
            Some(focus) => match self.points(world, focus, evaluator) {
                Ok(points) => points,
                Err(Some(open)) => return self.branch(world, open, false, inputs, evaluator, accept),
                Err(None) => return None,
            },
        };
        let found = Found { world: world.clone(), points, field: self.focus.map(|focus| focus.field) };
        match self.judge(&found, evaluator) {
            Verdict::Failed => None,
            // What is known by now stays so, whatever else is decided.
            Verdict::Met => accept(&found).then_some(found),
            Verdict::Open(causes) => {
                let open = self.open_var(world, &causes)?;
                self.branch(world, open, false, inputs, evaluator, accept)
            }
        }
    }

    fn branch(
        &mut self,
        world: &World,
        var: Var,
        or_missing: bool,
        inputs: &Inputs,
        evaluator: &mut Evaluator<'_>,
        accept: &mut dyn FnMut(&Found) -> bool,
    ) -> Option<Found> {
        let mut options = self.options(world, var, evaluator);
        if or_missing {
            let mut missing = world.clone();
            missing.put(var, Slot::Missing);
            options.push(missing);
        }
        for option in options {
            if let Some(found) = self.step(&option, inputs, evaluator, accept) {
                return Some(found);
            }
            if self.budget == 0 {
                return None;
            }
        }
        None
    }

    /// What a world becomes where something is decided.
    fn options(&self, world: &World, var: Var, evaluator: &mut Evaluator<'_>) -> Vec<World> {
        let put = |value: Value| {
            let mut world = world.clone();
            world.put(var, Slot::Value(value));
            world
        };
        match var {
            Var::Present(record) => self.candidates.presences(self.program, world, record),
            Var::Own(field) => {
                let mut values = self.beside_others(world, field, evaluator);
                values.extend(self.candidates.of(world.record, field).iter().cloned());
                let mut seen = BTreeSet::new();
                values.retain(|value| seen.insert(value.clone()));
                values.into_iter().map(put).collect()
            }
            Var::Other(record, field) => self.candidates.of(record, field).iter().cloned().map(put).collect(),
            Var::Beside(field) => self.candidates.of(world.record, field).iter().cloned().map(put).collect(),
            Var::Param(param) => self.candidates.of_param(self.program, param).map(put).collect(),
        }
    }

    /// Values of a field where a comparison with what is known by now turns.
    fn beside_others(&self, world: &World, field: u16, evaluator: &mut Evaluator<'_>) -> Vec<Value> {
        let comparisons = self.candidates.between(world.record, field);
        if comparisons.is_empty() {
            return Vec::new();
        }
        let declared = &self.program.records[world.record.index()].fields[usize::from(field)];
        self.look(world, evaluator, |evaluator| {
            let mut values = Vec::new();
            for (side, other_side) in comparisons {
                let Some(wanted) = evaluator.fact(*other_side).known().and_then(position) else { continue };
                let Some(at) = solve(evaluator, self.reach, *side, field, &wanted) else { continue };
                let focus = Focus { field, side: *side, other_side: *other_side };
                let around = near(self.plan, focus, declared, &at);
                let sides = [around.exact, around.above, around.below].into_iter().flatten();
                values.extend(sides.filter_map(|at| value_at(&declared.ty, &at)));
            }
            values
        })
    }

    /// Shows a world, as quickly as what is looked at allows.
    fn look<T>(
        &self,
        world: &World,
        evaluator: &mut Evaluator<'_>,
        look: impl FnOnce(&mut Evaluator<'_>) -> T,
    ) -> T {
        if self.across || !world.set.is_empty() {
            return world.look(self.core, look);
        }
        evaluator.load(&facts(self.plan, &World::values(&world.own)));
        look(evaluator)
    }

    fn is_open(&self, world: &World, var: Var) -> bool {
        world.slot(var) == Slot::Open && !self.frozen.contains(&var) && !self.in_focus(var)
    }

    /// As [`Search::is_open`], for a field of a record that is there.
    fn is_there(&self, world: &World, var: Var) -> bool {
        let there = match var {
            Var::Other(record, _) => world.others.iter().any(|other| other.record == record),
            _ => true,
        };
        there && self.is_open(world, var)
    }

    fn in_focus(&self, var: Var) -> bool {
        self.focus.is_some_and(|focus| var == Var::Own(focus.field))
    }

    /// The first of the causes that can be decided.
    fn open_var(&self, world: &World, causes: &Causes) -> Option<Var> {
        let vars = || causes.iter().filter_map(|cause| World::var(self.plan, cause));
        // What the record itself has may be missing in those beside it.
        let beside = vars().filter_map(|var| match var {
            Var::Own(field) => Some(Var::Beside(field)),
            _ => None,
        });
        vars().chain(beside).find(|var| self.is_open(world, *var))
    }

    /// The values of the field in focus; where something else decides them, what of that is still open.
    fn points(
        &self,
        world: &World,
        focus: Focus,
        evaluator: &mut Evaluator<'_>,
    ) -> Result<[Option<Value>; 3], Option<Var>> {
        let inputs = self.reach.inputs(focus.side).chain(self.reach.inputs(focus.other_side));
        let mut others = inputs.filter_map(|input| World::var(self.plan, input));
        if let Some(open) = others.find(|var| self.is_open(world, *var)) {
            return Err(Some(open));
        }
        let at = self.look(world, evaluator, |evaluator| match evaluator.fact(focus.other_side) {
            Fact::Known(wanted) => {
                let wanted = position(&wanted).ok_or(None)?;
                solve(evaluator, self.reach, focus.side, focus.field, &wanted).ok_or(None)
            }
            Fact::Missing(missing) => Err(self.open_var(world, &missing.causes)),
            Fact::Error(_) => Err(None),
        })?;
        let declared = &self.program.records[world.record.index()].fields[usize::from(focus.field)];
        let around = near(self.plan, focus, declared, &at);
        let points = [around.below, around.exact, around.above]
            .map(|at| at.and_then(|at| value_at(&declared.ty, &at)));
        if points.iter().flatten().count() < 2 { Err(None) } else { Ok(points) }
    }

    /// How the goals stand, in each of the points of the focus.
    fn judge(&self, found: &Found, evaluator: &mut Evaluator<'_>) -> Verdict {
        let mut open: Option<Causes> = None;
        for world in found.worlds() {
            match self.look(&world, evaluator, |evaluator| self.verdict(evaluator)) {
                Verdict::Met => {}
                Verdict::Failed => return Verdict::Failed,
                Verdict::Open(causes) => _ = open.get_or_insert(causes),
            }
        }
        open.map_or(Verdict::Met, Verdict::Open)
    }

    fn verdict(&self, evaluator: &mut Evaluator<'_>) -> Verdict {
        let mut open = None;
        for goal in &self.goals {
            match verdict(*goal, evaluator) {
                Verdict::Met => {}
                Verdict::Failed => return Verdict::Failed,
                Verdict::Open(causes) => _ = open.get_or_insert(causes),
            }
        }
        open.map_or(Verdict::Met, Verdict::Open)
    }
}

impl Found {
    /// The record in each point of the focus; itself where there is none.
    pub fn worlds(&self) -> Vec<World> {
        let points = self.points.iter().enumerate().filter_map(|(at, _)| self.at(at));
        if self.field.is_some() { points.collect() } else { vec![self.world.clone()] }
    }

    /// The points on their line.
    pub fn around(&self) -> Beside {
        let [below, exact, above] = self.points.each_ref().map(|value| value.as_ref().and_then(position));
        Beside { below, exact, above }
    }

    /// The record in one of the points, where the field can have it.
    pub fn at(&self, point: usize) -> Option<World> {
        let mut world = self.world.clone();
        world.put(Var::Own(self.field?), Slot::Value(self.points[point].clone()?));
        Some(world)
    }
}

fn verdict(goal: Goal, evaluator: &mut Evaluator<'_>) -> Verdict {
    match goal {
        Goal::Is(node, wanted) => match evaluator.fact(node) {
            Fact::Known(value) if value == Value::Bool(wanted) => Verdict::Met,
            Fact::Missing(missing) => Verdict::Open(missing.causes),
            _ => Verdict::Failed,
        },
        Goal::Among(node, set) => match evaluator.fact(node) {
            Fact::Known(Value::Enum(variant)) if set.contains(variant) => Verdict::Met,
            Fact::Missing(missing) if missing.possible.intersection(set).is_empty() => Verdict::Failed,
            Fact::Missing(missing) => Verdict::Open(missing.causes),
            _ => Verdict::Failed,
        },
        Goal::Known(node) => match evaluator.fact(node) {
            Fact::Known(_) => Verdict::Met,
            Fact::Missing(missing) => Verdict::Open(missing.causes),
            Fact::Error(_) => Verdict::Failed,
        },
        Goal::Missing(node) => match evaluator.fact(node) {
            Fact::Missing(_) => Verdict::Met,
            _ => Verdict::Failed,
        },
        Goal::Answered(measure) => match evaluator.answer(measure) {
            Answer { status: Status::Undetermined, missing, .. } => Verdict::Open(missing),
            Answer { status: Status::Error, .. } => Verdict::Failed,
            _ => Verdict::Met,
        },
        Goal::Undetermined(measure) => match evaluator.answer(measure).status {
            Status::Undetermined => Verdict::Met,
            _ => Verdict::Failed,
        },
    }
}

/// The nodes that a goal looks at.
pub fn nodes(plan: &RecordPlan, goal: Goal) -> Vec<NodeId> {
    match goal {
        Goal::Is(node, _) | Goal::Among(node, _) | Goal::Known(node) | Goal::Missing(node) => vec![node],
        Goal::Answered(measure) | Goal::Undetermined(measure) => {
            let measure = &plan.measures[measure];
            let branches = || measure.choice.iter().flat_map(|choice| &choice.branches);
            let tests = measure.requires.iter().chain(&measure.excepts).chain(&measure.checks);
            let tests = tests.chain(branches().map(|branch| &branch.test)).map(|test| test.node);
            let awards = measure.awards.iter().chain(branches().flat_map(|branch| &branch.awards));
            let awards =
                awards.flat_map(|award| [Some(award.least), award.most, award.months].into_iter().flatten());
            tests.chain(awards).collect()
        }
    }
}

/// The nodes below some others, themselves included, ascending.
pub fn below(plan: &RecordPlan, roots: &[NodeId], stop: &BTreeSet<NodeId>) -> BTreeSet<NodeId> {
    let mut seen: BTreeSet<NodeId> = BTreeSet::new();
    let mut waiting = roots.to_vec();
    while let Some(node) = waiting.pop() {
        if !stop.contains(&node) && seen.insert(node) {
            plan.graph.nodes[node.index()].op.each_operand(|operand| waiting.push(operand));
        }
    }
    seen
}

/// Fields below `known x` and `x otherwise y`: that they are missing is an answer too.
fn early(core: &ir::Program, plan: &RecordPlan, reach: &Reach, roots: &[NodeId]) -> Vec<Var> {
    let mut found = BTreeSet::new();
    let cone = below(plan, roots, &BTreeSet::new());
    for of in asked_whether_known(plan, &cone) {
        found.extend(reach.inputs(of).filter_map(|input| World::var(plan, input)));
    }
    for node in &cone {
        let Op::Aggregate(at) = plan.graph.nodes[node.index()].op else { continue };
        let aggregate = &plan.aggregates[usize::from(at)];
        let other = &core.records[aggregate.over];
        if other.record == plan.record {
            continue;
        }
        let theirs: Vec<NodeId> = [aggregate.of, aggregate.filter].into_iter().flatten().collect();
        let cone = below(other, &theirs, &BTreeSet::new());
        let known: Vec<NodeId> = asked_whether_known(other, &cone).collect();
        for field in below(other, &known, &BTreeSet::new()) {
            if let Op::Input(field) = other.graph.nodes[field.index()].op
                && other.inputs[usize::from(field)].source == ir::Source::Field
            {
                found.insert(Var::Other(other.record, field));
            }
        }
    }
    found.into_iter().filter(|var| matches!(var, Var::Own(_) | Var::Other(..))).collect()
}

fn asked_whether_known<'p>(
    plan: &'p RecordPlan,
    cone: &'p BTreeSet<NodeId>,
) -> impl Iterator<Item = NodeId> + 'p {
    cone.iter().filter_map(|node| match &plan.graph.nodes[node.index()].op {
        Op::Known(of) | Op::Otherwise(of, _) => Some(*of),
        _ => None,
    })
}
