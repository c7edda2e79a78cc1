//! The ledger of another tool.

use migrate_core::adopt::{AdoptError, Row, Tool};
use migrate_core::graph::RevisionGraph;

use super::run::when;
use super::{CommandError, ErrorKind};
use crate::commands::FilesError;

/// How many rows are told one by one.
const SHOWN: usize = 5;

/// A ledger that cannot be taken over.
pub(super) fn refused(error: &AdoptError, graph: &RevisionGraph) -> CommandError {
    let told = |code| CommandError::new(ErrorKind::Ledger, code, error);
    let told = match error {
        AdoptError::NoTable { tool, .. } => told("no_other_ledger")
            .hint("is this the database that was meant? `{program} status` names it")
            .hint(format_args!(
                "if {tool} was told to use another table: --table <table>, or <schema>.<table>"
            )),
        AdoptError::Failed { tool, rows } => rows_of(told("other_failed"), rows)
            .hint(format_args!("put that right with {tool} first: only it knows what is half done")),
        AdoptError::NoRevision { tool, rows } => rows_of(told("no_revision"), rows)
            .hint(revisions_of(*tool))
            .hint("if they are there already, this program is older than the database: pull, and build again")
            .hint(
                "if what they did is in other revisions: `{program} stamp --verify <revision>` compares, and \
                 records that",
            ),
        AdoptError::Overlap { revision, .. } => told("other_overlaps").hint(format_args!(
            "Alembic itself stops at that; if the database is at {revision}: alembic stamp --purge {revision}"
        )),
        AdoptError::NotClosed { tool, above, .. } => told("other_not_closed")
            .hint(format_args!("apply what is missing with {tool} first, then adopt"))
            .hint(format_args!(
                "if the database has it all the same, record everything: {{program}} stamp {}",
                heads(graph, above)
            )),
        AdoptError::Differs { ours, theirs, .. } => {
            told("other_differs").hint("`{program} status` shows what the ledger holds").hint(format_args!(
                "if the database has both: {{program}} stamp {}",
                heads(graph, &[ours.as_slice(), theirs].concat())
            ))
        }
        AdoptError::Undone { revisions, .. } => {
            told("undone_since").hint("to apply them again: {program} upgrade").hint(format_args!(
                "if the database has them again: {{program}} stamp {}",
                heads(graph, revisions)
            ))
        }
        _ => told("not_adopted"),
    };
    told.hint("nothing was changed")
}

fn rows_of(told: CommandError, rows: &[Row]) -> CommandError {
    let told = rows.iter().take(SHOWN).fold(told, |told, row| {
        let name = row.description.as_ref().map(|name| format!(" ({name})")).unwrap_or_default();
        let at = row.applied_at.as_ref().map(|at| format!(", of {}", when(at))).unwrap_or_default();
        told.cause(format_args!("{}{name}{at}", row.version))
    });
    match rows.len().saturating_sub(SHOWN) {
        0 => told,
        more => told.cause(format_args!("and {more} more")),
    }
}

/// Where the revisions for a tool's rows come from.
fn revisions_of(tool: Tool) -> String {
    match tool {
        Tool::Diesel => {
            "`migrations!(\"src/versions\", diesel = \"../migrations\")` makes revisions of Diesel's \
                         own directory"
                .to_owned()
        }
        tool => format!(
            "to write revisions for {tool}'s own files: {{program}} adopt {} --from <directory>",
            tool.word()
        ),
    }
}

/// The highest of the revisions, as arguments.
fn heads(graph: &RevisionGraph, revisions: &[String]) -> String {
    graph.maximal(revisions.iter().map(String::as_str)).join(" ")
}

/// Files that are not the migrations of another tool.
pub(crate) fn files(error: &FilesError) -> CommandError {
    let told = |code| CommandError::new(ErrorKind::Source, code, error).sources(error);
    match error {
        FilesError::Io { .. } => told("unreadable"),
        FilesError::Nothing { tool, .. } => told("no_files").hint(match tool {
            Tool::Sqlx => "sqlx takes <version>_<description>.sql, or .up.sql and .down.sql",
            Tool::Refinery => "refinery takes V<version>__<name>.sql and .rs",
            _ => "SeaORM's are m<date>_<time>_<name>.rs, in the `src` of its migration crate",
        }),
        FilesError::Version { .. } => told("bad_version").hint("the tool itself stops at that file"),
        FilesError::Duplicate { .. } => told("duplicate_version")
            .hint("a number is one migration: give one of them another, or remove it"),
        FilesError::NoUp { .. } => told("no_up").hint("write the file that it undoes, or remove it"),
        FilesError::Syntax { .. } => told("syntax"),
    }
}
