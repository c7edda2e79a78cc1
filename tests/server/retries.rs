//! Time limits, and what is tried again.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use migrate_core::connection::{Driver as _, FailureKind};
use migrate_core::runner::{Error, Event};
use migrate_core::{AnyConnection, Migrator, Options};
use migrate_tests::testkit::{History, Postgres, Step};

const CANCELLED: &str = "canceling statement due to statement timeout";

fn with(
    migrator: Migrator<AnyConnection>,
    change: impl FnOnce(&mut Options),
) -> (Migrator<AnyConnection>, std::sync::mpsc::Receiver<Event>) {
    let mut options = migrator.options().clone();
    change(&mut options);
    let (sender, events) = std::sync::mpsc::channel();
    let migrator = migrator.with_options(options).on_event(move |event| {
        let _ = sender.send(event.clone());
    });
    (migrator, events)
}

fn retries(events: &std::sync::mpsc::Receiver<Event>) -> Vec<String> {
    let causes = events.try_iter().filter_map(|event| match event {
        Event::Retrying { revision, attempt, cause, .. } => Some(format!("{revision} {attempt} {cause}")),
        _ => None,
    });
    causes.collect()
}

#[test]
fn a_lock_timeout_is_tried_again_until_the_lock_is_free() {
    let database = Postgres::shared().database();
    database.execute("CREATE TABLE busy (id integer)");
    let step = Step::new("a1").up(|cx| cx.execute("ALTER TABLE busy ADD COLUMN name text"));
    let (migrator, events) = with(History::new().with(step).migrator(), |options| {
        options.lock_timeout = Some(Duration::from_millis(100));
        options.retries = 20;
    });
    let mut reader = database.connect();
    reader.batch("BEGIN; SELECT * FROM busy").unwrap();
    std::thread::scope(|scope| {
        let run = scope.spawn(|| migrator.upgrade(&mut database.connect(), "heads"));
        std::thread::sleep(Duration::from_millis(800));
        reader.batch("COMMIT").unwrap();
        run.join().unwrap().unwrap();
    });
    let retries = retries(&events);
    assert!(!retries.is_empty());
    assert_eq!(
        retries[0],
        "a1 1 could not execute ALTER TABLE busy ADD COLUMN name text: canceling statement due to lock timeout"
    );
    assert_eq!(database.log(), ["upgrade a1"]);
    assert_eq!(database.events(), ["upgrade a1"]);
}

#[test]
fn retries_end() {
    let database = Postgres::shared().database();
    database.execute("CREATE TABLE busy (id integer)");
    let step = Step::new("a1").up(|cx| cx.execute("ALTER TABLE busy ADD COLUMN name text"));
    let (migrator, events) = with(History::new().with(step).migrator(), |options| {
        options.lock_timeout = Some(Duration::from_millis(50));
        options.retries = 2;
    });
    let mut reader = database.connect();
    reader.batch("BEGIN; SELECT * FROM busy").unwrap();
    let error = migrator.upgrade(&mut database.connect(), "heads").unwrap_err();
    assert!(matches!(error, Error::Stopped { .. }), "{error:?}");
    assert_eq!(error.failure_kind(), FailureKind::LockTimeout);
    assert_eq!(retries(&events).len(), 2);
    assert_eq!(database.events(), ["failure a1"]);
}

#[test]
fn a_deadlock_is_tried_again() {
    let database = Postgres::shared().database();
    database.execute("CREATE TABLE one (id integer); CREATE TABLE two (id integer)");
    // The step holds `one` and wants `two`, while another session holds `two` and wants `one`.
    let (url, first) = (database.url().to_owned(), Arc::new(AtomicU32::new(0)));
    let attempts = Arc::clone(&first);
    let step = Step::new("a1").up(move |cx| {
        cx.execute("SET LOCAL deadlock_timeout = '100ms'; LOCK TABLE one")?;
        if attempts.fetch_add(1, Ordering::SeqCst) == 0 {
            let url = url.clone();
            let (ready, wait) = std::sync::mpsc::channel();
            std::thread::spawn(move || {
                let mut other = migrate_tests::testkit::connect(&url);
                other.batch("BEGIN; SET LOCAL deadlock_timeout = '1h'; LOCK TABLE two").unwrap();
                ready.send(()).unwrap();
                let _ = other.batch("LOCK TABLE one; COMMIT");
            });
            wait.recv().unwrap();
            std::thread::sleep(Duration::from_millis(200));
        }
        cx.execute("LOCK TABLE two")
    });
    let (migrator, events) = with(History::new().with(step).migrator(), |_| {});
    migrator.upgrade(&mut database.connect(), "heads").unwrap();
    assert_eq!(retries(&events), ["a1 1 could not execute LOCK TABLE two: deadlock detected"]);
    assert_eq!(first.load(Ordering::SeqCst), 2);
    assert_eq!(database.log(), ["upgrade a1"]);
}

#[test]
fn a_serialization_failure_is_tried_again() {
    let database = Postgres::shared().database();
    database.execute("CREATE TABLE counter (n integer); INSERT INTO counter VALUES (0)");
    let (url, tries) = (database.url().to_owned(), Arc::new(AtomicU32::new(0)));
    let attempts = Arc::clone(&tries);
    let step = Step::new("a1").up(move |cx| {
        cx.execute("SELECT n FROM counter")?;
        if attempts.fetch_add(1, Ordering::SeqCst) == 0 {
            migrate_tests::testkit::connect(&url).batch("UPDATE counter SET n = n + 1").unwrap();
        }
        cx.execute("UPDATE counter SET n = n + 10")
    });
    let (migrator, events) = with(History::new().with(step).migrator(), |_| {});
    let mut connection = database.connect();
    connection.batch("SET default_transaction_isolation = 'repeatable read'").unwrap();
    migrator.upgrade(&mut connection, "heads").unwrap();
    let retries = retries(&events);
    assert_eq!(
        retries,
        [
            "a1 1 could not execute UPDATE counter SET n = n + 10: could not serialize access due to concurrent update"
        ]
    );
    assert_eq!(tries.load(Ordering::SeqCst), 2);
    assert_eq!(database.one("SELECT n::text FROM counter"), "11");
}

#[test]
fn a_mistake_is_not_tried_again() {
    let database = Postgres::shared().database();
    let step = Step::new("a1").up(|cx| cx.execute("SELECT 1/0"));
    let (migrator, events) = with(History::new().with(step).migrator(), |_| {});
    migrator.upgrade(&mut database.connect(), "heads").unwrap_err();
    assert!(retries(&events).is_empty());
}

#[test]
fn a_statement_that_takes_too_long_is_cancelled_and_not_tried_again() {
    let database = Postgres::shared().database();
    let step = Step::new("a1").up(|cx| cx.execute("SELECT pg_sleep(60)"));
    let (migrator, events) = with(History::new().with(step).migrator(), |options| {
        options.statement_timeout = Some(Duration::from_millis(200));
    });
    let started = Instant::now();
    let error = migrator.upgrade(&mut database.connect(), "heads").unwrap_err();
    let Error::Stopped { cause, .. } = error else { panic!("{error:?}") };
    assert_eq!(cause.to_string(), "could not execute SELECT pg_sleep(60)");
    assert_eq!(cause.source().unwrap().to_string(), CANCELLED);
    assert!(started.elapsed() < Duration::from_secs(20));
    assert!(retries(&events).is_empty());
}

#[test]
fn the_limits_of_a_step_end_with_it() {
    let database = Postgres::shared().database();
    let (migrator, _) = with(History::chain(&["a1"]).migrator(), |options| {
        options.lock_timeout = Some(Duration::from_millis(1234));
        options.statement_timeout = Some(Duration::from_secs(77));
    });
    let mut connection = database.connect();
    migrator.upgrade(&mut connection, "heads").unwrap();
    let sql = "SELECT current_setting('lock_timeout') || ' ' || current_setting('statement_timeout')";
    assert_eq!(connection.query(sql, &[]).unwrap()[0][0].as_deref(), Some("0 0"));
}

#[test]
fn a_limit_below_a_millisecond_is_not_no_limit() {
    let database = Postgres::shared().database();
    for limit in [Duration::ZERO, Duration::from_micros(1)] {
        let step = Step::new("a1").up(|cx| cx.execute("SELECT pg_sleep(5)"));
        let (migrator, _) = with(History::new().with(step).migrator(), |options| {
            options.statement_timeout = Some(limit);
        });
        let error = migrator.upgrade(&mut database.connect(), "heads").unwrap_err();
        let Error::Stopped { cause, .. } = error else { panic!("{error:?}") };
        assert_eq!(cause.to_string(), "could not execute SELECT pg_sleep(5)");
        assert_eq!(cause.source().unwrap().to_string(), CANCELLED);
    }
    let (migrator, _) = with(History::chain(&["a1"]).migrator(), |options| {
        options.statement_timeout = Some(Duration::MAX);
        options.lock_timeout = Some(Duration::MAX);
    });
    migrator.upgrade(&mut database.connect(), "heads").unwrap();
}
