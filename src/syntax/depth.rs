//! How deep the expressions of an item go.

use super::ast::*;
use crate::source::Span;

/// The place where an expression of the item goes deeper than `limit`. Does not recurse.
pub fn too_deep(item: &Item, limit: usize) -> Option<Span> {
    let mut waiting: Vec<(&Expr, usize)> = Vec::new();
    roots(&item.kind, &mut |expr| waiting.push((expr, 1)));
    while let Some((expr, depth)) = waiting.pop() {
        if depth > limit {
            return Some(expr.span);
        }
        expr.each_part(&mut |child| waiting.push((child, depth + 1)));
    }
    None
}

fn roots<'a>(kind: &'a ItemKind, visit: &mut dyn FnMut(&'a Expr)) {
    match kind {
        ItemKind::Use(_)
        | ItemKind::Enum(_)
        | ItemKind::Principle(_)
        | ItemKind::Register(_)
        | ItemKind::Calendar(_)
        | ItemKind::BestOf(_) => {}
        ItemKind::Budget(budget) => visit(&budget.pool),
        ItemKind::Policy(policy) => policy.rounding.iter().for_each(|(_, step)| visit(step)),
        ItemKind::Unit(unit) => unit.definition.iter().for_each(visit),
        ItemKind::Record(record) => record.fields.iter().filter_map(|f| f.range.as_ref()).for_each(visit),
        ItemKind::Param(param) => {
            let bounds = param.open.iter().flat_map(|open| open.at_least.iter().chain(&open.at_most));
            param.value.iter().chain(bounds).for_each(&mut *visit);
            param.steps.iter().for_each(|step| visit(&step.value));
        }
        ItemKind::Define(define) => define.body.iter().for_each(visit),
        ItemKind::Fill(fill) => {
            fill.value.iter().for_each(&mut *visit);
            fill.steps.iter().for_each(|step| visit(&step.value));
        }
        ItemKind::Table(table) => {
            for row in &table.rows {
                visit(&row.output);
                for cell in &row.cells {
                    match &cell.kind {
                        CellKind::Any => {}
                        CellKind::Compare(_, expr) | CellKind::Is(expr) => visit(expr),
                    }
                }
            }
        }
        ItemKind::Measure(measure) => {
            measure.lets.iter().for_each(|item| visit(&item.value));
            measure.due.iter().for_each(&mut *visit);
            let conditions = measure.requires.iter().chain(&measure.excepts).chain(&measure.checks);
            rule_roots(conditions, &measure.choices, &measure.benefits, visit);
        }
        ItemKind::Amend(amend) => {
            amend.value.iter().for_each(&mut *visit);
            let conditions = amend.requires.iter().chain(&amend.excepts);
            rule_roots(conditions, &amend.choices, &amend.benefits, visit);
        }
        ItemKind::Case(case) => {
            case.set.iter().for_each(|(_, value)| visit(value));
            for given in &case.records {
                given.values.iter().for_each(|(_, value)| visit(value));
                for expect in &given.expects {
                    match &expect.kind {
                        ExpectKind::Granted { values, .. } | ExpectKind::Outcome { values, .. } => {
                            values.iter().for_each(|(_, v)| visit(v))
                        }
                        ExpectKind::Value(value) => visit(value),
                        _ => {}
                    }
                }
            }
        }
    }
}

fn rule_roots<'a>(
    conditions: impl Iterator<Item = &'a Condition>,
    choices: &'a [Choice],
    benefits: &'a [Benefit],
    visit: &mut dyn FnMut(&'a Expr),
) {
    conditions.filter_map(|condition| condition.test.as_ref()).for_each(&mut *visit);
    let branches = || choices.iter().flat_map(|choice| &choice.branches);
    branches().filter_map(|branch| branch.when.as_ref()).for_each(&mut *visit);
    for benefit in benefits.iter().chain(branches().flat_map(|branch| &branch.benefits)) {
        match &benefit.amount {
            Amount::None | Amount::InFull(_) => {}
            Amount::Is(expr) => visit(expr),
            Amount::Between(low, high) => {
                visit(low);
                visit(high);
            }
        }
        [&benefit.at_most, &benefit.at_least, &benefit.months].into_iter().flatten().for_each(&mut *visit);
    }
}
