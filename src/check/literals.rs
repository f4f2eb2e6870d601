//! Types literals: a number gets the unit that is written, or that its neighbour calls for.

use super::checker::Checker;
use super::expr::Env;
use super::typed::*;
use super::units::{self, MONTHS_A_YEAR, YEAR};
use crate::diag::{Diagnostic, codes};
use crate::source::Span;
use crate::syntax::ast::Word;
use crate::value::{Dimension, Number, Unit, Value};

impl Checker<'_> {
    pub(super) fn quantity(
        &mut self,
        env: &Env,
        number: &Word,
        unit: Option<&Word>,
        span: Span,
        hint: Option<&Type>,
    ) -> Option<Expr> {
        let Ok(digits) = number.text.parse::<Number>() else {
            self.report(super::operators::too_large(number.span));
            return None;
        };
        let Some(word) = unit else {
            return Some(Expr::value(Value::Number(digits), Type::plain(), span));
        };
        let (unit, kind) = self.unit(env, word)?;
        let value = digits.mul(&unit.factor);
        if !value.in_limits() {
            self.report(super::operators::too_large(span));
            return None;
        }
        let ty = Type::Number(NumberType { dimension: unit.dimension, kind });
        self.literals.push((value.clone(), ty.clone(), span));
        let years = Type::unit(Dimension::base(YEAR));
        if ty == years && hint != Some(&years) {
            let months = value.mul(&Number::from_int(MONTHS_A_YEAR));
            return Some(Expr::value(Value::Number(months), Type::months(), span));
        }
        Some(Expr::value(Value::Number(value), ty, span))
    }

    /// The unit that a word of the text names; reports where it names none.
    pub(super) fn unit(&mut self, env: &Env, word: &Word) -> Option<(Unit, NumberKind)> {
        if let Some(unit) = units::parse_unit(&word.text, &self.program.units) {
            self.refer_units(word);
            return Some((unit, units::number_kind(&word.text)));
        }
        if self.broken_names.contains(&word.text) {
            return None;
        }
        let mut problem =
            Diagnostic::new(&codes::UNKNOWN_UNIT, word.span, format!("`{}` is not a unit", word.text))
                .at("not a unit that is known here");
        let money = format!("{}元", word.text);
        if units::parse_unit(&money, &[]).is_some() {
            problem = problem
                .note(format!("an amount of money needs its currency: write `{money}`"))
                .fix(word.span, money);
        } else if let Some((unit, rest)) = self.unit_with_tail(&word.text) {
            problem = problem.note(format!("put a space between `{unit}` and `{rest}`"));
        } else if let Some(written) = self.per_unit(&word.text) {
            problem =
                problem.note(format!("so much for each is written `{written}`")).fix(word.span, written);
        } else if word.text.contains('/') && self.names_a_value(env, &word.text) {
            problem = problem.note("to divide by a value, put spaces around `/`");
        } else {
            problem = problem.suggest(&word.text, units::words());
            problem = problem.note("declare it: `unit 箱 \"box\"`, or `unit 箱 = 0.025吨`");
        }
        self.report(problem);
        None
    }

    /// Notes which declared units a word is made of: the second part of `元/箱`, the end of `万箱`.
    fn refer_units(&mut self, word: &Word) {
        if self.unit_places.is_empty() || self.sources.text(word.span) != word.text {
            return;
        }
        let mut at = 0;
        for part in word.text.split_inclusive(['/', '·']) {
            let own = part.trim_end_matches(['/', '·']);
            let start = word.span.start as usize + at;
            at += part.len();
            let fits = |name: &&String| {
                let before = own.strip_suffix(name.as_str());
                before.is_some_and(|rest| rest.is_empty() || units::parse_unit(rest, &[]).is_some())
            };
            let named = self.unit_places.keys().filter(fits).max_by_key(|name| name.len());
            if let Some((length, place)) = named.map(|name| (name.len(), self.unit_places[name])) {
                let end = start + own.len();
                self.refer(Span::new(word.span.file, end - length, end), place);
            }
        }
    }

    /// `元/人` for `元每人`.
    fn per_unit(&self, word: &str) -> Option<String> {
        let written = word.replace('每', "/");
        (written != word && units::parse_unit(&written, &self.program.units).is_some()).then_some(written)
    }

    fn unit_with_tail<'w>(&self, word: &'w str) -> Option<(&'w str, &'w str)> {
        let ends: Vec<usize> = word.char_indices().map(|(at, _)| at).skip(1).collect();
        let end = ends
            .into_iter()
            .rev()
            .find(|end| units::parse_unit(&word[..*end], &self.program.units).is_some())?;
        let rest = &word[end..];
        crate::syntax::words::CHINESE_OPERATORS
            .iter()
            .any(|op| rest.starts_with(op))
            .then(|| (&word[..end], rest))
    }

    fn names_a_value(&self, env: &Env, word: &str) -> bool {
        word.split('/').skip(1).all(|part| self.resolve(env, part, None).is_some())
    }

    /// A problem that says what type was found and what was wanted, under the code that fits best.
    pub(super) fn mismatch(&self, found: &Expr, wanted: &Type) -> Diagnostic {
        let (is, needed) = (self.type_name(&found.ty), self.type_name(wanted));
        let at = format!("this is {is}");
        let message = format!("{needed} is needed here, this is {is}");
        let (Type::Number(a), Type::Number(b)) = (&found.ty, wanted) else {
            return self.hint_of_kind(
                Diagnostic::new(&codes::TYPE_MISMATCH, found.span, message).at(at),
                found,
                wanted,
            );
        };
        if b.dimension.is_none() && b.kind != NumberKind::Plain && a.dimension.is_none() {
            if let (NumberKind::Plain, Some(number)) = (a.kind, found.constant_number()) {
                return self.without_percent(found, number, b.kind, &needed);
            }
            return Diagnostic::new(&codes::TYPE_MISMATCH, found.span, message).at(at).note(
                "a rate is a share (`5%`); percentage points (`5个百分点`) are a difference of two rates",
            );
        }
        if a.dimension.currency().is_some() && b.dimension.currency().is_some() {
            return Diagnostic::new(
                &codes::CURRENCY_MISMATCH,
                found.span,
                format!("{needed} is needed here, this is {is}"),
            )
            .at(at)
            .note("currencies mix only through a rate that the policy gives: `param rate = 7元/美元`");
        }
        if matches!(
            (a.dimension.single(), b.dimension.single()),
            (Some(DAY), Some(MONTH)) | (Some(MONTH), Some(DAY))
        ) {
            return Diagnostic::new(&codes::DAYS_AND_MONTHS, found.span, "days and months are mixed")
                .at(at)
                .note("a month has 28 to 31 days, so one is not a number of the other; use the unit of the document");
        }
        let mut problem = Diagnostic::new(&codes::UNIT_MISMATCH, found.span, message).at(at);
        if let ExprKind::Param(id) = found.kind {
            problem = problem.also(self.program.params[id.index()].head.span, "the param is declared here");
        }
        if !a.dimension.is_none() || a.kind != NumberKind::Plain {
            return problem.note("quantities are added and compared only where they are of the same kind");
        }
        match self.with_unit(found, &b.dimension) {
            Some(written) => {
                let shown: Vec<String> = written.iter().map(|text| format!("`{text}`")).collect();
                let note = format!("write the unit directly after the digits: {}", shown.join(" or "));
                written.into_iter().fold(problem.note(note), |problem, text| problem.or_fix(found.span, text))
            }
            None => problem,
        }
    }

    /// A bare number where a rate or percentage points are needed.
    fn without_percent(&self, found: &Expr, number: &Number, kind: NumberKind, needed: &str) -> Diagnostic {
        let digits = self.plain_text(found, number);
        let sign = if kind == NumberKind::Rate { "%" } else { "个百分点" };
        let hundredfold = format!("{}{sign}", number.mul(&Number::from_int(100)));
        let as_written = format!("{digits}{sign}");
        // 5 was meant as 5%, 0.05 as well.
        let small = number.abs() < Number::ONE;
        let (likely, other) = if small { (&hundredfold, &as_written) } else { (&as_written, &hundredfold) };
        let message = format!("`{digits}` stands where {needed} is needed");
        Diagnostic::new(&codes::RATE_WITHOUT_PERCENT, found.span, message)
            .at(format!("read as {digits}, that is {hundredfold}"))
            .note(format!("write `{likely}`, or `{other}` if that is meant"))
            .fix(found.span, likely.clone())
            .or_fix(found.span, other.clone())
    }

    /// What was meant, where two kinds of value are often taken for each other.
    fn hint_of_kind(&self, problem: Diagnostic, found: &Expr, wanted: &Type) -> Diagnostic {
        if let (Type::Enum(id), Some(Value::Text(text))) = (wanted, found.constant()) {
            let variants = &self.program.enums[id.index()].variants;
            let named = variants.iter().find(|one| one.name == text.as_ref() || one.label == text.as_ref());
            if let Some(variant) = named {
                let name = variant.name.clone();
                return problem
                    .note(format!("a value of an enum stands without quotation marks: `{name}`"))
                    .fix(found.span, name);
            }
        }
        problem
    }

    /// How a bare number that stands in the text would look with its unit.
    fn with_unit(&self, found: &Expr, dimension: &Dimension) -> Option<Vec<String>> {
        found.constant_number()?;
        let digits = self.sources.text(found.span);
        if !digits.starts_with(|c: char| c.is_ascii_digit()) || digits.contains(char::is_whitespace) {
            return None;
        }
        let scaled = digits.ends_with(['万', '亿', '千']);
        let units = match dimension.currency() {
            Some("CNY") if !scaled => vec!["元".to_owned(), "万元".to_owned()],
            Some("CNY") => vec!["元".to_owned()],
            _ if dimension.single() == Some(MONTH) => vec!["个月".to_owned()],
            _ => vec![dimension.to_string()],
        };
        Some(units.into_iter().map(|unit| format!("{digits}{unit}")).collect())
    }

    fn plain_text(&self, found: &Expr, number: &Number) -> String {
        let text = self.sources.text(found.span);
        if text.chars().all(|c| c.is_ascii_digit() || c == '.') {
            text.to_owned()
        } else {
            number.to_string()
        }
    }

    /// A type in words, with its article: `money in 元`, `a rate`.
    pub(super) fn type_name(&self, ty: &Type) -> String {
        match ty {
            Type::Bool => "a condition (true or false)".to_owned(),
            Type::Text => "text".to_owned(),
            Type::Enum(id) => format!("a value of `{}`", self.program.enums[id.index()].head.name),
            Type::Date => "a date".to_owned(),
            Type::Time => "a time".to_owned(),
            Type::Number(number) => match number.kind {
                NumberKind::Rate => "a rate".to_owned(),
                NumberKind::Points => "percentage points".to_owned(),
                NumberKind::Plain if number.dimension.is_none() => "a number without unit".to_owned(),
                NumberKind::Plain => match (number.dimension.currency(), number.dimension.single()) {
                    (Some(_), _) => format!("money in {}", number.dimension),
                    (_, Some(DAY)) => "a number of days".to_owned(),
                    (_, Some(MONTH)) => "a number of months".to_owned(),
                    (_, Some(HOUR)) => "a number of hours".to_owned(),
                    _ => format!("a number of {}", number.dimension),
                },
            },
        }
    }
}
