//! The whole program: arguments in, exit code out.

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use clap::{ColorChoice, CommandFactory as _, FromArgMatches as _};
use migrate_core::Manifest;

use crate::app::{App, spoken};
use crate::args::Cli;
use crate::error::{self, CommandError, ErrorKind};
use crate::exit_code;
use crate::ui::{Attention, Printer, Stream, Volume, World};

/// Runs the command line over the migrations of a manifest.
///
/// A `main.rs` of three lines is a whole program:
///
/// ```ignore
/// fn main() -> std::process::ExitCode {
///     migrate_cli::run(my_migrations::MANIFEST)
/// }
/// ```
///
/// The exit codes are those of [`exit_code`](crate::exit_code).
#[must_use]
pub fn run(manifest: Manifest) -> ExitCode {
    let (stdout, stderr) = (Stream::stdout(), Stream::stderr());
    match World::current() {
        Ok(world) => run_with(manifest, std::env::args_os(), world, stdout, stderr).into(),
        Err(error) => {
            let printer = Printer::new(stdout, stderr, [false; 2], Volume::Normal, false);
            CommandError::new(ErrorKind::Source, "no_directory", "the current directory is gone")
                .cause(error)
                .report(&printer, "");
            exit_code::SOURCE.into()
        }
    }
}

/// Runs the command line in a world of the caller's making, and returns the exit code.
///
/// `arguments` start with the program's name. Nothing outside of `world`, the streams, the source directory and
/// the database is touched.
pub fn run_with(
    manifest: Manifest,
    arguments: impl IntoIterator<Item = impl Into<OsString>>,
    world: World,
    stdout: Stream,
    stderr: Stream,
) -> u8 {
    let arguments: Vec<OsString> = arguments.into_iter().map(Into::into).collect();
    let program = program_name(&arguments);
    let cli = match parse(&arguments, &program, &manifest) {
        Ok(cli) => cli,
        Err(error) => {
            let json = arguments.iter().any(|argument| argument == "--json");
            let spoken = spoken(&world, &program);
            return usage(&error::advise(error, &arguments, &spoken), json, &world, stdout, stderr);
        }
    };
    let coloured = [&stdout, &stderr].map(|stream| is_coloured(cli.global.color, &world, stream));
    let volume = match (cli.global.quiet, cli.global.verbose) {
        (true, _) => Volume::Quiet,
        (_, true) => Volume::Verbose,
        _ => Volume::Normal,
    };
    let printer = Printer::new(stdout, stderr, coloured, volume, cli.global.json);
    let attention = Attention::new(world.signals);
    let mut app = App { manifest, global: cli.global, world, attention, printer: printer.clone(), program };
    let outcome = cli.command.run(&mut app).and_then(|()| match printer.fault() {
        Some(fault) => {
            Err(CommandError::new(ErrorKind::Output, "output", "stdout could not be written").cause(fault))
        }
        None => Ok(()),
    });
    printer.pin("");
    match outcome {
        Ok(()) => exit_code::SUCCESS,
        Err(error) => {
            let error = match app.database() {
                Ok(database) => error.redacted(|text| database.url.redact(text)),
                Err(_) => error,
            };
            error.report(&printer, &app.spoken());
            error.kind.exit_code()
        }
    }
}

fn parse(arguments: &[OsString], program: &str, manifest: &Manifest) -> Result<Cli, clap::Error> {
    let (own, migrations) = (env!("CARGO_PKG_VERSION"), manifest.crate_version());
    let version = format!("{own} ({} {migrations})", manifest.crate_name());
    let mut command = Cli::command().name(program.to_owned()).version(version);
    let matches = command.try_get_matches_from_mut(arguments)?;
    Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
}

/// What clap has to say: help on stdout, mistakes on stderr.
fn usage(error: &clap::Error, json: bool, world: &World, stdout: Stream, stderr: Stream) -> u8 {
    let stream = if error.use_stderr() { &stderr } else { &stdout };
    let coloured = is_coloured(ColorChoice::Auto, world, stream);
    let text = error.render();
    let shown = if coloured { text.ansi().to_string() } else { text.to_string() };
    let (to_stderr, exit_code) = (error.use_stderr(), error.exit_code());
    let printer = Printer::new(stdout, stderr, [coloured; 2], Volume::Normal, json);
    if to_stderr {
        CommandError::report_usage(&shown, &text.to_string(), &printer);
    } else {
        printer.raw(&shown);
    }
    u8::try_from(exit_code).unwrap_or(exit_code::USAGE)
}

/// `NO_COLOR` and `TERM=dumb` speak for those who did not say otherwise on the command line.
fn is_coloured(choice: ColorChoice, world: &World, stream: &Stream) -> bool {
    match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => {
            stream.terminal_width.is_some()
                && world.variable("NO_COLOR").is_none()
                && world.variable("TERM") != Some("dumb")
        }
    }
}

fn program_name(arguments: &[OsString]) -> String {
    let stem = arguments.first().and_then(|program| Path::new(program).file_stem());
    stem.map_or_else(|| "migrate-cli".to_owned(), |stem| stem.to_string_lossy().into_owned())
}
