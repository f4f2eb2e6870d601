//! Diagnostics as text: one file for each format.
