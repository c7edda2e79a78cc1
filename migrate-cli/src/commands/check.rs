use std::collections::BTreeSet;

use clap::ValueEnum;
use migrate_core::Migrator;
use migrate_core::connection::AnyConnection;
use migrate_core::runner::{RevisionState, Status};

use crate::app::{Access, App};
use crate::error::{self, CommandError, ErrorKind};
use crate::render::json::CheckDocument;
use crate::render::text::{count, list};

/// Fail if something is not as it should be
#[derive(Debug, clap::Args)]
#[command(after_help = "heads, files and unlisted need no database; edited, unknown and pending do.")]
pub(crate) struct Args {
    /// Only these, separated by commas
    #[arg(long, value_name = "CHECKS", value_delimiter = ',', conflicts_with = "skip")]
    only: Vec<Check>,

    /// All but these, separated by commas
    #[arg(long, value_name = "CHECKS", value_delimiter = ',')]
    skip: Vec<Check>,

    /// Only what needs no database
    #[arg(long)]
    no_db: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
enum Check {
    /// There is one head
    Heads,
    /// Every source file is in this binary
    Files,
    /// Every migration in this binary is in its crate's directory
    Unlisted,
    /// The ledger holds nothing that this binary does not know
    Unknown,
    /// No applied revision was edited
    Edited,
    /// No revision is pending or unfinished
    Pending,
}

impl Check {
    fn needs_database(self) -> bool {
        matches!(self, Self::Unknown | Self::Edited | Self::Pending)
    }
}

/// What a check found: nothing, if it has no revisions.
struct Finding {
    name: String,
    message: String,
    revisions: Vec<String>,
}

pub(crate) fn run(app: &mut App, args: &Args) -> Result<(), CommandError> {
    let migrator = app.migrator(None)?;
    let chosen: BTreeSet<_> = Check::value_variants()
        .iter()
        .copied()
        .filter(|check| args.only.is_empty() || args.only.contains(check))
        .filter(|check| !args.skip.contains(check))
        .filter(|check| !(args.no_db && check.needs_database()))
        .collect();
    if chosen.is_empty() {
        return Err(CommandError::new(ErrorKind::Usage, "no_checks", "no check is left to make"));
    }
    let status = if chosen.iter().any(|check| check.needs_database()) {
        let (_, mut connection) = app.connect(Access::Read)?;
        Some(migrator.status(&mut connection).map_err(|error| error::running(&error, migrator.graph()))?)
    } else {
        None
    };
    let findings: Vec<_> = chosen
        .into_iter()
        .map(|check| look(app, check, &migrator, status.as_ref()))
        .collect::<Result<_, _>>()?;
    tell(app, &findings)
}

fn look(
    app: &App,
    check: Check,
    migrator: &Migrator<AnyConnection>,
    status: Option<&Status>,
) -> Result<Finding, CommandError> {
    let in_states = |states: &[RevisionState]| -> Vec<String> {
        let all = status.map(|status| status.revisions.as_slice()).unwrap_or_default();
        let found = all.iter().filter(|revision| states.contains(&revision.state));
        found.map(|revision| revision.revision.clone()).collect()
    };
    let (message, revisions) = match check {
        Check::Heads => {
            let mut heads: Vec<_> = migrator.graph().heads().into_iter().map(str::to_owned).collect();
            if heads.len() == 1 {
                heads.clear();
            }
            ("heads, where there should be one", heads)
        }
        Check::Files => ("on disk and not in this binary", unbuilt(app, migrator)?),
        Check::Unlisted => {
            let unlisted = migrate_core::registry::unlisted(&app.manifest).into_iter();
            let places = unlisted.map(|found| format!("{} at {}:{}", found.revision, found.file, found.line));
            ("outside of the directory that `migrations!` reads, so never run", places.collect())
        }
        Check::Unknown => ("in the ledger and not in this binary", in_states(&[RevisionState::Unknown])),
        Check::Edited => {
            let all = status.map(|status| status.revisions.as_slice()).unwrap_or_default();
            let edited = all.iter().filter(|revision| revision.edited);
            ("edited after being applied", edited.map(|revision| revision.revision.clone()).collect())
        }
        Check::Pending => {
            use RevisionState::{Pending, Reverting, Running};
            ("not applied", in_states(&[Pending, Running, Reverting]))
        }
    };
    let name = check.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
    let message = if revisions.is_empty() {
        String::new()
    } else {
        format!("{} {message}: {}", revisions.len(), list(&revisions, 5))
    };
    Ok(Finding { name, message, revisions })
}

/// Unlike `status`, which only mentions it, a check that cannot read the files fails.
fn unbuilt(app: &App, migrator: &Migrator<AnyConnection>) -> Result<Vec<String>, CommandError> {
    crate::scaffold::tree::SourceTree::read(&app.manifest, None).map_err(|error| error::tree(&error))?;
    Ok(super::status::not_built(app, migrator))
}

fn tell(app: &App, findings: &[Finding]) -> Result<(), CommandError> {
    let printer = &app.printer;
    if printer.json() {
        printer.document(&CheckDocument::new(findings.iter().map(|finding| {
            let Finding { name, message, revisions } = finding;
            (name.as_str(), revisions.is_empty(), message.as_str(), revisions.as_slice())
        })));
    } else {
        let palette = printer.palette();
        for Finding { name, message, revisions } in findings {
            if revisions.is_empty() {
                printer.data(format_args!("{} {name}", palette.good("✓")));
            } else {
                printer.data(format_args!("{} {name:<8} {message}", palette.bad("✗")));
            }
        }
    }
    let failed: Vec<_> = findings.iter().filter(|finding| !finding.revisions.is_empty()).collect();
    if failed.is_empty() {
        return Ok(());
    }
    let names: Vec<_> = failed.iter().map(|finding| finding.name.as_str()).collect();
    let message = format!("{} failed: {}", count(failed.len(), "check"), names.join(", "));
    let mut error = CommandError::new(ErrorKind::Check, "check_failed", message);
    for finding in failed {
        error = error.hint(match finding.name.as_str() {
            "heads" => format!("join the heads: {{program}} merge {} -m \"…\"", finding.revisions.join(" ")),
            "files" => "build again".to_owned(),
            "unknown" => "pull, and build again".to_owned(),
            "edited" => "undo the edit; the change belongs into a new revision".to_owned(),
            _ => "{program} upgrade".to_owned(),
        });
    }
    Err(error)
}
