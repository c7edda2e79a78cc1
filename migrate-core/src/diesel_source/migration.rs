use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use diesel::connection::BoxableConnection;
use diesel::migration::{Migration, MigrationMetadata, MigrationName, MigrationVersion, Result};

use crate::connection::MigrationConnection;
use crate::plan::Direction;
use crate::runner::Migrator;

/// Why a revision cannot be run by Diesel's harness.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// The harness lends another type of connection.
    #[error(
        "these migrations run on {expected}, and the harness has another connection; of a pooled one pass `&mut *pooled`"
    )]
    OtherConnection {
        /// The connection type of the migrator.
        expected: &'static str,
    },
    /// The versions of SQL migrations sort in a way that the graph does not allow.
    #[error(
        "Diesel would run {revision} (version {version}) before {parent} (version {parent_version}), which it builds on"
    )]
    Order {
        /// The revision.
        revision: String,
        /// Its version.
        version: String,
        /// What it builds on.
        parent: String,
        /// The version of that.
        parent_version: String,
    },
    /// The run failed.
    #[error("{revision} failed: {}", crate::error::chain(&**.cause))]
    Run {
        /// The revision.
        revision: String,
        /// A [`runner::Error`](crate::runner::Error). Within the text, too: Diesel's harness shows that alone.
        cause: Box<dyn StdError + Send + Sync>,
    },
}

/// One revision.
pub(super) struct GraphMigration<C: 'static> {
    migrator: Arc<Migrator<C>>,
    name: Name,
    metadata: Metadata,
}

struct Name {
    revision: String,
    version: String,
    message: String,
}

struct Metadata {
    run_in_transaction: bool,
}

impl<C: MigrationConnection> GraphMigration<C> {
    pub(super) fn new(migrator: Arc<Migrator<C>>, revision: String, version: String) -> Self {
        let declaration = migrator.declaration(&revision);
        let is_transactional = declaration.is_none_or(|declaration| declaration.transaction);
        let metadata = Metadata { run_in_transaction: is_transactional && !migrator.is_backfill(&revision) };
        let message = declaration.map(|declaration| declaration.message.to_owned()).unwrap_or_default();
        Self { migrator, name: Name { revision, version, message }, metadata }
    }

    fn go(&self, connection: &mut dyn BoxableConnection<C::Backend>, direction: Direction) -> Result<()> {
        let connection = connection
            .downcast_mut::<C>()
            .ok_or(SourceError::OtherConnection { expected: std::any::type_name::<C>() })?;
        let revision = &self.name.revision;
        match self.migrator.exactly(connection, direction, revision) {
            Ok(_) => Ok(()),
            Err(cause) => Err(SourceError::Run { revision: revision.clone(), cause: Box::new(cause) }.into()),
        }
    }
}

impl<C: MigrationConnection> Migration<C::Backend> for GraphMigration<C> {
    fn run(&self, connection: &mut dyn BoxableConnection<C::Backend>) -> Result<()> {
        self.go(connection, Direction::Upgrade)
    }

    fn revert(&self, connection: &mut dyn BoxableConnection<C::Backend>) -> Result<()> {
        self.go(connection, Direction::Downgrade)
    }

    fn metadata(&self) -> &dyn MigrationMetadata {
        &self.metadata
    }

    fn name(&self) -> &dyn MigrationName {
        &self.name
    }
}

impl MigrationName for Name {
    fn version(&self) -> MigrationVersion<'_> {
        self.version.as_str().into()
    }
}

/// As Diesel shows its own, with the message after the version: `000002-4f1c_add_email`.
impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.version)?;
        let words = self.message.split(|character: char| !character.is_alphanumeric());
        words.filter(|word| !word.is_empty()).try_for_each(|word| write!(f, "_{}", word.to_lowercase()))
    }
}

impl MigrationMetadata for Metadata {
    fn run_in_transaction(&self) -> bool {
        self.run_in_transaction
    }
}
