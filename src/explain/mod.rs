//! From an answer to its reasons.
