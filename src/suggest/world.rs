//! The records of a case in the making: what each field is so far, and what the policy makes of them.

use std::collections::BTreeMap;

use crate::check::typed::{Case, CaseTarget, FieldId, Given, OpenItem, ParamId, Program, RecordId};
use crate::interp::{self, Aggregates, Evaluator, Inputs};
use crate::ir::{self, RecordPlan, Source};
use crate::source::Span;
use crate::value::{Date, Value};

/// Something that a case may give.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Var {
    /// A field of the record that is asked about.
    Own(u16),
    /// A record of another kind.
    Present(RecordId),
    /// A field of it.
    Other(RecordId, u16),
    /// A field of the further records of the same kind.
    Beside(u16),
    /// A param that is left open.
    Param(ParamId),
}

/// What is decided of a field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Slot {
    /// Nothing yet; it counts as missing.
    #[default]
    Open,
    /// It stays missing.
    Missing,
    Value(Value),
}

impl Slot {
    pub fn value(&self) -> Option<&Value> {
        match self {
            Slot::Value(value) => Some(value),
            _ => None,
        }
    }
}

/// What there is of another record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Other {
    pub record: RecordId,
    pub fields: Vec<Slot>,
}

/// A case in the making.
#[derive(Debug, Clone)]
pub struct World {
    pub record: RecordId,
    pub as_of: Date,
    pub own: Vec<Slot>,
    pub others: Vec<Other>,
    /// So many further records of the same kind, all alike.
    pub beside: usize,
    pub alike: Vec<Slot>,
    pub set: BTreeMap<ParamId, Value>,
}

impl World {
    pub fn new(program: &Program, record: RecordId, as_of: Date) -> World {
        let own = vec![Slot::Open; program.records[record.index()].fields.len()];
        let alike = own.clone();
        World { record, as_of, own, others: Vec::new(), beside: 0, alike, set: BTreeMap::new() }
    }

    pub fn slot(&self, var: Var) -> Slot {
        let present = |record| self.others.iter().find(|other: &&Other| other.record == record);
        match var {
            Var::Own(field) => self.own[usize::from(field)].clone(),
            Var::Beside(_) if self.beside == 0 => Slot::Missing,
            Var::Beside(field) => self.alike[usize::from(field)].clone(),
            Var::Present(record) => present(record).map_or(Slot::Open, |_| Slot::Missing),
            Var::Other(record, field) => {
                present(record).map_or(Slot::Open, |other| other.fields[usize::from(field)].clone())
            }
            Var::Param(param) => self.set.get(&param).map_or(Slot::Open, |value| Slot::Value(value.clone())),
        }
    }

    pub fn put(&mut self, var: Var, slot: Slot) {
        match (var, slot) {
            (Var::Own(field), slot) => self.own[usize::from(field)] = slot,
            (Var::Beside(field), slot) => self.alike[usize::from(field)] = slot,
            (Var::Other(record, field), slot) => {
                if let Some(other) = self.others.iter_mut().find(|other| other.record == record) {
                    other.fields[usize::from(field)] = slot;
                }
            }
            (Var::Param(param), Slot::Value(value)) => _ = self.set.insert(param, value),
            (Var::Param(param), _) => _ = self.set.remove(&param),
            (Var::Present(_), _) => {}
        }
    }

    /// What an input of the record's plan stands for; `None` for a define that is left open.
    pub fn var(plan: &RecordPlan, input: u16) -> Option<Var> {
        match &plan.inputs[usize::from(input)].source {
            Source::Field => Some(Var::Own(input)),
            Source::Member { field, .. } => Some(Var::Own(*field as u16)),
            Source::Foreign { record, field: None } => Some(Var::Present(*record)),
            Source::Foreign { record, field: Some(field) } => Some(Var::Other(*record, *field as u16)),
            Source::Open(OpenItem::Param(param)) => Some(Var::Param(*param)),
            Source::Open(OpenItem::Define(_)) => None,
        }
    }

    pub fn inputs(&self, core: &ir::Program) -> Inputs {
        let mut inputs = Inputs::new(core, self.as_of);
        self.set.iter().for_each(|(param, value)| inputs.set(*param, value.clone()));
        inputs
    }

    pub fn values(slots: &[Slot]) -> Vec<Option<Value>> {
        slots.iter().map(|slot| slot.value().cloned()).collect()
    }

    /// Shows what the policy makes of the record, as the case would be run.
    pub fn look<T>(&self, core: &ir::Program, look: impl FnOnce(&mut Evaluator<'_>) -> T) -> T {
        let plan = &core.records[self.record.index()];
        let inputs = self.inputs(core);
        let facts = interp::facts(plan, &World::values(&self.own));
        let mut population = Aggregates::start(&core.records);
        population.add(&core.records, plan, &inputs, &facts);
        let alike = interp::facts(plan, &World::values(&self.alike));
        (0..self.beside).for_each(|_| population.add(&core.records, plan, &inputs, &alike));
        for other in &self.others {
            let plan = &core.records[other.record.index()];
            population.add(&core.records, plan, &inputs, &interp::facts(plan, &World::values(&other.fields)));
        }
        let finished = population.finish(&core.records);
        look(&mut Evaluator::new(plan, &inputs, Some(&finished), &facts))
    }

    /// The case, without what it expects.
    pub fn case(&self, title: &str, target: CaseTarget, span: Span) -> Case {
        let given = |slots: &[Slot]| Given { fields: World::values(slots), expect: None, span };
        Case {
            title: title.to_owned(),
            module: String::new(),
            span,
            target,
            as_of: self.as_of,
            set: self.set.iter().map(|(param, value)| (*param, value.clone())).collect(),
            assumed: Vec::new(),
            records: std::iter::once(&self.own)
                .chain(std::iter::repeat_n(&self.alike, self.beside))
                .map(|slots| given(slots))
                .collect(),
            others: self.others.iter().map(|other| (other.record, World::values(&other.fields))).collect(),
        }
    }
}

/// The fields that link a record to one of another kind: of the one that belongs the field that holds the key, of the
/// other its key; and which of the two belongs.
pub fn link(program: &Program, own: RecordId, other: RecordId) -> Option<Link> {
    let belongs = |from: RecordId, to: RecordId| {
        let via = program.records[from.index()].belongs.iter().find(|own| own.record == to)?.via;
        Some((via, program.records[to.index()].only_key()?))
    };
    if let Some((via, key)) = belongs(own, other) {
        return Some(Link { own: via, other: key, member: false });
    }
    belongs(other, own).map(|(via, key)| Link { own: key, other: via, member: true })
}

/// How two records are linked: by equal values of these fields.
#[derive(Debug, Clone, Copy)]
pub struct Link {
    pub own: FieldId,
    pub other: FieldId,
    /// The other one belongs to the own one.
    pub member: bool,
}
