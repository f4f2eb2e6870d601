//! The answer of a measure: its status, reasons and awards. The meaning is that of `interp::answer`.

use cranelift_codegen::ir::Value as V;

use super::number::Tree;
use super::{Causes, Emitter};
use crate::ir::{Award, BranchPlan, ChoicePlan, Kind, MeasurePlan, NodeId};
use crate::jit::outputs::{MeasureOutputs, NO_BRANCH, Written, status};
use crate::jit::shape::{Rep, scaled};

/// The node of a part of an award.
type Part = fn(&Award) -> Option<NodeId>;

/// What a measure's conditions or branches come to: masks of records.
#[derive(Default)]
struct Conditions {
    /// For each test the records that it decides against.
    fails: Vec<V>,
    failed: Option<V>,
    missing: Option<V>,
    error: Option<V>,
}

#[derive(Default)]
struct Chosen {
    takes: Vec<V>,
    /// Where the test of each branch holds.
    holding: Vec<V>,
    none: Option<V>,
    conflict: Option<V>,
    open: Option<V>,
    error: Option<V>,
    /// Records in conflict of which it is not known whether a further branch holds.
    unclear: Option<V>,
    /// Tests that leave the choice open, and for which records.
    tests: Vec<(V, NodeId)>,
}

/// The records of each status.
struct Decided {
    refused: Option<V>,
    undetermined: Option<V>,
    conflict: Option<V>,
    error: Option<V>,
    granted: V,
}

impl<'a> Emitter<'a, '_> {
    /// Decides a measure, by position in the plan.
    pub fn decide(&mut self, at: usize) {
        let measure = &self.design.setting.plan.measures[at];
        let outputs = self.design.outputs.measures[at].as_ref().expect("a measure in force has outputs");
        let conditions = self.conditions(measure);
        let chosen = match &measure.choice {
            None => Chosen::default(),
            Some(choice) if choice.first => self.first_of(&choice.branches),
            Some(choice) => self.one_of(choice),
        };
        let reasons = !outputs.failed.is_empty();
        let mut decided = self.settle(measure, &conditions, &chosen, reasons);
        let causes = self.awards_gap(measure, &chosen, &mut decided);
        self.write_status(outputs, &decided);
        self.write_failed(measure, outputs, &conditions, &chosen, &decided);
        self.write_missing(measure, outputs, &chosen, &decided, causes);
        self.write_branch(outputs, &chosen, decided.granted);
        self.write_awards(measure, outputs, &chosen, decided.granted);
    }

    fn conditions(&mut self, measure: &MeasurePlan) -> Conditions {
        let mut conditions = Conditions::default();
        let requires = measure.requires.iter().map(|test| (test, false));
        for (test, holds_against) in requires.chain(measure.excepts.iter().map(|test| (test, true))) {
            let truth = self.truth(test.node);
            let fail = if holds_against { truth.yes } else { self.no(truth) };
            conditions.fails.push(fail);
            conditions.failed = self.either(conditions.failed, Some(fail));
            let missing = self.missing(truth);
            conditions.missing = self.either(conditions.missing, missing);
            conditions.error = self.either(conditions.error, truth.error);
        }
        conditions
    }

    fn first_of(&mut self, branches: &[BranchPlan]) -> Chosen {
        let mut chosen = Chosen::default();
        let mut alive = self.every();
        for branch in branches {
            let truth = self.truth(branch.test.node);
            let take = self.and(alive, truth.yes);
            chosen.takes.push(take);
            chosen.holding.push(truth.yes);
            if let Some(missing) = self.missing(truth) {
                let open = self.and(alive, missing);
                chosen.tests.push((open, branch.test.node));
                chosen.open = self.either(chosen.open, Some(open));
            }
            let error = self.and_maybe(alive, truth.error);
            chosen.error = self.either(chosen.error, error);
            let no = self.no(truth);
            alive = self.and(alive, no);
        }
        chosen.none = Some(alive);
        chosen
    }

    fn one_of(&mut self, choice: &ChoicePlan) -> Chosen {
        let mut chosen = Chosen::default();
        let (mut one, mut two) = (self.none(), self.none());
        for branch in &choice.branches {
            let truth = self.truth(branch.test.node);
            let again = self.and(one, truth.yes);
            (two, one) = (self.or(two, again), self.or(one, truth.yes));
            chosen.holding.push(truth.yes);
            if let Some(missing) = self.missing(truth) {
                chosen.tests.push((missing, branch.test.node));
                chosen.open = self.either(chosen.open, Some(missing));
            }
            chosen.error = self.either(chosen.error, truth.error);
        }
        // One that holds settles an exclusive choice; two are a conflict whatever the others are.
        let settled = if choice.exclusive { one } else { two };
        chosen.unclear = chosen.error.map(|error| self.and(error, two));
        chosen.error = chosen.error.map(|error| self.but_not(error, settled));
        chosen.open = chosen.open.map(|open| {
            let open = self.but_not(open, settled);
            match chosen.error {
                Some(error) => self.but_not(open, error),
                None => open,
            }
        });
        let mut alone = self.but_not(one, two);
        let mut none = self.not(one);
        for doubt in [chosen.error, chosen.open].into_iter().flatten() {
            (alone, none) = (self.but_not(alone, doubt), self.but_not(none, doubt));
        }
        let holding = chosen.holding.clone();
        chosen.takes = holding.into_iter().map(|holds| self.and(holds, alone)).collect();
        (chosen.none, chosen.conflict) = (Some(none), Some(two));
        let (open, tests) = (chosen.open, std::mem::take(&mut chosen.tests));
        let within = |emitter: &mut Self, mask: V| open.map_or(mask, |open| emitter.and(mask, open));
        chosen.tests = tests.into_iter().map(|(mask, node)| (within(self, mask), node)).collect();
        chosen
    }

    fn settle(
        &mut self,
        measure: &MeasurePlan,
        conditions: &Conditions,
        chosen: &Chosen,
        reasons: bool,
    ) -> Decided {
        let mut refused = self.either(conditions.failed, chosen.none);
        if let Some(choice) = &measure.choice {
            for (branch, take) in
                choice.branches.iter().zip(&chosen.takes).filter(|(branch, _)| branch.refuse)
            {
                debug_assert!(branch.refuse);
                refused = self.either(refused, Some(*take));
            }
        }
        let mut error = self.either(conditions.error, chosen.error);
        if reasons {
            // A condition that the code cannot decide may yet be one of the reasons.
            refused = self.outside(refused, &[conditions.error]);
            error = self.either(error, chosen.unclear);
        }
        let error = self.outside(error, &[refused]);
        let open = self.either(conditions.missing, chosen.open);
        let undetermined = self.outside(open, &[refused, error]);
        let conflict = self.outside(chosen.conflict, &[refused, error, undetermined]);
        let every = self.every();
        let granted = self.outside(Some(every), &[refused, error, undetermined, conflict]).unwrap_or(every);
        Decided { refused, undetermined, conflict, error, granted }
    }

    /// A mask without the records of others.
    fn outside(&mut self, mask: Option<V>, others: &[Option<V>]) -> Option<V> {
        let mut mask = mask?;
        for other in others.iter().flatten() {
            mask = self.but_not(mask, *other);
        }
        Some(mask)
    }

    /// Each award with the branch that gives it, if one does.
    fn awards(measure: &'a MeasurePlan) -> Vec<(Option<usize>, &'a Award)> {
        let common = measure.awards.iter().map(|award| (None, award));
        let branches = measure.choice.iter().flat_map(|choice| choice.branches.iter().enumerate());
        common
            .chain(branches.flat_map(|(at, branch)| branch.awards.iter().map(move |award| (Some(at), award))))
            .collect()
    }

    /// Takes out of the granted records those of which an amount is not known; what is missing for them.
    fn awards_gap(&mut self, measure: &'a MeasurePlan, chosen: &Chosen, decided: &mut Decided) -> Causes {
        let open = decided.granted;
        let (mut missing, mut error, mut causes) = (None, None, Causes::new());
        for (branch, award) in Emitter::awards(measure) {
            let given = branch.map_or(open, |branch| self.and(open, chosen.takes[branch]));
            let column = 10i128.pow(measure.columns[award.column].decimals);
            let amounts = [Some(award.least), award.most].map(|node| (node, column));
            for (node, denominator) in amounts.into_iter().chain([(award.months, 1)]) {
                let Some(node) = node else { continue };
                let form = self.form(node);
                if !self.is_written(node, denominator) {
                    error = self.either(error, Some(given));
                    continue;
                }
                if !form.missing && !form.error {
                    continue;
                }
                let gap = self.gap(node);
                let own = self.and_maybe(given, gap.missing);
                missing = self.either(missing, own);
                let own = self.and_maybe(given, gap.error);
                error = self.either(error, own);
                let own = self.causes(node);
                self.add_causes_where(&mut causes, given, own);
            }
        }
        let missing = self.outside(missing, &[error]);
        decided.granted = self.outside(Some(open), &[missing, error]).unwrap_or(open);
        decided.undetermined = self.either(decided.undetermined, missing);
        decided.error = self.either(decided.error, error);
        causes
    }

    fn write_status(&mut self, outputs: &MeasureOutputs, decided: &Decided) {
        let mut byte = None;
        for (mask, value) in [
            (decided.refused, status::REFUSED),
            (decided.undetermined, status::UNDETERMINED),
            (decided.conflict, status::CONFLICT),
            (decided.error, status::OPEN),
        ] {
            byte = self.add_bits(byte, mask, value);
        }
        let byte = byte.unwrap_or_else(|| self.none());
        self.write_mask(outputs.status, byte);
    }

    fn add_bits(&mut self, byte: Option<V>, mask: Option<V>, bits: u8) -> Option<V> {
        let Some(mask) = mask else { return byte };
        let bits = self.bytes(bits);
        let own = self.and(mask, bits);
        self.either(byte, Some(own))
    }

    fn write_bits(&mut self, to: &[Written], masks: &[Option<V>]) {
        for (written, masks) in to.iter().zip(masks.chunks(8)) {
            let mut byte = None;
            for (at, mask) in masks.iter().enumerate() {
                byte = self.add_bits(byte, *mask, 1 << at);
            }
            let byte = byte.unwrap_or_else(|| self.none());
            self.write_mask(*written, byte);
        }
    }

    fn write_failed(
        &mut self,
        measure: &MeasurePlan,
        outputs: &MeasureOutputs,
        conditions: &Conditions,
        chosen: &Chosen,
        decided: &Decided,
    ) {
        if outputs.failed.is_empty() {
            return;
        }
        let mut masks: Vec<Option<V>> = conditions.fails.iter().copied().map(Some).collect();
        for (at, branch) in measure.choice.iter().flat_map(|choice| choice.branches.iter().enumerate()) {
            let against = if branch.refuse { Some(chosen.takes[at]) } else { None };
            let against = self.either(against, chosen.none);
            let against = self.outside(against, &[conditions.failed]);
            let clash = decided.conflict.map(|conflict| self.and(conflict, chosen.holding[at]));
            masks.push(self.either(against, clash));
        }
        if let Some(undone) = measure.undone() {
            let taken = self.and(decided.granted, chosen.takes[undone]);
            for check in &measure.checks {
                let truth = self.truth(check.node);
                let fails = self.no(truth);
                masks.push(Some(self.and(taken, fails)));
            }
        }
        self.write_bits(&outputs.failed, &masks);
    }

    fn write_missing(
        &mut self,
        measure: &MeasurePlan,
        outputs: &MeasureOutputs,
        chosen: &Chosen,
        decided: &Decided,
        awards: Causes,
    ) {
        let (Some(undetermined), false) = (decided.undetermined, outputs.missing.is_empty()) else {
            let none = vec![None; outputs.inputs.len()];
            return self.write_bits(&outputs.missing, &none);
        };
        let mut causes = awards;
        for test in measure.requires.iter().chain(&measure.excepts) {
            let own = self.causes(test.node);
            self.add_causes(&mut causes, own);
        }
        for (mask, node) in &chosen.tests {
            let own = self.causes(*node);
            self.add_causes_where(&mut causes, *mask, own);
        }
        let mask = |emitter: &mut Self, input: &u16| {
            let own = causes.iter().find(|(own, _)| own == input)?;
            Some(emitter.and(own.1, undetermined))
        };
        let masks: Vec<Option<V>> = outputs.inputs.iter().map(|input| mask(self, input)).collect();
        self.write_bits(&outputs.missing, &masks);
    }

    fn write_branch(&mut self, outputs: &MeasureOutputs, chosen: &Chosen, granted: V) {
        let Some(to) = outputs.branch else { return };
        let mut branch = self.bytes(NO_BRANCH);
        for (at, take) in chosen.takes.iter().enumerate() {
            let taken = self.and(*take, granted);
            let own = self.bytes(at as u8);
            branch = self.select(taken, own, branch);
        }
        self.write_mask(to, branch);
    }

    fn write_awards(
        &mut self,
        measure: &'a MeasurePlan,
        outputs: &MeasureOutputs,
        chosen: &Chosen,
        granted: V,
    ) {
        for (at, column) in outputs.columns.iter().enumerate() {
            let mut given: Vec<(V, &Award)> = Vec::new();
            let mut common = granted;
            for (branch, award) in
                Emitter::awards(measure).into_iter().filter(|(_, award)| award.column == at).rev()
            {
                match branch {
                    Some(branch) => {
                        let mask = self.and(granted, chosen.takes[branch]);
                        common = self.but_not(common, mask);
                        given.push((mask, award));
                    }
                    None => given.push((common, award)),
                }
            }
            let denominator = 10i128.pow(measure.columns[at].decimals);
            let parts: [(Option<Written>, Part, i128); 3] = [
                (column.least, |award| Some(award.least), denominator),
                (column.most, |award| award.most, denominator),
                (column.months, |award| award.months, 1),
            ];
            for (to, part, denominator) in parts {
                let Some(to) = to else { continue };
                let nodes = given.iter().filter_map(|(mask, award)| Some((*mask, part(award)?)));
                let nodes: Vec<(V, NodeId)> =
                    nodes.filter(|(_, node)| self.is_written(*node, denominator)).collect();
                self.write_amount(to, &nodes, denominator);
            }
        }
    }

    /// Whether a column of 64 bits can hold what a node comes to; where not, the interpreter decides.
    fn is_written(&self, node: NodeId, denominator: i128) -> bool {
        match (self.design.setting.node(node).kind, self.form(node).rep) {
            (Kind::Number, Rep::Int(int)) => {
                denominator % int.denominator == 0 && scaled(int, denominator).is_some()
            }
            (Kind::Number, _) => false,
            _ => true,
        }
    }

    fn write_amount(&mut self, to: Written, given: &[(V, NodeId)], denominator: i128) {
        if to.width == 1 {
            let mut byte = None;
            for (mask, node) in given {
                let is_truth = self.design.setting.node(*node).kind == Kind::Bool;
                let value = if is_truth { self.truth(*node).yes } else { self.choice(*node).code };
                byte = self.add_value(byte, *mask, value);
            }
            let byte = byte.unwrap_or_else(|| self.none());
            return self.write_mask(to, byte);
        }
        let mut sum = Tree::Const(0);
        for (mask, node) in given {
            let is_number = self.design.setting.node(*node).kind == Kind::Number;
            let own = if is_number { self.tree_in(*node, denominator) } else { self.tree(*node) };
            sum = match sum {
                Tree::Const(0) => Tree::Where(*mask, Box::new(own)),
                rest => Tree::Select(*mask, Box::new(own), Box::new(rest)),
            };
        }
        self.write_number(to, &sum);
    }

    fn add_value(&mut self, byte: Option<V>, mask: V, value: V) -> Option<V> {
        let own = self.and(mask, value);
        self.either(byte, Some(own))
    }
}
