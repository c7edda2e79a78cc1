//! Edges of one kind, for all nodes, in two flat lists.

use super::Node;

/// Compressed sparse rows: the neighbours of node `n` are `targets[offsets[n]..offsets[n + 1]]`, sorted.
#[derive(Debug, Clone, Default)]
pub(crate) struct Adjacency {
    offsets: Vec<usize>,
    targets: Vec<Node>,
}

impl Adjacency {
    /// Starts an adjacency whose rows are pushed in node order.
    pub(super) fn with_capacity(nodes: usize) -> Self {
        let mut offsets = Vec::with_capacity(nodes + 1);
        offsets.push(0);
        Self { offsets, targets: Vec::with_capacity(nodes) }
    }

    /// Appends the next node's neighbours; `row` must be sorted and free of repetitions.
    pub(super) fn push_row(&mut self, row: &[Node]) {
        self.targets.extend_from_slice(row);
        self.offsets.push(self.targets.len());
    }

    /// Turns every edge around, by counting: linear, and rows come out sorted.
    pub(super) fn reversed(&self) -> Self {
        let nodes = self.offsets.len() - 1;
        let mut offsets = vec![0; nodes + 1];
        for &target in &self.targets {
            offsets[target + 1] += 1;
        }
        for node in 0..nodes {
            offsets[node + 1] += offsets[node];
        }
        let mut next = offsets.clone();
        let mut targets = vec![0; self.targets.len()];
        for node in 0..nodes {
            for &target in self.of(node) {
                targets[next[target]] = node;
                next[target] += 1;
            }
        }
        Self { offsets, targets }
    }

    /// The neighbours of `node`, in id order.
    pub(crate) fn of(&self, node: Node) -> &[Node] {
        &self.targets[self.offsets[node]..self.offsets[node + 1]]
    }
}
