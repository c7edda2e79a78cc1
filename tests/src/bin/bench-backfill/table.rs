//! The table that is filled, as it was before.

use migrate_core::connection::{Dialect, Driver as _};
use migrate_tests::testkit::Database;

pub(crate) mod schema {
    diesel::table! {
        users (id) {
            id -> BigInt,
            email -> Text,
            email_normalized -> Nullable<Text>,
        }
    }
}

/// Whether PostgreSQL finds room for the new version of a row on the row's page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pages {
    /// Half of each page is free: no index needs a new entry, since none has the column (a HOT update).
    HalfFull,
    /// The new version goes to another page, and each of the three indexes gets an entry for it.
    Full,
}

impl Pages {
    pub(crate) fn describe(self) -> &'static str {
        match self {
            Self::HalfFull => "pages half full: HOT updates",
            Self::Full => "pages full: updates of three indexes",
        }
    }
}

/// Makes the table anew, with all that a backfill has left taken away.
pub(crate) fn reset(database: &Database, pages: Pages, rows: u32) {
    let mut conn = database.connect();
    for table in ["ledger", "event", "journal", "lease", "checkpoint", "rejected_row"] {
        conn.batch(&format!("DROP TABLE IF EXISTS migrate_{table}")).expect("no ledger");
    }
    let script = match (database.dialect(), pages) {
        (Dialect::Sqlite, _) => SQLITE.to_owned(),
        (_, Pages::HalfFull) => POSTGRES.replace("$fillfactor", "50"),
        (_, Pages::Full) => POSTGRES.replace("$fillfactor", "100"),
    };
    for statement in script.replace("$rows", &rows.to_string()).split(';') {
        conn.batch(statement).expect("a table");
    }
}

/// Fails when a row is not filled, or wrongly.
pub(crate) fn verify(database: &Database) {
    let wrong = "SELECT CAST(count(*) AS text) FROM users \
        WHERE email_normalized IS NULL OR email_normalized <> lower(email)";
    assert_eq!(database.one(wrong), "0");
}

const POSTGRES: &str = "DROP TABLE IF EXISTS users; DROP TABLE IF EXISTS t_a1;
    CREATE TABLE users (id bigint NOT NULL, email text NOT NULL, email_normalized text, rest text NOT NULL,
        created_at timestamptz NOT NULL) WITH (fillfactor = $fillfactor, autovacuum_enabled = off);
    INSERT INTO users SELECT i, 'User' || md5(i::text) || '@Example.ORG', NULL, repeat('x', 80),
        timestamptz '2026-01-01' - i * interval '1 second' FROM generate_series(1::bigint, $rows) AS i;
    ALTER TABLE users ADD PRIMARY KEY (id);
    CREATE INDEX users_email ON users (email); CREATE INDEX users_created_at ON users (created_at);
    VACUUM (ANALYZE) users; CHECKPOINT";

const SQLITE: &str = "PRAGMA journal_mode = WAL; DROP TABLE IF EXISTS users; DROP TABLE IF EXISTS t_a1;
    CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL, email_normalized TEXT, rest TEXT NOT NULL,
        created_at INTEGER NOT NULL);
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $rows)
    INSERT INTO users SELECT i, 'User' || hex(i * 7919) || '0123456789abcdef0123@Example.ORG', NULL,
        hex(zeroblob(40)), -i FROM n;
    CREATE INDEX users_email ON users (email); CREATE INDEX users_created_at ON users (created_at);
    PRAGMA wal_checkpoint(TRUNCATE)";
