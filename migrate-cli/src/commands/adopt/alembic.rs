use std::path::PathBuf;

use migrate_core::adopt::Tool;

use super::directory::DirectoryArgs;
use super::ledger::{self, LedgerArgs};
use crate::app::App;
use crate::error::{CommandError, ErrorKind};

/// The options for Alembic.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    directory: DirectoryArgs,

    /// Take the SQL from this script of `alembic upgrade base:head --sql`, rather than from the Python
    #[arg(long, value_name = "FILE", requires = "from")]
    sql_from: Option<PathBuf>,

    #[command(flatten)]
    ledger: LedgerArgs,
}

pub(super) fn run(app: &mut App, args: &Args) -> Result<(), CommandError> {
    match args.directory.named() {
        // `crate::alembic::convert` goes here.
        Some((from, _)) => Err(CommandError::new(
            ErrorKind::Usage,
            "not_converted",
            format_args!("this build converts no scripts of Alembic: {}", from.display()),
        )),
        None => ledger::run(app, Tool::Alembic, &args.ledger),
    }
}
