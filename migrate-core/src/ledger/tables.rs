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
pub(super) fn statements(dialect: Dialect, names: &LedgerNames) -> Vec<String> {
    let [ledger, event, lease] = ["ledger", "event", "lease"].map(|table| names.table(dialect, table));
    let of_dialect = match dialect {
        Dialect::Postgres => postgres,
        Dialect::Sqlite => sqlite,
        Dialect::Mysql => mysql,
    };
    let journal = journal_table(dialect, names);
    of_dialect(&ledger, &event, &lease).into_iter().chain([journal]).collect()
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

/// The name of the journal's table, after the prefix.
pub(super) const JOURNAL: &str = "journal";

/// Creates the journal alone, in a transaction of the caller's.
pub(super) fn create_journal(driver: &mut dyn Driver, names: &LedgerNames) -> QueryResult<()> {
    if driver.dialect() == Dialect::Postgres {
        one_creator(driver, names)?;
    }
    driver.batch(&journal_table(driver.dialect(), names))
}

fn journal_table(dialect: Dialect, names: &LedgerNames) -> String {
    let journal = names.table(dialect, JOURNAL);
    match dialect {
        Dialect::Postgres => format!(
            "CREATE TABLE IF NOT EXISTS {journal} (
    revision text NOT NULL,
    direction text NOT NULL CHECK (direction IN ('upgrade', 'downgrade')),
    position integer NOT NULL,
    operation text NOT NULL,
    fingerprint text NOT NULL,
    state text NOT NULL CHECK (state IN ('started', 'done')),
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    done_at timestamptz,
    PRIMARY KEY (revision, direction, position)
)"
        ),
        Dialect::Sqlite => format!(
            "CREATE TABLE IF NOT EXISTS {journal} (
    revision TEXT NOT NULL,
    direction TEXT NOT NULL CHECK (direction IN ('upgrade', 'downgrade')),
    position INTEGER NOT NULL,
    operation TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('started', 'done')),
    started_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    done_at TEXT,
    PRIMARY KEY (revision, direction, position)
) WITHOUT ROWID"
        ),
        Dialect::Mysql => format!(
            "CREATE TABLE IF NOT EXISTS {journal} (
    revision varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    direction varchar(16) NOT NULL CHECK (direction IN ('upgrade', 'downgrade')),
    position integer NOT NULL,
    operation text NOT NULL,
    fingerprint text NOT NULL,
    state varchar(16) NOT NULL CHECK (state IN ('started', 'done')),
    started_at datetime(6) NOT NULL,
    done_at datetime(6),
    PRIMARY KEY (revision, direction, position)
)"
        ),
    }
}

/// The names of a backfill's tables, after the prefix.
pub(super) const CHECKPOINT: &str = "checkpoint";
pub(super) const REJECTED_ROW: &str = "rejected_row";

/// Creates the tables of backfills, in a transaction of the caller's.
///
/// Span 0 is a backfill as a whole: `position` is the last key that was handed out, and `until` is set once nothing is
/// left to hand out; its counts are those of finished pieces; `row_total` is how many rows there were to do at the
/// beginning, `remained` how many were left after the last time that all were visited, `token` the number of the last
/// piece, and `worker` and `session` who asked for one last and has not ended in order. The other spans are pieces: `after` < key <= `until`, done up to `position`. There `token` fences:
/// whoever takes a piece over raises it, and a batch that carries an older one commits nothing; `session` and
/// `updated_at` show whether its worker lives. A row that a backfill stopped at names the piece which begins with it.
pub(super) fn create_backfill(driver: &mut dyn Driver, names: &LedgerNames) -> QueryResult<()> {
    let (time, number, without_row_id) = match driver.dialect() {
        Dialect::Postgres => {
            one_creator(driver, names)?;
            ("timestamptz NOT NULL DEFAULT clock_timestamp()", "bigint", "")
        }
        Dialect::Sqlite => {
            ("TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))", "INTEGER", " WITHOUT ROWID")
        }
        Dialect::Mysql => return Err(not_spoken()),
    };
    let (checkpoint, rejected_row) = (names.checkpoint(), names.rejected_row());
    driver.batch(&format!(
        "CREATE TABLE IF NOT EXISTS {checkpoint} (
    revision text NOT NULL,
    span {number} NOT NULL,
    state text NOT NULL CHECK (state IN ('ready', 'running', 'paused', 'cancelled', 'done')),
    after text,
    position text,
    until text,
    row_count {number} NOT NULL DEFAULT 0,
    batch_count {number} NOT NULL DEFAULT 0,
    rejected_count {number} NOT NULL DEFAULT 0,
    row_total {number},
    remained {number},
    batch_size {number} NOT NULL,
    token {number} NOT NULL,
    worker text,
    session text,
    started_at {time},
    updated_at {time},
    PRIMARY KEY (revision, span)
){without_row_id};
CREATE TABLE IF NOT EXISTS {rejected_row} (
    revision text NOT NULL,
    row_key text NOT NULL,
    state text NOT NULL CHECK (state IN ('rejected', 'blocking')),
    error text NOT NULL,
    attempts {number} NOT NULL,
    worker text NOT NULL,
    span {number},
    rejected_at {time},
    PRIMARY KEY (revision, row_key)
){without_row_id};"
    ))
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
