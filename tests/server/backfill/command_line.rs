//! A backfill from two terminals: one works, the other looks and asks; and what signals do to the one that works.

use std::process::Command;
use std::time::Duration;

use migrate_tests::backfills::{create_items, texts};
use migrate_tests::on_each_server;
use migrate_tests::testkit::{Database, Finished, Worker};

use super::killed::like;
use crate::worker::wait_until;

pub(super) const PROGRAM: &str = env!("CARGO_BIN_EXE_backfill-cli");

/// Starts the program; its batches take so long.
pub(super) fn start(database: &Database, batch_ms: u32, arguments: &[&str]) -> Worker {
    let environment = [
        ("DATABASE_URL", database.url()),
        ("BATCH_MS", &batch_ms.to_string()),
        ("MIGRATE_ALLOW_TABLES", "1"),
    ];
    Worker::start(PROGRAM, arguments, &environment)
}

pub(super) fn run(database: &Database, arguments: &[&str]) -> Finished {
    start(database, 0, arguments).finish()
}

#[track_caller]
pub(super) fn succeeded(finished: Finished) -> Finished {
    assert!(finished.status.success(), "{}\n{}\n{}", finished.status, finished.stdout, finished.stderr);
    finished
}

/// One line of `backfill status --json` on stdout.
fn state(database: &Database) -> String {
    let told = succeeded(run(database, &["backfill", "status", "b1", "--json"])).stdout;
    let line = told.lines().find_map(|line| line.trim().strip_prefix("\"state\": "));
    line.unwrap_or(&told).trim_matches(['"', ',']).to_owned()
}

pub(super) fn done(database: &Database) -> u64 {
    let sum = "SELECT CAST(coalesce(sum(row_count), 0) AS text) FROM migrate_checkpoint";
    if database.has_table("migrate_checkpoint") { database.one(sum).parse().unwrap() } else { 0 }
}

fn signal(worker: &Worker, name: &str) {
    let status = Command::new("kill").args([&format!("-{name}"), &worker.pid().to_string()]).status();
    assert!(status.unwrap().success());
}

on_each_server! {
    fn sigterm_ends_it_after_the_batch_and_the_next_run_goes_on(database: &Database) {
        create_items(database, 2_000);
        let worker = start(database, 50, &["upgrade"]);
        wait_until("some batches are done", || done(database) >= 100);
        signal(&worker, "TERM");
        let finished = worker.finish();
        assert_eq!(finished.status.code(), Some(16), "{}", finished.stderr);
        for words in [
            "Stopping after this batch or step; a second SIGTERM ends it at once",
            "error: the run was asked to stop: 1 of 2 steps are done, and of b1 ",
            "hint: what is done stays; the same command continues",
        ] {
            assert!(finished.stderr.contains(words), "{words}: {}", finished.stderr);
        }
        let rows = done(database);
        assert!((100..2_000).contains(&rows), "{rows}");
        assert_eq!((database.ledger(), state(database)), (vec!["a1 applied".into(), "b1 running".into()], "stopped".into()));
        let finished = succeeded(run(database, &["backfill", "run"]));
        let words = format!("Backfill b1: {} rows in ", thousands(2_000 - rows));
        assert!(finished.stderr.contains(&words), "{words}: {}", finished.stderr);
        assert_eq!((texts(database), state(database)), (vec!["+ 2000".into()], "done".into()));
    }

    fn a_second_signal_ends_it_at_once_and_nothing_is_lost(database: &Database) {
        for (name, code) in [("INT", 130), ("TERM", 143)] {
            let database = like(database);
            create_items(&database, 200);
            let worker = start(&database, 4_000, &["upgrade"]);
            // The first batch is under way for the whole of this time, or was not begun.
            std::thread::sleep(Duration::from_millis(1_500));
            signal(&worker, name);
            std::thread::sleep(Duration::from_millis(300));
            signal(&worker, name);
            let finished = worker.finish();
            assert_eq!(finished.status.code(), Some(code), "{}", finished.stderr);
            assert!(finished.stderr.contains("Ended at once"), "{}", finished.stderr);
            succeeded(run(&database, &["upgrade"]));
            assert_eq!(texts(&database), ["+ 200"]);
        }
    }

    fn a_signal_between_two_steps_begins_no_other(database: &Database) {
        create_items(database, 200);
        let worker = start(database, 300, &["upgrade", "a1"]);
        succeeded(worker.finish());
        let worker = start(database, 300, &["upgrade", "--quiet"]);
        wait_until("a batch is done", || done(database) >= 50);
        signal(&worker, "INT");
        let finished = worker.finish();
        assert_eq!(finished.status.code(), Some(16), "{}", finished.stderr);
        assert!(!finished.stderr.contains("Stopping") && !finished.stderr.contains("Backfill"), "{}", finished.stderr);
    }

    fn a_pause_holds_the_worker_until_it_is_resumed(database: &Database) {
        create_items(database, 2_000);
        let worker = start(database, 20, &["upgrade"]);
        wait_until("some batches are done", || done(database) >= 100);
        let told = succeeded(run(database, &["backfill", "pause"]));
        assert_eq!(told.stderr, "The backfill b1 is paused: its worker waits after this batch\n");
        wait_until("the worker waits", || {
            let rows = done(database);
            std::thread::sleep(Duration::from_millis(300));
            done(database) == rows
        });
        assert_eq!(state(database), "paused");
        let rows = done(database);
        assert!(rows < 2_000, "{rows}");
        let told = succeeded(run(database, &["backfill", "resume", "b1"]));
        assert_eq!(told.stderr, "The backfill b1 is resumed: its workers continue\n");
        let finished = succeeded(worker.finish());
        assert!(finished.stderr.contains("Backfill b1: 2,000 rows in "), "{}", finished.stderr);
        assert_eq!(texts(database), ["+ 2000"]);
    }

    fn a_cancelled_one_ends_its_worker_and_can_be_resumed(database: &Database) {
        create_items(database, 2_000);
        let worker = start(database, 20, &["upgrade"]);
        wait_until("some batches are done", || done(database) >= 100);
        succeeded(run(database, &["backfill", "cancel", "b1"]));
        let finished = worker.finish();
        assert_eq!(finished.status.code(), Some(13), "{}", finished.stderr);
        assert!(finished.stderr.contains("caused by: the backfill is cancelled"), "{}", finished.stderr);
        let refused = run(database, &["backfill", "run", "b1"]);
        assert_eq!(refused.status.code(), Some(13), "{}", refused.stderr);
        assert_eq!(state(database), "cancelled");
        succeeded(run(database, &["backfill", "resume", "b1"]));
        succeeded(run(database, &["backfill", "run"]));
        assert_eq!(texts(database), ["+ 2000"]);
    }

    fn one_whose_worker_was_killed_is_stalled(database: &Database) {
        create_items(database, 2_000);
        let mut worker = start(database, 50, &["upgrade"]);
        wait_until("some batches are done", || done(database) >= 100);
        assert_eq!(state(database), "running");
        worker.kill();
        wait_until("the server has noticed", || state(database) == "stalled");
        let told = succeeded(run(database, &["backfill", "status"]));
        assert!(told.stdout.contains("stalled, its worker is gone"), "{}", told.stdout);
        succeeded(run(database, &["upgrade"]));
        assert_eq!(texts(database), ["+ 2000"]);
    }
}

fn thousands(number: u64) -> String {
    if number < 1_000 { number.to_string() } else { format!("{},{:03}", number / 1_000, number % 1_000) }
}
