//! From an answer to its reasons: what was asked, what the record says, on whose authority, and how each
//! amount came about; as data, and as text, JSON or a page.

mod amounts;
mod explainer;
mod html;
mod outline;
mod reasons;
mod steps;
#[cfg(test)]
mod tests;
mod text;
mod words;

use serde::Serialize;

pub use crate::check::show::Language;
pub use explainer::Explainer;
pub use words::benefit as benefit_kind;

/// Why a measure answers as it does for one record. Everything for people is in words already.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explanation {
    pub language: Language,
    /// The document's title.
    pub policy: Option<String>,
    pub measure: Named,
    pub record: Named,
    /// The fields that identify the record, with their values.
    pub keys: Vec<Detail>,
    pub as_of: String,
    /// The status by its name in outputs, such as `granted`.
    pub status: String,
    /// The answer in one sentence.
    pub summary: String,
    pub cites: Vec<Citation>,
    /// `measure`, `duty` or `target`.
    pub kind: &'static str,
    pub requires: Vec<Reason>,
    pub excepts: Vec<Reason>,
    /// Of a duty or target: what is to be done or reached.
    pub checks: Vec<Reason>,
    /// Of a duty or target: the last day (or moment) for it.
    pub due: Option<String>,
    pub branches: Vec<Reason>,
    /// The benefits of the measure and of the branch that is taken, where the measure is granted or waits
    /// for an amount.
    pub benefits: Vec<BenefitReason>,
    /// Facts that were derived on the way.
    pub derived: Vec<Derived>,
    /// The fields that could decide, with what may be filled in.
    pub missing: Vec<Detail>,
}

/// A name in files and its words for people.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Named {
    pub name: String,
    pub label: String,
}

/// A labelled value.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Detail {
    pub name: String,
    pub label: String,
    pub value: String,
}

/// Where something stands in a source document.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Citation {
    pub source: String,
    pub article: Option<u32>,
    pub quote: Option<String>,
}

/// How a test came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    Holds,
    Fails,
    Open,
    Error,
}

/// A condition, an exception or a branch.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Reason {
    pub name: String,
    pub label: String,
    pub outcome: Mark,
    /// It speaks for the record: a condition that holds, an exception that does not.
    pub favourable: bool,
    /// It is among those that decided a refusal or a conflict, or it is the branch that is taken.
    pub decisive: bool,
    pub parts: Vec<Part>,
    pub cites: Vec<Citation>,
}

/// One comparison in a condition, or several joined.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Part {
    pub outcome: Mark,
    pub text: String,
    pub parts: Vec<Part>,
}

/// A benefit and how its amount came about.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BenefitReason {
    pub name: String,
    pub label: String,
    pub kind: &'static str,
    /// The whole in words, such as `256,500元`.
    pub amount: String,
    pub steps: Vec<String>,
    pub cites: Vec<Citation>,
}

/// A define, a `let`, a parameter or a table that the answer uses.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Derived {
    pub label: String,
    pub value: String,
    pub steps: Vec<String>,
    pub cites: Vec<Citation>,
}

impl Derived {
    /// Several of them as a tree of lines for a terminal: the first, and below it what it rests on.
    pub fn text_of(derived: &[Derived], language: Language) -> String {
        outline::derivation(derived, language).as_ref().map_or_else(String::new, text::render)
    }
}

impl Explanation {
    /// A tree of lines for a terminal.
    pub fn text(&self) -> String {
        text::render(&outline::outline(self))
    }

    /// The data itself.
    pub fn json(&self) -> String {
        serde_json::to_string_pretty(self).expect("strings, numbers and lists are always JSON")
    }

    /// A page that stands alone, for screens, screen readers and paper.
    pub fn html(&self) -> String {
        html::page(std::slice::from_ref(self))
    }

    /// Several explanations on one page.
    pub fn html_of(explanations: &[Explanation]) -> String {
        html::page(explanations)
    }
}
