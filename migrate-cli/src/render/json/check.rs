//! What was checked: the project, and a database beside what its revisions make.

use migrate_core::catalog::Change;
use migrate_core::runner::{RevisionFinding, Verification};
use serde::Serialize;

use super::super::finding::FindingBody;
use super::VERSION;

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
