//! Checks parameters and their time lines, and the order in which defines are settled.

use super::amends::amended;
use super::checker::{Checker, Entry, Items, cite};
use super::expr::Env;
use super::scope::{self, ModuleRef, Symbol};
use super::typed::*;
use crate::diag::{Diagnostic, codes};
use crate::syntax::ast;
use crate::value::Value;

impl Checker<'_> {
    pub(super) fn params(&mut self, items: &Items<'_>) {
        for entry in &items.params {
            let before = self.literals.len();
            let id = ParamId(self.program.params.len() as u32);
            let fill = self.fills.get(&Symbol::Param(id)).map(|at| &items.fills[*at]);
            let param = match &entry.item.open {
                Some(open) => self.open_param(entry, open, fill),
                None => self.param(items, id, entry),
            };
            let literals = self.literals.split_off(before);
            let steps: Vec<Cite> = param.steps.iter().flat_map(|step| &step.cites).cloned().collect();
            if param.open.is_some() {
                // Bounds stand on the authority of the text that leaves it open, values on theirs who fill it in.
                let (bounds, values): (Vec<_>, Vec<_>) = literals.into_iter().partition(|(_, _, span)| {
                    entry.item.open.as_ref().is_some_and(|open| open.bounds(*span))
                });
                self.figure_slips(&param.head.cites, &bounds, false);
                self.figure_slips(&steps, &values, true);
            } else {
                self.figure_slips(&[param.head.cites.clone(), steps].concat(), &literals, true);
            }
            self.program.params.push(param);
        }
    }

    fn param(&mut self, items: &Items<'_>, id: ParamId, entry: &Entry<'_, ast::Param>) -> Param {
        let item = entry.item;
        let env = Env::constant(entry.module);
        let wanted = item.ty.as_ref().and_then(|ty| self.shape(entry.module, ty)).map(|shape| shape.ty);
        let mut steps = Vec::new();
        let mut ty = wanted.clone();
        if let Some(value) = &item.value {
            if let Some(first) = item.steps.first() {
                self.report(
                    Diagnostic::new(
                        &codes::BAD_TIME_LINE,
                        first.span,
                        "the param has a value and a time line",
                    )
                    .at("a step beside the value")
                    .also(value.span, "the value")
                    .note("give the value as the first step: `from DATE: VALUE`"),
                );
            }
            if let Some((value, found)) = self.param_value(&env, value, ty.as_ref()) {
                ty = ty.or(Some(found));
                let span = item.named.name.span;
                steps.push(ParamStep { force: Force::default(), value, cites: Vec::new(), span });
            }
        }
        for step in &item.steps {
            let from = self.date(&step.from.text, step.from.span);
            let until = step.until.as_ref().and_then(|word| self.date(&word.text, word.span));
            let value = self.param_value(&env, &step.value, ty.as_ref());
            let (Some(from), Some((value, found))) = (from, value) else { continue };
            ty = ty.or(Some(found));
            let cites = step.cites.iter().map(cite).collect();
            steps.push(ParamStep { force: Force { from: Some(from), until }, value, cites, span: step.span });
        }
        for (from, at) in self.amends_of(Symbol::Param(id)) {
            let amend = &items.amends[at];
            let env = Env::constant(amend.module);
            let value =
                amend.item.value.as_ref().and_then(|value| self.param_value(&env, value, ty.as_ref()));
            let Some((value, _)) = value else { continue };
            let (cites, span) = (amend.item.cites.iter().map(cite).collect(), amend.item.target.span);
            steps.push(ParamStep { force: Force { from: Some(from), until: None }, value, cites, span });
        }
        self.time_line(&steps);
        let name = &item.named.name;
        if item.value.is_none() && item.steps.is_empty() {
            self.report(
                Diagnostic::new(&codes::BAD_TIME_LINE, name.span, format!("`{}` has no value", name.text))
                    .at("no value")
                    .note("write `= VALUE`, or `{ from DATE: VALUE }` where it changed over time"),
            );
        }
        Param {
            head: self.head(entry.module, entry.docs, &item.named, &item.cites),
            ty: ty.unwrap_or_else(Type::plain),
            steps,
            open: None,
        }
    }

    fn param_value(&mut self, env: &Env, expr: &ast::Expr, wanted: Option<&Type>) -> Option<(Value, Type)> {
        let typed = match wanted {
            Some(ty) => self.expect(env, expr, ty, "every value of the param is of the same kind")?,
            None => self.infer(env, expr, None)?,
        };
        let value = self.constant_value(&typed)?;
        Some((value, typed.ty))
    }

    /// The value of a typed expression that must be a constant.
    pub(super) fn constant_value(&mut self, typed: &Expr) -> Option<Value> {
        let value = typed.constant().cloned();
        if value.is_none() {
            self.report(
                Diagnostic::new(&codes::NOT_CONSTANT, typed.span, "a constant is needed here")
                    .at("depends on what may change: a param, a record or the date")
                    .note("write the value itself; what is computed stands in a `define` or in a measure"),
            );
        }
        value
    }

    /// Steps follow each other: each begins after the one before and, where that one ends, not before its end.
    pub(super) fn time_line(&mut self, steps: &[ParamStep]) {
        for pair in steps.windows(2) {
            let (before, after) = (&pair[0], &pair[1]);
            let late = match (before.force.from, after.force.from) {
                (Some(first), Some(second)) => {
                    second <= first || before.force.until.is_some_and(|end| second < end)
                }
                _ => false,
            };
            if late {
                self.report(
                    Diagnostic::new(
                        &codes::BAD_TIME_LINE,
                        after.span,
                        "the steps of a time line follow each other",
                    )
                    .at("does not begin after the step before")
                    .also(before.span, "the step before")
                    .note("order the steps by date, the oldest first"),
                );
            }
        }
    }

    pub(super) fn check_defines(&mut self, items: &Items<'_>) {
        for at in self.define_order(items) {
            let before = self.literals.len();
            let define = self.define(items, at);
            let literals = self.literals.split_off(before);
            if let Some(define) = &define {
                self.figure_slips(&define.head.cites.clone(), &literals, false);
                self.note_across(DefineId(at as u32), &define.body.clone());
            }
            self.defines[at] = define;
        }
        self.program.defines = self.finish_defines(items);
    }

    fn define(&mut self, items: &Items<'_>, at: usize) -> Option<Define> {
        let entry = &items.defines[at];
        let record = self.record_named(entry.module, &entry.item.record)?;
        for (at, (name, span)) in scope::spellings(&entry.item.named).into_iter().enumerate() {
            if let Some(field) = self.fields[record.index()].get(name) {
                let first = self.program.records[record.index()].fields[field.index()].span;
                self.report(scope::duplicate(name, span, first, at > 0));
            }
        }
        let fill = self.fills.get(&Symbol::Define(DefineId(at as u32))).map(|at| &items.fills[*at]);
        let wanted = match &entry.item.ty {
            Some(ty) => Some(self.shape(entry.module, ty)?.ty),
            None => None,
        };
        let body = match (body_of(items, &self.fills, at), &wanted) {
            (Some((body, module)), wanted) => {
                let env = Env::record(module, record);
                match wanted {
                    Some(ty) => self.expect(&env, body, ty, "the define says that it is of this kind")?,
                    None => self.infer(&env, body, None)?,
                }
            }
            (None, Some(ty)) => {
                if let Some(fill) = fill {
                    self.fill_says_nothing(&fill.item.target);
                }
                Expr::new(ExprKind::Unfilled(DefineId(at as u32)), ty.clone(), entry.item.named.name.span)
            }
            (None, None) => return None,
        };
        let body = match fill {
            Some(fill) => self.filled_from(DefineId(at as u32), fill, body),
            None => self.amended_body(items, DefineId(at as u32), record, body)?,
        };
        let open = entry.item.open.as_ref().map(|open| Open {
            by: open.by.as_ref().map(|by| by.text.clone()),
            least: None,
            most: None,
            decimals: 0,
        });
        let filled = fill.map_or_else(Vec::new, |fill| fill.item.cites.iter().map(cite).collect());
        let head = self.head(entry.module, entry.docs, &entry.item.named, &entry.item.cites);
        Some(Define { head, record, body, open, filled })
    }

    /// What is filled in holds from the first day of the policy that fills it in; before, it is open.
    fn filled_from(&self, id: DefineId, fill: &Entry<'_, ast::Fill>, body: Expr) -> Expr {
        let policy = self.policies[fill.module.set].as_ref();
        let (Some(from), false) = (policy.and_then(|policy| policy.force.from), body.is_unfilled()) else {
            return body;
        };
        let open = Expr::new(ExprKind::Unfilled(id), body.ty.clone(), body.span);
        amended(from, body, open, &fill.item.cites)
    }

    /// Every define keeps its number; a broken one becomes a constant that nothing sound refers to.
    fn finish_defines(&mut self, items: &Items<'_>) -> Vec<Define> {
        let defines = std::mem::take(&mut self.defines);
        let list = defines.iter().zip(&items.defines).map(|(define, entry)| {
            define.clone().unwrap_or_else(|| Define {
                head: self.head(entry.module, entry.docs, &entry.item.named, &entry.item.cites),
                record: RecordId(0),
                body: Expr::value(Value::Bool(false), Type::Bool, entry.item.named.name.span),
                open: None,
                filled: Vec::new(),
            })
        });
        let list = list.collect();
        self.defines = defines;
        list
    }

    /// Defines in an order in which each follows what it uses; circles are reported and left out.
    fn define_order(&mut self, items: &Items<'_>) -> Vec<usize> {
        let uses: Vec<Vec<usize>> = (0..items.defines.len()).map(|at| self.defines_used(items, at)).collect();
        let mut waiting: Vec<usize> = uses.iter().map(Vec::len).collect();
        let mut users: Vec<Vec<usize>> = vec![Vec::new(); uses.len()];
        for (at, used) in uses.iter().enumerate() {
            used.iter().for_each(|other| users[*other].push(at));
        }
        let mut order: Vec<usize> = (0..uses.len()).filter(|at| waiting[*at] == 0).collect();
        let mut next = 0;
        while let Some(&at) = order.get(next) {
            next += 1;
            for &user in &users[at] {
                waiting[user] -= 1;
                if waiting[user] == 0 {
                    order.push(user);
                }
            }
        }
        self.report_cycles(items, &uses, &waiting);
        order
    }

    /// Every define that still waits uses one that waits too, so a walk from it comes back to where it was.
    fn report_cycles(&mut self, items: &Items<'_>, uses: &[Vec<usize>], waiting: &[usize]) {
        let mut walk_of = vec![None; uses.len()];
        for start in (0..uses.len()).filter(|at| waiting[*at] > 0) {
            let mut path = Vec::new();
            let mut at = start;
            while walk_of[at].is_none() {
                walk_of[at] = Some(start);
                path.push(at);
                at = uses[at].iter().copied().find(|other| waiting[*other] > 0).unwrap_or(at);
            }
            // A walk that runs into an earlier one finds no new circle.
            if walk_of[at] == Some(start) {
                let first = path.iter().position(|other| *other == at).unwrap_or(0);
                self.report_cycle(items, &path[first..]);
            }
        }
    }

    fn report_cycle(&mut self, items: &Items<'_>, circle: &[usize]) {
        let name = |at: usize| &items.defines[at].item.named.name;
        let names: Vec<String> = circle.iter().map(|at| format!("`{}` → ", name(*at).text)).collect();
        let mut problem = Diagnostic::new(
            &codes::CYCLE,
            name(circle[0]).span,
            format!(
                "definitions depend on each other in a circle: {}`{}`",
                names.concat(),
                name(circle[0]).text
            ),
        )
        .at("needs itself");
        for other in circle.iter().skip(1).take(5) {
            problem = problem.also(name(*other).span, "is part of the circle");
        }
        self.report(problem.note("a definition may use only what can be settled before it"));
    }

    fn defines_used(&self, items: &Items<'_>, at: usize) -> Vec<usize> {
        let entry = &items.defines[at];
        let Some((body, module)) = body_of(items, &self.fills, at) else { return Vec::new() };
        let scope = self.scopes.of(module);
        let record = |name: &str| match scope.get(name)? {
            Symbol::Record(id) => Some(id),
            _ => None,
        };
        let own = self.scopes.of(entry.module).get(&entry.item.record.text);
        let own = own.and_then(|symbol| if let Symbol::Record(id) = symbol { Some(id) } else { None });
        let mut used: Vec<usize> = Vec::new();
        let mut waiting = vec![(body, own)];
        while let Some((expr, on)) = waiting.pop() {
            // A field of the record is nearer than a define of its name.
            let fields = on.and_then(|record| self.fields.get(record.index()));
            let is_field = |name: &str| fields.is_some_and(|fields| fields.contains_key(name));
            for name in expr.names() {
                if let Some(Symbol::Define(id)) = scope.get(&name.text).filter(|_| !is_field(&name.text)) {
                    used.push(id.index());
                }
            }
            let mut inner = on;
            match &expr.kind {
                ast::ExprKind::Path(path) if path.len() == 2 => {
                    let owner = record(&path[0].text);
                    used.extend(
                        owner.into_iter().flat_map(|owner| defines_of(items, &self.scopes, owner, &path[1])),
                    );
                }
                ast::ExprKind::Aggregate(aggregate) => {
                    inner = aggregate.over.as_ref().and_then(|over| record(&over.text)).or(on);
                }
                _ => {}
            }
            expr.each_part(&mut |part| waiting.push((part, inner)));
        }
        used.sort_unstable();
        used.dedup();
        used
    }
}

/// The defines of a record that go by a name.
fn defines_of<'i>(
    items: &'i Items<'_>,
    scopes: &'i super::scope::Scopes,
    record: RecordId,
    name: &'i ast::Word,
) -> impl Iterator<Item = usize> {
    items.defines.iter().enumerate().filter_map(move |(at, entry)| {
        let on = scopes.of(entry.module).get(&entry.item.record.text);
        let spelled = || super::scope::spellings(&entry.item.named).iter().any(|(own, _)| *own == name.text);
        (on == Some(Symbol::Record(record)) && spelled()).then_some(at)
    })
}

/// The body of a define, its own or what fills it in, and the module whose names it uses.
fn body_of<'i>(
    items: &Items<'i>,
    fills: &std::collections::BTreeMap<Symbol, usize>,
    at: usize,
) -> Option<(&'i ast::Expr, ModuleRef)> {
    let entry = &items.defines[at];
    let fill = || {
        let fill = &items.fills[*fills.get(&Symbol::Define(DefineId(at as u32)))?];
        Some((fill.item.value.as_ref()?, fill.module))
    };
    entry.item.body.as_ref().map(|body| (body, entry.module)).or_else(fill)
}
