//! I8: a step outside a transaction is journaled, and the next run continues it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use migrate_core::Options;
use migrate_core::connection::{Dialect, Driver as _};
use migrate_core::prelude::BodyError;
use migrate_core::runner::{Error, Event};
use migrate_tests::on_each_server;
use migrate_tests::testkit::{History, Postgres, SqliteFile, Step, Worker};

use crate::worker::{self, ALL_APPLIED, assert_succeeded, wait_until};

fn half_applied() -> (Step, Arc<AtomicBool>) {
    let broken = Arc::new(AtomicBool::new(true));
    let told = Arc::clone(&broken);
    let step = Step::new("b1").on(&["a1"]).outside_transaction().up(move |cx| {
        cx.execute("CREATE TABLE IF NOT EXISTS t_b1 (id integer)")?;
        if told.load(Ordering::SeqCst) { Err(BodyError::new("half way")) } else { Ok(()) }
    });
    (step, broken)
}

on_each_server! {
    fn a_half_applied_step_is_resumed_by_the_next_run(database: &Database) {
        let (step, broken) = half_applied();
        let (sender, events) = std::sync::mpsc::channel();
        let migrator = History::chain(&["a1"])
            .with(step)
            .with(Step::new("c1").on(&["b1"]))
            .migrator()
            .on_event(move |event| sender.send(event.clone()).unwrap());
        let first = Options { applied_by: "first@nowhere (pid 1)".to_owned(), ..migrator.options().clone() };
        let second = Options { applied_by: "second@nowhere (pid 2)".to_owned(), ..first.clone() };
        let migrator = migrator.with_options(first);
        let mut connection = database.connect();
        let error = migrator.upgrade(&mut connection, "heads").unwrap_err();
        let Error::Stopped { half_done: true, report, .. } = error else { panic!("{error:?}") };
        assert_eq!(report.steps.len(), 1);
        assert_eq!(database.ledger(), ["a1 applied", "b1 running"]);
        assert!(database.has_table("t_b1"), "what it did has stayed");
        let status = migrator.status(&mut connection).unwrap();
        assert_eq!(status.heads, ["a1"]);
        assert!(!status.is_current());
        let error = migrator.ensure_current(&mut connection).unwrap_err();
        assert_eq!(error.to_string(), "revision b1 was left in the middle of an upgrade");
        // Undoing what lies below it would leave it without its parent.
        let error = migrator.downgrade(&mut connection, "base").unwrap_err();
        assert!(matches!(error, Error::Interrupted { .. }), "{error:?}");

        broken.store(false, Ordering::SeqCst);
        let _ = events.try_iter().count();
        let migrator = migrator.with_options(second);
        let report = migrator.upgrade(&mut connection, "heads").unwrap();
        assert_eq!(report.steps.len(), 2);
        let resumed = Event::Resumed {
            revision: "b1".to_owned(),
            applied_by: "first@nowhere (pid 1)".to_owned(),
        };
        assert!(events.try_iter().any(|event| event == resumed));
        assert_eq!(database.ledger(), ["a1 applied", "b1 applied", "c1 applied"]);
        assert_eq!(
            database.events(),
            ["upgrade a1", "failure b1", "upgrade b1", "upgrade c1"]
        );
        let who = "SELECT applied_by FROM migrate_ledger WHERE revision = 'b1'";
        assert_eq!(database.one(who), "second@nowhere (pid 2)", "who finished it");
    }

    fn a_half_undone_step_is_resumed_by_the_next_downgrade(database: &Database) {
        let broken = Arc::new(AtomicBool::new(true));
        let told = Arc::clone(&broken);
        let step = Step::new("b1").on(&["a1"]).outside_transaction().down(move |cx| {
            cx.execute("DROP TABLE IF EXISTS t_b1")?;
            if told.load(Ordering::SeqCst) { Err(BodyError::new("half way")) } else { Ok(()) }
        });
        let migrator = History::chain(&["a1"]).with(step).with(Step::new("c1").on(&["b1"])).migrator();
        let mut connection = database.connect();
        migrator.upgrade(&mut connection, "heads").unwrap();
        let error = migrator.downgrade(&mut connection, "base").unwrap_err();
        let Error::Stopped { half_done: true, revision, .. } = error else { panic!("{error:?}") };
        assert_eq!(revision, "b1");
        assert_eq!(database.ledger(), ["a1 applied", "b1 reverting"]);
        let error = migrator.upgrade(&mut connection, "heads").unwrap_err();
        assert_eq!(error.to_string(), "revision b1 was left in the middle of a downgrade");
        broken.store(false, Ordering::SeqCst);
        assert_eq!(migrator.downgrade(&mut connection, "base").unwrap().steps.len(), 2);
        assert!(database.ledger().is_empty());
        assert_eq!(migrator.upgrade(&mut connection, "heads").unwrap().steps.len(), 3);
    }

    fn a_step_that_was_made_transactional_after_it_was_left_half_applied_is_resumed(database: &Database) {
        let (step, _) = half_applied();
        History::chain(&["a1"]).with(step).migrator().upgrade(&mut database.connect(), "heads").unwrap_err();
        let repaired =
            Step::new("b1").on(&["a1"]).up(|cx| cx.execute("CREATE TABLE IF NOT EXISTS t_b1 (id integer)"));
        History::chain(&["a1"]).with(repaired).migrator().upgrade(&mut database.connect(), "heads").unwrap();
        assert_eq!(database.ledger(), ["a1 applied", "b1 applied"]);
    }

    fn a_row_that_was_removed_during_a_step_is_not_reported_as_applied(database: &Database) {
        let step = Step::new("a1").outside_transaction().up(|cx| cx.execute("DELETE FROM migrate_ledger"));
        let error = History::new().with(step).migrator().upgrade(&mut database.connect(), "heads").unwrap_err();
        assert!(matches!(error, Error::Diverged { .. } | Error::Stopped { .. }), "{error:?}");
        assert!(database.ledger().is_empty());
    }

    fn a_process_that_is_killed_outside_a_transaction_is_continued(database: &Database) {
        assert_succeeded(&worker::run(database.url(), &["upgrade", "e1"]));
        let mut victim =
            worker::start_with(database.url(), &["upgrade", "heads"], &[("STEP_MS", "60000")]);
        wait_until("the step runs", || database.ledger().contains(&"f1 running".to_owned()));
        victim.kill();
        let finished = worker::run(database.url(), &["upgrade", "heads"]);
        assert_succeeded(&finished);
        assert!(finished.stdout.contains("Resuming f1, which "), "{}", finished.stdout);
        assert_eq!(database.ledger(), ALL_APPLIED);
    }
}

#[test]
fn the_limits_of_a_step_outside_a_transaction_do_not_outlive_it() {
    use std::time::Duration;

    let database = Postgres::shared().database();
    let seen = Step::new("a1").outside_transaction().up(|cx| {
        cx.execute(
            "DO $$ BEGIN ASSERT current_setting('lock_timeout') = '1234ms', current_setting('lock_timeout'); \
             END $$",
        )
    });
    let panics = Step::new("b1").on(&["a1"]).outside_transaction().up(|_| panic!("a bug in a migration"));
    let migrator = History::new().with(seen).with(panics).migrator();
    let options = Options {
        lock_timeout: Some(Duration::from_millis(1234)),
        statement_timeout: Some(Duration::from_secs(77)),
        ..migrator.options().clone()
    };
    let migrator = migrator.with_options(options);
    let mut connection = database.connect();
    // The application's own settings on its own connection.
    connection.batch("SET lock_timeout = '9s'; SET statement_timeout = '8s'").unwrap();
    let settings = |connection: &mut migrate_core::AnyConnection| {
        let sql = "SELECT current_setting('lock_timeout') || ' ' || current_setting('statement_timeout')";
        connection.query(sql, &[]).unwrap()[0][0].clone().unwrap()
    };
    migrator.upgrade(&mut connection, "a1").unwrap();
    assert_eq!(settings(&mut connection), "9s 8s");
    let run = std::panic::AssertUnwindSafe(|| migrator.upgrade(&mut connection, "heads"));
    std::panic::catch_unwind(run).unwrap_err();
    assert_eq!(settings(&mut connection), "9s 8s");
}

#[test]
fn of_several_runs_without_a_lock_one_continues_a_step_and_the_others_wait() {
    for database in [SqliteFile::new().into_database(), Postgres::shared().database()] {
        let arguments = ["--lock", "none", "upgrade", "heads"];
        assert_succeeded(&worker::run(database.url(), &["upgrade", "e1"]));
        let mut victim = worker::start_with(database.url(), &arguments, &[("STEP_MS", "60000")]);
        wait_until("the step runs", || database.ledger().contains(&"f1 running".to_owned()));
        victim.kill();
        let start = || worker::start_with(database.url(), &arguments, &[("STEP_MS", "300")]);
        let runs: Vec<Worker> = if database.dialect() == Dialect::Postgres {
            // All of them have seen whose step it was before the first one makes it its own.
            let mut holder = database.connect();
            holder.batch("BEGIN; SELECT 1 FROM migrate_ledger WHERE revision = 'f1' FOR UPDATE").unwrap();
            let runs = (0..4).map(|_| start()).collect();
            let waiting = "SELECT count(*)::text FROM pg_stat_activity \
                 WHERE wait_event_type = 'Lock' AND datname = current_database()";
            wait_until("all want the step", || database.one(waiting) == "4");
            holder.batch("COMMIT").unwrap();
            runs
        } else {
            (0..4).map(|_| start()).collect()
        };
        let finished: Vec<_> = runs.into_iter().map(Worker::finish).collect();
        for run in &finished {
            assert_succeeded(run);
        }
        let resumed = finished.iter().filter(|run| run.stdout.contains("Resuming f1")).count();
        assert_eq!(resumed, 1, "{finished:#?}");
        assert_eq!(database.ledger(), ALL_APPLIED);
    }
}
