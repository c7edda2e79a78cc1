//! One node of the revision graph, as plain data.

/// A revision: the identity of one migration and the edges it declares.
///
/// Plain data without a body, so that graphs can be built from a registry, from source files, from a JSON
/// file or in a test. Edges are names as the author wrote them; [`crate::graph::RevisionGraph`] resolves them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Revision {
    /// The revision id, unique in its graph.
    pub id: String,
    /// Lineage edges: empty for a base, one parent normally, several for a merge. Full ids, order kept.
    pub down_revisions: Vec<String>,
    /// Ordering edges: full revision ids or branch labels.
    pub depends_on: Vec<String>,
    /// Names for the branch that this revision starts.
    pub branch_labels: Vec<String>,
    /// What the revision does, one line.
    pub message: String,
}

impl Revision {
    /// Starts a revision without parents, dependencies, labels or message.
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into(), ..Self::default() }
    }

    /// Adds one parent.
    #[must_use]
    pub fn parent(mut self, id: impl Into<String>) -> Self {
        self.down_revisions.push(id.into());
        self
    }

    /// Adds one ordering edge, by revision id or by branch label.
    #[must_use]
    pub fn after(mut self, name: impl Into<String>) -> Self {
        self.depends_on.push(name.into());
        self
    }

    /// Adds one branch label.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.branch_labels.push(label.into());
        self
    }

    /// Sets the message.
    #[must_use]
    pub fn message(mut self, message: impl Into<String>) -> Self {
        self.message = message.into();
        self
    }
}
