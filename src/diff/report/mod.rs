//! A comparison in words.

pub mod chart;
pub mod html;
pub mod lines;
pub mod markdown;
pub mod meaning;
pub mod text;
