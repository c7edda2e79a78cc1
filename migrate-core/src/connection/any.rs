#[cfg(not(any(feature = "sqlite", feature = "postgres")))]
compile_error!("migrate-core needs at least one of the features `sqlite` and `postgres`");

use diesel::connection::SimpleConnection as _;
use diesel::result::QueryResult;

use super::{Dialect, Driver, MigrationConnection, TextRow};
use crate::registry::{AnyEntry, Runnable};

/// A connection to any of the servers whose feature is on, chosen by URL at run time.
///
/// The connection type of portable migrations. Diesel's query builder works on it for what the servers have in
/// common; a body that needs one server's own types matches on the variant, or the migration names
/// `diesel::PgConnection` or `diesel::SqliteConnection` as its connection type: such a migration runs from an
/// `AnyConnection` too, and is refused before anything runs when the server behind it is another one.
/// Servers that come later are further variants.
#[derive(diesel::MultiConnection)]
#[non_exhaustive]
pub enum AnyConnection {
    /// A connection to PostgreSQL.
    #[cfg(feature = "postgres")]
    Postgres(diesel::PgConnection),
    /// A connection to an SQLite database.
    #[cfg(feature = "sqlite")]
    Sqlite(diesel::SqliteConnection),
}

macro_rules! dispatch {
    ($self:expr, $inner:ident => $body:expr) => {
        match $self {
            #[cfg(feature = "postgres")]
            AnyConnection::Postgres($inner) => $body,
            #[cfg(feature = "sqlite")]
            AnyConnection::Sqlite($inner) => $body,
        }
    };
}

impl Driver for AnyConnection {
    fn dialect(&self) -> Dialect {
        dispatch!(self, inner => Driver::dialect(inner))
    }

    fn execute(&mut self, sql: &str, binds: &[Option<&str>]) -> QueryResult<usize> {
        dispatch!(self, inner => Driver::execute(inner, sql, binds))
    }

    fn execute_prepared(&mut self, sql: &str, binds: &[Option<&str>]) -> QueryResult<usize> {
        dispatch!(self, inner => Driver::execute_prepared(inner, sql, binds))
    }

    fn query(&mut self, sql: &str, binds: &[Option<&str>]) -> QueryResult<Vec<TextRow>> {
        dispatch!(self, inner => Driver::query(inner, sql, binds))
    }

    fn visit_pairs(
        &mut self,
        sql: &str,
        visit: &mut dyn FnMut(Option<&str>, Option<&str>),
    ) -> QueryResult<()> {
        dispatch!(self, inner => Driver::visit_pairs(inner, sql, visit))
    }

    fn batch(&mut self, sql: &str) -> QueryResult<()> {
        dispatch!(self, inner => inner.batch_execute(sql))
    }

    fn begin(&mut self, settings: &str) -> QueryResult<()> {
        dispatch!(self, inner => Driver::begin(inner, settings))
    }

    fn commit(&mut self) -> QueryResult<()> {
        dispatch!(self, inner => Driver::commit(inner))
    }

    fn rollback(&mut self) -> QueryResult<()> {
        dispatch!(self, inner => Driver::rollback(inner))
    }

    fn transaction_depth(&mut self) -> Option<u32> {
        dispatch!(self, inner => Driver::transaction_depth(inner))
    }

    fn disable_prepared_statements(&mut self) {
        dispatch!(self, inner => Driver::disable_prepared_statements(inner));
    }
}

impl MigrationConnection for AnyConnection {
    fn adapt(entry: &'static dyn AnyEntry) -> Option<Runnable<Self>> {
        let any = entry.as_any();
        let direct = any.downcast_ref().map(Runnable::direct);
        #[cfg(feature = "postgres")]
        let direct =
            direct.or_else(|| any.downcast_ref().map(Runnable::<Self>::projected::<diesel::PgConnection>));
        #[cfg(feature = "sqlite")]
        let direct = direct
            .or_else(|| any.downcast_ref().map(Runnable::<Self>::projected::<diesel::SqliteConnection>));
        direct
    }
}

/// A connection type that is one variant of [`AnyConnection`].
pub trait Variant: MigrationConnection {
    /// The dialect of this variant.
    const DIALECT: Dialect;

    /// The inner connection when `connection` holds this variant.
    fn project(connection: &mut AnyConnection) -> Option<&mut Self>;
}

#[cfg(feature = "postgres")]
impl Variant for diesel::PgConnection {
    const DIALECT: Dialect = Dialect::Postgres;

    fn project(connection: &mut AnyConnection) -> Option<&mut Self> {
        match connection {
            AnyConnection::Postgres(inner) => Some(inner),
            #[cfg(feature = "sqlite")]
            AnyConnection::Sqlite(_) => None,
        }
    }
}

#[cfg(feature = "sqlite")]
impl Variant for diesel::SqliteConnection {
    const DIALECT: Dialect = Dialect::Sqlite;

    fn project(connection: &mut AnyConnection) -> Option<&mut Self> {
        match connection {
            AnyConnection::Sqlite(inner) => Some(inner),
            #[cfg(feature = "postgres")]
            AnyConnection::Postgres(_) => None,
        }
    }
}
