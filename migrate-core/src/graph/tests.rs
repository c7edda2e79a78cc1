use super::testing::{faults, graph, revisions};
use super::{GraphError, NameFault, RevisionGraph};
use crate::revision::Revision;

/// ```text
///       m
///      / \
///     c   d ~ ~> x      y
///      \ /       |      |
///       b        w      |
///       |         \    /
///       a           v
/// ```
const TWO_ROOTS: &str = "
    a
    b <- a || trunk
    c <- b || left
    d <- b | x | right
    m <- c d
    v
    w <- v || side
    x <- w
    y <- v
";

fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

#[test]
fn heads_follow_the_lineage_and_real_heads_both_edge_kinds() {
    let graph = graph(TWO_ROOTS);
    assert_eq!(graph.heads(), words("m x y"));
    assert_eq!(graph.real_heads(), words("m y"));
}

#[test]
fn bases_branch_points_and_merge_points_are_found() {
    let graph = graph(TWO_ROOTS);
    assert_eq!(graph.bases(), words("a v"));
    assert_eq!(graph.branch_points(), words("b v"));
    assert_eq!(graph.merge_points(), words("m"));
}

#[test]
fn neighbours_are_sorted_and_kept_apart_by_edge_kind() {
    let graph = graph(TWO_ROOTS);
    assert_eq!(graph.parents("m").collect::<Vec<_>>(), words("c d"));
    assert_eq!(graph.children("v").collect::<Vec<_>>(), words("w y"));
    assert_eq!(graph.dependencies("d").collect::<Vec<_>>(), words("x"));
    assert_eq!(graph.dependents("x").collect::<Vec<_>>(), words("d"));
    assert_eq!(graph.parents("nobody").count(), 0);
}

#[test]
fn closures_cross_both_edge_kinds() {
    let graph = graph(TWO_ROOTS);
    assert_eq!(graph.ancestors(["d"]).into_iter().collect::<Vec<_>>(), words("a b d v w x"));
    assert_eq!(graph.descendants(["w"]).into_iter().collect::<Vec<_>>(), words("d m w x"));
}

#[test]
fn maximal_revisions_of_an_applied_set_are_its_heads() {
    let graph = graph(TWO_ROOTS);
    assert_eq!(graph.maximal(words("a b c d v w x")), words("c d"));
    assert_eq!(graph.maximal([]), words(""));
}

#[test]
fn a_dependency_by_label_is_resolved_to_the_declaring_revision() {
    let graph = graph("a <- || core \n b \n c <- b | core");
    assert_eq!(graph.dependencies("c").collect::<Vec<_>>(), words("a"));
}

#[test]
fn the_order_puts_everything_after_what_it_needs_and_follows_one_branch_at_a_time() {
    let graph = graph(TWO_ROOTS);
    let order: Vec<&str> = graph.topological().map(|revision| revision.id.as_ref()).collect();
    assert_eq!(order, words("a b c v w x d m y"));
}

#[test]
fn the_order_of_registration_does_not_show() {
    let mut turned = revisions(TWO_ROOTS);
    turned.reverse();
    let (one, other) = (graph(TWO_ROOTS), RevisionGraph::new(turned).expect("right"));
    assert!(one.topological().eq(other.topological()));
    assert_eq!(one.revisions(), other.revisions());
}

#[test]
fn labels_spread_up_the_lineage_and_down_an_unbranched_line() {
    // a - b(core) - c - d     d is a branch point: its labels end there on the way down
    //                    \- e(left)
    //                    \- f
    let graph = graph("a \n b <- a || core \n c <- b \n d <- c \n e <- d || left \n f <- d");
    assert_eq!(graph.labels("a"), words("core"));
    assert_eq!(graph.labels("d"), words("core"));
    assert_eq!(graph.labels("e"), words("core left"));
    assert_eq!(graph.labels("f"), words("core"));
}

#[test]
fn an_empty_graph_is_a_graph() {
    let graph = graph("");
    assert!(graph.is_empty() && graph.heads().is_empty() && graph.topological().len() == 0);
}

#[test]
fn every_fault_is_reported_at_once_and_sorted() {
    let found = faults("a-b \n b <- gone \n b \n c <- c | nowhere \n d <- || b \n head");
    assert_eq!(
        found,
        [
            "revision id `a-b` must not contain '-'",
            "revision id `head` is a word that targets are made of",
            "revision b is declared 2 times: \"make b\", \"make b\"",
            "branch label `b` of revision d is already used by revision b",
            "revision b names parent gone, which does not exist",
            "revision c depends on nowhere, which does not exist",
            "revision c names itself as parent",
        ]
    );
}

#[test]
fn each_knot_of_revisions_is_reported_once_by_a_shortest_way_round() {
    // a -> c -> b -> a, with a detour over d; x and y wait for each other only through a dependency
    let found = faults("a <- c d \n b <- a \n c <- b \n d <- c \n x <- y \n y <- | x");
    assert_eq!(
        found,
        [
            "revisions form a cycle: a -> c -> b -> a",
            "revisions and their dependencies form a cycle: x -> y -> x",
        ]
    );
}

#[test]
fn a_cycle_that_hangs_between_a_base_and_a_head_is_found() {
    assert_eq!(
        faults("a \n b <- a d \n c <- b \n d <- c \n e <- d"),
        ["revisions form a cycle: b -> d -> c -> b"]
    );
}

#[test]
fn a_revision_must_not_depend_on_a_label_of_its_own() {
    assert_eq!(faults("a <- | core | core"), ["revision a depends on itself"]);
}

#[test]
fn labels_may_have_dashes_but_not_end_like_a_count() {
    assert!(RevisionGraph::new([Revision::new("a").label("feature-x")]).is_ok());
    let errors = RevisionGraph::new([Revision::new("a").label("feature-1")]).expect_err("reads as a count");
    assert!(matches!(errors.errors(), [GraphError::BadLabel { fault: NameFault::Relative, .. }]));
}

#[test]
fn a_long_chain_does_not_exhaust_the_stack() {
    let chain = (0..100_000).map(|node| {
        let revision = Revision::new(format!("{node:06}"));
        if node == 0 { revision } else { revision.parent(format!("{:06}", node - 1)) }
    });
    assert_eq!(RevisionGraph::new(chain).expect("a chain").heads(), ["099999"]);
}
