//! Which branch labels a revision goes by.

use std::collections::BTreeSet;

use super::{Node, RevisionGraph};

/// The labels of every node: declared by itself, by an ancestor, or by a descendant on an unbranched line.
///
/// A label spreads along the lineage to all descendants of the revision that declares it, and down from there
/// through ancestors as long as the line neither branches nor merges. Alembic starts the way down at whichever
/// descendant it visited last, which depends on hash order; here it starts at the declaring revision.
/// Nodes with the same labels share one set, so a long unbranched history costs one.
#[derive(Debug, Clone)]
pub(super) struct LabelSets {
    sets: Vec<BTreeSet<usize>>,
    set_of: Vec<usize>,
}

impl LabelSets {
    pub(super) fn spread(graph: &RevisionGraph) -> Self {
        let mut own: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); graph.len()];
        for (label, &(_, node)) in graph.label_nodes().iter().enumerate() {
            own[node].insert(label);
        }
        let mut sets = vec![BTreeSet::new()];
        let mut set_of = vec![0; graph.len()];
        for &node in graph.order() {
            let mut inherited: Vec<usize> =
                graph.parent_nodes(node).iter().map(|&parent| set_of[parent]).collect();
            inherited.sort_unstable();
            inherited.dedup();
            set_of[node] = match inherited.as_slice() {
                [] if own[node].is_empty() => 0,
                [only] if own[node].is_empty() => *only,
                several => {
                    let union =
                        several.iter().flat_map(|&set| &sets[set]).chain(&own[node]).copied().collect();
                    sets.push(union);
                    sets.len() - 1
                }
            };
        }
        let mut spread = Self { sets, set_of };
        for (label, &(_, node)) in graph.label_nodes().iter().enumerate() {
            spread.down(graph, label, node);
        }
        spread
    }

    fn down(&mut self, graph: &RevisionGraph, label: usize, declaring: Node) {
        let mut at = Some(declaring);
        while let Some(node) = at {
            if graph.parent_nodes(node).len() > 1 || graph.up(node).nth(1).is_some() {
                break;
            }
            if !self.sets[self.set_of[node]].contains(&label) {
                let mut wider = self.sets[self.set_of[node]].clone();
                wider.insert(label);
                self.sets.push(wider);
                self.set_of[node] = self.sets.len() - 1;
            }
            at = graph.parent_nodes(node).first().copied();
        }
    }

    /// The positions of the node's labels in the graph's list of labels.
    pub(super) fn of(&self, node: Node) -> &BTreeSet<usize> {
        &self.sets[self.set_of[node]]
    }
}
