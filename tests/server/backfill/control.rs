//! How backfills stand, and what is asked of them through the library.

use std::time::Duration;

use migrate_core::connection::Driver as _;
use migrate_core::runner::{BackfillCommand, BackfillState, BackfillStatus, Error, Event, RetryOutcome};
use migrate_core::{AnyConnection, Migrator, Options};
use migrate_tests::backfills::{Append, create_items, history, rejected, texts};
use migrate_tests::on_each_server;
use migrate_tests::testkit::{Database, History, Step, connect};

use super::{stopped, upgrade};

/// A backfill that puts rows aside, all of which are bad at first.
fn rejecting(bad: &'static [i64]) -> Migrator<AnyConnection> {
    history(Append { max_rejected: 10, ..Append::default().failing_at(bad) })
}

fn status(migrator: &Migrator<AnyConnection>, database: &Database) -> BackfillStatus {
    migrator.backfills(&mut database.connect()).unwrap().remove(0)
}

/// Rows, batches and rejected rows.
fn counts(migrator: &Migrator<AnyConnection>, database: &Database) -> (u64, u64, u64) {
    let BackfillStatus { rows, batches, rejected, .. } = status(migrator, database);
    (rows, batches, rejected)
}

#[track_caller]
fn wrong(outcome: Result<impl std::fmt::Debug, Error>) -> (BackfillCommand, BackfillState) {
    match outcome {
        Err(Error::WrongState { revision, command, state, .. }) if revision == "b1" => (command, state),
        outcome => panic!("{outcome:?}"),
    }
}

on_each_server! {
    fn a_look_creates_nothing(database: &Database) {
        create_items(database, 25);
        let migrator = history(Append::default());
        let seen = status(&migrator, database);
        assert_eq!((seen.state, seen.waits_for), (BackfillState::Blocked, vec!["a1".to_owned()]));
        assert!(migrator.rejected_rows(&mut database.connect(), "b1", 10).unwrap().is_empty());
        assert!(!database.has_table("migrate_ledger") && !database.has_table("migrate_checkpoint"));
        migrator.upgrade(&mut database.connect(), "a1").unwrap();
        assert_eq!(status(&migrator, database).state, BackfillState::Pending);
        assert!(!database.has_table("migrate_checkpoint"));
    }

    fn a_look_within_a_transaction_of_the_callers_spoils_nothing(database: &Database) {
        use diesel::Connection as _;
        let migrator = history(Append::default());
        database.connect().transaction(|connection| {
            assert_eq!(migrator.backfills(connection).unwrap().len(), 1);
            assert_eq!(migrator.backfills(connection).unwrap()[0].state, BackfillState::Blocked);
            Ok::<_, diesel::result::Error>(())
        }).unwrap();
    }

    fn a_retry_ends_when_the_backfill_is_undone_meanwhile(database: &Database) {
        create_items(database, 25);
        upgrade(&rejecting(&[3, 5]), database).unwrap();
        let url = database.url().to_owned();
        let migrator = history(Append::default()).on_event(move |event| {
            if matches!(event, Event::Retried { .. }) {
                connect(&url)
                    .batch("DELETE FROM migrate_checkpoint; DELETE FROM migrate_rejected_row")
                    .unwrap();
            }
        });
        let options = Options { lock_wait: Duration::from_secs(1), ..migrator.options().clone() };
        let migrator = migrator.with_options(options);
        let report = migrator.retry_rejected(&mut database.connect(), "b1").unwrap();
        assert_eq!((report.rows.len(), report.changed()), (1, 1));
    }

    fn one_that_stopped_at_a_row_says_so_and_is_done_afterwards(database: &Database) {
        create_items(database, 25);
        let migrator = history(Append::default().failing_at(&[21]));
        stopped(upgrade(&migrator, database));
        let seen = status(&migrator, database);
        assert_eq!((seen.state, seen.rows, seen.blocking), (BackfillState::Stopped, 10, 1));
        assert!(seen.started_at.is_some() && seen.finished_at.is_none() && seen.workers.is_empty());
        let row = migrator.rejected_rows(&mut database.connect(), "b1", 10).unwrap().remove(0);
        assert_eq!((row.key.as_str(), row.blocking, row.error.as_str()), ("21", true, "item 21 is bad"));
        let migrator = history(Append::default());
        let report = migrator.retry_rejected(&mut database.connect(), "b1").unwrap();
        assert_eq!((report.rows.len(), report.blocking), (0, 1), "the next run begins with it");
        upgrade(&migrator, database).unwrap();
        let seen = status(&migrator, database);
        assert_eq!((seen.state, seen.rows, seen.blocking), (BackfillState::Done, 25, 0));
        assert!(seen.finished_at.is_some());
        assert_eq!(texts(database), ["+ 25"]);
    }

    fn commands_that_make_no_sense_are_refused(database: &Database) {
        use BackfillCommand::{Cancel, Pause, Resume, RetryRejected};
        create_items(database, 25);
        let (migrator, connection) = (history(Append::default().failing_at(&[21])), &mut database.connect());
        assert_eq!(wrong(migrator.pause_backfill(connection, "b1")), (Pause, BackfillState::Blocked));
        assert_eq!(wrong(migrator.retry_rejected(connection, "b1")), (RetryRejected, BackfillState::Blocked));
        stopped(upgrade(&migrator, database));
        assert_eq!(wrong(migrator.resume_backfill(connection, "b1")), (Resume, BackfillState::Stopped));
        assert_eq!(migrator.pause_backfill(connection, "b1").unwrap().state, BackfillState::Paused);
        assert_eq!(wrong(migrator.pause_backfill(connection, "b1")), (Pause, BackfillState::Paused));
        assert_eq!(migrator.cancel_backfill(connection, "b1").unwrap().state, BackfillState::Cancelled);
        assert_eq!(wrong(migrator.cancel_backfill(connection, "b1")), (Cancel, BackfillState::Cancelled));
        assert_eq!(migrator.resume_backfill(connection, "b1").unwrap().state, BackfillState::Stopped);
        let migrator = history(Append::default());
        upgrade(&migrator, database).unwrap();
        assert_eq!(wrong(migrator.cancel_backfill(connection, "b1")), (Cancel, BackfillState::Done));
        for (target, words) in [("a1", "revision a1 is not a backfill"), ("zz", "cannot locate revision `zz`")] {
            let error = migrator.pause_backfill(connection, target).unwrap_err();
            assert_eq!(error.to_string(), words);
        }
    }

    fn a_target_that_names_two_backfills_is_refused(database: &Database) {
        let history = History::new()
            .with(Step::new("a1"))
            .with_backfill("b1", &["a1"], Append::default())
            .with_backfill("b2", &["a1"], Append::default());
        let error = history.migrator().pause_backfill(&mut database.connect(), "heads").unwrap_err();
        assert_eq!(error.to_string(), "`heads` names 2 backfills: b1, b2");
    }

    fn a_rejected_row_is_changed_once_and_leaves_the_list_with_the_change(database: &Database) {
        create_items(database, 25);
        upgrade(&rejecting(&[3, 5, 7]), database).unwrap();
        let migrator = rejecting(&[3, 5]);
        assert_eq!(counts(&migrator, database).2, 3);
        let retried = migrator.retry_rejected(&mut database.connect(), "b1").unwrap();
        assert_eq!((retried.changed(), retried.failed(), retried.gone()), (1, 2, 0));
        assert_eq!(retried.rows[2].outcome, RetryOutcome::Changed);
        assert_eq!(rejected(database), ["3 rejected 2 item 3 is bad", "5 rejected 2 item 5 is bad"]);
        assert_eq!(counts(&migrator, database).2, 2);
        database.execute("DELETE FROM items WHERE id = 3");
        let migrator = history(Append::default());
        let retried = migrator.retry_rejected(&mut database.connect(), "b1").unwrap();
        let outcomes: Vec<_> = retried.rows.iter().map(|row| (row.key.as_str(), &row.outcome)).collect();
        assert_eq!(outcomes, [("3", &RetryOutcome::Gone), ("5", &RetryOutcome::Changed)]);
        assert!(rejected(database).is_empty());
        assert_eq!((counts(&migrator, database).0, counts(&migrator, database).2), (24, 0));
        assert_eq!(texts(database), ["+ 24"]);
        assert!(migrator.retry_rejected(&mut database.connect(), "b1").unwrap().rows.is_empty());
    }

    fn rejected_rows_are_tried_also_while_it_is_stopped(database: &Database) {
        create_items(database, 25);
        let append = Append { max_rejected: 1, ..Append::default().failing_at(&[3, 41]) };
        stopped(upgrade(&history(append), database));
        let migrator = history(Append { max_rejected: 1, ..Append::default() });
        let retried = migrator.retry_rejected(&mut database.connect(), "b1").unwrap();
        assert_eq!((retried.changed(), retried.blocking), (1, 1));
        upgrade(&migrator, database).unwrap();
        assert_eq!((texts(database), counts(&migrator, database).0), (vec!["+ 25".to_owned()], 25));
        assert_eq!(counts(&migrator, database).2, 0);
    }

    fn a_row_that_fails_at_the_commit_stays_on_the_list(database: &Database) {
        create_items(database, 25);
        upgrade(&rejecting(&[3]), database).unwrap();
        let append = Append::default().before_apply(|connection, _| {
            use migrate_core::connection::Driver as _;
            connection.batch("UPDATE items SET owner = 7 WHERE id = 3")?;
            Ok(())
        });
        let mut connection = database.connect();
        if database.dialect() == migrate_core::connection::Dialect::Sqlite {
            migrate_core::connection::Driver::batch(&mut connection, "PRAGMA foreign_keys = ON").unwrap();
        }
        let retried = history(append).retry_rejected(&mut connection, "b1").unwrap();
        assert_eq!(retried.failed(), 1, "{retried:?}");
        assert_eq!((rejected(database).len(), texts(database)), (1, vec![" 1".to_owned(), "+ 24".to_owned()]));
    }

    fn a_body_that_ends_the_transaction_of_a_row_is_found_out(database: &Database) {
        create_items(database, 25);
        upgrade(&rejecting(&[3]), database).unwrap();
        let append = Append::default().before_apply(|connection, _| {
            use migrate_core::connection::Driver as _;
            Ok(connection.batch("COMMIT")?)
        });
        let error = history(append).retry_rejected(&mut database.connect(), "b1").unwrap_err();
        assert!(matches!(&error, Error::Unretried { key, .. } if key == "3"), "{error:?}");
        assert_eq!(rejected(database).len(), 1);
    }
}
