//! The graph in Graphviz' language.

use std::fmt::Write as _;

use super::{Badge, Mark, Node, Picture};

/// Draws the graph, the newest revision on top. What a revision depends on hangs on a dashed line.
pub(crate) fn draw(picture: &Picture) -> String {
    let mut drawing = String::from(
        "digraph revisions {
    rankdir=BT;
    bgcolor=\"white\";
    node [shape=box, style=\"rounded,filled\", fillcolor=\"#f8fafc\", color=\"#64748b\", fontname=\"Helvetica\", \
         fontsize=11, margin=\"0.14,0.08\"];
    edge [color=\"#64748b\", arrowsize=0.7];
",
    );
    for node in &picture.nodes {
        let _ = writeln!(drawing, "    {} [{}];", name(&node.id), attributes(node));
    }
    for node in &picture.nodes {
        let mut edge = |below: usize, style: &str| {
            let _ = writeln!(drawing, "    {} -> {}{style};", name(&picture.nodes[below].id), name(&node.id));
        };
        node.parents.iter().for_each(|&parent| edge(parent, ""));
        node.dependencies.iter().for_each(|&needed| edge(needed, " [style=dashed]"));
    }
    drawing.push_str("}\n");
    drawing
}

fn attributes(node: &Node) -> String {
    let mut lines = vec![escaped(&node.id)];
    if !node.message.is_empty() {
        lines.push(escaped(&node.message));
    }
    if !node.badges.is_empty() {
        let badges: Vec<_> = node.badges.iter().map(|badge| escaped(badge.text())).collect();
        lines.push(format!("({})", badges.join(", ")));
    }
    let mut attributes = format!("label=\"{}\"", lines.join("\\n"));
    if let Some(mark) = node.mark {
        let _ = write!(attributes, ", {}", style(mark));
    }
    if node.badges.contains(&Badge::Current) {
        attributes.push_str(", penwidth=2.5");
    }
    attributes
}

fn style(mark: Mark) -> &'static str {
    match mark {
        Mark::Applied => "fillcolor=\"#d1fae5\", color=\"#059669\"",
        Mark::Edited => "fillcolor=\"#fef3c7\", color=\"#d97706\"",
        Mark::Running => "fillcolor=\"#ffedd5\", color=\"#ea580c\"",
        Mark::Pending => "style=\"rounded,filled,dashed\"",
        Mark::Unknown => "fillcolor=\"#fee2e2\", color=\"#dc2626\", style=\"rounded,filled,dotted\"",
    }
}

/// A node's name: any id, quoted.
fn name(id: &str) -> String {
    format!("\"{}\"", id.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Text within a quoted label, where also `\n` and `&amp;` mean something.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('\\', "\\\\").replace('"', "\\\"")
}
