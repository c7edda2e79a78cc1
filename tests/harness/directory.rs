//! A directory of Diesel's SQL migrations as revisions, on servers.

use diesel::migration::MigrationSource as _;
use diesel_migrations::MigrationHarness as _;
use migrate_core::catalog::{self, Catalog, ObjectName, Scope};
use migrate_core::connection::Dialect;
use migrate_core::plan::Direction;
use migrate_tests::testkit::Database;

use super::servers::{AnyOnPostgres, App, OnSqlite, for_each_app};

/// The ids of the SQL migrations that both servers have, in order.
const SHARED: [&str; 4] = ["20240304091500", "20240318142210", "20240502080040", "20240910163305"];
const TYPED: [&str; 3] = ["5d2c7e90a1b4", "8f03b6aa21d9", "c71e5d0f3a82"];

/// What a database holds but for both ledgers.
fn catalog(database: &Database) -> Catalog {
    let diesel = ObjectName { schema: None, name: "__diesel_schema_migrations".to_owned() };
    catalog::read(&mut database.connect(), &Scope::default().without([diesel])).unwrap()
}

fn applied(database: &Database) -> Vec<String> {
    database.column("SELECT revision FROM migrate_ledger ORDER BY revision")
}

#[test]
fn each_directory_is_a_revision_on_the_one_before() {
    let migrator = AnyOnPostgres::migrator();
    let described: Vec<_> = migrator
        .graph()
        .topological()
        .map(|revision| {
            let declaration = migrator.declaration(&revision.id).unwrap();
            let kind = if declaration.transaction { "" } else { ", outside a transaction" };
            let fate =
                declaration.irreversible.map(|why| format!(", irreversible: {why}")).unwrap_or_default();
            format!("{:?} -> {}: {}{kind}{fate}", revision.down_revisions, revision.id, revision.message)
        })
        .collect();
    assert_eq!(
        described,
        [
            "[] -> 00000000000000: diesel initial setup",
            r#"["00000000000000"] -> 20240304091500: create readers"#,
            r#"["20240304091500"] -> 20240318142210: create loans"#,
            r#"["20240318142210"] -> 20240502080040: index open loans, outside a transaction"#,
            r#"["20240502080040"] -> 20240910163305: normalise isbns, irreversible: it has no down.sql"#,
            r#"["20240910163305"] -> 5d2c7e90a1b4: Add email_key to readers"#,
            r#"["5d2c7e90a1b4"] -> 8f03b6aa21d9: Fill readers.email_key"#,
            r#"["8f03b6aa21d9"] -> c71e5d0f3a82: Make readers.email_key unique"#,
        ]
    );
}

#[test]
fn the_manifest_names_directory_and_revisions() {
    let manifest = OnSqlite::MANIFEST;
    assert!(manifest.diesel_dir().is_some_and(|path| path.ends_with("fixtures/diesel-app/sqlite")));
    assert!(SHARED.iter().chain(&TYPED).all(|id| manifest.contains(id)));
    assert_eq!(manifest.entries().len(), 8);
    let sql = manifest.entries()[1].declaration();
    assert!(sql.is_diesel_sql() && sql.checksum.is_some_and(|checksum| checksum.len() == 64));
    assert_eq!(sql.file, "fixtures/diesel-app/sqlite/2024-03-04-091500_create_readers/up.sql");
}

#[test]
fn a_plan_shows_the_sql() {
    let database = OnSqlite::database();
    let migrator = OnSqlite::migrator();
    let preview = migrator.preview_upgrade(&mut OnSqlite::connect(&database), "20240304091500").unwrap();
    let readers = &preview.steps[1];
    assert!(!readers.opaque && readers.fault.is_none());
    let text = format!("{:?}", readers.operations);
    assert!(text.contains("CREATE TRIGGER readers_updated"), "{text}");
}

for_each_app! {
    fn the_sql_makes_what_it_made_in_the_hands_of_diesel<A>() {
        let (theirs, ours) = (A::database(), A::database());
        A::connect(&theirs).run_pending_migrations(A::embedded()).unwrap();
        let report = A::migrator().upgrade(&mut A::connect(&ours), "20240910163305").unwrap();
        assert_eq!(report.steps.len(), 5);
        assert_eq!(catalog(&ours), catalog(&theirs));
    }

    fn typed_revisions_run_after_the_sql_that_they_are_based_on<A>() {
        let database = A::database();
        let migrator = A::migrator();
        let mut connection = A::connect(&database);
        let report = migrator.upgrade(&mut connection, "heads").unwrap();
        let order: Vec<_> = report.steps.iter().map(|step| step.revision.as_str()).collect();
        assert_eq!(order[1..], [&SHARED[..], &TYPED[..]].concat());
        assert!(migrator.upgrade(&mut connection, "heads").unwrap().steps.is_empty());
        migrator.downgrade(&mut connection, "20240910163305").unwrap();
        assert_eq!(applied(&database)[1..], SHARED);
        let error = migrator.downgrade(&mut connection, "20240502080040").unwrap_err();
        assert_eq!(error.to_string(), "revision 20240910163305 is irreversible: it has no down.sql");
    }

    fn down_sql_takes_back_what_up_sql_did<A>() {
        let database = A::database();
        let migrator = A::migrator();
        let mut connection = A::connect(&database);
        let before = catalog(&database);
        migrator.upgrade(&mut connection, "20240502080040").unwrap();
        migrator.downgrade(&mut connection, "base").unwrap();
        assert_eq!(catalog(&database), before);
        assert!(applied(&database).is_empty());
    }

    fn the_source_keeps_the_versions_of_sql_migrations<A>() {
        let source = A::migrator().source();
        let versions: Vec<_> = source
            .migrations()
            .unwrap()
            .iter()
            .map(|migration| migration.name().version().to_string())
            .collect();
        assert_eq!(versions[1..5], SHARED);
        assert_eq!(versions[5..], [
            "20240910163305-000006-5d2c7e90a1b4",
            "20240910163305-000007-8f03b6aa21d9",
            "20240910163305-000008-c71e5d0f3a82",
        ]);
        let migrations = source.migrations().unwrap();
        let within = migrations[5..].iter().map(|migration| migration.metadata().run_in_transaction());
        assert_eq!(within.collect::<Vec<_>>(), [true, false, true], "the backfill has its own transactions");
        let database = A::database();
        let mut connection = A::connect(&database);
        connection.run_pending_migrations(A::embedded()).unwrap();
        let pending: Vec<_> = connection
            .pending_migrations(source.clone())
            .unwrap()
            .iter()
            .map(|migration| migration.name().version().to_string())
            .collect();
        assert_eq!(pending, versions[5..]);
        let error = connection.run_pending_migrations(source.clone()).unwrap_err().to_string();
        assert!(
            error.starts_with("5d2c7e90a1b4 failed: revision 5d2c7e90a1b4 cannot be applied alone: the ledger does not have "),
            "{error}"
        );
        source.migrator().stamp(&mut connection, &["20240910163305"], false).unwrap();
        assert_eq!(connection.run_pending_migrations(source.clone()).unwrap().len(), 3);
        assert!(!connection.has_pending_migration(A::embedded()).unwrap());
        source.migrator().ensure_current(&mut connection).unwrap();
    }

    fn an_sql_error_is_told_and_leaves_nothing<A>() {
        let database = A::database();
        database.execute("CREATE TABLE loans (id integer)");
        let migrator = A::migrator();
        let error = migrator.upgrade(&mut A::connect(&database), "heads").unwrap_err();
        assert_eq!(error.to_string(), "upgrade stopped at 20240318142210 after 2 of 8 steps");
        assert_eq!(applied(&database).last().map(String::as_str), Some("20240304091500"));
        database.execute("DROP TABLE loans");
        assert_eq!(migrator.upgrade(&mut A::connect(&database), "heads").unwrap().steps.len(), 6);
    }
}

#[test]
fn the_sql_is_the_embedded_text_for_both_directions() {
    let migrator = AnyOnPostgres::migrator();
    let database = AnyOnPostgres::database();
    let mut connection = AnyOnPostgres::connect(&database);
    migrator.upgrade(&mut connection, "20240502080040").unwrap();
    let preview = migrator.preview_downgrade(&mut connection, "20240318142210").unwrap();
    let [step] = preview.steps.as_slice() else { panic!("{:?}", preview.steps) };
    assert_eq!((step.direction, step.transaction), (Direction::Downgrade, false));
    let text = format!("{:?}", step.operations);
    assert!(text.contains("DROP INDEX CONCURRENTLY loans_open"), "{text}");
    assert_eq!(database.dialect(), Dialect::Postgres);
}
