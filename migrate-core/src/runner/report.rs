use std::time::Duration;

use crate::plan::Direction;

/// What a run did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// The steps that this run took and committed, in order. Empty when there was nothing to do.
    pub steps: Vec<StepReport>,
    /// The current heads afterwards, sorted.
    pub heads: Vec<String>,
}

/// One step that a run took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepReport {
    /// The revision.
    pub revision: String,
    /// Whether it was applied or undone.
    pub direction: Direction,
    /// How long its body took.
    pub duration: Duration,
}

/// What a stamp wrote.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StampReport {
    /// Revisions now recorded as applied that were not before, parents first.
    pub inserted: Vec<String>,
    /// Revisions no longer recorded as applied, children first.
    pub deleted: Vec<String>,
    /// The current heads afterwards, sorted.
    pub heads: Vec<String>,
}
