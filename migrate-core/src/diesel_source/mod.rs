//! A migrator's revisions as a source of migrations for Diesel's own harness.
//!
//! For an application that runs its migrations through `diesel_migrations::MigrationHarness` and goes on to: the
//! revisions run as ever, with their ledger, and Diesel keeps its table besides. Both rows of a revision commit in
//! the harness's transaction.

mod migration;
mod version;

use std::fmt;
use std::sync::Arc;

use diesel::migration::{Migration, MigrationSource, Result};

use self::migration::GraphMigration;
pub use self::migration::SourceError;
use crate::connection::MigrationConnection;
use crate::runner::Migrator;

/// The revisions of a [`Migrator`] as Diesel's harness takes them; made by [`Migrator::source`].
///
/// # Versions
///
/// Diesel knows a migration by its version, a text, runs migrations in the order of these texts and reverts them in the
/// opposite one. A revision's version is `{depth:06}-{revision}`, where the depth is that of the longest way down to a
/// base, over parents and dependencies: it never changes when the history grows, and their order is one in which
/// each revision comes after what it needs. An SQL migration of Diesel's own keeps its version, so that what Diesel's
/// table says of it stays true; a revision above it has that version in front: `20240501093000-000006-4f1c`.
///
/// # What differs from the harness with Diesel's own sources
///
/// - A revision that this framework's ledger has already is not run again, only entered into Diesel's table; one
///   that it does not have is not undone, only taken out of there. So the two come to agree, whoever ran what.
/// - A revision never runs without those it builds on, nor is it undone under those that build on it: that is an
///   error, where Diesel would go by what its own table says.
/// - Backfills and steps with `transaction = false` say `run_in_transaction() == false`. If the process ends between
///   such a step and Diesel's row, the next run enters the row.
pub struct DieselSource<C: 'static> {
    migrator: Arc<Migrator<C>>,
}

impl<C: MigrationConnection> Migrator<C> {
    /// Gives the revisions to a harness of Diesel's.
    ///
    /// ```ignore
    /// let source = Migrator::new(migrations_crate::MANIFEST)?.source();
    /// connection.run_pending_migrations(source.clone())?;
    /// connection.revert_last_migration(source)?;
    /// ```
    ///
    /// The harness is a connection of type `C`; of one from a pool that is `&mut *pooled`.
    #[must_use]
    pub fn source(self) -> DieselSource<C> {
        DieselSource { migrator: Arc::new(self) }
    }
}

impl<C: MigrationConnection> DieselSource<C> {
    /// The migrator whose revisions these are.
    pub fn migrator(&self) -> &Migrator<C> {
        &self.migrator
    }
}

impl<C: MigrationConnection> MigrationSource<C::Backend> for DieselSource<C> {
    fn migrations(&self) -> Result<Vec<Box<dyn Migration<C::Backend>>>> {
        let versions = version::versions(self.migrator.graph(), |revision| self.migrator.is_sql(revision))?;
        let migration = |(revision, version)| {
            let migration = GraphMigration::new(Arc::clone(&self.migrator), revision, version);
            Box::new(migration) as Box<dyn Migration<C::Backend>>
        };
        Ok(versions.into_iter().map(migration).collect())
    }
}

impl<C> Clone for DieselSource<C> {
    fn clone(&self) -> Self {
        Self { migrator: Arc::clone(&self.migrator) }
    }
}

impl<C> fmt::Debug for DieselSource<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DieselSource").finish_non_exhaustive()
    }
}
