//! The session neither shows in the catalog nor notices the reading.

use diesel::connection::SimpleConnection as _;
use migrate_core::AnyConnection;
use migrate_core::catalog::{CatalogError, Scope, read};
use migrate_core::connection::{Driver as _, MigrationConnection as _};
use migrate_tests::testkit::Statements;

use super::{catalog, public, rich, with};

/// Every setting of a session that shows in the server's texts, away from its default.
const ODD_SESSION: &str = "SET search_path = app, public; SET quote_all_identifiers = on; \
     SET DateStyle = 'German'; SET IntervalStyle = 'sql_standard'; SET TimeZone = 'Asia/Kolkata'; \
     SET extra_float_digits = -3; SET bytea_output = escape; SET standard_conforming_strings = off; \
     SET lc_monetary = 'C'; SET default_transaction_isolation = 'serializable'; SET jit = on";

fn settings(connection: &mut AnyConnection) -> Vec<Vec<Option<String>>> {
    // Reading the settings resets nothing; a custom one without a value says nothing.
    let sql = "SELECT name, setting FROM pg_settings WHERE name NOT LIKE 'migrate.%' ORDER BY name";
    connection.query(sql, &[]).unwrap()
}

#[test]
fn the_catalog_is_the_same_whatever_the_session_has_set() {
    let database = rich();
    let plain = catalog(&database);
    let mut connection = database.connect();
    connection.batch_execute(ODD_SESSION).unwrap();
    let before = settings(&mut connection);
    let odd = read(connection.driver(), &Scope::default()).unwrap();
    assert_eq!(plain.difference(&odd).to_string(), "");
    assert!(plain == odd);
    assert_eq!(settings(&mut connection), before);
    assert_eq!(connection.transaction_depth(), Some(0));
}

#[test]
fn in_an_open_transaction_its_own_changes_are_seen_and_it_goes_on() {
    let database = rich();
    let mut connection = database.connect();
    connection.batch_execute(ODD_SESSION).unwrap();
    connection.begin("SET LOCAL search_path = public").unwrap();
    connection.batch_execute("CREATE TABLE fresh (a mood)").unwrap();
    let before = settings(&mut connection);
    let inside = read(connection.driver(), &Scope::default()).unwrap();
    assert_eq!(
        catalog(&database).difference(&inside).to_string(),
        "+ table public.fresh\n",
        "only this transaction sees its table"
    );
    assert_eq!(settings(&mut connection), before);
    assert_eq!(connection.transaction_depth(), Some(1));
    connection.batch_execute("CREATE TABLE later (a integer)").unwrap();
    connection.commit().unwrap();
    assert!(catalog(&database) != inside);
    assert!(database.has_table("fresh") && database.has_table("later"));
}

#[test]
fn in_a_transaction_that_was_opened_in_sql_it_goes_on_too() {
    let database = rich();
    let mut connection = database.connect();
    for isolation in ["READ COMMITTED", "SERIALIZABLE"] {
        connection
            .batch_execute(&format!("BEGIN ISOLATION LEVEL {isolation}; SET LOCAL search_path = app"))
            .unwrap();
        connection.batch_execute("CREATE TABLE fresh (a integer)").unwrap();
        let inside = read(connection.driver(), &Scope::default()).unwrap();
        assert!(inside.table("fresh").is_some());
        let path = connection.query("SELECT current_setting('search_path')", &[]).unwrap();
        assert_eq!(path, [[Some("app".to_owned())]]);
        connection.batch_execute("ROLLBACK").unwrap();
        assert!(!database.has_table("fresh"));
    }
}

#[test]
fn in_an_aborted_transaction_there_is_the_servers_error_and_after_the_rollback_all_is_well() {
    let database = rich();
    let plain = catalog(&database);
    let mut connection = database.connect();
    connection.begin("").unwrap();
    connection.batch_execute("SELECT 1/0").unwrap_err();
    let error = read(connection.driver(), &Scope::default()).unwrap_err();
    assert!(matches!(error, CatalogError::Database(_)), "{error}");
    connection.rollback().unwrap();
    assert!(read(connection.driver(), &Scope::default()).unwrap() == plain);
    // And so it is with one that was opened in SQL.
    connection.batch_execute("BEGIN").unwrap();
    connection.batch_execute("SELECT 1/0").unwrap_err();
    read(connection.driver(), &Scope::default()).unwrap_err();
    connection.batch_execute("ROLLBACK").unwrap();
    assert!(read(connection.driver(), &Scope::default()).unwrap() == plain);
}

#[test]
fn a_failure_in_the_middle_leaves_the_session_as_it_was() {
    let database = with("CREATE TABLE t (a integer)");
    let login = database.login("secret");
    database.execute("REVOKE SELECT ON pg_policy FROM PUBLIC");
    let mut connection = migrate_tests::testkit::connect(&login);
    connection.batch_execute("SET search_path = public").unwrap();
    let error = read(connection.driver(), &Scope::default()).unwrap_err();
    assert!(matches!(error, CatalogError::Database(_)), "{error}");
    assert_eq!(connection.transaction_depth(), Some(0));
    let path = connection.query("SELECT current_setting('search_path')", &[]).unwrap();
    assert_eq!(path, [[Some("public".to_owned())]]);
    database.execute("GRANT SELECT ON pg_policy TO PUBLIC");
    assert!(read(connection.driver(), &Scope::default()).unwrap().tables.contains_key(&public("t")));
}

#[test]
fn the_number_of_statements_does_not_grow_with_the_tables() {
    let count = |tables: usize| {
        let create = |n| format!("CREATE TABLE t{n} (id serial PRIMARY KEY, a integer REFERENCES t{n})");
        let sql = (0..tables).map(create).collect::<Vec<_>>().join(";");
        let database = with(&sql);
        let mut connection = database.connect();
        let statements = Statements::of(&mut connection);
        let read = read(connection.driver(), &Scope::default()).unwrap();
        assert_eq!(read.tables.len(), tables + 1);
        statements.take().len()
    };
    let (few, many) = (count(1), count(40));
    assert_eq!(few, many);
    assert!(few < 25, "{few}");
}

#[test]
fn a_read_only_session_can_read() {
    let database = with("CREATE TABLE t (a integer)");
    let mut connection = database.connect();
    connection.batch_execute("SET default_transaction_read_only = on").unwrap();
    assert!(read(connection.driver(), &Scope::default()).unwrap() == catalog(&database));
}
