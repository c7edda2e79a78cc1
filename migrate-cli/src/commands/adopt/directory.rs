use std::path::{Path, PathBuf};

use migrate_core::adopt::Tool;
use migrate_core::graph::RevisionGraph;
use migrate_core::revision::Revision;

use super::Named;
use super::files::{self, Files, Migration};
use crate::app::App;
use crate::error::{self, CommandError};
use crate::render::json::{AdoptedFilesDocument, WrittenBody};
use crate::render::text::count;
use crate::scaffold::tree::{SourceTree, TreeError};
use crate::scaffold::writer;

/// The tool's files.
#[derive(Debug, clap::Args)]
pub(super) struct DirectoryArgs {
    /// Write revisions from the tool's files in this directory
    #[arg(long, value_name = "DIR", conflicts_with = "table")]
    from: Option<PathBuf>,

    /// Write them to this directory instead of the crate's own
    #[arg(long, value_name = "DIR", requires = "from")]
    into: Option<PathBuf>,
}

impl DirectoryArgs {
    /// The directories, if files were asked for.
    pub(super) fn named(&self) -> Option<Named<'_>> {
        self.from.as_ref().map(|from| (from, self.into.as_ref()))
    }
}

/// A revision, where it comes from and where it goes.
struct Draft<'f> {
    revision: Revision,
    migration: &'f Migration,
    path: PathBuf,
}

pub(super) fn run(
    app: &mut App,
    tool: Tool,
    from: &Path,
    into: Option<&PathBuf>,
    dry_run: bool,
) -> Result<(), CommandError> {
    let files = read(app, tool, from)?;
    let into = into.map(|directory| app.world.directory.join(directory));
    let tree = SourceTree::read(&app.manifest, into.as_deref()).map_err(|error| error::tree(&error))?;
    let drafts = drafts(&files, &tree).map_err(|error| error::tree(&error))?;
    for draft in &drafts {
        if draft.path.exists() {
            let taken = std::io::ErrorKind::AlreadyExists.into();
            return Err(error::writing(&taken, &draft.path));
        }
    }
    for draft in drafts.iter().filter(|_| !dry_run) {
        let text = files::file_text(tool, &draft.revision, draft.migration);
        let text = writer::formatted(&tree.directory, &text).unwrap_or(text);
        writer::place(&draft.path, text.as_bytes(), writer::Kept::ThroughExit)
            .map_err(|error| error::writing(&error, &tree.directory))?;
    }
    tell(app, tool, &files, &drafts, dry_run);
    Ok(())
}

/// Reads the tool's files; their paths stay as they were given, for they are told and written down.
fn read(app: &App, tool: Tool, from: &Path) -> Result<Files, CommandError> {
    let directory = app.world.directory.join(from);
    let mut files = files::read(tool, &directory).map_err(|error| error::files(&error))?;
    let paths = files.migrations.iter_mut().map(|migration| &mut migration.path);
    for path in paths.chain(&mut files.left_out) {
        if let Ok(below) = path.strip_prefix(&app.world.directory) {
            *path = below.to_owned();
        }
    }
    Ok(files)
}

/// The revisions that are not there yet, each on top of the one before.
fn drafts<'f>(files: &'f Files, tree: &SourceTree) -> Result<Vec<Draft<'f>>, TreeError> {
    let mut drafts = Vec::new();
    let mut parent = None;
    for migration in &files.migrations {
        let down_revisions = parent.replace(migration.id.clone()).into_iter().map(Into::into).collect();
        if tree.graph.contains(&migration.id) {
            continue;
        }
        let (id, message) = (migration.id.clone().into(), migration.message.clone().into());
        let revision = Revision { id, message, down_revisions, ..Revision::default() };
        let path = tree.directory.join(format!("{}.rs", migration.stem()));
        drafts.push(Draft { revision, migration, path });
    }
    let new = drafts.iter().map(|draft| draft.revision.clone());
    RevisionGraph::new(tree.graph.revisions().iter().cloned().chain(new)).map_err(|errors| {
        TreeError::Graph { directory: tree.directory.clone(), errors, duplicates: <_>::default() }
    })?;
    Ok(drafts)
}

fn tell(app: &App, tool: Tool, files: &Files, drafts: &[Draft<'_>], dry_run: bool) {
    let printer = &app.printer;
    if printer.json() {
        let written = drafts.iter().map(|Draft { revision, migration, path }| WrittenBody {
            revision: &revision.id,
            down_revisions: &revision.down_revisions,
            path: path.display().to_string(),
            source: migration.path.display().to_string(),
            irreversible: !migration.is_reversible(),
            unwritten: !migration.is_written(),
        });
        printer.document(&AdoptedFilesDocument::new(tool, dry_run, written.collect()));
    }
    for Draft { path, .. } in drafts.iter().filter(|_| !printer.json()) {
        printer.data(app.shown(path).display());
    }
    for path in &files.left_out {
        printer.warning(format_args!("{} is left out: `migrations()` does not list it", path.display()));
    }
    let Some(last) = drafts.last() else {
        printer.talk(format_args!("Nothing to do: the revisions of all files are there"));
        return;
    };
    let palette = printer.talk_palette();
    printer.talk(format_args!(
        "{} {} from {tool}, up to {}",
        if dry_run { "Would write" } else { "Wrote" },
        count(drafts.len(), "revision"),
        palette.name(&last.revision.id)
    ));
    if dry_run {
        return;
    }
    let program = app.spoken();
    let unwritten = drafts.iter().filter(|draft| !draft.migration.is_written()).count();
    if unwritten > 0 {
        printer.hint(format_args!(
            "{} to be written, from Rust that was written for {tool}: `{program} check` lists what is left",
            if unwritten == 1 { "a body is".to_owned() } else { format!("the bodies of {unwritten} are") }
        ));
    }
    printer.hint(format_args!(
        "build, then take over what a database has: {program} adopt {} --dry-run",
        tool.word()
    ));
}
