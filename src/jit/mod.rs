//! Machine code for policies: many records at once, the same answers as the interpreter.
//!
//! ```text
//! core ── shape ──→ how each node stands in machine words; what may be missing or in error
//!      ── schedule ─→ what is computed where, and in which order
//!      ── layout ──→ where the columns of a chunk stand
//!      ── emit ────→ Cranelift ── code ──→ functions
//! Kernel ── Worker::run ──→ a chunk of cells in, a chunk of answers out
//! ```
//!
//! A chunk is 1,024 records, so that its columns stay in the cache. Vector code decides sixteen records at a
//! time; what vectors cannot do is a call that works through the chunk in Rust. Whatever does not fit 64 bits,
//! and every error, is left to the interpreter, record by record: the code says which.
//!
//! The code is for one shape of inputs, with or without nulls. Parameters and the date are arguments of it.

#![allow(unsafe_code)]

mod calls;
mod chunk;
mod code;
mod emit;
mod fraction;
mod kernel;
mod layout;
mod lookup;
mod outputs;
mod schedule;
mod shape;
mod table;
#[cfg(test)]
mod tests;

pub use calls::Across;
pub use chunk::{Answers, Bits, Cells, Input};
pub use code::CompileError;
pub use kernel::{Kernel, Outside, Plans, Request, Worker};
pub use outputs::{ColumnOutputs, MeasureOutputs, NO_BRANCH, Outputs, Written, status};
pub use schedule::CHUNK;
pub use shape::Shape;
