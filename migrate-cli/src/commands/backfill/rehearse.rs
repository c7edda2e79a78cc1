//! `backfill run REV --dry-run`.

use std::time::Duration;

use migrate_core::rehearsal::{Finding, Limits, Rehearsal};
use migrate_core::runner::{BackfillState, BackfillStatus};

use super::choose::Chosen;
use crate::app::{Access, App};
use crate::args::duration;
use crate::error::{self, CommandError, ErrorKind, pages};
use crate::render::json::RehearsalDocument;
use crate::render::rehearsal::Screen;

/// Options of a rehearsal.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Rehearsal")]
pub(crate) struct RehearsalArgs {
    /// Do so many rows, from several places of the table
    #[arg(
        long,
        value_name = "N",
        default_value = "1000",
        requires = "dry_run",
        value_parser = clap::value_parser!(u32).range(1..)
    )]
    sample: u32,

    /// End the sample after so long, for its rows are locked meanwhile
    #[arg(long, value_name = "TIME", default_value = "3s", requires = "dry_run", value_parser = duration)]
    sample_time: Duration,

    /// Show so many changed rows of each table, up to 50
    #[arg(long, value_name = "N", default_value = "10", requires = "dry_run")]
    show: usize,
}

pub(super) fn run(app: &App, chosen: &Chosen, args: &RehearsalArgs) -> Result<(), CommandError> {
    let migrator = app.migrator(None)?;
    let graph = migrator.graph();
    let (_, mut connection) = app.connect(Access::Read)?;
    let fits =
        |status: &BackfillStatus| !matches!(status.state, BackfillState::Blocked | BackfillState::Done);
    let id = &chosen.backfill(&migrator, &mut connection, "rehearsed", fits)?;
    let limits = Limits { rows: args.sample, time: args.sample_time };
    let rehearsal = migrator
        .rehearse_backfill(&mut connection, id, limits)
        .map_err(|error| error::running(&error, graph))?;
    let message = graph.get(id).map(|revision| revision.message.as_ref()).unwrap_or_default();
    let printer = &app.printer;
    if printer.json() {
        printer.document(&RehearsalDocument::new(&rehearsal, message));
    } else {
        let screen = Screen {
            rehearsal: &rehearsal,
            message,
            shown: args.show,
            palette: printer.palette(),
            width: printer.width(),
        };
        screen.lines().iter().for_each(|line| printer.data(line));
        advise(app, id, &rehearsal);
    }
    match rehearsal.findings.len() {
        0 => Ok(()),
        1 => Err(found("a finding stands", id)),
        _ => Err(found("findings stand", id)),
    }
}

/// A rehearsal with findings answers the question whether all will be well with no.
fn found(what: &str, id: &str) -> CommandError {
    let message = format!("{what} in the way of {id}; nothing was changed");
    CommandError::new(ErrorKind::Check, "rehearsal_findings", message)
}

/// Says what a person would do next.
fn advise(app: &App, id: &str, rehearsal: &Rehearsal) {
    let printer = &app.printer;
    printer.talk("");
    let program = app.spoken();
    if rehearsal.findings.is_empty() {
        printer.talk("Rolled back: the database is as it was");
        printer.hint(format_args!("`{program} backfill run {id}` does it"));
        return;
    }
    let has = |is: fn(&Finding) -> bool| rehearsal.findings.iter().any(is);
    if has(|finding| matches!(finding, Finding::Row { .. })) {
        printer.hint("repair such rows, have `apply` deal with them, or let `max_rejected` put them aside");
    }
    if has(|finding| matches!(finding, Finding::Unreadable { .. })) {
        printer.hint("a column may hold what its type in `table!` does not allow for, such as NULL");
    }
    if has(|finding| matches!(finding, Finding::Contract { .. })) {
        printer.hint(format_args!("what `rows` and the key have to keep to: {}", pages::BACKFILL_KEYS));
    }
    if has(|finding| matches!(finding, Finding::StillRemaining { .. } | Finding::NothingChanged)) {
        printer.hint("`remaining` has to count exactly the rows that `apply` has yet to change");
    }
}
