//! What differs between two catalogs.

mod compare;
mod constraints;
mod describe;
mod display;
mod indexes;
#[cfg(test)]
mod tests;
mod text;
mod tree;

pub use self::tree::{AttributeChange, Change, Difference, DifferenceOptions, ObjectKind, What};
