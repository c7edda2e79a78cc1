//! Backfills: who works on them, how far they are, and what is asked of them.

mod choose;
mod control;
mod list;
mod rehearse;
mod retry;
mod run;
mod status;

use clap::Subcommand;

use crate::app::App;
use crate::error::CommandError;

/// Watch backfills, run them, and hold them up
#[derive(Debug, clap::Args)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

/// The commands, in the order of `--help`.
#[derive(Debug, Subcommand)]
enum Command {
    List(list::Args),
    Status(status::Args),
    Run(run::Args),
    /// Have the workers wait after their batches
    Pause(control::Args),
    /// Let a backfill go on that was paused or cancelled
    Resume(control::Args),
    /// Have the workers stop after their batches
    Cancel(control::Args),
    RetryRejected(retry::Args),
}

pub(crate) fn run(app: &mut App, args: &Args) -> Result<(), CommandError> {
    match &args.command {
        Command::List(args) => list::run(app, args),
        Command::Status(args) => status::run(app, args),
        Command::Run(args) => run::run(app, args),
        Command::Pause(args) => control::pause(app, args),
        Command::Resume(args) => control::resume(app, args),
        Command::Cancel(args) => control::cancel(app, args),
        Command::RetryRejected(args) => retry::run(app, args),
    }
}
