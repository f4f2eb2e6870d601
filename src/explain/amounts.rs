//! How each amount came about, step by step.

use crate::check::show::{show_rounding, show_value};
use crate::check::typed::{Amount, Benefit, BudgetId, Expr, ExprKind, MeasureKind, Type};
use crate::explain::explainer::View;
use crate::explain::reasons::named_or;
use crate::explain::{BenefitReason, Citation, words};
use crate::interp::{AwardTrace, Status, Trace};
use crate::value::{Fact, Value};

impl View<'_> {
    /// Benefits that are given, or that wait for a value.
    pub(super) fn benefits(&self, trace: &Trace) -> Vec<BenefitReason> {
        let shown = matches!(trace.answer.status, Status::Granted | Status::Undetermined | Status::Error);
        if !shown {
            return Vec::new();
        }
        let mut reasons: Vec<BenefitReason> = self
            .source
            .benefits
            .iter()
            .zip(&trace.awards)
            .map(|(own, award)| self.benefit(own, award))
            .collect();
        // What follows from a breach is told of a breach only.
        let measure = self.source.kind == MeasureKind::Measure;
        let holding = |at: usize| measure && trace.branches[at].test.is_true();
        let branches = self.source.choice.iter().flat_map(|choice| &choice.branches).enumerate();
        let taken = branches.filter(|(at, _)| trace.answer.branch.map_or(holding(*at), |taken| taken == *at));
        for (at, branch) in taken.take(1) {
            let awards = branch.benefits.iter().zip(&trace.branches[at].awards);
            reasons.extend(awards.map(|(own, award)| self.benefit(own, award)));
        }
        reasons
    }

    fn benefit(&self, benefit: &Benefit, award: &AwardTrace) -> BenefitReason {
        let mut steps = Vec::new();
        match &benefit.amount {
            Amount::Flag => {}
            Amount::Exact(amount) => {
                let result = award.most.as_ref().filter(|_| benefit.draws.is_some()).unwrap_or(&award.least);
                self.amount_steps(benefit, amount, result, &mut steps);
            }
            Amount::Range { least, most } => {
                self.amount_steps(benefit, least, &award.least, &mut steps);
                if let (Some(most), Some(fact)) = (most, &award.most) {
                    self.amount_steps(benefit, most, fact, &mut steps);
                }
            }
        }
        if let Some(months) = &benefit.months {
            self.formula_steps(months, &mut steps);
        }
        if let Some((budget, _)) = benefit.draws {
            self.budget_steps(benefit, award, budget, &mut steps);
        }
        BenefitReason {
            name: benefit.name.clone(),
            label: named_or(&benefit.label, &benefit.name),
            kind: benefit.kind.name(),
            amount: format!("{}{}", words::benefit(benefit.kind, self.language), self.total(benefit, award)),
            steps,
            cites: self.amount_cites(benefit),
        }
    }

    /// What a budget makes of an amount.
    fn budget_steps(&self, benefit: &Benefit, award: &AwardTrace, budget: BudgetId, steps: &mut Vec<String>) {
        let (Some(ty), Some(claimed)) = (&benefit.ty, &award.most) else { return };
        let budget = &self.program().budgets[budget.index()];
        let words = self.words();
        let pool = match &budget.pool.kind {
            ExprKind::Const(value) => self.value(ty, value),
            _ => self.fact_words(ty, self.fact(&budget.pool)),
        };
        let (claimed, given) = (self.fact_words(ty, claimed), self.fact_words(ty, &award.least));
        let change =
            if claimed == given { words.in_budget.to_owned() } else { format!("{claimed} → {given}") };
        steps.push(format!("{} {pool}{}{change}", budget.head.label, words.colon));
    }

    /// The authority of a benefit, that of later changes included.
    fn amount_cites(&self, benefit: &Benefit) -> Vec<Citation> {
        let mut cites = self.cites(&benefit.cites);
        for amount in benefit.exprs() {
            let (_, others) = self.in_force(amount);
            for cite in others.iter().flat_map(|other| self.cites(other.cites())) {
                if !cites.contains(&cite) {
                    cites.push(cite);
                }
            }
        }
        cites
    }

    /// The amount in words, after a space or nothing.
    fn total(&self, benefit: &Benefit, award: &AwardTrace) -> String {
        let words = self.words();
        let Some(ty) = &benefit.ty else { return String::new() };
        let mut text = match (&award.most, &benefit.amount) {
            (Some(most), _) if benefit.draws.is_none() => {
                let (least, most) = (self.fact_words(ty, &award.least), self.fact_words(ty, most));
                format!(" {}{least}{}{most}", words.between, words.up_to)
            }
            (_, Amount::Range { .. }) => format!(" {}{}", words.floor, self.fact_words(ty, &award.least)),
            _ => format!(" {}", self.fact_words(ty, &award.least)),
        };
        if let Some(months) = &award.months {
            text += &format!("{}{}", words.per_month, self.fact_words(&Type::months(), months));
        }
        text
    }

    /// The steps of an amount: what it is computed from, its caps, its rounding.
    fn amount_steps(&self, benefit: &Benefit, amount: &Expr, result: &Fact, steps: &mut Vec<String>) {
        self.formula_steps(amount, steps);
        let Some((rounding, step)) = &benefit.rounding else { return };
        let (exact, Fact::Known(rounded)) = (self.fact(amount), result) else { return };
        if let (Fact::Known(exact), true) = (exact, exact.known() != Some(rounded)) {
            let name = show_rounding(*rounding, self.language);
            let step = show_value(self.program(), &amount.ty, &Value::Number(step.clone()), self.language);
            let (exact, rounded) = (self.value(&amount.ty, exact), self.value(&amount.ty, rounded));
            steps.push(format!(
                "{name} {}{step}{}{exact} → {rounded}",
                self.words().rounding,
                self.words().colon
            ));
        }
    }

    fn formula_steps(&self, amount: &Expr, steps: &mut Vec<String>) {
        let (amount, others) = self.in_force(amount);
        self.steps_in_force(amount, steps);
        steps.extend(others.iter().map(|other| other.words(self)));
    }

    fn steps_in_force(&self, amount: &Expr, steps: &mut Vec<String>) {
        match &amount.kind {
            ExprKind::Const(_) => {}
            ExprKind::Least(of) if of.len() == 2 => {
                self.bound_steps(amount, &of[0], &of[1], self.words().cap, steps)
            }
            ExprKind::Greatest(of) if of.len() == 2 => {
                self.bound_steps(amount, &of[0], &of[1], self.words().floor, steps);
            }
            _ => {
                let words = self.words();
                let (formula, values) = (self.expr(amount), self.expr_with_values(amount));
                steps.push(format!("{}{formula}", words.formula));
                let result = self.fact_words(&amount.ty, self.fact(amount));
                let plain = matches!(amount.kind, ExprKind::Field(_) | ExprKind::Param(_) | ExprKind::Let(_));
                steps.push(if plain {
                    format!("{}{result}", words.result)
                } else {
                    format!("{}{values} = {result}", words.with_values)
                });
            }
        }
    }

    /// An amount and the bound on it, which may have been reached.
    fn bound_steps(&self, whole: &Expr, inner: &Expr, bound: &Expr, word: &str, steps: &mut Vec<String>) {
        self.formula_steps(inner, steps);
        let words = self.words();
        let (before, after) = (self.fact(inner), self.fact(whole));
        let limit = match &bound.kind {
            ExprKind::Const(_) => self.expr(bound),
            _ => format!("{} = {}", self.expr(bound), self.fact_words(&bound.ty, self.fact(bound))),
        };
        let applied = match (before.known(), after.known()) {
            (Some(before), Some(after)) if before != after => {
                let (before, after) = (self.value(&whole.ty, before), self.value(&whole.ty, after));
                format!("{}{before} → {after}", words.capped.to_owned() + words.colon)
            }
            (Some(_), Some(_)) => words.not_capped.to_owned(),
            _ => self.fact_words(&whole.ty, after),
        };
        steps.push(format!("{word}{limit}{}{applied}", words.colon));
    }
}
