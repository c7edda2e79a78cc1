//! `run_backfill`: alone, beside an upgrade, beside others.

use std::time::Duration;

use migrate_core::backfill::Pace;
use migrate_core::connection::Driver as _;
use migrate_core::runner::Error;
use migrate_tests::backfills::{Append, checkpoint, create_items, history, texts};
use migrate_tests::on_each_server;
use migrate_tests::testkit::{History, Postgres, Step};

use super::{append_slowly, at_work, with_workers};
use crate::backfill::upgrade;
use crate::worker::{assert_succeeded, start, wait_until};

on_each_server! {
    fn a_backfill_is_run_alone_once_its_parents_are_applied(database: &Database) {
        create_items(database, 95);
        let migrator = history(Append::default());
        let error = migrator.run_backfill(&mut database.connect(), "b1").unwrap_err();
        let Error::NotNext { revision, missing } = &error else { panic!("{error:?}") };
        assert_eq!((revision.as_str(), missing.as_slice()), ("b1", ["a1".to_owned()].as_slice()));
        assert_eq!(error.to_string(), "backfill b1 builds on a revision that is not applied: a1");
        migrator.upgrade(&mut database.connect(), "a1").unwrap();
        let report = migrator.run_backfill(&mut database.connect(), "b1").unwrap();
        assert_eq!(report.heads, ["b1"]);
        assert_eq!(report.steps[0].backfill.clone().unwrap().rows, 95);
        assert_eq!(database.ledger(), ["a1 applied", "b1 applied"]);
        assert_eq!(checkpoint(database), "done 95 10 0 189");
        let again = migrator.run_backfill(&mut database.connect(), "b1").unwrap();
        assert!(again.steps.is_empty());
        assert_eq!(again.heads, ["b1"]);
    }

    fn what_is_no_backfill_is_not_run(database: &Database) {
        let migrator = history(Append::default());
        let error = migrator.run_backfill(&mut database.connect(), "a1").unwrap_err();
        assert!(matches!(&error, Error::NotABackfill { revision } if revision == "a1"), "{error:?}");
        migrator.run_backfill(&mut database.connect(), "x9").unwrap_err();
    }

    fn it_goes_on_with_what_an_upgrade_has_left(database: &Database) {
        create_items(database, 95);
        upgrade(&history(Append::default().failing_at(&[41])), database).unwrap_err();
        history(Append::default()).run_backfill(&mut database.connect(), "b1").unwrap();
        assert_eq!(texts(database), ["+ 95"]);
    }

    fn a_panic_leaves_no_transaction_open_on_the_connection(database: &Database) {
        create_items(database, 95);
        let append = Append::default().before_apply(|_, rows| {
            assert!(rows.iter().all(|(id, _)| *id != 41), "this row is too much");
            Ok(())
        });
        let migrator = history(append);
        migrator.upgrade(&mut database.connect(), "a1").unwrap();
        let mut connection = database.connect();
        let run = std::panic::AssertUnwindSafe(|| migrator.run_backfill(&mut connection, "b1"));
        std::panic::catch_unwind(run).unwrap_err();
        assert_eq!(connection.transaction_depth(), Some(0));
        history(Append::default()).run_backfill(&mut connection, "b1").unwrap();
        assert_eq!(texts(database), ["+ 95"]);
    }

    fn two_processes_that_run_it_finish_it_once(database: &Database) {
        create_items(database, 2_000);
        assert_succeeded(&start(database.url(), &["--backfill", "upgrade", "a1"]).finish());
        let workers: Vec<_> = (0..2).map(|_| start(database.url(), &["--backfill", "run", "b1"])).collect();
        for worker in workers {
            assert_succeeded(&worker.finish());
        }
        assert_eq!(texts(database), ["+ 2000"]);
        assert_eq!(database.events(), ["upgrade a1", "upgrade b1"]);
    }
}

#[test]
fn processes_join_the_backfill_of_an_upgrade_that_holds_the_run_lock() {
    let database = Postgres::shared().database();
    create_items(&database, 3_000);
    let pace = Pace { start: 10, max: 10, min: 10, ..Pace::default() };
    let migrator = with_workers(Append { pace, ..append_slowly(5) }, &database, 1);
    let join = with_workers(append_slowly(5), &database, 2);
    std::thread::scope(|scope| {
        let run = scope.spawn(|| upgrade(&migrator, &database));
        wait_until("one is at work", || at_work(&database) == 1);
        let joined = scope.spawn(|| join.run_backfill(&mut database.connect(), "b1"));
        wait_until("three are at work", || at_work(&database) == 3);
        let report = joined.join().unwrap().unwrap();
        assert_eq!(report.heads, ["b1"]);
        let report = run.join().unwrap().unwrap();
        assert_eq!(report.steps[1].backfill.clone().unwrap().rows, 3_000);
    });
    assert_eq!(texts(&database), ["+ 3000"]);
    assert_eq!(database.events(), ["upgrade a1", "upgrade b1"], "it is finished once");
    assert_eq!(database.one("SELECT CAST(count(*) AS text) FROM migrate_checkpoint"), "1");
}

#[test]
fn an_upgrade_of_another_branch_is_not_kept_waiting() {
    let database = Postgres::shared().database();
    create_items(&database, 2_000);
    let revisions = |append| {
        let history = History::new().with(Step::new("a1")).with(Step::new("c1").on(&["a1"]));
        history.with_backfill("b1", &["a1"], append).migrator()
    };
    revisions(Append::default()).upgrade(&mut database.connect(), "a1").unwrap();
    std::thread::scope(|scope| {
        let running = revisions(append_slowly(5));
        let url = database.url();
        let run = scope.spawn(move || running.run_backfill(&mut migrate_tests::testkit::connect(url), "b1"));
        wait_until("one is at work", || at_work(&database) == 1);
        revisions(Append::default()).upgrade(&mut database.connect(), "c1").unwrap();
        assert_eq!(database.ledger(), ["a1 applied", "b1 running", "c1 applied"]);
        std::thread::sleep(Duration::from_millis(10));
        run.join().unwrap().unwrap();
    });
    assert_eq!(texts(&database), ["+ 2000"]);
}
