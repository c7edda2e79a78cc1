//! `downgrade`, `redo` and `stamp` where a backfill stopped in the middle, or is still at work.

use migrate_core::runner::Error;
use migrate_tests::backfills::{Append, create_items, texts};
use migrate_tests::on_each_server;
use migrate_tests::testkit::{Database, History, Step};

use super::{Standing, around, plain, stopping_after};

/// The rows of the tables of backfills.
fn traces(database: &Database) -> String {
    database.one(
        "SELECT (SELECT CAST(count(*) AS text) FROM migrate_checkpoint) || ' ' || \
         (SELECT CAST(count(*) AS text) FROM migrate_rejected_row)",
    )
}

fn stop_in_the_middle(database: &Database) {
    let bad = Append { max_rejected: 5, ..Append::default().failing_at(&[3]) };
    stopping_after(3, around(bad).migrator()).upgrade(&mut database.connect(), "c1").unwrap_err();
    assert_eq!(database.ledger(), ["a1 applied", "b1 running"]);
    assert_ne!(traces(database), "0 0");
}

on_each_server! {
    fn a_backfill_that_is_half_done_is_undone_like_any_other(database: &Database) {
        create_items(database, 95);
        for target in ["a1", "-1", "base"] {
            stop_in_the_middle(database);
            let report = plain().downgrade(&mut database.connect(), target).unwrap();
            assert_eq!(report.steps[0].revision, "b1", "{target}");
            assert_eq!(texts(database), [" 95"], "its `down` ran: {target}");
            assert_eq!(traces(database), "0 0", "{target}");
            let expected = if target == "base" { vec![] } else { vec!["a1 applied".to_owned()] };
            assert_eq!(database.ledger(), expected);
        }
    }

    fn it_is_begun_anew_after_that(database: &Database) {
        create_items(database, 95);
        stop_in_the_middle(database);
        plain().downgrade(&mut database.connect(), "-1").unwrap();
        plain().upgrade(&mut database.connect(), "b1").unwrap();
        assert_eq!(texts(database), ["+ 95"]);
        assert_eq!(database.ledger(), ["a1 applied", "b1 applied"]);
    }

    fn a_downgrade_elsewhere_leaves_it_alone(database: &Database) {
        create_items(database, 95);
        let labelled = || {
            History::new()
                .with(Step::new("a1"))
                .with_backfill("b1", &["a1"], Append::default())
                .with(Step::new("s1"))
                .migrator()
        };
        labelled().upgrade(&mut database.connect(), "s1").unwrap();
        stopping_after(1, labelled()).upgrade(&mut database.connect(), "b1").unwrap_err();
        assert!(labelled().downgrade(&mut database.connect(), "b1").unwrap().steps.is_empty());
        labelled().downgrade(&mut database.connect(), "s1@base").unwrap();
        assert_eq!(database.ledger(), ["a1 applied", "b1 running"]);
        assert_ne!(traces(database), "0 0");
    }

    fn who_still_works_on_it_stops_and_commits_nothing_more(database: &Database) {
        create_items(database, 95);
        let (worker, standing) = Standing::of(plain());
        let mut elsewhere = database.connect();
        std::thread::scope(|scope| {
            let run = scope.spawn(|| worker.upgrade(&mut elsewhere, "b1"));
            standing.wait();
            plain().downgrade(&mut database.connect(), "a1").unwrap();
            standing.release();
            let stopped = run.join().unwrap().unwrap_err();
            assert!(matches!(stopped, Error::Stopped { half_done: true, .. }), "{stopped:?}");
        });
        assert_eq!(texts(database), [" 95"]);
        assert_eq!(database.ledger(), ["a1 applied"]);
        assert_eq!(traces(database), "0 0");
    }

    fn a_stamp_past_it_ends_it_and_one_below_it_forgets_it(database: &Database) {
        create_items(database, 95);
        for (target, ledger) in [("b1", vec!["a1 applied", "b1 applied"]), ("a1", vec!["a1 applied"]), ("base", vec![])] {
            stop_in_the_middle(database);
            plain().stamp(&mut database.connect(), &[target], false).unwrap();
            assert_eq!(database.ledger(), ledger, "{target}");
            assert_eq!(traces(database), "0 0", "{target}");
            plain().downgrade(&mut database.connect(), "base").unwrap();
        }
    }

    fn a_stamp_elsewhere_leaves_it_alone(database: &Database) {
        create_items(database, 95);
        stop_in_the_middle(database);
        plain().stamp(&mut database.connect(), &["s1"], false).unwrap();
        assert_eq!(database.ledger(), ["a1 applied", "b1 running", "s1 applied"]);
        assert_ne!(traces(database), "0 0");
    }

    fn who_still_works_on_what_was_stamped_stops(database: &Database) {
        create_items(database, 95);
        let (worker, standing) = Standing::of(plain());
        let mut elsewhere = database.connect();
        std::thread::scope(|scope| {
            let run = scope.spawn(|| worker.upgrade(&mut elsewhere, "b1"));
            standing.wait();
            plain().stamp(&mut database.connect(), &["b1"], false).unwrap();
            standing.release();
            run.join().unwrap().unwrap_err();
        });
        assert_eq!(texts(database), [" 75", "+ 20"]);
        assert_eq!(database.ledger(), ["a1 applied", "b1 applied"]);
    }
}
