//! From words to revisions.

use super::target::{self, Relative, split_branch};
use super::{Applied, PlanError, relative};
use crate::graph::{Node, NodeSet, RevisionGraph};
use crate::revision::Revision;

/// Finds the revisions that `spec` names, for looking at them: ids, prefixes, labels, `head`, `heads`, `base`
/// (none), `rev+1`, `rev-1`, and `current` if the applied set is given. Sorted by id.
///
/// # Errors
///
/// Whatever does not name revisions; `current` without an applied set.
pub fn resolve<'g>(
    graph: &'g RevisionGraph,
    applied: Option<&Applied>,
    spec: &str,
) -> Result<Vec<&'g str>, PlanError> {
    target::single(spec)?;
    let names = Names::of(graph);
    let mut nodes = match (spec, applied, Relative::parse(spec)) {
        ("current", Some(applied), _) => applied.row_nodes(graph)?,
        ("current", None, _) | (_, None, Some(Relative { symbol: None, .. })) => {
            return Err(PlanError::CurrentUnavailable);
        }
        (_, _, None) => names.many(spec)?,
        (_, Some(applied), Some(relative)) => relative::from_current(names, applied, &relative)?,
        (_, None, Some(relative)) => relative::from_symbol(names, &relative)?.node().into_iter().collect(),
    };
    nodes.sort_unstable();
    Ok(nodes.into_iter().map(|node| graph.id(node)).collect())
}

/// Finds the one revision on which a new revision is based: `None` for `base`, and for `head` of an empty graph.
///
/// Whether that revision must be a head is for the caller to say.
///
/// # Errors
///
/// Whatever does not name exactly one revision, `head` with several heads foremost.
pub fn parent<'g>(graph: &'g RevisionGraph, spec: &str) -> Result<Option<&'g Revision>, PlanError> {
    target::single(spec)?;
    let names = Names::of(graph);
    let node = match Relative::parse(spec) {
        Some(Relative { symbol: None, .. }) => return Err(PlanError::Unknown { name: spec.to_owned() }),
        Some(relative) => relative::from_symbol(names, &relative)?.node(),
        None => names.one(spec)?,
    };
    Ok(node.map(|node| graph.revision(node)))
}

/// A partial name may be short, but only names longer than this can be meant by one.
const LONGEST_NAME_THAT_MUST_BE_WRITTEN_IN_FULL: usize = 3;

/// The names of a graph: what `label@name` means.
#[derive(Debug, Clone, Copy)]
pub(super) struct Names<'g> {
    pub(super) graph: &'g RevisionGraph,
}

impl<'g> Names<'g> {
    pub(super) fn of(graph: &'g RevisionGraph) -> Self {
        Self { graph }
    }

    /// The revisions that an absolute target names; none for `base`.
    pub(super) fn many(self, text: &str) -> Result<Vec<Node>, PlanError> {
        let (branch, name) = split_branch(text);
        let found = match name {
            "heads" => self.heads(branch)?,
            "head" => Vec::from_iter(self.at_most_one(text, self.lineage_heads(branch)?)?),
            "base" => Vec::new(),
            name => return Ok(vec![self.named(name, branch)?]),
        };
        branch.map(|label| self.branch(label)).transpose()?;
        Ok(found)
    }

    /// The one revision that an absolute target names; none for `base`.
    pub(super) fn one(self, text: &str) -> Result<Option<Node>, PlanError> {
        self.at_most_one(text, self.many(text)?)
    }

    /// The revision that `label` stands for as the name of a branch: it, its ancestors and its descendants.
    pub(super) fn branch(self, label: &str) -> Result<Node, PlanError> {
        self.named(label, None).map_err(|_| PlanError::NoSuchBranch { label: label.to_owned() })
    }

    /// Finds one revision by id, label or unique prefix; with a branch, it must be on it.
    fn named(self, name: &str, branch: Option<&str>) -> Result<Node, PlanError> {
        let lineage = match branch {
            Some(label) => Some((label, self.lineage([self.branch(label)?], false))),
            None => None,
        };
        let node = match self.exact(name) {
            Some(node) => node,
            None => self.by_prefix(name, lineage.as_ref().map(|(_, lineage)| lineage))?,
        };
        match lineage {
            Some((label, lineage)) if !lineage.contains(node) => Err(PlanError::NotOnBranch {
                revision: self.graph.id(node).to_owned(),
                label: label.to_owned(),
            }),
            _ => Ok(node),
        }
    }

    fn exact(self, name: &str) -> Option<Node> {
        self.graph.node(name).or_else(|| self.graph.label_node(name))
    }

    /// Ids and labels compete for a prefix, even when they belong to the same revision.
    fn by_prefix(self, prefix: &str, within: Option<&NodeSet>) -> Result<Node, PlanError> {
        if prefix.is_empty() {
            return Err(PlanError::EmptyTarget);
        }
        let ids = self.graph.revisions().iter().enumerate().map(|(node, revision)| (&*revision.id, node));
        let labels = self.graph.label_nodes().iter().map(|(label, node)| (label.as_str(), *node));
        let mut found: Vec<(&str, Node)> = ids
            .chain(labels)
            .filter(|(name, _)| name.starts_with(prefix))
            .filter(|(name, _)| name.chars().nth(LONGEST_NAME_THAT_MUST_BE_WRITTEN_IN_FULL).is_some())
            .filter(|&(_, node)| within.is_none_or(|within| within.contains(node)))
            .collect();
        found.sort_unstable();
        match found.as_slice() {
            [] => Err(PlanError::Unknown { name: prefix.to_owned() }),
            [(_, node)] => Ok(*node),
            several => Err(PlanError::AmbiguousPrefix {
                prefix: prefix.to_owned(),
                candidates: several.iter().map(|&(name, _)| name.to_owned()).collect(),
            }),
        }
    }

    /// All real heads, or the heads of one branch, real or not.
    fn heads(self, branch: Option<&str>) -> Result<Vec<Node>, PlanError> {
        match branch {
            Some(_) => self.lineage_heads(branch),
            None => Ok(self.all(|node| self.graph.up(node).next().is_none())),
        }
    }

    fn lineage_heads(self, branch: Option<&str>) -> Result<Vec<Node>, PlanError> {
        let heads = self.all(|node| self.graph.child_nodes(node).is_empty());
        branch.map_or(Ok(heads.clone()), |label| self.on_branch(heads, label, false))
    }

    /// The nodes without parents.
    pub(super) fn bases(self) -> Vec<Node> {
        self.all(|node| self.graph.parent_nodes(node).is_empty())
    }

    fn all(self, keep: impl Fn(Node) -> bool) -> Vec<Node> {
        (0..self.graph.len()).filter(|&node| keep(node)).collect()
    }

    /// Keeps the nodes that share a line with what `check` names: with either side of an `@` in it.
    ///
    /// `base` names nothing and keeps everything. Without nodes, `check` may be anything.
    pub(super) fn on_branch(
        self,
        mut nodes: Vec<Node>,
        check: &str,
        with_dependencies: bool,
    ) -> Result<Vec<Node>, PlanError> {
        let (branch, name) = split_branch(check);
        let mut shared = match name {
            "heads" => self.heads(branch)?,
            "head" => self.many(check)?,
            _ => Vec::new(),
        };
        if nodes.is_empty() {
            return Ok(nodes);
        }
        for name in branch.into_iter().chain((!matches!(name, "heads" | "head" | "base")).then_some(name)) {
            shared.push(self.named(name, None)?);
        }
        if !shared.is_empty() {
            let lineage = self.lineage(shared, with_dependencies);
            nodes.retain(|&node| lineage.contains(node));
        }
        Ok(nodes)
    }

    /// The given nodes with everything above and everything below them.
    fn lineage(self, nodes: impl IntoIterator<Item = Node> + Clone, with_dependencies: bool) -> NodeSet {
        let (mut above, below) = if with_dependencies {
            (self.graph.closure_up(nodes.clone()), self.graph.closure_down(nodes))
        } else {
            (self.graph.lineage_up(nodes.clone()), self.graph.lineage_down(nodes))
        };
        for node in below.iter() {
            above.insert(node);
        }
        above
    }

    fn at_most_one(self, target: &str, nodes: Vec<Node>) -> Result<Option<Node>, PlanError> {
        match nodes.as_slice() {
            [] => Ok(None),
            [node] => Ok(Some(*node)),
            _ => Err(PlanError::MultipleHeads { target: target.to_owned(), heads: self.ids(nodes) }),
        }
    }

    /// The ids of nodes, sorted.
    pub(super) fn ids(self, mut nodes: Vec<Node>) -> Vec<String> {
        nodes.sort_unstable();
        nodes.into_iter().map(|node| self.graph.id(node).to_owned()).collect()
    }
}
