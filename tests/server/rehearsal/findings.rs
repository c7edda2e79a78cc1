//! What a rehearsal finds out about rows and about the backfill.

use migrate_core::AnyConnection;
use migrate_core::connection::Driver as _;
use migrate_core::prelude::*;
use migrate_core::rehearsal::{Ended, Finding, RehearsalError, Remaining};
use migrate_core::runner::Error;
use migrate_tests::backfills::{Append, create_items};
use migrate_tests::on_each_server;

use super::{Each, counts, rehearse, rows, table, try_to_rehearse};

fn bad(rehearsal: &migrate_core::rehearsal::Rehearsal) -> Vec<String> {
    let mut found: Vec<_> = rehearsal.findings.iter().map(ToString::to_string).collect();
    found.sort_by_key(|text| (text.len(), text.clone()));
    found
}

on_each_server! {
    fn a_bad_row_is_found_with_its_key_and_the_others_are_done(database: &Database) {
        create_items(database, 95);
        let rehearsal = rehearse(database, Append::default().failing_at(&[41, 43, 187]));
        assert_eq!(
            bad(&rehearsal),
            ["the row 41 fails: item 41 is bad", "the row 43 fails: item 43 is bad", "the row 187 fails: item 187 is bad"]
        );
        assert_eq!((rehearsal.rows, counts(table(&rehearsal, "items"))), (92, [0, 92, 0]));
        let rows: u32 = rehearsal.measures.iter().map(|batch| batch.rows).sum();
        assert_eq!(rows, 92, "what was taken back is not measured");
    }

    fn a_first_row_that_is_bad_hides_nothing(database: &Database) {
        create_items(database, 30);
        let rehearsal = rehearse(database, Append::default().failing_at(&[1]));
        assert_eq!(bad(&rehearsal), ["the row 1 fails: item 1 is bad"]);
        assert_eq!(counts(table(&rehearsal, "items")), [0, 29, 0]);
    }

    fn after_many_bad_rows_it_ends(database: &Database) {
        create_items(database, 95);
        let all = Append::default().before_apply(|_, _| Err(BodyError::new("no")));
        let rehearsal = rehearse(database, all);
        assert_eq!((rehearsal.rows, rehearsal.findings.len(), rehearsal.ended), (0, 20, Ended::Failed));
        assert_eq!(rehearsal.projection, None);
    }

    fn rows_that_do_not_count_as_done_are_found(database: &Database) {
        create_items(database, 30);
        let rehearsal = rehearse(database, Each::sql("UPDATE items SET text = 'x' WHERE id = {id}"));
        assert_eq!(rehearsal.findings, [Finding::StillRemaining { remaining: 30 }]);
        assert_eq!(rehearsal.remaining, Remaining::Rows(30));
    }

    fn a_backfill_that_ends_its_transaction_is_refused(database: &Database) {
        create_items(database, 30);
        let outcome = try_to_rehearse(database, Append::default().before_apply(|conn, _| Ok(conn.batch("ROLLBACK")?)), rows(10));
        assert!(matches!(outcome, Err(Error::Rehearsal(RehearsalError::LeftTransaction))), "{outcome:?}");
    }

    fn keys_out_of_order_and_bounds_that_are_not_kept_are_found(database: &Database) {
        create_items(database, 30);
        for (fault, expected) in [
            (Fault::Backwards, "not the order of the key"),
            (Fault::NoEnd, "does not heed the span's end"),
            (Fault::NoBeginning, "which the span begins after"),
            (Fault::Coarse, "the key is not unique"),
            (Fault::NoLimit, "rows"),
        ] {
            let rehearsal = rehearse(database, Broken(fault));
            let found = bad(&rehearsal);
            assert!(found.iter().any(|text| text.contains(expected)), "{fault:?}: {found:?}");
            assert!(rehearsal.findings.iter().any(|finding| matches!(finding, Finding::Contract { .. })), "{found:?}");
        }
    }

    fn a_count_that_fails_is_a_finding(database: &Database) {
        create_items(database, 30);
        let rehearsal = rehearse(database, Broken(Fault::NoCount));
        assert!(bad(&rehearsal)[0].starts_with("`remaining` fails: "), "{rehearsal:#?}");
        assert_eq!((rehearsal.remaining, rehearsal.rows), (Remaining::Failed, 30));
    }
}

#[test]
fn a_constraint_of_the_commit_is_checked() {
    let database = migrate_tests::testkit::Postgres::shared().database();
    create_items(&database, 30);
    let stray = Append::default().before_apply(|conn, rows| {
        if rows.iter().any(|(id, _)| *id == 21) {
            conn.batch("UPDATE items SET owner = 99 WHERE id = 21")?;
        }
        Ok(())
    });
    let rehearsal = rehearse(&database, stray);
    let found = bad(&rehearsal);
    assert!(
        found.len() == 1 && found[0].starts_with("the row 21 fails: ") && found[0].contains("foreign key"),
        "{found:?}"
    );
    assert_eq!(rehearsal.rows, 29);
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    Backwards,
    NoEnd,
    NoBeginning,
    Coarse,
    NoLimit,
    NoCount,
}

/// A backfill with a mistake in `rows` or in `remaining`.
struct Broken(Fault);

diesel::table! { items (id) { id -> BigInt, text -> Text, } }

impl Backfill for Broken {
    type Connection = AnyConnection;
    type Key = i64;
    type Row = i64;

    fn rows(&self, conn: &mut AnyConnection, span: &Span<i64>) -> QueryResult<Vec<i64>> {
        let mut query = items::table.select(items::id).into_boxed();
        let coarse = i64::from(self.0 == Fault::Coarse);
        if let Some(after) = span.after().filter(|_| self.0 != Fault::NoBeginning) {
            query = query.filter(items::id.gt(after + 6 * coarse));
        }
        if let Some(until) = span.until().filter(|_| self.0 != Fault::NoEnd) {
            query = query.filter(items::id.le(until + 6 * coarse));
        }
        if self.0 == Fault::Backwards {
            query = query.order(items::id.desc());
        } else {
            query = query.order(items::id);
        }
        query.limit(span.limit() + i64::from(self.0 == Fault::NoLimit)).load(conn)
    }

    fn key(&self, id: &i64) -> i64 {
        *id
    }

    fn apply(&self, conn: &mut AnyConnection, ids: Vec<i64>) -> Result<()> {
        diesel::update(items::table.filter(items::id.eq_any(ids))).set(items::text.eq("+")).execute(conn)?;
        Ok(())
    }

    fn remaining(&self, conn: &mut AnyConnection) -> QueryResult<i64> {
        if self.0 == Fault::NoCount {
            conn.batch("SELECT count(*) FROM nowhere")?;
        }
        items::table.filter(items::text.ne("+")).count().get_result(conn)
    }

    fn down(&self, _: &mut Context<'_, AnyConnection>) -> Result<()> {
        Ok(())
    }
}
