//! The drawings, on graphs that can be drawn by hand.

#![expect(clippy::needless_raw_string_hashes, reason = "as expect-test writes them")]

mod documents;
mod every_edge;
mod images;
mod terminal;

use std::borrow::Cow;
use std::collections::BTreeMap;

use migrate_core::graph::RevisionGraph;
use migrate_core::revision::Revision;
use migrate_core::runner::{RevisionState, RevisionStatus, Status};

use super::Picture;

fn graph(revisions: impl IntoIterator<Item = Revision>) -> RevisionGraph {
    RevisionGraph::new(revisions).unwrap()
}

fn chain() -> RevisionGraph {
    graph([
        Revision::new("aaaa").message("Create users"),
        Revision::new("bbbb").parent("aaaa").message("Add email"),
        Revision::new("cccc").parent("bbbb").message("Drop name"),
    ])
}

fn diamond() -> RevisionGraph {
    graph([
        Revision::new("base1").message("Create users"),
        Revision::new("left1").parent("base1").label("billing").message("Create invoices"),
        Revision::new("left2").parent("left1").message("Add paid_at to invoices"),
        Revision::new("right").parent("base1").label("search").message("Create documents"),
        Revision::new("merge").parent("left2").parent("right").message("Merge billing and search"),
        Revision::new("after").parent("merge").message("Add notes"),
    ])
}

fn octopus() -> RevisionGraph {
    graph([
        Revision::new("root"),
        Revision::new("one").parent("root"),
        Revision::new("two").parent("root"),
        Revision::new("three").parent("root"),
        Revision::new("merge").parent("one").parent("two").parent("three"),
    ])
}

fn two_bases() -> RevisionGraph {
    graph([
        Revision::new("acc1").label("accounts").message("Create accounts"),
        Revision::new("acc2").parent("acc1").after("log2").message("Log changes of accounts"),
        Revision::new("log1").label("log").message("Create events"),
        Revision::new("log2").parent("log1").message("Add actor to events"),
        Revision::new("log3").parent("log2").message("Drop source of events"),
    ])
}

fn hostile() -> RevisionGraph {
    graph([
        Revision::new("a\"b\\c").label("<script>").message("1. </title><script>alert(\"x\")</script>"),
        Revision::new("é;%%{init}%%")
            .parent("a\"b\\c")
            .message("two\nlines\u{1b}[31m & \u{202e}`code` #quot; \\N"),
        Revision::new("](x").parent("é;%%{init}%%").message("- item --> r0"),
    ])
}

/// The status of a database that holds what `states` says; everything else is pending.
fn status(graph: &RevisionGraph, states: &[(&str, RevisionState)], edited: &[&str]) -> Status {
    let mut states: BTreeMap<_, _> = states.iter().copied().collect();
    let of = |revision: &str, state| RevisionStatus {
        revision: revision.to_owned(),
        state,
        edited: edited.contains(&revision),
        row: None,
        is_backfill: false,
        is_due: false,
        waits_for: Vec::new(),
        filled: None,
    };
    let mut revisions: Vec<_> = graph
        .topological()
        .map(|revision| {
            let id = revision.id.as_ref();
            of(id, states.remove(id).unwrap_or(RevisionState::Pending))
        })
        .collect();
    let applied: Vec<_> = revisions
        .iter()
        .filter(|status| status.state == RevisionState::Applied)
        .map(|status| status.revision.as_str())
        .collect();
    let heads = graph.maximal(applied).into_iter().map(str::to_owned).collect();
    revisions.extend(states.into_iter().map(|(revision, state)| of(revision, state)));
    Status { revisions, heads, has_ledger: true, unadopted: None }
}

fn applied(graph: &RevisionGraph, ids: &[&str]) -> Status {
    status(graph, &ids.iter().map(|id| (*id, RevisionState::Applied)).collect::<Vec<_>>(), &[])
}

/// One revision in every state.
fn every_state() -> Picture {
    let graph = diamond();
    let states = [
        ("base1", RevisionState::Applied),
        ("left1", RevisionState::Applied),
        ("right", RevisionState::Running),
        ("future", RevisionState::Unknown),
    ];
    Picture::new(&graph, Some(&status(&graph, &states, &["base1"])))
}

/// A wide and long graph that no hand would draw, the same each time: branches, merges and dependencies.
fn tangle(revisions: usize) -> RevisionGraph {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut below = |limit: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % limit as u64).unwrap()
    };
    let name = |at: usize| format!("r{at:05}");
    graph((0..revisions).map(|at| {
        let mut revision = Revision::new(name(at)).message(format!("Change {at}"));
        if at > 0 && below(40) > 0 {
            revision = revision.parent(name(at - 1 - below(at.min(6))));
        }
        if at > 20 && below(8) == 0 {
            let other = name(at - 1 - below(12));
            if !revision.down_revisions.contains(&Cow::Borrowed(other.as_str())) {
                revision = revision.parent(other);
            }
        }
        if at > 40 && below(10) == 0 {
            revision = revision.after(name(at - 1 - below(40)));
        }
        revision
    }))
}
