//! What the framework needs of a database connection.
//!
//! A migration's body talks to its own Diesel connection type. The framework's own statements (ledger, lock,
//! transaction control) go through [`Driver`], an object-safe trait, so that the runner is compiled once and
//! not once per connection type.

mod any;
mod failure;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;
mod url;

use std::fmt;

use diesel::result::QueryResult;

pub use self::any::{AnyConnection, Variant};
pub use self::failure::{FailureKind, classify};
pub use self::url::{DatabaseUrl, UrlError};
use crate::registry::{AnyEntry, Runnable};

/// The SQL dialect that a connection speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Dialect {
    /// PostgreSQL.
    Postgres,
    /// SQLite.
    Sqlite,
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Postgres => "PostgreSQL",
            Self::Sqlite => "SQLite",
        })
    }
}

/// A row of a framework query: every column as text, `None` for NULL.
pub type TextRow = Vec<Option<String>>;

/// The few things that the runner, the ledger and the lock ask of a connection.
///
/// Placeholders are `$1`, `$2`, … in order of first appearance (both servers take them), every bind is text
/// and every selected column is text: the statements cast. Each call is one round trip.
pub trait Driver {
    /// The dialect of the server behind this connection.
    fn dialect(&self) -> Dialect;

    /// Runs one statement and returns the number of rows it touched.
    fn execute(&mut self, sql: &str, binds: &[Option<&str>]) -> QueryResult<usize>;

    /// Runs one query and returns its rows.
    fn query(&mut self, sql: &str, binds: &[Option<&str>]) -> QueryResult<Vec<TextRow>>;

    /// Runs a script of statements without parameters.
    fn batch(&mut self, sql: &str) -> QueryResult<()>;

    /// Begins a transaction, or a savepoint when one is open already.
    ///
    /// `settings` are statements that belong to the transaction (`SET LOCAL …`); they travel with the `BEGIN`.
    /// On SQLite the transaction is `IMMEDIATE`: it holds the write lock from the start, so that what it reads
    /// stays true until it commits.
    fn begin(&mut self, settings: &str) -> QueryResult<()>;

    /// Commits the innermost transaction or releases the innermost savepoint.
    fn commit(&mut self) -> QueryResult<()>;

    /// Rolls back the innermost transaction or savepoint.
    fn rollback(&mut self) -> QueryResult<()>;

    /// How many transactions and savepoints are open; `None` when the connection no longer knows.
    fn transaction_depth(&mut self) -> Option<u32>;

    /// Stops the connection from keeping server-side prepared statements, which a transaction pooler loses.
    fn disable_prepared_statements(&mut self);
}

/// A Diesel connection that migrations can run on.
///
/// Implemented for `PgConnection`, `SqliteConnection` (a feature each) and [`AnyConnection`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a connection that migrations run on",
    label = "use `migrate_core::AnyConnection`, `diesel::PgConnection` or `diesel::SqliteConnection`",
    note = "`PgConnection` needs the feature `postgres` of migrate-core, `SqliteConnection` the feature `sqlite`"
)]
pub trait MigrationConnection: diesel::Connection + Driver + Sized + 'static {
    /// Wraps a registered migration if it can run on this connection type.
    fn adapt(entry: &'static dyn AnyEntry) -> Option<Runnable<Self>> {
        entry.as_any().downcast_ref().map(Runnable::direct)
    }

    /// This connection as the object-safe trait.
    fn driver(&mut self) -> &mut dyn Driver {
        self
    }
}

/// Implements [`Driver`] for a Diesel connection with an ANSI transaction manager.
macro_rules! driver {
    ($connection:ty, $backend:ty, $dialect:expr, begin = $begin:expr) => {
        impl $crate::connection::Driver for $connection {
            fn dialect(&self) -> $crate::connection::Dialect {
                $dialect
            }

            fn execute(&mut self, sql: &str, binds: &[Option<&str>]) -> diesel::QueryResult<usize> {
                let mut query = diesel::sql_query(sql).into_boxed::<$backend>();
                for bind in binds {
                    query = query.bind::<diesel::sql_types::Nullable<diesel::sql_types::Text>, _>(*bind);
                }
                diesel::RunQueryDsl::execute(query, self)
            }

            fn query(
                &mut self,
                sql: &str,
                binds: &[Option<&str>],
            ) -> diesel::QueryResult<Vec<$crate::connection::TextRow>> {
                let mut query = diesel::sql_query(sql).into_boxed::<$backend>();
                for bind in binds {
                    query = query.bind::<diesel::sql_types::Nullable<diesel::sql_types::Text>, _>(*bind);
                }
                let rows: Vec<Columns> = diesel::RunQueryDsl::load(query, self)?;
                Ok(rows.into_iter().map(|columns| columns.0).collect())
            }

            fn batch(&mut self, sql: &str) -> diesel::QueryResult<()> {
                diesel::connection::SimpleConnection::batch_execute(self, sql)
            }

            fn begin(&mut self, settings: &str) -> diesel::QueryResult<()> {
                use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
                if $crate::connection::Driver::transaction_depth(self) == Some(0) {
                    AnsiTransactionManager::begin_transaction_sql(self, &format!("{};{settings}", $begin))
                } else {
                    AnsiTransactionManager::begin_transaction(self)?;
                    if settings.is_empty() { Ok(()) } else { self.batch_execute(settings) }
                }
            }

            fn commit(&mut self) -> diesel::QueryResult<()> {
                use diesel::connection::{AnsiTransactionManager, TransactionManager};
                AnsiTransactionManager::commit_transaction(self)
            }

            fn rollback(&mut self) -> diesel::QueryResult<()> {
                use diesel::connection::{AnsiTransactionManager, TransactionManager};
                AnsiTransactionManager::rollback_transaction(self)
            }

            fn transaction_depth(&mut self) -> Option<u32> {
                use diesel::connection::{AnsiTransactionManager, TransactionManager};
                let status = AnsiTransactionManager::transaction_manager_status_mut(self);
                status.transaction_depth().ok().map(|depth| depth.map_or(0, std::num::NonZeroU32::get))
            }

            fn disable_prepared_statements(&mut self) {
                diesel::Connection::set_prepared_statement_cache_size(
                    self,
                    diesel::connection::CacheSize::Disabled,
                );
            }
        }

        struct Columns($crate::connection::TextRow);

        impl diesel::deserialize::QueryableByName<$backend> for Columns {
            fn build<'a>(
                row: &impl diesel::row::NamedRow<'a, $backend>,
            ) -> diesel::deserialize::Result<Self> {
                use diesel::deserialize::FromSql;
                use diesel::row::Field;
                use diesel::sql_types::{Nullable, Text};
                (0..row.field_count())
                    .map(|index| {
                        let field =
                            diesel::row::Row::get(row, index).ok_or(diesel::result::UnexpectedEndOfRow)?;
                        <Option<String> as FromSql<Nullable<Text>, $backend>>::from_nullable_sql(
                            field.value(),
                        )
                    })
                    .collect::<Result<_, _>>()
                    .map(Self)
            }
        }
    };
}
pub(crate) use driver;
