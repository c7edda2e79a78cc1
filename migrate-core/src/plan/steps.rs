//! What a plan is made of.

use std::borrow::Cow;
use std::fmt;

use super::Deferred;
use crate::graph::{Node, NodeSet, RevisionGraph};
use crate::revision::Revision;

/// Which way a plan or a step goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// From base towards the heads.
    Upgrade,
    /// From the heads towards base.
    Downgrade,
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Upgrade => "upgrade",
            Self::Downgrade => "downgrade",
        })
    }
}

/// What to run, in order, and what is current afterwards.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Plan<'g> {
    /// The direction of every step.
    pub direction: Direction,
    /// The steps: on the way up each after what it needs, on the way down each after what needs it.
    pub steps: Vec<Step<'g>>,
    /// The current heads once all steps are done, by id.
    pub heads_after: Vec<&'g str>,
    /// What is left for later, parents first; see [`upgrade_deferring`](super::upgrade_deferring).
    pub deferred: Vec<Deferred<'g>>,
}

impl<'g> Plan<'g> {
    /// Orders the moving nodes; `after` is the applied set once they have moved.
    pub(super) fn new(
        graph: &'g RevisionGraph,
        direction: Direction,
        moving: &NodeSet,
        after: &NodeSet,
    ) -> Self {
        let steps = graph.order().iter().filter(|&&node| moving.contains(node));
        let step = |&node: &Node| Step { graph, node, direction };
        let steps = match direction {
            Direction::Upgrade => steps.map(step).collect(),
            Direction::Downgrade => steps.rev().map(step).collect(),
        };
        let heads_after = graph.maximal_nodes(after).into_iter().map(|node| graph.id(node)).collect();
        Self { direction, steps, heads_after, deferred: Vec::new() }
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// How many steps there are.
    pub fn len(&self) -> usize {
        self.steps.len()
    }
}

/// One revision going one way.
///
/// Displayed as Alembic's log line, without the word in front: `upgrade a, b -> c, message`.
#[derive(Clone, Copy)]
pub struct Step<'g> {
    graph: &'g RevisionGraph,
    node: Node,
    direction: Direction,
}

impl<'g> Step<'g> {
    /// The revision that goes up or down.
    pub fn revision(&self) -> &'g Revision {
        self.graph.revision(self.node)
    }

    /// The id of the revision that goes up or down.
    pub fn id(&self) -> &'g str {
        self.graph.id(self.node)
    }

    /// Which way.
    pub fn direction(&self) -> Direction {
        self.direction
    }

    /// What the revision does, one line; may be empty.
    pub fn message(&self) -> &'g str {
        &self.revision().message
    }

    /// The revisions it leads from, as the author ordered them; none at base. Dependencies do not show.
    pub fn from(&self) -> &'g [Cow<'static, str>] {
        match self.direction {
            Direction::Upgrade => &self.revision().down_revisions,
            Direction::Downgrade => std::slice::from_ref(&self.revision().id),
        }
    }

    /// The revisions it leads to, as the author ordered them; none at base. Dependencies do not show.
    pub fn to(&self) -> &'g [Cow<'static, str>] {
        match self.direction {
            Direction::Upgrade => std::slice::from_ref(&self.revision().id),
            Direction::Downgrade => &self.revision().down_revisions,
        }
    }

    /// Whether the revision has no parents.
    pub fn is_base(&self) -> bool {
        self.graph.parent_nodes(self.node).is_empty()
    }

    /// Whether the revision has several parents.
    pub fn is_merge(&self) -> bool {
        self.graph.is_merge_point(self.node)
    }

    /// Whether the revision has several children.
    pub fn is_branch_point(&self) -> bool {
        self.graph.is_branch_point(self.node)
    }
}

impl fmt::Display for Step<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} -> {}", self.direction, self.from().join(", "), self.to().join(", "))?;
        match self.message() {
            "" => Ok(()),
            message => write!(f, ", {message}"),
        }
    }
}

impl fmt::Debug for Step<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Step")
            .field("revision", &self.id())
            .field("direction", &self.direction)
            .finish_non_exhaustive()
    }
}

impl PartialEq for Step<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.direction == other.direction && self.revision() == other.revision()
    }
}

impl Eq for Step<'_> {}
