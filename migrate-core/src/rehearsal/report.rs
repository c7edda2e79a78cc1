use std::time::Duration;

use super::change::TableChanges;
use super::finding::Finding;
use super::projection::{Measure, Projection};
use crate::connection::Dialect;

/// What came of a rehearsal; the database is as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rehearsal {
    /// The revision.
    pub revision: String,
    /// The server.
    pub dialect: Dialect,
    /// The last key that earlier runs have done, as JSON; `None` at the beginning of the table.
    pub after: Option<String>,
    /// How many rows were done without an error.
    pub rows: u64,
    /// How many places of the table they are from; the first is where the next run goes on.
    pub places: usize,
    /// How the sample ended.
    pub ended: Ended,
    /// The batches that were measured: all that went well but for the first row, which is there to warm up.
    pub measures: Vec<Measure>,
    /// How long it took, all in all.
    pub elapsed: Duration,
    /// How many rows remain to be done, by the backfill's own count.
    pub remaining: Remaining,
    /// How many rows will be visited; `None` when it is not known.
    pub to_do: Option<u64>,
    /// What the whole will take; `None` when no batch went well or it is not known how many rows there are.
    pub projection: Option<Projection>,
    /// By how many bytes the file of an SQLite database would have grown; `None` on PostgreSQL.
    pub growth_bytes: Option<u64>,
    /// The tables that were written, with examples of their rows.
    pub tables: Vec<TableChanges>,
    /// Over how many of the rows it is counted what was written.
    pub counted_rows: u64,
    /// Why the changes of rows cannot be told, where that is so.
    pub unseen: Option<String>,
    /// The sequences that moved meanwhile: they do not go back.
    pub sequences: Vec<String>,
    /// What would stop the backfill, or surprise its author.
    pub findings: Vec<Finding>,
}

impl Rehearsal {
    /// How many rows failed alone.
    #[must_use]
    pub fn bad_rows(&self) -> u64 {
        bad_rows(&self.findings)
    }
}

/// How many rows of the findings failed alone.
pub(crate) fn bad_rows(findings: &[Finding]) -> u64 {
    findings.iter().map(|finding| u64::from(matches!(finding, Finding::Row { .. }))).sum()
}

/// How many rows remain to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remaining {
    /// So many.
    Rows(u64),
    /// The count took longer than a rehearsal waits for it.
    TooLong,
    /// The count fails; a finding says how.
    Failed,
}

/// How a sample ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// It has as many rows as were asked for.
    Full,
    /// No row is left but for those that others are at work on: the sample is everything.
    AllRows,
    /// It took as long as it may.
    OutOfTime,
    /// A failure that more rows would not shed light on; the findings have it.
    Failed,
    /// Somebody asked the run to stop.
    Stopped,
}
