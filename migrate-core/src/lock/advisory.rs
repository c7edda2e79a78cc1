use diesel::QueryResult;

use super::{Held, LockHolder, LockRequest, Lost};
use crate::connection::Driver;
use crate::ledger::{LOCATION, LedgerNames};

/// The key: one per database, schema and ledger name. Binds: those of [`LOCATION`], and the prefix.
fn key() -> String {
    format!("hashtextextended(current_database() || '/' || coalesce({LOCATION}, '') || '/' || $3, 0)")
}

/// Within a transaction of the caller's the lock lasts as long as that transaction: until then nobody else can
/// see what the run did.
pub(super) fn try_acquire(driver: &mut dyn Driver, request: &LockRequest<'_>) -> QueryResult<Option<Held>> {
    let in_transaction = driver.transaction_depth() != Some(0);
    let function = if in_transaction { "pg_try_advisory_xact_lock" } else { "pg_try_advisory_lock" };
    let rows = driver.query(
        &format!(
            "SELECT CAST({function}(key) AS text), CAST(key AS text), CAST(pg_backend_pid() AS text), \
             schema FROM (SELECT {} AS key, {LOCATION} AS schema) AS k",
            key()
        ),
        &binds(request.names, &request.names.ledger()),
    )?;
    let Some([Some(locked), Some(key), Some(backend), schema]) =
        rows.into_iter().next().and_then(|row| <[Option<String>; 4]>::try_from(row).ok())
    else {
        return Ok(None);
    };
    let key = (!in_transaction).then_some(key);
    Ok((locked == "true").then_some(Held::Session { backend, key, schema }))
}

fn binds<'n>(names: &'n LedgerNames, ledger: &'n str) -> [Option<&'n str>; 3] {
    [names.schema(), Some(ledger), Some(names.prefix())]
}

pub(super) fn release(driver: &mut dyn Driver, key: &str) -> QueryResult<()> {
    let unlock = "SELECT CAST(pg_advisory_unlock(CAST($1 AS bigint)) AS text)";
    let released = driver.query(unlock, &[Some(key)]);
    if released.is_err() && driver.transaction_depth() == Some(0) {
        // A body began a transaction by hand and left it aborted: it must not keep the lock with it.
        driver.batch("ROLLBACK")?;
        return driver.query(unlock, &[Some(key)]).map(drop);
    }
    released.map(drop)
}

/// A pooler in transaction mode may put each transaction on another server connection; then the lock that
/// this session took is held by a connection that it cannot reach.
pub(super) fn confirm(driver: &mut dyn Driver, backend: &str) -> QueryResult<Result<(), Lost>> {
    let rows = driver.query("SELECT CAST(pg_backend_pid() AS text)", &[])?;
    let same = rows.first().and_then(|row| row.first()?.as_deref()) == Some(backend);
    Ok(if same { Ok(()) } else { Err(Lost::SessionMoved) })
}

/// Who holds the lock. A login without the right to see others' sessions learns the user and the process.
pub(super) fn holder(driver: &mut dyn Driver, request: &LockRequest<'_>) -> QueryResult<Option<LockHolder>> {
    let rows = driver.query(
        &format!(
            "SELECT concat_ws(' ', activity.usename, nullif(activity.application_name, ''), \
             CASE WHEN activity.backend_start IS NOT NULL \
             THEN 'from ' || coalesce(host(activity.client_addr), 'a local socket') END, \
             '(pid ' || locks.pid || ')'), \
             to_char(activity.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') \
             FROM (SELECT {} AS key) AS k \
             JOIN pg_locks AS locks ON locks.locktype = 'advisory' AND locks.granted AND locks.objsubid = 1 \
             AND locks.database = (SELECT oid FROM pg_database WHERE datname = current_database()) \
             AND (CAST(locks.classid AS bigint) << 32 | CAST(locks.objid AS bigint)) = k.key \
             LEFT JOIN pg_stat_activity AS activity ON activity.pid = locks.pid LIMIT 1",
            key()
        ),
        &binds(request.names, &request.names.ledger()),
    )?;
    Ok(rows.into_iter().next().map(|row| {
        let mut columns = row.into_iter().map(Option::unwrap_or_default);
        LockHolder { who: columns.next().unwrap_or_default(), since: columns.next().unwrap_or_default() }
    }))
}
