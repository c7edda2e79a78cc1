//! Pieces that are somebody else's by now, or nobody's, and those that only look like it.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use migrate_core::Options;
use migrate_core::backfill::{BackfillError, Pace};
use migrate_core::connection::Driver as _;
use migrate_core::prelude::*;
use migrate_core::runner::{Error, Event, StopFlag};
use migrate_tests::backfills::{Append, checkpoint, create_items, rejected, texts};
use migrate_tests::testkit::{Database, Postgres, connect};

use super::hooked::Hooked;
use super::{after_each_batch, append_slowly, at_work, with_workers};
use crate::backfill::{stopped, upgrade};
use crate::worker::wait_until;

/// Runs the backfill until its first batch is done.
fn begin(database: &Database, workers: u32) {
    let stop = StopFlag::default();
    let migrator = with_workers(Append::default(), database, workers);
    let options = Options { stop: stop.clone(), ..migrator.options().clone() };
    upgrade(&after_each_batch(migrator.with_options(options), move |_| stop.set()), database).unwrap_err();
}

/// What a downgrade and a stamp do to a backfill, with other words in the ledger.
const FORGET: &str = "DELETE FROM migrate_ledger WHERE revision = 'b1';
     DELETE FROM migrate_checkpoint; DELETE FROM migrate_rejected_row;";

#[test]
fn a_batch_that_takes_long_keeps_nobody_from_the_rest_of_the_table() {
    let database = Postgres::shared().database();
    create_items(&database, 1_000);
    begin(&database, 2);
    database.execute(
        "UPDATE migrate_checkpoint SET state = 'running', worker = 'slow', session = NULL, \
         updated_at = clock_timestamp() - interval '1 hour' \
         WHERE span = (SELECT min(span) FROM migrate_checkpoint WHERE span > 0)",
    );
    let mut slow = database.connect();
    slow.batch("BEGIN; SELECT 1 FROM migrate_checkpoint WHERE worker = 'slow' FOR UPDATE").unwrap();
    let migrator = with_workers(Append::default(), &database, 2);
    std::thread::scope(|scope| {
        let run = scope.spawn(|| migrator.run_backfill(&mut database.connect(), "b1"));
        wait_until("all but the slow one's piece is done", || {
            let left = "SELECT CAST(count(*) AS text) FROM items WHERE text = ''";
            database.one(left).parse::<u32>().unwrap() <= 160
        });
        assert!(!run.is_finished());
        slow.batch("COMMIT").unwrap();
        run.join().unwrap().unwrap();
    });
    assert_eq!(texts(&database), ["+ 1000"]);
}

#[test]
fn nobody_gets_a_piece_in_the_middle_of_its_batch_however_old_its_heartbeat_is() {
    let database = Postgres::shared().database();
    create_items(&database, 95);
    let (url, taken) = (database.url().to_owned(), Arc::new(AtomicU32::new(0)));
    let (told, seen, taken_in_batch) = (Arc::clone(&taken), Arc::clone(&taken), Arc::new(Mutex::new(None)));
    let in_batch = Arc::clone(&taken_in_batch);
    let append = Append::default().before_apply(move |_, rows| {
        if rows[0].0 == 21 {
            std::thread::sleep(Duration::from_millis(1_500));
            in_batch.lock().unwrap().get_or_insert(seen.load(Ordering::Relaxed));
        }
        Ok(())
    });
    let slow = after_each_batch(with_workers(append, &database, 1), move |rows| {
        if rows == 10 {
            let age =
                "UPDATE migrate_checkpoint SET updated_at = updated_at - interval '1 hour', session = NULL";
            connect(&url).batch(age).unwrap();
        }
    });
    let quick = with_workers(Append::default(), &database, 1).on_event(move |event| {
        told.fetch_add(u32::from(matches!(event, Event::PieceTaken { .. })), Ordering::Relaxed);
    });
    std::thread::scope(|scope| {
        let run = scope.spawn(|| upgrade(&slow, &database));
        wait_until("a batch is done", || at_work(&database) == 1 && texts(&database).len() == 2);
        // The next batch has begun by then.
        std::thread::sleep(Duration::from_millis(300));
        quick.run_backfill(&mut database.connect(), "b1").unwrap();
        run.join().unwrap().unwrap();
    });
    assert_eq!(*taken_in_batch.lock().unwrap(), Some(0));
    assert_eq!(texts(&database), ["+ 95"]);
}

#[test]
fn an_old_token_ends_no_piece() {
    let database = Postgres::shared().database();
    create_items(&database, 15);
    let (stop, url) = (StopFlag::default(), database.url().to_owned());
    let migrator = with_workers(Append::default(), &database, 1);
    let options = Options { stop: stop.clone(), ..migrator.options().clone() };
    let migrator = migrator.with_options(options).on_event(move |event| match event {
        // Nothing is left but to find that out, when somebody else takes the piece.
        Event::Progress { progress, .. } if progress.rows == 15 => connect(&url)
            .batch("UPDATE migrate_checkpoint SET token = token + 1, worker = 'heir', session = NULL WHERE span > 0")
            .unwrap(),
        Event::PieceLost { .. } => stop.set(),
        _ => {}
    });
    let error = upgrade(&migrator, &database).unwrap_err();
    assert!(matches!(error, Error::Halted { .. }), "{error:?}");
    assert_eq!(database.column("SELECT worker FROM migrate_checkpoint WHERE span > 0"), ["heir"]);
}

#[test]
fn an_old_token_gives_nothing_back() {
    let database = Postgres::shared().database();
    create_items(&database, 95);
    let (stop, url) = (StopFlag::default(), database.url().to_owned());
    let migrator = with_workers(Append::default(), &database, 1);
    let options = Options { stop: stop.clone(), ..migrator.options().clone() };
    let migrator = after_each_batch(migrator.with_options(options), move |_| {
        connect(&url)
            .batch("UPDATE migrate_checkpoint SET token = token + 1, worker = 'heir' WHERE span > 0")
            .unwrap();
        stop.set();
    });
    upgrade(&migrator, &database).unwrap_err();
    let piece = database.column("SELECT worker || ' ' || state FROM migrate_checkpoint WHERE span > 0");
    assert_eq!(piece, ["heir running"]);
}

#[test]
fn the_heart_of_one_who_has_lost_its_piece_does_not_beat_for_the_heir() {
    let database = Postgres::shared().database();
    create_items(&database, 95);
    let (once, url) = (AtomicBool::new(false), database.url().to_owned());
    let migrator = after_each_batch(with_workers(Append::default(), &database, 1), move |_| {
        if !once.swap(true, Ordering::Relaxed) {
            connect(&url)
                .batch(
                    "UPDATE migrate_checkpoint SET state = 'paused' WHERE span = 0;
                     UPDATE migrate_checkpoint SET token = token + 1, worker = 'heir', session = NULL,
                         updated_at = clock_timestamp() - interval '1 hour' WHERE span > 0",
                )
                .unwrap();
        }
    });
    std::thread::scope(|scope| {
        let run = scope.spawn(|| upgrade(&migrator, &database));
        // It looks once a second whether it may go on, and shows that it is alive.
        std::thread::sleep(Duration::from_millis(2_500));
        let silent = "SELECT worker FROM migrate_checkpoint WHERE span > 0 \
                      AND updated_at < clock_timestamp() - interval '30 minutes'";
        assert_eq!(database.column(silent), ["heir"]);
        database.execute("UPDATE migrate_checkpoint SET state = 'running' WHERE span = 0");
        run.join().unwrap().unwrap();
    });
    assert_eq!(texts(&database), ["+ 95"]);
}

#[test]
fn a_piece_that_gets_an_end_when_its_worker_has_found_none_goes_up_to_there() {
    let database = Postgres::shared().database();
    create_items(&database, 15);
    let (url, batches) = (database.url().to_owned(), AtomicU32::new(0));
    let pace = Pace { rest: Duration::from_millis(1_100), ..Append::default().pace };
    let hooked = Hooked::new(Append { pace, ..Append::default() }).before_batch(move || {
        // After 10 rows, 5, none, and the second time none. What comes after the end somebody else has done.
        if batches.fetch_add(1, Ordering::Relaxed) == 3 {
            let url = url.clone();
            std::thread::spawn(move || {
                std::thread::sleep(Duration::from_millis(500));
                connect(&url)
                    .batch(
                        "INSERT INTO items (id, text) SELECT 2 * n - 1, CASE WHEN n > 25 THEN '+' ELSE '' END
                             FROM generate_series(16, 30) AS n;
                         UPDATE migrate_checkpoint SET until = '49' WHERE span > 0;
                         UPDATE migrate_checkpoint SET position = '59', until = NULL WHERE span = 0;",
                    )
                    .unwrap();
            });
        }
    });
    upgrade(&hooked.migrator(database.url()), &database).unwrap();
    assert_eq!(texts(&database), ["+ 30"]);
}

#[test]
fn a_piece_of_the_same_session_is_another_workers_where_a_pooler_lends_it_to_both() {
    let database = Postgres::shared().database();
    create_items(&database, 95);
    begin(&database, 1);
    let migrator = with_workers(Append::default(), &database, 1);
    let own = migrator.options().applied_by.clone();
    for (worker, is_waited_for) in [("somebody@elsewhere (pid 1)", true), (&*own, false)] {
        let mut connection = database.connect();
        connection
            .query(
                "UPDATE migrate_checkpoint SET state = 'running', updated_at = clock_timestamp(), worker = $1, \
                 session = (SELECT pid || ' ' || to_char(backend_start AT TIME ZONE 'UTC', 'YYYYMMDDHH24MISSUS') \
                 FROM pg_stat_activity WHERE pid = pg_backend_pid()) WHERE span > 0 RETURNING worker",
                &[Some(worker)],
            )
            .unwrap();
        let stop = StopFlag::default();
        let options = Options { stop: stop.clone(), ..migrator.options().clone() };
        let migrator = with_workers(Append::default(), &database, 1).with_options(options);
        let outcome = std::thread::scope(|scope| {
            let run = scope.spawn(|| migrator.run_backfill(&mut connection, "b1"));
            std::thread::sleep(Duration::from_millis(1_500));
            stop.set();
            run.join().unwrap()
        });
        assert_eq!(outcome.is_err(), is_waited_for, "{worker}: {outcome:?}");
    }
    assert_eq!(texts(&database), ["+ 95"]);
}

#[test]
fn a_batch_that_fails_because_another_worker_has_done_it_is_no_failure() {
    let database = Postgres::shared().database();
    create_items(&database, 320);
    let (url, lost) = (database.url().to_owned(), Arc::new(AtomicU32::new(0)));
    let told = Arc::clone(&lost);
    let unrepeatable = Append::default().before_apply(|_, rows| {
        if rows.iter().any(|(_, text)| text == "+") {
            return Err(BodyError::new("this was done before"));
        }
        Ok(())
    });
    let migrator = with_workers(unrepeatable, &database, 1).on_event(move |event| match event {
        Event::Progress { progress, .. } if progress.batches == 4 => {
            connect(&url)
                .batch(
                    "UPDATE items SET text = text || '+' WHERE id > 79;
                     UPDATE migrate_checkpoint SET row_count = 320, batch_count = 32, position = '639' WHERE span = 0;
                     DELETE FROM migrate_checkpoint WHERE span > 0;",
                )
                .unwrap();
        }
        Event::PieceLost { .. } => drop(told.fetch_add(1, Ordering::Relaxed)),
        _ => {}
    });
    upgrade(&migrator, &database).unwrap();
    assert_eq!(lost.load(Ordering::Relaxed), 1);
    assert_eq!(texts(&database), ["+ 320"]);
    assert_eq!(checkpoint(&database), "done 320 32 0 639");
    assert_eq!(rejected(&database), [""; 0]);
}

#[test]
fn a_worker_whose_backfill_is_undone_says_so_and_not_that_a_column_is_gone() {
    let database = Postgres::shared().database();
    create_items(&database, 95);
    let url = database.url().to_owned();
    let migrator = after_each_batch(with_workers(Append::default(), &database, 1), move |rows| {
        if rows == 40 {
            connect(&url).batch(&format!("{FORGET} ALTER TABLE items DROP COLUMN text")).unwrap();
        }
    });
    let error = stopped(upgrade(&migrator, &database));
    assert!(matches!(error, BackfillError::NoCheckpoint), "{error:?}");
}

#[test]
fn whoever_has_lost_its_piece_stops_at_no_row_of_it() {
    let database = Postgres::shared().database();
    create_items(&database, 5);
    let has_failed = Arc::new(AtomicBool::new(false));
    let failed = Arc::clone(&has_failed);
    let append = Append::default().before_apply(move |_, rows| {
        if rows[0].0 != 1 {
            return Ok(());
        }
        if rows.len() == 1 {
            // The backfill is asked whether to wait once a second.
            std::thread::sleep(Duration::from_millis(1_100));
            failed.store(true, Ordering::Relaxed);
        }
        Err(BodyError::new("item 1 is bad"))
    });
    let url = database.url().to_owned();
    let hooked = Hooked::new(append).before_batch(move || {
        // The row has failed alone, and is about to be put on the list.
        if has_failed.swap(false, Ordering::Relaxed) {
            connect(&url).batch(FORGET).unwrap();
        }
    });
    let error = stopped(upgrade(&hooked.migrator(database.url()), &database));
    assert!(matches!(error, BackfillError::NoCheckpoint), "{error:?}");
    assert_eq!(rejected(&database), [""; 0]);
    assert_eq!(texts(&database), [" 5"]);
}

#[test]
fn a_process_that_joins_what_is_being_undone_does_not_begin_it_anew() {
    let database = Postgres::shared().database();
    create_items(&database, 95);
    begin(&database, 1);
    let before = texts(&database);
    let mut downgrade = database.connect();
    downgrade.batch(&format!("BEGIN; {FORGET}")).unwrap();
    let migrator = with_workers(Append::default(), &database, 1);
    let outcome = std::thread::scope(|scope| {
        let run = scope.spawn(|| migrator.run_backfill(&mut database.connect(), "b1"));
        std::thread::sleep(Duration::from_millis(500));
        downgrade.batch("COMMIT").unwrap();
        run.join().unwrap()
    });
    let error = stopped(outcome);
    assert!(matches!(error, BackfillError::NoCheckpoint), "{error:?}");
    assert_eq!(texts(&database), before);
    assert_eq!(database.column("SELECT CAST(span AS text) FROM migrate_checkpoint"), [""; 0]);
}

#[test]
fn a_piece_that_is_taken_again_on_another_connection_is_given_back_by_who_is_to_stop() {
    let database = Postgres::shared().database();
    create_items(&database, 95);
    upgrade_a1(&database);
    let (stop, url) = (StopFlag::default(), database.url().to_owned());
    let lost = AtomicBool::new(false);
    let append = Append::default().before_apply(move |connection, rows| {
        if rows[0].0 == 41 && !lost.swap(true, Ordering::Relaxed) {
            connection.batch("SELECT pg_terminate_backend(pg_backend_pid())")?;
        }
        Ok(())
    });
    let migrator = migrate_tests::backfills::history(append);
    let options = Options { stop: stop.clone(), ..migrator.options().clone() };
    // Asked to stop while the other connection is opened.
    let migrator = migrator.with_options(options).with_connector(move || {
        stop.set();
        Ok(migrate_core::connection::DatabaseUrl::parse(&url)?.connect()?)
    });
    let error = migrator.run_backfill(&mut database.connect(), "b1").unwrap_err();
    assert!(matches!(error, Error::Halted { .. }), "{error:?}");
    assert_eq!(database.one("SELECT state FROM migrate_checkpoint WHERE span > 0"), "ready");
}

#[test]
fn the_ends_of_pieces_are_found_without_a_lock_on_a_row() {
    let database = Postgres::shared().database();
    create_items(&database, 400);
    let mut writer = database.connect();
    writer.batch("BEGIN; SELECT 1 FROM items FOR UPDATE").unwrap();
    let migrator = with_workers(append_slowly(1), &database, 2);
    std::thread::scope(|scope| {
        let run = scope.spawn(|| upgrade(&migrator, &database));
        wait_until("both have a piece, and wait for its rows", || at_work(&database) == 2);
        writer.batch("COMMIT").unwrap();
        run.join().unwrap().unwrap();
    });
    assert_eq!(texts(&database), ["+ 400"]);
}

#[test]
fn the_heart_beats_in_a_rest_and_while_the_backfill_is_held_back() {
    const AGE: &str =
        "UPDATE migrate_checkpoint SET updated_at = updated_at - interval '1 hour' WHERE span > 0";
    const IS_FRESH: &str = "SELECT CAST(updated_at > clock_timestamp() - interval '30 seconds' AS text) \
         FROM migrate_checkpoint WHERE span > 0";
    let database = Postgres::shared().database();
    create_items(&database, 95);
    let (is_held, batches) = (Arc::new(AtomicBool::new(true)), Arc::new(Mutex::new(0)));
    let held = Arc::clone(&is_held);
    let pace = Pace { rest: Duration::from_secs(60), ..Append::default().pace };
    let hooked = Hooked::new(Append { pace, ..Append::default() })
        .holding(move || held.load(Ordering::Relaxed).then(|| "not yet".to_owned()));
    let (stop, done) = (StopFlag::default(), Arc::clone(&batches));
    let migrator = hooked.migrator(database.url());
    let options = Options { stop: stop.clone(), ..migrator.options().clone() };
    let migrator = after_each_batch(migrator.with_options(options), move |_| *done.lock().unwrap() += 1);
    std::thread::scope(|scope| {
        let run = scope.spawn(|| upgrade(&migrator, &database));
        wait_until("it is held back", || at_work(&database) == 1);
        database.execute(AGE);
        wait_until("the heart beats", || database.one(IS_FRESH) == "true");
        assert_eq!(*batches.lock().unwrap(), 0);
        is_held.store(false, Ordering::Relaxed);
        wait_until("it rests", || *batches.lock().unwrap() == 1);
        database.execute(AGE);
        wait_until("the heart beats", || database.one(IS_FRESH) == "true");
        assert_eq!(*batches.lock().unwrap(), 1);
        stop.set();
        run.join().unwrap().unwrap_err();
    });
}

fn upgrade_a1(database: &Database) {
    migrate_tests::backfills::history(Append::default()).upgrade(&mut database.connect(), "a1").unwrap();
}
