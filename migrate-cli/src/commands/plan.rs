use migrate_core::plan::{Direction, Step};
use migrate_core::registry::Declaration;

use super::safety::{self, Scope, Surroundings};
use crate::app::{Access, App};
use crate::error::{self, CommandError, ErrorKind};
use crate::render::finding;
use crate::render::json::PlanDocument;
use crate::render::text::count;
use crate::ui::{Cell, Column, Palette, Table};

/// Show what an upgrade or a downgrade would do
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// `upgrade` (the default) or `downgrade`, and the target
    #[arg(value_name = "upgrade|downgrade] [TARGET", num_args = 0..=2, allow_negative_numbers = true)]
    words: Vec<String>,
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
    let migrator = app.migrator(None)?;
    let (_, mut connection) = app.connect(Access::Read)?;
    let plan = match direction {
        Direction::Upgrade => migrator.plan_upgrade(&mut connection, target),
        Direction::Downgrade => migrator.plan_downgrade(&mut connection, target),
    };
    let plan = plan.map_err(|error| error::running(&error, migrator.graph()))?;
    let printer = &app.printer;
    if printer.json() {
        printer.document(&PlanDocument::new(&plan, target, |id| migrator.declaration(id)));
        return Ok(());
    }
    let heads: Vec<_> = plan.heads_after.iter().map(ToString::to_string).collect();
    let place = super::upgrade::place(&migrator, &heads);
    if plan.is_empty() {
        printer.talk(format_args!("Nothing to do: the database is at {place}"));
        return Ok(());
    }
    let mut table = Table::new(vec![Column::Right, Column::Left, Column::Flexible, Column::Left]);
    for (number, step) in plan.steps.iter().enumerate() {
        table.row(row(number + 1, step, migrator.declaration(step.id()), printer.palette()));
    }
    table.lines(printer.width()).iter().for_each(|line| printer.data(line));
    let scope = Scope::Run(plan.steps.iter().map(|step| step.id().to_owned()).collect());
    let surroundings = Surroundings::of(&mut connection, &migrator)?;
    for found in &safety::look(&migrator, &scope, direction, &surroundings) {
        finding::tell(printer, found);
    }
    printer.talk(format_args!("{} to {direction}, then at {place}", count(plan.len(), "step")));
    Ok(())
}

fn row(number: usize, step: &Step<'_>, declaration: Option<&Declaration>, palette: Palette) -> Vec<Cell> {
    let base = |ids: &[String]| if ids.is_empty() { "<base>".to_owned() } else { ids.join(", ") };
    let way = format!("{} -> {}", base(step.from()), base(step.to()));
    let mut notes = Vec::new();
    if let Some(declaration) = declaration {
        if declaration.irreversible.is_some() {
            notes.push("irreversible");
        }
        if !declaration.transaction {
            notes.push("no transaction");
        }
    }
    vec![
        Cell::styled(number.to_string(), move |text| palette.faint(text)),
        Cell::styled(way, move |text| palette.name(text)),
        Cell::new(step.message()),
        Cell::styled(notes.join(", "), move |text| palette.notice(text)),
    ]
}
