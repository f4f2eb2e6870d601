//! What cases have tried by now: how conditions came out, which alternatives were taken, which boundaries and which
//! values beside them a record had.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::bounds::{Bound, Point, crossing, given, moved, near};
use super::search::{Goal, below, nodes};
use crate::boundary::{Comparison, Reach, comparisons, position, solve};
use crate::check::typed::{Case, CaseTarget, DefineId, ParamId, Program};
use crate::interp::{Answer, Evaluator, assuming};
use crate::ir::{self, NodeId, RecordPlan};
use crate::trial;
use crate::value::{Date, Fact, Number, Value};

/// How a condition can come out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    True,
    False,
    Missing,
}

/// What a case shows of a boundary.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Side {
    /// Whose boundary: equal comparisons of several measures are one node.
    pub target: CaseTarget,
    pub node: NodeId,
    /// `None` where no single field turns it.
    pub field: Option<u16>,
    /// The boundary, where neither other fields nor the date of evaluation decide it.
    pub at: Option<Number>,
    pub point: Point,
}

/// What an answer says.
#[derive(Debug, PartialEq)]
pub enum Told {
    Answer(Answer),
    Value(Fact),
}

#[derive(Debug, Default)]
pub struct Seen {
    /// By measure, by condition in the order of the text.
    pub ways: BTreeSet<(usize, usize, Way)>,
    /// By measure, the alternatives taken.
    pub branches: BTreeSet<(usize, usize)>,
    pub sides: BTreeSet<Side>,
    /// The steps of params that answers have read.
    pub steps: BTreeSet<(ParamId, usize)>,
    /// By target the comparisons that its cases look at.
    asked: BTreeMap<CaseTarget, Rc<Vec<Asked>>>,
}

/// A comparison that cases for a target look at.
#[derive(Debug)]
struct Asked {
    comparison: Comparison,
    bound: Option<Bound>,
    /// The target, and the defines below it that it stands in.
    owners: Vec<CaseTarget>,
}

/// What is known of the policy besides the program.
pub struct Known<'a> {
    pub program: &'a Program,
    pub core: &'a ir::Program,
    pub reaches: &'a [Reach],
    /// For each measure its position in the plan of its record.
    pub positions: Vec<usize>,
}

impl<'a> Known<'a> {
    pub fn plan(&self, record: usize) -> &'a RecordPlan {
        &self.core.records[record]
    }

    /// The nodes that a case for this target looks at.
    pub fn roots(&self, target: CaseTarget) -> (usize, Vec<NodeId>) {
        match target {
            CaseTarget::Measure(id) => {
                let record = self.program.measures[id.index()].record.index();
                (record, nodes(self.plan(record), Goal::Answered(self.positions[id.index()])))
            }
            CaseTarget::Define(id) => {
                let define = &self.program.defines[id.index()];
                let record = define.record.index();
                let own = self.plan(record).defines.iter().find(|(name, _)| *name == define.head.name);
                (record, own.map(|(_, node)| *node).into_iter().collect())
            }
        }
    }

    /// What is answered for the record that the evaluator has loaded.
    pub fn told(&self, target: CaseTarget, evaluator: &mut Evaluator<'_>) -> Told {
        match target {
            CaseTarget::Measure(id) => Told::Answer(evaluator.answer(self.positions[id.index()])),
            CaseTarget::Define(_) => {
                let root = self.roots(target).1.first().copied();
                Told::Value(root.map_or(Fact::FALSE, |root| evaluator.fact(root)))
            }
        }
    }

    /// The param that one follows, or itself.
    pub fn followed(&self, param: ParamId) -> ParamId {
        self.core.params[param.index()].follows.map_or(param, |(of, _)| of)
    }

    /// The steps in force of params that a case has read.
    fn steps_of(&self, case: &Case, read: impl Iterator<Item = ParamId>) -> BTreeSet<(ParamId, usize)> {
        let read = read.map(|param| self.followed(param));
        let read = read.filter(|param| case.set.iter().all(|(set, _)| set != param));
        read.filter_map(|param| Some((param, self.step_on(param, case.as_of)?))).collect()
    }

    /// The step of a param that is in force on a day.
    pub fn step_on(&self, param: ParamId, day: Date) -> Option<usize> {
        self.program.params[param.index()].steps.iter().rposition(|step| step.force.holds_at(day))
    }

    /// The comparisons that cases for a target look at.
    fn asked(&self, target: CaseTarget) -> Vec<Asked> {
        let (record, roots) = self.roots(target);
        let (plan, none) = (self.plan(record), BTreeSet::new());
        let (reach, fields) = (&self.reaches[record], &self.program.records[record].fields);
        let cone = below(plan, &roots, &none);
        let defines =
            self.program.defines.iter().enumerate().map(|(at, _)| CaseTarget::Define(DefineId(at as u32)));
        let defines = defines.filter(|define| *define != target).filter_map(|define| {
            let (own, roots) = self.roots(define);
            let inside = own == record && roots.iter().all(|root| cone.contains(root));
            inside.then(|| (define, below(plan, &roots, &none)))
        });
        let defines: Vec<(CaseTarget, BTreeSet<NodeId>)> = defines.collect();
        let asked = |comparison: Comparison| {
            let inside = defines.iter().filter(|(_, cone)| cone.contains(&comparison.node));
            let owners = [target].into_iter().chain(inside.map(|(define, _)| *define)).collect();
            Asked { comparison, bound: Bound::of(plan, reach, fields, comparison), owners }
        };
        comparisons(&plan.graph).filter(|own| cone.contains(&own.node)).map(asked).collect()
    }
}

impl Seen {
    /// Takes in what a case tries.
    pub fn add(&mut self, known: &Known<'_>, case: &Case) {
        let (record, _) = known.roots(case.target);
        let asked = self.asked(known, case.target);
        let across = trial::each_record(known.program, known.core, case, &mut |given, evaluator| {
            // First, since what else is looked at reads more params than the answer does.
            let answer = known.told(case.target, evaluator);
            self.steps.extend(known.steps_of(case, evaluator.params_read()));
            if let CaseTarget::Measure(id) = case.target {
                self.conditions(known, id.index(), evaluator);
            }
            let shown = Shown { known, case, record, given: &given.fields, answer };
            for asked in asked.iter() {
                let Some((field, at, point)) = shown.point(asked, evaluator) else { continue };
                let side = |target: &CaseTarget| {
                    let (target, node, at) = (*target, asked.comparison.node, at.clone());
                    Side { target, node, field, at, point }
                };
                self.sides.extend(asked.owners.iter().map(side));
            }
        });
        self.steps.extend(known.steps_of(case, across.into_iter()));
    }

    fn asked(&mut self, known: &Known<'_>, target: CaseTarget) -> Rc<Vec<Asked>> {
        let own = self.asked.entry(target).or_insert_with(|| Rc::new(known.asked(target)));
        Rc::clone(own)
    }

    fn conditions(&mut self, known: &Known<'_>, measure: usize, evaluator: &mut Evaluator<'_>) {
        let position = known.positions[measure];
        let plan = &evaluator.plan().measures[position];
        if !plan.force.holds_at(evaluator.inputs().as_of()) {
            return;
        }
        for (at, (_, test)) in trial::tests(plan).into_iter().enumerate() {
            let way = match evaluator.fact(test.node) {
                Fact::Known(Value::Bool(true)) => Way::True,
                Fact::Known(_) => Way::False,
                Fact::Missing(_) => Way::Missing,
                Fact::Error(_) => continue,
            };
            self.ways.insert((measure, at, way));
        }
        let answer = evaluator.answer(position);
        let refusing = answer.failed.iter().filter_map(|failure| match failure {
            crate::interp::Failure::Branch(at) if answer.failed.len() == 1 => Some(*at),
            _ => None,
        });
        self.branches.extend(answer.branch.into_iter().chain(refusing).map(|branch| (measure, branch)));
    }
}

/// A record of a case, and what is answered for it.
struct Shown<'s> {
    known: &'s Known<'s>,
    case: &'s Case,
    record: usize,
    given: &'s [Option<Value>],
    answer: Told,
}

impl Shown<'_> {
    /// What the record shows of a boundary, if the answer would be another one across it.
    fn point(
        &self,
        asked: &Asked,
        evaluator: &mut Evaluator<'_>,
    ) -> Option<(Option<u16>, Option<Number>, Point)> {
        let Some(bound) = asked.bound else {
            return Some((None, None, crossing(evaluator, asked.comparison)?));
        };
        let (reach, focus) = (&self.known.reaches[self.record], bound.focus);
        let declared = &self.known.program.records[self.record].fields[usize::from(focus.field)];
        let own = given(self.given, focus.field)?;
        let wanted = evaluator.fact(focus.other_side).known().and_then(position)?;
        let at = solve(evaluator, reach, focus.side, focus.field, &wanted)?;
        let around = near(evaluator.plan(), focus, declared, &at);
        let point = bound.shows(evaluator, &around, &own)?;
        let tells = around.clone().all().filter(|other| *other != own).any(|other| {
            let Some(values) = moved(self.given, focus.field, declared, &other) else { return false };
            evaluator.load(&assuming(evaluator.plan(), &values, &self.case.assumed));
            bound.shows(evaluator, &around, &other).is_some_and(|across| across != point)
                && self.known.told(self.case.target, evaluator) != self.answer
        });
        evaluator.load(&assuming(evaluator.plan(), self.given, &self.case.assumed));
        tells.then(|| (Some(focus.field), bound.alone.then_some(at), point))
    }
}
