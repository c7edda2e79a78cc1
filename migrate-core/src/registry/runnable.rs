use super::entry::{Declaration, Entry};
use crate::connection::{AnyConnection, Dialect, MigrationConnection, Variant};
use crate::error::{BodyError, Result};
use crate::plan::Direction;

/// A registered migration as a run on connections of type `C` sees it.
pub struct Runnable<C: 'static> {
    declaration: &'static Declaration,
    dialect: Option<Dialect>,
    run: RunFn<C>,
}

type RunFn<C> = Box<dyn Fn(&mut C, Direction) -> Result<()> + Send + Sync>;

impl<C: MigrationConnection> Runnable<C> {
    /// Takes an entry of this very connection type.
    pub fn direct(entry: &'static Entry<C>) -> Self {
        Self {
            declaration: &entry.declaration,
            dialect: None,
            run: Box::new(move |connection, direction| entry.run(connection, direction)),
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

    pub(crate) fn run(&self, connection: &mut C, direction: Direction) -> Result<()> {
        (self.run)(connection, direction)
    }
}

impl Runnable<AnyConnection> {
    pub(crate) fn projected<V: Variant>(entry: &'static Entry<V>) -> Self {
        Self {
            declaration: &entry.declaration,
            dialect: Some(V::DIALECT),
            run: Box::new(move |connection, direction| match V::project(connection) {
                Some(inner) => entry.run(inner, direction),
                None => Err(BodyError::new(format_args!(
                    "revision {} is written for {}",
                    entry.declaration.revision,
                    V::DIALECT
                ))),
            }),
        }
    }
}
