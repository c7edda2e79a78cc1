//! The journal of a step outside a transaction: which of its operations are begun, and which are done (I8).

use diesel::QueryResult;

use super::tables::{JOURNAL, create_journal};
use super::{LedgerNames, RowState, now};
use crate::connection::{Dialect, Driver};
use crate::plan::Direction;

/// Whose journal: one step of one run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct JournalKey {
    pub(crate) revision: String,
    pub(crate) direction: Direction,
    /// The run that has the step; as the ledger's row says.
    pub(crate) applied_by: String,
}

/// One operation in the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct JournalRow {
    /// Its place in the step, from 1.
    pub(crate) position: u32,
    /// What it does, in words.
    pub(crate) operation: String,
    /// A hash of what it is.
    pub(crate) fingerprint: String,
    /// Whether it is done; begun only otherwise.
    pub(crate) done: bool,
}

/// Creates the journal in a ledger that was made by a version without it.
///
/// Only a step outside a transaction asks for it, so that every other run needs neither the look nor the right
/// to create tables.
pub(crate) fn ensure_journal(driver: &mut dyn Driver, names: &LedgerNames) -> QueryResult<()> {
    if super::read::has_table(driver, names, JOURNAL)? {
        return Ok(());
    }
    driver.begin("")?;
    match create_journal(driver, names) {
        Ok(()) => driver.commit(),
        Err(error) => {
            let _ = driver.rollback();
            Err(error)
        }
    }
}

/// Reads the journal of a step, in order; empty when there is no journal table.
pub(crate) fn read_journal(
    driver: &mut dyn Driver,
    names: &LedgerNames,
    key: &JournalKey,
) -> QueryResult<Vec<JournalRow>> {
    if !super::read::has_table(driver, names, JOURNAL)? {
        return Ok(Vec::new());
    }
    let sql = format!(
        "SELECT CAST(position AS text), operation, fingerprint, state FROM {} \
         WHERE revision = $1 AND direction = $2 ORDER BY {0}.position",
        names.journal()
    );
    let rows = driver.query(&sql, &[Some(&key.revision), Some(direction(key))])?;
    let parse = |row: Vec<Option<String>>| {
        let mut columns = row.into_iter().flatten();
        let row = (columns.next()?.parse().ok()?, columns.next()?, columns.next()?, columns.next()?);
        let (position, operation, fingerprint, state) = row;
        Some(JournalRow { position, operation, fingerprint, done: state == "done" })
    };
    Ok(rows.into_iter().filter_map(parse).collect())
}

/// Writes an operation down as begun; `false`, and nothing written, when the step is no longer this run's.
///
/// The ledger's row is locked until the transaction ends: who takes the step over waits for this operation, and
/// who has lost it to somebody else begins no other.
pub(crate) fn begin_operation(
    driver: &mut dyn Driver,
    names: &LedgerNames,
    key: &JournalKey,
    row: &JournalRow,
) -> QueryResult<bool> {
    let lock = if driver.dialect() == Dialect::Postgres { "FOR SHARE" } else { "" };
    let (journal, ledger, now) = (names.journal(), names.ledger(), now(driver.dialect()));
    // The condition that is always true tells SQLite that `ON` begins no join.
    let sql = format!(
        "INSERT INTO {journal} (revision, direction, position, operation, fingerprint, state) \
         SELECT $1, $2, CAST($3 AS integer), $4, $5, 'started' \
         FROM (SELECT 1 FROM {ledger} WHERE revision = $1 AND state = $6 AND applied_by = $7 {lock}) AS held \
         WHERE 1 = 1 ON CONFLICT (revision, direction, position) DO UPDATE SET started_at = {now} \
         WHERE {journal}.state = 'started' AND {journal}.fingerprint = excluded.fingerprint"
    );
    let state = match key.direction {
        Direction::Upgrade => RowState::Running,
        Direction::Downgrade => RowState::Reverting,
    };
    let position = row.position.to_string();
    let binds = [
        key.revision.as_str(),
        direction(key),
        &position,
        &row.operation,
        &row.fingerprint,
        state.as_str(),
        &key.applied_by,
    ]
    .map(Some);
    Ok(driver.execute(&sql, &binds)? == 1)
}

/// Writes down that an operation is done; `false` when it is not the one that began.
///
/// `mark` is a condition on the transaction, see [`SAME_TRANSACTION`](super::SAME_TRANSACTION).
pub(crate) fn end_operation(
    driver: &mut dyn Driver,
    names: &LedgerNames,
    key: &JournalKey,
    position: u32,
    mark: Option<&str>,
) -> QueryResult<bool> {
    let (journal, now) = (names.journal(), now(driver.dialect()));
    let mark = mark.map(|mark| format!(" AND {mark}")).unwrap_or_default();
    let sql = format!(
        "UPDATE {journal} SET state = 'done', done_at = {now} WHERE revision = $1 AND direction = $2 \
         AND position = CAST($3 AS integer) AND state = 'started'{mark}"
    );
    let position = position.to_string();
    Ok(driver.execute(&sql, &[Some(&key.revision), Some(direction(key)), Some(&position)])? == 1)
}

/// Takes back that an operation was begun: it failed, and the server said so.
pub(crate) fn forget_operation(
    driver: &mut dyn Driver,
    names: &LedgerNames,
    key: &JournalKey,
    position: u32,
) -> QueryResult<()> {
    let sql = format!(
        "DELETE FROM {} WHERE revision = $1 AND direction = $2 AND position = CAST($3 AS integer) \
         AND state = 'started'",
        names.journal()
    );
    let position = position.to_string();
    driver.execute(&sql, &[Some(&key.revision), Some(direction(key)), Some(&position)]).map(drop)
}

/// Removes the journal of a revision: its step is done, or begins anew.
pub(crate) fn forget_step(driver: &mut dyn Driver, names: &LedgerNames, revision: &str) -> QueryResult<()> {
    let sql = format!("DELETE FROM {} WHERE revision = $1", names.journal());
    driver.execute(&sql, &[Some(revision)]).map(drop)
}

fn direction(key: &JournalKey) -> &'static str {
    match key.direction {
        Direction::Upgrade => "upgrade",
        Direction::Downgrade => "downgrade",
    }
}
