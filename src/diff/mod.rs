//! What an edit of a policy set means: what changed in meaning, and what that does to records.

pub mod meaning;
pub mod report;
