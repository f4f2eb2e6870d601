//! Checks benefits: their kinds, amounts, roundings.

use super::checker::{Checker, cite, label_of};
use super::expr::Env;
use super::opens::Ends;
use super::typed::*;
use super::vocabulary::years;
use crate::diag::{Diagnostic, codes};
use crate::source::Span;
use crate::syntax::ast;
use crate::value::{Number, Value};

/// Decimals of amounts that are not money: rates (as fractions) and other numbers.
pub(super) const RATE_DECIMALS: u32 = 8;
pub(super) const NUMBER_DECIMALS: u32 = 6;
pub(super) const MONEY_DECIMALS: u32 = 2;

impl Checker<'_> {
    pub(super) fn benefit(&mut self, env: &Env, item: &ast::Benefit) -> Option<Benefit> {
        let kind = BenefitKind::ALL.into_iter().find(|kind| kind.name() == item.kind.text)?;
        let declared = match &item.ty {
            Some(ty) => Some(self.shape(env.module, ty)?.ty),
            None => None,
        };
        let (amount, ty) = self.amount(env, item, kind, declared.as_ref())?;
        let months = match &item.months {
            Some(months) => Some(self.months(env, months, ty.as_ref())?),
            None => None,
        };
        if let Some(ty) = &ty {
            self.kind_takes(kind, ty, item)?;
        }
        let (rounding, decimals) = match &ty {
            Some(ty) => self.benefit_rounding(env, ty, &amount)?,
            None => (None, 0),
        };
        Some(Benefit {
            kind,
            name: item.named.name.text.clone(),
            label: label_of(&item.named),
            amount,
            ty,
            rounding,
            decimals,
            months,
            draws: None,
            cites: item.cites.iter().map(cite).collect(),
            span: item.named.name.span,
        })
    }

    fn amount(
        &mut self,
        env: &Env,
        item: &ast::Benefit,
        kind: BenefitKind,
        declared: Option<&Type>,
    ) -> Option<(Amount, Option<Type>)> {
        const WHY: &str = "all parts of an amount are of one kind";
        let hint = declared.cloned().or_else(|| match kind {
            BenefitKind::Pay | BenefitKind::Waive | BenefitKind::Penalize => Some(Type::money("CNY")),
            BenefitKind::Rate => Some(Type::points()),
            _ => None,
        });
        let take = |checker: &mut Self, expr: &ast::Expr| match declared {
            Some(ty) => checker.expect(env, expr, ty, "the benefit says that it is of this kind"),
            None => checker.infer(env, expr, hint.as_ref()),
        };
        let modifier = |checker: &mut Self, expr: &Option<ast::Expr>, ty: &Type| match expr {
            Some(expr) => checker.expect(env, expr, ty, WHY).map(Some),
            None => Some(None),
        };
        match &item.amount {
            ast::Amount::None if item.at_most.is_none() && item.at_least.is_none() => {
                Some((Amount::Flag, None))
            }
            ast::Amount::InFull(_) => Some((Amount::Flag, None)),
            ast::Amount::Is(expr) => {
                let mut value = take(self, expr)?;
                let ty = value.ty.clone();
                if let Some(cap) = modifier(self, &item.at_most, &ty)? {
                    value = bounded(value, cap, true);
                }
                if let Some(floor) = modifier(self, &item.at_least, &ty)? {
                    value = bounded(value, floor, false);
                }
                let ends = Ends { params: &self.program.params, defines: &self.defines, lets: &env.lets };
                let amount = match ends.of(&value) {
                    Some((Some(least), most)) => Amount::Range { least, most },
                    _ => Amount::Exact(value),
                };
                Some((amount, Some(ty)))
            }
            ast::Amount::Between(low, high) => {
                let least = take(self, low)?;
                let ty = least.ty.clone();
                let most = self.expect(env, high, &ty, WHY)?;
                Some((Amount::Range { least, most: Some(most) }, Some(ty)))
            }
            ast::Amount::None => {
                let bound = item.at_least.as_ref().or(item.at_most.as_ref())?;
                let ty = take(self, bound)?.ty;
                let least = modifier(self, &item.at_least, &ty)?;
                let most = modifier(self, &item.at_most, &ty)?;
                let least = match least {
                    Some(least) => least,
                    None => self.nothing(&ty, bound.span, item.span)?,
                };
                Some((Amount::Range { least, most }, Some(ty)))
            }
        }
    }

    /// The floor of an amount that has only a ceiling: nothing, where the type has such a value.
    fn nothing(&mut self, ty: &Type, ceiling: Span, item: Span) -> Option<Expr> {
        if ty.number().is_some() {
            return Some(Expr::value(Value::Number(Number::ZERO), ty.clone(), item));
        }
        self.report(
            Diagnostic::new(&codes::WRONG_BENEFIT, ceiling, "a date that is only `at most` has no earliest day")
                .at("the latest day")
                .note("say both: `extend until between 2020-03-01 and 2020-12-31`; or the day itself: `= 2020-12-31`"),
        );
        None
    }

    fn months(&mut self, env: &Env, months: &ast::Expr, ty: Option<&Type>) -> Option<Expr> {
        if ty.is_none() {
            self.report(
                Diagnostic::new(&codes::WRONG_BENEFIT, months.span, "there is no amount to give each month")
                    .at("a number of months")
                    .note("give the amount of one month: `pay x = 500元 per month at most 6个月`"),
            );
            return None;
        }
        let typed =
            self.expect(env, months, &Type::months(), "a periodic benefit lasts a number of months")?;
        if typed.decimals != Some(0) {
            self.report(
                Diagnostic::new(&codes::NOT_WHOLE, months.span, "a periodic benefit lasts whole months")
                    .at("this may be a fraction")
                    .note("round it: `round(x, down, to: 1个月)`"),
            );
            return None;
        }
        Some(typed)
    }

    /// Whether a benefit of this kind can have an amount of this type.
    fn kind_takes(&mut self, kind: BenefitKind, ty: &Type, item: &ast::Benefit) -> Option<()> {
        let money = ty.currency().is_some();
        let time = *ty == Type::days() || *ty == Type::months() || *ty == Type::hours() || *ty == Type::Date;
        let (fits, wanted) = match kind {
            BenefitKind::Pay | BenefitKind::Waive | BenefitKind::Penalize => (money, "an amount of money"),
            BenefitKind::Defer => (time, "a number of months or days, or a date"),
            BenefitKind::Extend => (time || *ty == years(), "a number of months, days or 年, or a date"),
            BenefitKind::Rate => {
                (*ty == Type::rate() || *ty == Type::points(), "a rate or percentage points")
            }
            BenefitKind::Entitle => {
                let quantity = ty.number().is_some_and(|number| !number.dimension.is_none());
                (quantity && !money && !time, "a quantity with its unit, or no amount: it is given or not")
            }
            BenefitKind::List | BenefitKind::Shortfall => (false, "no amount: it is given or not"),
        };
        if fits {
            return Some(());
        }
        let span = match &item.amount {
            ast::Amount::Is(expr) | ast::Amount::Between(expr, _) => expr.span,
            _ => item.span,
        };
        let found = self.type_name(ty);
        let mut problem = Diagnostic::new(
            &codes::WRONG_BENEFIT,
            span,
            format!("`{}` takes {wanted}; this is {found}", kind.name()),
        )
        .at(format!("this is {found}"))
        .also(item.kind.span, format!("`{}`", kind.name()));
        if let (true, Type::Number(number)) = (wanted.contains("money"), ty) {
            if number.kind != NumberKind::Plain {
                problem = problem.note("a share of an amount is a product: `revenue * 5%`");
            } else if number.dimension.is_none() {
                problem = problem.note("an amount of money has its unit: `300万元`");
            } else if let Some(unit) = number.dimension.single() {
                problem = problem
                    .note(format!("to give so much for each, say it with its unit: `1000元/{unit} * …`"));
            }
        }
        self.report(problem);
        None
    }

    fn benefit_rounding(
        &mut self,
        env: &Env,
        ty: &Type,
        amount: &Amount,
    ) -> Option<(Option<(crate::value::Rounding, Number)>, u32)> {
        let exprs: Vec<&Expr> = match amount {
            Amount::Flag => Vec::new(),
            Amount::Exact(value) => vec![value],
            Amount::Range { least, most } => std::iter::once(least).chain(most).collect(),
        };
        let needed = exprs
            .iter()
            .map(|expr| expr.decimals)
            .collect::<Option<Vec<u32>>>()
            .map(|list| list.into_iter().max().unwrap_or(0));
        let Type::Number(number) = ty else { return Some((None, 0)) };
        if ty.currency().is_some() {
            let rounding = self.roundings[env.module.set].clone();
            if rounding.is_some() || needed.is_some_and(|decimals| decimals <= MONEY_DECIMALS) {
                return Some((rounding, MONEY_DECIMALS));
            }
            self.report(rounding_needed(exprs[0].span, "money", "1分", true));
            return None;
        }
        let room = match number.kind {
            NumberKind::Plain => NUMBER_DECIMALS,
            NumberKind::Rate | NumberKind::Points => RATE_DECIMALS,
        };
        match needed {
            Some(0) if number.kind == NumberKind::Plain => Some((None, 0)),
            Some(decimals) if decimals <= room => Some((None, room)),
            _ => {
                let step = if number.kind == NumberKind::Plain { "1" } else { "0.01%" };
                self.report(rounding_needed(exprs[0].span, &self.type_name(ty), step, false));
                None
            }
        }
    }
}

/// The amount held to a cap (or a floor).
fn bounded(value: Expr, bound: Expr, cap: bool) -> Expr {
    let span = value.span.to(bound.span);
    let ty = value.ty.clone();
    let decimals = value.decimals.zip(bound.decimals).map(|(a, b)| a.max(b));
    let range = if cap { value.range.least(&bound.range) } else { value.range.greatest(&bound.range) };
    let parts = vec![value, bound];
    let kind = if cap { ExprKind::Least(parts) } else { ExprKind::Greatest(parts) };
    Expr::number(kind, ty, span, range, decimals)
}

fn rounding_needed(span: Span, what: &str, step: &str, money: bool) -> Diagnostic {
    let problem = Diagnostic::new(
        &codes::ROUNDING_NEEDED,
        span,
        format!("this amount of {what} can have more digits than are paid"),
    )
    .at("needs a named rounding");
    if money {
        problem.note(format!("say how to round in the policy header, `rounding half_up to {step}`, or here: `round(…, half_up, to: {step})`"))
    } else {
        problem.note(format!("say how to round: `round(…, half_up, to: {step})`"))
    }
}
