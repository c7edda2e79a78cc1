//! I3: a step and its ledger row commit together, or neither of them does.

use migrate_core::runner::Error;
use migrate_tests::on_each_server;
use migrate_tests::testkit::{History, Step};

on_each_server! {
    fn a_step_commits_with_its_row_its_changes_and_its_event(database: &Database) {
        let report = History::chain(&["a1", "b1"]).migrator().upgrade(&mut database.connect(), "heads").unwrap();
        assert_eq!(report.heads, ["b1"]);
        assert_eq!(database.ledger(), ["a1 applied", "b1 applied"]);
        assert_eq!(database.log(), ["upgrade a1", "upgrade b1"]);
        assert_eq!(database.events(), ["upgrade a1", "upgrade b1"]);
        assert!(database.has_table("t_a1") && database.has_table("t_b1"));
    }

    fn a_failing_body_leaves_neither_row_nor_changes(database: &Database) {
        let migrator =
            History::chain(&["a1"]).with(Step::new("b1").on(&["a1"]).failing()).migrator();
        let error = migrator.upgrade(&mut database.connect(), "heads").unwrap_err();
        assert_eq!(error.to_string(), "upgrade stopped at b1 after 1 of 2 steps");
        let Error::Stopped { half_done: false, cause, .. } = error else { panic!("{error:?}") };
        assert_eq!(cause.to_string(), "this step is meant to fail");
        assert_eq!(database.ledger(), ["a1 applied"]);
        assert_eq!(database.log(), ["upgrade a1"]);
        assert_eq!(database.events(), ["upgrade a1", "failure b1"]);
        assert!(!database.has_table("t_b1"));
    }
}
