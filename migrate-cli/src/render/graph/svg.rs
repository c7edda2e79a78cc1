//! The graph as an SVG image: lanes on the left, a revision's words on the right.
//!
//! Light or dark as the reader's page is, without script or font of its own, and readable by a screen reader:
//! the image has a title and a description, every revision a title that says all of it.

use std::fmt::{self, Display, Write as _};

use unicode_width::UnicodeWidthStr as _;

use super::lanes::{Edge, EdgeKind, Lanes};
use super::{Badge, Mark, Node, Picture, cut};

const STYLE: &str = include_str!("svg.css");

/// Lengths, in user units.
const ROW: usize = 46;
const LANE: usize = 20;
const MARGIN: usize = 24;
const HEADER: usize = 64;
/// The widths of one column of the id's and of the message's characters, as wide as common fonts have them.
const ID_COLUMN: f64 = 7.9;
const MESSAGE_COLUMN: f64 = 7.1;
const PILL_COLUMN: f64 = 6.7;
/// What is shown of a message; the revision's title has all of it.
const LONGEST_MESSAGE: usize = 96;
/// How many colours lanes have, see `svg.css`.
const COLOURS: usize = 6;

/// Draws the graph.
pub(crate) fn draw(picture: &Picture) -> String {
    let lanes = Lanes::of(picture);
    let text_x = MARGIN + lanes.count.max(1) * LANE + 12;
    let rows: Vec<Row<'_>> = picture.nodes.iter().map(Row::new).collect();
    let header = Header::new(picture);
    let text_width = rows.iter().map(|row| row.width).fold(header.width - 12.0, f64::max);
    let width = text_x + whole(text_width) + MARGIN;
    let height = HEADER + picture.nodes.len().max(1) * ROW + MARGIN / 2;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
         height=\"{height}\" role=\"img\" aria-labelledby=\"migrate-title migrate-summary\">\n\
         <title id=\"migrate-title\">Revision graph</title>\n\
         <desc id=\"migrate-summary\">{}</desc>\n\
         <style>\n{STYLE}</style>\n\
         <rect class=\"page\" width=\"{width}\" height=\"{height}\" rx=\"10\"/>\n",
        header.summary(picture)
    );
    header.draw(&mut svg, picture);
    svg.push_str("<g class=\"edges\">\n");
    // Dashed lines go below the solid ones.
    for kind in [EdgeKind::Dependency, EdgeKind::Lineage] {
        lanes
            .edges
            .iter()
            .filter(|edge| edge.kind == kind)
            .for_each(|edge| draw_edge(&mut svg, edge, &lanes));
    }
    svg.push_str("</g>\n");
    for (position, row) in rows.iter().enumerate() {
        row.draw(&mut svg, Place { x: x(lanes.of_node[position]), y: y(position), text_x }, &lanes, position);
    }
    svg.push_str("</svg>\n");
    svg
}

fn x(lane: usize) -> usize {
    MARGIN + lane * LANE + LANE / 2
}

fn y(row: usize) -> usize {
    HEADER + row * ROW + ROW / 2
}

/// Rounds a width up to whole units.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a width is small and not negative"
)]
fn whole(width: f64) -> usize {
    width.ceil().max(0.0) as usize
}

#[expect(clippy::cast_precision_loss, reason = "a text that long is not drawn")]
fn columns(text: &str, column: f64) -> f64 {
    text.width() as f64 * column
}

/// An edge leaves its node within one row, keeps to its lane, and reaches the other node within one row.
fn draw_edge(svg: &mut String, edge: &Edge, lanes: &Lanes) {
    let (from, to) = (lanes.of_node[edge.from], lanes.of_node[edge.to]);
    let _ = write!(svg, "<path class=\"{}\" d=\"M{} {}", EdgeClass(edge, from), x(from), y(edge.from));
    let mut lane = from;
    let mut turn = |into: usize, row: usize| {
        if into == lane {
            let _ = write!(svg, "V{}", y(row));
        } else {
            let middle = y(row) - ROW / 2;
            let _ = write!(svg, "C{} {middle} {} {middle} {} {}", x(lane), x(into), x(into), y(row));
        }
        lane = into;
    };
    let rows = edge.to - edge.from;
    if rows > 1 {
        turn(edge.lane, edge.from + 1);
    }
    if rows > 2 {
        turn(edge.lane, edge.to - 1);
    }
    turn(to, edge.to);
    svg.push_str("\"/>\n");
}

/// The classes of an edge: its kind and its colour, which is that of the lane it runs in.
struct EdgeClass<'a>(&'a Edge, usize);

impl Display for EdgeClass<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(edge, from) = *self;
        match edge.kind {
            EdgeKind::Dependency => f.write_str("depends"),
            EdgeKind::Lineage => {
                let lane = if edge.to - edge.from > 1 { edge.lane } else { from.max(edge.lane) };
                write!(f, "lane{}", lane % COLOURS)
            }
        }
    }
}

/// Where a revision is drawn.
#[derive(Clone, Copy)]
struct Place {
    x: usize,
    y: usize,
    text_x: usize,
}

/// A revision's words.
struct Row<'a> {
    node: &'a Node,
    message: String,
    pills: Vec<Pill<'a>>,
    width: f64,
}

/// A word with a frame around it.
struct Pill<'a> {
    class: &'static str,
    text: &'a str,
    x: f64,
    width: f64,
}

impl<'a> Row<'a> {
    fn new(node: &'a Node) -> Self {
        let message = cut(&node.message, LONGEST_MESSAGE);
        let mut x = columns(&node.id, ID_COLUMN) + 10.0;
        let mut pills = Vec::new();
        for (class, text) in pill_texts(node) {
            let width = columns(text, PILL_COLUMN) + 14.0;
            pills.push(Pill { class, text, x, width });
            x += width + 6.0;
        }
        let width = x.max(columns(&message, MESSAGE_COLUMN));
        Self { node, message, pills, width }
    }

    fn draw(&self, svg: &mut String, place: Place, lanes: &Lanes, position: usize) {
        let Place { x, y, text_x } = place;
        let Self { node, message, pills, .. } = self;
        let colour = lanes.of_node[position] % COLOURS;
        let mark = node.mark.map_or("applied", Mark::word);
        let _ = write!(svg, "<g><title>{}</title>", Escaped(&title(node)));
        let _ = write!(svg, "<circle class=\"node lane{colour} {mark}\" cx=\"{x}\" cy=\"{y}\" r=\"6\"/>");
        if let Some(sign) = sign(node.mark) {
            let _ = write!(svg, "<text class=\"sign {mark}\" x=\"{x}\" y=\"{}\">{sign}</text>", y + 4);
        }
        let (top, bottom) = if message.is_empty() { (y + 4, y + 4) } else { (y - 4, y + 14) };
        let _ = write!(svg, "<text class=\"id\" x=\"{text_x}\" y=\"{top}\">{}</text>", Escaped(&node.id));
        for pill in pills {
            pill.draw(svg, text_x, top);
        }
        if !message.is_empty() {
            let message = Escaped(message);
            let _ = write!(svg, "<text class=\"message\" x=\"{text_x}\" y=\"{bottom}\">{message}</text>");
        }
        svg.push_str("</g>\n");
    }
}

impl Pill<'_> {
    fn draw(&self, svg: &mut String, text_x: usize, baseline: usize) {
        let Self { class, text, width, .. } = *self;
        let left = offset(text_x, self.x);
        let _ = write!(
            svg,
            "<rect class=\"pill {class}\" x=\"{left:.1}\" y=\"{}\" width=\"{width:.1}\" height=\"16\" rx=\"8\"/>\
             <text class=\"word {class}\" x=\"{:.1}\" y=\"{}\">{}</text>",
            baseline - 12,
            left + width / 2.0,
            baseline,
            Escaped(text)
        );
    }
}

#[expect(clippy::cast_precision_loss, reason = "a coordinate of an image is far below 2^52")]
fn offset(start: usize, by: f64) -> f64 {
    start as f64 + by
}

/// The words of a revision that stand in frames. That it is applied is said by its filled circle.
fn pill_texts(node: &Node) -> Vec<(&'static str, &str)> {
    let badges = node.badges.iter().map(|badge| {
        let class = match badge {
            Badge::Head | Badge::EffectiveHead => "head",
            Badge::Current => "current",
            Badge::Merge => "merge",
            Badge::Label(_) => "label",
        };
        (class, badge.text())
    });
    let mark = node.mark.filter(|mark| *mark != Mark::Applied).map(|mark| (mark.word(), mark.word()));
    badges.chain(mark).collect()
}

/// What stands in the circle, so that nothing is said by colour alone.
fn sign(mark: Option<Mark>) -> Option<char> {
    match mark? {
        Mark::Applied | Mark::Pending => None,
        Mark::Edited => Some('✎'),
        Mark::Running => Some('~'),
        Mark::Unknown => Some('?'),
    }
}

fn title(node: &Node) -> String {
    let words = node.mark.map(Mark::word).into_iter().chain(node.badges.iter().map(Badge::text));
    let words: Vec<_> = words.collect();
    let mut title = node.id.clone();
    if !node.message.is_empty() {
        let _ = write!(title, ": {}", node.message);
    }
    if !words.is_empty() {
        let _ = write!(title, " ({})", words.join(", "));
    }
    title
}

/// The name of the image, how many revisions there are, and what its circles and lines mean.
struct Header {
    keys: Vec<Key>,
    width: f64,
}

struct Key {
    mark: Option<Mark>,
    text: String,
    x: f64,
}

impl Header {
    fn new(picture: &Picture) -> Self {
        let mut texts: Vec<(Option<Mark>, String)> = picture
            .tally()
            .into_iter()
            .map(|(mark, count)| (Some(mark), format!("{count} {}", mark.word())))
            .collect();
        if picture.nodes.iter().any(|node| !node.dependencies.is_empty()) {
            texts.push((None, "dependency".to_owned()));
        }
        let mut x = 0.0;
        let mut keys = Vec::new();
        for (mark, text) in texts {
            let width = columns(&text, PILL_COLUMN);
            keys.push(Key { mark, text, x });
            x += width + 34.0;
        }
        Self { keys, width: x.max(160.0) }
    }

    fn summary(&self, picture: &Picture) -> String {
        let counts: Vec<_> =
            self.keys.iter().filter(|key| key.mark.is_some()).map(|key| key.text.as_str()).collect();
        let total = revisions(picture);
        if counts.is_empty() { total } else { format!("{total}: {}", counts.join(", ")) }
    }

    fn draw(&self, svg: &mut String, picture: &Picture) {
        let _ = writeln!(
            svg,
            "<text class=\"heading\" x=\"{MARGIN}\" y=\"30\">Revision graph\
             <tspan class=\"count\" dx=\"10\">{}</tspan></text>",
            revisions(picture)
        );
        for Key { mark, text, x } in &self.keys {
            let left = offset(MARGIN, *x);
            let _ = match mark {
                Some(mark) => write!(
                    svg,
                    "<circle class=\"node lane0 {}\" cx=\"{:.1}\" cy=\"50\" r=\"4.5\"/>",
                    mark.word(),
                    left + 5.0
                ),
                None => {
                    write!(svg, "<path class=\"depends\" fill=\"none\" d=\"M{left:.1} 50h22\"/>")
                }
            };
            let text_left = left + if mark.is_some() { 16.0 } else { 28.0 };
            let _ = writeln!(svg, "<text class=\"key\" x=\"{text_left:.1}\" y=\"54\">{text}</text>");
        }
    }
}

fn revisions(picture: &Picture) -> String {
    match picture.nodes.len() {
        1 => "1 revision".to_owned(),
        number => format!("{number} revisions"),
    }
}

/// Text within an element.
struct Escaped<'a>(&'a str);

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|character| match character {
            '<' => f.write_str("&lt;"),
            '>' => f.write_str("&gt;"),
            '&' => f.write_str("&amp;"),
            '"' => f.write_str("&quot;"),
            character => f.write_char(character),
        })
    }
}
