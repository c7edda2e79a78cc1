use migrate_core::plan::{self, Applied};

use crate::app::{Access, App, applied};
use crate::error::{self, CommandError};
use crate::render::json::RevisionsDocument;
use crate::render::revision::Line;

/// List revisions, newest first
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Only these: `<from>:<to>`, either end may be left out
    #[arg(value_name = "RANGE", allow_hyphen_values = true)]
    range: Option<String>,

    /// Only these
    #[arg(
        short = 'r',
        long = "rev-range",
        value_name = "RANGE",
        allow_hyphen_values = true,
        conflicts_with = "range"
    )]
    rev_range: Option<String>,

    /// Mark what is current in the database
    #[arg(short, long)]
    indicate_current: bool,
}

pub(crate) fn run(app: &mut App, args: &Args) -> Result<(), CommandError> {
    let migrator = app.migrator(None)?;
    let graph = migrator.graph();
    let range = args.range.as_deref().or(args.rev_range.as_deref());
    let asks = args.indicate_current || range.is_some_and(|range| range.contains("current"));
    let known = if asks {
        let (_, mut connection) = app.connect(Access::Read)?;
        let status = migrator.status(&mut connection).map_err(|error| error::running(&error, graph))?;
        Some(applied(&migrator, &status))
    } else {
        None
    };
    let none = Applied::none();
    let revisions = plan::history(graph, known.as_ref().unwrap_or(&none), range)
        .map_err(|error| error::target(&error, graph))?;
    let current = known.as_ref().map(Applied::heads);
    let printer = &app.printer;
    if printer.json() {
        let declaration = |id: &str| migrator.declaration(id);
        printer.document(&RevisionsDocument::new(graph, revisions, declaration, current.as_deref()));
        return Ok(());
    }
    let marked = current.filter(|_| args.indicate_current).unwrap_or_default();
    let line = Line { graph, palette: printer.palette(), directory: &app.world.directory, parents: true };
    for revision in revisions {
        let is_current = marked.contains(&revision.id.as_str());
        if app.global.verbose {
            printer.data(line.block(revision, migrator.declaration(&revision.id), is_current));
        } else {
            printer.data(line.of(revision, is_current));
        }
    }
    Ok(())
}
