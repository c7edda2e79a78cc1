//! Drawings of the revision graph.
//!
//! Pure: a graph and what is known of a database in, text out. [`Picture`] decides what there is to draw, newest
//! first; each format only says how it looks.

pub(crate) mod dot;
mod lanes;
pub(crate) mod mermaid;
pub(crate) mod svg;
pub(crate) mod terminal;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use migrate_core::graph::RevisionGraph;
use migrate_core::runner::{RevisionState, RevisionStatus, Status};

/// What there is to draw: every revision once, newest first, each above what it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Picture {
    pub(crate) nodes: Vec<Node>,
}

/// A revision in a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Node {
    /// Its id, safe to show.
    pub(crate) id: String,
    /// Its message on one line, safe to show.
    pub(crate) message: String,
    /// Where it stands in a database; absent when no database was asked.
    pub(crate) mark: Option<Mark>,
    /// What else is worth a word.
    pub(crate) badges: Vec<Badge>,
    /// The positions of its parents; all of them come later.
    pub(crate) parents: Vec<usize>,
    /// The positions of what it depends on; all of them come later.
    pub(crate) dependencies: Vec<usize>,
}

/// Where a revision stands in a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mark {
    /// Applied.
    Applied,
    /// Applied, and its source was changed since.
    Edited,
    /// Begun and not finished.
    Running,
    /// Not applied.
    Pending,
    /// Applied, but not part of this binary.
    Unknown,
}

/// What is worth a word beside a revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Badge {
    /// Nothing follows it.
    Head,
    /// No child follows it, but another revision depends on it.
    EffectiveHead,
    /// It is one of the database's current heads.
    Current,
    /// It has several parents.
    Merge,
    /// The branch label that it declares.
    Label(String),
}

impl Mark {
    /// Every mark, in the order of a legend.
    pub(crate) const ALL: [Self; 5] =
        [Self::Applied, Self::Edited, Self::Running, Self::Pending, Self::Unknown];

    /// The mark of a revision in a database's status.
    fn of(status: &RevisionStatus) -> Self {
        match status.state {
            RevisionState::Applied if status.edited => Self::Edited,
            RevisionState::Applied => Self::Applied,
            RevisionState::Pending => Self::Pending,
            RevisionState::Running | RevisionState::Reverting => Self::Running,
            RevisionState::Unknown => Self::Unknown,
        }
    }

    /// The mark in a word.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Edited => "edited",
            Self::Running => "unfinished",
            Self::Pending => "pending",
            Self::Unknown => "unknown",
        }
    }
}

impl Badge {
    /// The badge in a word or two.
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Head => "head",
            Self::EffectiveHead => "effective head",
            Self::Current => "current",
            Self::Merge => "merge",
            Self::Label(label) => label,
        }
    }
}

impl Picture {
    /// Decides what there is to draw.
    ///
    /// What only the database knows comes first: it was most likely applied by a newer version.
    pub(crate) fn new(graph: &RevisionGraph, status: Option<&Status>) -> Self {
        let strangers: Vec<_> =
            status.into_iter().flat_map(|status| status.in_state(RevisionState::Unknown)).collect();
        let order: Vec<_> = graph.topological().rev().collect();
        let position: HashMap<&str, usize> = order
            .iter()
            .enumerate()
            .map(|(at, revision)| (revision.id.as_ref(), strangers.len() + at))
            .collect();
        let marks: HashMap<&str, Mark> = status
            .into_iter()
            .flat_map(|status| &status.revisions)
            .map(|status| (status.revision.as_str(), Mark::of(status)))
            .collect();
        let badges = Badges::new(graph, status);
        let mut nodes: Vec<Node> = strangers.into_iter().map(stranger).collect();
        nodes.extend(order.into_iter().map(|revision| {
            let id = revision.id.as_ref();
            Node {
                id: printable(id),
                message: printable(&revision.message),
                mark: marks.get(id).copied(),
                badges: badges.of(id, &revision.branch_labels),
                parents: graph.parents(id).map(|parent| position[parent]).collect(),
                dependencies: graph.dependencies(id).map(|needed| position[needed]).collect(),
            }
        }));
        Self { nodes }
    }

    /// How many revisions bear each mark, without those that none bears.
    pub(crate) fn tally(&self) -> Vec<(Mark, usize)> {
        let count = |mark| self.nodes.iter().filter(|node| node.mark == Some(mark)).count();
        Mark::ALL.into_iter().map(|mark| (mark, count(mark))).filter(|&(_, count)| count > 0).collect()
    }

    /// How many edges there are, of both kinds.
    pub(crate) fn edges(&self) -> usize {
        self.nodes.iter().map(|node| node.parents.len() + node.dependencies.len()).sum()
    }
}

/// A revision that the ledger alone knows.
fn stranger(status: &RevisionStatus) -> Node {
    Node {
        id: printable(&status.revision),
        message: status.row.as_ref().map(|row| printable(&row.message)).unwrap_or_default(),
        mark: Some(Mark::Unknown),
        badges: Vec::new(),
        parents: Vec::new(),
        dependencies: Vec::new(),
    }
}

/// The answers that badges rest on, asked once.
struct Badges<'a> {
    graph: &'a RevisionGraph,
    heads: BTreeSet<&'a str>,
    real_heads: BTreeSet<&'a str>,
    current: BTreeSet<&'a str>,
}

impl<'a> Badges<'a> {
    fn new(graph: &'a RevisionGraph, status: Option<&'a Status>) -> Self {
        let current = status.into_iter().flat_map(|status| &status.heads).map(String::as_str).collect();
        Self {
            graph,
            heads: graph.heads().into_iter().collect(),
            real_heads: graph.real_heads().into_iter().collect(),
            current,
        }
    }

    fn of(&self, id: &str, labels: &[Cow<'static, str>]) -> Vec<Badge> {
        let mut badges = Vec::new();
        if self.real_heads.contains(id) {
            badges.push(Badge::Head);
        } else if self.heads.contains(id) {
            badges.push(Badge::EffectiveHead);
        }
        if self.current.contains(id) {
            badges.push(Badge::Current);
        }
        if self.graph.parents(id).nth(1).is_some() {
            badges.push(Badge::Merge);
        }
        badges.extend(labels.iter().map(|label| Badge::Label(printable(label))));
        badges
    }
}

/// One line of text that cannot move the cursor, change colours or turn the direction of what follows.
fn printable(text: &str) -> String {
    text.trim()
        .chars()
        .map(|character| match character {
            '\u{2028}' | '\u{2029}' => ' ',
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' => {
                char::REPLACEMENT_CHARACTER
            }
            '\u{fffe}' | '\u{ffff}' => char::REPLACEMENT_CHARACTER,
            character if character.is_control() => ' ',
            character => character,
        })
        .collect()
}

/// Cuts text to a number of terminal columns, with an ellipsis where something is missing.
fn cut(text: &str, columns: usize) -> String {
    use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

    if text.width() <= columns {
        return text.to_owned();
    }
    let (mut kept, mut left) = (String::new(), columns.saturating_sub(1));
    for character in text.chars() {
        match left.checked_sub(character.width().unwrap_or(0)) {
            Some(rest) => left = rest,
            None => break,
        }
        kept.push(character);
    }
    format!("{}…", kept.trim_end())
}
