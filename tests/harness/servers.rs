//! One test for several servers and types of connection.

use diesel::migration::MigrationConnection;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use migrate_core::connection::MigrationConnection as RunConnection;
use migrate_core::{AnyConnection, Manifest, Migrator};
use migrate_tests::testkit::{Database, Postgres, SqliteFile, among_tables};

use super::app;

/// The SQL migrations alone, as the application embedded them before.
pub(super) const POSTGRES: EmbeddedMigrations = embed_migrations!("fixtures/diesel-app/postgres");
/// Those for SQLite.
pub(super) const SQLITE: EmbeddedMigrations = embed_migrations!("fixtures/diesel-app/sqlite");

/// An application: its connection type, its SQL migrations and all of its revisions.
pub(super) trait App {
    type Connection: RunConnection
        + diesel::Connection<Backend = Self::Backend>
        + MigrationConnection
        + MigrationHarness<Self::Backend>;
    type Backend: diesel::backend::Backend;
    const MANIFEST: Manifest;

    fn database() -> Database;

    fn embedded() -> EmbeddedMigrations;

    fn connect(database: &Database) -> Self::Connection;

    fn migrator() -> Migrator<Self::Connection> {
        among_tables(Migrator::new(Self::MANIFEST).unwrap_or_else(|error| panic!("{error}")))
    }
}

macro_rules! app {
    ($name:ident, $module:ident, $connection:ty, $database:expr, $embedded:ident) => {
        pub(super) struct $name;

        impl App for $name {
            type Connection = $connection;
            type Backend = <$connection as diesel::Connection>::Backend;
            const MANIFEST: Manifest = app::$module::MANIFEST;

            fn database() -> Database {
                $database
            }

            fn embedded() -> EmbeddedMigrations {
                $embedded
            }

            fn connect(database: &Database) -> $connection {
                let url = database.url().trim_start_matches("sqlite:");
                diesel::Connection::establish(url).unwrap_or_else(|error| panic!("{url}: {error}"))
            }
        }
    };
}

app!(OnPostgres, postgres, diesel::PgConnection, Postgres::shared().database(), POSTGRES);
app!(OnSqlite, sqlite, diesel::SqliteConnection, SqliteFile::new().into_database(), SQLITE);
app!(AnyOnPostgres, any_postgres, AnyConnection, Postgres::shared().database(), POSTGRES);
app!(AnyOnSqlite, any_sqlite, AnyConnection, SqliteFile::new().into_database(), SQLITE);

/// Runs each test for each application.
macro_rules! for_each_app {
    ($($(#[$attribute:meta])* fn $name:ident<$app:ident>() $body:block)*) => {$(
        mod $name {
            use super::*;

            fn check<$app: App>() $body

            $(#[$attribute])*
            #[test]
            fn on_postgres() {
                check::<crate::servers::OnPostgres>();
            }

            $(#[$attribute])*
            #[test]
            fn on_sqlite() {
                check::<crate::servers::OnSqlite>();
            }

            $(#[$attribute])*
            #[test]
            fn on_any_postgres() {
                check::<crate::servers::AnyOnPostgres>();
            }

            $(#[$attribute])*
            #[test]
            fn on_any_sqlite() {
                check::<crate::servers::AnyOnSqlite>();
            }
        }
    )*};
}
pub(super) use for_each_app;
