use migrate_core::plan::{self, Applied};
use migrate_core::runner::Status;

use crate::app::{Access, App, applied};
use crate::error::{self, CommandError};
use crate::render::deferred;
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
    let status = if asks {
        let (_, mut connection) = app.connect(Access::Read)?;
        Some(migrator.status(&mut connection).map_err(|error| error::running(&error, graph))?)
    } else {
        None
    };
    let known = status.as_ref().map(|status| applied(&migrator, status));
    let none = Applied::none();
    let revisions = plan::history(graph, known.as_ref().unwrap_or(&none), range)
        .map_err(|error| error::target(&error, graph))?;
    let current = known.as_ref().map(Applied::heads);
    let printer = &app.printer;
    if printer.json() {
        let declaration = |id: &str| migrator.declaration(id);
        let document = RevisionsDocument::new(graph, revisions, declaration, current.as_deref());
        printer.document(&match &status {
            Some(status) => document.asked(status),
            None => document,
        });
        return Ok(());
    }
    let marked = current.filter(|_| args.indicate_current).unwrap_or_default();
    let line = Line { graph, palette: printer.palette(), directory: &app.world.directory, parents: true };
    for revision in revisions {
        let is_current = marked.contains(&revision.id.as_ref());
        if app.global.verbose {
            printer.data(line.block(revision, migrator.declaration(&revision.id), is_current));
        } else {
            let told = status
                .as_ref()
                .filter(|_| args.indicate_current)
                .and_then(|status| note(status, &revision.id));
            let plain = || migrator.is_backfill(&revision.id).then(|| "backfill".to_owned());
            printer.data(line.of(revision, is_current, told.or_else(plain).as_deref()));
        }
    }
    Ok(())
}

/// What a database says of a revision that has to do with a backfill.
fn note(status: &Status, revision: &str) -> Option<String> {
    deferred::note(status.revisions.iter().find(|found| found.revision == revision)?)
}
