//! From cases to suggestions.
