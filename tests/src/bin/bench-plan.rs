//! Measures building a graph and planning on it, against a floor measured in the same run.
//!
//! The floor is what no planner can avoid: hashing every id once, and Kahn's sort over integer arrays that are
//! there already. Medians of 15 runs each, in turns, so that a busy machine disturbs both alike; the last columns
//! are of the least disturbed run.

#![expect(clippy::print_stdout, reason = "a program that reports")]

use std::collections::HashMap;
use std::hint::black_box;
use std::time::Instant;

use migrate_core::graph::RevisionGraph;
use migrate_core::plan::{Applied, upgrade};
use migrate_core::revision::Revision;

const REVISIONS: usize = 10_000;
const RUNS: usize = 15;

/// A small generator of numbers, the same ones in every run (Steele, Lea and Flood, `SplitMix64`).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % limit as u64).unwrap_or_default()
    }
}

/// Edges lead from a node to earlier ones.
type Edges = Vec<Vec<usize>>;

fn chain() -> Edges {
    (0..REVISIONS).map(|node| node.checked_sub(1).into_iter().collect()).collect()
}

/// A hundred branches side by side; every tenth rank, each merges its neighbour in.
fn branches() -> Edges {
    let parents = |node: usize| match (node / 100, node % 100) {
        (0, 0) => vec![],
        (0, _) => vec![0],
        (rank, 0) if rank % 10 == 0 => vec![node - 100],
        (rank, _) if rank % 10 == 0 => vec![node - 100, node - 101],
        _ => vec![node - 100],
    };
    (0..REVISIONS).map(parents).collect()
}

fn random() -> Edges {
    let mut numbers = Numbers(7);
    (0..REVISIONS)
        .map(|node| match node {
            0 => Vec::new(),
            _ => (0..=numbers.below(3)).map(|_| numbers.below(node)).collect(),
        })
        .collect()
}

fn declared(edges: &Edges, shuffle: bool) -> Vec<Revision> {
    let mut numbers = Numbers(42);
    let ids: Vec<String> =
        (0..edges.len()).map(|node| format!("{:07x}{node:05}", numbers.below(1 << 28))).collect();
    let mut revisions: Vec<Revision> = edges
        .iter()
        .enumerate()
        .map(|(node, parents)| Revision {
            id: ids[node].clone().into(),
            down_revisions: parents.iter().map(|&parent| ids[parent].clone().into()).collect(),
            message: "add a column to a table".into(),
            ..Revision::default()
        })
        .collect();
    if shuffle {
        for last in (1..revisions.len()).rev() {
            revisions.swap(last, numbers.below(last + 1));
        }
    }
    revisions
}

fn floor(edges: &Edges, revisions: &[Revision]) -> usize {
    let names: HashMap<&str, usize> =
        revisions.iter().enumerate().map(|(node, revision)| (revision.id.as_ref(), node)).collect();
    let mut children = vec![Vec::new(); edges.len()];
    let mut waiting: Vec<usize> = edges.iter().map(Vec::len).collect();
    for (node, parents) in edges.iter().enumerate() {
        for &parent in parents {
            children[parent].push(node);
        }
    }
    let mut ready: Vec<usize> = (0..edges.len()).filter(|&node| waiting[node] == 0).collect();
    let mut done = 0;
    while let Some(node) = ready.pop() {
        done += 1;
        for &child in &children[node] {
            waiting[child] -= 1;
            if waiting[child] == 0 {
                ready.push(child);
            }
        }
    }
    assert_eq!(done, edges.len());
    names.len()
}

/// Milliseconds, and what came out.
fn timed<T>(work: impl FnOnce() -> T) -> (f64, T) {
    let start = Instant::now();
    let result = black_box(work());
    (start.elapsed().as_secs_f64() * 1000.0, result)
}

fn median(mut samples: Vec<f64>) -> f64 {
    samples.sort_by(f64::total_cmp);
    samples[samples.len() / 2]
}

fn measure(name: &str, edges: &Edges, shuffle: bool) {
    let revisions = declared(edges, shuffle);
    let mut samples: [Vec<f64>; 4] = Default::default();
    for _ in 0..RUNS {
        let input = revisions.clone();
        samples[0].push(timed(|| floor(edges, &revisions)).0);
        let (build, graph) = timed(|| RevisionGraph::new(input).expect("a sound graph"));
        let (all, plan) = timed(|| upgrade(&graph, &Applied::none(), "heads").expect("a plan").len());
        assert_eq!(plan, edges.len());
        let base = graph.bases()[0];
        let applied = Applied::from_heads(&graph, [base]).expect("a base");
        let next = graph.children(base).next().expect("a child").to_owned();
        let (one, _) = timed(|| upgrade(&graph, &applied, &next).expect("a plan").len());
        for (kind, sample) in samples[1..].iter_mut().zip([build, all, one]) {
            kind.push(sample);
        }
    }
    let least = |samples: &Vec<f64>| samples.iter().copied().fold(f64::INFINITY, f64::min);
    let [floor_least, build_least, all_least, _] = samples.each_ref().map(least);
    let total_least = build_least + all_least;
    let [floor, build, all, one] = samples.map(median);
    let total = build + all;
    println!(
        "{name:<36}{build:>8.2}{all:>8.2}{one:>8.2}{total:>8.2}{floor:>8.2}{:>8.1}{total_least:>10.2}{:>8.1}",
        total / floor,
        total_least / floor_least,
    );
}

fn main() {
    println!("{REVISIONS} revisions, milliseconds, median of {RUNS} runs");
    println!(
        "{:<36}{:>8}{:>8}{:>8}{:>8}{:>8}{:>8}{:>10}{:>8}",
        "", "build", "heads", "one", "total", "floor", "ratio", "least", "ratio"
    );
    for (name, edges) in [("chain", chain()), ("100 branches with merges", branches()), ("random", random())]
    {
        measure(name, &edges, false);
        measure(&format!("{name}, shuffled"), &edges, true);
    }
}
