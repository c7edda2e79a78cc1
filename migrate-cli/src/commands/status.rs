use migrate_core::Migrator;
use migrate_core::connection::AnyConnection;
use migrate_core::runner::Status;

use crate::app::{Access, App};
use crate::error::{self, CommandError, pages};
use crate::render::deferred::LeftForLater;
use crate::render::json::{Counts, StatusDocument};
use crate::render::status::Screen;
use crate::render::text::list;
use crate::scaffold::tree::SourceTree;

/// Show what is applied and what is pending
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// List every revision
    #[arg(short, long)]
    all: bool,
}

pub(crate) fn run(app: &mut App, args: &Args) -> Result<(), CommandError> {
    let migrator = app.migrator(None)?;
    let (database, mut connection) = app.connect(Access::Read)?;
    let status =
        migrator.status(&mut connection).map_err(|error| error::running(&error, migrator.graph()))?;
    let not_built = not_built(app, &migrator);
    let printer = &app.printer;
    if printer.json() {
        printer.document(&StatusDocument::new(&database, migrator.graph(), &status, &not_built));
    } else {
        let screen = Screen {
            absent: app.absent_file(&database).is_some(),
            database: &database,
            graph: migrator.graph(),
            status: &status,
            palette: printer.palette(),
            width: printer.width(),
            all: args.all,
        };
        screen.lines().iter().for_each(|line| printer.data(line));
    }
    next_step(app, &status, &not_built);
    Ok(())
}

/// Says what a person would do next.
fn next_step(app: &App, status: &Status, not_built: &[String]) {
    let counts = Counts::of(status);
    let printer = &app.printer;
    let program = app.spoken();
    let clean = counts.unknown + counts.unfinished + counts.edited + not_built.len() == 0;
    let nothing_to_say = clean && counts.pending == 0 && status.unadopted.is_none();
    if !printer.json() && !nothing_to_say {
        printer.talk("");
    }
    if !not_built.is_empty() {
        printer.warning(format_args!(
            "{} on disk and not in this binary, so build again: {}",
            if not_built.len() == 1 { "1 revision is" } else { "some revisions are" },
            list(not_built, 5)
        ));
        printer.hint(format_args!("where a build does nothing: {}", pages::LINKING));
    }
    if counts.edited > 0 {
        printer.warning(format_args!(
            "{} edited after it was applied: a change belongs into a new revision",
            if counts.edited == 1 { "a revision was" } else { "revisions were" },
        ));
    }
    if let Some(unadopted) = &status.unadopted {
        printer.warning(unadopted);
        for way in error::ways_on(&unadopted.other_ledgers, &program) {
            printer.hint(way);
        }
    } else if counts.unknown > 0 {
        printer.hint("the database is ahead of this binary: pull, and build again");
    } else if counts.unfinished > status.revisions.iter().filter(|revision| revision.filled.is_some()).count()
    {
        printer.hint(format_args!("`{program} upgrade` continues what was left unfinished"));
    } else if counts.pending > 0 {
        let pending = match counts.pending {
            1 => "pending revision".to_owned(),
            number => format!("{number} pending revisions"),
        };
        printer.hint(format_args!("`{program} upgrade` applies the {pending}"));
    } else if counts.unfinished > 0 {
        printer.hint(format_args!("`{program} upgrade` goes on with the backfill"));
    } else if clean {
        printer.detail("Up to date");
    }
    for backfill in LeftForLater::of_status(status).backfills.iter().take(3) {
        let filled =
            status.revisions.iter().any(|found| found.revision == *backfill && found.filled.is_some());
        printer.hint(if filled {
            format!("`{program} backfill status {backfill}` says who works on it")
        } else {
            format!("`{program} backfill run {backfill}` does the backfill beside the application")
        });
    }
}

/// The revisions of the source files that this binary was built without. Files that cannot be read tell nothing.
pub(super) fn not_built(app: &App, migrator: &Migrator<AnyConnection>) -> Vec<String> {
    let Ok(tree) = SourceTree::read(&app.manifest, None) else { return Vec::new() };
    let ids = tree.graph.topological().map(|revision| &*revision.id);
    ids.filter(|id| !migrator.graph().contains(id)).map(str::to_owned).collect()
}
