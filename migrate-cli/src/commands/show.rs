use migrate_core::plan;

use crate::app::{Access, App, applied};
use crate::error::{self, CommandError};
use crate::render::json::RevisionsDocument;
use crate::render::revision::Line;

/// Show all about a revision
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Which: an id, a label, `head`, `heads`, `current`
    #[arg(value_name = "REV", allow_negative_numbers = true)]
    revision: String,
}

pub(crate) fn run(app: &mut App, args: &Args) -> Result<(), CommandError> {
    let migrator = app.migrator(None)?;
    let graph = migrator.graph();
    let spec = args.revision.as_str();
    // Only these count from what is applied; everything else needs no database.
    let relative = spec.starts_with(['+', '-']) || spec.contains("@+") || spec.contains("@-");
    let known = if spec == "current" || relative {
        let (_, mut connection) = app.connect(Access::Read)?;
        let status = migrator.status(&mut connection).map_err(|error| error::running(&error, graph))?;
        Some(applied(&migrator, &status))
    } else {
        None
    };
    let ids = plan::resolve(graph, known.as_ref(), spec).map_err(|error| error::target(&error, graph))?;
    let revisions: Vec<_> = ids.iter().filter_map(|id| graph.get(id)).collect();
    let printer = &app.printer;
    if printer.json() {
        printer.document(&RevisionsDocument::new(graph, revisions, |id| migrator.declaration(id), None));
        return Ok(());
    }
    let line = Line { graph, palette: printer.palette(), directory: &app.world.directory, parents: true };
    for revision in &revisions {
        printer.data(line.block(revision, migrator.declaration(&revision.id), false));
    }
    if revisions.is_empty() {
        printer.talk("Nothing there: `base` is below every revision");
    }
    Ok(())
}
