//! Failures that are not the rows' fault.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use migrate_core::backfill::BackfillError;
use migrate_core::connection::{DatabaseUrl, Driver as _};
use migrate_core::prelude::*;
use migrate_core::runner::{Error, Event};
use migrate_core::{AnyConnection, Options};
use migrate_tests::backfills::{Append, Item, checkpoint, create_items, history, texts};
use migrate_tests::on_each_server;
use migrate_tests::testkit::{Cut, Database, History, Postgres, Proxy, Step, connect};

use super::{stopped, upgrade};

diesel::table! { items (id) { id -> BigInt, text -> Text, } }

/// A backfill of the items with a mistake in `rows`.
struct Mistaken(fn(&mut AnyConnection, &Span<i64>) -> QueryResult<Vec<Item>>);

impl Backfill for Mistaken {
    type Connection = AnyConnection;
    type Key = i64;
    type Row = Item;

    fn rows(&self, conn: &mut AnyConnection, span: &Span<i64>) -> QueryResult<Vec<Item>> {
        (self.0)(conn, span)
    }

    fn key(&self, row: &Item) -> i64 {
        row.0
    }

    fn apply(&self, _: &mut AnyConnection, _: Vec<Item>) -> Result<()> {
        Ok(())
    }

    fn remaining(&self, _: &mut AnyConnection) -> QueryResult<i64> {
        Ok(0)
    }

    fn down(&self, _: &mut Context<'_, AnyConnection>) -> Result<()> {
        Ok(())
    }

    fn pace(&self) -> Pace {
        Pace { start: 10, ..Pace::default() }
    }
}

#[track_caller]
fn mistake(
    database: &Database,
    rows: fn(&mut AnyConnection, &Span<i64>) -> QueryResult<Vec<Item>>,
) -> BackfillError {
    let history = History::new().with(Step::new("a1")).with_backfill("b1", &["a1"], Mistaken(rows));
    stopped(upgrade(&history.migrator(), database))
}

on_each_server! {
    fn rows_that_cannot_be_read_stop_it_where_they_are(database: &Database) {
        create_items(database, 5);
        let error = mistake(database, |conn, _| diesel::sql_query("SELECT nothing").execute(conn).map(|_| vec![]));
        assert_eq!(error.to_string(), "the rows at the beginning cannot be read");
        assert_eq!(database.ledger(), ["a1 applied", "b1 running"]);
    }

    fn rows_that_do_not_heed_their_span_are_found_out(database: &Database) {
        create_items(database, 25);
        let error = mistake(database, |conn, span| {
            items::table.select((items::id, items::text)).filter(span.contains(items::id)).order(items::id).load(conn)
        });
        assert!(matches!(error, BackfillError::TooMany { rows: 25, limit: 10 }), "{error:?}");
        let error = mistake(database, |conn, span| {
            items::table.select((items::id, items::text)).order(items::id).limit(span.limit()).load(conn)
        });
        assert_eq!(error.to_string(), "`rows` returns the row 19, which the span begins after");
        let error = mistake(database, |conn, span| {
            let rows = items::table.select((items::id, items::text)).filter(span.contains(items::id));
            rows.order(items::id.desc()).limit(span.limit()).load(conn)
        });
        assert_eq!(
            error.to_string(),
            "`rows` returns the row 47 after the row 49, which is not the order of the key"
        );
        let error = mistake(database, |_, _| Ok(vec![(7, String::new()), (7, String::new())]));
        assert_eq!(error.to_string(), "two rows have the key 7");
    }

    fn an_edited_key_type_is_told_from_the_checkpoint(database: &Database) {
        create_items(database, 25);
        stopped(upgrade(&history(Append::default().failing_at(&[21])), database));
        database.execute("UPDATE migrate_checkpoint SET position = '\"x\"'");
        let error = stopped(upgrade(&history(Append::default()), database));
        assert_eq!(error.to_string(), "the checkpoint's key \"x\" is none of this backfill's");
    }

    fn a_deadlock_is_tried_again(database: &Database) {
        create_items(database, 25);
        let tries = Arc::new(AtomicU32::new(0));
        let seen = Arc::clone(&tries);
        let append = Append::default().before_apply(move |_, rows| {
            if rows[0].0 > 20 && seen.fetch_add(1, Ordering::Relaxed) < 2 {
                let said = Box::new("deadlock detected".to_owned());
                return Err(diesel::result::Error::DatabaseError(
                    diesel::result::DatabaseErrorKind::Unknown,
                    said,
                ).into());
            }
            Ok(())
        });
        let retries = Arc::new(AtomicU32::new(0));
        let told = Arc::clone(&retries);
        let migrator = history(append).on_event(move |event| {
            told.fetch_add(u32::from(matches!(event, Event::Retrying { .. })), Ordering::Relaxed);
        });
        upgrade(&migrator, database).unwrap();
        assert_eq!(retries.load(Ordering::Relaxed), 2);
        assert_eq!(texts(database), ["+ 25"]);
    }

    fn a_body_that_ends_its_transaction_is_found_out(database: &Database) {
        create_items(database, 5);
        let append = Append::default().before_apply(|connection, _| Ok(connection.batch("COMMIT")?));
        let error = stopped(upgrade(&history(append), database));
        let BackfillError::Batch { cause, .. } = &error else { panic!("{error:?}") };
        assert!(cause.to_string().contains("ended the one it runs in"), "{cause}");
        assert_eq!(database.ledger(), ["a1 applied", "b1 running"]);
        assert_eq!(checkpoint(database), "running 0 0 0 -");
    }
}

#[test]
fn a_batch_that_commits_by_hand_and_begins_anew_is_found_out() {
    let database = Postgres::shared().database();
    create_items(&database, 25);
    let append = Append::default().before_apply(|connection, _| Ok(connection.batch("COMMIT; BEGIN")?));
    let error = stopped(upgrade(&history(append), &database));
    let BackfillError::Batch { after: None, cause } = &error else { panic!("{error:?}") };
    assert!(cause.to_string().contains("ended the one it runs in"), "{cause}");
    assert_eq!(texts(&database), [" 25"]);
}

#[test]
fn a_lock_timeout_is_tried_again_until_the_lock_is_free() {
    let database = Postgres::shared().database();
    create_items(&database, 25);
    let migrator = history(Append::default());
    let lock_timeout = Some(Duration::from_millis(50));
    let options = Options { lock_timeout, retries: 10, ..migrator.options().clone() };
    let mut other = database.connect();
    other.batch("BEGIN; UPDATE items SET owner = NULL WHERE id = 21").unwrap();
    let other = std::sync::Mutex::new(Some(other));
    let migrator = migrator.with_options(options).on_event(move |event| {
        let is_second = matches!(event, Event::Retrying { attempt: 2, .. });
        if let Some(mut other) = is_second.then(|| other.lock().unwrap().take()).flatten() {
            other.batch("COMMIT").unwrap();
        }
    });
    upgrade(&migrator, &database).unwrap();
    assert_eq!(texts(&database), ["+ 25"]);
}

#[test]
fn a_statement_timeout_makes_batches_smaller() {
    let database = Postgres::shared().database();
    create_items(&database, 40);
    let append = Append::default().before_apply(|connection, rows| {
        Ok(connection.batch(&format!("SELECT pg_sleep({} * 0.05)", rows.len()))?)
    });
    let migrator = history(append);
    let options =
        Options { statement_timeout: Some(Duration::from_millis(400)), ..migrator.options().clone() };
    upgrade(&migrator.with_options(options), &database).unwrap();
    assert_eq!(texts(&database), ["+ 40"]);
}

#[test]
fn a_limit_on_idle_transactions_makes_batches_smaller() {
    let database = Postgres::shared().database();
    create_items(&database, 60);
    let name = database.one("SELECT current_database()::text");
    database.execute(&format!("ALTER DATABASE {name} SET idle_in_transaction_session_timeout = '250ms'"));
    let pace = Pace { start: 60, max: 60, min: 1, ..Pace::default() };
    let append = Append { pace, ..Append::default() }.before_apply(|_, rows| {
        std::thread::sleep(Duration::from_millis(20) * u32::try_from(rows.len()).unwrap_or(1));
        Ok(())
    });
    let url = DatabaseUrl::parse(database.url()).unwrap();
    let migrator = history(append).with_connector(move || Ok(url.connect()?));
    migrator.upgrade(&mut database.connect(), "a1").unwrap();
    migrator.run_backfill(&mut database.connect(), "b1").unwrap();
    assert_eq!(texts(&database), ["+ 60"]);
}

#[test]
fn a_connection_that_is_lost_in_a_batch_is_told_and_the_next_run_goes_on() {
    let database = Postgres::shared().database();
    create_items(&database, 25);
    let append = Append::default().before_apply(|connection, rows| {
        if rows[0].0 > 20 {
            connection.batch("SELECT pg_terminate_backend(pg_backend_pid())")?;
        }
        Ok(())
    });
    let error = stopped(upgrade(&history(append), &database));
    assert_eq!(error.to_string(), "the connection was lost in the batch after 19");
    assert_eq!(checkpoint(&database), "running 10 1 0 19");
    upgrade(&history(Append::default()), &database).unwrap();
    assert_eq!(texts(&database), ["+ 25"]);
}

#[test]
fn a_commit_whose_answer_was_lost_is_not_repeated() {
    let (mut told, mut looked_up) = (0, 0);
    for passing in 0..9 {
        let database = Postgres::shared().database();
        create_items(&database, 25);
        let proxy = Proxy::start(Postgres::shared().port());
        proxy.cut(passing, Cut::AfterCommit);
        let outcome = history(Append::default()).upgrade(&mut connect(&proxy.url(&database)), "heads");
        if let Err(Error::Stopped { cause, .. }) = &outcome {
            let lost = matches!(cause.downcast_ref(), Some(BackfillError::ConnectionLost { .. }));
            told += u32::from(lost);
        }
        looked_up += u32::from(database.has_table("migrate_checkpoint") && !texts(&database).is_empty());
        upgrade(&history(Append::default()), &database).unwrap();
        assert_eq!(texts(&database), ["+ 25"], "cut at {passing}: {outcome:?}");
        assert_eq!(checkpoint(&database), "done 25 3 0 49", "cut at {passing}");
    }
    assert!(told >= 3 && looked_up > 0, "{told} cuts were within the backfill");
}
