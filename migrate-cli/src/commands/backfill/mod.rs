//! `backfill`: work on the backfills of the graph.

mod rehearse;
mod run;

use clap::Subcommand;

use crate::app::App;
use crate::error::CommandError;

/// Work on backfills
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Run(run::Args),
}

pub(crate) fn run(app: &mut App, args: &Args) -> Result<(), CommandError> {
    match &args.command {
        Command::Run(args) => run::run(app, args),
    }
}
