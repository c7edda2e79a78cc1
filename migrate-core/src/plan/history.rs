//! The history that a range selects.

use super::relative::{self, Place};
use super::resolve::Names;
use super::target::{Relative, split_branch};
use super::{Applied, PlanError};
use crate::graph::{Node, RevisionGraph};
use crate::revision::Revision;

/// Lists revisions newest first: all, or those of `start:end`, both ends included.
///
/// An end left out is base or heads. `current` is what is applied. A start `-N` counts down from the end, an end
/// `+N` counts up from the start; a count that leads out of the history stops there. With a start other than
/// base, only revisions above it on its lineage show; a start `label@base` keeps to heads that go by that label.
///
/// # Errors
///
/// A range without colon or with an end that names nothing; a start that is not below the end.
pub fn history<'g>(
    graph: &'g RevisionGraph,
    applied: &Applied,
    range: Option<&str>,
) -> Result<Vec<&'g Revision>, PlanError> {
    let names = Names::of(graph);
    let range = range.unwrap_or(":").trim();
    let (start, end) = range
        .split_once(':')
        .filter(|(_, end)| !end.contains(':'))
        .ok_or_else(|| PlanError::MalformedRange { range: range.to_owned() })?;
    let start = if start.is_empty() { "base" } else { start };
    let end = if end.is_empty() { "heads" } else { end };
    let (lower, mut upper) = ends(names, applied, start, end)?;
    if let (Some(label), "base") = split_branch(start) {
        let branch = names.branch(label)?;
        let label = graph.labels(graph.id(branch)).contains(&label).then_some(label);
        upper.retain(|&node| label.is_none_or(|label| graph.labels(graph.id(node)).contains(&label)));
    }
    let required = graph.closure_down(upper);
    if lower.iter().any(|&node| !required.contains(node)) {
        return Err(PlanError::RangeNotAncestor { start: start.to_owned(), end: end.to_owned() });
    }
    let above = graph.lineage_up(lower.iter().copied());
    let below = graph.closure_down(lower.iter().flat_map(|&node| graph.down(node)));
    let shown = |node: &Node| {
        required.contains(*node) && (lower.is_empty() || above.contains(*node) && !below.contains(*node))
    };
    Ok(graph.order().iter().rev().filter(|node| shown(node)).map(|&node| graph.revision(node)).collect())
}

/// Resolves both ends; the one that counts, if one does, after the other.
fn ends(
    names: Names<'_>,
    applied: &Applied,
    start: &str,
    end: &str,
) -> Result<(Vec<Node>, Vec<Node>), PlanError> {
    let absolute = |text: &str| match (text, Relative::parse(text)) {
        ("current", _) => applied.row_nodes(names.graph),
        (_, Some(relative)) => {
            let from = if relative.upward { relative.symbol } else { relative.start() };
            clamped(names, &relative, names.one(from.unwrap_or("base"))?.into())
        }
        (text, None) => names.many(text),
    };
    let counting = |text| Relative::parse(text).filter(|relative| relative.symbol.is_none());
    match (counting(start), counting(end)) {
        (Some(relative), _) if !relative.upward => {
            let upper = absolute(end)?;
            let mut lower = Vec::new();
            for node in upper.iter().copied() {
                lower.extend(clamped(names, &relative, Place::At(node))?);
            }
            lower.sort_unstable();
            lower.dedup();
            Ok((lower, upper))
        }
        (_, Some(relative)) if relative.upward => {
            let lower = absolute(start)?;
            let from = match lower.as_slice() {
                [] => Place::Base,
                [node] => Place::At(*node),
                _ => {
                    let (target, heads) = (relative.text.to_owned(), names.ids(lower));
                    return Err(PlanError::AmbiguousCurrent { target, heads });
                }
            };
            let upper = clamped(names, &relative, from)?;
            Ok((lower, upper))
        }
        (Some(relative), _) | (_, Some(relative)) => {
            Err(PlanError::WrongDirection { target: relative.text.to_owned(), upgrading: !relative.upward })
        }
        (None, None) => Ok((absolute(start)?, absolute(end)?)),
    }
}

fn clamped(names: Names<'_>, relative: &Relative<'_>, start: Place) -> Result<Vec<Node>, PlanError> {
    Ok(relative::walk(names, start, relative)?.place.node().into_iter().collect())
}
