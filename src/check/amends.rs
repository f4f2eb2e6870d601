//! What a later text changes in an earlier one, from a day on: both stay, and the date of evaluation decides.

use std::collections::BTreeMap;

use super::checker::{Checker, Entry, Items, cite, label_of};
use super::expr::Env;
use super::scope::Symbol;
use super::show::{Language, Names, show_expr};
use super::typed::*;
use crate::diag::{Diagnostic, codes};
use crate::source::Span;
use crate::syntax::ast;
use crate::value::{Date, Value};

impl Checker<'_> {
    /// Finds what each `amend` changes; those of one item in the order of their days.
    pub(super) fn match_amends(&mut self, items: &Items<'_>) {
        for (at, entry) in items.amends.iter().enumerate() {
            let item = entry.item;
            let symbol = self.symbol(entry.module, &item.target, "a param, define or measure");
            let (Some(symbol), Some(from)) = (symbol, self.date(&item.from.text, item.from.span)) else {
                continue;
            };
            let open = match symbol {
                Symbol::Param(id) => items.params[id.index()].item.open.is_some(),
                Symbol::Define(id) => items.defines[id.index()].item.open.is_some(),
                Symbol::Measure(_) => false,
                other => {
                    self.wrong_kind(&item.target, other, "a param, define or measure");
                    continue;
                }
            };
            if open {
                self.bad_amend(
                    item.target.span,
                    "what is left open is filled in, not amended",
                    "write `fill` in place of `amend`",
                );
                continue;
            }
            let is_measure = matches!(symbol, Symbol::Measure(_));
            if is_measure == item.value.is_some() {
                let (message, note) = if is_measure {
                    ("a measure has no value", "say what changes: `amend m from DATE { require …  pay … }`")
                } else {
                    ("there is no new value", "write `amend x from DATE = VALUE`")
                };
                self.bad_amend(item.target.span, message, note);
                continue;
            }
            self.amends.entry(symbol).or_default().push((from, at));
            if item.cites.is_empty() && self.input.sets.iter().any(|set| !set.sources.is_empty()) {
                let message = format!("nothing says on whose authority `{}` is amended", item.target.text);
                self.report(
                    Diagnostic::new(&codes::NO_CITATION, item.target.span, message)
                        .at("on whose authority?")
                        .note("add `cite SOURCE art N \"words of the article\"`"),
                );
            }
        }
        for list in self.amends.values_mut() {
            list.sort_unstable();
        }
    }

    pub(super) fn bad_amend(&mut self, span: Span, message: impl Into<String>, note: &str) {
        self.report(Diagnostic::new(&codes::BAD_AMEND, span, message).at("amended here").note(note));
    }

    pub(super) fn amends_of(&self, symbol: Symbol) -> Vec<(Date, usize)> {
        self.amends.get(&symbol).cloned().unwrap_or_default()
    }

    /// The body of a define, as later texts change it.
    pub(super) fn amended_body(
        &mut self,
        items: &Items<'_>,
        id: DefineId,
        record: RecordId,
        body: Expr,
    ) -> Option<Expr> {
        let mut body = body;
        for (from, at) in self.amends_of(Symbol::Define(id)) {
            let entry = &items.amends[at];
            let env = Env::record(entry.module, record);
            let now = self.expect(
                &env,
                entry.item.value.as_ref()?,
                &body.ty,
                "the new value is of the kind of the old one",
            )?;
            body = amended(from, now, body, &entry.item.cites);
        }
        Some(body)
    }

    /// Carries out the amendments of a measure.
    pub(super) fn amend_measure(
        &mut self,
        items: &Items<'_>,
        id: MeasureId,
        env: &Env,
        measure: &mut Measure,
    ) -> Option<()> {
        for (from, at) in self.amends_of(Symbol::Measure(id)) {
            let entry = &items.amends[at];
            let env = Env { module: entry.module, ..env.clone() };
            self.amend_once(entry, from, &env, measure)?;
        }
        Some(())
    }

    fn amend_once(
        &mut self,
        entry: &Entry<'_, ast::Amend>,
        from: Date,
        env: &Env,
        measure: &mut Measure,
    ) -> Option<()> {
        let item = entry.item;
        if measure.kind != MeasureKind::Measure {
            self.bad_amend(
                item.target.span,
                format!("{} cannot be amended", measure.kind.words()),
                "let it end with `until`, and write another",
            );
            return None;
        }
        measure.head.cites.extend(item.cites.iter().map(cite));
        if let Some(force) = &item.force {
            if let Some(word) = &force.from {
                self.bad_amend(
                    word.span,
                    "a measure keeps its first day",
                    "only its end can be amended: `in force until DATE`",
                );
            }
            if let Some(until) = &force.until {
                measure.force.until = self.date(&until.text, until.span).or(measure.force.until);
            }
        }
        for word in &item.drops {
            self.drop_condition(word, from, &item.cites, measure);
        }
        let mut names = BTreeMap::new();
        for (new, exception) in [(&item.requires, false), (&item.excepts, true)] {
            let conditions = self.conditions(env, new, &mut names)?;
            for condition in conditions {
                self.amend_condition(condition, exception, from, &item.cites, measure);
            }
        }
        for choice in &item.choices {
            for branch in &choice.branches {
                self.amend_branch(env, branch, from, &item.cites, measure)?;
            }
        }
        for benefit in &item.benefits {
            let new = self.benefit(env, benefit)?;
            let Some(old) = measure.benefits.iter_mut().find(|old| old.name == new.name) else {
                self.bad_amend(
                    benefit.named.name.span,
                    format!("`{}` gives no `{}`", measure.head.name, new.name),
                    "a new benefit is a measure of its own; one of an alternative is amended in `one of { … }`",
                );
                return None;
            };
            let declared = old.span;
            let result = amend_benefit(old, new, from, &item.cites);
            self.refer(benefit.named.name.span, declared);
            self.note_benefit(result, benefit)?;
        }
        Some(())
    }

    fn note_benefit(&mut self, done: bool, benefit: &ast::Benefit) -> Option<()> {
        if !done {
            self.bad_amend(
                benefit.named.name.span,
                format!("`{}` becomes another kind of benefit", benefit.named.name.text),
                "an amendment keeps the kind of a benefit and the type of its amount; otherwise end the measure and write another",
            );
        }
        done.then_some(())
    }

    fn amend_condition(
        &mut self,
        new: Condition,
        exception: bool,
        from: Date,
        cites: &[ast::Cite],
        measure: &mut Measure,
    ) {
        let mut replaced = None;
        let list = if exception { &mut measure.excepts } else { &mut measure.requires };
        match list.iter_mut().find(|old| old.name == new.name) {
            Some(old) => {
                replaced = Some((new.span, old.span));
                let before = old.test.clone();
                old.test = with_cites(amended(from, new.test, before, cites), &new.cites);
                if new.label != new.name {
                    old.label = new.label;
                }
            }
            None => {
                let before = Expr::value(Value::Bool(!exception), Type::Bool, new.span);
                let test = with_cites(amended(from, new.test, before, cites), &new.cites);
                list.push(Condition { test, cites: Vec::new(), ..new });
            }
        }
        replaced.into_iter().for_each(|(word, declared)| self.refer(word, declared));
    }

    fn drop_condition(&mut self, word: &ast::Word, from: Date, cites: &[ast::Cite], measure: &mut Measure) {
        let named = |name: &str, label: &str| name == word.text || label == word.text;
        let requires = measure.requires.iter_mut().map(|own| (own, true));
        let mut conditions = requires.chain(measure.excepts.iter_mut().map(|own| (own, false)));
        if let Some((old, truth)) = conditions.find(|(own, _)| named(&own.name, &own.label)) {
            let now = Expr::value(Value::Bool(truth), Type::Bool, word.span);
            old.test = amended(from, now, old.test.clone(), cites);
            let declared = old.span;
            self.refer(word.span, declared);
            return;
        }
        let branches = measure.choice.iter_mut().flat_map(|choice| &mut choice.branches);
        if let Some(Branch { when: Some(when), span, .. }) =
            branches.into_iter().find(|own| named(&own.name, &own.label))
        {
            let now = Expr::value(Value::Bool(false), Type::Bool, word.span);
            *when = amended(from, now, when.clone(), cites);
            let declared = *span;
            self.refer(word.span, declared);
            return;
        }
        let message = format!("`{}` has no condition `{}` to drop", measure.head.name, word.text);
        self.bad_amend(word.span, message, "name a condition, an exception or an alternative of the measure");
    }

    fn amend_branch(
        &mut self,
        env: &Env,
        item: &ast::Branch,
        from: Date,
        cites: &[ast::Cite],
        measure: &mut Measure,
    ) -> Option<()> {
        let new = self.branch(env, item)?;
        let Some(choice) = &mut measure.choice else {
            self.bad_amend(
                item.span,
                format!("`{}` has no alternatives", measure.head.name),
                "amend its conditions and benefits",
            );
            return None;
        };
        let Some(old) = choice.branches.iter_mut().find(|old| old.name == new.name) else {
            let Some(when) = new.when else {
                self.bad_amend(
                    item.span,
                    "`else` cannot be added",
                    "write the condition of the new alternative",
                );
                return None;
            };
            let before = Expr::value(Value::Bool(false), Type::Bool, item.span);
            let when = Some(with_cites(amended(from, when, before, cites), &new.cites));
            let label = label_of(&item.named);
            let at =
                choice.branches.iter().position(|own| own.when.is_none()).unwrap_or(choice.branches.len());
            choice.branches.insert(at, Branch { when, label, cites: Vec::new(), ..new });
            return Some(());
        };
        if old.refuse != new.refuse || old.when.is_none() != new.when.is_none() {
            self.bad_amend(
                item.span,
                format!("`{}` becomes another kind of alternative", new.name),
                "drop it, and add another",
            );
            return None;
        }
        if let (Some(before), Some(now)) = (old.when.take(), new.when) {
            // What is written again unchanged is not amended.
            let names = Names {
                program: &self.program,
                record: measure.record,
                lets: &measure.lets,
                language: Language::default(),
            };
            let same = show_expr(names, &now) == show_expr(names, &before);
            old.when =
                Some(if same { before } else { with_cites(amended(from, now, before, cites), &new.cites) });
        }
        let mut named = vec![(item.named.name.span, old.span)];
        let mut sound = Vec::new();
        for (benefit, written) in new.benefits.into_iter().zip(&item.benefits) {
            let own = old.benefits.iter_mut().find(|own| own.name == benefit.name);
            named.extend(own.as_ref().map(|own| (written.named.name.span, own.span)));
            let done = own.is_some_and(|own| amend_benefit(own, benefit, from, cites));
            sound.push((done, written));
        }
        named.into_iter().for_each(|(word, declared)| self.refer(word, declared));
        sound.into_iter().try_for_each(|(done, written)| self.note_benefit(done, written))
    }
}

/// The new expression from a day on, the old one before.
pub(super) fn amended(from: Date, now: Expr, before: Expr, cites: &[ast::Cite]) -> Expr {
    let (ty, range, decimals) = super::expr::joined([&now, &before]);
    let (span, cites) = (now.span, cites.iter().map(cite).collect());
    let kind = ExprKind::Amended { from, now: Box::new(now), before: Box::new(before), cites };
    Expr::number(kind, ty, span, range, decimals)
}

fn with_cites(mut expr: Expr, more: &[Cite]) -> Expr {
    if let ExprKind::Amended { cites, .. } = &mut expr.kind {
        cites.extend(more.iter().cloned());
    }
    expr
}

/// Whether the new benefit is of the kind of the old one, which then changes on the day.
fn amend_benefit(old: &mut Benefit, new: Benefit, from: Date, cites: &[ast::Cite]) -> bool {
    if old.kind != new.kind || old.ty != new.ty || old.months.is_some() != new.months.is_some() {
        return false;
    }
    let join = |now: Expr, before: Expr| with_cites(amended(from, now, before, cites), &new.cites);
    let ends = |amount: Amount| match amount {
        Amount::Flag => None,
        Amount::Exact(value) => Some((value.clone(), Some(value))),
        Amount::Range { least, most } => Some((least, most)),
    };
    old.amount = match (new.amount, old.amount.clone()) {
        (Amount::Flag, before) => before,
        (Amount::Exact(now), Amount::Exact(before)) => Amount::Exact(join(now, before)),
        (now, before) => match (ends(now), ends(before)) {
            (Some((least, most)), Some((low, high))) if most.is_some() == high.is_some() => Amount::Range {
                least: join(least, low),
                most: most.zip(high).map(|(now, before)| join(now, before)),
            },
            _ => return false,
        },
    };
    old.months = new.months.zip(old.months.take()).map(|(now, before)| join(now, before));
    old.rounding = old.rounding.take().or(new.rounding);
    old.decimals = old.decimals.max(new.decimals);
    true
}
