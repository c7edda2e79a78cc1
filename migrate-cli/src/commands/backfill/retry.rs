use migrate_core::runner::{BackfillCommand, BackfillStatus};

use super::choose::Chosen;
use crate::app::{Access, App};
use crate::args::RunArgs;
use crate::error::{self, CommandError, ErrorKind};
use crate::render::json::RetryDocument;
use crate::render::text::{rows, thousands};

/// Try the rejected rows of a backfill again, each in a transaction of its own
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    chosen: Chosen,

    #[command(flatten)]
    run: RunArgs,
}

pub(crate) fn run(app: &mut App, args: &Args) -> Result<(), CommandError> {
    let migrator = app.migrator(Some(&args.run))?;
    let (_, mut connection) = app.connect(Access::Read)?;
    let fits = |status: &BackfillStatus| {
        status.rejected + status.blocking > 0 && status.state.allows(BackfillCommand::RetryRejected)
    };
    let done = BackfillCommand::RetryRejected.to_string();
    let revision = args.chosen.backfill(&migrator, &mut connection, &done, fits)?;
    app.heed_signals();
    let report = migrator
        .retry_rejected(&mut connection, &revision)
        .map_err(|error| error::running(&error, migrator.graph()))?;
    let printer = &app.printer;
    let failed = u64::try_from(report.failed()).unwrap_or(u64::MAX);
    let tried = u64::try_from(report.rows.len()).unwrap_or(u64::MAX);
    if printer.json() {
        printer.document(&RetryDocument::new(&report));
    }
    if report.blocking > 0 {
        printer.talk(format_args!(
            "{} that the backfill stopped at: the next run begins with {}",
            rows(report.blocking),
            if report.blocking == 1 { "it" } else { "them" }
        ));
    }
    if report.halted {
        return Err(CommandError::new(
            ErrorKind::Halted,
            "halted",
            format_args!("asked to stop after {} of the rejected rows", thousands(tried)),
        )
        .hint("what is done stays; the same command tries those that are left"));
    }
    if failed > 0 {
        let message = format!("{} of {} failed again", thousands(failed), rows(tried));
        return Err(CommandError::new(ErrorKind::Stopped, "rows_failed", message).hint(format_args!(
            "`{{program}} backfill status {revision}` shows them with their errors; once they are repaired, the same \
             command tries them again"
        )));
    }
    if tried == 0 {
        printer.talk(format_args!("Nothing to do: no row of the backfill {revision} was rejected"));
        return Ok(());
    }
    let gone = u64::try_from(report.gone()).unwrap_or(u64::MAX);
    let gone = if gone == 0 { String::new() } else { format!(", {} no longer there", thousands(gone)) };
    let changed = u64::try_from(report.changed()).unwrap_or(u64::MAX);
    printer.talk(printer.talk_palette().good(format_args!("Done: {} changed{gone}", rows(changed))));
    Ok(())
}
