//! Source files: reading them, and what a new one may be.

use std::io;
use std::path::Path;

use migrate_core::graph::RevisionGraph;
use migrate_core::plan::PlanError;

use super::target::{graph_faults, several_parents, target};
use super::{CommandError, ErrorKind};
use crate::scaffold::draft::DraftError;
use crate::scaffold::reader::ReadError;
use crate::scaffold::tree::TreeError;

/// Source files that could not be read, or make no graph.
pub(crate) fn tree(error: &TreeError) -> CommandError {
    match error {
        TreeError::Read(error) => reading(error),
        TreeError::Absent { .. } => CommandError::new(ErrorKind::Source, "absent_crate", error)
            .hint("its `MANIFEST` carries them when `migrations!` made it; a copy of it does not"),
        TreeError::Graph { errors, duplicates, .. } => {
            let mut told = graph_faults(errors);
            for (id, files) in duplicates {
                let files: Vec<_> = files.iter().map(|file| file.display().to_string()).collect();
                told = told.hint(format_args!("{id} stands in {}", files.join(" and ")));
            }
            told
        }
    }
}

/// A source file that could not be read.
pub(super) fn reading(error: &ReadError) -> CommandError {
    let told = |code| CommandError::new(ErrorKind::Source, code, error).sources(error);
    match error {
        ReadError::NoDirectory { .. } => told("no_directory").hint(
            "this binary was compiled on another machine or the sources moved: name the directory with \
             --directory, or build here",
        ),
        ReadError::Io { .. } => told("unreadable"),
        ReadError::Syntax { .. } => told("syntax").hint("`cargo check` shows the place"),
    }
}

/// A new revision that cannot be.
pub(crate) fn drafting(error: &DraftError, graph: &RevisionGraph) -> CommandError {
    let told = |code| CommandError::new(ErrorKind::Target, code, error);
    match error {
        DraftError::Target(error @ PlanError::MultipleHeads { heads, .. }) => several_parents(error, heads),
        DraftError::Target(error) => target(error, graph),
        DraftError::NotAHead { .. } => told("not_a_head")
            .hint("--splice starts a second branch there; without --head the new revision goes on top"),
        DraftError::NothingToJoin { revisions } => {
            let told = told("nothing_to_join");
            if revisions.is_empty() {
                told.hint("`{program} heads` lists what could be joined")
            } else {
                told.hint("there is one head, so nothing is open")
            }
        }
        DraftError::AlreadyJoined { .. } => {
            told("already_joined").hint("name heads: `{program} heads` lists them")
        }
        DraftError::Duplicate { .. } => told("duplicate_id").hint("leave --rev-id out for a random one"),
        DraftError::NotAFileName { .. } => told("bad_id").hint("letters, digits, `_` and `.` are fine"),
        DraftError::Graph(errors) => CommandError { kind: ErrorKind::Target, ..graph_faults(errors) },
    }
}

/// A file that could not be written.
pub(crate) fn writing(error: &io::Error, directory: &Path) -> CommandError {
    let message = format!("could not write to {}", directory.display());
    let told = CommandError::new(ErrorKind::Source, "unwritable", message).cause(error);
    match error.kind() {
        io::ErrorKind::AlreadyExists => told.hint("the file is there already and was left alone"),
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            told.hint("the directory does not take new files: check its owner and permissions")
        }
        _ => told,
    }
}
