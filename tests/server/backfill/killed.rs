//! Processes that are killed at random moments, and the next one that goes on.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher as _, Hasher as _};
use std::time::Duration;

use migrate_tests::backfills::{checkpoint, create_items, texts};
use migrate_tests::on_each_server;
use migrate_tests::testkit::{Database, Postgres, SqliteFile, repetitions};

use crate::worker::{assert_succeeded, start};

const UPGRADE: [&str; 3] = ["--backfill", "upgrade", "heads"];

pub(super) fn like(database: &Database) -> Database {
    match database.dialect() {
        migrate_core::connection::Dialect::Sqlite => SqliteFile::new().into_database(),
        _ => Postgres::shared().database(),
    }
}

/// Some time up to so many milliseconds.
fn random_moment(longest: u64) -> Duration {
    let random = RandomState::new().build_hasher().finish();
    Duration::from_millis(random % longest)
}

on_each_server! {
    fn a_backfill_killed_at_random_moments_changes_each_row_once(database: &Database) {
        let rows = 10_000;
        let (mut kills, mut in_the_middle, mut longest) = (0, 0, 150);
        while kills < repetitions(24) || in_the_middle == 0 {
            let database = like(database);
            create_items(&database, rows);
            loop {
                let mut victim = start(database.url(), &UPGRADE);
                std::thread::sleep(random_moment(longest));
                victim.kill();
                kills += 1;
                let ledger = database.ledger();
                if ledger.iter().any(|row| row == "b1 applied") {
                    longest = (longest / 2).max(50);
                    break;
                }
                if ledger.iter().any(|row| row == "b1 running") {
                    in_the_middle += 1;
                } else {
                    // On a busy machine it takes longer to get there.
                    longest = (longest * 2).min(10_000);
                }
                if kills >= repetitions(24) && in_the_middle > 0 {
                    break;
                }
            }
            assert_succeeded(&start(database.url(), &UPGRADE).finish());
            assert_eq!(texts(&database), [format!("+ {rows}")]);
            assert_eq!(checkpoint(&database), format!("done {rows} {} 0 {}", rows / 50, 2 * rows - 1));
        }
    }
}
