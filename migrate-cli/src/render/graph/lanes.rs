//! Which lane a node stands in and which one an edge runs down, so that no edge runs through a node.

use super::Picture;

/// The lanes of a picture; its rows are the positions of its nodes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Lanes {
    /// The lane of each node.
    pub(super) of_node: Vec<usize>,
    /// Every edge, by the node it comes from.
    pub(super) edges: Vec<Edge>,
    /// How many lanes there are.
    pub(super) count: usize,
}

/// An edge: from a node into its lane, down, and into the node below.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Edge {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) lane: usize,
    pub(super) kind: EdgeKind,
}

/// What an edge says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum EdgeKind {
    Lineage,
    Dependency,
}

/// A lane that is taken leads to a node, by edges of one kind.
type Lane = Option<(EdgeKind, usize)>;

impl Lanes {
    /// Goes from the top to the bottom, once.
    ///
    /// A node stands in the leftmost lane that leads to it, lineage before dependencies, and ends all of them.
    /// Its edges take a lane that leads the same way already, or a free one. The first parent inherits the
    /// node's own lane, unless there is one to the left: so the oldest line stays straight.
    pub(super) fn of(picture: &Picture) -> Self {
        let mut lanes: Vec<Lane> = Vec::new();
        let mut of_node = Vec::with_capacity(picture.nodes.len());
        let mut edges = Vec::with_capacity(picture.edges());
        for (from, node) in picture.nodes.iter().enumerate() {
            let own = arrive(&mut lanes, from);
            of_node.push(own);
            let lineage = node.parents.iter().map(|&to| (EdgeKind::Lineage, to));
            let needed = node.dependencies.iter().map(|&to| (EdgeKind::Dependency, to));
            for (kind, to) in lineage.chain(needed) {
                edges.push(Edge { from, to, lane: leave(&mut lanes, own, (kind, to)), kind });
            }
            while lanes.last() == Some(&None) {
                lanes.pop();
            }
        }
        let passing = edges.iter().filter(|edge| edge.to - edge.from > 1).map(|edge| edge.lane);
        let count = of_node.iter().copied().chain(passing).max().map_or(0, |rightmost| rightmost + 1);
        Self { of_node, edges, count }
    }
}

/// Ends the lanes that lead to a node and says which of them the node stands in.
fn arrive(lanes: &mut [Lane], node: usize) -> usize {
    let mut best: Option<(EdgeKind, usize)> = None;
    for (at, lane) in lanes.iter_mut().enumerate() {
        if let Some((kind, to)) = *lane
            && to == node
        {
            best = Some(best.map_or((kind, at), |best| best.min((kind, at))));
            *lane = None;
        }
    }
    best.map_or_else(|| free(lanes, 0), |(_, at)| at)
}

/// Finds the lane of an edge: one that leads there already, the node's own, or one to its right.
fn leave(lanes: &mut Vec<Lane>, own: usize, way: (EdgeKind, usize)) -> usize {
    let start = if way.0 == EdgeKind::Lineage { own } else { own + 1 };
    let free = free(lanes, start);
    match lanes.iter().position(|lane| *lane == Some(way)) {
        Some(shared) if shared < own || free != own => return shared,
        _ => {}
    }
    if free >= lanes.len() {
        lanes.resize(free + 1, None);
    }
    lanes[free] = Some(way);
    free
}

/// The first lane that is free, from `start` to the right.
fn free(lanes: &[Lane], start: usize) -> usize {
    (start..lanes.len()).find(|&at| lanes[at].is_none()).unwrap_or_else(|| lanes.len().max(start))
}
