//! `diesel_migrations`, measured: the migrations are embedded SQL directories.

use diesel::{Connection as _, PgConnection, SqliteConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
// Nothing but the wish for the bundled SQLite.
use libsqlite3_sys as _;
use peers_harness::{Job, Server, Work};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../target/history/diesel");

fn main() {
    let job = Job::from_args();
    match job.server {
        Server::Postgres(_) => job.measure(
            |url| PgConnection::establish(url).expect("a connection"),
            |connection| work(connection, job.work),
        ),
        Server::Sqlite(_) => job.measure(
            |path| SqliteConnection::establish(path).expect("a connection"),
            |connection| work(connection, job.work),
        ),
    }
}

fn work<DB: diesel::backend::Backend, C: MigrationHarness<DB> + diesel::Connection<Backend = DB>>(
    connection: &mut C,
    work: Work,
) {
    match work {
        Work::Migrate => drop(connection.run_pending_migrations(MIGRATIONS).expect("the newest version")),
        // Each migration's own transaction becomes a savepoint.
        Work::MigrateAtOnce => connection
            .transaction::<_, diesel::result::Error, _>(|connection| {
                connection.run_pending_migrations(MIGRATIONS).expect("the newest version");
                Ok(())
            })
            .expect("a commit"),
        Work::Check => {
            assert!(!connection.has_pending_migration(MIGRATIONS).expect("an answer"), "nothing to do");
        }
    }
}
