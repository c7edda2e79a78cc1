//! What becomes of the pieces of workers that vanish, and of workers that were only slow.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use migrate_core::connection::Driver as _;
use migrate_core::runner::Event;
use migrate_tests::backfills::{Append, checkpoint, create_items, texts};
use migrate_tests::testkit::{Database, Postgres};

use super::{after_each_batch, append_slowly, at_work, with_workers};
use crate::backfill::upgrade;
use crate::worker::{assert_succeeded, start, wait_until};

/// The sessions that work on pieces, as `pid`.
fn pids(database: &Database) -> Vec<String> {
    database.column(
        "SELECT split_part(session, ' ', 1) FROM migrate_checkpoint WHERE span > 0 AND state = 'running' ORDER BY span",
    )
}

#[test]
fn the_piece_of_a_killed_process_is_taken_over_where_it_is_committed() {
    let database = Postgres::shared().database();
    create_items(&database, 20_000);
    assert_succeeded(&start(database.url(), &["--backfill", "upgrade", "a1"]).finish());
    let mut victim = start(database.url(), &["--backfill", "--workers", "3", "run", "b1"]);
    wait_until("three are at work", || at_work(&database) == 3);
    victim.kill();
    let before: u64 =
        database.one("SELECT CAST(sum(row_count) AS text) FROM migrate_checkpoint").parse().unwrap();
    assert!(before < 20_000);
    let heir = start(database.url(), &["--backfill", "--workers", "2", "run", "b1"]).finish();
    assert_succeeded(&heir);
    assert_eq!(heir.stdout.matches(" goes on ").count(), 3, "{}", heir.stdout);
    assert_eq!(texts(&database), ["+ 20000"]);
}

#[test]
fn the_piece_of_a_terminated_session_is_taken_over_by_the_others() {
    let database = Postgres::shared().database();
    create_items(&database, 3_000);
    let events = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&events);
    // Without retries a worker whose connection is lost ends, and so does its process.
    let migrator = with_workers(append_slowly(5), &database, 2);
    let options = migrate_core::Options { retries: 0, ..migrator.options().clone() };
    let victim = migrator.with_options(options);
    let others = with_workers(append_slowly(5), &database, 2).on_event(move |event| {
        if matches!(event, Event::PieceTaken { .. }) {
            told.lock().unwrap().push(event.to_string());
        }
    });
    std::thread::scope(|scope| {
        let run = scope.spawn(|| upgrade(&victim, &database));
        wait_until("two are at work", || at_work(&database) == 2);
        let victims = pids(&database);
        let join = scope.spawn(|| others.run_backfill(&mut database.connect(), "b1"));
        wait_until("four are at work", || at_work(&database) == 4);
        database.execute(&format!("SELECT pg_terminate_backend({})", victims[0]));
        run.join().unwrap().unwrap_err();
        join.join().unwrap().unwrap();
    });
    assert!(!events.lock().unwrap().is_empty());
    assert_eq!(texts(&database), ["+ 3000"]);
    assert!(checkpoint(&database).starts_with("done 3000 300 0 "), "{}", checkpoint(&database));
}

#[test]
fn an_old_token_commits_nothing() {
    let database = Postgres::shared().database();
    create_items(&database, 320);
    let url = database.url().to_owned();
    let lost = Arc::new(Mutex::new(0));
    let told = Arc::clone(&lost);
    // Somebody takes the piece over, does all of it, and is done with it, while a batch of it is about to begin.
    let migrator = with_workers(Append::default(), &database, 1).on_event(move |event| match event {
        Event::Progress { progress, .. } if progress.batches == 4 => {
            let mut elsewhere = migrate_tests::testkit::connect(&url);
            elsewhere
                .batch(
                    "UPDATE migrate_checkpoint SET token = token + 1, session = NULL WHERE span > 0;
                     UPDATE items SET text = text || '+' WHERE id > 79;
                     UPDATE migrate_checkpoint SET row_count = 320, batch_count = 32, position = '639' WHERE span = 0;
                     DELETE FROM migrate_checkpoint WHERE span > 0;",
                )
                .unwrap();
        }
        Event::PieceLost { .. } => *told.lock().unwrap() += 1,
        _ => {}
    });
    upgrade(&migrator, &database).unwrap();
    assert_eq!(*lost.lock().unwrap(), 1);
    assert_eq!(texts(&database), ["+ 320"]);
    assert_eq!(checkpoint(&database), "done 320 32 0 639");
}

#[test]
fn a_slow_worker_with_a_fresh_heartbeat_keeps_its_piece() {
    let database = Postgres::shared().database();
    create_items(&database, 400);
    // Each batch takes far longer than the other one needs for all the rest.
    let slow = with_workers(append_slowly(400), &database, 1);
    let taken = Arc::new(Mutex::new(0));
    let told = Arc::clone(&taken);
    let quick = with_workers(Append::default(), &database, 1).on_event(move |event| {
        *told.lock().unwrap() += u32::from(matches!(event, Event::PieceTaken { .. }));
    });
    std::thread::scope(|scope| {
        let run = scope.spawn(|| upgrade(&slow, &database));
        wait_until("one is at work", || at_work(&database) == 1);
        quick.run_backfill(&mut database.connect(), "b1").unwrap();
        run.join().unwrap().unwrap();
    });
    assert_eq!(*taken.lock().unwrap(), 0);
    assert_eq!(texts(&database), ["+ 400"]);
}

#[test]
fn a_batch_under_way_is_not_taken_over_however_old_its_heartbeat_is() {
    let database = Postgres::shared().database();
    create_items(&database, 200);
    let url = database.url().to_owned();
    let slow = after_each_batch(with_workers(append_slowly(300), &database, 1), move |rows| {
        // The next batch begins with a heart that has not beaten for long.
        if rows == 10 {
            migrate_tests::testkit::connect(&url)
                .batch("UPDATE migrate_checkpoint SET updated_at = updated_at - interval '1 hour', session = NULL")
                .unwrap();
        }
    });
    let quick = with_workers(Append::default(), &database, 1);
    std::thread::scope(|scope| {
        let run = scope.spawn(|| upgrade(&slow, &database));
        wait_until("a batch is done", || at_work(&database) == 1 && texts(&database).len() == 2);
        std::thread::sleep(Duration::from_millis(50));
        quick.run_backfill(&mut database.connect(), "b1").unwrap();
        run.join().unwrap().unwrap();
    });
    assert_eq!(texts(&database), ["+ 200"], "whoever had it at the end, each row is done once");
}

#[test]
fn a_heart_that_has_stopped_for_long_is_taken_for_dead() {
    let database = Postgres::shared().database();
    create_items(&database, 95);
    let stop = migrate_core::runner::StopFlag::default();
    let migrator = with_workers(Append::default(), &database, 1);
    let options = migrate_core::Options { stop: stop.clone(), ..migrator.options().clone() };
    let migrator = after_each_batch(migrator.with_options(options), move |_| stop.set());
    upgrade(&migrator, &database).unwrap_err();
    // Behind a pooler no session tells whether its worker lives.
    for (age, is_waited_for) in [("20 seconds", true), ("31 seconds", false)] {
        database.execute(&format!(
            "UPDATE migrate_checkpoint SET state = 'running', session = NULL, worker = 'gone', \
             updated_at = clock_timestamp() - interval '{age}' WHERE span > 0"
        ));
        let stop = migrate_core::runner::StopFlag::default();
        let migrator = with_workers(Append::default(), &database, 1);
        let options = migrate_core::Options { stop: stop.clone(), ..migrator.options().clone() };
        let migrator = migrator.with_options(options);
        let outcome = std::thread::scope(|scope| {
            let run = scope.spawn(|| migrator.run_backfill(&mut database.connect(), "b1"));
            std::thread::sleep(Duration::from_millis(1_500));
            stop.set();
            run.join().unwrap()
        });
        assert_eq!(outcome.is_err(), is_waited_for, "{age}: {outcome:?}");
    }
    assert_eq!(texts(&database), ["+ 95"]);
}
