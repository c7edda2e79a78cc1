use std::path::{Path, PathBuf};

use migrate_core::adopt::Tool;

use super::Named;
use crate::app::App;
use crate::error::CommandError;

/// The tool's files.
#[derive(Debug, clap::Args)]
pub(super) struct DirectoryArgs {
    /// Write revisions from the tool's files in this directory
    #[arg(long, value_name = "DIR", conflicts_with_all = ["dry_run", "table"])]
    from: Option<PathBuf>,

    /// Write them to this directory instead of the crate's own
    #[arg(long, value_name = "DIR", requires = "from")]
    into: Option<PathBuf>,
}

impl DirectoryArgs {
    /// The directories, if files were asked for.
    pub(super) fn named(&self) -> Option<Named<'_>> {
        self.from.as_ref().map(|from| (from, self.into.as_ref()))
    }
}

pub(super) fn run(
    _app: &mut App,
    tool: Tool,
    from: &Path,
    _into: Option<&PathBuf>,
) -> Result<(), CommandError> {
    Err(CommandError::new(
        crate::error::ErrorKind::Usage,
        "not_converted",
        format_args!("{tool} {}", from.display()),
    ))
}
