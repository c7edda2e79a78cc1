//! Memory does not grow with the table.

use migrate_tests::testkit::SqliteFile;

use crate::worker::{assert_succeeded, start};
use migrate_tests::backfills::create_items;

/// The most memory that a process has had, in KiB, that did a backfill of so many rows.
fn peak(rows: u32) -> f64 {
    let database = SqliteFile::new().into_database();
    create_items(&database, rows);
    let finished =
        start(database.url(), &["--audited", "/dev/null", "1000", "--peak", "upgrade", "heads"]).finish();
    assert_succeeded(&finished);
    finished.stdout.lines().last().unwrap().parse().unwrap()
}

#[test]
fn ten_times_the_rows_take_no_more_memory() {
    let (few, many) = (peak(30_000), peak(300_000));
    assert!(many <= 1.1 * few, "{few} KiB for 30,000 rows, {many} KiB for 300,000");
}
