//! The SQL of operations for SQLite.
//!
//! What decides which rows a table takes, and what they hold, is rendered or refused. What decides only how rows
//! are stored and found (`CONCURRENTLY`, `INCLUDE`, operator classes, storage parameters, tablespaces, NULLs first
//! in an index, `NOT VALID`, partitions) is left out, for SQLite does that in its one way.
//!
//! SQLite's own `ALTER TABLE` can do little, and what the rest takes depends on the table as it is. Such
//! operations are checked here and left to be resolved when they run.

mod column;
mod constraint;
mod index;
mod object;
mod rows;
mod statement;
mod table;
mod types;

#[cfg(all(test, feature = "sqlite"))]
mod tests;

pub(super) use self::statement::render;
use super::Quote;
use super::fault::Fault;
use crate::connection::Dialect;

const QUOTE: Quote = Quote(Dialect::Sqlite);
