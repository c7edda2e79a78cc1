//! The application writes meanwhile.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use migrate_core::backfill::Pace;
use migrate_core::connection::Driver as _;
use migrate_tests::backfills::{Append, create_items, history, texts};
use migrate_tests::on_each_server;
use migrate_tests::testkit::connect;

use super::upgrade;

/// Appends a `w` to one item after the other until it is told to end; returns how many it wrote.
fn writer(url: &str, items: i64, end: &Arc<AtomicBool>) -> std::thread::JoinHandle<usize> {
    let (url, end) = (url.to_owned(), Arc::clone(end));
    std::thread::spawn(move || {
        let (mut connection, mut written, mut item) = (connect(&url), 0, 0);
        if !url.starts_with("postgres") {
            connection.batch("PRAGMA busy_timeout = 60000").unwrap();
        }
        while !end.load(Ordering::Relaxed) {
            item = (item * 5 + 3) % items;
            let sql = format!("UPDATE items SET text = text || 'w' WHERE id = {}", 2 * item + 1);
            written += connection.execute(&sql, &[]).unwrap();
            std::thread::sleep(Duration::from_millis(2));
        }
        written
    })
}

on_each_server! {
    fn writers_of_the_same_rows_lose_nothing(database: &Database) {
        create_items(database, 500);
        let end = Arc::new(AtomicBool::new(false));
        let writers = [0, 1].map(|_| writer(database.url(), 512, &end));
        // A writer that waits for an SQLite file looks every 100 ms.
        let pace = Pace { start: 25, max: 25, rest: Duration::from_millis(130), ..Pace::default() };
        let slow = Append { pace, ..Append::default() }.before_apply(|_, _| {
            std::thread::sleep(Duration::from_millis(10));
            Ok(())
        });
        upgrade(&history(slow), database).unwrap();
        end.store(true, Ordering::Relaxed);
        let count = |mark: &str| {
            let sql = format!(
                "SELECT CAST(sum(length(text) - length(replace(text, '{mark}', ''))) AS text) FROM items"
            );
            database.one(&sql).parse::<usize>().unwrap()
        };
        let written: usize = writers.into_iter().map(|writer| writer.join().unwrap()).sum();
        assert!(written > 20, "{written}");
        let per_item = database.column(
            "SELECT text FROM items WHERE length(text) - length(replace(text, '+', '')) <> 1",
        );
        assert_eq!(per_item, [""; 0], "each item was changed once");
        assert_eq!(count("w"), written, "no write was lost");
    }

    fn rows_that_go_and_rows_that_come_are_no_hindrance(database: &Database) {
        create_items(database, 200);
        let append = Append::default().before_apply(|connection, rows| {
            let last = rows[rows.len() - 1].0;
            // The rest of the next batch goes, and one item comes in behind and one ahead.
            connection.batch(&format!(
                "DELETE FROM items WHERE id > {last} AND id < {last} + 12;
                 INSERT INTO items (id, text) VALUES ({last} - 1, 'new+'), (1000000 + {last}, '')"
            ))?;
            if last > 1_000_000 {
                connection.batch(&format!("DELETE FROM items WHERE id = 1000000 + {last}"))?;
            }
            Ok(())
        });
        upgrade(&history(append), database).unwrap();
        let texts = texts(database);
        assert_eq!(texts.len(), 2, "{texts:?}");
        assert!(texts[0].starts_with("+ ") && texts[1].starts_with("new+ "), "{texts:?}");
    }
}
