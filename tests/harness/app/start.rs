//! What an application that stays with Diesel's harness does when it starts.

use std::error::Error;

use diesel::PgConnection;
use diesel_migrations::MigrationHarness;
use migrate_core::Migrator;

use super::postgres as migrations;

/// Brings the database up to date, as `run_pending_migrations(MIGRATIONS)` did before.
pub(crate) fn migrate(connection: &mut PgConnection) -> Result<(), Box<dyn Error + Send + Sync>> {
    let source = Migrator::<PgConnection>::new(migrations::MANIFEST)?.source();
    connection.run_pending_migrations(source)?;
    Ok(())
}
