//! Checks measures: conditions, alternatives, benefits and their amounts.

use std::collections::BTreeMap;

use super::checker::{Checker, Entry, Items, cite, label_of};
use super::expr::{Env, LetName};
use super::opens::Ends;
use super::scope;
use super::typed::*;
use super::vocabulary::years;
use crate::diag::{Diagnostic, codes};
use crate::source::Span;
use crate::syntax::ast;
use crate::value::{Number, Value};

/// Decimals of amounts that are not money: rates (as fractions) and other numbers.
pub(super) const RATE_DECIMALS: u32 = 8;
pub(super) const NUMBER_DECIMALS: u32 = 6;
pub(super) const MONEY_DECIMALS: u32 = 2;

impl Checker<'_> {
    pub(super) fn check_measures(&mut self, items: &Items<'_>) {
        let mut places: BTreeMap<(usize, &str), Span> = BTreeMap::new();
        for entry in &items.measures {
            let name = &entry.item.named.name;
            if let Some(first) = places.insert((entry.module.set, &name.text), name.span) {
                let both_here = self.sources.file(first.file).path == self.sources.file(name.span.file).path;
                if !both_here {
                    self.problems.push(scope::duplicate(&name.text, name.span, first, false));
                }
            }
            let before = self.literals.len();
            let measure = self.measure(items, entry);
            let literals = self.literals.split_off(before);
            if let Some(measure) = &measure {
                let cites: Vec<Cite> = measure.all_cites().into_iter().cloned().collect();
                self.figure_slips(&cites, &literals);
            }
            let broken = |checker: &Self| Measure {
                kind: entry.item.kind,
                checks: Vec::new(),
                due: None,
                head: checker.head(entry.module, entry.docs, &entry.item.named, &entry.item.cites),
                record: RecordId(0),
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
    }

    fn measure(&mut self, items: &Items<'_>, entry: &Entry<'_, ast::Measure>) -> Option<Measure> {
        let item = entry.item;
        let record = self.record_named(entry.module, &item.record)?;
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
            // A shorthand is named as the field is, whichever spelling was used.
            let (id, label) = match (&item.test, &test) {
                (None, Some(Expr { kind: ExprKind::Field(field), .. })) => {
                    let field = &self.program.records[env.record?.index()].fields[field.index()];
                    let label = item.named.label.as_ref().map_or(&field.label, |label| &label.text);
                    (field.name.clone(), label.clone())
                }
                _ => (name.text.clone(), label_of(&item.named)),
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

    pub(super) fn benefit(&mut self, env: &Env, item: &ast::Benefit) -> Option<Benefit> {
        let kind = BenefitKind::ALL.into_iter().find(|kind| kind.name() == item.kind.text)?;
        let declared = match &item.ty {
            Some(ty) => Some(self.shape(env.module, ty)?.ty),
            None => None,
        };
        let (amount, ty) = self.amount(env, item, kind, declared.as_ref())?;
        let months = match &item.months {
            Some(months) => Some(self.months(env, months, ty.as_ref())?),
            None => None,
        };
        if let Some(ty) = &ty {
            self.kind_takes(kind, ty, item)?;
        }
        let (rounding, decimals) = match &ty {
            Some(ty) => self.benefit_rounding(env, ty, &amount)?,
            None => (None, 0),
        };
        Some(Benefit {
            kind,
            name: item.named.name.text.clone(),
            label: label_of(&item.named),
            amount,
            ty,
            rounding,
            decimals,
            months,
            cites: item.cites.iter().map(cite).collect(),
            span: item.named.name.span,
        })
    }

    fn amount(
        &mut self,
        env: &Env,
        item: &ast::Benefit,
        kind: BenefitKind,
        declared: Option<&Type>,
    ) -> Option<(Amount, Option<Type>)> {
        const WHY: &str = "all parts of an amount are of one kind";
        let hint = declared.cloned().or_else(|| match kind {
            BenefitKind::Pay | BenefitKind::Waive | BenefitKind::Penalize => Some(Type::money("CNY")),
            BenefitKind::Rate => Some(Type::points()),
            _ => None,
        });
        let take = |checker: &mut Self, expr: &ast::Expr| match declared {
            Some(ty) => checker.expect(env, expr, ty, "the benefit says that it is of this kind"),
            None => checker.infer(env, expr, hint.as_ref()),
        };
        let modifier = |checker: &mut Self, expr: &Option<ast::Expr>, ty: &Type| match expr {
            Some(expr) => checker.expect(env, expr, ty, WHY).map(Some),
            None => Some(None),
        };
        match &item.amount {
            ast::Amount::None if item.at_most.is_none() && item.at_least.is_none() => {
                Some((Amount::Flag, None))
            }
            ast::Amount::InFull(_) => Some((Amount::Flag, None)),
            ast::Amount::Is(expr) => {
                let mut value = take(self, expr)?;
                let ty = value.ty.clone();
                if let Some(cap) = modifier(self, &item.at_most, &ty)? {
                    value = bounded(value, cap, true);
                }
                if let Some(floor) = modifier(self, &item.at_least, &ty)? {
                    value = bounded(value, floor, false);
                }
                let ends = Ends { params: &self.program.params, defines: &self.defines, lets: &env.lets };
                let amount = match ends.of(&value) {
                    Some((Some(least), most)) => Amount::Range { least, most },
                    _ => Amount::Exact(value),
                };
                Some((amount, Some(ty)))
            }
            ast::Amount::Between(low, high) => {
                let least = take(self, low)?;
                let ty = least.ty.clone();
                let most = self.expect(env, high, &ty, WHY)?;
                Some((Amount::Range { least, most: Some(most) }, Some(ty)))
            }
            ast::Amount::None => {
                let bound = item.at_least.as_ref().or(item.at_most.as_ref())?;
                let ty = take(self, bound)?.ty;
                let least = modifier(self, &item.at_least, &ty)?;
                let most = modifier(self, &item.at_most, &ty)?;
                let least = match least {
                    Some(least) => least,
                    None => self.nothing(&ty, bound.span, item.span)?,
                };
                Some((Amount::Range { least, most }, Some(ty)))
            }
        }
    }

    /// The floor of an amount that has only a ceiling: nothing, where the type has such a value.
    fn nothing(&mut self, ty: &Type, ceiling: Span, item: Span) -> Option<Expr> {
        if ty.number().is_some() {
            return Some(Expr::value(Value::Number(Number::ZERO), ty.clone(), item));
        }
        self.report(
            Diagnostic::new(&codes::WRONG_BENEFIT, ceiling, "a date that is only `at most` has no earliest day")
                .at("the latest day")
                .note("say both: `extend until between 2020-03-01 and 2020-12-31`; or the day itself: `= 2020-12-31`"),
        );
        None
    }

    fn months(&mut self, env: &Env, months: &ast::Expr, ty: Option<&Type>) -> Option<Expr> {
        if ty.is_none() {
            self.report(
                Diagnostic::new(&codes::WRONG_BENEFIT, months.span, "there is no amount to give each month")
                    .at("a number of months")
                    .note("give the amount of one month: `pay x = 500元 per month at most 6个月`"),
            );
            return None;
        }
        let typed =
            self.expect(env, months, &Type::months(), "a periodic benefit lasts a number of months")?;
        if typed.decimals != Some(0) {
            self.report(
                Diagnostic::new(&codes::NOT_WHOLE, months.span, "a periodic benefit lasts whole months")
                    .at("this may be a fraction")
                    .note("round it: `round(x, down, to: 1个月)`"),
            );
            return None;
        }
        Some(typed)
    }

    /// Whether a benefit of this kind can have an amount of this type.
    fn kind_takes(&mut self, kind: BenefitKind, ty: &Type, item: &ast::Benefit) -> Option<()> {
        let money = ty.currency().is_some();
        let time = *ty == Type::days() || *ty == Type::months() || *ty == Type::hours() || *ty == Type::Date;
        let (fits, wanted) = match kind {
            BenefitKind::Pay | BenefitKind::Waive | BenefitKind::Penalize => (money, "an amount of money"),
            BenefitKind::Defer => (time, "a number of months or days, or a date"),
            BenefitKind::Extend => (time || *ty == years(), "a number of months, days or 年, or a date"),
            BenefitKind::Rate => {
                (*ty == Type::rate() || *ty == Type::points(), "a rate or percentage points")
            }
            BenefitKind::Entitle | BenefitKind::List | BenefitKind::Shortfall => {
                (false, "no amount: it is given or not")
            }
        };
        if fits {
            return Some(());
        }
        let span = match &item.amount {
            ast::Amount::Is(expr) | ast::Amount::Between(expr, _) => expr.span,
            _ => item.span,
        };
        let found = self.type_name(ty);
        let mut problem = Diagnostic::new(
            &codes::WRONG_BENEFIT,
            span,
            format!("`{}` takes {wanted}; this is {found}", kind.name()),
        )
        .at(format!("this is {found}"))
        .also(item.kind.span, format!("`{}`", kind.name()));
        if let (true, Type::Number(number)) = (wanted.contains("money"), ty) {
            if number.kind != NumberKind::Plain {
                problem = problem.note("a share of an amount is a product: `revenue * 5%`");
            } else if number.dimension.is_none() {
                problem = problem.note("an amount of money has its unit: `300万元`");
            } else if let Some(unit) = number.dimension.single() {
                problem = problem
                    .note(format!("to give so much for each, say it with its unit: `1000元/{unit} * …`"));
            }
        }
        self.report(problem);
        None
    }

    fn benefit_rounding(
        &mut self,
        env: &Env,
        ty: &Type,
        amount: &Amount,
    ) -> Option<(Option<(crate::value::Rounding, Number)>, u32)> {
        let exprs: Vec<&Expr> = match amount {
            Amount::Flag => Vec::new(),
            Amount::Exact(value) => vec![value],
            Amount::Range { least, most } => std::iter::once(least).chain(most).collect(),
        };
        let needed = exprs
            .iter()
            .map(|expr| expr.decimals)
            .collect::<Option<Vec<u32>>>()
            .map(|list| list.into_iter().max().unwrap_or(0));
        let Type::Number(number) = ty else { return Some((None, 0)) };
        if ty.currency().is_some() {
            let rounding = self.roundings[env.module.set].clone();
            if rounding.is_some() || needed.is_some_and(|decimals| decimals <= MONEY_DECIMALS) {
                return Some((rounding, MONEY_DECIMALS));
            }
            self.report(rounding_needed(exprs[0].span, "money", "1分", true));
            return None;
        }
        let room = match number.kind {
            NumberKind::Plain => NUMBER_DECIMALS,
            NumberKind::Rate | NumberKind::Points => RATE_DECIMALS,
        };
        match needed {
            Some(0) if number.kind == NumberKind::Plain => Some((None, 0)),
            Some(decimals) if decimals <= room => Some((None, room)),
            _ => {
                let step = if number.kind == NumberKind::Plain { "1" } else { "0.01%" };
                self.report(rounding_needed(exprs[0].span, &self.type_name(ty), step, false));
                None
            }
        }
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

/// The amount held to a cap (or a floor).
fn bounded(value: Expr, bound: Expr, cap: bool) -> Expr {
    let span = value.span.to(bound.span);
    let ty = value.ty.clone();
    let decimals = value.decimals.zip(bound.decimals).map(|(a, b)| a.max(b));
    let range = if cap { value.range.least(&bound.range) } else { value.range.greatest(&bound.range) };
    let parts = vec![value, bound];
    let kind = if cap { ExprKind::Least(parts) } else { ExprKind::Greatest(parts) };
    Expr::number(kind, ty, span, range, decimals)
}

fn rounding_needed(span: Span, what: &str, step: &str, money: bool) -> Diagnostic {
    let problem = Diagnostic::new(
        &codes::ROUNDING_NEEDED,
        span,
        format!("this amount of {what} can have more digits than are paid"),
    )
    .at("needs a named rounding");
    if money {
        problem.note(format!("say how to round in the policy header, `rounding half_up to {step}`, or here: `round(…, half_up, to: {step})`"))
    } else {
        problem.note(format!("say how to round: `round(…, half_up, to: {step})`"))
    }
}
