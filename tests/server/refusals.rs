//! I2 and the other reasons to refuse: each says what is wrong before anything is done.

use std::os::unix::fs::PermissionsExt as _;

use migrate_core::connection::{DatabaseUrl, Driver as _, FailureKind};
use migrate_core::registry::{Manifest, RegistryError};
use migrate_core::runner::{Error, Event, MigratorError, RevisionState};
use migrate_core::{AnyConnection, Migrator, Options};
use migrate_tests::on_each_server;
use migrate_tests::testkit::{History, Postgres, SqliteFile, Step, among_tables, connect, sqlite_url};

on_each_server! {
    fn a_row_that_this_program_does_not_know_is_refused_with_its_date_and_version(database: &Database) {
        History::chain(&["a1", "b1"]).migrator().upgrade(&mut database.connect(), "heads").unwrap();
        let older = History::chain(&["a1"]).migrator();
        let mut connection = database.connect();
        let error = older.upgrade(&mut connection, "heads").unwrap_err();
        assert_eq!(error.to_string(), "the ledger holds revision b1, which this program does not know");
        let Error::Unknown { rows } = error else { panic!("{error:?}") };
        assert_eq!(rows[0].binary_version, "fixture 1.2.3");
        assert!(rows[0].applied_at.ends_with('Z'), "{rows:?}");
        assert!(matches!(older.ensure_current(&mut connection), Err(Error::Unknown { .. })));
        assert!(matches!(older.downgrade(&mut connection, "base"), Err(Error::Unknown { .. })));
        assert!(matches!(older.stamp(&mut connection, &["a1"], false), Err(Error::Unknown { .. })));
        // Looking is allowed.
        let status = older.status(&mut connection).unwrap();
        let unknown: Vec<_> = status.in_state(RevisionState::Unknown).map(|row| &row.revision).collect();
        assert_eq!(unknown, ["b1"]);
        assert_eq!(status.heads, ["a1"]);
        assert_eq!(database.ledger(), ["a1 applied", "b1 applied"]);
    }

    fn a_ledger_of_a_newer_format_is_refused(database: &Database) {
        let migrator = History::chain(&["a1", "b1"]).migrator();
        migrator.upgrade(&mut database.connect(), "a1").unwrap();
        database.execute("UPDATE migrate_ledger SET format = 2, binary_version = 'service 9.0.0'");
        let error = migrator.upgrade(&mut database.connect(), "heads").unwrap_err();
        assert_eq!(error.to_string(), "the ledger has format 2, and this program reads up to 1");
        let Error::NewerLedger { written_by, .. } = error else { panic!("{error:?}") };
        assert_eq!(written_by, "service 9.0.0");
        assert!(!database.has_table("t_b1"));
        migrator.stamp(&mut database.connect(), &["base"], true).unwrap_err();
        assert_eq!(database.ledger(), ["a1 applied"]);
    }

    fn a_ledger_without_a_parent_is_refused(database: &Database) {
        let migrator = History::chain(&["a1", "b1", "c1"]).migrator();
        migrator.upgrade(&mut database.connect(), "b1").unwrap();
        database.execute("DELETE FROM migrate_ledger WHERE revision = 'a1'");
        for error in [
            migrator.upgrade(&mut database.connect(), "heads").unwrap_err(),
            migrator.downgrade(&mut database.connect(), "base").unwrap_err(),
        ] {
            assert_eq!(
                error.to_string(),
                "revision b1 is recorded as applied, but the one it builds on is not: a1"
            );
        }
        assert!(!database.has_table("t_c1"));
    }

    fn an_irreversible_revision_stops_a_downgrade_before_it_begins(database: &Database) {
        let migrator = History::chain(&["a1"])
            .with(Step::new("b1").on(&["a1"]).irreversible("the legacy JSON is gone"))
            .with(Step::new("c1").on(&["b1"]))
            .migrator();
        let mut connection = database.connect();
        migrator.upgrade(&mut connection, "heads").unwrap();
        let error = migrator.downgrade(&mut connection, "base").unwrap_err();
        assert_eq!(error.to_string(), "revision b1 is irreversible: the legacy JSON is gone");
        assert_eq!(database.ledger(), ["a1 applied", "b1 applied", "c1 applied"]);
        migrator.downgrade(&mut connection, "b1").unwrap();
        assert_eq!(database.ledger(), ["a1 applied", "b1 applied"]);
    }

    fn an_edited_migration_is_told_and_still_counts_as_applied(database: &Database) {
        History::chain(&["a1"]).migrator().upgrade(&mut database.connect(), "heads").unwrap();
        let (sender, events) = std::sync::mpsc::channel();
        let migrator = History::new()
            .with(Step::new("a1").checksum("edited"))
            .with(Step::new("b1").on(&["a1"]))
            .migrator()
            .on_event(move |event| sender.send(event.clone()).unwrap());
        let status = migrator.status(&mut database.connect()).unwrap();
        assert!(status.revisions[0].edited && !status.revisions[1].edited);
        migrator.upgrade(&mut database.connect(), "heads").unwrap();
        drop(migrator);
        let edited: Vec<_> = events.iter().filter(|event| matches!(event, Event::Edited { .. })).collect();
        assert_eq!(edited, [Event::Edited { revision: "a1".to_owned() }], "once");
        assert_eq!(database.ledger(), ["a1 applied", "b1 applied"]);
    }

    fn a_row_that_nobody_can_read_is_an_error_and_not_skipped(database: &Database) {
        let migrator = History::chain(&["a1"]).migrator();
        migrator.upgrade(&mut database.connect(), "heads").unwrap();
        let constraint = match database.dialect() {
            migrate_core::connection::Dialect::Sqlite => "PRAGMA ignore_check_constraints = ON",
            _ => "ALTER TABLE migrate_ledger DROP CONSTRAINT migrate_ledger_state_check",
        };
        let mut connection = database.connect();
        connection.batch(constraint).unwrap();
        connection.batch("UPDATE migrate_ledger SET state = 'elsewhere'").unwrap();
        let error = migrator.upgrade(&mut connection, "heads").unwrap_err();
        assert_eq!(error.to_string(), "the ledger holds a row that this version cannot read");
    }
}

#[test]
fn no_migrations_at_all_is_an_error() {
    let manifest = Manifest::new("empty", "1.0.0", "/src/versions", &[], &[]);
    let Err(error) = Migrator::<AnyConnection>::new(manifest) else { panic!("accepted") };
    assert!(matches!(error, MigratorError::Registry(RegistryError::Empty { .. })), "{error:?}");
    assert_eq!(error.to_string(), "empty has no migrations: /src/versions held none when it was compiled");
}

#[test]
fn fewer_migrations_than_the_manifest_names_is_an_error() {
    let manifest = Manifest::new("service", "1.0.0", "/src/versions", &["nowhere1", "nowhere2"], &[]);
    let error = Migrator::<AnyConnection>::new(manifest).err().unwrap();
    assert_eq!(
        error.to_string(),
        "0 of the 2 migrations of service 1.0.0 are linked into this program, missing: nowhere1, nowhere2"
    );
    let error = Migrator::<AnyConnection>::from_entries(manifest, &[]).err().unwrap();
    assert!(error.to_string().contains("nowhere1, nowhere2"), "{error}");
}

#[test]
fn a_read_only_server_is_told_apart() {
    let database = Postgres::shared().database();
    let migrator = History::chain(&["a1"]).migrator();
    let mut connection = database.connect();
    connection.batch("SET default_transaction_read_only = on").unwrap();
    let error = migrator.upgrade(&mut connection, "heads").unwrap_err();
    assert_eq!(error.failure_kind(), FailureKind::ReadOnly, "{error:?}");
    // With nothing to do it is as good as any.
    migrator.upgrade(&mut database.connect(), "heads").unwrap();
    assert!(migrator.upgrade(&mut connection, "heads").unwrap().steps.is_empty());
    let more = History::chain(&["a1", "b1"]).migrator();
    let error = more.upgrade(&mut connection, "heads").unwrap_err();
    assert_eq!(error.failure_kind(), FailureKind::ReadOnly, "{error:?}");
    assert_eq!(database.ledger(), ["a1 applied"]);
}

#[test]
fn a_read_only_file_is_told_apart() {
    let file = SqliteFile::new();
    let (path, database) = (file.path(), file.into_database());
    let migrator = History::chain(&["a1"]).migrator();
    migrator.upgrade(&mut database.connect(), "heads").unwrap();
    // Root may write to any file, so the connection is what is read-only.
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o444)).unwrap();
    let mut connection = connect(&format!("file:{}?mode=ro", path.display()));
    assert!(migrator.upgrade(&mut connection, "heads").unwrap().steps.is_empty());
    let error = History::chain(&["a1", "b1"]).migrator().upgrade(&mut connection, "heads").unwrap_err();
    assert_eq!(error.failure_kind(), FailureKind::ReadOnly, "{error:?}");
}

#[test]
fn a_directory_is_no_database() {
    let directory = tempfile::tempdir().unwrap();
    let url = sqlite_url(directory.path());
    let error = DatabaseUrl::parse(&url).unwrap().connect().err().unwrap();
    assert!(error.to_string().starts_with(&format!("could not connect to {url}: ")), "{error}");
}

#[test]
fn a_file_that_is_no_database_is_refused() {
    let file = SqliteFile::new();
    std::fs::write(file.path(), "this is a text, and long enough for a header of SQLite's".repeat(10))
        .unwrap();
    let Ok(mut connection) = DatabaseUrl::parse(&file.url()).unwrap().connect() else { return };
    let error = History::chain(&["a1"]).migrator().upgrade(&mut connection, "heads").unwrap_err();
    assert!(error.to_string().contains("not a database"), "{error}");
}

#[test]
fn a_full_disk_leaves_what_was_committed_and_the_next_run_goes_on() {
    let database = SqliteFile::new().into_database();
    let fill = Step::new("b1").on(&["a1"]).up(|cx| {
        cx.execute("CREATE TABLE fill (text text)")?;
        cx.execute(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) \
             INSERT INTO fill SELECT hex(randomblob(500)) FROM n",
        )
    });
    let migrator = History::chain(&["a1"]).with(fill).migrator();
    let mut connection = database.connect();
    migrator.upgrade(&mut connection, "a1").unwrap();
    // What a full disk looks like to SQLite, without the right to mount one.
    connection.batch("PRAGMA max_page_count = 60").unwrap();
    let error = migrator.upgrade(&mut connection, "heads").unwrap_err();
    assert_eq!(error.failure_kind(), FailureKind::DiskFull, "{error:?}");
    assert!(error.to_string().starts_with("upgrade stopped at b1"), "{error}");
    assert_eq!(database.ledger(), ["a1 applied"]);
    assert!(!database.has_table("fill"));
    connection.batch("PRAGMA max_page_count = 1000000").unwrap();
    migrator.upgrade(&mut connection, "heads").unwrap();
    assert_eq!(database.ledger(), ["a1 applied", "b1 applied"]);
    assert_eq!(database.one("PRAGMA integrity_check"), "ok");
}

#[test]
fn a_migration_of_another_server_is_refused_before_anything_runs() {
    use migrate_core::registry::{AnyEntry, Declaration, Entry};

    struct ForPostgres;
    impl migrate_core::Migration for ForPostgres {
        type Connection = diesel::PgConnection;
        fn up(&self, cx: &mut migrate_core::Context<'_, diesel::PgConnection>) -> migrate_core::Result<()> {
            cx.execute("CREATE TABLE pg_only (id bigserial)")
        }
        fn down(&self, cx: &mut migrate_core::Context<'_, diesel::PgConnection>) -> migrate_core::Result<()> {
            cx.execute("DROP TABLE pg_only")
        }
    }
    static ENTRY: Entry<diesel::PgConnection> = Entry::reversible(
        Declaration {
            revision: "p1",
            down_revisions: &[],
            depends_on: &[],
            branch_labels: &[],
            message: "",
            transaction: true,
            irreversible: None,
            allow: &[],
            checksum: None,
            crate_name: "fixture",
            crate_version: "1.0.0",
            file: "",
            line: 0,
            struct_name: "",
        },
        &ForPostgres,
    );
    let entry: &'static dyn AnyEntry = &ENTRY;
    let manifest = Manifest::new("fixture", "1.0.0", "", &["p1"], &[]);
    let migrator = among_tables(Migrator::<AnyConnection>::from_entries(manifest, &[&[entry]]).unwrap());
    let sqlite = SqliteFile::new().into_database();
    let error = migrator.upgrade(&mut sqlite.connect(), "heads").unwrap_err();
    assert_eq!(error.to_string(), "revision p1 is written for PostgreSQL, and this database is SQLite");
    assert!(!sqlite.has_table("migrate_ledger"));
    let postgres = Postgres::shared().database();
    migrator.upgrade(&mut postgres.connect(), "heads").unwrap();
    assert!(postgres.has_table("pg_only"));
    // And without the detour over `AnyConnection`.
    let typed = Migrator::<diesel::PgConnection>::from_entries(manifest, &[&[entry]]).unwrap();
    let AnyConnection::Postgres(mut connection) = postgres.connect() else { panic!("another server") };
    assert!(typed.upgrade(&mut connection, "heads").unwrap().steps.is_empty());
    typed.downgrade(&mut connection, "base").unwrap();
    assert!(!postgres.has_table("pg_only"));
}

#[test]
fn sqlite_has_no_statement_timeout() {
    let database = SqliteFile::new().into_database();
    let migrator = History::chain(&["a1"]).migrator();
    let limit = Some(std::time::Duration::from_secs(1));
    let options = Options { statement_timeout: limit, ..migrator.options().clone() };
    let error = migrator.with_options(options).upgrade(&mut database.connect(), "heads").unwrap_err();
    assert_eq!(error.to_string(), "SQLite has no statement timeout");
    assert!(!database.has_table("migrate_ledger"));
}

#[test]
fn a_server_that_dies_in_the_middle_is_continued_when_it_is_back() {
    let server = Postgres::own().start();
    let database = server.database();
    let server = std::sync::Arc::new(server);
    let killer = std::sync::Arc::clone(&server);
    let dies = Step::new("b1").on(&["a1"]).up(move |cx| {
        killer.crash();
        cx.execute("CREATE TABLE t_b1 (id integer)")
    });
    let migrator = History::chain(&["a1"]).with(dies).migrator();
    let error = migrator.upgrade(&mut database.connect(), "heads").unwrap_err();
    assert_eq!(error.to_string(), "upgrade stopped at b1 after 1 of 2 steps");
    assert_eq!(error.failure_kind(), FailureKind::ConnectionLost, "{error:?}");
    server.start_again();
    assert_eq!(database.ledger(), ["a1 applied"]);
    History::chain(&["a1", "b1"]).migrator().upgrade(&mut database.connect(), "heads").unwrap();
    assert_eq!(database.ledger(), ["a1 applied", "b1 applied"]);
}
