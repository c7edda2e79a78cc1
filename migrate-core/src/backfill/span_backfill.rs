use diesel::QueryResult;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::batch::{self, Batch, Fault};
use super::definition::Backfill;
use super::end::End;
use super::error::BackfillError;
use super::pace::Pace;
use super::span::Span;
use crate::connection::MigrationConnection;
use crate::context::Context;
use crate::error::Result;
use crate::migration::{IrreversibleMigration, Migration};

/// A backfill that changes a batch with statements of its own, without reading the rows: as fast as the database
/// computes the new values.
///
/// ```
/// use migrate_core::backfill::{End, SpanBackfill};
/// use migrate_core::prelude::*;
///
/// diesel::table! { users (id) { id -> BigInt, email -> Text, email_lower -> Nullable<Text>, } }
///
/// diesel::define_sql_function! { fn lower(text: diesel::sql_types::Text) -> Text; }
///
/// /// Fill users.email_lower
/// #[migration(revision = "c3d4e5", down_revision = "b2c3d4")]
/// pub struct LowerEmails;
///
/// impl SpanBackfill for LowerEmails {
///     type Connection = AnyConnection;
///     type Key = i64;
///
///     fn end(&self, conn: &mut AnyConnection, span: &Span<i64>) -> QueryResult<Option<End<i64>>> {
///         let ids = users::table.select(users::id).filter(span.contains(users::id));
///         span.end_of(ids.order(users::id).limit(span.limit()), conn)
///     }
///
///     fn apply(&self, conn: &mut AnyConnection, span: &Span<i64>) -> Result<()> {
///         diesel::update(users::table.filter(span.contains(users::id)))
///             .set(users::email_lower.eq(lower(users::email).nullable()))
///             .execute(conn)?;
///         Ok(())
///     }
///
///     fn remaining(&self, conn: &mut AnyConnection) -> QueryResult<i64> {
///         users::table.filter(users::email_lower.is_null()).count().get_result(conn)
///     }
///
///     fn down(&self, _: &mut Context<'_, AnyConnection>) -> Result<()> {
///         Ok(())
///     }
/// }
/// # fn main() {}
/// ```
///
/// The same is promised as for a [`Backfill`], which is one of these that reads its rows. What the two have in common
/// is described there.
// rustc asks for this one where a struct is no migration at all, because whatever is a backfill is a migration.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is registered with `#[migration]` but is no migration that fits the attribute",
    label = "`impl Migration for {Self}` with `up` and `down` is missing, or `impl Backfill for {Self}`",
    note = "with `irreversible = \"why\"` in the attribute it is `impl IrreversibleMigration for {Self}` with only `up`"
)]
pub trait SpanBackfill: Sync {
    /// The connection type that it runs on; usually `crate::Connection`.
    type Connection: MigrationConnection;

    /// What the rows are ordered by, as [`Backfill::Key`].
    type Key: Serialize + DeserializeOwned + PartialEq + Clone;

    /// The last of the next rows: of those that the span contains, in the order of the key, up to its limit. `None`
    /// when there is none.
    ///
    /// [`Span::end_of`] makes it of a query for the keys.
    fn end(&self, conn: &mut Self::Connection, span: &Span<Self::Key>)
    -> QueryResult<Option<End<Self::Key>>>;

    /// Changes the rows of the span, which now has an upper bound, and no limit to heed.
    fn apply(&self, conn: &mut Self::Connection, span: &Span<Self::Key>) -> Result<()>;

    /// How many rows are not as the backfill leaves them, as [`Backfill::remaining`].
    fn remaining(&self, conn: &mut Self::Connection) -> QueryResult<i64>;

    /// Undoes it, as [`Backfill::down`].
    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()>;

    /// How large batches are.
    fn pace(&self) -> Pace {
        Pace::default()
    }

    /// How many bad rows may be put aside, as [`Backfill::max_rejected`].
    fn max_rejected(&self) -> u64 {
        0
    }

    /// Whether it bears to visit all rows again, as [`Backfill::rescans`].
    fn rescans(&self) -> bool {
        false
    }

    /// How many rows will be visited, as [`Backfill::total`].
    fn total(&self, conn: &mut Self::Connection) -> QueryResult<Option<i64>> {
        self.remaining(conn).map(Some)
    }

    /// Whether to wait before the next batch, as [`Backfill::throttle`].
    fn throttle(&self, conn: &mut Self::Connection) -> QueryResult<Option<String>> {
        let _ = conn;
        Ok(None)
    }

    /// The first rows of the span, found and, unless they are only looked at, changed.
    #[doc(hidden)]
    fn batch(
        &self,
        conn: &mut Self::Connection,
        span: &Span<Self::Key>,
        apply: bool,
    ) -> std::result::Result<Batch<Self::Key>, Fault<Self::Key>> {
        batch::of_span(self, conn, span, apply)
    }
}

/// A backfill that reads its rows.
impl<B: Backfill> SpanBackfill for B {
    type Connection = B::Connection;
    type Key = B::Key;

    fn end(&self, conn: &mut B::Connection, span: &Span<B::Key>) -> QueryResult<Option<End<B::Key>>> {
        Backfill::end(self, conn, span)
    }

    fn apply(&self, conn: &mut B::Connection, span: &Span<B::Key>) -> Result<()> {
        let rows = self.rows(conn, span)?;
        if rows.is_empty() { Ok(()) } else { Backfill::apply(self, conn, rows) }
    }

    fn remaining(&self, conn: &mut B::Connection) -> QueryResult<i64> {
        Backfill::remaining(self, conn)
    }

    fn down(&self, cx: &mut Context<'_, B::Connection>) -> Result<()> {
        Backfill::down(self, cx)
    }

    fn pace(&self) -> Pace {
        Backfill::pace(self)
    }

    fn max_rejected(&self) -> u64 {
        Backfill::max_rejected(self)
    }

    fn rescans(&self) -> bool {
        Backfill::rescans(self)
    }

    fn total(&self, conn: &mut B::Connection) -> QueryResult<Option<i64>> {
        Backfill::total(self, conn)
    }

    fn throttle(&self, conn: &mut B::Connection) -> QueryResult<Option<String>> {
        Backfill::throttle(self, conn)
    }

    fn batch(
        &self,
        conn: &mut B::Connection,
        span: &Span<B::Key>,
        apply: bool,
    ) -> std::result::Result<Batch<B::Key>, Fault<B::Key>> {
        batch::of_rows(self, conn, span, apply)
    }
}

/// What the runner must know of a backfill before it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[doc(hidden)]
pub struct Settings {
    pub(crate) pace: Pace,
    pub(crate) max_rejected: u64,
    pub(crate) rescans: bool,
}

impl Settings {
    fn of<S: SpanBackfill>(backfill: &S) -> Self {
        Self {
            pace: backfill.pace().sound(),
            max_rejected: backfill.max_rejected(),
            rescans: backfill.rescans(),
        }
    }
}

impl<S: SpanBackfill> Migration for S {
    type Connection = S::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        up(self, cx)
    }

    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        SpanBackfill::down(self, cx)
    }

    fn backfill(&self) -> Option<Settings> {
        Some(Settings::of(self))
    }
}

impl<S: SpanBackfill> IrreversibleMigration for S {
    type Connection = S::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        up(self, cx)
    }

    fn backfill(&self) -> Option<Settings> {
        Some(Settings::of(self))
    }
}

/// Does what the runner asked for in the context; without a connection the whole is one step in Rust.
fn up<S: SpanBackfill>(backfill: &S, cx: &mut Context<'_, S::Connection>) -> Result<()> {
    let dialect = cx.dialect();
    if cx.is_recorded() {
        return cx.data("a backfill in batches", |_| Err(BackfillError::NotARun.into()));
    }
    let Some(request) = cx.take_request() else { return Err(BackfillError::NotARun.into()) };
    let answer = batch::answer(backfill, cx.connection()?, &request, dialect);
    cx.put_answer(answer);
    Ok(())
}
