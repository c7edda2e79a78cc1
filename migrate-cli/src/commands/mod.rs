//! One file per command; this is the table of them.

mod adopt;
mod backfill;
mod branches;
mod check;
mod completions;
mod current;
mod downgrade;
mod graph;
mod heads;
mod history;
mod init;
mod merge;
mod new;
mod plan;
mod redo;
mod safety;
mod script;
mod show;
mod stamp;
mod status;
mod upgrade;
mod verify;

use clap::Subcommand;

pub(crate) use self::adopt::FilesError;
use crate::app::App;
use crate::error::CommandError;

/// The commands, in the order of `--help`.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Status(status::Args),
    #[command(visible_aliases = ["create", "revision"])]
    New(new::Args),
    Upgrade(upgrade::Args),
    Downgrade(downgrade::Args),
    Redo(redo::Args),
    Backfill(backfill::Args),
    Plan(plan::Args),
    History(history::Args),
    Current(current::Args),
    Heads(heads::Args),
    Branches(branches::Args),
    Show(show::Args),
    Merge(merge::Args),
    Stamp(stamp::Args),
    Verify(verify::Args),
    Adopt(adopt::Args),
    Check(check::Args),
    Graph(graph::Args),
    Init(init::Args),
    Completions(completions::Args),
}

impl Command {
    pub(crate) fn run(self, app: &mut App) -> Result<(), CommandError> {
        match self {
            Self::Status(args) => status::run(app, &args),
            Self::New(args) => new::run(app, args),
            Self::Upgrade(args) => upgrade::run(app, &args),
            Self::Downgrade(args) => downgrade::run(app, &args),
            Self::Redo(args) => redo::run(app, &args),
            Self::Backfill(args) => backfill::run(app, &args),
            Self::Plan(args) => plan::run(app, &args),
            Self::History(args) => history::run(app, &args),
            Self::Current(args) => current::run(app, &args),
            Self::Heads(args) => heads::run(app, &args),
            Self::Branches(args) => branches::run(app, &args),
            Self::Show(args) => show::run(app, &args),
            Self::Merge(args) => merge::run(app, args),
            Self::Stamp(args) => stamp::run(app, &args),
            Self::Verify(args) => verify::run(app, &args),
            Self::Adopt(args) => adopt::run(app, &args),
            Self::Check(args) => check::run(app, &args),
            Self::Graph(args) => graph::run(app, &args),
            Self::Init(args) => init::run(app, args),
            Self::Completions(args) => {
                completions::run(app, &args);
                Ok(())
            }
        }
    }
}
