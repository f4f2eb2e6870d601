//! The one place where the server meets the formatter.

use crate::syntax::format::{Options, format};

/// A text in its layout; what cannot be read of it stays as it stands.
pub fn laid_out(text: &str) -> String {
    let mut formatted = format(&[text], &Options::default());
    formatted.pop().map_or_else(|| text.to_owned(), |formatted| formatted.text)
}
