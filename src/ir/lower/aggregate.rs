//! Lowering what looks across records.

use indexmap::IndexSet;

use crate::check::across::foreign_inputs;
use crate::check::typed::{
    Aggregate, AggregateKind, BudgetId, BudgetRule, Expr, FieldId, Interval, Program, RecordId, Ties, Type,
};
use crate::ir::lower::{Lowering, Scope, kind_of};
use crate::ir::{AggregateOp, AggregatePlan, DrawPlan, DrawRule, Foreign, Input, Kind, NodeId, Op, Source};
use crate::value::{Number, VariantSet};

impl Lowering<'_> {
    /// The node of an aggregate; equal ones are one. What is asked of the records that are looked over are
    /// nodes of their graph.
    pub(super) fn aggregate(&mut self, scope: Scope, aggregate: &Aggregate, whole: &Expr) -> NodeId {
        let seen = match aggregate.over == scope.record {
            true => scope,
            false => Scope { record: aggregate.over, measure: None },
        };
        let mut part = |part: &Option<Expr>| part.as_ref().map(|part| self.expr(seen, part));
        let (mut of, mut filter, group) =
            (part(&aggregate.of), part(&aggregate.filter), part(&aggregate.group));
        let mine = aggregate.mine.as_ref().map(|mine| self.expr(scope, mine)).or(group);
        let mut tie = None;
        let kind = match &aggregate.kind {
            AggregateKind::Rank { descending, ties } => {
                if let Ties::By(by) = ties {
                    tie = Some(self.expr(seen, by));
                }
                AggregateOp::Rank { descending: *descending }
            }
            AggregateKind::Sum => AggregateOp::Sum,
            AggregateKind::Average => AggregateOp::Average,
            AggregateKind::Least => AggregateOp::Least,
            AggregateKind::Greatest => AggregateOp::Greatest,
            AggregateKind::Count => AggregateOp::Count,
            AggregateKind::One => AggregateOp::One,
            AggregateKind::Any | AggregateKind::All => {
                let any = matches!(aggregate.kind, AggregateKind::Any);
                of = of.map(|of| self.tested(seen, any, of, filter.take()));
                if any { AggregateOp::Any } else { AggregateOp::All }
            }
        };
        let ranks = matches!(kind, AggregateOp::Rank { .. });
        let plan = AggregatePlan {
            kind,
            over: aggregate.over.index(),
            of,
            filter,
            group: group.zip(mine),
            mine: of.filter(|_| ranks).map(|value| (value, tie)),
            tie,
            known_only: aggregate.known_only,
            draw: None,
            foreign: (aggregate.over != scope.record || kind == AggregateOp::One)
                .then(|| self.foreign(scope.record, aggregate.over)),
            variants: self.variants(&whole.ty),
            name: self.source.records[aggregate.over.index()].head.name.clone(),
        };
        let at = self.aggregate_position(scope, plan);
        let (range, decimals) = (whole.range.clone(), whole.decimals);
        self.builder(scope).add(Op::Aggregate(at), kind_of(&whole.ty), range, decimals)
    }

    /// What a budget gives on a claim; what is claimed is lowered with it.
    pub(super) fn drawn(&mut self, id: BudgetId, draw: usize, expr: &Expr) -> NodeId {
        let source = self.source;
        let budget = &source.budgets[id.index()];
        let scope = Scope { record: budget.record, measure: None };
        let mut order = Vec::new();
        let mut step = Number::ONE;
        if let BudgetRule::InOrder { by, ties, .. } = &budget.rule {
            order.extend([Some(by), ties.as_ref()].into_iter().flatten().map(|by| self.expr(scope, by)));
        }
        let keys =
            source.records[budget.record.index()].fields.iter().enumerate().filter(|(_, field)| field.key);
        for (at, field) in keys {
            let builder = self.builder(scope);
            order.push(builder.add(
                Op::Input(at as u16),
                kind_of(&field.ty),
                field.range.clone(),
                Some(field.decimals),
            ));
        }
        let claims = (0..budget.draws.len()).map(|draw| self.claimed(id, draw)).collect();
        if let Some(places) = expr.ty.number().map(|_| self.claim_decimals(id)) {
            step = Number::from_scaled(1, places);
        }
        let rule = match &budget.rule {
            BudgetRule::InOrder { descending, cut, .. } => {
                DrawRule::InOrder { descending: *descending, cut: *cut }
            }
            BudgetRule::ProRata => DrawRule::ProRata { step },
        };
        let pool = self.expr(scope, &budget.pool);
        let plan = AggregatePlan {
            kind: AggregateOp::Draw(draw),
            over: budget.record.index(),
            of: None,
            filter: None,
            group: None,
            mine: None,
            tie: None,
            known_only: budget.known_only,
            draw: Some(DrawPlan { claims, order, pool, rule }),
            foreign: None,
            variants: VariantSet::EMPTY,
            name: budget.head.name.clone(),
        };
        let at = self.aggregate_position(scope, plan);
        let claim = self.claimed(id, draw);
        let builder = self.builder(scope);
        // Never more than is claimed, never less than nothing.
        let claim = builder.node(claim).clone();
        let range = Interval { low: Some(Number::ZERO), high: claim.range.high.clone() };
        builder.add(Op::Aggregate(at), Kind::Number, range, claim.decimals)
    }

    /// A condition of the records that a filter lets through: false (of `any`) or true (of `all`) of the others.
    fn tested(&mut self, scope: Scope, any: bool, of: NodeId, filter: Option<NodeId>) -> NodeId {
        let Some(filter) = filter else { return of };
        let builder = self.builder(scope);
        if any {
            return builder.test(Op::All(vec![filter, of]));
        }
        let others = builder.test(Op::Not(filter));
        builder.test(Op::Any(vec![others, of]))
    }

    fn aggregate_position(&mut self, scope: Scope, plan: AggregatePlan) -> u16 {
        let aggregates = &mut self.records[scope.record.index()].aggregates;
        let at = aggregates.iter().position(|other| *other == plan).unwrap_or_else(|| {
            aggregates.push(plan);
            aggregates.len() - 1
        });
        at as u16
    }

    /// The inputs of a record's plan that stand for what records of other kinds may lack.
    pub(super) fn foreign_inputs(&self, record: RecordId) -> impl Iterator<Item = Input> {
        self.foreign[record.index()].iter().map(|(record, field)| {
            let owner = &self.source.records[record.index()];
            let source = Source::Foreign { record: *record, field: field.map(FieldId::index) };
            let name = owner.head.name.clone();
            match field.map(|field| &owner.fields[field.index()]) {
                None => Input { name, source, ty: Type::Text, variants: VariantSet::EMPTY },
                Some(field) => Input { name: format!("{name}.{}", field.name), source, ..self.input(field) },
            }
        })
    }

    /// How a plan numbers what other records may lack.
    fn foreign(&self, asking: RecordId, over: RecordId) -> Foreign {
        let own = &self.foreign[asking.index()];
        let before = self.inputs_before_foreign(asking);
        let position = |field| own.get_index_of(&(over, field)).map(|at| (before + at) as u16);
        let absent = position(None).expect("what is looked at was noted");
        let fields = self.source.records[over.index()].fields.len();
        let open = self.source.open_items().count();
        let field = |at: usize| position(Some(FieldId(at as u32))).unwrap_or(absent);
        let mut causes: Vec<u16> = (0..fields).map(field).collect();
        // What is open stands in every plan, after its fields.
        let own_fields = self.source.records[asking.index()].fields.len();
        causes.extend((0..open).map(|at| (own_fields + at) as u16));
        causes.extend(self.members[over.index()].iter().map(|(member, _)| field(member.index())));
        Foreign { causes, absent }
    }

    fn inputs_before_foreign(&self, record: RecordId) -> usize {
        let fields = self.source.records[record.index()].fields.len();
        fields + self.source.open_items().count() + self.members[record.index()].len()
    }
}

/// By kind of record, what its answers depend on in other kinds.
pub(super) fn foreign(source: &Program) -> Vec<IndexSet<(RecordId, Option<FieldId>)>> {
    (0..source.records.len()).map(|at| foreign_inputs(source, RecordId(at as u32))).collect()
}
