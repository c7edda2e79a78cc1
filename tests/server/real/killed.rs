//! Processes that are killed while they migrate.

use std::time::Duration;

use migrate_tests::testkit::Database;

use crate::worker::{assert_succeeded, start_with};

/// The key of the secrets of `quay`.
pub(super) const SECRET_KEY: &str = "0123456789abcdef0123456789abcdef";

/// Migrates in a process that is killed at random moments, and in another one, until one reaches its end.
///
/// Fails if less than two were killed with some of the rows done and some not; `done` counts those that are.
#[track_caller]
pub(super) fn upgrade_killed(database: &Database, name: &str, target: &str, done: &str) {
    let arguments = ["--real", name, "upgrade", target];
    let environment = [("QUAY_SECRET_KEY", SECRET_KEY)];
    let (mut in_the_middle, mut longest, mut before) = (0, 600, 0);
    for _ in 0..12 {
        let mut victim = start_with(database.url(), &arguments, &environment);
        std::thread::sleep(Duration::from_millis(fastrand::u64(50..longest)));
        victim.kill();
        let ledger = database.ledger();
        if ledger.iter().any(|row| row == &format!("{target} applied")) {
            break;
        }
        let after =
            if ledger.iter().any(|row| row.ends_with(" running")) { count(database, done) } else { 0 };
        if after > before {
            in_the_middle += 1;
            before = after;
        } else {
            // On a busy machine it takes longer to get there.
            longest = (longest * 2).min(10_000);
        }
        if in_the_middle == 4 {
            break;
        }
    }
    assert!(in_the_middle >= 2, "{in_the_middle} were killed in the middle");
    assert_succeeded(&start_with(database.url(), &arguments, &environment).finish());
}

fn count(database: &Database, sql: &str) -> u64 {
    database.one(sql).parse().unwrap()
}
