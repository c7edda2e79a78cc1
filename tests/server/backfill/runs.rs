//! Whole runs: from one end to the other, stopped and continued, alone and beside others.

use std::sync::{Arc, Mutex};

use diesel::Connection as _;
use migrate_core::backfill::BackfillError;
use migrate_core::connection::{Dialect, Driver as _};
use migrate_core::runner::{Error, Event, LockMode, StopFlag};
use migrate_core::{AnyConnection, Migrator, Options};
use migrate_tests::backfills::{Append, checkpoint, create_items, history, texts};
use migrate_tests::on_each_server;
use migrate_tests::testkit::{History, Postgres, Step, connect};

use super::killed::like;
use super::{stopped, upgrade};
use crate::worker::{assert_succeeded, start};

/// Calls back after each batch, with its number from 1.
fn after_each_batch(
    migrator: Migrator<AnyConnection>,
    callback: impl Fn(u64) + Send + Sync + 'static,
) -> Migrator<AnyConnection> {
    migrator.on_event(move |event| {
        if let Event::Progress { progress, .. } = event {
            callback(progress.batches);
        }
    })
}

/// Says something of the backfill as a whole, as its commands do.
fn set_state(url: &str, state: &str) {
    connect(url).batch(&format!("UPDATE migrate_checkpoint SET state = '{state}' WHERE span = 0")).unwrap();
}

on_each_server! {
    fn each_row_is_changed_once_and_the_report_says_how_many(database: &Database) {
        create_items(database, 95);
        let report = upgrade(&history(Append::default()), database).unwrap();
        let progress = report.steps[1].backfill.clone().unwrap();
        assert_eq!((progress.rows, progress.batches, progress.rejected), (95, 10, 0));
        assert_eq!(progress.position.as_deref(), Some("189"));
        assert_eq!(report.steps[0].backfill, None);
        assert_eq!(texts(database), ["+ 95"]);
        assert_eq!(database.ledger(), ["a1 applied", "b1 applied"]);
        assert_eq!(checkpoint(database), "done 95 10 0 189");
        assert!(upgrade(&history(Append::default()), database).unwrap().steps.is_empty());
    }

    fn an_empty_table_is_done_at_once(database: &Database) {
        create_items(database, 0);
        let report = upgrade(&history(Append::default()), database).unwrap();
        assert_eq!(report.steps[1].backfill.clone().unwrap().rows, 0);
        assert_eq!(checkpoint(database), "done 0 0 0 -");
    }

    fn its_tables_come_with_the_first_backfill(database: &Database) {
        create_items(database, 1);
        upgrade(&History::chain(&["a1"]).migrator(), database).unwrap();
        assert!(!database.has_table("migrate_checkpoint"));
        upgrade(&history(Append::default()), database).unwrap();
        assert!(database.has_table("migrate_checkpoint") && database.has_table("migrate_rejected_row"));
    }

    fn a_run_that_is_asked_to_stop_ends_after_the_batch_and_the_next_goes_on(database: &Database) {
        create_items(database, 95);
        let stop = StopFlag::default();
        let migrator = history(Append::default());
        let options = Options { stop: stop.clone(), ..migrator.options().clone() };
        let migrator = after_each_batch(migrator.with_options(options), move |batch| {
            if batch == 3 {
                stop.set();
            }
        });
        let error = upgrade(&migrator, database).unwrap_err();
        let Error::Halted { revision, report, progress: Some(progress), .. } = &error else {
            panic!("{error:?}");
        };
        assert_eq!((revision.as_str(), report.steps.len(), progress.rows), ("b1", 1, 30));
        assert!(error.to_string().contains("b1 30 rows in 3 batches"), "{error}");
        assert_eq!(database.ledger(), ["a1 applied", "b1 running"]);
        assert_eq!(texts(database), [" 65", "+ 30"]);
        let report = upgrade(&history(Append::default()), database).unwrap();
        assert_eq!(report.steps.len(), 1);
        assert_eq!(checkpoint(database), "done 95 10 0 189");
        assert_eq!(texts(database), ["+ 95"]);
    }

    fn a_run_that_is_asked_to_stop_begins_no_further_step(database: &Database) {
        create_items(database, 5);
        let stop = StopFlag::default();
        let migrator = history(Append::default());
        let options = Options { stop: stop.clone(), ..migrator.options().clone() };
        let migrator = migrator.with_options(options).on_event(move |event| {
            if matches!(event, Event::Finished { .. }) {
                stop.set();
            }
        });
        let error = upgrade(&migrator, database).unwrap_err();
        assert!(matches!(error, Error::Halted { progress: None, .. }), "{error:?}");
        assert_eq!(database.ledger(), ["a1 applied"]);
    }

    fn a_backfill_that_is_paused_from_elsewhere_waits_and_goes_on(database: &Database) {
        create_items(database, 95);
        let (told, seen) = (Arc::new(Mutex::new(Vec::new())), database.url().to_owned());
        let events = Arc::clone(&told);
        let migrator = history(Append::default()).on_event(move |event| match event {
            Event::Progress { progress, .. } if progress.batches == 2 => set_state(&seen, "paused"),
            Event::Paused { .. } | Event::Unpaused { .. } => {
                let mut elsewhere = connect(&seen);
                let rows = elsewhere.query("SELECT CAST(count(*) AS text) FROM items WHERE text = '+'", &[]);
                events.lock().unwrap().push((event.to_string(), rows.unwrap()[0][0].clone().unwrap()));
                if matches!(event, Event::Paused { .. }) {
                    set_state(&seen, "running");
                }
            }
            _ => {}
        });
        upgrade(&migrator, database).unwrap();
        let expected = ["Backfill b1 is paused", "Backfill b1 goes on"].map(|text| (text.to_owned(), "30".to_owned()));
        assert_eq!(*told.lock().unwrap(), expected);
        assert_eq!(texts(database), ["+ 95"]);
    }

    fn a_run_does_not_begin_with_a_paused_or_cancelled_backfill(database: &Database) {
        create_items(database, 95);
        for state in ["paused", "cancelled"] {
            let url = database.url().to_owned();
            let stop = StopFlag::default();
            let migrator = history(Append::default());
            let options = Options { stop: stop.clone(), ..migrator.options().clone() };
            let migrator = after_each_batch(migrator.with_options(options), move |_| stop.set());
            let _ = upgrade(&migrator, database);
            set_state(&url, state);
            let before = checkpoint(database);
            let error = stopped(upgrade(&history(Append::default()), database));
            assert_eq!(error.to_string(), format!("the backfill is {state}"));
            assert_eq!(checkpoint(database), before);
            set_state(&url, "running");
        }
        upgrade(&history(Append::default()), database).unwrap();
        assert_eq!(texts(database), ["+ 95"]);
    }

    fn a_backfill_that_is_cancelled_from_elsewhere_stops_after_the_batch(database: &Database) {
        create_items(database, 95);
        let url = database.url().to_owned();
        let migrator = after_each_batch(history(Append::default()), move |batch| {
            if batch == 2 {
                set_state(&url, "cancelled");
            }
        });
        let error = stopped(upgrade(&migrator, database));
        assert_eq!(error.to_string(), "the backfill is cancelled");
        assert_eq!(checkpoint(database), "cancelled 30 3 0 59");
    }

    fn a_worker_whose_piece_was_taken_over_commits_nothing_more_of_it(database: &Database) {
        create_items(database, 95);
        let url = database.url().to_owned();
        let (seen, events) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(Vec::new())));
        let (told, batches) = (Arc::clone(&events), Arc::clone(&seen));
        let migrator = history(Append::default()).on_event(move |event| match event {
            Event::Progress { progress, .. } => {
                batches.lock().unwrap().push(progress.rows);
                if progress.batches == 2 {
                    let mut elsewhere = connect(&url);
                    elsewhere.batch("UPDATE migrate_checkpoint SET token = token + 1 WHERE span > 0").unwrap();
                }
            }
            Event::PieceLost { .. } | Event::PieceTaken { .. } => told.lock().unwrap().push(event.to_string()),
            _ => {}
        });
        let outcome = upgrade(&migrator, database);
        if database.dialect() == Dialect::Sqlite {
            assert!(matches!(stopped(outcome), BackfillError::TakenOver));
            assert_eq!(checkpoint(database), "running 20 2 0 39");
            assert_eq!(texts(database), [" 75", "+ 20"]);
            return;
        }
        // The piece says that this very session works on it, which it does not: it goes on where it is committed.
        outcome.unwrap();
        let events = events.lock().unwrap();
        assert!(events.len() == 2 && events[0].contains("has taken over a piece"), "{events:?}");
        assert!(events[1].starts_with("Backfill b1 goes on after 39, where "), "{events:?}");
        assert_eq!(texts(database), ["+ 95"]);
        assert_eq!(checkpoint(database), "done 95 10 0 189");
    }

    fn two_processes_at_once_change_each_row_once(database: &Database) {
        for lock in ["auto", "none"] {
            let database = like(database);
            create_items(&database, 2_000);
            let workers: Vec<_> = (0..2)
                .map(|_| start(database.url(), &["--backfill", "--lock", lock, "upgrade", "heads"]))
                .collect();
            for worker in workers {
                assert_succeeded(&worker.finish());
            }
            assert_eq!(texts(&database), ["+ 2000"]);
            assert_eq!(checkpoint(&database), "done 2000 40 0 3999");
        }
    }

    fn a_downgrade_forgets_the_checkpoint_and_an_upgrade_begins_anew(database: &Database) {
        create_items(database, 25);
        let migrator = history(Append::default());
        upgrade(&migrator, database).unwrap();
        migrator.downgrade(&mut database.connect(), "a1").unwrap();
        assert_eq!(texts(database), [" 25"]);
        assert_eq!(database.one("SELECT CAST(count(*) AS text) FROM migrate_checkpoint"), "0");
        upgrade(&migrator, database).unwrap();
        assert_eq!(texts(database), ["+ 25"]);
    }

    fn all_batches_can_share_the_transaction_of_the_caller_or_of_the_run(database: &Database) {
        create_items(database, 25);
        let migrator = history(Append::default());
        let outcome = database.connect().transaction(|connection| {
            let report = migrator.upgrade(connection, "heads").unwrap();
            assert_eq!(report.steps[1].backfill.clone().unwrap().batches, 3);
            Err::<(), _>(diesel::result::Error::RollbackTransaction)
        });
        assert_eq!(outcome, Err(diesel::result::Error::RollbackTransaction));
        assert_eq!(texts(database), [" 25"]);
        let options = Options { single_transaction: true, ..migrator.options().clone() };
        let failing = History::new().with(Step::new("a1")).with_backfill("b1", &["a1"], Append::default());
        let failing = failing.with(Step::new("c1").on(&["b1"]).failing()).migrator();
        upgrade(&failing.with_options(options.clone()), database).unwrap_err();
        assert_eq!((texts(database), database.ledger()), (vec![" 25".to_owned()], vec![]));
        upgrade(&migrator.with_options(options), database).unwrap();
        assert_eq!(texts(database), ["+ 25"]);
    }

    fn one_transaction_goes_on_where_batches_have_stopped(database: &Database) {
        create_items(database, 25);
        stopped(upgrade(&history(Append::default().failing_at(&[21])), database));
        assert_eq!(texts(database), [" 15", "+ 10"]);
        let migrator = history(Append::default());
        let options = Options { single_transaction: true, ..migrator.options().clone() };
        upgrade(&migrator.with_options(options), database).unwrap();
        assert_eq!(texts(database), ["+ 25"]);
    }

    fn rows_that_remain_at_the_end_are_an_error(database: &Database) {
        create_items(database, 25);
        let behind = |connection: &mut AnyConnection, rows: &Vec<(i64, String)>| {
            if rows[0].0 == 21 {
                connection.execute("INSERT INTO items (id) VALUES (2)", &[])?;
            }
            Ok(())
        };
        let error = stopped(upgrade(&history(Append::default().before_apply(behind)), database));
        assert!(matches!(error, BackfillError::Remaining { remaining: 1, rejected: 0 }), "{error:?}");
        assert_eq!(database.ledger(), ["a1 applied", "b1 running"]);
        assert_eq!(texts(database), [" 1", "+ 25"]);
        // The same where rows that are done are passed over, so that all may be visited again.
        let rescans = Append { rescans: true, ..Append::default() };
        upgrade(&history(rescans), database).unwrap();
        assert_eq!(texts(database), ["+ 26"]);
    }

    fn visiting_all_again_ends_when_it_is_of_no_use(database: &Database) {
        create_items(database, 25);
        // Each batch undoes an item of another one.
        let undoing = |connection: &mut AnyConnection, rows: &Vec<(i64, String)>| {
            let other = if rows.iter().any(|(id, _)| *id == 1) { 3 } else { 1 };
            connection.batch(&format!("UPDATE items SET text = '' WHERE id = {other}"))?;
            Ok(())
        };
        let rescans = Append { rescans: true, ..Append::default() }.before_apply(undoing);
        let error = stopped(upgrade(&history(rescans), database));
        assert!(matches!(error, BackfillError::Remaining { remaining: 1, .. }), "{error:?}");
    }
}

#[test]
fn a_lease_is_renewed_with_each_batch() {
    let database = Postgres::shared().database();
    create_items(&database, 45);
    let migrator = history(Append::default());
    let options = Options { lock: LockMode::Lease, ..migrator.options().clone() };
    let (url, lasts) = (database.url().to_owned(), Arc::new(Mutex::new(Vec::new())));
    let seen = Arc::clone(&lasts);
    let migrator = after_each_batch(migrator.with_options(options), move |_| {
        // It is about to run out each time.
        let sql = "UPDATE migrate_lease AS new SET expires_at = clock_timestamp() FROM migrate_lease AS old WHERE new.name = old.name \
             RETURNING CAST(old.expires_at > clock_timestamp() + interval '20 seconds' AS text)";
        seen.lock().unwrap().push(connect(&url).query(sql, &[]).unwrap()[0][0].clone().unwrap());
    });
    upgrade(&migrator, &database).unwrap();
    assert_eq!(*lasts.lock().unwrap(), ["true"; 5]);
    assert_eq!(texts(&database), ["+ 45"]);
}
