//! Migrates through diesel-async's own connection, behind its blocking wrapper.
//!
//! For an application that opens all its connections with diesel-async and wants no other. The migrations name the
//! wrapper as their connection; `migrate-cli` runs those of `AnyConnection` and `PgConnection`, so a crate that the
//! command line is to run as well keeps one of these, and the application uses `spawn_blocking` alone.
//!
//! `DATABASE_URL=postgres://… cargo run -p migrate-examples --bin wrapper`

#![expect(clippy::print_stdout, reason = "what it says is what it is for")]

use std::error::Error;

use diesel::QueryDsl as _;
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use diesel_async::{AsyncConnection as _, AsyncPgConnection, RunQueryDsl as _};
use migrate_core::Migrator;

use self::schema::planets;

/// The connection that the migrations below run on.
pub type Connection = AsyncConnectionWrapper<AsyncPgConnection>;

migrate_core::migrations!("src/bin/wrapper/versions");

mod schema {
    diesel::table! {
        planets (id) {
            id -> BigInt,
            name -> Text,
            moons -> Integer,
        }
    }
}

type Failure = Box<dyn Error + Send + Sync>;

/// Takes the connection, and gives it back when its database is migrated.
async fn migrated(connection: AsyncPgConnection) -> Result<AsyncPgConnection, Failure> {
    let run = move || -> Result<_, Failure> {
        // On the thread that blocks, within the runtime that the connection belongs to.
        let mut connection = Connection::from(connection);
        let migrator = Migrator::<Connection>::new(MANIFEST)?.on_event(|event| println!("{event}"));
        let report = migrator.upgrade(&mut connection, "heads")?;
        println!("{} steps taken, now at {}", report.steps.len(), report.heads.join(", "));
        Ok(connection.into_inner())
    };
    tokio::task::spawn_blocking(run).await?
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let connection = AsyncPgConnection::establish(&std::env::var("DATABASE_URL")?).await?;
    let mut connection = migrated(connection).await?;
    let planets: Vec<(String, i32)> = planets::table
        .select((planets::name, planets::moons))
        .order(planets::id)
        .load(&mut connection)
        .await?;
    for (name, moons) in planets {
        println!("{name} has {moons} moons");
    }
    Ok(())
}
