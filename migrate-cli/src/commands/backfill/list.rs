use crate::app::{Access, App};
use crate::error::{self, CommandError};
use crate::render::backfill;
use crate::render::json::BackfillsDocument;

/// List the backfills, and how they stand
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

pub(crate) fn run(app: &mut App, _: &Args) -> Result<(), CommandError> {
    let migrator = app.migrator(None)?;
    let (_, mut connection) = app.connect(Access::Read)?;
    let all =
        migrator.backfills(&mut connection).map_err(|error| error::running(&error, migrator.graph()))?;
    let printer = &app.printer;
    if printer.json() {
        printer.document(&BackfillsDocument::new(&all));
    } else if all.is_empty() {
        printer.talk("No revision is a backfill");
    } else {
        for line in backfill::table(&all, printer.palette(), printer.width()) {
            printer.data(line);
        }
    }
    Ok(())
}
