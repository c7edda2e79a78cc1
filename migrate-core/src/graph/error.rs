//! What can be wrong with a set of revisions.

use std::fmt;

/// One fault of a set of revisions.
///
/// The order of variants is the order of reporting: faults of single names first, then of edges, then of the
/// whole. Within one kind, by revision id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[non_exhaustive]
pub enum GraphError {
    /// A revision id that no target could name.
    #[error("revision id `{}` {fault}", id.escape_debug())]
    BadId {
        /// The id as declared.
        id: String,
        /// What is wrong with it.
        fault: NameFault,
    },
    /// A branch label that no target could name.
    #[error("branch label `{}` of revision {revision} {fault}", label.escape_debug())]
    BadLabel {
        /// The revision that declares the label.
        revision: String,
        /// The label as declared.
        label: String,
        /// What is wrong with it.
        fault: NameFault,
    },
    /// Two or more revisions with the same id.
    #[error("revision {id} is declared {} times: {}", messages.len(), Quoted(messages))]
    DuplicateId {
        /// The id that they share.
        id: String,
        /// The message of each of them, sorted.
        messages: Vec<String>,
    },
    /// A branch label that is already the name of something.
    #[error("branch label `{label}` of revision {revision} is already used by revision {used_by}")]
    LabelClash {
        /// The label, or the revision id that it equals.
        label: String,
        /// The revision that declares it.
        revision: String,
        /// The revision that has the name already: by its id, or by declaring the label too.
        used_by: String,
    },
    /// A parent that is not in the graph.
    #[error("revision {revision} names parent {parent}, which does not exist")]
    UnknownParent {
        /// The revision with the edge.
        revision: String,
        /// The missing end of it.
        parent: String,
    },
    /// A dependency that is neither a revision id nor a branch label of the graph.
    #[error("revision {revision} depends on {dependency}, which does not exist")]
    UnknownDependency {
        /// The revision with the edge.
        revision: String,
        /// The missing end of it.
        dependency: String,
    },
    /// A revision that is its own parent.
    #[error("revision {revision} names itself as parent")]
    SelfParent {
        /// The revision.
        revision: String,
    },
    /// A revision that depends on itself, by its id or by a label of its own.
    #[error("revision {revision} depends on itself")]
    SelfDependency {
        /// The revision.
        revision: String,
    },
    /// Revisions that are their own ancestors.
    #[error("revisions form a cycle: {}", Ring(revisions))]
    LineageCycle {
        /// One shortest way round, each revision followed by its parent, from the smallest id.
        revisions: Vec<String>,
    },
    /// Revisions that wait for each other, with at least one `depends_on` on the way round.
    #[error("revisions and their dependencies form a cycle: {}", Ring(revisions))]
    DependencyCycle {
        /// One shortest way round, each revision followed by what it needs, from the smallest id.
        revisions: Vec<String>,
    },
}

impl GraphError {
    /// Names the class of failure in which Alembic 1.20 reports the same fault.
    ///
    /// `None` where Alembic has no error: it warns about a duplicate id and lets the last file win, it dies of
    /// a `KeyError` at an unknown name, and it accepts names that its own targets cannot express.
    pub fn alembic_category(&self) -> Option<&'static str> {
        match self {
            Self::BadId { fault: NameFault::Character('@' | '-' | '+' | ':'), .. } => {
                Some("illegal_revision_char")
            }
            Self::LabelClash { .. } => Some("label_conflict"),
            Self::SelfParent { .. } | Self::LineageCycle { .. } => Some("graph_cycle"),
            Self::SelfDependency { .. } | Self::DependencyCycle { .. } => Some("graph_dep_cycle"),
            Self::BadId { .. }
            | Self::BadLabel { .. }
            | Self::DuplicateId { .. }
            | Self::UnknownParent { .. }
            | Self::UnknownDependency { .. } => None,
        }
    }
}

/// Every fault of a set of revisions, sorted; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GraphErrors(Vec<GraphError>);

impl GraphErrors {
    pub(super) fn new(mut errors: Vec<GraphError>) -> Self {
        errors.sort_unstable();
        errors.dedup();
        Self(errors)
    }

    /// The faults: single names first, then edges, then cycles.
    pub fn errors(&self) -> &[GraphError] {
        &self.0
    }
}

impl fmt::Display for GraphErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, error) in self.0.iter().enumerate() {
            if position > 0 {
                f.write_str("; ")?;
            }
            write!(f, "{error}")?;
        }
        Ok(())
    }
}

impl std::error::Error for GraphErrors {}

/// Why a revision id or a branch label is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum NameFault {
    /// The name has no characters.
    Empty,
    /// The name is a word of the target language: `base`, `current`, `head`, `heads`.
    Reserved,
    /// The name has a character that the target language, a log line or a shell would trip over.
    Character(char),
    /// The name ends like a relative target, `-1`.
    Relative,
}

impl fmt::Display for NameFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("is empty"),
            Self::Reserved => f.write_str("is a word that targets are made of"),
            Self::Character(character) => write!(f, "must not contain {character:?}"),
            Self::Relative => f.write_str("ends like a relative target"),
        }
    }
}

/// A way round, closed: `a -> b -> a`.
struct Ring<'a>(&'a [String]);

impl fmt::Display for Ring<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for revision in self.0 {
            write!(f, "{revision} -> ")?;
        }
        f.write_str(self.0.first().map_or("", String::as_str))
    }
}

/// A list of free texts.
struct Quoted<'a>(&'a [String]);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, text) in self.0.iter().enumerate() {
            write!(f, "{}{text:?}", if position == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}
