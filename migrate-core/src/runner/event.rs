use std::fmt;
use std::time::Duration;

use super::report::BackfillProgress;
use super::retry::RetryOutcome;
use crate::lock::LockHolder;
use crate::plan::Direction;

/// Something that happens during a run.
///
/// `Display` is one line for a log; a step that begins reads as in Alembic's log.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// Another runner holds the run lock; told at once and then every ten seconds.
    Waiting {
        /// How long this run has waited.
        waited: Duration,
        /// Who holds it.
        holder: Option<LockHolder>,
    },
    /// A step begins.
    Started {
        /// The revision.
        revision: String,
        /// Whether it is applied or undone.
        direction: Direction,
        /// The step as Alembic logs it: `upgrade def456 -> abc123, Add email_verified`.
        description: String,
        /// Its place in the plan, from 1.
        number: usize,
        /// How many steps the plan has.
        total: usize,
    },
    /// A step is committed; in a single transaction: is done, and will be committed with the others.
    Finished {
        /// The revision.
        revision: String,
        /// Whether it was applied or undone.
        direction: Direction,
        /// How long its body took.
        duration: Duration,
    },
    /// Another runner did this step in the meantime.
    AlreadyDone {
        /// The revision.
        revision: String,
        /// The direction of the step.
        direction: Direction,
    },
    /// A step outside a transaction, or a backfill, which an earlier run began and did not finish, goes on.
    Resumed {
        /// The revision.
        revision: String,
        /// Who began it.
        applied_by: String,
    },
    /// A step, or the whole of a single transaction, is tried again after a passing failure.
    Retrying {
        /// The revision that failed.
        revision: String,
        /// Which retry this is, from 1.
        attempt: u32,
        /// How long the run waits before it.
        delay: Duration,
        /// What failed.
        cause: String,
    },
    /// One operation of a step outside a transaction is tried again after a passing failure.
    RetryingOperation {
        /// The revision.
        revision: String,
        /// What the operation does.
        operation: String,
        /// Which retry this is, from 1.
        attempt: u32,
        /// How long the run waits before it.
        delay: Duration,
        /// What failed.
        cause: String,
    },
    /// A batch of a backfill is committed.
    Progress {
        /// The revision.
        revision: String,
        /// How far it is.
        progress: BackfillProgress,
    },
    /// A row of a backfill is put aside.
    Rejected {
        /// The revision.
        revision: String,
        /// The row's key, as JSON.
        key: String,
        /// What failed.
        cause: String,
    },
    /// A row that was put aside was tried once more.
    Retried {
        /// The revision.
        revision: String,
        /// The row's key, as JSON.
        key: String,
        /// What came of it.
        outcome: RetryOutcome,
    },
    /// A backfill is paused from elsewhere: the run stays, and looks once a second whether it is resumed.
    Paused {
        /// The revision.
        revision: String,
    },
    /// A paused backfill goes on.
    Unpaused {
        /// The revision.
        revision: String,
    },
    /// A backfill waits before its next batch; told when it begins to wait and then every ten seconds.
    HeldBack {
        /// The revision.
        revision: String,
        /// What it waits for.
        reason: String,
    },
    /// The lag of standbys limits a backfill, and this login may not see it: they count as not being behind.
    LagUnknown {
        /// The revision.
        revision: String,
    },
    /// A worker of a backfill goes on where another one has left.
    PieceTaken {
        /// The revision.
        revision: String,
        /// Who had the piece before.
        worker: String,
        /// The last key that is done, as JSON; `None` at the beginning of the table.
        position: Option<String>,
    },
    /// Another worker has taken over the piece of one of this run, which takes a new one.
    PieceLost {
        /// The revision.
        revision: String,
    },
    /// A connection of a backfill was lost, and is opened again after a while.
    Reconnecting {
        /// The revision.
        revision: String,
        /// Which try this is, from 1.
        attempt: u32,
        /// How long the worker waits before it.
        delay: Duration,
        /// What failed.
        cause: String,
    },
    /// Several workers were asked for where there is only one writer.
    OneWorker {
        /// The revision.
        revision: String,
        /// How many were asked for.
        asked: u32,
    },
    /// The source of an applied migration is not what it was when it was applied.
    Edited {
        /// The revision.
        revision: String,
    },
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Waiting { waited, holder } => {
                f.write_str("Waiting for another run")?;
                if let Some(holder) = holder {
                    write!(f, " ({holder})")?;
                }
                if waited.as_secs() > 0 { write!(f, ", {} s so far", waited.as_secs()) } else { Ok(()) }
            }
            Self::Started { description, .. } => write!(f, "Running {description}"),
            Self::Finished { revision, direction, duration } => {
                write!(f, "Finished {direction} {revision} in {} ms", duration.as_millis())
            }
            Self::AlreadyDone { revision, direction } => {
                write!(f, "Another run did {direction} {revision} already")
            }
            Self::Resumed { revision, applied_by } => {
                write!(f, "Resuming {revision}, which {applied_by} began and did not finish")
            }
            Self::Retrying { revision, attempt, delay, cause } => {
                write!(f, "Retrying {revision} in {} ms (retry {attempt}): {cause}", delay.as_millis())
            }
            Self::RetryingOperation { revision, operation, attempt, delay, cause } => {
                let ms = delay.as_millis();
                write!(f, "Retrying `{operation}` of {revision} in {ms} ms (retry {attempt}): {cause}")
            }
            Self::Progress { revision, progress } => write!(f, "Backfill {revision}: {progress}"),
            Self::Rejected { revision, key, cause } => {
                write!(f, "Backfill {revision} puts the row {key} aside: {cause}")
            }
            Self::Retried { revision, key, outcome } => match outcome {
                RetryOutcome::Changed => write!(f, "Backfill {revision} changed the row {key}"),
                RetryOutcome::Gone => write!(f, "Backfill {revision} has no row {key} to change any more"),
                RetryOutcome::Failed { error } => {
                    write!(f, "Backfill {revision} fails at the row {key}: {error}")
                }
            },
            Self::Paused { revision } => write!(f, "Backfill {revision} is paused"),
            Self::Unpaused { revision } => write!(f, "Backfill {revision} goes on"),
            Self::HeldBack { revision, reason } => write!(f, "Backfill {revision} waits: {reason}"),
            Self::LagUnknown { revision } => {
                write!(f, "Backfill {revision} cannot see how far the standbys are behind")
            }
            Self::PieceTaken { revision, worker, position } => {
                let place =
                    position.as_ref().map_or("at the beginning".to_owned(), |key| format!("after {key}"));
                write!(f, "Backfill {revision} goes on {place}, where {worker} has left")
            }
            Self::PieceLost { revision } => {
                write!(f, "Backfill {revision}: another worker has taken over a piece of this run")
            }
            Self::Reconnecting { revision, attempt, delay, cause } => {
                let ms = delay.as_millis();
                // What libpq says has lines.
                let cause = cause.lines().map(str::trim).collect::<Vec<_>>().join("; ");
                write!(f, "Backfill {revision} connects again in {ms} ms (try {attempt}): {cause}")
            }
            Self::OneWorker { revision, asked } => {
                write!(f, "Backfill {revision} has one worker and not {asked}: the database has one writer")
            }
            Self::Edited { revision } => write!(f, "Revision {revision} was edited after it was applied"),
        }
    }
}
