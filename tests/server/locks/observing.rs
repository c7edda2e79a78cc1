//! The observer itself.

use std::collections::{BTreeMap, BTreeSet};

use migrate_tests::locks::{Expected, FIXTURE, Trial, Way, mismatches};
use migrate_tests::testkit::{Database, Effects, LockMode, Postgres, observe, observe_waiting};

fn fixture() -> Database {
    let database = Postgres::shared().database();
    database.execute(FIXTURE);
    database
}

#[test]
fn what_is_new_is_told_from_what_was_there() {
    let database = fixture();
    let seen = observe(
        &mut database.connect(),
        &["CREATE TABLE badges (id bigint PRIMARY KEY)", "INSERT INTO badges VALUES (1)"],
    )
    .unwrap();
    assert_eq!(seen.effects, Effects::default());
    assert_eq!(
        seen.created,
        BTreeMap::from(["badges", "badges_pkey"].map(|name| (name.to_owned(), LockMode::AccessExclusive)))
    );
}

#[test]
fn nothing_stays_of_what_was_observed() {
    let database = fixture();
    let mut connection = database.connect();
    observe(&mut connection, &["DROP TABLE users CASCADE", "CREATE TABLE badges ()"]).unwrap();
    assert!(database.has_table("users"));
    assert!(!database.has_table("badges"));
}

#[test]
fn an_error_is_returned_and_the_connection_can_be_used_again() {
    let database = fixture();
    let mut connection = database.connect();
    let error = observe(&mut connection, &["LOCK TABLE teams", "ALTER TABLE absent ADD x int"]).unwrap_err();
    assert!(error.to_string().contains("absent"), "{error}");
    let seen = observe(&mut connection, &["ALTER TABLE users ADD x int"]).unwrap();
    assert_eq!(seen.effects.locks, BTreeMap::from([("users".to_owned(), LockMode::AccessExclusive)]));
}

#[test]
fn what_a_session_has_read_before_is_not_counted() {
    let database = fixture();
    let mut connection = database.connect();
    for _ in 0..3 {
        let read = observe(&mut connection, &["SELECT count(*) FROM users"]).unwrap();
        assert_eq!(read.effects.scanned, BTreeSet::from(["users".to_owned()]));
        let not_read = observe(&mut connection, &["ALTER TABLE users ADD x int"]).unwrap();
        assert_eq!(not_read.effects.scanned, BTreeSet::new());
    }
}

#[test]
fn rows_that_parallel_workers_would_read_are_counted() {
    let database = fixture();
    database.execute("ALTER TABLE users SET (parallel_workers = 4)");
    let name = database.one("SELECT current_database()::text");
    for setting in [
        "min_parallel_table_scan_size",
        "parallel_setup_cost",
        "parallel_tuple_cost",
        "parallel_leader_participation",
    ] {
        database.execute(&format!("ALTER DATABASE {name} SET {setting} = 0"));
    }
    let users = BTreeSet::from(["users".to_owned()]);
    for statement in ["CREATE INDEX ON users (age)", "SELECT count(*) FROM users WHERE bio LIKE '%1%'"] {
        let seen = observe(&mut database.connect(), &[statement]).unwrap();
        assert_eq!(seen.effects.scanned, users, "{statement}");
    }
    let seen = observe_waiting(&database, "CREATE INDEX CONCURRENTLY ON users (age)", &["users"]).unwrap();
    assert_eq!(seen.effects.scanned, users);
}

#[test]
fn relations_go_by_their_names_before_as_the_catalog_has_them() {
    let database = fixture();
    database.execute(r#"CREATE SCHEMA "o.l""d"; CREATE TABLE "o.l""d"."a.b" AS SELECT 1 AS "x y""#);
    database.execute(r#"CREATE TABLE "Größe "" '\ select" AS SELECT 1 AS x"#);
    let seen = observe(
        &mut database.connect(),
        &[
            r#"ALTER TABLE "o.l""d"."a.b" ALTER "x y" TYPE text"#,
            r#"ALTER TABLE "Größe "" '\ select" RENAME TO size"#,
        ],
    )
    .unwrap();
    let (schema, public) = (r#"o.l"d.a.b"#.to_owned(), r#"Größe " '\ select"#.to_owned());
    let locks = [schema.clone(), public].map(|name| (name, LockMode::AccessExclusive));
    assert_eq!(seen.effects.locks, BTreeMap::from(locks));
    assert_eq!(seen.effects.rewritten, BTreeSet::from([schema.clone()]));
    assert_eq!(seen.effects.scanned, BTreeSet::from([schema]));
}

#[test]
fn a_statement_outside_of_a_transaction_says_what_is_wrong_with_it() {
    let database = fixture();
    let error = observe_waiting(&database, "CREATE INDEX CONCURRENTLY ON users (absent)", &["users"]);
    assert!(error.unwrap_err().to_string().contains("absent"));
}

#[test]
fn a_wrong_prediction_is_reported_with_what_was_found() {
    let trial = |expected| Trial {
        title: "add a column".to_owned(),
        setup: Vec::new(),
        statements: vec!["ALTER TABLE users ADD x int".to_owned()],
        way: Way::Transaction,
        expected,
    };
    let expect = |locks: &[(&str, LockMode)], scanned: &[&str]| {
        Expected::Effects(Effects {
            locks: locks.iter().map(|(name, mode)| ((*name).to_owned(), *mode)).collect(),
            scanned: scanned.iter().map(ToString::to_string).collect(),
            ..Effects::default()
        })
    };
    let right = expect(&[("users", LockMode::AccessExclusive)], &[]);
    let wrong = [
        expect(&[("users", LockMode::Share)], &[]),
        expect(&[("users", LockMode::AccessExclusive)], &["users"]),
        expect(&[("teams", LockMode::AccessShare), ("users", LockMode::AccessExclusive)], &[]),
        Expected::Refused("column".to_owned()),
    ];
    assert_eq!(mismatches(Postgres::shared(), &[trial(right)]), "");
    for wrong in wrong {
        let report = mismatches(Postgres::shared(), &[trial(wrong.clone())]);
        let found = format!("  expected {wrong}\n  found    users: ACCESS EXCLUSIVE\n");
        assert_eq!(report, format!("add a column: ALTER TABLE users ADD x int\n{found}"));
    }
}
