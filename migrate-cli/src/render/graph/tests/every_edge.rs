//! Whatever the graph: each revision is drawn once, each edge is drawn.

use std::collections::{BTreeMap, BTreeSet};

use super::super::lanes::Lanes;
use super::super::terminal::{Charset, Look, draw as terminal};
use super::super::{dot, mermaid, svg};
use super::*;
use crate::ui::Palette;

fn pictures() -> Vec<Picture> {
    let graphs = [chain(), diamond(), octopus(), two_bases(), hostile(), tangle(300), tangle(2_000)];
    graphs
        .iter()
        .map(|graph| Picture::new(graph, Some(&applied(graph, &["aaaa", "base1", "acc1"]))))
        .collect()
}

/// The pairs on both sides of an arrow, each line with one.
fn arrows<'a>(drawing: &'a str, arrow: &str) -> Vec<(&'a str, &'a str)> {
    drawing
        .lines()
        .filter_map(|line| line.trim().trim_end_matches(';').split_once(arrow))
        .map(|(below, above)| (below.trim(), above.trim().trim_end_matches(" [style=dashed]")))
        .collect()
}

#[test]
fn mermaid_has_each_revision_once_and_each_edge() {
    for picture in pictures() {
        let drawing = mermaid::draw(&picture);
        let nodes: Vec<_> = drawing.lines().filter(|line| line.contains("<b>")).collect();
        assert_eq!(nodes.len(), picture.nodes.len());
        let expected = |edges: fn(&super::super::Node) -> &Vec<usize>| -> BTreeSet<_> {
            let nodes = picture.nodes.iter().enumerate();
            nodes
                .flat_map(|(at, node)| edges(node).iter().map(move |to| (format!("r{to}"), format!("r{at}"))))
                .collect()
        };
        let drawn = |arrow| -> BTreeSet<_> {
            let pairs = arrows(&drawing, arrow).into_iter();
            pairs
                .filter(|(below, _)| !below.contains('"'))
                .map(|(below, above)| (below.to_owned(), above.to_owned()))
                .collect()
        };
        assert_eq!(drawn(" --> "), expected(|node| &node.parents));
        assert_eq!(drawn(" -.-> "), expected(|node| &node.dependencies));
    }
}

#[test]
fn dot_has_each_revision_once_and_each_edge() {
    for picture in pictures() {
        let drawing = dot::draw(&picture);
        let nodes = drawing.lines().filter(|line| line.contains("[label=")).count();
        assert_eq!(nodes, picture.nodes.len());
        let name =
            |at: usize| format!("\"{}\"", picture.nodes[at].id.replace('\\', "\\\\").replace('"', "\\\""));
        let expected: BTreeSet<_> = picture
            .nodes
            .iter()
            .enumerate()
            .flat_map(|(at, node)| node.parents.iter().chain(&node.dependencies).map(move |&to| (to, at)))
            .map(|(to, at)| (name(to), name(at)))
            .collect();
        let drawn: BTreeSet<_> = drawing
            .lines()
            .filter(|line| !line.contains("[label="))
            .flat_map(|line| arrows(line, " -> "))
            .map(|(below, above)| (below.to_owned(), above.to_owned()))
            .collect();
        assert_eq!(drawn, expected);
    }
}

#[test]
fn the_terminal_and_the_image_have_each_revision_once_and_as_many_edges() {
    for picture in pictures() {
        let look = Look { palette: Palette::PLAIN, charset: Charset::Unicode, width: None };
        let lines = terminal(&picture, look);
        let image = svg::draw(&picture);
        assert_eq!(
            image.matches("<circle class=\"node").count(),
            picture.nodes.len() + picture.tally().len()
        );
        assert_eq!(
            image.matches("<path class=\"").count() - image.matches("fill=\"none\"").count(),
            picture.edges()
        );
        for node in &picture.nodes {
            let words = lines.lines().filter(|line| {
                line.split_once(&node.id).is_some_and(|(graph, rest)| {
                    !graph.contains(char::is_alphanumeric)
                        && rest.chars().next().is_none_or(|next| next == ' ')
                })
            });
            assert_eq!(words.count(), 1, "{} in\n{lines}", node.id);
        }
    }
}

#[test]
fn no_edge_runs_through_a_revision() {
    for picture in pictures() {
        let lanes = Lanes::of(&picture);
        assert_eq!(lanes.edges.len(), picture.edges());
        let mut inside = vec![BTreeSet::new(); picture.nodes.len()];
        for edge in &lanes.edges {
            assert!(edge.from < edge.to);
            assert!(edge.to - edge.from == 1 || edge.lane < lanes.count);
            for passed in &mut inside[edge.from + 1..edge.to] {
                passed.insert(edge.lane);
            }
        }
        for (passing, own) in inside.iter().zip(&lanes.of_node) {
            assert!(!passing.contains(own));
        }
    }
}

#[test]
fn edges_of_different_kinds_or_ends_never_share_a_lane() {
    for picture in pictures() {
        let lanes = Lanes::of(&picture);
        let mut taken = vec![BTreeMap::new(); picture.nodes.len()];
        for edge in &lanes.edges {
            for row in &mut taken[edge.from + 1..edge.to] {
                let way = *row.entry(edge.lane).or_insert((edge.kind, edge.to));
                assert_eq!(way, (edge.kind, edge.to));
            }
        }
    }
}
