//! Large tables.

use std::time::{Duration, Instant};

use migrate_tests::backfills::{Append, create_items};
use migrate_tests::on_each_server;

use super::{counts, table, try_to_rehearse};

on_each_server! {
    fn a_hundred_thousand_rows_are_sampled_within_seconds(database: &Database) {
        create_items(database, 100_000);
        let started = Instant::now();
        let rehearsal = try_to_rehearse(database, Append { pace: migrate_core::prelude::Pace::default(), ..Append::default() }, 200).unwrap();
        assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
        assert_eq!((rehearsal.rows, rehearsal.places, &*rehearsal.findings), (200, 5, &[][..]));
        let items = table(&rehearsal, "items");
        assert_eq!(counts(items), [0, 200, 0]);
        let ids: Vec<i64> = items.examples.iter().map(|row| row.key[0].1.text().unwrap().parse().unwrap()).collect();
        assert!(ids.contains(&1), "where the next run goes on: {ids:?}");
        for part in 1..4 {
            assert!(ids.iter().any(|id| (part * 40_000..part * 40_000 + 60_000).contains(id)), "{part}: {ids:?}");
        }
        let projection = rehearsal.projection.unwrap();
        assert_eq!(projection.rows, 100_000);
        assert!(projection.time.likely > Duration::from_millis(500) && projection.time.cautious < Duration::from_secs(600), "{projection:?}");
    }
}
