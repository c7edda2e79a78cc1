use std::error::Error as StdError;
use std::ops::{Deref, DerefMut};

use crate::backfill::{Answer, BackfillError, Request, Settings};
use crate::connection::{Driver, MigrationConnection};
use crate::context::Scope;
use crate::error::BodyError;
use crate::journal::Journal;
use crate::plan::Direction;
use crate::preview::StepPreview;
use crate::registry::{Catalogue, Declaration, Migrations, Runnable, no_body};

/// What the runner needs of the typed world: the connection as a driver, and bodies to call.
pub(super) trait Host {
    /// Whether another connection can take the place of this one.
    fn can_reconnect(&self) -> bool;

    /// Opens another connection in the place of this one.
    fn reconnect(&mut self) -> Result<(), Cause>;

    fn driver(&mut self) -> &mut dyn Driver;

    /// The connection together with the migrations.
    fn parts(&mut self) -> (&mut dyn Driver, &dyn Migrations);

    fn declaration(&self, revision: &str) -> Option<&'static Declaration>;

    /// What the body asks for on this server, and what its attribute says.
    fn record(&mut self, revision: &str, direction: Direction)
    -> Option<(StepPreview, &'static Declaration)>;

    /// How the revision runs in batches, if it does.
    fn backfill(&self, revision: &str) -> Option<Settings>;

    fn run_body(
        &mut self,
        revision: &str,
        direction: Direction,
        journal: Option<Journal>,
    ) -> Result<(), BodyError>;

    /// Has a backfill do one part of its work.
    fn ask(&mut self, revision: &str, request: Request) -> Result<Answer, BodyError>;
}

/// Opens connections for the workers of a backfill.
pub(super) trait Hosts: Sync {
    fn open(&self) -> Result<Box<dyn Host + '_>, Cause>;
}

type Cause = Box<dyn StdError + Send + Sync>;

/// How an application opens a connection.
pub(super) type Connector<C> = dyn Fn() -> Result<C, Cause> + Send + Sync;

pub(super) struct TypedHost<'a, C: 'static> {
    pub(super) connection: Connection<'a, C>,
    pub(super) catalogue: &'a Catalogue<C>,
    pub(super) connect: Option<&'a Connector<C>>,
}

/// The connection of whoever started the run, or one that was opened for it.
pub(super) enum Connection<'a, C> {
    Lent(&'a mut C),
    Own(C),
}

impl<C> Deref for Connection<'_, C> {
    type Target = C;

    fn deref(&self) -> &C {
        match self {
            Self::Lent(connection) => connection,
            Self::Own(connection) => connection,
        }
    }
}

impl<C> DerefMut for Connection<'_, C> {
    fn deref_mut(&mut self) -> &mut C {
        match self {
            Self::Lent(connection) => connection,
            Self::Own(connection) => connection,
        }
    }
}

/// The migrations of a migrator that can open connections.
pub(super) struct TypedHosts<'a, C: 'static> {
    pub(super) catalogue: &'a Catalogue<C>,
    pub(super) connect: &'a Connector<C>,
}

impl<C: MigrationConnection> Hosts for TypedHosts<'_, C> {
    fn open(&self) -> Result<Box<dyn Host + '_>, Cause> {
        let connection = Connection::Own((self.connect)()?);
        Ok(Box::new(TypedHost { connection, catalogue: self.catalogue, connect: Some(self.connect) }))
    }
}

impl<C: MigrationConnection> Host for TypedHost<'_, C> {
    fn can_reconnect(&self) -> bool {
        self.connect.is_some()
    }

    fn reconnect(&mut self) -> Result<(), Cause> {
        let connect = self.connect.ok_or("there is no connector")?;
        *self.connection = connect()?;
        Ok(())
    }

    fn driver(&mut self) -> &mut dyn Driver {
        &mut *self.connection
    }

    fn parts(&mut self) -> (&mut dyn Driver, &dyn Migrations) {
        let catalogue = self.catalogue;
        (self.driver(), catalogue)
    }

    fn declaration(&self, revision: &str) -> Option<&'static Declaration> {
        self.catalogue.get(revision).map(Runnable::declaration)
    }

    fn record(
        &mut self,
        revision: &str,
        direction: Direction,
    ) -> Option<(StepPreview, &'static Declaration)> {
        let runnable = self.catalogue.get(revision)?;
        let preview = super::safety::record(runnable, self.connection.dialect(), direction);
        Some((preview, runnable.declaration()))
    }

    fn backfill(&self, revision: &str) -> Option<Settings> {
        self.catalogue.get(revision).and_then(Runnable::backfill)
    }

    fn ask(&mut self, revision: &str, request: Request) -> Result<Answer, BodyError> {
        let runnable = self.catalogue.get(revision).ok_or(BackfillError::NotARun)?;
        let mut scope = Scope::asking(self.connection.dialect(), request);
        runnable.run(&mut self.connection, &mut scope, Direction::Upgrade)?;
        Ok(scope.into_answer().ok_or(BackfillError::NotARun)?)
    }

    fn run_body(
        &mut self,
        revision: &str,
        direction: Direction,
        journal: Option<Journal>,
    ) -> Result<(), BodyError> {
        match self.catalogue.get(revision) {
            Some(runnable) => {
                let mut scope = Scope::running_on(self.connection.dialect(), journal);
                runnable.run(&mut self.connection, &mut scope, direction)?;
                Ok(scope.finish()?)
            }
            None => Err(no_body(revision)),
        }
    }
}
