//! What every artefact of this workspace does: migrate a database in memory and say how far it got.

pub mod copied;

use std::fmt::Display;

use diesel::{Connection, SqliteConnection};
pub use migrate_core::Migrator;
use migrate_core::runner::MigratorError;

/// A migrator, or why there is none.
pub type Attempt = Result<Migrator<SqliteConnection>, MigratorError>;

/// Runs `upgrade heads` and returns the number of applied revisions, or prints why not.
pub fn upgrade(attempt: Attempt) -> Option<usize> {
    let migrator = attempt.map_err(complain).ok()?;
    let mut connection = SqliteConnection::establish(":memory:").map_err(complain).ok()?;
    let report = migrator.upgrade(&mut connection, "heads").map_err(complain).ok()?;
    Some(report.steps.len())
}

fn complain(error: impl Display) {
    println!("error: {error}");
}

/// The same as the whole of a program; exits with 1 when there is no migrator.
pub fn main(attempt: Attempt) -> ! {
    match upgrade(attempt) {
        Some(applied) => {
            println!("applied {applied}");
            std::process::exit(0)
        }
        None => std::process::exit(1),
    }
}
