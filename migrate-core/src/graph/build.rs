//! From declared names to checked edges.

use std::collections::BTreeMap;

use super::adjacency::Adjacency;
use super::{GraphError, GraphErrors, Node, RevisionGraph, cycle, name, walk};
use crate::revision::Revision;

/// Builds the graph, or collects everything that is wrong with it.
///
/// Linear apart from the sort by id and the search for each edge's.
pub(super) fn build(revisions: impl IntoIterator<Item = Revision>) -> Result<RevisionGraph, GraphErrors> {
    let mut errors = Vec::new();
    let revisions = sorted_by_id(revisions, &mut errors);
    check_names(&revisions, &mut errors);
    let names = Names::new(&revisions, &mut errors);
    let (parents, dependencies) = edges(&revisions, &names, &mut errors);
    let labels = names.labels.iter().map(|(label, node)| ((*label).to_owned(), *node)).collect();
    let (children, dependents) = (parents.reversed(), dependencies.reversed());
    let nodes = revisions.len();
    let real_heads =
        (0..nodes).filter(|&node| children.of(node).is_empty() && dependents.of(node).is_empty());
    let order = walk::topological(nodes, real_heads, |node, position| {
        let parents = parents.of(node);
        parents.get(position).or_else(|| dependencies.of(node).get(position - parents.len())).copied()
    });
    if order.is_none() {
        report_cycles(&revisions, &parents, &dependencies, &mut errors);
    }
    match order {
        Some(order) if errors.is_empty() => Ok(RevisionGraph::assemble(
            revisions,
            labels,
            [parents, children, dependencies, dependents],
            order,
        )),
        _ => Err(GraphErrors::new(errors)),
    }
}

/// Sorts by id and reports ids that occur more than once; the first of each is kept.
///
/// Most comparisons end in the first eight bytes, so those are compared as numbers, side by side in memory.
fn sorted_by_id(
    revisions: impl IntoIterator<Item = Revision>,
    errors: &mut Vec<GraphError>,
) -> Vec<Revision> {
    let revisions: Vec<Revision> = revisions.into_iter().collect();
    // Those of a registry are sorted, and looked at whenever a program starts.
    if revisions.is_sorted_by(|a, b| a.id < b.id) {
        return revisions;
    }
    let mut slots: Vec<Option<Revision>> = revisions.into_iter().map(Some).collect();
    let id = |slot: usize| slots[slot].as_ref().map_or("", |revision| revision.id.as_ref());
    let mut keys: Vec<(u64, usize)> = (0..slots.len()).map(|slot| (first_bytes(id(slot)), slot)).collect();
    keys.sort_unstable_by(|a, b| {
        a.0.cmp(&b.0).then_with(|| id(a.1).cmp(id(b.1))).then_with(|| a.1.cmp(&b.1))
    });
    let duplicated = keys.windows(2).any(|pair| pair[0].0 == pair[1].0 && id(pair[0].1) == id(pair[1].1));
    let mut revisions: Vec<Revision> = keys.iter().filter_map(|&(_, slot)| slots[slot].take()).collect();
    if duplicated {
        for same in revisions.chunk_by(|a, b| a.id == b.id).filter(|same| same.len() > 1) {
            let mut messages: Vec<String> =
                same.iter().map(|revision| revision.message.to_string()).collect();
            messages.sort_unstable();
            errors.push(GraphError::DuplicateId { id: same[0].id.to_string(), messages });
        }
        revisions.dedup_by(|a, b| a.id == b.id);
    }
    revisions
}

fn first_bytes(id: &str) -> u64 {
    let mut bytes = [0; 8];
    let length = id.len().min(bytes.len());
    bytes[..length].copy_from_slice(&id.as_bytes()[..length]);
    u64::from_be_bytes(bytes)
}

fn check_names(revisions: &[Revision], errors: &mut Vec<GraphError>) {
    for revision in revisions {
        if let Err(fault) = name::check_id(&revision.id) {
            errors.push(GraphError::BadId { id: revision.id.to_string(), fault });
        }
        for label in &revision.branch_labels {
            if let Err(fault) = name::check_label(label) {
                errors.push(GraphError::BadLabel {
                    revision: revision.id.to_string(),
                    label: label.to_string(),
                    fault,
                });
            }
        }
    }
}

/// What a name stands for: the revision with this id, or the one that declares this label.
#[derive(Clone, Copy)]
enum Named {
    Id(Node),
    Label(Node),
}

impl Named {
    fn node(self) -> Node {
        match self {
            Self::Id(node) | Self::Label(node) => node,
        }
    }
}

/// Ids and labels, which share one space of names.
///
/// Ids are sorted already, and mostly told apart by their first eight bytes: to look for those in a list of numbers
/// costs less than to hash every id once.
struct Names<'a> {
    revisions: &'a [Revision],
    first_bytes: Vec<u64>,
    labels: BTreeMap<&'a str, Node>,
}

impl<'a> Names<'a> {
    /// Leaves out, and reports, labels that are an id or another revision's label.
    fn new(revisions: &'a [Revision], errors: &mut Vec<GraphError>) -> Self {
        let first_bytes = revisions.iter().map(|revision| first_bytes(&revision.id)).collect();
        let mut names = Self { revisions, first_bytes, labels: BTreeMap::new() };
        for (node, revision) in revisions.iter().enumerate() {
            for label in &revision.branch_labels {
                match names.find(label) {
                    None => {
                        names.labels.insert(label, node);
                    }
                    Some(used_by) => errors.push(GraphError::LabelClash {
                        label: label.to_string(),
                        revision: revision.id.to_string(),
                        used_by: revisions[used_by.node()].id.to_string(),
                    }),
                }
            }
        }
        names
    }

    fn find(&self, name: &str) -> Option<Named> {
        let id = self.node(name).map(Named::Id);
        id.or_else(|| self.labels.get(name).copied().map(Named::Label))
    }

    fn node(&self, id: &str) -> Option<Node> {
        let wanted = first_bytes(id);
        let start = self.first_bytes.partition_point(|&bytes| bytes < wanted);
        let alike = self.first_bytes[start..].partition_point(|&bytes| bytes == wanted);
        let alike = &self.revisions[start..start + alike];
        let found = alike.binary_search_by(|revision| revision.id.as_ref().cmp(id));
        found.ok().map(|at| start + at)
    }
}

/// Resolves parents (by id only) and dependencies (by id or label).
///
/// A dependency that is also a parent adds nothing and is left out.
fn edges(revisions: &[Revision], names: &Names<'_>, errors: &mut Vec<GraphError>) -> (Adjacency, Adjacency) {
    let mut parents = Adjacency::with_capacity(revisions.len());
    let mut dependencies = Adjacency::with_capacity(revisions.len());
    let mut row = Vec::new();
    for (node, revision) in revisions.iter().enumerate() {
        row.clear();
        for parent in &revision.down_revisions {
            match names.node(parent) {
                Some(found) if found == node => {
                    errors.push(GraphError::SelfParent { revision: revision.id.to_string() });
                }
                Some(found) => row.push(found),
                None => errors.push(GraphError::UnknownParent {
                    revision: revision.id.to_string(),
                    parent: parent.to_string(),
                }),
            }
        }
        row.sort_unstable();
        row.dedup();
        parents.push_row(&row);
        row.clear();
        for dependency in &revision.depends_on {
            match names.find(dependency).map(Named::node) {
                Some(found) if found == node => {
                    errors.push(GraphError::SelfDependency { revision: revision.id.to_string() });
                }
                Some(found) if parents.of(node).contains(&found) => {}
                Some(found) => row.push(found),
                None => errors.push(GraphError::UnknownDependency {
                    revision: revision.id.to_string(),
                    dependency: dependency.to_string(),
                }),
            }
        }
        row.sort_unstable();
        row.dedup();
        dependencies.push_row(&row);
    }
    (parents, dependencies)
}

/// Reports each knot once: as a lineage cycle if parents alone close it.
fn report_cycles(
    revisions: &[Revision],
    parents: &Adjacency,
    dependencies: &Adjacency,
    errors: &mut Vec<GraphError>,
) {
    let ids = |ring: &[Node]| ring.iter().map(|&node| revisions[node].id.to_string()).collect::<Vec<_>>();
    let lineage = cycle::cycles(revisions.len(), &[parents]);
    for ring in &lineage {
        errors.push(GraphError::LineageCycle { revisions: ids(ring) });
    }
    for ring in cycle::cycles(revisions.len(), &[parents, dependencies]) {
        let is_lineage =
            ring.iter().zip(ring.iter().cycle().skip(1)).all(|(&node, next)| parents.of(node).contains(next));
        if !is_lineage {
            errors.push(GraphError::DependencyCycle { revisions: ids(&ring) });
        }
    }
}
