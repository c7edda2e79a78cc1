use migrate_core::connection::Dialect;
use migrate_core::plan::Direction;

use super::safety::{self, Scope, Surroundings};
use crate::app::{Access, App};
use crate::args::DeferArgs;
use crate::error::{self, CommandError, ErrorKind};
use crate::render::deferred::LeftForLater;
use crate::render::json::PlanDocument;
use crate::render::plan::{Detail, PlanView};
use crate::render::text::{count, list};

/// Show what an upgrade or a downgrade would do
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// `upgrade` (the default) or `downgrade`, and the target
    #[arg(value_name = "upgrade|downgrade] [TARGET", num_args = 0..=2, allow_negative_numbers = true)]
    words: Vec<String>,

    /// Show the SQL, too
    #[arg(long)]
    sql: bool,

    #[command(flatten)]
    defer: DeferArgs,
}

impl Args {
    fn read(&self) -> Result<(Direction, &str), CommandError> {
        let words: Vec<_> = self.words.iter().map(String::as_str).collect();
        match words.as_slice() {
            [] | ["upgrade"] => Ok((Direction::Upgrade, "heads")),
            ["downgrade"] => {
                Err(CommandError::new(ErrorKind::Usage, "no_target", "a downgrade needs a target")
                    .hint("{program} plan downgrade -1"))
            }
            ["downgrade", target] => Ok((Direction::Downgrade, target)),
            ["upgrade", target] | [target] => Ok((Direction::Upgrade, target)),
            [first, ..] => {
                let message = format!("`{first}` is neither `upgrade` nor `downgrade`");
                Err(CommandError::new(ErrorKind::Usage, "no_direction", message)
                    .hint("{program} plan upgrade heads"))
            }
        }
    }
}

pub(crate) fn run(app: &mut App, args: &Args) -> Result<(), CommandError> {
    let (direction, target) = args.read()?;
    let migrator = app.migrator_deferring(None, args.defer)?;
    let (_, mut connection) = app.connect(Access::Read)?;
    let preview = match direction {
        Direction::Upgrade => migrator.preview_upgrade(&mut connection, target),
        Direction::Downgrade => migrator.preview_downgrade(&mut connection, target),
    };
    let preview = preview.map_err(|error| error::running(&error, migrator.graph()))?;
    let status = migrator.status(&mut connection);
    let status = status.map_err(|error| error::running(&error, migrator.graph()))?;
    if let Some(unadopted) = &status.unadopted {
        app.printer.warning(format_args!("refused as it is: {unadopted}"));
    }
    let plan = &preview.plan;
    let findings = if plan.is_empty() {
        Vec::new()
    } else {
        let scope = Scope::Run(plan.steps.iter().map(|step| step.id().to_owned()).collect());
        safety::look(&migrator, &scope, direction, &Surroundings::of(&mut connection, &migrator)?)
    };
    let printer = &app.printer;
    if printer.json() {
        printer.document(&PlanDocument::new(&preview, &findings, target, |id| migrator.declaration(id)));
        return Ok(());
    }
    let heads: Vec<_> = plan.heads_after.iter().map(ToString::to_string).collect();
    let place = super::upgrade::place(&migrator, &heads);
    if plan.is_empty() {
        printer.talk(format_args!("Nothing to do: the database is at {place}"));
        super::upgrade::tell_deferred(app, &LeftForLater::of_plan(&plan.deferred));
        return Ok(());
    }
    let view = PlanView {
        preview: &preview,
        findings: &findings,
        detail: if args.sql { Detail::Statements } else { Detail::Operations },
        palette: printer.palette(),
        width: printer.width(),
    };
    view.lines(|id| migrator.declaration(id)).iter().for_each(|line| printer.data(line));
    let long = view.long_waits();
    if !long.is_empty() {
        let steps = if long.len() == 1 { "step" } else { "steps" };
        let words = format!("Others wait for long during {steps} {}", list(&long, 10));
        printer.talk(printer.talk_palette().bad(words));
    }
    if preview.dialect == Dialect::Sqlite {
        printer.talk("Each step keeps other writers out of the file until it ends");
    }
    printer.talk(format_args!("{} to {direction}, then at {place}", count(plan.len(), "step")));
    super::upgrade::tell_deferred(app, &LeftForLater::of_plan(&plan.deferred));
    Ok(())
}
