//! The examples that are one connection each.

use std::process::Command;

use migrate_core::connection::Dialect;
use migrate_tests::on_each_server;
use migrate_tests::testkit::Database;

use crate::service::all_applied;

/// What a program says on stdout; fails with what it says on stderr unless it succeeds.
pub(crate) fn run(program: &str, url: &str) -> String {
    let output = Command::new(program).env("DATABASE_URL", url).output().expect("the example starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

/// A database without the testkit's own table, which a first upgrade would ask about.
pub(crate) fn empty(database: &Database) {
    database.execute("DROP TABLE applied_log");
}

on_each_server! {
    fn borrowed_migrates_and_then_has_nothing_to_do(database: &Database) {
        empty(database);
        let said = run(env!("CARGO_BIN_EXE_borrowed"), database.url());
        let kind = if database.dialect() == Dialect::Sqlite { "sqlite://" } else { "postgres://postgres:***@" };
        assert!(said.starts_with(&format!("13 revisions are pending on {kind}")), "{said}");
        assert!(said.contains("\nRunning upgrade  -> 4b1f0c7a92de, Baseline: users"), "{said}");
        assert!(
            said.ends_with(
                "\n13 steps taken, now at 3fa68b1d92e5\nand again: 0 steps\n13 revisions, current: true\n"
            ),
            "{said}"
        );
        assert_eq!(database.ledger(), all_applied());
    }

    fn pooled_migrates_before_the_requests(database: &Database) {
        empty(database);
        let said = run(env!("CARGO_BIN_EXE_pooled"), database.url());
        assert_eq!(
            said,
            "13 steps taken, now at 3fa68b1d92e5\nrequest 1: 0 characters\nrequest 2: 0 characters\n\
             request 3: 0 characters\nrequest 4: 0 characters\n"
        );
        assert_eq!(database.ledger(), all_applied());
    }

    fn spawn_blocking_leaves_the_runtime_free(database: &Database) {
        empty(database);
        let said = run(env!("CARGO_BIN_EXE_spawn-blocking"), database.url());
        assert_eq!(
            said,
            "13 steps taken, now at 3fa68b1d92e5\nmeanwhile this thread was free for other tasks: true\n"
        );
        assert_eq!(database.ledger(), all_applied());
    }
}

#[test]
fn each_connection_in_memory_is_a_database_of_its_own() {
    let said = run(env!("CARGO_BIN_EXE_in-memory"), "");
    assert_eq!(said, "the first database knows [\"Ada\"]\nthe second database knows []\n");
}
