//! Lowering a measure: its tests, its branches and what it awards.

use crate::check::typed::{
    Amount, Benefit, Branch, BudgetId, Choice, ChoiceKind, Condition, Expr, Measure, MeasureId, NumberKind,
    Type,
};
use crate::ir::lower::{Lowering, Scope, kind_of};
use crate::ir::{Award, BranchPlan, ChoicePlan, Column, Kind, MeasurePlan, NodeId, Op, Test};

/// Digits of a column of money or of whole numbers, as outputs hold them.
const SHORT_DIGITS: u32 = 18;
/// Digits of every other column of numbers.
const LONG_DIGITS: u32 = 38;
const MONEY_DECIMALS: u32 = 2;
const RATE_DECIMALS: u32 = 8;
const NUMBER_DECIMALS: u32 = 6;

impl Lowering<'_> {
    pub(super) fn measure(&mut self, id: MeasureId) -> MeasurePlan {
        let source = self.source;
        let measure = &source.measures[id.index()];
        let scope = Scope { record: measure.record, measure: Some(id) };
        let columns = columns(measure);
        MeasurePlan {
            kind: measure.kind,
            name: self.answer_name(id),
            label: measure.head.label.clone(),
            force: measure.force,
            requires: measure.requires.iter().map(|condition| self.condition(scope, condition)).collect(),
            excepts: measure.excepts.iter().map(|condition| self.condition(scope, condition)).collect(),
            checks: measure.checks.iter().map(|condition| self.condition(scope, condition)).collect(),
            choice: measure.choice.as_ref().map(|choice| self.choice(scope, &columns, choice)),
            awards: self.awards(scope, &columns, &measure.benefits),
            columns,
        }
    }

    /// What answers call a measure: its name, of several with one name those of other sets with their set's.
    fn answer_name(&self, id: MeasureId) -> String {
        let (before, rest) = self.source.measures.split_at(id.index());
        let own = &rest[0];
        let name = &own.head.name;
        // The measures of the set itself come first.
        let twin = before.iter().any(|other| other.record == own.record && other.head.name == *name);
        match own.head.module.split_once('.') {
            Some((set, _)) if twin => format!("{set}.{name}"),
            _ => name.clone(),
        }
    }

    fn condition(&mut self, scope: Scope, condition: &Condition) -> Test {
        let node = self.expr(scope, &condition.test);
        Test { name: condition.name.clone(), label: condition.label.clone(), node }
    }

    fn choice(&mut self, scope: Scope, columns: &[Column], choice: &Choice) -> ChoicePlan {
        let first = choice.kind == ChoiceKind::FirstOf;
        let tests: Vec<Option<NodeId>> = choice
            .branches
            .iter()
            .map(|branch| branch.when.as_ref().map(|when| self.expr(scope, when)))
            .collect();
        let otherwise = self.no_other(scope, first, &tests);
        let mut branches = Vec::with_capacity(tests.len());
        for (branch, test) in choice.branches.iter().zip(tests) {
            let node = match test {
                Some(test) => test,
                None if self.apart => {
                    let gate = self.gate(scope.record, branch);
                    self.builder(scope).test(Op::All(vec![gate, otherwise]))
                }
                None => otherwise,
            };
            branches.push(self.branch(scope, columns, branch, node));
        }
        ChoicePlan { first, exclusive: choice.exclusive, branches }
    }

    /// The test of `else`: none of the others; with `first of` the walk has seen to that.
    fn no_other(&mut self, scope: Scope, first: bool, tests: &[Option<NodeId>]) -> NodeId {
        let builder = self.builder(scope);
        if first || tests.iter().all(Option::is_some) {
            return builder.truth(true);
        }
        let some = builder.test(Op::Any(tests.iter().copied().flatten().collect()));
        builder.test(Op::Not(some))
    }

    fn branch(&mut self, scope: Scope, columns: &[Column], branch: &Branch, node: NodeId) -> BranchPlan {
        BranchPlan {
            test: Test { name: branch.name.clone(), label: branch.label.clone(), node },
            refuse: branch.refuse,
            awards: self.awards(scope, columns, &branch.benefits),
        }
    }

    fn awards(&mut self, scope: Scope, columns: &[Column], benefits: &[Benefit]) -> Vec<Award> {
        benefits.iter().map(|benefit| self.award(scope, columns, benefit)).collect()
    }

    fn award(&mut self, scope: Scope, columns: &[Column], benefit: &Benefit) -> Award {
        let column = columns.iter().position(|column| column.name == benefit.name);
        let column = column.expect("every benefit has a column");
        let (least, most) = match &benefit.amount {
            Amount::Exact(amount) if benefit.draws.is_some() => {
                let claimed = self.amount(scope, benefit, &columns[column], amount);
                let (budget, draw) = benefit.draws.expect("it was just seen");
                let given = self.drawn(budget, draw, amount);
                (self.fit(scope, given, digits(&columns[column]), columns[column].decimals), Some(claimed))
            }
            Amount::Flag => (self.builder(scope).truth(true), None),
            Amount::Exact(amount) => (self.amount(scope, benefit, &columns[column], amount), None),
            Amount::Range { least, most } => {
                let floor = self.amount(scope, benefit, &columns[column], least);
                (floor, most.as_ref().map(|most| self.amount(scope, benefit, &columns[column], most)))
            }
        };
        let months = benefit.months.as_ref().map(|months| {
            let months = self.expr(scope, months);
            self.fit(scope, months, SHORT_DIGITS, 0)
        });
        let floor = matches!(benefit.amount, Amount::Range { most: None, .. });
        Award { column, least, most, months, floor }
    }

    /// An amount as its column holds it: rounded by the policy's rule, then within the column's digits.
    fn amount(&mut self, scope: Scope, benefit: &Benefit, column: &Column, amount: &Expr) -> NodeId {
        let node = self.expr(scope, amount);
        if kind_of(&amount.ty) != Kind::Number {
            return node;
        }
        let rounded = match &benefit.rounding {
            None => node,
            Some((rounding, step)) => {
                let bound = |bound: &Option<crate::value::Number>| {
                    bound.as_ref().map(|bound| bound.round_to(step, *rounding))
                };
                let builder = self.builder(scope);
                let range = builder.node(node).range.clone();
                let range =
                    crate::check::typed::Interval { low: bound(&range.low), high: bound(&range.high) };
                builder.add(Op::Round(node, *rounding, step.clone()), Kind::Number, range, step.decimals())
            }
        };
        self.fit(scope, rounded, digits(column), column.decimals)
    }

    /// An amount of a benefit as its column holds it.
    pub(super) fn payable(
        &mut self,
        scope: Scope,
        measure: &Measure,
        own: &Benefit,
        amount: &Expr,
    ) -> NodeId {
        let columns = columns(measure);
        let column = columns.iter().find(|column| column.name == own.name);
        self.amount(scope, own, column.expect("every benefit has a column"), amount)
    }

    /// Decimals of the columns of what draws on a budget.
    pub(super) fn claim_decimals(&self, id: BudgetId) -> u32 {
        let claim = |(measure, benefit): &(MeasureId, String)| {
            let benefits = self.source.measures[measure.index()].all_benefits();
            benefits.filter(|own| own.name == *benefit).map(decimals).max()
        };
        self.source.budgets[id.index()].draws.iter().filter_map(claim).max().unwrap_or(0)
    }

    fn fit(&mut self, scope: Scope, value: NodeId, digits: u32, decimals: u32) -> NodeId {
        let builder = self.builder(scope);
        let node = builder.node(value).clone();
        let held = Some(node.decimals.map_or(decimals, |needed| needed.min(decimals)));
        builder.add(Op::Fit { value, digits, decimals }, Kind::Number, node.range, held)
    }
}

/// One column for each benefit name, in the order of the text.
fn columns(measure: &Measure) -> Vec<Column> {
    let mut columns: Vec<Column> = Vec::new();
    for benefit in measure.all_benefits() {
        let drawn = benefit.draws.is_some();
        let ranged = drawn || matches!(benefit.amount, Amount::Range { most: Some(_), .. });
        let periodic = benefit.months.is_some();
        match columns.iter_mut().find(|column| column.name == benefit.name) {
            Some(column) => {
                column.ty = column.ty.take().or_else(|| benefit.ty.clone());
                column.decimals = column.decimals.max(decimals(benefit));
                column.ranged |= ranged;
                column.periodic |= periodic;
            }
            None => columns.push(Column {
                name: benefit.name.clone(),
                label: benefit.label.clone(),
                kind: benefit.kind,
                ty: benefit.ty.clone(),
                decimals: decimals(benefit),
                ranged,
                drawn,
                periodic,
            }),
        }
    }
    columns
}

/// Decimals of the column that holds a benefit.
fn decimals(benefit: &Benefit) -> u32 {
    let Some(Type::Number(number)) = &benefit.ty else { return 0 };
    match number.kind {
        NumberKind::Rate | NumberKind::Points => RATE_DECIMALS,
        NumberKind::Plain if number.dimension.currency().is_some() => MONEY_DECIMALS,
        NumberKind::Plain if benefit.decimals == 0 => 0,
        NumberKind::Plain => NUMBER_DECIMALS,
    }
}

fn digits(column: &Column) -> u32 {
    if column.decimals == NUMBER_DECIMALS { LONG_DIGITS } else { SHORT_DIGITS }
}
