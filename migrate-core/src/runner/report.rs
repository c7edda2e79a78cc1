use std::fmt;
use std::time::Duration;

use crate::number::grouped;
use crate::plan::{Deferred, Direction};

/// What a run did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Report {
    /// The steps that this run took and committed, in order. Empty when there was nothing to do.
    pub steps: Vec<StepReport>,
    /// The current heads afterwards, sorted.
    pub heads: Vec<String>,
    /// What was left for later, parents first; see [`Options::defer_backfills`](super::Options::defer_backfills).
    pub deferred: Box<[DeferredRevision]>,
}

/// A pending revision that an upgrade left for later.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeferredRevision {
    /// The revision.
    pub revision: String,
    /// The backfills that come first on the way to it, by id; none if it is one itself and can run now.
    pub waits_for: Vec<String>,
}

impl From<&Deferred<'_>> for DeferredRevision {
    fn from(deferred: &Deferred<'_>) -> Self {
        let waits_for = deferred.waits_for.iter().map(ToString::to_string).collect();
        Self { revision: deferred.revision.to_owned(), waits_for }
    }
}

/// One step that a run took.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StepReport {
    /// The revision.
    pub revision: String,
    /// Whether it was applied or undone.
    pub direction: Direction,
    /// How long its body took.
    pub duration: Duration,
    /// What was done, when it is a backfill.
    pub backfill: Option<BackfillProgress>,
}

/// How far a backfill is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct BackfillProgress {
    /// The rows that are changed, by all workers of all processes, now and before.
    pub rows: u64,
    /// In how many batches, those of rows that were put aside included.
    pub batches: u64,
    /// The rows that were put aside.
    pub rejected: u64,
    /// How many rows there were to do when it began; `None` when that is not known.
    pub total: Option<u64>,
    /// How many workers are at it, in all processes, when that was last looked up; at least 1.
    pub workers: u32,
    /// The last key of the batch that was just done, as JSON; of the whole table once the backfill is done.
    pub position: Option<String>,
    /// The rows of the batch that was just done; 0 in a report.
    pub batch: u32,
    /// How long this run has been at it.
    pub elapsed: Duration,
    /// How many rows a second this run changes, with all its workers.
    pub rate: u64,
}

impl fmt::Display for BackfillProgress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [rows, batches, rate] = [self.rows, self.batches, self.rate].map(grouped);
        write!(f, "{rows} rows in {batches} batches, {rate} rows/s")?;
        if self.rejected > 0 { write!(f, ", {} put aside", grouped(self.rejected)) } else { Ok(()) }
    }
}

/// What a stamp wrote.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct StampReport {
    /// Revisions now recorded as applied that were not before, parents first.
    pub inserted: Vec<String>,
    /// Revisions no longer recorded as applied, children first.
    pub deleted: Vec<String>,
    /// The current heads afterwards, sorted.
    pub heads: Vec<String>,
}
