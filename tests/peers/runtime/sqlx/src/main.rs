//! `sqlx::migrate!`, measured: the migrations are embedded SQL files.

use std::str::FromStr as _;

use peers_harness::{Job, Server, Work};
use sqlx::migrate::Migrator;
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, PgConnection, SqliteConnection};

static MIGRATOR: Migrator = sqlx::migrate!("../../target/history/sqlx");

fn main() {
    let job = Job::from_args();
    assert_eq!(job.work, Work::Migrate, "sqlx has no other work: its `run` is its check");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    match job.server {
        Server::Postgres(_) => job.measure(
            |url| -> PgConnection {
                let options = PgConnectOptions::from_str(url).expect("a URL");
                runtime.block_on(options.connect()).expect("a connection")
            },
            |connection| runtime.block_on(MIGRATOR.run(connection)).expect("the newest version"),
        ),
        Server::Sqlite(_) => job.measure(
            |path| -> SqliteConnection {
                let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
                runtime.block_on(options.connect()).expect("a connection")
            },
            |connection| runtime.block_on(MIGRATOR.run(connection)).expect("the newest version"),
        ),
    }
}
