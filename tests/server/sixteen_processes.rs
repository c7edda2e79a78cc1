//! I4: many replicas start at once; each revision is applied once and every replica comes up.

use std::time::Duration;

use migrate_tests::on_each_server;
use migrate_tests::testkit::{Database, Finished, Postgres, SqliteFile, Worker, repetitions};

use crate::worker::{self, ALL_APPLIED, assert_succeeded};

const PROCESSES: u32 = 16;

fn start_all(database: &Database, arguments: &[&str]) -> Vec<Worker> {
    (0..PROCESSES).map(|_| worker::start_with(database.url(), arguments, &[("STEP_MS", "2")])).collect()
}

/// Each process came up, and each revision was applied once in all, by whichever process.
fn assert_applied_once(database: &Database, finished: &[Finished]) {
    assert_eq!(database.ledger(), ALL_APPLIED);
    let expected: Vec<_> = ALL_APPLIED.map(|row| format!("upgrade {}", &row[..2])).to_vec();
    assert_eq!(database.log(), expected);
    for worker in finished {
        assert_succeeded(worker);
    }
    for row in ALL_APPLIED {
        let line = format!("Finished upgrade {} ", &row[..2]);
        let count = finished.iter().filter(|worker| worker.stdout.contains(&line)).count();
        assert_eq!(count, 1, "{line}");
    }
}

on_each_server! {
    fn sixteen_processes_apply_each_revision_once(database: &Database) {
        for _ in 0..repetitions(3) {
            let fresh = fresh_like(database);
            let workers = start_all(&fresh, &["upgrade", "heads"]);
            let finished: Vec<_> = workers.into_iter().map(Worker::finish).collect();
            assert_applied_once(&fresh, &finished);
        }
    }

    fn sixteen_processes_outlive_one_that_is_killed(database: &Database) {
        for repetition in 0..repetitions(3) {
            let fresh = fresh_like(database);
            let mut workers = start_all(&fresh, &["upgrade", "heads"]);
            // Spread over the whole life of a run, from the connection to the last step.
            std::thread::sleep(Duration::from_millis(u64::from(repetition * 37 % 150)));
            let mut victim = workers.swap_remove((repetition as usize * 5) % workers.len());
            victim.kill();
            for worker in workers {
                assert_succeeded(&worker.finish());
            }
            assert_eq!(fresh.ledger(), ALL_APPLIED);
            // The step outside a transaction may have been begun by the killed one and again by another.
            let mut log = fresh.log();
            log.dedup();
            let expected: Vec<_> = ALL_APPLIED.map(|row| format!("upgrade {}", &row[..2])).to_vec();
            assert_eq!(log, expected);
            let transactional: Vec<_> = fresh.log().into_iter().filter(|line| line != "upgrade f1").collect();
            assert_eq!(transactional.len(), 6, "{transactional:?}");
        }
    }
}

#[test]
fn sixteen_processes_share_an_sqlite_file_with_a_write_ahead_log() {
    for _ in 0..repetitions(2) {
        let database = SqliteFile::new().into_database();
        database.execute("PRAGMA journal_mode = WAL");
        let workers = start_all(&database, &["upgrade", "heads"]);
        let finished: Vec<_> = workers.into_iter().map(Worker::finish).collect();
        assert_applied_once(&database, &finished);
    }
}

#[test]
fn sixteen_processes_without_a_lock_commit_each_revision_once_on_postgres() {
    for _ in 0..repetitions(3) {
        let database = Postgres::shared().database();
        let workers = start_all(&database, &["--lock", "none", "upgrade", "heads"]);
        let finished: Vec<_> = workers.into_iter().map(Worker::finish).collect();
        assert_applied_once(&database, &finished);
    }
}

#[test]
fn sixteen_processes_with_a_lease_apply_each_revision_once() {
    for _ in 0..repetitions(2) {
        let database = Postgres::shared().database();
        let workers = start_all(&database, &["--lock", "lease", "upgrade", "heads"]);
        let finished: Vec<_> = workers.into_iter().map(Worker::finish).collect();
        assert_applied_once(&database, &finished);
    }
}

fn fresh_like(database: &Database) -> Database {
    match database.dialect() {
        migrate_core::connection::Dialect::Sqlite => SqliteFile::new().into_database(),
        _ => Postgres::shared().database(),
    }
}
