//! Outside of a transaction a single operation is tried again, not the step.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use migrate_core::connection::{Driver as _, FailureKind};
use migrate_core::runner::Event;
use migrate_core::{AnyConnection, Migrator, Options};
use migrate_tests::testkit::{History, Postgres, Step};

use super::journal::journal;

fn with_events(
    step: Step,
    change: impl FnOnce(&mut Options),
) -> (Migrator<AnyConnection>, std::sync::mpsc::Receiver<Event>) {
    let migrator = History::new().with(step).migrator();
    let mut options = migrator.options().clone();
    change(&mut options);
    let (sender, events) = std::sync::mpsc::channel();
    let migrator = migrator.with_options(options).on_event(move |event| {
        let _ = sender.send(event.clone());
    });
    (migrator, events)
}

fn retries(events: &std::sync::mpsc::Receiver<Event>) -> Vec<String> {
    let told = events.try_iter().filter_map(|event| match event {
        Event::RetryingOperation { revision, operation, attempt, cause, .. } => {
            Some(format!("{revision} {operation} {attempt} {cause}"))
        }
        Event::Retrying { .. } => panic!("{event}"),
        _ => None,
    });
    told.collect()
}

#[test]
fn an_operation_waits_for_a_blocker_that_goes_away() {
    let database = Postgres::shared().database();
    database.execute("CREATE TABLE busy (id integer)");
    let step = Step::new("a1").outside_transaction().up(|cx| {
        cx.execute("CREATE TABLE first (id integer)")?;
        cx.execute("ALTER TABLE busy ADD COLUMN name text")
    });
    let (migrator, events) = with_events(step, |options| {
        options.lock_timeout = Some(Duration::from_millis(100));
        options.retries = 20;
    });
    let mut reader = database.connect();
    reader.batch("BEGIN; SELECT * FROM busy").unwrap();
    let mut told = Vec::new();
    std::thread::scope(|scope| {
        let run = scope.spawn(|| migrator.upgrade(&mut database.connect(), "heads"));
        while told.is_empty() && !run.is_finished() {
            std::thread::sleep(Duration::from_millis(10));
            told.extend(retries(&events));
        }
        assert_eq!(
            journal(&database),
            ["1 done execute CREATE TABLE first (id integer)"],
            "nothing of the blocked one"
        );
        reader.batch("COMMIT").unwrap();
        run.join().unwrap().unwrap();
    });
    assert_eq!(
        told[0],
        "a1 execute ALTER TABLE busy ADD COLUMN name text 1 \
         could not execute ALTER TABLE busy ADD COLUMN name text: canceling statement due to lock timeout"
    );
    assert_eq!(database.log(), ["upgrade a1"], "the body ran once");
    assert_eq!(database.events(), ["upgrade a1"]);
}

#[test]
fn retries_of_an_operation_end() {
    let database = Postgres::shared().database();
    database.execute("CREATE TABLE busy (id integer)");
    let step =
        Step::new("a1").outside_transaction().up(|cx| cx.execute("ALTER TABLE busy ADD COLUMN name text"));
    let (migrator, events) = with_events(step, |options| {
        options.lock_timeout = Some(Duration::from_millis(50));
        options.retries = 2;
    });
    let mut reader = database.connect();
    reader.batch("BEGIN; SELECT * FROM busy").unwrap();
    let error = migrator.upgrade(&mut database.connect(), "heads").unwrap_err();
    assert_eq!(error.failure_kind(), FailureKind::LockTimeout);
    assert_eq!(retries(&events).len(), 2);
    assert_eq!(journal(&database), [""; 0]);
    assert_eq!(database.ledger(), ["a1 running"]);
}

#[test]
fn a_data_step_is_called_again_after_a_serialization_failure() {
    let database = Postgres::shared().database();
    database.execute("CREATE TABLE counter (n integer); INSERT INTO counter VALUES (0)");
    let (url, tries) = (database.url().to_owned(), Arc::new(AtomicU32::new(0)));
    let attempts = Arc::clone(&tries);
    let step = Step::new("a1").outside_transaction().up(move |cx| {
        cx.data("count", |connection| {
            connection.batch("SELECT n FROM counter")?;
            if attempts.fetch_add(1, Ordering::SeqCst) == 0 {
                migrate_tests::testkit::connect(&url).batch("UPDATE counter SET n = n + 1")?;
            }
            Ok(connection.batch("UPDATE counter SET n = n + 10")?)
        })
    });
    let (migrator, events) = with_events(step, |_| {});
    let mut connection = database.connect();
    connection.batch("SET default_transaction_isolation = 'repeatable read'").unwrap();
    migrator.upgrade(&mut connection, "heads").unwrap();
    assert_eq!(retries(&events), ["a1 count 1 could not serialize access due to concurrent update"]);
    assert_eq!(tries.load(Ordering::SeqCst), 2);
    assert_eq!(database.one("SELECT n::text FROM counter"), "11");
}

#[test]
fn sql_that_ran_outside_of_a_transaction_is_not_tried_again() {
    let database = Postgres::shared().database();
    database.execute("CREATE TABLE busy (id integer)");
    let step = Step::new("a1").outside_transaction().up(|cx| cx.execute("VACUUM FULL busy"));
    let (migrator, events) = with_events(step, |options| {
        options.lock_timeout = Some(Duration::from_millis(50));
    });
    let mut reader = database.connect();
    reader.batch("BEGIN; SELECT * FROM busy").unwrap();
    migrator.upgrade(&mut database.connect(), "heads").unwrap_err();
    assert!(retries(&events).is_empty());
}
