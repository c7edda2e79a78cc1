//! Runs: the migrator's errors.

use migrate_core::backfill::BackfillError;
use migrate_core::connection::{FailureKind, classify};
use migrate_core::graph::RevisionGraph;
use migrate_core::ledger::{LedgerRow, RowState};
use migrate_core::plan::Direction;
use migrate_core::registry::{Incomplete, RegistryError};
use migrate_core::runner::{Error, MigratorError, Report, RevisionFinding, VerifyError};

use super::target::{graph_faults, target};
use super::{CommandError, ErrorKind, adopt, backfill, body, existing, pages, rebuild, rehearsal};

/// Migrations that cannot be run at all.
pub(crate) fn migrator(error: &MigratorError) -> CommandError {
    match error {
        MigratorError::Graph(errors) => graph_faults(errors),
        MigratorError::Registry(error) => registry(error),
        _ => CommandError::new(ErrorKind::Graph, "migrations", error).sources(error),
    }
}

fn registry(error: &RegistryError) -> CommandError {
    let told = |code| CommandError::new(ErrorKind::Graph, code, error);
    match error {
        RegistryError::Empty { .. } => told("no_migrations")
            .hint("write the first one: {program} new \"create users\"")
            .hint(format_args!(
                "if it is there already, build again; where that does nothing: {}",
                pages::LINKING
            )),
        RegistryError::Missing { crates, .. } => crates
            .iter()
            .fold(told("not_linked"), |told, Incomplete { crate_name, .. }| {
                let path = crate_name.replace('-', "_");
                told.hint(format_args!(
                    "`use {path} as _;` in the binary keeps the migrations of {crate_name}"
                ))
            })
            .hint(
                "the `MANIFEST` of `migrations!` needs none of that, whatever links it: is this one a copy?",
            ),
        RegistryError::Duplicate { .. } => told("duplicate_revision").hint(
            "give one of them another id, unless the same crate is here in two versions: `cargo tree -d`",
        ),
        RegistryError::OtherConnection { .. } => told("other_connection")
            .hint("this program runs migrations of `migrate_core::AnyConnection` and its variants"),
        _ => told("migrations"),
    }
}

/// A run that did not do what it was asked for.
pub(crate) fn running(error: &Error, graph: &RevisionGraph) -> CommandError {
    let told = |kind, code| CommandError::new(kind, code, error).sources(error);
    match error {
        Error::Plan(error) => target(error, graph),
        Error::Offline(_) => {
            told(ErrorKind::Stopped, "no_sql").hint("a run stops there too; nothing was changed")
        }
        Error::Unknown { rows } => unknown(told(ErrorKind::Ledger, "unknown_applied"), rows),
        Error::NewerLedger { written_by, .. } => told(ErrorKind::Ledger, "newer_ledger")
            .hint(format_args!("it was written by {written_by}: use that version or a later one")),
        Error::NotClosed { missing, .. } => told(ErrorKind::Ledger, "not_closed")
            .hint("a row was deleted by hand, or a `down_revision` changed after the revision was applied")
            .hint(format_args!(
                "if the database has what {} does, record everything anew: {{program}} stamp --purge <current revision>",
                missing.join(", ")
            )),
        Error::TablesWithoutLedger(unadopted) => {
            existing::tables(told(ErrorKind::Ledger, "tables_without_ledger"), &unadopted.other_ledgers)
        }
        Error::Adopt(error) => adopt::refused(error, graph),
        Error::Interrupted { revision, state, applied_by } => interrupted(
            told(ErrorKind::Ledger, "interrupted"),
            revision,
            *state,
            applied_by,
            graph,
        ),
        Error::Irreversible { revision, .. } => told(ErrorKind::Refused, "irreversible")
            .hint(format_args!("nothing was changed; `{{program}} downgrade {revision}` goes as far as it can")),
        Error::Unsafe { findings } => denied(told(ErrorKind::Unsafe, "unsafe"), findings),
        Error::WrongServer { .. } => told(ErrorKind::Target, "wrong_server")
            .hint("nothing was changed; is this the database that was meant? `{program} status` names it"),
        Error::NotTransactional { .. } => told(ErrorKind::Usage, "not_transactional")
            .hint("leave --single-transaction out, or upgrade to the revision before it first"),
        Error::NotAlone { .. } => told(ErrorKind::Ledger, "not_alone")
            .hint("`{program} status` shows what is applied"),
        Error::Unsupported { .. } => told(ErrorKind::Usage, "unsupported").hint("leave the option out"),
        Error::Locked { .. } => told(ErrorKind::Lock, "locked")
            .hint("run the same command again when that run is over, or wait for it longer: --lock-wait 10m")
            .hint("a run that hangs is ended on the server: SELECT pg_terminate_backend(<process id>)"),
        Error::SessionMoved { .. } => told(ErrorKind::Lock, "session_moved")
            .hint("a pooler in transaction mode stands in between: pass --lock lease, or connect to the server itself"),
        Error::LeaseTaken { .. } => told(ErrorKind::Lock, "lease_taken")
            .hint("this run stood still for longer than a lease lasts; the other one does the work"),
        Error::Diverged { report, .. } => {
            with_steps(told(ErrorKind::Ledger, "diverged"), report)
                .hint("another run was at work: `{program} status` shows where things are")
        }
        Error::Halted { report, .. } => {
            with_steps(told(ErrorKind::Halted, "halted"), report).hint("what is done stays; the same command continues")
        }
        Error::HaltedWaiting { .. } => {
            told(ErrorKind::Halted, "halted_waiting").hint("nothing was changed here; the other run goes on")
        }
        Error::Stopped { revision, cause, report, .. } if cause.is::<BackfillError>() => {
            let told = with_steps(told(ErrorKind::Stopped, "backfill_stopped"), report);
            backfill::stopped(told, &**cause, revision)
        }
        Error::Stopped { revision, direction, report, half_done, cause, .. } => {
            let told = with_steps(told(ErrorKind::Stopped, "stopped"), report);
            let told = body::advise(told, &**cause, revision);
            let told = stopped(told, revision, *direction, report, *half_done, classify(&**cause));
            rebuild::advise(told, &**cause)
        }
        Error::NotABackfill { .. }
        | Error::NotNext { .. }
        | Error::SeveralBackfills { .. }
        | Error::WrongState { .. } => backfill::refused(error),
        Error::Unretried { cause, .. } => failure(told(ErrorKind::Database, "unretried"), classify(&**cause))
            .hint("the rows before it are recorded; the same command goes on with those that are left"),
        Error::Verify(error) => {
            let kind = match error {
                VerifyError::Halted => ErrorKind::Halted,
                VerifyError::Build { .. } => ErrorKind::Stopped,
                VerifyError::NotEmpty(_) => ErrorKind::Refused,
                _ => ErrorKind::Ledger,
            };
            existing::unverified(CommandError::new(kind, "unverified", error).sources(error), error, graph)
        }
        Error::Rehearsal(error) => rehearsal::refused(error),
        Error::NotCurrent { .. } => told(ErrorKind::Check, "not_current").hint("{program} upgrade"),
        Error::Database(cause) => database(told(ErrorKind::Database, "database"), classify(cause)),
        _ => told(ErrorKind::Database, "run"),
    }
}

fn denied(told: CommandError, findings: &[RevisionFinding]) -> CommandError {
    let told = findings.iter().take(5).fold(told, |told, found| told.cause(&found.finding.danger));
    let told = told.hint(
        "nothing was changed; `{program} check --safety` shows each with the code that does the same safely",
    );
    match findings.first() {
        Some(found) => told.hint(format_args!(
            "where it is safe all the same, the migration says so: allow({}, reason = \"…\")",
            found.finding.rule.name.replace('-', "_")
        )),
        None => told,
    }
}

fn with_steps(mut told: CommandError, report: &Report) -> CommandError {
    told.steps_done = report.steps.iter().map(|step| step.revision.clone()).collect();
    told
}

fn unknown(mut told: CommandError, rows: &[LedgerRow]) -> CommandError {
    for row in rows.iter().take(5) {
        let message = if row.message.is_empty() { String::new() } else { format!(" ({})", row.message) };
        told = told.cause(format_args!(
            "{}{message} was applied {} by {}, with {}",
            row.revision,
            when(&row.applied_at),
            row.applied_by,
            row.binary_version
        ));
    }
    told.hint("this binary is older than the database: pull, and build again")
        .hint("or undo them with the binary that knows them: <that binary> downgrade <revision>")
        .hint("or, if they are gone for good, forget them: {program} stamp --purge <current revision>")
}

fn interrupted(
    told: CommandError,
    revision: &str,
    state: RowState,
    applied_by: &str,
    graph: &RevisionGraph,
) -> CommandError {
    let parents: Vec<_> = graph.parents(revision).collect();
    let below = if parents.is_empty() { "base".to_owned() } else { parents.join(" ") };
    let (again, done) = match state {
        RowState::Reverting => (format!("downgrade {revision}-1"), below),
        _ => (format!("upgrade {revision}"), revision.to_owned()),
    };
    told.cause(format_args!("{applied_by} began it and did not finish"))
        .hint(format_args!("it runs outside a transaction; to continue it: {{program}} {again}"))
        .hint(format_args!(
            "if that run is still at work, wait for it; if the work is done, record it: {{program}} stamp {done}"
        ))
}

fn stopped(
    told: CommandError,
    revision: &str,
    direction: Direction,
    report: &Report,
    half_done: bool,
    kind: FailureKind,
) -> CommandError {
    let recorded = match report.steps.len() {
        0 if half_done => None,
        0 => Some("nothing was changed".to_owned()),
        1 => Some("the step before it is recorded; the same command continues".to_owned()),
        steps => Some(format!("the {steps} steps before it are recorded; the same command continues")),
    };
    let told = recorded.into_iter().fold(told, CommandError::hint);
    let told = if half_done {
        told.hint(format_args!(
            "{revision} runs outside a transaction: the operations of its {direction} before this one are done and \
             journaled, and the same command continues with this one"
        ))
    } else {
        told
    };
    failure(told, kind)
}

fn database(told: CommandError, kind: FailureKind) -> CommandError {
    failure(told, kind)
}

/// What a kind of failure asks for, wherever it happened.
pub(super) fn failure(told: CommandError, kind: FailureKind) -> CommandError {
    match kind {
        FailureKind::LockTimeout => told.hint(
            "something else holds a lock on that table: try again when it is quieter, or wait longer with --lock-timeout 30s",
        ),
        FailureKind::StatementTimeout => told.hint(
            "a statement took longer than it may: give it more time with --statement-timeout 5min, or in the settings of the server",
        ),
        FailureKind::Deadlock | FailureKind::Serialization => {
            told.hint("another transaction was in the way; it may pass: try again, or raise --retries")
        }
        FailureKind::ConnectionLost => told.hint("the server went away: `{program} status` shows what was recorded"),
        FailureKind::ReadOnly => {
            told.hint("the database takes no writes: is it a replica, or is the file or its directory read-only?")
        }
        FailureKind::DiskFull => told.hint("make room for the database, then run the same command again"),
        _ => told,
    }
}

/// A time in the ledger, to the minute.
pub(crate) fn when(applied_at: &str) -> String {
    match applied_at.get(..16) {
        Some(minute) => format!("{} UTC", minute.replace('T', " ")),
        None => applied_at.to_owned(),
    }
}
