//! Revisions as the graph and the attributes have them.

use std::borrow::Cow;
use std::path::Path;

use migrate_core::graph::RevisionGraph;
use migrate_core::registry::Declaration;
use migrate_core::revision::Revision;
use migrate_core::runner::Status;
use serde::Serialize;

use super::VERSION;

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
