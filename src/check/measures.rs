//! Checks measures: conditions, alternatives, benefits and their amounts.

use std::collections::BTreeMap;

use super::checker::{Checker, Entry, Items, cite, label_of};
use super::expr::{Env, LetName};
use super::scope;
use super::typed::*;
use crate::diag::{Diagnostic, codes};
use crate::source::Span;
use crate::syntax::ast;

impl Checker<'_> {
    /// `None`: given up, since `wanted` was false.
    pub(super) fn check_measures(&mut self, items: &Items<'_>, wanted: &dyn Fn() -> bool) -> Option<()> {
        let mut places: BTreeMap<(usize, &str), Span> = BTreeMap::new();
        for entry in &items.measures {
            if !wanted() {
                return None;
            }
            let name = &entry.item.named.name;
            if let Some(first) = places.insert((entry.module.set, &name.text), name.span) {
                let both_here = self.sources.file(first.file).path == self.sources.file(name.span.file).path;
                if !both_here {
                    self.problems.push(scope::duplicate(&name.text, name.span, first, false));
                }
            }
            let before = self.literals.len();
            let record = self.record_named(entry.module, &entry.item.record);
            let measure = record.and_then(|record| self.measure(items, entry, record));
            let literals = self.literals.split_off(before);
            if let Some(measure) = &measure {
                let cites: Vec<Cite> = measure.all_cites().into_iter().cloned().collect();
                self.figure_slips(&cites, &literals, false);
            }
            let broken = |checker: &Self| Measure {
                kind: entry.item.kind,
                checks: Vec::new(),
                due: None,
                head: checker.head(entry.module, entry.docs, &entry.item.named, &entry.item.cites),
                record: record.unwrap_or(RecordId(0)),
                force: Force::default(),
                lets: Vec::new(),
                requires: Vec::new(),
                excepts: Vec::new(),
                choice: None,
                benefits: Vec::new(),
            };
            // A broken measure keeps its number, so that cases still find their own.
            let measure = measure.unwrap_or_else(|| broken(self));
            self.program.measures.push(measure);
        }
        Some(())
    }

    fn measure(
        &mut self,
        items: &Items<'_>,
        entry: &Entry<'_, ast::Measure>,
        record: RecordId,
    ) -> Option<Measure> {
        let item = entry.item;
        let mut env = Env::record(entry.module, record);
        let lets = self.lets(&mut env, &item.lets);
        let mut names = BTreeMap::new();
        let requires = self.conditions(&env, &item.requires, &mut names);
        let excepts = self.conditions(&env, &item.excepts, &mut names);
        let checks = self.conditions(&env, &item.checks, &mut names);
        let choice = self.choice(&env, item);
        let benefits: Vec<Option<Benefit>> =
            item.benefits.iter().map(|benefit| self.benefit(&env, benefit)).collect();
        let mut force = self.force(&item.force);
        let policy = self.policies[entry.module.set].as_ref().map(|policy| policy.force).unwrap_or_default();
        force.from = force.from.or(policy.from);
        force.until = force.until.or(policy.until);
        let (mut due, mut choice, checks) = (None, choice?, checks?);
        let mut benefits = benefits.into_iter().collect::<Option<_>>()?;
        if item.kind != MeasureKind::Measure {
            let (day, outcomes) = self.outcomes(&env, item, &checks, std::mem::take(&mut benefits))?;
            (due, choice) = (day, Some(outcomes));
        }
        let mut measure = Measure {
            kind: item.kind,
            checks,
            due,
            head: self.head(entry.module, entry.docs, &item.named, &item.cites),
            record,
            force,
            lets: lets?,
            requires: requires?,
            excepts: excepts?,
            choice,
            benefits,
        };
        let id = MeasureId(self.program.measures.len() as u32);
        self.amend_measure(items, id, &env, &mut measure)?;
        if let Some(choice) = measure.choice.as_mut().filter(|_| measure.kind == MeasureKind::Measure) {
            self.choice_logic(&measure.lets, choice);
        }
        if measure.kind == MeasureKind::Measure {
            self.measure_gives(&measure);
        }
        self.one_meaning_for_each_benefit(&measure);
        self.constant_conditions(&measure);
        self.params_in_force(&measure);
        self.overflows(&measure);
        Some(measure)
    }

    fn lets(&mut self, env: &mut Env, items: &[ast::Let]) -> Option<Vec<Let>> {
        let mut lets = Vec::new();
        let mut sound = true;
        for item in items {
            let name = &item.named.name;
            if let Some(first) = lets.iter().find(|other: &&Let| other.name == name.text) {
                self.problems.push(scope::duplicate(&name.text, name.span, first.span, false));
            }
            let wanted = match &item.ty {
                Some(ty) => self.shape(env.module, ty).map(|shape| shape.ty),
                None => None,
            };
            let value = match &wanted {
                Some(ty) => self.expect(env, &item.value, ty, "the `let` says that it is of this kind"),
                None => self.infer(env, &item.value, None),
            };
            let Some(value) = value else {
                let names = scope::spellings(&item.named).into_iter().map(|(name, _)| name.to_owned());
                self.broken_names.extend(names);
                sound = false;
                continue;
            };
            env.lets.push(LetName {
                span: name.span,
                spellings: scope::spellings(&item.named)
                    .into_iter()
                    .map(|(name, _)| name.to_owned())
                    .collect(),
                value: value.clone(),
            });
            lets.push(Let { name: name.text.clone(), label: label_of(&item.named), value, span: name.span });
        }
        sound.then_some(lets)
    }

    pub(super) fn conditions(
        &mut self,
        env: &Env,
        items: &[ast::Condition],
        names: &mut BTreeMap<String, Span>,
    ) -> Option<Vec<Condition>> {
        let mut conditions = Vec::new();
        for item in items {
            let name = &item.named.name;
            if let Some(first) = names.insert(name.text.clone(), name.span) {
                self.problems.push(scope::duplicate(&name.text, name.span, first, false));
            }
            let bare = ast::Expr { kind: ast::ExprKind::Path(vec![name.clone()]), span: name.span };
            if let (None, Some(label)) = (&item.test, &item.named.label)
                && self.resolve(env, &name.text, None).is_none()
            {
                self.report(no_test(name, label.span));
                conditions.push(None);
                continue;
            }
            let test = self.condition(env, item.test.as_ref().unwrap_or(&bare));
            // A shorthand is named as the field or define is, whichever spelling was used.
            let short = match (&item.test, test.as_ref().map(|test| &test.kind)) {
                (None, Some(ExprKind::Field(field))) => {
                    let field = &self.program.records[env.record?.index()].fields[field.index()];
                    Some((field.name.clone(), field.label.clone()))
                }
                (None, Some(ExprKind::Define(id))) => {
                    let head = self.defines[id.index()].as_ref().map(|define| &define.head);
                    head.map(|head| (head.name.clone(), head.label.clone()))
                }
                _ => None,
            };
            let (id, label) = match (short, &item.named.label) {
                (Some((name, _)), Some(label)) => (name, label.text.clone()),
                (Some(short), None) => short,
                (None, _) => (name.text.clone(), label_of(&item.named)),
            };
            conditions.push(test.map(|test| Condition {
                name: id,
                label,
                test,
                cites: item.cites.iter().map(cite).collect(),
                span: name.span,
            }));
        }
        conditions.into_iter().collect()
    }

    /// `Some(None)`: the measure has no alternatives.
    fn choice(&mut self, env: &Env, item: &ast::Measure) -> Option<Option<Choice>> {
        let Some(choice) = item.choices.first() else { return Some(None) };
        if let Some(second) = item.choices.get(1) {
            let problem = Diagnostic::new(
                &codes::CLASHING_BENEFITS,
                second.span,
                "a measure has one choice of alternatives",
            )
            .at("the second one")
            .also(choice.span, "the first one")
            .note("make two measures, or one list of alternatives");
            self.report(problem);
            return None;
        }
        let mut names: BTreeMap<String, Span> = BTreeMap::new();
        let mut branches = Vec::new();
        for (at, branch) in choice.branches.iter().enumerate() {
            let name = &branch.named.name;
            if let Some(first) = names.insert(name.text.clone(), name.span) {
                self.problems.push(scope::duplicate(&name.text, name.span, first, false));
            }
            if branch.when.is_none() && at + 1 < choice.branches.len() {
                self.report(
                    Diagnostic::new(&codes::UNREACHABLE_ARM, branch.span, "`else` is the last alternative")
                        .at("others follow it")
                        .note("move it to the end"),
                );
            }
            branches.push(self.branch(env, branch));
        }
        let branches: Vec<Branch> = branches.into_iter().collect::<Option<_>>()?;
        if branches.is_empty() {
            self.report(
                Diagnostic::new(&codes::EMPTY_MEASURE, choice.span, "there are no alternatives")
                    .at("nothing to choose from"),
            );
            return None;
        }
        let kind = if choice.first { ChoiceKind::FirstOf } else { ChoiceKind::OneOf };
        Some(Some(Choice { kind, branches, exclusive: false }))
    }

    pub(super) fn branch(&mut self, env: &Env, item: &ast::Branch) -> Option<Branch> {
        let when = item.when.as_ref().map(|when| self.condition(env, when));
        let benefits: Vec<Option<Benefit>> =
            item.benefits.iter().map(|benefit| self.benefit(env, benefit)).collect();
        let when = match when {
            Some(test) => Some(test?),
            None => None,
        };
        Some(Branch {
            name: item.named.name.text.clone(),
            label: label_of(&item.named),
            when,
            benefits: benefits.into_iter().collect::<Option<_>>()?,
            refuse: item.refuse,
            cites: item.cites.iter().map(cite).collect(),
            span: item.named.name.span,
        })
    }

    /// A measure gives something, or says why not.
    fn measure_gives(&mut self, measure: &Measure) {
        let branches = measure.choice.iter().flat_map(|choice| &choice.branches);
        let empty =
            branches.filter(|branch| branch.benefits.is_empty() && !branch.refuse).map(|branch| branch.span);
        let empty: Vec<Span> = if measure.benefits.is_empty() { empty.collect() } else { Vec::new() };
        let nothing = measure.benefits.is_empty() && measure.choice.is_none();
        for span in empty.into_iter().chain(nothing.then_some(measure.head.span)) {
            self.report(
                Diagnostic::new(&codes::EMPTY_MEASURE, span, "nothing is given here")
                    .at("no benefit")
                    .note("say what is given: `pay x = 100元`, `entitle x`; or `=> refuse` for an alternative that gives nothing"),
            );
        }
    }

    /// One column of the answers belongs to each benefit name.
    fn one_meaning_for_each_benefit(&mut self, measure: &Measure) {
        let mut seen: BTreeMap<&str, &Benefit> = BTreeMap::new();
        let mut problems = Vec::new();
        let top: Vec<&str> = measure.benefits.iter().map(|benefit| benefit.name.as_str()).collect();
        for benefit in measure.all_benefits() {
            let Some(first) = seen.get(benefit.name.as_str()) else {
                seen.insert(&benefit.name, benefit);
                continue;
            };
            let twice = top.contains(&benefit.name.as_str());
            if !twice && first.kind == benefit.kind && first.ty == benefit.ty {
                continue;
            }
            let message = if twice {
                format!("the benefit `{}` is given twice", benefit.name)
            } else {
                format!("`{}` is one benefit here and another there", benefit.name)
            };
            problems.push(
                Diagnostic::new(&codes::CLASHING_BENEFITS, benefit.span, message)
                    .at("again here")
                    .also(first.span, "first here")
                    .note("alternatives may share a benefit's name where kind and type are the same; otherwise name them apart"),
            );
        }
        self.problems.extend(problems);
    }
}

/// A condition of its own that says nothing.
fn no_test(name: &ast::Word, label: Span) -> Diagnostic {
    let message = format!("nothing is called `{}`, and no test follows it", name.text);
    Diagnostic::new(&codes::UNKNOWN_NAME, name.span, message)
        .at("no field of this name")
        .also(label, "after the label")
        .note(format!(
            "a condition and its test are joined by `:`, as in `{} \"…\": employees > 0人`",
            name.text
        ))
}
