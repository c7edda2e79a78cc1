//! Upgrades.

use super::applied::overlap;
use super::relative::{self, Place};
use super::resolve::Names;
use super::target::{self, Relative};
use super::{Applied, Direction, Plan, PlanError};
use crate::graph::{Node, NodeSet, RevisionGraph};

/// Plans what `target` needs and is not applied yet; nothing if all of it is.
///
/// # Errors
///
/// A target that names nothing, or not one thing where one is meant; an applied set that the graph does not
/// know or that contradicts itself.
pub fn upgrade<'g>(graph: &'g RevisionGraph, applied: &Applied, target: &str) -> Result<Plan<'g>, PlanError> {
    target::single(target)?;
    let targets = targets(Names::of(graph), applied, target)?;
    check_overlap(graph, &targets)?;
    let rows = applied.row_nodes(graph)?;
    check_overlap(graph, &rows)?;
    let before = graph.closure_down(rows.iter().copied());
    let mut moving = graph.closure_down(targets);
    let after = NodeSet::of(graph.len(), before.iter().chain(moving.iter()));
    moving.retain(|node| !before.contains(node));
    Ok(Plan::new(graph, Direction::Upgrade, &moving, &after))
}

fn targets(names: Names<'_>, applied: &Applied, target: &str) -> Result<Vec<Node>, PlanError> {
    let Some(relative) = Relative::parse(target) else {
        return names.many(target);
    };
    let upward = relative.upward && relative.count > 0;
    let place = if relative.symbol.is_some() {
        relative::from_symbol(names, &Relative { upward, ..relative })?
    } else if upward {
        relative::walk_all(names, relative::start_upward(names, applied, &relative)?, &relative)?
    } else {
        return Err(PlanError::WrongDirection { target: target.to_owned(), upgrading: true });
    };
    match place {
        Place::At(node) => Ok(vec![node]),
        Place::Base => Err(PlanError::WalkedTooFar {
            target: target.to_owned(),
            asked: relative.count,
            walked: relative.count.saturating_sub(1),
        }),
    }
}

fn check_overlap(graph: &RevisionGraph, nodes: &[Node]) -> Result<(), PlanError> {
    match overlap(graph, nodes) {
        Some((revision, ancestor)) => Err(PlanError::Overlap { revision, ancestor }),
        None => Ok(()),
    }
}
