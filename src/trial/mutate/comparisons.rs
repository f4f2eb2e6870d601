//! Comparisons made inclusive or exclusive, and what they are between.

use std::collections::BTreeMap;

use super::MutantKind;
use super::moves::{Subject, difference};
use super::sites::{Against, Change, Compared, Finder, Spot};
use crate::check::show::{Language, Names, show_expr};
use crate::check::typed::*;
use crate::ir::{NodeId, Op, Scope};
use crate::value::Value;

impl Finder<'_> {
    /// A comparison made inclusive or exclusive.
    pub fn turn(&mut self, spot: Spot<'_>, scope: Scope, expr: &Expr, op: CompareOp, (a, b): (&Expr, &Expr)) {
        let Some(turned) = turned(op) else { return };
        let Some((plan, node)) = self.inner(scope, expr) else { return };
        let Op::Compare(_, left, right) = *self.lowering.op(scope.record, node) else { return };
        let kind = ExprKind::Compare(turned, Box::new(a.clone()), Box::new(b.clone()));
        let nodes = vec![(plan, node, Op::Compare(turned, left, right))];
        self.turned(spot, expr, kind, nodes, Sides { op, turned, a, b });
    }

    /// A range that includes its end, or no longer does.
    pub fn close(&mut self, spot: Spot<'_>, scope: Scope, expr: &Expr) {
        let ExprKind::Between { value, low, high, high_included } = &expr.kind else { return };
        let Some((_, both)) = self.inner(scope, expr) else { return };
        let Op::All(parts) = self.lowering.op(scope.record, both) else { return };
        let Some(below) = parts.last().copied() else { return };
        let Op::Compare(op, left, right) = *self.lowering.op(scope.record, below) else { return };
        let Some(turned) = turned(op) else { return };
        let kind = ExprKind::Between {
            value: value.clone(),
            low: low.clone(),
            high: high.clone(),
            high_included: !high_included,
        };
        let nodes = vec![(scope.record.index(), below, Op::Compare(turned, left, right))];
        self.turned(spot, expr, kind, nodes, Sides { op, turned, a: value, b: high });
    }

    fn turned(
        &mut self,
        spot: Spot<'_>,
        expr: &Expr,
        kind: ExprKind,
        nodes: Vec<(usize, NodeId, Op)>,
        sides: Sides<'_>,
    ) {
        let found = sides.difference();
        let hint = match &found {
            Told::At(subject, at) => self.hint(spot.names, subject, at),
            Told::Perhaps => {
                let [a, b] = [sides.a, sides.b].map(|side| show_expr(spot.names, side));
                Some(self.case_with(&a, &b))
            }
            Told::Never => None,
        };
        let change = Change {
            kind: MutantKind::Comparison,
            span: expr.span,
            before: show_expr(spot.names, expr),
            after: show_expr(spot.names, &Expr { kind, ..expr.clone() }),
            hint,
            nodes,
        };
        match found {
            Told::Never => self.note_equivalent(spot, change),
            _ => self.note(spot, change),
        }
    }
}

/// A comparison and what it is turned into.
struct Sides<'e> {
    op: CompareOp,
    turned: CompareOp,
    a: &'e Expr,
    b: &'e Expr,
}

/// Whether some value could tell two tests apart.
enum Told<'e> {
    At(&'e Expr, Value),
    Perhaps,
    Never,
}

impl<'e> Sides<'e> {
    fn difference(&self) -> Told<'e> {
        let constant = |expr: &Expr| match (&expr.kind, point(expr)) {
            (ExprKind::Const(value), _) => Some(value.clone()),
            (_, point) => point,
        };
        let (op, turned) = (self.op, self.turned);
        let (subject_of, op, turned, value) = match (constant(self.a), constant(self.b)) {
            (None, Some(value)) => (self.a, op, turned, value),
            (Some(value), None) => (self.b, op.mirrored(), turned.mirrored(), value),
            (Some(_), Some(_)) => return Told::Perhaps,
            (None, None) => {
                return match self.a.range.compare(CompareOp::Equal, &self.b.range) {
                    Some(false) => Told::Never,
                    _ => Told::Perhaps,
                };
            }
        };
        match difference(&subject(subject_of), (op, &value), (turned, &value)) {
            Some(at) => Told::At(subject_of, at),
            None => Told::Never,
        }
    }
}

/// The one value that an expression of constants can have.
fn point(expr: &Expr) -> Option<Value> {
    let low = expr.range.low.as_ref().filter(|low| expr.range.high.as_ref() == Some(low))?;
    match expr.ty {
        Type::Number(_) => Some(Value::Number(low.clone())),
        Type::Date => {
            let days = i64::try_from(low.to_scaled(0)?).ok()?;
            crate::value::Date::from_days(days).map(Value::Date)
        }
        _ => None,
    }
}

pub fn is_point(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Const(_)) || point(expr).is_some()
}

pub fn subject(expr: &Expr) -> Subject {
    Subject { range: expr.range.clone(), decimals: expr.decimals }
}

/// The comparison that differs where both sides are equal.
pub fn turned(op: CompareOp) -> Option<CompareOp> {
    match op {
        CompareOp::Less => Some(CompareOp::AtMost),
        CompareOp::AtMost => Some(CompareOp::Less),
        CompareOp::Greater => Some(CompareOp::AtLeast),
        CompareOp::AtLeast => Some(CompareOp::Greater),
        CompareOp::Equal | CompareOp::NotEqual => None,
    }
}

/// For each param what it is compared with.
pub fn compared(program: &Program, language: Language) -> BTreeMap<ParamId, Vec<Compared<'_>>> {
    let mut found = BTreeMap::new();
    for define in &program.defines {
        let names = Names { program, record: define.record, lets: &[], language };
        note_compared(&mut found, names, &define.body);
    }
    for measure in &program.measures {
        let names = Names { program, record: measure.record, lets: &measure.lets, language };
        measure.each_expr(&mut |expr| note_compared(&mut found, names, expr));
    }
    found
}

fn note_compared<'a>(found: &mut BTreeMap<ParamId, Vec<Compared<'a>>>, names: Names<'a>, expr: &'a Expr) {
    let mut note = |param: &'a Expr, op, other: &'a Expr| {
        if let ExprKind::Param(id) | ExprKind::Bound { param: id, .. } = &param.kind {
            found.entry(*id).or_default().push(Compared { against: Against { op, other }, names });
        }
    };
    expr.walk_on(names.record, &mut |part| match &part.kind {
        ExprKind::Compare(op, a, b) => {
            note(b, *op, a);
            note(a, op.mirrored(), b);
        }
        ExprKind::Between { value, low, high, high_included } => {
            let below = if *high_included { CompareOp::AtMost } else { CompareOp::Less };
            note(low, CompareOp::AtLeast, value);
            note(high, below, value);
        }
        _ => {}
    });
}
