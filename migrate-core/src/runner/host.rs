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

pub(super) struct TypedHost<'a, C: 'static> {
    pub(super) connection: &'a mut C,
    pub(super) catalogue: &'a Catalogue<C>,
}

impl<C: MigrationConnection> Host for TypedHost<'_, C> {
    fn driver(&mut self) -> &mut dyn Driver {
        self.connection
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
        runnable.run(self.connection, &mut scope, Direction::Upgrade)?;
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
                runnable.run(self.connection, &mut scope, direction)?;
                Ok(scope.finish()?)
            }
            None => Err(no_body(revision)),
        }
    }
}
