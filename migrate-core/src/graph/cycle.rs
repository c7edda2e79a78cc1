//! Finding the cycles of a graph that has no topological order, to report each of them.

use std::collections::VecDeque;

use super::walk::NodeSet;
use super::{Node, adjacency::Adjacency};

/// Finds one shortest cycle in each knot of nodes that reach each other, smallest node first.
///
/// Self loops are not cycles here; they are reported where the edge is read. Strongly connected components
/// after Tarjan (1972), with the recursion unrolled; within a component, breadth first from its smallest node.
pub(super) fn cycles(nodes: usize, edges: &[&Adjacency]) -> Vec<Vec<Node>> {
    let mut found: Vec<Vec<Node>> = components(nodes, edges)
        .into_iter()
        .filter(|component| component.len() > 1)
        .map(|component| ring(nodes, edges, &component))
        .collect();
    found.sort_unstable();
    found
}

fn next(edges: &[&Adjacency], node: Node, taken: usize) -> Option<Node> {
    edges.iter().flat_map(|kind| kind.of(node)).copied().nth(taken)
}

fn components(nodes: usize, edges: &[&Adjacency]) -> Vec<Vec<Node>> {
    const UNSEEN: usize = usize::MAX;
    let mut rank = vec![UNSEEN; nodes];
    let mut low = vec![UNSEEN; nodes];
    let mut open = NodeSet::empty(nodes);
    let (mut stack, mut path, mut found) = (Vec::new(), Vec::new(), Vec::new());
    let mut clock = 0;
    for root in 0..nodes {
        if rank[root] == UNSEEN {
            path.push((root, 0));
        }
        while let Some((node, taken)) = path.last_mut() {
            let node = *node;
            if *taken == 0 && rank[node] == UNSEEN {
                (rank[node], low[node]) = (clock, clock);
                clock += 1;
                stack.push(node);
                open.insert(node);
            }
            if let Some(target) = next(edges, node, *taken) {
                *taken += 1;
                if rank[target] == UNSEEN {
                    path.push((target, 0));
                } else if open.contains(target) {
                    low[node] = low[node].min(rank[target]);
                }
                continue;
            }
            path.pop();
            if let Some(&(parent, _)) = path.last() {
                low[parent] = low[parent].min(low[node]);
            }
            if low[node] == rank[node] {
                let start = stack.iter().rposition(|&member| member == node).unwrap_or(0);
                let component = stack.split_off(start);
                for &member in &component {
                    open.remove(member);
                }
                found.push(component);
            }
        }
    }
    found
}

/// The shortest way from the component's smallest node back to itself.
fn ring(nodes: usize, edges: &[&Adjacency], component: &[Node]) -> Vec<Node> {
    let inside = NodeSet::of(nodes, component.iter().copied());
    let Some(start) = inside.iter().next() else { return Vec::new() };
    let mut came_from: Vec<Option<Node>> = vec![None; nodes];
    let mut queue = VecDeque::from([start]);
    while let Some(node) = queue.pop_front() {
        for target in edges.iter().flat_map(|kind| kind.of(node)).copied() {
            if target == start {
                let mut way = vec![node];
                while let Some(before) = came_from[way[way.len() - 1]] {
                    way.push(before);
                }
                way.reverse();
                return way;
            }
            if inside.contains(target) && came_from[target].is_none() {
                came_from[target] = Some(node);
                queue.push_back(target);
            }
        }
    }
    Vec::new()
}
