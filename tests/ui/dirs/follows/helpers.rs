//! A module without a migration.

/// A constant.
pub const ANSWER: u8 = 42;
