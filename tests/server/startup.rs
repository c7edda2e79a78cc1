//! I5: a start-up with nothing to do costs one SELECT.

use migrate_core::Options;
use migrate_core::connection::Dialect;
use migrate_core::runner::LockMode;
use migrate_tests::on_each_server;
use migrate_tests::testkit::{History, Postgres, Statements};

on_each_server! {
    fn with_nothing_to_do_there_is_one_select(database: &Database) {
        let migrator = History::chain(&["a1", "b1"]).migrator();
        migrator.upgrade(&mut database.connect(), "heads").unwrap();
        let mut connection = database.connect();
        let statements = Statements::of(&mut connection);
        let read_only = |what: &str| {
            // An SQLite file is in this process: asking it how long it waits for a writer is no round trip.
            let asked: Vec<_> = statements
                .take()
                .into_iter()
                .filter(|sql| {
                    database.dialect() != Dialect::Sqlite || !sql.starts_with("PRAGMA busy_timeout")
                })
                .collect();
            assert_eq!(asked.len(), 1, "{what}: {asked:#?}");
            assert!(asked[0].starts_with("SELECT"), "{what}: {asked:#?}");
        };
        assert!(migrator.upgrade(&mut connection, "heads").unwrap().steps.is_empty());
        read_only("upgrade");
        migrator.ensure_current(&mut connection).unwrap();
        read_only("ensure_current");
        assert!(migrator.status(&mut connection).unwrap().is_current());
        read_only("status");
        let options = Options { lock: LockMode::Lease, ..migrator.options().clone() };
        assert!(migrator.with_options(options).upgrade(&mut connection, "heads").unwrap().steps.is_empty());
        read_only("upgrade with a lease");
    }

    fn looking_at_a_new_database_creates_nothing(database: &Database) {
        let migrator = History::chain(&["a1", "b1"]).migrator();
        let mut connection = database.connect();
        assert!(!migrator.status(&mut connection).unwrap().has_ledger);
        let error = migrator.ensure_current(&mut connection).unwrap_err();
        assert_eq!(error.to_string(), "the database is not up to date: 2 pending: a1, b1");
        assert_eq!(migrator.plan_upgrade(&mut connection, "heads").unwrap().steps.len(), 2);
        for table in ["migrate_ledger", "migrate_event", "migrate_journal", "migrate_lease"] {
            assert!(!database.has_table(table), "{table}");
        }
    }

    fn a_target_that_means_nothing_creates_nothing(database: &Database) {
        let migrator = History::chain(&["a1"]).migrator();
        migrator.upgrade(&mut database.connect(), "zz").unwrap_err();
        migrator.downgrade(&mut database.connect(), "zz").unwrap_err();
        migrator.stamp(&mut database.connect(), &["zz"], false).unwrap_err();
        assert!(!database.has_table("migrate_ledger"));
    }
}

#[test]
fn with_nothing_to_do_the_server_itself_sees_one_select() {
    let server = Postgres::own().setting("log_statement", "all").setting("fsync", "off").start();
    let database = server.database();
    let migrator = History::chain(&["a1", "b1"]).migrator();
    migrator.upgrade(&mut database.connect(), "heads").unwrap();
    let mut connection = database.connect();
    let before = server.log().len();
    migrator.upgrade(&mut connection, "heads").unwrap();
    drop(connection);
    let log = server.log();
    let statements: Vec<_> = log[before..]
        .lines()
        .filter(|line| line.contains("LOG:  statement:") || line.contains("LOG:  execute"))
        .collect();
    assert_eq!(statements.len(), 1, "{statements:#?}");
    assert!(statements[0].contains("SELECT revision,"), "{statements:#?}");
}
