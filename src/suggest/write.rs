//! Cases as text of the language, in the words of the set.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::Suggestions;
use super::words::status;
use super::world::{Slot, World};
use crate::check::show::Language;
use crate::check::typed::{
    CaseTarget, DAY, Field, HOUR, Head, MONTH, Measure, NumberKind, NumberType, Program, RecordId, Type,
};
use crate::check::units::{YEAR, parse_unit};
use crate::interp::{Answer, AwardValue, Evaluator, Status};
use crate::ir::{self, MeasurePlan, RecordPlan};
use crate::source::FileId;
use crate::syntax;
use crate::value::{Causes, Fact, Number, Value};

pub struct Writer<'a> {
    pub program: &'a Program,
    pub core: &'a ir::Program,
    /// By file the module that `use` names.
    pub modules: &'a BTreeMap<FileId, String>,
    pub language: Language,
}

/// Names are written as labels where the language of the set is not that of names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Spelling {
    Labels,
    Names,
}

impl Writer<'_> {
    /// A case with what the policy answers; `None` where a value of it cannot be written.
    pub fn case(
        &self,
        world: &World,
        target: CaseTarget,
        position: Option<usize>,
        title: &str,
    ) -> Option<String> {
        let expected = world.look(self.core, |evaluator| self.expected(evaluator, target, position))?;
        // A label may be a word of the language; then the names do.
        let spellings = match self.language {
            Language::Chinese => &[Spelling::Labels, Spelling::Names][..],
            Language::English => &[Spelling::Names][..],
        };
        spellings.iter().find_map(|spelling| {
            let text = self.item(world, target, title, &expected, *spelling)?;
            syntax::parse(FileId(0), &text).1.is_empty().then_some(text)
        })
    }

    /// The names that a case needs, each with its module; `None` where the set cannot name one.
    pub fn uses(&self, world: &World, target: &Head) -> Option<BTreeSet<(String, String)>> {
        let params = world.set.keys().map(|param| &self.program.params[param.index()].head);
        let others = world.others.iter().map(|other| &self.program.records[other.record.index()].head);
        let heads = params.chain(others).chain([target]);
        heads.map(|head| Some((self.modules.get(&head.span.file)?.clone(), head.name.clone()))).collect()
    }

    fn item(
        &self,
        world: &World,
        target: CaseTarget,
        title: &str,
        expected: &str,
        spelling: Spelling,
    ) -> Option<String> {
        let pick = |english: &'static str, chinese: &'static str| self.language.pick(english, chinese);
        let (head, usual) = match target {
            CaseTarget::Measure(id) => {
                let measure = &self.program.measures[id.index()];
                (&measure.head, measure.force.from)
            }
            CaseTarget::Define(id) => {
                let policy = self.program.policy.as_ref();
                (&self.program.defines[id.index()].head, policy.and_then(|policy| policy.force.from))
            }
        };
        let mut text =
            format!("{} {} {} {}", pick("case", "算例"), quoted(title), pick("for", "适用"), head.name);
        if usual != Some(world.as_of) {
            let day = self.literal(&Type::Date, &Value::Date(world.as_of), spelling)?;
            let _ = write!(text, " {} {day}", pick("as of", "截至"));
        }
        text.push_str(" {\n");
        for (param, value) in &world.set {
            let param = &self.program.params[param.index()];
            let value = self.literal(&param.ty, value, spelling)?;
            let _ = writeln!(text, "  {} {} = {value}", pick("set", "设"), param.head.name);
        }
        let given = pick("given", "已知");
        for other in &world.others {
            let name = &self.program.records[other.record.index()].head.name;
            let _ =
                writeln!(text, "  {given} {name} {}", self.fields(other.record, &other.fields, spelling)?);
        }
        for _ in 0..world.beside {
            let _ = writeln!(text, "  {given} {}", self.fields(world.record, &world.alike, spelling)?);
        }
        let _ = writeln!(text, "  {given} {}", self.fields(world.record, &world.own, spelling)?);
        let _ = writeln!(text, "  {} {expected}", pick("expect", "预期"));
        text.push_str("}\n");
        Some(text)
    }

    fn fields(&self, record: RecordId, slots: &[Slot], spelling: Spelling) -> Option<String> {
        let fields = &self.program.records[record.index()].fields;
        let mut parts = Vec::new();
        for (field, slot) in fields.iter().zip(slots) {
            if let Slot::Value(value) = slot {
                let name = name_of(fields, field, spelling);
                parts.push(format!("{name}: {}", self.literal(&field.ty, value, spelling)?));
            }
        }
        Some(if parts.is_empty() { "{ }".to_owned() } else { format!("{{ {} }}", parts.join(", ")) })
    }

    // ------------------------------------------------------------ expectations

    fn expected(
        &self,
        evaluator: &mut Evaluator<'_>,
        target: CaseTarget,
        position: Option<usize>,
    ) -> Option<String> {
        let record = evaluator.plan();
        match (target, position) {
            (CaseTarget::Measure(id), Some(position)) => {
                let answer = evaluator.answer(position);
                self.answer(&self.program.measures[id.index()], &record.measures[position], &answer, record)
            }
            (CaseTarget::Define(id), _) => {
                let define = &self.program.defines[id.index()];
                Some(match evaluator.define(&define.head.name)? {
                    Fact::Known(value) => {
                        format!("= {}", self.literal(&define.body.ty, &value, Spelling::Names)?)
                    }
                    Fact::Missing(missing) => self.undetermined(&missing.causes, record),
                    Fact::Error(error) => format!("{} {error}", self.language.pick("error", "错误")),
                })
            }
            _ => None,
        }
    }

    fn answer(
        &self,
        measure: &Measure,
        plan: &MeasurePlan,
        answer: &Answer,
        record: &RecordPlan,
    ) -> Option<String> {
        let mut words = status(self.language, answer.status.name_for(plan, answer.branch)).to_owned();
        match answer.status {
            Status::Undetermined => return Some(self.undetermined(&answer.missing, record)),
            Status::Error => words.extend(answer.error.map(|error| format!(" {error}"))),
            _ => {}
        }
        if let (Some(branch), Some(choice), true) = (answer.branch, &measure.choice, plan.shows_branch()) {
            let _ = write!(words, " {}", choice.branches[branch].name);
        }
        let failed: Vec<&str> = answer.failed.iter().map(|failure| failure.name(plan)).collect();
        if !failed.is_empty() {
            let _ = write!(words, " {}", failed.join(", "));
        }
        let amounts: Vec<String> = (plan.columns.iter().zip(&answer.awards))
            .filter_map(|(column, award)| {
                let amount = self.amount(column.ty.as_ref()?, award.as_ref()?, column.drawn)?;
                Some(format!("{}: {amount}", column.name))
            })
            .collect();
        if !amounts.is_empty() {
            let _ = write!(words, " {{ {} }}", amounts.join(", "));
        }
        Some(words)
    }

    fn amount(&self, ty: &Type, award: &AwardValue, drawn: bool) -> Option<String> {
        let least = self.literal(ty, &award.least, Spelling::Names)?;
        match &award.most {
            Some(most) if *most != award.least && !drawn => {
                Some(format!("{least} .. {}", self.literal(ty, most, Spelling::Names)?))
            }
            _ => Some(least),
        }
    }

    fn undetermined(&self, causes: &Causes, record: &RecordPlan) -> String {
        let names: Vec<&str> =
            causes.iter().map(|cause| record.inputs[usize::from(cause)].name.as_str()).collect();
        let word = self.language.pick("undetermined", "待定");
        match names.is_empty() {
            true => word.to_owned(),
            false => format!("{word} {} {}", self.language.pick("missing", "缺"), names.join(", ")),
        }
    }

    // ------------------------------------------------------------ values

    /// A value as a literal.
    fn literal(&self, ty: &Type, value: &Value, spelling: Spelling) -> Option<String> {
        Some(match (value, ty) {
            (Value::Bool(true), _) => self.language.pick("true", "真").to_owned(),
            (Value::Bool(false), _) => self.language.pick("false", "假").to_owned(),
            (Value::Number(number), Type::Number(ty)) => self.number(number, ty)?,
            (Value::Date(date), _) => match self.language {
                Language::English => date.to_string(),
                Language::Chinese => format!("{:04}年{}月{}日", date.year(), date.month(), date.day()),
            },
            (Value::Time(time), _) => {
                let text = time.to_string();
                text.strip_suffix(":00").map_or(text.clone(), str::to_owned)
            }
            (Value::Enum(variant), Type::Enum(id)) => {
                let all = &self.program.enums[id.index()].variants;
                let own = all.get(usize::from(*variant))?;
                let clear =
                    all.iter().filter(|other| other.label == own.label || other.name == own.label).count()
                        == 1;
                let by_label = spelling == Spelling::Labels && clear && crate::check::is_name(&own.label);
                if by_label { own.label.clone() } else { own.name.clone() }
            }
            (Value::Text(text), _) => quoted(text),
            _ => return None,
        })
    }

    fn number(&self, number: &Number, ty: &NumberType) -> Option<String> {
        let chinese = self.language == Language::Chinese;
        number.decimals()?;
        let hundredfold = grouped(&number.mul(&Number::from_int(100)));
        let is_year = ty.dimension.single() == Some(YEAR);
        let number = if is_year { number.to_string() } else { grouped(number) };
        Some(match (ty.kind, ty.dimension.single()) {
            (NumberKind::Rate, _) => format!("{hundredfold}%"),
            (NumberKind::Points, _) => format!("{hundredfold}{}", if chinese { "个百分点" } else { "pp" }),
            (NumberKind::Plain, None) if ty.dimension.is_none() => number,
            (NumberKind::Plain, Some(MONTH)) => {
                format!("{number}{}", if chinese { "个月" } else { " months" })
            }
            (NumberKind::Plain, Some(DAY)) => format!("{number}{}", if chinese { "天" } else { " days" }),
            (NumberKind::Plain, Some(HOUR)) => format!("{number}{}", if chinese { "小时" } else { " hours" }),
            _ => {
                let word = ty.dimension.to_string();
                let unit = parse_unit(&word, &self.program.units)?;
                let same = unit.factor == Number::ONE && unit.dimension == ty.dimension;
                same.then(|| format!("{number}{word}"))?
            }
        })
    }
}

/// Digits in groups of three, where there are more than four before the point.
fn grouped(number: &Number) -> String {
    let text = number.to_string();
    let (whole, fraction) = text.split_at(text.find('.').unwrap_or(text.len()));
    let (sign, digits) = whole.split_at(whole.len() - whole.trim_start_matches('-').len());
    if digits.len() < 5 {
        return text;
    }
    let mut out = sign.to_owned();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push('_');
        }
        out.push(digit);
    }
    out + fraction
}

/// The spelling of a field.
fn name_of<'f>(fields: &[Field], field: &'f Field, spelling: Spelling) -> &'f str {
    let clear =
        |other: &Field| std::ptr::eq(other, field) || other.name != field.label && other.label != field.label;
    let by_label =
        spelling == Spelling::Labels && fields.iter().all(clear) && crate::check::is_name(&field.label);
    if by_label { &field.label } else { &field.name }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace(['\n', '\r'], " "))
}

/// The first so many cases as a file.
pub fn file(all: &Suggestions, most: usize, language: Language) -> String {
    let pick = |english: &'static str, chinese: &'static str| language.pick(english, chinese);
    let shown = &all.cases[..most.min(all.cases.len())];
    let mut text = String::new();
    let mut modules: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (module, name) in shown.iter().flat_map(|case| &case.uses) {
        modules.entry(module).or_default().insert(name);
    }
    if !shown.is_empty() {
        text.push_str(pick(
            "// Suggested cases: each says what the policy answers now. Keep those whose answer is what the text means.\n",
            "// 建议的算例：预期是政策现在的回答。逐个对照原文，与原文意思一致的留下。\n",
        ));
    }
    for (module, names) in modules {
        let names: Vec<&str> = names.into_iter().collect();
        let _ = writeln!(text, "{} {module}.{{{}}}", pick("use", "引用"), names.join(", "));
    }
    for case in shown {
        let _ = write!(text, "\n{}", case.text);
    }
    let left = all.cases.len() - shown.len();
    let lead = |text: &mut String| {
        if !text.is_empty() {
            text.push('\n')
        }
    };
    if left > 0 {
        lead(&mut text);
        let _ = match language {
            Language::English => writeln!(
                text,
                "// {left} more: --suggest=all shows them, --filter NAME those of one measure or module"
            ),
            Language::Chinese => {
                writeln!(
                    text,
                    "// 另有{left}个：--suggest=all 全部列出，--filter 名称 只列一项措施或一个模块的"
                )
            }
        };
    }
    if !all.unsolved.is_empty() {
        lead(&mut text);
        text.push_str(pick("// No case was found for:\n", "// 以下各项没有找到算例：\n"));
    }
    for unsolved in &all.unsolved {
        let _ = writeln!(text, "// {}: {}: {}", unsolved.target, unsolved.what, unsolved.why);
    }
    if text.is_empty() {
        text.push_str(pick("// nothing is missing: the cases try everything\n", "// 没有缺少的算例\n"));
    }
    text
}
