use crate::app::{Access, App};
use crate::args::DeferArgs;
use crate::error::{self, CommandError, ErrorKind};
use crate::render::deferred::LeftForLater;
use crate::render::json::RevisionsDocument;
use crate::render::revision::Line;
use crate::render::text::list;

/// Show the current revision of the database
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Fail unless the database is at all heads
    #[arg(short, long)]
    check_heads: bool,

    #[command(flatten)]
    defer: DeferArgs,
}

pub(crate) fn run(app: &mut App, args: &Args) -> Result<(), CommandError> {
    let migrator = app.migrator_deferring(None, args.defer)?;
    let graph = migrator.graph();
    let (_, mut connection) = app.connect(Access::Read)?;
    let status = migrator.status(&mut connection).map_err(|error| error::running(&error, graph))?;
    let revisions: Vec<_> = status.heads.iter().filter_map(|head| graph.get(head)).collect();
    let printer = &app.printer;
    if printer.json() {
        let current: Vec<_> = status.heads.iter().map(String::as_str).collect();
        let declaration = |id: &str| migrator.declaration(id);
        let document = RevisionsDocument::new(graph, revisions, declaration, Some(&current));
        printer.document(&document.asked(&status));
    } else {
        let line =
            Line { graph, palette: printer.palette(), directory: &app.world.directory, parents: false };
        for revision in &revisions {
            if app.global.verbose {
                printer.data(line.block(revision, migrator.declaration(&revision.id), false));
            } else {
                printer.data(line.of(revision, false, None));
            }
        }
        if revisions.is_empty() {
            printer.talk("Nothing is applied");
        }
    }
    let left = LeftForLater::of_status(&status);
    if !left.is_empty() {
        printer.talk(format_args!("Left for later: {}", left.words()));
    }
    let heads = graph.real_heads();
    let only_deferred = migrator.options().defer_backfills && status.is_current_but_for_backfills();
    if args.check_heads && status.heads != heads && !only_deferred {
        let at = if status.heads.is_empty() { "base".to_owned() } else { list(&status.heads, 5) };
        let message = format!("the database is at {at}, not at {}", list(&heads, 5));
        return Err(CommandError::new(ErrorKind::Check, "not_at_heads", message).hint("{program} upgrade"));
    }
    Ok(())
}
