//! Values over all records of a kind: start, add each record, merge partial states, finish.
//!
//! The result is exact and does not depend on the order of adding and merging.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use crate::check::typed::RecordId;
use crate::interp::draw::{self, Draws};
use crate::interp::{Evaluator, Inputs};
use crate::ir::{AggregateOp, AggregatePlan, DrawPlan, NodeId, RecordPlan};
use crate::value::ops::limited;
use crate::value::{Causes, Fact, Missing, Number, RunError, Value, VariantSet};

/// The state of every aggregate of a program after some records.
#[derive(Debug, Clone)]
pub struct Aggregates {
    /// By the plan that asks, then by position among its aggregates.
    states: Vec<Vec<State>>,
    /// By kind of record: whether there are records of it at all, be it none.
    present: Vec<bool>,
    /// By the plan that asks: whether anybody wants its answers.
    asking: Vec<bool>,
}

#[derive(Debug, Clone, Default)]
struct State {
    /// By group; one group, `None`, where there are no groups.
    groups: BTreeMap<Option<Value>, Group>,
    /// What concerns every group: records whose group is not known.
    everywhere: Gap,
}

/// Records that could not be seen.
#[derive(Debug, Clone, Default)]
struct Gap {
    error: Option<RunError>,
    missing: bool,
    causes: Causes,
}

#[derive(Debug, Clone, Default)]
struct Group {
    gap: Gap,
    count: u64,
    sum: Number,
    least: Option<Value>,
    greatest: Option<Value>,
    /// For a rank: each value with its tie-breaker.
    places: Vec<(Value, Option<Value>)>,
    /// For `any` and `all`: some record decides.
    decided: bool,
    /// The value of the one record.
    one: Option<Fact>,
    /// Of a budget.
    draws: Draws,
}

impl Gap {
    /// Notes a fact that should have been known; whether it was not.
    fn note(&mut self, fact: &Fact) -> bool {
        match fact {
            Fact::Known(_) => return false,
            Fact::Missing(missing) => {
                self.missing = true;
                self.causes.add(&missing.causes);
            }
            Fact::Error(error) => self.error = Some(self.error.map_or(*error, |own| own.min(*error))),
        }
        true
    }

    fn merge(&mut self, other: &Gap) {
        self.missing |= other.missing;
        self.causes.add(&other.causes);
        self.error = [self.error, other.error].into_iter().flatten().min();
    }
}

impl Aggregates {
    /// Before any record of a program with these plans.
    pub fn start(plans: &[RecordPlan]) -> Aggregates {
        Aggregates::asked_by(plans, plans.iter().map(|plan| plan.record))
    }

    /// The same where only these kinds of record are answered: what no measure for them looks at is not kept.
    pub fn asked_by(plans: &[RecordPlan], asking: impl IntoIterator<Item = RecordId>) -> Aggregates {
        let states = |plan: &RecordPlan| plan.aggregates.iter().map(|_| State::default()).collect();
        let mut asked = vec![false; plans.len()];
        asking.into_iter().for_each(|record| asked[record.index()] = true);
        let states = plans.iter().map(states).collect();
        Aggregates { states, present: vec![false; plans.len()], asking: asked }
    }

    /// Whether something that is kept depends on records of this kind.
    pub fn look_at(&self, plans: &[RecordPlan], record: RecordId) -> bool {
        let asking = plans.iter().zip(&self.asking).filter(|(_, asking)| **asking);
        asking.flat_map(|(plan, _)| &plan.aggregates).any(|own| own.over == record.index())
    }

    /// As before any record, asked by the same.
    pub fn fresh(&self) -> Aggregates {
        let states = self.states.iter().map(|own| vec![State::default(); own.len()]).collect();
        Aggregates { states, present: vec![false; self.present.len()], asking: self.asking.clone() }
    }

    /// There are records of a kind, even if none is seen; without it they are not known.
    pub fn set_present(&mut self, record: RecordId) {
        self.present[record.index()] = true;
    }

    /// Sees a record of a plan; `fields` are its facts, one for each input.
    pub fn add(&mut self, plans: &[RecordPlan], plan: &RecordPlan, inputs: &Inputs, fields: &[Fact]) {
        self.add_loaded(plans, &mut Evaluator::new(plan, inputs, None, fields));
    }

    /// Sees the record that an evaluator has loaded.
    pub fn add_loaded(&mut self, plans: &[RecordPlan], evaluator: &mut Evaluator<'_>) {
        let seen = evaluator.plan().record.index();
        self.present[seen] = true;
        let asking = plans.iter().zip(&mut self.states).zip(&self.asking).filter(|(_, asking)| **asking);
        for ((asking, states), _) in asking {
            let own = asking.aggregates.iter().zip(states).filter(|(plan, _)| plan.over == seen);
            own.for_each(|(plan, state)| state.add(plan, evaluator));
        }
    }

    /// Takes in what another state of the same program has seen.
    pub fn merge(&mut self, other: Aggregates) {
        self.present.iter_mut().zip(other.present).for_each(|(own, other)| *own |= other);
        let theirs = other.states.into_iter().flatten();
        for (state, other) in self.states.iter_mut().flatten().zip(theirs) {
            state.everywhere.merge(&other.everywhere);
            for (key, group) in other.groups {
                state.groups.entry(key).or_default().merge(group);
            }
        }
    }

    /// After the last record.
    pub fn finish(mut self, plans: &[RecordPlan]) -> FinishedAggregates {
        let all = plans.iter().flat_map(|plan| &plan.aggregates);
        for (plan, state) in all.zip(self.states.iter_mut().flatten()) {
            for group in state.groups.values_mut() {
                if let AggregateOp::Rank { descending } = plan.kind {
                    group.places.sort_by(|a, b| better(descending, a, b));
                }
                if let Some(draw) = &plan.draw {
                    group.draws.finish(&draw.rule);
                }
            }
        }
        FinishedAggregates { states: self.states, present: self.present }
    }
}

/// Whether the first stands before the second: by value, then by the tie-breaker, ascending.
fn better(descending: bool, a: &(Value, Option<Value>), b: &(Value, Option<Value>)) -> Ordering {
    let by_value = if descending { b.0.cmp(&a.0) } else { a.0.cmp(&b.0) };
    by_value.then_with(|| a.1.cmp(&b.1))
}

impl State {
    fn add(&mut self, plan: &AggregatePlan, evaluator: &mut Evaluator<'_>) {
        let mut look = |node: NodeId| told(plan, evaluator.fact(node));
        match plan.kind {
            AggregateOp::Any | AggregateOp::All => return self.test(plan, look),
            AggregateOp::One => return self.take(plan, look),
            AggregateOp::Draw(_) => return self.draw(plan, look),
            _ => {}
        }
        let filter = plan.filter.map_or(Fact::TRUE, &mut look);
        if filter.is_false() || (plan.known_only && matches!(filter, Fact::Missing(_))) {
            return;
        }
        let key = match plan.group.map(|(theirs, _)| look(theirs)) {
            None => None,
            Some(Fact::Known(key)) => Some(key),
            Some(Fact::Missing(_)) if plan.known_only => return,
            Some(unknown) => {
                self.everywhere.note(&unknown);
                return;
            }
        };
        let group = self.groups.entry(key).or_default();
        if group.gap.note(&filter) {
            return;
        }
        let (value, tie) = (plan.of.map(&mut look), plan.tie.map(&mut look));
        let facts = || value.iter().chain(&tie);
        if plan.known_only
            && facts().any(|fact| matches!(fact, Fact::Missing(_)))
            && !facts().any(|fact| matches!(fact, Fact::Error(_)))
        {
            return;
        }
        // Each gap counts, so no short-circuit.
        let gaps = facts().filter(|fact| group.gap.note(fact)).count();
        if gaps == 0 {
            group.see(plan.kind, value.and_then(known), tie.and_then(known));
        }
    }

    /// Sees whether a record decides `any` or `all`. One that cannot is passed over, whatever its group.
    fn test(&mut self, plan: &AggregatePlan, mut look: impl FnMut(NodeId) -> Fact) {
        let Some(test) = plan.of.map(&mut look) else { return };
        let decides = match plan.kind {
            AggregateOp::Any => Fact::TRUE,
            _ => Fact::FALSE,
        };
        let idle = test.known().is_some() && test != decides;
        if idle || (plan.known_only && matches!(test, Fact::Missing(_))) {
            return;
        }
        let key = match plan.group.map(|(theirs, _)| look(theirs)) {
            None => None,
            Some(Fact::Known(key)) => Some(key),
            Some(unknown) => {
                self.everywhere.note(&unknown);
                return;
            }
        };
        let group = self.groups.entry(key).or_default();
        group.decided |= !group.gap.note(&test);
    }

    /// Sees what a record claims of a budget.
    fn draw(&mut self, plan: &AggregatePlan, mut look: impl FnMut(NodeId) -> Fact) {
        let Some(draw) = &plan.draw else { return };
        let mut all = |nodes: &[NodeId]| nodes.iter().map(|node| look(*node)).collect::<Vec<Fact>>();
        let (order, claims) = (all(&draw.order), all(&draw.claims));
        let group = self.groups.entry(None).or_default();
        if let Some(open) = group.draws.see(&order, &claims, plan.known_only) {
            self.everywhere.note(&open);
        }
    }

    /// Takes the value of the one record of its group, known or not.
    fn take(&mut self, plan: &AggregatePlan, mut look: impl FnMut(NodeId) -> Fact) {
        let (Some(value), Some(Fact::Known(key))) =
            (plan.of.map(&mut look), plan.group.map(|(theirs, _)| look(theirs)))
        else {
            return;
        };
        self.groups.entry(Some(key)).or_default().take(Some(value));
    }
}

/// A fact of a record that is looked over, its causes as the plan that asks numbers them.
fn told(plan: &AggregatePlan, fact: Fact) -> Fact {
    let (Fact::Missing(missing), Some(foreign)) = (&fact, &plan.foreign) else { return fact };
    let mut causes = Causes::default();
    for cause in missing.causes.iter() {
        let cause = foreign.causes.get(usize::from(cause)).copied().unwrap_or(foreign.absent);
        causes.add(&Causes::one(cause));
    }
    Fact::Missing(Missing { causes, possible: missing.possible })
}

fn known(fact: Fact) -> Option<Value> {
    match fact {
        Fact::Known(value) => Some(value),
        _ => None,
    }
}

impl Group {
    fn see(&mut self, kind: AggregateOp, value: Option<Value>, tie: Option<Value>) {
        self.count += 1;
        match (kind, value) {
            (AggregateOp::Rank { .. }, Some(value)) => self.places.push((value, tie)),
            (AggregateOp::Sum | AggregateOp::Average, Some(Value::Number(number))) => {
                self.sum = self.sum.add(&number);
            }
            (AggregateOp::Least, value) => self.least = least(self.least.take(), value),
            (AggregateOp::Greatest, value) => self.greatest = self.greatest.take().max(value),
            _ => {}
        }
    }

    fn merge(&mut self, other: Group) {
        self.gap.merge(&other.gap);
        self.count += other.count;
        self.sum = self.sum.add(&other.sum);
        self.least = least(self.least.take(), other.least);
        self.greatest = self.greatest.take().max(other.greatest);
        self.places.extend(other.places);
        self.decided |= other.decided;
        self.draws.merge(other.draws);
        self.take(other.one);
    }

    /// Keys are told apart before, so that two records of one key are no data but a slip of the caller.
    fn take(&mut self, value: Option<Fact>) {
        self.one = match (self.one.take(), value) {
            (Some(_), Some(_)) => Some(Fact::Error(RunError::TwoRows)),
            (own, other) => own.or(other),
        };
    }

    fn finish(&self, kind: AggregateOp) -> Result<Value, RunError> {
        let count = Number::from_int(self.count as i64);
        let extreme = |value: &Option<Value>| value.clone().ok_or(RunError::DivisionByZero);
        match kind {
            AggregateOp::Count => Ok(Value::Number(count)),
            AggregateOp::Sum => limited(self.sum.clone()).map(Value::Number),
            AggregateOp::Average => {
                let average = self.sum.div(&count).ok_or(RunError::DivisionByZero)?;
                limited(average).map(Value::Number)
            }
            AggregateOp::Least => extreme(&self.least),
            AggregateOp::Greatest => extreme(&self.greatest),
            // Some record that decides was looked for before.
            AggregateOp::Any => Ok(Value::Bool(false)),
            AggregateOp::All => Ok(Value::Bool(true)),
            AggregateOp::Rank { .. } => unreachable!("a rank is asked for with a value"),
            AggregateOp::One | AggregateOp::Draw(_) => unreachable!("what one record has or gets is no sum"),
        }
    }

    /// The place of a value: one more than those that are strictly better.
    fn place(&self, descending: bool, value: &Value, tie: Option<&Value>) -> Value {
        let mine = (value.clone(), tie.cloned());
        let before = self.places.partition_point(|other| better(descending, other, &mine).is_lt());
        Value::Number(Number::from_int(before as i64 + 1))
    }
}

fn least(a: Option<Value>, b: Option<Value>) -> Option<Value> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

/// The aggregates of a program over all records.
#[derive(Debug, Clone)]
pub struct FinishedAggregates {
    states: Vec<Vec<State>>,
    present: Vec<bool>,
}

impl FinishedAggregates {
    /// Whether nothing was kept of any record.
    pub fn is_empty(&self) -> bool {
        self.states.iter().flatten().all(|state| state.groups.is_empty())
    }

    /// An aggregate of a plan, by its position, for the record that asks; `asked` are the facts of the nodes that
    /// [`AggregatePlan::asked`] names.
    pub fn fact(&self, plan: &RecordPlan, at: usize, asked: &[Fact]) -> Fact {
        let (plan, state) = (&plan.aggregates[at], &self.states[plan.record.index()][at]);
        if let (Some(draw), AggregateOp::Draw(own)) = (&plan.draw, plan.kind) {
            return state.given(draw, own, asked);
        }
        let mut gap = state.everywhere.clone();
        let mut open = false;
        for fact in asked {
            open |= gap.note(fact);
        }
        let (group, mine) = match &plan.group {
            Some(_) => (asked.first(), &asked[1..]),
            None => (None, asked),
        };
        let none = Group::default();
        let key = group.map(|group| group.known().cloned());
        let group = match key {
            Some(None) => &none,
            Some(key) => state.groups.get(&key).unwrap_or(&none),
            None => state.groups.get(&None).unwrap_or(&none),
        };
        let absent = |cause: u16| Missing { causes: Causes::one(cause), possible: plan.variants };
        let foreign = plan.foreign.as_ref().map(|foreign| foreign.absent);
        match (plan.kind, foreign) {
            (_, Some(cause)) if !self.present[plan.over] => gap.note(&Fact::Missing(absent(cause))),
            // Another record cannot undo what one decides.
            (AggregateOp::Any | AggregateOp::All, _) if group.decided && !open => {
                return Fact::Known(Value::Bool(plan.kind == AggregateOp::Any));
            }
            (AggregateOp::One, cause) if !open => {
                let nobody = || Fact::Missing(cause.map_or_else(Missing::default, absent));
                return group.one.clone().unwrap_or_else(nobody);
            }
            _ => gap.note(&Fact::TRUE),
        };
        gap.merge(&group.gap);
        if let Some(error) = gap.error {
            return Fact::Error(error);
        }
        if gap.missing {
            return Fact::Missing(Missing { causes: gap.causes, possible: plan.variants });
        }
        let known = |fact: &Fact| fact.known().cloned();
        let result = match plan.kind {
            AggregateOp::Rank { descending } => {
                let (value, tie) = (mine.first().and_then(known), mine.get(1).and_then(known));
                value.map(|value| group.place(descending, &value, tie.as_ref())).ok_or(RunError::NoValue)
            }
            kind => group.finish(kind),
        };
        result.map_or_else(Fact::Error, Fact::Known)
    }
}

impl State {
    /// What a budget gives on a claim of the record that asks.
    fn given(&self, plan: &DrawPlan, draw: usize, asked: &[Fact]) -> Fact {
        let (order, rest) = asked.split_at(plan.order.len());
        let (claims, pool) = rest.split_at(plan.claims.len());
        let asked = draw::Asked { order, claims, pool: &pool[0], draw };
        let nobody = Draws::default();
        let draws = self.groups.get(&None).map_or(&nobody, |group| &group.draws);
        let given = draws.given(plan, &asked);
        // Somebody whose place is not known may stand before everyone who claims.
        let mut gap = self.everywhere.clone();
        match &given {
            Fact::Known(Value::Number(given)) if given.is_zero() => Fact::Known(Value::Number(given.clone())),
            _ if !gap.missing && gap.error.is_none() => given,
            _ => {
                gap.note(&given);
                match gap.error {
                    Some(error) => Fact::Error(error),
                    None => Fact::Missing(Missing { causes: gap.causes, possible: VariantSet::EMPTY }),
                }
            }
        }
    }
}
