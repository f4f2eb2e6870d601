//! `--fail-on`: what of a comparison must not be.

use super::Comparison;
use std::collections::BTreeMap;

use super::effect::outcome::{Cost, MeasureOutcome, Outcome};
use super::report::lines;
use crate::check::show::{Language, digits};
use crate::check::units::parse_unit;
use crate::syntax::scan::full_width;
use crate::value::{NotANumber, Number, Rounding};

/// A condition that makes a comparison fail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailOn {
    /// As it was given.
    text: String,
    subject: Subject,
    /// Of this measure only, by name or label.
    measure: Option<String>,
    limit: Limit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Subject {
    /// Items that have changed in meaning.
    Meaning,
    Losers,
    Winners,
    Changed,
    /// What is paid and waived together, or one of the kinds of money.
    Cost(Option<&'static str>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Limit {
    sign: Sign,
    number: Number,
    percent: bool,
    /// With a sign of its own: a change against before.
    change: bool,
    /// Of money: in this currency only.
    currency: Option<&'static str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    More,
    AtLeast,
    Less,
    AtMost,
}

impl std::fmt::Display for FailOn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

/// How a condition is written.
pub const FORMS: &str = "`losers`, `losers > 10`, `losers > 1%`, `winners`, `changed`, `meaning`, `cost > +5%`, \
     `cost > 1200万元`, `pay > +100万元`, `waive`, `penalize`, each perhaps of one measure: `losers of job_subsidy`, \
     `cost of job_subsidy > +5%`; the signs are `>`, `>=`, `<` and `<=`";

/// A sign of comparison, and how it may be written.
const SIGNS: [(&str, Sign); 6] = [
    (">=", Sign::AtLeast),
    ("<=", Sign::AtMost),
    ("≥", Sign::AtLeast),
    ("≤", Sign::AtMost),
    (">", Sign::More),
    ("<", Sign::Less),
];

/// What stands before the sign, as it was written; the sign; and what stands behind it, in plain characters: full-width
/// signs and digits count as in the language.
fn cut(text: &str) -> (String, Option<(Sign, String)>) {
    let plain: String = text.chars().map(|c| full_width(c).unwrap_or(c)).collect();
    let places = plain.char_indices().enumerate();
    let found = places.into_iter().find_map(|(at, (byte, _))| {
        let (word, sign) = SIGNS.iter().find(|(word, _)| plain[byte..].starts_with(word))?;
        Some((at, *sign, plain[byte + word.len()..].trim().to_owned()))
    });
    match found {
        // A label may have full-width characters of its own.
        Some((at, sign, value)) => {
            (text.chars().take(at).collect::<String>().trim().to_owned(), Some((sign, value)))
        }
        None => (text.trim().to_owned(), None),
    }
}

impl FailOn {
    /// Reads a condition.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn read(text: &str) -> Result<FailOn, String> {
        let wrong = |what: String| format!("{what}; write {FORMS}");
        let (head, limit) = cut(text);
        let (word, measure) = match head.split_once(" of ") {
            Some((word, measure)) => (word.trim(), Some(measure.trim().to_owned())),
            None => (head.as_str(), None),
        };
        let subject = match word {
            "meaning" => Subject::Meaning,
            "losers" => Subject::Losers,
            "winners" => Subject::Winners,
            "changed" => Subject::Changed,
            "cost" => Subject::Cost(None),
            "pay" => Subject::Cost(Some("pay")),
            "waive" => Subject::Cost(Some("waive")),
            "penalize" => Subject::Cost(Some("penalize")),
            other => return Err(wrong(format!("`{other}` is nothing that can be failed on"))),
        };
        if subject == Subject::Meaning && measure.is_some() {
            return Err(wrong("`meaning` is of the whole set".to_owned()));
        }
        let limit = match (limit, subject) {
            (Some((sign, value)), _) => match value.split_once(" of ") {
                Some((limit, measure)) => {
                    let sign = SIGNS.iter().find(|(_, own)| *own == sign).map_or("", |(word, _)| *word);
                    let right = format!("{word} of {} {sign} {}", measure.trim(), limit.trim());
                    return Err(format!("the measure stands before the limit: write `{right}`"));
                }
                None => limit_of(sign, &value, subject).map_err(wrong)?,
            },
            (None, Subject::Cost(_)) => return Err(wrong(format!("`{word}` needs a limit"))),
            (None, _) => Limit {
                sign: Sign::More,
                number: Number::ZERO,
                percent: false,
                change: false,
                currency: None,
            },
        };
        Ok(FailOn { text: text.trim().to_owned(), subject, measure, limit })
    }

    /// Whether it asks about records.
    pub fn needs_records(&self) -> bool {
        self.subject != Subject::Meaning
    }

    /// The measure that it is about, where it is about one.
    pub fn measure(&self) -> Option<&str> {
        self.measure.as_deref()
    }

    /// Why the comparison fails by it; `None` where it does not.
    pub fn fails(&self, comparison: &Comparison) -> Option<String> {
        let language = comparison.language;
        let found = match self.subject {
            Subject::Meaning => {
                let words = ["item has changed in meaning", "items have changed in meaning", "项含义有变化"];
                self.count(comparison.meaning.changes.len() as u64, 0, words, language)
            }
            Subject::Cost(kind) => return self.cost(comparison, kind),
            Subject::Losers => self.records(comparison, ["loses", "lose", "条记录受损"]),
            Subject::Winners => self.records(comparison, ["gains", "gain", "条记录受益"]),
            Subject::Changed => self.records(comparison, ["changes", "change", "条记录有变化"]),
        };
        found.map(|found| format!("{}: {found}", self.text))
    }

    fn measures<'o>(&self, outcome: &'o Outcome) -> Vec<&'o MeasureOutcome> {
        let named = |own: &&MeasureOutcome| {
            self.measure.as_deref().is_some_and(|name| own.name == name || own.label == name)
        };
        outcome.measures.iter().filter(named).collect()
    }

    fn records(&self, comparison: &Comparison, words: [&str; 3]) -> Option<String> {
        let (mut count, mut all, mut unread) = (0, 0, 0);
        for outcome in &comparison.outcomes {
            let own = self.measures(outcome);
            let effects: Vec<_> = match self.measure {
                Some(_) => own.iter().map(|own| &own.effect).collect(),
                None => vec![&outcome.total],
            };
            if !effects.is_empty() {
                all += outcome.compared + outcome.only_before;
            }
            count += effects
                .iter()
                .map(|effect| match self.subject {
                    Subject::Winners => effect.gains,
                    Subject::Losers => effect.loses,
                    _ => effect.touched,
                })
                .sum::<u64>();
            // Who can no longer be read gets nothing any more.
            if !effects.is_empty() && self.subject != Subject::Winners {
                unread += outcome.only_before;
            }
        }
        let language = comparison.language;
        let note = match (unread, language) {
            (0, _) => String::new(),
            (_, Language::English) => format!(", of which {unread} cannot be read any more"),
            (_, Language::Chinese) => format!("，其中{unread}条已读不出"),
        };
        Some(self.count(count + unread, all, words, language)? + &note)
    }

    /// `words` for one, for several, and in Chinese.
    fn count(&self, count: u64, all: u64, words: [&str; 3], language: Language) -> Option<String> {
        let number = |count: u64| Number::from_scaled(count.into(), 0);
        let value = match self.limit.percent {
            false => number(count),
            true => number(count).mul(&Number::from_int(100)).div(&number(all)).unwrap_or_default(),
        };
        let of = if self.limit.percent { format!(" ({} of {all})", percent(&value)) } else { String::new() };
        let words = language.pick(words[usize::from(count != 1)], words[2]);
        let space = language.pick(" ", "");
        self.limit.reached(&value).then(|| format!("{}{space}{words}{of}", digits(&number(count))))
    }

    fn cost(&self, comparison: &Comparison, kind: Option<&str>) -> Option<String> {
        let mut sums: BTreeMap<String, [Number; 2]> = BTreeMap::new();
        for outcome in &comparison.outcomes {
            let costs: Vec<&Cost> = match self.measure {
                Some(_) => self.measures(outcome).into_iter().flat_map(|own| &own.cost).collect(),
                None => outcome.cost.iter().collect(),
            };
            for cost in costs {
                let (own, currency) = cost.kind.split_once('.').unwrap_or((&cost.kind, "CNY"));
                let counts = kind.map_or(matches!(own, "pay" | "waive"), |kind| kind == own);
                if counts && self.limit.currency.is_none_or(|code| code == currency) {
                    let sum = sums.entry(currency.to_owned()).or_default();
                    sum[0] = sum[0].add(&cost.before.0);
                    sum[1] = sum[1].add(&cost.after.0);
                }
            }
        }
        let failed = sums.into_iter().find_map(|(currency, [before, after])| {
            let by = after.sub(&before);
            let reached = match (self.limit.percent, self.limit.change) {
                (true, _) => self.limit.reached_by(&by, &before),
                (false, true) => self.limit.reached(&by),
                (false, false) => self.limit.reached(&after),
            };
            let language = comparison.language;
            let share = lines::share(&before, &after);
            let [before, after] = [before, after].map(|sum| lines::money(&sum, &currency, language));
            let by = lines::change(&by, &currency, language);
            reached.then(|| format!("{before} → {after} ({by}{share})"))
        });
        failed.map(|failed| format!("{}: {failed}", self.text))
    }
}

/// Hundredths to a tenth.
pub fn percent(hundredths: &Number) -> String {
    format!("{}%", hundredths.round_to(&Number::from_scaled(1, 1), Rounding::HalfUp))
}

impl Limit {
    fn reached(&self, value: &Number) -> bool {
        match self.sign {
            Sign::More => *value > self.number,
            Sign::AtLeast => *value >= self.number,
            Sign::Less => *value < self.number,
            Sign::AtMost => *value <= self.number,
        }
    }

    /// Whether a change is so many hundredths of what was before; any rise from nothing is more than every share.
    fn reached_by(&self, by: &Number, before: &Number) -> bool {
        let hundredths = by.mul(&Number::from_int(100));
        match hundredths.div(before) {
            Some(share) => self.reached(&share),
            None if by.is_zero() => self.reached(&Number::ZERO),
            None => matches!(self.sign, Sign::More | Sign::AtLeast) != by.is_negative(),
        }
    }
}

fn limit_of(sign: Sign, text: &str, subject: Subject) -> Result<Limit, String> {
    let change = text.starts_with(['+', '-']);
    let end = text.find(|c: char| !c.is_ascii_digit() && !"+-._,".contains(c)).unwrap_or(text.len());
    let number = text[..end].replace(['_', ','], "").parse().map_err(|error| match error {
        NotANumber::TooLong => format!("`{text}` is too large for a limit"),
        NotANumber::Malformed => format!("`{text}` is no limit"),
    });
    let number: Number = number?;
    let (word, money) = (text[end..].trim(), matches!(subject, Subject::Cost(_)));
    if word == "%" {
        if money && !change {
            return Err(format!("`{text}` is of what was before: write `+{text}` or `-{text}`"));
        }
        return Ok(Limit { sign, number, percent: true, change, currency: None });
    }
    let (factor, currency) = match (word, money) {
        ("", _) => (Number::ONE, None),
        (word, true) => {
            let unit = parse_unit(word, &[]).filter(|unit| unit.dimension.currency().is_some());
            let unit = unit.ok_or_else(|| format!("`{word}` is no money"))?;
            (unit.factor, unit.dimension.currency())
        }
        (word, false) => return Err(format!("`{word}` is no unit of a number of records")),
    };
    Ok(Limit { sign, number: number.mul(&factor), percent: false, change: change && money, currency })
}

impl Comparison {
    /// Holds the comparison to conditions: notes why it fails, a line for each that it fails by.
    pub fn hold_to(&mut self, conditions: &[FailOn]) {
        self.failed = conditions.iter().filter_map(|condition| condition.fails(self)).collect();
    }
}
