use std::collections::BTreeSet;

use clap::ValueEnum;
use migrate_core::Migrator;
use migrate_core::connection::{AnyConnection, Dialect};
use migrate_core::plan::Direction;
use migrate_core::runner::{RevisionFinding, RevisionState, RevisionStatus, Status};
use migrate_core::safety::Level;

use super::safety::{self, Scope, Surroundings};
use crate::app::{Access, App};
use crate::args::{DeferArgs, Server};
use crate::error::{self, CommandError, ErrorKind, pages};
use crate::render::deferred::LeftForLater;
use crate::render::finding;
use crate::render::json::CheckDocument;
use crate::render::text::{count, list};
use crate::scaffold::reader::SourceRevision;
use crate::scaffold::tree::SourceTree;

/// Fail if something is not as it should be
#[derive(Debug, clap::Args)]
#[command(after_help = "\
heads, files, unlisted and todo need no database; ledger, edited, unknown and pending do. safety looks at what is pending, or,
with --no-db and --dialect, at everything; what its rules only warn about is told and does not fail.")]
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

    #[command(flatten)]
    defer: DeferArgs,

    /// Only the safety rules: what the pending revisions do to those who use the database
    #[arg(long, conflicts_with_all = ["only", "skip"])]
    safety: bool,

    /// Fail also on what the safety rules only warn about
    #[arg(long, help_heading = "Safety")]
    deny_warnings: bool,

    /// Look at the revisions after this one, not at the pending ones
    #[arg(long, value_name = "REV", help_heading = "Safety")]
    since: Option<String>,

    /// Without a database: the server that the revisions are for
    #[arg(long, value_name = "NAME", requires = "no_db", help_heading = "Safety")]
    dialect: Option<Server>,
}

impl Args {
    /// The checks to be made.
    fn chosen(&self) -> Result<BTreeSet<Check>, CommandError> {
        let named = |check: &Check| match (self.safety, self.only.as_slice()) {
            (true, _) => *check == Check::Safety,
            (false, []) => !self.skip.contains(check),
            (false, only) => only.contains(check),
        };
        let mut chosen: BTreeSet<_> = Check::value_variants().iter().copied().filter(named).collect();
        if self.no_db && self.dialect.is_none() && chosen.contains(&Check::Safety) {
            if self.safety || self.only.contains(&Check::Safety) {
                let message = "without a database the safety rules need to know the server";
                return Err(CommandError::new(ErrorKind::Usage, "no_dialect", message)
                    .hint("{program} check --safety --no-db --dialect postgres"));
            }
            chosen.remove(&Check::Safety);
        }
        chosen.retain(|check| !(self.no_db && check.needs_database()));
        if chosen.is_empty() {
            return Err(CommandError::new(ErrorKind::Usage, "no_checks", "no check is left to make"));
        }
        Ok(chosen)
    }

    /// Whether a finding makes the check fail.
    fn fails(&self, found: &RevisionFinding) -> bool {
        let least = if self.deny_warnings { Level::Warn } else { Level::Deny };
        found.finding.level >= least
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
enum Check {
    /// There is one head
    Heads,
    /// Every source file is in this binary
    Files,
    /// Every migration in this binary is in its crate's directory
    Unlisted,
    /// No migration has a name in it that `new --backfill` made up, or a body that `adopt` left unwritten
    Todo,
    /// There is a ledger, or no table that was there before it
    Ledger,
    /// The ledger holds nothing that this binary does not know
    Unknown,
    /// No applied revision was edited
    Edited,
    /// No revision is pending or unfinished
    Pending,
    /// No safety rule that is denied finds anything in the pending revisions
    Safety,
}

impl Check {
    fn needs_database(self) -> bool {
        matches!(self, Self::Ledger | Self::Unknown | Self::Edited | Self::Pending)
    }
}

/// What a check found: nothing, if it has no revisions.
struct Finding {
    name: String,
    message: String,
    revisions: Vec<String>,
}

/// What was learnt of the database.
struct Seen {
    status: Status,
    surroundings: Option<Surroundings>,
}

pub(crate) fn run(app: &mut App, args: &Args) -> Result<(), CommandError> {
    let migrator = app.migrator_deferring(None, args.defer)?;
    let chosen = args.chosen()?;
    let asks_safety = chosen.contains(&Check::Safety);
    let seen = if chosen.iter().any(|check| check.needs_database()) || (asks_safety && !args.no_db) {
        let (_, mut connection) = app.connect(Access::Read)?;
        let status = migrator.status(&mut connection);
        let status = status.map_err(|error| error::running(&error, migrator.graph()))?;
        let surroundings = asks_safety.then(|| Surroundings::of(&mut connection, &migrator)).transpose()?;
        Some(Seen { status, surroundings })
    } else {
        None
    };
    let found = asks_safety.then(|| unsafe_steps(args, &migrator, seen.as_ref())).transpose()?;
    found.iter().flatten().for_each(|found| finding::tell(&app.printer, found));
    if let Some(left) =
        seen.as_ref().map(|seen| LeftForLater::of_status(&seen.status)).filter(|left| !left.is_empty())
    {
        app.printer.talk(format_args!("Left for later: {}", left.words()));
    }
    let denied: Vec<_> = found.iter().flatten().filter(|found| args.fails(found)).collect();
    let status = seen.as_ref().map(|seen| &seen.status);
    let findings: Vec<_> = chosen
        .into_iter()
        .map(|check| look(app, check, &migrator, status, &denied))
        .collect::<Result<_, _>>()?;
    tell(app, &findings, found.as_deref())
}

/// What the safety rules find in the pending revisions, or in those after a given one.
fn unsafe_steps(
    args: &Args,
    migrator: &Migrator<AnyConnection>,
    seen: Option<&Seen>,
) -> Result<Vec<RevisionFinding>, CommandError> {
    let scope = match seen {
        Some(seen) if args.since.is_none() => {
            let is_pending = |state| matches!(state, RevisionState::Pending | RevisionState::Running);
            let pending = seen.status.revisions.iter().filter(|revision| is_pending(revision.state));
            Scope::Run(pending.map(|revision| revision.revision.clone()).collect())
        }
        _ => safety::since(migrator, args.since.as_deref())?,
    };
    let of_server = || Surroundings::none(args.dialect.map_or(Dialect::Postgres, Dialect::from));
    let known = seen.and_then(|seen| seen.surroundings.clone());
    let surroundings = known.unwrap_or_else(of_server);
    Ok(safety::look(migrator, &scope, Direction::Upgrade, &surroundings))
}

fn look(
    app: &App,
    check: Check,
    migrator: &Migrator<AnyConnection>,
    status: Option<&Status>,
    denied: &[&RevisionFinding],
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
        Check::Todo => ("to be filled in", unfilled(app)?),
        Check::Ledger => {
            let tables = status.and_then(|status| status.unadopted.as_ref()).map(|found| &found.tables);
            let names = tables.into_iter().flatten().map(ToString::to_string);
            ("tables and no ledger", names.collect())
        }
        Check::Unknown => ("in the ledger and not in this binary", in_states(&[RevisionState::Unknown])),
        Check::Edited => {
            let all = status.map(|status| status.revisions.as_slice()).unwrap_or_default();
            let edited = all.iter().filter(|revision| revision.edited);
            ("edited after being applied", edited.map(|revision| revision.revision.clone()).collect())
        }
        Check::Pending => {
            let settled = |found: &&RevisionStatus| {
                matches!(found.state, RevisionState::Applied | RevisionState::Unknown)
                    || migrator.options().defer_backfills && (found.is_due || !found.waits_for.is_empty())
            };
            let all = status.map(|status| status.revisions.as_slice()).unwrap_or_default();
            let pending = all.iter().filter(|found| !settled(found));
            ("not applied", pending.map(|found| found.revision.clone()).collect())
        }
        Check::Safety => {
            let mut revisions: Vec<_> = denied.iter().map(|found| found.revision.clone()).collect();
            revisions.dedup();
            ("in which a safety rule finds something", revisions)
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
    SourceTree::read(&app.manifest, None).map_err(|error| error::tree(&error))?;
    Ok(super::status::not_built(app, migrator))
}

/// The revisions whose files have names that an author has still to fill in, with the first place.
fn unfilled(app: &App) -> Result<Vec<String>, CommandError> {
    let tree = SourceTree::read(&app.manifest, None).map_err(|error| error::tree(&error))?;
    let place = |source: &SourceRevision| {
        let line = source.placeholders.first()?;
        Some(format!("{} at {}:{line}", source.revision.id, app.shown(&source.path).display()))
    };
    Ok(tree.sources.values().filter_map(place).collect())
}

fn tell(app: &App, findings: &[Finding], found: Option<&[RevisionFinding]>) -> Result<(), CommandError> {
    let printer = &app.printer;
    if printer.json() {
        let checks = findings.iter().map(|finding| {
            let Finding { name, message, revisions } = finding;
            (name.as_str(), revisions.is_empty(), message.as_str(), revisions.as_slice())
        });
        printer.document(&CheckDocument::new(checks, found));
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
    let ledger_failed = names.contains(&"ledger");
    for finding in failed {
        // An upgrade is no way on there.
        if ledger_failed && finding.name == "pending" {
            continue;
        }
        error = error.hint(match finding.name.as_str() {
            "heads" => format!("join the heads: {{program}} merge {} -m \"…\"", finding.revisions.join(" ")),
            "files" => format!("build again; where that does nothing: {}", pages::LINKING),
            "todo" => "put the names of your table and its columns in the place of `todo_…`, and a body in the place of \
                       `unwritten(…)`"
                .to_owned(),
            "ledger" => {
                "is this schema one of these revisions'? `{program} status` says how to go on".to_owned()
            }
            "unknown" => "pull, and build again".to_owned(),
            "safety" => {
                "where it is safe all the same, the migration says so: allow(rule, reason = \"…\")".to_owned()
            }
            "edited" => "undo the edit; the change belongs into a new revision".to_owned(),
            _ => "{program} upgrade".to_owned(),
        });
    }
    Err(error)
}
