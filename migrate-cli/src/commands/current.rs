use crate::app::{Access, App};
use crate::error::{self, CommandError, ErrorKind};
use crate::render::json::RevisionsDocument;
use crate::render::revision::Line;
use crate::render::text::list;

/// Show the current revision of the database
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Fail unless the database is at all heads
    #[arg(short, long)]
    check_heads: bool,
}

pub(crate) fn run(app: &mut App, args: &Args) -> Result<(), CommandError> {
    let migrator = app.migrator(None)?;
    let graph = migrator.graph();
    let (_, mut connection) = app.connect(Access::Read)?;
    let status = migrator.status(&mut connection).map_err(|error| error::running(&error, graph))?;
    let revisions: Vec<_> = status.heads.iter().filter_map(|head| graph.get(head)).collect();
    let printer = &app.printer;
    if printer.json() {
        let current: Vec<_> = status.heads.iter().map(String::as_str).collect();
        let declaration = |id: &str| migrator.declaration(id);
        printer.document(&RevisionsDocument::new(graph, revisions, declaration, Some(&current)));
    } else {
        let line =
            Line { graph, palette: printer.palette(), directory: &app.world.directory, parents: false };
        for revision in &revisions {
            if app.global.verbose {
                printer.data(line.block(revision, migrator.declaration(&revision.id), false));
            } else {
                printer.data(line.of(revision, false));
            }
        }
        if revisions.is_empty() {
            printer.talk("Nothing is applied");
        }
    }
    let heads = graph.real_heads();
    if args.check_heads && status.heads != heads {
        let at = if status.heads.is_empty() { "base".to_owned() } else { list(&status.heads, 5) };
        let message = format!("the database is at {at}, not at {}", list(&heads, 5));
        return Err(CommandError::new(ErrorKind::Check, "not_at_heads", message).hint("{program} upgrade"));
    }
    Ok(())
}
