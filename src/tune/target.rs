//! Targets: `sum of pay <= 1.2亿元`, `share of M granted >= 80%`.

use crate::check::constants::read_value;
use crate::check::show::{Language, show_value};
use crate::check::typed::{BenefitKind, MeasureId, NOT_BOUND, NOT_YET_DUE, Program, Type};
use crate::check::units::parse_unit;
use crate::diag::closest;
use crate::value::{Number, Value};

/// A quantity over all records, and what it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    pub quantity: Quantity,
    pub relation: Relation,
    /// In base units.
    pub goal: Number,
    pub ty: Type,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Quantity {
    /// Money of a kind that all measures grant, in a currency.
    Total(BenefitKind, &'static str),
    /// What a measure grants of one benefit.
    Benefit(MeasureId, String),
    /// Records by the status of a measure, by its name in outputs.
    Count(MeasureId, String),
    /// The same as a share of the records that are answered.
    Share(MeasureId, String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    AtMost,
    AtLeast,
    Equal,
}

impl Relation {
    pub fn sign(self) -> &'static str {
        match self {
            Relation::AtMost => "<=",
            Relation::AtLeast => ">=",
            Relation::Equal => "=",
        }
    }
}

/// How a relation is written; longer spellings first.
const RELATIONS: [(&str, Relation); 13] = [
    ("<=", Relation::AtMost),
    (">=", Relation::AtLeast),
    ("==", Relation::Equal),
    ("=", Relation::Equal),
    ("≤", Relation::AtMost),
    ("≥", Relation::AtLeast),
    ("不超过", Relation::AtMost),
    ("不高于", Relation::AtMost),
    ("至多", Relation::AtMost),
    ("不低于", Relation::AtLeast),
    ("不少于", Relation::AtLeast),
    ("至少", Relation::AtLeast),
    ("等于", Relation::Equal),
];

/// How statuses are written in Chinese; in English by their names in outputs.
const STATUSES: [(&str, &str); 10] = [
    ("给予", "granted"),
    ("拒绝", "refused"),
    ("待定", "undetermined"),
    ("冲突", "conflict"),
    ("错误", "error"),
    ("已履行", "met"),
    ("已违反", "breached"),
    ("已达到", "attained"),
    ("未达到", "missed"),
    ("不受约束", NOT_BOUND),
];

const GRAMMAR: &str = "a target is a quantity, <=, >= or =, and a value, such as
  'sum of pay <= 1.2亿元'               what all measures pay (or waive, penalize; pay.USD for dollars)
  'sum of MEASURE.BENEFIT <= 500万元'    one benefit of one measure
  'count of MEASURE granted >= 1000'    records by their answer
  'share of MEASURE granted >= 80%'     the same as a share of all records";

/// Reads a target.
///
/// # Errors
/// What is wrong with it and how targets are written.
pub fn parse(program: &Program, text: &str) -> Result<Target, String> {
    let places =
        RELATIONS.iter().filter_map(|(sign, relation)| Some((text.find(sign)?, sign.len(), *relation)));
    // The first in the text, and there the longest.
    let first = places.min_by_key(|(at, length, _)| (*at, std::cmp::Reverse(*length)));
    let (at, length, relation) = first.ok_or_else(|| format!("there is no comparison in it\n{GRAMMAR}"))?;
    let (quantity, value) = (text[..at].trim(), text[at + length..].trim());
    if value.is_empty() {
        return Err(format!("nothing follows `{}`\n{GRAMMAR}", &text[at..at + length]));
    }
    let (quantity, ty) = read_quantity(program, quantity)?;
    let goal = goal(program, &quantity, &ty, value)?;
    Ok(Target { quantity, relation, goal, ty })
}

fn read_quantity(program: &Program, text: &str) -> Result<(Quantity, Type), String> {
    let after = |words: [&str; 2]| words.iter().find_map(|word| text.strip_prefix(word)).map(str::trim);
    if let Some(rest) = after(["sum of ", "合计 "]) {
        return sum(program, rest);
    }
    let is_share = after(["share of ", "占比 "]);
    if let Some(rest) = is_share.or_else(|| after(["count of ", "计数 "])) {
        let (measure, status) = counted(program, rest)?;
        return Ok(match is_share {
            Some(_) => (Quantity::Share(measure, status), Type::rate()),
            None => (Quantity::Count(measure, status), Type::plain()),
        });
    }
    Err(format!("`{text}` is no quantity\n{GRAMMAR}"))
}

/// The kinds of benefits that are money.
const PURSES: [(BenefitKind, &str); 3] =
    [(BenefitKind::Pay, "发放"), (BenefitKind::Waive, "减免"), (BenefitKind::Penalize, "处罚")];

fn sum(program: &Program, text: &str) -> Result<(Quantity, Type), String> {
    let (first, second) = text.split_once('.').map_or((text, None), |(first, second)| (first, Some(second)));
    let purse = PURSES.iter().find(|(kind, chinese)| kind.name() == first || *chinese == first);
    if let Some((kind, _)) = purse {
        let Some(currency) = second else { return Ok((Quantity::Total(*kind, "CNY"), Type::money("CNY"))) };
        let granted = program.measures.iter().flat_map(|measure| measure.all_benefits());
        let mut currencies: Vec<&str> =
            granted.filter(|own| own.kind == *kind).filter_map(|own| own.ty.as_ref()?.currency()).collect();
        currencies.sort_unstable();
        currencies.dedup();
        let found = currencies.iter().find(|own| **own == currency);
        let found = program_currency(program, found.copied()).ok_or_else(|| {
            format!(
                "no measure has a benefit `{}` in {currency}; there is {}",
                kind.name(),
                currencies.join(", ")
            )
        })?;
        return Ok((Quantity::Total(*kind, found), Type::money(found)));
    }
    let (measure, benefit) = match second {
        Some(benefit) => (measure(program, first)?, Some(benefit)),
        None => (measure(program, text)?, None),
    };
    let own = &program.measures[measure.index()];
    let mut named: Vec<&str> = own.all_benefits().map(|own| own.name.as_str()).collect();
    named.dedup();
    let wanted = |own: &&crate::check::typed::Benefit| match benefit {
        Some(benefit) => own.name == benefit || own.label == benefit,
        None => named.len() == 1,
    };
    let found = own.all_benefits().find(wanted).ok_or_else(|| {
        let hint = benefit.map_or(String::new(), |benefit| format!(", not `{benefit}`"));
        format!("say which benefit of `{}`: {}{hint}", own.head.name, named.join(", "))
    })?;
    match &found.ty {
        Some(ty @ Type::Number(_)) => Ok((Quantity::Benefit(measure, found.name.clone()), ty.clone())),
        _ => Err(format!("`{}.{}` is no number that could be added up", own.head.name, found.name)),
    }
}

/// A currency that lives as long as its table.
fn program_currency(program: &Program, wanted: Option<&str>) -> Option<&'static str> {
    let benefits = program.measures.iter().flat_map(|measure| measure.all_benefits());
    let mut currencies = benefits.filter_map(|own| own.ty.as_ref()?.currency());
    currencies.find(|own| Some(*own) == wanted)
}

fn counted(program: &Program, text: &str) -> Result<(MeasureId, String), String> {
    let (name, word) = text.rsplit_once(char::is_whitespace).ok_or_else(|| {
        format!("`{text}`: say which answer is counted, such as `{text} granted`\n{GRAMMAR}")
    })?;
    let status = STATUSES.iter().find(|(chinese, _)| *chinese == word).map_or(word, |(_, name)| name);
    let measure = measure(program, name.trim())?;
    let kind = program.measures[measure.index()].kind;
    let mut known = match kind.outcomes() {
        None => vec!["granted", "refused", "conflict"],
        Some([done, undone]) => vec![done, undone, NOT_YET_DUE, NOT_BOUND],
    };
    known.extend(["undetermined", "not_in_force", "error"]);
    match known.contains(&status) {
        true => Ok((measure, status.to_owned())),
        false => {
            Err(format!("`{word}` is no answer of {}; it is one of: {}", kind.words(), known.join(", ")))
        }
    }
}

fn measure(program: &Program, name: &str) -> Result<MeasureId, String> {
    let name = name.trim_matches(['“', '”', '"']);
    let measures = program.measures.iter();
    let named =
        |measure: &crate::check::typed::Measure| measure.head.name == name || measure.head.label == name;
    let at = measures.clone().position(named).ok_or_else(|| {
        let names = measures.flat_map(|measure| [measure.head.name.as_str(), measure.head.label.as_str()]);
        let hint = closest(name, names).map(|best| format!("; did you mean `{best}`?")).unwrap_or_default();
        format!("the policy has no measure `{name}`{hint}")
    })?;
    Ok(MeasureId(at as u32))
}

fn goal(program: &Program, quantity: &Quantity, ty: &Type, text: &str) -> Result<Number, String> {
    if let Quantity::Count(..) = quantity {
        let digits = text.find(|c: char| !c.is_ascii_digit() && c != '_').unwrap_or(text.len());
        let number: Option<Number> = text[..digits].replace('_', "").parse().ok();
        // 户, 家, 万人: what is counted has no unit of its own.
        let word = text[digits..].trim();
        let factor = match word {
            "" => Some(Number::ONE),
            word => parse_unit(word, &program.units).map(|unit| unit.factor),
        };
        let count = number.zip(factor).map(|(number, factor)| number.mul(&factor));
        return count
            .filter(Number::is_integer)
            .ok_or_else(|| format!("`{text}` is no number of records, such as 1000"));
    }
    match read_value(program, ty, text)? {
        Value::Number(number) => Ok(number),
        _ => Err(format!("`{text}` is no number")),
    }
}

impl Target {
    pub fn holds(&self, reached: &Number) -> bool {
        match self.relation {
            Relation::AtMost => *reached <= self.goal,
            Relation::AtLeast => *reached >= self.goal,
            Relation::Equal => *reached == self.goal,
        }
    }

    /// The quantity as a target writes it.
    pub fn quantity_words(&self, program: &Program) -> String {
        let name = |id: &MeasureId| program.measures[id.index()].head.name.as_str();
        match &self.quantity {
            Quantity::Total(kind, "CNY") => format!("sum of {}", kind.name()),
            Quantity::Total(kind, currency) => format!("sum of {}.{currency}", kind.name()),
            Quantity::Benefit(id, benefit) => format!("sum of {}.{benefit}", name(id)),
            Quantity::Count(id, status) => format!("count of {} {status}", name(id)),
            Quantity::Share(id, status) => format!("share of {} {status}", name(id)),
        }
    }

    pub fn value_words(&self, program: &Program, value: &Number, language: Language) -> String {
        show_value(program, &self.ty, &Value::Number(value.clone()), language)
    }

    /// Whether a measure bears on the quantity.
    pub fn concerns(&self, program: &Program, id: MeasureId) -> bool {
        match &self.quantity {
            Quantity::Total(kind, currency) => {
                let own = |own: &crate::check::typed::Benefit| {
                    own.kind == *kind && own.ty.as_ref().and_then(Type::currency) == Some(currency)
                };
                program.measures[id.index()].all_benefits().any(own)
            }
            Quantity::Benefit(own, _) | Quantity::Count(own, _) | Quantity::Share(own, _) => *own == id,
        }
    }
}
