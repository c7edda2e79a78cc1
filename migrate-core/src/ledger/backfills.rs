//! What the tables of backfills say to somebody who looks, and what is written there from outside of a run.

use diesel::QueryResult;
use diesel::result::{DatabaseErrorKind, Error};

use super::checkpoint::{CheckpointState, Rejection};
use super::tables::CHECKPOINT;
use super::write::SAME_TRANSACTION;
use super::{LedgerNames, now, storable};
use crate::connection::{Dialect, Driver, TextRow, not_spoken};

/// A row of the checkpoints: the frontier, which is span 0, or a piece that was handed out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SpanRow {
    pub(crate) revision: String,
    pub(crate) span: u64,
    pub(crate) state: CheckpointState,
    pub(crate) position: Option<String>,
    pub(crate) rows: i64,
    pub(crate) batches: i64,
    pub(crate) rejected: i64,
    pub(crate) total: Option<u64>,
    pub(crate) worker: Option<String>,
    /// Whether the session that the worker wrote down is there; `None` where that cannot be told.
    pub(crate) session: Option<bool>,
    /// How long ago it was written, in milliseconds by the database's clock.
    pub(crate) age_ms: u64,
    pub(crate) started_at: String,
    pub(crate) updated_at: String,
    /// The rows that some worker stopped at; 0 on a piece.
    pub(crate) blocking: u64,
}

/// A row that was put aside, or that a backfill stopped at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectedRow {
    /// Its key, as JSON.
    pub key: String,
    /// Whether the backfill stopped there: then the next run begins with it, and it is not retried alone.
    pub blocking: bool,
    /// What failed, with its causes.
    pub error: String,
    /// How often it was tried.
    pub attempts: u64,
    /// Who tried it last.
    pub worker: String,
    /// When, by the database's clock: RFC 3339 in UTC with milliseconds.
    pub rejected_at: String,
}

/// Reads the checkpoints of all backfills, by revision and span: one SELECT, no DDL. None when there is no table.
pub(crate) fn read_spans(driver: &mut dyn Driver, names: &LedgerNames) -> QueryResult<Vec<SpanRow>> {
    let dialect = driver.dialect();
    let (age, session) = match dialect {
        // As the workers look at each other.
        Dialect::Postgres => (
            "CAST(greatest(0, extract(epoch FROM clock_timestamp() - span.updated_at) * 1000) AS bigint)",
            "CASE WHEN span.session IS NULL THEN NULL WHEN EXISTS (SELECT 1 FROM pg_stat_activity AS activity \
             WHERE activity.pid = CAST(split_part(span.session, ' ', 1) AS integer) \
             AND (activity.backend_start IS NULL OR activity.pid || ' ' || to_char(activity.backend_start \
             AT TIME ZONE 'UTC', 'YYYYMMDDHH24MISSUS') = span.session)) THEN 'true' ELSE 'false' END",
        ),
        Dialect::Sqlite => (
            "CAST(max(0, round((julianday('now') - julianday(span.updated_at)) * 86400000)) AS integer)",
            "NULL",
        ),
        Dialect::Mysql => return Err(not_spoken()),
    };
    let sql = format!(
        "SELECT span.revision, CAST(span.span AS text), span.state, span.position, CAST(span.row_count AS text), \
         CAST(span.batch_count AS text), CAST(span.rejected_count AS text), CAST(span.row_total AS text), \
         span.worker, {session}, CAST({age} AS text), {started}, {updated}, \
         CASE WHEN span.span = 0 THEN (SELECT CAST(count(*) AS text) FROM {rejected_row} AS aside \
         WHERE aside.revision = span.revision AND aside.state = 'blocking') ELSE '0' END \
         FROM {checkpoint} AS span ORDER BY span.revision, span.span",
        started = time(dialect, "span.started_at"),
        updated = time(dialect, "span.updated_at"),
        checkpoint = names.checkpoint(),
        rejected_row = names.rejected_row(),
    );
    let rows = or_absent(driver, names, |driver| driver.query(&sql, &[]))?;
    rows.into_iter().map(|row| span(row).ok_or_else(unreadable)).collect()
}

/// Reads the rows of a backfill that were put aside or that it stopped at: one SELECT, no DDL.
pub(crate) fn read_rejected(
    driver: &mut dyn Driver,
    names: &LedgerNames,
    revision: &str,
    limit: u32,
) -> QueryResult<Vec<RejectedRow>> {
    let sql = format!(
        "SELECT row_key, state, error, CAST(attempts AS text), worker, {} FROM {} WHERE revision = $1 \
         ORDER BY state, length(row_key), row_key LIMIT {limit}",
        time(driver.dialect(), "rejected_at"),
        names.rejected_row()
    );
    let rows = or_absent(driver, names, |driver| driver.query(&sql, &[Some(revision)]))?;
    rows.into_iter().map(|row| rejected(row).ok_or_else(unreadable)).collect()
}

/// The first keys after one of the rows that were put aside, as the database orders them.
pub(crate) fn rejected_keys(
    driver: &mut dyn Driver,
    names: &LedgerNames,
    revision: &str,
    after: Option<&str>,
    limit: u32,
) -> QueryResult<Vec<String>> {
    let sql = format!(
        "SELECT row_key FROM {} WHERE revision = $1 AND state = 'rejected' AND row_key > coalesce($2, '') \
         ORDER BY row_key LIMIT {limit}",
        names.rejected_row()
    );
    let rows = or_absent(driver, names, |driver| driver.query(&sql, &[Some(revision), after]))?;
    Ok(rows.into_iter().flatten().flatten().collect())
}

/// What is in the way of trying a row again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entry {
    /// Nothing: until the transaction ends its entry and the counts are ours.
    Ours,
    /// It is not on the list any more.
    Gone,
    /// Somebody else has the counts for the moment.
    Busy,
}

/// Locks the counts of a backfill, and then the entry of a row that was put aside.
///
/// Never waits for the counts: whoever has them may be counting what remains, which can take minutes.
pub(crate) fn lock_rejected(
    driver: &mut dyn Driver,
    names: &LedgerNames,
    revision: &str,
    key: &str,
) -> QueryResult<Entry> {
    let (skip, lock) = match driver.dialect() {
        Dialect::Postgres => (" FOR UPDATE SKIP LOCKED", " FOR UPDATE"),
        _ => ("", ""),
    };
    let whole = format!("SELECT state FROM {} WHERE revision = $1 AND span = 0", names.checkpoint());
    if driver.query(&format!("{whole}{skip}"), &[Some(revision)])?.is_empty() {
        // The backfill may have been undone since the list was read, and its counts be gone.
        let is_there = !driver.query(&whole, &[Some(revision)])?.is_empty();
        return Ok(if is_there { Entry::Busy } else { Entry::Gone });
    }
    let entry = format!(
        "SELECT row_key FROM {} WHERE revision = $1 AND row_key = $2 AND state = 'rejected'{lock}",
        names.rejected_row()
    );
    let is_there = !driver.query(&entry, &[Some(revision), Some(key)])?.is_empty();
    Ok(if is_there { Entry::Ours } else { Entry::Gone })
}

/// Takes a row off the list of those put aside, and counts `changed` rows of the backfill as changed.
///
/// `false`, and nothing written, when the transaction is not the one that began.
pub(crate) fn settle_rejected(
    driver: &mut dyn Driver,
    names: &LedgerNames,
    revision: &str,
    key: &str,
    changed: u32,
) -> QueryResult<bool> {
    let mark = match driver.dialect() {
        Dialect::Postgres => format!(" AND {SAME_TRANSACTION}"),
        _ => String::new(),
    };
    let sql = format!(
        "DELETE FROM {} WHERE revision = $1 AND row_key = $2 AND state = 'rejected'{mark}",
        names.rejected_row()
    );
    if driver.execute(&sql, &[Some(revision), Some(key)])? != 1 {
        return Ok(false);
    }
    let sql = format!(
        "UPDATE {} SET rejected_count = rejected_count - 1, row_count = row_count + CAST($1 AS bigint) \
         WHERE revision = $2 AND span = 0",
        names.checkpoint()
    );
    driver.execute(&sql, &[Some(&changed.to_string()), Some(revision)])?;
    Ok(true)
}

/// Notes that a row which was put aside has failed once more; `false` when it is not on the list any more.
pub(crate) fn reject_again(
    driver: &mut dyn Driver,
    names: &LedgerNames,
    revision: &str,
    rejection: Rejection<'_>,
) -> QueryResult<bool> {
    let sql = format!(
        "UPDATE {} SET error = $1, worker = $2, attempts = attempts + 1, rejected_at = {} \
         WHERE revision = $3 AND row_key = $4 AND state = 'rejected'",
        names.rejected_row(),
        now(driver.dialect()),
    );
    let error = storable(rejection.error);
    let binds = [&*error, rejection.worker, revision, rejection.key].map(Some);
    Ok(driver.execute(&sql, &binds)? == 1)
}

/// Takes a row off the list that a backfill stopped at; `false` when it is not there any more.
pub(crate) fn forget_blocking(
    driver: &mut dyn Driver,
    names: &LedgerNames,
    revision: &str,
    key: &str,
) -> QueryResult<bool> {
    let sql = format!(
        "DELETE FROM {} WHERE revision = $1 AND row_key = $2 AND state = 'blocking'",
        names.rejected_row()
    );
    Ok(driver.execute(&sql, &[Some(revision), Some(key)])? == 1)
}

/// Sets the state of a backfill from outside; `false` when it is in none of the states `from`.
pub(crate) fn set_backfill_state(
    driver: &mut dyn Driver,
    names: &LedgerNames,
    revision: &str,
    from: &[CheckpointState],
    to: CheckpointState,
) -> QueryResult<bool> {
    let from = from.iter().map(|state| format!("'{}'", state.as_str())).collect::<Vec<_>>().join(", ");
    let sql = format!(
        "UPDATE {} SET state = $1 WHERE revision = $2 AND span = 0 AND state IN ({from})",
        names.checkpoint()
    );
    Ok(driver.execute(&sql, &[Some(to.as_str()), Some(revision)])? == 1)
}

/// The rows of a query; none when the tables of backfills are not there.
fn or_absent(
    driver: &mut dyn Driver,
    names: &LedgerNames,
    query: impl FnOnce(&mut dyn Driver) -> QueryResult<Vec<TextRow>>,
) -> QueryResult<Vec<TextRow>> {
    // A failed query would spoil the transaction that the caller has open, so there we look first.
    if driver.transaction_depth() != Some(0) && !super::read::has_table(driver, names, CHECKPOINT)? {
        return Ok(Vec::new());
    }
    query(driver).or_else(|error| match super::read::has_table(driver, names, CHECKPOINT) {
        Ok(false) => Ok(Vec::new()),
        _ => Err(error),
    })
}

/// A time as RFC 3339 in UTC with milliseconds.
fn time(dialect: Dialect, column: &str) -> String {
    match dialect {
        Dialect::Postgres => {
            format!("to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')")
        }
        _ => column.to_owned(),
    }
}

fn span(row: TextRow) -> Option<SpanRow> {
    let mut columns = row.into_iter();
    let mut next = || columns.next().flatten();
    Some(SpanRow {
        revision: next()?,
        span: next()?.parse().ok()?,
        state: CheckpointState::parse(&next()?)?,
        position: next(),
        rows: next()?.parse().ok()?,
        batches: next()?.parse().ok()?,
        rejected: next()?.parse().ok()?,
        total: next().and_then(|text| text.parse().ok()),
        worker: next(),
        session: next().map(|text| text == "true"),
        age_ms: next()?.parse().ok()?,
        started_at: next()?,
        updated_at: next()?,
        blocking: next()?.parse().ok()?,
    })
}

fn rejected(row: TextRow) -> Option<RejectedRow> {
    let mut columns = row.into_iter();
    let mut next = || columns.next().flatten();
    Some(RejectedRow {
        key: next()?,
        blocking: next()? == "blocking",
        error: next()?,
        attempts: next()?.parse().ok()?,
        worker: next()?,
        rejected_at: next()?,
    })
}

fn unreadable() -> Error {
    let text = "the tables of backfills hold a row that this version cannot read".to_owned();
    Error::DatabaseError(DatabaseErrorKind::Unknown, Box::new(text))
}
