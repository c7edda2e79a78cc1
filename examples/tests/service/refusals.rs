//! A service that does not start, or does not stay, says why, and its exit code is 1.

use migrate_tests::on_each_server;
use migrate_tests::testkit::Postgres;

use super::migrate;
use super::process::Service;
use crate::connections::empty;

/// What it says at its end.
fn refusal(variables: &[(&str, &str)]) -> String {
    let ended = Service::start(variables).ended();
    assert_eq!(ended.status.code(), Some(1), "{}", ended.log);
    ended.log
}

on_each_server! {
    fn a_checked_service_refuses_a_database_that_is_behind(database: &Database) {
        empty(database);
        let variables = [("DATABASE_URL", database.url()), ("ON_START", "check")];
        let said = refusal(&variables);
        assert!(
            said.contains("refused to start: the database is not up to date: 13 pending: 4b1f0c7a92de, "),
            "{said}"
        );
        assert!(!database.has_table("migrate_ledger"), "a refusal writes nothing");

        migrate(database, "c7d20e5b8f14");
        let said = refusal(&variables);
        assert!(
            said.contains("refused to start: the database is not up to date: 1 pending: 3fa68b1d92e5"),
            "{said}"
        );
    }

    fn a_database_with_tables_and_no_ledger_is_not_migrated(database: &Database) {
        let said = refusal(&[("DATABASE_URL", database.url())]);
        assert!(
            said.contains("could not migrate: the database holds a table and no ledger: applied_log"),
            "{said}"
        );
        assert!(!database.has_table("users"));
    }
}

#[test]
fn a_migration_that_fails_ends_the_service_with_its_cause() {
    let database = Postgres::shared().database();
    empty(&database);
    // Another step meets a table that somebody made by hand.
    migrate(&database, "4b1f0c7a92de");
    database.execute("CREATE TABLE memories (id bigint)");
    let said = refusal(&[("DATABASE_URL", database.url())]);
    assert!(
        said.contains("could not migrate: upgrade stopped at a18c3e9d5b72 after 2 of 12 steps: "),
        "{said}"
    );
    assert!(said.contains("relation \"memories\" already exists"), "{said}");
}

#[test]
fn a_wrong_url_is_told_without_its_password() {
    let server = Postgres::shared();
    let database = server.database();
    let wrong = database.url().replace("testkit", "hunter2");
    for on_start in ["upgrade", "check"] {
        let said = refusal(&[("DATABASE_URL", &wrong), ("ON_START", on_start)]);
        assert!(said.contains("could not connect to postgres://postgres:***@127.0.0.1:"), "{said}");
        assert!(said.contains("password authentication failed") && !said.contains("hunter2"), "{said}");
    }
    let closed = "postgres://app:hunter2@127.0.0.1:1/service";
    let said = refusal(&[("DATABASE_URL", closed)]);
    assert!(said.contains("could not connect to postgres://app:***@127.0.0.1:1/service: "), "{said}");
    let said = refusal(&[("DATABASE_URL", "mongodb://app:hunter2@db/service")]);
    assert!(
        said.contains("DATABASE_URL is not understood: `mongodb` is not a database URL scheme"),
        "{said}"
    );
    let said = refusal(&[]);
    assert!(said.contains("no database is named: set DATABASE_URL, or POSTGRES_HOST"), "{said}");
}

#[test]
fn an_address_that_is_taken_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let said = refusal(&[("DATABASE_URL", "sqlite::memory:"), ("LISTEN", &address)]);
    assert!(said.contains(&format!("cannot listen on {address}: ")), "{said}");
}
