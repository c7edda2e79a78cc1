use super::rehearse::{self, RehearsalArgs};
use crate::app::App;
use crate::error::CommandError;

/// Rehearse a backfill: do what comes next on a sample of its rows, and roll it back
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Which: an id, or the start of one
    #[arg(value_name = "REV")]
    revision: String,

    /// Roll everything back, and show what it would change and how long it would take
    #[arg(long, required = true)]
    dry_run: bool,

    #[command(flatten)]
    rehearsal: RehearsalArgs,
}

pub(crate) fn run(app: &App, args: &Args) -> Result<(), CommandError> {
    rehearse::run(app, &args.revision, &args.rehearsal)
}
