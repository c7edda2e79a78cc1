//! Real servers and scripted migrations for tests.
//!
//! Whatever a test needs and the machine lacks fails the test with the command that installs it: a test that
//! was left out looks exactly like one that passed.

#![expect(clippy::missing_panics_doc, reason = "a testkit fails its test by panicking, everywhere")]

mod audit;
mod chance;
mod database;
mod dump;
mod guard;
mod history;
mod memory;
mod observe;
mod pgbouncer;
mod postgres;
mod program;
mod proxy;
mod repeat;
mod script;
mod small_disk;
mod sqlite;
mod statements;
mod worker;

pub use self::audit::{Attempt, Audit, DoneAgain};
pub use self::chance::Chance;
pub use self::database::{Database, connect};
pub use self::history::{History, Step, among_tables};
pub use self::memory::peak_memory;
pub use self::observe::{Effects, LockMode, Observation, observe, observe_waiting};
pub use self::pgbouncer::{PgBouncer, PoolMode};
pub use self::postgres::{Own, Postgres};
pub use self::proxy::{Cut, Proxy};
pub use self::repeat::repetitions;
pub use self::small_disk::SmallDisk;
pub use self::sqlite::{SqliteFile, sqlite_url};
pub use self::statements::Statements;
pub use self::worker::{Finished, Worker};

/// Makes two tests of each function: one on an SQLite file, one on a PostgreSQL database, both empty but for
/// the table `applied_log`.
#[macro_export]
macro_rules! on_each_server {
    ($($(#[$attribute:meta])* fn $name:ident($database:ident: &Database) $body:block)*) => {$(
        mod $name {
            use super::*;

            fn check($database: &$crate::testkit::Database) $body

            $(#[$attribute])*
            #[test]
            fn on_sqlite() {
                check(&$crate::testkit::SqliteFile::new().into_database());
            }

            $(#[$attribute])*
            #[test]
            fn on_postgres() {
                check(&$crate::testkit::Postgres::shared().database());
            }
        }
    )*};
}
