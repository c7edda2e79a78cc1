use std::error::Error as StdError;
use std::marker::PhantomData;

use diesel_migrations::EmbeddedMigrations;

use super::recorder::{Backend, record};
use crate::connection::MigrationConnection;
use crate::context::Context;
use crate::error::Result;
use crate::migration::{IrreversibleMigration, Migration};
use crate::operation::{Operation, sql};
use crate::plan::Direction;

/// The body of a revision that is one of Diesel's SQL migrations.
///
/// It knows both directions; whether there is a way back is for its declaration to say.
pub struct SqlRevision<C> {
    embedded: &'static EmbeddedMigrations,
    version: &'static str,
    connection: PhantomData<fn(&mut C)>,
}

/// Why the SQL of a migration is not to be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SqlError {
    /// No embedded migration has the version.
    #[error("no SQL migration of version {version} is embedded")]
    NotEmbedded {
        /// The version.
        version: String,
    },
    /// `diesel_migrations` refused.
    #[error("the SQL migration {version} has no SQL for this direction")]
    Refused {
        /// The version.
        version: String,
        /// What it said.
        #[source]
        cause: Box<dyn StdError + Send + Sync>,
    },
}

impl<C> SqlRevision<C> {
    /// The migration of this version among the embedded ones.
    pub const fn new(embedded: &'static EmbeddedMigrations, version: &'static str) -> Self {
        Self { embedded, version, connection: PhantomData }
    }

    fn sql(&self, direction: Direction) -> Result<String, SqlError> {
        let version = self.version.to_owned();
        let refused = |cause| SqlError::Refused { version: self.version.to_owned(), cause };
        let all =
            diesel::migration::MigrationSource::<Backend>::migrations(self.embedded).map_err(refused)?;
        let found = all.iter().find(|migration| migration.name().version() == self.version.into());
        record(found.ok_or(SqlError::NotEmbedded { version })?, direction).map_err(refused)
    }
}

impl<C: MigrationConnection> SqlRevision<C> {
    /// The text as it is, several statements and all: comments and `$$` bodies are the server's to read.
    fn run(&self, cx: &mut Context<'_, C>, direction: Direction) -> Result<()> {
        cx.perform(Operation::Execute(sql(self.sql(direction)?)))
    }
}

// Nobody who forgot an `impl` wants this one for an example.
#[diagnostic::do_not_recommend]
impl<C: MigrationConnection> Migration for SqlRevision<C> {
    type Connection = C;

    fn up(&self, cx: &mut Context<'_, C>) -> Result<()> {
        self.run(cx, Direction::Upgrade)
    }

    fn down(&self, cx: &mut Context<'_, C>) -> Result<()> {
        self.run(cx, Direction::Downgrade)
    }
}

#[diagnostic::do_not_recommend]
impl<C: MigrationConnection> IrreversibleMigration for SqlRevision<C> {
    type Connection = C;

    fn up(&self, cx: &mut Context<'_, C>) -> Result<()> {
        self.run(cx, Direction::Upgrade)
    }
}
