//! The profile file: what the values of a field are like. Everything in it may be left out.
//!
//! ```toml
//! missing = "1%"                    # for fields without `?`
//! missing_optional = "10%"          # for fields with `?`
//! boundaries = "10%"                # how many values stand at or beside a boundary of the policy
//!
//! [Enterprise.revenue]
//! distribution = "log-normal"       # or log-uniform, uniform
//! median = "300万元"
//! spread = 4                        # two thirds between a quarter of the median and four times the median
//! range = ["0元", "5亿元"]
//! step = "100元"
//!
//! [Enterprise.industry]
//! weights = { retail = 3, other = 1 }
//! missing = "2%"
//! ```

use std::collections::BTreeMap;

use toml::{Table, Value as Toml};

use super::draw::Share;
use crate::check::constants::read_value;
use crate::check::typed::{Field, Program, RecordId, Type};
use crate::diag::closest;
use crate::value::{Number, Value};

/// What a profile says.
#[derive(Debug, Clone, Default)]
pub struct Profile {
    pub seed: Option<u64>,
    /// Rows of records for which nothing else is said.
    pub rows: Option<u64>,
    pub missing: Option<Share>,
    pub missing_optional: Option<Share>,
    pub boundaries: Option<Share>,
    /// Rows by record.
    pub record_rows: BTreeMap<RecordId, u64>,
    /// By record and the position of the field.
    pub fields: BTreeMap<(RecordId, usize), FieldProfile>,
}

/// What a profile says of one field.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FieldProfile {
    pub missing: Option<Share>,
    pub boundaries: Option<Share>,
    /// Of a bool: how many are true.
    pub yes: Option<Share>,
    /// Of an enum or text: its values, each with its weight.
    pub weights: Vec<(Value, u64)>,
    pub range: Option<(Value, Value)>,
    pub distribution: Option<Distribution>,
    pub median: Option<Value>,
    /// In thousandths.
    pub spread: Option<u64>,
    /// Values are multiples of it.
    pub step: Option<Value>,
    /// How many different texts there are.
    pub distinct: Option<u64>,
    /// What texts that are made up begin with.
    pub prefix: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Distribution {
    Uniform,
    LogUniform,
    LogNormal,
}

impl Distribution {
    const ALL: [(&'static str, Distribution); 3] = [
        ("uniform", Distribution::Uniform),
        ("log-uniform", Distribution::LogUniform),
        ("log-normal", Distribution::LogNormal),
    ];
}

impl Profile {
    /// Reads the text of a profile file.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn read(program: &Program, text: &str) -> Result<Profile, String> {
        let table: Table = text.parse().map_err(|error: toml::de::Error| {
            let said = error.to_string();
            // TOML knows bare names in ASCII alone.
            let quote = if text.is_ascii() {
                ""
            } else {
                "\na name that is not ASCII stands in quotation marks: [\"企业\".\"营业收入\"]"
            };
            format!("{}{quote}", said.trim())
        })?;
        let mut profile = Profile::default();
        for (name, value) in &table {
            let at = |message: String| format!("`{name}`: {message}");
            match (name.as_str(), value) {
                (_, Toml::Table(record)) => profile.record(program, name, record)?,
                ("seed", value) => profile.seed = Some(whole(value).map_err(at)?),
                ("rows", value) => profile.rows = Some(whole(value).map_err(at)?),
                ("missing", value) => profile.missing = Some(share(value).map_err(at)?),
                ("missing_optional", value) => profile.missing_optional = Some(share(value).map_err(at)?),
                ("boundaries", value) => profile.boundaries = Some(share(value).map_err(at)?),
                _ => {
                    let known = ["seed", "rows", "missing", "missing_optional", "boundaries"];
                    return Err(format!("`{name}` means nothing here{}", hint(name, known.into_iter())));
                }
            }
        }
        Ok(profile)
    }

    fn record(&mut self, program: &Program, name: &str, table: &Table) -> Result<(), String> {
        let records = &program.records;
        let named = records.iter().position(|own| own.head.name == name || own.head.label == name);
        let Some(at) = named else {
            let names = records.iter().flat_map(|own| [own.head.name.as_str(), own.head.label.as_str()]);
            return Err(format!("[{name}]: the policy has no record `{name}`{}", hint(name, names)));
        };
        let (id, record) = (RecordId(at as u32), &records[at]);
        for (field_name, value) in table {
            let place = format!("[{name}.{field_name}]");
            let at = record.fields.iter().position(|own| own.name == *field_name || own.label == *field_name);
            match (at, value) {
                (Some(at), Toml::Table(settings)) => {
                    let field = &record.fields[at];
                    let read = FieldProfile::read(program, field, settings);
                    let read = read.map_err(|message| format!("{place}: {message}"))?;
                    self.fields.insert((id, at), read);
                }
                (_, Toml::Integer(_)) if field_name == "rows" => {
                    let rows = whole(value).map_err(|message| format!("[{name}] rows: {message}"))?;
                    self.record_rows.insert(id, rows);
                }
                (Some(_), _) => {
                    return Err(format!(
                        "{place}: write what it is like as a table, such as `missing = \"5%\"` below {place}"
                    ));
                }
                (None, _) => {
                    let names = record.fields.iter().flat_map(|own| [own.name.as_str(), own.label.as_str()]);
                    return Err(format!("{place}: there is no such field{}", hint(field_name, names)));
                }
            }
        }
        Ok(())
    }
}

const SETTINGS: [&str; 12] = [
    "missing",
    "boundaries",
    "true",
    "weights",
    "values",
    "range",
    "distribution",
    "median",
    "spread",
    "step",
    "distinct",
    "prefix",
];

impl FieldProfile {
    fn read(program: &Program, field: &Field, settings: &Table) -> Result<FieldProfile, String> {
        let mut profile = FieldProfile::default();
        for (name, setting) in settings {
            profile
                .setting(program, field, name, setting)
                .map_err(|message| format!("`{name}`: {message}"))?;
        }
        profile.fits_together(field)?;
        Ok(profile)
    }

    fn setting(
        &mut self,
        program: &Program,
        field: &Field,
        name: &str,
        setting: &Toml,
    ) -> Result<(), String> {
        let kind = |fits: bool, of: &str| {
            if fits { Ok(()) } else { Err(format!("is for {of}; this field is none")) }
        };
        let is_line = matches!(field.ty, Type::Number(_) | Type::Date);
        let value = |setting: &Toml| read_value(program, &field.ty, &text(setting)?);
        match name {
            "missing" if field.key => return Err("a key is never missing".to_owned()),
            "missing" => self.missing = Some(share(setting)?),
            "boundaries" => self.boundaries = Some(share(setting)?),
            "true" => {
                kind(field.ty == Type::Bool, "a bool")?;
                self.yes = Some(share(setting)?);
            }
            "weights" | "values" if !self.weights.is_empty() => {
                return Err("give either `values` or `weights`".to_owned());
            }
            "weights" => {
                kind(matches!(field.ty, Type::Enum(_) | Type::Text), "an enum or a text")?;
                let Toml::Table(weights) = setting else {
                    return Err("write each value with its weight: { retail = 3, other = 1 }".to_owned());
                };
                let weight = |(name, weight): (&String, &Toml)| {
                    Ok((read_value(program, &field.ty, name)?, parts(weight, 1_000)?))
                };
                self.weights = weights.iter().map(weight).collect::<Result<_, String>>()?;
            }
            "values" => {
                kind(matches!(field.ty, Type::Enum(_) | Type::Text), "an enum or a text")?;
                let Toml::Array(values) = setting else { return Err("write a list of values".to_owned()) };
                let even = |setting: &Toml| Ok((value(setting)?, 1));
                self.weights = values.iter().map(even).collect::<Result<_, String>>()?;
            }
            "range" => {
                kind(is_line, "a number or date")?;
                let ends = match setting {
                    Toml::Array(ends) => ends.iter().map(text).collect::<Result<Vec<_>, _>>()?,
                    other => text(other)?.split("..").map(str::to_owned).collect(),
                };
                let [low, high] = ends.as_slice() else {
                    return Err("write both ends: [\"0元\", \"500万元\"]".to_owned());
                };
                let read = |end: &str| read_value(program, &field.ty, end);
                self.range = Some((read(low)?, read(high)?));
            }
            "distribution" => {
                kind(is_line, "a number or date")?;
                let word = text(setting)?;
                let found = Distribution::ALL.iter().find(|(name, _)| *name == word);
                self.distribution = Some(found.ok_or("is uniform, log-uniform or log-normal")?.1);
            }
            "median" => {
                kind(is_line, "a number")?;
                self.median = Some(value(setting)?);
            }
            "spread" => self.spread = Some(parts(setting, 1_000)?),
            "step" => {
                kind(matches!(field.ty, Type::Number(_)), "a number")?;
                self.step = Some(value(setting)?);
            }
            "distinct" => {
                kind(field.ty == Type::Text && !field.key, "a text that is no key")?;
                self.distinct = Some(whole(setting)?);
            }
            "prefix" => {
                kind(field.ty == Type::Text, "a text")?;
                self.prefix = Some(text(setting)?);
            }
            other => return Err(format!("means nothing here{}", hint(other, SETTINGS.into_iter()))),
        }
        Ok(())
    }

    /// What is said twice, or says nothing alone.
    fn fits_together(&self, field: &Field) -> Result<(), String> {
        let log_normal = self.distribution == Some(Distribution::LogNormal);
        if log_normal && self.median.is_none() {
            return Err("a log-normal distribution needs its `median`, such as \"300万元\"".to_owned());
        }
        if !log_normal && (self.median.is_some() || self.spread.is_some()) {
            return Err("`median` and `spread` are for `distribution = \"log-normal\"`".to_owned());
        }
        if field.ty == Type::Date && self.distribution.is_some_and(|of| of != Distribution::Uniform) {
            return Err("dates are spread evenly: leave `distribution` out".to_owned());
        }
        if !self.weights.is_empty() && self.weights.iter().all(|(_, weight)| *weight == 0) {
            return Err("all weights are zero".to_owned());
        }
        if field.key && !self.weights.is_empty() {
            return Err("`weights` and `values` are not for keys, each of which is there once".to_owned());
        }
        if self.spread.is_some_and(|spread| spread < 1_000) {
            return Err("`spread`: is a factor of at least 1".to_owned());
        }
        if !self.weights.is_empty() && (self.distinct.is_some() || self.prefix.is_some()) {
            return Err(
                "`distinct` and `prefix` are for texts that are made up, and these are given".to_owned()
            );
        }
        Ok(())
    }
}

fn hint<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> String {
    closest(name, known).map(|best| format!("; did you mean `{best}`?")).unwrap_or_default()
}

fn whole(value: &Toml) -> Result<u64, String> {
    let found = match value {
        Toml::Integer(number) => u64::try_from(*number).ok(),
        _ => None,
    };
    found.ok_or_else(|| format!("`{}` is no whole number from 0 on", text(value).unwrap_or_default()))
}

/// A value in words; numbers are taken as they are written.
fn text(value: &Toml) -> Result<String, String> {
    match value {
        Toml::String(text) => Ok(text.clone()),
        Toml::Integer(number) => Ok(number.to_string()),
        Toml::Float(number) => Ok(number.to_string()),
        Toml::Boolean(truth) => Ok(truth.to_string()),
        Toml::Datetime(moment) => Ok(moment.to_string()),
        _ => Err("write a value, such as \"500万元\"".to_owned()),
    }
}

fn number(value: &Toml) -> Result<Number, String> {
    let text = text(value)?;
    let (digits, percent) = match text.trim().strip_suffix(['%', '％']) {
        Some(digits) => (digits.trim(), true),
        None => (text.trim(), false),
    };
    let number: Number = digits.parse().map_err(|_| format!("`{text}` is no number"))?;
    Ok(if percent { number.mul(&Number::ratio(1, 100)) } else { number })
}

/// `5%`, `0.05`.
fn share(value: &Toml) -> Result<Share, String> {
    let share = number(value)?;
    if share.is_negative() || share > Number::ONE {
        return Err(format!("`{}` is no share: write \"5%\" or 0.05", text(value)?));
    }
    let parts = share.mul(&Number::from_int(1 << 32)).round_to(&Number::ONE, crate::value::Rounding::HalfUp);
    Ok(Share(parts.to_scaled(0).and_then(|parts| u64::try_from(parts).ok()).unwrap_or(0)))
}

/// A number in so many parts of one, rounded.
fn parts(value: &Toml, of_one: i64) -> Result<u64, String> {
    let number = number(value)?;
    let parts = number.mul(&Number::from_int(of_one)).round_to(&Number::ONE, crate::value::Rounding::HalfUp);
    let whole =
        parts.to_scaled(0).and_then(|parts| u64::try_from(parts).ok()).filter(|parts| *parts < 1 << 53);
    whole.ok_or_else(|| format!("`{}` is no number from 0 on, or too large", text(value).unwrap_or_default()))
}
