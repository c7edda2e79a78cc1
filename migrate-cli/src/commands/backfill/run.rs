use migrate_core::Migrator;
use migrate_core::connection::AnyConnection;
use migrate_core::runner::{BackfillState, BackfillStatus, Error, Report};

use super::choose::Chosen;
use super::rehearse::{self, RehearsalArgs};
use crate::app::{Access, App};
use crate::args::{RunArgs, WorkArgs};
use crate::error::{self, CommandError};
use crate::render::json::BackfillRunDocument;

/// The options of a run that make no sense where nothing stays; each by itself, so that an error names the one given.
const NOT_FOR_A_REHEARSAL: [&str; 9] = [
    "workers",
    "rest",
    "duty_cycle",
    "max_lag",
    "single_transaction",
    "lock_timeout",
    "statement_timeout",
    "lock_wait",
    "retries",
];

/// Work on a backfill until it is done, alone or beside others
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Any number of these may work on one backfill of a PostgreSQL database, on any number of hosts.
Ctrl-C and SIGTERM end it after the batch; the same command continues.")]
pub(crate) struct Args {
    #[command(flatten)]
    chosen: Chosen,

    /// Do a sample of what comes next, roll it back, and show what it would change and how long all would take
    #[arg(long, conflicts_with_all = NOT_FOR_A_REHEARSAL)]
    dry_run: bool,

    #[command(flatten)]
    rehearsal: RehearsalArgs,

    #[command(flatten)]
    work: WorkArgs,

    #[command(flatten)]
    run: RunArgs,
}

pub(crate) fn run(app: &mut App, args: &Args) -> Result<(), CommandError> {
    if args.dry_run {
        return rehearse::run(app, &args.chosen, &args.rehearsal);
    }
    let migrator = app.migrator(Some(&args.run))?;
    let (database, mut connection) = app.connect(Access::Write)?;
    let migrator = args.work.apply(migrator, &database);
    let fits = |status: &BackfillStatus| {
        use BackfillState::{Pending, Running, Stalled, Stopped};
        matches!(status.state, Pending | Running | Stopped | Stalled)
    };
    let revision = args.chosen.backfill(&migrator, &mut connection, "run", fits)?;
    app.heed_signals();
    let told = |error: Error| error::running(&error, migrator.graph());
    let report = migrator.run_backfill(&mut connection, &revision).map_err(told)?;
    if app.printer.json() {
        document(app, &migrator, &mut connection, &revision, &report).map_err(told)
    } else {
        crate::commands::upgrade::tell(app, &migrator, &[report]);
        Ok(())
    }
}

fn document(
    app: &App,
    migrator: &Migrator<AnyConnection>,
    connection: &mut AnyConnection,
    revision: &str,
    report: &Report,
) -> Result<(), Error> {
    let all = migrator.backfills(connection)?;
    if let Some(status) = all.iter().find(|status| status.revision == revision) {
        app.printer.document(&BackfillRunDocument::new(report, status));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use clap::Args as _;

    use super::*;

    #[test]
    fn a_rehearsal_goes_with_no_option_of_a_run() {
        let options = |command: clap::Command| -> BTreeSet<_> {
            command.get_arguments().map(|argument| argument.get_id().to_string()).collect()
        };
        let mut all = options(WorkArgs::augment_args(clap::Command::new("work")));
        all.extend(options(RunArgs::augment_args(clap::Command::new("run"))));
        assert_eq!(all, NOT_FOR_A_REHEARSAL.map(str::to_owned).into());
    }
}
