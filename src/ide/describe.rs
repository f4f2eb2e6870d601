//! Types, ranges, dates and citations in the words of the language, for hovers, hints and completion.

use crate::check::index::{Thing, ThingKind};
use crate::check::show::{Language, show_value};
use crate::check::typed::*;
use crate::source::Span;
use crate::value::{Date, Number, Value};

/// A type as it is written, with whether its numbers are whole.
pub fn type_words(program: &Program, ty: &Type, whole: bool, language: Language) -> String {
    let pick = |english: &str, chinese: &str| language.pick(english, chinese).to_owned();
    let number = match ty {
        Type::Bool => return pick("bool", "是非"),
        Type::Text => return pick("text", "文本"),
        Type::Date => return pick("date", "日期"),
        Type::Time => return pick("time", "时刻"),
        Type::Enum(id) => {
            let head = &program.enums[id.index()].head;
            return pick(&head.name, &head.label);
        }
        Type::Number(number) => number,
    };
    let plain = if whole { pick("count", "数量") } else { pick("number", "数值") };
    match (number.kind, number.dimension.single()) {
        (NumberKind::Rate, _) => pick("rate", "比率"),
        (NumberKind::Points, _) => pick("points", "百分点"),
        (_, Some(DAY)) => pick("days", "天数"),
        (_, Some(MONTH)) => pick("months", "月数"),
        (_, Some(HOUR)) => pick("hours", "小时数"),
        _ if number.dimension.is_none() => plain,
        _ if number.dimension.currency().is_some() => {
            format!("{} {}", pick("money", "金额"), number.dimension)
        }
        _ => format!("{plain} {}", number.dimension),
    }
}

/// The type of an expression as it is written.
pub fn expr_type(program: &Program, expr: &Expr, language: Language) -> String {
    let counted = expr.range.low.as_ref().is_some_and(|low| !low.is_negative());
    type_words(program, &expr.ty, expr.decimals == Some(0) && counted, language)
}

/// What a number or date can be, where that is less than its type allows anyway: `0人..20人`, `≥ 0元`.
pub fn range_words(program: &Program, ty: &Type, range: &Interval, language: Language) -> Option<String> {
    let show =
        |bound: &Option<Number>| bound.as_ref().and_then(|bound| bound_words(program, ty, bound, language));
    match (show(&range.low), show(&range.high)) {
        (Some(low), Some(high)) if low == high => Some(format!("= {low}")),
        (Some(low), Some(high)) => Some(format!("{low}..{high}")),
        (Some(low), None) => Some(format!("≥ {low}")),
        (None, Some(high)) => Some(format!("≤ {high}")),
        (None, None) => None,
    }
}

/// `None` for a bound that says nothing: that of the type itself, or one beyond it.
fn bound_words(program: &Program, ty: &Type, bound: &Number, language: Language) -> Option<String> {
    let value = match ty {
        Type::Date => {
            let date = Date::from_days(i64::try_from(bound.to_scaled(0)?).ok()?)?;
            if date == Date::MIN || date == Date::MAX {
                return None;
            }
            Value::Date(date)
        }
        Type::Number(number) => {
            let digits = match (number.kind, number.dimension.currency()) {
                (NumberKind::Rate | NumberKind::Points, _) => 10,
                (_, Some(_)) => 16,
                _ => 12,
            };
            if bound.abs() >= Number::from_scaled(10i128.pow(digits), 0) {
                return None;
            }
            Value::Number(bound.clone())
        }
        _ => return None,
    };
    Some(show_value(program, ty, &value, language))
}

/// When something is in force, in words; `None` where nothing is said of it.
pub fn force_words(force: Force, language: Language) -> Option<String> {
    let (from, until) = (force.from.map(|day| day.to_string()), force.until.map(|day| day.to_string()));
    Some(match (from, until, language) {
        (None, None, _) => return None,
        (Some(from), None, Language::English) => format!("from {from}"),
        (None, Some(until), Language::English) => format!("until {until}"),
        (Some(from), Some(until), Language::English) => format!("from {from} until {until}"),
        (Some(from), None, Language::Chinese) => format!("自 {from}"),
        (None, Some(until), Language::Chinese) => format!("至 {until}"),
        (Some(from), Some(until), Language::Chinese) => format!("自 {from} 至 {until}"),
    })
}

/// The source and article of a citation: `lu_2020 art 24`, `lu_2020 第24条`.
pub fn article_words(cite: &Cite, language: Language) -> String {
    match (cite.article, language) {
        (None, _) => cite.source.clone(),
        (Some(article), Language::English) => format!("{} art {article}", cite.source),
        (Some(article), Language::Chinese) => format!("{} 第{article}条", cite.source),
    }
}

/// What kind of thing a name stands for, in a word.
pub fn kind_words(kind: ThingKind, language: Language) -> &'static str {
    let (english, chinese) = match kind {
        ThingKind::Policy => ("policy", "政策"),
        ThingKind::Source => ("source", "来源"),
        ThingKind::Enum => ("enum", "枚举"),
        ThingKind::Variant => ("value", "枚举值"),
        ThingKind::Unit => ("unit", "单位"),
        ThingKind::Record => ("record", "记录"),
        ThingKind::Field => ("field", "字段"),
        ThingKind::Param => ("param", "参数"),
        ThingKind::Define => ("define", "定义"),
        ThingKind::Table => ("table", "决策表"),
        ThingKind::Input => ("input", "输入"),
        ThingKind::Register => ("register", "名录"),
        ThingKind::Calendar => ("calendar", "日历"),
        ThingKind::Measure => ("measure", "措施"),
        ThingKind::Duty => ("duty", "义务"),
        ThingKind::Target => ("target", "目标"),
        ThingKind::Let => ("let", "令"),
        ThingKind::Condition => ("condition", "条件"),
        ThingKind::Branch => ("alternative", "情形"),
        ThingKind::Benefit => ("benefit", "给予内容"),
        ThingKind::Budget => ("budget", "预算"),
        ThingKind::BestOf => ("best of", "就高"),
        ThingKind::Principle => ("principle", "原则"),
    };
    language.pick(english, chinese)
}

/// What the checker made of a thing.
pub enum Checked<'p> {
    Policy(&'p Policy),
    Source(&'p SourceDocument),
    Enum(&'p Enum),
    Variant(&'p Enum),
    Unit(&'p NamedUnit),
    Record(&'p Record),
    Field(&'p Field),
    Param(&'p Param),
    Define(&'p Define),
    Table(&'p Table),
    Input(&'p TableInput),
    Register(&'p Register),
    Calendar(&'p Head),
    Measure(&'p Measure),
    Let(&'p Measure, &'p Let),
    Condition(&'p Measure, &'p Condition),
    Branch(&'p Measure, &'p Branch),
    Benefit(&'p Measure, &'p Benefit),
    Budget(&'p Budget),
    Principle(&'p Principle),
}

/// What the checker made of a thing; `None` where that is broken, or nothing but a name.
pub fn checked<'p>(program: &'p Program, thing: &Thing) -> Option<Checked<'p>> {
    let span = thing.name.span;
    let is = |head: &Head| head.span == span;
    match thing.kind {
        ThingKind::Policy => program.policy.as_ref().filter(|own| is(&own.head)).map(Checked::Policy),
        ThingKind::Source => {
            let named = program.sources.iter().filter(|own| own.name == thing.name.text);
            named.max_by_key(|own| own.own).map(Checked::Source)
        }
        ThingKind::Enum => program.enums.iter().find(|own| is(&own.head)).map(Checked::Enum),
        ThingKind::Variant => {
            let has = |own: &&Enum| own.variants.iter().any(|variant| variant.span == span);
            program.enums.iter().find(has).map(Checked::Variant)
        }
        ThingKind::Unit => {
            let known = |own: &&NamedUnit| own.words.contains(&thing.name.text);
            program.units.iter().find(known).map(Checked::Unit)
        }
        ThingKind::Record => program.records.iter().find(|own| is(&own.head)).map(Checked::Record),
        ThingKind::Field => {
            let mut fields = program.records.iter().flat_map(|own| &own.fields);
            fields.find(|field| field.span == span).map(Checked::Field)
        }
        ThingKind::Param => program.params.iter().find(|own| is(&own.head)).map(Checked::Param),
        ThingKind::Define => program.defines.iter().find(|own| is(&own.head)).map(Checked::Define),
        ThingKind::Table => program.tables.iter().find(|own| is(&own.head)).map(Checked::Table),
        ThingKind::Input => {
            let mut inputs = program.tables.iter().flat_map(|own| &own.inputs);
            inputs.find(|input| input.span == span).map(Checked::Input)
        }
        ThingKind::Register => program.registers.iter().find(|own| is(&own.head)).map(Checked::Register),
        ThingKind::Calendar => program.calendars.iter().find(|own| is(own)).map(Checked::Calendar),
        ThingKind::Budget => program.budgets.iter().find(|own| is(&own.head)).map(Checked::Budget),
        ThingKind::Principle => program.principles.iter().find(|own| is(&own.head)).map(Checked::Principle),
        ThingKind::BestOf => None,
        _ => program.measures.iter().find_map(|own| part_of_measure(own, thing.kind, span)),
    }
}

fn part_of_measure(measure: &Measure, kind: ThingKind, span: Span) -> Option<Checked<'_>> {
    match kind {
        ThingKind::Let => {
            measure.lets.iter().find(|own| own.span == span).map(|own| Checked::Let(measure, own))
        }
        ThingKind::Condition => {
            let mut all = measure.requires.iter().chain(&measure.excepts).chain(&measure.checks);
            all.find(|own| own.span == span).map(|own| Checked::Condition(measure, own))
        }
        ThingKind::Branch => {
            let mut all = measure.choice.iter().flat_map(|choice| &choice.branches);
            all.find(|own| own.span == span).map(|own| Checked::Branch(measure, own))
        }
        ThingKind::Benefit => {
            let mut all = measure.all_benefits();
            all.find(|own| own.span == span).map(|own| Checked::Benefit(measure, own))
        }
        _ => (measure.head.span == span).then_some(Checked::Measure(measure)),
    }
}
