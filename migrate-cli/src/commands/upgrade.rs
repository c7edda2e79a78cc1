use std::time::Duration;

use migrate_core::Migrator;
use migrate_core::connection::AnyConnection;
use migrate_core::runner::Report;

use super::script::ScriptArgs;
use crate::app::{Access, App};
use crate::args::{AllowArgs, DeferArgs, RunArgs, WorkArgs};
use crate::error::{self, CommandError};
use crate::render::deferred::LeftForLater;
use crate::render::json::RunDocument;
use crate::render::text::{count, list, took};

/// Apply pending revisions
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// How far: a revision, `heads`, `+1`, `<label>@head`
    #[arg(default_value = "heads", allow_negative_numbers = true)]
    target: String,

    #[command(flatten)]
    allow: AllowArgs,

    #[command(flatten)]
    defer: DeferArgs,

    #[command(flatten)]
    run: RunArgs,

    #[command(flatten)]
    work: WorkArgs,

    #[command(flatten)]
    script: ScriptArgs,
}

pub(crate) fn run(app: &mut App, args: &Args) -> Result<(), CommandError> {
    let migrator = app.migrator_deferring(Some(&args.run), args.defer)?;
    if args.script.print(app, &migrator, |dialect| migrator.script_upgrade(dialect, &args.target))? {
        return Ok(());
    }
    let (database, mut connection) = app.connect(Access::Write)?;
    let migrator = args.work.apply(args.allow.apply(migrator), &database);
    app.heed_signals();
    let report = migrator
        .upgrade(&mut connection, &args.target)
        .map_err(|error| error::running(&error, migrator.graph()))?;
    tell(app, &migrator, &[report]);
    Ok(())
}

/// Reports what runs did, one after the other.
pub(super) fn tell(app: &App, migrator: &Migrator<AnyConnection>, reports: &[Report]) {
    let printer = &app.printer;
    if printer.json() {
        printer.document(&RunDocument::new(reports));
    }
    let steps: Vec<_> = reports.iter().flat_map(|report| &report.steps).collect();
    let heads = reports.last().map(|report| report.heads.as_slice()).unwrap_or_default();
    let here = place(migrator, heads);
    if steps.is_empty() {
        printer.talk(format_args!("Nothing to do: the database is at {here}"));
    } else {
        let total: Duration = steps.iter().map(|step| step.duration).sum();
        let done = format!("Done: {} in {}, now at {here}", count(steps.len(), "step"), took(total));
        printer.talk(printer.talk_palette().good(done));
    }
    let deferred = reports.last().map(|report| &*report.deferred).unwrap_or_default();
    tell_deferred(app, &LeftForLater::of_report(deferred));
}

/// Says what is left for later, and how it is done then.
pub(super) fn tell_deferred(app: &App, left: &LeftForLater<'_>) {
    if left.is_empty() {
        return;
    }
    let printer = &app.printer;
    printer.talk(printer.talk_palette().notice(format_args!("Left for later: {}", left.words())));
    left.advice(&app.spoken()).iter().for_each(|advice| printer.hint(advice));
}

/// The current heads in words.
pub(super) fn place(migrator: &Migrator<AnyConnection>, heads: &[String]) -> String {
    let graph = migrator.graph();
    let named: Vec<_> = heads
        .iter()
        .map(|head| {
            let is_head = graph.children(head).next().is_none();
            if is_head { format!("{head} (head)") } else { head.clone() }
        })
        .collect();
    if named.is_empty() { "<base>".to_owned() } else { list(&named, 5) }
}
