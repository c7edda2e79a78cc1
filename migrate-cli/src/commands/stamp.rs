use super::script::ScriptArgs;
use super::verify::VerifyArgs;
use crate::app::{Access, App};
use crate::error::{self, CommandError};
use crate::render::json::StampDocument;
use crate::render::text::{count, list};

/// Record revisions as applied without running them
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Everything below the revisions is recorded too; what was above them on their branches is forgotten."
)]
pub(crate) struct Args {
    /// What the database already has: revisions, `heads`, `base`
    #[arg(value_name = "REV", required = true)]
    revisions: Vec<String>,

    /// Empty the ledger first, unknown revisions included
    #[arg(long)]
    purge: bool,

    /// First apply them to an empty database, and refuse if this one is not the same
    #[arg(long, conflicts_with = "sql")]
    verify: bool,

    #[command(flatten)]
    compare: VerifyArgs,

    #[command(flatten)]
    script: ScriptArgs,
}

pub(crate) fn run(app: &mut App, args: &Args) -> Result<(), CommandError> {
    let migrator = app.migrator(None)?;
    let targets: Vec<_> = args.revisions.iter().map(String::as_str).collect();
    if args.script.print(app, &migrator, |dialect| migrator.script_stamp(dialect, &targets, args.purge))? {
        return Ok(());
    }
    let (database, mut connection) = app.connect(Access::Write)?;
    let verification = if args.verify || args.compare.is_given() {
        Some(args.compare.run(app, &migrator, &database, &mut connection, &targets, args.purge)?)
    } else {
        None
    };
    let report = migrator
        .stamp(&mut connection, &targets, args.purge)
        .map_err(|error| error::running(&error, migrator.graph()))?;
    let printer = &app.printer;
    if printer.json() {
        printer.document(&StampDocument::new(&report, verification.as_ref()));
    }
    let here = super::upgrade::place(&migrator, &report.heads);
    if report.inserted.is_empty() && report.deleted.is_empty() {
        printer.talk(format_args!("Nothing to do: the database is at {here}"));
        return Ok(());
    }
    for (revisions, verb) in [(&report.deleted, "forgotten"), (&report.inserted, "recorded as applied")] {
        if !revisions.is_empty() {
            let number = count(revisions.len(), "revision");
            printer.talk(format_args!("{number} {verb}: {}", list(revisions, 5)));
        }
    }
    printer.talk(printer.talk_palette().good(format_args!("Done: now at {here}")));
    Ok(())
}
