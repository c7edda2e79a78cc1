use diesel::result::QueryResult;

use crate::connection::{Dialect, Driver, MigrationConnection, TextRow};
use crate::error::BodyError;
use crate::plan::Direction;
use crate::registry::{Catalogue, Declaration, Declarations, Runnable};

/// What the runner needs of the typed world: the connection as a driver, and bodies to call.
pub(super) trait Host {
    fn driver(&mut self) -> &mut dyn Driver;

    /// The connection together with what the attributes say.
    fn parts(&mut self) -> (&mut dyn Driver, &dyn Declarations);

    fn declaration(&self, revision: &str) -> Option<&'static Declaration>;

    /// The only server that the revision is written for.
    fn written_for(&self, revision: &str) -> Option<Dialect>;

    fn run_body(&mut self, revision: &str, direction: Direction) -> Result<(), BodyError>;
}

pub(super) struct TypedHost<'a, C: 'static> {
    pub(super) connection: Pooled<'a, C>,
    pub(super) catalogue: &'a Catalogue<C>,
}

impl<C: MigrationConnection> Host for TypedHost<'_, C> {
    fn driver(&mut self) -> &mut dyn Driver {
        if self.connection.in_transactions { &mut self.connection } else { self.connection.inner.driver() }
    }

    fn parts(&mut self) -> (&mut dyn Driver, &dyn Declarations) {
        let catalogue = self.catalogue;
        (self.driver(), catalogue)
    }

    fn declaration(&self, revision: &str) -> Option<&'static Declaration> {
        self.catalogue.get(revision).map(Runnable::declaration)
    }

    fn written_for(&self, revision: &str) -> Option<Dialect> {
        self.catalogue.get(revision).and_then(Runnable::dialect)
    }

    fn run_body(&mut self, revision: &str, direction: Direction) -> Result<(), BodyError> {
        match self.catalogue.get(revision) {
            Some(runnable) => runnable.run(self.connection.inner, direction),
            None => Err(BodyError::new(format_args!("revision {revision} has no body in this program"))),
        }
    }
}

/// A connection that may go through a pooler in transaction mode.
///
/// There a statement with parameters, which is prepared in one message and executed in the next, may be executed
/// on another server connection than it was prepared on, where the unnamed statement is somebody else's. In a
/// transaction both stay together.
pub(super) struct Pooled<'a, C> {
    pub(super) inner: &'a mut C,
    pub(super) in_transactions: bool,
}

impl<C: MigrationConnection> Pooled<'_, C> {
    fn together<T>(&mut self, run: impl FnOnce(&mut C) -> QueryResult<T>) -> QueryResult<T> {
        if self.inner.transaction_depth() != Some(0) {
            return run(self.inner);
        }
        Driver::begin(self.inner, "")?;
        match run(self.inner) {
            Ok(value) => Driver::commit(self.inner).map(|()| value),
            Err(error) => {
                let _ = Driver::rollback(self.inner);
                Err(error)
            }
        }
    }
}

impl<C: MigrationConnection> Driver for Pooled<'_, C> {
    fn dialect(&self) -> Dialect {
        self.inner.dialect()
    }

    fn execute(&mut self, sql: &str, binds: &[Option<&str>]) -> QueryResult<usize> {
        self.together(|inner| Driver::execute(inner, sql, binds))
    }

    fn query(&mut self, sql: &str, binds: &[Option<&str>]) -> QueryResult<Vec<TextRow>> {
        self.together(|inner| Driver::query(inner, sql, binds))
    }

    fn visit_pairs(
        &mut self,
        sql: &str,
        visit: &mut dyn FnMut(Option<&str>, Option<&str>),
    ) -> QueryResult<()> {
        self.together(|inner| Driver::visit_pairs(inner, sql, visit))
    }

    fn batch(&mut self, sql: &str) -> QueryResult<()> {
        // One message.
        self.inner.batch(sql)
    }

    fn begin(&mut self, settings: &str) -> QueryResult<()> {
        Driver::begin(self.inner, settings)
    }

    fn commit(&mut self) -> QueryResult<()> {
        Driver::commit(self.inner)
    }

    fn rollback(&mut self) -> QueryResult<()> {
        Driver::rollback(self.inner)
    }

    fn transaction_depth(&mut self) -> Option<u32> {
        self.inner.transaction_depth()
    }

    fn disable_prepared_statements(&mut self) {
        self.inner.disable_prepared_statements();
    }
}
