//! Types dates: literals, adding months and days, differences; and asks for the rule that a day which does
//! not exist needs.

use super::checker::Checker;
use super::expr::Env;
use super::typed::*;
use crate::diag::{Diagnostic, codes};
use crate::source::Span;
use crate::value::{Date, DayRule, Number, Time, Value};

impl Checker<'_> {
    /// Reads `2020-02-10` or `2020年2月10日`.
    pub(super) fn date(&mut self, text: &str, span: Span) -> Option<Date> {
        let parts = digits(text);
        let found = match parts.as_slice() {
            [year, month, day, ..] => Date::new(*year, *month, *day),
            _ => None,
        };
        if found.is_none() {
            let mut problem = Diagnostic::new(&codes::NO_SUCH_DATE, span, format!("there is no {text}"))
                .at("not in the calendar");
            if let [year, month, ..] = parts.as_slice() {
                let last = (28..=31).rev().find(|day| Date::new(*year, *month, *day).is_some());
                problem = match last {
                    Some(last) => problem
                        .note(format!("the last day of that month is the {last}th").replace("31th", "31st")),
                    None => problem.note("years run from 1 to 9999 and months from 1 to 12"),
                };
            }
            self.report(problem);
        }
        found
    }

    pub(super) fn time(&mut self, text: &str, span: Span) -> Option<Time> {
        let date_end = text
            .find(['T', ' ', '日'])
            .map_or(text.len(), |at| at + if text[at..].starts_with('日') { 3 } else { 0 });
        let date = self.date(&text[..date_end], span)?;
        let clock = digits(&text[date_end..]);
        let part = |at: usize| clock.get(at).copied().unwrap_or(0);
        let time = Time::new(date, part(0), part(1), part(2));
        if time.is_none() {
            self.report(
                Diagnostic::new(&codes::NO_SUCH_DATE, span, format!("there is no time {text}"))
                    .at("not a time of day")
                    .note("hours run from 0 to 23, minutes and seconds from 0 to 59"),
            );
        }
        time
    }

    #[allow(clippy::too_many_arguments)] // the parts of one syntax node
    pub(super) fn date_arith(
        &mut self,
        env: &Env,
        op: ArithOp,
        op_span: Span,
        left: Expr,
        right: Expr,
        span: Span,
        grouped: bool,
    ) -> Option<Expr> {
        let subtract = op == ArithOp::Subtract;
        if left.ty == right.ty && subtract {
            return Some(difference(left, right, span));
        }
        let unit = right.ty.number().and_then(|number| number.dimension.single()).map(str::to_owned);
        let unit = unit.as_deref();
        match (&left.ty, unit) {
            (Type::Date, Some(MONTH | DAY)) | (Type::Time, Some(HOUR)) => {}
            _ => {
                self.report(self.bad_date_sum(op_span, &left, &right, subtract));
                return None;
            }
        }
        if right.decimals != Some(0) && left.ty == Type::Date {
            self.report(
                Diagnostic::new(&codes::NOT_WHOLE, right.span, "a date moves by whole days or months only")
                    .at("this may be a fraction")
                    .note("round it first: `round(x, down, to: 1天)`"),
            );
            return None;
        }
        let amount = if subtract { negated(right) } else { right };
        match (&left.ty, unit) {
            (Type::Time, _) => Some(Expr::new(
                ExprKind::AddHours { time: Box::new(left), hours: Box::new(amount) },
                Type::Time,
                span,
            )),
            (_, Some(MONTH)) => self.add_months(env, left, amount, span, grouped),
            _ => self.add_days(left, amount, span, grouped),
        }
    }

    fn bad_date_sum(&self, op_span: Span, left: &Expr, right: &Expr, subtract: bool) -> Diagnostic {
        let (a, b) = (self.type_name(&left.ty), self.type_name(&right.ty));
        let message = if subtract {
            format!("cannot subtract {b} from {a}")
        } else {
            format!("cannot add {a} and {b}")
        };
        Diagnostic::new(&codes::TYPE_MISMATCH, op_span, message)
            .at("not possible with these")
            .also(left.span, format!("this is {a}"))
            .also(right.span, format!("this is {b}"))
            .note("a date takes days or months (`+ 14天`, `+ 1个月`), a time takes hours (`+ 24小时`)")
    }

    /// Months are added all at once and before days: `d + 1天 + 1个月` is `d + 1个月 + 1天`.
    fn add_months(&mut self, env: &Env, date: Expr, months: Expr, span: Span, grouped: bool) -> Option<Expr> {
        if !grouped {
            if let ExprKind::AddDays { date: inner, days } = date.kind {
                let moved = self.add_months(env, *inner, months, span, false)?;
                return self.add_days(moved, *days, span, true);
            }
            if let ExprKind::AddMonths { date: inner, months: before, .. } = date.kind {
                let sum = added(*before, months);
                return self.add_months(env, *inner, sum, span, true);
            }
        }
        if let (Some(Value::Date(day)), Some(count)) = (date.constant(), whole(&months))
            && let Some(sum) = self.fold_months(*day, count, span)
        {
            return sum.map(|sum| Expr::value(Value::Date(sum), Type::Date, span));
        }
        let safe_day = matches!(date.constant(), Some(Value::Date(day)) if day.day() <= 28);
        let rule = match self.day_rule(env.module) {
            Some(rule) => rule,
            None if safe_day => DayRule::Down,
            None => {
                self.report(ambiguous(span));
                return None;
            }
        };
        let range = months_range(&date.range, &months.range);
        let kind = ExprKind::AddMonths { date: Box::new(date), months: Box::new(months), rule };
        Some(Expr::number(kind, Type::Date, span, range, Some(0)))
    }

    /// `None`: cannot be folded for want of a rule.
    fn fold_months(&mut self, day: Date, count: i64, span: Span) -> Option<Option<Date>> {
        let (down, up) = (day.add_months(count, DayRule::Down), day.add_months(count, DayRule::Up));
        if down.is_none() || up.is_none() {
            self.report(super::operators::too_large(span));
            return Some(None);
        }
        if down == up {
            return Some(down);
        }
        None
    }

    fn add_days(&mut self, date: Expr, days: Expr, span: Span, grouped: bool) -> Option<Expr> {
        let date = match date.kind {
            ExprKind::AddDays { date: inner, days: before } if !grouped => {
                return self.add_days(*inner, added(*before, days), span, true);
            }
            kind => Expr { kind, ..date },
        };
        if let (Some(Value::Date(day)), Some(count)) = (date.constant(), whole(&days)) {
            let Some(sum) = day.add_days(count) else {
                self.report(super::operators::too_large(span));
                return None;
            };
            return Some(Expr::value(Value::Date(sum), Type::Date, span));
        }
        let range = date.range.add(&days.range);
        let kind = ExprKind::AddDays { date: Box::new(date), days: Box::new(days) };
        Some(Expr::number(kind, Type::Date, span, range, Some(0)))
    }
}

fn ambiguous(span: Span) -> Diagnostic {
    Diagnostic::new(&codes::AMBIGUOUS_DATE, span, "adding months can land on a day that does not exist")
        .at("31 January + 1 month: which day is that?")
        .note("say it in the policy header: `dates round down` (the last day of the month) or `dates round up` (the first of the next)")
}

fn difference(left: Expr, right: Expr, span: Span) -> Expr {
    if left.ty == Type::Time {
        let kind = ExprKind::HoursBetween(Box::new(left), Box::new(right));
        return Expr::number(kind, Type::hours(), span, Interval::any(), None);
    }
    if let (Some(Value::Date(a)), Some(Value::Date(b))) = (left.constant(), right.constant()) {
        let days = Number::from_int(i64::from(a.0) - i64::from(b.0));
        return Expr::value(Value::Number(days), Type::days(), span);
    }
    let range = left.range.subtract(&right.range);
    Expr::number(ExprKind::DaysBetween(Box::new(left), Box::new(right)), Type::days(), span, range, Some(0))
}

fn negated(amount: Expr) -> Expr {
    if let Some(number) = amount.constant_number() {
        return Expr::value(Value::Number(number.neg()), amount.ty.clone(), amount.span);
    }
    let (ty, span, range, decimals) =
        (amount.ty.clone(), amount.span, amount.range.negate(), amount.decimals);
    Expr::number(ExprKind::Negate(Box::new(amount)), ty, span, range, decimals)
}

fn added(left: Expr, right: Expr) -> Expr {
    let span = left.span.to(right.span);
    if let (Some(a), Some(b)) = (left.constant_number(), right.constant_number()) {
        return Expr::value(Value::Number(a.add(b)), left.ty.clone(), span);
    }
    let (ty, range) = (left.ty.clone(), left.range.add(&right.range));
    Expr::number(ExprKind::Arith(ArithOp::Add, Box::new(left), Box::new(right)), ty, span, range, Some(0))
}

fn whole(expr: &Expr) -> Option<i64> {
    expr.constant_number()?.to_scaled(0)?.try_into().ok()
}

/// Bounds in days of a date in one range moved by months in another: months have 28 to 31 days.
fn months_range(date: &Interval, months: &Interval) -> Interval {
    let days = |count: &Number, least: i64, most: i64| {
        let factor = if count.is_negative() { most } else { least };
        count.mul(&Number::from_int(factor))
    };
    let shift = Interval {
        low: months.low.as_ref().map(|low| days(low, 28, 31)),
        high: months.high.as_ref().map(|high| days(high, 31, 28).add(&Number::from_int(1))),
    };
    date.add(&shift)
}

fn digits(text: &str) -> Vec<i64> {
    let parts = text.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty());
    parts.map(|part| part.parse().unwrap_or(i64::MAX)).collect()
}
