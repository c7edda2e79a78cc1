//! What the framework needs of a database connection.
//!
//! A migration's body talks to its own Diesel connection type. The framework's own statements (ledger, lock,
//! transaction control) go through [`Driver`], an object-safe trait, so that the runner is compiled once and
//! not once per connection type.

mod any;
mod conninfo;
mod failure;
#[cfg(feature = "r2d2")]
mod pool;
#[cfg(feature = "postgres")]
mod postgres;
mod prepared;
mod relative;
#[cfg(feature = "sqlite")]
mod sqlite;
mod url;
mod wait;
#[cfg(feature = "diesel-async")]
mod wrapper;

use std::fmt;

use diesel::backend::Backend;
use diesel::query_builder::{BoxedSqlQuery, SqlQuery};
use diesel::result::QueryResult;
use diesel::serialize::ToSql;
use diesel::sql_types::{HasSqlType, Nullable, Text};

pub use self::any::{AnyConnection, Variant};
pub use self::failure::{FailureKind, Remarks, classify};
use self::prepared::Prepared;
pub use self::url::{DatabaseUrl, UrlError};
pub use self::wait::{WaitError, Waiting};
use crate::registry::{AnyEntry, Runnable};

/// The SQL dialect that a connection speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Dialect {
    /// PostgreSQL.
    Postgres,
    /// SQLite.
    Sqlite,
    /// MySQL and MariaDB: operations are rendered for it, but no connection speaks it yet.
    Mysql,
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Postgres => "PostgreSQL",
            Self::Sqlite => "SQLite",
            Self::Mysql => "MySQL",
        })
    }
}

/// The error of whatever the framework does on a connection of its own and has no statements for yet.
pub(crate) fn not_spoken() -> diesel::result::Error {
    diesel::result::Error::QueryBuilderError(
        "the framework's own statements are not written for MySQL yet".into(),
    )
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

    /// The same for a statement that comes again with each step: the connection keeps it prepared.
    ///
    /// Not behind a pooler in transaction mode, see [`disable_prepared_statements`](Self::disable_prepared_statements).
    fn execute_prepared(&mut self, sql: &str, binds: &[Option<&str>]) -> QueryResult<usize>;

    /// Runs one query and returns its rows.
    fn query(&mut self, sql: &str, binds: &[Option<&str>]) -> QueryResult<Vec<TextRow>>;

    /// Runs one query of two columns and shows each row as it comes, without a copy.
    ///
    /// For long answers of which little is kept.
    fn visit_pairs(
        &mut self,
        sql: &str,
        visit: &mut dyn FnMut(Option<&str>, Option<&str>),
    ) -> QueryResult<()>;

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
/// Implemented for `PgConnection`, `SqliteConnection` (a feature each) and [`AnyConnection`]; with the feature
/// `diesel-async` also for `AsyncConnectionWrapper<AsyncPgConnection>`, on which all works but [`bulk`](crate::bulk):
/// it blocks, so an asynchronous program uses it on a thread of its own (tokio's `spawn_blocking`).
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

/// Makes a Diesel query of a text and text binds.
fn query<'b, DB>(sql: &str, binds: &'b [Option<&'b str>]) -> BoxedSqlQuery<'b, DB, SqlQuery>
where
    DB: Backend + HasSqlType<Text>,
    Option<&'b str>: ToSql<Nullable<Text>, DB>,
{
    let query = diesel::sql_query(sql).into_boxed();
    binds.iter().fold(query, |query, bind| query.bind::<Nullable<Text>, _>(*bind))
}

/// The methods of [`Driver`] that are the same on every Diesel connection: all but transactions.
///
/// `text` makes a string of a raw value that is not NULL.
macro_rules! driver_statements {
    ($dialect:expr, text = $text:expr) => {
        fn dialect(&self) -> $crate::connection::Dialect {
            $dialect
        }

        fn execute(&mut self, sql: &str, binds: &[Option<&str>]) -> diesel::QueryResult<usize> {
            diesel::RunQueryDsl::execute($crate::connection::query(sql, binds), self)
        }

        fn execute_prepared(&mut self, sql: &str, binds: &[Option<&str>]) -> diesel::QueryResult<usize> {
            let statement = $crate::connection::Prepared { sql, binds };
            diesel::Connection::execute_returning_count(self, &statement)
        }

        fn query(
            &mut self,
            sql: &str,
            binds: &[Option<&str>],
        ) -> diesel::QueryResult<Vec<$crate::connection::TextRow>> {
            use diesel::connection::{DefaultLoadingMode, LoadConnection};
            use diesel::row::{Field, Row};
            let query = $crate::connection::query(sql, binds);
            let mut rows = Vec::new();
            for row in LoadConnection::<DefaultLoadingMode>::load(self, query)? {
                let row = row?;
                let mut columns = Vec::with_capacity(row.field_count());
                for index in 0..row.field_count() {
                    let field = row.get(index).ok_or(diesel::result::Error::NotFound)?;
                    let text = field.value().as_mut().map($text).transpose()?.map(str::to_owned);
                    columns.push(text);
                }
                rows.push(columns);
            }
            Ok(rows)
        }

        fn visit_pairs(
            &mut self,
            sql: &str,
            visit: &mut dyn FnMut(Option<&str>, Option<&str>),
        ) -> diesel::QueryResult<()> {
            use diesel::connection::{DefaultLoadingMode, LoadConnection};
            use diesel::row::{Field, Row};
            let query = $crate::connection::query(sql, &[]);
            for row in LoadConnection::<DefaultLoadingMode>::load(self, query)? {
                let row = row?;
                let (Some(first), Some(second)) = (row.get(0), row.get(1)) else { continue };
                let (mut first, mut second) = (first.value(), second.value());
                visit(first.as_mut().map($text).transpose()?, second.as_mut().map($text).transpose()?);
            }
            Ok(())
        }

        fn batch(&mut self, sql: &str) -> diesel::QueryResult<()> {
            diesel::connection::SimpleConnection::batch_execute(self, sql)
        }

        fn disable_prepared_statements(&mut self) {
            diesel::Connection::set_prepared_statement_cache_size(
                self,
                diesel::connection::CacheSize::Disabled,
            );
        }
    };
}
pub(crate) use driver_statements;

/// Implements [`Driver`] for a Diesel connection with an ANSI transaction manager.
macro_rules! driver {
    ($connection:ty, $dialect:expr, begin = $begin:expr, text = $text:expr) => {
        impl $crate::connection::Driver for $connection {
            $crate::connection::driver_statements!($dialect, text = $text);

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
        }
    };
}
pub(crate) use driver;
