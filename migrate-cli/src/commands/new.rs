use std::path::PathBuf;

use migrate_core::revision::Revision;

use crate::app::App;
use crate::error::{self, CommandError, ErrorKind};
use crate::render::json::NewDocument;
use crate::scaffold::draft::{Draft, Parents, random_id};
use crate::scaffold::template::Kind;
use crate::scaffold::tree::SourceTree;
use crate::scaffold::writer;

/// Write a new migration file
#[derive(Debug, clap::Args)]
#[command(after_help = "The new revision goes on top of the files on disk, built or not.")]
pub(crate) struct Args {
    /// What the migration does
    #[arg(value_name = "MESSAGE", required_unless_present = "message")]
    words: Vec<String>,

    /// What the migration does
    #[arg(short, long, value_name = "TEXT", conflicts_with = "words")]
    message: Option<String>,

    /// Write a typed backfill, which changes the rows of a table in batches
    #[arg(long)]
    backfill: bool,

    /// Base it on this revision: an id, `<label>@head`, `base`
    #[arg(long, value_name = "REV", default_value = "head", allow_hyphen_values = true)]
    head: String,

    /// Start a second branch from a revision that is no head
    #[arg(long)]
    splice: bool,

    /// Give the branch that starts here a label; may be repeated
    #[arg(long = "branch-label", value_name = "LABEL")]
    branch_labels: Vec<String>,

    /// Run it after this revision or branch too; may be repeated
    #[arg(long, value_name = "REV")]
    depends_on: Vec<String>,

    /// Choose the revision id
    #[arg(long, value_name = "ID")]
    rev_id: Option<String>,

    /// Write to this directory
    #[arg(long, value_name = "DIR")]
    directory: Option<PathBuf>,
}

pub(crate) fn run(app: &mut App, args: Args) -> Result<(), CommandError> {
    let message = args.message.unwrap_or_else(|| args.words.join(" "));
    if message.trim().is_empty() {
        return Err(CommandError::new(ErrorKind::Usage, "empty_message", "the message is empty")
            .hint("say what the migration does: {program} new \"add email_verified to users\""));
    }
    let draft = Draft {
        message: message.trim().to_owned(),
        rev_id: args.rev_id,
        parents: Parents::One(args.head),
        splice: args.splice,
        branch_labels: args.branch_labels,
        depends_on: args.depends_on,
    };
    let (kind, next) = if args.backfill {
        (
            Kind::Backfill,
            "fill in the names of the table and its columns; `{program} check` finds those that are left",
        )
    } else {
        (Kind::Plain, "fill in `up` and `down`, then: {program} upgrade")
    };
    write(app, draft, kind, args.directory, next)
}

/// Decides what the new revision is, and writes it.
pub(super) fn write(
    app: &App,
    draft: Draft,
    kind: Kind,
    directory: Option<PathBuf>,
    next: &str,
) -> Result<(), CommandError> {
    let directory = directory.map(|directory| app.world.directory.join(directory));
    let tree = SourceTree::read(&app.manifest, directory.as_deref()).map_err(|error| error::tree(&error))?;
    let mut no_randomness = None;
    let drafted = draft.resolve(&tree.graph, || {
        random_id().unwrap_or_else(|error| {
            no_randomness = Some(error);
            String::new()
        })
    });
    if let Some(cause) = no_randomness {
        let message = "the system gave no random numbers";
        return Err(CommandError::new(ErrorKind::Source, "no_randomness", message)
            .cause(cause)
            .hint("choose the id: --rev-id <id>"));
    }
    let revision = drafted.map_err(|error| error::drafting(&error, &tree.graph))?;
    let path = writer::write(&tree.directory, &revision, kind, app.world.now)
        .map_err(|error| error::writing(&error, &tree.directory))?;
    tell(app, &revision, &path, next);
    Ok(())
}

fn tell(app: &App, revision: &Revision, path: &std::path::Path, next: &str) {
    let printer = &app.printer;
    if printer.json() {
        printer.document(&NewDocument::new(revision, path));
    } else {
        printer.data(app.shown(path).display());
    }
    let on = match revision.down_revisions.as_slice() {
        [] => "a new base".to_owned(),
        [parent] => format!("on top of {parent}"),
        parents => format!("joining {}", parents.join(", ")),
    };
    let palette = printer.talk_palette();
    printer.talk(format_args!("Wrote revision {}, {on}", palette.name(&revision.id)));
    printer.hint(next.replace("{program}", &app.spoken()));
}
