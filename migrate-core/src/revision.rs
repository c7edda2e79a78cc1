//! One node of the revision graph, as plain data.

use std::borrow::Cow;

/// A revision: the identity of one migration and the edges it declares.
///
/// Plain data without a body, so that graphs can be built from a registry, from source files, from a JSON
/// file or in a test. Edges are names as the author wrote them; [`crate::graph::RevisionGraph`] resolves them.
/// Names are borrowed where they are constants, as those of a registry are: a program with a thousand migrations
/// builds their graph at every start.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Revision {
    /// The revision id, unique in its graph.
    pub id: Cow<'static, str>,
    /// Lineage edges: empty for a base, one parent normally, several for a merge. Full ids, order kept.
    pub down_revisions: Vec<Cow<'static, str>>,
    /// Ordering edges: full revision ids or branch labels.
    pub depends_on: Vec<Cow<'static, str>>,
    /// Names for the branch that this revision starts.
    pub branch_labels: Vec<Cow<'static, str>>,
    /// What the revision does, one line.
    pub message: Cow<'static, str>,
}

impl Revision {
    /// Starts a revision without parents, dependencies, labels or message.
    pub fn new(id: impl Into<Cow<'static, str>>) -> Self {
        Self { id: id.into(), ..Self::default() }
    }

    /// Adds one parent.
    #[must_use]
    pub fn parent(mut self, id: impl Into<Cow<'static, str>>) -> Self {
        self.down_revisions.push(id.into());
        self
    }

    /// Adds one ordering edge, by revision id or by branch label.
    #[must_use]
    pub fn after(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.depends_on.push(name.into());
        self
    }

    /// Adds one branch label.
    #[must_use]
    pub fn label(mut self, label: impl Into<Cow<'static, str>>) -> Self {
        self.branch_labels.push(label.into());
        self
    }

    /// Sets the message.
    #[must_use]
    pub fn message(mut self, message: impl Into<Cow<'static, str>>) -> Self {
        self.message = message.into();
        self
    }
}
