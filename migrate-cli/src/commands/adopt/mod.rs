//! `adopt`: what another tool has done, taken over; from its table in a database, or from its files.

mod alembic;
mod directory;
mod files;
mod ledger;

use std::path::PathBuf;

use clap::Subcommand;
use migrate_core::adopt::Tool;

use self::directory::DirectoryArgs;
pub(crate) use self::files::FilesError;
use self::ledger::LedgerArgs;
use crate::app::App;
use crate::error::CommandError;

/// Take over what another migration tool has done
#[derive(Debug, clap::Args)]
#[command(
    subcommand_required = true,
    arg_required_else_help = true,
    disable_help_subcommand = true,
    after_help = "Without --from it reads the tool's own table and records here what that says is applied.\n\
                  With --from it writes revisions from the tool's files, and needs no database.\n\
                  Neither changes anything of the tool's."
)]
pub(crate) struct Args {
    #[command(subcommand)]
    tool: From,
}

/// The tools, as they are typed.
#[derive(Debug, Subcommand)]
enum From {
    /// Take over from Diesel's own migrations
    Diesel(LedgerArgs),
    /// Take over from Alembic
    Alembic(alembic::Args),
    /// Take over from sqlx
    Sqlx(FilesArgs),
    /// Take over from refinery
    Refinery(FilesArgs),
    /// Take over from SeaORM
    SeaOrm(FilesArgs),
}

/// The options for a tool with a table and a directory.
#[derive(Debug, clap::Args)]
struct FilesArgs {
    #[command(flatten)]
    directory: DirectoryArgs,

    #[command(flatten)]
    ledger: LedgerArgs,
}

pub(crate) fn run(app: &mut App, args: &Args) -> Result<(), CommandError> {
    match &args.tool {
        From::Diesel(args) => ledger::run(app, Tool::Diesel, args),
        From::Alembic(args) => alembic::run(app, args),
        From::Sqlx(args) => args.run(app, Tool::Sqlx),
        From::Refinery(args) => args.run(app, Tool::Refinery),
        From::SeaOrm(args) => args.run(app, Tool::SeaOrm),
    }
}

impl FilesArgs {
    fn run(&self, app: &mut App, tool: Tool) -> Result<(), CommandError> {
        match self.directory.named() {
            Some((from, into)) => directory::run(app, tool, from, into, self.ledger.is_dry_run()),
            None => ledger::run(app, tool, &self.ledger),
        }
    }
}

/// The tool's files, and where revisions made of them go.
type Named<'a> = (&'a PathBuf, Option<&'a PathBuf>);
