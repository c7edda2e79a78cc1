//! The work is shared, and each row is done once.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use migrate_core::Options;
use migrate_core::backfill::BackfillError;
use migrate_core::connection::Driver as _;
use migrate_core::prelude::BodyError;
use migrate_core::runner::{Error, Event, LockMode};
use migrate_tests::backfills::{Append, checkpoint, create_items, history, rejected, texts};
use migrate_tests::on_each_server;
use migrate_tests::testkit::{PgBouncer, PoolMode, Postgres, Worker, connect};

use super::{append_slowly, connecting_to, with_workers};
use crate::backfill::{stopped, upgrade};
use crate::worker::{assert_succeeded, start};

#[test]
fn four_workers_do_each_row_once() {
    let database = Postgres::shared().database();
    create_items(&database, 3_000);
    let report = upgrade(&with_workers(append_slowly(2), &database, 4), &database).unwrap();
    assert_eq!(texts(&database), ["+ 3000"]);
    assert_eq!(checkpoint(&database), "done 3000 300 0 5999");
    let progress = report.steps[1].backfill.clone().unwrap();
    assert_eq!((progress.rows, progress.batches, progress.total), (3_000, 300, Some(3_000)));
    assert_eq!(progress.position.as_deref(), Some("5999"));
    assert_eq!(database.ledger(), ["a1 applied", "b1 applied"]);
}

#[test]
fn each_of_four_workers_takes_part() {
    let database = Postgres::shared().database();
    create_items(&database, 2_000);
    let threads = Arc::new(Mutex::new(BTreeSet::new()));
    let seen = Arc::clone(&threads);
    let append = Append::default().before_apply(move |_, _| {
        seen.lock().unwrap().insert(format!("{:?}", std::thread::current().id()));
        std::thread::sleep(std::time::Duration::from_millis(2));
        Ok(())
    });
    upgrade(&with_workers(append, &database, 4), &database).unwrap();
    assert_eq!(threads.lock().unwrap().len(), 4);
    assert_eq!(texts(&database), ["+ 2000"]);
}

#[test]
fn three_processes_with_and_without_threads_share_one_backfill() {
    let database = Postgres::shared().database();
    create_items(&database, 20_000);
    let workers: Vec<_> = ["4", "1", "2"]
        .map(|workers| {
            start(database.url(), &["--backfill", "--lock", "none", "--workers", workers, "upgrade", "heads"])
        })
        .into();
    let outcomes: Vec<_> = workers.into_iter().map(Worker::finish).collect();
    for outcome in &outcomes {
        assert_succeeded(outcome);
    }
    assert_eq!(texts(&database), ["+ 20000"]);
    let finished = database.events().iter().filter(|event| *event == "upgrade b1").count();
    assert_eq!(finished, 1, "it is finished once");
    let took_part = outcomes.iter().filter(|outcome| outcome.stdout.contains("Backfill b1: ")).count();
    assert_eq!(took_part, 3, "{outcomes:?}");
}

#[test]
fn the_first_error_ends_all_workers_and_what_is_done_stays() {
    let database = Postgres::shared().database();
    create_items(&database, 2_000);
    let error =
        stopped(upgrade(&with_workers(append_slowly(2).failing_at(&[2_001]), &database, 4), &database));
    assert!(matches!(&error, BackfillError::Row { key, .. } if key == "2001"), "{error:?}");
    let pieces = database.column("SELECT state FROM migrate_checkpoint WHERE span > 0");
    assert!(pieces.iter().all(|state| state == "ready"), "all are given back: {pieces:?}");
    upgrade(&with_workers(Append::default(), &database, 4), &database).unwrap();
    assert_eq!(texts(&database), ["+ 2000"]);
    assert_eq!(rejected(&database), [""; 0]);
}

#[test]
fn no_more_rows_are_put_aside_than_all_workers_together_may() {
    const BAD: &[i64] = &[101, 501, 1_001, 1_501, 2_001, 2_501, 3_001, 3_501];
    let database = Postgres::shared().database();
    create_items(&database, 2_000);
    let append = Append { max_rejected: 5, ..Append::default().failing_at(BAD) };
    let error = stopped(upgrade(&with_workers(append, &database, 4), &database));
    assert!(matches!(error, BackfillError::Row { rejected: 5, .. }), "{error:?}");
    let aside = rejected(&database).iter().filter(|row| row.contains(" rejected ")).count();
    assert_eq!(aside, 5);
    let append = Append { max_rejected: 8, ..Append::default().failing_at(BAD) };
    upgrade(&with_workers(append, &database, 4), &database).unwrap();
    assert_eq!(rejected(&database).len(), 8);
    assert_eq!(texts(&database), [" 8", "+ 1992"]);
}

#[test]
fn whoever_puts_a_row_aside_waits_for_the_count_of_another_who_does() {
    let database = Postgres::shared().database();
    create_items(&database, 5);
    let url = database.url().to_owned();
    let append = Append::default().before_apply(move |_, rows| match &rows[..] {
        [(1, _)] => {
            let mut other = connect(&url);
            other.batch("BEGIN; UPDATE migrate_checkpoint SET rejected_count = 1 WHERE span = 0")?;
            std::thread::spawn(move || {
                std::thread::sleep(std::time::Duration::from_millis(500));
                other.batch("COMMIT").unwrap();
            });
            Err(BodyError::new("item 1 is bad"))
        }
        [(1, _), ..] => Err(BodyError::new("item 1 is bad")),
        _ => Ok(()),
    });
    let error =
        stopped(upgrade(&with_workers(Append { max_rejected: 1, ..append }, &database, 1), &database));
    assert!(matches!(error, BackfillError::Row { rejected: 1, .. }), "{error:?}");
}

#[test]
fn a_panic_in_one_worker_ends_the_others_and_the_run_lock_is_given_back() {
    let database = Postgres::shared().database();
    create_items(&database, 2_000);
    let append = Append::default().before_apply(|_, rows| {
        assert!(rows.iter().all(|(id, _)| *id != 1_001), "this row is too much");
        std::thread::sleep(std::time::Duration::from_millis(2));
        Ok(())
    });
    let migrator = with_workers(append, &database, 4);
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| upgrade(&migrator, &database)));
    let panic = caught.unwrap_err();
    assert!(panic.downcast_ref::<&str>().is_some_and(|text| text.contains("too much")));
    upgrade(&with_workers(Append::default(), &database, 4), &database).unwrap();
    assert_eq!(texts(&database), ["+ 2000"]);
}

#[test]
fn all_rows_are_visited_once_more_by_many_workers() {
    let database = Postgres::shared().database();
    create_items(&database, 1_000);
    let append = Append { rescans: true, ..Append::default() }.before_apply(|connection, rows| {
        // Even numbers are those of the latecomers.
        if rows.iter().any(|(id, _)| *id == 1_999) {
            connection.batch("INSERT INTO items (id) SELECT 2 * n FROM generate_series(1, 300) AS n")?;
        }
        Ok(())
    });
    upgrade(&with_workers(append, &database, 4), &database).unwrap();
    assert_eq!(texts(&database), ["+ 1300"]);
}

on_each_server! {
    fn a_single_transaction_has_one_worker_whatever_is_asked_for(database: &Database) {
        create_items(database, 95);
        let migrator = with_workers(Append::default(), database, 4);
        let options = Options { single_transaction: true, ..migrator.options().clone() };
        upgrade(&migrator.with_options(options), database).unwrap();
        assert_eq!(checkpoint(database), "done 95 10 0 189");
    }
}

#[test]
fn sqlite_has_one_writer_and_says_so() {
    let database = migrate_tests::testkit::SqliteFile::new().into_database();
    create_items(&database, 95);
    let told = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&told);
    let migrator = with_workers(Append::default(), &database, 4).on_event(move |event| {
        if matches!(event, Event::OneWorker { .. }) {
            seen.lock().unwrap().push(event.to_string());
        }
    });
    upgrade(&migrator, &database).unwrap();
    assert_eq!(*told.lock().unwrap(), ["Backfill b1 has one worker and not 4: the database has one writer"]);
    assert_eq!(checkpoint(&database), "done 95 10 0 189");
}

#[test]
fn several_workers_without_a_connector_are_refused() {
    let database = Postgres::shared().database();
    create_items(&database, 5);
    let migrator = history(Append::default());
    let options = Options { workers: 2, ..migrator.options().clone() };
    let error = stopped(upgrade(&migrator.with_options(options), &database));
    assert_eq!(error.to_string(), "2 workers need a connector, and there is none");
    assert_eq!(texts(&database), [" 5"]);
}

#[test]
fn a_stricter_isolation_by_default_does_not_set_the_workers_against_each_other() {
    for level in ["repeatable read", "serializable"] {
        let database = Postgres::shared().database();
        create_items(&database, 2_000);
        let name = database.one("SELECT current_database()::text");
        database.execute(&format!("ALTER DATABASE {name} SET default_transaction_isolation = '{level}'"));
        let tries = Arc::new(AtomicU32::new(0));
        let told = Arc::clone(&tries);
        let migrator = with_workers(append_slowly(2), &database, 4).on_event(move |event| {
            told.fetch_add(u32::from(matches!(event, Event::Retrying { .. })), Ordering::Relaxed);
        });
        upgrade(&migrator, &database).unwrap();
        assert_eq!(texts(&database), ["+ 2000"]);
        assert!(tries.load(Ordering::Relaxed) <= 5, "{level}: {tries:?} batches were in each other's way");
    }
}

#[test]
fn workers_behind_a_pooler_that_moves_their_sessions_say_so() {
    let pooler = PgBouncer::start(Postgres::shared(), PoolMode::Transaction, 3);
    let database = Postgres::shared().database();
    create_items(&database, 400);
    let migrator = with_workers(append_slowly(2), &database, 4);
    migrator.upgrade(&mut database.connect(), "a1").unwrap();
    let migrator = connecting_to(migrator, &pooler.url(&database));
    let error = upgrade(&migrator, &database).unwrap_err();
    assert!(matches!(error, Error::SessionMoved { .. }), "{error:?}");
    let options = Options { lock: LockMode::Lease, ..migrator.options().clone() };
    migrator.with_options(options).upgrade(&mut connect(&pooler.url(&database)), "heads").unwrap();
    assert_eq!(texts(&database), ["+ 400"]);
}
