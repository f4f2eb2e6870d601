//! What the records weigh: the quantity of a target for one value of a param.

use std::sync::Arc;

use super::target::{Quantity, Target};
use super::{Question, TuneError};
use crate::batch::{Engine, Held, Population, Tally, purse_name};
use crate::check::typed::ParamId;
use crate::interp::FinishedAggregates;
use crate::ir::{self, Op};
use crate::value::{Number, Value};

/// Records of one kind with the engine that decides them.
pub struct Source {
    pub engine: Engine,
    pub held: Held,
    /// Some measure of the target is for them.
    pub concerned: bool,
}

/// All records of a run, in memory.
pub struct Weights {
    pub sources: Vec<Source>,
    /// Whether what looks across records depends on the param.
    across: bool,
    /// What looks across records sees, where that does not depend on the param.
    seen: Option<Arc<FinishedAggregates>>,
    /// The column of a benefit, where one is added up.
    columns: Vec<String>,
}

/// What one value comes to.
pub struct Weight {
    pub reached: Number,
    pub undetermined: u64,
    pub errors: u64,
    /// Some measure that is counted is not in force on the day.
    pub not_in_force: bool,
}

impl Weights {
    /// `core` is the one that the engines were made from.
    pub fn new(sources: Vec<Source>, core: &ir::Program, question: &Question<'_>) -> Weights {
        let across = looks_across(core, question.param);
        Weights { sources, across, seen: None, columns: columns(core, &question.target) }
    }

    /// How often machine code was compiled.
    pub fn compiled(&self) -> usize {
        self.sources.iter().map(|source| source.engine.compiled()).sum()
    }

    /// Records of the kinds that the target is about.
    pub fn records(&self) -> usize {
        self.sources.iter().filter(|source| source.concerned).map(|source| source.held.len()).sum()
    }

    /// Readies the machine code for values that will be tried.
    pub(super) fn make_room(&mut self, param: ParamId, values: &[Value]) {
        let values: Vec<(ParamId, Value)> = values.iter().map(|value| (param, value.clone())).collect();
        self.sources.iter_mut().for_each(|source| source.engine.make_room(&values));
    }

    pub(super) fn weigh(&mut self, question: &Question<'_>, value: &Value) -> Result<Weight, TuneError> {
        for source in &mut self.sources {
            source.engine.set(&[(question.param, value.clone())]);
        }
        let seen = self.seen()?;
        let (mut sum, mut counted, mut records) = (Number::ZERO, 0, 0);
        let (mut undetermined, mut errors, mut not_in_force) = (0, 0, 0);
        for source in self.sources.iter().filter(|source| source.concerned) {
            let tally = source.engine.tally(&source.held, seen.clone(), &self.columns)?;
            let count = |status: &str| -> u64 {
                tally.summary.measures.iter().filter_map(|own| own.statuses.get(status)).sum()
            };
            undetermined += count("undetermined");
            errors += count("error");
            not_in_force += count("not_in_force");
            sum = sum.add(&added(&question.target, &tally));
            if let Quantity::Count(_, status) | Quantity::Share(_, status) = &question.target.quantity {
                counted += count(status);
                records += tally.summary.records;
            }
        }
        let whole = |count: u64| Number::ratio(count.into(), 1);
        let reached = match question.target.quantity {
            Quantity::Total(..) | Quantity::Benefit(..) => sum,
            Quantity::Count(..) => whole(counted),
            Quantity::Share(..) => whole(counted).div(&whole(records)).unwrap_or_default(),
        };
        let not_in_force = not_in_force > 0;
        Ok(Weight { reached, undetermined, errors, not_in_force })
    }

    fn seen(&mut self) -> Result<Option<Arc<FinishedAggregates>>, TuneError> {
        if let (Some(seen), false) = (&self.seen, self.across) {
            return Ok(Some(seen.clone()));
        }
        let asking = self.sources.iter().filter(|source| source.concerned);
        let Some(mut population) = Population::of(asking.map(|source| &source.engine)) else {
            return Ok(None);
        };
        for source in &self.sources {
            if population.looks_at(&source.engine) {
                population.observe_held(&source.engine, &source.held)?;
            }
        }
        self.seen = Some(population.finish());
        Ok(self.seen.clone())
    }
}

/// The column of a benefit, where one is added up; of the measures the core has that one alone.
fn columns(core: &ir::Program, target: &Target) -> Vec<String> {
    let Quantity::Benefit(_, benefit) = &target.quantity else { return Vec::new() };
    let measures = core.records.iter().flat_map(|plan| &plan.measures);
    measures.map(|measure| format!("{}.{benefit}", measure.name)).collect()
}

fn added(target: &Target, tally: &Tally) -> Number {
    match &target.quantity {
        Quantity::Total(kind, currency) => {
            let total = tally.summary.totals.get(&purse_name((*kind, currency)));
            total.map_or(Number::ZERO, |amount| amount.0.clone())
        }
        _ => tally.sums.values().fold(Number::ZERO, |all, sum| all.add(sum)),
    }
}

/// Whether something that looks across records rests on a param.
fn looks_across(core: &ir::Program, param: ParamId) -> bool {
    let mut waiting = Vec::new();
    for aggregate in core.records.iter().flat_map(|plan| &plan.aggregates) {
        let seen = [aggregate.of, aggregate.filter, aggregate.tie, aggregate.group.map(|(theirs, _)| theirs)];
        let draw = aggregate.draw.iter();
        let drawn = draw.flat_map(|draw| draw.claims.iter().chain(&draw.order).chain([&draw.pool])).copied();
        waiting.extend(seen.into_iter().flatten().chain(drawn).map(|node| (aggregate.over, node)));
    }
    let mut done: Vec<Vec<bool>> =
        core.records.iter().map(|plan| vec![false; plan.graph.nodes.len()]).collect();
    while let Some((plan, node)) = waiting.pop() {
        if std::mem::replace(&mut done[plan][node.index()], true) {
            continue;
        }
        let op = &core.records[plan].graph.nodes[node.index()].op;
        let own = |own: ParamId| core.params[own.index()].follows.map_or(own, |(of, _)| of);
        if matches!(op, Op::Param(read) if own(*read) == param) {
            return true;
        }
        op.each_operand(|operand| waiting.push((plan, operand)));
    }
    false
}
