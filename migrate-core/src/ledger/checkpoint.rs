//! How far a backfill is, and which rows it put aside.

use diesel::QueryResult;
use diesel::result::{DatabaseErrorKind, Error};

use super::tables::{CHECKPOINT, create_backfill};
use super::{LedgerNames, SAME_TRANSACTION, now};
use crate::connection::{Dialect, Driver, TextRow};

/// What a checkpoint says of its span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CheckpointState {
    /// Nobody works on it yet.
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

    fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, known)| *known == text).map(|(state, _)| state)
    }

    /// Whether somebody has said that the work is not to go on.
    pub(crate) fn is_withheld(self) -> bool {
        matches!(self, Self::Paused | Self::Cancelled)
    }
}

/// One span of a backfill. Keys are JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Checkpoint {
    pub(crate) revision: String,
    pub(crate) state: CheckpointState,
    /// The last key that is done; `None` at the beginning.
    pub(crate) position: Option<String>,
    /// The last key that the span may have.
    pub(crate) until: Option<String>,
    pub(crate) rows: u64,
    pub(crate) batches: u64,
    pub(crate) rejected: u64,
    /// How many rows the next batch takes.
    pub(crate) batch_size: u32,
    /// Who holds an older one has lost the span.
    pub(crate) token: i64,
}

/// A row that is put aside.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rejection<'a> {
    pub(crate) key: &'a str,
    pub(crate) error: &'a str,
    pub(crate) worker: &'a str,
    /// Whether the backfill stopped there.
    pub(crate) blocking: bool,
}

/// The only span while a backfill is not shared out.
const SPAN: &str = "span = 0";

const COLUMNS: &str = "revision, state, position, until, CAST(row_count AS text), CAST(batch_count AS text), \
     CAST(rejected_count AS text), CAST(batch_size AS text), CAST(token AS text)";

/// Creates the tables of backfills if they are not there.
pub(crate) fn ensure_backfill(driver: &mut dyn Driver, names: &LedgerNames) -> QueryResult<()> {
    if super::read::has_table(driver, names, CHECKPOINT)? {
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

/// Makes the checkpoint this run's own, from where it stands; a new one stands at the beginning.
///
/// A batch of whoever had it before either is committed by now, or waits for this transaction and then finds that
/// its token is old.
pub(crate) fn open_checkpoint(
    driver: &mut dyn Driver,
    names: &LedgerNames,
    revision: &str,
    worker: &str,
    batch_size: u32,
) -> QueryResult<Checkpoint> {
    let (checkpoint, now) = (names.checkpoint(), now(driver.dialect()));
    let sql = format!(
        "INSERT INTO {checkpoint} (revision, span, state, batch_size, token, worker) \
         VALUES ($1, 0, 'running', CAST($2 AS bigint), 1, $3) \
         ON CONFLICT (revision, span) DO UPDATE SET token = {checkpoint}.token + 1, worker = excluded.worker, \
         state = CASE WHEN {checkpoint}.state IN ('paused', 'cancelled') THEN {checkpoint}.state ELSE 'running' END, \
         updated_at = {now} RETURNING {COLUMNS}",
        COLUMNS = qualified(&checkpoint),
    );
    let size = batch_size.to_string();
    let rows = driver.query(&sql, &[Some(revision), Some(&size), Some(worker)])?;
    rows.into_iter().next().and_then(parse).ok_or_else(unreadable)
}

/// `RETURNING` of an upsert on PostgreSQL knows two tables with these columns.
fn qualified(checkpoint: &str) -> String {
    let bare = ["revision", "state", "position", "until"].map(|column| format!("{checkpoint}.{column}"));
    let numbers = ["row_count", "batch_count", "rejected_count", "batch_size", "token"]
        .map(|column| format!("CAST({checkpoint}.{column} AS text)"));
    bare.into_iter().chain(numbers).collect::<Vec<_>>().join(", ")
}

/// Reads the checkpoint of a backfill, also where its table may not be there yet.
pub(crate) fn find_checkpoint(
    driver: &mut dyn Driver,
    names: &LedgerNames,
    revision: &str,
) -> QueryResult<Option<Checkpoint>> {
    if !super::read::has_table(driver, names, CHECKPOINT)? {
        return Ok(None);
    }
    read_checkpoint(driver, names, revision)
}

/// Reads the checkpoint of a backfill.
pub(crate) fn read_checkpoint(
    driver: &mut dyn Driver,
    names: &LedgerNames,
    revision: &str,
) -> QueryResult<Option<Checkpoint>> {
    let sql = format!("SELECT {COLUMNS} FROM {} WHERE revision = $1 AND {SPAN}", names.checkpoint());
    match driver.query(&sql, &[Some(revision)])?.into_iter().next() {
        Some(row) => parse(row).map(Some).ok_or_else(unreadable),
        None => Ok(None),
    }
}

/// Writes down how far a batch got, in its transaction; returns what the checkpoint's state is.
///
/// `None`, and nothing written, when the token is old or the transaction is not the one that began.
pub(crate) fn advance(
    driver: &mut dyn Driver,
    names: &LedgerNames,
    to: &Checkpoint,
) -> QueryResult<Option<CheckpointState>> {
    let dialect = driver.dialect();
    let sql = format!(
        "UPDATE {} SET position = $1, row_count = CAST($2 AS bigint), batch_count = CAST($3 AS bigint), \
         rejected_count = CAST($4 AS bigint), batch_size = CAST($5 AS bigint), updated_at = {} \
         WHERE revision = $6 AND {SPAN} AND token = CAST($7 AS bigint){} RETURNING state",
        names.checkpoint(),
        now(dialect),
        mark(dialect),
    );
    let numbers =
        [to.rows, to.batches, to.rejected, u64::from(to.batch_size)].map(|number| number.to_string());
    let token = to.token.to_string();
    let binds = [
        to.position.as_deref(),
        Some(&*numbers[0]),
        Some(&*numbers[1]),
        Some(&*numbers[2]),
        Some(&*numbers[3]),
        Some(&*to.revision),
        Some(&*token),
    ];
    let row = driver.query(&sql, &binds)?.into_iter().flatten().flatten().next();
    row.map(|state| CheckpointState::parse(&state).ok_or_else(unreadable)).transpose()
}

/// Marks a backfill as done, and forgets the row that it once stopped at: it is past it. `false` as for [`advance`].
pub(crate) fn finish_backfill(
    driver: &mut dyn Driver,
    names: &LedgerNames,
    checkpoint: &Checkpoint,
) -> QueryResult<bool> {
    let dialect = driver.dialect();
    let sql = format!(
        "UPDATE {} SET state = 'done', updated_at = {} \
         WHERE revision = $1 AND {SPAN} AND token = CAST($2 AS bigint){}",
        names.checkpoint(),
        now(dialect),
        mark(dialect),
    );
    let token = checkpoint.token.to_string();
    if driver.execute(&sql, &[Some(&checkpoint.revision), Some(&token)])? != 1 {
        return Ok(false);
    }
    forget_rejected(driver, names, &checkpoint.revision, "blocking")?;
    Ok(true)
}

/// Goes back to the beginning: the rows that were put aside are tried again. `false` as for [`advance`].
pub(crate) fn restart(
    driver: &mut dyn Driver,
    names: &LedgerNames,
    checkpoint: &Checkpoint,
) -> QueryResult<bool> {
    forget_rejected(driver, names, &checkpoint.revision, "rejected")?;
    Ok(advance(driver, names, checkpoint)?.is_some())
}

fn forget_rejected(
    driver: &mut dyn Driver,
    names: &LedgerNames,
    revision: &str,
    state: &str,
) -> QueryResult<()> {
    let sql = format!("DELETE FROM {} WHERE revision = $1 AND state = $2", names.rejected_row());
    driver.execute(&sql, &[Some(revision), Some(state)]).map(drop)
}

/// Puts a row aside, or notes that it has failed once more.
pub(crate) fn reject_row(
    driver: &mut dyn Driver,
    names: &LedgerNames,
    revision: &str,
    rejection: Rejection<'_>,
) -> QueryResult<()> {
    let (rejected_row, now) = (names.rejected_row(), now(driver.dialect()));
    let sql = format!(
        "INSERT INTO {rejected_row} (revision, row_key, state, error, attempts, worker) \
         VALUES ($1, $2, $3, $4, 1, $5) ON CONFLICT (revision, row_key) DO UPDATE SET \
         state = excluded.state, error = excluded.error, attempts = {rejected_row}.attempts + 1, \
         worker = excluded.worker, rejected_at = {now}"
    );
    let state = if rejection.blocking { "blocking" } else { "rejected" };
    let binds = [revision, rejection.key, state, rejection.error, rejection.worker].map(Some);
    driver.execute(&sql, &binds).map(drop)
}

/// Forgets everything about a backfill: it begins anew, or was undone.
pub(crate) fn forget_backfill(
    driver: &mut dyn Driver,
    names: &LedgerNames,
    revision: &str,
) -> QueryResult<()> {
    if !super::read::has_table(driver, names, CHECKPOINT)? {
        return Ok(());
    }
    for table in [names.checkpoint(), names.rejected_row()] {
        driver.execute(&format!("DELETE FROM {table} WHERE revision = $1"), &[Some(revision)])?;
    }
    Ok(())
}

fn mark(dialect: Dialect) -> String {
    if dialect == Dialect::Postgres { format!(" AND {SAME_TRANSACTION}") } else { String::new() }
}

fn parse(row: TextRow) -> Option<Checkpoint> {
    let mut columns = row.into_iter();
    let mut next = || columns.next().flatten();
    Some(Checkpoint {
        revision: next()?,
        state: CheckpointState::parse(&next()?)?,
        position: next(),
        until: next(),
        rows: next()?.parse().ok()?,
        batches: next()?.parse().ok()?,
        rejected: next()?.parse().ok()?,
        batch_size: next()?.parse().ok()?,
        token: next()?.parse().ok()?,
    })
}

fn unreadable() -> Error {
    let text = "the table of checkpoints holds a row that this version cannot read".to_owned();
    Error::DatabaseError(DatabaseErrorKind::Unknown, Box::new(text))
}
