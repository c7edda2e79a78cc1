//! How large tables are.

use migrate_core::catalog::{Scope, statistics};
use migrate_core::connection::MigrationConnection as _;
use migrate_tests::testkit::Database;

use super::{public, with};

fn of(database: &Database, table: &str) -> migrate_core::catalog::Statistics {
    statistics(database.connect().driver(), &Scope::tables([public(table)])).unwrap()[&public(table)]
}

#[test]
fn rows_are_unknown_until_the_server_has_counted() {
    let database = with("CREATE TABLE t (a integer) WITH (autovacuum_enabled = off)");
    let fresh = of(&database, "t");
    assert_eq!((fresh.rows, fresh.pages, fresh.bytes), (None, 0, 0));
    database.execute("INSERT INTO t SELECT generate_series(1, 10000)");
    assert_eq!(of(&database, "t").rows, None);
    database.execute("ANALYZE t");
    let counted = of(&database, "t");
    assert_eq!(counted.rows, Some(10_000));
    assert!(counted.pages > 40 && counted.bytes >= counted.pages * 8192, "{counted:?}");
    database.execute("CREATE INDEX ON t (a)");
    assert!(of(&database, "t").bytes > counted.bytes + 200_000);
}

#[test]
fn a_partitioned_table_is_as_large_as_its_partitions() {
    let database = with(
        "CREATE TABLE p (a integer) PARTITION BY RANGE (a); \
         CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (100); \
         CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (100) TO (200) PARTITION BY LIST (a); \
         CREATE TABLE p3 PARTITION OF p2 DEFAULT; CREATE TABLE e (a integer) PARTITION BY LIST (a); \
         INSERT INTO p SELECT generate_series(0, 149); ANALYZE p1; ANALYZE p3",
    );
    assert_eq!(of(&database, "p").rows, Some(150));
    assert_eq!(of(&database, "p").bytes, of(&database, "p1").bytes + of(&database, "p3").bytes);
    assert_eq!(of(&database, "e").rows, Some(0));
}

#[test]
fn statistics_do_not_make_a_catalog_differ() {
    let database = with("CREATE TABLE t (a integer)");
    let before = super::catalog(&database);
    database.execute("INSERT INTO t SELECT generate_series(1, 1000); ANALYZE t");
    assert!(super::catalog(&database) == before);
}
