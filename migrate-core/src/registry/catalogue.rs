use super::entry::Declaration;
use super::runnable::Runnable;
use crate::connection::MigrationConnection;

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

/// What the attributes say, whatever the connection type is.
pub(crate) trait Declarations {
    fn declaration(&self, id: &str) -> Option<&'static Declaration>;

    /// That of a node of the graph that was made of these; both are sorted by id.
    fn nth(&self, node: usize) -> Option<&'static Declaration>;
}

impl<C: MigrationConnection> Declarations for Catalogue<C> {
    fn declaration(&self, id: &str) -> Option<&'static Declaration> {
        self.get(id).map(Runnable::declaration)
    }

    fn nth(&self, node: usize) -> Option<&'static Declaration> {
        self.0.get(node).map(Runnable::declaration)
    }
}
