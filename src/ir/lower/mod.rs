//! From a checked policy set to the core. What is named (`let`, `define`, a table) is put in place of its
//! name; since equal operations are one node, it is still computed once.

mod aggregate;
mod between;
mod expr;
mod measure;
mod table;
#[cfg(test)]
mod tests;

use indexmap::{IndexMap, IndexSet};

use crate::check::typed::{self, DefineId, Expr, ExprKind, OpenItem, ParamId, RecordId, Type};
use crate::ir::prune::prune;
use crate::ir::{
    AggregatePlan, Builder, Follows, Input, Kind, MeasurePlan, NodeId, Op, ParamPlan, Program, RecordPlan,
    Source,
};
use crate::value::{Date, Number, Time, Value, VariantSet};

/// The core of a checked policy set.
pub fn lower(program: &typed::Program) -> Program {
    let mut plans = Lowering::new(program).program();
    prune(&mut plans.records);
    debug_assert_eq!(crate::ir::verify(&plans), Vec::<String>::new());
    plans
}

/// Where an expression stands: the record it is on, and the measure whose `let`s it sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scope {
    pub record: RecordId,
    pub measure: Option<typed::MeasureId>,
}

/// A lowered program that can still be asked which node an expression of the checked program became.
/// Its graphs keep nodes that no answer needs; measures and aggregates stand as in [`lower`].
#[derive(Debug)]
pub struct Lowering<'a> {
    source: &'a typed::Program,
    records: Vec<Draft>,
    defines: Vec<Option<NodeId>>,
    /// By record: the fields that are looked up in lists.
    members: Vec<IndexSet<(typed::FieldId, typed::RegisterId)>>,
    /// By record: what of other kinds of record its answers depend on.
    foreign: Vec<IndexSet<(RecordId, Option<typed::FieldId>)>>,
    /// By measure and position.
    lets: Vec<Vec<Option<NodeId>>>,
    /// Only looked up, never walked.
    calls: IndexMap<(RecordId, typed::TableId, Vec<NodeId>), NodeId>,
    /// Each place of the text has nodes of its own.
    apart: bool,
}

/// A record's plan in the making.
#[derive(Debug, Default)]
struct Draft {
    builder: Builder,
    aggregates: Vec<AggregatePlan>,
    measures: Vec<MeasurePlan>,
}

/// Something named that expressions refer to.
#[derive(Debug, Clone, Copy)]
enum Named {
    Define(DefineId),
    Let(typed::MeasureId, usize),
}

impl<'a> Lowering<'a> {
    pub fn new(source: &'a typed::Program) -> Lowering<'a> {
        Lowering::with(source, false)
    }

    /// A lowering in which every place of the text has nodes of its own, unsimplified: the same meaning, in a
    /// form in which one place can be changed and no other. The node of a truth value is a conjunction of one
    /// part, which stands for the place whatever its test is; that of `else` has one without parts beside it.
    pub fn apart(source: &'a typed::Program) -> Lowering<'a> {
        Lowering::with(source, true)
    }

    fn with(source: &'a typed::Program, apart: bool) -> Lowering<'a> {
        let builder = || if apart { Builder::apart() } else { Builder::default() };
        let draft = || Draft { builder: builder(), ..Draft::default() };
        let mut lowering = Lowering {
            source,
            apart,
            records: source.records.iter().map(|_| draft()).collect(),
            defines: vec![None; source.defines.len()],
            members: members(source),
            foreign: aggregate::foreign(source),
            lets: source.measures.iter().map(|measure| vec![None; measure.lets.len()]).collect(),
            calls: IndexMap::new(),
        };
        for at in 0..source.defines.len() {
            lowering.settle(vec![Named::Define(DefineId(at as u32))]);
        }
        // Measures speak of each other.
        for (at, lets) in source.measures.iter().map(|measure| measure.lets.len()).enumerate() {
            lowering.settle((0..lets).map(|own| Named::Let(typed::MeasureId(at as u32), own)).collect());
        }
        for at in 0..source.measures.len() {
            let id = typed::MeasureId(at as u32);
            let plan = lowering.measure(id);
            lowering.records[source.measures[at].record.index()].measures.push(plan);
        }
        lowering
    }

    /// The node that an expression became; one is made where the plan had no use for it.
    pub fn node(&mut self, scope: Scope, expr: &Expr) -> NodeId {
        let open = self.open_names(scope, expr);
        self.settle(open);
        self.expr(scope, expr)
    }

    /// The node of `else` of a measure's alternative, where places stay apart: a conjunction without parts, which
    /// holds.
    pub fn gate(&mut self, record: RecordId, branch: &typed::Branch) -> NodeId {
        let builder = &mut self.records[record.index()].builder;
        let around = builder.stand(Some((branch.span, 1)));
        let gate = builder.test(Op::All(Vec::new()));
        builder.stand(around);
        gate
    }

    /// A test beside those of the plan, for a record's graph.
    pub fn test(&mut self, record: RecordId, op: Op) -> NodeId {
        self.records[record.index()].builder.test(op)
    }

    /// The operation of a node as it stands.
    pub fn op(&self, record: RecordId, node: NodeId) -> &Op {
        &self.records[record.index()].builder.node(node).op
    }

    /// Every call of a table: the record, and the node of its rows.
    pub fn calls_of(&self, table: typed::TableId) -> impl Iterator<Item = (RecordId, NodeId)> {
        let own = self.calls.iter().filter(move |((_, called, _), _)| *called == table);
        own.map(|((record, ..), node)| (*record, *node))
    }

    /// The program as it stands.
    pub fn program(&self) -> Program {
        Program { records: self.plans().collect(), params: self.params() }
    }

    fn plans(&self) -> impl Iterator<Item = RecordPlan> {
        (0..self.source.records.len()).map(|at| self.plan(RecordId(at as u32)))
    }

    /// One record's plan as it stands.
    pub fn plan(&self, record: RecordId) -> RecordPlan {
        let (source, draft) = (&self.source.records[record.index()], &self.records[record.index()]);
        let defines = self.source.defines.iter().zip(&self.defines);
        let own = defines.filter(|(define, _)| define.record == record);
        let open = self.source.open_items().map(|(head, ty, _, item)| Input {
            name: head.name.clone(),
            source: Source::Open(item),
            ty: ty.clone(),
            variants: self.variants(ty),
        });
        let members = self.members[record.index()].iter().map(|(field, register)| Input {
            name: source.fields[field.index()].name.clone(),
            source: Source::Member {
                field: field.index(),
                members: self.source.registers[register.index()].members.clone(),
            },
            ty: Type::Bool,
            variants: VariantSet::EMPTY,
        });
        RecordPlan {
            record,
            name: source.head.name.clone(),
            inputs: source
                .fields
                .iter()
                .map(|field| self.input(field))
                .chain(open)
                .chain(members)
                .chain(self.foreign_inputs(record))
                .collect(),
            graph: draft.builder.graph().clone(),
            aggregates: draft.aggregates.clone(),
            measures: draft.measures.clone(),
            defines: own.filter_map(|(define, node)| Some((define.head.name.clone(), (*node)?))).collect(),
        }
    }

    fn input(&self, field: &typed::Field) -> Input {
        let variants = self.variants(&field.ty);
        Input { name: field.name.clone(), source: Source::Field, ty: field.ty.clone(), variants }
    }

    fn variants(&self, ty: &Type) -> VariantSet {
        match ty {
            Type::Enum(id) => self.source.enums[id.index()].all(),
            _ => VariantSet::EMPTY,
        }
    }

    /// The input that says whether a field stands in a list.
    fn member_input(&self, record: RecordId, field: typed::FieldId, register: typed::RegisterId) -> Op {
        let before = self.source.records[record.index()].fields.len() + self.source.open_items().count();
        let at = self.members[record.index()].get_index_of(&(field, register));
        Op::Input((before + at.expect("every list that is asked for was noted")) as u16)
    }

    /// The input that stands for something open, in the plan of a record.
    fn open_input(&self, record: RecordId, item: OpenItem) -> Op {
        let before = self.source.records[record.index()].fields.len();
        let at = self.source.open_items().position(|(.., own)| own == item);
        Op::Input((before + at.expect("only open items are asked for")) as u16)
    }

    fn params(&self) -> Vec<ParamPlan> {
        let plan = |param: &typed::Param| ParamPlan {
            name: param.head.name.clone(),
            ty: param.ty.clone(),
            steps: steps(param),
            otherwise: param.open.as_ref().map(|open| placeholder(&param.ty, open)),
            follows: None,
        };
        let mut plans: Vec<ParamPlan> = self.source.params.iter().map(plan).collect();
        for (at, param) in self.source.params.iter().enumerate() {
            let Some(open) = &param.open else { continue };
            let id = ParamId(at as u32);
            let filled = steps(param).into_iter().map(|(force, _)| (force, Value::Bool(true))).collect();
            plans.push(ParamPlan {
                name: format!("{}.filled", param.head.name),
                ty: Type::Bool,
                steps: filled,
                otherwise: Some(Value::Bool(false)),
                follows: Some((id, Follows::Filled)),
            });
            for (end, bound) in [("least", &open.least), ("most", &open.most)] {
                plans.push(ParamPlan {
                    name: format!("{}.{end}", param.head.name),
                    ty: param.ty.clone(),
                    steps: steps(param),
                    otherwise: Some(bound.clone().unwrap_or_else(|| placeholder(&param.ty, open))),
                    follows: Some((id, Follows::Value)),
                });
            }
        }
        plans
    }

    /// The parameters that follow an open one: whether it is filled in, and its ends.
    fn followers(&self, id: ParamId) -> [ParamId; 3] {
        let open = self.source.params[..id.index()].iter().filter(|param| param.open.is_some()).count();
        let first = (self.source.params.len() + 3 * open) as u32;
        [ParamId(first), ParamId(first + 1), ParamId(first + 2)]
    }

    /// Lowers what is named before what uses it, without recursion: such chains may be long.
    fn settle(&mut self, mut waiting: Vec<Named>) {
        while let Some(&name) = waiting.last() {
            if self.settled(name).is_some() {
                waiting.pop();
                continue;
            }
            let source = self.source;
            let (scope, expr) = match name {
                Named::Define(id) => {
                    let define = &source.defines[id.index()];
                    (Scope { record: define.record, measure: None }, &define.body)
                }
                Named::Let(id, at) => {
                    let measure = &source.measures[id.index()];
                    (Scope { record: measure.record, measure: Some(id) }, &measure.lets[at].value)
                }
            };
            let open = self.open_names(scope, expr);
            if open.is_empty() {
                let node = self.expr(scope, expr);
                match name {
                    Named::Define(id) => self.defines[id.index()] = Some(node),
                    Named::Let(id, at) => self.lets[id.index()][at] = Some(node),
                }
            } else {
                waiting.extend(open);
            }
        }
    }

    fn settled(&self, name: Named) -> Option<NodeId> {
        match name {
            Named::Define(id) => self.defines[id.index()],
            Named::Let(id, at) => self.lets[id.index()][at],
        }
    }

    /// The names in an expression that have no node yet.
    fn open_names(&self, scope: Scope, expr: &Expr) -> Vec<Named> {
        let mut open = Vec::new();
        expr.walk(&mut |expr| {
            let name = match (&expr.kind, scope.measure) {
                (ExprKind::Granted { measure, .. } | ExprKind::Award { measure, .. }, _) => {
                    let names = (0..self.lets[measure.index()].len()).map(|at| Named::Let(*measure, at));
                    open.extend(names.filter(|name| self.settled(*name).is_none()));
                    return;
                }
                (ExprKind::Claimed { budget, .. } | ExprKind::Drawn { budget, .. }, _) => {
                    for (measure, _) in &self.source.budgets[budget.index()].draws {
                        let names = (0..self.lets[measure.index()].len()).map(|at| Named::Let(*measure, at));
                        open.extend(names.filter(|name| self.settled(*name).is_none()));
                    }
                    return;
                }
                (ExprKind::Define(id), _) => Named::Define(*id),
                (ExprKind::Let(at), Some(measure)) => Named::Let(measure, *at),
                _ => return,
            };
            if self.settled(name).is_none() {
                open.push(name);
            }
        });
        open
    }

    fn builder(&mut self, scope: Scope) -> &mut Builder {
        &mut self.records[scope.record.index()].builder
    }
}

/// The fields that are looked up in lists, by record, in the order of the text.
fn members(source: &typed::Program) -> Vec<IndexSet<(typed::FieldId, typed::RegisterId)>> {
    let mut members = vec![IndexSet::new(); source.records.len()];
    let mut look = |record: RecordId, expr: &Expr| {
        let mut waiting = vec![(record, expr)];
        while let Some((record, expr)) = waiting.pop() {
            expr.walk_on(record, &mut |part| match &part.kind {
                ExprKind::Member { field, register } => {
                    members[record.index()].insert((*field, *register));
                }
                ExprKind::Aggregate(aggregate) if aggregate.over != record => {
                    let theirs = [&aggregate.of, &aggregate.filter].into_iter().flatten();
                    waiting.extend(theirs.map(|part| (aggregate.over, part)));
                }
                _ => {}
            });
        }
    };
    source.defines.iter().for_each(|define| look(define.record, &define.body));
    source.measures.iter().for_each(|measure| measure.each_expr(&mut |expr| look(measure.record, expr)));
    members
}

fn steps(param: &typed::Param) -> Vec<(typed::Force, Value)> {
    param.steps.iter().map(|step| (step.force, step.value.clone())).collect()
}

/// A value that stands where nothing is filled in; no answer depends on it.
fn placeholder(ty: &Type, open: &typed::Open) -> Value {
    let none = || match ty {
        Type::Bool => Value::Bool(false),
        Type::Number(_) => Value::Number(Number::ZERO),
        Type::Date => Value::Date(Date(0)),
        Type::Time => Value::Time(Time(0)),
        Type::Enum(_) => Value::Enum(0),
        Type::Text => Value::Text("".into()),
    };
    open.least.clone().or_else(|| open.most.clone()).unwrap_or_else(none)
}

/// The machine's view of a type.
pub(crate) fn kind_of(ty: &Type) -> Kind {
    match ty {
        Type::Bool => Kind::Bool,
        Type::Text => Kind::Text,
        Type::Enum(id) => Kind::Enum(*id),
        Type::Number(_) => Kind::Number,
        Type::Date => Kind::Date,
        Type::Time => Kind::Time,
    }
}
