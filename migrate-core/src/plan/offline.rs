//! Plans without a database: the start is part of what the user types.

use super::resolve::Names;
use super::stamp::{self, StampPlan};
use super::{Applied, Plan, PlanError, downgrade, upgrade_deferring};
use crate::graph::RevisionGraph;

/// A plan with the applied set that it assumes.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct OfflinePlan<'g> {
    /// What the script assumes to be applied: the start of the range and everything below it.
    pub assumed: Applied,
    /// What the script does.
    pub plan: Plan<'g>,
}

/// Plans an upgrade for a script: `target` from base, or `from:target`.
///
/// # Errors
///
/// As [`upgrade`](super::upgrade), and a range that is malformed or whose start is not one revision.
pub fn offline_upgrade<'g>(graph: &'g RevisionGraph, spec: &str) -> Result<OfflinePlan<'g>, PlanError> {
    offline_upgrade_deferring(graph, spec, |_| false)
}

/// The same without what is deferred, as [`upgrade_deferring`] leaves it out.
///
/// # Errors
///
/// As [`offline_upgrade`] and [`upgrade_deferring`].
pub fn offline_upgrade_deferring<'g>(
    graph: &'g RevisionGraph,
    spec: &str,
    is_deferred: impl Fn(&str) -> bool,
) -> Result<OfflinePlan<'g>, PlanError> {
    let (start, target) = if spec.contains(':') { range(spec)? } else { ("base", spec) };
    let assumed = start_of(graph, start)?;
    let plan = upgrade_deferring(graph, &assumed, target, is_deferred)?;
    Ok(OfflinePlan { assumed, plan })
}

/// Plans a downgrade for a script: `from:target`.
///
/// # Errors
///
/// As [`downgrade`], and a range that is missing, malformed or whose start is not one revision.
pub fn offline_downgrade<'g>(graph: &'g RevisionGraph, spec: &str) -> Result<OfflinePlan<'g>, PlanError> {
    if !spec.contains(':') {
        return Err(PlanError::OfflineDowngradeNeedsRange { target: spec.to_owned() });
    }
    let (start, target) = range(spec)?;
    let assumed = start_of(graph, start)?;
    let plan = downgrade(graph, &assumed, target)?;
    Ok(OfflinePlan { assumed, plan })
}

/// A stamp with the applied set that it assumes.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct OfflineStamp<'g> {
    /// What the script assumes to be applied.
    pub assumed: Applied,
    /// What the script records and forgets.
    pub stamp: StampPlan<'g>,
}

/// Plans a stamp for a script: `targets` from base, or one `from:target`.
///
/// # Errors
///
/// As [`stamp`](super::stamp), and a range that is malformed or whose start is not one revision.
pub fn offline_stamp<'g>(graph: &'g RevisionGraph, targets: &[&str]) -> Result<OfflineStamp<'g>, PlanError> {
    let (assumed, stamp) = match targets {
        [spec] if spec.contains(':') => {
            let (start, target) = range(spec)?;
            let assumed = start_of(graph, start)?;
            let stamp = stamp::stamp(graph, &assumed, &[target])?;
            (assumed, stamp)
        }
        _ => (Applied::none(), stamp::stamp(graph, &Applied::none(), targets)?),
    };
    Ok(OfflineStamp { assumed, stamp })
}

fn range(spec: &str) -> Result<(&str, &str), PlanError> {
    match spec.split_once(':') {
        Some((start, end)) if !start.is_empty() && !end.contains(':') => Ok((start, end)),
        _ => Err(PlanError::MalformedRange { range: spec.to_owned() }),
    }
}

fn start_of(graph: &RevisionGraph, start: &str) -> Result<Applied, PlanError> {
    let node = Names::of(graph).one(start)?;
    Ok(Applied::from_rows(graph, node.map(|node| graph.id(node))))
}
