//! What can be changed in a measure: its conditions, its alternatives, what it gives.

use super::MutantKind;
use super::sites::{Change, Finder, Spot};
use crate::check::show::show_expr;
use crate::check::typed::*;
use crate::ir::{NodeId, Op, Scope};

impl<'a> Finder<'a> {
    pub fn measure(&mut self, id: MeasureId) {
        let measure = &self.program.measures[id.index()];
        let scope = Scope { record: measure.record, measure: Some(id) };
        let spot = Spot {
            item: &measure.head.name,
            part: "",
            label: &measure.head.label,
            names: self.names(measure.record, &measure.lets),
            whole: None,
            amount: false,
        };
        for own in &measure.lets {
            let amount = own.value.ty != Type::Bool;
            self.rule(Spot { part: &own.name, label: &own.label, amount, ..spot }, scope, &own.value);
        }
        for (conditions, holds) in [(&measure.requires, true), (&measure.checks, true)] {
            conditions.iter().for_each(|condition| self.condition(spot, scope, condition, holds));
        }
        measure.own_excepts().for_each(|condition| self.condition(spot, scope, condition, false));
        if let Some(due) = &measure.due {
            self.rule(Spot { part: "due", label: "", ..spot }, scope, due);
        }
        if let (Some(choice), MeasureKind::Measure) = (&measure.choice, measure.kind) {
            self.alternatives(spot, scope, choice);
        }
        for benefit in measure.all_benefits().filter(|benefit| benefit.kind != BenefitKind::Shortfall) {
            let own = Spot { part: &benefit.name, label: &benefit.label, amount: true, ..spot };
            benefit.exprs().for_each(|amount| self.rule(own, scope, amount));
        }
    }

    /// A condition, and what becomes of it where it is left out: it holds of everybody, or (an exception) of nobody.
    fn condition(&mut self, spot: Spot<'_>, scope: Scope, condition: &Condition, holds: bool) {
        let spot = Spot { part: &condition.name, label: &condition.label, ..spot };
        self.rule(spot, scope, &condition.test);
        let (plan, node) = self.node(scope, &condition.test);
        let op = if holds { Op::All(Vec::new()) } else { Op::Any(Vec::new()) };
        let before = show_expr(spot.names, &condition.test);
        let hint = match holds {
            true => {
                self.language.pick("a case that only this condition fails", "写一个只有这项条件不满足的算例")
            }
            false => self
                .language
                .pick("a case that only this exception holds of", "写一个只因这项除外情形不予的算例"),
        };
        self.left_out(spot, MutantKind::Condition, condition.span, before, hint, (plan, node, op));
    }

    fn left_out(
        &mut self,
        spot: Spot<'_>,
        kind: MutantKind,
        span: crate::source::Span,
        before: String,
        hint: &str,
        node: (usize, NodeId, Op),
    ) {
        let after = self.language.pick("left out", "略去").to_owned();
        let change = Change { kind, span, before, after, hint: Some(hint.to_owned()), nodes: vec![node] };
        self.note(spot, change);
    }

    fn alternatives(&mut self, spot: Spot<'_>, scope: Scope, choice: &Choice) {
        for branch in &choice.branches {
            let spot = Spot { part: &branch.name, label: &branch.label, ..spot };
            let plan = scope.record.index();
            let node = match &branch.when {
                Some(when) => {
                    self.rule(spot, scope, when);
                    self.node(scope, when).1
                }
                None => self.lowering.gate(scope.record, branch),
            };
            let before = match &branch.when {
                Some(when) => show_expr(spot.names, when),
                None => self.language.pick("otherwise", "其他情形").to_owned(),
            };
            let hint = self.language.pick("a case of this alternative", "写一个属于这种情形的算例");
            let node = (plan, node, Op::Any(Vec::new()));
            self.left_out(spot, MutantKind::Alternative, branch.span, before, hint, node);
        }
        for pair in choice.branches.windows(2) {
            self.swap(spot, scope, choice, (&pair[0], &pair[1]));
        }
    }

    /// What two neighbouring alternatives give, changed over; of `first of` also their order.
    fn swap(&mut self, spot: Spot<'_>, scope: Scope, choice: &Choice, (a, b): (&Branch, &Branch)) {
        let Some(when) = &a.when else { return };
        let (plan, first) = self.node(scope, when);
        let Some((_, first_test)) = self.inner(scope, when) else { return };
        let ordered = choice.kind == ChoiceKind::FirstOf;
        let not_first = self.lowering.test(scope.record, Op::Not(first_test));
        let mut nodes = Vec::new();
        match &b.when {
            Some(other) => {
                let second = self.node(scope, other).1;
                let Some((_, second_test)) = self.inner(scope, other) else { return };
                let mut parts = vec![second_test];
                parts.extend(ordered.then_some(not_first));
                nodes.extend([(plan, first, Op::All(parts)), (plan, second, Op::All(vec![first_test]))]);
                if ordered {
                    let not_second = self.lowering.test(scope.record, Op::Not(second_test));
                    self.reorder(spot, (a, b), (plan, first, Op::All(vec![first_test, not_second])));
                }
            }
            None if ordered => nodes.push((plan, first, Op::All(vec![not_first]))),
            // Who is none of the others is this one now; who was this one, is none.
            None => {
                let tests: Vec<&Expr> = choice.branches.iter().filter_map(|own| own.when.as_ref()).collect();
                let tests = tests.into_iter().filter_map(|when| Some(self.inner(scope, when)?.1)).collect();
                let some = self.lowering.test(scope.record, Op::Any(tests));
                let none = self.lowering.test(scope.record, Op::Not(some));
                nodes.push((plan, first, Op::All(vec![none])));
            }
        }
        let hint = self
            .language
            .pick("a case that says what this alternative gives", "写一个写明该情形给予内容的算例");
        let part = a.name.clone();
        let change = Change {
            kind: MutantKind::Swap,
            span: a.span.to(b.span),
            before: format!("{} => …; {} => …", a.name, b.name),
            after: self.language.pick("what they give changed over", "给予内容互换").to_owned(),
            hint: Some(hint.to_owned()),
            nodes,
        };
        self.note(Spot { part: &part, label: &a.label, ..spot }, change);
    }

    fn reorder(&mut self, spot: Spot<'_>, (a, b): (&Branch, &Branch), node: (usize, NodeId, Op)) {
        let hint = self.language.pick("a case of which both hold", "写一个两种情形都符合的算例");
        let change = Change {
            kind: MutantKind::Swap,
            span: a.span.to(b.span),
            before: format!("{}, {}", a.name, b.name),
            after: format!("{}, {}", b.name, a.name),
            hint: Some(hint.to_owned()),
            nodes: vec![node],
        };
        let spot = Spot { part: &a.name, label: &a.label, ..spot };
        match self.exclude(spot, a, b) {
            true => self.note_equivalent(spot, change),
            false => self.note(spot, change),
        }
    }
}
