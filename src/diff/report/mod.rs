//! A comparison in words.
pub mod meaning;
