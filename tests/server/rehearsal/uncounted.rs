//! A server that does not count what is written.

use migrate_core::connection::Driver as _;
use migrate_core::rehearsal::Ended;
use migrate_tests::backfills::{Append, create_items, history};
use migrate_tests::testkit::Postgres;

use super::rows;

#[test]
fn without_track_counts_the_times_are_told_and_the_changes_are_not() {
    let database = Postgres::shared().database();
    create_items(&database, 95);
    let migrator = history(Append::default().failing_at(&[41]));
    migrator.upgrade(&mut database.connect(), "a1").unwrap();
    let mut connection = database.connect();
    connection.batch("SET track_counts = off").unwrap();
    let rehearsal = migrator.rehearse_backfill(&mut connection, "b1", rows(200)).unwrap();
    assert_eq!((rehearsal.rows, rehearsal.ended, rehearsal.places), (94, Ended::AllRows, 1));
    assert!(rehearsal.unseen.unwrap().contains("`track_counts` is off"));
    let found: Vec<_> = rehearsal.findings.iter().map(ToString::to_string).collect();
    assert_eq!(found, ["the row 41 fails: item 41 is bad"], "not knowing is no finding");
    assert!(rehearsal.tables.is_empty() && rehearsal.projection.is_some());
}
