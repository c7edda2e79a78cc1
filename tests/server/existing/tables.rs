//! Tables without a ledger: never guessed at, and nothing is written.

use diesel::connection::Connection as _;
use migrate_core::connection::{Dialect, Driver as _};
use migrate_core::ledger::LedgerNames;
use migrate_core::lock::LockMode;
use migrate_core::runner::{Error, Unadopted};
use migrate_core::{AnyConnection, Migrator, Options};
use migrate_tests::backfills::Append;
use migrate_tests::on_each_server;
use migrate_tests::testkit::{Database, History, Postgres, SqliteFile, Statements};

/// A migrator as an application makes it, whose bodies need nothing to be there.
fn migrator() -> Migrator<AnyConnection> {
    as_an_application(History::chain(&["a1", "b1"]).silent().migrator())
}

fn as_an_application(migrator: Migrator<AnyConnection>) -> Migrator<AnyConnection> {
    with(migrator, |options| Options { allow_tables: false, ..options })
}

fn with(
    migrator: Migrator<AnyConnection>,
    change: impl FnOnce(Options) -> Options,
) -> Migrator<AnyConnection> {
    let options = change(migrator.options().clone());
    migrator.with_options(options)
}

/// What an upgrade refuses.
#[track_caller]
fn refused(database: &Database) -> Unadopted {
    refused_on(&mut database.connect())
}

#[track_caller]
fn refused_on(connection: &mut AnyConnection) -> Unadopted {
    match migrator().upgrade(connection, "heads") {
        Err(Error::TablesWithoutLedger(unadopted)) => unadopted,
        other => panic!("{other:?}"),
    }
}

fn names(unadopted: &Unadopted) -> Vec<String> {
    unadopted.tables.iter().map(ToString::to_string).collect()
}

#[track_caller]
fn nothing_was_written(database: &Database) {
    for table in ["migrate_ledger", "migrate_event", "migrate_journal", "migrate_lease", "t_a1"] {
        assert!(!database.has_table(table), "{table}");
    }
}

#[track_caller]
fn accepted(database: &Database) {
    migrator().upgrade(&mut database.connect(), "heads").unwrap();
    assert_eq!(database.ledger(), ["a1 applied", "b1 applied"]);
}

on_each_server! {
    fn an_upgrade_of_tables_without_a_ledger_writes_nothing_and_names_them(database: &Database) {
        database.execute("CREATE TABLE users (id integer); CREATE TABLE orders (id integer)");
        let error = migrator().upgrade(&mut database.connect(), "heads").unwrap_err();
        assert_eq!(error.to_string(), "the database holds 3 tables and no ledger: applied_log, orders, users");
        database.execute("DROP TABLE users; DROP TABLE orders");
        let error = migrator().upgrade(&mut database.connect(), "+1").unwrap_err();
        assert_eq!(error.to_string(), "the database holds a table and no ledger: applied_log");
        nothing_was_written(database);
    }

    fn an_empty_database_runs_from_base(database: &Database) {
        database.execute("DROP TABLE applied_log");
        accepted(database);
    }

    fn who_says_that_the_tables_are_others_is_not_asked_again(database: &Database) {
        let allowing = || with(migrator(), |options| Options { allow_tables: true, ..options });
        allowing().upgrade(&mut database.connect(), "a1").unwrap();
        accepted(database);
    }

    fn what_is_not_there_to_be_done_is_not_reported_as_done(database: &Database) {
        let mut connection = database.connect();
        for error in [
            migrator().downgrade(&mut connection, "base").unwrap_err(),
            migrator().upgrade(&mut connection, "base").unwrap_err(),
            migrator().ensure_current(&mut connection).unwrap_err(),
        ] {
            assert!(matches!(error, Error::TablesWithoutLedger(_)), "{error:?}");
        }
        // A target that means nothing is the first thing to say.
        assert!(matches!(migrator().upgrade(&mut connection, "zz"), Err(Error::Plan(_))));
        nothing_was_written(database);
    }

    fn looking_is_allowed_and_tells_of_them(database: &Database) {
        let mut connection = database.connect();
        let status = migrator().status(&mut connection).unwrap();
        assert_eq!(names(&status.unadopted.unwrap()), ["applied_log"]);
        assert_eq!(migrator().plan_upgrade(&mut connection, "heads").unwrap().steps.len(), 2);
        migrator().preview_upgrade(&mut connection, "heads").unwrap();
        nothing_was_written(database);
        migrator().stamp(&mut connection, &["a1"], false).unwrap();
        assert_eq!(migrator().status(&mut connection).unwrap().unadopted, None);
    }

    fn a_stamp_says_what_they_are(database: &Database) {
        migrator().stamp(&mut database.connect(), &["a1"], false).unwrap();
        accepted(database);
        assert!(!database.has_table("t_a1") && database.has_table("t_b1"));
    }

    fn all_steps_in_one_transaction_are_refused_too(database: &Database) {
        let migrator = with(migrator(), |options| Options { single_transaction: true, ..options });
        let error = migrator.upgrade(&mut database.connect(), "heads").unwrap_err();
        assert!(matches!(error, Error::TablesWithoutLedger(_)), "{error:?}");
        nothing_was_written(database);
        database.execute("DROP TABLE applied_log");
        assert_eq!(migrator.upgrade(&mut database.connect(), "heads").unwrap().steps.len(), 2);
    }

    fn within_a_transaction_of_the_callers_it_goes_on_after_the_refusal(database: &Database) {
        let mut connection = database.connect();
        connection.transaction(|connection| {
            refused_on(connection);
            connection.batch("DROP TABLE applied_log; CREATE TABLE own (id integer)").unwrap();
            // What this transaction itself has made counts, although nobody else sees it.
            assert_eq!(names(&refused_on(connection)), ["own"]);
            connection.batch("DROP TABLE own").unwrap();
            assert_eq!(migrator().upgrade(connection, "heads").unwrap().steps.len(), 2);
            Ok::<_, diesel::result::Error>(())
        }).unwrap();
        assert_eq!(database.ledger(), ["a1 applied", "b1 applied"]);
    }

    fn a_backfill_that_is_a_base_is_refused_too(database: &Database) {
        let history = History::new().with_backfill("b1", &[], Append::default());
        let migrator = as_an_application(history.migrator());
        let error = migrator.run_backfill(&mut database.connect(), "b1").unwrap_err();
        assert!(matches!(error, Error::TablesWithoutLedger(_)), "{error:?}");
        nothing_was_written(database);
    }

    fn temporary_tables_and_views_are_nobodys_schema(database: &Database) {
        database.execute("CREATE VIEW logged AS SELECT 1 AS one; DROP TABLE applied_log");
        let mut connection = database.connect();
        connection.batch("CREATE TEMPORARY TABLE scratch (id integer)").unwrap();
        assert_eq!(migrator().upgrade(&mut connection, "heads").unwrap().steps.len(), 2);
    }

    fn tables_of_the_framework_without_their_ledger_are_none_of_the_users(database: &Database) {
        migrator().stamp(&mut database.connect(), &["b1"], false).unwrap();
        database.execute("DROP TABLE migrate_ledger");
        assert_eq!(names(&refused(database)), ["applied_log"]);
        database.execute("DROP TABLE applied_log");
        accepted(database);
    }

    fn the_ledger_of_another_name_is_another_historys(database: &Database) {
        let named = |prefix: &str| {
            let names = LedgerNames::new(None, prefix.to_owned());
            with(migrator(), |options| Options { names, ..options })
        };
        named("one_").stamp(&mut database.connect(), &["base"], false).unwrap();
        let error = named("two_").upgrade(&mut database.connect(), "heads").unwrap_err();
        let Error::TablesWithoutLedger(unadopted) = error else { panic!("{error:?}") };
        assert_eq!(names(&unadopted), ["applied_log", "one_event", "one_journal", "one_lease", "one_ledger"]);
        assert_eq!(named("one_").upgrade(&mut database.connect(), "heads").unwrap().steps.len(), 2);
    }

    fn the_ledger_of_another_tool_is_named(database: &Database) {
        for (table, tool, word) in [
            ("__diesel_schema_migrations", "Diesel", Some("diesel")),
            ("alembic_version", "Alembic", Some("alembic")),
            ("_sqlx_migrations", "sqlx", Some("sqlx")),
            ("refinery_schema_history", "refinery", Some("refinery")),
            ("seaql_migrations", "SeaORM", Some("sea-orm")),
            ("flyway_schema_history", "Flyway", None),
        ] {
            database.execute(&format!("CREATE TABLE {table} (version text)"));
            let Unadopted { tables, other_ledgers, .. } = refused(database);
            assert_eq!(tables.len(), 2, "{tables:?}");
            let [found] = other_ledgers.as_slice() else { panic!("{other_ledgers:?}") };
            assert_eq!((found.table, found.tool, found.adopt), (table, tool, word));
            database.execute(&format!("DROP TABLE {table}"));
        }
    }

    fn the_ledger_of_another_tool_alone_counts_once_something_is_recorded_in_it(database: &Database) {
        database.execute("DROP TABLE applied_log; CREATE TABLE alembic_version (version_num text)");
        database.execute("INSERT INTO alembic_version VALUES ('a1')");
        assert_eq!(names(&refused(database)), ["alembic_version"]);
        database.execute("DELETE FROM alembic_version");
        accepted(database);
    }

    fn with_a_ledger_nobody_looks_for_tables(database: &Database) {
        migrator().stamp(&mut database.connect(), &["a1"], false).unwrap();
        let mut connection = database.connect();
        let statements = Statements::of(&mut connection);
        migrator().upgrade(&mut connection, "heads").unwrap();
        let all = statements.take();
        let looked = all.iter().filter(|sql| sql.contains("relkind") || sql.contains("sqlite_schema"));
        assert_eq!(looked.count(), 0, "{all:#?}");
    }
}

#[test]
fn under_a_lease_nothing_is_written_either() {
    let database = Postgres::shared().database();
    let migrator = with(migrator(), |options| Options { lock: LockMode::Lease, ..options });
    let error = migrator.upgrade(&mut database.connect(), "heads").unwrap_err();
    assert!(matches!(error, Error::TablesWithoutLedger(_)), "{error:?}");
    nothing_was_written(&database);
}

#[test]
fn only_the_schemas_of_the_search_path_are_looked_at() {
    let database = Postgres::shared().database();
    database.execute(
        "DROP TABLE applied_log; CREATE SCHEMA others; CREATE TABLE others.users (id integer); \
         CREATE SCHEMA app; CREATE TABLE app.orders (id integer)",
    );
    let mut connection = database.connect();
    connection.batch("SET search_path = app, public, others").unwrap();
    assert_eq!(names(&refused_on(&mut connection)), ["orders", "others.users"]);
    connection.batch("SET search_path = nowhere, public").unwrap();
    assert_eq!(migrator().upgrade(&mut connection, "heads").unwrap().steps.len(), 2);
}

#[test]
fn a_ledger_in_a_schema_of_its_own_is_found_there() {
    let database = Postgres::shared().database();
    let names = || LedgerNames::new(Some("ops".to_owned()), "migrate_".to_owned());
    let migrator = || with(migrator(), |options| Options { names: names(), ..options });
    database.execute("CREATE SCHEMA ops; CREATE TABLE ops.jobs (id integer)");
    let error = migrator().upgrade(&mut database.connect(), "heads").unwrap_err();
    assert_eq!(error.to_string(), "the database holds a table and no ledger: applied_log");
    migrator().stamp(&mut database.connect(), &["a1"], false).unwrap();
    assert_eq!(migrator().upgrade(&mut database.connect(), "heads").unwrap().steps.len(), 1);
}

#[test]
fn the_tables_of_an_extension_are_its_own() {
    let database = Postgres::shared().database();
    database.execute("CREATE EXTENSION pg_trgm; ALTER EXTENSION pg_trgm ADD TABLE applied_log");
    accepted(&database);
}

#[test]
fn a_partitioned_table_is_one_table() {
    let database = Postgres::shared().database();
    database.execute(
        "DROP TABLE applied_log; CREATE TABLE events (id integer) PARTITION BY LIST (id); \
         CREATE TABLE events_1 PARTITION OF events FOR VALUES IN (1)",
    );
    assert_eq!(names(&refused(&database)), ["events"]);
}

#[test]
fn a_login_that_may_not_read_the_tables_is_told_of_them_all_the_same() {
    let database = Postgres::shared().database();
    let mut connection = migrate_tests::testkit::connect(&database.login("secret"));
    assert_eq!(names(&refused_on(&mut connection)), ["applied_log"]);
}

#[test]
fn an_sqlite_database_in_memory_is_looked_at_like_any_other() {
    let mut connection = migrate_tests::testkit::connect("sqlite::memory:");
    connection.batch("CREATE TABLE users (id integer)").unwrap();
    assert_eq!(names(&refused_on(&mut connection)), ["users"]);
    connection.batch("DROP TABLE users").unwrap();
    assert_eq!(migrator().upgrade(&mut connection, "heads").unwrap().steps.len(), 2);
    assert_eq!(connection.dialect(), Dialect::Sqlite);
}

#[test]
fn an_attached_sqlite_database_is_another_one() {
    let (main, other) = (SqliteFile::new(), SqliteFile::new().into_database());
    let path = other.url().trim_start_matches("sqlite://").to_owned();
    let database = main.into_database();
    database.execute("DROP TABLE applied_log");
    let mut connection = database.connect();
    connection.batch(&format!("ATTACH '{path}' AS other")).unwrap();
    assert_eq!(migrator().upgrade(&mut connection, "heads").unwrap().steps.len(), 2);
}
