//! The reference meaning: what each measure answers for one record, read straight off the core.

// contract: to be completed
