//! Stamps: changing what counts as applied without running anything.

use super::resolve::Names;
use super::target;
use super::{Applied, PlanError};
use crate::graph::{Node, NodeSet, RevisionGraph};

/// What a stamp changes.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StampPlan<'g> {
    /// The revisions that newly count as applied, each after what it needs.
    pub insert: Vec<&'g str>,
    /// The revisions that no longer count as applied, each after what needs it.
    pub delete: Vec<&'g str>,
    /// Everything that counts as applied afterwards, by id: closed downward.
    pub applied_after: Vec<&'g str>,
    /// The current heads afterwards, by id.
    pub heads_after: Vec<&'g str>,
}

impl StampPlan<'_> {
    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.insert.is_empty() && self.delete.is_empty()
    }
}

/// Plans that `targets` be current on their lineages, and everything below them applied.
///
/// Current heads above or below a target, dependencies included, give way to it; those of unrelated branches
/// stay. `base` alone takes everything away, `label@base` what is on that branch. Targets that count have no
/// meaning here. To forget everything first (`--purge`), pass [`Applied::none`].
///
/// # Errors
///
/// A target that names nothing, or not one thing where one is meant; an applied set that the graph does not know.
pub fn stamp<'g>(
    graph: &'g RevisionGraph,
    applied: &Applied,
    targets: &[&str],
) -> Result<StampPlan<'g>, PlanError> {
    let names = Names::of(graph);
    let rows = applied.row_nodes(graph)?;
    let targets = if targets.is_empty() { &["base"] } else { targets };
    let mut concerned = NodeSet::empty(graph.len());
    for target in targets.iter().filter(|target| !target.is_empty()) {
        target::single(target).map_err(|_| PlanError::Unknown { name: (*target).to_owned() })?;
        for row in names.on_branch(rows.clone(), target, true)? {
            concerned.insert(row);
        }
    }
    let mut chosen = Vec::new();
    for target in targets {
        chosen.extend(names.many(target)?);
    }
    let replaces = chosen.is_empty() || replaces(graph, &chosen, &concerned);
    let stay = rows.iter().copied().filter(|&row| !(replaces && concerned.contains(row)));
    let after = graph.closure_down(stay.chain(chosen.iter().copied()));
    Ok(difference(graph, &graph.closure_down(rows.iter().copied()), &after))
}

/// Whether a chosen revision stands above or below a concerned row, rather than on a branch of its own.
///
/// With several targets a row may be concerned through another target than the one that replaces it; a row that
/// only `base` or a label concerns stays if all chosen revisions are new branches.
fn replaces(graph: &RevisionGraph, chosen: &[Node], concerned: &NodeSet) -> bool {
    chosen.iter().filter(|&&node| !concerned.contains(node)).any(|&node| {
        let (above, below) = (graph.closure_up([node]), graph.closure_down([node]));
        concerned.iter().any(|row| above.contains(row) || below.contains(row))
    })
}

fn difference<'g>(graph: &'g RevisionGraph, before: &NodeSet, after: &NodeSet) -> StampPlan<'g> {
    let ids = |nodes: &mut dyn Iterator<Item = Node>| nodes.map(|node| graph.id(node)).collect();
    let order = || graph.order().iter().copied();
    StampPlan {
        insert: ids(&mut order().filter(|&node| after.contains(node) && !before.contains(node))),
        delete: ids(&mut order().rev().filter(|&node| before.contains(node) && !after.contains(node))),
        applied_after: ids(&mut after.iter()),
        heads_after: ids(&mut graph.maximal_nodes(after).into_iter()),
    }
}
