//! What an edit of a policy set means: what changed in meaning, item by item, and what that does to records. As data,
//! and as text, JSON, Markdown for a pull request and a page with charts.

pub mod effect;
mod fail;
pub mod meaning;
mod report;

use serde::Serialize;

pub use effect::outcome::Outcome;
pub use fail::{FORMS, FailOn};
pub use meaning::Meaning;

use crate::check::show::Language;

/// Two versions of a policy set, compared.
#[derive(Debug, Clone, Serialize)]
pub struct Comparison {
    #[serde(skip)]
    pub language: Language,
    /// What is compared, as it was named, with the digests of all texts.
    pub old: VersionName,
    pub new: VersionName,
    #[serde(flatten)]
    pub meaning: Meaning,
    /// The date of evaluation, where records are compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<String>,
    /// One for each kind of record of the input.
    #[serde(rename = "records", skip_serializing_if = "Vec::is_empty")]
    pub outcomes: Vec<Outcome>,
    /// Why it fails, a line for each condition that it was to be held to and is not.
    pub failed: Vec<String>,
}

/// A version by what it was named.
#[derive(Debug, Clone, Serialize)]
pub struct VersionName {
    pub set: String,
    pub digest: String,
}

impl Comparison {
    pub fn text(&self) -> String {
        report::text::render(self)
    }

    pub fn json(&self) -> String {
        serde_json::to_string_pretty(self).expect("strings, numbers and lists are always JSON")
    }

    pub fn markdown(&self) -> String {
        report::markdown::render(self)
    }

    /// A page that stands alone, with charts.
    pub fn html(&self) -> String {
        report::html::render(self)
    }
}
