//! Boundaries at which no case stands, and the cases that do.

use std::collections::{BTreeMap, BTreeSet};

use super::bounds::{Bound, Point};
use super::paths::paths;
use super::search::{Focus, Found, Goal, Why, below};
use super::seen::{Side, Told};
use super::targets::{DAYS, Proposer, Subject, context};
use crate::boundary::{Comparison, comparisons, position, solve};
use crate::check::typed::{CaseTarget, Program};
use crate::interp::{Evaluator, Inputs, facts};
use crate::ir::{MeasurePlan, NodeId, RecordPlan};
use crate::value::{Date, Number};

/// A boundary of a field.
struct Turn {
    bound: Bound,
    /// The days on which it stands there.
    days: Vec<Date>,
    /// Where it stands, if neither other fields nor the date of evaluation decide it.
    at: Option<Number>,
}

impl Proposer<'_> {
    pub(super) fn boundaries(&mut self, subject: &Subject<'_>) {
        let (_, roots) = self.known.roots(subject.target);
        let roots = match subject.target {
            CaseTarget::Measure(id) => {
                own_roots(self.known.program, subject.plan, id.index(), self.known.positions[id.index()])
            }
            CaseTarget::Define(_) => roots,
        };
        let defines = subject.plan.defines.iter().map(|(_, node)| *node);
        let stop: BTreeSet<NodeId> = match subject.target {
            CaseTarget::Measure(_) => defines.collect(),
            CaseTarget::Define(_) => defines.filter(|node| !roots.contains(node)).collect(),
        };
        let cone = below(subject.plan, &roots, &stop);
        let own = comparisons(&subject.plan.graph).filter(|own| cone.contains(&own.node));
        for comparison in own.collect::<Vec<_>>() {
            match Bound::of(subject.plan, subject.reach, subject.fields, comparison) {
                Some(bound) => {
                    for turn in self.turns(subject, bound) {
                        self.boundary(subject, &turn);
                    }
                }
                None => self.not_turned(subject, comparison),
            }
        }
    }

    /// Says of a comparison that no single field turns why no case was looked for, unless there are some.
    fn not_turned(&mut self, subject: &Subject<'_>, comparison: Comparison) {
        let (target, node) = (subject.target, comparison.node);
        let side = |point| Side { target, node, field: None, at: None, point };
        let seen = |point| self.seen.sides.contains(&side(point));
        let across = [comparison.left, comparison.right].iter().any(|side| subject.reach.looks_across(*side));
        let depends = subject.reach.inputs(node).next().is_some();
        if !across && !depends || seen(Point::On) && seen(Point::Off) {
            return;
        }
        let place = match subject.target {
            CaseTarget::Measure(id) => {
                place(subject.plan, &subject.plan.measures[self.known.positions[id.index()]], node)
            }
            CaseTarget::Define(_) => None,
        };
        let what = self.words.untold(place.as_deref(), &names(subject.plan, comparison, subject.reach));
        let why = if across { Why::Across } else { Why::NotTurned };
        self.take(subject, Err(why), "", &what, &[node]);
    }

    /// Where a comparison turns, on each day on which that is somewhere else.
    fn turns(&self, subject: &Subject<'_>, bound: Bound) -> Vec<Turn> {
        if !bound.alone {
            let days = subject.days.iter().copied().take(DAYS).collect();
            return vec![Turn { bound, days, at: None }];
        }
        let mut found: BTreeMap<Number, Vec<Date>> = BTreeMap::new();
        for day in &subject.days {
            if let Some(at) = self.turns_at(subject, bound.focus, *day) {
                found.entry(at).or_default().push(*day);
            }
        }
        let turn = |(at, mut days): (Number, Vec<Date>)| {
            days.truncate(DAYS);
            Turn { bound, days, at: Some(at) }
        };
        found.into_iter().map(turn).collect()
    }

    fn turns_at(&self, subject: &Subject<'_>, focus: Focus, day: Date) -> Option<Number> {
        let inputs = Inputs::new(self.known.core, day);
        let mut evaluator = Evaluator::new(subject.plan, &inputs, None, &facts(subject.plan, &[]));
        let wanted = evaluator.fact(focus.other_side).known().and_then(position)?;
        solve(&mut evaluator, subject.reach, focus.side, focus.field, &wanted)
    }

    fn boundary(&mut self, subject: &Subject<'_>, turn: &Turn) {
        let Bound { comparison, focus, .. } = turn.bound;
        let (target, node, field) = (subject.target, comparison.node, Some(focus.field));
        let side = |point| Side { target, node, field, at: turn.at.clone(), point };
        let wanted = turn.bound.wanted(subject.plan);
        if wanted.iter().all(|point| self.seen.sides.contains(&side(*point))) {
            return;
        }
        let what = self.words.boundary(subject.fields, focus.field, turn.at.as_ref());
        match self.beside(subject, turn) {
            Ok(found) => {
                let shown = self.telling(target, turn.bound, &found);
                for point in wanted {
                    let stands = || shown.iter().position(|own| *own == Some(*point));
                    // Exactly on it, where it can be.
                    let at = if shown[1] == Some(*point) { Some(1) } else { stands() };
                    let Some(at) = at.filter(|_| !self.seen.sides.contains(&side(*point))) else { continue };
                    let Some(world) = found.at(at) else { continue };
                    let declared = &subject.fields[usize::from(focus.field)];
                    let title = self.words.beside(subject.head, declared, &found.points, at);
                    self.take(subject, Ok(world), &title, &what, &[node]);
                    self.seen.sides.insert(side(*point));
                }
            }
            Err(why) => {
                let nodes = self.known.roots(subject.target).1;
                self.take(subject, Err(why), "", &what, &nodes);
            }
        }
    }

    /// What a record shows below, at and above the boundary, where the answer across it is another one.
    fn telling(&self, target: CaseTarget, bound: Bound, found: &Found) -> [Option<Point>; 3] {
        let around = found.around();
        let look = |at: usize| {
            let own = found.points[at].as_ref().and_then(position)?;
            found.at(at)?.look(self.known.core, |evaluator| {
                Some((bound.shows(evaluator, &around, &own)?, self.known.told(target, evaluator)))
            })
        };
        let all: [Option<(Point, Told)>; 3] = [look(0), look(1), look(2)];
        all.each_ref().map(|own| {
            let (point, answer) = own.as_ref()?;
            let mut others = all.iter().flatten();
            others.any(|(other, theirs)| other != point && theirs != answer).then_some(*point)
        })
    }

    /// A record in which the comparison makes the difference: what it answers on the boundary and across it is not the
    /// same. First on each way on which it decides by itself, then on any.
    fn beside(&self, subject: &Subject<'_>, turn: &Turn) -> Result<Found, Why> {
        let node = turn.bound.comparison.node;
        let (context, last, roots) = match subject.target {
            CaseTarget::Measure(id) => {
                let position = self.known.positions[id.index()];
                let plan = &subject.plan.measures[position];
                let context = context(plan, &touched(subject.plan, plan, node));
                let roots = own_roots(self.known.program, subject.plan, id.index(), position);
                (context, Goal::Answered(position), roots)
            }
            CaseTarget::Define(_) => {
                let (_, roots) = self.known.roots(subject.target);
                (Vec::new(), roots.first().map_or(Goal::Is(node, true), |root| Goal::Known(*root)), roots)
            }
        };
        let mut differs =
            |found: &Found| self.telling(subject.target, turn.bound, found).iter().any(Option::is_some);
        let ways = roots.iter().flat_map(|root| paths(subject.plan, *root, node));
        let ways: Vec<Vec<Goal>> = ways.chain([Vec::new()]).collect();
        let mut why = Why::Indifferent;
        for day in &turn.days {
            for way in &ways {
                let goals: Vec<Goal> = context.iter().chain(way).chain([&last]).copied().collect();
                match self.search(subject, *day, goals, Some(turn.bound.focus), None, &mut differs) {
                    Err(Why::TooMany) => why = Why::TooMany,
                    Err(_) => {}
                    found => return found,
                }
            }
        }
        Err(why)
    }
}

/// The conditions that a node stands in.
fn touched(plan: &RecordPlan, measure: &MeasurePlan, node: NodeId) -> BTreeSet<NodeId> {
    let tests = measure.requires.iter().chain(&measure.excepts).map(|test| test.node);
    tests.filter(|test| below(plan, &[*test], &BTreeSet::new()).contains(&node)).collect()
}

/// What a measure asks in its own text, without the conditions of others that it gives way to.
fn own_roots(program: &Program, plan: &RecordPlan, measure: usize, position: usize) -> Vec<NodeId> {
    let own: BTreeSet<&str> =
        program.measures[measure].own_excepts().map(|condition| condition.name.as_str()).collect();
    let others: BTreeSet<NodeId> = (plan.measures[position].excepts.iter())
        .filter(|test| !own.contains(test.name.as_str()))
        .map(|test| test.node)
        .collect();
    let all = super::search::nodes(plan, Goal::Answered(position));
    all.into_iter().filter(|node| !others.contains(node)).collect()
}

/// The condition or alternative that a comparison stands in.
fn place(plan: &RecordPlan, measure: &MeasurePlan, node: NodeId) -> Option<String> {
    let inside = |root: NodeId| below(plan, &[root], &BTreeSet::new()).contains(&node);
    let (part, test) = crate::trial::tests(measure).into_iter().find(|(_, test)| inside(test.node))?;
    Some(format!("{part} {}", test.name))
}

/// What a comparison is about: its inputs by name.
fn names(plan: &RecordPlan, comparison: Comparison, reach: &crate::boundary::Reach) -> Vec<String> {
    let inputs = reach.inputs(comparison.left).chain(reach.inputs(comparison.right));
    let inputs: BTreeSet<u16> = inputs.collect();
    inputs.into_iter().map(|at| plan.inputs[usize::from(at)].name.clone()).collect()
}
