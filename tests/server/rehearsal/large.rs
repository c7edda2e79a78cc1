//! Large tables.

use std::time::{Duration, Instant};

use migrate_core::prelude::Pace;
use migrate_tests::backfills::{Append, create_items};
use migrate_tests::on_each_server;

use super::{counts, rows, table, try_to_rehearse};

on_each_server! {
    fn a_hundred_thousand_rows_are_sampled_from_all_over_the_table(database: &Database) {
        create_items(database, 100_000);
        let started = Instant::now();
        let append = Append { pace: Pace::default(), ..Append::default() };
        let rehearsal = try_to_rehearse(database, append, rows(200)).unwrap();
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
        // The slowest of 200 rows took less than the rehearsal.
        let longest = started.elapsed() * 100_000;
        assert!(projection.time.likely <= projection.time.cautious && projection.time.cautious < longest, "{projection:?}");
        assert!(projection.time.likely > Duration::from_millis(1), "{projection:?}");
    }

    fn the_first_batch_of_each_place_is_small_and_the_others_are_as_large_as_there_is_time_for(database: &Database) {
        create_items(database, 5_000);
        let append = Append { pace: Pace::default(), ..Append::default() };
        let rehearsal = try_to_rehearse(database, append, rows(1_000)).unwrap();
        let sizes: Vec<_> = rehearsal.measures.iter().map(|batch| batch.rows).collect();
        assert_eq!(sizes[..5], [10; 5]);
        assert_eq!((sizes.iter().sum::<u32>(), sizes[5..].iter().all(|rows| *rows <= 100)), (1_000, true), "{sizes:?}");
        assert!(sizes.len() >= 15, "{sizes:?}");
    }
}
