//! An application's own connection: in a transaction, in memory, with its own settings.

use diesel::connection::{AnsiTransactionManager, Connection as _, TransactionManager as _};
use migrate_core::connection::Driver as _;
use migrate_core::ledger::LedgerNames;
use migrate_core::runner::Error;
use migrate_core::{AnyConnection, Migrator, Options};
use migrate_tests::on_each_server;
use migrate_tests::testkit::{History, Postgres, SqliteFile, Step, connect};

fn named(migrator: Migrator<AnyConnection>, schema: Option<&str>, prefix: &str) -> Migrator<AnyConnection> {
    let names = LedgerNames::new(schema.map(str::to_owned), prefix.to_owned());
    let options = Options { names, ..migrator.options().clone() };
    migrator.with_options(options)
}

on_each_server! {
    fn a_run_within_a_transaction_is_undone_with_it(database: &Database) {
        let migrator = History::chain(&["a1", "b1"]).migrator();
        let mut connection = database.connect();
        let outcome = connection.transaction(|connection| {
            let report = migrator.upgrade(connection, "heads").unwrap();
            assert_eq!(report.steps.len(), 2);
            assert!(migrator.upgrade(connection, "heads").unwrap().steps.is_empty());
            migrator.ensure_current(connection).unwrap();
            migrator.downgrade(connection, "-1").unwrap();
            Err::<(), _>(diesel::result::Error::RollbackTransaction)
        });
        assert_eq!(outcome, Err(diesel::result::Error::RollbackTransaction));
        assert!(!database.has_table("migrate_ledger") && !database.has_table("t_a1"));
        connection.transaction(|connection| {
            migrator.upgrade(connection, "heads").unwrap();
            Ok::<_, diesel::result::Error>(())
        }).unwrap();
        assert_eq!(database.ledger(), ["a1 applied", "b1 applied"]);
    }

    fn a_failure_within_a_transaction_leaves_it_usable(database: &Database) {
        database.execute("CREATE TABLE own (id integer)");
        let migrator = History::chain(&["a1"]).with(Step::new("b1").on(&["a1"]).up(|cx| {
            cx.execute("this is not SQL")
        })).migrator();
        let mut connection = database.connect();
        connection.transaction(|connection| {
            connection.batch("INSERT INTO own VALUES (1)").unwrap();
            let error = migrator.upgrade(connection, "heads").unwrap_err();
            assert_eq!(error.to_string(), "upgrade stopped at b1 after 1 of 2 steps");
            assert_eq!(connection.transaction_depth(), Some(1));
            connection.batch("INSERT INTO own VALUES (2)").unwrap();
            Ok::<_, diesel::result::Error>(())
        }).unwrap();
        assert_eq!(database.ledger(), ["a1 applied"]);
        assert_eq!(database.one("SELECT CAST(count(*) AS text) FROM own"), "2");
    }

    fn a_step_outside_a_transaction_is_refused_within_one(database: &Database) {
        let migrator = History::new().with(Step::new("a1").outside_transaction()).migrator();
        let mut connection = database.connect();
        connection.transaction(|connection| {
            let error = migrator.upgrade(connection, "heads").unwrap_err();
            assert!(matches!(error, Error::NotTransactional { .. }), "{error:?}");
            Ok::<_, diesel::result::Error>(())
        }).unwrap();
        assert!(!database.has_table("migrate_ledger"));
    }

    fn a_custom_prefix_names_every_table(database: &Database) {
        let migrator = named(History::chain(&["a1"]).migrator(), None, "My \"odd\" pre_");
        migrator.upgrade(&mut database.connect(), "heads").unwrap();
        assert!(migrator.upgrade(&mut database.connect(), "heads").unwrap().steps.is_empty());
        for table in ["ledger", "event", "journal", "lease"] {
            assert!(database.has_table(&format!("My \"odd\" pre_{table}")), "{table}");
            assert!(!database.has_table(&format!("migrate_{table}")), "{table}");
        }
        migrator.downgrade(&mut database.connect(), "base").unwrap();
        migrator.stamp(&mut database.connect(), &["heads"], false).unwrap();
        assert!(migrator.status(&mut database.connect()).unwrap().is_current());
    }
}

#[test]
fn an_sqlite_database_in_memory_is_a_database() {
    let mut connection = connect("sqlite::memory:");
    connection.batch("CREATE TABLE applied_log (revision text, direction text)").unwrap();
    let migrator = History::chain(&["a1", "b1"]).migrator();
    assert_eq!(migrator.upgrade(&mut connection, "heads").unwrap().steps.len(), 2);
    assert!(migrator.status(&mut connection).unwrap().is_current());
    assert_eq!(migrator.downgrade(&mut connection, "base").unwrap().steps.len(), 2);
}

#[test]
fn a_run_puts_the_busy_timeout_back() {
    let database = SqliteFile::new().into_database();
    let mut connection = database.connect();
    connection.batch("PRAGMA busy_timeout = 4321").unwrap();
    let timeout = |connection: &mut AnyConnection| connection.query("PRAGMA busy_timeout", &[]).unwrap();
    History::chain(&["a1"]).migrator().upgrade(&mut connection, "heads").unwrap();
    assert_eq!(timeout(&mut connection), [[Some("4321".to_owned())]]);
    let panics = Step::new("b1").on(&["a1"]).up(|_| panic!("a bug in a migration"));
    let migrator = History::chain(&["a1"]).with(panics).migrator();
    let run = std::panic::AssertUnwindSafe(|| migrator.upgrade(&mut connection, "heads"));
    std::panic::catch_unwind(run).unwrap_err();
    assert_eq!(timeout(&mut connection), [[Some("4321".to_owned())]]);
}

#[test]
fn a_custom_schema_is_created_and_used() {
    let database = Postgres::shared().database();
    let migrator = named(History::chain(&["a1"]).migrator(), Some("Ops"), "migrate_");
    migrator.upgrade(&mut database.connect(), "heads").unwrap();
    assert!(migrator.upgrade(&mut database.connect(), "heads").unwrap().steps.is_empty());
    let tables = "SELECT relnamespace::regnamespace::text || '.' || relname FROM pg_class \
         WHERE relkind = 'r' AND relname LIKE 'migrate%' ORDER BY 1";
    assert_eq!(
        database.column(tables),
        [
            "\"Ops\".migrate_event",
            "\"Ops\".migrate_journal",
            "\"Ops\".migrate_lease",
            "\"Ops\".migrate_ledger"
        ]
    );
}

#[test]
fn a_schema_that_exists_needs_no_right_to_create_schemas() {
    let database = Postgres::shared().database();
    let url = database.login("plain");
    database.execute(
        "CREATE SCHEMA ops; GRANT ALL ON SCHEMA ops TO PUBLIC; GRANT CREATE ON SCHEMA public TO PUBLIC; \
         GRANT INSERT ON applied_log TO PUBLIC",
    );
    let migrator = named(History::chain(&["a1"]).migrator(), Some("ops"), "migrate_");
    migrator.upgrade(&mut connect(&url), "heads").unwrap();
    assert_eq!(database.column("SELECT state FROM ops.migrate_ledger"), ["applied"]);
}

#[test]
fn the_ledger_is_where_the_search_path_finds_it_even_if_another_schema_comes_first() {
    let database = Postgres::shared().database();
    History::chain(&["a1"]).migrator().upgrade(&mut database.connect(), "heads").unwrap();
    // From now on `current_schema()` is another one, and the ledger is still found.
    database.execute("CREATE SCHEMA postgres");
    let report = History::chain(&["a1", "b1"]).migrator().upgrade(&mut database.connect(), "heads").unwrap();
    assert_eq!(report.steps.len(), 1, "a1 is not applied again");
    assert_eq!(database.ledger(), ["a1 applied", "b1 applied"]);
    assert_eq!(
        database.column("SELECT count(*)::text FROM pg_class WHERE relname = 'migrate_ledger'"),
        ["1"]
    );
}

#[test]
fn a_second_run_waits_for_the_transaction_that_holds_the_first() {
    let database = Postgres::shared().database();
    let migrator = History::chain(&["a1"]).migrator();
    let mut connection = database.connect();
    let AnyConnection::Postgres(inner) = &mut connection else { panic!("another server") };
    AnsiTransactionManager::begin_transaction(inner).unwrap();
    migrator.upgrade(&mut connection, "heads").unwrap();
    let options = Options { lock_wait: std::time::Duration::from_millis(200), ..migrator.options().clone() };
    let other = History::chain(&["a1"]).migrator().with_options(options);
    let error = other.upgrade(&mut database.connect(), "heads").unwrap_err();
    assert!(matches!(error, Error::Locked { holder: Some(_), .. }), "{error:?}");
    let AnyConnection::Postgres(inner) = &mut connection else { panic!("another server") };
    AnsiTransactionManager::commit_transaction(inner).unwrap();
    assert!(other.upgrade(&mut database.connect(), "heads").unwrap().steps.is_empty());
}

#[test]
fn a_migrator_can_be_sent_to_another_thread() {
    fn assert_send<T: Send>(_: &T) {}
    assert_send(&History::chain(&["a1"]).migrator());
}
