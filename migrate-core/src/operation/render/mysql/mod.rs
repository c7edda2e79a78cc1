//! The SQL of operations for MySQL 8 and MariaDB from 10.6 on, in what the two have in common.
//!
//! What decides which rows a table takes, and what they hold, is rendered or refused. What decides only how rows
//! are stored and found (`CONCURRENTLY`, `INCLUDE`, operator classes, storage parameters, NULLs first in an index,
//! partitions) is left out, and so is `NOT VALID`: a constraint holds at once here. An expression as a key of an
//! index is MySQL's alone, a sequence MariaDB's: the other server says so itself.

mod alter;
mod column;
mod constraint;
mod enums;
mod index;
mod object;
mod rows;
mod statement;
mod table;
#[cfg(test)]
mod tests;
mod types;

pub(super) use self::statement::render;
use super::Quote;
use super::fault::Fault;
use crate::connection::Dialect;
use crate::operation::{Dropped, Sql};

const QUOTE: Quote = Quote(Dialect::Mysql);

/// An expression in parentheses. A comment at its end must not swallow the closing one.
fn enclosed(expression: &Sql<'_>) -> Result<String, Fault> {
    let expression = expression.for_dialect(Dialect::Mysql)?;
    let last_line = expression.lines().last().unwrap_or_default();
    let line_break = if last_line.contains("--") || last_line.contains('#') { "\n" } else { "" };
    Ok(format!("({expression}{line_break})"))
}

/// A text where the grammar takes a plain literal only, for a comment.
///
/// The backslash is doubled, as it has to be unless `sql_mode` has `NO_BACKSLASH_ESCAPES`; with that the text has
/// two of them, and is still this text's own.
fn plain_text(text: &str) -> Result<String, Fault> {
    if text.contains('\0') {
        return Err(Fault::malformed("a comment has a zero byte in it"));
    }
    if text.contains(|character| character > '\u{ffff}') {
        return Err(Fault::Unsupported("a comment has no characters beyond U+FFFF there"));
    }
    Ok(format!("'{}'", text.replace('\\', "\\\\").replace('\'', "''")))
}

/// Refuses to drop what depends on something, too: the word is read and forgotten here.
fn no_cascade<D>(dropped: &Dropped<D>) -> Result<(), Fault> {
    if dropped.cascade {
        return Err(Fault::Unsupported("it drops nothing but the object itself"));
    }
    Ok(())
}
