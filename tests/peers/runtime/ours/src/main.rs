//! This framework, measured: the migrations are linked Rust, one file each.

use diesel::Connection as _;
use migrate_core::{AnyConnection, Migrator, Options};
use peers_harness::{Job, Server, Work};

/// What the generated files name as their connection type.
pub type Connection = AnyConnection;

migrate_core::migrations!("../../target/history/ours");

fn main() {
    let job = Job::from_args();
    let is_postgres = matches!(job.server, Server::Postgres(_));
    let connect = |address: &str| {
        if is_postgres {
            AnyConnection::Postgres(diesel::PgConnection::establish(address).expect("a connection"))
        } else {
            AnyConnection::Sqlite(diesel::SqliteConnection::establish(address).expect("a connection"))
        }
    };
    job.measure(connect, |connection| {
        let single_transaction = job.work == Work::MigrateAtOnce;
        let migrator = Migrator::new(MANIFEST)
            .expect("a graph")
            .with_options(Options { single_transaction, ..Options::default() });
        match job.work {
            Work::Check => migrator.ensure_current(connection).expect("nothing to do"),
            Work::Migrate | Work::MigrateAtOnce => {
                migrator.upgrade(connection, "heads").expect("the newest revision");
            }
        }
    });
}
