//! Why there is no plan.

use std::fmt;

/// Why a target has no plan; each variant carries what a hint needs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// A target or a part of one that names nothing.
    #[error("cannot locate revision `{}`", name.escape_debug())]
    Unknown {
        /// The part of the target that names nothing.
        name: String,
    },
    /// A target, or the name in one, that is the empty string.
    #[error("the target is empty")]
    EmptyTarget,
    /// A prefix of several ids or labels.
    #[error("revision `{prefix}` is ambiguous: {}", List(candidates))]
    AmbiguousPrefix {
        /// The prefix as typed.
        prefix: String,
        /// The ids and labels that start with it, sorted.
        candidates: Vec<String>,
    },
    /// The part before `@` names no branch.
    #[error("no such branch: `{}`", label.escape_debug())]
    NoSuchBranch {
        /// The part before `@`.
        label: String,
    },
    /// `label@revision`, and the revision is on another branch.
    #[error("revision {revision} is not on branch `{label}`")]
    NotOnBranch {
        /// The revision's full id.
        revision: String,
        /// The part before `@`.
        label: String,
    },
    /// A target that asks for one head where there are several.
    #[error("target `{target}` matches {} heads: {}", heads.len(), List(heads))]
    MultipleHeads {
        /// The target, or the part of it that stands for the heads.
        target: String,
        /// All heads that it matches, sorted.
        heads: Vec<String>,
    },
    /// A relative target that could count from several current revisions.
    #[error("relative target `{target}` could start from {} current revisions: {}", heads.len(), List(heads))]
    AmbiguousCurrent {
        /// The target.
        target: String,
        /// The current revisions from which it could count, sorted.
        heads: Vec<String>,
    },
    /// A relative target that comes to a fork.
    #[error("relative target `{target}` forks at {}: {}", Place(from.as_deref()), List(choices))]
    AmbiguousWalk {
        /// The target.
        target: String,
        /// The revision where the ways part; `None` for base.
        from: Option<String>,
        /// The revisions among which the walk cannot choose, sorted.
        choices: Vec<String>,
    },
    /// A target relative to the current revision that leads out of the graph.
    #[error(
        "relative target `{target}` needs {asked} revisions, {walked} {}",
        if *walked == 1 { "exists" } else { "exist" }
    )]
    RelativeOverrun {
        /// The target.
        target: String,
        /// How many revisions it asks for.
        asked: usize,
        /// How many there are.
        walked: usize,
    },
    /// A target relative to the current revision that points the other way, or nowhere.
    #[error("relative target `{target}` does not lead {}", if *upgrading { "upward" } else { "downward" })]
    WrongDirection {
        /// The target.
        target: String,
        /// Whether an upgrade was asked for.
        upgrading: bool,
    },
    /// A target relative to a named revision that leads out of the graph.
    #[error("target `{target}` leads out of the history after {walked} of {asked} revisions")]
    WalkedTooFar {
        /// The target.
        target: String,
        /// How many revisions it asks for.
        asked: usize,
        /// How many there are.
        walked: usize,
    },
    /// A relative downgrade on a branch of which nothing is applied.
    #[error("nothing on branch `{label}` is applied")]
    BranchNotApplied {
        /// The part before `@`.
        label: String,
    },
    /// A revision that is required together with one of its own ancestors, as if they were two heads.
    #[error("revision {revision} overlaps with {ancestor}, which is below it")]
    Overlap {
        /// The upper revision.
        revision: String,
        /// The lower one.
        ancestor: String,
    },
    /// An upgrade to a revision that is left for later, or that needs one that is.
    #[error("revision {revision} is deferred{}", Behind(waits_for))]
    Deferred {
        /// The revision.
        revision: String,
        /// The deferred revisions that come first on the way to it, by id; none if it is one itself.
        waits_for: Vec<String>,
    },
    /// A downgrade to something that is not below the current revisions.
    #[error("`{target}` is not below the current revisions {}", List(heads))]
    NotDowngradeTarget {
        /// The target.
        target: String,
        /// The current revisions, sorted.
        heads: Vec<String>,
    },
    /// A downgrade to the end of a branch: nothing above the target is on it.
    #[error("nothing on branch `{label}` is above target `{target}`")]
    BranchNotDowngradeTarget {
        /// The target.
        target: String,
        /// The part before `@`, or the current revision that a relative target counts from.
        label: String,
    },
    /// The applied set has a revision that the graph does not know.
    #[error("revision {revision} is applied, but not in this history")]
    UnknownApplied {
        /// The revision, as recorded.
        revision: String,
    },
    /// `a:b` where a single target belongs.
    #[error("a range is not a target: `{target}`")]
    RangeNotAllowed {
        /// The target.
        target: String,
    },
    /// A range that is not two targets around one colon.
    #[error("malformed range `{range}`")]
    MalformedRange {
        /// The range.
        range: String,
    },
    /// An offline downgrade that does not say where it starts.
    #[error("an offline downgrade needs a range, `<from>:<to>`, not `{target}`")]
    OfflineDowngradeNeedsRange {
        /// The target.
        target: String,
    },
    /// A range whose start is not below its end.
    #[error("`{start}` is not below `{end}`")]
    RangeNotAncestor {
        /// The start of the range.
        start: String,
        /// The end of the range.
        end: String,
    },
    /// `current` where the applied set is not known.
    #[error("`current` needs a database")]
    CurrentUnavailable,
}

impl PlanError {
    /// Names the classes of failure in which Alembic 1.20 reports the same.
    ///
    /// None where Alembic has no error message of its own: it dies of an assertion, or has no such case. Two for
    /// an applied revision that it does not know, which it takes for a branch now and then.
    pub fn alembic_categories(&self) -> &'static [&'static str] {
        match self {
            Self::Unknown { .. } => &["cannot_locate"],
            Self::UnknownApplied { .. } => &["cannot_locate", "no_such_branch"],
            Self::AmbiguousPrefix { .. } => &["ambiguous_partial"],
            Self::NoSuchBranch { .. } => &["no_such_branch"],
            Self::NotOnBranch { .. } => &["not_member_of_branch"],
            Self::MultipleHeads { .. } => &["multiple_heads"],
            Self::AmbiguousCurrent { .. } => &["ambiguous_current"],
            Self::AmbiguousWalk { .. } => &["ambiguous_walk"],
            Self::RelativeOverrun { .. } | Self::WrongDirection { .. } => &["relative_overrun"],
            Self::WalkedTooFar { .. } => &["walked_too_far"],
            Self::Overlap { .. } => &["overlap"],
            Self::NotDowngradeTarget { .. } => &["not_downgrade_target"],
            Self::BranchNotDowngradeTarget { .. } => &["branch_not_downgrade_target"],
            Self::RangeNotAllowed { .. } => &["range_not_allowed"],
            Self::OfflineDowngradeNeedsRange { .. } => &["other"],
            Self::EmptyTarget
            | Self::Deferred { .. }
            | Self::BranchNotApplied { .. }
            | Self::MalformedRange { .. }
            | Self::RangeNotAncestor { .. }
            | Self::CurrentUnavailable => &[],
        }
    }
}

/// A comma-separated list.
pub(super) struct List<'a>(pub(super) &'a [String]);

impl fmt::Display for List<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(", "))
    }
}

/// What a revision waits for, if anything.
struct Behind<'a>(&'a [String]);

impl fmt::Display for Behind<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { Ok(()) } else { write!(f, ": it waits for {}", List(self.0)) }
    }
}

/// A revision, or the place below all of them.
struct Place<'a>(Option<&'a str>);

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.unwrap_or("base"))
    }
}
