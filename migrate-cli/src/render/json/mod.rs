//! The documents that `--json` prints.
//!
//! Shapes of their own, so that a change of the library changes no script. Each document has a `version`; fields
//! may be added to a version, never taken away or renamed.

mod adopt;
mod backfill;
#[cfg(feature = "adopt-alembic")]
mod conversion;
mod plan;
mod project;
mod rehearsal;
mod script;

use std::borrow::Cow;
use std::path::Path;

use migrate_core::catalog::Change;
use migrate_core::graph::RevisionGraph;
use migrate_core::registry::Declaration;
use migrate_core::revision::Revision;
use migrate_core::runner::{
    DeferredRevision, Filled, Report, RevisionFinding, RevisionState, StampReport, Status, Unadopted,
    Verification,
};
use serde::Serialize;

pub(crate) use self::adopt::{AdoptDocument, AdoptedFilesDocument, WrittenBody};
pub(crate) use self::backfill::{BackfillDocument, BackfillRunDocument, BackfillsDocument, RetryDocument};
#[cfg(feature = "adopt-alembic")]
pub(crate) use self::conversion::ConversionDocument;
pub(crate) use self::plan::PlanDocument;
pub(crate) use self::project::InitDocument;
pub(crate) use self::rehearsal::RehearsalDocument;
pub(crate) use self::script::ScriptDocument;
use super::finding::FindingBody;
use crate::settings::Database;

/// The version of every document.
const VERSION: u32 = 1;

/// `new` and `merge`.
#[derive(Debug, Serialize)]
pub(crate) struct NewDocument<'a> {
    version: u32,
    revision: &'a str,
    down_revisions: &'a [Cow<'static, str>],
    depends_on: &'a [Cow<'static, str>],
    branch_labels: &'a [Cow<'static, str>],
    path: String,
}

impl<'a> NewDocument<'a> {
    pub(crate) fn new(revision: &'a Revision, path: &Path) -> Self {
        Self {
            version: VERSION,
            revision: &revision.id,
            down_revisions: &revision.down_revisions,
            depends_on: &revision.depends_on,
            branch_labels: &revision.branch_labels,
            path: path.display().to_string(),
        }
    }
}

/// `history`, `heads`, `branches`, `show`, `current`.
#[derive(Debug, Serialize)]
pub(crate) struct RevisionsDocument<'a> {
    version: u32,
    revisions: Vec<RevisionBody<'a>>,
}

#[derive(Debug, Serialize)]
struct RevisionBody<'a> {
    revision: &'a str,
    down_revisions: &'a [Cow<'static, str>],
    depends_on: Vec<&'a str>,
    children: Vec<&'a str>,
    branch_labels: Vec<&'a str>,
    message: &'a str,
    head: bool,
    /// `null` where the database was not asked.
    current: Option<bool>,
    transaction: Option<bool>,
    irreversible: Option<&'a str>,
    file: Option<&'a str>,
    line: Option<u32>,
    /// Whether it is a backfill; absent where the database was not asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    backfill: Option<bool>,
    /// The backfills that it waits for; absent where the database was not asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    waits_for: Option<&'a [String]>,
}

impl<'a> RevisionsDocument<'a> {
    pub(crate) fn new(
        graph: &'a RevisionGraph,
        revisions: impl IntoIterator<Item = &'a Revision>,
        declaration: impl Fn(&str) -> Option<&'static Declaration>,
        current: Option<&[&str]>,
    ) -> Self {
        let body = |revision: &'a Revision| {
            let id = revision.id.as_ref();
            let declared = declaration(id);
            let children: Vec<_> = graph.children(id).collect();
            RevisionBody {
                revision: id,
                down_revisions: &revision.down_revisions,
                depends_on: graph.dependencies(id).collect(),
                head: children.is_empty(),
                children,
                branch_labels: graph.labels(id),
                message: &revision.message,
                current: current.map(|current| current.contains(&id)),
                transaction: declared.map(|declared| declared.transaction),
                irreversible: declared.and_then(|declared| declared.irreversible),
                file: declared.map(|declared| declared.file),
                line: declared.map(|declared| declared.line),
                backfill: None,
                waits_for: None,
            }
        };
        Self { version: VERSION, revisions: revisions.into_iter().map(body).collect() }
    }

    /// Adds what a database says of backfills.
    pub(crate) fn asked(mut self, status: &'a Status) -> Self {
        for body in &mut self.revisions {
            let found = status.revisions.iter().find(|found| found.revision == body.revision);
            body.backfill = found.map(|found| found.is_backfill);
            body.waits_for = found.map(|found| found.waits_for.as_slice());
        }
        self
    }
}

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
struct FilledBody {
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

/// A revision that is left for later.
#[derive(Debug, Serialize)]
struct LeftBody {
    revision: String,
    /// The backfills that come first on the way to it; none if it is one itself.
    waits_for: Vec<String>,
}

impl From<&DeferredRevision> for LeftBody {
    fn from(left: &DeferredRevision) -> Self {
        Self { revision: left.revision.clone(), waits_for: left.waits_for.clone() }
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

/// `verify`, and `stamp --verify` where the database is not the same.
#[derive(Debug, Serialize)]
pub(crate) struct VerificationDocument<'a> {
    version: u32,
    /// Whether the database is what the revisions make.
    same: bool,
    /// The heads that were built.
    heads: &'a [String],
    /// How many tables the revisions make.
    tables: usize,
    /// What the revisions need and do not make.
    prepared: &'a [String],
    /// From what the revisions make to what the database is: `added` is only in the database.
    difference: &'a [Change],
}

impl<'a> VerificationDocument<'a> {
    pub(crate) fn new(verification: &'a Verification) -> Self {
        Self {
            version: VERSION,
            same: verification.difference.is_empty(),
            heads: &verification.heads,
            tables: verification.tables,
            prepared: &verification.prepared,
            difference: &verification.difference.changes,
        }
    }
}

/// `check`.
#[derive(Debug, Serialize)]
pub(crate) struct CheckDocument<'a> {
    version: u32,
    ok: bool,
    checks: Vec<CheckBody<'a>>,
    /// What the safety rules found; absent when they were not asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    findings: Option<Vec<FindingBody<'a>>>,
}

#[derive(Debug, Serialize)]
struct CheckBody<'a> {
    name: &'a str,
    ok: bool,
    message: &'a str,
    revisions: &'a [String],
}

impl<'a> CheckDocument<'a> {
    /// From each check's name, verdict, message and revisions, and what the safety rules found.
    pub(crate) fn new(
        checks: impl IntoIterator<Item = (&'a str, bool, &'a str, &'a [String])>,
        findings: Option<&'a [RevisionFinding]>,
    ) -> Self {
        let checks: Vec<_> = checks
            .into_iter()
            .map(|(name, ok, message, revisions)| CheckBody { name, ok, message, revisions })
            .collect();
        let findings = findings.map(|findings| findings.iter().map(FindingBody::from).collect());
        Self { version: VERSION, ok: checks.iter().all(|check| check.ok), checks, findings }
    }
}
