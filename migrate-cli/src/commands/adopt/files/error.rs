use std::io;
use std::path::PathBuf;

use migrate_core::adopt::Tool;

/// Why the files of another tool are not its migrations.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FilesError {
    /// The operating system refused.
    #[error("could not read {}", path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// The directory holds none.
    #[error("there are no migrations of {tool} in {}", directory.display())]
    Nothing {
        /// The tool.
        tool: Tool,
        /// The directory.
        directory: PathBuf,
    },
    /// The version in a file's name is not one.
    #[error("{} has no version that {tool} takes: `{version}`", path.display())]
    Version {
        /// The tool.
        tool: Tool,
        /// The file.
        path: PathBuf,
        /// What stands in its place.
        version: String,
    },
    /// Two files are one migration.
    #[error("{} and {} are both {id}", files[0].display(), files[1].display())]
    Duplicate {
        /// The version.
        id: String,
        /// The files.
        files: [PathBuf; 2],
    },
    /// There is a way back, and no way there.
    #[error("{} undoes what no file does", path.display())]
    NoUp {
        /// The file.
        path: PathBuf,
    },
    /// A file is not Rust.
    #[error("could not understand {}:{line}: {reason}", path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong there.
        reason: String,
    },
}
