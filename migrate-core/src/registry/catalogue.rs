use super::entry::Declaration;
use super::runnable::Runnable;
use crate::backfill::Settings;
use crate::connection::{Dialect, MigrationConnection};
use crate::context::Recording;
use crate::error::{BodyError, Result};
use crate::plan::Direction;

/// The migrations that take part in a run, each revision once, sorted by id.
///
/// A list: at start-up it is built and looked through once, which a tree would only make dearer.
pub struct Catalogue<C: 'static>(pub(super) Vec<Runnable<C>>);

impl<C: MigrationConnection> Catalogue<C> {
    /// The migration of a revision.
    pub fn get(&self, id: &str) -> Option<&Runnable<C>> {
        let found = self.0.binary_search_by(|runnable| runnable.declaration().revision.cmp(id));
        found.ok().map(|at| &self.0[at])
    }

    /// All of them, by id.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Runnable<C>> {
        self.0.iter()
    }
}

/// The migrations of a run, whatever their connection type is.
pub(crate) trait Migrations {
    /// What the attribute of a revision says.
    fn declaration(&self, id: &str) -> Option<&'static Declaration>;

    /// That of a node of the graph that was made of these; both are sorted by id.
    fn nth(&self, node: usize) -> Option<&'static Declaration>;

    /// The only server that a revision is written for.
    fn written_for(&self, id: &str) -> Option<Dialect>;

    /// How a revision runs in batches, if it does.
    fn backfill(&self, id: &str) -> Option<Settings>;

    /// Asks the body of a revision for its operations, without a connection.
    fn record(&self, id: &str, dialect: Dialect, direction: Direction) -> (Recording, Result<()>);
}

impl<C: MigrationConnection> Migrations for Catalogue<C> {
    fn declaration(&self, id: &str) -> Option<&'static Declaration> {
        self.get(id).map(Runnable::declaration)
    }

    fn nth(&self, node: usize) -> Option<&'static Declaration> {
        self.0.get(node).map(Runnable::declaration)
    }

    fn written_for(&self, id: &str) -> Option<Dialect> {
        self.get(id).and_then(Runnable::dialect)
    }

    fn backfill(&self, id: &str) -> Option<Settings> {
        self.get(id).and_then(Runnable::backfill)
    }

    fn record(&self, id: &str, dialect: Dialect, direction: Direction) -> (Recording, Result<()>) {
        match self.get(id) {
            Some(runnable) => runnable.record(dialect, direction),
            None => (Recording::default(), Err(no_body(id))),
        }
    }
}

/// The error of a revision that is in the graph and not in the program.
pub(crate) fn no_body(id: &str) -> BodyError {
    BodyError::new(format_args!("revision {id} has no body in this program"))
}
