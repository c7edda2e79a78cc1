use std::path::PathBuf;

use crate::app::App;
use crate::error::CommandError;
use crate::scaffold::draft::{Draft, Parents};
use crate::scaffold::template::Kind;

/// Write a migration file that joins heads
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The revisions to join, or `heads`
    #[arg(value_name = "REV", required = true)]
    revisions: Vec<String>,

    /// What the merge is for
    #[arg(short, long, value_name = "TEXT")]
    message: Option<String>,

    /// Join revisions that are no heads
    #[arg(long)]
    splice: bool,

    /// Give the branch that starts here a label; may be repeated
    #[arg(long = "branch-label", value_name = "LABEL")]
    branch_labels: Vec<String>,

    /// Choose the revision id
    #[arg(long, value_name = "ID")]
    rev_id: Option<String>,

    /// Write to this directory
    #[arg(long, value_name = "DIR")]
    directory: Option<PathBuf>,
}

pub(crate) fn run(app: &mut App, args: Args) -> Result<(), CommandError> {
    let message = args.message.map(|message| message.trim().to_owned()).unwrap_or_default();
    let draft = Draft {
        message,
        rev_id: args.rev_id,
        parents: Parents::Joined(args.revisions),
        splice: args.splice,
        branch_labels: args.branch_labels,
        depends_on: Vec::new(),
    };
    let next = "a merge may stay empty; to apply it: {program} upgrade";
    super::new::write(app, draft, Kind::Plain, args.directory, next)
}
