//! I4: the run lock of PostgreSQL is released on every path, names its holder, and stands in nobody's way.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use migrate_core::connection::Driver as _;
use migrate_core::runner::{Error, Event, LockMode};
use migrate_core::{AnyConnection, Migrator, Options};
use migrate_tests::testkit::{Database, History, Postgres, SqliteFile, Step};

use crate::worker::{self, assert_succeeded, wait_until};

const LOCKS: &str = "SELECT count(*)::text FROM pg_locks WHERE locktype = 'advisory' \
     AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";

fn waiting(migrator: Migrator<AnyConnection>, lock: LockMode, wait: Duration) -> Migrator<AnyConnection> {
    let options = Options { lock, lock_wait: wait, ..migrator.options().clone() };
    migrator.with_options(options)
}

/// Runs on a connection that stays open, as an application's pool does, and looks for a lock left behind.
fn assert_released_after(step: Step, after: impl Fn(&Migrator<AnyConnection>, &mut AnyConnection)) {
    let database = Postgres::shared().database();
    let migrator = History::new().with(step).migrator();
    let mut connection = database.connect();
    after(&migrator, &mut connection);
    assert_eq!(database.one(LOCKS), "0");
    // And another session gets on.
    History::chain(&["a1"]).migrator().upgrade(&mut database.connect(), "heads").unwrap();
}

#[test]
fn the_lock_is_released_after_success() {
    assert_released_after(Step::new("a1"), |migrator, connection| {
        migrator.upgrade(connection, "heads").unwrap();
    });
}

#[test]
fn the_lock_is_released_after_a_failure() {
    assert_released_after(Step::new("a1").failing(), |migrator, connection| {
        migrator.upgrade(connection, "heads").unwrap_err();
    });
}

#[test]
fn the_lock_is_released_after_a_failed_statement_aborted_the_transaction() {
    assert_released_after(Step::new("a1").up(|cx| cx.execute("SELECT 1/0")), |migrator, connection| {
        migrator.upgrade(connection, "heads").unwrap_err();
    });
}

#[test]
fn the_lock_is_released_after_a_panic() {
    let step = Step::new("a1").up(|cx| {
        let _ = cx.execute("SELECT 1/0");
        panic!("a bug in a migration")
    });
    assert_released_after(step, |migrator, connection| {
        catch_unwind(AssertUnwindSafe(|| migrator.upgrade(connection, "heads"))).unwrap_err();
    });
}

#[test]
fn the_lock_is_released_after_a_body_opened_a_transaction_by_hand_and_aborted_it() {
    let step = Step::new("a1").outside_transaction().up(|cx| {
        cx.execute("BEGIN")?;
        cx.execute("SELECT 1/0")
    });
    assert_released_after(step, |migrator, connection| {
        migrator.upgrade(connection, "heads").unwrap_err();
    });
}

#[test]
fn the_lock_is_released_after_a_callback_panics() {
    let database = Postgres::shared().database();
    let migrator = History::chain(&["a1"]).migrator().on_event(|event| {
        if let Event::Finished { .. } = event {
            panic!("a bug in a callback");
        }
    });
    let mut connection = database.connect();
    catch_unwind(AssertUnwindSafe(|| migrator.upgrade(&mut connection, "heads"))).unwrap_err();
    assert_eq!(database.one(LOCKS), "0");
}

fn assert_timeout_names_the_holder(lock: LockMode, who: &str) {
    let database = Postgres::shared().database();
    let slow = Step::new("a1").up(|cx| cx.execute("SELECT pg_sleep(3)"));
    let holder = waiting(History::new().with(slow).migrator(), lock, Duration::from_secs(30));
    let waiter = waiting(History::chain(&["a1"]).migrator(), lock, Duration::from_millis(700));
    std::thread::scope(|scope| {
        let holder = scope.spawn(|| holder.upgrade(&mut database.connect(), "heads"));
        wait_until("the step sleeps", || sleeping(&database));
        let started = Instant::now();
        let error = waiter.upgrade(&mut database.connect(), "heads").unwrap_err();
        assert!(started.elapsed() < Duration::from_millis(2500), "{:?}", started.elapsed());
        let text = error.to_string();
        assert!(text.starts_with("another run held the lock for 0 s: "), "{text}");
        let Error::Locked { holder: Some(named), waited } = error else { panic!("{error:?}") };
        assert!(waited >= Duration::from_millis(700), "{waited:?}");
        assert!(named.who.contains(who) && named.who.contains("(pid "), "{named:?}");
        assert!(named.since.ends_with('Z') && named.since.contains('T'), "{named:?}");
        holder.join().unwrap().unwrap();
    });
}

fn sleeping(database: &Database) -> bool {
    database.one(
        "SELECT count(*)::text FROM pg_stat_activity \
         WHERE wait_event = 'PgSleep' AND datname = current_database()",
    ) == "1"
}

#[test]
fn a_timeout_names_the_session_that_holds_the_lock() {
    assert_timeout_names_the_holder(LockMode::Auto, "postgres from 127.0.0.1");
}

#[test]
fn a_timeout_names_the_run_that_holds_the_lease() {
    assert_timeout_names_the_holder(LockMode::Lease, "@");
}

#[test]
fn a_run_that_waits_ends_when_it_is_asked_to_stop() {
    for lock in [LockMode::Auto, LockMode::Lease] {
        let database = Postgres::shared().database();
        let slow = Step::new("a1").up(|cx| cx.execute("SELECT pg_sleep(3)"));
        let holder = waiting(History::new().with(slow).migrator(), lock, Duration::from_secs(30));
        let waiter = waiting(History::chain(&["a1"]).migrator(), lock, Duration::from_secs(30));
        let stop = waiter.options().stop.clone();
        std::thread::scope(|scope| {
            let holder = scope.spawn(|| holder.upgrade(&mut database.connect(), "heads"));
            wait_until("the step sleeps", || sleeping(&database));
            let waiter = scope.spawn(|| waiter.upgrade(&mut database.connect(), "heads"));
            std::thread::sleep(Duration::from_millis(300));
            assert!(!waiter.is_finished());
            stop.set();
            let error = waiter.join().unwrap().unwrap_err();
            assert!(sleeping(&database), "it did not wait for the end of the other run");
            assert!(matches!(error, Error::HaltedWaiting { .. }), "{error:?}");
            let said = "the run was asked to stop after it had waited for another run for 0 s";
            assert_eq!(error.to_string(), said);
            holder.join().unwrap().unwrap();
        });
        assert_eq!(database.log(), ["upgrade a1"]);
    }
}

#[test]
fn a_login_that_may_not_see_others_is_told_what_it_may_see() {
    let database = Postgres::shared().database();
    database.execute("ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC");
    let url = database.login("plain");
    let slow = Step::new("a1").up(|cx| cx.execute("SELECT pg_sleep(2)"));
    let holder = History::new().with(slow).migrator();
    let waiter = waiting(History::chain(&["a1"]).migrator(), LockMode::Auto, Duration::from_millis(100));
    std::thread::scope(|scope| {
        let holder = scope.spawn(|| holder.upgrade(&mut database.connect(), "heads"));
        wait_until("the step sleeps", || sleeping(&database));
        let error = waiter.upgrade(&mut migrate_tests::testkit::connect(&url), "heads").unwrap_err();
        let text = error.to_string();
        assert!(text.contains("postgres") && text.contains("(pid "), "{text}");
        assert!(!text.ends_with("since "), "{text}");
        assert!(!text.contains("a local socket"), "{text}");
        holder.join().unwrap().unwrap();
    });
}

#[test]
fn one_event_tells_who_is_waited_for() {
    let database = Postgres::shared().database();
    let slow = Step::new("a1").up(|cx| cx.execute("SELECT pg_sleep(1)"));
    let holder = History::new().with(slow).migrator();
    let (sender, events) = std::sync::mpsc::channel();
    let waiter = History::chain(&["a1"]).migrator().on_event(move |event| {
        let _ = sender.send(event.clone());
    });
    std::thread::scope(|scope| {
        let holder = scope.spawn(|| holder.upgrade(&mut database.connect(), "heads"));
        wait_until("the step sleeps", || sleeping(&database));
        let report = waiter.upgrade(&mut database.connect(), "heads").unwrap();
        assert!(report.steps.is_empty());
        holder.join().unwrap().unwrap();
    });
    drop(waiter);
    let events: Vec<_> = events.iter().collect();
    let [Event::Waiting { holder: Some(holder), .. }] = events.as_slice() else { panic!("{events:?}") };
    assert!(holder.who.starts_with("postgres from 127.0.0.1"), "{holder:?}");
}

#[test]
fn an_index_built_concurrently_does_not_deadlock_with_a_run_that_waits() {
    let database = Postgres::shared().database();
    // Some rows, so that the index takes its time.
    let table = Step::new("a1")
        .up(|cx| cx.execute("CREATE TABLE big AS SELECT i FROM generate_series(1, 200000) AS s (i)"));
    let index = Step::new("b1").on(&["a1"]).outside_transaction().up(|cx| {
        std::thread::sleep(Duration::from_millis(300));
        cx.execute("CREATE INDEX CONCURRENTLY big_i ON big (i)")
    });
    let builder = History::new().with(table).with(index).migrator();
    let waiter = History::chain(&["a1", "b1"]).migrator();
    std::thread::scope(|scope| {
        let builder = scope.spawn(|| builder.upgrade(&mut database.connect(), "heads"));
        wait_until("the index step runs", || database.ledger().contains(&"b1 running".to_owned()));
        let waiters: Vec<_> =
            (0..4).map(|_| scope.spawn(|| waiter.upgrade(&mut database.connect(), "heads"))).collect();
        builder.join().unwrap().unwrap();
        for waiter in waiters {
            assert!(waiter.join().unwrap().unwrap().steps.is_empty());
        }
    });
    assert_eq!(database.ledger(), ["a1 applied", "b1 applied"]);
    assert_eq!(
        database.one("SELECT indisvalid::text FROM pg_index WHERE indexrelid = 'big_i'::regclass"),
        "true"
    );
}

#[test]
fn two_ledgers_in_one_database_do_not_wait_for_each_other() {
    use migrate_core::ledger::LedgerNames;

    let database = Postgres::shared().database();
    let slow = Step::new("a1").up(|cx| cx.execute("SELECT pg_sleep(2)"));
    let holder = History::new().with(slow).migrator();
    let other = History::chain(&["z1"]).migrator();
    let options = Options {
        names: LedgerNames::new(None, "other_".to_owned()),
        lock_wait: Duration::ZERO,
        ..other.options().clone()
    };
    let other = other.with_options(options);
    std::thread::scope(|scope| {
        let holder = scope.spawn(|| holder.upgrade(&mut database.connect(), "heads"));
        wait_until("the step sleeps", || sleeping(&database));
        other.upgrade(&mut database.connect(), "heads").unwrap();
        assert!(sleeping(&database), "the other run did not wait");
        holder.join().unwrap().unwrap();
    });
}

#[test]
fn a_busy_sqlite_file_is_another_run() {
    let database = SqliteFile::new().into_database();
    let mut writer = database.connect();
    writer.batch("BEGIN IMMEDIATE").unwrap();
    let waiter = waiting(History::chain(&["a1"]).migrator(), LockMode::Auto, Duration::from_millis(400));
    let started = Instant::now();
    let error = waiter.upgrade(&mut database.connect(), "heads").unwrap_err();
    assert!(matches!(error, Error::Locked { .. }), "{error:?}");
    assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
    // The same with a ledger that exists already, where a step is what finds the file busy.
    writer.batch("ROLLBACK").unwrap();
    History::chain(&["a1"]).migrator().upgrade(&mut database.connect(), "heads").unwrap();
    writer.batch("BEGIN IMMEDIATE").unwrap();
    let waiter =
        waiting(History::chain(&["a1", "b1"]).migrator(), LockMode::Auto, Duration::from_millis(400));
    let started = Instant::now();
    let error = waiter.upgrade(&mut database.connect(), "heads").unwrap_err();
    assert!(matches!(error, Error::Locked { .. }), "{error:?}");
    assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
}

#[test]
fn a_short_lock_timeout_does_not_shorten_the_wait_for_another_run_on_sqlite() {
    let database = SqliteFile::new().into_database();
    let mut writer = database.connect();
    writer.batch("BEGIN IMMEDIATE").unwrap();
    let migrator = History::chain(&["a1"]).migrator();
    let options =
        Options { lock_timeout: Some(Duration::from_millis(50)), retries: 0, ..migrator.options().clone() };
    let migrator = migrator.with_options(options);
    std::thread::scope(|scope| {
        let run = scope.spawn(|| migrator.upgrade(&mut database.connect(), "heads"));
        std::thread::sleep(Duration::from_millis(700));
        writer.batch("ROLLBACK").unwrap();
        run.join().unwrap().unwrap();
    });
}

#[test]
fn a_process_that_is_killed_frees_the_lock_at_once() {
    let database = Postgres::shared().database();
    let mut victim = worker::start_with(database.url(), &["upgrade", "heads"], &[("STEP_MS", "60000")]);
    wait_until("the victim holds the lock", || database.one(LOCKS) == "1");
    victim.kill();
    let started = Instant::now();
    assert_succeeded(&worker::run(database.url(), &["upgrade", "heads"]));
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
}
