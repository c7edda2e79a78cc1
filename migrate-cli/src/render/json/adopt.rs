use std::borrow::Cow;

use migrate_core::adopt::{AdoptReport, Adopted, Source, Tool};
use serde::Serialize;

use super::VERSION;

/// `adopt` of a ledger.
#[derive(Debug, Serialize)]
pub(crate) struct AdoptDocument<'a> {
    version: u32,
    tool: &'static str,
    table: String,
    dry_run: bool,
    adopted: Vec<AdoptedBody<'a>>,
    agreeing: &'a [String],
    current: &'a [String],
}

#[derive(Debug, Serialize)]
struct AdoptedBody<'a> {
    revision: &'a str,
    /// `null` where the tool does not say.
    applied_at: Option<&'a str>,
}

impl<'a> AdoptDocument<'a> {
    pub(crate) fn new(source: &Source, report: &'a AdoptReport, dry_run: bool) -> Self {
        let body = |adopted: &'a Adopted| AdoptedBody {
            revision: &adopted.revision,
            applied_at: adopted.applied_at.as_deref(),
        };
        Self {
            version: VERSION,
            tool: source.tool.word(),
            table: source.table.to_string(),
            dry_run,
            adopted: report.adopted.iter().map(body).collect(),
            agreeing: &report.agreeing,
            current: &report.heads,
        }
    }
}

/// `adopt --from`.
#[derive(Debug, Serialize)]
pub(crate) struct AdoptedFilesDocument<'a> {
    version: u32,
    tool: &'static str,
    dry_run: bool,
    written: Vec<WrittenBody<'a>>,
}

/// A revision that was written from a tool's file.
#[derive(Debug, Serialize)]
pub(crate) struct WrittenBody<'a> {
    pub(crate) revision: &'a str,
    pub(crate) down_revisions: &'a [Cow<'static, str>],
    pub(crate) path: String,
    pub(crate) source: String,
    pub(crate) irreversible: bool,
    /// Whether its body is left to be written.
    pub(crate) unwritten: bool,
}

impl<'a> AdoptedFilesDocument<'a> {
    pub(crate) fn new(tool: Tool, dry_run: bool, written: Vec<WrittenBody<'a>>) -> Self {
        Self { version: VERSION, tool: tool.word(), dry_run, written }
    }
}
