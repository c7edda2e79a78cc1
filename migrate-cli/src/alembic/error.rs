//! Why a directory of scripts was not taken over.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

use migrate_core::graph::GraphErrors;

use crate::scaffold::reader::ReadError;

/// Why nothing, or not all, was written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConvertError {
    /// A file or directory could not be read.
    #[error("could not read {}", path.display())]
    Unreadable {
        /// The file or directory.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// There is no script.
    #[error("no Alembic script in {}", directory.display())]
    NoScripts {
        /// The directory.
        directory: PathBuf,
    },
    /// A file is not Python.
    #[error("{}:{line} is not Python", path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// A script does not say plainly which revision it is.
    #[error("{}: {reason}", path.display())]
    Header {
        /// The file.
        path: PathBuf,
        /// What is not plain.
        reason: String,
    },
    /// What is said of a name or of names in general is not understood.
    #[error("{option} {given}: {reason}")]
    Said {
        /// The option.
        option: &'static str,
        /// What was given.
        given: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The scripts, with what is in the target directory already, make no graph.
    #[error("the revisions do not fit together")]
    Graph {
        /// All faults.
        errors: GraphErrors,
        /// The files that declare each id that is declared more than once.
        duplicates: BTreeMap<String, Vec<PathBuf>>,
    },
    /// The SQL is not the output of Alembic's offline mode.
    #[error("{} has no `-- Running upgrade …` or `-- Running downgrade …` in it", path.display())]
    NoSections {
        /// The file.
        path: PathBuf,
    },
    /// The target directory could not be understood.
    #[error(transparent)]
    Target(#[from] ReadError),
    /// Files would be overwritten.
    #[error("{} of the files to be written {} there already: {}", paths.len(), if paths.len() == 1 { "is" } else { "are" }, shown(paths))]
    Exists {
        /// The files.
        paths: Vec<PathBuf>,
    },
    /// A file could not be written.
    #[error("could not write {}", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
}

fn shown(paths: &[PathBuf]) -> String {
    let names = paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>();
    crate::render::text::list(&names, 3)
}
