//! Whether the revisions of one directory make a graph.

use std::collections::{BTreeMap, BTreeSet};

use super::scan::{Declared, File, Found};
use super::sql::SqlDirectory;

/// The result of the check.
pub(super) struct Checked {
    /// The revision ids, sorted, each once.
    pub(super) revisions: Vec<String>,
    /// Parents that must be in a crate that this one follows.
    pub(super) foreign: Vec<Foreign>,
    /// What is wrong, in the order of the files.
    pub(super) problems: Vec<String>,
}

/// A parent that is not in this directory.
pub(super) struct Foreign {
    pub(super) parent: String,
    /// The error if no crate that is followed has it.
    pub(super) problem: String,
}

/// A declared revision and the place where it is.
struct Node<'a> {
    declared: &'a Declared,
    place: String,
}

/// Checks all files with the SQL migrations beside them; `directory` is the path as the author wrote it, `follows`
/// whether there are other crates.
pub(super) fn check(files: &[File], sql: &SqlDirectory, directory: &str, follows: bool) -> Checked {
    let mut problems = Vec::new();
    check_files(files, directory, &mut problems);
    let mut nodes: BTreeMap<&str, Node<'_>> = BTreeMap::new();
    let in_sql = sql.revisions.iter().map(|revision| (&revision.declared, revision.place.clone()));
    let in_rust = migrations(files).filter_map(|(file, Found { line, declared, .. })| {
        Some((declared.as_ref()?, format!("{directory}/{}:{line}", file.name)))
    });
    for (declared, place) in in_sql.chain(in_rust) {
        if let Some(first) = nodes.get(&*declared.revision) {
            problems.push(format!(
                "revision `{}` is declared twice: {} and {place}",
                declared.revision, first.place
            ));
        } else {
            nodes.insert(&declared.revision, Node { declared, place });
        }
    }
    let labels = check_labels(&nodes, &mut problems);
    // A revision that could not be read would make its children look like orphans.
    let is_complete = sql.problems.is_empty() && files.iter().all(|file| !file.is_broken);
    let foreign = if is_complete { check_edges(&nodes, &labels, follows, &mut problems) } else { Vec::new() };
    check_cycles(&nodes, &mut problems);
    Checked { revisions: nodes.keys().map(ToString::to_string).collect(), foreign, problems }
}

fn migrations(files: &[File]) -> impl Iterator<Item = (&File, &Found)> {
    files.iter().flat_map(|file| file.migrations.iter().map(move |found| (file, found)))
}

/// One migration a file, at its top level, and no `mod.rs`.
fn check_files(files: &[File], directory: &str, problems: &mut Vec<String>) {
    for File { name, migrations, nested, conditional, .. } in files {
        if name == "mod.rs" {
            problems.push(format!(
                "{directory}/mod.rs is not used: `migrations!` declares a module for each file; delete it"
            ));
        }
        if migrations.len() > 1 {
            let lines: Vec<_> = migrations.iter().map(|found| found.line.to_string()).collect();
            problems.push(format!(
                "{directory}/{name} holds {} migrations (lines {}): a file holds one",
                migrations.len(),
                lines.join(", ")
            ));
        }
        for line in conditional {
            problems.push(format!(
                "the migration at {directory}/{name}:{line} depends on `cfg`: the history is the same in every build"
            ));
        }
        for line in nested {
            problems.push(format!(
                "the migration at {directory}/{name}:{line} is not at the top level of its file"
            ));
        }
    }
}

/// Each label names one branch; returns all labels.
fn check_labels<'a>(nodes: &BTreeMap<&'a str, Node<'a>>, problems: &mut Vec<String>) -> BTreeSet<&'a str> {
    let mut owners: BTreeMap<&str, &Node<'_>> = BTreeMap::new();
    for node in nodes.values() {
        for label in &node.declared.branch_labels {
            if let Some(other) =
                nodes.get(&**label).filter(|other| other.declared.revision != node.declared.revision)
            {
                problems.push(format!(
                    "branch label `{label}` ({}) is also a revision ({})",
                    node.place, other.place
                ));
            }
            match owners.get(&**label) {
                Some(first) if first.declared.revision != node.declared.revision => problems.push(format!(
                    "branch label `{label}` is used by two revisions: `{}` ({}) and `{}` ({})",
                    first.declared.revision, first.place, node.declared.revision, node.place
                )),
                _ => {
                    owners.insert(label, node);
                }
            }
        }
    }
    owners.into_keys().collect()
}

/// Each parent is here or, when the crate follows others, there; likewise each dependency, or a label.
fn check_edges(
    nodes: &BTreeMap<&str, Node<'_>>,
    labels: &BTreeSet<&str>,
    follows: bool,
    problems: &mut Vec<String>,
) -> Vec<Foreign> {
    let mut foreign = Vec::new();
    for Node { declared, place } in nodes.values() {
        for parent in declared.down_revisions.iter().filter(|parent| !nodes.contains_key(&***parent)) {
            let head = format!("revision `{}` ({place}) names down_revision `{parent}`", declared.revision);
            if follows {
                let problem = format!("{head}, which is neither in this crate nor in those it follows");
                foreign.push(Foreign { parent: parent.clone(), problem });
            } else {
                problems.push(format!("{head}, which does not exist"));
            }
        }
        // A label of another crate is known only at run time.
        for name in declared.depends_on.iter().filter(|_| !follows) {
            if !nodes.contains_key(&**name) && !labels.contains(&**name) {
                problems.push(format!(
                    "revision `{}` ({place}) depends on `{name}`, which is neither a revision nor a branch label",
                    declared.revision
                ));
            }
        }
    }
    foreign
}

/// Reports cycles, one after the other, until none is left.
fn check_cycles(nodes: &BTreeMap<&str, Node<'_>>, problems: &mut Vec<String>) {
    let owners: BTreeMap<&str, &str> = nodes
        .iter()
        .flat_map(|(id, node)| node.declared.branch_labels.iter().map(move |label| (&**label, *id)))
        .collect();
    let mut parents: BTreeMap<&str, BTreeSet<&str>> = nodes
        .iter()
        .map(|(id, Node { declared, .. })| {
            let dependencies =
                declared.depends_on.iter().map(|name| owners.get(&**name).copied().unwrap_or(name));
            let all = declared.down_revisions.iter().map(String::as_str).chain(dependencies);
            // The attribute itself reports a revision that is its own parent.
            (*id, all.filter(|parent| parent != id && nodes.contains_key(parent)).collect())
        })
        .collect();
    loop {
        prune(&mut parents);
        let Some(start) = parents.keys().next().copied() else { return };
        let mut path = vec![start];
        let cycle = loop {
            // Each revision that is left has a parent that is left.
            let Some(next) = parents[path[path.len() - 1]].iter().next().copied() else { return };
            if let Some(at) = path.iter().position(|seen| *seen == next) {
                break path.split_off(at);
            }
            path.push(next);
        };
        let steps: Vec<_> = cycle.iter().map(|id| format!("`{id}` ({})", nodes[id].place)).collect();
        problems.push(format!("a cycle: {}, and `{}` again", steps.join(" needs "), cycle[0]));
        for id in cycle {
            parents.remove(id);
        }
    }
}

/// Removes, again and again, revisions all of whose parents are gone: what stays needs a cycle.
fn prune(parents: &mut BTreeMap<&str, BTreeSet<&str>>) {
    let mut children: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut waiting: BTreeMap<&str, usize> = BTreeMap::new();
    for (id, own) in parents.iter_mut() {
        waiting.insert(id, own.len());
        for parent in own.iter() {
            children.entry(parent).or_default().push(id);
        }
    }
    // A parent that a reported cycle took away is gone from the start.
    let gone: Vec<&str> = children.keys().copied().filter(|parent| !parents.contains_key(parent)).collect();
    let mut ready: Vec<&str> = waiting.iter().filter(|(_, count)| **count == 0).map(|(id, _)| *id).collect();
    ready.extend(gone);
    while let Some(id) = ready.pop() {
        parents.remove(id);
        for child in children.remove(id).unwrap_or_default() {
            if let Some(own) = parents.get_mut(child) {
                own.remove(id);
            }
            if let Some(count) = waiting.get_mut(child) {
                *count -= 1;
                if *count == 0 {
                    ready.push(child);
                }
            }
        }
    }
}
