//! What an answer uses: parameters on the day, `let`s, defines, and the rows of tables that were hit.

use std::collections::{BTreeSet, VecDeque};

use crate::check::show::let_label;
use crate::check::typed::{Benefit, DefineId, Expr, ExprKind, MeasureKind, ParamId, Type};
use crate::explain::Derived;
use crate::explain::explainer::View;
use crate::value::Fact;

/// Something named that has been told already.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Told {
    Param(ParamId),
    Define(DefineId),
    Let(usize),
    Table(*const Expr),
}

impl View<'_> {
    pub(super) fn derived(&self) -> Vec<Derived> {
        self.follow(self.asked(), BTreeSet::new())
    }

    /// A define itself, and what it rests on.
    pub(super) fn derived_of(&self, id: DefineId) -> Vec<Derived> {
        let body = &self.program().defines[id.index()].body;
        let mut told = BTreeSet::from([Told::Define(id)]);
        let own = self.define(id, self.fact_words(&body.ty, self.fact(body)), &mut told);
        let mut derived = vec![own];
        derived.extend(self.follow(VecDeque::from([body]), told));
        derived
    }

    fn follow<'e>(&'e self, mut waiting: VecDeque<&'e Expr>, mut told: BTreeSet<Told>) -> Vec<Derived> {
        let mut derived = Vec::new();
        while let Some(expr) = waiting.pop_front() {
            expr.walk_on(self.source.record, &mut |part| {
                if let Some((step, next)) = self.step(part, &mut told) {
                    derived.push(step);
                    waiting.extend(next);
                }
            });
        }
        derived
    }

    /// The expressions that bear on the answer: all tests, and the amounts of branches that are not ruled out.
    fn asked(&self) -> VecDeque<&Expr> {
        let mut asked = VecDeque::new();
        let measure = self.source;
        let conditions = measure.requires.iter().chain(&measure.excepts).chain(&measure.checks);
        asked.extend(conditions.map(|condition| &condition.test));
        asked.extend(&measure.due);
        let branches = measure.choice.iter().flat_map(|choice| &choice.branches);
        let mut benefits: Vec<&Benefit> = measure.benefits.iter().collect();
        for branch in branches {
            if measure.kind == MeasureKind::Measure {
                asked.extend(&branch.when);
            }
            let ruled_out = branch.when.as_ref().is_some_and(|when| self.fact(when).is_false());
            benefits.extend(branch.benefits.iter().filter(|_| !ruled_out));
        }
        benefits.into_iter().for_each(|benefit| asked.extend(benefit.exprs()));
        asked
    }

    /// How a named part of an expression got its value, and the expression behind it.
    fn step<'e>(&'e self, part: &'e Expr, told: &mut BTreeSet<Told>) -> Option<(Derived, Option<&'e Expr>)> {
        let program = self.program();
        match &part.kind {
            ExprKind::Param(id) | ExprKind::Bound { param: id, .. } if told.insert(Told::Param(*id)) => {
                Some((self.param(*id, part), None))
            }
            ExprKind::Define(id) if told.insert(Told::Define(*id)) => {
                Some((self.define(*id, self.found(part), told), Some(&program.defines[id.index()].body)))
            }
            ExprKind::Let(at) if told.insert(Told::Let(*at)) => {
                let own = self.source.lets.get(*at)?;
                let steps = self.derivation(&own.value);
                let derived =
                    Derived { label: let_label(own), value: self.found(part), steps, cites: vec![] };
                Some((derived, Some(&own.value)))
            }
            ExprKind::Table { table, .. } if told.insert(Told::Table(std::ptr::from_ref(part))) => {
                let table = self.table(*table);
                let cites = self.cites(&table.head.cites);
                let steps = self.hits(part).into_iter().collect();
                Some((
                    Derived { label: table.head.label.clone(), value: self.found(part), steps, cites },
                    None,
                ))
            }
            _ => None,
        }
    }

    fn define(&self, id: DefineId, value: String, told: &mut BTreeSet<Told>) -> Derived {
        let define = &self.program().defines[id.index()];
        let mut steps = self.derivation(&define.body);
        let mut cites = self.cites(&define.head.cites);
        cites.extend(self.cites(&define.filled));
        if let ExprKind::Table { table, .. } = &define.body.kind {
            told.insert(Told::Table(std::ptr::from_ref(&define.body)));
            steps.extend(self.hits(&define.body));
            for cite in self.cites(&self.table(*table).head.cites) {
                if !cites.contains(&cite) {
                    cites.push(cite);
                }
            }
        }
        Derived { label: define.head.label.clone(), value, steps, cites }
    }

    fn param(&self, id: ParamId, part: &Expr) -> Derived {
        let param = &self.program().params[id.index()];
        let step = param.step_at(self.inputs.as_of());
        let mut cites = step.map(|step| self.cites(&step.cites)).unwrap_or_default();
        if cites.is_empty() {
            cites = self.cites(&param.head.cites);
        }
        let value = match &param.open {
            Some(open) if self.inputs.is_open(id) => self.open_words(&param.ty, open),
            _ => self.fact_words(&part.ty, self.inputs.param(id)),
        };
        // Where it changed over time, what held before and what holds later is told with its authority.
        let others = param.steps.iter().filter(|own| Some(own.span) != step.map(|step| step.span));
        let mut steps = Vec::new();
        for other in others.filter(|_| param.open.is_none()) {
            let (start, end) = self.words().from_day;
            let from = other.force.from.map_or(String::new(), |from| format!("{start}{from}{end}"));
            let from = if from.is_empty() { self.words().at_first.to_owned() } else { from };
            steps.push(format!("{from}{}{}", self.words().colon, self.value(&param.ty, &other.value)));
            let own = self.cites(&other.cites);
            cites.extend(own.into_iter().filter(|cite| !cites.contains(cite)).collect::<Vec<_>>());
        }
        Derived { label: param.head.label.clone(), value, steps, cites }
    }

    fn found(&self, part: &Expr) -> String {
        self.fact_words(&part.ty, self.fact(part))
    }

    /// The formula, and the formula with values.
    fn derivation(&self, body: &Expr) -> Vec<String> {
        let (body, others) = self.in_force(body);
        let mut steps = self.formula(body);
        steps.extend(others.iter().map(|other| other.words(self)));
        steps
    }

    fn formula(&self, body: &Expr) -> Vec<String> {
        let words = self.words();
        let (formula, values) = (self.expr(body), self.expr_with_values(body));
        // A bare name has its value beside it, a table its row.
        let told = matches!(body.kind, ExprKind::Table { .. } | ExprKind::Field(_) | ExprKind::Param(_));
        if matches!(body.ty, Type::Number(_) | Type::Date | Type::Time) && !told && formula != values {
            return vec![format!("{}{formula}", words.formula), format!("{}{values}", words.with_values)];
        }
        vec![format!("{}{formula}", words.formula)]
    }

    /// Which row of a called table decided, or which may.
    fn hits(&self, call: &Expr) -> Option<String> {
        let ExprKind::Table { table, .. } = &call.kind else { return None };
        let (table, words) = (self.table(*table), self.words());
        let facts = self.row_facts(call);
        let first = facts.iter().position(|fact| fact.is_true());
        let before = &facts[..first.unwrap_or(facts.len())];
        let mut open: Vec<usize> = before
            .iter()
            .enumerate()
            .filter(|(_, fact)| matches!(fact, Fact::Missing(_)))
            .map(|(at, _)| at)
            .collect();
        Some(match first {
            Some(at) if open.is_empty() => {
                format!("{}{}{}{}{}", words.row, at + 1, words.row_after, words.colon, self.row(table, at))
            }
            None if open.is_empty() => words.no_row.to_owned(),
            last => {
                open.extend(last);
                let rows: Vec<String> =
                    open.iter().map(|at| format!("{} ({})", at + 1, self.row(table, *at))).collect();
                format!("{}{}", words.rows_open, rows.join(words.list))
            }
        })
    }
}
