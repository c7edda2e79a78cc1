//! Ledgers as the tools make and fill them: the statements of `diesel_migrations` 2.3, Alembic 1.20, `sqlx` 0.9,
//! `refinery-core` 0.10 and `sea-orm-migration` 2.0, with two migrations each, applied in May 2024.

use migrate_core::adopt::Tool;
use migrate_core::connection::Dialect;
use migrate_core::{AnyConnection, Migrator, Options};
use migrate_tests::testkit::{Database, History};

/// A tool's ledger in a test.
pub(super) struct Ledger {
    pub(super) tool: Tool,
    /// The revisions of its two migrations.
    pub(super) revisions: [&'static str; 2],
    /// When they were applied, as our ledger has it; Alembic does not know.
    pub(super) times: Option<[&'static str; 2]>,
    /// The table, and its rows.
    sql: fn(Dialect) -> &'static str,
}

pub(super) const ALL: [Ledger; 5] = [
    Ledger {
        tool: Tool::Diesel,
        revisions: ["20240501120000", "20240502130000"],
        times: Some(["2024-05-01T12:34:56.000Z", "2024-05-02T13:34:56.000Z"]),
        sql: |_| {
            "CREATE TABLE __diesel_schema_migrations (version VARCHAR(50) PRIMARY KEY NOT NULL, \
             run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP);
             INSERT INTO __diesel_schema_migrations VALUES \
             ('20240502130000', '2024-05-02 13:34:56'), ('20240501120000', '2024-05-01 12:34:56');"
        },
    },
    Ledger {
        tool: Tool::Alembic,
        revisions: ["ae1027a6acf", "b2138b7bd0a"],
        times: None,
        sql: |_| {
            "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, \
             CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num));
             INSERT INTO alembic_version VALUES ('b2138b7bd0a');"
        },
    },
    Ledger {
        tool: Tool::Sqlx,
        revisions: ["20240501120000", "20240502130000"],
        times: Some(["2024-05-01T12:34:56.000Z", "2024-05-02T13:34:56.000Z"]),
        sql: |dialect| {
            match dialect {
            Dialect::Postgres => {
                "CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT NOT NULL, \
                 installed_on TIMESTAMPTZ NOT NULL DEFAULT now(), success BOOLEAN NOT NULL, checksum BYTEA NOT NULL, \
                 execution_time BIGINT NOT NULL);
                 INSERT INTO _sqlx_migrations VALUES \
                 (20240501120000, 'create users', '2024-05-01 14:34:56.000123+02', TRUE, '\\x00', 1234567), \
                 (20240502130000, 'add email', '2024-05-02 13:34:56+00', TRUE, '\\x01', 1234567);"
            }
            _ => {
                "CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT NOT NULL, \
                 installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, success BOOLEAN NOT NULL, \
                 checksum BLOB NOT NULL, execution_time BIGINT NOT NULL);
                 INSERT INTO _sqlx_migrations VALUES \
                 (20240501120000, 'create users', '2024-05-01 12:34:56', TRUE, x'00', 1234567), \
                 (20240502130000, 'add email', '2024-05-02 13:34:56', TRUE, x'01', 1234567);"
            }
        }
        },
    },
    Ledger {
        tool: Tool::Refinery,
        revisions: ["1", "2"],
        times: Some(["2024-05-01T12:34:56.123Z", "2024-05-02T13:34:56.000Z"]),
        sql: |_| {
            "CREATE TABLE refinery_schema_history (version INT4 PRIMARY KEY, name VARCHAR(255), \
             applied_on VARCHAR(255), checksum VARCHAR(255));
             INSERT INTO refinery_schema_history VALUES \
             (1, 'create_users', '2024-05-01T12:34:56.123456789Z', '8936427363498173'), \
             (2, 'add_email', '2024-05-02T15:34:56+02:00', '1173');"
        },
    },
    Ledger {
        tool: Tool::SeaOrm,
        revisions: ["m20240501_000001_create_users", "m20240502_000002_add_email"],
        times: Some(["2024-05-01T12:34:56.000Z", "2024-05-02T13:34:56.000Z"]),
        sql: |_| {
            "CREATE TABLE IF NOT EXISTS \"seaql_migrations\" (\"version\" varchar NOT NULL PRIMARY KEY, \
             \"applied_at\" bigint NOT NULL);
             INSERT INTO seaql_migrations VALUES ('m20240501_000001_create_users', 1714566896), \
             ('m20240502_000002_add_email', 1714656896);"
        },
    },
];

impl Ledger {
    /// Makes it.
    pub(super) fn make(&self, database: &Database) {
        database.execute((self.sql)(database.dialect()));
    }

    /// Its two revisions, and one on top that is ours.
    pub(super) fn migrator(&self) -> Migrator<AnyConnection> {
        let [first, second] = self.revisions;
        as_an_application(History::chain(&[first, second, "our1"]).migrator())
    }

    /// What the table holds.
    pub(super) fn rows(&self, database: &Database) -> Vec<String> {
        let column = if self.tool == Tool::Alembic { "version_num" } else { "version" };
        database.column(&format!("SELECT CAST({column} AS text) FROM {} ORDER BY 1", self.tool.table()))
    }
}

/// A ledger of one tool.
pub(super) fn of(tool: Tool) -> Ledger {
    ALL.into_iter().find(|ledger| ledger.tool == tool).unwrap()
}

/// An upgrade of tables that nobody has said anything about is refused.
pub(super) fn as_an_application(migrator: Migrator<AnyConnection>) -> Migrator<AnyConnection> {
    let options = Options { allow_tables: false, ..migrator.options().clone() };
    migrator.with_options(options)
}

/// The ledger's times, by revision.
pub(super) fn times(database: &Database) -> Vec<String> {
    let at = match database.dialect() {
        Dialect::Postgres => "to_char(applied_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')",
        _ => "applied_at",
    };
    database.column(&format!("SELECT {at} FROM migrate_ledger ORDER BY revision"))
}
