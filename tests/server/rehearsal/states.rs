//! Which backfills can be rehearsed, and from where on.

use diesel::Connection as _;
use migrate_core::rehearsal::RehearsalError;
use migrate_core::runner::Error;
use migrate_core::{AnyConnection, Options};
use migrate_tests::backfills::{Append, create_items, history, texts};
use migrate_tests::on_each_server;
use migrate_tests::testkit::{Database, History, Step};

use super::{examples, rows, table};

#[track_caller]
fn refused(
    migrator: &migrate_core::Migrator<AnyConnection>,
    database: &Database,
    revision: &str,
) -> RehearsalError {
    match migrator.rehearse_backfill(&mut database.connect(), revision, 10) {
        Err(Error::Rehearsal(error)) => error,
        outcome => panic!("{outcome:?}"),
    }
}

on_each_server! {
    fn one_that_has_begun_is_rehearsed_from_where_it_stands(database: &Database) {
        create_items(database, 95);
        history(Append::default().failing_at(&[41])).upgrade(&mut database.connect(), "heads").unwrap_err();
        let rehearsal = history(Append::default()).rehearse_backfill(&mut database.connect(), "b1", rows(50)).unwrap();
        assert_eq!(rehearsal.after.as_deref(), Some("39"));
        let examples = examples(table(&rehearsal, "items"));
        assert!(examples.contains(&"Updated id=41: text ''>'+'".to_owned()), "{examples:?}");
        assert!(examples.iter().all(|line| line.ends_with(" text ''>'+'")), "none of those that are done: {examples:?}");
        assert_eq!((rehearsal.rows, rehearsal.places), (50, 5));
        // And it goes on as if nothing had been.
        history(Append::default()).upgrade(&mut database.connect(), "heads").unwrap();
        assert_eq!(texts(database), ["+ 95"]);
    }

    fn one_whose_parents_are_not_applied_is_refused(database: &Database) {
        let history = History::new().with(Step::new("a1")).with(Step::new("a2"));
        let migrator = history.with_backfill("b1", &["a2", "a1"], Append::default()).migrator();
        let error = refused(&migrator, database, "b1");
        assert_eq!(error.to_string(), "revision b1 builds on a1, a2, which are not applied");
        assert!(!database.has_table("migrate_ledger"));
        migrator.upgrade(&mut database.connect(), "a1").unwrap();
        assert_eq!(refused(&migrator, database, "b1").to_string(), "revision b1 builds on a2, which is not applied");
    }

    fn one_that_was_deferred_is_rehearsed_and_what_waits_for_it_is_refused(database: &Database) {
        create_items(database, 95);
        let history = History::new().with(Step::new("a1")).with_backfill("b1", &["a1"], Append::default());
        let migrator = history.with(Step::new("c1").on(&["b1"])).with_backfill("d1", &["c1"], Append::default()).migrator();
        let options = Options { defer_backfills: true, ..migrator.options().clone() };
        let migrator = migrator.with_options(options);
        let report = migrator.upgrade(&mut database.connect(), "heads").unwrap();
        assert_eq!(report.deferred.len(), 3, "{report:?}");
        assert_eq!(database.ledger(), ["a1 applied"]);
        let rehearsal = migrator.rehearse_backfill(&mut database.connect(), "b1", rows(50)).unwrap();
        assert_eq!((rehearsal.rows, rehearsal.after, &*rehearsal.findings), (50, None, &[][..]));
        assert_eq!((texts(database), database.ledger()), (vec![" 95".to_owned()], vec!["a1 applied".to_owned()]));
        assert_eq!(refused(&migrator, database, "d1").to_string(), "revision d1 builds on c1, which is not applied");
    }

    fn one_that_was_undone_is_rehearsed_from_the_beginning(database: &Database) {
        create_items(database, 30);
        let migrator = history(Append::default());
        migrator.upgrade(&mut database.connect(), "heads").unwrap();
        migrator.downgrade(&mut database.connect(), "a1").unwrap();
        let rehearsal = migrator.rehearse_backfill(&mut database.connect(), "b1", rows(50)).unwrap();
        assert_eq!((rehearsal.rows, rehearsal.after, rehearsal.to_do), (30, None, Some(30)));
    }

    fn what_is_done_or_is_no_backfill_is_refused(database: &Database) {
        create_items(database, 5);
        let migrator = history(Append::default());
        migrator.upgrade(&mut database.connect(), "heads").unwrap();
        assert!(matches!(refused(&migrator, database, "b1"), RehearsalError::Applied { .. }));
        assert!(matches!(refused(&migrator, database, "a1"), RehearsalError::NotABackfill { .. }));
        assert!(matches!(refused(&migrator, database, "nope"), RehearsalError::Unknown { .. }));
        let within = database.connect().transaction(|connection| {
            let outcome = migrator.rehearse_backfill(connection, "b1", 10);
            Ok::<_, diesel::result::Error>(outcome.unwrap_err())
        });
        assert!(matches!(within, Ok(Error::Rehearsal(RehearsalError::Applied { .. }))));
    }

    fn a_caller_with_an_open_transaction_is_refused(database: &Database) {
        create_items(database, 5);
        let migrator = history(Append::default());
        migrator.upgrade(&mut database.connect(), "a1").unwrap();
        let outcome = database.connect().transaction(|connection| {
            Ok::<_, diesel::result::Error>(migrator.rehearse_backfill(connection, "b1", 10).unwrap_err())
        });
        assert!(matches!(outcome, Ok(Error::Rehearsal(RehearsalError::InTransaction))), "{outcome:?}");
    }
}
