//! Lowering what looks across records.

use crate::check::typed::{Aggregate, AggregateKind, Expr, Ties};
use crate::ir::lower::{Lowering, Scope, kind_of};
use crate::ir::{AggregateOp, AggregatePlan, NodeId, Op};

impl Lowering<'_> {
    /// The node of an aggregate; equal ones are one. The checker lets a record look over its own kind only,
    /// so what is asked of the others and of the record itself are nodes of one graph.
    pub(super) fn aggregate(&mut self, scope: Scope, aggregate: &Aggregate, whole: &Expr) -> NodeId {
        let mut part = |part: &Option<Expr>| part.as_ref().map(|part| self.expr(scope, part));
        let (of, filter, group) = (part(&aggregate.of), part(&aggregate.filter), part(&aggregate.group));
        let (kind, tie) = match &aggregate.kind {
            AggregateKind::Rank { descending, ties } => {
                let tie = match ties {
                    Ties::Share => None,
                    Ties::By(tie) => Some(self.expr(scope, tie)),
                };
                (AggregateOp::Rank { descending: *descending }, tie)
            }
            AggregateKind::Sum => (AggregateOp::Sum, None),
            AggregateKind::Average => (AggregateOp::Average, None),
            AggregateKind::Least => (AggregateOp::Least, None),
            AggregateKind::Greatest => (AggregateOp::Greatest, None),
            AggregateKind::Count => (AggregateOp::Count, None),
        };
        let ranks = matches!(kind, AggregateOp::Rank { .. });
        let plan = AggregatePlan {
            kind,
            over: aggregate.over.index(),
            of,
            filter,
            group: group.map(|group| (group, group)),
            mine: of.filter(|_| ranks).map(|value| (value, tie)),
            tie,
            known_only: aggregate.known_only,
            name: self.source.records[aggregate.over.index()].head.name.clone(),
        };
        let at = self.aggregate_position(scope, plan);
        let (range, decimals) = (whole.range.clone(), whole.decimals);
        self.builder(scope).add(Op::Aggregate(at), kind_of(&whole.ty), range, decimals)
    }

    fn aggregate_position(&mut self, scope: Scope, plan: AggregatePlan) -> u16 {
        let aggregates = &mut self.records[scope.record.index()].aggregates;
        let at = aggregates.iter().position(|other| *other == plan).unwrap_or_else(|| {
            aggregates.push(plan);
            aggregates.len() - 1
        });
        at as u16
    }
}
