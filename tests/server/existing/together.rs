//! Several processes begin at once: what one has just made is no reason for another to refuse.

use migrate_tests::on_each_server;
use migrate_tests::testkit::{Database, Postgres, Worker, repetitions};

use crate::worker::{self, ALL_APPLIED, assert_succeeded};

/// A database with nothing in it at all; its log is made by the first step that runs.
fn empty_like(database: &Database) -> Database {
    let empty = super::another(database);
    empty.execute("DROP TABLE applied_log");
    empty
}

fn start_all(database: &Database, arguments: &[&str]) -> Vec<Worker> {
    let arguments: Vec<_> = ["--no-tables"].iter().chain(arguments).copied().collect();
    let environment = [("STEP_MS", "2"), ("MAKE_LOG", "1")];
    (0..16).map(|_| worker::start_with(database.url(), &arguments, &environment)).collect()
}

#[track_caller]
fn all_come_up(database: &Database, arguments: &[&str]) {
    for _ in 0..repetitions(3) {
        let empty = empty_like(database);
        let workers = start_all(&empty, arguments);
        for finished in workers.into_iter().map(Worker::finish) {
            assert_succeeded(&finished);
        }
        assert_eq!(empty.ledger(), ALL_APPLIED);
        assert_eq!(empty.log().len(), ALL_APPLIED.len());
    }
}

on_each_server! {
    fn sixteen_processes_begin_in_an_empty_database(database: &Database) {
        all_come_up(database, &["upgrade", "heads"]);
    }

    fn sixteen_processes_refuse_a_database_with_tables_and_none_of_them_writes(database: &Database) {
        for finished in start_all(database, &["upgrade", "heads"]).into_iter().map(Worker::finish) {
            assert!(!finished.status.success());
            assert_eq!(
                finished.stderr,
                "error: the database holds a table and no ledger: applied_log\n"
            );
        }
        assert!(!database.has_table("migrate_ledger"));
    }
}

#[test]
fn sixteen_processes_without_a_lock_begin_in_an_empty_database() {
    all_come_up(&Postgres::shared().database(), &["--lock", "none", "upgrade", "heads"]);
}

#[test]
fn sixteen_processes_with_a_lease_begin_in_an_empty_database() {
    all_come_up(&Postgres::shared().database(), &["--lock", "lease", "upgrade", "heads"]);
}
