use diesel::QueryResult;

use super::{Held, LockHolder, LockRequest, Lost};
use crate::connection::Driver;

/// The key: one per database, schema and ledger name. Binds: the chosen schema or NULL, the prefix.
const KEY: &str =
    "hashtextextended(current_database() || '/' || coalesce($1, current_schema(), '') || '/' || $2, 0)";

pub(super) fn try_acquire(driver: &mut dyn Driver, request: &LockRequest<'_>) -> QueryResult<Option<Held>> {
    let rows = driver.query(
        &format!(
            "SELECT CAST(pg_try_advisory_lock(key) AS text), CAST(key AS text), \
             CAST(pg_backend_pid() AS text), CAST(current_schema() AS text) FROM (SELECT {KEY} AS key) AS k"
        ),
        &[request.names.schema(), Some(request.names.prefix())],
    )?;
    let Some([Some(locked), Some(key), Some(backend), schema]) =
        rows.into_iter().next().and_then(|row| <[Option<String>; 4]>::try_from(row).ok())
    else {
        return Ok(None);
    };
    Ok((locked == "true").then_some(Held::Session { backend, key, schema }))
}

pub(super) fn release(driver: &mut dyn Driver, key: &str) -> QueryResult<()> {
    driver.query("SELECT CAST(pg_advisory_unlock(CAST($1 AS bigint)) AS text)", &[Some(key)]).map(drop)
}

/// A pooler in transaction mode may put each transaction on another server connection; then the lock that
/// this session took is held by a connection that it cannot reach.
pub(super) fn confirm(driver: &mut dyn Driver, backend: &str) -> QueryResult<Result<(), Lost>> {
    let rows = driver.query("SELECT CAST(pg_backend_pid() AS text)", &[])?;
    let same = rows.first().and_then(|row| row.first()?.as_deref()) == Some(backend);
    Ok(if same { Ok(()) } else { Err(Lost::SessionMoved) })
}

pub(super) fn holder(driver: &mut dyn Driver, request: &LockRequest<'_>) -> QueryResult<Option<LockHolder>> {
    let rows = driver.query(
        &format!(
            "SELECT concat_ws(' ', activity.usename, nullif(activity.application_name, ''), \
             'from ' || coalesce(host(activity.client_addr), 'a local socket'), '(pid ' || locks.pid || ')'), \
             to_char(activity.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') \
             FROM (SELECT {KEY} AS key) AS k \
             JOIN pg_locks AS locks ON locks.locktype = 'advisory' AND locks.granted AND locks.objsubid = 1 \
             AND locks.database = (SELECT oid FROM pg_database WHERE datname = current_database()) \
             AND (CAST(locks.classid AS bigint) << 32 | CAST(locks.objid AS bigint)) = k.key \
             LEFT JOIN pg_stat_activity AS activity ON activity.pid = locks.pid LIMIT 1"
        ),
        &[request.names.schema(), Some(request.names.prefix())],
    )?;
    Ok(rows.into_iter().next().map(|row| {
        let mut columns = row.into_iter().map(Option::unwrap_or_default);
        LockHolder { who: columns.next().unwrap_or_default(), since: columns.next().unwrap_or_default() }
    }))
}
