//! What expressions mean, as numbers: equal numbers, equal meaning, also across two programs. Places, layout and the
//! order of what may stand in any order do not count.

use std::collections::BTreeMap;

use indexmap::IndexSet;

use super::names::{Key, Kind, Renames};
use crate::check::typed::{
    Aggregate, AggregateKind, ArithOp, BudgetId, BudgetRule, Cell, CompareOp, DefineId, Expr, ExprKind, Let,
    MeasureId, NumberKind, ParamId, Program, RecordId, RegisterId, TableId, TableRow, Ties, Type,
};
use crate::value::ops::Hit;
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
    known: BTreeMap<(Kind, u32), Form>,
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

    /// What stands for something else: a field, param, define, another measure.
    fn reference(&mut self, scope: Scope<'a>, depth: Depth, expr: &'a Expr) -> Option<Form> {
        Some(match &expr.kind {
            ExprKind::Field(field) => self.field(scope.record, field.index()),
            ExprKind::Param(id) => self.param(depth, *id),
            ExprKind::Bound { param, most } => {
                let param = self.param(depth, *param);
                self.forms.node(if *most { "most" } else { "least" }, vec![param])
            }
            ExprKind::Define(id) => self.define(depth, *id),
            ExprKind::Unfilled(id) => self.forms.text(format!("left open {}", self.define_name(*id))),
            ExprKind::Let(at) => match (scope.lets.get(*at), depth) {
                (Some(own), Depth::Whole) => self.expr(scope, depth, &own.value),
                (Some(own), Depth::Named) => self.forms.text(format!("let {}", own.name)),
                (None, _) => self.forms.text(format!("let {at}")),
            },
            ExprKind::Member { field, register } => {
                let parts = vec![self.field(scope.record, field.index()), self.register(depth, *register)];
                self.forms.node("listed", parts)
            }
            ExprKind::Granted { measure, applies } => {
                let parts = vec![self.measure(depth, *measure)];
                self.forms.node(if *applies { "applies" } else { "granted" }, parts)
            }
            ExprKind::Award { measure, benefit } => {
                let parts = vec![self.measure(depth, *measure), self.award(depth, *measure, benefit)];
                self.forms.node("award", parts)
            }
            ExprKind::Claimed { budget, draw } | ExprKind::Drawn { budget, draw } => {
                let claimed = matches!(expr.kind, ExprKind::Claimed { .. });
                let parts = vec![self.budget(depth, *budget), self.draw(*budget, *draw)];
                self.forms.node(if claimed { "claimed" } else { "drawn" }, parts)
            }
            _ => return None,
        })
    }

    fn known(&mut self, kind: Kind, at: u32, make: impl FnOnce(&mut Self) -> Form) -> Form {
        if let Some(form) = self.known.get(&(kind, at)) {
            return *form;
        }
        let form = make(self);
        self.known.insert((kind, at), form);
        form
    }

    fn name(&mut self, kind: Kind, name: &str) -> Form {
        let key = self.renames.of(&Key::new(kind, name));
        self.named.push(key.clone());
        self.forms.text(format!("{} {}", kind.word(), key.name))
    }

    pub fn record(&mut self, id: RecordId) -> Form {
        let record = &self.program.records[id.index()];
        self.name(Kind::Record, &record.head.name)
    }

    pub fn field(&mut self, record: RecordId, field: usize) -> Form {
        let record = &self.program.records[record.index()];
        let name = Key::member(&record.head.name, &record.fields[field].name);
        self.name(Kind::Field, &name)
    }

    pub fn param(&mut self, depth: Depth, id: ParamId) -> Form {
        let param = &self.program.params[id.index()];
        let name = self.name(Kind::Param, &param.head.name);
        if depth == Depth::Named {
            return name;
        }
        self.known(Kind::Param, id.0, |reader| reader.timeline(id))
    }

    /// A param by its values; one value that always holds is that value.
    fn timeline(&mut self, id: ParamId) -> Form {
        let param = &self.program.params[id.index()];
        let mut steps = Vec::new();
        for step in &param.steps {
            let value = self.value(&param.ty, &step.value);
            if step.force == Default::default() && param.steps.len() == 1 && param.open.is_none() {
                return value;
            }
            steps.push(self.forms.node(format!("{:?}", step.force), vec![value]));
        }
        if let Some(open) = &param.open {
            let name = self.renames.of(&Key::new(Kind::Param, &param.head.name)).name;
            let bounds = format!("open {name} {:?} {:?} {}", open.least, open.most, open.decimals);
            steps.push(self.forms.text(bounds));
        }
        self.forms.node("param", steps)
    }

    fn define_name(&self, id: DefineId) -> String {
        let name = &self.program.defines[id.index()].head.name;
        self.renames.of(&Key::new(Kind::Define, name)).name
    }

    fn define(&mut self, depth: Depth, id: DefineId) -> Form {
        let define = &self.program.defines[id.index()];
        let name = self.name(Kind::Define, &define.head.name);
        if depth == Depth::Named {
            return name;
        }
        let scope = Scope { record: define.record, lets: &[] };
        self.known(Kind::Define, id.0, |reader| {
            let before = reader.named.len();
            let form = reader.expr(scope, depth, &define.body);
            reader.named.truncate(before);
            form
        })
    }

    fn register(&mut self, depth: Depth, id: RegisterId) -> Form {
        let register = &self.program.registers[id.index()];
        let name = self.name(Kind::Register, &register.head.name);
        if depth == Depth::Named {
            return name;
        }
        self.known(Kind::Register, id.0, |reader| {
            let mut members: Vec<&str> = register.members.iter().map(String::as_str).collect();
            members.sort_unstable();
            reader.forms.text(members.join("\n"))
        })
    }

    pub fn table(&mut self, depth: Depth, id: TableId) -> Form {
        let table = &self.program.tables[id.index()];
        let name = self.name(Kind::Table, &table.head.name);
        if depth == Depth::Named {
            return name;
        }
        self.known(Kind::Table, id.0, |reader| {
            let rows: Vec<Form> = table.rows.iter().map(|row| reader.row(id, row)).collect();
            match table.hit {
                Hit::First => reader.forms.node("first row", rows),
                Hit::Unique => reader.forms.set("only row", rows),
            }
        })
    }

    /// A row of a table.
    pub fn row(&mut self, id: TableId, row: &TableRow) -> Form {
        let table = &self.program.tables[id.index()];
        let mut parts = Vec::new();
        for (input, cell) in table.inputs.iter().zip(&row.cells) {
            parts.push(match cell {
                Cell::Any => self.forms.text("-"),
                Cell::Variants(set) => self.variants(&input.ty, *set),
                Cell::Values(values) => {
                    let values = values.iter().map(|value| self.value(&input.ty, value)).collect();
                    self.forms.set("values", values)
                }
                Cell::Range { low, high } => {
                    let mut end = |bound: &Option<(Value, bool)>| match bound {
                        None => self.forms.text("open"),
                        Some((value, included)) => {
                            let value = self.value(&input.ty, value);
                            self.forms.node(if *included { "included" } else { "excluded" }, vec![value])
                        }
                    };
                    let ends = vec![end(low), end(high)];
                    self.forms.node("range", ends)
                }
            });
        }
        parts.push(self.value(&table.output, &row.output));
        self.forms.node("row", parts)
    }

    /// Another measure by the conditions that it is asked by.
    fn measure(&mut self, depth: Depth, id: MeasureId) -> Form {
        let measure = &self.program.measures[id.index()];
        let name = self.name(Kind::Measure, &measure.head.name);
        if depth == Depth::Named {
            return name;
        }
        self.known(Kind::Measure, id.0, |reader| {
            let before = reader.named.len();
            let scope = Scope { record: measure.record, lets: &measure.lets };
            let mut parts = vec![reader.forms.text(format!("{:?}", measure.force))];
            for condition in measure.requires.iter() {
                parts.push(reader.expr(scope, depth, &condition.test));
            }
            for condition in measure.own_excepts() {
                let test = reader.expr(scope, depth, &condition.test);
                parts.push(reader.forms.node("not", vec![test]));
            }
            for branch in measure.choice.iter().flat_map(|choice| &choice.branches) {
                let when = branch.when.as_ref().map(|when| reader.expr(scope, depth, when));
                parts
                    .push(reader.forms.node(format!("branch {}", branch.refuse), when.into_iter().collect()));
            }
            reader.named.truncate(before);
            reader.forms.node("asked", parts)
        })
    }

    /// What another measure gives of a benefit.
    fn award(&mut self, depth: Depth, id: MeasureId, benefit: &str) -> Form {
        let measure = &self.program.measures[id.index()];
        let part = format!("benefit {benefit}");
        let name = self.renames.part(&Key::new(Kind::Measure, &measure.head.name), &part);
        if depth == Depth::Named {
            return self.forms.text(name);
        }
        let scope = Scope { record: measure.record, lets: &measure.lets };
        let drawn = |expr: &Expr| {
            let mut found = false;
            expr.walk(&mut |part| {
                found |= matches!(part.kind, ExprKind::Drawn { .. } | ExprKind::Award { .. });
            });
            found
        };
        let own = measure.all_benefits().filter(|own| own.name == benefit);
        let amounts: Vec<&Expr> = own.flat_map(|own| own.exprs()).filter(|amount| !drawn(amount)).collect();
        let before = self.named.len();
        let parts = amounts.into_iter().map(|amount| self.expr(scope, depth, amount)).collect();
        self.named.truncate(before);
        self.forms.node(name, parts)
    }

    fn budget(&mut self, depth: Depth, id: BudgetId) -> Form {
        let budget = &self.program.budgets[id.index()];
        let name = self.name(Kind::Budget, &budget.head.name);
        if depth == Depth::Named {
            return name;
        }
        self.known(Kind::Budget, id.0, |reader| {
            let scope = Scope { record: budget.record, lets: &[] };
            let pool = reader.expr(scope, depth, &budget.pool);
            let draws = (0..budget.draws.len()).map(|draw| reader.draw(id, draw)).collect();
            let draws = reader.forms.node("draws", draws);
            let rule = reader.rule(id);
            reader.forms.node(format!("budget {}", budget.known_only), vec![pool, draws, rule])
        })
    }

    pub fn draw(&mut self, budget: BudgetId, draw: usize) -> Form {
        let (measure, benefit) = &self.program.budgets[budget.index()].draws[draw];
        let key = Key::new(Kind::Measure, &self.program.measures[measure.index()].head.name);
        let benefit = self.renames.part(&key, &format!("benefit {benefit}"));
        let measure = self.renames.of(&key).name;
        self.forms.text(format!("{measure}.{benefit}"))
    }

    /// How a budget is handed out.
    pub fn rule(&mut self, id: BudgetId) -> Form {
        let budget = &self.program.budgets[id.index()];
        let scope = Scope { record: budget.record, lets: &[] };
        match &budget.rule {
            BudgetRule::ProRata => self.forms.text("pro rata"),
            BudgetRule::InOrder { by, descending, ties, cut } => {
                let mut parts = vec![self.expr(scope, Depth::Named, by)];
                parts.extend(ties.as_ref().map(|ties| self.expr(scope, Depth::Named, ties)));
                self.forms.node(format!("in order {descending} {cut}"), parts)
            }
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

    fn variant(&self, id: crate::check::typed::EnumId, variant: u8) -> String {
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
