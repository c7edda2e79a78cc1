use migrate_core::runner::Error;

use crate::app::{Access, App};
use crate::args::RunArgs;
use crate::error::{self, CommandError};

/// Undo the last revision and apply it again
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Do not ask
    #[arg(short, long)]
    yes: bool,

    #[command(flatten)]
    run: RunArgs,
}

pub(crate) fn run(app: &mut App, args: &Args) -> Result<(), CommandError> {
    let migrator = app.migrator(Some(&args.run))?;
    let (database, mut connection) = app.connect(Access::Write)?;
    let told = |error: Error| error::running(&error, migrator.graph());
    let plan = migrator.plan_downgrade(&mut connection, "-1").map_err(told)?;
    if plan.len() > 1 && !args.yes {
        super::downgrade::ask(app, &database, &migrator, &plan)?;
    }
    app.heed_signals();
    let undone = migrator.downgrade(&mut connection, "-1").map_err(told)?;
    // What depends on the revision went with it, and comes back with it.
    let ids: Vec<_> = undone.steps.iter().map(|step| step.revision.clone()).collect();
    let mut reports = vec![undone];
    for top in migrator.graph().maximal(ids.iter().map(String::as_str)) {
        reports.push(migrator.upgrade(&mut connection, top).map_err(told)?);
    }
    super::upgrade::tell(app, &migrator, &reports);
    Ok(())
}
