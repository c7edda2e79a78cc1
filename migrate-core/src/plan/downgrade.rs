//! Downgrades.

use super::relative::{self, Place};
use super::resolve::Names;
use super::target::{self, Relative};
use super::{Applied, Direction, Plan, PlanError};
use crate::graph::{Node, RevisionGraph};

/// Plans the removal of everything above `target`; `base` is below everything.
///
/// What depends on something that goes, goes too. With `label@`, of the revisions directly above the target only
/// those on that branch start the removal. With several current heads, `-N` counts from the first one of the
/// applied set and keeps to its branch: see [`Applied::new`].
///
/// # Errors
///
/// A target that names nothing, or not one thing; one that is not below the current revisions; an applied set
/// that the graph does not know.
pub fn downgrade<'g>(
    graph: &'g RevisionGraph,
    applied: &Applied,
    target: &str,
) -> Result<Plan<'g>, PlanError> {
    target::single(target)?;
    let names = Names::of(graph);
    let (label, place) = parse(names, applied, target)?;
    let roots = roots(names, label, place, target)?;
    let rows = applied.row_nodes(graph)?;
    let mut after = graph.closure_down(rows.iter().copied());
    let mut moving = graph.closure_up(roots);
    moving.retain(|node| after.contains(node));
    if let Place::At(node) = place
        && moving.is_empty()
        && !rows.contains(&node)
    {
        let heads = applied.heads().into_iter().map(str::to_owned).collect();
        return Err(PlanError::NotDowngradeTarget { target: target.to_owned(), heads });
    }
    if let Some(label) = label {
        names.branch(label)?;
    }
    after.retain(|node| !moving.contains(node));
    Ok(Plan::new(graph, Direction::Downgrade, &moving, &after))
}

/// Plans the removal of one revision and of what needs it; nothing if it is not applied.
///
/// # Errors
///
/// A name that means no revision, or several; an applied set that the graph does not know.
pub fn undo<'g>(graph: &'g RevisionGraph, applied: &Applied, revision: &str) -> Result<Plan<'g>, PlanError> {
    let place: Place = Names::of(graph).one(revision)?.into();
    let mut after = graph.closure_down(applied.row_nodes(graph)?);
    let mut moving = graph.closure_up(place.node());
    moving.retain(|node| after.contains(node));
    after.retain(|node| !moving.contains(node));
    Ok(Plan::new(graph, Direction::Downgrade, &moving, &after))
}

/// Finds the place to go down to, and the name of the branch to keep to.
fn parse<'a>(
    names: Names<'_>,
    applied: &'a Applied,
    target: &'a str,
) -> Result<(Option<&'a str>, Place), PlanError> {
    let Some(relative) = Relative::parse(target) else {
        let (label, symbol) = target.rsplit_once('@').unwrap_or(("", target));
        let label = (!label.is_empty()).then_some(label);
        return Ok((label, names.one(symbol)?.into()));
    };
    let downward = !relative.upward && relative.count > 0;
    if relative.symbol.is_none() {
        if !downward {
            return Err(PlanError::WrongDirection { target: target.to_owned(), upgrading: false });
        }
        let (label, start) = relative::start_downward(names, applied, &relative)?;
        return Ok((Some(label), relative::walk_all(names, Place::At(start), &relative)?));
    }
    match relative::from_symbol(names, &Relative { upward: !downward, ..relative })? {
        Place::Base if !downward => {
            Err(PlanError::WalkedTooFar { target: target.to_owned(), asked: relative.count, walked: 0 })
        }
        place => Ok((relative.label, place)),
    }
}

/// The lowest revisions to go: the children of the place, on the branch if several are above.
fn roots(names: Names<'_>, label: Option<&str>, place: Place, target: &str) -> Result<Vec<Node>, PlanError> {
    let graph = names.graph;
    let mut roots = place.node().map_or_else(|| names.bases(), |node| graph.child_nodes(node).to_vec());
    if let Some(label) = label
        && roots.len() > 1
    {
        let below = graph.lineage_down([names.branch(label)?]);
        roots.retain(|&root| below.contains(root));
        if roots.is_empty() {
            return Err(PlanError::BranchNotDowngradeTarget {
                target: target.to_owned(),
                label: label.to_owned(),
            });
        }
    }
    Ok(roots)
}
