//! `pause`, `resume` and `cancel`.

use migrate_core::Migrator;
use migrate_core::connection::AnyConnection;
use migrate_core::runner::{BackfillCommand, BackfillStatus, Error};

use super::choose::Chosen;
use crate::app::{Access, App};
use crate::error::{self, CommandError};
use crate::render::json::BackfillDocument;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    chosen: Chosen,
}

pub(super) fn pause(app: &mut App, args: &Args) -> Result<(), CommandError> {
    ask(app, args, BackfillCommand::Pause)
}

pub(super) fn resume(app: &mut App, args: &Args) -> Result<(), CommandError> {
    ask(app, args, BackfillCommand::Resume)
}

pub(super) fn cancel(app: &mut App, args: &Args) -> Result<(), CommandError> {
    ask(app, args, BackfillCommand::Cancel)
}

fn ask(app: &mut App, args: &Args, command: BackfillCommand) -> Result<(), CommandError> {
    let migrator = app.migrator(None)?;
    // A file that does not exist holds no backfill that could be asked anything.
    let (_, mut connection) = app.connect(Access::Read)?;
    let fits = |status: &BackfillStatus| status.state.allows(command);
    let revision = args.chosen.backfill(&migrator, &mut connection, &command.to_string(), fits)?;
    let status = send(&migrator, &mut connection, &revision, command)
        .map_err(|error| error::running(&error, migrator.graph()))?;
    let printer = &app.printer;
    if printer.json() {
        printer.document(&BackfillDocument::new(&status, &[]));
    }
    printer.talk(printer.talk_palette().good(said(&status, command)));
    if command != BackfillCommand::Pause && alive(&status) == 0 {
        printer.hint(match command {
            BackfillCommand::Resume => {
                format!(
                    "where nobody waits for that, `{} backfill run {revision}` goes on with it",
                    app.spoken()
                )
            }
            _ => format!("`{} backfill resume {revision}` lifts it", app.spoken()),
        });
    }
    Ok(())
}

fn send(
    migrator: &Migrator<AnyConnection>,
    connection: &mut AnyConnection,
    revision: &str,
    command: BackfillCommand,
) -> Result<BackfillStatus, Error> {
    match command {
        BackfillCommand::Pause => migrator.pause_backfill(connection, revision),
        BackfillCommand::Resume => migrator.resume_backfill(connection, revision),
        _ => migrator.cancel_backfill(connection, revision),
    }
}

/// What was asked for, and who will heed it. A worker that waits without a piece cannot be seen.
fn said(status: &BackfillStatus, command: BackfillCommand) -> String {
    let (revision, workers) = (&status.revision, alive(status));
    let (its, verb) =
        if workers == 1 { ("its worker".to_owned(), "s") } else { (format!("its {workers} workers"), "") };
    match command {
        BackfillCommand::Resume if workers == 0 => format!("The backfill {revision} is resumed"),
        BackfillCommand::Resume => format!("The backfill {revision} is resumed: its workers continue"),
        _ if workers == 0 => format!("The backfill {revision} is {command}; nobody works on it"),
        BackfillCommand::Pause => {
            format!("The backfill {revision} is paused: {its} wait{verb} after this batch")
        }
        _ => format!("The backfill {revision} is cancelled: {its} stop{verb} after this batch"),
    }
}

fn alive(status: &BackfillStatus) -> usize {
    status.workers.iter().filter(|worker| worker.is_alive).count()
}
