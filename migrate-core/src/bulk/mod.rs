//! Many rows written in few statements: [`bulk_update`], [`bulk_insert`] and [`bulk_upsert`].
//!
//! Rows are tuples of Rust values, columns are those of a `table!`, and the compiler checks one against the other.
//! Each server gets them the way it takes them fastest: PostgreSQL as one array for each column, SQLite as one
//! prepared statement for each row. The three work alike on `PgConnection`, `SqliteConnection`,
//! [`AnyConnection`](crate::AnyConnection) and diesel-async's wrapper of a PostgreSQL connection.
//!
//! Whatever the server, the result is that of writing one row after the other, in their order, all or none. Only
//! what belongs to a statement as a whole tells that PostgreSQL gets few of them: triggers `FOR EACH STATEMENT` run
//! once for each, keys that are written are found as they were before it, and a unique value that one row gives up and
//! another one takes may be refused, unless the constraint is `DEFERRABLE`.
//!
//! Keys are told apart by their `Debug` texts in Rust. Two that look different and are equal to the server (in a
//! case-insensitive column, or numbers that differ in scale) count as two: an upsert of both is then an error on
//! PostgreSQL, and which of them an update leaves is not defined there.
//!
//! The generic part is a shell: it sorts the values of a row into one buffer for each column. What is not generic
//! (statements, chunks, transactions) is compiled once, here.

mod chunk;
mod columns;
mod destination;
mod feed;
mod insert;
#[cfg(feature = "postgres")]
mod postgres;
mod request;
#[cfg(feature = "sqlite")]
mod sqlite;
#[cfg_attr(
    not(any(test, all(feature = "postgres", feature = "sqlite"))),
    expect(dead_code, reason = "each server has its own form of the statements")
)]
mod statement;
mod tuples;
mod update;
mod upsert;
mod values;
#[cfg(feature = "diesel-async")]
mod wrapper;

pub use self::columns::{ColumnList, OfColumn, OfColumns};
pub use self::destination::Destination;
pub use self::insert::{BulkInsert, bulk_insert};
pub use self::request::Counts;
pub use self::update::{BulkUpdate, OptimisticUpdate, Outcome, Pending, PendingOptimistic, bulk_update};
pub use self::upsert::{BulkUpsert, bulk_upsert};
pub use self::values::Values;
