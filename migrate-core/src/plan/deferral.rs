//! What an upgrade leaves for later, and what waits for that.

use std::collections::{BTreeMap, BTreeSet};

use crate::graph::{Node, NodeSet, RevisionGraph};

/// A pending revision that an upgrade leaves out.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Deferred<'g> {
    /// The revision.
    pub revision: &'g str,
    /// The deferred revisions that come first on the way to it, by id. None if it is deferred itself and can run once
    /// the plan is done.
    pub waits_for: Vec<&'g str>,
}

/// Picks the moving nodes that are deferred, with everything of the moving ones that needs them.
///
/// The rest is closed downward together with what is applied (I1).
pub(super) fn left_out(
    graph: &RevisionGraph,
    moving: &NodeSet,
    is_deferred: impl Fn(&str) -> bool,
) -> NodeSet {
    let mut left = graph.closure_up(moving.iter().filter(|&node| is_deferred(graph.id(node))));
    left.retain(|node| moving.contains(node));
    left
}

/// Says of each node that is left out what it waits for, parents first.
pub(super) fn described<'g>(graph: &'g RevisionGraph, left: &NodeSet) -> Vec<Deferred<'g>> {
    let mut first: BTreeMap<Node, BTreeSet<Node>> = BTreeMap::new();
    let mut deferred = Vec::new();
    for &node in graph.order().iter().filter(|&&node| left.contains(node)) {
        let mut waits_for = BTreeSet::new();
        for below in graph.down(node).filter(|&below| left.contains(below)) {
            match first.get(&below) {
                Some(first) if !first.is_empty() => waits_for.extend(first),
                _ => {
                    waits_for.insert(below);
                }
            }
        }
        // Nodes are numbered by id.
        let ids = waits_for.iter().map(|&node| graph.id(node)).collect();
        deferred.push(Deferred { revision: graph.id(node), waits_for: ids });
        first.insert(node, waits_for);
    }
    deferred
}
