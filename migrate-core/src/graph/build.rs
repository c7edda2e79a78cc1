//! From declared names to checked edges.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::adjacency::Adjacency;
use super::{GraphError, GraphErrors, Node, RevisionGraph, cycle, name, walk};
use crate::revision::Revision;

/// Builds the graph, or collects everything that is wrong with it.
///
/// Linear apart from the sort by id; one hash map, which lives only here.
pub(super) fn build(revisions: impl IntoIterator<Item = Revision>) -> Result<RevisionGraph, GraphErrors> {
    let mut errors = Vec::new();
    let revisions = sorted_by_id(revisions, &mut errors);
    check_names(&revisions, &mut errors);
    let (names, labels) = index(&revisions, &mut errors);
    let (parents, dependencies) = edges(&revisions, &names, &mut errors);
    drop(names);
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
    let mut slots: Vec<Option<Revision>> = revisions.into_iter().map(Some).collect();
    let id = |slot: usize| slots[slot].as_ref().map_or("", |revision| revision.id.as_str());
    let mut keys: Vec<(u64, usize)> = (0..slots.len()).map(|slot| (first_bytes(id(slot)), slot)).collect();
    keys.sort_unstable_by(|a, b| {
        a.0.cmp(&b.0).then_with(|| id(a.1).cmp(id(b.1))).then_with(|| a.1.cmp(&b.1))
    });
    let duplicated = keys.windows(2).any(|pair| pair[0].0 == pair[1].0 && id(pair[0].1) == id(pair[1].1));
    let mut revisions: Vec<Revision> = keys.iter().filter_map(|&(_, slot)| slots[slot].take()).collect();
    if duplicated {
        for same in revisions.chunk_by(|a, b| a.id == b.id).filter(|same| same.len() > 1) {
            let mut messages: Vec<String> = same.iter().map(|revision| revision.message.clone()).collect();
            messages.sort_unstable();
            errors.push(GraphError::DuplicateId { id: same[0].id.clone(), messages });
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
            errors.push(GraphError::BadId { id: revision.id.clone(), fault });
        }
        for label in &revision.branch_labels {
            if let Err(fault) = name::check_label(label) {
                errors.push(GraphError::BadLabel {
                    revision: revision.id.clone(),
                    label: label.clone(),
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

/// Maps ids and labels to nodes: they share one space of names.
fn index<'a>(
    revisions: &'a [Revision],
    errors: &mut Vec<GraphError>,
) -> (HashMap<&'a str, Named>, Vec<(String, Node)>) {
    let ids = revisions.iter().enumerate().map(|(node, revision)| (revision.id.as_str(), Named::Id(node)));
    let mut names: HashMap<&str, Named> = ids.collect();
    let mut labels = Vec::new();
    for (node, revision) in revisions.iter().enumerate() {
        for label in &revision.branch_labels {
            match names.entry(label) {
                Entry::Vacant(vacant) => {
                    vacant.insert(Named::Label(node));
                    labels.push((label.clone(), node));
                }
                Entry::Occupied(occupied) => errors.push(GraphError::LabelClash {
                    label: label.clone(),
                    revision: revision.id.clone(),
                    used_by: revisions[occupied.get().node()].id.clone(),
                }),
            }
        }
    }
    labels.sort_unstable();
    (names, labels)
}

/// Resolves parents (by id only) and dependencies (by id or label).
///
/// A dependency that is also a parent adds nothing and is left out.
fn edges(
    revisions: &[Revision],
    names: &HashMap<&str, Named>,
    errors: &mut Vec<GraphError>,
) -> (Adjacency, Adjacency) {
    let mut parents = Adjacency::with_capacity(revisions.len());
    let mut dependencies = Adjacency::with_capacity(revisions.len());
    let mut row = Vec::new();
    for (node, revision) in revisions.iter().enumerate() {
        row.clear();
        for parent in &revision.down_revisions {
            match names.get(parent.as_str()) {
                Some(Named::Id(found)) if *found == node => {
                    errors.push(GraphError::SelfParent { revision: revision.id.clone() });
                }
                Some(Named::Id(found)) => row.push(*found),
                _ => errors.push(GraphError::UnknownParent {
                    revision: revision.id.clone(),
                    parent: parent.clone(),
                }),
            }
        }
        row.sort_unstable();
        row.dedup();
        parents.push_row(&row);
        row.clear();
        for dependency in &revision.depends_on {
            match names.get(dependency.as_str()).map(|named| named.node()) {
                Some(found) if found == node => {
                    errors.push(GraphError::SelfDependency { revision: revision.id.clone() });
                }
                Some(found) if parents.of(node).contains(&found) => {}
                Some(found) => row.push(found),
                None => errors.push(GraphError::UnknownDependency {
                    revision: revision.id.clone(),
                    dependency: dependency.clone(),
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
    let ids = |ring: &[Node]| ring.iter().map(|&node| revisions[node].id.clone()).collect::<Vec<_>>();
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
