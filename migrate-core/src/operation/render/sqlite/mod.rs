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
mod lower;
mod object;
mod rows;
mod statement;
mod table;
mod types;

#[cfg(all(test, feature = "sqlite"))]
mod tests;

pub(crate) use self::lower::{Stages, Step};
pub(super) use self::statement::render;
use super::Quote;
use super::fault::Fault;
use crate::connection::Dialect;
use crate::operation::Sql;

const QUOTE: Quote = Quote(Dialect::Sqlite);

/// An expression in parentheses. A comment at its end must not swallow the closing one.
fn enclosed(expression: &Sql<'_>) -> Result<String, Fault> {
    let expression = expression.for_dialect(Dialect::Sqlite)?;
    let last_line = expression.lines().last().unwrap_or_default();
    let line_break = if last_line.contains("--") { "\n" } else { "" };
    Ok(format!("({expression}{line_break})"))
}
