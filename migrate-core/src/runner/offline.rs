//! Scripts of a migrator's plans; no connection takes part.

use super::Migrator;
use super::error::Error;
use super::identity;
use super::preflight::preflight;
use crate::connection::{Dialect, MigrationConnection};
use crate::offline::{Author, Script, Writer};
use crate::plan;

/// # Scripts
impl<C: MigrationConnection> Migrator<C> {
    /// Writes the script of an upgrade: to a target from base, or `from:target`.
    ///
    /// # Errors
    ///
    /// A target that means nothing, a migration for another server, and [`Error::Offline`] when a step would not
    /// run on such a server either.
    pub fn script_upgrade(&self, dialect: Dialect, range: &str) -> Result<Script, Error> {
        let is_deferred = |revision: &str| self.options.defer_backfills && self.is_backfill(revision);
        let offline = plan::offline_upgrade_deferring(&self.graph, range, is_deferred)?;
        self.script(dialect, &format!("upgrade {range}"), &offline)
    }

    /// Writes the script of a downgrade `from:target`.
    ///
    /// # Errors
    ///
    /// As [`script_upgrade`](Self::script_upgrade), and when it would cross an irreversible revision.
    pub fn script_downgrade(&self, dialect: Dialect, range: &str) -> Result<Script, Error> {
        let offline = plan::offline_downgrade(&self.graph, range)?;
        self.script(dialect, &format!("downgrade {range}"), &offline)
    }

    /// Writes the script of a stamp: of targets from base, or `from:target`.
    ///
    /// `purge` forgets every row first, whatever is there.
    ///
    /// # Errors
    ///
    /// A target that means nothing.
    pub fn script_stamp(&self, dialect: Dialect, targets: &[&str], purge: bool) -> Result<Script, Error> {
        let offline = plan::offline_stamp(&self.graph, targets)?;
        let title = format!("stamp {}", targets.join(" "));
        Ok(self.written(dialect, |writer| writer.stamp(&title, &offline, purge))?)
    }

    fn script(
        &self,
        dialect: Dialect,
        title: &str,
        offline: &plan::OfflinePlan<'_>,
    ) -> Result<Script, Error> {
        let one_transaction = self.options.single_transaction;
        preflight(&offline.plan, dialect, &self.options, one_transaction, &self.catalogue)?;
        Ok(self.written(dialect, |writer| writer.plan(title, offline))?)
    }

    fn written<T>(&self, dialect: Dialect, write: impl FnOnce(&Writer<'_>) -> T) -> T {
        let options = &self.options;
        let applied_by = identity::of_script(&options.applied_by);
        let author = Author {
            names: &options.names,
            applied_by: &applied_by,
            binary_version: &self.binary_version,
            single_transaction: options.single_transaction,
            limits: options.limits(dialect).collect(),
        };
        write(&Writer::new(&self.graph, &self.catalogue, &author, dialect))
    }
}
