//! Where a database stands.

use migrate_core::graph::RevisionGraph;
use migrate_core::runner::{Filled, RevisionState, Status, Unadopted};
use serde::Serialize;

use super::VERSION;
use crate::settings::Database;

/// `status`.
#[derive(Debug, Serialize)]
pub(crate) struct StatusDocument<'a> {
    version: u32,
    database: DatabaseBody,
    ledger: bool,
    /// The tables of a database without a ledger; absent where there are none, or there is a ledger.
    #[serde(skip_serializing_if = "Option::is_none")]
    tables_without_ledger: Option<Vec<String>>,
    up_to_date: bool,
    current: &'a [String],
    heads: Vec<&'a str>,
    not_built: &'a [String],
    counts: Counts,
    revisions: Vec<StateBody<'a>>,
}

#[derive(Debug, Serialize)]
struct DatabaseBody {
    /// Without its password.
    url: String,
    server: String,
    named_by: String,
}

/// How many revisions are in each state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Counts {
    pub(crate) applied: usize,
    pub(crate) pending: usize,
    pub(crate) unfinished: usize,
    pub(crate) edited: usize,
    pub(crate) unknown: usize,
    /// Of the unfinished ones, the backfills.
    pub(crate) filling: usize,
    /// Of the pending ones, those that wait for a backfill.
    pub(crate) waiting: usize,
}

impl Counts {
    pub(crate) fn of(status: &Status) -> Self {
        let count = |state| status.in_state(state).count();
        Self {
            applied: count(RevisionState::Applied),
            pending: count(RevisionState::Pending),
            unfinished: count(RevisionState::Running) + count(RevisionState::Reverting),
            edited: status.revisions.iter().filter(|revision| revision.edited).count(),
            unknown: count(RevisionState::Unknown),
            filling: status.revisions.iter().filter(|revision| revision.filled.is_some()).count(),
            waiting: status.deferred().filter(|revision| !revision.is_due).count(),
        }
    }
}

#[derive(Debug, Serialize)]
struct StateBody<'a> {
    revision: &'a str,
    state: &'static str,
    edited: bool,
    message: &'a str,
    applied_at: Option<&'a str>,
    duration_ms: Option<u64>,
    applied_by: Option<&'a str>,
    binary_version: Option<&'a str>,
    /// Whether it is a backfill.
    backfill: bool,
    /// Whether it is one that can run now, or is half done.
    due: bool,
    /// How far it is, if it is half done.
    filled: Option<FilledBody>,
    /// The backfills that are due and that it needs.
    waits_for: &'a [String],
}

/// How far a backfill is.
#[derive(Debug, Serialize)]
pub(super) struct FilledBody {
    state: &'static str,
    rows: u64,
    rejected: u64,
    /// `null` if it was not counted.
    total: Option<u64>,
}

impl From<Filled> for FilledBody {
    fn from(filled: Filled) -> Self {
        let Filled { rows, rejected, total, state } = filled;
        Self { state, rows, rejected, total }
    }
}

impl<'a> StatusDocument<'a> {
    pub(crate) fn new(
        database: &Database,
        graph: &'a RevisionGraph,
        status: &'a Status,
        not_built: &'a [String],
    ) -> Self {
        let revisions = status.revisions.iter().map(|revision| {
            let row = revision.row.as_ref();
            let known = graph.get(&revision.revision).map(|revision| revision.message.as_ref());
            StateBody {
                revision: &revision.revision,
                state: state_name(revision.state),
                edited: revision.edited,
                message: known.or(row.map(|row| row.message.as_str())).unwrap_or_default(),
                applied_at: row.map(|row| row.applied_at.as_str()),
                duration_ms: row.and_then(|row| row.duration_ms),
                applied_by: row.map(|row| row.applied_by.as_str()),
                binary_version: row.map(|row| row.binary_version.as_str()),
                backfill: revision.is_backfill,
                due: revision.is_due,
                filled: revision.filled.map(FilledBody::from),
                waits_for: &revision.waits_for,
            }
        });
        Self {
            version: VERSION,
            database: DatabaseBody {
                url: database.url.to_string(),
                server: database.url.dialect().to_string(),
                named_by: database.origin.to_string(),
            },
            ledger: status.has_ledger,
            tables_without_ledger: status.unadopted.as_ref().map(table_names),
            up_to_date: status.is_current(),
            current: &status.heads,
            heads: graph.real_heads(),
            not_built,
            counts: Counts::of(status),
            revisions: revisions.collect(),
        }
    }
}

fn table_names(unadopted: &Unadopted) -> Vec<String> {
    unadopted.tables.iter().map(ToString::to_string).collect()
}

fn state_name(state: RevisionState) -> &'static str {
    match state {
        RevisionState::Applied => "applied",
        RevisionState::Pending => "pending",
        RevisionState::Running => "running",
        RevisionState::Reverting => "reverting",
        RevisionState::Unknown => "unknown",
    }
}
