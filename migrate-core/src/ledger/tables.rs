use diesel::QueryResult;

use super::{LedgerNames, quote_name};
use crate::connection::{Dialect, Driver, not_spoken};

/// Creates the tables that are missing, in a transaction of the caller's.
pub(crate) fn create(driver: &mut dyn Driver, names: &LedgerNames) -> QueryResult<()> {
    let dialect = driver.dialect();
    let schema = match dialect {
        Dialect::Postgres => {
            one_creator(driver, names)?;
            missing_schema(driver, names)?.map(|schema| format!("CREATE SCHEMA {};\n", quote_name(schema)))
        }
        Dialect::Sqlite => None,
        Dialect::Mysql => return Err(not_spoken()),
    };
    driver.batch(&format!("{}{};", schema.unwrap_or_default(), statements(dialect, names).join(";\n")))
}

/// The statements that create the tables where they are missing.
pub(super) fn statements(dialect: Dialect, names: &LedgerNames) -> [String; 3] {
    let [ledger, event, lease] = ["ledger", "event", "lease"].map(|table| names.table(dialect, table));
    let of_dialect = match dialect {
        Dialect::Postgres => postgres,
        Dialect::Sqlite => sqlite,
        Dialect::Mysql => mysql,
    };
    of_dialect(&ledger, &event, &lease)
}

fn postgres(ledger: &str, event: &str, lease: &str) -> [String; 3] {
    [
        format!(
            "CREATE TABLE IF NOT EXISTS {ledger} (
    revision text PRIMARY KEY,
    state text NOT NULL CHECK (state IN ('running', 'applied', 'reverting')),
    checksum text,
    message text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    duration_ms bigint,
    applied_by text NOT NULL,
    binary_version text NOT NULL,
    format integer NOT NULL
)"
        ),
        format!(
            "CREATE TABLE IF NOT EXISTS {event} (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    kind text NOT NULL CHECK (kind IN ('upgrade', 'downgrade', 'stamp', 'unstamp', 'failure')),
    revision text NOT NULL,
    duration_ms bigint,
    detail text,
    applied_by text NOT NULL,
    binary_version text NOT NULL
)"
        ),
        format!(
            "CREATE TABLE IF NOT EXISTS {lease} (
    name text PRIMARY KEY,
    token bigint NOT NULL,
    holder text,
    acquired_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
)"
        ),
    ]
}

/// Each page counts, for a step writes it twice: without a row id the ledger is one tree and not two, and events
/// are never deleted, so their ids grow without `AUTOINCREMENT`.
fn sqlite(ledger: &str, event: &str, lease: &str) -> [String; 3] {
    [
        format!(
            "CREATE TABLE IF NOT EXISTS {ledger} (
    revision TEXT NOT NULL PRIMARY KEY,
    state TEXT NOT NULL CHECK (state IN ('running', 'applied', 'reverting')),
    checksum TEXT,
    message TEXT NOT NULL,
    applied_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    duration_ms INTEGER,
    applied_by TEXT NOT NULL,
    binary_version TEXT NOT NULL,
    format INTEGER NOT NULL
) WITHOUT ROWID"
        ),
        format!(
            "CREATE TABLE IF NOT EXISTS {event} (
    id INTEGER PRIMARY KEY,
    at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    kind TEXT NOT NULL CHECK (kind IN ('upgrade', 'downgrade', 'stamp', 'unstamp', 'failure')),
    revision TEXT NOT NULL,
    duration_ms INTEGER,
    detail TEXT,
    applied_by TEXT NOT NULL,
    binary_version TEXT NOT NULL
)"
        ),
        format!(
            "CREATE TABLE IF NOT EXISTS {lease} (
    name TEXT NOT NULL PRIMARY KEY,
    token INTEGER NOT NULL,
    holder TEXT,
    acquired_at TEXT NOT NULL,
    expires_at TEXT NOT NULL
)"
        ),
    ]
}

/// Without defaults for the times, which would be in the session's time zone.
fn mysql(ledger: &str, event: &str, lease: &str) -> [String; 3] {
    [
        format!(
            "CREATE TABLE IF NOT EXISTS {ledger} (
    revision varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PRIMARY KEY,
    state varchar(16) NOT NULL CHECK (state IN ('running', 'applied', 'reverting')),
    checksum char(64),
    message text NOT NULL,
    applied_at datetime(6) NOT NULL,
    duration_ms bigint,
    applied_by text NOT NULL,
    binary_version text NOT NULL,
    format integer NOT NULL
)"
        ),
        format!(
            "CREATE TABLE IF NOT EXISTS {event} (
    id bigint AUTO_INCREMENT PRIMARY KEY,
    at datetime(6) NOT NULL,
    kind varchar(16) NOT NULL CHECK (kind IN ('upgrade', 'downgrade', 'stamp', 'unstamp', 'failure')),
    revision varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    duration_ms bigint,
    detail text,
    applied_by text NOT NULL,
    binary_version text NOT NULL
)"
        ),
        format!(
            "CREATE TABLE IF NOT EXISTS {lease} (
    name varchar(255) PRIMARY KEY,
    token bigint NOT NULL,
    holder text,
    acquired_at datetime(6) NOT NULL,
    expires_at datetime(6) NOT NULL
)"
        ),
    ]
}

/// `CREATE TABLE IF NOT EXISTS` fails when two sessions do it at once, and not every run holds the run lock:
/// until this transaction ends there is one creator.
fn one_creator(driver: &mut dyn Driver, names: &LedgerNames) -> QueryResult<()> {
    let sql = "SELECT CAST(pg_advisory_xact_lock(hashtextextended($1, 1)) AS text)";
    driver.query(sql, &[Some(&names.ledger())]).map(drop)
}

/// The chosen schema if it is not there. `IF NOT EXISTS` would ask for the right to create schemas all the same.
fn missing_schema<'n>(driver: &mut dyn Driver, names: &'n LedgerNames) -> QueryResult<Option<&'n str>> {
    let Some(schema) = names.schema() else { return Ok(None) };
    let sql = "SELECT CAST(oid AS text) FROM pg_namespace WHERE nspname = $1";
    let found = !driver.query(sql, &[Some(schema)])?.is_empty();
    Ok((!found).then_some(schema))
}
