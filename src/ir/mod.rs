//! The core: what a checked policy set becomes for the engines.

#[allow(clippy::module_inception)]
mod ir;

pub use ir::*;
