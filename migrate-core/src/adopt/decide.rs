use std::collections::{BTreeMap, BTreeSet};

use super::{AdoptError, Adopted, Row, Source, Tool};
use crate::graph::RevisionGraph;
use crate::plan::{Applied, NotApplicable};

/// What the ledger says already.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ours {
    /// The revisions that it holds.
    pub(crate) applied: BTreeSet<String>,
    /// Those that it held, and that a downgrade has undone.
    pub(crate) undone: BTreeSet<String>,
}

/// What is to be written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Adoption {
    /// What the ledger lacks, parents first.
    pub(crate) insert: Vec<Adopted>,
    /// What it has already, parents first.
    pub(crate) agreeing: Vec<String>,
}

/// Finds the revision of each row, and compares them with the ledger.
pub(crate) fn decide(
    graph: &RevisionGraph,
    source: &Source,
    rows: &[Row],
    ours: &Ours,
) -> Result<Adoption, AdoptError> {
    let tool = source.tool;
    let failed: Vec<_> = rows.iter().filter(|row| row.failed).cloned().collect();
    if !failed.is_empty() {
        return Err(AdoptError::Failed { tool, rows: failed });
    }
    let mut theirs = matched(graph, tool, rows)?;
    if tool == Tool::Alembic {
        below(graph, source, &mut theirs)?;
    }
    closed(graph, tool, &theirs)?;
    let (agreeing, lacking): (Vec<_>, Vec<_>) = parents_first(graph, |id| theirs.contains_key(id))
        .into_iter()
        .partition(|id| ours.applied.contains(id));
    let only_ours = parents_first(graph, |id| ours.applied.contains(id) && !theirs.contains_key(id));
    if !lacking.is_empty() && !only_ours.is_empty() {
        return Err(AdoptError::Differs { tool, ours: only_ours, theirs: lacking });
    }
    let undone: Vec<_> = lacking.iter().filter(|&id| ours.undone.contains(id)).cloned().collect();
    if !undone.is_empty() {
        return Err(AdoptError::Undone { tool, revisions: undone });
    }
    let insert = lacking
        .into_iter()
        .map(|revision| {
            let applied_at = theirs.remove(&*revision).flatten();
            Adopted { revision, applied_at }
        })
        .collect();
    Ok(Adoption { insert, agreeing })
}

/// The revisions that the rows stand for, and when each was applied.
fn matched(
    graph: &RevisionGraph,
    tool: Tool,
    rows: &[Row],
) -> Result<BTreeMap<String, Option<String>>, AdoptError> {
    let (mut found, mut none) = (BTreeMap::new(), Vec::new());
    for row in rows {
        let version = row.version.as_str();
        // Run by Diesel's own harness, a revision has its depth in front, which is what that sorts by.
        let ranked = (tool == Tool::Diesel).then(|| behind_depth(version)).flatten();
        match [Some(version), ranked].into_iter().flatten().find(|id| graph.contains(id)) {
            Some(id) => drop(found.insert(id.to_owned(), row.applied_at.clone())),
            None => none.push(row.clone()),
        }
    }
    if none.is_empty() { Ok(found) } else { Err(AdoptError::NoRevision { tool, rows: none }) }
}

/// The revision in `000003-4b1f0c7a92de`, and in `20240910163305-000006-4b1f0c7a92de`, which stands on SQL migrations.
fn behind_depth(version: &str) -> Option<&str> {
    let (before, revision) = version.rsplit_once('-')?;
    let depth = before.rsplit('-').next()?;
    (depth.len() == 6 && depth.bytes().all(|digit| digit.is_ascii_digit())).then_some(revision)
}

/// Adds what is below Alembic's heads, which are all that it records.
fn below(
    graph: &RevisionGraph,
    source: &Source,
    heads: &mut BTreeMap<String, Option<String>>,
) -> Result<(), AdoptError> {
    if let Err(NotApplicable::Overlap { revision, ancestor }) =
        Applied::from_heads(graph, heads.keys().map(String::as_str))
    {
        return Err(AdoptError::Overlap { table: source.table.clone(), revision, ancestor });
    }
    // The heads are known and what is below them is closed.
    let all = graph.ancestors(heads.keys().map(String::as_str));
    *heads = all.into_iter().map(|id| (id.to_owned(), None)).collect();
    Ok(())
}

fn closed(
    graph: &RevisionGraph,
    tool: Tool,
    applied: &BTreeMap<String, Option<String>>,
) -> Result<(), AdoptError> {
    let needs =
        |id: &str| graph.parents(id).chain(graph.dependencies(id)).map(ToOwned::to_owned).collect::<Vec<_>>();
    let lacks = |id: &str| needs(id).into_iter().any(|below| !applied.contains_key(&below));
    let above = parents_first(graph, |id| applied.contains_key(id) && lacks(id));
    if above.is_empty() {
        return Ok(());
    }
    let all_below = graph.ancestors(applied.keys().map(String::as_str));
    let missing = parents_first(graph, |id| all_below.contains(id) && !applied.contains_key(id));
    Err(AdoptError::NotClosed { tool, missing, above })
}

fn parents_first(graph: &RevisionGraph, keep: impl Fn(&str) -> bool) -> Vec<String> {
    graph.topological().map(|revision| &*revision.id).filter(|id| keep(id)).map(str::to_owned).collect()
}
