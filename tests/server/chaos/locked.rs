//! Others hold locks for longer than the backfill waits.
//!
//! `MIGRATE_REPEAT=200` ends a test after 200 timeouts.

use std::error::Error;
use std::iter::successors;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use migrate_core::Options;
use migrate_core::connection::{Dialect, Driver as _, FailureKind, classify};
use migrate_core::runner::{self, Event};
use migrate_tests::backfills::audited;
use migrate_tests::on_each_server;
use migrate_tests::testkit::{Chance, Database, connect, repetitions};

use super::trial::{BATCH, Trial, like, report};

/// Takes one lock after the other, each for up to 60 ms, until it is told to end.
fn hold_locks(database: &Database, end: &Arc<AtomicBool>) -> JoinHandle<()> {
    let (url, dialect, end) = (database.url().to_owned(), database.dialect(), Arc::clone(end));
    std::thread::spawn(move || {
        let (mut chance, mut connection) = (Chance::new(), connect(&url));
        // Nobody waits for this session for longer than it means.
        let limit =
            if dialect == Dialect::Sqlite { "PRAGMA busy_timeout = 20" } else { "SET lock_timeout = 20" };
        connection.batch(limit).unwrap();
        while !end.load(Ordering::Relaxed) {
            let first = chance.number(0..1_200);
            let rows =
                format!("BEGIN; SELECT 1 FROM items WHERE id BETWEEN {first} AND {first} + 400 FOR UPDATE");
            let on_postgres = [
                rows.as_str(),
                "BEGIN; LOCK TABLE items IN SHARE MODE",
                "BEGIN; LOCK TABLE items IN ACCESS EXCLUSIVE MODE",
                "BEGIN; LOCK TABLE migrate_checkpoint IN EXCLUSIVE MODE",
            ];
            let on_sqlite = ["BEGIN IMMEDIATE", "BEGIN EXCLUSIVE", "BEGIN; SELECT 1 FROM items LIMIT 1"];
            let lock = chance.one_of(if dialect == Dialect::Sqlite { &on_sqlite } else { &on_postgres[..] });
            // The table of checkpoints is not there at first.
            if connection.batch(lock).is_ok() {
                std::thread::sleep(chance.time(Duration::from_millis(60)));
            }
            let _ = connection.batch("ROLLBACK");
            std::thread::sleep(chance.time(Duration::from_millis(60)));
        }
    })
}

/// Whether an error comes from a lock: that of another run, or one of the server's.
fn is_lock(error: &runner::Error) -> bool {
    let causes = successors(Some(error as &(dyn Error + 'static)), |&error| error.source());
    classify(error) == FailureKind::LockTimeout
        || causes.map(ToString::to_string).any(|cause| cause.contains("lock"))
}

/// Runs one backfill to its end between such locks; returns how many timeouts it saw, and batches done again.
fn disturbed(database: &Database) -> (u32, u32) {
    let trial = Trial::new(like(database), 600);
    let timeouts = Arc::new(AtomicU32::new(0));
    let told = Arc::clone(&timeouts);
    let migrator = audited(trial.audit.clone(), BATCH).on_event(move |event| {
        told.fetch_add(u32::from(matches!(event, Event::Retrying { .. })), Ordering::Relaxed);
    });
    let short = Duration::from_millis(10);
    let options = Options { lock_timeout: Some(short), lock_wait: short, ..migrator.options().clone() };
    let migrator = migrator.with_options(options);
    let end = Arc::new(AtomicBool::new(false));
    let others = [0, 1].map(|_| hold_locks(&trial.database, &end));
    let mut failed = 0;
    while let Err(error) = migrator.upgrade(&mut trial.database.connect(), "heads") {
        failed += 1;
        assert!(is_lock(&error) && failed < 500, "{error:?}");
    }
    end.store(true, Ordering::Relaxed);
    for other in others {
        other.join().unwrap();
    }
    let (again, timeouts) = (trial.assert_done(), timeouts.load(Ordering::Relaxed) + failed);
    assert!(again.total() <= timeouts, "{timeouts} timeouts: {again:?}");
    (timeouts, again.total())
}

on_each_server! {
    fn lock_timeouts_at_random_moments_change_each_row_once(database: &Database) {
        let (mut backfills, mut timeouts, mut again) = (0, 0, 0);
        while timeouts < repetitions(10) {
            let (more_timeouts, more_again) = disturbed(database);
            backfills += 1;
            timeouts += more_timeouts;
            again += more_again;
        }
        report(&format!("{}: {timeouts} lock timeouts in {backfills} backfills: {again} batches done again", database.dialect()));
    }
}
