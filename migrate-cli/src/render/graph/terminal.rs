//! The graph for a terminal: a line for each revision, as `git log --graph --oneline` has it.

use renderdag::{Ancestor, GraphRowRenderer, Renderer};
use unicode_width::UnicodeWidthStr as _;

use super::{Badge, Mark, Node, Picture, cut};
use crate::ui::Palette;

/// What a message keeps of its line, however deep the graph is.
const SHORTEST_MESSAGE: usize = 8;

/// How a drawing for a terminal looks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Look {
    pub(crate) palette: Palette,
    pub(crate) charset: Charset,
    /// The columns that there are; lines are not cut without.
    pub(crate) width: Option<usize>,
}

/// What lines and nodes are drawn with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Charset {
    Unicode,
    Ascii,
}

/// Draws the graph, and below it what its signs mean.
pub(crate) fn draw(picture: &Picture, look: Look) -> String {
    let rows = GraphRowRenderer::new().output().with_min_row_height(1);
    let mut drawing = match look.charset {
        Charset::Unicode => lines(picture, look, rows.build_box_drawing()),
        Charset::Ascii => lines(picture, look, rows.build_ascii()),
    };
    let legend = legend(picture, look);
    if !legend.is_empty() {
        drawing.push('\n');
        drawing.push_str(&legend);
    }
    drawing
}

fn lines(picture: &Picture, look: Look, mut rows: impl Renderer<usize, Output = String>) -> String {
    let mut drawing = String::new();
    for (position, node) in picture.nodes.iter().enumerate() {
        let parents = node.parents.iter().copied().map(Ancestor::Parent);
        let needed = node.dependencies.iter().copied().map(Ancestor::Ancestor);
        let below: Vec<_> = parents.chain(needed).collect();
        let graph_width = usize::try_from(rows.width(Some(&position), Some(&below))).unwrap_or(usize::MAX);
        let text = text(node, look, graph_width);
        drawing.push_str(&rows.next_row(position, below, glyph(node.mark, look), text));
    }
    drawing
}

/// The id, the badges and the message. The message gives way where the line is too long.
fn text(node: &Node, look: Look, graph_width: usize) -> String {
    let palette = look.palette;
    let badges: Vec<&str> = node.badges.iter().map(Badge::text).collect();
    let badges = if badges.is_empty() { String::new() } else { format!(" ({})", badges.join(", ")) };
    let message = match look.width {
        Some(width) => {
            let taken = graph_width + 1 + node.id.width() + 1 + badges.width();
            cut(&node.message, width.saturating_sub(taken).max(SHORTEST_MESSAGE))
        }
        None => node.message.clone(),
    };
    let mut text = palette.name(&node.id);
    if !badges.is_empty() {
        text.push_str(&palette.notice(badges));
    }
    if !message.is_empty() {
        text.push(' ');
        text.push_str(&message);
    }
    text
}

fn glyph(mark: Option<Mark>, look: Look) -> String {
    let palette = look.palette;
    let [unicode, ascii] = match mark {
        None => ["●", "o"],
        Some(Mark::Applied) => ["●", "*"],
        Some(Mark::Edited) => ["✎", "!"],
        Some(Mark::Running) => ["◐", "~"],
        Some(Mark::Pending) => ["○", "o"],
        Some(Mark::Unknown) => ["?", "?"],
    };
    let glyph = if look.charset == Charset::Unicode { unicode } else { ascii };
    match mark {
        None => glyph.to_owned(),
        Some(Mark::Applied) => palette.good(glyph),
        Some(Mark::Edited | Mark::Pending) => palette.notice(glyph),
        Some(Mark::Running | Mark::Unknown) => palette.bad(glyph),
    }
}

fn legend(picture: &Picture, look: Look) -> String {
    let signs: Vec<_> = picture
        .tally()
        .into_iter()
        .map(|(mark, count)| {
            let words = format!("{count} {}", mark.word());
            format!("{} {}", glyph(Some(mark), look), look.palette.faint(words))
        })
        .collect();
    if signs.is_empty() { String::new() } else { format!("{}\n", signs.join("   ")) }
}
