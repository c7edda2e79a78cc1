use diesel::QueryResult;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::end::End;
use super::pace::Pace;
use super::span::Span;
use crate::connection::MigrationConnection;
use crate::context::Context;
use crate::error::Result;

/// A change of a table's rows, done in batches: a migration whose `up` the runner takes apart.
///
/// ```
/// use migrate_core::prelude::*;
///
/// diesel::table! { users (id) { id -> BigInt, email -> Text, email_normalized -> Nullable<Text>, } }
///
/// /// Fill users.email_normalized
/// #[migration(revision = "c3d4e5", down_revision = "b2c3d4")]
/// pub struct NormalizeEmails;
///
/// impl Backfill for NormalizeEmails {
///     type Connection = AnyConnection;
///     type Key = i64;
///     type Row = (i64, String);
///
///     fn rows(&self, conn: &mut AnyConnection, span: &Span<i64>) -> QueryResult<Vec<(i64, String)>> {
///         let rows = users::table.select((users::id, users::email)).filter(span.contains(users::id));
///         span.for_update(rows.order(users::id).limit(span.limit())).load(conn)
///     }
///
///     fn key(&self, row: &(i64, String)) -> i64 {
///         row.0
///     }
///
///     fn apply(&self, conn: &mut AnyConnection, rows: Vec<(i64, String)>) -> Result<()> {
///         bulk_update(users::table, users::id, users::email_normalized)
///             .rows(rows.into_iter().map(|(id, email)| (id, Some(email.trim().to_lowercase()))))
///             .execute(conn)
///     }
///
///     fn remaining(&self, conn: &mut AnyConnection) -> QueryResult<i64> {
///         users::table.filter(users::email_normalized.is_null()).count().get_result(conn)
///     }
///
///     fn down(&self, _: &mut Context<'_, AnyConnection>) -> Result<()> {
///         Ok(())
///     }
/// }
/// # fn main() {}
/// ```
///
/// [`rows`](Self::rows), [`apply`](Self::apply) and the batch's checkpoint share a transaction: whatever happens, a
/// row is changed once, also when the change does not bear repetition. Side effects outside the database must bear
/// it: a batch that was rolled back is done again.
///
/// A row that comes in behind the last key while the backfill runs may be visited or not. Who writes such rows fills
/// them; [`remaining`](Self::remaining) finds out whether that was so.
// rustc asks for this one where a struct is no migration at all, because whatever is a backfill is a migration.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is registered with `#[migration]` but is no migration that fits the attribute",
    label = "`impl Migration for {Self}` with `up` and `down` is missing, or `impl Backfill for {Self}`",
    note = "with `irreversible = \"why\"` in the attribute it is `impl IrreversibleMigration for {Self}` with only `up`"
)]
pub trait Backfill: Sync {
    /// The connection type that it runs on; usually `crate::Connection`.
    type Connection: MigrationConnection;

    /// What the rows are ordered by: a unique key without NULLs, best the table's primary key. Several columns are a
    /// tuple.
    ///
    /// The checkpoint holds it as JSON, from which it must come back as it was.
    type Key: Serialize + DeserializeOwned + PartialEq + Clone;

    /// What is read of a row.
    type Row;

    /// Reads the first rows of the span: those that it contains, in the order of the key, up to its limit.
    ///
    /// To leave rows out, leave them out in SQL. Within [`Span::for_update`] nobody changes a row between its being
    /// read and written.
    fn rows(&self, conn: &mut Self::Connection, span: &Span<Self::Key>) -> QueryResult<Vec<Self::Row>>;

    /// The key of a row.
    fn key(&self, row: &Self::Row) -> Self::Key;

    /// Changes the rows of a batch, of which there is at least one.
    ///
    /// An error says that one of the rows is bad: the batch is halved until that one is alone. A lock timeout, a
    /// deadlock or a serialization failure says nothing about them, and the batch is tried again.
    fn apply(&self, conn: &mut Self::Connection, rows: Vec<Self::Row>) -> Result<()>;

    /// How many rows are not as the backfill leaves them. Asked once at the end, where it must be 0, or no more than
    /// were put aside.
    fn remaining(&self, conn: &mut Self::Connection) -> QueryResult<i64>;

    /// Undoes it, in one transaction. `Ok(())` if the column that it fills goes with an earlier revision.
    ///
    /// Never called when the attribute says `irreversible`.
    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()>;

    /// How large batches are.
    fn pace(&self) -> Pace {
        Pace::default()
    }

    /// How many bad rows may be put aside, in `migrate_rejected_row`, before the backfill stops at the next one.
    fn max_rejected(&self) -> u64 {
        0
    }

    /// Whether [`rows`](Self::rows) leaves out the rows that are done, so that it bears to visit all of them again.
    ///
    /// Then, when rows remain after all were visited, they are visited once more, and again as long as fewer remain
    /// each time: writers that do not know the new column yet may have left some behind.
    fn rescans(&self) -> bool {
        false
    }

    /// The last of the rows that [`rows`](Self::rows) would read, found without changing anything; `None` when there
    /// is none. It says where a worker's piece of the table ends.
    ///
    /// Reads the rows unless it is written out. [`Span::end_of`] asks for the keys alone, which is faster when the
    /// rows are large:
    ///
    /// ```ignore
    /// span.end_of(users::table.select(users::id).filter(span.contains(users::id)).order(users::id).limit(span.limit()), conn)
    /// ```
    fn end(
        &self,
        conn: &mut Self::Connection,
        span: &Span<Self::Key>,
    ) -> QueryResult<Option<End<Self::Key>>> {
        let rows = self.rows(conn, span)?;
        let key = rows.last().map(|row| self.key(row));
        Ok(key.map(|key| End { key, rows: rows.len() }))
    }

    /// How many rows will be visited, for the bar and the time left; asked once at the beginning. `None` when that
    /// would take too long to find out.
    ///
    /// What [`remaining`](Self::remaining) says unless it is written out.
    fn total(&self, conn: &mut Self::Connection) -> QueryResult<Option<i64>> {
        self.remaining(conn).map(Some)
    }

    /// Whether to wait before the next batch, and the reason that is shown then. Asked at most once a second.
    fn throttle(&self, conn: &mut Self::Connection) -> QueryResult<Option<String>> {
        let _ = conn;
        Ok(None)
    }
}
