//! Whole histories of public projects, against what Alembic says about them.
//!
//! The recordings are not part of the repository; without them one history of our own is checked.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use migrate_core::graph::RevisionGraph;
use migrate_core::plan::{Applied, Plan, Step, downgrade, upgrade};
use migrate_tests::declared::DeclaredRevision;
use serde::Deserialize;

#[derive(Deserialize)]
struct History {
    revisions: Vec<DeclaredRevision>,
}

#[derive(Deserialize)]
struct Answers {
    histories: BTreeMap<String, Answer>,
}

#[derive(Deserialize)]
struct Answer {
    bases: BTreeSet<String>,
    heads: BTreeSet<String>,
    real_heads: BTreeSet<String>,
    branch_points: BTreeSet<String>,
    merge_points: BTreeSet<String>,
    upgrade_order_base_to_heads: Vec<String>,
    upgrade_to: Vec<UpgradeTo>,
}

#[derive(Deserialize)]
struct UpgradeTo {
    target: String,
    count: usize,
}

fn read<T: for<'de> Deserialize<'de>>(path: &Path) -> T {
    serde_json::from_str(&std::fs::read_to_string(path).expect("a recording")).expect("its format")
}

fn graph(history: &History) -> RevisionGraph {
    RevisionGraph::new(history.revisions.iter().map(DeclaredRevision::to_revision)).expect("a sound history")
}

fn same(ours: Vec<&str>, theirs: &BTreeSet<String>) -> bool {
    ours.into_iter().eq(theirs.iter().map(String::as_str))
}

fn ids<'a>(plan: &Plan<'a>) -> Vec<&'a str> {
    plan.steps.iter().map(Step::id).collect()
}

fn check(name: &str, graph: &RevisionGraph, answer: &Answer) {
    assert!(same(graph.bases(), &answer.bases), "{name}: bases");
    assert!(same(graph.heads(), &answer.heads), "{name}: heads");
    assert!(same(graph.real_heads(), &answer.real_heads), "{name}: real heads");
    assert!(same(graph.branch_points(), &answer.branch_points), "{name}: branch points");
    assert!(same(graph.merge_points(), &answer.merge_points), "{name}: merge points");
    let up = upgrade(graph, &Applied::none(), "heads").expect("a plan");
    let all: BTreeSet<&str> = ids(&up).into_iter().collect();
    assert_eq!(all, answer.upgrade_order_base_to_heads.iter().map(String::as_str).collect(), "{name}");
    for expected in &answer.upgrade_to {
        let plan = upgrade(graph, &Applied::none(), &expected.target).expect("a plan");
        assert_eq!(plan.len(), expected.count, "{name}: upgrade {}", expected.target);
    }
    let applied = Applied::new(graph, ids(&up)).expect("closed");
    assert_eq!(applied.heads(), graph.real_heads(), "{name}");
    let mut down = ids(&downgrade(graph, &applied, "base").expect("a plan"));
    down.reverse();
    assert_eq!(down, ids(&up), "{name}: down is up backwards");
}

#[test]
fn real_histories_have_the_shape_and_the_plans_that_alembic_says() {
    let own = r#"{"revisions":[
        {"revision":"b1","down_revision":"a1"}, {"revision":"a1","down_revision":null},
        {"revision":"c1","down_revision":"a1","depends_on":"x1"}, {"revision":"x1"},
        {"revision":"m1","down_revision":["b1","c1"]}]}"#;
    let answer = r#"{"bases":["a1","x1"],"heads":["m1","x1"],"real_heads":["m1"],"branch_points":["a1"],
        "merge_points":["m1"],"upgrade_order_base_to_heads":["a1","b1","x1","c1","m1"],
        "upgrade_to":[{"target":"c1","count":3}]}"#;
    let own: History = serde_json::from_str(own).expect("a history");
    check("own", &graph(&own), &serde_json::from_str(answer).expect("an answer"));
    let mut recorded = 0;
    if let Some(folder) = migrate_tests::recordings("histories") {
        let answers: Answers = read(&folder.join("alembic_answers.json"));
        for (name, answer) in &answers.histories {
            check(name, &graph(&read(&folder.join(format!("{name}.json")))), answer);
            recorded += 1;
        }
    }
    #[expect(clippy::print_stderr, reason = "says how much was checked")]
    {
        eprintln!("checked 1 history of our own and {recorded} recorded ones");
    }
}
