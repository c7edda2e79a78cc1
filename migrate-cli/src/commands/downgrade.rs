use migrate_core::Migrator;
use migrate_core::connection::AnyConnection;
use migrate_core::plan::Plan;

use super::script::ScriptArgs;
use crate::app::{Access, App};
use crate::args::RunArgs;
use crate::error::{self, CommandError};
use crate::render::text::count;
use crate::settings::Database;

/// How many steps a question lists.
const LISTED: usize = 12;

/// Undo applied revisions
#[derive(Debug, clap::Args)]
#[command(after_help = "`base`, or more than one step, asks first; without a terminal that needs --yes.")]
pub(crate) struct Args {
    /// How far down: `-1`, a revision to stop at, `base`
    #[arg(allow_negative_numbers = true)]
    target: String,

    /// Do not ask
    #[arg(short, long)]
    yes: bool,

    #[command(flatten)]
    run: RunArgs,

    #[command(flatten)]
    script: ScriptArgs,
}

pub(crate) fn run(app: &mut App, args: &Args) -> Result<(), CommandError> {
    let migrator = app.migrator(Some(&args.run))?;
    if args.script.print(app, &migrator, |dialect| migrator.script_downgrade(dialect, &args.target))? {
        return Ok(());
    }
    let (database, mut connection) = app.connect(Access::Write)?;
    let told = |error: migrate_core::runner::Error| error::running(&error, migrator.graph());
    if !args.yes {
        let plan = migrator.plan_downgrade(&mut connection, &args.target).map_err(told)?;
        let to_base = args.target == "base" || args.target.ends_with("@base");
        if plan.len() > 1 || to_base && !plan.is_empty() {
            ask(app, &database, &migrator, &plan)?;
        }
    }
    app.heed_signals();
    let report = migrator.downgrade(&mut connection, &args.target).map_err(told)?;
    super::upgrade::tell(app, &migrator, &[report]);
    Ok(())
}

/// Shows what would be undone and asks for a yes.
pub(super) fn ask(
    app: &mut App,
    database: &Database,
    migrator: &Migrator<AnyConnection>,
    plan: &Plan<'_>,
) -> Result<(), CommandError> {
    for step in plan.steps.iter().take(LISTED) {
        app.printer.say(format_args!("  {step}"));
    }
    if plan.len() > LISTED {
        app.printer.say(format_args!("  … and {} more", plan.len() - LISTED));
    }
    let heads: Vec<_> = plan.heads_after.iter().map(ToString::to_string).collect();
    let place = super::upgrade::place(migrator, &heads);
    let number = count(plan.len(), "revision");
    app.confirm(
        &format!("undoing {number}, down to {place},"),
        &format!("Undo {number} in {}, down to {place}? Data may be lost.", database.url),
    )
}
