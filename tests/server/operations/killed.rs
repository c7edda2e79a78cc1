//! A process that is killed in the middle of a step outside a transaction.

use migrate_core::connection::Driver as _;
use migrate_tests::journaled::{PLACES, schema_query};
use migrate_tests::on_each_server;
use migrate_tests::testkit::{Database, Finished, Postgres, Worker};

use super::journal::journal;
use crate::worker::{self, assert_succeeded, wait_until};

fn start(database: &Database, arguments: &[&str], die_at: u32) -> Worker {
    let die_at = die_at.to_string();
    let arguments: Vec<_> = ["--journaled"].iter().chain(arguments).copied().collect();
    worker::start_with(database.url(), &arguments, &[("DIE_AT", &die_at)])
}

fn run(database: &Database, arguments: &[&str]) -> Finished {
    start(database, arguments, 0).finish()
}

fn schema(database: &Database) -> Vec<String> {
    database.column(schema_query(database.dialect()))
}

fn like(database: &Database) -> Database {
    match database.dialect() {
        migrate_core::connection::Dialect::Sqlite => {
            migrate_tests::testkit::SqliteFile::new().into_database()
        }
        _ => Postgres::shared().database(),
    }
}

on_each_server! {
    fn an_upgrade_killed_at_each_operation_ends_where_an_undisturbed_one_does(database: &Database) {
        assert_succeeded(&run(database, &["upgrade", "heads"]));
        let expected = schema(database);
        assert!(expected.iter().any(|line| line.contains("idx_accounts_email")), "{expected:?}");
        for place in 1..=PLACES {
            let database = like(database);
            assert!(!start(&database, &["upgrade", "heads"], place).finish().status.success());
            assert_eq!(database.ledger(), ["a1 applied", "b1 running"]);
            let finished = run(&database, &["upgrade", "heads"]);
            assert_succeeded(&finished);
            assert!(finished.stdout.contains("Resuming b1"), "{}", finished.stdout);
            assert_eq!(schema(&database), expected, "killed at {place}");
            assert_eq!(database.one("SELECT CAST(n AS text) FROM counter"), "1", "killed at {place}");
            assert_eq!(database.ledger(), ["a1 applied", "b1 applied"]);
            assert_eq!(journal(&database), [""; 0]);
        }
    }

    fn a_downgrade_killed_at_each_operation_ends_where_an_undisturbed_one_does(database: &Database) {
        assert_succeeded(&run(database, &["upgrade", "heads"]));
        assert_succeeded(&run(database, &["downgrade", "a1"]));
        let expected = schema(database);
        assert!(!expected.iter().any(|line| line.contains("idx_accounts_email")), "{expected:?}");
        for place in 1..=PLACES {
            let database = like(database);
            assert_succeeded(&run(&database, &["upgrade", "heads"]));
            assert!(!start(&database, &["downgrade", "a1"], place).finish().status.success());
            assert_eq!(database.ledger(), ["a1 applied", "b1 reverting"]);
            assert_succeeded(&run(&database, &["downgrade", "a1"]));
            assert_eq!(schema(&database), expected, "killed at {place}");
            assert_eq!(database.one("SELECT CAST(n AS text) FROM counter"), "2", "killed at {place}");
            assert_eq!(database.ledger(), ["a1 applied"]);
        }
    }

    fn several_processes_at_once_do_each_operation_once(database: &Database) {
        for lock in ["auto", "none"] {
            let database = like(database);
            let start = || start(&database, &["--lock", lock, "upgrade", "heads"], 0);
            let workers: Vec<_> = (0..4).map(|_| start()).collect();
            for worker in workers {
                assert_succeeded(&worker.finish());
            }
            assert_eq!(database.ledger(), ["a1 applied", "b1 applied"]);
            assert_eq!(database.one("SELECT CAST(n AS text) FROM counter"), "1");
            assert_eq!(journal(&database), [""; 0]);
        }
    }
}

/// A worker that waits in `CREATE INDEX CONCURRENTLY` for a snapshot, and is killed there.
///
/// Returns the session that holds the snapshot, the server process that still builds, and the index.
fn killed_while_it_builds(
    database: &Database,
    arguments: &[&str],
) -> (migrate_core::AnyConnection, String, String) {
    assert_succeeded(&run(database, &["upgrade", "a1"]));
    let mut snapshot = database.connect();
    snapshot.batch("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1 FROM pg_class LIMIT 1").unwrap();
    let mut victim = start(database, arguments, 0);
    let building = "SELECT pid::text FROM pg_stat_progress_create_index \
         WHERE datname = current_database() AND phase = 'waiting for old snapshots'";
    wait_until("the build waits for the snapshot", || database.column(building).len() == 1);
    let builder = database.one(building);
    victim.kill();
    assert_eq!(journal(database).last().unwrap(), "3 started create index idx_accounts_email on accounts");
    let index = database
        .one("SELECT indexrelid::text FROM pg_index WHERE indexrelid = 'idx_accounts_email'::regclass");
    assert_eq!(is_valid(database), "false");
    (snapshot, builder, index)
}

fn is_valid(database: &Database) -> String {
    database.one("SELECT indisvalid::text FROM pg_index WHERE indexrelid = 'idx_accounts_email'::regclass")
}

fn index_now(database: &Database) -> String {
    database.one("SELECT 'idx_accounts_email'::regclass::oid::text")
}

#[test]
fn an_index_whose_build_was_cut_off_is_built_anew() {
    let database = Postgres::shared().database();
    let (mut snapshot, builder, index) = killed_while_it_builds(&database, &["upgrade", "heads"]);
    database.execute(&format!("SELECT pg_terminate_backend({builder})"));
    snapshot.batch("COMMIT").unwrap();
    assert_succeeded(&run(&database, &["upgrade", "heads"]));
    assert_eq!(is_valid(&database), "true");
    assert_ne!(index_now(&database), index, "the invalid one was dropped");
}

#[test]
fn an_index_that_the_server_went_on_building_is_taken_as_it_is() {
    for lock in ["auto", "none"] {
        let database = Postgres::shared().database();
        let arguments = ["--lock", lock, "upgrade", "heads"];
        let (mut snapshot, _builder, index) = killed_while_it_builds(&database, &arguments);
        let next = start(&database, &arguments, 0);
        // The next run asks again and again, without a snapshot that the build would wait for in turn.
        std::thread::sleep(std::time::Duration::from_millis(500));
        snapshot.batch("COMMIT").unwrap();
        assert_succeeded(&next.finish());
        assert_eq!(is_valid(&database), "true");
        assert_eq!(index_now(&database), index, "it was not built twice");
    }
}
