//! Migrations through diesel-async's blocking wrapper.

use diesel::Connection as _;
use diesel_async::AsyncPgConnection;
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use migrate_core::connection::{Driver, FailureKind, classify};
use migrate_tests::testkit::{Database, Postgres};

use crate::connections::{empty, run};

const REVISIONS: [&str; 4] = ["1d5b0e94c7a2", "7e20c4d8b163", "b94f63a1d05e", "c3a8e51f7d90"];

#[test]
fn the_wrapper_runs_every_kind_of_step() {
    let database = Postgres::shared().database();
    empty(&database);
    let said = run(env!("CARGO_BIN_EXE_wrapper"), database.url());
    assert!(said.starts_with("Running upgrade  -> 1d5b0e94c7a2, Create planets\n"), "{said}");
    assert!(
        said.ends_with(
            "4 steps taken, now at c3a8e51f7d90\n\
             Mercury has 0 moons\nVenus has 0 moons\nEarth has 1 moons\nMars has 2 moons\n"
        ),
        "{said}"
    );
    let mut applied = REVISIONS.map(|revision| format!("{revision} applied"));
    applied.sort();
    assert_eq!(database.ledger(), applied);
    assert_eq!(database.events(), REVISIONS.map(|revision| format!("upgrade {revision}")));

    let said = run(env!("CARGO_BIN_EXE_wrapper"), database.url());
    assert!(said.starts_with("0 steps taken, now at c3a8e51f7d90\nMercury"), "{said}");
}

#[test]
fn the_wrapper_tells_what_the_server_said() {
    let database = Postgres::shared().database();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_wrapper"))
        .env("DATABASE_URL", database.url())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("applied_log"), "{said}");
    assert!(!database.has_table("migrate_ledger") && !database.has_table("planets"));
}

/// Outside of a runtime the wrapper brings its own.
fn connect(database: &Database) -> impl Driver {
    AsyncConnectionWrapper::<AsyncPgConnection>::establish(database.url()).unwrap()
}

#[test]
fn the_wrapper_keeps_count_of_its_transactions() {
    let database = Postgres::shared().database();
    let mut connection = connect(&database);
    let sums = "SELECT CAST($1 AS text), CAST(CAST($2 AS integer) + 1 AS text)";
    assert_eq!(connection.query(sums, &[None, Some("41")]).unwrap(), [[None, Some("42".to_owned())]]);

    let error = connection.begin("SELECT 1/0").unwrap_err();
    assert_eq!(error.to_string(), "division by zero");
    assert_eq!(connection.transaction_depth(), Some(0));

    connection.begin("SET LOCAL lock_timeout = '50ms'").unwrap();
    let insert = "INSERT INTO applied_log VALUES ($1, $2)";
    assert_eq!(connection.execute_prepared(insert, &[Some("a1"), Some("upgrade")]).unwrap(), 1);
    connection.begin("").unwrap();
    assert_eq!(connection.transaction_depth(), Some(2));
    connection.batch("this is not SQL").unwrap_err();
    connection.rollback().unwrap();
    assert_eq!(connection.transaction_depth(), Some(1));
    connection.commit().unwrap();
    assert_eq!(connection.transaction_depth(), Some(0));
    assert_eq!(database.log(), ["upgrade a1"]);
}

#[test]
fn failures_on_the_wrapper_are_told_apart() {
    let database = Postgres::shared().database();
    let (mut connection, mut other) = (connect(&database), database.connect());
    other.begin("LOCK TABLE applied_log").unwrap();
    connection.begin("SET LOCAL lock_timeout = '50ms'").unwrap();
    let error = connection.batch("LOCK TABLE applied_log").unwrap_err();
    assert_eq!(classify(&error), FailureKind::LockTimeout, "{error:?}");
    connection.rollback().unwrap();

    let own = connection.query("SELECT CAST(pg_backend_pid() AS text)", &[]).unwrap();
    let pid = own[0][0].clone().unwrap();
    database.execute(&format!("SELECT pg_terminate_backend({pid}, 5000)"));
    let error = connection.query("SELECT '1'", &[]).unwrap_err();
    assert_eq!(classify(&error), FailureKind::ConnectionLost, "{error:?}");
}
