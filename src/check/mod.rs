//! Checking: from parsed files to a program in which every name, type, unit, range and citation is settled.

pub mod show;
#[cfg(test)]
pub(crate) mod sketch;
pub mod typed;
mod walk;

pub use typed::Program;
