//! The backfills that are measured.

use migrate_core::backfill::{End, SpanBackfill};
use migrate_core::prelude::*;
use migrate_core::{AnyConnection, Options};
use migrate_tests::testkit::{History, Step, connect};

use crate::table::schema::users;

/// Rows read, changed in Rust and written back.
#[derive(Clone, Copy, Default)]
pub(crate) struct Rows {
    pace: Pace,
}

impl Rows {
    /// With batches of so many rows, whatever they take.
    pub(crate) fn in_batches_of(rows: u32) -> Self {
        Self { pace: Pace { start: rows, min: rows, max: rows, ..Pace::default() } }
    }
}

/// Rows that the server changes, a statement for each batch.
pub(crate) struct Spans;

type Row = (i64, String);

impl Backfill for Rows {
    type Connection = AnyConnection;
    type Key = i64;
    type Row = Row;

    fn rows(&self, conn: &mut AnyConnection, span: &Span<i64>) -> QueryResult<Vec<Row>> {
        let rows = users::table.select((users::id, users::email)).filter(span.contains(users::id));
        span.for_update(rows.order(users::id).limit(span.limit())).load(conn)
    }

    fn key(&self, row: &Row) -> i64 {
        row.0
    }

    fn apply(&self, conn: &mut AnyConnection, rows: Vec<Row>) -> Result<()> {
        bulk_update(users::table, users::id, users::email_normalized)
            .rows(rows.into_iter().map(|(id, email)| (id, Some(email.to_lowercase()))))
            .execute(conn)
    }

    fn remaining(&self, conn: &mut AnyConnection) -> QueryResult<i64> {
        users::table.filter(users::email_normalized.is_null()).count().get_result(conn)
    }

    fn down(&self, _: &mut Context<'_, AnyConnection>) -> Result<()> {
        Ok(())
    }

    fn pace(&self) -> Pace {
        self.pace
    }
}

diesel::define_sql_function! { fn lower(text: Text) -> Text; }

impl SpanBackfill for Spans {
    type Connection = AnyConnection;
    type Key = i64;

    fn end(&self, conn: &mut AnyConnection, span: &Span<i64>) -> QueryResult<Option<End<i64>>> {
        let ids = users::table.select(users::id).filter(span.contains(users::id));
        span.end_of(ids.order(users::id).limit(span.limit()), conn)
    }

    fn apply(&self, conn: &mut AnyConnection, span: &Span<i64>) -> Result<()> {
        diesel::update(users::table.filter(span.contains(users::id)))
            .set(users::email_normalized.eq(lower(users::email).nullable()))
            .execute(conn)?;
        Ok(())
    }

    fn remaining(&self, conn: &mut AnyConnection) -> QueryResult<i64> {
        users::table.filter(users::email_normalized.is_null()).count().get_result(conn)
    }

    fn down(&self, _: &mut Context<'_, AnyConnection>) -> Result<()> {
        Ok(())
    }
}

/// Upgrades a database to a history that ends with the backfill.
pub(crate) fn migrate<B: SpanBackfill + 'static>(
    conn: &mut AnyConnection,
    url: &str,
    workers: u32,
    backfill: B,
) {
    let history = History::new().with(Step::new("a1")).with_backfill("b1", &["a1"], backfill);
    let url = url.to_owned();
    let migrator = history.migrator().with_connector(move || Ok(connect(&url)));
    let options = Options { workers, ..migrator.options().clone() };
    migrator.with_options(options).upgrade(conn, "heads").unwrap_or_else(|error| panic!("{error:?}"));
}
