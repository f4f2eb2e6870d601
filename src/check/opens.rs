//! What a text leaves to others: open params and defines, what fills them in, and what an amount comes to
//! between their bounds.

use super::checker::{Checker, Entry, Items, cite};
use super::expr::Env;
use super::scope::Symbol;
use super::typed::*;
use crate::diag::{Diagnostic, codes};
use crate::source::Span;
use crate::syntax::ast;
use crate::value::{Number, Value};

impl Checker<'_> {
    /// Finds what each `fill` fills in.
    pub(super) fn match_fills(&mut self, items: &Items<'_>) {
        for (at, entry) in items.fills.iter().enumerate() {
            let target = &entry.item.target;
            let Some(symbol) = self.symbol(entry.module, target, "an open param or define") else { continue };
            let open = match symbol {
                Symbol::Param(id) => items.params[id.index()].item.open.is_some(),
                Symbol::Define(id) => items.defines[id.index()].item.open.is_some(),
                other => {
                    self.wrong_kind(target, other, "an open param or define");
                    continue;
                }
            };
            if !open {
                let message = format!("`{}` is not left open", target.text);
                let problem = Diagnostic::new(&codes::BAD_FILL, target.span, message)
                    .at("has its value already")
                    .note("a later document changes it with `amend`");
                self.report(problem);
                continue;
            }
            if let Some(first) = self.fills.insert(symbol, at) {
                let first = items.fills[first].item.target.span;
                let message = format!("`{}` is filled in twice", target.text);
                let problem = Diagnostic::new(&codes::BAD_FILL, target.span, message)
                    .at("again here")
                    .also(first, "filled in here")
                    .note("values that follow each other in time are steps of one: `fill x { from DATE: VALUE … }`");
                self.report(problem);
            }
            let steps = entry.item.steps.iter().flat_map(|step| &step.cites);
            if entry.item.cites.iter().chain(steps).next().is_none()
                && self.input.sets.iter().any(|set| !set.sources.is_empty())
            {
                let message = format!("nothing says on whose authority `{}` is filled in", target.text);
                self.report(
                    Diagnostic::new(&codes::NO_CITATION, target.span, message)
                        .at("on whose authority?")
                        .note("add `{ cite SOURCE art N \"words of the article\" }`"),
                );
            }
        }
    }

    /// A param that is left to others, with what they filled in.
    pub(super) fn open_param(
        &mut self,
        entry: &Entry<'_, ast::Param>,
        open: &ast::Open,
        fill: Option<&Entry<'_, ast::Fill>>,
    ) -> Param {
        let shape = entry.item.ty.as_ref().and_then(|ty| self.shape(entry.module, ty));
        let (ty, decimals) = shape.map_or((Type::plain(), 0), |shape| (shape.ty, shape.decimals));
        let env = Env::constant(entry.module);
        let mut bound = |bound: &Option<ast::Expr>| {
            let typed = self.expect(&env, bound.as_ref()?, &ty, "the bounds are of the kind of the param")?;
            self.constant_value(&typed)
        };
        let (mut least, most) = (bound(&open.at_least), bound(&open.at_most));
        if let (None, Some(Value::Number(most))) = (&least, &most)
            && !most.is_negative()
        {
            least = Some(Value::Number(Number::ZERO));
        }
        if let (Some(low), Some(high)) = (&least, &most)
            && high < low
        {
            let span = open.at_most.as_ref().map_or(entry.item.named.name.span, |bound| bound.span);
            self.report(
                Diagnostic::new(&codes::EMPTY_RANGE, span, "the bounds leave nothing to choose from")
                    .at("lower than the lower bound")
                    .note("write the lower bound first"),
            );
        }
        let by = open.by.as_ref().map(|by| by.text.clone());
        let open = Open { by, least, most, decimals };
        let steps =
            fill.map_or_else(Vec::new, |fill| self.fill_steps(fill, &ty, &open, entry.item.named.name.span));
        Param {
            head: self.head(entry.module, entry.docs, &entry.item.named, &entry.item.cites),
            ty,
            steps,
            open: Some(open),
        }
    }

    fn fill_steps(
        &mut self,
        fill: &Entry<'_, ast::Fill>,
        ty: &Type,
        open: &Open,
        declared: Span,
    ) -> Vec<ParamStep> {
        let env = Env::constant(fill.module);
        let mut steps = Vec::new();
        if let Some(expr) = &fill.item.value {
            let force =
                self.policies[fill.module.set].as_ref().map(|policy| policy.force).unwrap_or_default();
            let cites = fill.item.cites.iter().map(cite).collect();
            let value = self.filled_value(&env, expr, ty, open, declared);
            steps.extend(value.map(|value| ParamStep { force, value, cites, span: fill.item.target.span }));
        }
        for step in &fill.item.steps {
            let from = self.date(&step.from.text, step.from.span);
            let until = step.until.as_ref().and_then(|word| self.date(&word.text, word.span));
            let value = self.filled_value(&env, &step.value, ty, open, declared);
            let (Some(from), Some(value)) = (from, value) else { continue };
            let cites = fill.item.cites.iter().chain(&step.cites).map(cite).collect();
            steps.push(ParamStep { force: Force { from: Some(from), until }, value, cites, span: step.span });
        }
        self.time_line(&steps);
        if fill.item.value.is_none() && fill.item.steps.is_empty() {
            self.fill_says_nothing(&fill.item.target);
        }
        steps
    }

    pub(super) fn fill_says_nothing(&mut self, target: &ast::Word) {
        let message = format!("`{}` is not filled in here", target.text);
        self.report(
            Diagnostic::new(&codes::BAD_FILL, target.span, message).at("no value").note("write `= VALUE`"),
        );
    }

    /// The value of what is filled in, within the bounds that were left open.
    pub(super) fn filled_value(
        &mut self,
        env: &Env,
        expr: &ast::Expr,
        ty: &Type,
        open: &Open,
        declared: Span,
    ) -> Option<Value> {
        let typed = self.expect(env, expr, ty, "what is filled in is of the kind of the param")?;
        let value = self.constant_value(&typed)?;
        let below = open.least.as_ref().filter(|least| value < **least);
        let above = open.most.as_ref().filter(|most| **most < value);
        let show = |value: &Value| {
            super::show::show_value(&self.program, ty, value, super::show::Language::default())
        };
        let fine = matches!(&value, Value::Number(number) if number.decimals().is_none_or(|own| own > open.decimals));
        let wrong = match (below, above) {
            (Some(least), _) => format!("at least {} is left open", show(least)),
            (_, Some(most)) => format!("at most {} is left open", show(most)),
            _ if fine => format!("finer than {} decimals", open.decimals),
            _ => return Some(value),
        };
        let problem =
            Diagnostic::new(&codes::BAD_FILL, expr.span, "what is filled in is not what was left open")
                .at(wrong)
                .also(declared, "left open here")
                .note(
                    "within its bounds others decide; beyond them the text itself must change, with `amend`",
                );
        self.report(problem);
        None
    }
}

/// The ends of what an expression may come to while open params in it are not filled in; each is the expression
/// itself where they are. `None` at an end without bounds; `None` as a whole where it has no open param, or where
/// it is not certain which end of the param makes it least.
pub(super) struct Ends<'c> {
    pub params: &'c [Param],
    pub defines: &'c [Option<Define>],
    pub lets: &'c [super::expr::LetName],
}

type Pair = (Option<Expr>, Option<Expr>);

impl Ends<'_> {
    pub fn of(&self, expr: &Expr) -> Option<Pair> {
        if !self.is_open(expr) {
            return None;
        }
        self.ends(expr).filter(|(low, high)| low.is_some() || high.is_some())
    }

    fn is_open(&self, expr: &Expr) -> bool {
        let mut open = false;
        expr.walk(&mut |part| {
            open |= match &part.kind {
                ExprKind::Param(id) => self.params[id.index()].open.is_some(),
                ExprKind::Define(id) => {
                    self.defines[id.index()].as_ref().is_some_and(|define| self.is_open(&define.body))
                }
                ExprKind::Let(at) => self.lets.get(*at).is_some_and(|own| self.is_open(&own.value)),
                _ => false,
            }
        });
        open
    }

    fn ends(&self, expr: &Expr) -> Option<Pair> {
        if !self.is_open(expr) {
            return Some((Some(expr.clone()), Some(expr.clone())));
        }
        let with = |kind: ExprKind| Expr { kind, ..expr.clone() };
        let both = |a: Option<Expr>, b: Option<Expr>, make: &dyn Fn(Box<Expr>, Box<Expr>) -> ExprKind| {
            Some(with(make(Box::new(a?), Box::new(b?))))
        };
        match &expr.kind {
            ExprKind::Param(id) => {
                let open = self.params[id.index()].open.as_ref()?;
                let end = |bound: &Option<Value>, most: bool| {
                    bound.is_some().then(|| with(ExprKind::Bound { param: *id, most }))
                };
                Some((end(&open.least, false), end(&open.most, true)))
            }
            ExprKind::Define(id) => self.ends(&self.defines[id.index()].as_ref()?.body),
            ExprKind::Let(at) => self.ends(&self.lets.get(*at)?.value),
            ExprKind::Negate(inner) => {
                let (low, high) = self.ends(inner)?;
                let negated = |end: Option<Expr>| Some(with(ExprKind::Negate(Box::new(end?))));
                Some((negated(high), negated(low)))
            }
            ExprKind::Round { value, rounding, step } => {
                let (low, high) = self.ends(value)?;
                let round = |end: Option<Expr>| {
                    let value = Box::new(end?);
                    Some(with(ExprKind::Round { value, rounding: *rounding, step: step.clone() }))
                };
                Some((round(low), round(high)))
            }
            ExprKind::Arith(op, a, b) => {
                let make = |x: Box<Expr>, y: Box<Expr>| ExprKind::Arith(*op, x, y);
                let ((low, high), (least, most)) = (self.ends(a)?, self.ends(b)?);
                // Which end of each side makes the whole least.
                let (falls_with_a, falls_with_b) = self.falls(*op, a, b)?;
                let (low, high) = if falls_with_a { (high, low) } else { (low, high) };
                let (least, most) = if falls_with_b { (most, least) } else { (least, most) };
                Some((both(low, least, &make), both(high, most, &make)))
            }
            ExprKind::Least(parts) | ExprKind::Greatest(parts) => {
                let least = matches!(expr.kind, ExprKind::Least(_));
                self.extreme_ends(parts, least, &with)
            }
            ExprKind::If { when, then, other } if !self.is_open(when) => {
                let ((low, high), (least, most)) = (self.ends(then)?, self.ends(other)?);
                let make =
                    |then: Box<Expr>, other: Box<Expr>| ExprKind::If { when: when.clone(), then, other };
                Some((both(low, least, &make), both(high, most, &make)))
            }
            _ => None,
        }
    }

    /// Whether the result falls while the left side rises, and while the right one does; `None` where that is
    /// not certain.
    fn falls(&self, op: ArithOp, a: &Expr, b: &Expr) -> Option<(bool, bool)> {
        match op {
            ArithOp::Add => Some((false, false)),
            ArithOp::Subtract => Some((false, true)),
            ArithOp::Multiply => {
                // What is fixed has one value, so the other side alone decides.
                let with_a = if self.is_open(a) { self.sign(b)? } else { false };
                let with_b = if self.is_open(b) { self.sign(a)? } else { false };
                Some((with_a, with_b))
            }
            ArithOp::Divide if !self.is_open(b) && self.sign(b) == Some(false) => Some((false, false)),
            ArithOp::Divide => None,
        }
    }

    /// The ends of the least or greatest of some parts.
    fn extreme_ends(&self, parts: &[Expr], least: bool, with: &dyn Fn(ExprKind) -> Expr) -> Option<Pair> {
        let ends: Vec<Pair> = parts.iter().map(|part| self.ends(part)).collect::<Option<_>>()?;
        let (lows, highs): (Vec<_>, Vec<_>) = ends.into_iter().unzip();
        let make =
            |parts: Vec<Expr>| with(if least { ExprKind::Least(parts) } else { ExprKind::Greatest(parts) });
        let all = |ends: &[Option<Expr>]| ends.iter().cloned().collect::<Option<Vec<Expr>>>().map(make);
        let some = |ends: &[Option<Expr>]| {
            let known: Vec<Expr> = ends.iter().flatten().cloned().collect();
            (!known.is_empty()).then(|| make(known))
        };
        // A least is bounded from above by each of its parts.
        Some(if least { (all(&lows), some(&highs)) } else { (some(&lows), all(&highs)) })
    }

    /// `false`: never negative; `true`: never positive.
    fn sign(&self, expr: &Expr) -> Option<bool> {
        let open = |end: fn(&Open) -> &Option<Value>| match &expr.kind {
            ExprKind::Param(id) => match self.params[id.index()].open.as_ref().map(end) {
                Some(Some(Value::Number(number))) => Some(number.clone()),
                _ => None,
            },
            _ => None,
        };
        let low = expr.range.low.clone().or_else(|| open(|open| &open.least));
        let high = expr.range.high.clone().or_else(|| open(|open| &open.most));
        if low.is_some_and(|low| !low.is_negative()) {
            return Some(false);
        }
        high.is_some_and(|high| high <= Number::ZERO).then_some(true)
    }
}
