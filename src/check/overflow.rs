//! Amounts that may leave the limits of the language: the answer of such a record is an error, never a wrong
//! number, so the lint is off unless a policy set asks for it.

use super::checker::Checker;
use super::typed::*;
use crate::diag::{Diagnostic, codes};
use crate::value::Number;

/// Amounts of money stay below 10 to this power, in base units: 18 digits, 2 of them decimals.
const MONEY_DIGITS: u32 = 16;

impl Checker<'_> {
    /// Reports each amount of a measure that some record may drive out of the limits.
    pub(super) fn overflows(&mut self, measure: &Measure) {
        let mut problems = Vec::new();
        for benefit in measure.all_benefits() {
            for amount in benefit.amounts().filter(|amount| matches!(amount.ty, Type::Number(_))) {
                let money = amount.ty.currency().is_some();
                let place = match innermost(amount) {
                    Some(part) => part,
                    None if money && !payable(&amount.range) => amount,
                    None => continue,
                };
                let limit = if money { "10^16" } else { "10^24" };
                problems.push(
                    Diagnostic::new(
                        &codes::MAY_OVERFLOW,
                        place.span,
                        format!("`{}` may grow beyond what an answer can hold", benefit.name),
                    )
                    .at(format!("nothing keeps this below {limit}"))
                    .note("say what range the data keep where the field is declared: `in 0元..1000亿元`"),
                );
            }
        }
        self.problems.extend(problems);
    }
}

/// The innermost part of an expression that may leave the limits of numbers.
fn innermost(expr: &Expr) -> Option<&Expr> {
    let mut found = None;
    expr.each_part(&mut |part| found = found.or_else(|| innermost(part)));
    let leaves = matches!(expr.ty, Type::Number(_)) && !expr.range.in_limits();
    found.or(leaves.then_some(expr))
}

fn payable(range: &Interval) -> bool {
    let limit = Number::from_scaled(10i128.pow(MONEY_DIGITS), 0);
    let inside = |bound: &Option<Number>| bound.as_ref().is_some_and(|bound| bound.abs() < limit);
    inside(&range.low) && inside(&range.high)
}
