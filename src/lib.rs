//! Pol turns a policy document into a program that can be checked, tested, explained and run over every
//! applicant. The folders are the pipeline; `docs/architecture.md` tells the story.

#![deny(unsafe_code)]
// No floating point where money, rates or results are.
#![deny(clippy::float_arithmetic)]

#[cfg(feature = "batch")]
pub mod batch;
pub mod boundary;
pub mod check;
#[cfg(feature = "cli")]
pub mod cli;
pub mod compile;
pub mod coverage;
pub mod diag;
#[cfg(feature = "batch")]
pub mod diff;
#[cfg(feature = "doc")]
pub mod doc;
pub mod explain;
pub mod ide;
pub mod interp;
pub mod ir;
#[cfg(feature = "jit")]
pub mod jit;
pub mod load;
#[cfg(feature = "lsp")]
pub mod lsp;
pub mod naming;
#[cfg(feature = "batch")]
pub mod policy;
#[cfg(feature = "batch")]
pub mod sample;
pub mod source;
pub mod suggest;
pub mod syntax;
#[cfg(feature = "tables")]
pub mod tables;
pub mod trial;
#[cfg(feature = "batch")]
pub mod tune;
pub mod value;

#[cfg(feature = "batch")]
pub use policy::{Policy, Problems};
