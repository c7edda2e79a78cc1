use migrate_core::Migrator;
use migrate_core::connection::AnyConnection;
use migrate_core::runner::{BackfillState, BackfillStatus, Error, RejectedRow};

use super::choose::Chosen;
use crate::app::{Access, App};
use crate::error::{self, CommandError};
use crate::render::backfill::Screen;
use crate::render::json::BackfillDocument;

/// How many rejected rows are shown where not all of them are asked for.
const REJECTED_SHOWN: u32 = 10;

/// Show how far a backfill is, who works on it, and which rows were rejected
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    chosen: Chosen,

    /// Show so many of the rejected rows
    #[arg(long, value_name = "N", default_value_t = REJECTED_SHOWN)]
    rejected: u32,
}

pub(crate) fn run(app: &mut App, args: &Args) -> Result<(), CommandError> {
    let migrator = app.migrator(None)?;
    let (_, mut connection) = app.connect(Access::Read)?;
    let is_only = migrator.backfills(&mut connection).is_ok_and(|all| all.len() == 1);
    let fits = |status: &BackfillStatus| is_only || status.state.is_unfinished();
    let revision = args.chosen.backfill(&migrator, &mut connection, "shown", fits)?;
    show(app, &migrator, &mut connection, &revision, args.rejected)
}

/// Shows how a backfill stands.
pub(super) fn show(
    app: &App,
    migrator: &Migrator<AnyConnection>,
    connection: &mut AnyConnection,
    revision: &str,
    rejected: u32,
) -> Result<(), CommandError> {
    let told = |error: Error| error::running(&error, migrator.graph());
    let all = migrator.backfills(connection).map_err(told)?;
    let Some(status) = all.iter().find(|status| status.revision == revision) else { return Ok(()) };
    let rows = migrator.rejected_rows(connection, revision, rejected).map_err(told)?;
    let printer = &app.printer;
    if printer.json() {
        printer.document(&BackfillDocument::new(status, &rows));
    } else {
        let screen = Screen { status, rejected: &rows, palette: printer.palette(), width: printer.width() };
        screen.lines().iter().for_each(|line| printer.data(line));
        next_step(app, status, &rows);
    }
    Ok(())
}

/// Says what a person would do next.
fn next_step(app: &App, status: &BackfillStatus, rejected: &[RejectedRow]) {
    let (printer, program, revision) = (&app.printer, app.spoken(), &status.revision);
    match status.state {
        BackfillState::Paused | BackfillState::Cancelled => {
            printer.hint(format_args!("`{program} backfill resume {revision}` lets it go on"));
        }
        BackfillState::Stopped | BackfillState::Stalled if status.blocking > 0 => {
            printer.hint(format_args!(
                "`{program} backfill run {revision}` goes on with the row that it stopped at, once that is repaired or \
                 gone, or `apply` deals with it"
            ));
        }
        BackfillState::Stopped | BackfillState::Stalled => {
            printer.hint(format_args!("`{program} backfill run {revision}` goes on with it"));
        }
        BackfillState::Pending => {
            printer
                .hint(format_args!("`{program} backfill run {revision}` begins it, and so does an upgrade"));
        }
        BackfillState::Blocked => {
            printer.hint(format_args!("`{program} upgrade` applies what is below it, and runs it"));
        }
        _ => {}
    }
    if rejected.iter().any(|row| !row.blocking) {
        printer.hint(format_args!(
            "`{program} backfill retry-rejected {revision}` tries the rejected rows again"
        ));
    }
}
