//! One column of a sample: what stands in each of its rows.

use std::sync::Arc;

use super::draw::{Powers, Share, Stream};
use super::profile::{FieldProfile, Profile};
use super::spread::{Choice, Fates};
use super::usual::{Line, line};
use crate::boundary::{Between, Boundaries};
use crate::check::typed::{Field, Program, Type};
use crate::value::{Date, Value};

/// Texts that a column of codes can have beside those of the policy.
const MOST_TEXTS: u64 = 60_000;
/// Different texts where nobody says how many.
const USUAL_TEXTS: u64 = 100;

#[derive(Debug, Clone)]
pub struct Column {
    pub stream: Stream,
    pub fates: Fates,
    pub draws: Draws,
}

/// How the cells of a column are drawn.
#[derive(Debug, Clone)]
pub enum Draws {
    Bool(Share),
    /// Variants of an enum, or some of few texts.
    Codes {
        choice: Choice,
        texts: Vec<Arc<str>>,
        special: Vec<u16>,
    },
    /// Many texts that are made up.
    Texts {
        stem: String,
        count: u64,
        special: Vec<Arc<str>>,
    },
    Line {
        line: Line,
        between: Vec<Between>,
        powers: Arc<Powers>,
    },
    Key(Key),
    /// The key of a record of another sample of the run, by its position.
    Link(usize),
}

/// The cells of a key, which differ from row to row.
#[derive(Debug, Clone)]
pub enum Key {
    /// Numbered texts; every so many rows a member of the lists that the policy looks it up in.
    Text { stem: String, members: Vec<Arc<str>>, every: u64 },
    /// `first + row / rows_each % count`, in steps of `step`; variants and truth from 0 on.
    Counted { first: i64, step: i64, count: u64, rows_each: u64 },
}

/// What the columns of a record are made of.
pub struct Making<'a> {
    pub program: &'a Program,
    pub profile: &'a Profile,
    pub boundaries: &'a Boundaries,
    pub between: Vec<Between>,
    pub powers: &'a Arc<Powers>,
    /// About when records are from.
    pub day: Date,
}

impl Making<'_> {
    /// The column of a field that is no key and no link.
    ///
    /// # Errors
    /// Where the profile asks for what the field cannot have.
    pub fn draws(&self, field: &Field, at: usize, says: &FieldProfile) -> Result<Draws, String> {
        Ok(match &field.ty {
            Type::Bool => Draws::Bool(says.yes.unwrap_or(Share::percent(50))),
            Type::Enum(id) => {
                let count = self.program.enums[id.index()].variants.len();
                let weight = |variant: usize| {
                    let own = says.weights.iter().find(|(value, _)| *value == Value::Enum(variant as u8));
                    own.map_or(0, |(_, weight)| *weight)
                };
                let choice = if says.weights.is_empty() {
                    Choice::Even(count)
                } else {
                    Choice::weighted(&(0..count).map(weight).collect::<Vec<_>>())
                };
                Draws::Codes { choice, texts: Vec::new(), special: Vec::new() }
            }
            Type::Text => self.texts(field, at, says)?,
            Type::Number(_) | Type::Date | Type::Time => Draws::Line {
                line: line(field, at, self.boundaries, says, self.day)?,
                between: self.between.iter().filter(|own| usize::from(own.field) == at).cloned().collect(),
                powers: self.powers.clone(),
            },
        })
    }

    fn texts(&self, field: &Field, at: usize, says: &FieldProfile) -> Result<Draws, String> {
        let known = self.boundaries.texts[at].iter().chain(&self.boundaries.members[at]);
        let special: Vec<Arc<str>> =
            known.filter(|text| !text.trim().is_empty()).take(4_000).cloned().collect();
        let stem = says.prefix.clone().unwrap_or_else(|| field.label.clone());
        let count = says.distinct.unwrap_or(USUAL_TEXTS).max(1);
        if says.weights.is_empty() && count > MOST_TEXTS {
            return Ok(Draws::Texts { stem, count, special });
        }
        let (mut texts, weights): (Vec<Arc<str>>, Vec<u64>) = if says.weights.is_empty() {
            ((1..=count).map(|at| Arc::from(format!("{stem}{at}"))).collect(), Vec::new())
        } else {
            let text = |(value, weight): &(Value, u64)| match value {
                Value::Text(text) if !text.trim().is_empty() => Ok((text.clone(), *weight)),
                _ => Err(format!(
                    "a text of `{}` is empty: say how many are missing with `missing`",
                    field.name
                )),
            };
            says.weights.iter().map(text).collect::<Result<Vec<_>, String>>()?.into_iter().unzip()
        };
        if texts.len() as u64 > MOST_TEXTS {
            return Err(format!("the field `{}` has more than {MOST_TEXTS} `values`", field.name));
        }
        let choice = if weights.is_empty() { Choice::Even(texts.len()) } else { Choice::weighted(&weights) };
        let first = texts.len();
        texts.extend(special);
        Ok(Draws::Codes { choice, special: (first..texts.len()).map(|at| at as u16).collect(), texts })
    }

    /// How many cells are missing, and how many stand at boundaries.
    pub fn fates(&self, field: &Field, says: &FieldProfile) -> Fates {
        let usual = if field.optional {
            self.profile.missing_optional.unwrap_or(Share::percent(10))
        } else {
            self.profile.missing.unwrap_or(Share::percent(1))
        };
        let missing = if field.key { Share::NEVER } else { says.missing.unwrap_or(usual) };
        let boundary = says.boundaries.or(self.profile.boundaries).unwrap_or(Share::percent(10));
        Fates::new(missing, boundary)
    }
}

impl Key {
    /// The texts of a key in a sample of so many rows.
    pub fn text(stem: &str, members: &[Arc<str>], rows: u64) -> Key {
        let mut stem = stem.to_owned();
        while members.iter().any(|member| member.starts_with(&stem)) && !members.is_empty() {
            stem.push('~');
        }
        let every = (rows / (members.len() as u64).max(1)).max(10);
        Key::Text { stem, members: members.to_vec(), every }
    }

    /// Writes the text of a row.
    pub fn write_text(&self, row: u64, text: &mut String) {
        let Key::Text { stem, members, every } = self else { return };
        if row.is_multiple_of(*every)
            && let Some(member) = members.get((row / every) as usize)
        {
            text.push_str(member);
            return;
        }
        text.push_str(stem);
        let mut digits = [b'0'; 20];
        let (mut rest, mut at) = (row + 1, digits.len());
        while rest > 0 {
            at -= 1;
            digits[at] = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        text.extend(digits[at.min(digits.len() - 8)..].iter().map(|digit| char::from(*digit)));
    }

    /// The whole number of a row, where it is no text.
    pub fn whole(&self, row: u64) -> i64 {
        match self {
            Key::Text { .. } => 0,
            Key::Counted { first, step, count, rows_each } => {
                first + step * ((row / rows_each) % count) as i64
            }
        }
    }
}
