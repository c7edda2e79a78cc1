use std::path::{Path, PathBuf};

use crate::app::App;
use crate::error::{self, CommandError};
use crate::project::{self, Made, ProjectError, Server, Source, Wish};
use crate::render::json::InitDocument;

/// Make a crate of migrations in a Cargo workspace, or in an empty directory
#[derive(Debug, clap::Args)]
#[command(after_help = "\
In a Cargo project the crate becomes a member of its workspace; a package that is none becomes one. In an empty
directory the workspace is made too. Nothing is overwritten.")]
pub(crate) struct Args {
    /// The project's directory; made if it is not there
    #[arg(value_name = "DIR", default_value = ".")]
    directory: PathBuf,

    /// Call the crate, and its folder, this
    #[arg(long, value_name = "NAME", default_value = "migrations")]
    name: String,

    /// Build it for these servers, separated by commas; the others are features
    #[arg(long, value_name = "SERVER", value_delimiter = ',', default_value = "sqlite")]
    server: Vec<Server>,

    /// Take the framework from a checkout of it and not from the registry
    #[arg(long, value_name = "DIR")]
    checkout: Option<PathBuf>,
}

pub(crate) fn run(app: &mut App, args: Args) -> Result<(), CommandError> {
    let directory = app.world.directory.join(&args.directory);
    let mut servers = args.server;
    servers.sort_unstable();
    servers.dedup();
    let source = source(app, args.checkout.as_deref()).map_err(|error| error::project(&error))?;
    let cargo = app.world.variable("CARGO").unwrap_or("cargo").into();
    let wish = Wish { directory, name: args.name, servers, source, cargo };
    let made = project::init(&wish).map_err(|error| error::project(&error))?;
    tell(app, &wish, &made, &args.directory);
    Ok(())
}

/// Where the framework comes from: a checkout that is named, or that this program is being run from by cargo, or the
/// registry.
fn source(app: &App, named: Option<&Path>) -> Result<Source, ProjectError> {
    if let Some(named) = named {
        let path = app.world.directory.join(named);
        return match path.canonicalize().ok().filter(|path| project::is_checkout(path)) {
            Some(path) => Ok(Source::Checkout(path)),
            None => Err(ProjectError::NoCheckout { path }),
        };
    }
    let own = env!("CARGO_MANIFEST_DIR");
    let checkout = Path::new(own).parent().filter(|checkout| project::is_checkout(checkout));
    match checkout {
        Some(checkout) if app.world.variable("CARGO_MANIFEST_DIR") == Some(own) => {
            Ok(Source::Checkout(checkout.to_owned()))
        }
        _ => Ok(Source::Registry),
    }
}

fn tell(app: &App, wish: &Wish, made: &Made, directory: &Path) {
    let printer = &app.printer;
    if printer.json() {
        printer.document(&InitDocument::new(&wish.name, made));
        return;
    }
    for path in &made.created {
        printer.data(app.shown(path).display());
    }
    let palette = printer.talk_palette();
    let what = if made.is_new_workspace { "a new workspace with the crate" } else { "the crate" };
    printer.talk(format_args!("Made {what} {} in {}", palette.name(&wish.name), made.root.display()));
    for path in &made.changed {
        printer.talk(format_args!("Listed it in {}", app.shown(path).display()));
    }
    if let Source::Checkout(checkout) = &wish.source {
        printer.talk(format_args!("It takes the framework from {}", checkout.display()));
    }
    let program = format!("cargo run -p {} --", wish.name);
    let is_here = app.world.directory.canonicalize().is_ok_and(|here| here.starts_with(&made.root));
    if !is_here {
        printer.hint(format_args!("cd {}", quoted(directory)));
    }
    printer.hint(format_args!("a first migration: {program} new \"create users\""));
    printer.hint(format_args!("then, with `up` and `down` filled in: {program} upgrade"));
}

/// A path as a shell takes it for one word.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '/' | '.' | '_' | '-' | '~' | '\\' | ':');
    if text.chars().all(is_plain) { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}
