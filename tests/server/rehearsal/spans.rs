//! A backfill that changes its rows by their span.

use migrate_core::AnyConnection;
use migrate_core::backfill::{End, Pace, SpanBackfill};
use migrate_core::prelude::*;
use migrate_core::rehearsal::{Ended, Finding};
use migrate_tests::backfills::{create_items, texts};
use migrate_tests::on_each_server;

use super::{counts, examples, rehearse, table};

diesel::table! { items (id) { id -> BigInt, text -> Text, } }

/// Appends a `+`, all rows of a batch at once; no text may be `bad`.
struct Append {
    /// Whether it stops where the batch does.
    heeds_the_end: bool,
}

impl SpanBackfill for Append {
    type Connection = AnyConnection;
    type Key = i64;

    fn end(&self, conn: &mut AnyConnection, span: &Span<i64>) -> QueryResult<Option<End<i64>>> {
        let ids = items::table.select(items::id).filter(span.contains(items::id));
        span.end_of(ids.order(items::id).limit(span.limit()), conn)
    }

    fn apply(&self, conn: &mut AnyConnection, span: &Span<i64>) -> Result<()> {
        let rows = items::table.filter(span.contains(items::id));
        if rows.filter(items::text.eq("bad")).count().get_result::<i64>(conn)? > 0 {
            return Err(BodyError::new("a text is bad"));
        }
        let more = items::text.concat("+");
        if self.heeds_the_end {
            diesel::update(rows).set(items::text.eq(more)).execute(conn)?;
        } else {
            diesel::update(items::table).set(items::text.eq(more)).execute(conn)?;
        }
        Ok(())
    }

    fn remaining(&self, conn: &mut AnyConnection) -> QueryResult<i64> {
        items::table.filter(items::text.not_like("%+%")).count().get_result(conn)
    }

    fn down(&self, _: &mut Context<'_, AnyConnection>) -> Result<()> {
        Ok(())
    }

    fn pace(&self) -> Pace {
        Pace { start: 1_000, ..Pace::default() }
    }
}

on_each_server! {
    fn one_that_changes_a_span_with_a_statement_is_sampled_all_over_the_table(database: &Database) {
        create_items(database, 2_000);
        let rehearsal = rehearse(database, Append { heeds_the_end: true });
        assert_eq!((rehearsal.rows, rehearsal.places, &*rehearsal.findings), (100, 5, &[][..]));
        assert_eq!((rehearsal.ended, rehearsal.to_do), (Ended::Full, Some(2_000)));
        let items = table(&rehearsal, "items");
        assert_eq!((counts(items), items.examples.len()), ([0, 100, 0], 50));
        assert!(examples(items).iter().all(|line| line.ends_with(": text ''>'+'")), "each once: {items:?}");
        assert_eq!(texts(database), [" 2000"]);
    }

    fn its_bad_row_is_found_by_the_key(database: &Database) {
        create_items(database, 60);
        database.execute("UPDATE items SET text = 'bad' WHERE id = 77");
        let rehearsal = rehearse(database, Append { heeds_the_end: true });
        let expected = Finding::Row { key: "77".to_owned(), error: "a text is bad".to_owned() };
        assert_eq!((rehearsal.findings, rehearsal.rows), (vec![expected], 59));
    }

    fn one_that_writes_beyond_its_span_shows_by_the_counts(database: &Database) {
        create_items(database, 50);
        let rehearsal = rehearse(database, Append { heeds_the_end: false });
        let [_, updated, _] = counts(table(&rehearsal, "items"));
        assert!(updated > rehearsal.rows, "{updated} of {}", rehearsal.rows);
    }
}
