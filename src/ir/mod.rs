//! The core: what a checked policy set becomes for the engines.

mod apply;
mod graph;
#[allow(clippy::module_inception)]
mod ir;
mod lower;
mod print;
mod prune;
mod simplify;
mod slice;
mod verify;

pub use apply::apply;
pub use graph::{Builder, Place};
pub use ir::*;
pub use lower::{Lowering, Scope, lower};
pub use print::print;
pub use slice::{Slice, Wanted};
pub use verify::verify;
