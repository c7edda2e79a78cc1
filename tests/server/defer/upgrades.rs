//! `Options::defer_backfills`.

use migrate_core::plan::PlanError;
use migrate_core::runner::Error;
use migrate_tests::backfills::{Append, create_items, texts};
use migrate_tests::on_each_server;

use super::{Standing, around, deferring, left, plain, stopping_after};

const LEFT: [&str; 3] = ["b1: ", "c1: b1", "d1: b1"];

on_each_server! {
    fn a_backfill_is_left_with_all_that_needs_it_until_an_upgrade_without_the_option(database: &Database) {
        create_items(database, 25);
        let migrator = deferring(plain());
        let report = migrator.upgrade(&mut database.connect(), "heads").unwrap();
        assert_eq!(report.steps.iter().map(|step| step.revision.as_str()).collect::<Vec<_>>(), ["a1", "s1"]);
        assert_eq!((left(&report), report.heads), (LEFT.map(str::to_owned).to_vec(), vec!["s1".to_owned()]));
        assert_eq!(database.ledger(), ["a1 applied", "s1 applied"]);
        assert_eq!(texts(database), [" 25"]);

        let again = migrator.upgrade(&mut database.connect(), "heads").unwrap();
        assert_eq!((again.steps.len(), left(&again)), (0, LEFT.map(str::to_owned).to_vec()));

        let report = plain().upgrade(&mut database.connect(), "heads").unwrap();
        assert_eq!((report.steps.len(), report.deferred.len()), (3, 0));
        assert_eq!(texts(database), ["+ 25"]);
        let done = migrator.upgrade(&mut database.connect(), "heads").unwrap();
        assert_eq!((done.steps.len(), done.deferred.len(), done.heads), (0, 0, vec!["c1".to_owned(), "d1".to_owned()]));
    }

    fn a_revision_that_is_left_is_no_target(database: &Database) {
        create_items(database, 5);
        let migrator = deferring(plain());
        migrator.upgrade(&mut database.connect(), "s1").unwrap();
        for (target, waits_for) in [("b1", ""), ("c1", "b1"), ("d1", "b1"), ("b1+1", "b1"), ("a1+2", "b1")] {
            let error = migrator.upgrade(&mut database.connect(), target);
            let Err(Error::Plan(PlanError::Deferred { waits_for: found, .. })) = &error else {
                // `a1+2` could be either branch.
                assert!(matches!(error, Err(Error::Plan(PlanError::AmbiguousWalk { .. }))), "{target}: {error:?}");
                continue;
            };
            assert_eq!(found.join(" "), waits_for, "{target}");
        }
        assert_eq!(database.ledger(), ["a1 applied", "s1 applied"]);
    }

    fn a_database_is_current_where_only_what_is_deferred_is_pending(database: &Database) {
        create_items(database, 25);
        let (strict, lenient) = (plain(), deferring(plain()));
        let pending = |error: Error| match error {
            Error::NotCurrent { pending } => pending.join(" "),
            other => panic!("{other:?}"),
        };
        assert_eq!(pending(lenient.ensure_current(&mut database.connect()).unwrap_err()), "a1 s1");
        lenient.upgrade(&mut database.connect(), "heads").unwrap();
        lenient.ensure_current(&mut database.connect()).unwrap();
        assert_eq!(pending(strict.ensure_current(&mut database.connect()).unwrap_err()), "b1 c1 d1");

        stopping_after(1, plain()).upgrade(&mut database.connect(), "heads").unwrap_err();
        assert!(database.ledger().contains(&"b1 running".to_owned()));
        lenient.ensure_current(&mut database.connect()).unwrap();
        let refused = strict.ensure_current(&mut database.connect()).unwrap_err();
        assert!(matches!(refused, Error::Interrupted { .. }), "{refused:?}");
        strict.upgrade(&mut database.connect(), "heads").unwrap();
        strict.ensure_current(&mut database.connect()).unwrap();
    }

    fn a_backfill_that_somebody_works_on_is_no_obstacle(database: &Database) {
        create_items(database, 95);
        let (worker, standing) = Standing::of(plain());
        let mut elsewhere = database.connect();
        std::thread::scope(|scope| {
            let run = scope.spawn(|| worker.upgrade(&mut elsewhere, "c1"));
            standing.wait();
            let report = deferring(plain()).upgrade(&mut database.connect(), "heads").unwrap();
            assert_eq!(report.steps.iter().map(|step| step.revision.as_str()).collect::<Vec<_>>(), ["s1"]);
            assert_eq!(left(&report), LEFT);
            assert_eq!(database.ledger(), ["a1 applied", "b1 running", "s1 applied"]);
            standing.release();
            run.join().unwrap().unwrap();
        });
        assert_eq!(texts(database), ["+ 95"]);
        let report = deferring(plain()).upgrade(&mut database.connect(), "heads").unwrap();
        assert_eq!((report.steps[0].revision.as_str(), report.deferred.len()), ("d1", 0));
    }

    fn who_defers_backfills_can_still_run_one_of_them(database: &Database) {
        create_items(database, 25);
        let migrator = deferring(plain());
        migrator.upgrade(&mut database.connect(), "heads").unwrap();
        let report = migrator.run_backfill(&mut database.connect(), "b1").unwrap();
        assert_eq!((report.steps[0].revision.as_str(), texts(database)), ("b1", vec!["+ 25".to_owned()]));
        let report = migrator.upgrade(&mut database.connect(), "heads").unwrap();
        assert_eq!(report.steps.iter().map(|step| step.revision.as_str()).collect::<Vec<_>>(), ["c1", "d1"]);
        assert!(report.deferred.is_empty());
    }

    fn what_is_left_is_left_by_one_transaction_too(database: &Database) {
        create_items(database, 5);
        let migrator = deferring(around(Append::default()).migrator());
        let options = migrate_core::Options { single_transaction: true, ..migrator.options().clone() };
        let report = migrator.with_options(options).upgrade(&mut database.connect(), "heads").unwrap();
        assert_eq!((report.steps.len(), left(&report).len()), (2, 3));
        assert_eq!(database.ledger(), ["a1 applied", "s1 applied"]);
    }
}
