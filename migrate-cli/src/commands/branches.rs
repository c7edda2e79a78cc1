use crate::app::App;
use crate::error::CommandError;
use crate::render::json::RevisionsDocument;
use crate::render::revision::Line;

/// Show where branches part
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

pub(crate) fn run(app: &mut App, _args: &Args) -> Result<(), CommandError> {
    let migrator = app.migrator(None)?;
    let graph = migrator.graph();
    let points = graph.branch_points();
    let revisions: Vec<_> =
        graph.topological().rev().filter(|revision| points.contains(&revision.id.as_ref())).collect();
    let printer = &app.printer;
    if printer.json() {
        printer.document(&RevisionsDocument::new(graph, revisions, |id| migrator.declaration(id), None));
        return Ok(());
    }
    let line = Line { graph, palette: printer.palette(), directory: &app.world.directory, parents: false };
    for revision in &revisions {
        printer.data(line.of(revision, false, None));
        for child in graph.children(&revision.id).filter_map(|child| graph.get(child)) {
            printer.data(format_args!("  {} {}", printer.palette().faint("->"), line.of(child, false, None)));
        }
    }
    if revisions.is_empty() {
        printer.talk("No branches: every revision has at most one child");
    }
    Ok(())
}
