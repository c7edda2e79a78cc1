use diesel::QueryResult;
#[cfg(feature = "postgres")]
use diesel::pg::{Pg, PgConnection};
use diesel::query_builder::QueryFragment;
#[cfg(feature = "sqlite")]
use diesel::sqlite::{Sqlite, SqliteConnection};

use super::chunk::Chunk;
use super::feed::Feed;
use super::request::{Counts, Request};
use super::values::{Buffers, Wire};
use crate::connection::{AnyConnection, MigrationConnection};

/// A connection that rows with the buffers `B` can be written on, to the table `T`.
///
/// Each of the values must be one that Diesel can send to the server; on [`AnyConnection`] to each server whose
/// feature is on.
pub trait Destination<T, B>: MigrationConnection {
    /// Writes what the feed gives.
    #[doc(hidden)]
    fn write(&mut self, table: &T, request: &Request, feed: &mut dyn Feed<B>) -> QueryResult<Counts>;
}

/// What a server's writer asks of the rows: a [`Feed`] whose columns are ready for that server.
pub(super) trait Source<DB: Wire> {
    fn fill(&mut self, chunk: &mut Chunk);
    fn columns(&self) -> Vec<&DB::Column<'_>>;
    fn missed(&mut self, rows: &[bool]);
}

pub(super) struct Typed<'f, B>(pub(super) &'f mut dyn Feed<B>);

impl<DB: Wire, B: Buffers<DB>> Source<DB> for Typed<'_, B> {
    fn fill(&mut self, chunk: &mut Chunk) {
        self.0.fill(chunk);
    }

    fn columns(&self) -> Vec<&DB::Column<'_>> {
        let mut columns = Vec::new();
        self.0.buffers().list(&mut columns);
        columns
    }

    fn missed(&mut self, rows: &[bool]) {
        self.0.missed(rows);
    }
}

#[cfg(feature = "postgres")]
impl<T: QueryFragment<Pg>, B: Buffers<Pg>> Destination<T, B> for PgConnection {
    fn write(&mut self, table: &T, request: &Request, feed: &mut dyn Feed<B>) -> QueryResult<Counts> {
        super::postgres::write(self, table, request, &mut Typed(feed))
    }
}

#[cfg(feature = "sqlite")]
impl<T: QueryFragment<Sqlite>, B: Buffers<Sqlite>> Destination<T, B> for SqliteConnection {
    fn write(&mut self, table: &T, request: &Request, feed: &mut dyn Feed<B>) -> QueryResult<Counts> {
        super::sqlite::write(self, table, request, &mut Typed(feed))
    }
}

#[cfg(all(feature = "postgres", feature = "sqlite"))]
impl<T, B> Destination<T, B> for AnyConnection
where
    PgConnection: Destination<T, B>,
    SqliteConnection: Destination<T, B>,
{
    fn write(&mut self, table: &T, request: &Request, feed: &mut dyn Feed<B>) -> QueryResult<Counts> {
        match self {
            Self::Postgres(connection) => connection.write(table, request, feed),
            Self::Sqlite(connection) => connection.write(table, request, feed),
        }
    }
}

#[cfg(all(feature = "postgres", not(feature = "sqlite")))]
impl<T, B> Destination<T, B> for AnyConnection
where
    PgConnection: Destination<T, B>,
{
    fn write(&mut self, table: &T, request: &Request, feed: &mut dyn Feed<B>) -> QueryResult<Counts> {
        let Self::Postgres(connection) = self;
        connection.write(table, request, feed)
    }
}

#[cfg(all(feature = "sqlite", not(feature = "postgres")))]
impl<T, B> Destination<T, B> for AnyConnection
where
    SqliteConnection: Destination<T, B>,
{
    fn write(&mut self, table: &T, request: &Request, feed: &mut dyn Feed<B>) -> QueryResult<Counts> {
        let Self::Sqlite(connection) = self;
        connection.write(table, request, feed)
    }
}
