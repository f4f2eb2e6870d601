//! Lowering what a measure says of another one.

use crate::check::typed::{
    Amount, Benefit, Branch, BudgetId, ChoiceKind, Condition, Expr, Interval, Measure, MeasureId,
};
use crate::ir::lower::{Lowering, Scope, kind_of};
use crate::ir::{Kind, NodeId, Op};
use crate::value::ops::{CompareOp, Hit, Proved};
use crate::value::{Date, Number, Value};

impl Lowering<'_> {
    /// Whether a measure is given (or applies) by its own conditions; its `let`s are settled.
    pub(super) fn granted(&mut self, id: MeasureId, applies: bool) -> NodeId {
        let source = self.source;
        let measure = &source.measures[id.index()];
        let scope = Scope { record: measure.record, measure: Some(id) };
        let tests = self.in_force(scope, measure);
        // What another relation added is no condition of its own.
        self.given(scope, measure, tests, measure.own_excepts(), applies)
    }

    /// Whether a measure's conditions hold, of its exceptions those that are named.
    fn given<'m>(
        &mut self,
        scope: Scope,
        measure: &'m Measure,
        mut tests: Vec<NodeId>,
        excepts: impl Iterator<Item = &'m Condition>,
        applies: bool,
    ) -> NodeId {
        for condition in &measure.requires {
            tests.push(self.expr(scope, &condition.test));
        }
        for condition in excepts {
            let node = self.expr(scope, &condition.test);
            tests.push(self.builder(scope).test(Op::Not(node)));
        }
        if !applies {
            let branches: Vec<(NodeId, &Branch)> = self.taken(scope, measure);
            if measure.choice.is_some() {
                let given = branches.into_iter().filter(|(_, branch)| !branch.refuse).map(|(node, _)| node);
                let given = given.collect();
                tests.push(self.builder(scope).test(Op::Any(given)));
            }
        }
        self.builder(scope).test(Op::All(tests))
    }

    fn in_force(&mut self, scope: Scope, measure: &Measure) -> Vec<NodeId> {
        let mut bound = |day: Option<Date>, op: CompareOp| {
            let builder = self.builder(scope);
            let day = builder.constant(Value::Date(day?), Kind::Date);
            let as_of = builder.add(Op::AsOf, Kind::Date, Interval::default(), None);
            Some(builder.test(Op::Compare(op, as_of, day)))
        };
        let since = bound(measure.force.from, CompareOp::AtLeast);
        since.into_iter().chain(bound(measure.force.until, CompareOp::Less)).collect()
    }

    /// For each alternative whether it is the one that is taken.
    fn taken<'m>(&mut self, scope: Scope, measure: &'m Measure) -> Vec<(NodeId, &'m Branch)> {
        let Some(choice) = &measure.choice else { return Vec::new() };
        let tests: Vec<Option<NodeId>> = choice
            .branches
            .iter()
            .map(|branch| branch.when.as_ref().map(|when| self.expr(scope, when)))
            .collect();
        let first = choice.kind == ChoiceKind::FirstOf;
        let mut taken = Vec::with_capacity(tests.len());
        for (at, branch) in choice.branches.iter().enumerate() {
            // Others that must not hold: those before, and of `one of` those after too.
            let rivals = tests.iter().enumerate().filter(|(other, _)| *other < at || !first && *other > at);
            let rivals: Vec<NodeId> = rivals.filter_map(|(_, test)| *test).collect();
            let mut parts: Vec<NodeId> = tests[at].into_iter().collect();
            if tests[at].is_none() && self.apart {
                parts.push(self.gate(scope.record, branch));
            }
            let builder = self.builder(scope);
            if tests[at].is_none() || first || !choice.exclusive {
                for rival in rivals {
                    parts.push(builder.test(Op::Not(rival)));
                }
            }
            taken.push((builder.test(Op::All(parts)), branch));
        }
        taken
    }

    /// What a measure gives of a benefit by its own conditions, zero where it does not.
    pub(super) fn award_of(&mut self, id: MeasureId, benefit: &str, expr: &Expr) -> NodeId {
        let granted = self.granted(id, false);
        self.awarded(id, benefit, granted, kind_of(&expr.ty), false)
    }

    /// What a record claims of a budget: the amount as it would be paid, zero where the measure does not give it.
    pub(super) fn claimed(&mut self, id: BudgetId, draw: usize) -> NodeId {
        let (id, benefit) = &self.source.budgets[id.index()].draws[draw];
        let measure = &self.source.measures[id.index()];
        let scope = Scope { record: measure.record, measure: Some(*id) };
        let tests = self.in_force(scope, measure);
        let granted = self.given(scope, measure, tests, measure.excepts_of_claims(), false);
        self.awarded(*id, benefit, granted, Kind::Number, true)
    }

    fn awarded(
        &mut self,
        id: MeasureId,
        benefit: &str,
        granted: NodeId,
        kind: Kind,
        payable: bool,
    ) -> NodeId {
        let source = self.source;
        let measure = &source.measures[id.index()];
        let scope = Scope { record: measure.record, measure: Some(id) };
        let mut sources: Vec<(NodeId, &Benefit)> = Vec::new();
        for (node, branch) in self.taken(scope, measure) {
            let own = branch.benefits.iter().filter(|own| own.name == benefit);
            sources.extend(own.map(|own| (node, own)));
        }
        sources.extend(measure.benefits.iter().filter(|own| own.name == benefit).map(|own| (granted, own)));
        let mut rows = Vec::new();
        for (test, own) in sources {
            let (Amount::Exact(value) | Amount::Range { least: value, .. }) = &own.amount else { continue };
            let value = match payable {
                true => self.payable(scope, measure, own, value),
                false => self.expr(scope, value),
            };
            let test = self.builder(scope).test(Op::All(vec![granted, test]));
            rows.push((test, value));
        }
        let builder = self.builder(scope);
        let nothing = builder.constant(Value::Number(Number::ZERO), kind);
        let decimals = rows.iter().map(|(_, value)| builder.node(*value).decimals);
        let decimals = decimals.collect::<Option<Vec<u32>>>().and_then(|list| list.into_iter().max());
        let ranges = rows.iter().map(|(_, value)| builder.node(*value).range.clone());
        let zero = Interval { low: Some(Number::ZERO), high: Some(Number::ZERO) };
        let range = ranges.fold(zero, |range, own| range.hull(&own));
        let proved = Proved { exclusive: false, complete: true };
        builder.add(
            Op::Cases { hit: Hit::First, rows, default: Some(nothing), proved },
            kind,
            range,
            decimals,
        )
    }
}
