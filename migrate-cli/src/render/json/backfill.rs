//! The documents of `backfill`.

use migrate_core::runner::{
    BackfillStatus, RejectedRow, Report, RetriedRow, RetryOutcome, RetryReport, WorkerStatus,
};
use serde::Serialize;
use serde_json::Value;

use super::VERSION;

/// `backfill list`.
#[derive(Debug, Serialize)]
pub(crate) struct BackfillsDocument<'a> {
    version: u32,
    backfills: Vec<BackfillBody<'a>>,
}

impl<'a> BackfillsDocument<'a> {
    pub(crate) fn new(all: &'a [BackfillStatus]) -> Self {
        Self { version: VERSION, backfills: all.iter().map(BackfillBody::new).collect() }
    }
}

/// `backfill status`, `pause`, `resume`, `cancel`.
#[derive(Debug, Serialize)]
pub(crate) struct BackfillDocument<'a> {
    version: u32,
    backfill: BackfillBody<'a>,
    rejected_rows: Vec<RejectedBody<'a>>,
}

impl<'a> BackfillDocument<'a> {
    pub(crate) fn new(status: &'a BackfillStatus, rejected: &'a [RejectedRow]) -> Self {
        Self {
            version: VERSION,
            backfill: BackfillBody::new(status),
            rejected_rows: rejected.iter().map(RejectedBody::new).collect(),
        }
    }
}

/// `backfill run`.
#[derive(Debug, Serialize)]
pub(crate) struct BackfillRunDocument<'a> {
    version: u32,
    /// What this run took: `null` when there was nothing left to do.
    run: Option<RunBody>,
    backfill: BackfillBody<'a>,
    current: &'a [String],
}

impl<'a> BackfillRunDocument<'a> {
    pub(crate) fn new(report: &'a Report, status: &'a BackfillStatus) -> Self {
        let step = report.steps.iter().find(|step| step.revision == status.revision);
        let run = step.map(|step| RunBody {
            duration_ms: u64::try_from(step.duration.as_millis()).unwrap_or(u64::MAX),
            rows_per_second: step.backfill.as_ref().map(|progress| progress.rate),
        });
        Self { version: VERSION, run, backfill: BackfillBody::new(status), current: &report.heads }
    }
}

#[derive(Debug, Serialize)]
struct RunBody {
    duration_ms: u64,
    rows_per_second: Option<u64>,
}

/// `backfill retry-rejected`.
#[derive(Debug, Serialize)]
pub(crate) struct RetryDocument<'a> {
    version: u32,
    revision: &'a str,
    changed: usize,
    gone: usize,
    failed: usize,
    blocking: u64,
    halted: bool,
    rows: Vec<RetriedBody<'a>>,
}

impl<'a> RetryDocument<'a> {
    pub(crate) fn new(report: &'a RetryReport) -> Self {
        Self {
            version: VERSION,
            revision: &report.revision,
            changed: report.changed(),
            gone: report.gone(),
            failed: report.failed(),
            blocking: report.blocking,
            halted: report.halted,
            rows: report.rows.iter().map(RetriedBody::new).collect(),
        }
    }
}

#[derive(Debug, Serialize)]
struct BackfillBody<'a> {
    revision: &'a str,
    message: &'a str,
    state: &'static str,
    waits_for: &'a [String],
    rows: u64,
    batches: u64,
    rejected: u64,
    blocking: u64,
    /// How many rows there were when it began; `null` when that is not known.
    total: Option<u64>,
    started_at: Option<&'a str>,
    updated_at: Option<&'a str>,
    finished_at: Option<&'a str>,
    workers: Vec<WorkerBody<'a>>,
}

impl<'a> BackfillBody<'a> {
    fn new(status: &'a BackfillStatus) -> Self {
        Self {
            revision: &status.revision,
            message: &status.message,
            state: status.state.as_str(),
            waits_for: &status.waits_for,
            rows: status.rows,
            batches: status.batches,
            rejected: status.rejected,
            blocking: status.blocking,
            total: status.total,
            started_at: status.started_at.as_deref(),
            updated_at: status.updated_at.as_deref(),
            finished_at: status.finished_at.as_deref(),
            workers: status.workers.iter().map(WorkerBody::new).collect(),
        }
    }
}

#[derive(Debug, Serialize)]
struct WorkerBody<'a> {
    worker: &'a str,
    piece: u64,
    position: Option<Value>,
    rows: u64,
    heartbeat_age_ms: u64,
    alive: bool,
}

impl<'a> WorkerBody<'a> {
    fn new(status: &'a WorkerStatus) -> Self {
        Self {
            worker: &status.worker,
            piece: status.piece,
            position: status.position.as_deref().map(key),
            rows: status.rows,
            heartbeat_age_ms: u64::try_from(status.heartbeat_age.as_millis()).unwrap_or(u64::MAX),
            alive: status.is_alive,
        }
    }
}

#[derive(Debug, Serialize)]
struct RejectedBody<'a> {
    key: Value,
    blocking: bool,
    error: &'a str,
    attempts: u64,
    worker: &'a str,
    rejected_at: &'a str,
}

impl<'a> RejectedBody<'a> {
    fn new(row: &'a RejectedRow) -> Self {
        Self {
            key: key(&row.key),
            blocking: row.blocking,
            error: &row.error,
            attempts: row.attempts,
            worker: &row.worker,
            rejected_at: &row.rejected_at,
        }
    }
}

#[derive(Debug, Serialize)]
struct RetriedBody<'a> {
    key: Value,
    outcome: &'static str,
    error: Option<&'a str>,
}

impl<'a> RetriedBody<'a> {
    fn new(row: &'a RetriedRow) -> Self {
        let (outcome, error) = match &row.outcome {
            RetryOutcome::Changed => ("changed", None),
            RetryOutcome::Gone => ("gone", None),
            RetryOutcome::Failed { error } => ("failed", Some(error.as_str())),
        };
        Self { key: key(&row.key), outcome, error }
    }
}

/// A key is JSON within the document as it is in the checkpoint.
fn key(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
}
