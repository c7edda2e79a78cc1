//! Databases that were there before their ledger.

mod pains;
mod tables;
mod together;
mod verify;

use migrate_core::connection::Dialect;
use migrate_tests::testkit::{Database, Postgres, SqliteFile};

/// Another database of the same kind.
fn another(database: &Database) -> Database {
    match database.dialect() {
        Dialect::Sqlite => SqliteFile::new().into_database(),
        _ => Postgres::shared().database(),
    }
}
