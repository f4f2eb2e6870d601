//! Types expressions: what each name stands for, what type, unit and range each part has.

use super::checker::Checker;
use super::scope::{ModuleRef, Symbol};
use super::typed::*;
use crate::diag::{Diagnostic, Fix, codes};
use crate::source::Span;
use crate::syntax::ast::{self, UnaryOp};
use crate::value::{Number, Value, VariantSet};

/// What an expression may refer to.
#[derive(Debug, Clone)]
pub(super) struct Env {
    pub module: ModuleRef,
    /// The record whose fields may be named; `None` where a constant is needed.
    pub record: Option<RecordId>,
    /// The `let`s of the measure so far: name, label and shape.
    pub lets: Vec<LetName>,
    /// Inside a value across records.
    pub in_aggregate: bool,
}

#[derive(Debug, Clone)]
pub(super) struct LetName {
    /// Where it is declared.
    pub span: Span,
    pub spellings: Vec<String>,
    pub value: Expr,
}

impl Env {
    pub fn constant(module: ModuleRef) -> Env {
        Env { module, record: None, lets: Vec::new(), in_aggregate: false }
    }

    pub fn record(module: ModuleRef, record: RecordId) -> Env {
        Env { module, record: Some(record), lets: Vec::new(), in_aggregate: false }
    }
}

impl Expr {
    pub(super) fn new(kind: ExprKind, ty: Type, span: Span) -> Expr {
        Expr { kind, ty, span, range: Interval::any(), decimals: None }
    }

    pub(super) fn bool(kind: ExprKind, span: Span) -> Expr {
        Expr::new(kind, Type::Bool, span)
    }

    pub(super) fn number(
        kind: ExprKind,
        ty: Type,
        span: Span,
        range: Interval,
        decimals: Option<u32>,
    ) -> Expr {
        Expr { kind, ty, span, range, decimals: decimals.filter(|decimals| *decimals <= 60) }
    }

    pub(super) fn value(value: Value, ty: Type, span: Span) -> Expr {
        let (range, decimals) = match &value {
            Value::Number(number) => (Interval::point(number.clone()), number.decimals()),
            Value::Date(date) => (Interval::point(Number::from_int(date.0.into())), Some(0)),
            _ => (Interval::any(), None),
        };
        Expr::number(ExprKind::Const(value), ty, span, range, decimals)
    }

    pub fn constant(&self) -> Option<&Value> {
        match &self.kind {
            ExprKind::Const(value) => Some(value),
            _ => None,
        }
    }

    pub(super) fn constant_number(&self) -> Option<&Number> {
        match self.constant() {
            Some(Value::Number(number)) => Some(number),
            _ => None,
        }
    }
}

impl Checker<'_> {
    /// Types an expression; `None` after a problem has been reported. `hint` is the type that is wanted,
    /// which gives variants of enums and years their meaning.
    pub(super) fn infer(&mut self, env: &Env, expr: &ast::Expr, hint: Option<&Type>) -> Option<Expr> {
        use ast::ExprKind as Ast;
        let span = expr.span;
        match &expr.kind {
            Ast::Group(inner) => self.infer(env, inner, hint),
            Ast::Path(path) => self.path(env, path, span, hint),
            Ast::Quantity { number, unit } => self.quantity(env, number, unit.as_ref(), span, hint),
            Ast::Date(text) => {
                self.date(text, span).map(|date| Expr::value(Value::Date(date), Type::Date, span))
            }
            Ast::Time(text) => {
                self.time(text, span).map(|time| Expr::value(Value::Time(time), Type::Time, span))
            }
            Ast::Text(text) => Some(Expr::value(Value::Text(text.as_str().into()), Type::Text, span)),
            Ast::Bool(value) => Some(Expr::value(Value::Bool(*value), Type::Bool, span)),
            Ast::AsOf => Some(Expr::number(ExprKind::AsOf, Type::Date, span, Interval::any(), Some(0))),
            Ast::Unary(op, inner) => self.unary(env, *op, inner, span, hint),
            Ast::Binary { op, op_span, left, right } => {
                self.binary(env, *op, *op_span, left, right, span, hint)
            }
            Ast::Set(_) => {
                self.report(misplaced(span, "a set `{…}`"));
                None
            }
            Ast::Bound(..) => {
                self.report(misplaced(span, "a bound"));
                None
            }
            Ast::Call { name, arguments } => self.call(env, name, arguments, span, hint),
            Ast::If { when, then, other } => self.if_then_else(env, when, then, other, span, hint),
            Ast::Match { on, arms } => self.match_on(env, on, arms, span, hint),
            Ast::Aggregate(aggregate) => self.aggregate(env, aggregate, span),
        }
    }

    /// Types an expression that must be a condition.
    pub(super) fn condition(&mut self, env: &Env, expr: &ast::Expr) -> Option<Expr> {
        let typed = self.infer(env, expr, Some(&Type::Bool))?;
        if typed.ty == Type::Bool {
            return Some(typed);
        }
        let found = self.type_name(&typed.ty);
        let mut problem = Diagnostic::new(
            &codes::NOT_A_CONDITION,
            expr.span,
            format!("a condition is needed, this is {found}"),
        )
        .at(format!("this is {found}"));
        problem = match &typed.ty {
            Type::Enum(_) => problem.note("compare it: `… == value` or `… in {value, value}`"),
            Type::Number(_) => problem.note("compare it with a number: `… > 0`, `… >= 500万元`"),
            _ => problem.note("compare it with `==`, `<` or the like, or ask `known …`"),
        };
        self.report(problem);
        None
    }

    /// Types an expression that must be of a type.
    pub(super) fn expect(&mut self, env: &Env, expr: &ast::Expr, wanted: &Type, why: &str) -> Option<Expr> {
        let typed = self.infer(env, expr, Some(wanted))?;
        self.fits(&typed, wanted, why).then_some(typed)
    }

    /// Whether a typed expression may stand where `wanted` is needed; reports where not.
    pub(super) fn fits(&mut self, typed: &Expr, wanted: &Type, why: &str) -> bool {
        if typed.ty == *wanted || self.ratio_as_rate(typed, wanted) {
            return true;
        }
        let problem = self.mismatch(typed, wanted).note(why.to_owned());
        self.report(problem);
        false
    }

    /// A computed ratio without unit may stand for a rate, and a rate for a plain number; a bare literal not.
    fn ratio_as_rate(&self, typed: &Expr, wanted: &Type) -> bool {
        match (typed.ty.number(), wanted.number()) {
            (Some(found), Some(wanted)) => {
                found.dimension.is_none()
                    && wanted.dimension.is_none()
                    && found.kind != NumberKind::Points
                    && wanted.kind != NumberKind::Points
                    && typed.constant().is_none()
            }
            _ => false,
        }
    }

    fn path(&mut self, env: &Env, path: &[ast::Word], span: Span, hint: Option<&Type>) -> Option<Expr> {
        match path {
            [name] => self.name(env, name, span, hint),
            [owner, variant] => match self.scopes.of(env.module).get(&owner.text) {
                Some(Symbol::Enum(id)) => {
                    self.used.insert(Symbol::Enum(id));
                    self.refer_symbol(owner.span, Symbol::Enum(id));
                    self.variant(id, variant)
                }
                Some(Symbol::Record(id)) => self.related(env, id, &[owner.clone(), variant.clone()]),
                _ => {
                    self.report(
                        Diagnostic::new(
                            &codes::UNKNOWN_NAME,
                            owner.span,
                            format!("`{}` is neither an enum nor a record", owner.text),
                        )
                        .at("only values of enums and of related records have a dot: `Size.large`, `County.tier`"),
                    );
                    None
                }
            },
            _ => {
                self.report(
                    Diagnostic::new(
                        &codes::UNKNOWN_NAME,
                        span,
                        "a name has at most one dot, as in `Size.large`",
                    )
                    .at("too many parts"),
                );
                None
            }
        }
    }

    /// A variant that must belong to an enum.
    pub(super) fn variant(&mut self, id: EnumId, word: &ast::Word) -> Option<Expr> {
        if let Some(&at) = self.variants[id.index()].get(&word.text) {
            self.refer_variant(word.span, id, at);
            return Some(Expr::value(Value::Enum(at), Type::Enum(id), word.span));
        }
        let item = &self.program.enums[id.index()];
        let names: Vec<String> =
            item.variants.iter().flat_map(|v| [v.name.clone(), v.label.clone()]).collect();
        let list: Vec<&str> = item.variants.iter().take(12).map(|v| v.name.as_str()).collect();
        let mut note = format!("`{}` has: {}", item.head.name, list.join(", "));
        if item.variants.len() > list.len() {
            note.push_str(", …");
        }
        let problem = Diagnostic::new(
            &codes::UNKNOWN_NAME,
            word.span,
            format!("`{}` is not a value of {} `{}`", word.text, item.head.label, item.head.name),
        )
        .at("no such value")
        .suggest(&word.text, names.iter().map(String::as_str))
        .note(note)
        .also(item.head.span, "the enum is declared here");
        self.report(problem);
        None
    }

    /// What a single name stands for: nearest first.
    pub(super) fn resolve(&self, env: &Env, name: &str, hint: Option<&Type>) -> Option<Expr> {
        let span = Span::new(crate::source::FileId(0), 0, 0);
        let variant = self.hinted_variant(name, hint, span);
        if env.record.is_none() && variant.is_some() {
            return variant;
        }
        if let Some(at) = env.lets.iter().rposition(|item| item.spellings.iter().any(|s| s == name)) {
            let value = &env.lets[at].value;
            let (ty, range) = (value.ty.clone(), value.range.clone());
            return Some(Expr::number(ExprKind::Let(at), ty, span, range, value.decimals));
        }
        if let Some(record) = env.record
            && let Some(&field) = self.fields[record.index()].get(name)
        {
            let declared = &self.program.records[record.index()].fields[field.index()];
            let decimals = matches!(declared.ty, Type::Number(_) | Type::Date).then_some(declared.decimals);
            let (ty, range) = (declared.ty.clone(), declared.range.clone());
            return Some(Expr::number(ExprKind::Field(field), ty, span, range, decimals));
        }
        if variant.is_some() {
            return variant;
        }
        match self.scopes.of(env.module).get(name)? {
            Symbol::Param(id) => {
                let param = self.program.params.get(id.index());
                let param = param.filter(|param| !param.steps.is_empty() || param.open.is_some())?;
                // `--set` may give a parameter any value of its type, so no range is taken from its steps.
                let decimals = matches!(param.ty, Type::Number(_)).then(|| param_decimals(param)).flatten();
                Some(Expr::number(ExprKind::Param(id), param.ty.clone(), span, Interval::any(), decimals))
            }
            Symbol::Define(id) => {
                let define = self.defines[id.index()].as_ref()?;
                if Some(define.record) != env.record {
                    return None;
                }
                let body = &define.body;
                Some(Expr::number(
                    ExprKind::Define(id),
                    body.ty.clone(),
                    span,
                    body.range.clone(),
                    body.decimals,
                ))
            }
            _ => None,
        }
    }

    /// A variant of the enum that is wanted here.
    fn hinted_variant(&self, name: &str, hint: Option<&Type>, span: Span) -> Option<Expr> {
        let Some(Type::Enum(id)) = hint else { return None };
        let at = self.variants[id.index()].get(name)?;
        Some(Expr::value(Value::Enum(*at), Type::Enum(*id), span))
    }

    /// Types what a value is compared with. There a variant wins over a field of the same name: in
    /// `industry == industry` the second is the industry called industry.
    pub(super) fn infer_beside(&mut self, env: &Env, expr: &ast::Expr, beside: &Type) -> Option<Expr> {
        if let (ast::ExprKind::Path(path), Type::Enum(id)) = (&expr.kind, beside)
            && let [name] = path.as_slice()
            && let Some(found) = self.hinted_variant(&name.text, Some(beside), expr.span)
        {
            self.used.insert(Symbol::Enum(*id));
            self.refer_found(env, name.span, &found);
            return Some(found);
        }
        self.infer(env, expr, Some(beside))
    }

    fn name(&mut self, env: &Env, word: &ast::Word, span: Span, hint: Option<&Type>) -> Option<Expr> {
        if let Some(mut found) = self.resolve(env, &word.text, hint) {
            match &found.kind {
                ExprKind::Param(id) => self.used.insert(Symbol::Param(*id)),
                ExprKind::Define(id) => self.used.insert(Symbol::Define(*id)),
                _ => true,
            };
            if let Type::Enum(id) = found.ty {
                self.used.insert(Symbol::Enum(id));
            }
            self.refer_found(env, word.span, &found);
            found.span = span;
            return Some(found);
        }
        if let Some(Type::Enum(id)) = hint
            && self.scopes.of(env.module).get(&word.text).is_none()
        {
            return self.variant(*id, word);
        }
        if let Some(owners) = self.variant_owners.get(&word.text).cloned() {
            return self.lone_variant(word, &owners);
        }
        self.unknown(env, word);
        None
    }

    /// Notes what a name was found to stand for.
    fn refer_found(&mut self, env: &Env, word: Span, found: &Expr) {
        match (&found.kind, &found.ty, env.record) {
            (ExprKind::Field(field), _, Some(record)) => {
                let declared = self.program.records[record.index()].fields[field.index()].span;
                self.refer(word, declared);
            }
            (ExprKind::Let(at), ..) => self.refer(word, env.lets[*at].span),
            (ExprKind::Param(id), ..) => self.refer_symbol(word, Symbol::Param(*id)),
            (ExprKind::Define(id), ..) => self.refer_symbol(word, Symbol::Define(*id)),
            (ExprKind::Const(Value::Enum(at)), Type::Enum(id), _) => self.refer_variant(word, *id, *at),
            _ => {}
        }
    }

    fn refer_variant(&mut self, word: Span, id: EnumId, at: u8) {
        let declared = self.program.enums[id.index()].variants[at as usize].span;
        self.refer(word, declared);
    }

    fn lone_variant(&mut self, word: &ast::Word, owners: &[EnumId]) -> Option<Expr> {
        if let [only] = owners {
            return self.variant(*only, word);
        }
        let name = |id: &EnumId| self.program.enums[id.index()].head.name.clone();
        let list: Vec<String> = owners.iter().map(|id| format!("`{}.{}`", name(id), word.text)).collect();
        let message = format!("`{}` is a value of {} enums", word.text, owners.len());
        self.report(
            Diagnostic::new(&codes::AMBIGUOUS_VARIANT, word.span, message)
                .at("which one is not clear here")
                .note(format!("write {}", list.join(" or "))),
        );
        None
    }

    fn unknown(&mut self, env: &Env, word: &ast::Word) {
        let symbol = self.scopes.of(env.module).get(&word.text);
        if let Some(Symbol::Define(id)) = symbol
            && self.defines[id.index()].is_none()
        {
            return; // reported where it is defined
        }
        if let Some(Symbol::Param(id)) = symbol {
            // A param that is there, but without a value, is reported where it is declared.
            if self.program.params.get(id.index()).is_none() {
                self.report(param_too_early(word));
            }
            return;
        }
        if symbol.is_none() && self.broken_names.contains(&word.text) {
            return;
        }
        if env.record.is_none() && self.fields.iter().any(|fields| fields.contains_key(&word.text)) {
            self.report(field_in_constant(word));
            return;
        }
        let mut problem = match symbol {
            Some(symbol) => {
                let why = match (symbol, env.record) {
                    (Symbol::Define(_), _) => "it is defined for another kind of record",
                    (Symbol::Table(_), _) => "call it with its inputs: `table(a, b)`",
                    _ => "it cannot stand in an expression",
                };
                Diagnostic::new(
                    &codes::WRONG_KIND,
                    word.span,
                    format!("`{}` is {}, and a value is needed here", word.text, symbol.kind()),
                )
                .at(symbol.kind())
                .note(why)
            }
            None => {
                Diagnostic::new(&codes::UNKNOWN_NAME, word.span, format!("nothing is called `{}`", word.text))
                    .at("not known here")
            }
        };
        if symbol.is_none() {
            let names = self.candidates(env);
            problem = problem.suggest(&word.text, names.iter().map(String::as_str));
            problem = self.explain_unknown(env, word, problem);
        }
        self.report(problem);
    }

    fn candidates(&self, env: &Env) -> Vec<String> {
        let mut names: Vec<String> = env.lets.iter().flat_map(|item| item.spellings.clone()).collect();
        if let Some(record) = env.record {
            names.extend(self.fields[record.index()].keys().cloned());
        }
        names.extend(self.scopes.of(env.module).names().map(str::to_owned));
        names.extend(self.variant_owners.keys().cloned());
        names
    }

    fn explain_unknown(&self, env: &Env, word: &ast::Word, problem: Diagnostic) -> Diagnostic {
        let operators = crate::syntax::words::CHINESE_OPERATORS;
        let joined = operators
            .iter()
            .find(|op| word.text.contains(**op) && word.text.chars().count() > op.chars().count());
        if let Some(operator) = joined {
            return problem.note(format!(
                "Chinese words need a space between them: put one on each side of `{operator}`"
            ));
        }
        if env.record.is_none() {
            return problem.note("a constant is needed here: it cannot use the fields of a record");
        }
        let elsewhere = self.declared_in(&word.text);
        match elsewhere {
            Some(module) => self.with_use(problem, word, &module),
            None => problem,
        }
    }

    fn unary(
        &mut self,
        env: &Env,
        op: UnaryOp,
        inner: &ast::Expr,
        span: Span,
        hint: Option<&Type>,
    ) -> Option<Expr> {
        match op {
            UnaryOp::Not => {
                let test = self.condition(env, inner)?;
                Some(Expr::bool(ExprKind::Not(Box::new(test)), span))
            }
            UnaryOp::Known => {
                let value = self.infer(env, inner, None)?;
                Some(Expr::bool(ExprKind::Known(Box::new(value)), span))
            }
            UnaryOp::Minus | UnaryOp::Plus => {
                let mut value = self.infer(env, inner, hint)?;
                if value.ty.number().is_none() {
                    let found = self.type_name(&value.ty);
                    self.report(
                        Diagnostic::new(
                            &codes::TYPE_MISMATCH,
                            span,
                            format!("a number is needed, this is {found}"),
                        )
                        .at("a sign stands before a number only"),
                    );
                    return None;
                }
                if op == UnaryOp::Plus {
                    value.span = span;
                    return Some(value);
                }
                if let Some(number) = value.constant_number() {
                    return Some(Expr::value(Value::Number(number.neg()), value.ty.clone(), span));
                }
                let (range, decimals, ty) = (value.range.negate(), value.decimals, value.ty.clone());
                Some(Expr::number(ExprKind::Negate(Box::new(value)), ty, span, range, decimals))
            }
        }
    }

    fn if_then_else(
        &mut self,
        env: &Env,
        when: &ast::Expr,
        then: &ast::Expr,
        other: &ast::Expr,
        span: Span,
        hint: Option<&Type>,
    ) -> Option<Expr> {
        let when = self.condition(env, when);
        let values =
            self.alternatives(env, &[then, other], hint, "both sides of `if` give the same kind of value");
        let (when, mut values) = (when?, values?);
        let (other, then) = (values.pop()?, values.pop()?);
        let (ty, range, decimals) = joined([&then, &other]);
        let kind = ExprKind::If { when: Box::new(when), then: Box::new(then), other: Box::new(other) };
        Some(Expr::number(kind, ty, span, range, decimals))
    }

    /// Values of which one is taken: all of one type.
    fn alternatives(
        &mut self,
        env: &Env,
        exprs: &[&ast::Expr],
        hint: Option<&Type>,
        why: &str,
    ) -> Option<Vec<Expr>> {
        // A literal takes its type from its neighbours where it can.
        let first = exprs.iter().position(|expr| !self.takes_hint(env, expr)).unwrap_or(0);
        let lead = self.infer(env, exprs.get(first)?, hint);
        let ty = lead.as_ref().map(|lead| lead.ty.clone());
        let mut values = Vec::with_capacity(exprs.len());
        let mut sound = true;
        for (at, expr) in exprs.iter().enumerate() {
            let value = match (&lead, &ty) {
                (Some(lead), _) if at == first => Some(lead.clone()),
                (Some(_), Some(ty)) => self.expect(env, expr, ty, why),
                _ if at == first => None,
                _ => self.infer(env, expr, hint),
            };
            sound &= value.is_some();
            values.extend(value);
        }
        sound.then_some(values)
    }

    fn match_on(
        &mut self,
        env: &Env,
        on: &ast::Expr,
        arms: &[ast::Arm],
        span: Span,
        hint: Option<&Type>,
    ) -> Option<Expr> {
        let subject = self.infer(env, on, None)?;
        let Type::Enum(id) = subject.ty else {
            let found = self.type_name(&subject.ty);
            self.report(
                Diagnostic::new(
                    &codes::TYPE_MISMATCH,
                    on.span,
                    format!("`match` looks at an enum, this is {found}"),
                )
                .at(format!("this is {found}"))
                .note("use `if … then … else …` or a `table` for other values"),
            );
            return None;
        };
        let sets = self.arm_sets(id, arms, span)?;
        let bodies: Vec<&ast::Expr> = arms.iter().map(|arm| &arm.value).collect();
        let values =
            self.alternatives(env, &bodies, hint, "every case of `match` gives the same kind of value")?;
        let (ty, range, decimals) = joined(values.iter());
        let arms = sets.into_iter().zip(values).collect();
        Some(Expr::number(ExprKind::Match { on: Box::new(subject), arms }, ty, span, range, decimals))
    }

    fn arm_sets(&mut self, id: EnumId, arms: &[ast::Arm], span: Span) -> Option<Vec<VariantSet>> {
        let all = self.program.enums[id.index()].all();
        let mut seen: Vec<(VariantSet, Span)> = Vec::new();
        let mut covered = VariantSet::EMPTY;
        let mut sound = true;
        for arm in arms {
            let mut set = VariantSet::EMPTY;
            for (path, pattern_span) in &arm.patterns {
                let Some(Expr { kind: ExprKind::Const(Value::Enum(at)), .. }) = self.pattern(id, path) else {
                    sound = false;
                    continue;
                };
                if let Some((_, first)) = seen.iter().find(|(set, _)| set.contains(at)) {
                    let message = format!("`{}` stands in two cases of `match`", path[path.len() - 1].text);
                    let first = *first;
                    self.report(
                        Diagnostic::new(&codes::UNREACHABLE_ARM, *pattern_span, message)
                            .at("never reached")
                            .also(first, "taken here already"),
                    );
                    sound = false;
                }
                set.insert(at);
            }
            if arm.patterns.is_empty() {
                set = all.difference(covered);
                if set.is_empty() {
                    self.report(
                        Diagnostic::new(&codes::UNREACHABLE_ARM, arm.span, "`else` is never reached")
                            .at("every value is taken above")
                            .note("delete it, so that a value added to the enum later is not overlooked"),
                    );
                    sound = false;
                }
            }
            covered = covered.union(set);
            seen.push((set, arm.span));
        }
        let left = all.difference(covered);
        if sound && !left.is_empty() {
            let item = &self.program.enums[id.index()];
            let names: Vec<String> = left
                .iter()
                .map(|at| &item.variants[at as usize])
                .map(|v| if v.label == v.name { v.name.clone() } else { format!("{} {}", v.name, v.label) })
                .collect();
            let problem = Diagnostic::new(
                &codes::NOT_EXHAUSTIVE,
                span,
                format!("`match` says nothing for {}", names.join(", ")),
            )
            .at("a value is left out")
            .also(item.head.span, "the enum is declared here")
            .note("add a case for each, or `else => …` if all the rest are treated alike");
            let arms: Vec<String> =
                left.iter().map(|at| format!("{} => ?", item.variants[at as usize].name)).collect();
            let fix = Fix::add_to_block(span, self.sources.text(span), &arms);
            self.report(problem.or_fix(fix.span, fix.replacement));
            return None;
        }
        sound.then(|| seen.into_iter().map(|(set, _)| set).collect())
    }

    pub(super) fn pattern(&mut self, id: EnumId, path: &[ast::Word]) -> Option<Expr> {
        self.used.insert(Symbol::Enum(id));
        self.variant(id, path.last()?)
    }
}

/// The common type, and what any of several values can be.
pub(super) fn joined<'e>(values: impl IntoIterator<Item = &'e Expr>) -> (Type, Interval, Option<u32>) {
    let mut values = values.into_iter();
    let Some(first) = values.next() else { return (Type::Bool, Interval::any(), None) };
    let start = (first.ty.clone(), first.range.clone(), first.decimals);
    values.fold(start, |(ty, range, decimals), value| {
        let decimals = decimals.zip(value.decimals).map(|(a, b)| a.max(b));
        (ty, range.hull(&value.range), decimals)
    })
}

/// A parameter's decimals, with room for another value under `--set`; `None` where they never end.
fn param_decimals(param: &Param) -> Option<u32> {
    if let Some(open) = &param.open {
        return Some(open.decimals);
    }
    let decimals = param.steps.iter().map(|step| match &step.value {
        Value::Number(number) => number.decimals(),
        _ => Some(0),
    });
    decimals.collect::<Option<Vec<u32>>>()?.into_iter().max()
}

pub(super) fn misplaced(span: Span, what: &str) -> Diagnostic {
    Diagnostic::new(&codes::MISPLACED_RANGE, span, format!("{what} stands where a value is needed"))
        .at("only `in` takes a set or a range")
        .note("write `x in {a, b}` or `x in low..high`")
}

fn param_too_early(word: &ast::Word) -> Diagnostic {
    let message = format!("`{}` is a param, and a fixed value is needed here", word.text);
    Diagnostic::new(&codes::NOT_CONSTANT, word.span, message)
        .at("a param may change over time")
        .note("write the value itself")
}

fn field_in_constant(word: &ast::Word) -> Diagnostic {
    let message = format!("`{}` is a field, and a fixed value is needed here", word.text);
    Diagnostic::new(&codes::NOT_CONSTANT, word.span, message)
        .at("differs from record to record")
        .note("a constant is needed here: it cannot use the fields of a record")
}
