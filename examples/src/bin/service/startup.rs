//! What happens to the schema when the service starts.

use migrate_core::connection::DatabaseUrl;
use migrate_core::runner::{Error, MigratorError, StopFlag};
use migrate_core::{AnyConnection, Migrator, Options};

use crate::Failure;

/// The migrations of this release. One migrator serves the start and every report of `/health`.
pub(crate) fn migrator(url: &DatabaseUrl, stop: &StopFlag) -> Result<Migrator<AnyConnection>, MigratorError> {
    let url = url.clone();
    let options = Options { stop: stop.clone(), ..Options::default() };
    let migrator = Migrator::new(migrations_crate::MANIFEST)?
        .with_options(options)
        .with_connector(move || Ok(url.connect()?));
    Ok(migrator)
}

/// Brings the database up to date, on a connection of its own.
///
/// Any number of replicas may do this at once: one of them runs each step, the others wait for it. `false` says that
/// the service was told to end before all was done.
pub(crate) fn upgrade(url: &DatabaseUrl, migrator: &Migrator<AnyConnection>) -> Result<bool, Failure> {
    match migrator.upgrade(&mut url.connect()?, "heads") {
        Ok(report) => {
            let (steps, heads) = (report.steps.len(), report.heads.join(", "));
            tracing::info!("the schema is at {heads}, {steps} steps were taken here");
            Ok(true)
        }
        Err(halted @ (Error::Halted { .. } | Error::HaltedWaiting { .. })) => {
            tracing::info!("{halted}");
            Ok(false)
        }
        Err(error) => Err(format!("could not migrate: {}", crate::with_sources(&error)).into()),
    }
}

/// Refuses a database that lacks something, or has what this release does not know.
pub(crate) fn check(url: &DatabaseUrl, migrator: &Migrator<AnyConnection>) -> Result<(), Failure> {
    let checked = migrator.ensure_current(&mut url.connect()?);
    checked.map_err(|error| format!("refused to start: {}", crate::with_sources(&error)).into())
}
