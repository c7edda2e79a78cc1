//! No space is left on the disk of an SQLite file.

use std::time::Duration;

use migrate_tests::testkit::{Chance, SmallDisk, repetitions};

use super::trial::{Moment, Trial, report};

/// Rows for a thousand batches: without a real disk they are soon done.
const ROWS: u32 = 20_000;

#[test]
fn a_disk_that_is_full_at_random_moments_has_each_row_changed_once() {
    let mut chance = Chance::new();
    let times = repetitions(20);
    let (mut failed, mut backfills, mut again) = (0, 0, 0);
    while failed < times {
        let disk = SmallDisk::mount(4_096);
        let trial = Trial::new(disk.database(), ROWS);
        let before = failed;
        while trial.state().as_deref() != Some("applied") && failed < times {
            // What is taken beforehand need not be taken while the worker runs.
            disk.fill(256);
            let mut worker = trial.start(&[]);
            let batches = usize::try_from(chance.number(0..60)).unwrap();
            trial.wait(&mut worker, Moment::Within(batches, chance.time(Duration::from_millis(2))));
            disk.fill(u32::try_from(chance.number(0..12)).unwrap());
            let finished = worker.finish();
            if !finished.status.success() {
                assert!(finished.stderr.contains("full"), "{}", finished.stderr);
                failed += 1;
            }
            disk.free();
        }
        trial.finish(&[]);
        let batches = trial.assert_done().total();
        assert!(batches <= failed - before, "{batches} batches done again");
        backfills += 1;
        again += batches;
    }
    report(&format!(
        "{failed} processes ended by a full disk in {backfills} backfills: {again} batches done again"
    ));
}
