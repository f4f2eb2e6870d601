//! Checking: from parsed files to a program in which every name, type, unit, range and citation is settled.

pub mod typed;

pub use typed::Program;
