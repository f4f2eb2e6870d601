//! Types operators: logic, comparison, membership, arithmetic with units, dates.

use super::checker::Checker;
use super::expr::{Env, misplaced};
use super::typed::*;
use crate::diag::{Diagnostic, codes};
use crate::source::Span;
use crate::syntax::ast::{self, BinaryOp};
use crate::value::{Dimension, Number, Value, VariantSet};

impl Checker<'_> {
    #[allow(clippy::too_many_arguments)] // the parts of one syntax node
    pub(super) fn binary(
        &mut self,
        env: &Env,
        op: BinaryOp,
        op_span: Span,
        left: &ast::Expr,
        right: &ast::Expr,
        span: Span,
        hint: Option<&Type>,
    ) -> Option<Expr> {
        match op {
            BinaryOp::And | BinaryOp::Or => self.logic(env, op, left, right, span),
            BinaryOp::Compare(op) => self.compare(env, op, op_span, left, right, span),
            BinaryOp::In => self.membership(env, left, right, span),
            BinaryOp::NotIn => {
                let inside = self.membership(env, left, right, span)?;
                Some(Expr::bool(ExprKind::Not(Box::new(inside)), span))
            }
            BinaryOp::Range | BinaryOp::RangeOpen => {
                self.report(misplaced(span, "a range"));
                None
            }
            BinaryOp::Arith(op) => self.arith(env, op, op_span, left, right, span, hint),
            BinaryOp::Otherwise => {
                let value = self.infer(env, left, hint)?;
                let ty = value.ty.clone();
                let spare = self.expect(env, right, &ty, "`otherwise` gives a value of the same kind")?;
                let decimals = value.decimals.zip(spare.decimals).map(|(a, b)| a.max(b));
                let range = value.range.hull(&spare.range);
                let kind = ExprKind::Otherwise(Box::new(value), Box::new(spare));
                Some(Expr::number(kind, ty, span, range, decimals))
            }
        }
    }

    /// Long runs of `and` or `or` become one flat list.
    fn logic(
        &mut self,
        env: &Env,
        op: BinaryOp,
        left: &ast::Expr,
        right: &ast::Expr,
        span: Span,
    ) -> Option<Expr> {
        let (left, right) = (self.condition(env, left), self.condition(env, right));
        let mut parts = Vec::new();
        for part in [left?, right?] {
            match (op, part.kind) {
                (BinaryOp::And, ExprKind::All(inner)) | (BinaryOp::Or, ExprKind::Any(inner)) => {
                    parts.extend(inner)
                }
                (_, kind) => parts.push(Expr { kind, ..part }),
            }
        }
        let kind = if op == BinaryOp::And { ExprKind::All(parts) } else { ExprKind::Any(parts) };
        Some(Expr::bool(kind, span))
    }

    /// Whether an expression gets its meaning from what it stands beside: a number, a value of an enum.
    pub(super) fn takes_hint(&self, env: &Env, expr: &ast::Expr) -> bool {
        match &expr.kind {
            ast::ExprKind::Quantity { .. } => true,
            ast::ExprKind::Path(path) => match path.as_slice() {
                [name] => {
                    self.resolve(env, &name.text, None).is_none()
                        && self.variant_owners.contains_key(&name.text)
                }
                _ => false,
            },
            ast::ExprKind::Group(inner) | ast::ExprKind::Unary(_, inner) => self.takes_hint(env, inner),
            ast::ExprKind::Binary { op: BinaryOp::Arith(_), left, right, .. } => {
                self.takes_hint(env, left) && self.takes_hint(env, right)
            }
            _ => false,
        }
    }

    /// Types two expressions that stand beside each other, each a hint to the other.
    fn pair(
        &mut self,
        env: &Env,
        left: &ast::Expr,
        right: &ast::Expr,
        hint: Option<&Type>,
    ) -> Option<(Expr, Expr)> {
        if self.takes_hint(env, left) && !self.takes_hint(env, right) {
            let right = self.infer(env, right, hint)?;
            let left = self.infer_beside(env, left, &right.ty)?;
            return Some((left, right));
        }
        let left = self.infer(env, left, hint);
        let ty = left.as_ref().map(|left| left.ty.clone());
        let right = match &ty {
            Some(ty) => self.infer_beside(env, right, ty),
            None => self.infer(env, right, hint),
        };
        Some((left?, right?))
    }

    fn compare(
        &mut self,
        env: &Env,
        op: CompareOp,
        op_span: Span,
        left: &ast::Expr,
        right: &ast::Expr,
        span: Span,
    ) -> Option<Expr> {
        let (left, right) = self.pair(env, left, right, None)?;
        if !self.comparable(&left, &right) {
            return None;
        }
        let ordered = matches!(left.ty, Type::Number(_) | Type::Date | Type::Time);
        if !ordered && !matches!(op, CompareOp::Equal | CompareOp::NotEqual) {
            let kind = self.type_name(&left.ty);
            self.report(
                Diagnostic::new(
                    &codes::NOT_ORDERED,
                    op_span,
                    format!("`{}` needs values with an order; {kind} has none", op.symbol()),
                )
                .at("cannot compare by order")
                .also(left.span, format!("this is {kind}"))
                .note("list the values that count: `… in {a, b}`"),
            );
            return None;
        }
        if let (Type::Enum(_), Some(Value::Enum(at))) = (&left.ty, right.constant()) {
            let test = ExprKind::Variants(Box::new(left), VariantSet::one(*at));
            let test = Expr::bool(test, span);
            return Some(match op {
                CompareOp::NotEqual => Expr::bool(ExprKind::Not(Box::new(test)), span),
                _ => test,
            });
        }
        Some(Expr::bool(ExprKind::Compare(op, Box::new(left), Box::new(right)), span))
    }

    /// Whether two values may be compared; reports where not.
    fn comparable(&mut self, left: &Expr, right: &Expr) -> bool {
        if left.ty == right.ty {
            return true;
        }
        if let (Type::Number(a), Type::Number(b)) = (&left.ty, &right.ty) {
            let points = |n: &NumberType| n.kind == NumberKind::Points;
            if a.dimension.is_none() && b.dimension.is_none() && points(a) == points(b) {
                let literal =
                    |e: &Expr, n: &NumberType| e.constant().is_some() && n.kind == NumberKind::Plain;
                if !literal(left, a) && !literal(right, b) {
                    return true;
                }
            }
        }
        // A bare number is to blame, on whichever side it stands.
        let bare = |e: &Expr| {
            e.constant().is_some() && e.ty == Type::plain() && !matches!(e.kind, ExprKind::Param(_))
        };
        let (wrong, other) = if bare(left) && !bare(right) { (left, right) } else { (right, left) };
        let mut problem = self
            .mismatch(wrong, &other.ty)
            .also(other.span, format!("this is {}", self.type_name(&other.ty)));
        if matches!(left.kind, ExprKind::Compare(..)) {
            problem =
                problem.note("to test two bounds write `x in low..high`, or two comparisons joined by `and`");
        }
        self.report(problem);
        false
    }

    fn membership(&mut self, env: &Env, value: &ast::Expr, within: &ast::Expr, span: Span) -> Option<Expr> {
        if let ast::ExprKind::Bound(op, bound) = &within.kind {
            return self.compare(env, *op, within.span, value, bound, span);
        }
        let value = self.infer(env, value, None)?;
        let mut within = within;
        while let ast::ExprKind::Group(inner) = &within.kind {
            within = inner;
        }
        if let Some(found) = self.in_register(env.module, &value, within, span) {
            return found;
        }
        match &within.kind {
            ast::ExprKind::Set(members) => self.in_set(env, value, members, within.span, span),
            ast::ExprKind::Binary { op, left, right, .. }
                if matches!(op, BinaryOp::Range | BinaryOp::RangeOpen) =>
            {
                self.in_range(env, value, left, right, *op == BinaryOp::Range, span)
            }
            _ => {
                // What is wrong inside it, such as a unit, is told first.
                self.infer(env, within, Some(&value.ty))?;
                self.report(
                    Diagnostic::new(&codes::MISPLACED_RANGE, within.span, "`in` needs a set or a range")
                        .at("neither a set nor a range")
                        .note(
                            "write `x in {a, b}` or `x in low..high`; to compare with one value write `==`",
                        ),
                );
                None
            }
        }
    }

    fn in_set(
        &mut self,
        env: &Env,
        value: Expr,
        members: &[ast::Expr],
        set: Span,
        span: Span,
    ) -> Option<Expr> {
        if members.is_empty() {
            self.report(
                Diagnostic::new(&codes::EMPTY_RANGE, set, "the set is empty").at("nothing can be in it"),
            );
            return None;
        }
        let why = "every member of the set is of the kind of the value before `in`";
        let ty = value.ty.clone();
        let mut member = |member| {
            let typed = self.infer_beside(env, member, &ty)?;
            self.fits(&typed, &ty, why).then_some(typed)
        };
        let typed: Vec<Option<Expr>> = members.iter().map(&mut member).collect();
        let typed = typed.into_iter().collect::<Option<Vec<Expr>>>()?;
        if matches!(ty, Type::Enum(_)) {
            let constant = |member: &Expr| match member.constant() {
                Some(Value::Enum(at)) => Some(*at),
                _ => None,
            };
            if let Some(variants) = typed.iter().map(constant).collect::<Option<VariantSet>>() {
                return Some(Expr::bool(ExprKind::Variants(Box::new(value), variants), span));
            }
        }
        Some(Expr::bool(ExprKind::Among(Box::new(value), typed), span))
    }

    fn in_range(
        &mut self,
        env: &Env,
        value: Expr,
        low: &ast::Expr,
        high: &ast::Expr,
        high_included: bool,
        span: Span,
    ) -> Option<Expr> {
        if !matches!(value.ty, Type::Number(_) | Type::Date | Type::Time) {
            let kind = self.type_name(&value.ty);
            self.report(
                Diagnostic::new(
                    &codes::NOT_ORDERED,
                    span,
                    format!("a range needs values with an order; {kind} has none"),
                )
                .at("cannot be in a range")
                .note("list the values that count: `… in {a, b}`"),
            );
            return None;
        }
        let (low, high) = (self.infer(env, low, Some(&value.ty)), self.infer(env, high, Some(&value.ty)));
        let (low, high) = (low?, high?);
        if !self.comparable(&value, &low) || !self.comparable(&value, &high) {
            return None;
        }
        let empty = match (low.constant(), high.constant()) {
            (Some(low), Some(high)) => high < low || (!high_included && low == high),
            _ => false,
        };
        if empty {
            let both = low.span.to(high.span);
            self.report(
                Diagnostic::new(&codes::EMPTY_RANGE, both, "the range is empty: it ends before it starts")
                    .at("nothing lies in it")
                    .note("write the lower bound first; `..` includes the end, `..<` leaves it out"),
            );
            return None;
        }
        let (value, low, high) = (Box::new(value), Box::new(low), Box::new(high));
        Some(Expr::bool(ExprKind::Between { value, low, high, high_included }, span))
    }

    #[allow(clippy::too_many_arguments)] // the parts of one syntax node
    fn arith(
        &mut self,
        env: &Env,
        op: ArithOp,
        op_span: Span,
        left: &ast::Expr,
        right: &ast::Expr,
        span: Span,
        hint: Option<&Type>,
    ) -> Option<Expr> {
        let additive = matches!(op, ArithOp::Add | ArithOp::Subtract);
        let grouped = matches!(left.kind, ast::ExprKind::Group(_));
        let hint = hint.filter(|hint| additive && hint.number().is_some());
        let (left, right) = if additive {
            self.pair(env, left, right, hint)?
        } else {
            let (left, right) = (self.infer(env, left, None), self.infer(env, right, None));
            (left?, right?)
        };
        match (&left.ty, &right.ty) {
            (Type::Number(_), Type::Number(_)) => self.number_arith(op, op_span, left, right, span),
            (Type::Date | Type::Time, _) if additive => {
                self.date_arith(env, op, op_span, left, right, span, grouped)
            }
            _ => {
                let (a, b) = (self.type_name(&left.ty), self.type_name(&right.ty));
                let word = word_of(op);
                self.report(
                    Diagnostic::new(&codes::TYPE_MISMATCH, op_span, format!("cannot {word} {a} and {b}"))
                        .at(format!("`{}` needs numbers", symbol(op)))
                        .also(left.span, format!("this is {a}"))
                        .also(right.span, format!("this is {b}")),
                );
                None
            }
        }
    }

    fn number_arith(
        &mut self,
        op: ArithOp,
        op_span: Span,
        left: Expr,
        right: Expr,
        span: Span,
    ) -> Option<Expr> {
        let ty = match op {
            ArithOp::Add | ArithOp::Subtract => self.sum_type(op_span, &left, &right)?,
            ArithOp::Multiply | ArithOp::Divide => self.product_type(op, op_span, &left, &right)?,
        };
        if let (Some(a), Some(b)) = (left.constant_number(), right.constant_number()) {
            return self.fold(op, a, b, ty, right.span, span);
        }
        if op == ArithOp::Divide && right.constant_number().is_some_and(Number::is_zero) {
            self.report(division_by_zero(right.span));
            return None;
        }
        let range = match op {
            ArithOp::Add => left.range.add(&right.range),
            ArithOp::Subtract => left.range.subtract(&right.range),
            ArithOp::Multiply => left.range.multiply(&right.range),
            ArithOp::Divide => left.range.divide(&right.range),
        };
        let decimals = left.decimals.zip(right.decimals).and_then(|(a, b)| match op {
            ArithOp::Add | ArithOp::Subtract => Some(a.max(b)),
            ArithOp::Multiply => Some(a + b),
            ArithOp::Divide => Some(a + Number::ONE.div(right.constant_number()?)?.decimals()?),
        });
        let kind = ExprKind::Arith(op, Box::new(left), Box::new(right));
        Some(Expr::number(kind, ty, span, range, decimals))
    }

    fn fold(
        &mut self,
        op: ArithOp,
        a: &Number,
        b: &Number,
        ty: Type,
        divisor: Span,
        span: Span,
    ) -> Option<Expr> {
        let value = match op {
            ArithOp::Add => a.add(b),
            ArithOp::Subtract => a.sub(b),
            ArithOp::Multiply => a.mul(b),
            ArithOp::Divide => match a.div(b) {
                Some(value) => value,
                None => {
                    self.report(division_by_zero(divisor));
                    return None;
                }
            },
        };
        if !value.in_limits() {
            self.report(too_large(span));
            return None;
        }
        Some(Expr::value(Value::Number(value), ty, span))
    }

    fn sum_type(&mut self, op_span: Span, left: &Expr, right: &Expr) -> Option<Type> {
        let (Type::Number(a), Type::Number(b)) = (&left.ty, &right.ty) else { return None };
        if a == b {
            return Some(left.ty.clone());
        }
        if a.dimension.is_none() && b.dimension.is_none() {
            let bare = |e: &Expr, n: &NumberType| n.kind == NumberKind::Plain && e.constant().is_some();
            match (a.kind, b.kind) {
                (NumberKind::Rate, NumberKind::Points) | (NumberKind::Points, NumberKind::Rate) => {
                    return Some(Type::rate());
                }
                (NumberKind::Rate, NumberKind::Plain) if !bare(right, b) => return Some(Type::rate()),
                (NumberKind::Plain, NumberKind::Rate) if !bare(left, a) => return Some(Type::rate()),
                _ => {}
            }
        }
        let problem =
            self.mismatch(right, &left.ty).also(left.span, format!("this is {}", self.type_name(&left.ty)));
        let problem = problem.also(op_span, "added here");
        self.report(problem);
        None
    }

    fn product_type(&mut self, op: ArithOp, op_span: Span, left: &Expr, right: &Expr) -> Option<Type> {
        let (Type::Number(a), Type::Number(b)) = (&left.ty, &right.ty) else { return None };
        let dimension = match op {
            ArithOp::Multiply => a.dimension.mul(&b.dimension),
            _ => a.dimension.div(&b.dimension),
        };
        use NumberKind::{Plain, Points, Rate};
        let kind = match (a.kind, b.kind, op) {
            (Points, Plain, _) | (Plain, Points, ArithOp::Multiply) => Points,
            (Points, _, _) | (_, Points, _) => {
                self.report(
                    Diagnostic::new(
                        &codes::TYPE_MISMATCH,
                        op_span,
                        "percentage points are a difference of rates, not a share",
                    )
                    .at(format!("cannot {} with percentage points", word_of(op)))
                    .also(left.span, format!("this is {}", self.type_name(&left.ty)))
                    .also(right.span, format!("this is {}", self.type_name(&right.ty)))
                    .note("a share is written with `%`; percentage points add to a rate: `5% + 1个百分点`"),
                );
                return None;
            }
            (Rate, Rate, ArithOp::Divide) => Plain,
            (Rate, _, _) | (_, Rate, ArithOp::Multiply) => Rate,
            _ => Plain,
        };
        if !dimension.is_none() || (!a.dimension.is_none() && op == ArithOp::Divide) {
            return Some(Type::unit(dimension));
        }
        let both_bare = a.dimension.is_none() && b.dimension.is_none();
        let kind = if both_bare { kind } else { Plain };
        Some(Type::Number(NumberType { dimension: Dimension::none(), kind }))
    }
}

pub(super) fn symbol(op: ArithOp) -> &'static str {
    match op {
        ArithOp::Add => "+",
        ArithOp::Subtract => "-",
        ArithOp::Multiply => "*",
        ArithOp::Divide => "/",
    }
}

fn word_of(op: ArithOp) -> &'static str {
    match op {
        ArithOp::Add => "add",
        ArithOp::Subtract => "subtract",
        ArithOp::Multiply => "multiply",
        ArithOp::Divide => "divide",
    }
}

fn division_by_zero(span: Span) -> Diagnostic {
    Diagnostic::new(&codes::DIVISION_BY_ZERO, span, "this divides by zero").at("always zero")
}

pub(super) fn too_large(span: Span) -> Diagnostic {
    Diagnostic::new(&codes::NUMBER_TOO_LARGE, span, "the number is beyond what a policy can hold")
        .at("10^24 or more")
        .note("numbers must stay below 10^24 in their base unit (元, 人, …)")
}
