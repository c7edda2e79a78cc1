//! Upgrades that leave something for later.

use super::{FORK, applied, shown};
use crate::graph::testing::graph;
use crate::plan::{Applied, Plan, PlanError, upgrade_deferring};

/// The steps and the heads afterwards, and what is left with what that waits for.
fn up(heads: &str, target: &str, deferred: &[&str]) -> Result<(String, String), PlanError> {
    let graph = graph(FORK);
    let plan = upgrade_deferring(&graph, &applied(&graph, heads), target, |id| deferred.contains(&id))?;
    Ok((shown(&plan), left(&plan)))
}

/// `revision`, or `revision (what it waits for)`.
fn left(plan: &Plan<'_>) -> String {
    let words = plan.deferred.iter().map(|deferred| match deferred.waits_for.as_slice() {
        [] => deferred.revision.to_owned(),
        waits_for => format!("{} ({})", deferred.revision, waits_for.join(" ")),
    });
    words.collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn assert_left(heads: &str, target: &str, deferred: &[&str], plan: &str, left: &str) {
    assert_eq!(up(heads, target, deferred).unwrap(), (plan.to_owned(), left.to_owned()));
}

#[test]
fn what_is_deferred_is_left_with_all_that_needs_it() {
    assert_left("", "heads", &[], "1111 2222 3333 4444 api0 api1 5555 6666 => 4444 6666", "");
    assert_left("", "heads", &["3333"], "1111 2222 api0 api1 5555 6666 => 6666", "3333 4444 (3333)");
    assert_left("2222", "heads", &["2222", "4444"], "3333 api0 api1 5555 6666 => 3333 6666", "4444");
}

#[test]
fn a_dependency_keeps_back_as_a_parent_does() {
    assert_left("2222", "heads", &["api1"], "3333 4444 api0 => 4444 api0", "api1 5555 (api1) 6666 (api1)");
}

#[test]
fn what_waits_names_those_that_come_first() {
    let left = "2222 3333 (2222) 4444 (2222) api1 5555 (2222 api1) 6666 (2222 api1)";
    assert_left("", "heads", &["2222", "4444", "api1"], "1111 api0 => 1111 api0", left);
}

#[test]
fn heads_are_reached_as_far_as_possible_and_a_revision_all_the_way_or_not() {
    assert_left("2222", "left@head", &["4444"], "3333 => 3333", "4444");
    assert_left("2222", "left@heads", &["3333"], "=> 2222", "3333 4444 (3333)");
    assert_left("2222", "3333", &["4444"], "3333 => 3333", "");
    assert_left("3333", "3333", &["3333"], "=> 3333", "");
    for (target, revision, waits_for) in
        [("4444", "4444", "3333"), ("left@+2", "4444", "3333"), ("3333", "3333", ""), ("left@+1", "3333", "")]
    {
        let waits_for = super::words(waits_for).into_iter().map(str::to_owned).collect();
        let expected = PlanError::Deferred { revision: revision.to_owned(), waits_for };
        assert_eq!(up("2222", target, &["3333"]), Err(expected), "{target}");
    }
}

#[test]
fn an_error_says_what_is_waited_for() {
    let behind = up("", "6666", &["2222", "api1"]).unwrap_err();
    assert_eq!(behind.to_string(), "revision 6666 is deferred: it waits for 2222, api1");
    assert_eq!(up("", "2222", &["2222"]).unwrap_err().to_string(), "revision 2222 is deferred");
}

#[test]
fn an_offline_plan_defers_too() {
    let graph = graph(FORK);
    let offline = crate::plan::offline_upgrade_deferring(&graph, "2222:heads", |id| id == "4444").unwrap();
    assert_eq!(shown(&offline.plan), "3333 api0 api1 5555 6666 => 3333 6666");
    assert_eq!(left(&offline.plan), "4444");
    assert!(upgrade_deferring(&graph, &Applied::none(), "base", |_| true).unwrap().deferred.is_empty());
}
