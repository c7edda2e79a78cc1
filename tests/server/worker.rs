//! Shorthand for runs of `migrate-worker`.

use std::time::{Duration, Instant};

use migrate_tests::testkit::{Finished, Worker};

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_migrate-worker");

/// Every revision of the fixture, as the ledger shows it when all are applied.
pub(crate) const ALL_APPLIED: [&str; 7] =
    ["a1 applied", "b1 applied", "b2 applied", "c1 applied", "c2 applied", "e1 applied", "f1 applied"];

pub(crate) fn start(url: &str, arguments: &[&str]) -> Worker {
    start_with(url, arguments, &[])
}

pub(crate) fn start_with(url: &str, arguments: &[&str], environment: &[(&str, &str)]) -> Worker {
    let mut all = vec![url];
    all.extend(arguments);
    Worker::start(PROGRAM, &all, environment)
}

pub(crate) fn run(url: &str, arguments: &[&str]) -> Finished {
    start(url, arguments).finish()
}

#[track_caller]
pub(crate) fn assert_succeeded(worker: &Finished) {
    assert!(worker.status.success(), "{}\n{}\n{}", worker.status, worker.stdout, worker.stderr);
}

/// Waits until `condition` holds; fails after 30 seconds.
#[track_caller]
pub(crate) fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    let started = Instant::now();
    while !condition() {
        assert!(started.elapsed() < Duration::from_secs(30), "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}
