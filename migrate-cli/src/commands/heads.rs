use crate::app::App;
use crate::error::CommandError;
use crate::render::json::RevisionsDocument;
use crate::render::revision::Line;

/// List the revisions that nothing is based on
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Leave out heads that another revision depends on
    #[arg(long)]
    resolve_dependencies: bool,
}

pub(crate) fn run(app: &mut App, args: &Args) -> Result<(), CommandError> {
    let migrator = app.migrator(None)?;
    let graph = migrator.graph();
    let heads = if args.resolve_dependencies { graph.real_heads() } else { graph.heads() };
    let revisions: Vec<_> = heads.iter().filter_map(|head| graph.get(head)).collect();
    let printer = &app.printer;
    if printer.json() {
        printer.document(&RevisionsDocument::new(graph, revisions, |id| migrator.declaration(id), None));
        return Ok(());
    }
    let line = Line { graph, palette: printer.palette(), directory: &app.world.directory, parents: false };
    for revision in &revisions {
        if app.global.verbose {
            printer.data(line.block(revision, migrator.declaration(&revision.id), false));
        } else {
            printer.data(line.of(revision, false, None));
        }
    }
    if revisions.len() > 1 {
        printer.hint(format_args!(
            "to make one of them: {} merge {} -m \"…\"",
            app.spoken(),
            heads.join(" ")
        ));
    }
    Ok(())
}
