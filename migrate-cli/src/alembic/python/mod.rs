//! As much of Python as migration scripts are read with: parsed, never run.
//!
//! `read` turns the parser's tree into the plain values of `tree`; nothing else knows the parser.

mod expression;
mod literal;
mod read;
mod scope;
mod tree;

pub(super) use self::read::{SyntaxError, read};
pub(super) use self::scope::{BATCH, Known, Scope};
pub(super) use self::tree::{Call, Expr, Function, Statement, StatementKind};
