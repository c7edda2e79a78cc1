//! The graph as a Mermaid flowchart, for a README or a pull request.

use std::fmt::Write as _;

use super::{Mark, Node, Picture};

/// How many edges Mermaid draws unless its site's configuration allows more; a drawing cannot ask for it.
pub(crate) const MOST_EDGES: usize = 500;

/// Draws the graph, the newest revision on top. What a revision depends on hangs on a dotted line.
pub(crate) fn draw(picture: &Picture) -> String {
    let mut drawing = String::from("flowchart BT\n");
    for (position, node) in picture.nodes.iter().enumerate() {
        let _ = writeln!(drawing, "    r{position}{}", shape(node));
    }
    for (position, node) in picture.nodes.iter().enumerate() {
        for parent in &node.parents {
            let _ = writeln!(drawing, "    r{parent} --> r{position}");
        }
        for needed in &node.dependencies {
            let _ = writeln!(drawing, "    r{needed} -.-> r{position}");
        }
    }
    for (mark, _) in picture.tally() {
        let members: Vec<_> = picture
            .nodes
            .iter()
            .enumerate()
            .filter(|(_, node)| node.mark == Some(mark))
            .map(|(position, _)| format!("r{position}"))
            .collect();
        let _ = writeln!(drawing, "    classDef {} {}", mark.word(), style(mark));
        let _ = writeln!(drawing, "    class {} {}", members.join(","), mark.word());
    }
    drawing
}

/// A rounded box for a head, a plain one for everything else.
fn shape(node: &Node) -> String {
    let mut lines = vec![format!("<b>{}</b>", escaped(&node.id))];
    if !node.message.is_empty() {
        lines.push(escaped(&node.message));
    }
    if !node.badges.is_empty() {
        let badges: Vec<_> = node.badges.iter().map(|badge| escaped(badge.text())).collect();
        lines.push(format!("<i>{}</i>", badges.join(" · ")));
    }
    let label = lines.join("<br/>");
    let is_head = node.badges.contains(&super::Badge::Head);
    if is_head { format!("([\"{label}\"])") } else { format!("[\"{label}\"]") }
}

/// Colours that are legible on a light and on a dark page.
fn style(mark: Mark) -> &'static str {
    match mark {
        Mark::Applied => "fill:#d1fae5,stroke:#059669,color:#064e3b",
        Mark::Edited => "fill:#fef3c7,stroke:#d97706,color:#78350f",
        Mark::Running => "fill:#ffedd5,stroke:#ea580c,color:#7c2d12,stroke-width:3px",
        Mark::Pending => "fill:#f8fafc,stroke:#64748b,color:#1e293b,stroke-dasharray:4 3",
        Mark::Unknown => "fill:#fee2e2,stroke:#dc2626,color:#7f1d1d,stroke-dasharray:2 2",
    }
}

/// Text within a quoted label.
///
/// Quotes, tags, `%%` directives, backticks and lists at the start of a line all mean something in a label, so
/// whatever is not known to be harmless becomes an entity code (`#35;`).
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        // `1. ` and `- ` at the start of a line would be a list.
        let starts = escaped.chars().all(|before| before.is_ascii_digit());
        let harmless = character.is_alphanumeric()
            || matches!(character, ' ' | ',' | '\'' | '/')
            || (!starts && matches!(character, '.' | '-' | '_' | ':' | '(' | ')'));
        if harmless {
            escaped.push(character);
        } else {
            let _ = write!(escaped, "#{};", u32::from(character));
        }
    }
    escaped
}
