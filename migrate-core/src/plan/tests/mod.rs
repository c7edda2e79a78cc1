mod deferral;
mod properties;

use super::{
    Applied, Direction, NotApplicable, Plan, PlanError, Step, history, offline_downgrade, offline_upgrade,
};
use super::{downgrade, parent, resolve, stamp, upgrade};
use crate::graph::RevisionGraph;
use crate::graph::testing::graph;

/// ```text
///     4444      6666
///      |         |
///     3333      5555 ~ ~> api1
///       \       /           |
///         2222            api0
///          |
///         1111
/// ```
const FORK: &str = "
    1111
    2222 <- 1111
    3333 <- 2222 || left
    4444 <- 3333
    5555 <- 2222 | api1 | right
    6666 <- 5555
    api0 <- || api
    api1 <- api0
";

fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

fn applied(graph: &RevisionGraph, heads: &str) -> Applied {
    Applied::from_heads(graph, words(heads)).expect("heads of the drawn graph")
}

/// The steps and the heads afterwards, as `steps => heads`.
fn up(heads: &str, target: &str) -> Result<String, PlanError> {
    let graph = graph(FORK);
    Ok(shown(&upgrade(&graph, &applied(&graph, heads), target)?))
}

fn down(heads: &str, target: &str) -> Result<String, PlanError> {
    let graph = graph(FORK);
    Ok(shown(&downgrade(&graph, &applied(&graph, heads), target)?))
}

fn shown(plan: &Plan<'_>) -> String {
    let steps: Vec<&str> = plan.steps.iter().map(Step::id).collect();
    format!("{} => {}", steps.join(" "), plan.heads_after.join(" ")).trim().to_owned()
}

#[test]
fn an_upgrade_runs_what_the_target_needs_and_nothing_else() {
    assert_eq!(up("", "3333").unwrap(), "1111 2222 3333 => 3333");
    assert_eq!(up("2222", "right").unwrap(), "api0 api1 5555 => 5555");
    assert_eq!(up("2222", "heads").unwrap(), "3333 4444 api0 api1 5555 6666 => 4444 6666");
    assert_eq!(up("3333", "left@head").unwrap(), "4444 => 4444");
    assert_eq!(up("3333", "33").unwrap(), "=> 3333");
    assert_eq!(up("4444", "1111").unwrap(), "=> 4444");
}

#[test]
fn an_upgrade_counts_along_the_lineage() {
    assert_eq!(up("1111", "+1").unwrap(), "2222 => 2222");
    assert_eq!(up("2222", "left@+2").unwrap(), "3333 4444 => 4444");
    assert_eq!(up("", "4444-2").unwrap(), "1111 2222 => 2222");
    assert_eq!(up("", "left@base+1").unwrap(), "1111 => 1111");
    assert!(
        matches!(up("2222", "+1"), Err(PlanError::AmbiguousWalk { choices, .. }) if choices == ["3333", "5555"])
    );
    assert!(matches!(up("4444", "+3"), Err(PlanError::RelativeOverrun { asked: 3, walked: 0, .. })));
    assert!(matches!(up("4444 6666", "+1"), Err(PlanError::AmbiguousCurrent { .. })));
    assert!(matches!(up("4444", "-1"), Err(PlanError::WrongDirection { upgrading: true, .. })));
    assert!(matches!(up("4444", "3333-9"), Err(PlanError::WalkedTooFar { walked: 3, .. })));
    assert!(matches!(up("", &format!("+{}", u128::MAX)), Err(PlanError::AmbiguousWalk { .. })));
}

#[test]
fn a_target_that_is_not_one_thing_says_what_it_could_be() {
    let Err(PlanError::MultipleHeads { target, heads }) = up("", "head") else { panic!("several heads") };
    assert_eq!((target.as_str(), heads), ("head", vec!["4444".to_owned(), "6666".into(), "api1".into()]));
    let Err(PlanError::AmbiguousPrefix { candidates, .. }) = up("", "api@ap") else { panic!("several") };
    assert_eq!(candidates, ["api0", "api1"]);
    assert!(matches!(up("", "left@5555"), Err(PlanError::NotOnBranch { .. })));
    assert!(matches!(up("", "gone@3333"), Err(PlanError::NoSuchBranch { .. })));
    assert!(matches!(up("", "3333+1x"), Err(PlanError::Unknown { .. })));
    assert!(matches!(up("", ""), Err(PlanError::EmptyTarget)));
    assert!(matches!(up("", "1111:2222"), Err(PlanError::RangeNotAllowed { .. })));
}

#[test]
fn a_downgrade_removes_everything_above_the_target() {
    assert_eq!(down("4444 6666", "2222").unwrap(), "6666 5555 4444 3333 => 2222 api1");
    assert_eq!(down("4444 6666", "left@2222").unwrap(), "4444 3333 => 6666");
    assert_eq!(down("4444 6666", "api0").unwrap(), "6666 5555 api1 => 4444 api0");
    assert_eq!(down("4444", "base").unwrap(), "4444 3333 2222 1111 =>");
    assert_eq!(down("4444", "4444").unwrap(), "=> 4444");
    assert!(
        matches!(down("4444", "5555"), Err(PlanError::NotDowngradeTarget { heads, .. }) if heads == ["4444"])
    );
}

#[test]
fn a_downgrade_counts_from_the_current_head() {
    assert_eq!(down("4444", "-1").unwrap(), "4444 => 3333");
    assert_eq!(down("4444", "-4").unwrap(), "4444 3333 2222 1111 =>");
    assert_eq!(down("4444 6666", "right@-1").unwrap(), "6666 => 4444 5555");
    assert_eq!(down("5555", "api@-1").unwrap(), "5555 api1 => 2222 api0");
    assert!(matches!(down("4444", "-5"), Err(PlanError::RelativeOverrun { asked: 5, walked: 4, .. })));
    assert!(matches!(down("4444", "api@-1"), Err(PlanError::BranchNotApplied { .. })));
    assert!(matches!(down("", "-1"), Err(PlanError::RelativeOverrun { .. })));
    assert!(matches!(down("4444", "typo@base"), Err(PlanError::NoSuchBranch { .. })));
}

#[test]
fn with_several_heads_a_counting_downgrade_starts_from_the_one_applied_last() {
    let graph = graph(FORK);
    let ledger = words("1111 2222 api0 api1 5555 6666 3333 4444");
    let applied = Applied::new(&graph, ledger).expect("closed");
    assert_eq!(shown(&downgrade(&graph, &applied, "-1").unwrap()), "4444 => 3333 6666");
}

#[test]
fn an_id_with_a_dot_counts_like_any_other() {
    let graph = graph("v1.0 \n v1.1 <- v1.0 \n v1.2 <- v1.1");
    let plan = upgrade(&graph, &Applied::none(), "v1.2-1").unwrap();
    assert_eq!(plan.heads_after, ["v1.1"]);
}

#[test]
fn a_step_reads_like_a_line_of_alembics_log() {
    let graph = graph("a \n b \n m <- b a");
    let plan = upgrade(&graph, &Applied::none(), "heads").unwrap();
    let lines: Vec<String> = plan.steps.iter().map(ToString::to_string).collect();
    assert_eq!(lines, ["upgrade  -> a, make a", "upgrade  -> b, make b", "upgrade b, a -> m, make m"]);
    let plan = downgrade(&graph, &applied(&graph, "m"), "-1").unwrap_err();
    assert!(matches!(plan, PlanError::AmbiguousWalk { from: Some(from), .. } if from == "m"));
    let plan = downgrade(&graph, &applied(&graph, "m"), "base").unwrap();
    assert_eq!(plan.direction, Direction::Downgrade);
    assert_eq!(plan.steps[0].to_string(), "downgrade m -> b, a, make m");
    assert!(plan.steps[0].is_merge() && plan.steps[2].is_base());
}

#[test]
fn what_is_applied_must_be_known_and_closed() {
    let graph = graph(FORK);
    let not_closed = Applied::new(&graph, ["5555", "2222", "1111"]).unwrap_err();
    assert_eq!(not_closed.to_string(), "revision 5555 is applied without api1");
    let unknown = Applied::new(&graph, ["gone", "1111"]).unwrap_err();
    assert_eq!(unknown, NotApplicable::Unknown { revisions: vec!["gone".to_owned()] });
    let overlap = Applied::from_heads(&graph, ["api0", "6666"]).unwrap_err();
    assert_eq!(overlap.to_string(), "head api0 is below head 6666");
}

#[test]
fn rows_as_found_fail_only_where_a_plan_looks_at_them() {
    let graph = graph(FORK);
    let rows = Applied::from_rows(&graph, ["api0", "5555"]);
    assert!(matches!(upgrade(&graph, &rows, "heads"), Err(PlanError::Overlap { .. })));
    assert_eq!(downgrade(&graph, &rows, "base").unwrap().len(), 5);
    let rows = Applied::from_rows(&graph, ["gone"]);
    assert!(matches!(downgrade(&graph, &rows, "base"), Err(PlanError::UnknownApplied { .. })));
    assert!(matches!(stamp(&graph, &rows, &["heads"]), Err(PlanError::UnknownApplied { .. })));
}

#[test]
fn a_stamp_moves_the_heads_of_its_lineage_and_leaves_the_others() {
    let graph = graph(FORK);
    let plan = stamp(&graph, &applied(&graph, "4444 api1"), &["2222"]).unwrap();
    assert_eq!(
        (plan.insert, plan.delete, plan.heads_after),
        (words(""), words("4444 3333"), words("2222 api1"))
    );
    let plan = stamp(&graph, &Applied::none(), &["heads"]).unwrap();
    assert_eq!((plan.insert.len(), plan.heads_after), (8, words("4444 6666")));
    let plan = stamp(&graph, &applied(&graph, "4444 api1"), &["base"]).unwrap();
    assert_eq!(plan.applied_after, words(""));
    assert!(matches!(stamp(&graph, &Applied::none(), &["+1"]), Err(PlanError::Unknown { .. })));
}

#[test]
fn a_stamp_leaves_every_named_revision_applied() {
    let graph = graph(FORK);
    let plan = stamp(&graph, &applied(&graph, "4444 5555"), &["heads"]).unwrap();
    assert_eq!(plan.heads_after, words("4444 6666"));
    let plan = stamp(&graph, &applied(&graph, "4444"), &["3333", "5555"]).unwrap();
    assert_eq!(plan.heads_after, words("3333 5555"));
}

#[test]
fn an_offline_plan_starts_where_the_range_starts() {
    let graph = graph(FORK);
    let offline = offline_upgrade(&graph, "2222:left@head").unwrap();
    assert_eq!(offline.assumed.heads(), ["2222"]);
    assert_eq!(shown(&offline.plan), "3333 4444 => 4444");
    assert_eq!(offline_upgrade(&graph, "heads").unwrap().plan.len(), 8);
    assert_eq!(shown(&offline_downgrade(&graph, "4444:2222").unwrap().plan), "4444 3333 => 2222");
    let missing = offline_downgrade(&graph, "2222").unwrap_err();
    assert!(matches!(missing, PlanError::OfflineDowngradeNeedsRange { .. }));
    for malformed in [":2222", "1:2:3"] {
        assert!(matches!(offline_upgrade(&graph, malformed), Err(PlanError::MalformedRange { .. })));
    }
}

#[test]
fn a_history_is_newest_first_and_includes_both_ends() {
    let graph = graph(FORK);
    let current = applied(&graph, "4444");
    let ids = |range| -> Result<String, PlanError> {
        let revisions = history(&graph, &current, range)?;
        Ok(revisions.iter().map(|revision| revision.id.as_ref()).collect::<Vec<_>>().join(" "))
    };
    assert_eq!(ids(None).unwrap(), "6666 5555 api1 api0 4444 3333 2222 1111");
    assert_eq!(ids(Some(":current")).unwrap(), "4444 3333 2222 1111");
    assert_eq!(ids(Some("-2:current")).unwrap(), "4444 3333 2222");
    assert_eq!(ids(Some("1111:+1")).unwrap(), "2222 1111");
    assert_eq!(ids(Some("5555:")).unwrap(), "6666 5555");
    assert_eq!(ids(Some("left@base:")).unwrap(), "4444 3333 2222 1111");
    assert!(matches!(ids(Some("3333:6666")), Err(PlanError::RangeNotAncestor { .. })));
    assert!(matches!(ids(Some("3333")), Err(PlanError::MalformedRange { .. })));
}

#[test]
fn revisions_are_resolved_for_looking_at_them_and_for_standing_on_them() {
    let graph = graph(FORK);
    let current = applied(&graph, "4444");
    assert_eq!(resolve(&graph, Some(&current), "current").unwrap(), ["4444"]);
    assert_eq!(resolve(&graph, Some(&current), "-1").unwrap(), ["3333"]);
    assert_eq!(resolve(&graph, None, "right").unwrap(), ["5555"]);
    assert!(matches!(resolve(&graph, None, "current"), Err(PlanError::CurrentUnavailable)));
    assert_eq!(parent(&graph, "left@head").unwrap().map(|revision| revision.id.as_ref()), Some("4444"));
    assert_eq!(parent(&graph, "base").unwrap(), None);
    assert!(matches!(parent(&graph, "head"), Err(PlanError::MultipleHeads { .. })));
}
