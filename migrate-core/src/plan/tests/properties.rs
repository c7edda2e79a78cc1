//! What holds for every graph, every state and every target.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::Index;

use crate::graph::RevisionGraph;
use crate::plan::{Applied, Direction, Plan, downgrade, history, offline_downgrade, offline_upgrade};
use crate::plan::{PlanError, resolve, stamp, upgrade, upgrade_deferring};
use crate::revision::Revision;

/// Any acyclic set of revisions: edges lead to earlier ones.
fn any_revisions() -> impl Strategy<Value = Vec<Revision>> {
    let edges = || prop::collection::vec(any::<Index>(), 0..3);
    prop::collection::vec((edges(), edges(), prop::bool::weighted(0.2)), 1..14).prop_map(|drawn| {
        // Multiplying scatters the ids, so that id order is not the order of declaration.
        let id = |node: usize| format!("{:04x}", (node + 1) * 40_503 % 65_536);
        let mut revisions: Vec<Revision> = Vec::new();
        for (node, (parents, needs, labelled)) in drawn.iter().enumerate() {
            let mut revision = Revision::new(id(node));
            if node > 0 {
                let below = |edge: &Index| id(edge.index(node)).into();
                revision.down_revisions = parents.iter().map(below).collect();
                revision.depends_on = needs.iter().skip(1).map(below).collect();
            }
            if *labelled {
                revision.branch_labels.push(format!("branch_{node}").into());
            }
            revisions.push(revision);
        }
        revisions
    })
}

fn applied(graph: &RevisionGraph, chosen: &[Index]) -> Applied {
    let ids = chosen.iter().map(|index| graph.revisions()[index.index(graph.len())].id.as_ref());
    let below = graph.ancestors(ids);
    Applied::new(graph, below).expect("a closure is closed")
}

fn any_target(graph: &RevisionGraph, words: &[Index], count: usize) -> String {
    let ids = graph.revisions().iter().map(|revision| revision.id.to_string());
    let labels = graph.declared_labels().map(|(label, _)| label.to_owned());
    let fixed = ["head", "heads", "base", "@", "+", "-", ":", "", "00", "current"].map(str::to_owned);
    let counts = [format!("+{count}"), format!("-{count}")];
    let all: Vec<String> = ids.chain(labels).chain(fixed).chain(counts).collect();
    words.iter().map(|word| word.get(&all).as_str()).collect()
}

/// Runs a plan and checks I1 before and after each step; returns what is applied afterwards.
fn run(graph: &RevisionGraph, applied: &Applied, plan: &Plan<'_>) -> BTreeSet<String> {
    let mut now: BTreeSet<String> = applied.iter().map(str::to_owned).collect();
    for step in &plan.steps {
        match step.direction() {
            Direction::Upgrade => assert!(now.insert(step.id().to_owned()), "applied twice"),
            Direction::Downgrade => assert!(now.remove(step.id()), "not applied"),
        }
        Applied::new(graph, now.iter().map(String::as_str)).expect("closed after every step");
    }
    assert_eq!(graph.maximal(now.iter().map(String::as_str)), plan.heads_after);
    now
}

proptest! {
    #[test]
    fn plans_keep_the_applied_set_closed_and_no_target_panics(
        revisions in any_revisions(),
        chosen in prop::collection::vec(any::<Index>(), 0..4),
        words in prop::collection::vec(any::<Index>(), 0..5),
        count in 0_usize..5,
    ) {
        let graph = RevisionGraph::new(revisions).expect("acyclic");
        let applied = applied(&graph, &chosen);
        let target = any_target(&graph, &words, count);
        for plan in [upgrade(&graph, &applied, &target), downgrade(&graph, &applied, &target)].into_iter().flatten() {
            run(&graph, &applied, &plan);
        }
        for offline in [offline_upgrade(&graph, &target), offline_downgrade(&graph, &target)].into_iter().flatten() {
            run(&graph, &offline.assumed, &offline.plan);
        }
        if let Ok(stamp) = stamp(&graph, &applied, &[&target]) {
            let after = Applied::new(&graph, stamp.applied_after.iter().copied()).expect("closed");
            prop_assert_eq!(after.heads(), stamp.heads_after);
        }
        let _ = (resolve(&graph, Some(&applied), &target), history(&graph, &applied, Some(&target)));
    }

    #[test]
    fn what_is_deferred_and_what_needs_it_is_left_and_nothing_else(
        revisions in any_revisions(),
        chosen in prop::collection::vec(any::<Index>(), 0..4),
        drawn in prop::collection::vec(any::<Index>(), 0..4),
        target in any::<Index>(),
    ) {
        let graph = RevisionGraph::new(revisions).expect("acyclic");
        let before = applied(&graph, &chosen);
        let id = |index: &Index| graph.revisions()[index.index(graph.len())].id.as_ref();
        let deferred: BTreeSet<&str> = drawn.iter().map(id).collect();
        let is_deferred = |id: &str| deferred.contains(id);
        let plan = upgrade_deferring(&graph, &before, "heads", is_deferred).expect("heads are always reached in part");
        let now = run(&graph, &before, &plan);
        let pending = deferred.iter().copied().filter(|id| !before.contains(id));
        let kept_back = graph.descendants(pending);
        let left: BTreeSet<&str> = plan.deferred.iter().map(|deferred| deferred.revision).collect();
        for revision in graph.revisions().iter().map(|revision| revision.id.as_ref()) {
            prop_assert_eq!(!now.contains(revision), kept_back.contains(revision));
            prop_assert_eq!(left.contains(revision), kept_back.contains(revision));
        }
        for found in &plan.deferred {
            let below = graph.ancestors([found.revision]);
            let mut firsts = plan.deferred.iter().filter(|other| other.waits_for.is_empty()).map(|other| other.revision);
            prop_assert!(found.waits_for.iter().all(|first| firsts.clone().any(|other| other == *first)));
            prop_assert!(firsts.all(|first| first == found.revision || below.contains(first) == found.waits_for.contains(&first)));
            prop_assert!(!found.waits_for.is_empty() || is_deferred(found.revision));
        }
        let target = id(&target);
        match upgrade_deferring(&graph, &before, target, is_deferred) {
            Ok(plan) => prop_assert!(run(&graph, &before, &plan).contains(target)),
            Err(PlanError::Deferred { revision, .. }) => {
                prop_assert_eq!(&revision, target);
                prop_assert!(kept_back.contains(target));
            }
            Err(other) => prop_assert!(false, "{}", other),
        }
    }

    #[test]
    fn any_text_at_all_is_a_target_or_a_typed_error(target in "\\PC{0,12}") {
        let graph = RevisionGraph::new([Revision::new("abcd"), Revision::new("abce").parent("abcd")]).expect("right");
        let applied = Applied::from_heads(&graph, ["abcd"]).expect("known");
        let _ = (upgrade(&graph, &applied, &target), downgrade(&graph, &applied, &target));
        let _ = (stamp(&graph, &applied, &[&target]), history(&graph, &applied, Some(&target)));
    }

    #[test]
    fn up_to_the_heads_and_down_to_base_leaves_nothing(
        revisions in any_revisions(),
        chosen in prop::collection::vec(any::<Index>(), 0..4),
    ) {
        let graph = RevisionGraph::new(revisions).expect("acyclic");
        let before = applied(&graph, &chosen);
        let up = upgrade(&graph, &before, "heads").expect("always possible");
        prop_assert_eq!(&up.heads_after, &graph.real_heads());
        let all = run(&graph, &before, &up);
        prop_assert_eq!(all.len(), graph.len());
        let all = Applied::new(&graph, all.iter().map(String::as_str)).expect("closed");
        let down = downgrade(&graph, &all, "base").expect("always possible");
        prop_assert!(run(&graph, &all, &down).is_empty());
    }

    #[test]
    fn an_upgrade_to_one_revision_is_undone_by_its_own_steps_backwards(
        revisions in any_revisions(),
        chosen in prop::collection::vec(any::<Index>(), 0..4),
        target in any::<Index>(),
    ) {
        let graph = RevisionGraph::new(revisions).expect("acyclic");
        let before = applied(&graph, &chosen);
        let target = &graph.revisions()[target.index(graph.len())].id;
        let up = upgrade(&graph, &before, target).expect("always possible");
        let after = run(&graph, &before, &up);
        let mut now = after;
        for step in up.steps.iter().rev() {
            now.remove(step.id());
            Applied::new(&graph, now.iter().map(String::as_str)).expect("closed on the way back");
        }
        prop_assert!(now.iter().map(String::as_str).eq(before.iter()));
    }

    #[test]
    fn the_order_of_registration_never_shows(
        (revisions, shuffled) in any_revisions().prop_flat_map(|drawn| (Just(drawn.clone()), Just(drawn).prop_shuffle())),
        chosen in prop::collection::vec(any::<Index>(), 0..4),
        words in prop::collection::vec(any::<Index>(), 0..4),
    ) {
        let (one, other) = (RevisionGraph::new(revisions).expect("acyclic"), RevisionGraph::new(shuffled).expect("acyclic"));
        let target = any_target(&one, &words, 1);
        let shown = |graph: &RevisionGraph| {
            let applied = applied(graph, &chosen);
            format!("{:?} {:?}", upgrade(graph, &applied, &target), downgrade(graph, &applied, &target))
        };
        prop_assert_eq!(shown(&one), shown(&other));
    }
}
