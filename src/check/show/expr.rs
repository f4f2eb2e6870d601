//! Expressions with labels in place of names.

use crate::check::show::{Language, show_rounding, show_value, show_variants};
use crate::check::typed::{
    Aggregate, AggregateKind, ArithOp, BudgetId, CompareOp, DatePart, Expr, ExprKind, Let, Measure, Program,
    RecordId,
};
use crate::value::Value;

/// What the names in an expression refer to.
#[derive(Debug, Clone, Copy)]
pub struct Names<'a> {
    pub program: &'a Program,
    pub record: RecordId,
    /// Of the surrounding measure.
    pub lets: &'a [Let],
    pub language: Language,
}

/// An expression in words.
pub fn show_expr(names: Names<'_>, expr: &Expr) -> String {
    show_expr_with(names, expr, &|_| None)
}

/// An expression in words, with parts replaced where `instead` has something to say: their values.
pub fn show_expr_with(names: Names<'_>, expr: &Expr, instead: &dyn Fn(&Expr) -> Option<String>) -> String {
    Printer { names, instead }.print(expr, Level::Loose)
}

/// How tightly an operator binds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Loose,
    Or,
    And,
    Not,
    Compare,
    Sum,
    Product,
    Tight,
}

struct Printer<'a> {
    names: Names<'a>,
    instead: &'a dyn Fn(&Expr) -> Option<String>,
}

/// The sign of a comparison for people.
pub(crate) fn sign(op: CompareOp) -> &'static str {
    match op {
        CompareOp::Equal => "=",
        CompareOp::NotEqual => "≠",
        CompareOp::Less => "<",
        CompareOp::AtMost => "≤",
        CompareOp::Greater => ">",
        CompareOp::AtLeast => "≥",
    }
}

impl Printer<'_> {
    /// In brackets where the surroundings bind tighter than the expression.
    fn print(&self, expr: &Expr, around: Level) -> String {
        if let Some(text) = (self.instead)(expr) {
            return text;
        }
        let (level, text) = self.level_and_text(expr);
        if level < around { format!("({text})") } else { text }
    }

    fn level_and_text(&self, expr: &Expr) -> (Level, String) {
        let (program, language) = (self.names.program, self.names.language);
        match &expr.kind {
            ExprKind::Not(a) => {
                (Level::Not, format!("{}{}", language.pick("not ", "非 "), self.print(a, Level::Not)))
            }
            ExprKind::All(of) => (Level::And, self.join(of, language.pick(" and ", " 且 "), Level::And)),
            ExprKind::Any(of) => (Level::Or, self.join(of, language.pick(" or ", " 或 "), Level::Or)),
            ExprKind::Compare(op, a, b) => (Level::Compare, self.infix(a, sign(*op), b, Level::Sum)),
            ExprKind::Variants(a, set) => {
                let labels = show_variants(program, &a.ty, *set, language);
                let subject = self.print(a, Level::Sum);
                match set.single() {
                    Some(_) => (Level::Compare, format!("{subject} = {labels}")),
                    None => {
                        (Level::Compare, format!("{subject} {} {{{labels}}}", language.pick("in", "属于")))
                    }
                }
            }
            ExprKind::Among(a, of) => {
                let among = self.join(of, language.pick(", ", "、"), Level::Loose);
                let subject = self.print(a, Level::Sum);
                (Level::Compare, format!("{subject} {} {{{among}}}", language.pick("in", "属于")))
            }
            ExprKind::Between { value, low, high, high_included } => {
                let dots = if *high_included { ".." } else { " ..< " };
                let [value, low, high] = [value, low, high].map(|part| self.print(part, Level::Sum));
                (Level::Compare, format!("{value} {} {low}{dots}{high}", language.pick("in", "属于")))
            }
            ExprKind::Arith(op, a, b) => self.arith(*op, a, b),
            ExprKind::Negate(a) => (Level::Tight, format!("-{}", self.print(a, Level::Tight))),
            ExprKind::AddMonths { date: a, months: b, .. }
            | ExprKind::AddDays { date: a, days: b }
            | ExprKind::AddHours { time: a, hours: b } => (Level::Sum, self.infix(a, "+", b, Level::Sum)),
            ExprKind::DaysBetween(a, b) | ExprKind::HoursBetween(a, b) => {
                (Level::Sum, format!("{} − {}", self.print(a, Level::Sum), self.print(b, Level::Product)))
            }
            ExprKind::Known(a) => {
                (Level::Not, format!("{}{}", language.pick("known ", "已知 "), self.print(a, Level::Tight)))
            }
            ExprKind::Otherwise(a, b) => {
                (Level::Loose, self.infix(a, language.pick("otherwise", "缺则"), b, Level::Or))
            }
            ExprKind::If { when, then, other } => (Level::Loose, self.choice(when, then, other)),
            ExprKind::Match { on, arms } => (Level::Tight, self.arms(on, arms)),
            _ => (Level::Tight, self.tight(expr)),
        }
    }

    /// Names, constants and what is written like a call.
    fn tight(&self, expr: &Expr) -> String {
        let (program, language) = (self.names.program, self.names.language);
        match &expr.kind {
            ExprKind::Const(Value::Text(text)) => format!("“{text}”"),
            ExprKind::Const(value) => show_value(program, &expr.ty, value, language),
            ExprKind::Field(id) => {
                program.records[self.names.record.index()].fields[id.index()].label.clone()
            }
            ExprKind::Param(id) => program.params[id.index()].head.label.clone(),
            ExprKind::AddWorkdays { date, days, name, .. } => self.call(name, [&**date, &**days]),
            ExprKind::Define(id) => program.defines[id.index()].head.label.clone(),
            ExprKind::Let(at) => self.names.lets.get(*at).map_or_else(|| format!("#{at}"), let_label),
            ExprKind::AsOf => language.pick("the as-of date", "评估日").into(),
            ExprKind::Abs(a) => self.call(language.pick("abs", "绝对值"), [&**a]),
            ExprKind::Least(of) => self.call(language.pick("min", "最小"), of),
            ExprKind::Greatest(of) => self.call(language.pick("max", "最大"), of),
            ExprKind::Round { value, rounding, step } => {
                let step = show_value(program, &value.ty, &Value::Number(step.clone()), language);
                let value = self.print(value, Level::Loose);
                let to = language.pick(" to ", "到");
                format!(
                    "{}({value}{}{to}{step})",
                    language.pick("round", "舍入"),
                    separated(language, *rounding)
                )
            }
            ExprKind::Part(part, a) => {
                let name = match part {
                    DatePart::Year => language.pick("year", "年份"),
                    DatePart::Month => language.pick("month", "月份"),
                    DatePart::Day => language.pick("day", "日"),
                };
                self.call(name, [&**a])
            }
            ExprKind::DateOf(a) => self.call(language.pick("date", "日期"), [&**a]),
            ExprKind::Table { table, inputs } => self.call(&program.tables[table.index()].head.label, inputs),
            ExprKind::Aggregate(aggregate) => self.aggregate(aggregate),
            _ => self.rule(expr),
        }
    }

    /// What rests on other texts: amendments, other measures, lists, what is left open.
    fn rule(&self, expr: &Expr) -> String {
        let (program, language) = (self.names.program, self.names.language);
        match &expr.kind {
            ExprKind::Amended { from, now, before, .. } => {
                let [now, before] = [now, before].map(|part| self.print(part, Level::Or));
                match language {
                    Language::English => format!("(from {from} {now}, before that {before})"),
                    Language::Chinese => format!("({from}起 {now},此前 {before})"),
                }
            }
            ExprKind::Granted { measure, applies } => {
                let label = &program.measures[measure.index()].head.label;
                match applies {
                    false => format!("{}{label}", language.pick("granted ", "给予")),
                    true => format!("{label}{}", language.pick(" applies", "适用")),
                }
            }
            ExprKind::Award { measure, benefit } => {
                let own = &program.measures[measure.index()];
                format!("{}.{}", own.head.label, benefit_label(own, benefit))
            }
            ExprKind::Claimed { budget, draw } => {
                let label = self.draw_label(*budget, *draw);
                format!("{}{label}", language.pick("claim of ", "申请的"))
            }
            ExprKind::Drawn { budget, draw } => {
                let (label, budget) =
                    (self.draw_label(*budget, *draw), &program.budgets[budget.index()].head.label);
                match language {
                    Language::English => format!("{label} out of {budget}"),
                    Language::Chinese => format!("{budget}可给的{label}"),
                }
            }
            ExprKind::Member { field, register } => {
                let field = &program.records[self.names.record.index()].fields[field.index()].label;
                let register = &program.registers[register.index()];
                let dated = register.dated.map_or(String::new(), |day| match language {
                    Language::English => format!(" of {day}"),
                    Language::Chinese => format!("({day})"),
                });
                format!("{field} {} {}{dated}", language.pick("in", "属于"), register.head.label)
            }
            ExprKind::Bound { param, most } => {
                let end = if *most {
                    language.pick("at most", "上限")
                } else {
                    language.pick("at least", "下限")
                };
                format!("{}({end})", program.params[param.index()].head.label)
            }
            ExprKind::Unfilled(id) => {
                let open = program.defines[id.index()].open.as_ref();
                let by =
                    open.and_then(|open| open.by.as_deref()).unwrap_or(language.pick("others", "另行规定"));
                format!("{}{by}", language.pick("decided by ", "留待"))
            }
            _ => unreachable!("operators are printed by how tightly they bind"),
        }
    }

    fn draw_label(&self, budget: BudgetId, draw: usize) -> &str {
        let program = self.names.program;
        let (measure, benefit) = &program.budgets[budget.index()].draws[draw];
        benefit_label(&program.measures[measure.index()], benefit)
    }

    fn infix(&self, a: &Expr, sign: &str, b: &Expr, inside: Level) -> String {
        format!("{} {sign} {}", self.print(a, inside), self.print(b, inside))
    }

    fn arith(&self, op: ArithOp, a: &Expr, b: &Expr) -> (Level, String) {
        let (level, right, sign) = match op {
            ArithOp::Add => (Level::Sum, Level::Sum, "+"),
            ArithOp::Subtract => (Level::Sum, Level::Product, "−"),
            ArithOp::Multiply => (Level::Product, Level::Product, "×"),
            ArithOp::Divide => (Level::Product, Level::Tight, "÷"),
        };
        (level, format!("{} {sign} {}", self.print(a, level), self.print(b, right)))
    }

    fn join(&self, of: &[Expr], between: &str, level: Level) -> String {
        of.iter().map(|part| self.print(part, level)).collect::<Vec<_>>().join(between)
    }

    fn call<'e>(&self, name: &str, of: impl IntoIterator<Item = &'e Expr>) -> String {
        let parts: Vec<String> = of.into_iter().map(|part| self.print(part, Level::Loose)).collect();
        format!("{name}({})", parts.join(", "))
    }

    fn choice(&self, when: &Expr, then: &Expr, other: &Expr) -> String {
        let [when, then, other] = [when, then, other].map(|part| self.print(part, Level::Or));
        match self.names.language {
            Language::English => format!("if {when} then {then} else {other}"),
            Language::Chinese => format!("如果 {when} 则 {then} 否则 {other}"),
        }
    }

    fn arms(&self, on: &Expr, arms: &[(crate::value::VariantSet, Expr)]) -> String {
        let (program, language) = (self.names.program, self.names.language);
        let arm = |(set, value): &(crate::value::VariantSet, Expr)| {
            let labels = show_variants(program, &on.ty, *set, language);
            format!("{labels} => {}", self.print(value, Level::Loose))
        };
        let arms: Vec<String> = arms.iter().map(arm).collect();
        let subject = self.print(on, Level::Loose);
        format!("{} {subject} {{ {} }}", language.pick("match", "区分"), arms.join("; "))
    }

    fn aggregate(&self, aggregate: &Aggregate) -> String {
        let (program, language) = (self.names.program, self.names.language);
        let names = Names { record: aggregate.over, ..self.names };
        let theirs = Printer { names, instead: self.instead };
        let over = &program.records[aggregate.over.index()].head.label;
        let of = aggregate.of.as_ref().map_or(String::new(), |of| theirs.print(of, Level::Tight));
        let members = aggregate.mine.is_some();
        let filter = aggregate.filter.as_ref().map(|filter| theirs.print(filter, Level::Or));
        let mut text = match (&aggregate.kind, language) {
            (AggregateKind::One, _) => return format!("{over}.{of}"),
            (AggregateKind::Rank { descending, .. }, Language::English) => {
                format!("rank by {of} {}", if *descending { "descending" } else { "ascending" })
            }
            (AggregateKind::Rank { descending, .. }, Language::Chinese) => {
                format!("按 {of} {}的名次", if *descending { "降序" } else { "升序" })
            }
            (kind, Language::English) => {
                let its = if members { "its " } else { "" };
                let of =
                    if of.is_empty() { format!("{its}{over}") } else { format!("{of} over {its}{over}") };
                format!("{} of {of}", aggregate_name(kind, language))
            }
            (kind, Language::Chinese) => {
                let all = if members { "所属" } else { "全体" };
                let only = filter.as_ref().map_or(String::new(), |filter| format!("({filter}的)"));
                match kind {
                    AggregateKind::Any => format!("{all}{over}{only}中有{of}的"),
                    AggregateKind::All => format!("{all}{over}{only}都{of}"),
                    _ => format!("{all}{over}{only}{of}的{}", aggregate_name(kind, language)),
                }
            }
        };
        let told = language == Language::Chinese && !matches!(aggregate.kind, AggregateKind::Rank { .. });
        if let (Some(filter), false) = (filter, told) {
            text += &format!("{}{filter}", language.pick(" where ", ",其中 "));
        }
        if let (Some(group), false) = (&aggregate.group, members) {
            text += &format!("{}{}", language.pick(" by ", ",分组 "), theirs.print(group, Level::Tight));
        }
        text
    }
}

fn benefit_label<'m>(measure: &'m Measure, benefit: &'m str) -> &'m str {
    let named = measure.all_benefits().find(|own| own.name == benefit);
    named.map_or(benefit, |own| if own.label.is_empty() { benefit } else { &own.label })
}

fn aggregate_name(kind: &AggregateKind, language: Language) -> &'static str {
    match kind {
        AggregateKind::Rank { .. } => language.pick("rank", "名次"),
        AggregateKind::Sum => language.pick("sum", "合计"),
        AggregateKind::Average => language.pick("average", "平均值"),
        AggregateKind::Least => language.pick("least", "最低值"),
        AggregateKind::Greatest => language.pick("greatest", "最高值"),
        AggregateKind::Count => language.pick("count", "数量"),
        AggregateKind::Any => language.pick("any", "任一"),
        AggregateKind::All => language.pick("all", "全都"),
        AggregateKind::One => language.pick("value", "值"),
    }
}

fn separated(language: Language, rounding: crate::value::Rounding) -> String {
    format!("{}{}", language.pick(", ", ","), show_rounding(rounding, language))
}

pub(crate) fn let_label(own: &Let) -> String {
    if own.label.is_empty() { own.name.clone() } else { own.label.clone() }
}
