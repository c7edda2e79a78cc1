//! `up` and then `cx.revert(|cx| self.up(cx))` leave the schema as it was.

use std::sync::Arc;

use migrate_core::AnyConnection;
use migrate_core::catalog::{Catalog, DifferenceOptions, Scope, read};
use migrate_core::connection::Driver as _;
use migrate_core::operation::Operation;
use migrate_tests::testkit::{Database, History, Postgres, SqliteFile, Step, repetitions};

use super::generate::{case, words};

/// What the order of columns becomes when one is dropped and added again is the server's matter.
const OPTIONS: DifferenceOptions =
    DifferenceOptions { ignore_column_order: true, ignore_constraint_names: false };

#[test]
fn what_is_done_and_taken_back_leaves_the_same_schema_on_sqlite() {
    every_case(300, |seed| {
        let database = SqliteFile::new().into_database();
        there_and_back(&database, "PRAGMA synchronous = OFF", seed)
    });
}

#[test]
fn what_is_done_and_taken_back_leaves_the_same_schema_on_postgres() {
    // A schema is emptied in less time than a database takes to be made.
    let database = Postgres::shared().database();
    let empty = "SET synchronous_commit = off; SET client_min_messages = error;
        DROP SCHEMA public CASCADE; CREATE SCHEMA public;
        CREATE TABLE applied_log (revision text NOT NULL, direction text NOT NULL)";
    every_case(100, |seed| there_and_back(&database, empty, seed));
}

/// The long run: `MIGRATE_REPEAT=5000 scripts/test.sh -E 'test(taken_back)'`; another one begins at `MIGRATE_SEED`.
fn every_case(few: u32, there_and_back: impl Fn(u64) -> Result<bool, String>) {
    let count = u64::from(repetitions(few));
    let first: u64 = std::env::var("MIGRATE_SEED").map_or(1, |seed| seed.parse().expect("a number"));
    let mut changed = 0;
    for seed in first..first + count {
        match there_and_back(seed) {
            Ok(has_changed) => changed += u64::from(has_changed),
            Err(said) => panic!("MIGRATE_SEED={seed} MIGRATE_REPEAT=1: {said}"),
        }
    }
    assert!(changed >= count / 2, "only {changed} of {count} cases changed anything");
}

/// Does a case and takes it back; returns whether there was anything to take back.
fn there_and_back(database: &Database, settings: &str, seed: u64) -> Result<bool, String> {
    let connection = &mut database.connect();
    connection.batch(settings).unwrap();
    let case = case(seed);
    let story = format!("\nsetup\n{}operations\n{}", words(&case.setup), words(&case.operations));
    let said = |what: &str, error: &dyn std::fmt::Debug| format!("{what}: {error:?}{story}");
    let (setup, there) = (Arc::new(case.setup), Arc::new(case.operations));
    let back = Arc::clone(&there);
    let step = Step::new("b1")
        .on(&["a1"])
        .up(move |cx| all(cx, &there))
        .down(move |cx| cx.revert(|cx| all(cx, &back)));
    let migrator = History::new().with(Step::new("a1").up(move |cx| all(cx, &setup))).with(step).migrator();
    migrator.upgrade(connection, "a1").map_err(|error| said("setup", &error))?;
    let before = catalog(connection);
    migrator.upgrade(connection, "b1").map_err(|error| said("there", &error))?;
    let meanwhile = catalog(connection);
    migrator.downgrade(connection, "a1").map_err(|error| said("back", &error))?;
    let difference = before.difference_with(&catalog(connection), OPTIONS);
    if difference.is_empty() { Ok(meanwhile != before) } else { Err(format!("{difference}{story}")) }
}

fn all(
    cx: &mut migrate_core::Context<'_, AnyConnection>,
    operations: &[Operation],
) -> migrate_core::Result<()> {
    operations.iter().try_for_each(|operation| cx.perform(operation.clone()))
}

fn catalog(connection: &mut AnyConnection) -> Catalog {
    read(connection, &Scope::default()).unwrap_or_else(|error| panic!("{error}"))
}
