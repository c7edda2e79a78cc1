//! The form of a backfill that changes a batch with a statement of its own.

use std::sync::Mutex;

use migrate_core::AnyConnection;
use migrate_core::backfill::{BackfillError, End, Pace, SpanBackfill};
use migrate_core::prelude::*;
use migrate_tests::backfills::{checkpoint, create_items, rejected, texts};
use migrate_tests::on_each_server;
use migrate_tests::testkit::{History, Step};

use super::{stopped, upgrade};

diesel::table! { items (id) { id -> BigInt, text -> Text, } }
diesel::table! { seats (hall, number) { hall -> Text, number -> Integer, price -> Integer, } }

diesel::define_sql_function! { fn length(text: Text) -> Integer; }

/// Appends a `+`, all rows of a batch at once; texts have to stay short.
#[derive(Default)]
struct Append {
    max_rejected: u64,
    spans: Mutex<Vec<(Option<i64>, Option<i64>)>>,
}

impl SpanBackfill for Append {
    type Connection = AnyConnection;
    type Key = i64;

    fn end(&self, conn: &mut AnyConnection, span: &Span<i64>) -> QueryResult<Option<End<i64>>> {
        let ids = items::table.select(items::id).filter(span.contains(items::id));
        span.end_of(ids.order(items::id).limit(span.limit()), conn)
    }

    fn apply(&self, conn: &mut AnyConnection, span: &Span<i64>) -> Result<()> {
        self.spans.lock().unwrap().push((span.after().copied(), span.until().copied()));
        let rows = items::table.filter(span.contains(items::id));
        if rows.filter(length(items::text).gt(5)).count().get_result::<i64>(conn)? > 0 {
            return Err(BodyError::new("a text is too long"));
        }
        diesel::update(rows).set(items::text.eq(items::text.concat("+"))).execute(conn)?;
        Ok(())
    }

    fn remaining(&self, conn: &mut AnyConnection) -> QueryResult<i64> {
        items::table.filter(items::text.not_like("%+%")).count().get_result(conn)
    }

    fn down(&self, cx: &mut Context<'_, AnyConnection>) -> Result<()> {
        cx.execute("UPDATE items SET text = replace(text, '+', '')")
    }

    fn pace(&self) -> Pace {
        Pace { start: 100, min: 100, max: 100, ..Pace::default() }
    }

    fn max_rejected(&self) -> u64 {
        self.max_rejected
    }
}

fn migrator(append: Append) -> migrate_core::Migrator<AnyConnection> {
    History::new().with(Step::new("a1")).with_backfill("b1", &["a1"], append).migrator()
}

/// Raises the prices, hall by hall: a key of two columns.
struct Raise;

impl SpanBackfill for Raise {
    type Connection = AnyConnection;
    type Key = (String, i32);

    fn end(
        &self,
        conn: &mut AnyConnection,
        span: &Span<(String, i32)>,
    ) -> QueryResult<Option<End<(String, i32)>>> {
        let key = (seats::hall, seats::number);
        let keys = seats::table.select(key).filter(span.contains_row(key));
        span.end_of(keys.order(key).limit(span.limit()), conn)
    }

    fn apply(&self, conn: &mut AnyConnection, span: &Span<(String, i32)>) -> Result<()> {
        let rows = seats::table.filter(span.contains_row((seats::hall, seats::number)));
        diesel::update(rows).set(seats::price.eq(seats::price + 1)).execute(conn)?;
        Ok(())
    }

    fn remaining(&self, conn: &mut AnyConnection) -> QueryResult<i64> {
        seats::table.filter(seats::price.eq(0)).count().get_result(conn)
    }

    fn down(&self, cx: &mut Context<'_, AnyConnection>) -> Result<()> {
        cx.execute("UPDATE seats SET price = price - 1")
    }

    fn pace(&self) -> Pace {
        Pace { start: 7, min: 7, max: 7, ..Pace::default() }
    }
}

/// Finds the same rows again and again.
struct Stuck;

impl SpanBackfill for Stuck {
    type Connection = AnyConnection;
    type Key = i64;

    fn end(&self, conn: &mut AnyConnection, span: &Span<i64>) -> QueryResult<Option<End<i64>>> {
        let ids = items::table.select(items::id);
        span.end_of(ids.order(items::id).limit(span.limit()), conn)
    }

    fn apply(&self, conn: &mut AnyConnection, span: &Span<i64>) -> Result<()> {
        Append::default().apply(conn, span)
    }

    fn remaining(&self, conn: &mut AnyConnection) -> QueryResult<i64> {
        SpanBackfill::remaining(&Append::default(), conn)
    }

    fn down(&self, _: &mut Context<'_, AnyConnection>) -> Result<()> {
        Ok(())
    }

    fn pace(&self) -> Pace {
        Pace { start: 10, min: 10, max: 10, ..Pace::default() }
    }
}

on_each_server! {
    fn an_end_that_does_not_heed_where_the_span_begins_is_found_out(database: &Database) {
        create_items(database, 25);
        let migrator = History::new().with(Step::new("a1")).with_backfill("b1", &["a1"], Stuck).migrator();
        let error = stopped(upgrade(&migrator, database));
        assert_eq!(error.to_string(), "`rows` returns the row 19, which the span begins after");
        assert_eq!(texts(database), [" 15", "+ 10"]);
    }

    fn one_statement_changes_the_rows_of_a_span_once(database: &Database) {
        create_items(database, 1_050);
        let report = upgrade(&migrator(Append::default()), database).unwrap();
        let progress = report.steps[1].backfill.clone().unwrap();
        assert_eq!((progress.rows, progress.batches), (1_050, 11));
        assert_eq!(texts(database), ["+ 1050"]);
        assert!(checkpoint(database).starts_with("done 1050 11 0 "), "{}", checkpoint(database));
        migrator(Append::default()).downgrade(&mut database.connect(), "base").unwrap();
        assert_eq!(texts(database), [" 1050"]);
    }

    fn a_bad_row_is_found_by_its_key_and_the_others_are_changed(database: &Database) {
        create_items(database, 1_000);
        database.execute("UPDATE items SET text = 'too long' WHERE id IN (1, 999)");
        let error = stopped(upgrade(&migrator(Append::default()), database));
        let BackfillError::Row { key, rejected: 0, .. } = &error else { panic!("{error:?}") };
        assert_eq!(key, "1");
        upgrade(&migrator(Append { max_rejected: 2, ..Append::default() }), database).unwrap();
        assert_eq!(texts(database), ["+ 998", "too long 2"]);
        let kept = rejected(database);
        assert_eq!(kept, ["1 rejected 2 a text is too long", "999 rejected 1 a text is too long"]);
    }

    fn a_key_of_two_columns_is_followed_in_the_order_of_the_database(database: &Database) {
        database.execute(
            "CREATE TABLE seats (hall varchar(20), number int, price int NOT NULL DEFAULT 0, PRIMARY KEY (hall, number));
             WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 20)
             INSERT INTO seats (hall, number) SELECT hall, n FROM numbers, (SELECT 'b' AS hall UNION ALL SELECT 'A'
             UNION ALL SELECT 'Ä' UNION ALL SELECT 'a b') AS halls",
        );
        let migrator = History::new().with(Step::new("a1")).with_backfill("b1", &["a1"], Raise).migrator();
        let report = upgrade(&migrator, database).unwrap();
        let progress = report.steps[1].backfill.clone().unwrap();
        assert_eq!((progress.rows, progress.batches), (80, 12));
        assert_eq!(database.column("SELECT DISTINCT CAST(price AS text) FROM seats"), ["1"]);
    }
}
