use super::entry::{Declaration, Entry};
use crate::backfill::Settings;
use crate::connection::{AnyConnection, Dialect, MigrationConnection, Variant};
use crate::context::{Recording, Scope};
use crate::error::{BodyError, Result};
use crate::plan::Direction;

/// A registered migration as a run on connections of type `C` sees it.
pub struct Runnable<C: 'static> {
    declaration: &'static Declaration,
    dialect: Option<Dialect>,
    backfill: Option<Settings>,
    run: RunFn<C>,
}

type RunFn<C> = Box<dyn Fn(Option<&mut C>, &mut Scope, Direction) -> Result<()> + Send + Sync>;

impl<C: MigrationConnection> Runnable<C> {
    /// Takes an entry of this very connection type.
    pub fn direct(entry: &'static Entry<C>) -> Self {
        Self {
            declaration: &entry.declaration,
            dialect: None,
            backfill: entry.backfill(),
            run: Box::new(move |connection, scope, direction| entry.run(connection, scope, direction)),
        }
    }

    /// What the attribute says.
    pub fn declaration(&self) -> &'static Declaration {
        self.declaration
    }

    /// The only server that the migration is written for, when it names that server's connection type.
    pub fn dialect(&self) -> Option<Dialect> {
        self.dialect
    }

    /// Whether it is a backfill, and how it runs.
    pub(crate) fn backfill(&self) -> Option<Settings> {
        self.backfill
    }

    /// Runs the body on a connection.
    pub(crate) fn run(&self, connection: &mut C, scope: &mut Scope, direction: Direction) -> Result<()> {
        (self.run)(Some(connection), scope, direction)
    }

    /// Asks the body for its operations on a server of this dialect.
    pub(crate) fn record(&self, dialect: Dialect, direction: Direction) -> (Recording, Result<()>) {
        let mut scope = Scope::recording_for(dialect);
        let outcome = (self.run)(None, &mut scope, direction);
        (scope.into_recording(), outcome)
    }
}

impl Runnable<AnyConnection> {
    pub(crate) fn projected<V: Variant>(entry: &'static Entry<V>) -> Self {
        Self {
            declaration: &entry.declaration,
            dialect: Some(V::DIALECT),
            backfill: entry.backfill(),
            run: Box::new(move |connection, scope, direction| match connection.map(V::project) {
                None => entry.run(None, scope, direction),
                Some(Some(inner)) => entry.run(Some(inner), scope, direction),
                Some(None) => Err(BodyError::new(format_args!(
                    "revision {} is written for {}",
                    entry.declaration.revision,
                    V::DIALECT
                ))),
            }),
        }
    }
}
