//! What expressions mean, as numbers: equal numbers, equal meaning, also across two programs. Places, layout and the
//! order of what may stand in any order do not count.

use std::collections::BTreeMap;

use indexmap::IndexSet;

use super::names::{Key, Kind, Renames};
use crate::check::typed::{
    Aggregate, AggregateKind, ArithOp, CompareOp, EnumId, Expr, ExprKind, Let, NumberKind, Program, RecordId,
    Ties, Type,
};
use crate::value::{DayRule, Value, VariantSet};

/// A meaning, or a way to say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Form(u32);

/// All forms of a comparison, each once.
#[derive(Debug, Default)]
pub struct Forms {
    nodes: IndexSet<(String, Vec<Form>)>,
}

impl Forms {
    pub fn node(&mut self, head: impl Into<String>, parts: Vec<Form>) -> Form {
        Form(self.nodes.insert_full((head.into(), parts)).0 as u32)
    }

    pub fn text(&mut self, text: impl Into<String>) -> Form {
        self.node(text, Vec::new())
    }

    /// Of parts whose order does not matter.
    pub fn set(&mut self, head: &str, mut parts: Vec<Form>) -> Form {
        parts.sort_unstable();
        parts.dedup();
        match &parts[..] {
            [only] if matches!(head, "and" | "or" | "min" | "max") => *only,
            _ => self.node(head, parts),
        }
    }

    /// A form with everything in it, for what words for people do not tell; up to a length.
    pub fn show(&self, form: Form) -> String {
        const MOST: usize = 2_000;
        let mut out = String::new();
        self.write(form, &mut out, MOST);
        out
    }

    fn write(&self, form: Form, out: &mut String, most: usize) {
        let Some((head, parts)) = self.nodes.get_index(form.0 as usize) else { return };
        if out.len() > most {
            out.push('…');
            return;
        }
        out.push_str(head);
        if parts.is_empty() {
            return;
        }
        out.push('(');
        for (at, part) in parts.iter().enumerate() {
            if at > 0 {
                out.push_str(", ");
            }
            self.write(*part, out, most);
        }
        out.push(')');
    }
}

/// How what an expression names is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// By its name: as it is said.
    Named,
    /// By what it stands for: as it is meant.
    Whole,
}

/// The surroundings of an expression.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    pub record: RecordId,
    pub lets: &'a [Let],
}

/// Reads the expressions of one program.
pub struct Reader<'a> {
    pub program: &'a Program,
    /// How the other program calls what this one names.
    pub renames: &'a Renames,
    pub forms: &'a mut Forms,
    /// What was named since this was last taken.
    pub named: Vec<Key>,
    /// What things stand for, by their positions.
    pub(super) known: BTreeMap<(Kind, u32), Form>,
}

impl<'a> Reader<'a> {
    pub fn new(program: &'a Program, renames: &'a Renames, forms: &'a mut Forms) -> Reader<'a> {
        Reader { program, renames, forms, named: Vec::new(), known: BTreeMap::new() }
    }

    pub fn expr(&mut self, scope: Scope<'a>, depth: Depth, expr: &'a Expr) -> Form {
        match &expr.kind {
            ExprKind::Const(value) => self.value(&expr.ty, value),
            ExprKind::Not(a) => self.not(scope, depth, a),
            ExprKind::All(_) | ExprKind::Any(_) => self.joined(scope, depth, expr),
            ExprKind::Compare(op, a, b) => {
                let (a, b) = (self.expr(scope, depth, a), self.expr(scope, depth, b));
                self.compare(*op, a, b)
            }
            ExprKind::Between { value, low, high, high_included } => {
                let [value, low, high] = [value, low, high].map(|part| self.expr(scope, depth, part));
                let below = if *high_included { CompareOp::AtMost } else { CompareOp::Less };
                let parts =
                    vec![self.compare(CompareOp::AtLeast, value, low), self.compare(below, value, high)];
                self.forms.set("and", parts)
            }
            ExprKind::Among(value, among) => {
                let (value, among) = (self.expr(scope, depth, value), self.each(scope, depth, among));
                let tests = among.into_iter().map(|other| self.compare(CompareOp::Equal, value, other));
                let tests = tests.collect();
                self.forms.set("or", tests)
            }
            ExprKind::Variants(a, set) => {
                let (of, set) = (self.expr(scope, depth, a), self.variants(&a.ty, *set));
                self.forms.node("in", vec![of, set])
            }
            ExprKind::Match { on, arms } => {
                let ty = &on.ty;
                let on = self.expr(scope, depth, on);
                let arm = |(set, value): &'a (VariantSet, Expr)| {
                    let parts = vec![self.variants(ty, *set), self.expr(scope, depth, value)];
                    self.forms.node("arm", parts)
                };
                let arms: Vec<Form> = arms.iter().map(arm).collect();
                let arms = self.forms.set("arms", arms);
                self.forms.node("match", vec![on, arms])
            }
            ExprKind::Aggregate(aggregate) => self.aggregate(scope, depth, aggregate),
            _ => match self.reference(scope, depth, expr) {
                Some(form) => form,
                None => self.operation(scope, depth, expr),
            },
        }
    }

    fn each(&mut self, scope: Scope<'a>, depth: Depth, of: &'a [Expr]) -> Vec<Form> {
        of.iter().map(|part| self.expr(scope, depth, part)).collect()
    }

    fn not(&mut self, scope: Scope<'a>, depth: Depth, of: &'a Expr) -> Form {
        match &of.kind {
            ExprKind::Not(inner) => self.expr(scope, depth, inner),
            ExprKind::Compare(op, a, b) => {
                let (a, b) = (self.expr(scope, depth, a), self.expr(scope, depth, b));
                let opposite = match op {
                    CompareOp::Equal => CompareOp::NotEqual,
                    CompareOp::NotEqual => CompareOp::Equal,
                    CompareOp::Less => CompareOp::AtLeast,
                    CompareOp::AtMost => CompareOp::Greater,
                    CompareOp::Greater => CompareOp::AtMost,
                    CompareOp::AtLeast => CompareOp::Less,
                };
                self.compare(opposite, a, b)
            }
            _ => {
                let of = self.expr(scope, depth, of);
                self.forms.node("not", vec![of])
            }
        }
    }

    /// `and` or `or`, with the parts of the same inside it.
    fn joined(&mut self, scope: Scope<'a>, depth: Depth, expr: &'a Expr) -> Form {
        let all = matches!(expr.kind, ExprKind::All(_));
        let (mut waiting, mut parts) = (vec![expr], Vec::new());
        while let Some(next) = waiting.pop() {
            match &next.kind {
                ExprKind::All(of) if all => waiting.extend(of),
                ExprKind::Any(of) if !all => waiting.extend(of),
                ExprKind::Between { .. } if all => {
                    // Two comparisons, as if they stood here.
                    let between = self.expr(scope, depth, next);
                    let (head, inside) = &self.forms.nodes[between.0 as usize];
                    parts.extend(if head == "and" { inside.clone() } else { vec![between] });
                }
                _ => parts.push(self.expr(scope, depth, next)),
            }
        }
        self.forms.set(if all { "and" } else { "or" }, parts)
    }

    fn compare(&mut self, op: CompareOp, a: Form, b: Form) -> Form {
        match op {
            CompareOp::Equal => self.forms.set("=", vec![a, b]),
            CompareOp::NotEqual => self.forms.set("≠", vec![a, b]),
            CompareOp::Less => self.forms.node("<", vec![a, b]),
            CompareOp::Greater => self.forms.node("<", vec![b, a]),
            CompareOp::AtMost => self.forms.node("≤", vec![a, b]),
            CompareOp::AtLeast => self.forms.node("≤", vec![b, a]),
        }
    }

    fn operation(&mut self, scope: Scope<'a>, depth: Depth, expr: &'a Expr) -> Form {
        let head = match &expr.kind {
            ExprKind::Arith(op, a, b) => {
                let parts = vec![self.expr(scope, depth, a), self.expr(scope, depth, b)];
                return match op {
                    ArithOp::Add | ArithOp::Multiply => {
                        let mut parts = parts;
                        parts.sort_unstable();
                        self.forms.node(if *op == ArithOp::Add { "+" } else { "×" }, parts)
                    }
                    ArithOp::Subtract => self.forms.node("-", parts),
                    ArithOp::Divide => self.forms.node("÷", parts),
                };
            }
            ExprKind::Least(of) | ExprKind::Greatest(of) => {
                let least = matches!(expr.kind, ExprKind::Least(_));
                let parts = self.each(scope, depth, of);
                return self.forms.set(if least { "min" } else { "max" }, parts);
            }
            ExprKind::Table { table, inputs } => {
                let mut parts = vec![self.table(depth, *table)];
                parts.extend(self.each(scope, depth, inputs));
                return self.forms.node("call", parts);
            }
            ExprKind::AsOf => "as_of".to_owned(),
            ExprKind::Negate(_) => "negate".to_owned(),
            ExprKind::Abs(_) => "abs".to_owned(),
            ExprKind::Round { rounding, step, .. } => format!("round {} to {step}", rounding.name()),
            ExprKind::AddMonths { rule, .. } => format!("add months, {}", self.day_rule(depth, *rule)),
            ExprKind::AddDays { .. } => "add days".to_owned(),
            ExprKind::AddWorkdays { calendar, name, .. } => {
                self.named.push(Key::new(Kind::Calendar, name));
                match depth {
                    Depth::Named => format!("calendar {name}"),
                    Depth::Whole => format!("{calendar:?}"),
                }
            }
            ExprKind::DaysBetween(..) => "days".to_owned(),
            ExprKind::AddHours { .. } => "add hours".to_owned(),
            ExprKind::HoursBetween(..) => "hours".to_owned(),
            ExprKind::Part(part, _) => format!("{part:?}"),
            ExprKind::DateOf(_) => "date".to_owned(),
            ExprKind::Known(_) => "known".to_owned(),
            ExprKind::Otherwise(..) => "otherwise".to_owned(),
            ExprKind::If { .. } => "if".to_owned(),
            ExprKind::Amended { from, .. } => format!("from {from}"),
            _ => unreachable!("what is named and what is joined is read elsewhere"),
        };
        let mut parts = Vec::new();
        expr.each_part(&mut |part| parts.push(part));
        let parts = parts.into_iter().map(|part| self.expr(scope, depth, part)).collect();
        self.forms.node(head, parts)
    }

    /// The rule by its own name, but as the header's where it is the header's.
    fn day_rule(&self, depth: Depth, rule: DayRule) -> String {
        let header = self.program.policy.as_ref().and_then(|policy| policy.day_rule);
        match depth {
            Depth::Named if header == Some(rule) => "the header's rule".to_owned(),
            _ => format!("{rule:?}"),
        }
    }

    fn aggregate(&mut self, scope: Scope<'a>, depth: Depth, aggregate: &'a Aggregate) -> Form {
        let theirs = Scope { record: aggregate.over, ..scope };
        let mut parts = vec![self.record(aggregate.over)];
        let kind = match &aggregate.kind {
            AggregateKind::Rank { descending, ties } => {
                let ties = match ties {
                    Ties::Share => self.forms.text("ties share"),
                    Ties::By(by) => self.expr(theirs, depth, by),
                };
                parts.push(ties);
                format!("rank {descending}")
            }
            other => format!("{other:?}"),
        };
        let own = [(&aggregate.of, theirs), (&aggregate.filter, theirs), (&aggregate.group, theirs)];
        for (part, scope) in own.into_iter().chain([(&aggregate.mine, scope)]) {
            parts.push(match part {
                Some(part) => self.expr(scope, depth, part),
                None => self.forms.text("-"),
            });
        }
        self.forms.node(format!("{kind} known only {}", aggregate.known_only), parts)
    }

    pub fn value(&mut self, ty: &Type, value: &Value) -> Form {
        let text = match (value, ty) {
            (Value::Enum(variant), Type::Enum(id)) => self.variant(*id, *variant),
            (Value::Number(number), Type::Number(ty)) => {
                let kind = match ty.kind {
                    NumberKind::Plain => "",
                    NumberKind::Rate => "rate",
                    NumberKind::Points => "points",
                };
                format!("{number}{}{kind}", ty.dimension)
            }
            (Value::Text(text), _) => format!("{text:?}"),
            (other, _) => format!("{other:?}"),
        };
        self.forms.text(text)
    }

    fn variant(&self, id: EnumId, variant: u8) -> String {
        let own = &self.program.enums[id.index()];
        let name = own.variants.get(usize::from(variant)).map_or("", |variant| &variant.name);
        self.renames.part(&Key::new(Kind::Enum, &own.head.name), &format!("variant {name}"))
    }

    pub fn variants(&mut self, ty: &Type, set: VariantSet) -> Form {
        let names = match ty {
            Type::Enum(id) => {
                self.named.push(Key::new(Kind::Enum, &self.program.enums[id.index()].head.name));
                set.iter().map(|variant| self.variant(*id, variant)).collect()
            }
            _ => vec![format!("{set:?}")],
        };
        let names = names.into_iter().map(|name| self.forms.text(name)).collect();
        self.forms.set("variants", names)
    }

    /// A type as texts of policies have it.
    pub fn ty(&mut self, ty: &Type) -> Form {
        let text = match ty {
            Type::Enum(id) => {
                let name = &self.program.enums[id.index()].head.name;
                return self.name(Kind::Enum, name);
            }
            Type::Number(number) => format!("{:?} {}", number.kind, number.dimension),
            other => format!("{other:?}"),
        };
        self.forms.text(text)
    }
}
