//! The sample history on an SQLite database: up, down, and up again.

#![cfg(feature = "sqlite")]

use diesel::Connection as _;
use migrate_core::connection::{Driver as _, TextRow};
use migrate_core::{AnyConnection, Migrator};
use migrations_crate::{MANIFEST, retention};

/// The revision that no downgrade crosses, of the lineage that one chooses, and its parent.
const IRREVERSIBLE: &str = "c27a94e8b13d";
const BELOW_IRREVERSIBLE: &str = "3fa68b1d92e5";

fn database() -> AnyConnection {
    let mut connection = AnyConnection::establish(":memory:").unwrap();
    connection.batch("PRAGMA foreign_keys = ON").unwrap();
    connection
}

fn migrator() -> Migrator<AnyConnection> {
    Migrator::new(MANIFEST).unwrap()
}

/// Every object of the schema but the ledger's own, with the statement that would create it.
fn schema(connection: &mut AnyConnection) -> Vec<TextRow> {
    let query = "SELECT name, sql FROM sqlite_master
         WHERE tbl_name NOT LIKE 'migrate\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
         ORDER BY name";
    connection.query(query, &[]).unwrap()
}

#[test]
fn the_history_has_one_base_and_one_head() {
    let migrator = migrator();
    assert_eq!(migrator.graph().bases(), ["4b1f0c7a92de"]);
    assert_eq!(migrator.graph().real_heads(), ["3fa68b1d92e5"]);
    assert_eq!(migrator.graph().merge_points(), ["79b8e2d1a05f"]);
}

#[test]
fn down_leaves_nothing_and_up_again_gives_the_same_schema() {
    let (migrator, mut connection) = (migrator(), database());

    migrator.upgrade(&mut connection, "heads").unwrap();
    migrator.ensure_current(&mut connection).unwrap();
    let first = schema(&mut connection);

    migrator.downgrade(&mut connection, "base").unwrap();
    assert_eq!(schema(&mut connection), Vec::<TextRow>::new());

    migrator.upgrade(&mut connection, "heads").unwrap();
    assert_eq!(schema(&mut connection), first);
}

#[test]
fn what_a_revision_does_its_downgrade_undoes() {
    let (migrator, mut connection) = (migrator(), database());
    let mut applied: Vec<&str> = Vec::new();
    for revision in migrator.graph().topological() {
        migrator.upgrade(&mut connection, &revision.id).unwrap();
        applied.push(&revision.id);
        let after = schema(&mut connection);
        // With two branches applied, the way to the parent leads down both.
        let parent = migrator.graph().parents(&revision.id).next().unwrap_or("base");
        migrator.downgrade(&mut connection, parent).unwrap();
        for again in &applied {
            migrator.upgrade(&mut connection, again).unwrap();
        }
        assert_eq!(schema(&mut connection), after, "{}", revision.id);
    }
}

#[test]
fn a_downgrade_across_the_irreversible_revision_is_refused_before_anything_runs() {
    let (migrator, mut connection) = (Migrator::new(retention::MANIFEST).unwrap(), database());
    migrator.upgrade(&mut connection, "heads").unwrap();
    let before = schema(&mut connection);

    let refused = migrator.downgrade(&mut connection, "base").unwrap_err().to_string();

    assert!(refused.contains(IRREVERSIBLE), "{refused}");
    assert_eq!(schema(&mut connection), before);
    migrator.ensure_current(&mut connection).unwrap();
}

#[test]
fn users_are_verified_and_turned_back_and_the_deleted_ones_anonymized_for_good() {
    let (migrator, mut connection) = (Migrator::new(retention::MANIFEST).unwrap(), database());
    migrator.upgrade(&mut connection, "8e3d5a61c0f4").unwrap();
    connection
        .batch(
            "INSERT INTO users (email, name, status) VALUES
                ('ada@example.org', 'Ada', 'active'),
                ('bob@example.org', 'Bob', 'deleted')",
        )
        .unwrap();
    let users = |connection: &mut AnyConnection, name: &str| {
        let query = format!("SELECT email, {name}, status FROM users ORDER BY id");
        let rows = connection.query(&query, &[]).unwrap();
        rows.into_iter()
            .map(|row| row.into_iter().flatten().collect::<Vec<_>>().join(" "))
            .collect::<Vec<_>>()
    };

    migrator.upgrade(&mut connection, "5f60d2b7e849").unwrap();
    assert_eq!(
        users(&mut connection, "name"),
        ["ada@example.org Ada verified", "bob@example.org Bob deleted"]
    );

    migrator.downgrade(&mut connection, "8e3d5a61c0f4").unwrap();
    assert_eq!(users(&mut connection, "name"), ["ada@example.org Ada active", "bob@example.org Bob deleted"]);

    migrator.upgrade(&mut connection, BELOW_IRREVERSIBLE).unwrap();
    migrator.upgrade(&mut connection, "retention@head").unwrap();
    assert_eq!(
        users(&mut connection, "display_name"),
        ["ada@example.org Ada verified", "deleted-2@invalid  deleted"]
    );
}
