//! Four data migrations of real projects: what they do is what an independent computation says, and what went wrong in
//! the originals cannot happen here.

mod open_webui;
mod quay;
mod sources;
mod warehouse;
mod whisperengine;

mod beside;
mod killed;

use migrate_core::runner::{Error, Report};
use migrate_core::{AnyConnection, Migrator};
use migrate_tests::testkit::Database;

/// As many rows as a migration of its own would be written for.
const ROWS: u32 = 100_000;

/// Enough that each kind of ugly row is there twice.
const FEW: u32 = 5_000;

fn upgrade(migrator: &Migrator<AnyConnection>, database: &Database, target: &str) -> Result<Report, Error> {
    migrator.upgrade(&mut database.connect(), target)
}

fn downgrade(migrator: &Migrator<AnyConnection>, database: &Database, target: &str) {
    migrator.downgrade(&mut database.connect(), target).unwrap();
}

/// Brings the database to where the old code left it, with so many rows.
fn prepare(
    database: &Database,
    migrator: &Migrator<AnyConnection>,
    base: &str,
    insert: fn(&mut AnyConnection, u32),
    count: u32,
) {
    if database.dialect() == migrate_core::connection::Dialect::Sqlite {
        // As an application that writes meanwhile has it.
        database.execute("PRAGMA journal_mode = WAL");
    }
    upgrade(migrator, database, base).unwrap();
    insert(&mut database.connect(), count);
}

/// Fails with the first few that only one of both has.
#[track_caller]
fn assert_same(mut found: Vec<String>, mut expected: Vec<String>) {
    found.sort_unstable();
    expected.sort_unstable();
    if found == expected {
        return;
    }
    let missing: Vec<_> = expected.iter().filter(|it| found.binary_search(it).is_err()).take(5).collect();
    let unexpected: Vec<_> = found.iter().filter(|it| expected.binary_search(it).is_err()).take(5).collect();
    panic!("{} for {}: missing {missing:#?}, unexpected {unexpected:#?}", found.len(), expected.len());
}

/// The error of a run that stopped, with its causes.
fn in_full(error: &Error) -> String {
    use std::error::Error as _;
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
