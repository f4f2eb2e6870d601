//! Budgets: pools that benefits draw on, in an order or pro rata, until they are spent. A measure whose claim
//! finds nothing left is refused by an exception with the budget's name.

use std::collections::BTreeSet;

use super::checker::{Checker, Entry, Items};
use super::expr::Env;
use super::scope::{self, ModuleRef, Symbol};
use super::typed::*;
use crate::diag::{Diagnostic, codes};
use crate::source::Span;
use crate::syntax::ast::{self, Word};
use crate::value::{Number, Value};

impl Checker<'_> {
    pub(super) fn budgets(&mut self, items: &Items<'_>) {
        let mut drawn: BTreeSet<(MeasureId, String)> = BTreeSet::new();
        for entry in &items.budgets {
            let Some(budget) = self.budget(entry) else { continue };
            let id = BudgetId(self.program.budgets.len() as u32);
            for (draw, (measure, benefit)) in budget.draws.iter().enumerate() {
                let span = entry.item.draws[draw].1.span;
                if !drawn.insert((*measure, benefit.clone())) {
                    self.report(bad_budget(span, "this benefit draws on a budget already"));
                }
                self.draw(id, &budget, draw, span);
            }
            self.program.budgets.push(budget);
        }
    }

    /// Lets a benefit be given out of the budget only.
    fn draw(&mut self, id: BudgetId, budget: &Budget, draw: usize, span: Span) {
        let (measure, benefit) = &budget.draws[draw];
        let own = &mut self.program.measures[measure.index()];
        let ty = budget.pool.ty.clone();
        let branches = own.choice.iter_mut().flat_map(|choice| &mut choice.branches);
        let benefits = own.benefits.iter_mut().chain(branches.flat_map(|branch| &mut branch.benefits));
        benefits.filter(|own| own.name == *benefit).for_each(|own| own.draws = Some((id, draw)));
        let number = |kind| Expr::number(kind, ty.clone(), span, Interval::at_least(Number::ZERO), None);
        let zero = || Box::new(Expr::value(Value::Number(Number::ZERO), ty.clone(), span));
        let compare = |op, kind| Expr::bool(ExprKind::Compare(op, Box::new(number(kind)), zero()), span);
        let claims = compare(CompareOp::Greater, ExprKind::Claimed { budget: id, draw });
        let nothing = compare(CompareOp::Equal, ExprKind::Drawn { budget: id, draw });
        let condition = Condition {
            name: budget.head.name.clone(),
            label: budget.head.label.clone(),
            test: Expr::bool(ExprKind::All(vec![claims, nothing]), span),
            cites: budget.head.cites.clone(),
            span: budget.head.span,
        };
        let taken = own.requires.iter().chain(&own.excepts).find(|other| other.name == condition.name);
        if let Some(first) = taken {
            let problem = scope::duplicate(&condition.name, condition.span, first.span, false);
            let note = "an answer that finds the budget spent names it beside the measure's own conditions";
            self.problems.push(problem.note(note.to_owned()));
            return;
        }
        own.excepts.push(condition);
    }

    fn budget(&mut self, entry: &Entry<'_, ast::Budget>) -> Option<Budget> {
        let item = entry.item;
        let head = self.head(entry.module, entry.docs, &item.named, &item.cites);
        let pool = self.infer(&Env::constant(entry.module), &item.pool, None);
        let mut draws = Vec::new();
        for (measure, benefit) in &item.draws {
            draws.push(self.claim(entry.module, measure, benefit, draws.first().and_then(Option::as_ref)));
        }
        let draws = draws.into_iter().collect::<Option<Vec<Claim>>>()?;
        let pool = pool?;
        let Some(first) = draws.first() else {
            self.report(bad_budget(head.span, "nothing draws on it: `draws voucher.amount`"));
            return None;
        };
        if pool.ty != first.ty {
            let (found, wanted) = (self.type_name(&pool.ty), self.type_name(&first.ty));
            self.report(bad_budget(
                item.pool.span,
                &format!("the pool is {found}, the benefits are {wanted}"),
            ));
            return None;
        }
        let record = self.program.measures[first.measure.index()].record;
        let owner = &self.program.records[record.index()];
        if !owner.fields.iter().any(|field| field.key) {
            let name = &owner.head.name;
            let note = format!(
                "`{name}` has no key, so nobody comes first among equals: give it one, `key id: text`"
            );
            self.report(bad_budget(item.named.name.span, &note));
            return None;
        }
        let rule = self.budget_rule(entry, record)?;
        let draws = draws.into_iter().map(|claim| (claim.measure, claim.benefit)).collect();
        Some(Budget { head, record, pool, draws, rule, known_only: item.known_only })
    }

    /// A benefit that may draw on a budget together with `first`.
    fn claim(
        &mut self,
        module: ModuleRef,
        measure: &Word,
        benefit: &Word,
        first: Option<&Claim>,
    ) -> Option<Claim> {
        let id = match self.symbol(module, measure, "a measure")? {
            Symbol::Measure(id) => id,
            other => {
                self.wrong_kind(measure, other, "a measure");
                return None;
            }
        };
        let own = &self.program.measures[id.index()];
        let named: Vec<&Benefit> =
            own.all_benefits().filter(|own| own.name == benefit.text || own.label == benefit.text).collect();
        let exact = |own: &&Benefit| matches!(own.amount, Amount::Exact(_)) && own.months.is_none();
        let ty = named.first().and_then(|own| own.ty.clone()).filter(|ty| ty.number().is_some());
        let name = named.first().map(|own| own.name.clone());
        let declared = named.first().map(|own| own.span);
        let problem = if own.kind != MeasureKind::Measure {
            Some("duties and targets draw on no budget".to_owned())
        } else if first.is_some_and(|first| self.program.measures[first.measure.index()].record != own.record)
        {
            Some("all measures of a budget are for one kind of record".to_owned())
        } else if ty.is_none() || !named.iter().all(exact) {
            Some("what draws on a budget is one exact amount: no range, nothing by the month".to_owned())
        } else if first.is_some_and(|first| Some(&first.ty) != ty.as_ref()) {
            Some("all benefits of a budget are of one kind".to_owned())
        } else if self.measure_looks_across(own) {
            Some("a measure that draws on a budget does not look across records itself".to_owned())
        } else {
            None
        };
        if let Some(problem) = problem {
            self.report(bad_budget(benefit.span, &problem));
            return None;
        }
        self.refer(benefit.span, declared?);
        Some(Claim { measure: id, benefit: name?, ty: ty? })
    }

    /// Whether a measure, or one that it gives way to, is decided by other records too.
    fn measure_looks_across(&self, measure: &Measure) -> bool {
        let mut found = false;
        measure.each_expr(&mut |expr| {
            found |= self.looks_across(expr);
            expr.walk(&mut |part| {
                if let ExprKind::Granted { measure, .. } = part.kind {
                    let other = &self.program.measures[measure.index()];
                    other.each_expr(&mut |expr| found |= self.looks_across(expr));
                }
            });
        });
        found
    }

    fn budget_rule(&mut self, entry: &Entry<'_, ast::Budget>, record: RecordId) -> Option<BudgetRule> {
        let item = entry.item;
        let span = item.named.name.span;
        let rules = item.orders.iter().map(|order| order.span).chain(item.pro_rata.iter().copied());
        let rules: Vec<Span> = rules.collect();
        match (&item.orders[..], &item.pro_rata[..], &item.lasts[..]) {
            ([], [_], []) => Some(BudgetRule::ProRata),
            ([order], [], [(cut, _)]) => {
                let env = Env::record(entry.module, record);
                let by = self.field_of(&env, &order.by)?;
                let ties = match &order.ties {
                    Some(ties) => Some(self.field_of(&env, ties)?),
                    None => None,
                };
                let looks = [Some(&by), ties.as_ref()].into_iter().flatten().any(|by| self.looks_across(by));
                if looks {
                    self.report(bad_budget(order.span, "the order of a budget does not look across records"));
                    return None;
                }
                Some(BudgetRule::InOrder { by, descending: order.descending, ties, cut: *cut })
            }
            ([_], [], []) => {
                let note =
                    "say what becomes of the last claim that does not fit: `last cut` or `last refused`";
                self.report(bad_budget(span, note));
                None
            }
            ([], [_], [(_, last), ..]) => {
                self.report(bad_budget(*last, "pro rata all are cut alike, there is no last one"));
                None
            }
            ([], [], _) => {
                let note = "say how it is handed out: `order by applied_on` with `last cut`, or `pro rata`";
                self.report(bad_budget(span, note));
                None
            }
            _ => {
                let second = rules.get(1).copied().or_else(|| item.lasts.get(1).map(|(_, span)| *span));
                self.report(bad_budget(second.unwrap_or(span), "it is handed out in one way"));
                None
            }
        }
    }
}

/// A benefit that draws on a budget.
struct Claim {
    measure: MeasureId,
    benefit: String,
    ty: Type,
}

fn bad_budget(span: Span, note: &str) -> Diagnostic {
    Diagnostic::new(&codes::BAD_BUDGET, span, "a budget cannot be handed out so")
        .at("not so")
        .note(note.to_owned())
}
