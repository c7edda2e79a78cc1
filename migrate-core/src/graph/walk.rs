//! Walking a graph whose nodes are numbers: closures, maximal elements, a deterministic topological order.
//!
//! Nothing here knows revisions; neighbours come as functions.

use super::Node;

/// A set of nodes of a graph of known size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NodeSet {
    members: Vec<bool>,
}

impl NodeSet {
    /// The empty set in a graph of `nodes` nodes.
    pub(crate) fn empty(nodes: usize) -> Self {
        Self { members: vec![false; nodes] }
    }

    /// The set of the given nodes.
    pub(crate) fn of(nodes: usize, members: impl IntoIterator<Item = Node>) -> Self {
        let mut set = Self::empty(nodes);
        for node in members {
            set.members[node] = true;
        }
        set
    }

    /// Adds a node; true if it was not in the set.
    pub(crate) fn insert(&mut self, node: Node) -> bool {
        !std::mem::replace(&mut self.members[node], true)
    }

    /// Takes a node out.
    pub(crate) fn remove(&mut self, node: Node) {
        self.members[node] = false;
    }

    /// Whether the node is in the set.
    pub(crate) fn contains(&self, node: Node) -> bool {
        self.members[node]
    }

    /// Keeps only the nodes for which `keep` holds.
    pub(crate) fn retain(&mut self, keep: impl Fn(Node) -> bool) {
        for (node, member) in self.members.iter_mut().enumerate() {
            *member = *member && keep(node);
        }
    }

    /// The nodes of the set, in node order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Node> + '_ {
        self.members.iter().enumerate().filter_map(|(node, member)| member.then_some(node))
    }

    /// Whether the set has no nodes.
    pub(crate) fn is_empty(&self) -> bool {
        !self.members.contains(&true)
    }
}

/// Collects `start` and everything that `neighbours` leads to from there.
pub(crate) fn closure<N: IntoIterator<Item = Node>>(
    nodes: usize,
    start: impl IntoIterator<Item = Node>,
    neighbours: impl Fn(Node) -> N,
) -> NodeSet {
    let mut found = NodeSet::empty(nodes);
    let mut pending: Vec<Node> = start.into_iter().filter(|&node| found.insert(node)).collect();
    while let Some(node) = pending.pop() {
        pending.extend(neighbours(node).into_iter().filter(|&next| found.insert(next)));
    }
    found
}

/// Picks the nodes of `set` that no other node of `set` is above of.
pub(crate) fn maximal<N: IntoIterator<Item = Node>>(set: &NodeSet, above: impl Fn(Node) -> N) -> Vec<Node> {
    set.iter().filter(|&node| !above(node).into_iter().any(|upper| set.contains(upper))).collect()
}

/// Orders the nodes so that everything stands after what it needs, or finds that there is no such order.
///
/// Depth-first postorder from each of `heads`, taking needs in the order in which `need` counts them: one
/// branch is walked to its end before the next begins, which reads better in a log than the alternation that
/// a queue of ready nodes gives. Linear; the stack is on the heap, so a chain may have any length.
pub(super) fn topological(
    nodes: usize,
    heads: impl IntoIterator<Item = Node>,
    need: impl Fn(Node, usize) -> Option<Node>,
) -> Option<Vec<Node>> {
    let mut order = Vec::with_capacity(nodes);
    let mut entered = NodeSet::empty(nodes);
    let mut done = NodeSet::empty(nodes);
    let mut path: Vec<(Node, usize)> = Vec::new();
    for head in heads {
        if entered.insert(head) {
            path.push((head, 0));
        }
        while let Some((node, taken)) = path.last_mut() {
            let node = *node;
            if let Some(next) = need(node, *taken) {
                *taken += 1;
                if entered.insert(next) {
                    path.push((next, 0));
                } else if !done.contains(next) {
                    return None;
                }
            } else {
                done.insert(node);
                order.push(node);
                path.pop();
            }
        }
    }
    (order.len() == nodes).then_some(order)
}
