//! Checking: from parsed files to a program in which every name, type, unit, range and citation is settled.

pub mod across;
mod alternatives;
mod amends;
mod benefits;
mod between;
mod budgets;
mod calendars;
mod calls;
mod cases;
mod checker;
pub mod citations;
pub mod constants;
mod dates;
mod duties;
mod expr;
mod finish;
pub mod index;
mod literals;
pub mod logic;
pub mod manifest;
mod measures;
mod opens;
mod operators;
mod overflow;
mod params;
mod ranges;
mod registers;
mod scope;
pub mod set;
pub mod show;
#[cfg(test)]
pub(crate) mod sketch;
mod tables;
pub mod typed;
pub mod units;
mod vocabulary;
mod walk;

pub use checker::{Checked, check, check_while};
pub use index::Index;
pub use scope::is_name;
pub use typed::Program;
