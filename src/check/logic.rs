//! Decides, where intervals and enums suffice, whether conditions exclude each other, leave a gap, or
//! always or never hold. A condition becomes alternatives of simple constraints on subjects (disjunctive
//! normal form); what cannot be seen through stays open and is left to the run.

use std::collections::{BTreeMap, BTreeSet};

use super::show;
use super::typed::*;
use crate::source::SourceMap;
use crate::value::{Number, Value, VariantSet};

/// Alternatives of a condition beyond this are not looked into.
const MAX_ALTERNATIVES: usize = 128;

/// One bound of a number or date: the value, and whether it is included itself.
type Edge = Option<(Number, bool)>;

/// What a subject may be.
#[derive(Debug, Clone, PartialEq)]
pub enum Constraint {
    Between {
        low: Edge,
        high: Edge,
    },
    Variants(VariantSet),
    Bool(bool),
    /// Equal (or not) to one of a few values, as texts.
    Texts {
        values: BTreeSet<String>,
        among: bool,
    },
}

/// What a constraint is about: an expression, or the difference of two.
#[derive(Debug, Clone)]
pub struct Subject {
    pub words: String,
    /// The fields that decide it.
    pub support: BTreeSet<u32>,
    pub ty: Type,
    /// What its values are known to be.
    pub range: Interval,
    /// Only whole numbers (or dates).
    pub whole: bool,
}

/// Constraints that hold together, by subject.
#[derive(Debug, Clone, Default)]
pub struct Conjunction {
    pub constraints: BTreeMap<String, Constraint>,
    /// Some part could not be seen through.
    pub opaque: bool,
}

/// A condition as alternatives; `None` where there are too many.
pub type Alternatives = Option<Vec<Conjunction>>;

/// Reads conditions of one record into constraints.
pub struct Reader<'a> {
    pub program: &'a Program,
    pub sources: &'a SourceMap,
    pub lets: &'a [Let],
    pub subjects: BTreeMap<String, Subject>,
    /// Params stand for the values that the policy gives them last. Without this nothing is taken from their
    /// values, which `--set` may change.
    pub params_as_given: bool,
}

impl<'a> Reader<'a> {
    pub fn new(program: &'a Program, sources: &'a SourceMap, lets: &'a [Let]) -> Reader<'a> {
        Reader { program, sources, lets, subjects: BTreeMap::new(), params_as_given: false }
    }

    /// The alternatives under which `expr` is true (or, with `wanted` false, false).
    pub fn read(&mut self, expr: &Expr, wanted: bool) -> Alternatives {
        match &expr.kind {
            ExprKind::Const(Value::Bool(value)) => {
                Some(if *value == wanted { vec![Conjunction::default()] } else { vec![] })
            }
            ExprKind::Not(inner) => self.read(inner, !wanted),
            ExprKind::All(parts) if wanted => self.all_of(parts, true),
            ExprKind::Any(parts) if !wanted => self.all_of(parts, false),
            ExprKind::All(parts) | ExprKind::Any(parts) => self.any_of(parts, wanted),
            ExprKind::Let(at) if expr.ty == Type::Bool => match self.lets.get(*at) {
                Some(item) => {
                    let value = item.value.clone();
                    self.read(&value, wanted)
                }
                None => Some(vec![opaque()]),
            },
            ExprKind::Variants(subject, set) => {
                let Type::Enum(id) = subject.ty else { return Some(vec![opaque()]) };
                let all = self.program.enums[id.index()].all();
                let set = if wanted { *set } else { all.difference(*set) };
                if set.is_empty() {
                    return Some(vec![]);
                }
                Some(vec![self.about(subject, Constraint::Variants(set))])
            }
            ExprKind::Compare(op, left, right) => self.comparison(*op, left, right, wanted),
            ExprKind::Between { value, low, high, high_included } => {
                let above = self.comparison(CompareOp::AtLeast, value, low, wanted);
                let op = if *high_included { CompareOp::AtMost } else { CompareOp::Less };
                let below = self.comparison(op, value, high, wanted);
                if wanted { product(above, below) } else { join(above, below) }
            }
            ExprKind::Amended { from, now, before, .. } => {
                let day = Expr::value(Value::Date(*from), Type::Date, expr.span);
                let as_of = Expr::number(ExprKind::AsOf, Type::Date, expr.span, Interval::any(), Some(0));
                let [since, until] =
                    [CompareOp::AtLeast, CompareOp::Less].map(|op| self.comparison(op, &as_of, &day, true));
                let (now, before) = (self.read(now, wanted), self.read(before, wanted));
                join(product(since, now), product(until, before))
            }
            ExprKind::Among(value, members) => self.among(value, members, wanted),
            ExprKind::Field(_) | ExprKind::Define(_) | ExprKind::Member { .. } | ExprKind::Aggregate(_)
                if expr.ty == Type::Bool =>
            {
                Some(vec![self.about(expr, Constraint::Bool(wanted))])
            }
            _ => Some(vec![opaque()]),
        }
    }

    fn all_of(&mut self, parts: &[Expr], wanted: bool) -> Alternatives {
        let start = Some(vec![Conjunction::default()]);
        parts.iter().fold(start, |so_far, part| product(so_far, self.read(part, wanted)))
    }

    fn any_of(&mut self, parts: &[Expr], wanted: bool) -> Alternatives {
        parts.iter().try_fold(Vec::new(), |so_far, part| join(Some(so_far), self.read(part, wanted)))
    }

    fn comparison(&mut self, op: CompareOp, left: &Expr, right: &Expr, wanted: bool) -> Alternatives {
        let op = if wanted { op } else { negated(op) };
        let (left_value, right_value) = (self.constant(left), self.constant(right));
        if let (None, Some(_)) = (&right_value, &left_value) {
            return self.comparison(mirrored(op), right, left, true);
        }
        match (right_value.as_ref(), &left.ty) {
            (Some(Value::Text(text)), _) => {
                let values = BTreeSet::from([text.to_string()]);
                Some(vec![self.about(left, Constraint::Texts { values, among: op == CompareOp::Equal })])
            }
            (Some(Value::Bool(value)), _) => {
                let value = if op == CompareOp::Equal { *value } else { !*value };
                self.read(left, value)
            }
            (Some(value), _) => match position(value) {
                Some(at) => self.against(left, op, at),
                None => Some(vec![opaque()]),
            },
            (None, Type::Number(_) | Type::Date) => self.difference(op, left, right),
            _ => Some(vec![opaque()]),
        }
    }

    fn constant(&self, expr: &Expr) -> Option<Value> {
        match &expr.kind {
            ExprKind::Const(value) => Some(value.clone()),
            ExprKind::Param(id) if self.params_as_given => {
                self.program.params.get(id.index())?.steps.last().map(|step| step.value.clone())
            }
            _ => None,
        }
    }

    /// A comparison with a constant.
    fn against(&mut self, subject: &Expr, op: CompareOp, at: Number) -> Alternatives {
        let sides = sides(op, at);
        Some(sides.into_iter().map(|constraint| self.about(subject, constraint)).collect())
    }

    /// A comparison of two values: a constraint on their difference.
    fn difference(&mut self, op: CompareOp, left: &Expr, right: &Expr) -> Alternatives {
        let (a, b) = (self.key(left), self.key(right));
        let (key, op) =
            if a <= b { (format!("{a} − {b}"), op) } else { (format!("{b} − {a}"), mirrored(op)) };
        // A value across records is free beside the record's own: one can be found for any of the other's.
        let free = looks_across(left) || looks_across(right);
        let mut support = if free { BTreeSet::new() } else { self.support(left) };
        if !free {
            support.extend(self.support(right));
        }
        let (first, second) = if key.starts_with(&a) { (left, right) } else { (right, left) };
        let words = format!("{} − {}", self.words(first), self.words(second));
        let range = first.range.subtract(&second.range);
        let whole = first.decimals == Some(0) && second.decimals == Some(0);
        let ty = if left.ty == Type::Date { Type::days() } else { left.ty.clone() };
        self.subjects.entry(key.clone()).or_insert(Subject { words, support, ty, range, whole });
        let conjunction = |constraint| Conjunction {
            constraints: BTreeMap::from([(key.clone(), constraint)]),
            opaque: false,
        };
        Some(sides(op, Number::ZERO).into_iter().map(conjunction).collect())
    }

    fn among(&mut self, value: &Expr, members: &[Expr], wanted: bool) -> Alternatives {
        let texts = members.iter().map(|member| match member.constant() {
            Some(Value::Text(text)) => Some(text.to_string()),
            _ => None,
        });
        if let Some(values) = texts.collect::<Option<BTreeSet<String>>>() {
            return Some(vec![self.about(value, Constraint::Texts { values, among: wanted })]);
        }
        let tests = members.iter().map(|member| self.comparison(CompareOp::Equal, value, member, wanted));
        let tests: Vec<Alternatives> = tests.collect();
        if wanted {
            tests.into_iter().fold(Some(Vec::new()), join)
        } else {
            tests.into_iter().fold(Some(vec![Conjunction::default()]), product)
        }
    }

    fn about(&mut self, subject: &Expr, constraint: Constraint) -> Conjunction {
        let key = self.key(subject);
        if !self.subjects.contains_key(&key) {
            let support = self.support(subject);
            let (words, range) = (self.words(subject), subject.range.clone());
            let whole = subject.decimals == Some(0);
            self.subjects
                .insert(key.clone(), Subject { words, support, ty: subject.ty.clone(), range, whole });
        }
        Conjunction { constraints: BTreeMap::from([(key, constraint)]), opaque: false }
    }

    /// The same text for the same meaning; a `let` is what it stands for.
    fn key(&self, expr: &Expr) -> String {
        match &expr.kind {
            ExprKind::Let(at) => format!("let {at}"),
            ExprKind::Field(field) => format!("field {}", field.0),
            ExprKind::Define(id) => format!("define {}", id.0),
            ExprKind::Param(id) => format!("param {}", id.0),
            ExprKind::Const(value) => format!("{value:?}"),
            ExprKind::Arith(op, left, right) => format!("({} {op:?} {})", self.key(left), self.key(right)),
            ExprKind::Aggregate(aggregate) => {
                let kind = match &aggregate.kind {
                    AggregateKind::Rank { descending, ties: Ties::By(tie) } => {
                        format!("rank {descending} {}", self.key(tie))
                    }
                    kind => format!("{kind:?}"),
                };
                let parts = [&aggregate.of, &aggregate.filter, &aggregate.group, &aggregate.mine];
                let parts = parts.map(|part| part.as_ref().map_or_else(|| "-".into(), |part| self.key(part)));
                let (over, known) = (aggregate.over.0, aggregate.known_only);
                format!("across {kind} {over} {known} {}", parts.join(" "))
            }
            kind => format!("{kind:?}"),
        }
    }

    /// The drafter's own words for an expression.
    fn words(&self, expr: &Expr) -> String {
        self.sources.text(expr.span).split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn support(&self, expr: &Expr) -> BTreeSet<u32> {
        let mut fields = BTreeSet::new();
        let mut seen = BTreeSet::new();
        let mut waiting = vec![expr];
        while let Some(expr) = waiting.pop() {
            match &expr.kind {
                ExprKind::Field(field) => {
                    fields.insert(field.0);
                }
                ExprKind::Let(at) => waiting.extend(self.lets.get(*at).map(|item| &item.value)),
                ExprKind::Define(id) if seen.insert(*id) => {
                    waiting.extend(self.program.defines.get(id.index()).map(|define| &define.body));
                }
                _ => {}
            }
            if !matches!(expr.kind, ExprKind::Aggregate(_)) {
                expr.each_part(&mut |part| waiting.push(part));
            }
        }
        fields
    }

    /// Whether every subject is left some value of those it can have.
    pub fn possible(&self, conjunction: &Conjunction) -> bool {
        conjunction.constraints.iter().all(|(key, constraint)| {
            let Some(subject) = self.subjects.get(key) else { return !empty(constraint) };
            let known = Constraint::Between {
                low: subject.range.low.clone().map(|low| (low, true)),
                high: subject.range.high.clone().map(|high| (high, true)),
            };
            match constraint {
                Constraint::Between { .. } => !empty(&whole_edges(meet(constraint, &known), subject.whole)),
                other => !empty(other),
            }
        })
    }

    /// Whether none of the alternatives can hold.
    pub fn impossible(&self, alternatives: &Alternatives) -> bool {
        alternatives.as_ref().is_some_and(|list| list.iter().all(|conjunction| !self.possible(conjunction)))
    }

    /// Whether the two can never hold together. Proves, never guesses.
    pub fn exclude(&self, a: &Alternatives, b: &Alternatives) -> bool {
        let (Some(a), Some(b)) = (a, b) else { return false };
        a.iter().all(|left| b.iter().all(|right| !self.possible(&both(left, right))))
    }

    /// A set of constraints under which both hold, where that is certain: nothing opaque, and subjects that do
    /// not depend on each other.
    pub fn overlap(&self, a: &Alternatives, b: &Alternatives) -> Option<Conjunction> {
        let (Some(a), Some(b)) = (a, b) else { return None };
        let pairs = a.iter().flat_map(|left| b.iter().map(move |right| both(left, right)));
        pairs.into_iter().find(|conjunction| self.certain(conjunction))
    }

    pub fn certain(&self, conjunction: &Conjunction) -> bool {
        let mut seen: BTreeSet<u32> = BTreeSet::new();
        let independent = conjunction.constraints.keys().all(|key| {
            let support = self.subjects.get(key).map(|subject| subject.support.clone()).unwrap_or_default();
            let apart = support.is_disjoint(&seen);
            seen.extend(support);
            apart
        });
        !conjunction.opaque && independent && self.possible(conjunction)
    }

    /// Constraints in words: `企业规模 = 中型 and 营业收入 ≥ 500万元`.
    pub fn describe(&self, conjunction: &Conjunction) -> String {
        let parts: Vec<String> = conjunction
            .constraints
            .iter()
            .map(|(key, constraint)| self.describe_one(key, constraint))
            .collect();
        if parts.is_empty() { "any record".to_owned() } else { parts.join(" and ") }
    }

    fn describe_one(&self, key: &str, constraint: &Constraint) -> String {
        let Some(subject) = self.subjects.get(key) else { return key.to_owned() };
        let words = &subject.words;
        let number = |number: &Number| match &subject.ty {
            Type::Date => number
                .to_scaled(0)
                .and_then(|days| crate::value::Date::from_days(days as i64))
                .map_or_else(|| number.to_string(), |date| date.to_string()),
            ty => show::show_value(self.program, ty, &Value::Number(number.clone()), show::Language::English),
        };
        match constraint {
            Constraint::Bool(true) => words.clone(),
            Constraint::Bool(false) => format!("not {words}"),
            Constraint::Variants(set) => {
                let Type::Enum(id) = subject.ty else { return words.clone() };
                let variants = &self.program.enums[id.index()].variants;
                let names: Vec<&str> =
                    set.iter().filter_map(|at| variants.get(at as usize)).map(|v| v.name.as_str()).collect();
                match names.as_slice() {
                    [one] => format!("{words} == {one}"),
                    _ => format!("{words} in {{{}}}", names.join(", ")),
                }
            }
            Constraint::Texts { values, among } => {
                let list: Vec<String> = values.iter().map(|value| format!("\"{value}\"")).collect();
                format!("{words} {} {{{}}}", if *among { "in" } else { "not in" }, list.join(", "))
            }
            Constraint::Between { low: Some((low, true)), high: Some((high, true)) } if low == high => {
                format!("{words} == {}", number(low))
            }
            Constraint::Between { low, high } => {
                let low = low.as_ref().map(|(low, included)| {
                    format!("{words} {} {}", if *included { ">=" } else { ">" }, number(low))
                });
                let high = high.as_ref().map(|(high, included)| {
                    format!("{words} {} {}", if *included { "<=" } else { "<" }, number(high))
                });
                low.into_iter().chain(high).collect::<Vec<_>>().join(" and ")
            }
        }
    }
}

fn looks_across(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Aggregate(_))
}

fn opaque() -> Conjunction {
    Conjunction { constraints: BTreeMap::new(), opaque: true }
}

/// A number or date on its line.
pub fn position(value: &Value) -> Option<Number> {
    match value {
        Value::Number(number) => Some(number.clone()),
        Value::Date(date) => Some(Number::from_int(date.0.into())),
        Value::Time(time) => Some(Number::from_int(time.0)),
        _ => None,
    }
}

fn sides(op: CompareOp, at: Number) -> Vec<Constraint> {
    let below = |included| Constraint::Between { low: None, high: Some((at.clone(), included)) };
    let above = |included| Constraint::Between { low: Some((at.clone(), included)), high: None };
    match op {
        CompareOp::Equal => {
            vec![Constraint::Between { low: Some((at.clone(), true)), high: Some((at.clone(), true)) }]
        }
        CompareOp::NotEqual => vec![below(false), above(false)],
        CompareOp::Less => vec![below(false)],
        CompareOp::AtMost => vec![below(true)],
        CompareOp::Greater => vec![above(false)],
        CompareOp::AtLeast => vec![above(true)],
    }
}

fn negated(op: CompareOp) -> CompareOp {
    match op {
        CompareOp::Equal => CompareOp::NotEqual,
        CompareOp::NotEqual => CompareOp::Equal,
        CompareOp::Less => CompareOp::AtLeast,
        CompareOp::AtMost => CompareOp::Greater,
        CompareOp::Greater => CompareOp::AtMost,
        CompareOp::AtLeast => CompareOp::Less,
    }
}

fn mirrored(op: CompareOp) -> CompareOp {
    match op {
        CompareOp::Less => CompareOp::Greater,
        CompareOp::AtMost => CompareOp::AtLeast,
        CompareOp::Greater => CompareOp::Less,
        CompareOp::AtLeast => CompareOp::AtMost,
        same => same,
    }
}

fn join(a: Alternatives, b: Alternatives) -> Alternatives {
    let (mut a, b) = (a?, b?);
    a.extend(b);
    (a.len() <= MAX_ALTERNATIVES).then_some(a)
}

fn product(a: Alternatives, b: Alternatives) -> Alternatives {
    let (a, b) = (a?, b?);
    if a.len() * b.len() > MAX_ALTERNATIVES {
        return None;
    }
    Some(a.iter().flat_map(|left| b.iter().map(move |right| both(left, right))).collect())
}

/// Both at once.
pub fn both(a: &Conjunction, b: &Conjunction) -> Conjunction {
    let mut together = a.clone();
    together.opaque |= b.opaque;
    for (key, constraint) in &b.constraints {
        let merged = match together.constraints.get(key) {
            Some(other) => meet(other, constraint),
            None => constraint.clone(),
        };
        together.constraints.insert(key.clone(), merged);
    }
    together
}

pub fn meet(a: &Constraint, b: &Constraint) -> Constraint {
    match (a, b) {
        (Constraint::Variants(a), Constraint::Variants(b)) => Constraint::Variants(a.intersection(*b)),
        (Constraint::Bool(a), Constraint::Bool(b)) if a == b => Constraint::Bool(*a),
        (Constraint::Bool(_), Constraint::Bool(_)) => Constraint::Variants(VariantSet::EMPTY),
        (Constraint::Between { low: a, high: b }, Constraint::Between { low: c, high: d }) => {
            Constraint::Between { low: tighter(a, c, true), high: tighter(b, d, false) }
        }
        (Constraint::Texts { values: a, among: x }, Constraint::Texts { values: b, among: y }) => {
            let (values, among) = match (x, y) {
                (true, true) => (a.intersection(b).cloned().collect(), true),
                (true, false) => (a.difference(b).cloned().collect(), true),
                (false, true) => (b.difference(a).cloned().collect(), true),
                (false, false) => (a.union(b).cloned().collect(), false),
            };
            Constraint::Texts { values, among }
        }
        // One subject has one type, so its constraints are of one kind.
        (a, _) => a.clone(),
    }
}

fn tighter(a: &Edge, b: &Edge, low: bool) -> Edge {
    match (a, b) {
        (None, edge) | (edge, None) => edge.clone(),
        (Some((x, xi)), Some((y, yi))) if x == y => Some((x.clone(), *xi && *yi)),
        (Some((x, _)), Some((y, _))) => {
            if (x > y) == low {
                a.clone()
            } else {
                b.clone()
            }
        }
    }
}

/// For whole values, bounds that are whole and included: `> 3` is `>= 4`.
pub fn whole_edges(constraint: Constraint, whole: bool) -> Constraint {
    let Constraint::Between { low, high } = constraint else { return constraint };
    if !whole {
        return Constraint::Between { low, high };
    }
    let one = Number::ONE;
    let low = low.map(|(at, included)| {
        // The least whole number that is at or above (or just above) the bound.
        let floor = floor(&at);
        let next = if floor == at && included { at } else { floor.add(&one) };
        (next, true)
    });
    let high = high.map(|(at, included)| {
        let floor = floor(&at);
        let last = if floor == at && !included { floor.sub(&one) } else { floor };
        (last, true)
    });
    Constraint::Between { low, high }
}

fn floor(number: &Number) -> Number {
    let towards_zero = number.round_to(&Number::ONE, crate::value::Rounding::Down);
    if number.is_negative() && towards_zero != *number {
        towards_zero.sub(&Number::ONE)
    } else {
        towards_zero
    }
}

pub fn empty(constraint: &Constraint) -> bool {
    match constraint {
        Constraint::Variants(set) => set.is_empty(),
        Constraint::Bool(_) => false,
        Constraint::Texts { values, among } => *among && values.is_empty(),
        Constraint::Between { low: Some((low, a)), high: Some((high, b)) } => {
            low > high || (low == high && !(*a && *b))
        }
        Constraint::Between { .. } => false,
    }
}
