//! From Alembic's operations to ours: a whole body, or the reason why not.
//!
//! Everything here is pure. What is not understood to the last argument is [`NotPlain`], and with it the whole
//! body: half a translation would look like a whole one.

mod arguments;
mod body;
mod callee;
mod change;
mod column;
mod condition;
mod constraint;
mod create_table;
mod default;
mod enums;
mod flow;
mod index;
mod naming;
mod operation;
mod rows;
mod rust;
mod sql;
mod step;
mod still;
#[cfg(test)]
mod tests;
mod types;

pub(super) use self::body::{Body, Irreversible, Surroundings, translate};
pub(super) use self::naming::Naming;
pub(super) use self::rust::{comment, text};

/// Why something is not taken over as operations: what a person would call it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NotPlain(pub(super) String);

impl NotPlain {
    fn new(what: impl std::fmt::Display) -> Self {
        Self(what.to_string())
    }
}

/// The outcome of a translation.
type Plain<T> = Result<T, NotPlain>;
