//! The checked graph and the questions it answers.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use super::adjacency::Adjacency;
use super::label::LabelSets;
use super::walk::{self, NodeSet};
use super::{GraphErrors, Node, build};
use crate::revision::Revision;

/// A set of revisions whose names are resolved and whose edges form no cycle.
///
/// *Lineage* edges are `down_revisions`: heads, bases, branches and labels follow them alone. `depends_on`
/// edges only order, and count wherever it says "both edge kinds". Every answer is sorted by revision id.
/// A question about an id that is not in the graph has an empty answer.
#[derive(Debug, Clone)]
pub struct RevisionGraph {
    revisions: Vec<Revision>,
    labels: Vec<(String, Node)>,
    parents: Adjacency,
    children: Adjacency,
    dependencies: Adjacency,
    dependents: Adjacency,
    order: Vec<Node>,
    label_sets: OnceLock<LabelSets>,
}

impl RevisionGraph {
    /// Resolves and checks revisions given in any order.
    ///
    /// # Errors
    ///
    /// All faults at once: see [`GraphError`](super::GraphError).
    pub fn new(revisions: impl IntoIterator<Item = Revision>) -> Result<Self, GraphErrors> {
        build::build(revisions)
    }

    /// Puts together what `build` has checked: `edges` are parents, children, dependencies, dependents.
    pub(super) fn assemble(
        revisions: Vec<Revision>,
        labels: Vec<(String, Node)>,
        edges: [Adjacency; 4],
        order: Vec<Node>,
    ) -> Self {
        let [parents, children, dependencies, dependents] = edges;
        let label_sets = OnceLock::new();
        Self { revisions, labels, parents, children, dependencies, dependents, order, label_sets }
    }

    /// How many revisions there are.
    pub fn len(&self) -> usize {
        self.revisions.len()
    }

    /// Whether there are no revisions.
    pub fn is_empty(&self) -> bool {
        self.revisions.is_empty()
    }

    /// Whether `id` is, in full, the id of a revision.
    pub fn contains(&self, id: &str) -> bool {
        self.node(id).is_some()
    }

    /// The revision with this full id.
    pub fn get(&self, id: &str) -> Option<&Revision> {
        self.node(id).map(|node| &self.revisions[node])
    }

    /// All revisions, by id.
    pub fn revisions(&self) -> &[Revision] {
        &self.revisions
    }

    /// All revisions, each after its parents and dependencies.
    ///
    /// The order in which an upgrade of an empty database runs, and every other upgrade runs a part of it in
    /// this order; downgrades run it backwards. One branch is followed to its end before the next.
    pub fn topological(&self) -> impl DoubleEndedIterator<Item = &Revision> + ExactSizeIterator {
        self.order.iter().map(|&node| &self.revisions[node])
    }

    /// The parents of a revision.
    pub fn parents(&self, id: &str) -> impl Iterator<Item = &str> {
        self.neighbours(id, &self.parents)
    }

    /// The revisions whose parent this is.
    pub fn children(&self, id: &str) -> impl Iterator<Item = &str> {
        self.neighbours(id, &self.children)
    }

    /// What a revision depends on, labels resolved, parents left out.
    pub fn dependencies(&self, id: &str) -> impl Iterator<Item = &str> {
        self.neighbours(id, &self.dependencies)
    }

    /// The revisions that depend on this one without being its children.
    pub fn dependents(&self, id: &str) -> impl Iterator<Item = &str> {
        self.neighbours(id, &self.dependents)
    }

    /// The revisions without children.
    pub fn heads(&self) -> Vec<&str> {
        self.select(|node| self.children.of(node).is_empty())
    }

    /// The heads that no other revision depends on: what is current once everything is applied.
    pub fn real_heads(&self) -> Vec<&str> {
        self.select(|node| self.up(node).next().is_none())
    }

    /// The revisions without parents.
    pub fn bases(&self) -> Vec<&str> {
        self.select(|node| self.parents.of(node).is_empty())
    }

    /// The revisions with several children.
    pub fn branch_points(&self) -> Vec<&str> {
        self.select(|node| self.is_branch_point(node))
    }

    /// The revisions with several parents.
    pub fn merge_points(&self) -> Vec<&str> {
        self.select(|node| self.is_merge_point(node))
    }

    /// Every branch label with the revision that declares it, by label.
    pub fn declared_labels(&self) -> impl Iterator<Item = (&str, &str)> {
        self.labels.iter().map(|(label, node)| (label.as_str(), self.id(*node)))
    }

    /// The branch labels that a revision goes by: its own, those of its lineage's ancestors, and those of
    /// descendants from which an unbranched line leads down to it.
    pub fn labels(&self, id: &str) -> Vec<&str> {
        let sets = self.label_sets.get_or_init(|| LabelSets::spread(self));
        let of = |node| sets.of(node).iter().map(|&label| self.labels[label].0.as_str()).collect();
        self.node(id).map(of).unwrap_or_default()
    }

    /// The given revisions and everything below them, with both edge kinds.
    pub fn ancestors<'a>(&self, ids: impl IntoIterator<Item = &'a str>) -> BTreeSet<&str> {
        self.ids(&self.closure_down(self.nodes(ids)))
    }

    /// The given revisions and everything above them, with both edge kinds.
    pub fn descendants<'a>(&self, ids: impl IntoIterator<Item = &'a str>) -> BTreeSet<&str> {
        self.ids(&self.closure_up(self.nodes(ids)))
    }

    /// Those of the given revisions that no other given revision stands directly on, with both edge kinds.
    ///
    /// Of an applied set, which is closed downward, these are the current heads.
    pub fn maximal<'a>(&self, applied: impl IntoIterator<Item = &'a str>) -> Vec<&str> {
        let set = NodeSet::of(self.len(), self.nodes(applied));
        self.maximal_nodes(&set).into_iter().map(|node| self.id(node)).collect()
    }

    fn neighbours<'g>(&'g self, id: &str, edges: &'g Adjacency) -> impl Iterator<Item = &'g str> + use<'g> {
        let row = self.node(id).map(|node| edges.of(node)).unwrap_or_default();
        row.iter().map(|&node| self.id(node))
    }

    fn select(&self, keep: impl Fn(Node) -> bool) -> Vec<&str> {
        (0..self.len()).filter(|&node| keep(node)).map(|node| self.id(node)).collect()
    }

    fn nodes<'a>(&self, ids: impl IntoIterator<Item = &'a str>) -> impl Iterator<Item = Node> {
        ids.into_iter().filter_map(|id| self.node(id))
    }

    fn ids(&self, set: &NodeSet) -> BTreeSet<&str> {
        set.iter().map(|node| self.id(node)).collect()
    }
}

/// The same questions by node, for `plan`.
impl RevisionGraph {
    pub(crate) fn node(&self, id: &str) -> Option<Node> {
        self.revisions.binary_search_by(|revision| revision.id.as_ref().cmp(id)).ok()
    }

    pub(crate) fn label_node(&self, label: &str) -> Option<Node> {
        let found = self.labels.binary_search_by(|(name, _)| name.as_str().cmp(label)).ok()?;
        Some(self.labels[found].1)
    }

    pub(crate) fn label_nodes(&self) -> &[(String, Node)] {
        &self.labels
    }

    pub(crate) fn id(&self, node: Node) -> &str {
        &self.revisions[node].id
    }

    pub(crate) fn revision(&self, node: Node) -> &Revision {
        &self.revisions[node]
    }

    /// All nodes, each after what it needs.
    pub(crate) fn order(&self) -> &[Node] {
        &self.order
    }

    pub(crate) fn parent_nodes(&self, node: Node) -> &[Node] {
        self.parents.of(node)
    }

    pub(crate) fn child_nodes(&self, node: Node) -> &[Node] {
        self.children.of(node)
    }

    /// What must be applied before `node`, both edge kinds.
    pub(crate) fn down(&self, node: Node) -> impl Iterator<Item = Node> + '_ {
        self.parents.of(node).iter().chain(self.dependencies.of(node)).copied()
    }

    /// What `node` must be applied before, both edge kinds.
    pub(crate) fn up(&self, node: Node) -> impl Iterator<Item = Node> + '_ {
        self.children.of(node).iter().chain(self.dependents.of(node)).copied()
    }

    pub(crate) fn is_branch_point(&self, node: Node) -> bool {
        self.children.of(node).len() > 1
    }

    pub(crate) fn is_merge_point(&self, node: Node) -> bool {
        self.parents.of(node).len() > 1
    }

    pub(crate) fn closure_down(&self, start: impl IntoIterator<Item = Node>) -> NodeSet {
        walk::closure(self.len(), start, |node| self.down(node))
    }

    pub(crate) fn closure_up(&self, start: impl IntoIterator<Item = Node>) -> NodeSet {
        walk::closure(self.len(), start, |node| self.up(node))
    }

    pub(crate) fn lineage_down(&self, start: impl IntoIterator<Item = Node>) -> NodeSet {
        walk::closure(self.len(), start, |node| self.parents.of(node).iter().copied())
    }

    pub(crate) fn lineage_up(&self, start: impl IntoIterator<Item = Node>) -> NodeSet {
        walk::closure(self.len(), start, |node| self.children.of(node).iter().copied())
    }

    pub(crate) fn maximal_nodes(&self, set: &NodeSet) -> Vec<Node> {
        walk::maximal(set, |node| self.up(node))
    }
}
