//! Lowering what a measure says of another one.

use crate::check::typed::{Amount, Branch, ChoiceKind, Expr, Interval, Measure, MeasureId};
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
        let mut tests = self.in_force(scope, measure);
        for condition in &measure.requires {
            tests.push(self.expr(scope, &condition.test));
        }
        // What another relation added is no condition of its own.
        for condition in measure.own_excepts() {
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
            let builder = self.builder(scope);
            let mut parts: Vec<NodeId> = tests[at].into_iter().collect();
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
        let source = self.source;
        let measure = &source.measures[id.index()];
        let scope = Scope { record: measure.record, measure: Some(id) };
        let granted = self.granted(id, false);
        let mut sources: Vec<(NodeId, &Amount)> = Vec::new();
        for (node, branch) in self.taken(scope, measure) {
            let own = branch.benefits.iter().filter(|own| own.name == benefit);
            sources.extend(own.map(|own| (node, &own.amount)));
        }
        sources.extend(
            measure.benefits.iter().filter(|own| own.name == benefit).map(|own| (granted, &own.amount)),
        );
        let mut rows = Vec::new();
        for (test, amount) in sources {
            let (Amount::Exact(value) | Amount::Range { least: value, .. }) = amount else { continue };
            let value = self.expr(scope, value);
            let test = self.builder(scope).test(Op::All(vec![granted, test]));
            rows.push((test, value));
        }
        let kind = kind_of(&expr.ty);
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
