//! Targets that count: `+2` from what is current, `abc-1` from a revision.

use super::applied::row_node;
use super::resolve::Names;
use super::target::Relative;
use super::{Applied, PlanError};
use crate::graph::{Node, RevisionGraph};

/// Where a walk stands: on a revision, or below all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Base,
    At(Node),
}

impl Place {
    pub(super) fn node(self) -> Option<Node> {
        match self {
            Self::Base => None,
            Self::At(node) => Some(node),
        }
    }
}

impl From<Option<Node>> for Place {
    fn from(node: Option<Node>) -> Self {
        node.map_or(Self::Base, Self::At)
    }
}

/// How far a walk came.
pub(super) struct Walk {
    pub(super) place: Place,
    pub(super) walked: usize,
}

/// Walks along the lineage; a label chooses among children, nothing chooses among parents.
///
/// One step below a revision without parents is base, and base has nothing below it.
pub(super) fn walk(names: Names<'_>, start: Place, relative: &Relative<'_>) -> Result<Walk, PlanError> {
    let graph = names.graph;
    let mut walk = Walk { place: start, walked: 0 };
    while walk.walked < relative.count {
        let choices = match (relative.upward, walk.place) {
            (true, place) => {
                let above =
                    place.node().map_or_else(|| names.bases(), |node| graph.child_nodes(node).to_vec());
                match relative.label {
                    Some(label) => names.on_branch(above, label, false)?,
                    None => above,
                }
            }
            (false, Place::At(node)) => graph.parent_nodes(node).to_vec(),
            (false, Place::Base) => return Ok(walk),
        };
        walk.place = match (choices.as_slice(), relative.upward) {
            ([], true) => return Ok(walk),
            ([], false) => Place::Base,
            ([next], _) => Place::At(*next),
            _ => {
                return Err(PlanError::AmbiguousWalk {
                    target: relative.text.to_owned(),
                    from: walk.place.node().map(|node| graph.id(node).to_owned()),
                    choices: names.ids(choices),
                });
            }
        };
        walk.walked += 1;
    }
    Ok(walk)
}

/// Walks from the revision that the target names.
///
/// On the way up the label chooses the way; on the way down the start must be on it.
pub(super) fn from_symbol(names: Names<'_>, relative: &Relative<'_>) -> Result<Place, PlanError> {
    let start = if relative.upward { relative.symbol } else { relative.start() };
    let start = names.one(start.unwrap_or_default())?;
    let walk = walk(names, start.into(), relative)?;
    if walk.walked < relative.count {
        return Err(PlanError::WalkedTooFar {
            target: relative.text.to_owned(),
            asked: relative.count,
            walked: walk.walked,
        });
    }
    Ok(walk.place)
}

/// Walks from `start` and insists on every step.
pub(super) fn walk_all(names: Names<'_>, start: Place, relative: &Relative<'_>) -> Result<Place, PlanError> {
    let walk = walk(names, start, relative)?;
    if walk.walked < relative.count {
        return Err(PlanError::RelativeOverrun {
            target: relative.text.to_owned(),
            asked: relative.count,
            walked: walk.walked,
        });
    }
    Ok(walk.place)
}

/// Where `+N` and `label@+N` start: the one current revision, or the one on the branch.
///
/// Where no current revision is on the branch, what is applied of its lineage counts from its tip; where nothing
/// is, from base.
pub(super) fn start_upward(
    names: Names<'_>,
    applied: &Applied,
    relative: &Relative<'_>,
) -> Result<Place, PlanError> {
    let graph = names.graph;
    let ambiguous = |heads| PlanError::AmbiguousCurrent { target: relative.text.to_owned(), heads };
    let Some(label) = relative.label else {
        return match applied.rows() {
            [] => Ok(Place::Base),
            [row] => row_node(graph, row).map(Place::At),
            rows => {
                let mut heads = rows.to_vec();
                heads.sort_unstable();
                Err(ambiguous(heads))
            }
        };
    };
    let rows = applied.row_nodes(graph)?;
    let mut starts = names.on_branch(rows.clone(), label, false)?;
    if starts.is_empty() {
        let active = graph.closure_down(rows).iter().collect();
        starts = tips(graph, names.on_branch(active, label, false)?);
    }
    match starts.as_slice() {
        [] => Ok(Place::Base),
        [start] => Ok(Place::At(*start)),
        _ => Err(ambiguous(names.ids(starts))),
    }
}

/// Where `-N` and `label@-N` start, with the name of the branch that the walk keeps to.
///
/// Without a label it is the first current revision, and the branch is that revision's own. With one, it is the
/// one current revision on the branch; where there is none, the one end of the branch that is applied because
/// something else depends on it.
pub(super) fn start_downward<'a>(
    names: Names<'_>,
    applied: &'a Applied,
    relative: &Relative<'a>,
) -> Result<(&'a str, Node), PlanError> {
    let graph = names.graph;
    let Some(label) = relative.label else {
        let first = applied.rows().first().ok_or_else(|| PlanError::RelativeOverrun {
            target: relative.text.to_owned(),
            asked: relative.count,
            walked: 0,
        })?;
        return Ok((first, row_node(graph, first)?));
    };
    let rows = applied.row_nodes(graph)?;
    let mut starts = names.on_branch(rows.clone(), label, false)?;
    if starts.is_empty() {
        let active = graph.closure_down(rows);
        let ends = active
            .iter()
            .filter(|&node| !graph.child_nodes(node).iter().any(|&child| active.contains(child)));
        starts = names.on_branch(ends.collect(), label, false)?;
    }
    match starts.as_slice() {
        [] => {
            names.branch(label)?;
            Err(PlanError::BranchNotApplied { label: label.to_owned() })
        }
        [start] => Ok((label, *start)),
        _ => Err(PlanError::AmbiguousCurrent { target: relative.text.to_owned(), heads: names.ids(starts) }),
    }
}

/// Any relative target, in either direction, for looking at it.
pub(super) fn from_current(
    names: Names<'_>,
    applied: &Applied,
    relative: &Relative<'_>,
) -> Result<Vec<Node>, PlanError> {
    let place = if relative.symbol.is_some() {
        from_symbol(names, relative)?
    } else if relative.upward {
        walk_all(names, start_upward(names, applied, relative)?, relative)?
    } else {
        let (_, start) = start_downward(names, applied, relative)?;
        walk_all(names, Place::At(start), relative)?
    };
    Ok(place.node().into_iter().collect())
}

fn tips(graph: &RevisionGraph, mut nodes: Vec<Node>) -> Vec<Node> {
    let below: Vec<Node> = nodes.iter().flat_map(|&node| graph.down(node)).collect();
    nodes.retain(|node| !below.contains(node));
    nodes
}
