//! PostgreSQL's own copy of a database is the same catalog.

use migrate_tests::testkit::Postgres;

use super::{catalog, rich};

#[test]
fn a_restored_dump_has_the_same_catalog() {
    let original = rich();
    let copy = Postgres::shared().database();
    copy.run_script(&original.dump(&[]));
    let (from, to) = (catalog(&original), catalog(&copy));
    assert_eq!(from.difference(&to).to_string(), "");
    assert!(from == to);
    assert!(from.tables.len() > 10 && from.functions.len() > 5);
}

#[test]
fn a_catalog_is_the_same_each_time() {
    let database = rich();
    assert!(catalog(&database) == catalog(&database));
}
