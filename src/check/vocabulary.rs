//! Checks the words of a policy set: units, enums, records and their fields, the policy header.

use std::collections::BTreeMap;

use super::calls::rounding_named;
use super::checker::{Checker, Entry, Items, label_of};
use super::expr::Env;
use super::scope::{self, ModuleRef, Symbol};
use super::typed::*;
use super::units::{self, YEAR};
use crate::diag::{Diagnostic, codes};
use crate::source::Span;
use crate::syntax::ast::{self, BinaryOp, TypeKind};
use crate::value::{CURRENCIES, Date, DayRule, Dimension, Number, Rounding, Unit, Value, VariantSet};

/// A type as it is written, with what its values may be.
pub(super) struct Shape {
    pub ty: Type,
    pub range: Interval,
    pub decimals: u32,
    pub optional: bool,
    pub data_unit: Number,
    pub data_unit_word: String,
}

impl Checker<'_> {
    pub(super) fn vocabulary(&mut self, items: &Items<'_>) {
        for entry in units_in_order(items) {
            self.unit_item(entry);
        }
        for entry in &items.enums {
            self.enum_item(entry);
        }
        for entry in &items.records {
            self.record(entry);
        }
    }

    fn unit_item(&mut self, entry: &Entry<'_, ast::Unit>) {
        let words: Vec<String> =
            scope::spellings(&entry.item.named).into_iter().map(|(name, _)| name.to_owned()).collect();
        let unit = match &entry.item.definition {
            None => Some(Unit { factor: Number::ONE, dimension: Dimension::base(&words[0]) }),
            Some(definition) => {
                let value = self.infer(&Env::constant(entry.module), definition, None);
                value.and_then(|value| {
                    let (number, dimension) =
                        (value.constant_number()?.clone(), value.ty.number()?.dimension.clone());
                    if number.is_zero() {
                        self.report(zero_unit(definition.span));
                        return None;
                    }
                    Some(Unit { factor: number, dimension })
                })
            }
        };
        let place = entry.item.named.name.span;
        self.unit_places.extend(words.iter().map(|word| (word.clone(), place)));
        match unit {
            Some(unit) => self.program.units.push(NamedUnit { words, unit }),
            None => self.broken_names.extend(words),
        }
    }

    fn enum_item(&mut self, entry: &Entry<'_, ast::Enum>) {
        let id = EnumId(self.program.enums.len() as u32);
        let mut names: BTreeMap<String, u8> = BTreeMap::new();
        let mut places: BTreeMap<String, Span> = BTreeMap::new();
        let mut variants = Vec::new();
        for (at, named) in entry.item.variants.iter().enumerate() {
            if at == VariantSet::MAX_VARIANTS {
                let message = format!("the enum has more than {} values", VariantSet::MAX_VARIANTS);
                self.report(
                    Diagnostic::new(&codes::TOO_MANY_VARIANTS, named.name.span, message)
                        .at("one too many")
                        .note("use `text` and compare with the values that matter"),
                );
                break;
            }
            for (spelling, (name, span)) in scope::spellings(named).into_iter().enumerate() {
                match places.get(name) {
                    Some(first) => self.problems.push(scope::duplicate(name, span, *first, spelling > 0)),
                    None => {
                        places.insert(name.to_owned(), span);
                        names.insert(name.to_owned(), at as u8);
                        self.variant_owners.entry(name.to_owned()).or_default().push(id);
                    }
                }
            }
            variants.push(Variant {
                name: named.name.text.clone(),
                label: label_of(named),
                span: named.name.span,
            });
        }
        if variants.is_empty() {
            let span = entry.item.named.name.span;
            self.report(
                Diagnostic::new(&codes::EMPTY_RANGE, span, "the enum has no values")
                    .at("at least one is needed"),
            );
        }
        let head = self.head(entry.module, entry.docs, &entry.item.named, &[]);
        self.program.enums.push(Enum { head, variants });
        self.variants.push(names);
    }

    fn record(&mut self, entry: &Entry<'_, ast::Record>) {
        let mut names: BTreeMap<String, FieldId> = BTreeMap::new();
        let mut places: BTreeMap<String, Span> = BTreeMap::new();
        let mut fields: Vec<Field> = Vec::new();
        for item in &entry.item.fields {
            let Some(field) = self.field(entry.module, item) else {
                let names = scope::spellings(&item.named).into_iter().map(|(name, _)| name.to_owned());
                self.broken_names.extend(names);
                continue;
            };
            let id = FieldId(fields.len() as u32);
            for (spelling, (name, span)) in scope::spellings(&item.named).into_iter().enumerate() {
                match places.get(name) {
                    Some(first) => self.problems.push(scope::duplicate(name, span, *first, spelling > 0)),
                    None => {
                        places.insert(name.to_owned(), span);
                        names.insert(name.to_owned(), id);
                    }
                }
            }
            fields.push(field);
        }
        let head = self.head(entry.module, entry.docs, &entry.item.named, &[]);
        self.program.records.push(Record { head, fields, belongs: Vec::new() });
        self.fields.push(names);
    }

    fn field(&mut self, module: ModuleRef, item: &ast::Field) -> Option<Field> {
        let shape = self.shape(module, &item.ty)?;
        if item.key && shape.optional {
            self.report(
                Diagnostic::new(&codes::OPTIONAL_KEY, item.ty.span, "a key is never blank")
                    .at("marked with `?`")
                    .note("a record without its key cannot be told from others; take the `?` away"),
            );
        }
        let range = match &item.range {
            Some(range) => self.field_range(module, &shape.ty, range).unwrap_or(shape.range),
            None => shape.range,
        };
        Some(Field {
            name: item.named.name.text.clone(),
            label: label_of(&item.named),
            docs: String::new(),
            span: item.named.name.span,
            ty: shape.ty,
            key: item.key,
            optional: shape.optional,
            data_unit: shape.data_unit,
            data_unit_word: shape.data_unit_word,
            range,
            decimals: shape.decimals,
        })
    }

    fn field_range(&mut self, module: ModuleRef, ty: &Type, range: &ast::Expr) -> Option<Interval> {
        let env = Env::constant(module);
        let ast::ExprKind::Binary { op, left, right, .. } = &range.kind else {
            self.report(bad_range(range.span, "a range is written `low..high`"));
            return None;
        };
        if *op != BinaryOp::Range || !matches!(ty, Type::Number(_) | Type::Date) {
            self.report(bad_range(
                range.span,
                "numbers and dates take a range, written `low..high`, both ends included",
            ));
            return None;
        }
        let why = "the bounds are of the kind of the field";
        let (low, high) = (self.expect(&env, left, ty, why), self.expect(&env, right, ty, why));
        let (low, high) = (self.bound(low?)?, self.bound(high?)?);
        if high < low {
            self.report(
                Diagnostic::new(
                    &codes::EMPTY_RANGE,
                    range.span,
                    "the range is empty: it ends before it starts",
                )
                .at("no value fits")
                .note("write the lower bound first"),
            );
            return None;
        }
        Some(Interval::new(low, high))
    }

    fn bound(&mut self, expr: Expr) -> Option<Number> {
        match expr.constant() {
            Some(Value::Number(number)) => Some(number.clone()),
            Some(Value::Date(date)) => Some(Number::from_int(date.0.into())),
            _ => {
                self.report(
                    Diagnostic::new(&codes::NOT_CONSTANT, expr.span, "a bound must be a constant")
                        .at("not a constant"),
                );
                None
            }
        }
    }

    /// The type that is written, with the range and decimals that its values have by default.
    pub(super) fn shape(&mut self, module: ModuleRef, item: &ast::Type) -> Option<Shape> {
        let env = Env::constant(module);
        let power = |digits: u32| Number::from_scaled(10i128.pow(digits), 0);
        let below = |digits: u32| Interval::new(power(digits).neg(), power(digits));
        let counted = || Interval::new(Number::ZERO, power(15));
        let dates =
            || Interval::new(Number::from_int(Date::MIN.0.into()), Number::from_int(Date::MAX.0.into()));
        let (ty, range, decimals) = match &item.kind {
            TypeKind::Bool => (Type::Bool, Interval::any(), 0),
            TypeKind::Text => (Type::Text, Interval::any(), 0),
            TypeKind::Date => (Type::Date, dates(), 0),
            TypeKind::Time => (Type::Time, Interval::any(), 0),
            TypeKind::Rate => (Type::rate(), below(10), 8),
            TypeKind::Points => (Type::points(), below(10), 8),
            TypeKind::Days => (Type::days(), counted(), 0),
            TypeKind::Months => (Type::months(), counted(), 0),
            TypeKind::Hours => (Type::hours(), Interval::new(Number::ZERO, power(12)), 6),
            TypeKind::Number(unit) => (self.type_unit(&env, unit.as_ref())?, below(12), 6),
            TypeKind::Count(unit) => (self.type_unit(&env, unit.as_ref())?, counted(), 0),
            TypeKind::Money(currency) => (self.currency(currency.as_ref())?, below(16), 2),
            TypeKind::Name(name) => match self.symbol(module, name, "a type")? {
                Symbol::Enum(id) => {
                    self.used.insert(Symbol::Enum(id));
                    (Type::Enum(id), Interval::any(), 0)
                }
                other => {
                    self.wrong_kind(name, other, "a type");
                    return None;
                }
            },
        };
        let (data_unit, data_unit_word) = self.data_unit(&env, item, &ty)?;
        Some(Shape { ty, range, decimals, optional: item.optional, data_unit, data_unit_word })
    }

    fn type_unit(&mut self, env: &Env, unit: Option<&ast::Word>) -> Option<Type> {
        let Some(word) = unit else { return Some(Type::plain()) };
        let (unit, _) = self.unit(env, word)?;
        Some(Type::unit(unit.dimension))
    }

    fn currency(&mut self, word: Option<&ast::Word>) -> Option<Type> {
        let Some(word) = word else { return Some(Type::money("CNY")) };
        let found =
            CURRENCIES.iter().find(|(code, words)| *code == word.text || words.contains(&word.text.as_str()));
        if found.is_none() {
            let names = CURRENCIES
                .iter()
                .flat_map(|(code, words)| std::iter::once(*code).chain(words.iter().copied()));
            let message = format!("`{}` is not a currency", word.text);
            let problem = Diagnostic::new(&codes::UNKNOWN_UNIT, word.span, message)
                .at("not a currency that is known here");
            let is_amount = units::parse_unit(&word.text, &[]).is_some();
            self.report(if is_amount {
                problem.note(format!(
                    "the unit in which the data hold it follows `as` (单位为): `money as {}`",
                    word.text
                ))
            } else {
                problem
                    .suggest(&word.text, names)
                    .note("currencies: CNY 元, USD 美元, EUR 欧元, JPY 日元, HKD 港元, GBP 英镑")
            });
        }
        found.map(|(code, _)| Type::money(code))
    }

    /// The unit in which data hold a number when their header does not say.
    fn data_unit(&mut self, env: &Env, item: &ast::Type, ty: &Type) -> Option<(Number, String)> {
        let Some(word) = &item.data_unit else {
            let written = match &item.kind {
                TypeKind::Number(Some(unit)) | TypeKind::Count(Some(unit)) => Some(unit.text.clone()),
                _ => None,
            };
            let factor = written.as_ref().and_then(|word| units::parse_unit(word, &self.program.units));
            let own = ty.number().map(|number| number.dimension.to_string()).unwrap_or_default();
            return Some((factor.map_or(Number::ONE, |unit| unit.factor), written.unwrap_or(own)));
        };
        let (unit, _) = self.unit(env, word)?;
        if ty.number().is_none_or(|number| number.dimension != unit.dimension) {
            let name = self.type_name(ty);
            self.report(
                Diagnostic::new(
                    &codes::UNIT_MISMATCH,
                    word.span,
                    format!("the field is {name}, which is not counted in {}", word.text),
                )
                .at("a unit of another kind"),
            );
            return None;
        }
        Some((unit.factor, word.text.clone()))
    }

    /// The policy headers, one for each set, and what the manifests say in their place.
    pub(super) fn headers(&mut self, items: &Items<'_>) {
        for entry in &items.policies {
            let set = entry.module.set;
            if let Some(first) = &self.policies[set] {
                let problem = Diagnostic::new(
                    &codes::SECOND_POLICY,
                    entry.item.named.name.span,
                    "the set has two policy headers",
                )
                .at("the second one")
                .also(first.head.span, "the first one")
                .note("a policy set is one document; make another folder for another document");
                self.report(problem);
                continue;
            }
            let policy = self.header(entry);
            self.policies[set] = Some(policy);
        }
        for set in 0..self.input.sets.len() {
            let own = self.policies[set].as_ref().and_then(|policy| policy.rounding.clone());
            self.roundings[set] = own.or_else(|| self.manifest_rounding(set));
        }
        for (at, set) in self.input.sets.iter().enumerate() {
            for source in &set.sources {
                self.program.sources.push(SourceDocument {
                    name: source.name.clone(),
                    path: self.sources.file(source.file).path.clone(),
                    file: source.file,
                    closing: source.closing.clone(),
                    own: at == 0,
                });
            }
        }
        self.program.policy = self.policies.first().cloned().flatten();
    }

    /// The rounding that `pol.toml` names, in the words of a header: `half_up to 1分`.
    fn manifest_rounding(&mut self, set: usize) -> Option<(Rounding, Number)> {
        let (text, span) = self.input.sets[set].manifest.rounding.as_ref()?;
        let Some((name, step)) = text.split_once(" to ").or_else(|| text.split_once('到')) else {
            self.bad_rounding(*span);
            return None;
        };
        let step = step.trim();
        let digits = step.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(step.len());
        let number = step[..digits].parse::<Number>().ok();
        let unit =
            units::parse_unit(&step[digits..], &[]).filter(|unit| unit.dimension.currency() == Some("CNY"));
        let step = number.zip(unit).map(|(number, unit)| number.mul(&unit.factor));
        let step = step.filter(|step| !step.is_zero() && !step.is_negative());
        let rounding = rounding_named(name.trim()).zip(step);
        if rounding.is_none() {
            self.bad_rounding(*span);
        }
        rounding
    }

    fn bad_rounding(&mut self, span: Span) {
        self.report(
            Diagnostic::new(&codes::BAD_MANIFEST, span, "this does not name a rounding")
                .at("not a rounding and a step")
                .note("write it as in a policy header: `rounding = \"half_up to 1分\"`"),
        );
    }

    fn header(&mut self, entry: &Entry<'_, ast::Policy>) -> Policy {
        let item = entry.item;
        let issued = item.issued.as_ref().and_then(|word| self.date(&word.text, word.span));
        let mut force = self.force(&item.force);
        force.from = force.from.or(issued);
        let rounding = item.rounding.as_ref().and_then(|(name, step)| {
            let step = self.step(&Env::constant(entry.module), step, &Type::money("CNY"))?;
            Some((rounding_named(&name.text)?, step))
        });
        Policy {
            head: self.head(entry.module, entry.docs, &item.named, &item.cites),
            issuer: item.issuer.as_ref().map(|issuer| issuer.text.clone()),
            issued,
            force,
            rounding,
            day_rule: item.dates_up.map(|up| if up { DayRule::Up } else { DayRule::Down }),
        }
    }

    pub(super) fn force(&mut self, item: &ast::Force) -> Force {
        let from = item.from.as_ref().and_then(|word| self.date(&word.text, word.span));
        let until = item.until.as_ref().and_then(|word| self.date(&word.text, word.span));
        if let (Some(start), Some(end), Some(word)) = (from, until, &item.until)
            && end <= start
        {
            self.report(
                Diagnostic::new(&codes::EMPTY_RANGE, word.span, "it ends before it begins")
                    .at("not after the first day")
                    .note("`until` names the first day on which it is no longer in force"),
            );
        }
        Force { from, until }
    }
}

fn bad_range(span: Span, note: &str) -> Diagnostic {
    Diagnostic::new(&codes::MISPLACED_RANGE, span, "this is not a range for the field")
        .at("not a range")
        .note(note)
}

/// The dimension of a number of calendar years.
pub(super) fn years() -> Type {
    Type::unit(Dimension::base(YEAR))
}

/// Declared units, each after those that it is made of, wherever they stand; those of a circle last.
fn units_in_order<'i, 'a>(items: &'i Items<'a>) -> Vec<&'i Entry<'a, ast::Unit>> {
    let mut waiting: Vec<&Entry<'_, ast::Unit>> = items.units.iter().collect();
    let mut order = Vec::with_capacity(waiting.len());
    while !waiting.is_empty() {
        let needs = |entry: &&Entry<'_, ast::Unit>| {
            let others = waiting.iter().filter(|other| !std::ptr::eq(**other, *entry));
            let mut words = others.flat_map(|other| scope::spellings(&other.item.named));
            words.any(|(word, _)| made_of(entry.item, word))
        };
        let (rest, ready): (Vec<_>, Vec<_>) = waiting.iter().copied().partition(needs);
        if ready.is_empty() {
            order.extend(rest);
            break;
        }
        order.extend(ready);
        waiting = rest;
    }
    order
}

/// Whether the definition of a unit names another, perhaps after a prefix such as 万.
fn made_of(unit: &ast::Unit, word: &str) -> bool {
    match unit.definition.as_ref().map(|definition| &definition.kind) {
        Some(ast::ExprKind::Quantity { unit: Some(written), .. }) => {
            written.text.split(['/', '／', '·']).any(|factor| factor.ends_with(word))
        }
        _ => false,
    }
}

fn zero_unit(span: Span) -> Diagnostic {
    Diagnostic::new(&codes::NOT_CONSTANT, span, "a unit must be more than nothing")
        .at("this is zero")
        .note("write how much of another unit it is: `unit 箱 = 0.025吨`")
}
