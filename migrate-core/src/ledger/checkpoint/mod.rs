//! How far a backfill is, who works on which piece of it, and which rows it put aside.
//!
//! Span 0 is the backfill as a whole ([`Whole`]), the others are pieces of its table ([`Piece`]). A piece's row is
//! there until the piece is done, then its counts go into span 0: the totals of a backfill are the sums over its rows.
//!
//! Lock order: a piece's row before that of the whole. Whoever holds the whole's row looks at the rows of pieces, and
//! locks them only with `SKIP LOCKED`.

mod extent;
mod piece;
mod rejected;
mod seen;
mod whole;

use diesel::QueryResult;
use diesel::result::{DatabaseErrorKind, Error};

pub(crate) use self::extent::{Extent, extents};
pub(crate) use self::piece::{Owner, Piece};
pub(crate) use self::rejected::{Rejection, reject_row};
pub(crate) use self::seen::Seen;
pub(crate) use self::whole::{Sums, Whole};
use super::tables::{CHECKPOINT, create_backfill};
use super::{LedgerNames, SAME_TRANSACTION};
use crate::connection::{Dialect, Driver};

/// What a checkpoint says of its span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CheckpointState {
    /// A piece that nobody works on.
    Ready,
    Running,
    Paused,
    Cancelled,
    Done,
}

impl CheckpointState {
    const ALL: [(Self, &str); 5] = [
        (Self::Ready, "ready"),
        (Self::Running, "running"),
        (Self::Paused, "paused"),
        (Self::Cancelled, "cancelled"),
        (Self::Done, "done"),
    ];

    pub(crate) fn as_str(self) -> &'static str {
        Self::ALL.into_iter().find(|(state, _)| *state == self).map_or("", |(_, text)| text)
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, known)| *known == text).map(|(state, _)| state)
    }

    /// Whether somebody has said that the work is not to go on.
    pub(crate) fn is_withheld(self) -> bool {
        matches!(self, Self::Paused | Self::Cancelled)
    }
}

/// The rows of one backfill among the checkpoints.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spans<'s> {
    pub(super) names: &'s LedgerNames,
    pub(super) revision: &'s str,
}

impl<'s> Spans<'s> {
    pub(crate) fn of(names: &'s LedgerNames, revision: &'s str) -> Self {
        Self { names, revision }
    }
}

/// Whether the tables of backfills are there.
pub(crate) fn has_backfill(driver: &mut dyn Driver, names: &LedgerNames) -> QueryResult<bool> {
    super::read::has_table(driver, names, CHECKPOINT)
}

/// Creates the tables of backfills if they are not there.
pub(crate) fn ensure_backfill(driver: &mut dyn Driver, names: &LedgerNames) -> QueryResult<()> {
    if has_backfill(driver, names)? {
        return Ok(());
    }
    driver.begin("")?;
    match create_backfill(driver, names) {
        Ok(()) => driver.commit(),
        Err(error) => {
            let _ = driver.rollback();
            Err(error)
        }
    }
}

/// Forgets everything about a backfill: it begins anew, was undone, or was recorded as done by hand.
///
/// Workers that are still at it wait for this transaction and then find no checkpoint. The pieces go before the whole,
/// as the order of locks wants it, and once more after it: until then the whole could hand out another one.
pub(crate) fn forget_backfill(
    driver: &mut dyn Driver,
    names: &LedgerNames,
    revision: &str,
) -> QueryResult<()> {
    if !has_backfill(driver, names)? {
        return Ok(());
    }
    let checkpoint = names.checkpoint();
    for spans in ["span > 0", "span = 0", "span > 0"] {
        let sql = format!("DELETE FROM {checkpoint} WHERE revision = $1 AND {spans}");
        driver.execute(&sql, &[Some(revision)])?;
    }
    let sql = format!("DELETE FROM {} WHERE revision = $1", names.rejected_row());
    driver.execute(&sql, &[Some(revision)]).map(drop)
}

/// The session behind a connection, by which others see whether its worker lives; `None` where there is no telling.
pub(crate) fn session(driver: &mut dyn Driver) -> QueryResult<Option<String>> {
    if driver.dialect() == Dialect::Postgres { seen::of_connection(driver) } else { Ok(None) }
}

/// The condition that the transaction is still the one that began, where that can be told.
fn mark(dialect: Dialect) -> String {
    if dialect == Dialect::Postgres { format!(" AND {SAME_TRANSACTION}") } else { String::new() }
}

fn unreadable() -> Error {
    let text = "the table of checkpoints holds a row that this version cannot read".to_owned();
    Error::DatabaseError(DatabaseErrorKind::Unknown, Box::new(text))
}
