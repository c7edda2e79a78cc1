//! Pausing, resuming, cancelling and stopping while several are at work.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use migrate_core::Options;
use migrate_core::backfill::BackfillError;
use migrate_core::runner::{Error, Event, StopFlag, Throttle};
use migrate_tests::backfills::{Append, create_items, texts};
use migrate_tests::testkit::{Database, Postgres};

use super::{after_each_batch, append_slowly, at_work, with_workers};
use crate::backfill::{stopped, upgrade};
use crate::worker::wait_until;

fn set_state(database: &Database, state: &str) {
    database.execute(&format!("UPDATE migrate_checkpoint SET state = '{state}' WHERE span = 0"));
}

fn done(database: &Database) -> u64 {
    database.one("SELECT CAST(count(*) AS text) FROM items WHERE text = '+'").parse().unwrap()
}

#[test]
fn four_workers_pause_with_beating_hearts_and_go_on() {
    let database = Postgres::shared().database();
    create_items(&database, 4_000);
    let events = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&events);
    let migrator = with_workers(append_slowly(4), &database, 4).on_event(move |event| {
        if matches!(event, Event::Paused { .. } | Event::Unpaused { .. }) {
            told.lock().unwrap().push(event.to_string());
        }
    });
    std::thread::scope(|scope| {
        let run = scope.spawn(|| upgrade(&migrator, &database));
        wait_until("four are at work", || at_work(&database) == 4);
        set_state(&database, "paused");
        wait_until("all are paused", || events.lock().unwrap().len() == 4);
        let before = (done(&database), beats(&database));
        std::thread::sleep(Duration::from_millis(2_500));
        assert_eq!(done(&database), before.0, "nothing is done meanwhile");
        assert_eq!(at_work(&database), 4, "nobody has left");
        let beats = beats(&database);
        assert!(beats.iter().zip(&before.1).all(|(now, before)| now > before), "{before:?} {beats:?}");
        set_state(&database, "running");
        run.join().unwrap().unwrap();
    });
    assert_eq!(texts(&database), ["+ 4000"]);
    assert_eq!(events.lock().unwrap().len(), 8);
}

fn beats(database: &Database) -> Vec<String> {
    database.column("SELECT CAST(updated_at AS text) FROM migrate_checkpoint WHERE span > 0 ORDER BY span")
}

#[test]
fn cancelling_ends_four_workers_and_a_resumed_backfill_goes_on() {
    let database = Postgres::shared().database();
    create_items(&database, 4_000);
    let migrator = with_workers(append_slowly(4), &database, 4);
    let error = std::thread::scope(|scope| {
        let run = scope.spawn(|| upgrade(&migrator, &database));
        wait_until("four are at work", || at_work(&database) == 4);
        set_state(&database, "cancelled");
        stopped(run.join().unwrap())
    });
    assert!(matches!(&error, BackfillError::Withheld { state } if state == "cancelled"), "{error:?}");
    assert_eq!(at_work(&database), 0, "every piece is given back");
    assert!(done(&database) < 4_000);
    set_state(&database, "running");
    upgrade(&with_workers(Append::default(), &database, 4), &database).unwrap();
    assert_eq!(texts(&database), ["+ 4000"]);
}

#[test]
fn the_stop_flag_ends_four_workers_after_their_batch() {
    let database = Postgres::shared().database();
    create_items(&database, 4_000);
    let stop = StopFlag::default();
    let migrator = with_workers(append_slowly(4), &database, 4);
    let options = Options { stop: stop.clone(), ..migrator.options().clone() };
    let migrator = after_each_batch(migrator.with_options(options), move |rows| {
        if rows >= 200 {
            stop.set();
        }
    });
    let error = upgrade(&migrator, &database).unwrap_err();
    let Error::Halted { revision, progress: Some(progress), .. } = error else { panic!("{error:?}") };
    assert_eq!((revision.as_str(), progress.rows), ("b1", done(&database)));
    assert!(progress.rows < 400, "{progress:?}");
    assert_eq!(at_work(&database), 0);
    upgrade(&with_workers(Append::default(), &database, 4), &database).unwrap();
    assert_eq!(texts(&database), ["+ 4000"]);
}

#[test]
fn a_worker_rests_as_the_throttle_says() {
    let database = Postgres::shared().database();
    create_items(&database, 100);
    let migrator = with_workers(append_slowly(20), &database, 1);
    let throttle = Throttle { duty_cycle: Some(0.25), ..Throttle::default() };
    let options = Options { throttle, ..migrator.options().clone() };
    let started = std::time::Instant::now();
    upgrade(&migrator.with_options(options), &database).unwrap();
    // Ten batches of 20 ms, and three times as long a rest after each.
    assert!(started.elapsed() >= Duration::from_millis(10 * 80), "{:?}", started.elapsed());
}

#[test]
fn a_backfill_is_held_back_for_as_long_as_it_says() {
    use migrate_core::prelude::*;
    diesel::table! { items (id) { id -> BigInt, text -> Text, } }

    struct Shy(AtomicU64);

    impl Backfill for Shy {
        type Connection = AnyConnection;
        type Key = i64;
        type Row = i64;

        fn rows(&self, conn: &mut AnyConnection, span: &Span<i64>) -> QueryResult<Vec<i64>> {
            let ids = items::table.select(items::id).filter(span.contains(items::id));
            ids.order(items::id).limit(span.limit()).load(conn)
        }

        fn key(&self, row: &i64) -> i64 {
            *row
        }

        fn apply(&self, conn: &mut AnyConnection, ids: Vec<i64>) -> Result<()> {
            let rows = items::table.filter(items::id.eq_any(ids));
            diesel::update(rows).set(items::text.eq("+")).execute(conn)?;
            Ok(())
        }

        fn remaining(&self, conn: &mut AnyConnection) -> QueryResult<i64> {
            items::table.filter(items::text.ne("+")).count().get_result(conn)
        }

        fn down(&self, _: &mut Context<'_, AnyConnection>) -> Result<()> {
            Ok(())
        }

        fn throttle(&self, _: &mut AnyConnection) -> QueryResult<Option<String>> {
            let asked = self.0.fetch_add(1, Ordering::Relaxed);
            Ok((asked < 3).then(|| "it is not night yet".to_owned()))
        }
    }

    let database = Postgres::shared().database();
    create_items(&database, 50);
    let told = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&told);
    let history = migrate_tests::testkit::History::new()
        .with(migrate_tests::testkit::Step::new("a1"))
        .with_backfill("b1", &["a1"], Shy(AtomicU64::new(0)));
    let migrator = history.migrator().on_event(move |event| {
        if matches!(event, Event::HeldBack { .. }) {
            seen.lock().unwrap().push(event.to_string());
        }
    });
    let started = std::time::Instant::now();
    upgrade(&migrator, &database).unwrap();
    assert!(started.elapsed() >= Duration::from_secs(3), "it asked once a second");
    assert_eq!(*told.lock().unwrap(), ["Backfill b1 waits: it is not night yet"], "and said so once");
    assert_eq!(texts(&database), ["+ 50"]);
}
