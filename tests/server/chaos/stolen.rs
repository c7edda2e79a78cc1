//! Pieces are taken from workers that are alive, as if their hearts had stopped.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use migrate_core::Options;
use migrate_core::connection::{DatabaseUrl, Driver as _};
use migrate_core::runner::Event;
use migrate_tests::backfills::audited;
use migrate_tests::testkit::{Chance, Postgres, connect, repetitions};

use super::trial::{BATCH, Trial, report};

/// Makes the last sign of life of some piece an hour old.
pub(super) const STEAL: &str = "UPDATE migrate_checkpoint SET updated_at = updated_at - interval '1 hour' \
     WHERE span = (SELECT span FROM migrate_checkpoint WHERE span > 0 ORDER BY random() LIMIT 1)";

/// Runs one backfill with eight workers between such thefts; returns how many pieces changed hands, and batches that
/// were done again.
fn robbed() -> (u32, u32) {
    let trial = Trial::new(Postgres::shared().database(), 6_000);
    let (taken, lost) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    let told = (Arc::clone(&taken), Arc::clone(&lost));
    let url = trial.database.url().to_owned();
    let migrator = audited(trial.audit.clone(), BATCH)
        .with_connector(move || Ok(DatabaseUrl::parse(&url)?.connect()?))
        .on_event(move |event| {
            told.0.fetch_add(u32::from(matches!(event, Event::PieceTaken { .. })), Ordering::Relaxed);
            told.1.fetch_add(u32::from(matches!(event, Event::PieceLost { .. })), Ordering::Relaxed);
        });
    let options = Options { workers: 8, ..migrator.options().clone() };
    let end = Arc::new(AtomicBool::new(false));
    let (is_over, url) = (Arc::clone(&end), trial.database.url().to_owned());
    let thief = std::thread::spawn(move || {
        let (mut chance, mut connection) = (Chance::new(), connect(&url));
        while !is_over.load(Ordering::Relaxed) {
            // The table of checkpoints is not there at first.
            let _ = connection.batch(STEAL);
            std::thread::sleep(chance.time(Duration::from_millis(4)));
        }
    });
    let outcome = migrator.with_options(options).upgrade(&mut trial.database.connect(), "heads");
    end.store(true, Ordering::Relaxed);
    thief.join().unwrap();
    outcome.unwrap();
    let (again, lost) = (trial.assert_done(), lost.load(Ordering::Relaxed));
    assert!(again.total() <= lost, "{lost} pieces were lost: {again:?}");
    (taken.load(Ordering::Relaxed), again.total())
}

#[test]
fn pieces_taken_from_the_living_at_random_moments_change_each_row_once() {
    let (mut backfills, mut taken, mut again) = (0, 0, 0);
    while taken < repetitions(10) {
        let (more_taken, more_again) = robbed();
        backfills += 1;
        taken += more_taken;
        again += more_again;
        assert!(backfills < 100 || taken > 0, "no piece was ever taken");
    }
    report(&format!("{taken} pieces taken in {backfills} backfills: {again} batches done again"));
}
