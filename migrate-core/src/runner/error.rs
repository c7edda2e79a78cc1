use std::error::Error as StdError;
use std::time::Duration;

use super::backfills::{BackfillCommand, BackfillState};
use super::report::{BackfillProgress, Report};
use super::safety::RevisionFinding;
use super::unadopted::Unadopted;
use super::verify::VerifyError;
use crate::adopt::AdoptError;
use crate::catalog::CatalogError;
use crate::connection::{Dialect, FailureKind, classify};
pub(super) use crate::few::first_few;
use crate::graph::GraphErrors;
use crate::ledger::{LedgerRow, RowState};
use crate::lock::LockHolder;
use crate::offline::OfflineError;
use crate::plan::{Direction, NotApplicable, PlanError};
use crate::registry::RegistryError;
use crate::rehearsal::RehearsalError;

/// Why the migrations in this binary cannot be run at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MigratorError {
    /// Migrations are missing.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// The migrations form no graph.
    #[error(transparent)]
    Graph(#[from] GraphErrors),
}

/// Why a run did not do what it was asked for.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The target means nothing, or nothing definite, in this graph and state.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// What the database holds cannot be read.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// A script cannot be written.
    #[error(transparent)]
    Offline(#[from] OfflineError),
    /// The ledger holds revisions that this binary does not know (I2).
    #[error("the ledger holds {}, which this program does not know", revisions(.rows))]
    Unknown {
        /// The rows, sorted by revision.
        rows: Vec<LedgerRow>,
    },
    /// The ledger was written by a newer version of the framework.
    #[error("the ledger has format {found}, and this program reads up to {known}")]
    NewerLedger {
        /// The newest format among the rows.
        found: u32,
        /// The newest format that this version reads.
        known: u32,
        /// The program that wrote such a row.
        written_by: String,
    },
    /// The ledger holds a revision without its parents: it was edited by hand, or the graph was.
    #[error("revision {revision} is recorded as applied, but {} it builds on is not: {}",
        if .missing.len() == 1 { "the one" } else { "what" }, .missing.join(", "))]
    NotClosed {
        /// The revision.
        revision: String,
        /// What is missing below it, sorted.
        missing: Vec<String>,
    },
    /// There are tables and no ledger, so nobody has said what has been done to them; nothing was changed.
    #[error("{0}")]
    TablesWithoutLedger(Unadopted),
    /// The ledger of another tool cannot be taken over; nothing was changed.
    #[error(transparent)]
    Adopt(#[from] AdoptError),
    /// A step outside a transaction did not finish, and this command is not the one that continues it.
    #[error("revision {revision} was left in the middle of {}", doing(*.state))]
    Interrupted {
        /// The revision.
        revision: String,
        /// What it was in the middle of.
        state: RowState,
        /// Who began it.
        applied_by: String,
    },
    /// The downgrade would cross a revision that cannot be undone.
    #[error("revision {revision} is irreversible: {reason}")]
    Irreversible {
        /// The revision.
        revision: String,
        /// What its author said.
        reason: String,
    },
    /// Safety rules that are denied found something in the plan; nothing ran.
    #[error("{} refused: {}", if .findings.len() == 1 { "a safety rule" } else { "safety rules" }, refusals(.findings))]
    Unsafe {
        /// What they found, in the order of the plan.
        findings: Vec<RevisionFinding>,
    },
    /// The plan holds a revision that is written for another server.
    #[error("revision {revision} is written for {written_for}, and this database is {dialect}")]
    WrongServer {
        /// The revision.
        revision: String,
        /// The server it is written for.
        written_for: Dialect,
        /// The server of this run.
        dialect: Dialect,
    },
    /// The plan holds a step that cannot share a transaction.
    #[error("revision {revision} runs outside a transaction, so it cannot be part of one")]
    NotTransactional {
        /// The revision.
        revision: String,
    },
    /// The server has no such setting.
    #[error("{dialect} has no {setting}")]
    Unsupported {
        /// The setting.
        setting: &'static str,
        /// The server.
        dialect: Dialect,
    },
    /// The revision that was named is no backfill.
    #[error("revision {revision} is not a backfill")]
    NotABackfill {
        /// The revision, or what was given for one.
        revision: String,
    },
    /// A backfill cannot begin before what it builds on is applied.
    #[error("backfill {revision} builds on {} not applied: {}",
        if .missing.len() == 1 { "a revision that is" } else { "revisions that are" }, first_few(.missing))]
    NotNext {
        /// The backfill.
        revision: String,
        /// What is to be applied before it, parents first.
        missing: Vec<String>,
    },
    /// One revision was asked for, and it does not move without others.
    #[error("revision {revision} cannot be {} alone: {}", done(*.direction), beside(*.direction, .others))]
    NotAlone {
        /// The revision.
        revision: String,
        /// Which way it was to go.
        direction: Direction,
        /// What would have to go before it, in that order.
        others: Vec<String>,
    },
    /// Another runner held the lock for longer than this one was willing to wait.
    #[error("another run held the lock for {} s{}", .waited.as_secs(), held_by(.holder.as_ref()))]
    Locked {
        /// How long this run waited.
        waited: Duration,
        /// Who held it.
        holder: Option<LockHolder>,
    },
    /// The session is not the one that took the lock: there is a pooler in transaction mode.
    #[error("the run lock was taken on another server connection than this one")]
    SessionMoved {
        /// What this run did before.
        report: Report,
    },
    /// The lease ran out and somebody else took it.
    #[error("the lease of this run was taken over by another run")]
    LeaseTaken {
        /// What this run did before.
        report: Report,
    },
    /// The ledger changed under the run in a way that its plan does not fit any more.
    #[error("the ledger changed during the run: revision {revision} cannot be {} now", done(*.direction))]
    Diverged {
        /// The revision whose step was next.
        revision: String,
        /// The direction of that step.
        direction: Direction,
        /// What this run did before.
        report: Report,
    },
    /// A step failed (I7).
    #[error("{direction} stopped at {revision} after {} of {total} steps", .report.steps.len())]
    Stopped {
        /// The revision that failed.
        revision: String,
        /// The direction of the run.
        direction: Direction,
        /// What this run did and committed before.
        report: Report,
        /// How many steps the plan had.
        total: usize,
        /// Whether the failed step ran outside a transaction, so that a part of it may have stayed.
        half_done: bool,
        /// What failed.
        #[source]
        cause: Box<dyn StdError + Send + Sync>,
    },
    /// Somebody asked the run to stop, see [`Options::stop`](super::Options::stop). The next run goes on.
    #[error("the run was asked to stop: {} of {total} steps are done{}", .report.steps.len(), so_far(.revision, .progress.as_deref()))]
    Halted {
        /// The revision that is next, or in the middle of which it stopped.
        revision: String,
        /// How many steps the plan had.
        total: usize,
        /// What this run did and committed before.
        report: Report,
        /// How far that revision is, when it is a backfill that was begun.
        progress: Option<Box<BackfillProgress>>,
    },
    /// The same while the run waited for another one; it has done nothing.
    #[error("the run was asked to stop after it had waited for another run for {} s", .waited.as_secs())]
    HaltedWaiting {
        /// How long it waited.
        waited: Duration,
    },
    /// Revisions are pending, and the caller asked for a current database.
    #[error("the database is not up to date: {} pending: {}", .pending.len(), first_few(.pending))]
    NotCurrent {
        /// The pending revisions, parents first.
        pending: Vec<String>,
    },
    /// The target names several backfills.
    #[error("`{target}` names {} backfills: {}", .revisions.len(), first_few(.revisions))]
    SeveralBackfills {
        /// What was asked for.
        target: String,
        /// Those that it names, parents first.
        revisions: Vec<String>,
    },
    /// The backfill is in a state for which the command has no meaning.
    #[error("the backfill {revision} cannot be {command}: {}", .state.reason(.waits_for))]
    WrongState {
        /// The backfill.
        revision: String,
        /// What was asked for.
        command: BackfillCommand,
        /// The state that it is in.
        state: BackfillState,
        /// The revisions that must be applied before it and are not.
        waits_for: Vec<String>,
    },
    /// A row that was put aside could not be tried again, for a reason that has nothing to do with it.
    #[error("the row {key} of {revision} could not be tried again")]
    Unretried {
        /// The backfill.
        revision: String,
        /// The row's key, as JSON.
        key: String,
        /// What failed.
        #[source]
        cause: Box<dyn StdError + Send + Sync>,
    },
    /// A backfill cannot be rehearsed.
    #[error(transparent)]
    Rehearsal(#[from] RehearsalError),
    /// The database could not be compared with what its revisions make.
    #[error(transparent)]
    Verify(#[from] VerifyError),
    /// The database refused something outside of a step.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
}

impl Error {
    /// What kind of failure of the database stopped the run; [`FailureKind::Other`] when none did.
    #[must_use]
    pub fn failure_kind(&self) -> FailureKind {
        match self {
            Self::Database(cause) => classify(cause),
            Self::Stopped { cause, .. } | Self::Unretried { cause, .. } => classify(&**cause),
            _ => FailureKind::Other,
        }
    }
}

impl From<NotApplicable> for Error {
    fn from(error: NotApplicable) -> Self {
        match error {
            NotApplicable::NotClosed { revision, missing } => Self::NotClosed { revision, missing },
            NotApplicable::Overlap { revision, ancestor } => PlanError::Overlap { revision, ancestor }.into(),
            NotApplicable::Unknown { revisions } => {
                PlanError::UnknownApplied { revision: revisions.join(", ") }.into()
            }
        }
    }
}

fn revisions(rows: &[LedgerRow]) -> String {
    let ids: Vec<_> = rows.iter().map(|row| row.revision.clone()).collect();
    let noun = if ids.len() == 1 { "revision" } else { "revisions" };
    format!("{noun} {}", first_few(&ids))
}

fn refusals(findings: &[RevisionFinding]) -> String {
    first_few(&findings.iter().map(ToString::to_string).collect::<Vec<_>>())
}

fn doing(state: RowState) -> &'static str {
    if state == RowState::Reverting { "a downgrade" } else { "an upgrade" }
}

fn done(direction: Direction) -> &'static str {
    match direction {
        Direction::Upgrade => "applied",
        Direction::Downgrade => "undone",
    }
}

fn beside(direction: Direction, others: &[String]) -> String {
    let text = first_few(others);
    match direction {
        Direction::Upgrade => format!("the ledger does not have {text}, which it builds on"),
        Direction::Downgrade if others.len() == 1 => format!("{text} builds on it"),
        Direction::Downgrade => format!("{text} build on it"),
    }
}

fn so_far(revision: &str, progress: Option<&BackfillProgress>) -> String {
    progress.map(|progress| format!(", and of {revision} {progress}")).unwrap_or_default()
}

fn held_by(holder: Option<&LockHolder>) -> String {
    holder.map(|holder| format!(": {holder}")).unwrap_or_default()
}
