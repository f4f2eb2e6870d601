//! What a field may be in a case: its variants, and one value of each stretch between its boundaries.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::bounds::around;
use super::world::{Other, Slot, Var, World, link};
use crate::boundary::{Boundaries, Reach, boundaries, comparisons, position, usual_day, value_at};
use crate::check::typed::{Field, ParamId, Program, RecordId, Type};
use crate::ir::{self, NodeId};
use crate::value::{Date, Number, Value};

/// Texts of each list that are tried.
const MEMBERS: usize = 3;

/// By record and field.
#[derive(Debug)]
pub struct Candidates {
    /// About when records are from.
    usual: Date,
    values: Vec<Vec<Vec<Value>>>,
    /// Comparisons with others: the side that has the field, and the other side.
    between: Vec<BTreeMap<u16, Vec<(NodeId, NodeId)>>>,
}

impl Candidates {
    pub fn new(
        program: &Program,
        core: &ir::Program,
        reaches: &[Reach],
        days: &BTreeSet<Date>,
    ) -> Candidates {
        let usual = usual_day(program, days);
        let mut all = Candidates { usual, values: Vec::new(), between: Vec::new() };
        for (at, reach) in reaches.iter().enumerate() {
            let id = RecordId(at as u32);
            let found = boundaries(program, core, id, days);
            let fields = &program.records[at].fields;
            let of = |(field, own): (usize, &Field)| {
                values(program, id, own, field, &found, &core.records[at], usual)
            };
            all.values.push(fields.iter().enumerate().map(of).collect());
            all.between.push(between(&core.records[at], reach, fields));
        }
        all
    }

    pub fn of(&self, record: RecordId, field: u16) -> &[Value] {
        &self.values[record.index()][usize::from(field)]
    }

    pub fn between(&self, record: RecordId, field: u16) -> &[(NodeId, NodeId)] {
        self.between[record.index()].get(&field).map_or(&[], Vec::as_slice)
    }

    /// Values of a param that is left open: its bounds, and where it has none on one side something beyond the other.
    pub fn of_param(&self, program: &Program, param: ParamId) -> impl Iterator<Item = Value> {
        let param = &program.params[param.index()];
        let (least, most) =
            param.open.as_ref().map_or((None, None), |open| (open.least.clone(), open.most.clone()));
        let beyond = match (&param.ty, &least, &most) {
            (_, _, Some(_)) => None,
            (Type::Number(_), Some(least), None) => {
                position(least).map(|at| Value::Number(at.add(&Number::from_int(100))))
            }
            (Type::Number(_), None, None) => Some(Value::Number(Number::ONE)),
            (Type::Date, least, None) => least.clone().or(Some(Value::Date(self.usual))),
            (Type::Time, least, None) => least.clone().or(Some(Value::Time(self.usual.midnight()))),
            (Type::Text, ..) => Some(Value::Text(param.head.label.as_str().into())),
            (Type::Bool, ..) => Some(Value::Bool(true)),
            (Type::Enum(_), ..) => Some(Value::Enum(0)),
        };
        let other = if param.ty == Type::Bool { Some(Value::Bool(false)) } else { None };
        [beyond, least, most, other].into_iter().flatten()
    }

    /// Worlds with a record of another kind: one that is linked to the record, and, where members may be none, one
    /// that is not.
    pub fn presences(&self, program: &Program, world: &World, record: RecordId) -> Vec<World> {
        if world.others.iter().any(|other| other.record == record) {
            return Vec::new();
        }
        let count = program.records[record.index()].fields.len();
        let add = |own: Option<(u16, Value)>, theirs: Option<(usize, Value)>| {
            let mut world = world.clone();
            let mut fields = vec![Slot::Open; count];
            if let Some((field, value)) = theirs {
                fields[field] = Slot::Value(value);
            }
            if let Some((field, value)) = own {
                world.put(Var::Own(field), Slot::Value(value));
            }
            world.others.push(Other { record, fields });
            world
        };
        let Some(link) = link(program, world.record, record) else { return vec![add(None, None)] };
        let (own, theirs) = (link.own.0 as u16, link.other.index());
        let value = match world.slot(Var::Own(own)) {
            Slot::Value(value) => value,
            _ => match self.of(world.record, own).first() {
                Some(value) => value.clone(),
                None => return Vec::new(),
            },
        };
        let mut worlds = vec![add(Some((own, value.clone())), Some((theirs, value.clone())))];
        let stranger = self.of(world.record, own).iter().find(|other| **other != value);
        if let (true, Some(stranger)) = (link.member, stranger) {
            worlds.push(add(Some((own, value)), Some((theirs, stranger.clone()))));
        }
        worlds
    }
}

/// By field the comparisons that it stands in on one side, with other fields in them.
fn between(plan: &ir::RecordPlan, reach: &Reach, fields: &[Field]) -> BTreeMap<u16, Vec<(NodeId, NodeId)>> {
    let mut of: BTreeMap<u16, Vec<(NodeId, NodeId)>> = BTreeMap::new();
    for comparison in comparisons(&plan.graph) {
        let (left, right) = (comparison.left, comparison.right);
        if reach.only_field(comparison, fields).is_some()
            || reach.looks_across(left)
            || reach.looks_across(right)
        {
            continue;
        }
        for field in 0..fields.len() as u16 {
            match (reach.depends(left, field), reach.depends(right, field)) {
                (true, false) => of.entry(field).or_default().push((left, right)),
                (false, true) => of.entry(field).or_default().push((right, left)),
                _ => {}
            }
        }
    }
    of
}

fn values(
    program: &Program,
    record: RecordId,
    field: &Field,
    at: usize,
    found: &Boundaries,
    plan: &ir::RecordPlan,
    usual: Date,
) -> Vec<Value> {
    match &field.ty {
        Type::Bool => vec![Value::Bool(true), Value::Bool(false)],
        Type::Enum(id) => {
            (0..program.enums[id.index()].variants.len()).map(|at| Value::Enum(at as u8)).collect()
        }
        Type::Text => texts(program, record, field, at, found, plan),
        Type::Number(_) | Type::Date | Type::Time => line(field, &found.fields[at], usual),
    }
}

fn texts(
    program: &Program,
    record: RecordId,
    field: &Field,
    at: usize,
    found: &Boundaries,
    plan: &ir::RecordPlan,
) -> Vec<Value> {
    let own = &program.records[record.index()];
    let named = own
        .belongs
        .iter()
        .find(|own| own.via.index() == at)
        .map_or(&own.head.label, |own| &program.records[own.record.index()].head.label);
    let label = if field.key || named != &own.head.label { named } else { &field.label };
    let known = found.texts[at].iter().cloned().chain(members(plan, at));
    let made_up = ["1", "2"].map(|number| Arc::from(format!("{label}{number}")));
    known.chain(made_up).map(Value::Text).collect()
}

/// Some members of each list that a field is looked up in, and of each two lists one that is in both, and one that is
/// in one alone.
fn members(plan: &ir::RecordPlan, at: usize) -> Vec<Arc<str>> {
    let lists = plan.inputs.iter().filter_map(|input| match &input.source {
        ir::Source::Member { field, members } if *field == at => Some(members),
        _ => None,
    });
    let lists: Vec<_> = lists.collect();
    let mut found: Vec<&String> = lists.iter().flat_map(|list| list.iter().take(MEMBERS)).collect();
    for (own, list) in lists.iter().enumerate() {
        for (other, theirs) in lists.iter().enumerate().filter(|(other, _)| *other != own) {
            found.extend(list.iter().find(|name| !theirs.contains(*name)));
            found.extend(list.iter().find(|name| other > own && theirs.contains(*name)));
        }
    }
    let mut seen = BTreeSet::new();
    found.retain(|name| seen.insert(*name));
    found.into_iter().map(|name| Arc::from(name.as_str())).collect()
}

/// One value of each stretch between boundaries, and the boundaries themselves.
fn line(field: &Field, found: &[Number], usual: Date) -> Vec<Value> {
    let end = |at: &Number| Some(at) == field.range.low.as_ref() || Some(at) == field.range.high.as_ref();
    // Those of the policy come before the ends of the range.
    let (ends, inner): (Vec<&Number>, Vec<&Number>) = found.iter().partition(|at| end(at));
    let mut positions = Vec::new();
    for at in inner {
        let around = around(field, at);
        positions.extend([around.exact, around.above, around.below].into_iter().flatten());
    }
    let usual = Number::from_int(match &field.ty {
        Type::Time => usual.midnight().0,
        _ => usual.0.into(),
    });
    let is_number = matches!(field.ty, Type::Number(_));
    let plain = if is_number { vec![Number::from_int(100), Number::ONE] } else { vec![usual.clone()] };
    positions.extend(plain.into_iter().filter(|at| field.range.contains(at)));
    positions.extend(ends.into_iter().cloned());
    if !is_number {
        // Days of the policy's own time come first.
        positions.sort_by_key(|at| at.sub(&usual).abs());
    }
    let mut seen = BTreeSet::new();
    positions.retain(|at| seen.insert(at.clone()));
    positions.iter().filter_map(|at| value_at(&field.ty, at)).collect()
}
