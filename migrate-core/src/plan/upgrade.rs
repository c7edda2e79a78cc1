//! Upgrades.

use super::applied::overlap;
use super::deferral;
use super::relative::{self, Place};
use super::resolve::Names;
use super::target::{self, Relative};
use super::{Applied, Deferred, Direction, Plan, PlanError};
use crate::graph::{Node, NodeSet, RevisionGraph};

/// Plans what `target` needs and is not applied yet; nothing if all of it is.
///
/// # Errors
///
/// A target that names nothing, or not one thing where one is meant; an applied set that the graph does not
/// know or that contradicts itself.
pub fn upgrade<'g>(graph: &'g RevisionGraph, applied: &Applied, target: &str) -> Result<Plan<'g>, PlanError> {
    upgrade_deferring(graph, applied, target, |_| false)
}

/// The same without the pending revisions that are deferred, and without whatever needs one of them.
///
/// [`Plan::deferred`] says which these are. A target that means heads (`heads`, `head`, `label@head`) leads as far as
/// that allows; one that means a revision is either reached or an error.
///
/// # Errors
///
/// As [`upgrade`], and [`PlanError::Deferred`] for a revision that is left out.
pub fn upgrade_deferring<'g>(
    graph: &'g RevisionGraph,
    applied: &Applied,
    target: &str,
    is_deferred: impl Fn(&str) -> bool,
) -> Result<Plan<'g>, PlanError> {
    target::single(target)?;
    let targets = targets(Names::of(graph), applied, target)?;
    check_overlap(graph, &targets)?;
    let rows = applied.row_nodes(graph)?;
    check_overlap(graph, &rows)?;
    let before = graph.closure_down(rows.iter().copied());
    let mut moving = graph.closure_down(targets.iter().copied());
    moving.retain(|node| !before.contains(node));
    let left = deferral::left_out(graph, &moving, is_deferred);
    let deferred = deferral::described(graph, &left);
    if let Some(&node) = targets.iter().find(|&&node| left.contains(node))
        && !target::means_heads(target)
    {
        return Err(out_of_reach(graph.id(node), &deferred));
    }
    moving.retain(|node| !left.contains(node));
    let after = NodeSet::of(graph.len(), before.iter().chain(moving.iter()));
    Ok(Plan { deferred, ..Plan::new(graph, Direction::Upgrade, &moving, &after) })
}

fn out_of_reach(revision: &str, deferred: &[Deferred<'_>]) -> PlanError {
    let found = deferred.iter().find(|deferred| deferred.revision == revision);
    let waits_for = found.map(|found| found.waits_for.as_slice()).unwrap_or_default();
    PlanError::Deferred {
        revision: revision.to_owned(),
        waits_for: waits_for.iter().map(ToString::to_string).collect(),
    }
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
