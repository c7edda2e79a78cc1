//! `single_transaction`: all or nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use migrate_core::prelude::BodyError;
use migrate_core::runner::Error;
use migrate_core::{AnyConnection, Migrator, Options};
use migrate_tests::on_each_server;
use migrate_tests::testkit::{History, Postgres, Step};

fn single(migrator: Migrator<AnyConnection>) -> Migrator<AnyConnection> {
    let options = Options { single_transaction: true, ..migrator.options().clone() };
    migrator.with_options(options)
}

on_each_server! {
    fn all_steps_commit_together(database: &Database) {
        let migrator = single(History::chain(&["a1", "b1", "c1"]).migrator());
        let report = migrator.upgrade(&mut database.connect(), "heads").unwrap();
        assert_eq!(report.steps.len(), 3);
        assert_eq!(report.heads, ["c1"]);
        assert_eq!(database.ledger(), ["a1 applied", "b1 applied", "c1 applied"]);
        let report = migrator.downgrade(&mut database.connect(), "base").unwrap();
        assert!(report.heads.is_empty());
        assert!(database.ledger().is_empty());
        assert!(!database.has_table("t_a1"));
    }

    fn one_failure_undoes_all_steps(database: &Database) {
        let migrator =
            single(History::chain(&["a1", "b1"]).with(Step::new("c1").on(&["b1"]).failing()).migrator());
        let error = migrator.upgrade(&mut database.connect(), "heads").unwrap_err();
        assert_eq!(error.to_string(), "upgrade stopped at c1 after 0 of 3 steps", "none has stayed");
        let Error::Stopped { report, half_done: false, .. } = error else { panic!("{error:?}") };
        assert!(report.steps.is_empty() && report.heads.is_empty(), "{report:?}");
        assert!(database.ledger().is_empty());
        assert!(database.log().is_empty());
        assert!(!database.has_table("t_a1"));
        assert_eq!(database.events(), ["failure c1"]);
    }

    fn a_step_outside_a_transaction_is_refused_before_anything_runs(database: &Database) {
        let outside = Step::new("b1").on(&["a1"]).outside_transaction();
        let migrator = single(History::chain(&["a1"]).with(outside).migrator());
        let error = migrator.upgrade(&mut database.connect(), "heads").unwrap_err();
        assert_eq!(error.to_string(), "revision b1 runs outside a transaction, so it cannot be part of one");
        assert!(!database.has_table("migrate_ledger"));
    }

    fn a_body_that_commits_by_hand_is_found_out(database: &Database) {
        let step = Step::new("b1").on(&["a1"]).up(|cx| cx.execute("COMMIT"));
        let migrator = single(History::chain(&["a1"]).with(step).migrator());
        let error = migrator.upgrade(&mut database.connect(), "heads").unwrap_err();
        assert!(matches!(error, Error::Stopped { .. }), "{error:?}");
        let stayed = database.ledger();
        assert!(stayed.contains(&"a1 applied".to_owned()), "what the body committed has stayed: {stayed:?}");
    }
}

#[test]
fn a_passing_failure_runs_all_steps_again() {
    let database = Postgres::shared().database();
    let tries = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&tries);
    let step = Step::new("b1").on(&["a1"]).up(move |_| {
        if count.fetch_add(1, Ordering::SeqCst) == 0 {
            use diesel::result::{DatabaseErrorKind, Error};
            let information = Box::new("deadlock detected".to_owned());
            return Err(BodyError::from(Error::DatabaseError(DatabaseErrorKind::Unknown, information)));
        }
        Ok(())
    });
    let migrator = single(History::chain(&["a1"]).with(step).migrator());
    let report = migrator.upgrade(&mut database.connect(), "heads").unwrap();
    let done: Vec<_> = report.steps.iter().map(|step| step.revision.as_str()).collect();
    assert_eq!(done, ["a1", "b1"]);
    assert_eq!(database.log(), ["upgrade a1", "upgrade b1"]);
}
