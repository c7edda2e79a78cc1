//! Measures the real data migrations on both servers: `cargo run --release --bin bench-real [ROWS]`.
//!
//! A row is one that the backfill visits: a chat, a token, a robot, a release, a style.

#![expect(clippy::print_stdout, reason = "a program that reports")]

use migrate_core::{AnyConnection, Migrator};
use migrate_tests::real::{open_webui, quay, warehouse, whisperengine};
use migrate_tests::testkit::{Database, Postgres, SqliteFile};

/// Inserts so many rows.
type Insert = fn(&mut AnyConnection, u32);

/// A history, the revision after which rows are inserted, how, and its last backfill.
type Case = (fn() -> Migrator<AnyConnection>, &'static str, Insert, &'static str);

const CASES: [Case; 4] = [
    (open_webui::migrator, open_webui::BASE, open_webui::data::insert, open_webui::BACKFILL),
    (quay::migrator, quay::BASE, quay::data::insert, quay::ROBOTS),
    (warehouse::migrator, warehouse::BASE, warehouse::data::insert, warehouse::BACKFILL),
    (whisperengine::migrator, whisperengine::BASE, whisperengine::data::insert, whisperengine::BACKFILL),
];

fn main() {
    let rows = std::env::args().nth(1).map_or(100_000, |rows| rows.parse().expect("a number of rows"));
    quay::configure([7; 32]);
    let sqlite = || SqliteFile::new().into_database();
    let servers: [fn() -> Database; 2] = [|| Postgres::shared().database(), sqlite];
    for server in servers {
        for case in CASES {
            measure(&server(), rows, case);
        }
    }
}

fn measure(database: &Database, rows: u32, (migrator, base, insert, backfill): Case) {
    let (migrator, mut conn) = (migrator(), database.connect());
    migrator.upgrade(&mut conn, base).unwrap_or_else(|error| panic!("{error}"));
    insert(&mut conn, rows);
    let report = migrator.upgrade(&mut conn, backfill).unwrap_or_else(|error| panic!("{error}"));
    for step in report.steps {
        if let Some(progress) = step.backfill {
            let (revision, rate) = (step.revision, progress.rate);
            println!("{:<10} {revision} {:>7} rows {rate:>7} a second", database.dialect(), progress.rows);
        }
    }
}
