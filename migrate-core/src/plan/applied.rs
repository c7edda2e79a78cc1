//! What is applied.

use super::PlanError;
use super::error::List;
use crate::graph::{Node, NodeSet, RevisionGraph};

/// The applied set: closed downward with both edge kinds, so that its maximal elements say all of it.
///
/// Plain ids, without a tie to the graph it was made with. Made from a ledger with [`Applied::new`], from the
/// rows of a version table as Alembic keeps it with [`Applied::from_heads`] or [`Applied::from_rows`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Applied {
    /// Sorted; only revisions that the graph knows.
    ids: Vec<String>,
    /// The current heads, the one that `-1` starts from first; with rows that the graph does not know.
    rows: Vec<String>,
}

/// Why ids are not an applied set.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[non_exhaustive]
pub enum NotApplicable {
    /// Ids that the graph does not know.
    #[error("applied but not in this history: {}", List(revisions))]
    Unknown {
        /// The unknown ids, sorted.
        revisions: Vec<String>,
    },
    /// A revision is applied and something that it needs is not.
    #[error("revision {revision} is applied without {}", List(missing))]
    NotClosed {
        /// The first such revision, by id.
        revision: String,
        /// Its parents and dependencies that are not applied, sorted.
        missing: Vec<String>,
    },
    /// A head that is below another head.
    #[error("head {ancestor} is below head {revision}")]
    Overlap {
        /// The upper head.
        revision: String,
        /// The lower one.
        ancestor: String,
    },
}

impl Applied {
    /// The applied set of an empty database.
    pub fn none() -> Self {
        Self::default()
    }

    /// Takes every applied revision, in the order in which they were applied.
    ///
    /// The order matters for one thing only: with several current heads, `downgrade -1` starts from the one
    /// that was applied last.
    ///
    /// # Errors
    ///
    /// All unknown ids, or the first revision that is applied without its parents or dependencies.
    pub fn new<'a>(
        graph: &RevisionGraph,
        ids: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, NotApplicable> {
        let mut unknown = Vec::new();
        let mut last_seen = vec![None; graph.len()];
        for (position, id) in ids.into_iter().enumerate() {
            match graph.node(id) {
                Some(node) => last_seen[node] = Some(position),
                None => unknown.push(id.to_owned()),
            }
        }
        if !unknown.is_empty() {
            unknown.sort_unstable();
            unknown.dedup();
            return Err(NotApplicable::Unknown { revisions: unknown });
        }
        let set = NodeSet::of(graph.len(), (0..graph.len()).filter(|&node| last_seen[node].is_some()));
        for node in set.iter() {
            let mut missing: Vec<String> = graph
                .down(node)
                .filter(|&need| !set.contains(need))
                .map(|need| graph.id(need).to_owned())
                .collect();
            if !missing.is_empty() {
                missing.sort_unstable();
                return Err(NotApplicable::NotClosed { revision: graph.id(node).to_owned(), missing });
            }
        }
        let mut heads = graph.maximal_nodes(&set);
        heads.sort_by_key(|&head| std::cmp::Reverse(last_seen[head]));
        Ok(Self::of_nodes(graph, &set, &heads))
    }

    /// Takes the current heads; everything below them is applied.
    ///
    /// With several heads, `downgrade -1` starts from the first one given.
    ///
    /// # Errors
    ///
    /// All unknown ids, or a head that is below another: then one of the two is wrong.
    pub fn from_heads<'a>(
        graph: &RevisionGraph,
        heads: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, NotApplicable> {
        let applied = Self::from_rows(graph, heads);
        let mut unknown: Vec<String> =
            applied.rows.iter().filter(|row| !graph.contains(row)).cloned().collect();
        if !unknown.is_empty() {
            unknown.sort_unstable();
            return Err(NotApplicable::Unknown { revisions: unknown });
        }
        let nodes: Vec<Node> = applied.rows.iter().filter_map(|row| graph.node(row)).collect();
        match overlap(graph, &nodes) {
            Some((revision, ancestor)) => Err(NotApplicable::Overlap { revision, ancestor }),
            None => Ok(applied),
        }
    }

    /// Takes the rows of a version table as they are, right or wrong, for repairing it.
    ///
    /// Like Alembic, a plan that has to look at a wrong row fails ([`PlanError::UnknownApplied`],
    /// [`PlanError::Overlap`]), and one that does not succeeds: an unknown row makes every plan fail, a row
    /// below another one only upgrades.
    pub fn from_rows<'a>(graph: &RevisionGraph, rows: impl IntoIterator<Item = &'a str>) -> Self {
        let mut distinct: Vec<String> = Vec::new();
        for row in rows {
            if !distinct.iter().any(|known| known == row) {
                distinct.push(row.to_owned());
            }
        }
        let set = graph.closure_down(distinct.iter().filter_map(|row| graph.node(row)));
        Self { ids: set.iter().map(|node| graph.id(node).to_owned()).collect(), rows: distinct }
    }

    /// Whether the revision is applied.
    pub fn contains(&self, id: &str) -> bool {
        self.ids.binary_search_by(|applied| applied.as_str().cmp(id)).is_ok()
    }

    /// Whether nothing is applied.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// How many revisions are applied.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// The applied revisions, by id.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        self.ids.iter().map(String::as_str)
    }

    /// The current heads, by id.
    pub fn heads(&self) -> Vec<&str> {
        let mut heads: Vec<&str> = self.rows.iter().map(String::as_str).collect();
        heads.sort_unstable();
        heads
    }

    fn of_nodes(graph: &RevisionGraph, set: &NodeSet, heads: &[Node]) -> Self {
        let owned = |node: Node| graph.id(node).to_owned();
        Self { ids: set.iter().map(owned).collect(), rows: heads.iter().copied().map(owned).collect() }
    }
}

/// The same by node, for the planners.
impl Applied {
    pub(super) fn rows(&self) -> &[String] {
        &self.rows
    }

    /// The current heads as nodes, in their own order.
    pub(super) fn row_nodes(&self, graph: &RevisionGraph) -> Result<Vec<Node>, PlanError> {
        self.rows.iter().map(|row| row_node(graph, row)).collect()
    }
}

/// One current head as a node.
pub(super) fn row_node(graph: &RevisionGraph, row: &str) -> Result<Node, PlanError> {
    graph.node(row).ok_or_else(|| PlanError::UnknownApplied { revision: row.to_owned() })
}

/// Finds a node that another of the nodes stands above of: the upper one and the lower one, by id.
pub(super) fn overlap(graph: &RevisionGraph, nodes: &[Node]) -> Option<(String, String)> {
    let below = graph.closure_down(nodes.iter().flat_map(|&node| graph.down(node)));
    let lower = nodes.iter().copied().find(|&node| below.contains(node))?;
    let above = graph.closure_up(graph.up(lower));
    let upper = nodes.iter().copied().find(|&node| above.contains(node))?;
    Some((graph.id(upper).to_owned(), graph.id(lower).to_owned()))
}
