//! Cases as text of the language, in the words of the set.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::Suggestions;
use super::words::status;
use super::world::{Slot, World};
use crate::check::show::Language;
use crate::check::typed::{
    CaseTarget, DAY, Field, HOUR, Head, MONTH, Measure, NumberKind, NumberType, OpenItem, Program, RecordId,
    Type,
};
use crate::check::units::{YEAR, parse_unit};
use crate::interp::{Answer, AwardValue, Evaluator, Status};
use crate::ir::{self, MeasurePlan, RecordPlan, Source, Test};
use crate::source::FileId;
use crate::syntax;
use crate::value::{Causes, Fact, Number, Value};

pub struct Writer<'a> {
    pub program: &'a Program,
    pub core: &'a ir::Program,
    /// By file the module that `use` names.
    pub modules: &'a BTreeMap<FileId, String>,
    /// How many things have each name or label.
    pub shared: BTreeMap<&'a str, usize>,
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
        // A label may be a word of the language; then the names do.
        self.spellings().iter().find_map(|spelling| {
            let expected =
                |evaluator: &mut Evaluator<'_>| self.expected(evaluator, target, position, *spelling);
            let text = self.item(world, target, title, &world.look(self.core, expected)?, *spelling)?;
            syntax::parse(FileId(0), &text).1.is_empty().then_some(text)
        })
    }

    /// The names that a case needs, each with its module; `None` where the set cannot name one.
    pub fn uses(&self, world: &World, target: &Head) -> Option<BTreeSet<(String, String)>> {
        let params = world.set.keys().map(|param| &self.program.params[param.index()].head);
        let others = world.others.iter().map(|other| &self.program.records[other.record.index()].head);
        let heads = params.chain(others).chain([target]);
        let named = |head: &Head| {
            let name = self.spelled(head, self.spellings()[0]).to_owned();
            Some((self.modules.get(&head.span.file)?.clone(), name))
        };
        heads.map(named).collect()
    }

    fn spellings(&self) -> &'static [Spelling] {
        match self.language {
            Language::Chinese => &[Spelling::Labels, Spelling::Names],
            Language::English => &[Spelling::Names],
        }
    }

    /// The spelling of a measure, define, param or record. A label that another thing has too stays away: the file may
    /// take both.
    fn spelled<'h>(&self, head: &'h Head, spelling: Spelling) -> &'h str {
        let clear = || self.shared.get(head.label.as_str()).is_none_or(|count| *count == 1);
        let by_label = spelling == Spelling::Labels && clear() && crate::check::is_name(&head.label);
        if by_label { &head.label } else { &head.name }
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
        let mut text = format!(
            "{} {} {} {}",
            pick("case", "算例"),
            quoted(title),
            pick("for", "适用"),
            self.spelled(head, spelling)
        );
        if usual != Some(world.as_of) {
            let day = self.literal(&Type::Date, &Value::Date(world.as_of), spelling)?;
            let _ = write!(text, " {} {day}", pick("as of", "截至"));
        }
        text.push_str(" {\n");
        for (param, value) in &world.set {
            let param = &self.program.params[param.index()];
            let value = self.literal(&param.ty, value, spelling)?;
            let _ =
                writeln!(text, "  {} {} = {value}", pick("set", "设"), self.spelled(&param.head, spelling));
        }
        let given = pick("given", "已知");
        for other in &world.others {
            let name = self.spelled(&self.program.records[other.record.index()].head, spelling);
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
        spelling: Spelling,
    ) -> Option<String> {
        let record = evaluator.plan();
        match (target, position) {
            (CaseTarget::Measure(id), Some(position)) => {
                let answer = evaluator.answer(position);
                let plan = &record.measures[position];
                self.answer(&self.program.measures[id.index()], plan, &answer, record, spelling)
            }
            (CaseTarget::Define(id), _) => {
                let define = &self.program.defines[id.index()];
                Some(match evaluator.define(&define.head.name)? {
                    Fact::Known(value) => {
                        format!("= {}", self.literal(&define.body.ty, &value, spelling)?)
                    }
                    Fact::Missing(missing) => self.undetermined(&missing.causes, record, spelling),
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
        spelling: Spelling,
    ) -> Option<String> {
        let test = |test: &Test| spelled_test(plan, test, spelling).to_owned();
        let mut words = status(self.language, answer.status.name_for(plan, answer.branch)).to_owned();
        match answer.status {
            Status::Undetermined => return Some(self.undetermined(&answer.missing, record, spelling)),
            Status::Error => words.extend(answer.error.map(|error| format!(" {error}"))),
            _ => {}
        }
        if let (Some(branch), Some(choice), true) = (answer.branch, &plan.choice, plan.shows_branch()) {
            let _ = write!(words, " {}", test(&choice.branches[branch].test));
        }
        let failed: Vec<String> = answer.failed.iter().map(|failure| test(failure.test(plan))).collect();
        if !failed.is_empty() {
            let _ = write!(words, " {}", failed.join(", "));
        }
        let amounts: Vec<String> = (plan.columns.iter().zip(&answer.awards))
            .filter_map(|(column, award)| {
                let amount = self.amount(column.ty.as_ref()?, award.as_ref()?, column.drawn, spelling)?;
                let mut names = measure.all_benefits().map(|own| (own.name.as_str(), own.label.as_str()));
                // Of several alternatives one may name a benefit otherwise.
                let clear = names.all(|(name, label)| {
                    (name == column.name) == (label == column.label) && label != column.name
                });
                let by_label = spelling == Spelling::Labels && clear && crate::check::is_name(&column.label);
                Some(format!("{}: {amount}", if by_label { &column.label } else { &column.name }))
            })
            .collect();
        if !amounts.is_empty() {
            let _ = write!(words, " {{ {} }}", amounts.join(", "));
        }
        Some(words)
    }

    fn amount(&self, ty: &Type, award: &AwardValue, drawn: bool, spelling: Spelling) -> Option<String> {
        let least = self.literal(ty, &award.least, spelling)?;
        match &award.most {
            Some(most) if *most != award.least && !drawn => {
                Some(format!("{least} .. {}", self.literal(ty, most, spelling)?))
            }
            _ => Some(least),
        }
    }

    fn undetermined(&self, causes: &Causes, record: &RecordPlan, spelling: Spelling) -> String {
        let mut names: Vec<String> = Vec::new();
        for cause in causes.iter() {
            let name = self.input(record, cause, spelling);
            // A field is several inputs where several lists are asked about it.
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let word = self.language.pick("undetermined", "待定");
        match names.is_empty() {
            true => word.to_owned(),
            false => format!("{word} {} {}", self.language.pick("missing", "缺"), names.join(", ")),
        }
    }

    /// The spelling of what an answer waits for.
    fn input(&self, record: &RecordPlan, at: u16, spelling: Spelling) -> String {
        let of = |record: RecordId, field: usize| {
            let fields = &self.program.records[record.index()].fields;
            name_of(fields, &fields[field], spelling)
        };
        let input = &record.inputs[usize::from(at)];
        let head = |head: &Head| self.spelled(head, spelling).to_owned();
        match &input.source {
            Source::Field => of(record.record, usize::from(at)).to_owned(),
            Source::Member { field, .. } => of(record.record, *field).to_owned(),
            Source::Foreign { record, field } => {
                let own = &self.program.records[record.index()].head;
                // Both parts are spelled alike, since it is found as one.
                let label = field.map_or_else(String::new, |field| format!(".{}", of(*record, field)));
                let by_label = field.is_none_or(|field| {
                    of(*record, field) == self.program.records[record.index()].fields[field].label
                });
                if by_label && self.spelled(own, spelling) == own.label {
                    format!("{}{label}", own.label)
                } else {
                    input.name.clone()
                }
            }
            Source::Open(OpenItem::Param(id)) => head(&self.program.params[id.index()].head),
            Source::Open(OpenItem::Define(id)) => head(&self.program.defines[id.index()].head),
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

/// The spelling of a condition or alternative: by its label where no other of the measure has it.
fn spelled_test<'t>(plan: &MeasurePlan, test: &'t Test, spelling: Spelling) -> &'t str {
    let branches = plan.choice.iter().flat_map(|choice| &choice.branches).map(|branch| &branch.test);
    let all = plan.requires.iter().chain(&plan.excepts).chain(&plan.checks).chain(branches);
    let clear =
        |other: &Test| other.name == test.name || other.name != test.label && other.label != test.label;
    let by_label =
        spelling == Spelling::Labels && all.into_iter().all(clear) && crate::check::is_name(&test.label);
    if by_label { &test.label } else { &test.name }
}

/// How many things of a program have a name or label.
pub fn shared(program: &Program) -> BTreeMap<&str, usize> {
    let heads = (program.measures.iter().map(|own| &own.head))
        .chain(program.defines.iter().map(|own| &own.head))
        .chain(program.params.iter().map(|own| &own.head))
        .chain(program.records.iter().map(|own| &own.head))
        .chain(program.enums.iter().map(|own| &own.head))
        .chain(program.tables.iter().map(|own| &own.head))
        .chain(program.registers.iter().map(|own| &own.head))
        .chain(program.principles.iter().map(|own| &own.head))
        .chain(&program.calendars);
    let mut counts = BTreeMap::new();
    for head in heads {
        *counts.entry(head.label.as_str()).or_default() += 1;
        if head.name != head.label {
            *counts.entry(head.name.as_str()).or_default() += 1;
        }
    }
    counts
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
    let lead = |text: &mut String| {
        if !text.is_empty() {
            text.push('\n')
        }
    };
    if !all.unsolved.is_empty() {
        lead(&mut text);
        text.push_str(pick("// No case was found for:\n", "// 以下各项没有找到算例：\n"));
    }
    for unsolved in &all.unsolved {
        let _ = writeln!(text, "// {}: {}: {}", unsolved.target, unsolved.what, unsolved.why);
    }
    if shown.len() < all.cases.len() {
        lead(&mut text);
        let (shown, all) = (shown.len(), all.cases.len());
        let _ = match language {
            Language::English => writeln!(
                text,
                "// {shown} of {all}; --suggest=all shows the rest, --filter NAME what is for one measure or module"
            ),
            Language::Chinese => writeln!(
                text,
                "// 以上是{all}个中的{shown}个；--suggest=all 全部列出，--filter 名称 只列一项措施或一个模块的"
            ),
        };
    }
    if text.is_empty() {
        text.push_str(pick("// nothing is missing: the cases try everything\n", "// 没有缺少的算例\n"));
    }
    syntax::format::format(&[&text], &syntax::format::Options::default()).pop().map_or(text, |own| own.text)
}
