//! Backfills on real servers: each row exactly once, whatever happens.

mod bad_rows;
mod command_line;
mod control;
mod failures;
mod keys;
mod killed;
mod left;
mod paces;
mod read_only;
mod runs;
mod spans;
mod standby;
mod workers;
mod writers;

use migrate_core::backfill::BackfillError;
use migrate_core::runner::{Error, Report};
use migrate_core::{AnyConnection, Migrator};
use migrate_tests::testkit::Database;

fn upgrade(migrator: &Migrator<AnyConnection>, database: &Database) -> Result<Report, Error> {
    migrator.upgrade(&mut database.connect(), "heads")
}

/// What stopped the backfill.
#[track_caller]
fn stopped(outcome: Result<Report, Error>) -> BackfillError {
    match outcome {
        Err(Error::Stopped { revision, cause, half_done: true, .. }) if revision == "b1" => {
            *cause.downcast().unwrap_or_else(|cause| panic!("{cause}"))
        }
        outcome => panic!("{outcome:?}"),
    }
}
