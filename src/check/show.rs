//! The words for typed things.
