//! The floors: the same work without any migration tool, as little as it can be.
//!
//! - `migrate`: for each table one script of four statements: begin, create, a row of its own, commit.
//! - `migrate-at-once`: the same in one transaction.
//! - `check`: one SELECT of the versions.

use diesel::connection::SimpleConnection;
use diesel::sql_types::Text;
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query};
// Nothing but the wish for the bundled SQLite.
use libsqlite3_sys as _;
use peers_harness::{Job, Server, Work};

const COUNT: usize = 1000;
const LEDGER: &str = "CREATE TABLE floor_ledger (version VARCHAR(50) PRIMARY KEY, \
                      run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP)";

#[derive(QueryableByName)]
struct Version {
    #[diesel(sql_type = Text)]
    version: String,
}

fn main() {
    let job = Job::from_args();
    match job.server {
        Server::Postgres(_) => job.measure(
            |url| PgConnection::establish(url).expect("a connection"),
            |connection| {
                if job.work == Work::Check {
                    let versions = sql_query(SELECT).load::<Version>(connection).expect("the versions");
                    check(&versions);
                } else {
                    migrate(connection, job.work, "BEGIN");
                }
            },
        ),
        Server::Sqlite(_) => job.measure(
            |path| SqliteConnection::establish(path).expect("a connection"),
            |connection| {
                if job.work == Work::Check {
                    let versions = sql_query(SELECT).load::<Version>(connection).expect("the versions");
                    check(&versions);
                } else {
                    migrate(connection, job.work, "BEGIN IMMEDIATE");
                }
            },
        ),
    }
}

const SELECT: &str = "SELECT version FROM floor_ledger ORDER BY version";

fn check(versions: &[Version]) {
    assert_eq!(versions.len(), COUNT);
    assert!(versions.is_sorted_by(|a, b| a.version < b.version));
}

fn migrate(connection: &mut impl SimpleConnection, work: Work, begin: &str) {
    let mut run = |sql: &str| connection.batch_execute(sql).expect("success");
    run(LEDGER);
    if work == Work::MigrateAtOnce {
        run(begin);
    }
    for number in 1..=COUNT {
        let step = format!(
            "CREATE TABLE t{number:04} (id INTEGER PRIMARY KEY, v TEXT); \
             INSERT INTO floor_ledger (version) VALUES ('m{number:04}')"
        );
        if work == Work::MigrateAtOnce { run(&step) } else { run(&format!("{begin}; {step}; COMMIT")) }
    }
    if work == Work::MigrateAtOnce {
        run("COMMIT");
    }
}
