//! Types calls: the functions of the language and decision tables.

use super::checker::Checker;
use super::expr::{Env, joined};
use super::scope::Symbol;
use super::typed::*;
use crate::diag::{Diagnostic, codes};
use crate::source::Span;
use crate::syntax::ast::{self, Argument, Word};
use crate::syntax::words::{self, Keyword};
use crate::value::{Number, Rounding};

impl Checker<'_> {
    pub(super) fn call(
        &mut self,
        env: &Env,
        name: &Word,
        arguments: &[Argument],
        span: Span,
        hint: Option<&Type>,
    ) -> Option<Expr> {
        if let Some(Symbol::Table(id)) = self.scopes.of(env.module).get(&name.text) {
            self.refer_symbol(name.span, Symbol::Table(id));
            return self.table_call(env, id, name, arguments, span);
        }
        if let Some(Symbol::Calendar(id)) = self.scopes.of(env.module).get(&name.text) {
            self.used.insert(Symbol::Calendar(id));
            self.refer_symbol(name.span, Symbol::Calendar(id));
            return self.calendar_call(env, id, name, arguments, span);
        }
        let named = |function: &&Keyword| [function.english, function.chinese].contains(&name.text.as_str());
        let function = words::functions().find(named).map(|function| function.english);
        let takes_no_to = function.is_some_and(|function| function != "round");
        if let Some(to) = arguments.iter().find(|argument| argument.to && takes_no_to) {
            self.report(wrong_arguments(to.value.span, "only `round` takes `to:`".to_owned()));
            return None;
        }
        match function {
            Some("round") => self.round(env, arguments, span, hint),
            Some("min") => self.extreme(env, arguments, span, hint, true),
            Some("max") => self.extreme(env, arguments, span, hint, false),
            Some("abs") => self.absolute(env, arguments, span, hint),
            Some("year") => self.part(env, DatePart::Year, arguments, span),
            Some("month") => self.part(env, DatePart::Month, arguments, span),
            Some("day") => self.part(env, DatePart::Day, arguments, span),
            Some("date") => {
                let [time] = self.exactly(arguments, span, "date(time)")?;
                let time = self.expect(env, &time.value, &Type::Time, "`date` takes the day of a time")?;
                Some(Expr::number(
                    ExprKind::DateOf(Box::new(time)),
                    Type::Date,
                    span,
                    Interval::any(),
                    Some(0),
                ))
            }
            _ if self.broken_names.contains(&name.text) => None,
            _ => {
                let names = words::functions().flat_map(|own| [own.english, own.chinese]).map(str::to_owned);
                let tables = self.scopes.of(env.module).names().map(str::to_owned);
                let names: Vec<String> = names.chain(tables).collect();
                self.report(
                    Diagnostic::new(&codes::UNKNOWN_FUNCTION, name.span, format!("there is no function or table `{}`", name.text))
                        .at("not known here")
                        .suggest(&name.text, names.iter().map(String::as_str))
                        .note("functions: round, min, max, abs, year, month, day, date; tables are called by their name"),
                );
                None
            }
        }
    }

    fn exactly<'a, const N: usize>(
        &mut self,
        arguments: &'a [Argument],
        span: Span,
        form: &str,
    ) -> Option<&'a [Argument; N]> {
        let found = arguments.try_into().ok();
        if found.is_none() {
            self.report(wrong_arguments(span, format!("write `{form}`")));
        }
        found
    }

    fn round(&mut self, env: &Env, arguments: &[Argument], span: Span, hint: Option<&Type>) -> Option<Expr> {
        let form = "round(x, half_up, to: 1元)";
        let [value, mode, step] = self.exactly(arguments, span, form)?;
        let rounding = match &mode.value.kind {
            ast::ExprKind::Path(path) if path.len() == 1 => rounding_named(&path[0].text),
            _ => None,
        };
        let (Some(rounding), true) = (rounding, step.to) else {
            let names: Vec<&str> = Rounding::ALL.iter().map(|rounding| rounding.name()).collect();
            let place = if rounding.is_none() { mode.value.span } else { step.value.span };
            self.report(wrong_arguments(place, format!("write `{form}`; roundings: {}", names.join(", "))));
            return None;
        };
        let value = self.infer(env, &value.value, hint)?;
        if value.ty.number().is_none() {
            let problem = self.mismatch(&value, &Type::plain());
            self.report(problem);
            return None;
        }
        let step = self.step(env, &step.value, &value.ty)?;
        let range = value.range.round(rounding, &step);
        let (ty, decimals) = (value.ty.clone(), step.decimals());
        Some(Expr::number(
            ExprKind::Round { value: Box::new(value), rounding, step },
            ty,
            span,
            range,
            decimals,
        ))
    }

    /// A rounding step: a constant above zero.
    pub(super) fn step(&mut self, env: &Env, expr: &ast::Expr, ty: &Type) -> Option<Number> {
        let step =
            self.expect(&Env::constant(env.module), expr, ty, "the step is of the kind of what is rounded")?;
        let number = step.constant_number().filter(|step| !step.is_zero() && !step.is_negative()).cloned();
        if number.is_none() {
            self.report(
                Diagnostic::new(
                    &codes::NOT_CONSTANT,
                    expr.span,
                    "the rounding step must be a constant above zero",
                )
                .at("not such a constant")
                .note("write the step itself: `to: 1元`, `to: 1分`, `to: 0.01%`"),
            );
        }
        number
    }

    fn extreme(
        &mut self,
        env: &Env,
        arguments: &[Argument],
        span: Span,
        hint: Option<&Type>,
        least: bool,
    ) -> Option<Expr> {
        if arguments.len() < 2 {
            self.report(wrong_arguments(
                span,
                "write `min(a, b)` or `max(a, b)`, with two values or more".to_owned(),
            ));
            return None;
        }
        let mut values = Vec::new();
        let mut ty = hint.filter(|hint| hint.number().is_some()).cloned();
        for argument in arguments {
            let value = match &ty {
                Some(ty) => self.expect(env, &argument.value, ty, "all values are of one kind"),
                None => self.infer(env, &argument.value, None),
            };
            ty = ty.or_else(|| value.as_ref().map(|value| value.ty.clone()));
            values.push(value);
        }
        let values = values.into_iter().collect::<Option<Vec<Expr>>>()?;
        let (ty, _, decimals) = joined(&values);
        if ty.number().is_none() && ty != Type::Date {
            let found = self.type_name(&ty);
            self.report(
                Diagnostic::new(
                    &codes::NOT_ORDERED,
                    span,
                    format!("`min` and `max` need numbers or dates, this is {found}"),
                )
                .at("no order"),
            );
            return None;
        }
        let pick = |a: Interval, b: &Expr| if least { a.least(&b.range) } else { a.greatest(&b.range) };
        let range = values.iter().skip(1).fold(values[0].range.clone(), pick);
        let kind = if least { ExprKind::Least(values) } else { ExprKind::Greatest(values) };
        Some(Expr::number(kind, ty, span, range, decimals))
    }

    fn absolute(
        &mut self,
        env: &Env,
        arguments: &[Argument],
        span: Span,
        hint: Option<&Type>,
    ) -> Option<Expr> {
        let [value] = self.exactly(arguments, span, "abs(x)")?;
        let value = self.infer(env, &value.value, hint)?;
        if value.ty.number().is_none() {
            let problem = self.mismatch(&value, &Type::plain());
            self.report(problem);
            return None;
        }
        let (ty, range, decimals) = (value.ty.clone(), value.range.abs(), value.decimals);
        Some(Expr::number(ExprKind::Abs(Box::new(value)), ty, span, range, decimals))
    }

    fn part(&mut self, env: &Env, part: DatePart, arguments: &[Argument], span: Span) -> Option<Expr> {
        let [value] = self.exactly(arguments, span, "year(date), month(date) or day(date)")?;
        let date = self.expect(env, &value.value, &Type::Date, "year, month and day are parts of a date")?;
        let most = match part {
            DatePart::Year => 9999,
            DatePart::Month => 12,
            DatePart::Day => 31,
        };
        let range = Interval::new(Number::ONE, Number::from_int(most));
        Some(Expr::number(ExprKind::Part(part, Box::new(date)), Type::plain(), span, range, Some(0)))
    }

    fn table_call(
        &mut self,
        env: &Env,
        id: TableId,
        name: &Word,
        arguments: &[Argument],
        span: Span,
    ) -> Option<Expr> {
        self.used.insert(Symbol::Table(id));
        let table = self.tables[id.index()].clone()?;
        if arguments.len() != table.inputs.len() {
            let inputs: Vec<&str> = table.inputs.iter().map(|input| input.name.as_str()).collect();
            let problem = wrong_arguments(span, format!("write `{}({})`", name.text, inputs.join(", ")))
                .also(table.head.span, "the table is declared here");
            self.report(problem);
            return None;
        }
        let inputs: Vec<Option<Expr>> = arguments
            .iter()
            .zip(&table.inputs)
            .map(|(argument, input)| {
                let why = format!("this is the input `{}` of the table", input.name);
                self.expect(env, &argument.value, &input.ty, &why)
            })
            .collect();
        let inputs = inputs.into_iter().collect::<Option<Vec<Expr>>>()?;
        let outputs: Vec<Expr> = table
            .rows
            .iter()
            .map(|row| Expr::value(row.output.clone(), table.output.clone(), row.span))
            .collect();
        let (_, range, decimals) = joined(&outputs);
        Some(Expr::number(ExprKind::Table { table: id, inputs }, table.output, span, range, decimals))
    }
}

/// A rounding by its English or Chinese name.
pub fn rounding_named(name: &str) -> Option<Rounding> {
    Some(match name {
        "half_up" | "四舍五入" => Rounding::HalfUp,
        "half_even" | "四舍六入五成双" => Rounding::HalfEven,
        "up" | "进位" => Rounding::Up,
        "down" | "舍去" => Rounding::Down,
        _ => return None,
    })
}

fn wrong_arguments(span: Span, note: String) -> Diagnostic {
    Diagnostic::new(&codes::WRONG_ARGUMENTS, span, "called with other values than it takes")
        .at("too few, too many, or of another kind")
        .note(note)
}
