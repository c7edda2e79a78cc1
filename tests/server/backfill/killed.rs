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

fn random_moment() -> Duration {
    let random = RandomState::new().build_hasher().finish();
    Duration::from_millis(random % 150)
}

on_each_server! {
    fn a_backfill_killed_at_random_moments_changes_each_row_once(database: &Database) {
        let rows = 10_000;
        let (mut kills, mut in_the_middle) = (0, 0);
        while kills < repetitions(24) || in_the_middle == 0 {
            let database = like(database);
            create_items(&database, rows);
            loop {
                let mut victim = start(database.url(), &UPGRADE);
                std::thread::sleep(random_moment());
                victim.kill();
                kills += 1;
                let ledger = database.ledger();
                in_the_middle += u32::from(ledger.iter().any(|row| row == "b1 running"));
                let is_done = ledger.iter().any(|row| row == "b1 applied");
                if is_done || kills >= repetitions(24) {
                    break;
                }
            }
            assert_succeeded(&start(database.url(), &UPGRADE).finish());
            assert_eq!(texts(&database), [format!("+ {rows}")]);
            assert_eq!(checkpoint(&database), format!("done {rows} {} 0 {}", rows / 50, 2 * rows - 1));
        }
    }
}
