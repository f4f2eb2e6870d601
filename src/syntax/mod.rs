//! From text to syntax trees. The scanner tiles a file with tokens and cuts it into items; the grammar
//! (`grammar/policy.pest`) parses each item alone, so that a broken one costs one good error.

pub mod ast;
mod build;
mod depth;
mod expr;
pub mod format;
pub mod items;
mod message;
mod parse;
pub mod scan;
pub mod token;
pub mod words;

pub use parse::{Class, classes, parse, terminals};
