//! How large batches are.

use std::sync::Arc;
use std::time::Duration;

use migrate_core::backfill::Pace;
use migrate_core::prelude::*;
use migrate_tests::backfills::{Append, create_items, history, texts};
use migrate_tests::on_each_server;

use super::upgrade;

on_each_server! {
    fn batches_shrink_under_a_slow_change_and_the_next_run_begins_with_their_size(database: &Database) {
        create_items(database, 300);
        let sizes = Arc::new(std::sync::Mutex::new(Vec::new()));
        let seen = Arc::clone(&sizes);
        let pace = Pace { start: 100, min: 2, target: Duration::from_millis(20), ..Pace::default() };
        let slow = Append { pace, ..Append::default() }.before_apply(move |_, rows| {
            seen.lock().unwrap().push(rows.len());
            std::thread::sleep(Duration::from_millis(2) * u32::try_from(rows.len()).unwrap());
            if rows.iter().any(|(id, _)| *id > 500) { Err(BodyError::new("enough")) } else { Ok(()) }
        });
        upgrade(&history(slow), database).unwrap_err();
        let sizes = sizes.lock().unwrap().clone();
        assert_eq!(sizes[0], 100);
        // 200 ms are more than five times the target.
        assert!(sizes[1] <= 10 && sizes[1..].iter().all(|size| *size <= 20), "{sizes:?}");
        let size: u32 = database.one("SELECT CAST(batch_size AS text) FROM migrate_checkpoint WHERE span = 1").parse().unwrap();
        assert!((2..=20).contains(&size), "{size}");
        let first = Arc::new(std::sync::Mutex::new(0));
        let seen = Arc::clone(&first);
        let rest = Append { pace, ..Append::default() }.before_apply(move |_, rows| {
            let mut first = seen.lock().unwrap();
            if *first == 0 {
                *first = rows.len();
            }
            Ok(())
        });
        upgrade(&history(rest), database).unwrap();
        assert_eq!(*first.lock().unwrap(), usize::try_from(size).unwrap());
        assert_eq!(texts(database), ["+ 300"]);
    }
}
