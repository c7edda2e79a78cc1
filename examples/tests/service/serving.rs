//! What the service answers, and how it ends.

use migrate_tests::on_each_server;
use migrate_tests::testkit::Postgres;
use serde_json::json;

use super::process::{Service, get, until};
use super::{all_applied, migrate};
use crate::connections::empty;

on_each_server! {
    fn it_migrates_and_serves_until_it_is_told_to_end(database: &Database) {
        empty(database);
        let mut service = Service::start(&[("DATABASE_URL", database.url()), ("ON_START", "upgrade")]);
        let address = service.address();
        until("it is healthy", || get(&address, "/health").0 == 200);
        assert_eq!(
            get(&address, "/health").1,
            json!({
                "status": "ok",
                "schema": { "current": ["3fa68b1d92e5"], "expected": ["3fa68b1d92e5"], "pending": 0 },
            })
        );
        database.execute("INSERT INTO characters (slug, name) VALUES ('b', 'Bo'), ('a', 'Ann')");
        let characters = json!([{ "slug": "a", "name": "Ann" }, { "slug": "b", "name": "Bo" }]);
        assert_eq!(get(&address, "/characters"), (200, characters));
        assert_eq!(database.ledger(), all_applied());

        service.signal("TERM");
        let ended = service.ended();
        assert_eq!(ended.status.code(), Some(0), "{}", ended.log);
        assert!(ended.log.contains("Running upgrade  -> 4b1f0c7a92de, Baseline: users"), "{}", ended.log);
        assert!(ended.log.contains("the schema is at 3fa68b1d92e5, 13 steps were taken here"), "{}", ended.log);
    }

    fn a_checked_service_serves_what_somebody_else_migrated(database: &Database) {
        empty(database);
        migrate(database, "heads");
        let mut service = Service::start(&[("DATABASE_URL", database.url()), ("ON_START", "check")]);
        let address = service.address();
        assert_eq!(get(&address, "/health").0, 200);

        // While releases are exchanged: a newer one has migrated, or somebody goes back.
        database.execute(
            "INSERT INTO migrate_ledger (revision, state, message, applied_by, binary_version, format) \
             SELECT 'newer', state, message, applied_by, binary_version, format FROM migrate_ledger \
             WHERE revision = '3fa68b1d92e5'",
        );
        let (code, body) = get(&address, "/health");
        assert_eq!((code, &body["schema"]["unknown"]), (200, &json!(["newer"])), "{body}");
        database.execute("DELETE FROM migrate_ledger WHERE revision IN ('newer', '3fa68b1d92e5')");
        assert_eq!(
            get(&address, "/health"),
            (
                503,
                json!({
                    "status": "behind",
                    "schema": { "current": ["c7d20e5b8f14"], "expected": ["3fa68b1d92e5"], "pending": 1 },
                })
            )
        );
        service.signal("INT");
        assert_eq!(service.ended().status.code(), Some(0));
    }
}

#[test]
fn a_server_that_goes_away_is_said_and_not_explained_to_callers() {
    let server = Postgres::own().start();
    let database = server.database();
    empty(&database);
    migrate(&database, "heads");
    let mut service = Service::start(&[("DATABASE_URL", database.url()), ("ON_START", "check")]);
    let address = service.address();
    assert_eq!(get(&address, "/health").0, 200);
    server.crash();
    assert_eq!(get(&address, "/health"), (503, json!({ "status": "unreachable" })));
    server.start_again();
    until("it is healthy again", || get(&address, "/health").0 == 200);
    service.signal("TERM");
    let ended = service.ended();
    assert_eq!(ended.status.code(), Some(0));
    assert!(ended.log.contains("no schema state: ") && !ended.log.contains("testkit"), "{}", ended.log);
}

#[test]
fn the_parts_of_a_url_do_as_well() {
    let server = Postgres::shared();
    let database = server.database();
    empty(&database);
    let (port, name) = (server.port().to_string(), database.url().rsplit_once('/').unwrap().1);
    let (user, password) = Postgres::superuser();
    let mut service = Service::start(&[
        ("POSTGRES_HOST", "127.0.0.1"),
        ("POSTGRES_PORT", &port),
        ("POSTGRES_DB", name),
        ("POSTGRES_USER", user),
        ("POSTGRES_PASSWORD", password),
    ]);
    let address = service.address();
    until("it is healthy", || get(&address, "/health").0 == 200);
}
