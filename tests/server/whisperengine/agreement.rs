//! Ours beside Alembic's, upwards, downwards and upwards again.

use migrate_core::catalog::Catalog;
use migrate_core::{AnyConnection, Migrator};
use migrate_tests::testkit::{Database, Postgres, among_tables};

use super::recording::{Recording, SEED, catalog, marked, rows};

fn migrator() -> Migrator<AnyConnection> {
    among_tables(Migrator::new(super::MANIFEST).unwrap())
}

fn upgrade(database: &Database, target: &str) {
    migrator().upgrade(&mut database.connect(), target).unwrap_or_else(|error| panic!("{target}: {error}"));
}

fn downgrade(database: &Database, target: &str) {
    migrator().downgrade(&mut database.connect(), target).unwrap_or_else(|error| panic!("{target}: {error}"));
}

#[test]
fn each_revision_leaves_the_catalog_and_the_rows_that_alembic_left() {
    let recording = Recording::load();
    assert_eq!(recording.catalogs.len(), super::MANIFEST.revisions().len());
    let database = Postgres::shared().database();
    for (revision, recorded) in &recording.catalogs {
        upgrade(&database, revision);
        assert_same(recorded, &marked(catalog(&database)), revision);
        if revision == "untracked" {
            database.execute(SEED);
        }
    }
    assert_eq!(rows(&database), recording.rows);
}

#[test]
fn every_comment_of_the_originals_is_there() {
    let database = Postgres::shared().database();
    upgrade(&database, "heads");
    let catalog = catalog(&database);
    let of_tables = catalog.tables.values().filter(|table| table.comment.is_some()).count();
    let columns = catalog.tables.values().flat_map(|table| &table.columns);
    let of_columns = columns.filter(|column| column.comment.is_some()).count();
    // The originals write `comment=` 67 times, two of them in a loop over six columns.
    assert_eq!((of_tables, of_columns), (2, 65 + 6));
}

#[test]
fn each_downgrade_leads_back_to_the_catalog_before_it() {
    let database = Postgres::shared().database();
    let mut before = vec![catalog(&database)];
    let order: Vec<_> = Recording::load().catalogs.into_iter().map(|(revision, _)| revision).collect();
    for revision in &order {
        upgrade(&database, revision);
        before.push(catalog(&database));
    }
    while let (Some(after), Some(revision)) = (before.pop(), order.get(before.len().wrapping_sub(1))) {
        assert_same(&after, &catalog(&database), revision);
        // One step down from a merge is to either of its parents; the other one stays.
        let merge = revision == "a71d62f22c10";
        downgrade(&database, &if merge { "336ce8830dfe".to_owned() } else { format!("{revision}@-1") });
    }
}

#[test]
fn the_way_down_leaves_an_empty_database_and_the_way_up_the_same_catalog() {
    let database = Postgres::shared().database();
    let empty = catalog(&database);
    upgrade(&database, "heads");
    let full = catalog(&database);
    downgrade(&database, "base");
    assert_same(&empty, &catalog(&database), "base");
    upgrade(&database, "heads");
    assert_same(&full, &catalog(&database), "heads");
}

#[test]
fn rows_come_back_the_way_they_went() {
    let database = Postgres::shared().database();
    upgrade(&database, "untracked");
    database.execute(SEED);
    let preferences = "SELECT coalesce(preferences, 'null')::text FROM universal_users ORDER BY universal_id";
    upgrade(&database, "heads");
    downgrade(&database, "untracked");
    assert_eq!(database.column(preferences), [r#"{"name": "Ada L.", "langs": ["en", "fr"]}"#, "{}", "null"]);
    let facts = "SELECT relationship_type FROM get_user_facts_with_relations('u1')";
    assert_eq!(database.column(facts), ["likes", "_enrichment_fact_marker", "knows", "dislikes"]);
}

/// The point of it all: no SQL statement stands in these files.
#[test]
fn the_revisions_are_operations_alone() {
    let versions = concat!(env!("CARGO_MANIFEST_DIR"), "/server/whisperengine/versions");
    for file in std::fs::read_dir(versions).unwrap() {
        let path = file.unwrap().path();
        let source = std::fs::read_to_string(&path).unwrap();
        for raw in ["cx.execute", "cx.connection", "Operation::", "batch_execute", "sql_query", "dsl::sql"] {
            assert!(!source.contains(raw), "{raw} in {}", path.display());
        }
    }
}

fn assert_same(expected: &Catalog, found: &Catalog, when: &str) {
    assert_eq!(expected.difference(found).to_string(), "", "{when}");
}
