//! Each revision beside its section of Alembic's SQL, on two databases.

use migrate_core::catalog::{Catalog, ObjectName, Scope, read};
use migrate_core::connection::MigrationConnection as _;
use migrate_core::{AnyConnection, Migrator};
use migrate_tests::testkit::{Database, Postgres, among_tables};

const UPGRADE: &str = include_str!("../../fixtures/alembic/upgrade.sql");
const DOWNGRADE: &str = include_str!("../../fixtures/alembic/downgrade.sql");

/// The last revision that can be taken back.
const LAST_REVERSIBLE: &str = "07f0c0de0007";

fn migrator() -> Migrator<AnyConnection> {
    among_tables(Migrator::new(super::MANIFEST).unwrap())
}

fn catalog(database: &Database) -> Catalog {
    let version = ObjectName { schema: None, name: "alembic_version".to_owned() };
    read(database.connect().driver(), &Scope::default().without([version])).unwrap()
}

/// The sections of a script of Alembic, each with the revision that it is about.
fn sections(script: &'static str, direction: &str) -> Vec<(&'static str, &'static str)> {
    let mark = format!("-- Running {direction} ");
    let parts: Vec<_> = script.split(mark.as_str()).collect();
    let section = |part: &&'static str| {
        let (edge, sql) = part.split_once('\n').unwrap();
        let (from, to) = edge.split_once(" -> ").or(edge.split_once(" ->")).unwrap();
        (if direction == "upgrade" { to } else { from }, sql)
    };
    parts[1..].iter().map(section).collect()
}

/// Runs a section statement by statement, as Alembic would. It commits what it did, and begins the next transaction.
fn run(connection: &mut AnyConnection, sql: &str) {
    for statement in sql.split(";\n\n").filter(|statement| !statement.trim().is_empty()) {
        connection.driver().batch(statement).unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
}

/// A database with what Alembic's script does before its first section.
fn begun(script: &str) -> (Database, AnyConnection) {
    let database = Postgres::shared().database();
    let mut connection = database.connect();
    let before = script.split("-- Running").next().unwrap();
    run(&mut connection, before);
    (database, connection)
}

fn assert_same(theirs: &Database, ours: &Database, revision: &str) {
    let difference = catalog(theirs).difference(&catalog(ours));
    assert!(difference.is_empty(), "{revision}: from Alembic's to ours\n{difference}");
}

#[test]
fn each_upgrade_leaves_the_catalog_that_alembic_s_sql_leaves() {
    let (theirs, mut connection) = begun(UPGRADE);
    let ours = Postgres::shared().database();
    let sections = sections(UPGRADE, "upgrade");
    assert_eq!(sections.len(), super::MANIFEST.revisions().len());
    for (revision, sql) in sections {
        run(&mut connection, sql);
        migrator()
            .upgrade(&mut ours.connect(), revision)
            .unwrap_or_else(|error| panic!("{revision}: {error}"));
        assert_same(&theirs, &ours, revision);
    }
    let rows = "SELECT slug, level::text, is_open::text FROM roles ORDER BY id";
    assert_eq!(ours.rows(rows), theirs.rows(rows));
    assert_eq!(ours.column("SELECT slug FROM roles ORDER BY id"), ["admin", "it's"]);
}

#[test]
fn each_downgrade_leaves_the_catalog_that_alembic_s_sql_leaves() {
    let (theirs, mut connection) = begun(UPGRADE);
    for (revision, sql) in sections(UPGRADE, "upgrade") {
        if revision != "18f0c0de0008" {
            run(&mut connection, sql);
        }
    }
    let ours = Postgres::shared().database();
    migrator().upgrade(&mut ours.connect(), LAST_REVERSIBLE).unwrap();
    assert_same(&theirs, &ours, LAST_REVERSIBLE);
    for (revision, sql) in sections(DOWNGRADE, "downgrade") {
        run(&mut connection, sql);
        // From a merge each branch goes its own way; elsewhere there is one below.
        let target = match revision {
            "f6f0c0de0006" => "e5f0c0de0005".to_owned(),
            _ => format!("{revision}@-1"),
        };
        migrator()
            .downgrade(&mut ours.connect(), &target)
            .unwrap_or_else(|error| panic!("{revision}: {error}"));
        assert_same(&theirs, &ours, revision);
    }
    assert_same(&Postgres::shared().database(), &ours, "base");
}
