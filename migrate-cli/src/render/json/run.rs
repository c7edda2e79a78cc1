//! What a run has done, and what a stamp has recorded.

use migrate_core::runner::{DeferredRevision, Report, StampReport, Verification};
use serde::Serialize;

use super::VERSION;

/// `upgrade`, `downgrade`, `redo`.
#[derive(Debug, Serialize)]
pub(crate) struct RunDocument {
    version: u32,
    steps: Vec<DoneStep>,
    current: Vec<String>,
    /// What was left for later.
    deferred: Vec<LeftBody>,
}

#[derive(Debug, Serialize)]
struct DoneStep {
    revision: String,
    direction: String,
    duration_ms: u64,
}

impl RunDocument {
    /// One document for reports that follow each other.
    pub(crate) fn new(reports: &[Report]) -> Self {
        let steps = reports.iter().flat_map(|report| &report.steps).map(|step| DoneStep {
            revision: step.revision.clone(),
            direction: step.direction.to_string(),
            duration_ms: u64::try_from(step.duration.as_millis()).unwrap_or(u64::MAX),
        });
        let current = reports.last().map(|report| report.heads.clone()).unwrap_or_default();
        let deferred = reports.last().map(|report| report.deferred.iter().map(LeftBody::from).collect());
        Self { version: VERSION, steps: steps.collect(), current, deferred: deferred.unwrap_or_default() }
    }
}

/// A revision that is left for later.
#[derive(Debug, Serialize)]
pub(super) struct LeftBody {
    revision: String,
    /// The backfills that come first on the way to it; none if it is one itself.
    waits_for: Vec<String>,
}

impl From<&DeferredRevision> for LeftBody {
    fn from(left: &DeferredRevision) -> Self {
        Self { revision: left.revision.clone(), waits_for: left.waits_for.clone() }
    }
}

/// `stamp`.
#[derive(Debug, Serialize)]
pub(crate) struct StampDocument<'a> {
    version: u32,
    inserted: &'a [String],
    deleted: &'a [String],
    current: &'a [String],
    /// Whether the database was compared with what the revisions make, and is that.
    verified: bool,
}

impl<'a> StampDocument<'a> {
    pub(crate) fn new(report: &'a StampReport, verification: Option<&Verification>) -> Self {
        Self {
            version: VERSION,
            inserted: &report.inserted,
            deleted: &report.deleted,
            current: &report.heads,
            verified: verification.is_some(),
        }
    }
}
