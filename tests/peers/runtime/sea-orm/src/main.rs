//! sea-orm-migration, measured: the migrations are Rust structs with asynchronous bodies.

use peers_harness::{Job, Server, Work};
use sea_orm_migration::MigratorTrait as _;
use sea_orm_migration::sea_orm::{ConnectOptions, Database, DatabaseConnection};

#[path = "../../../target/history/sea-orm/lib.rs"]
mod history;

fn main() {
    let job = Job::from_args();
    assert_eq!(job.work, Work::Migrate, "`up` is its check");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let is_sqlite = matches!(job.server, Server::Sqlite(_));
    job.measure(
        |address| -> DatabaseConnection {
            let url = if is_sqlite { format!("sqlite://{address}?mode=rwc") } else { address.to_owned() };
            let mut options = ConnectOptions::new(url);
            options.max_connections(1).sqlx_logging(false);
            runtime.block_on(Database::connect(options)).expect("a connection")
        },
        |connection| runtime.block_on(history::Migrator::up(&*connection, None)).expect("the newest version"),
    );
}
