//! PostgreSQL behind PgBouncer in transaction mode, where a session does not stay on one server connection.

use std::time::{Duration, Instant};

use migrate_core::Options;
use migrate_core::connection::Driver as _;
use migrate_core::runner::{Error, LockMode};
use migrate_tests::testkit::{Database, History, PgBouncer, PoolMode, Postgres, Step, Worker, connect};

use crate::worker::{self, ALL_APPLIED, assert_succeeded, wait_until};

#[test]
fn the_lease_works_through_a_pooler_in_transaction_mode() {
    let database = Postgres::shared().database();
    let pooler = PgBouncer::start(Postgres::shared(), PoolMode::Transaction, 3);
    let url = pooler.url(&database);
    let workers: Vec<Worker> = (0..12)
        .map(|_| worker::start_with(&url, &["--lock", "lease", "upgrade", "heads"], &[("STEP_MS", "10")]))
        .collect();
    for worker in workers {
        assert_succeeded(&worker.finish());
    }
    assert_eq!(database.ledger(), ALL_APPLIED);
    assert_eq!(database.log().len(), ALL_APPLIED.len());
    // And back again, and nothing to do.
    for arguments in [["downgrade", "base"], ["upgrade", "heads"], ["upgrade", "heads"]] {
        let [command, target] = arguments;
        assert_succeeded(&worker::run(&url, &["--lock", "lease", command, target]));
    }
    assert_eq!(database.ledger(), ALL_APPLIED);
}

/// Many clients on one server connection, where what one has prepared in a message of its own may be gone, or be
/// another's, when it is executed: Diesel sends an uncached statement and its execution in one message.
#[test]
fn statements_of_many_clients_do_not_mix_in_the_pooler() {
    let database = Postgres::shared().database();
    let pooler = PgBouncer::start(Postgres::shared(), PoolMode::Transaction, 1);
    let url = pooler.url(&database);
    let migrator = History::chain(&["a1", "b1"]).migrator();
    let lease = Options { lock: LockMode::Lease, ..migrator.options().clone() };
    let migrator = migrator.with_options(lease);
    migrator.upgrade(&mut connect(&url), "heads").unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut connection = connect(&url);
                for _ in 0..100 {
                    assert!(migrator.upgrade(&mut connection, "heads").unwrap().steps.is_empty());
                }
            });
            // An application that keeps to the rule as well: all its statements are in transactions.
            scope.spawn(|| {
                let mut connection = connect(&url);
                for _ in 0..100 {
                    connection.begin("").unwrap();
                    let rows = connection.query("SELECT $1 || 'x'", &[Some("application")]).unwrap();
                    assert_eq!(rows, [[Some("applicationx".to_owned())]]);
                    connection.commit().unwrap();
                }
            });
        }
    });
}

/// Two clients, one after the other on the same server connection: what the first had prepared by name would be in
/// the second one's way.
#[test]
fn without_a_lock_nothing_is_left_prepared_in_the_pooler() {
    let database = Postgres::shared().database();
    let pooler = PgBouncer::start(Postgres::shared(), PoolMode::Transaction, 1);
    let url = pooler.url(&database);
    let migrator = History::chain(&["a1", "b1"]).migrator();
    let unlocked = Options { lock: LockMode::None, ..migrator.options().clone() };
    let migrator = migrator.with_options(unlocked);
    for target in ["a1", "b1"] {
        assert_eq!(migrator.upgrade(&mut connect(&url), target).unwrap().heads, [target]);
    }
}

#[test]
fn a_step_on_another_server_connection_than_the_lock_is_refused() {
    let database = Postgres::shared().database();
    let pooler = PgBouncer::start(Postgres::shared(), PoolMode::Transaction, 2);
    let url = pooler.url(&database);
    // Two steps: the first body, which runs on the connection that has the lock, starts somebody else who
    // takes that connection as soon as it commits. PgBouncer gives out the least recently used one last.
    let thief = url.clone();
    let taken = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let hold = std::sync::Arc::clone(&taken);
    let migrator = History::chain(&["a1", "b1"]).migrator().on_event(move |event| {
        if let migrate_core::runner::Event::Finished { revision, .. } = event
            && revision == "a1"
        {
            let mut connection = connect(&thief);
            connection.batch("BEGIN; SELECT 1").unwrap();
            hold.lock().unwrap().push(connection);
        }
    });
    let error = migrator.upgrade(&mut connect(&url), "heads").unwrap_err();
    let Error::SessionMoved { report } = error else { panic!("{error:?}") };
    assert_eq!((report.steps.len(), report.heads), (1, vec!["a1".to_owned()]));
    assert_eq!(database.ledger(), ["a1 applied"]);
    assert_eq!(database.log(), ["upgrade a1"]);
}

#[test]
fn a_lease_of_a_killed_process_runs_out_by_itself() {
    let database = Postgres::shared().database();
    let pooler = PgBouncer::start(Postgres::shared(), PoolMode::Transaction, 3);
    let url = pooler.url(&database);
    let arguments = ["--lock", "lease", "upgrade", "heads"];
    let mut victim = worker::start_with(&url, &arguments, &[("STEP_MS", "60000")]);
    wait_until("the victim is in its first step", || sleeping_client(&database));
    victim.kill();
    let started = Instant::now();
    assert_succeeded(&worker::start(&url, &arguments).finish());
    assert!(started.elapsed() < Duration::from_secs(45), "{:?}", started.elapsed());
    assert_eq!(database.ledger(), ALL_APPLIED);
    assert_eq!(database.log().len(), ALL_APPLIED.len());
}

fn sleeping_client(database: &Database) -> bool {
    database.one(
        "SELECT count(*)::text FROM pg_stat_activity \
         WHERE state = 'idle in transaction' AND datname = current_database()",
    ) == "1"
}

#[test]
fn a_lease_is_not_taken_from_a_step_at_work_however_old_it_is() {
    let database = Postgres::shared().database();
    History::chain(&["a1"]).migrator().upgrade(&mut database.connect(), "heads").unwrap();
    let step = Step::new("b1").on(&["a1"]).up(|cx| {
        // What half a minute would do.
        cx.execute("UPDATE migrate_lease SET expires_at = clock_timestamp() - interval '1 second'")?;
        cx.execute("SELECT pg_sleep(1)")
    });
    // The next step must find the lease renewed: others have been polling for it all the while.
    let migrator = History::chain(&["a1"]).with(step).with(Step::new("c1").on(&["b1"])).migrator();
    let lease = Options { lock: LockMode::Lease, ..migrator.options().clone() };
    let migrator = migrator.with_options(lease.clone()).on_event(|event| {
        if matches!(event, migrate_core::runner::Event::Finished { .. }) {
            std::thread::sleep(Duration::from_millis(700));
        }
    });
    let waiter = History::chain(&["a1", "b1", "c1"]).migrator().with_options(lease);
    std::thread::scope(|scope| {
        let run = scope.spawn(|| migrator.upgrade(&mut database.connect(), "heads"));
        wait_until("the step sleeps", || {
            database.one(
                "SELECT count(*)::text FROM pg_stat_activity \
                 WHERE wait_event = 'PgSleep' AND datname = current_database()",
            ) == "1"
        });
        assert!(waiter.upgrade(&mut database.connect(), "heads").unwrap().steps.is_empty());
        assert_eq!(run.join().unwrap().unwrap().steps.len(), 2);
    });
}

#[test]
fn a_run_whose_lease_was_taken_over_stops_without_a_trace() {
    let database = Postgres::shared().database();
    let migrator = History::chain(&["a1", "b1"]).migrator();
    let lease = Options { lock: LockMode::Lease, ..migrator.options().clone() };
    let (url, options) = (database.url().to_owned(), lease.clone());
    let migrator = migrator.with_options(lease).on_event(move |event| {
        // After the first step this process is suspended for so long that its lease runs out.
        if matches!(event, migrate_core::runner::Event::Finished { revision, .. } if revision == "a1") {
            let mut connection = connect(&url);
            connection
                .batch("UPDATE migrate_lease SET expires_at = clock_timestamp() - interval '1 second'")
                .unwrap();
            let other = History::chain(&["a1", "b1"]).migrator().with_options(options.clone());
            assert_eq!(other.upgrade(&mut connection, "heads").unwrap().steps.len(), 1);
        }
    });
    let error = migrator.upgrade(&mut database.connect(), "heads").unwrap_err();
    let Error::LeaseTaken { report } = error else { panic!("{error:?}") };
    assert_eq!((report.steps.len(), report.heads), (1, vec!["a1".to_owned()]));
    assert_eq!(database.log(), ["upgrade a1", "upgrade b1"]);
}
