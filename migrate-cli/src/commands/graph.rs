use std::path::{Path, PathBuf};

use clap::ValueEnum;
use migrate_core::runner::Status;
use migrate_core::{AnyConnection, Migrator};

use crate::app::{Access, App};
use crate::error::{self, CommandError, ErrorKind};
use crate::render::graph::terminal::{Charset, Look};
use crate::render::graph::{Picture, dot, mermaid, svg, terminal};
use crate::render::json::RevisionsDocument;
use crate::ui::Palette;

/// Draw the revision graph
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Draw in this form
    #[arg(short, long, value_name = "FORM", default_value = "terminal")]
    format: Format,

    /// Write to this file
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Draw the revisions alone, without asking a database what is applied
    #[arg(long)]
    no_db: bool,

    /// Draw lines with ASCII characters
    #[arg(long)]
    ascii: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Lines and circles, newest first
    Terminal,
    /// A Mermaid flowchart, for Markdown
    Mermaid,
    /// Graphviz' language
    Dot,
    /// An image
    Svg,
}

pub(crate) fn run(app: &mut App, args: &Args) -> Result<(), CommandError> {
    let migrator = app.migrator(None)?;
    let status = if args.no_db { None } else { Some(ask(app, &migrator)?) };
    let printer = &app.printer;
    if printer.json() && args.output.is_none() {
        printer.document(&document(&migrator, status.as_ref()));
        return Ok(());
    }
    let picture = Picture::new(migrator.graph(), status.as_ref());
    if args.format == Format::Mermaid && picture.edges() > mermaid::MOST_EDGES {
        printer.warning(format_args!(
            "{} edges: Mermaid draws {} unless its `maxEdges` is set higher",
            picture.edges(),
            mermaid::MOST_EDGES
        ));
    }
    let Some(file) = &args.output else {
        let look = Look { palette: printer.palette(), width: printer.terminal_width(), ..look(args) };
        printer.raw(&draw(&picture, args.format, look));
        return Ok(());
    };
    let drawing = if printer.json() {
        serde_json::to_string_pretty(&document(&migrator, status.as_ref())).unwrap_or_default()
    } else {
        draw(&picture, args.format, look(args))
    };
    write(app, file, &drawing)
}

fn ask(app: &App, migrator: &Migrator<AnyConnection>) -> Result<Status, CommandError> {
    let without = "`graph --no-db` draws without a database";
    let (_, mut connection) = app.connect(Access::Read).map_err(|error| error.hint(without))?;
    migrator.status(&mut connection).map_err(|error| error::running(&error, migrator.graph()))
}

fn document<'a>(migrator: &'a Migrator<AnyConnection>, status: Option<&Status>) -> RevisionsDocument<'a> {
    let current: Option<Vec<_>> = status.map(|status| status.heads.iter().map(String::as_str).collect());
    let graph = migrator.graph();
    let declaration = |id: &str| migrator.declaration(id);
    RevisionsDocument::new(graph, graph.topological().rev(), declaration, current.as_deref())
}

/// How a drawing in a file looks.
fn look(args: &Args) -> Look {
    let charset = if args.ascii { Charset::Ascii } else { Charset::Unicode };
    Look { palette: Palette::PLAIN, charset, width: None }
}

fn draw(picture: &Picture, format: Format, look: Look) -> String {
    match format {
        Format::Terminal => terminal::draw(picture, look),
        Format::Mermaid => mermaid::draw(picture),
        Format::Dot => dot::draw(picture),
        Format::Svg => svg::draw(picture),
    }
}

fn write(app: &App, file: &Path, drawing: &str) -> Result<(), CommandError> {
    std::fs::write(app.world.directory.join(file), drawing).map_err(|error| {
        let message = format!("{} could not be written", file.display());
        CommandError::new(ErrorKind::Output, "output", message).cause(error)
    })?;
    app.printer.talk(format_args!("Wrote {}", file.display()));
    Ok(())
}
