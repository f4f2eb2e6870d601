//! The one place where the server meets the formatter. It offers formatting as soon as there is one.

/// Lays a text out; `None` for one that it cannot read.
pub type Formatter = fn(&str) -> Option<String>;

/// The formatter, once there is one.
pub const FORMATTER: Option<Formatter> = None;
