//! Those who use the database meanwhile.

use std::sync::mpsc;
use std::time::{Duration, Instant};

use migrate_core::connection::{Dialect, Driver as _};
use migrate_core::rehearsal::{Ended, Limits, RehearsalError};
use migrate_core::runner::Error;
use migrate_tests::backfills::{Append, create_items, history};
use migrate_tests::on_each_server;
use migrate_tests::testkit::connect;

use super::{examples, rehearse, rows, table, try_to_rehearse};

on_each_server! {
    fn writers_wait_no_longer_than_the_sample_may_take(database: &Database) {
        create_items(database, 2_000);
        let (tell, told) = mpsc::channel();
        let url = database.url().to_owned();
        let writer = std::thread::spawn(move || {
            told.recv().unwrap();
            let started = Instant::now();
            connect(&url).execute("UPDATE items SET text = 'w' WHERE id = 1", &[]).unwrap();
            started.elapsed()
        });
        let told_once = std::sync::Mutex::new(Some(tell));
        let slow = Append::default().before_apply(move |_, rows| {
            if let Some(tell) = told_once.lock().unwrap().take() {
                tell.send(()).unwrap();
            }
            std::thread::sleep(Duration::from_millis(20 * rows.len() as u64));
            Ok(())
        });
        let limits = Limits { rows: 1_000, time: Duration::from_secs(1) };
        let rehearsal = try_to_rehearse(database, slow, limits).unwrap();
        let waited = writer.join().unwrap();
        assert_eq!((rehearsal.ended, rehearsal.places), (Ended::OutOfTime, 5), "{:?}", rehearsal.measures);
        // No more rows than there was time for, each of which took 20 ms.
        assert!((5..=60).contains(&rehearsal.rows), "{}", rehearsal.rows);
        assert!(waited < Duration::from_secs(9), "{waited:?}");
        // Of what comes of it, what was not done is no part.
        let measured: u32 = rehearsal.measures.iter().map(|batch| batch.rows).sum();
        assert_eq!(u64::from(measured), rehearsal.rows);
        let projection = rehearsal.projection.unwrap();
        assert_eq!(projection.rows, 2_000);
        assert!(projection.time.likely >= Duration::from_secs(40), "{projection:?}");
    }

    fn it_gives_up_where_others_hold_the_rows(database: &Database) {
        create_items(database, 20);
        let migrator = history(Append::default());
        migrator.upgrade(&mut database.connect(), "a1").unwrap();
        let mut other = database.connect();
        let begin = if database.dialect() == Dialect::Sqlite { "BEGIN IMMEDIATE" } else { "BEGIN" };
        other.batch(&format!("{begin}; UPDATE items SET text = 'w' WHERE id = 3")).unwrap();
        let started = Instant::now();
        let outcome = migrator.rehearse_backfill(&mut database.connect(), "b1", 20);
        assert!(matches!(outcome, Err(Error::Rehearsal(RehearsalError::InTheWay(_)))), "{outcome:?}");
        assert!(started.elapsed() < Duration::from_secs(15), "{:?}", started.elapsed());
        other.batch("ROLLBACK").unwrap();
        assert_eq!(migrator.rehearse_backfill(&mut database.connect(), "b1", rows(20)).unwrap().rows, 20);
    }

    fn rows_that_others_write_are_not_taken_for_its_own(database: &Database) {
        create_items(database, 200);
        if database.dialect() == Dialect::Sqlite {
            return assert_eq!(rehearse(database, Append::default()).rows, 100);
        }
        let url = database.url().to_owned();
        let meanwhile = Append::default().before_apply(move |_, rows| {
            if rows.iter().all(|(id, _)| *id < 300) {
                connect(&url).batch("UPDATE items SET text = text || 'w' WHERE id = 399; INSERT INTO owners VALUES ((SELECT coalesce(max(id), 0) + 1 FROM owners))")?;
            }
            Ok(())
        });
        let rehearsal = rehearse(database, meanwhile);
        assert_eq!(rehearsal.tables.len(), 1, "{rehearsal:#?}");
        let examples = examples(table(&rehearsal, "items"));
        assert!(examples.iter().all(|line| line.starts_with("Updated ") && !line.contains("id=399:")), "{examples:?}");
    }
}
